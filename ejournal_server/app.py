"""The composition root of the running server: TLS 1.3 on an address, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, TextIO

import uvicorn

from ejournal_core.errors import Trouble
from ejournal_server import folder, keys, tls
from ejournal_server.api import Routes
from ejournal_server.folder import Office

GRACE_SECONDS = 10
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class AddressTaken(Trouble):
    """The address cannot be listened on: another program has it, or it is not this machine's."""

    code: ClassVar[str] = "EJ-388"


class _Server(uvicorn.Server):
    """uvicorn that ends in peace when told to, instead of dying by the signal afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the running requests; connections that are merely kept alive are not waited for."""
        letting_go = asyncio.create_task(self._let_go())
        await super().shutdown(sockets)
        await letting_go

    async def _let_go(self) -> None:
        while self.server_state.tasks and not self.force_exit:
            await asyncio.sleep(0.02)
        self.force_exit = True


def serve(office: Office, host: str, port: int, hosts: list[str], out: TextIO = sys.stdout) -> None:
    """Serve until SIGTERM or SIGINT; running requests are finished first. Port 0 takes a free one.

    The line "listening https://host:port" on `out` says that requests are taken.
    """
    certificate = folder.server_certificate(office, [host, *hosts])
    passphrase = keys.pem_passphrase(office.master.key)
    context = tls.server_context(certificate, keys.key_file(office.folder, "tls"), passphrase)
    config = uvicorn.Config(
        Routes(office).app(), log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS, lifespan="off", timeout_keep_alive=75,
    )  # fmt: skip
    config.load()
    config.ssl = context
    with _listening(host, port) as listening:
        address = listening.getsockname()
        out.write(f"listening https://{host}:{address[1]}\n")
        out.flush()
        _Server(config).run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's delay off only where the protocol is named; with it each answer takes 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(512)
    except OSError:
        listening.close()
        raise AddressTaken("cannot listen", address=f"{host}:{port}") from None
    return listening


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, what happened, and the ids given with it."""

    def format(self, record: logging.LogRecord) -> str:
        extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
        line = {"at": self.formatTime(record), "level": record.levelname, "what": record.getMessage(), **extra}
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log as JSON lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("alembic", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def data_folder(text: str) -> Path:
    """Return the data folder named on the command line."""
    return Path(text).expanduser().resolve()


def address(text: str) -> tuple[str, int]:
    """Return host and port of "host:port" or "[host]:port".

    Raises:
        ValueError: there is no host or no port.
    """
    host, _, port = text.rpartition(":")
    if not host or not 0 <= int(port) <= 65_535:
        raise ValueError(text)
    return host.strip("[]"), int(port)

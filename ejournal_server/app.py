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
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import ClassVar, TextIO

import uvicorn
from starlette.concurrency import run_in_threadpool

from ejournal_core.errors import Trouble
from ejournal_server import contacts, folder, keys, measures, notify, overview, patience, tls
from ejournal_server.api import Routes
from ejournal_server.chores import Chore
from ejournal_server.folder import Office
from ejournal_server.reception import CallIds, Reception

logger = logging.getLogger(__name__)

RENEW_SECONDS = 6 * 3600.0  # between two looks at the server certificate
GRACE_SECONDS = 10
BEAT_SECONDS = 5.0
LOG_BYTES, LOG_FILES = 10 * 1024 * 1024, 10
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]


class AddressTaken(Trouble):
    """The address cannot be listened on: another program has it, or it is not this machine's."""

    code: ClassVar[str] = "EJ-388"


class Listener(uvicorn.Server):
    """uvicorn that ends in peace when told to, and says at intervals that it lives.

    Args:
        alive: called on the event loop after each round trip through the threads that do the work; answers whether to
            go on.
        ready: called once, when calls are taken and signals are heard.
    """

    def __init__(
        self, config: uvicorn.Config, reception: Reception, alive: Callable[[], bool], ready: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._reception = reception
        self._alive = alive
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take calls, and say so."""
        await super().startup(sockets)
        self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal instead of dying by it afterwards."""
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def main_loop(self) -> None:
        """Answer calls until told to stop; then those that are inside, while new ones get 503."""
        beating = asyncio.create_task(self._beat())
        await super().main_loop()
        beating.cancel()
        notify.tell(notify.STOPPING)
        self._reception.close()
        await self._reception.wait_until_empty(GRACE_SECONDS)

    async def _beat(self) -> None:
        while True:
            await run_in_threadpool(int)  # a loop that turns while no thread answers would not be alive
            if not self._alive():
                self.should_exit = True
            await asyncio.sleep(BEAT_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections; those that are merely kept alive are not waited for."""
        letting_go = asyncio.create_task(self._let_go())
        await super().shutdown(sockets)
        await letting_go

    async def _let_go(self) -> None:
        while self.server_state.tasks and not self.force_exit:
            await asyncio.sleep(0.02)
        self.force_exit = True


def serve(office: Office, host: str, port: int, hosts: list[str], out: TextIO = sys.stdout) -> None:
    """Serve in this process until SIGTERM or SIGINT; running requests are finished first. Port 0 takes a free one.

    The line "listening https://host:port" on `out` says that requests are taken.
    """
    folder.server_certificate(office, [host, *hosts])
    with listening(host, port) as door:
        given = door.getsockname()[1]
        first = iter([notify.READY])

        def alive() -> bool:
            notify.tell(next(first, notify.ALIVE))
            return True

        answer_calls(office, door, [host, *hosts], alive, lambda: announce(host, given, out))


def announce(host: str, port: int, out: TextIO) -> None:
    """Say where calls are taken."""
    out.write(f"listening https://{host}:{port}\n")
    out.flush()


def answer_calls(
    office: Office,
    door: socket.socket,
    hosts: list[str],
    alive: Callable[[], bool],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Answer the calls that come in at a listening socket, which is used up, until told to stop.

    `Listener` says what the rest is.
    """
    certificate = folder.server_certificate(office, hosts)
    passphrase = keys.pem_passphrase(office.master.key)
    context = tls.server_context(certificate, keys.key_file(office.folder, "tls"), passphrase)
    routes = Routes(office)
    reception = Reception(routes.app())
    config = uvicorn.Config(
        reception, log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS, lifespan="off", timeout_keep_alive=75,
        proxy_headers=False,  # desks pin our certificate: no proxy stands between, and a header names nobody's address
        http=patience.patient_protocol(patience.Door()),
    )  # fmt: skip
    config.load()
    config.ssl = context

    def renew() -> None:
        try:
            fresh = folder.server_certificate(office, hosts)
            context.load_cert_chain(fresh, keys.key_file(office.folder, "tls"), passphrase)
        except OSError as error:  # a full disk, say: the present certificate is good for weeks
            logger.warning("server certificate not renewed", extra={"kind": type(error).__name__})

    with Chore(routes.contacts.write, contacts.EVERY_SECONDS), Chore(renew, RENEW_SECONDS):
        Listener(config, reception, alive, ready).run(sockets=[patience.Doorway(door, patience.Door())])


def exposed(office: Office, where: tuple[str, int] | None) -> contextlib.AbstractContextManager[object]:
    """Give the figures over plain HTTP on an address of their own while the block runs.

    Raises:
        AddressTaken: it cannot be listened on.
    """
    if where is None:
        return contextlib.nullcontext()
    try:
        return measures.Exposition(*where, lambda: overview.figures(office))
    except OSError:
        raise AddressTaken("cannot listen", address=f"{where[0]}:{where[1]}") from None


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        AddressTaken: it cannot.
    """
    # asyncio turns Nagle's delay off only where the protocol is named; with it each answer takes 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, port))
        door.listen(512)
    except OSError:
        door.close()
        raise AddressTaken("cannot listen", address=f"{host}:{port}") from None
    return door


# --- what is written down --------------------------------------------------------------------------------------------


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, what happened, and the ids given with it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Of a failure's own text, which may hold anything, only the type is told."""
        extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "what": record.getMessage(), **extra}
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log as JSON lines to standard error, which systemd keeps and rotates."""
    _log_to(logging.StreamHandler(), level)


def log_to_file(file: Path, level: int = logging.INFO) -> None:
    """Log as JSON lines to a file that is rotated, where no journal keeps what a service says (Windows)."""
    _log_to(RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"), level)


def _log_to(handler: logging.Handler, level: int) -> None:
    handler.setFormatter(JsonLines())
    handler.addFilter(CallIds())
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

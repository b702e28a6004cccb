"""Several processes behind one address: each answers calls, the first keeps them alive and adds their figures up."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, ClassVar, TextIO

from ejournal_core.errors import Trouble
from ejournal_server import app, folder, measures, notify
from ejournal_server.folder import Office

logger = logging.getLogger(__name__)

MOST = 32
SILENT_SECONDS = 60.0  # without a beat a worker hangs, and is ended
AGAIN_SECONDS = 2.0  # between two starts of one that dies at once
_LOOK_SECONDS = 0.2

_spawn = multiprocessing.get_context("spawn")  # a fork would inherit connections and threads


class OneProcess(Trouble):
    """Several workers need PostgreSQL: the embedded file has one writer, and more processes would only wait for it."""

    code: ClassVar[str] = "EJ-424"


def serve(
    office: Office, database: str | None, host: str, port: int, hosts: list[str], number: int, out: TextIO = sys.stdout
) -> None:
    """Serve with `number` processes until SIGTERM or SIGINT.

    Raises:
        OneProcess: the school lies in the embedded file.
        AddressTaken: the address cannot be listened on.
    """
    if not database:
        raise OneProcess("several workers need PostgreSQL")
    names = [host, *hosts]
    folder.server_certificate(office, names)
    with contextlib.ExitStack() as after:
        os.environ[measures.SHARED] = after.enter_context(tempfile.TemporaryDirectory(prefix="ejournal-figures-"))
        after.callback(os.environ.pop, measures.SHARED)
        door = after.enter_context(app.listening(host, port))
        told = after.enter_context(_told_to_stop())
        workers = [_Worker(office.folder, database, door, names) for _ in range(number)]
        for worker in workers:
            worker.start()
        app.announce(host, door.getsockname()[1], out)
        _watch(workers, told)
        notify.tell(notify.STOPPING)
        for worker in workers:
            worker.stop()


@contextlib.contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in app.ENDING}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _watch(workers: list[_Worker], told: threading.Event) -> None:
    """Keep the workers alive until told to stop; systemd hears of it only while every one of them beats."""
    word, said = notify.READY, 0.0
    while not told.wait(_LOOK_SECONDS):
        for worker in workers:
            worker.keep_alive()
        if all(worker.is_beating for worker in workers) and time.monotonic() - said >= app.BEAT_SECONDS:
            notify.tell(word)
            word, said = notify.ALIVE, time.monotonic()


class _Worker:
    """One process that answers calls."""

    def __init__(self, data: Path, database: str, door: socket.socket, hosts: list[str]) -> None:
        self._arguments = (data, database, door, hosts)
        self._beat: Any = _spawn.Value("d", 0.0)
        self._process: BaseProcess | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start the process."""
        self._beat.value = 0.0
        self._started = time.monotonic()
        self._process = _spawn.Process(target=_answer, args=(*self._arguments, self._beat), name="ejournal-worker")
        self._process.start()

    @property
    def is_beating(self) -> bool:
        """Whether it has answered a moment ago."""
        beat = float(self._beat.value)
        return beat > 0 and time.monotonic() - beat < SILENT_SECONDS

    def keep_alive(self) -> None:
        """Start it again when it has died, and end it when it hangs."""
        assert self._process is not None
        since = time.monotonic() - max(self._beat.value, self._started)
        if self._process.is_alive() and since > SILENT_SECONDS:
            logger.error("a worker hangs and is ended", extra={"pid": self._process.pid})
            self._process.kill()
            self._process.join()
        if not self._process.is_alive() and time.monotonic() - self._started > AGAIN_SECONDS:
            logger.error("a worker died and is started again", extra={"exit": self._process.exitcode})
            self.start()

    def stop(self) -> None:
        """Let it finish what it is about."""
        assert self._process is not None
        self._process.terminate()
        self._process.join(2 * app.GRACE_SECONDS + 5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _answer(data: Path, database: str, door: socket.socket, hosts: list[str], beat: Any) -> None:
    """Answer calls in a process of its own, as long as whoever started it lives."""
    app.log_to_stderr()
    parent = multiprocessing.parent_process()
    assert parent is not None

    def alive() -> bool:
        beat.value = time.monotonic()
        return parent.is_alive()

    with contextlib.closing(folder.open_office(data, database)) as office:
        app.answer_calls(office, door, hosts, alive)

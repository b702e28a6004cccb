"""Lines that are cut: in the handshake, in a head, in a body; and those that say nothing more. None of them is kept."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_server import app, folder, patience
from tests.helpers.processes import wait_until
from tests.server import world
from tests.server.test_patience import Served, connect, is_answering

EVERY = 11  # bytes from one cut to the next
BODY = b"POST /v1/pair HTTP/1.1\r\nHost: s\r\nContent-Length: 300\r\n\r\n" + b"{" * 300
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: the line goes without a word


@pytest.fixture
def address(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, doors: list[patience.Door]
) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(patience, "MOST_OF_ADDRESS", 5)
    monkeypatch.setattr(app, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(app.Listener, "capture_signals", lambda _: contextlib.nullcontext())
    office = folder.found(tmp_path_factory.mktemp("s") / "data", world.SCHOOL_NAME)
    with contextlib.closing(office), Served(office).running() as where:
        assert is_answering(where)  # what is made once is made
        yield where


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> list[patience.Door]:
    """Give the counts of who is in, from a server that is started after this."""
    made: list[patience.Door] = []

    class Remembered(patience.Door):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(patience, "Door", Remembered)
    return made


class Line:
    """A TLS client whose bytes go out only as far as a test lets them."""

    def __init__(self, where: tuple[str, int], most: int) -> None:
        self.socket = socket.create_connection(where, timeout=30)
        self.left = most
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._tls = context.wrap_bio(self._in, self._out)

    def say(self, words: bytes) -> bool:
        """Shake hands and say something, as far as the bytes reach; answer whether they did."""
        while True:
            try:
                self._tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                if not self._flush():
                    return False
                self._in.write(self.socket.recv(65536))
        self._tls.write(words)
        return self._flush()

    def _flush(self) -> bool:
        piece = self._out.read()
        self.socket.sendall(piece[: self.left])
        enough = len(piece) <= self.left
        self.left -= min(len(piece), self.left)
        return enough


def inside(doors: list[patience.Door]) -> int:
    return sum(door._inside.total() for door in doors)


def kept() -> int:
    """Return how many files and lines this process holds open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_line_cut_at_any_byte_leaves_no_connection_and_no_thread(
    address: tuple[str, int], doors: list[patience.Door]
) -> None:
    wait_until(lambda: inside(doors) == 0, "everybody to have left")
    before, threads = kept(), threading.active_count()
    most, whole = 0, False
    while not whole:
        line = Line(address, most)
        whole = line.say(BODY)
        if most % 2:
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        line.socket.close()
        wait_until(lambda: is_answering(address), f"an answer after the line that was cut after {most} bytes")
        most += EVERY
    assert most > 900  # a hello, its end, a head and a body
    wait_until(lambda: inside(doors) == 0 and kept() <= before, "everybody to have left")
    assert threading.active_count() <= threads + 8  # what answers calls is a pool, and no line has its own


def test_an_address_takes_no_more_lines_by_stopping_in_the_handshake(
    address: tuple[str, int], doors: list[patience.Door]
) -> None:
    wait_until(lambda: inside(doors) == 0, "everybody to have left")
    with contextlib.ExitStack() as lines:
        half = [Line(address, 100) for _ in range(5)]
        for line in half:
            lines.enter_context(line.socket)
            assert not line.say(b"")
        for _ in range(20):
            with contextlib.suppress(ConnectionError), socket.create_connection(address, timeout=30) as more:
                assert more.recv(1) == b""  # closed at once
        assert inside(doors) == 5
        with pytest.raises((ConnectionError, ssl.SSLError)):
            connect(address)
    wait_until(lambda: is_answering(address), "an answer after the others have left")


def test_a_handshake_that_does_not_end_is_given_up(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncio.constants.SSL_HANDSHAKE_TIMEOUT", 0.5)
    line = Line(address, 300)
    assert not line.say(b"")
    assert line.socket.recv(1) == b""
    line.socket.close()
    assert is_answering(address)

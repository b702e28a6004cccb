"""Connections that keep a server waiting: half a head, a body drop by drop, an answer that nobody takes, too many."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from ejournal_server import app, bodies, folder, patience
from ejournal_server.folder import Office
from tests.helpers.processes import wait_until
from tests.server.world import SettableClock

QUICK = 1.0  # a handshake on a busy machine needs less


class Served:
    """A server in this process, on a thread of its own."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.ready = threading.Event()
        self.going = True
        self.door = app.listening("127.0.0.1", 0)

    @contextlib.contextmanager
    def running(self) -> Iterator[tuple[str, int]]:
        """Serve while the block runs; give the address."""
        with self.door as door:
            where = door.getsockname()
            thread = threading.Thread(target=self._run, args=(door,))
            thread.start()
            try:
                assert self.ready.wait(60)
                yield where
            finally:
                self.going = False
                thread.join()

    def _run(self, door: socket.socket) -> None:
        app.answer_calls(self.office, door, ["127.0.0.1"], lambda: self.going, self.ready.set)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let patience end soon, and the server too."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", QUICK)
    monkeypatch.setattr(bodies, "BODY_SECONDS", QUICK)
    monkeypatch.setattr(patience, "MOST_OF_ADDRESS", 5)
    monkeypatch.setattr(app, "BEAT_SECONDS", 0.1)


@pytest.fixture
def address(office: Office, monkeypatch: pytest.MonkeyPatch, quick: None) -> Iterator[tuple[str, int]]:
    monkeypatch.setattr(app.Listener, "capture_signals", lambda _: contextlib.nullcontext())
    with Served(office).running() as where:
        yield where


def connect(where: tuple[str, int]) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(socket.create_connection(where, timeout=30))


def wait_until_closed(line: ssl.SSLSocket) -> None:
    """Read what comes until the other side has closed; fail when it does not."""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while line.recv(4096):
            pass


def is_answering(where: tuple[str, int]) -> bool:
    with contextlib.suppress(ConnectionError, ssl.SSLError), connect(where) as line:
        return is_let_in(line)
    return False


def is_let_in(line: ssl.SSLSocket) -> bool:
    line.sendall(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n")
    return line.recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("head", [b"", b"G", b"GET /v1/hello HTTP/1.1\r\nHost: s\r\nX-Slow: "])
def test_a_head_that_does_not_end_is_given_up_and_others_go_on(address: tuple[str, int], head: bytes) -> None:
    began = time.monotonic()
    with connect(address) as line:
        if head:
            line.sendall(head)
        wait_until(lambda: is_answering(address), "an answer to somebody else")
        wait_until_closed(line)
    assert time.monotonic() - began > QUICK / 2


def test_a_second_head_on_a_kept_connection_has_no_more_time_than_the_first(address: tuple[str, int]) -> None:
    with connect(address) as line:
        for _ in range(2):
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: s\r\n\r\n")
            answer = b""
            while not answer.endswith(b'{"status":"ok"}'):
                more = line.recv(4096)
                assert more, "closed in the midst of an answer"
                answer += more
            time.sleep(2 * QUICK)  # a quiet connection is kept
        line.sendall(b"GET /hea")
        wait_until_closed(line)


def test_a_head_drop_by_drop_wins_no_time(address: tuple[str, int]) -> None:
    with connect(address) as line, pytest.raises(OSError):  # noqa: PT012  # whichever drop is the first too many
        for _ in range(400):
            line.sendall(b"G")
            time.sleep(0.02)


def test_a_body_drop_by_drop_is_given_up(address: tuple[str, int]) -> None:
    with connect(address) as line:
        line.sendall(b"POST /v1/pair HTTP/1.1\r\nHost: s\r\nContent-Length: 1000\r\n\r\n{")
        assert line.recv(4096).startswith(b"HTTP/1.1 400")


def test_no_address_takes_all_connections(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 30.0)
    with contextlib.ExitStack() as lines:
        for _ in range(5):
            assert is_let_in(lines.enter_context(connect(address)))
        with pytest.raises((ConnectionError, ssl.SSLError)):
            connect(address)
    wait_until(lambda: is_answering(address), "an answer after the others have left")


def test_the_door_counts_everybody_out_again() -> None:
    door = patience.Door()
    assert all(door.admit("a") for _ in range(patience.MOST_OF_ADDRESS))
    assert not door.admit("a")
    others = (str(number) for number in range(10_000))
    admitted = sum(door.admit(other) for other in others)
    assert admitted == patience.MOST_CONNECTIONS - patience.MOST_OF_ADDRESS
    door.leave("a")
    assert door.admit("late")
    assert not door.admit("later")


def test_the_certificate_is_renewed_while_the_server_runs(
    office: Office, clock: SettableClock, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setattr(app.Listener, "capture_signals", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(app, "RENEW_SECONDS", 0.1)

    def shown(where: tuple[str, int]) -> datetime.datetime:
        with connect(where) as line:
            der = line.getpeercert(binary_form=True)
        assert der is not None
        return x509.load_der_x509_certificate(der).not_valid_after_utc

    with Served(office).running() as where:
        before = shown(where)
        clock.moment += datetime.timedelta(days=380)
        wait_until(lambda: shown(where) > before, "another certificate")
    authority = Path(office.folder / folder.CA).read_bytes()
    assert x509.load_pem_x509_certificate(authority) == office.ca  # the authority stays

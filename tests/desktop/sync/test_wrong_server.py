"""Somebody else answers in the server's place: one sentence, nothing sent, nothing changed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ejournal_core.errors import Trouble
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.desks import caller
from ejournal_desktop.sync.engine import sync_once
from ejournal_desktop.sync.server import SchoolServer, ServerAway, ServerSlow, trouble_of
from ejournal_desktop.ui.errors import explain
from ejournal_server import folder, keys, tls
from ejournal_server.folder import Office
from tests.helpers.chaos import House, Seat

PORTAL = b"<html><title>Wi-Fi</title>"
HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(PORTAL), PORTAL)
Answer = Callable[[socket.socket], None]


@contextmanager
def stand_in(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """Give the address of something that listens in the server's place, and what it was told."""
    told: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                try:
                    spoken = context.wrap_socket(connection, server_side=True) if context else connection
                    told.append(spoken.recv(65_536))
                    answer(spoken)
                    spoken.close()
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listening.getsockname()[1]}", told
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def say(data: bytes) -> Answer:
    """Answer with these bytes."""
    return lambda connection: connection.sendall(data)


@pytest.fixture(scope="module")
def seat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    """Give a teacher with an unsent mark."""
    house = House(tmp_path_factory.mktemp("school"))
    teacher = house.sit_down(house.school.teacher)
    teacher.do(put_mark, house.school.today_lesson, None, "u-04", "5")
    yield teacher
    house.close()


def meet(seat: Seat, address: str, timeout: float = 30.0) -> Trouble:
    """Let the desk meet whatever answers there; return the trouble, with the desk as it was."""
    before = (seat.journal.state(), [unsent.change.id for unsent in seat.journal.outbox()])
    office = seat.house.office
    with (
        SchoolServer(address, office.ca_pem, caller(seat.journal), timeout) as server,
        pytest.raises(Trouble) as caught,
    ):
        sync_once(seat.journal, server, seat.house.server_key, seat.house.seal_key)
    assert (seat.journal.state(), [unsent.change.id for unsent in seat.journal.outbox()]) == before
    assert before[1]
    assert explain(caught.value).text
    return caught.value


def genuine(office: Office) -> ssl.SSLContext:
    """Return the TLS settings of the school's server itself."""
    certificate = folder.server_certificate(office, [])
    return tls.server_context(certificate, keys.key_file(office.folder, "tls"), keys.pem_passphrase(office.master.key))


def with_certificate(folder_: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    """Return TLS settings with a certificate of one's own choice."""
    (folder_ / "certificate.pem").write_text(tls.to_pem(certificate))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder_ / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder_ / "certificate.pem", folder_ / "key.pem")
    return context


def test_the_school_s_own_certificate_passes(seat: Seat) -> None:
    """What the others are measured against: TLS is fine here, only the answer is not ours."""
    with stand_in(say(HTML), genuine(seat.house.office)) as (address, told):
        assert meet(seat, address).code == "EJ-321"
    assert told[0].startswith(b"GET /v1/hello")


def test_a_captive_portal_without_tls(seat: Seat) -> None:
    with stand_in(say(HTML)) as (address, told):
        assert meet(seat, address).code == "EJ-321"
    assert b"GET" not in told[0]  # nothing but the beginning of a handshake


@pytest.mark.parametrize("scheme", ["http", "HTTP", "ftp", ""])
def test_to_an_address_in_the_clear_nothing_is_said(scheme: str) -> None:
    with pytest.raises(ServerAway):
        SchoolServer(f"{scheme}://127.0.0.1:9", None)


def test_a_captive_portal_with_a_certificate_of_its_own(seat: Seat, tmp_path: Path) -> None:
    other = folder.found(tmp_path / "other", "Другая школа", None)
    with stand_in(say(HTML), genuine(other)) as (address, told):
        assert meet(seat, address).code == "EJ-322"
    other.close()
    assert told == []


def test_a_person_s_document_certificate_opens_no_server(seat: Seat, tmp_path: Path) -> None:
    """It is signed by the same authority and lies on a teacher's PC, so it must not do for a server."""
    office = seat.house.office
    key = ec.generate_private_key(ec.SECP256R1())
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    signer = tls.Signer(last_name="Иванова", first_names="Мария Петровна", position="учитель", person="p-teacher")
    pem = csr.public_bytes(serialization.Encoding.PEM).decode()
    certificate = tls.issue_signer(
        office.authority.keys.ca, office.ca, pem, signer, office.school_name, office.authority.clock()
    )
    with stand_in(say(HTML), with_certificate(tmp_path, certificate, key)) as (address, told):
        assert meet(seat, address).code == "EJ-322"
    assert told == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: https://login.example/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nsorry",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ejournal\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ejournal\r\nContent-Length: 9\r\n\r\n[[[[[[[[[",
        b"HTTP/1.1 500 Oops\r\nContent-Type: application/x-ejournal\r\nContent-Length: 4\r\n\r\nnull",
    ],
)
def test_an_answer_that_is_none_of_ours(seat: Seat, answer: bytes) -> None:
    with stand_in(say(answer), genuine(seat.house.office)) as (address, _):
        assert meet(seat, address).code == "EJ-321"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"\0\1\2\3 no HTTP at all\r\n\r\n"])
def test_a_connection_that_breaks_off(seat: Seat, answer: bytes) -> None:
    with stand_in(say(answer), genuine(seat.house.office)) as (address, _):
        assert meet(seat, address).code == "EJ-320"


def test_a_server_that_never_answers_is_waited_for_no_longer_than_said(seat: Seat) -> None:
    enough = threading.Event()

    def keep_silent(_: socket.socket) -> None:
        enough.wait(60)

    with stand_in(keep_silent, genuine(seat.house.office)) as (address, _):
        trouble = meet(seat, address, timeout=2)  # the handshake is in it too
        enough.set()
    assert isinstance(trouble, ServerSlow)


@pytest.mark.parametrize("address", ["https://", "https://x:port", "https://127.0.0.1:1", "ftp://127.0.0.1", "школа"])
def test_an_address_that_leads_nowhere(seat: Seat, address: str) -> None:
    with pytest.raises(Trouble) as caught, SchoolServer(address, seat.house.office.ca_pem) as server:
        server.hello()
    assert caught.value.code == "EJ-320"


def test_a_line_cut_in_the_middle_is_an_absent_server_whatever_openssl_calls_it() -> None:
    """Some versions of OpenSSL give no reason for a cut; only an answer that is no TLS has one."""
    cut = ssl.SSLError()
    assert getattr(cut, "reason", None) is None
    for cause in (cut, ssl.SSLEOFError(), ssl.SSLZeroReturnError()):
        failed = httpx.ConnectError("")
        failed.__cause__ = cause
        with pytest.raises(ServerAway):
            raise trouble_of(failed)

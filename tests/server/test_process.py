"""A real server process before honest, hasty and hostile callers, and killed in the middle. On both stores."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from ejournal_core import seal, wire
from ejournal_core.seal import RequestParts
from ejournal_core.wire import Batch, DeskRequest, Problem, Receipt
from ejournal_server import app, folder
from ejournal_server.reception import MEDIA_TYPE
from ejournal_server.store import log, people
from tests.helpers.processes import wait_until
from tests.server import world
from tests.server.world import PUPILS, Caller, Hand, RunningServer


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal; whatever is refused, the answer is never HTML."""
    assert response.headers["content-type"] == MEDIA_TYPE
    return response.status_code, wire.decode(Problem, response.content).code


def lines_of(server: RunningServer) -> list[log.Line]:
    office = folder.open_office(server.data, server.database)
    with office.authority.store.read() as tx:
        lines = log.lines(tx, 0, 10**9, 10**6)
    office.close()
    return lines


# --- bad callers ---------------------------------------------------------------------------------------------------


def test_whatever_is_asked_the_answer_is_never_html(server: RunningServer) -> None:
    with world.workstation_at(server) as caller:
        get, post = caller.http.get, caller.http.post
        assert problem(get("/")) == problem(get("/v1/nothing")) == problem(get("/index.html")) == (404, "EJ-376")
        assert problem(post("/v1/hello")) == problem(caller.http.request("TRACE", "/v1/hello")) == (405, "EJ-321")
        assert problem(post("/v1/pair", content=b"<html>")) == (400, "EJ-321")
        assert problem(post("/v1/pair", content=b"[" * 60_000)) == (400, "EJ-321")
        assert problem(post("/v1/pair", content=b"[" * 100_000)) == (413, "EJ-377")
        assert problem(post("/v1/pair/none", content=b'{"nonce":"00"}')) == (404, "EJ-376")
        assert problem(get("/v1/pull?after=0")) == problem(get("/v1/people")) == (401, "EJ-373")
        assert problem(caller.call("POST", "/v1/desks", body=b"{}")) == (400, "EJ-321")
        assert get("/healthz").json() == {"status": "ok"}


def test_no_header_moves_a_caller_to_another_address(server: RunningServer) -> None:
    start = wire.encode(wire.PairStart(workstation_name="ПК", public_key="11" * 32, commitment="22" * 32))
    said = {"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    with Caller(server.address) as stranger:
        assert stranger.http.post("/v1/pair", content=start, headers=said).status_code == 200
    with (
        contextlib.closing(folder.open_office(server.data, server.database)) as office,
        office.authority.store.read() as tx,
    ):
        assert [row.address for row in people.workstations(tx)] == ["127.0.0.1"]


def test_hostile_bodies_are_refused_and_the_server_goes_on(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        bomb = zstandard.ZstdCompressor(level=3).compress(b" " * (wire.TEXT_LIMIT + 1))
        assert len(bomb) < 10_000
        deep = wire.compress(b'{"x":' * 50_000)
        for body in (bomb, deep, b"not zstd", wire.compress(b""), wire.compress(b"{}\n{}")):
            assert problem(teacher.call("POST", "/v1/push", body=body)) == (400, "EJ-321")
        assert problem(teacher.call("POST", "/v1/push", body=bytes(wire.BODY_LIMIT + 1))) == (413, "EJ-377")
        assert problem(teacher.call("GET", "/v1/pull", "after=-1")) == (400, "EJ-321")
        assert teacher.push(hand.batch(hand.lesson())).verdicts[0].outcome == "taken"


def test_a_request_is_let_in_only_fresh_and_signed_by_the_right_kind_of_caller(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher, world.workstation_at(server) as workstation:
        nonce = teacher.hello().nonce
        teacher.nonce = "A" * 32
        assert problem(teacher.call("GET", "/v1/scope")) == (401, "nonce")
        teacher.nonce = nonce
        assert problem(workstation.call("GET", "/v1/scope")) == (401, "EJ-373")
        assert problem(teacher.call("GET", "/v1/people")) == (401, "EJ-373")
        assert teacher.call("GET", "/v1/scope").status_code == 200
        parts = RequestParts("GET", "/v1/pull", "after=5", b"")
        headers = seal.sign_request(hand.key, teacher.key_id, nonce, parts, 0)
        assert problem(teacher.http.get("/v1/pull?after=6", headers=headers)) == (401, "EJ-373")
        other, _ = world.desk_at(server, world.COLLEAGUE)
        with other:
            batch = wire.encode_batch(hand.batch(hand.lesson()))
            assert problem(other.call("POST", "/v1/push", body=batch)) == (400, "EJ-321")


def test_a_wrong_password_is_told_with_the_time_to_wait_and_logs_name_nobody(server: RunningServer) -> None:
    with world.workstation_at(server) as workstation:
        key = seal.signing_public_key(seal.new_signing_key()).hex()
        office = folder.open_office(server.data, server.database)
        code = world.invite(office, world.TEACHER)
        office.close()
        first = DeskRequest(person=world.TEACHER, secret=code, new_password="КАНАРЕЙКА-пароль", public_key=key)
        assert workstation.call("POST", "/v1/desks", body=wire.encode(first)).status_code == 200
        wrong = wire.encode(DeskRequest(person=world.TEACHER, secret="КАНАРЕЙКА-неверно", public_key=key))
        answers = [workstation.call("POST", "/v1/desks", body=wrong) for _ in range(4)]
        assert {problem(answer) for answer in answers} == {(403, "EJ-374")}
        assert answers[-1].headers["Retry-After"] == "2"
        names = wire.decompress(workstation.call("GET", "/v1/people").content).decode()
        assert "Иванова Мария Петровна" in names
    written = server.log.read_text()
    assert "wrong password or code" in written
    for secret in ("КАНАРЕЙКА", code, "Иванова", "Ёлкин", "PRIVATE KEY"):
        assert secret not in written


# --- what the desk gets besides ------------------------------------------------------------------------------------


def test_a_person_gets_a_document_certificate_that_is_a_line_of_the_log(server: RunningServer) -> None:
    teacher, _ = world.desk_at(server, world.TEACHER)
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(
        generate_private_key(SECP256R1()), hashes.SHA256()
    )  # fmt: skip
    with teacher:
        body = wire.encode(wire.SignerRequest(csr=request.public_bytes(serialization.Encoding.PEM).decode()))
        issued = wire.decode(wire.SignerIssued, teacher.call("POST", "/v1/signer", body=body).content)
        rubbish = wire.encode(wire.SignerRequest(csr="rubbish"))
        assert problem(teacher.call("POST", "/v1/signer", body=rubbish)) == (400, "EJ-321")
    certificate = x509.load_pem_x509_certificate(issued.certificate.encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(issued.chain.encode()))
    last = lines_of(server)[-1].change
    assert (last.kind, last.set["subject_kind"]) == ("Certificate", "signer")
    assert last.set["public_key"] == certificate.fingerprint(hashes.SHA256()).hex()


def test_a_sealed_file_is_delivered_by_a_workstation(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    teacher.http.close()
    with world.workstation_at(server) as workstation:
        public = bytes.fromhex(workstation.hello().seal_key)
        body = seal.outgoing_record(public, hand.school, wire.encode_batch(hand.batch(hand.lesson(), hand.column())))
        answer = workstation.call("POST", "/v1/sealed", body=body)
        assert msgspec.json.decode(answer.content) == {"delivered": 1, "waiting": 0, "damaged": 0}


# --- lost answers, killed servers, several servers -----------------------------------------------------------------


def test_a_lost_answer_is_the_same_when_asked_again(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        batch = hand.batch(hand.lesson(), hand.column())
        receipt = teacher.push(batch)
        assert teacher.push(batch) == receipt
        server.kill()
        server.start()
        assert teacher.push(batch) == receipt
        given = wire.decompress(teacher.call("GET", "/v1/receipts", "first=1").content)
        assert [wire.decode(Receipt, line) for line in wire.split_lines(given)] == [receipt]


class Diligent:
    """A desk that pushes one edit after another and repeats each until it has a receipt, whatever happens."""

    def __init__(self, caller: Caller, hand: Hand, pupil: str) -> None:
        self.caller = caller
        self.hand = hand
        self.pupil = pupil
        self.receipts: list[Receipt] = []
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        value: str | None = None
        while not self.enough.is_set():
            new = "4" if value == "5" else "5"
            self._deliver(self.hand.batch(self.hand.mark(self.pupil, new, was=value, born=value is None)))
            value = new

    def _deliver(self, batch: Batch) -> None:
        while True:
            try:
                self.receipts.append(self.caller.push(batch))
            except (httpx.HTTPError, AssertionError, wire.Malformed):  # the last: a hello without its store
                self.caller.nonce = ""
                time.sleep(0.02)
            else:
                return


def wait_for_receipts(desks: list[Diligent], more_than: int) -> None:
    """Wait until each desk has so many answers, however busy the machine is."""
    wait_until(lambda: all(len(desk.receipts) > more_than for desk in desks), "receipts of each desk", 120)


def test_kill_9_in_the_middle_of_pushes_loses_and_doubles_nothing(server: RunningServer) -> None:
    first, hand = world.desk_at(server, world.TEACHER)
    first.push(hand.batch(hand.lesson(), hand.column()))
    second, other = world.desk_at(server, world.COLLEAGUE)
    desks = [Diligent(first, hand, PUPILS[0]), Diligent(second, other, PUPILS[1])]
    for desk in desks:
        desk.thread.start()
    dice = random.Random(7)
    for turn in range(6):
        wait_for_receipts(desks, turn)
        time.sleep(dice.random() * 0.6)
        server.kill()
        server.start()
    wait_for_receipts(desks, 6)
    for desk in desks:
        desk.enough.set()
    for desk in desks:
        desk.thread.join()
        desk.caller.http.close()
    lines = lines_of(server)
    assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))
    for desk in desks:
        acknowledged = [verdict for receipt in desk.receipts for verdict in receipt.verdicts]
        kept = {line.change.id: line.verdict for line in lines if line.change.desk == desk.hand.desk}
        assert len(acknowledged) > 6
        assert all(kept[verdict.id] == verdict for verdict in acknowledged)
        counters = [line.change.n for line in lines if line.change.desk == desk.hand.desk]
        assert counters == list(range(1, desk.hand.n + 1))
        assert {verdict.outcome for verdict in acknowledged} == {"taken"}


def test_two_servers_over_one_store_keep_one_order(server: RunningServer) -> None:
    first, hand = world.desk_at(server, world.TEACHER)
    first.push(hand.batch(hand.lesson(), hand.column()))
    with RunningServer(server.data, server.database) as twin:
        second, other = world.desk_at(twin, world.COLLEAGUE)
        desks = [Diligent(first, hand, PUPILS[0]), Diligent(second, other, PUPILS[1])]
        for desk in desks:
            desk.thread.start()
        wait_for_receipts(desks, 20)
        for desk in desks:
            desk.enough.set()
        for desk in desks:
            desk.thread.join()
            desk.caller.http.close()
    lines = lines_of(server)
    assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))


def test_told_to_stop_the_server_ends_in_peace(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        teacher.push(hand.batch(hand.lesson()))
        since = time.monotonic()
        assert server.stop() == 0  # although a kept-alive connection is open
        assert time.monotonic() - since < app.GRACE_SECONDS
        with pytest.raises(httpx.HTTPError):
            teacher.hello()
        server.start()
        assert teacher.push(hand.batch(hand.column())).verdicts[0].outcome == "taken"


def test_a_second_server_on_the_same_address_says_so(server: RunningServer) -> None:
    command = [sys.executable, "-m", "ejournal_server", "serve", "--data", str(server.data),
               "--listen", f"127.0.0.1:{server.port}"]  # fmt: skip
    second = subprocess.run(command, env=server.environment, capture_output=True, text=True, check=False, timeout=60)
    assert second.returncode == 1
    assert "EJ-388" in second.stderr
    with world.workstation_at(server) as caller:
        assert caller.hello().school_name == world.SCHOOL_NAME


def test_answers_do_not_wait_for_nagle() -> None:
    with contextlib.closing(app.listening("127.0.0.1", 0)) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY on no other


def test_an_address_is_a_host_and_a_port() -> None:
    assert app.address("127.0.0.1:8443") == ("127.0.0.1", 8443)
    assert app.address("[::1]:0") == ("::1", 0)
    for text in ("8443", ":8443", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000"):
        with pytest.raises(ValueError):
            app.address(text)


def test_an_old_server_certificate_is_renewed_under_the_same_authority(server: RunningServer) -> None:
    before = (server.data / folder.CERTIFICATE).read_text()
    server.stop()
    server.start()
    assert (server.data / folder.CERTIFICATE).read_text() == before
    server.stop()
    (server.data / folder.CERTIFICATE).unlink()
    office = folder.open_office(server.data, server.database, lambda: datetime.now(UTC) - timedelta(days=390))
    folder.server_certificate(office, [])
    office.close()
    old = (server.data / folder.CERTIFICATE).read_text()
    server.start()
    assert (server.data / folder.CERTIFICATE).read_text() not in (before, old)
    with Caller(server.address, (server.data / folder.CA).read_text()) as caller:
        assert caller.hello().school_name == world.SCHOOL_NAME

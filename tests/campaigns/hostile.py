"""A client that does everything a client must not, while an honest one works beside it, against the real routes.

Each `Case` is one hostile act and the answer that it has to get. The answers are said in one line: "400 EJ-321" for a
call that is refused, "quarantined EJ-385" for what a receipt says of a change, "1/0/0" for a sealed delivery
(delivered, waiting, damaged).
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import os
import time
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from msgspec import Struct

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change
from ejournal_core.seal import RequestParts
from ejournal_core.wire import Batch
from ejournal_server import gate, revocation
from ejournal_server.api import Routes
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.server import world
from tests.server.world import COLUMN, LESSON, PUPILS, Hand

SLOW = 1.0  # seconds of the processor that no hostile act may cost

#: RFC 8032, 5.1: the order of the group; s and s + L would both verify if nobody looked.
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493


class Answer(Struct, frozen=True):
    """What came back, and how long it was reckoned at; other processes do not count."""

    status: int
    body: bytes
    seconds: float


class Visitor:
    """Somebody who speaks with the application, by a key or without one."""

    def __init__(self, runner: asyncio.Runner, client: httpx.AsyncClient, key_id: str = "", key: bytes = b"") -> None:
        self._runner = runner
        self._client = client
        self.key_id = key_id
        self.key = key
        self.nonce = ""

    def raw(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send what is given, signed or not."""
        began = time.process_time()

        async def send() -> httpx.Response:
            return await self._client.request(method, target, content=body, headers=headers or {})

        response = self._runner.run(send())
        return Answer(response.status_code, response.content, time.process_time() - began)

    def signed(self, method: str, path: str, query: str = "", body: bytes = b"") -> dict[str, str]:
        """Return the headers that sign a request."""
        if not self.nonce:
            self.nonce = wire.decode(wire.Hello, self.raw("GET", "/v1/hello").body).nonce
        parts = RequestParts(method, path, query, body)
        return seal.sign_request(self.key, self.key_id, self.nonce, parts, int(time.time()))

    def call(self, method: str, path: str, query: str = "", body: bytes = b"") -> Answer:
        """Send a signed request."""
        target = f"{path}?{query}" if query else path
        return self.raw(method, target, body, self.signed(method, path, query, body))

    def push(self, batch: Batch) -> Answer:
        """Send a batch."""
        return self.call("POST", "/v1/push", body=wire.encode_batch(batch))


class Stage:
    """A school whose application runs in this process, an honest teacher at work, and places for villains.

    Args:
        office: an open school of `tests.server.world`.
    """

    def __init__(self, office: Office) -> None:
        self.office = office
        self.routes = Routes(office)
        self.routes.doors = gate.Bucket(rate=1e9, burst=10**9)  # cases come faster than any school
        self.routes.strangers = gate.Bucket(rate=1e9, burst=10**9)
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(self.routes.app(), raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="https://school")
        self.hand, self.honest = self.villain(world.TEACHER)
        self.values: dict[str, str] = {}
        assert said(self.honest.push(self.hand.batch(self.hand.lesson(), self.hand.column()))) == "taken taken"

    def close(self) -> None:
        """End the loop."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def stranger(self) -> Visitor:
        """Return somebody without a key."""
        return Visitor(self._runner, self._client)

    def villain(self, person: str = world.COLLEAGUE) -> tuple[Hand, Visitor]:
        """Return a person's certified desk and its line."""
        hand = world.new_hand(self.office, person)
        return hand, Visitor(self._runner, self._client, f"desk:{hand.desk}", hand.key)

    def workstation(self) -> Visitor:
        """Return an approved workstation's line."""
        key = seal.new_signing_key()
        row = people.Workstation(
            id=ids.new_id(), name="ПК", public_key=seal.signing_public_key(key).hex(), state="approved",
            commitment="", server_nonce="", until=0, at=stamp(self.office.authority.clock()),
        )  # fmt: skip
        with self.office.authority.store.write() as tx:
            people.put_workstation(tx, row)
        return Visitor(self._runner, self._client, f"workstation:{row.id}", key)

    def seal(self, *batches: Batch) -> bytes:
        """Return batches as a sealed outgoing file."""
        public = bytes.fromhex(self.office.authority.keys.sealing_public)
        school = self.office.authority.school
        return b"".join(seal.outgoing_record(public, school, wire.encode_batch(batch)) for batch in batches)

    def work_honestly(self) -> list[str]:
        """Let the honest teacher put a mark; return what is wrong with that, and with what stands."""
        pupil = PUPILS[len(self.values) % len(PUPILS)]
        before = self.values.get(pupil)
        value = "4" if before == "5" else "5"
        mark = self.hand.mark(pupil, value, was=before, born=before is None)
        answer = self.honest.push(self.hand.batch(mark))
        wrong = [] if said(answer) in ("taken", "merged") else [f"an honest mark got {said(answer)}"]
        self.values[pupil] = value
        return wrong + self.violations()

    def violations(self) -> list[str]:
        """Return marks that nobody honest has put, and numbers that do not follow."""
        with self.office.authority.store.read() as tx:
            marks = tx.connection.exec_driver_sql("SELECT id, fields FROM record WHERE kind = 'Mark'").all()
            numbers = tx.connection.exec_driver_sql("SELECT number FROM change ORDER BY number").scalars().all()
        stands = {row[0]: msgspec.json.decode(row[1])["value"] for row in marks}
        wanted = {ids.mark(COLUMN, pupil): value for pupil, value in self.values.items()}
        wrong = [f"{mark} is {value}" for mark, value in stands.items() if wanted.get(mark) != value]
        return wrong + ([] if list(numbers) == list(range(1, len(numbers) + 1)) else ["the numbers have gaps"])


def said(answer: Answer) -> str:
    """Return an answer in one line."""
    if answer.status >= 400:
        return f"{answer.status} {msgspec.json.decode(answer.body)['code']}"
    content = msgspec.json.decode(answer.body) if answer.body[:1] == b"{" else {}
    if "verdicts" in content:
        return " ".join(f"{each['outcome']} {each['reason']}".strip() for each in content["verdicts"])
    if "delivered" in content:
        return f"{content['delivered']}/{content['waiting']}/{content['damaged']}"
    return answer.body.decode(errors="replace")[:20]


Act = Callable[[Stage], Answer]


class Case(Struct, frozen=True):
    """One hostile act and the one answer to it."""

    name: str
    act: Act
    wanted: str


def text_of(*lines: bytes) -> bytes:
    """Return lines as a body."""
    return wire.compress(b"".join(line + b"\n" for line in lines))


def bent(stage: Stage, **fields: Any) -> Answer:
    """Push a mark with bent fields, properly signed as far as that is possible."""
    hand, visitor = stage.villain()
    change = msgspec.structs.replace(hand.mark(PUPILS[0], "2"), **fields)
    return visitor.push(seal.sign_batch(hand.key, hand.school, hand.desk, "", [change]))


def bent_head(stage: Stage, **fields: Any) -> Answer:
    """Push a batch whose head is bent and signed so."""
    hand, visitor = stage.villain()
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    head = seal.sign_message(hand.key, msgspec.structs.replace(batch.head, **fields))
    return visitor.push(msgspec.structs.replace(batch, head=head))


def raw_change(stage: Stage, before: bytes, after: bytes) -> Answer:
    """Push a mark whose JSON text was altered where it stands."""
    hand, visitor = stage.villain()
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    line = wire.encode(batch.changes[0])
    assert before in line
    return visitor.call("POST", "/v1/push", body=text_of(wire.encode(batch.head), line.replace(before, after, 1)))


def pushed(body: bytes) -> Act:
    """Return the act of pushing a body."""
    return lambda stage: stage.villain()[1].call("POST", "/v1/push", body=body)


def delivered(stage: Stage, body: bytes) -> Answer:
    """Deliver a sealed body from a known workstation."""
    return stage.workstation().call("POST", "/v1/sealed", body=body)


def twice(stage: Stage, first: Change, hand: Hand, visitor: Visitor, *, head: str = "") -> Answer:
    """Push a change and then another of the same counter."""
    assert said(visitor.push(seal.sign_batch(hand.key, hand.school, hand.desk, "", [first])))
    clone = Hand(hand.school, hand.desk, hand.person, hand.key)
    return visitor.push(clone.batch(clone.mark(PUPILS[1], "2")))


# --- bodies ----------------------------------------------------------------------------------------------------------

BOMB = zstandard.ZstdCompressor(level=3).compress(b" " * (wire.TEXT_LIMIT * 4))
NEST = b'{"x":' * 50_000

BODIES = (
    Case("nothing at all", pushed(wire.compress(b"")), "400 EJ-321"),
    Case("no zstd", pushed(b"not zstd"), "400 EJ-321"),
    Case("a page of a captive portal", pushed(wire.compress(b"<html>" * 100)), "400 EJ-321"),
    Case("a bomb", pushed(BOMB), "400 EJ-321"),
    Case("a nest of 50,000 objects", pushed(wire.compress(NEST)), "400 EJ-321"),
    Case("millions of line ends", pushed(wire.compress(b"\n" * (wire.BATCH_TEXT - 1))), "400 EJ-321"),
    Case("other line ends", pushed(wire.compress(b"\r" * 100_000)), "400 EJ-321"),
    Case("more bytes than a body has", pushed(bytes(wire.BODY_LIMIT + 1)), "413 EJ-377"),
    Case("a long body of nobody", lambda s: s.stranger().raw("POST", "/v1/push", bytes(100_000)), "401 EJ-373"),
    Case("501 changes", lambda s: _many(s, 501), "400 EJ-321"),
    Case("a count that lies", lambda s: bent_head(s, count=2), "400 EJ-321"),
    Case("no changes", lambda s: _many(s, 0), "400 EJ-321"),
    Case("a nest in a new field", lambda s: bent(s, extra={"x": _deep(20)}), "400 EJ-321"),
    Case("a value that no hash covers", lambda s: bent(s, extra={"prev": "ab"}), "400 EJ-321"),
    Case("a crowd in a new field", lambda s: bent(s, extra={"x": [[]] * 2_000}), "400 EJ-321"),
    Case("marks that take a minute to sort", lambda s: _heap(s), "400 EJ-321"),
    Case("a fraction", lambda s: raw_change(s, b'"set":{', b'"set":{"x":1.5,'), "400 EJ-321"),
    Case("half a surrogate pair", lambda s: raw_change(s, b'"why":""', b'"why":"\\ud800"'), "400 EJ-321"),
    Case("a number of a thousand digits", lambda s: raw_change(s, b'"n":1', b'"n":' + b"9" * 1000), "400 EJ-321"),
    Case("an object for a value", lambda s: raw_change(s, b'"set":{', b'"set":{"x":{},'), "400 EJ-321"),
)


def _many(stage: Stage, count: int) -> Answer:
    hand, visitor = stage.villain()
    changes = [hand.mark(PUPILS[0], "2") for _ in range(count)]
    batch = seal.sign_batch(hand.key, hand.school, hand.desk, "", changes or [hand.mark(PUPILS[0], "2")])
    lines = [wire.encode(batch.head), *map(wire.encode, changes)]
    return visitor.call("POST", "/v1/push", body=text_of(*lines))


def _deep(depth: int) -> Any:
    return [_deep(depth - 1)] if depth else []


def _heap(stage: Stage) -> Answer:
    """Text that Unicode's normal form takes the square of its length for, spelled so that it is not one already."""
    heap = ("a" + "\u0301\u0323" * 100_000).encode()
    return raw_change(stage, b'"why":""', b'"why":"' + heap + b'"')


# --- forms -----------------------------------------------------------------------------------------------------------

FORMS = (
    Case("a counter below one", lambda s: bent(s, n=-1), "400 EJ-321"),
    Case("a counter that no database holds", lambda s: bent(s, n=2**63), "400 EJ-321"),
    Case("a version that no database holds", lambda s: bent(s, v=2**63), "400 EJ-321"),
    Case("a NUL in an id", lambda s: bent(s, record="a\x00b"), "400 EJ-321"),
    Case("an id as long as a book", lambda s: bent(s, record="a" * 600), "400 EJ-321"),
    Case("a moment without an offset", lambda s: bent(s, at="2026-11-20T12:25:00"), "400 EJ-321"),
    Case("a moment at the end of time", lambda s: bent(s, at="9999-12-31T23:59:59-23:59"), "400 EJ-321"),
    Case("an offset with seconds", lambda s: bent(s, at="2026-11-20T12:25:00+03:00:01"), "400 EJ-321"),
    Case("a salt that is none", lambda s: bent(s, salt="zz"), "400 EJ-321"),
    Case("a hash with blanks in it", lambda s: bent_head(s, prev="ab cd"), "400 EJ-321"),
    Case("a root in capitals", lambda s: bent_head(s, root="AB" * 32), "400 EJ-321"),
    Case("health without a salt", lambda s: bent(s, kind="Attendance", set={"reason": "Б"}), "400 EJ-321"),
    Case("a number that is none", lambda s: s.villain()[1].call("GET", "/v1/pull", "after=-1"), "400 EJ-321"),
    Case("a number too long", lambda s: s.villain()[1].call("GET", "/v1/pull", "after=" + "9" * 40), "400 EJ-321"),
    Case("a key that is none", lambda s: _pair(s, "00"), "400 EJ-321"),
    Case("a weak key to sign with", lambda s: _weak(s), "400 EJ-321"),
    Case("a call that is none", lambda s: s.stranger().raw("GET", "/v1/../../etc/passwd"), "404 EJ-376"),
    Case("a path out of the backups", lambda s: _backup(s, "..%2f..%2fserver.json"), "404 EJ-376"),
    Case("a greeting of 100 KB", lambda s: s.stranger().raw("POST", "/v1/pair", bytes(100_000)), "413 EJ-377"),
)


def _pair(stage: Stage, key: str) -> Answer:
    start = wire.PairStart(workstation_name="ПК", public_key=key, commitment="00" * 32)
    return stage.stranger().raw("POST", "/v1/pair", wire.encode(start))


def _weak(stage: Stage) -> Answer:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "кто-то")])
    private = rsa.generate_private_key(65_537, 1024)
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, hashes.SHA256())
    wanted = wire.SignerRequest(csr=csr.public_bytes(serialization.Encoding.PEM).decode())
    return stage.villain()[1].call("POST", "/v1/signer", body=wire.encode(wanted))


def _backup(stage: Stage, name: str) -> Answer:
    return stage.villain(world.ADMINISTRATOR)[1].call("GET", f"/v1/backup/2026/{name}")


# --- who speaks ------------------------------------------------------------------------------------------------------


def tampered(stage: Stage, change: Callable[[Visitor, dict[str, str]], dict[str, str]]) -> Answer:
    """Send a push whose signature headers were changed."""
    hand, visitor = stage.villain()
    body = wire.encode_batch(hand.batch(hand.mark(PUPILS[0], "2")))
    return visitor.raw("POST", "/v1/push", body, change(visitor, visitor.signed("POST", "/v1/push", body=body)))


def _in_anothers_name(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    visitor.key_id = stage.honest.key_id
    return visitor.push(hand.batch(hand.mark(PUPILS[0], "2")))


def _stolen_nonce(stage: Stage) -> Answer:
    """The honest one's nonce and signature, around another body."""
    good = wire.encode_batch(stage.villain(world.TEACHER)[0].batch(stage.villain(world.TEACHER)[0].lesson()))
    headers = stage.honest.signed("POST", "/v1/push", body=good)
    hand, visitor = stage.villain()
    return visitor.raw("POST", "/v1/push", wire.encode_batch(hand.batch(hand.mark(PUPILS[0], "2"))), headers)


def _malleable(_: Visitor, headers: dict[str, str]) -> dict[str, str]:
    signature = base64.b64decode(headers["Signature"].removeprefix("ej=:").removesuffix(":"))
    return {**headers, "Signature": f"ej=:{base64.b64encode(other_half(signature)).decode()}:"}


def other_half(signature: bytes) -> bytes:
    """Return the signature with s + L instead of s: a careless verifier takes both."""
    s = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    return signature[:32] + s.to_bytes(32, "little")


def _malleable_batch(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    signature = other_half(bytes.fromhex(batch.head.signature)).hex()
    return visitor.push(msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, signature=signature)))


def _get_for_post(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    body = wire.encode_batch(hand.batch(hand.mark(PUPILS[0], "2")))
    return visitor.raw("POST", "/v1/push", body, visitor.signed("GET", "/v1/push", body=body))


def _other_query(stage: Stage) -> Answer:
    _, visitor = stage.villain()
    return visitor.raw("GET", "/v1/receipts?first=2", headers=visitor.signed("GET", "/v1/receipts", "first=1"))


def _replayed(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    visitor.push(hand.batch(hand.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби"})))
    body = wire.encode_batch(hand.batch(hand.change("Lesson", LESSON, {"homework": ""}, {"homework": "№ 1"})))
    headers = visitor.signed("POST", "/v1/push", body=body)
    first, again = visitor.raw("POST", "/v1/push", body, headers), visitor.raw("POST", "/v1/push", body, headers)
    return msgspec.structs.replace(again, body=b"the same" if again.body == first.body else b"another")


def nonce(text: str) -> Act:
    """Return the act of calling with a nonce of one's own making."""

    def act(stage: Stage) -> Answer:
        _, visitor = stage.villain()
        visitor.nonce = text
        return visitor.call("GET", "/v1/scope")

    return act


def _guess(stage: Stage) -> Answer:
    """Guess one password of everybody from one workstation: no account locks, the workstation does."""
    workstation, answer = stage.workstation(), Answer(0, b"{}", 0)
    for number in range(25):
        wanted = wire.DeskRequest(person=f"person-{number}", secret="12345678", public_key="")
        answer = workstation.call("POST", "/v1/desks", body=wire.encode(wanted))
    return msgspec.structs.replace(answer, seconds=0)  # each guess costs its hash; none of them holds others up


SPEAKERS = (
    Case("no signature", lambda s: s.stranger().raw("GET", "/v1/scope"), "401 EJ-373"),
    Case("another's key id", _in_anothers_name, "401 EJ-373"),
    Case("a desk where a workstation belongs", lambda s: s.villain()[1].call("GET", "/v1/people"), "401 EJ-373"),
    Case("a workstation where a desk belongs", lambda s: s.workstation().call("GET", "/v1/scope"), "401 EJ-373"),
    Case("an invented nonce", nonce("A" * 32), "401 nonce"),
    Case("a nonce that is no text of ours", nonce("0"), "401 nonce"),
    Case("a stolen nonce", _stolen_nonce, "401 EJ-373"),
    Case("the signature of another method", _get_for_post, "401 EJ-373"),
    Case("the signature of another query", _other_query, "401 EJ-373"),
    Case("a malleable signature", lambda s: tampered(s, _malleable), "401 EJ-373"),
    Case("no digest", lambda s: tampered(s, lambda _, h: {**h, "Content-Digest": ""}), "401 EJ-373"),
    Case("a signature with a tail", lambda s: tampered(s, lambda _, h: {**h, "Signature": h["Signature"] + ";"}),
         "401 EJ-373"),
    Case("a signature that covers less", lambda s: tampered(s, lambda _, h: {
        **h, "Signature-Input": h["Signature-Input"].replace(' "content-digest"', "")}), "401 EJ-373"),
    Case("a request played twice", _replayed, "the same"),
    Case("guesses for everybody", _guess, "429 EJ-375"),
)  # fmt: skip


# --- in whose name, and how often ------------------------------------------------------------------------------------


def _forged_desk(stage: Stage) -> Batch:
    hand, _ = stage.villain()
    return seal.sign_batch(hand.key, hand.school, stage.hand.desk, "", [
        msgspec.structs.replace(hand.mark(PUPILS[0], "2"), desk=stage.hand.desk, author=world.TEACHER)])  # fmt: skip


def _of_the_server(stage: Stage) -> Batch:
    hand, _ = stage.villain()
    change = msgspec.structs.replace(hand.mark(PUPILS[0], "2"), desk="server", author="server")
    return seal.sign_batch(hand.key, hand.school, "server", "", [change])


def _known_id(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    first = hand.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби"})
    visitor.push(hand.batch(first))
    other, line = stage.villain()
    return line.push(other.batch(msgspec.structs.replace(other.mark(PUPILS[0], "2"), id=first.id)))


def _gap(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    hand.batch(hand.mark(PUPILS[0], "2"))
    return visitor.push(hand.batch(hand.mark(PUPILS[1], "2")))


def _branch(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    return twice(stage, hand.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби"}), hand, visitor)


def _frozen(stage: Stage, path: str) -> Answer:
    hand, visitor = stage.villain()
    twice(stage, hand.change("Lesson", LESSON, {"topic": ""}, {"topic": "Дроби"}), hand, visitor)
    return visitor.call("GET", path)


def _revoked(stage: Stage, act: Callable[[Hand, Visitor], Answer]) -> Answer:
    hand, visitor = stage.villain()
    revocation.revoke_desk(stage.office.authority, hand.desk, "украден")
    return act(hand, visitor)


def _revoked_place(stage: Stage) -> Answer:
    visitor = stage.workstation()
    revocation.revoke_workstation(stage.office.authority, visitor.key_id.removeprefix("workstation:"), "украден")
    return visitor.call("GET", "/v1/people")


def _mark(hand: Hand) -> Batch:
    return hand.batch(hand.mark(PUPILS[0], "2"))


def as_person(stage: Stage, person: str, make: Callable[[Hand], Change]) -> Answer:
    """Push one change of a person's desk."""
    hand, visitor = stage.villain(person)
    return visitor.push(hand.batch(make(hand)))


def _grant(hand: Hand) -> Change:
    fields: dict[str, Any] = {"person_id": hand.person, "role": "director", "class_group_id": None,
                              "since": "2026-09-01", "until": None}  # fmt: skip
    return hand.change("RoleGrant", ids.new_id(), {}, fields, "create")


def _certificate(hand: Hand) -> Change:
    fields: dict[str, Any] = {"subject_kind": "desk", "person_id": world.DIRECTOR, "public_key": "00" * 32}
    return hand.change("Certificate", ids.new_id(), {}, fields, "create")


def _approve_own(hand: Hand) -> Change:
    return hand.change("Mark", ids.mark(COLUMN, PUPILS[0]), {}, {"value": "2"}, "approve", about=ids.new_id())


NAMES = (
    Case("a forged author", lambda s: bent(s, author=world.TEACHER), "quarantined EJ-385"),
    Case("the server as author", lambda s: bent(s, author="server"), "quarantined EJ-385"),
    Case("another's desk pushed", lambda s: s.villain()[1].push(_forged_desk(s)), "400 EJ-321"),
    Case("another's desk sealed", lambda s: delivered(s, s.seal(_forged_desk(s))), "1/0/0"),
    Case("the server's desk sealed", lambda s: delivered(s, s.seal(_of_the_server(s))), "0/0/1"),
    Case("another school's batch", lambda s: bent_head(s, school=ids.new_id()), "quarantined EJ-373"),
    Case("a malleable batch", _malleable_batch, "quarantined EJ-373"),
    Case("an unsigned batch", lambda s: _unsigned(s), "quarantined EJ-373"),
    Case("a change of the future", lambda s: bent(s, min=99), "quarantined EJ-384"),
    Case("an id that the log knows", _known_id, "quarantined EJ-386"),
    Case("a counter after a gap", _gap, "409 EJ-372"),
    Case("a counter used twice", _branch, "quarantined EJ-383"),
    Case("a frozen desk that pulls", lambda s: _frozen(s, "/v1/scope"), "403 EJ-382"),
    Case("a revoked desk that pushes", lambda s: _revoked(s, lambda h, v: v.push(_mark(h))), "403 EJ-392"),
    Case("a revoked desk that pulls", lambda s: _revoked(s, lambda _, v: v.call("GET", "/v1/scope")), "403 EJ-392"),
    Case("a revoked desk, sealed", lambda s: _revoked(s, lambda h, _: delivered(s, s.seal(_mark(h)))), "1/0/0"),
    Case("a revoked workstation", _revoked_place, "403 EJ-393"),
    Case("a mark on another's page", lambda s: as_person(s, world.DIRECTOR, lambda h: h.mark(PUPILS[0], "2")),
         "refused EJ-210"),
    Case("a mark by the administrator", lambda s: as_person(s, world.ADMINISTRATOR, lambda h: h.mark(PUPILS[0], "2")),
         "refused EJ-210"),
    Case("a role for oneself", lambda s: as_person(s, world.COLLEAGUE, _grant), "refused EJ-213"),
    Case("a certificate of one's own making", lambda s: as_person(s, world.COLLEAGUE, _certificate), "refused EJ-213"),
    Case("an approval of nothing", lambda s: as_person(s, world.DEPUTY, _approve_own), "refused EJ-233"),
    Case("a mark that is none", lambda s: as_person(s, world.COLLEAGUE, lambda h: h.mark(PUPILS[0], "9")),
         "refused EJ-220"),
    Case("a slice that is not one's own", lambda s: s.villain()[1].call(
        "POST", "/v1/snapshot", body=wire.compress(wire.encode(wire.SnapshotRequest(slices=("page:none",))))),
         "409 scope-changed"),
    Case("others' scope", lambda s: s.villain()[1].call("GET", "/v1/pull", "after=0&scope=00"), "409 scope-changed"),
    Case("the whole school for a teacher", lambda s: s.villain()[1].call(
        "POST", "/v1/backup", body=wire.encode(wire.BackupRequest())), "403 EJ-367"),
)  # fmt: skip


def _unsigned(stage: Stage) -> Answer:
    hand, visitor = stage.villain()
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    return visitor.push(msgspec.structs.replace(batch, head=msgspec.structs.replace(batch.head, signature="")))


# --- sealed deliveries -----------------------------------------------------------------------------------------------


def _shuffled(stage: Stage) -> Answer:
    hand, _ = stage.villain()
    topics = ["", "Дроби", "Доли", "Части"]
    batches = [
        hand.batch(hand.change("Lesson", LESSON, {"topic": old}, {"topic": new}))
        for old, new in itertools.pairwise(topics)
    ]
    return delivered(stage, stage.seal(*reversed(batches), batches[0]))


SEALED = (
    Case("rubbish", lambda s: delivered(s, os.urandom(5_000)), "413 EJ-377"),
    Case("a thousand and one records", lambda s: delivered(s, b"\x00\x00\x00\x01x" * 1_001), "413 EJ-377"),
    Case("a record without an end", lambda s: delivered(s, b"\xff\xff\xff\xffx"), "413 EJ-377"),
    Case("a torn record", lambda s: delivered(s, s.seal(_mark(s.villain(world.DIRECTOR)[0]))[:-3]), "0/0/0"),
    Case("a record sealed to another", lambda s: delivered(s, seal.outgoing_record(
        seal.sealing_public_key(seal.new_sealing_key()), s.office.authority.school, b"x")), "0/0/1"),
    Case("sealed by nobody known", lambda s: s.stranger().raw("POST", "/v1/sealed", bytes(200_000)), "401 EJ-373"),
    Case("another's signature over other bytes", lambda s: _other_bytes(s), "401 EJ-373"),
    Case("shuffled and doubled", _shuffled, "4/0/0"),
)  # fmt: skip


def _other_bytes(stage: Stage) -> Answer:
    visitor = stage.workstation()
    headers = visitor.signed("POST", "/v1/sealed", body=b"one")
    return visitor.raw("POST", "/v1/sealed", b"\x00\x00\x00\x01x", headers)


CASES = (*BODIES, *FORMS, *SPEAKERS, *NAMES, *SEALED)

"""An invented school: three teachers, a deputy, an administrator, one class and its pages; and the desks that speak."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Act, Change, is_rare
from ejournal_core.kinds import Fields
from ejournal_core.seal import RequestParts
from ejournal_core.wire import Batch, Receipt
from ejournal_server import accounts, admin, folder, scopes, snapshots
from ejournal_server.authority import stamp
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.helpers.processes import start_bound

SCHOOL_NAME = "МБОУ «Школа № 7»"
YEAR, CLASS, OTHER_CLASS = "year26", "class7b", "class8a"
MATHS, RUSSIAN = "maths", "russian"
PAGE, OTHER_PAGE = ids.journal_page(MATHS, CLASS), ids.journal_page(RUSSIAN, OTHER_CLASS)
TEACHER, COLLEAGUE, CLASS_TEACHER = "person-ivanova", "person-petrov", "person-sidorova"
DEPUTY, ADMINISTRATOR, DIRECTOR = "person-zavuch", "person-admin", "person-director"
PUPILS = tuple(f"pupil-{i:02d}" for i in range(1, 6))
LESSON = ids.lesson(PAGE, date(2026, 11, 19), 2)
COLUMN = ids.mark_column(LESSON, "oral", 1)
TODAY = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
AT = "2026-11-20T12:25:00+03:00"


class SettableClock:
    """The server's clock, in the hands of a test."""

    def __init__(self) -> None:
        self.moment = TODAY

    def __call__(self) -> datetime:
        return self.moment


def person(id_: str, last: str, first: str, patronymic: str, position: str = "учитель") -> dict[str, Any]:
    """Return the record of a member of staff."""
    fields = {"last_name": last, "first_name": first, "patronymic": patronymic, "position": position}
    return {"kind": "Person", "record": id_, "fields": fields}


def role(person_id: str, name: str, class_group_id: str | None = None) -> dict[str, Any]:
    """Return the record of a role held since the first of September."""
    fields = {"person_id": person_id, "role": name, "class_group_id": class_group_id, "since": "2026-09-01"}
    return {"kind": "RoleGrant", "record": f"role-{person_id}-{name}", "fields": fields}


def load(page: str, person_id: str, until: str | None = None) -> dict[str, Any]:
    """Return the record of a teaching load since the first of September."""
    fields = {"journal_page_id": page, "person_id": person_id, "since": "2026-09-01", "until": until}
    return {"kind": "TeachingLoad", "record": f"load-{page}-{person_id}", "fields": fields}


def records() -> list[dict[str, Any]]:
    """Return the records of the school as a record file has them."""
    simple = [
        ("School", "school", {"full_name": SCHOOL_NAME, "short_name": "Школа № 7"}),
        ("SchoolYear", YEAR, {"title": "2026/27", "starts_on": "2026-09-01", "ends_on": "2027-05-31"}),
        ("GradingPeriod", "q2", {"school_year_id": YEAR, "kind": "quarter", "number": 2,
                                 "starts_on": "2026-11-02", "ends_on": "2026-12-30"}),
        ("ClassGroup", CLASS, {"school_year_id": YEAR, "grade_level": 7, "letter": "Б"}),
        ("ClassGroup", OTHER_CLASS, {"school_year_id": YEAR, "grade_level": 8, "letter": "А"}),
        ("Subject", MATHS, {"title": "Математика"}),
        ("Subject", RUSSIAN, {"title": "Русский язык"}),
        ("JournalPage", PAGE, {"subject_id": MATHS, "class_group_id": CLASS}),
        ("JournalPage", OTHER_PAGE, {"subject_id": RUSSIAN, "class_group_id": OTHER_CLASS}),
        ("WorkKind", "oral", {"code": "УО", "title": "Устный ответ"}),
        *[("Pupil", id_, {"last_name": "Ёлкин", "first_name": f"Пётр {i}"}) for i, id_ in enumerate(PUPILS)],
        *[("Enrolment", f"enrolment-{id_}", {"pupil_id": id_, "class_group_id": CLASS, "since": "2026-09-01"})
          for id_ in PUPILS],
    ]  # fmt: skip
    return [
        *[{"kind": kind, "record": record, "fields": fields} for kind, record, fields in simple],
        person(TEACHER, "Иванова", "Мария", "Петровна"),
        person(COLLEAGUE, "Петров", "Илья", "Ильич"),
        person(CLASS_TEACHER, "Сидорова", "Анна", "Юрьевна"),
        person(DEPUTY, "Завучева", "Ольга", "Львовна", "заместитель директора"),
        person(ADMINISTRATOR, "Админов", "Олег", "Олегович", "администратор"),
        person(DIRECTOR, "Директорова", "Вера", "Игоревна", "директор"),
        role(TEACHER, "subject_teacher"), role(COLLEAGUE, "subject_teacher"),
        role(CLASS_TEACHER, "class_teacher", CLASS), role(DEPUTY, "deputy_director"),
        role(ADMINISTRATOR, "administrator"), role(DIRECTOR, "director"),
        load(PAGE, TEACHER), load(PAGE, COLLEAGUE),
    ]  # fmt: skip


def settle(office: Office, lines: Sequence[dict[str, Any]] | None = None) -> int:
    """Load the school's records through a record file."""
    file = office.folder / "records.jsonl"
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines or records()), encoding="utf-8")
    loaded = admin.load_records(office, file)
    file.unlink()
    return loaded


class Hand:
    """One person's desk in a test: a key, a chain, and changes made like a desk makes them."""

    def __init__(self, school: str, desk: str, person_id: str, key: bytes) -> None:
        self.school = school
        self.desk = desk
        self.person = person_id
        self.key = key
        self.n = 0
        self.prev = ""
        self.head = ""

    def change(self, kind: str, record: str, was: Fields, set_: Fields, act: Act = "change", **other: Any) -> Change:
        """Make the next change of the chain."""
        self.n += 1
        values: dict[str, Any] = {"author": self.person, "at": AT, "head": self.head, **other}
        return Change(id=ids.new_id(), desk=self.desk, n=self.n, kind=kind, record=record, was=was, set=set_,
                      act=act, **values)  # fmt: skip

    def batch(self, *changes: Change) -> Batch:
        """Sign consecutive changes, rare acts each alone as well; the chain goes on after them."""
        first, signed = self.prev, []
        for change in changes:
            signed.append(seal.sign_change(self.key, change, self.prev) if is_rare(change) else change)
            self.prev = seal.chain(self.prev, signed[-1:])[0].hex()
        return seal.sign_batch(self.key, self.school, self.desk, first, signed)

    def lesson(self) -> Change:
        """Hold the lesson."""
        return self.change("Lesson", LESSON, {}, {"journal_page_id": PAGE, "held_on": "2026-11-19",
                                                  "lesson_number": 2, "held": True}, "create")  # fmt: skip

    def column(self) -> Change:
        """Open the column for oral answers."""
        return self.change("MarkColumn", COLUMN, {}, {"lesson_id": LESSON, "work_kind_id": "oral", "ordinal": 1},
                           "create")  # fmt: skip

    def mark(self, pupil: str, value: str | None, was: str | None = None, born: bool = True) -> Change:
        """Put a mark; `born` says that the desk knows no mark of this pupil yet."""
        set_: Fields = {"value": value}
        if born:
            return self.change("Mark", ids.mark(COLUMN, pupil), {},
                               {"mark_column_id": COLUMN, "pupil_id": pupil, **set_}, "create")  # fmt: skip
        return self.change("Mark", ids.mark(COLUMN, pupil), {"value": was}, set_)


def new_hand(office: Office, person_id: str) -> Hand:
    """Certify a desk straight in the store and return its hand."""
    key = seal.new_signing_key()
    at = stamp(office.authority.clock())
    desk = people.Desk(id=ids.new_id(), person=person_id, public_key=seal.signing_public_key(key).hex(), at=at)
    with office.authority.store.write() as tx:
        people.add_desk(tx, desk)
    return Hand(office.authority.school, desk.id, person_id, key)


def desk_of(office: Office, hand: Hand) -> people.Desk:
    """Return the desk as the store has it."""
    with office.authority.store.read() as tx:
        desk = people.desk(tx, hand.desk)
    assert desk is not None
    return desk


def invite(office: Office, person_id: str) -> str:
    """Return an activation code."""
    return accounts.new_activation_code(office.authority, person_id)


# --- a real server process and those who call it -------------------------------------------------------------------


class RunningServer:
    """`ejournal-server serve` as a process of its own on a free loopback port."""

    def __init__(self, data: Path, database: str | None) -> None:
        self.data = data
        self.database = database
        self.environment = dict(os.environ)
        if database:
            self.environment["EJOURNAL_DATABASE"] = database
        self.process: subprocess.Popen[bytes] | None = None
        self.address = ""
        self.port = 0
        self.log = data / "server.log"

    def __enter__(self) -> RunningServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, on the same port as before if there was one, and wait until requests are taken."""
        command = [sys.executable, "-m", "ejournal_server", "serve", "--data", str(self.data),
                   "--listen", f"127.0.0.1:{self.port}"]  # fmt: skip
        with self.log.open("ab") as log:
            self.process = start_bound(command, env=self.environment, stdout=subprocess.PIPE, stderr=log, signal="KILL")
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        found = re.fullmatch(r"listening (https://127\.0\.0\.1:(\d+))\n", line)
        assert found, f"the server did not start: {self.log.read_text()}"
        self.address, self.port = found[1], int(found[2])

    def stop(self) -> int:
        """Ask the process to end; return its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self._reaped()

    def kill(self) -> int:
        """End the process as a power cut would."""
        assert self.process is not None
        self.process.kill()
        return self._reaped()

    def _reaped(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status

    def run(self, *arguments: str) -> str:
        """Run another command of the server's program on the same data; return what it printed."""
        command = [sys.executable, "-m", "ejournal_server", *arguments, "--data", str(self.data)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


class Caller:
    """Speaks HTTP with a server as docs/sync-protocol.md has it, written from that page and nothing else."""

    def __init__(self, address: str, ca_pem: str | None = None, key_id: str = "", key: bytes = b"") -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if ca_pem is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=ca_pem)
        self.http = httpx.Client(base_url=address, verify=context, timeout=30, trust_env=False)
        self.key_id = key_id
        self.key = key
        self.nonce = ""

    def __enter__(self) -> Caller:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def hello(self) -> wire.Hello:
        """Ask who the server is and take its nonce."""
        hello = wire.decode(wire.Hello, self.http.get("/v1/hello").content)
        self.nonce = hello.nonce
        return hello

    def call(self, method: str, path: str, query: str = "", body: bytes = b"") -> httpx.Response:
        """Send a signed request."""
        if not self.nonce:
            self.hello()
        parts = RequestParts(method, path, query, body)
        headers = seal.sign_request(self.key, self.key_id, self.nonce, parts, int(time.time()))
        return self.http.request(method, f"{path}?{query}" if query else path, content=body, headers=headers)

    def push(self, batch: Batch) -> Receipt:
        """Send a batch."""
        response = self.call("POST", "/v1/push", body=wire.encode_batch(batch))
        assert response.status_code == 200, response.text
        return wire.decode(Receipt, response.content)

    def pull(self, after: int, scope: str) -> tuple[wire.PullHead, list[wire.Pulled]]:
        """Receive what is new."""
        response = self.call("GET", "/v1/pull", f"after={after}&scope={scope}")
        assert response.status_code == 200, response.text
        first, *rest = wire.split_lines(wire.decompress(response.content))
        return wire.decode(wire.PullHead, first), [wire.decode(wire.Pulled, line) for line in rest]

    def snapshot(self) -> tuple[wire.SnapshotHead, list[wire.SnapshotRecord], list[wire.OpenDispute]]:
        """Receive everything."""

        def ask(method: str, path: str, body: bytes = b"") -> bytes:
            response = self.call(method, path, body=body)
            assert response.status_code == 200, response.text
            return response.content

        seen = wire.decode(wire.Scope, wire.decompress(ask("GET", "/v1/scope")))
        wanted = wire.compress(wire.encode(wire.SnapshotRequest(slices=seen.slices)))
        head = wire.decode(wire.SnapshotHead, wire.decompress(ask("POST", "/v1/snapshot", wanted)))
        return unpack(head, [ask("GET", f"/v1/snapshot/{head.id}/{index}") for index in range(len(head.chunks))])


def snapshot(
    office: Office, desk: people.Desk, slice_: str = ""
) -> tuple[wire.SnapshotHead, list[wire.SnapshotRecord], list[wire.OpenDispute]]:
    """Return what a desk receives when it asks for one slice, or for all that its person may see."""
    seen = wire.decode(wire.Scope, wire.decompress(scopes.tell(office.authority, desk)))
    wanted = wire.SnapshotRequest(slices=(slice_,) if slice_ else seen.slices)
    head = wire.decode(wire.SnapshotHead, wire.decompress(snapshots.begin(office.authority, desk, wanted)))
    return unpack_of(office, desk, head)


def unpack_of(
    office: Office, desk: people.Desk, head: wire.SnapshotHead
) -> tuple[wire.SnapshotHead, list[wire.SnapshotRecord], list[wire.OpenDispute]]:
    """Fetch the chunks of a snapshot and return what `unpack` does."""
    parts = range(len(head.chunks))
    return unpack(head, [snapshots.chunk(office.authority, desk, head.id, index) for index in parts])


def unpack(
    head: wire.SnapshotHead, bodies: Sequence[bytes]
) -> tuple[wire.SnapshotHead, list[wire.SnapshotRecord], list[wire.OpenDispute]]:
    """Return a snapshot's manifest, its records and what is undecided, from the bodies of its chunks."""
    records_, undecided = [], []
    for chunk, body in zip(head.chunks, bodies, strict=True):
        assert hashlib.sha256(body).hexdigest() == chunk.sha256
        lines = list(wire.split_lines(wire.decompress(body)))
        records_ += [wire.decode(wire.SnapshotRecord, line) for line in lines[: chunk.records]]
        undecided += [wire.decode(wire.OpenDispute, line) for line in lines[chunk.records :]]
    assert len(records_) == head.records
    return head, records_, undecided


def desk_at(server: RunningServer, person_id: str) -> tuple[Caller, Hand]:
    """Certify a desk straight in the store of a running server; the long way is told by `pair` and `open_desk`."""
    with contextlib.closing(folder.open_office(server.data, server.database)) as office:
        hand = new_hand(office, person_id)
        return Caller(server.address, office.ca_pem, f"desk:{hand.desk}", hand.key), hand


def workstation_at(server: RunningServer) -> Caller:
    """Make a workstation known straight in the store of a running server."""
    key = seal.new_signing_key()
    with contextlib.closing(folder.open_office(server.data, server.database)) as office:
        row = people.Workstation(
            id=ids.new_id(), name="ПК", public_key=seal.signing_public_key(key).hex(), state="approved",
            commitment="", server_nonce="", until=0, at=stamp(office.authority.clock()),
        )  # fmt: skip
        with office.authority.store.write() as tx:
            people.put_workstation(tx, row)
        return Caller(server.address, office.ca_pem, f"workstation:{row.id}", key)


def pair(server: RunningServer, name: str = "Учительская-1") -> Caller:
    """Pair a workstation as its two people would: compare the codes, approve at the server."""
    key, nonce = seal.new_signing_key(), os.urandom(32)
    public = seal.signing_public_key(key)
    with Caller(server.address) as stranger:
        hello = stranger.hello()
        start = wire.PairStart(
            workstation_name=name, public_key=public.hex(), commitment=seal.pairing_commitment(nonce, public)
        )
        started = wire.decode(wire.PairStarted, stranger.http.post("/v1/pair", content=wire.encode(start)).content)
        code = seal.pairing_code(hello.school, hello.ca_sha256, public, nonce, bytes.fromhex(started.nonce))
        reveal = wire.encode(wire.PairReveal(nonce=nonce.hex()))
        path = f"/v1/pair/{started.pairing}"
        assert wire.decode(wire.PairState, stranger.http.post(path, content=reveal).content).state == "waiting"
        assert server.run("pair").startswith(f"{code}\t{name}\t")
        assert name in server.run("pair", "--approve", code)
        state = wire.decode(wire.PairState, stranger.http.post(path, content=reveal).content)
    assert state.state == "approved"
    return Caller(server.address, started.ca_certificate, f"workstation:{state.workstation}", key)


def open_desk(
    server: RunningServer, workstation: Caller, ca_pem: str, person_id: str, password: str = "верный пароль"
) -> tuple[Caller, Hand]:
    """Sign a person in for the first time with a code from the administrator; return the desk's caller and hand."""
    code = server.run("people", "--code", person_id).split("\t")[1].strip()
    key = seal.new_signing_key()
    wanted = wire.DeskRequest(
        person=person_id, secret=code, new_password=password, public_key=seal.signing_public_key(key).hex()
    )
    response = workstation.call("POST", "/v1/desks", body=wire.encode(wanted))
    assert response.status_code == 200, response.text
    certified = wire.decode(wire.DeskCertified, response.content)
    school = workstation.hello().school
    return Caller(server.address, ca_pem, f"desk:{certified.desk}", key), Hand(school, certified.desk, person_id, key)

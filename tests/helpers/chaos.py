"""Seeded chaos: a school's server and its desks in one process, and a checker that shares no code with the engine.

The server is the real one behind `SchoolServer`'s own reading and writing of messages; only HTTP and TLS are left out,
so that hundreds of meetings cost seconds. `violations` names every broken invariant (I1–I7 and I9 of the design).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs

import msgspec
import sqlalchemy as sa

from ejournal_core import ids, seal, wire
from ejournal_core.changes import Change, change_hash
from ejournal_core.errors import EjournalError, Refusal
from ejournal_core.kinds import KINDS, to_fields
from ejournal_desktop.models import queries
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import Identity
from ejournal_desktop.models.tables import TABLES
from ejournal_desktop.sync.engine import Portion, sync_once
from ejournal_desktop.sync.server import SchoolServer, ServerAway, ServerRefused
from ejournal_server import admin, delivery, digests, files, folder, intake, person_data, proving, scopes, snapshots
from ejournal_server.authority import Authority
from ejournal_server.folder import Office
from ejournal_server.store import people
from tests.helpers.certified import certify
from tests.helpers.school import NOW, Clock, SmallSchool, small_school

Luck = Callable[[], str]
ACCEPTED = ("taken", "converged", "merged")


def always_well() -> str:
    """Never lose anything on the way."""
    return ""


class Loopback(SchoolServer):
    """The school's server without a network: bytes go in and out as over HTTPS.

    Args:
        luck: asked before each signed call: "" all goes well, "request" or "answer" is lost.
    """

    def __init__(self, office: Office, desk: str, luck: Luck = always_well) -> None:
        self._office = office
        self._desk = desk
        self._luck = luck

    def close(self) -> None:
        """Nothing is open."""

    @property
    def is_greeted(self) -> bool:
        """Every meeting begins with hello: what the server says of itself is put to the test too."""
        return False

    def hello(self) -> wire.Hello:
        """Say who the server is."""
        from ejournal_server.api import Routes

        return wire.decode(wire.Hello, Routes(self._office)._hello())

    def _signed(self, method: str, path: str, body: bytes = b"", query: str = "", **_: Any) -> bytes:
        luck = self._luck()
        if luck == "request":
            raise ServerAway("the request was lost")
        try:
            answer = self._answer(path, body, {name: each[-1] for name, each in parse_qs(query).items()})
        except EjournalError as error:
            expected = f" (expected {error.details['expected']})" if "expected" in error.details else ""
            raise ServerRefused(error.code, 409, error.message + expected) from None
        if luck == "answer":
            raise ServerAway("the answer was lost")
        return answer

    def _answer(self, path: str, body: bytes, asked: Mapping[str, str]) -> bytes:
        authority: Authority = self._office.authority
        with authority.store.read() as tx:
            desk = people.desk(tx, self._desk)
        assert desk is not None
        match path:
            case "/v1/push":
                return wire.encode(intake.accept(authority, wire.decode_batch(body)))
            case "/v1/pull":
                after, own = int(asked["after"]), wire.span(asked.get("own", ""))
                return delivery.pull(authority, desk, after, asked.get("scope", ""), own)
            case "/v1/scope" if body:
                scopes.confirm(authority, desk, wire.decode(wire.ScopeHeld, wire.decompress(body)))
                return b"{}"
            case "/v1/scope":
                return scopes.tell(authority, desk)
            case "/v1/snapshot":
                return snapshots.begin(authority, desk, wire.decode(wire.SnapshotRequest, wire.decompress(body)))
            case "/v1/history" if not body:
                return delivery.history_of_record(authority, desk, asked["kind"], asked["record"])
            case "/v1/history":
                return delivery.history(authority, desk, wire.decode(wire.HistoryRequest, wire.decompress(body)))
            case "/v1/proof" if "number" in asked:
                return proving.inclusion(authority, desk, int(asked["number"]), int(asked["to"]))
            case "/v1/proof":
                return proving.consistency(authority, int(asked["from"]), int(asked["to"]))
            case "/v1/epochs":
                return proving.epochs(authority, int(asked["after"]))
            case "/v1/again":
                return msgspec.json.encode(intake.deliver_again(authority, body))
            case "/v1/admin/person":
                return person_data.tell_all(authority, desk.person, wire.decode(wire.PersonDataRequest, body))
            case "/v1/digest":
                return digests.of_scope(authority, desk, asked.get("after", ""))
            case _ if path.startswith("/v1/snapshot/"):
                _, _, _, snapshot, chunk = path.split("/")
                return snapshots.chunk(authority, desk, snapshot, int(chunk))
            case _ if path.startswith("/v1/blob/") and "size" in asked:
                sha256, size, offset = path.rsplit("/", 1)[1], int(asked["size"]), int(asked["offset"])
                return wire.encode(files.bring(authority, desk, sha256, size, offset, body))
            case _ if path.startswith("/v1/blob/"):
                return files.fetch(authority, desk, path.rsplit("/", 1)[1], int(asked["offset"]))
            case _:
                return delivery.receipts(authority, desk, int(asked["first"]))


class Seat:
    """A person at a desk: the journal, the way to the server, and everything that was ever entered there."""

    def __init__(self, house: House, person: str, path: Path) -> None:
        self.house = house
        self.person = person
        self.made: dict[str, Change] = {}
        self._path = path
        self._key = hashlib.sha256(str(path).encode()).digest()
        signing = seal.new_signing_key()
        self.desk = house.certify(person, seal.signing_public_key(signing))
        identity = Identity(self.desk, person, person, house.office.authority.school, signing)
        self.journal = create_journal(path, self._key, identity, clock=house.clock)
        self.server: SchoolServer = Loopback(house.office, self.desk)
        self.portion = Portion(500)

    def do(self, command: Callable[..., ChangeSet], *arguments: Any) -> None:
        """Enter something; a refusal changes nothing."""
        try:
            done = command(self.journal, *arguments)
        except Refusal:
            return
        self.made.update((change.id, change) for change in done.changes)

    def meet(self) -> None:
        """Meet the server once."""
        sync_once(self.journal, self.server, self.house.server_key, self.house.seal_key, portion=self.portion)

    def restart(self) -> None:
        """Close the file and open it again."""
        self.journal.close()
        self.journal = open_journal(self._path, self._key, clock=self.house.clock)


def meet(*seats: Seat) -> None:
    """Let desks meet the server one after another, twice: what the last one brings comes to the first."""
    for _ in range(2):
        for seat in seats:
            seat.meet()


class House:
    """One school's server in this process."""

    def __init__(self, root: Path, school: SmallSchool | None = None) -> None:
        self.root = root
        self.clock = Clock(NOW)
        self.school = school or small_school(8)
        self.office = folder.found(root / "server", "Школа № 1", None, self._server_clock)
        records = root / "school.jsonl"
        lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in self.school.records)
        records.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        admin.load_records(self.office, records)
        self.seats: list[Seat] = []
        self._sat_down = 0
        self.sees = who_sees_what(self.school)

    def _server_clock(self) -> datetime:
        return self.clock() + timedelta(seconds=2)

    @property
    def server_key(self) -> bytes:
        """The key that the desks have pinned."""
        return bytes.fromhex(self.office.authority.keys.signing_public)

    @property
    def seal_key(self) -> str:
        """The key that outgoing files are sealed to, as the desks have pinned it."""
        return self.office.authority.keys.sealing_public

    def certify(self, person: str, public_key: bytes) -> str:
        """Make a desk known as `accounts.certify_desk` does after the password."""
        return certify(self.office.authority, person, public_key)

    def sit_down(self, person: str) -> Seat:
        """Give a person a fresh desk that has met the server once."""
        self._sat_down += 1
        seat = Seat(self, person, self.root / f"desk-{self._sat_down}.journal")
        self.seats.append(seat)
        seat.meet()
        return seat

    def close(self) -> None:
        """Close every file."""
        for seat in self.seats:
            seat.journal.close()
        self.office.close()


def who_sees_what(school: SmallSchool) -> dict[str, set[str]]:
    """Return the slices of each person of the small school, written down by hand."""
    page, english, group = f"page:{school.page}", f"page:{school.english}", f"class:{school.class_group}"
    office, keepers = f"office:{school.class_group}", {"keepers:Subgroup", "keepers:SubgroupMember"}
    register = f"register:{school.class_group}"
    plan, english_plan = "plan:s-algebra", "plan:s-english"
    seen = {
        school.teacher: {"directory", register, page, plan},
        school.colleague: {"directory", register, page, english, plan, english_plan},
        school.class_teacher: {"directory", register, page, english, group, office, *keepers},
        school.deputy: {"directory", register, page, english, plan, english_plan, group, office, *keepers},
    }
    seen[school.deputy] |= {f"events:{person}" for person in ("server", *seen)}  # the director as well
    return {person: {*slices, f"reports:{person}", f"events:{person}"} for person, slices in seen.items()}


# --- the chaos -----------------------------------------------------------------------------------------------------


class Chaos:
    """People who edit, lose their network and restart, all from one seed."""

    def __init__(self, house: House, seed: int, seats: list[Seat], loss: float = 0.3) -> None:
        self.house = house
        self.seats = seats
        self._random = random.Random(seed)
        self._loss = loss
        self._lesson = house.school.today_lesson
        for seat in seats:
            seat.server = Loopback(house.office, seat.desk, self._luck)
            seat.portion = Portion(self._random.choice((1, 3, 50)))

    def _luck(self) -> str:
        return self._random.choice(("request", "answer")) if self._random.random() < self._loss else ""

    def run(self, steps: int) -> None:
        """Let so many things happen."""
        for _ in range(steps):
            seat = self._random.choice(self.seats)
            self._random.choices((self._edit, self._meet, self._restart), (60, 35, 5))[0](seat)

    def calm_down(self) -> None:
        """Let every desk meet a server that answers until nothing is left to say."""
        self._loss = 0.0
        for _ in range(2):
            for seat in self.seats:
                seat.meet()

    def _meet(self, seat: Seat) -> None:
        with contextlib.suppress(ServerAway):
            seat.meet()

    def _restart(self, seat: Seat) -> None:
        seat.restart()

    def _edit(self, seat: Seat) -> None:
        self.house.clock.now += timedelta(seconds=1)
        pupil = self._random.choice(self.house.school.pupils[:4])
        if seat.person == self.house.school.deputy:
            self._decide_or_close(seat)
            return
        match self._random.randrange(10):
            case 0:
                seat.do(set_topic, self._lesson, f"Тема {self._random.randrange(3)}")
            case 1:
                seat.do(set_homework, self._lesson, f"§ {self._random.randrange(3)}")
            case 2:
                seat.do(set_presence, self._lesson, pupil, self._random.choice(("present", "absent", "late")))
            case 3:
                self._decide(seat)
            case _:
                seat.do(put_mark, self._lesson, None, pupil, self._random.choice(("5", "4", "3", None)))

    def _decide_or_close(self, seat: Seat) -> None:
        if self._random.random() < 0.7:
            self._decide(seat)
        else:
            seat.do(set_closed, self.house.school.class_group, "q-1", self._random.random() < 0.4)

    def _decide(self, seat: Seat) -> None:
        found = queries.disputes(seat.journal)
        if found:
            seat.do(resolve_dispute, self._random.choice(found).id, self._random.choice(("standing", "wanted")))


def set_closed(journal: Journal, class_group: str, period: str, closed: bool) -> ChangeSet:
    """Close or reopen a period for a class, as the deputy does."""
    record = ids.period_closing(class_group, period)
    with journal.write() as write:
        write.edit("PeriodClosing", record, class_group_id=class_group, grading_period_id=period, closed=closed,
                   act="lock" if closed else "unlock")  # fmt: skip
    return write.changes


# --- the checker ---------------------------------------------------------------------------------------------------


class AtDesk(Protocol):
    """Somebody at a desk, with everything that was entered there by change id."""

    @property
    def journal(self) -> Journal:
        """The open journal."""

    @property
    def person(self) -> str:
        """Who sits there."""

    @property
    def made(self) -> Mapping[str, Change]:
        """Everything entered there, by change id."""


class Log:
    """What the server's store holds, read by SQL."""

    def __init__(self, office: Office) -> None:
        self.office = office
        with office.authority.store.read() as tx:
            run = tx.connection.exec_driver_sql
            self.lines = list(run("SELECT * FROM change ORDER BY number").mappings())
            self.records = list(run("SELECT * FROM record").mappings())
            self.aside = list(run("SELECT * FROM quarantine").mappings())
            self.open_disputes = {row[0] for row in run("SELECT number FROM dispute WHERE closed_by = 0")}
            self.head = msgspec.json.decode(run("SELECT head FROM school").scalar_one(), type=wire.TreeHead)
        self.by_id = {line["id"]: line for line in self.lines}


def violations(office: Office, seats: Sequence[AtDesk], sees: Mapping[str, set[str]]) -> list[str]:
    """Return every broken invariant in words; all desks must have met the server to the end."""
    log = Log(office)
    found = [*_numbers(log), *_tree(log, [seat.journal for seat in seats]), *_values(log)]
    for seat in seats:
        found += [f"{seat.person}: {each}" for each in _places(log, seat, sees[seat.person])]
        found += [f"{seat.person}: {each}" for each in _contents(log, seat.journal, sees[seat.person])]
    return found


def _numbers(log: Log) -> Iterator[str]:
    """I5: numbers without a gap, each desk's counters without a gap, its chain unbroken."""
    if [line["number"] for line in log.lines] != list(range(1, len(log.lines) + 1)):
        yield "I5: the log's numbers have a gap"
    chains: dict[str, list[Any]] = defaultdict(list)
    for line in log.lines:
        chains[line["desk"]].append(line)
    for desk, lines in chains.items():
        prev = ""
        for n, line in enumerate(sorted(lines, key=lambda line: line["n"]), 1):
            change = wire.decode(Change, line["body"].encode())
            digest = change_hash(change, prev).hex()
            if (line["n"], line["prev"].hex(), line["hash"].hex()) != (n, prev, digest):
                yield f"I5: the chain of {desk} breaks at {n}"
                break
            prev = digest


def _tree(log: Log, journals: list[Journal]) -> Iterator[str]:
    """I6: every head that somebody holds is the root of the log's first leaves."""
    leaves = [line["leaf"] for line in log.lines]
    for head in [log.head, *(journal.head for journal in journals)]:
        if head is not None and _root(leaves[: head.size]).hex() != head.root:
            yield f"I6: the head of size {head.size} is not the root of its leaves"
    for line in log.lines:
        told = {"at": line["at"], "change": line["hash"].hex(), "number": line["number"], "outcome": line["outcome"],
                "reason": line["reason"]}  # fmt: skip
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if hashlib.sha256(b"\0" + text).digest() != line["leaf"]:
            yield f"I6: leaf {line['number']} is not that of its line"


def _root(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 9162, section 2.1.1, of leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _values(log: Log) -> Iterator[str]:
    """I3: replay the log by hand; each accepted value named the one it replaced, and the records are the result."""
    state: dict[tuple[str, str], dict[str, Any]] = {}
    for line in log.lines:
        if line["outcome"] not in ACCEPTED:
            continue
        body = json.loads(line["body"])
        now = state.setdefault((body["kind"], body["record"]), dict(_standard(body["kind"])))
        for name, wanted in body["set"].items():
            seen = body["was"].get(name, _standard(body["kind"]).get(name))
            if now.get(name) in (wanted, seen):
                now[name] = wanted
            elif (body["kind"], name) == ("Lesson", "homework"):
                now[name] = f"{now[name]}\n{wanted}" if now[name] and wanted else now[name] or wanted
            else:
                yield f"I3: number {line['number']} replaced a value of {body['record']} that it did not name"
                now[name] = wanted
    held = {(row["kind"], row["id"]): json.loads(row["fields"]) for row in log.records}
    for address in state.keys() | held.keys():
        if state.get(address) != held.get(address):
            yield f"I4: the server's record {address} is not what its log says"


def _standard(kind: str) -> dict[str, Any]:
    return {
        field.name: None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(KINDS[kind])
        if field.name != "id"
    }


def _places(log: Log, seat: AtDesk, slices: set[str]) -> Iterator[str]:
    """I1, I2: every change ever made is in exactly one place with one status."""
    with seat.journal.reading() as connection:
        run = connection.exec_driver_sql
        unsent = set(run("SELECT change_id FROM outbox").scalars())
        told = {row[0]: (row[1], row[2]) for row in run("SELECT change_id, log_number, outcome FROM history")}
    aside = {json.loads(row["body"]).get("id") for row in log.aside if row["n"]}
    for change in seat.made.values():
        places = [change.id in unsent, change.id in log.by_id, change.id in aside]
        if sum(places) != 1:
            yield f"I2: change {change.n} is in {sum(places)} places"
        line = log.by_id.get(change.id)
        if line is None or (line["slice"] not in slices and change.id not in told):
            continue  # what is out of sight has left the disk
        if told.get(change.id) != (line["number"], line["outcome"]):
            yield f"I1: change {change.n} ended otherwise here than on the server"
    for line in log.lines:
        if line["desk"] == seat.journal.identity.desk_id and line["id"] not in seat.made:
            yield f"I2: nobody made change {line['n']}"


def _contents(log: Log, journal: Journal, slices: set[str]) -> Iterator[str]:
    """I4, I7: the desk shows exactly what the server holds for its person, and no more lies on its disk."""
    there = {(r["kind"], r["id"]): json.loads(r["fields"]) for r in log.records if r["slice"] in slices}
    here: dict[tuple[str, str], dict[str, Any]] = {}
    with journal.reading() as connection:
        for kind, table in TABLES.items():
            for row in connection.execute(sa.select(table)).mappings():
                if row["log_number"] != -1:
                    here[kind, row["id"]] = {name: row[name] for name in _standard(kind)} | (row["extra"] or {})
        shadows = connection.exec_driver_sql("SELECT count(*) FROM shadow").scalar_one()
        disputes = set(connection.exec_driver_sql("SELECT change_id FROM dispute WHERE resolved_by IS NULL").scalars())
    if content_hash(here) != content_hash(there):
        differing = [each for each in here.keys() | there.keys() if here.get(each) != there.get(each)]
        yield f"I4: the desk differs from the server in {sorted(differing)}"
    if shadows:
        yield f"I4: {shadows} shadows are left"
    open_there = {line["id"] for line in log.lines if line["number"] in log.open_disputes and line["slice"] in slices}
    if disputes != open_there:
        yield f"I2: the desk knows {len(disputes)} disputes, the server {len(open_there)}"


def content_hash(records: Mapping[tuple[str, str], Mapping[str, Any]]) -> str:
    """Return one hash over records."""
    lines = sorted(json.dumps([*address, fields], sort_keys=True) for address, fields in records.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

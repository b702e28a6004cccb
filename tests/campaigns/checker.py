"""Decides whether the promises hold: invariants I1 to I10, from the raw files and from what the driver noted.

`after_fault` looks at one desk and at the log whenever something went wrong; `at_the_end` at everything, once every
desk has met the server and nothing is left to say. Neither uses the engine that it judges.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import zstandard

from ejournal_core.kinds import KINDS
from tests.campaigns import rights
from tests.campaigns.ledger_copy import (
    ACCEPTED,
    Address,
    Fields,
    Line,
    Raw,
    Replay,
    canonical,
    change_hash,
    content_hash,
    covers,
    differing,
    lines_of,
    own_ids,
    root_of,
    standard,
    without_erasable,
)
from tests.campaigns.stage import KEY
from tests.campaigns.world import Seat, World

#: What a desk writes beside a record whose birth was refused while others name it.
NEVER_BORN = -1

#: What a substitute entered stays in sight while the substitution waits to be confirmed.
_WAITS_AS_SUBSTITUTION = "FROM request WHERE decided_by IS NULL AND reason = 'EJ-231'"
_SUBSTITUTED = f"SELECT kind, record {_WAITS_AS_SUBSTITUTION}"
_SUBSTITUTED_IDS = f"SELECT change_id {_WAITS_AS_SUBSTITUTION}"

#: Words of the school that must stand in no file in the clear.
PLAIN_WORDS = tuple(word.encode() for word in ("Абрамова", "Воробьёв", "Алгебра", "тайна", '"kind"'))


class Checker:
    """Follows one story."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines: list[Line] = []
        self._replay = Replay()
        self._at: dict[int, dict[Address, Fields]] = {}
        self._restores = self._epoch = 0
        self._read_log()

    # --- the log, as far as it is known ---

    def _server(self) -> Raw:
        return Raw(self._world.ground.server_disk.path, self._world.ground.store_key)

    def _read_log(self) -> list[str]:
        """Take new lines in, or all where older ones may have changed; return what is wrong about them."""
        if self._restores != self._world.restores:
            self._restores = self._world.restores
            self._forget_log()
        with self._server() as raw:
            fresh = lines_of(raw, len(self._lines))
            if any(line.destroys for line in fresh) and self._lines:
                self._forget_log()
                fresh = lines_of(raw)
            head = json.loads(raw.one("SELECT head FROM school"))
        found = []
        self._epoch = head["epoch"]
        for line in fresh:
            self._lines.append(line)
            if line.number != len(self._lines):
                found.append(f"I5: number {line.number} stands at place {len(self._lines)}")
            self._replay.enter(line)
        if head["size"] != len(self._lines) or head["root"] != root_of([line.leaf for line in self._lines]).hex():
            found.append("I6: the server's head is not the root of its log")
        return found

    def _forget_log(self) -> None:
        """Read everything once more: the school went back, or content was destroyed in older lines."""
        self._lines, self._replay, self._at = [], Replay(), {}

    def _state_at(self, number: int) -> dict[Address, Fields]:
        """Return the records as they stood at a number."""
        if number not in self._at:
            replay = Replay()
            for line in self._lines[:number]:
                replay.enter(line)
            self._at[number] = replay.records
        return self._at[number]

    # --- after a fault ---

    def after_fault(self) -> list[str]:
        """Return what is broken now, with desks that have met nobody since."""
        found = [*self._world.wrong, *self._read_log(), *self._acknowledged()]
        for seat in self._world.seats:
            with Raw(seat.disk.path, KEY) as raw:
                found += [f"{seat.desk}: {each}" for each in self._desk_alone(raw, seat)]
        return found

    def _acknowledged(self) -> Iterator[str]:
        """I1: what the server signed, it has, as it said."""
        by_id = {line.id: (line.number, line.outcome) for line in self._lines}
        for change, told in self._world.given.items():
            if told[0] and by_id.get(change) != told:
                yield f"I1: {change} was acknowledged as {told} and is {by_id.get(change)}"

    def _desk_alone(self, raw: Raw, seat: Seat) -> Iterator[str]:
        """I2, I4, I5 of one desk: nothing saved is gone, the chain holds, each row is shadow and own changes."""
        own = raw.rows("SELECT * FROM history WHERE desk = ? ORDER BY n", seat.desk)
        told = own_ids(own)
        by_id = {line.id: line for line in self._lines}
        lacking = set(self._world.made.get(seat.desk, ())) - told - by_id.keys()
        for change in sorted(lacking - self._aside() - self._at_desks() if lacking else ()):
            yield f"I2: change {change} was saved and is nowhere"
        notices = json.loads(raw.one("SELECT value FROM sync_state WHERE key = 'notices'") or "[]")
        if notices:
            yield f"I4: the desk had to tell {[(each['code'], each['slices']) for each in notices]}"
        if raw.one("SELECT count(*) FROM held_slice WHERE proof = 'differs'"):
            yield "I4: a slice differs from its history"
        if seat.is_copy:
            return  # it tells of its own future by what others know
        yield from self._chain(raw, own)
        if seat.journal.head is None or seat.journal.head.epoch == self._epoch:
            yield from self._rows(raw, own)

    def _chain(self, raw: Raw, own: list[dict[str, Any]]) -> Iterator[str]:
        state = raw.rows("SELECT next_n, last_hash FROM desk")[0]
        numbers = [row["n"] for row in own]
        if len(set(numbers)) != len(numbers) or (numbers and numbers[-1] >= state["next_n"]):
            yield f"I5: counters {numbers} and the next is {state['next_n']}"
        for row, later in itertools.pairwise(own):
            if later["n"] == row["n"] + 1 and later["prev"] != change_hash(json.loads(row["body"]), row["prev"]):
                yield f"I5: the desk's chain breaks after {row['n']}"
        is_whole = bool(own) and numbers[-1] == state["next_n"] - 1  # the last may have left the disk with its slice
        if is_whole and state["last_hash"] != change_hash(json.loads(own[-1]["body"]), own[-1]["prev"]):
            yield "I5: the desk's chain does not end where its file says"

    def _rows(self, raw: Raw, own: list[dict[str, Any]]) -> Iterator[str]:
        """Row on screen = what the server last said (as of the cursor) + own changes that are on their way."""
        cursor = int(raw.one("SELECT value FROM sync_state WHERE key = 'cursor'") or 0)
        if cursor > len(self._lines):
            yield f"I1: the desk has heard of number {cursor}, the log ends at {len(self._lines)}"
            return
        official = self._state_at(cursor)
        unaware = any(line.destroys for line in self._lines[cursor:])  # the desk holds what the log does not any more
        shadows = {(r["kind"], r["record"]): r for r in raw.rows("SELECT * FROM shadow")}
        unsent = {row["change_id"] for row in raw.rows(f"SELECT change_id FROM outbox UNION {_SUBSTITUTED_IDS}")}
        names = raw.rows("SELECT name FROM held_slice WHERE leaving AND name LIKE 'page:%'")
        leaving = tuple(row["name"].removeprefix("page:") + "." for row in names)
        for address, fields, number in _records(raw):
            if number == NEVER_BORN and address not in shadows:
                continue
            shadow = shadows.get(address)
            base = json.loads(shadow["fields"]) if shadow and shadow["fields"] else None
            said = base if shadow else fields
            known = number if shadow is None else shadow["log_number"]
            stood = official.get(address)
            if unaware:
                said, stood = without_erasable(address[0], said), without_erasable(address[0], stood)
            hears = said is not None and not address[1].startswith(leaving)  # of a page that leaves nothing comes
            if hears and (known or 0) <= cursor and said != stood:
                yield f"I4: the desk holds {address} otherwise than the log at {cursor}"
            if shadow:
                moving = [row for row in own if (row["kind"], row["record"]) == address and _moves(row, unsent, known)]
                yield from _rebuilt(address, fields, base, moving)

    # --- at the end ---

    def at_the_end(self) -> list[str]:
        """Return every broken invariant; every desk has met the server and nothing is under way."""
        found = [*self.after_fault(), *self._replay.faults, *self._chains(), *self._leaves(), *self._records()]
        found += [
            *rights.unlawful(self._lines),
            *rights.distrusted(self._lines),
            *rights.too_strict(self._lines, self._head_sizes(), self._world.entered_on),
        ]
        sees = rights.slices(
            self._replay.records, self._world.server_clock().astimezone().date(), self._world.office.authority.school
        )
        open_ = self._world.open_seats()
        for seat in self._world.seats:
            with Raw(seat.disk.path, KEY) as raw:
                slices = sees(seat.person)
                found += [f"{seat.desk}: {each}" for each in self._places(raw, seat, slices)]
                if seat not in open_:
                    continue  # nothing reaches it any more
                found += [f"{seat.desk}: {each}" for each in self._still_there(raw)]
                found += [f"{seat.desk}: {each}" for each in self._contents(raw, seat, slices)]
        with self._server() as raw:
            found += [f"server: {each}" for each in self._still_there(raw, "change", "number")]
        return found + list(self._clear_words())

    def _still_there(self, raw: Raw, table: str = "history", number: str = "log_number") -> Iterator[str]:
        """I7: content that an act destroyed lies in no line that stood in the log by then."""
        for act in (line for line in self._lines if line.destroys):
            order = self._replay.records[act.address]
            for row in raw.rows(f"SELECT body FROM {table} WHERE {number} < ?", act.number):
                body = json.loads(row["body"])
                if body.get("hidden") and not body.get("content") and covers(order, body):
                    yield f"I7: what {act.address[1]} destroyed is there in {body['id']}"

    def _head_sizes(self) -> dict[str, int]:
        with self._server() as raw:
            return {row["hash"]: row["size"] for row in raw.rows("SELECT hash, size FROM head")}

    def _chains(self) -> Iterator[str]:
        """I5: each desk's counters without a gap in the log, its chain unbroken; nothing that nobody made."""
        chains: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            chains[line.desk].append(line)
        for desk, lines in chains.items():
            if [line.n for line in lines] != sorted(line.n for line in lines):
                yield f"I5: the changes of {desk} were numbered out of order"
            prev = ""
            for n, line in enumerate(sorted(lines, key=lambda line: line.n), 1):
                digest = change_hash(line.body, prev)
                if (line.n, line.prev, line.hash) != (n, prev, digest):
                    yield f"I5: the chain of {desk} breaks at {n}"
                    break
                prev = digest

    def _leaves(self) -> Iterator[str]:
        """I6: every leaf is that of its line; every head that somebody holds is the root of the first leaves."""
        for line in self._lines:
            told = {"at": line.at, "change": line.hash, "number": line.number, "outcome": line.outcome,
                    "reason": line.reason}  # fmt: skip
            if hashlib.sha256(b"\0" + canonical(told)).digest() != line.leaf:
                yield f"I6: leaf {line.number} is not that of its line"
        leaves = [line.leaf for line in self._lines]
        for seat in self._world.seats:
            head = seat.journal.head
            if head is not None and root_of(leaves[: head.size]).hex() != head.root:
                yield f"I6: the head that {seat.desk} holds is not the root of its {head.size} leaves"

    def _records(self) -> Iterator[str]:
        """I4: what the server serves is what its log says."""
        with self._server() as raw:
            held = {(row["kind"], row["id"]): json.loads(row["fields"]) for row in raw.rows("SELECT * FROM record")}
        for address in differing(held, self._replay.records):
            yield f"I4: the server's record {address} is not what its log says"

    def _places(self, raw: Raw, seat: Seat, slices: set[str]) -> Iterator[str]:
        """I1, I2: every change ever made is in exactly one place with one status, the same on both sides."""
        unsent = {row["change_id"] for row in raw.rows("SELECT change_id FROM outbox")}
        told = {row["change_id"]: row for row in raw.rows("SELECT * FROM history")}
        by_id = {line.id: line for line in self._lines}
        aside = self._aside() - by_id.keys()  # a batch that is held as a whole may begin with what is known
        is_open = seat in self._world.open_seats()
        made = {*self._world.made.get(seat.desk, ()), *(c for c, row in told.items() if row["desk"] == seat.desk)}
        for change in sorted(made):
            kept = change in by_id or change in aside
            places = [change in unsent and (is_open or not kept), change in by_id, change in aside]
            if sum(places) != 1:
                yield f"I2: change {change} is in {sum(places)} places"
            line, row = by_id.get(change), told.get(change)
            if not is_open or (seat.is_copy and row is None):
                continue  # what came of it this desk was not told
            if line is None or (row is None and line.slice not in slices):
                continue  # what is out of sight has left the disk
            if row is None or (row["log_number"], row["outcome"]) != (line.number, line.outcome):
                yield f"I1: change {line.n} ended otherwise here than on the server"
        for line in self._lines:
            if line.desk == seat.desk and line.id not in made:
                yield f"I2: nobody made change {line.n}"

    def _aside(self) -> set[str]:
        """Return the changes that lie in quarantine, alone or in a batch."""
        with self._server() as server:
            bodies = [row["body"] for row in server.rows("SELECT body FROM quarantine")]
        return {json.loads(line).get("id", "") for body in bodies for line in body.split("\n") if line}

    def _at_desks(self) -> set[str]:
        """Return the changes that any desk holds: what left its author with a page, others bring after a restore."""
        found: set[str] = set()
        for seat in self._world.seats:
            with Raw(seat.disk.path, KEY) as raw:
                found |= own_ids(raw.rows("SELECT change_id FROM history"))
                bodies = [zstandard.decompress(row["body"]) for row in raw.rows("SELECT body FROM beyond")]
            found |= {json.loads(line).get("id", "") for body in bodies for line in body.splitlines()}
        return found

    def _contents(self, raw: Raw, seat: Seat, slices: set[str]) -> Iterator[str]:
        """I4, I7: the desk holds exactly what the server holds for its person, and no word more."""
        with self._server() as server:
            there = {(row["kind"], row["id"]): json.loads(row["fields"]) for row in server.rows("SELECT * FROM record")
                     if row["slice"] in slices}  # fmt: skip
            open_ = server.rows("SELECT number, author, record FROM dispute WHERE closed_by = 0")
        here = {address: fields for address, fields, number in _records(raw) if number != NEVER_BORN}
        waiting = {(row["kind"], row["record"]) for row in raw.rows(_SUBSTITUTED)}
        for row in raw.rows(f"SELECT kind, record, desk FROM history WHERE change_id IN ({_SUBSTITUTED_IDS})"):
            if row["desk"] == seat.desk and (row["kind"], row["record"]) not in here:
                yield f"I2: {row['record']} waits until a substitution is confirmed, and is out of sight"
        named = {address for address in here if _is_named_by(address, waiting)}
        for row in raw.rows("SELECT * FROM shadow"):
            address = row["kind"], row["record"]
            if address not in waiting:
                yield f"I4: a shadow of {address} is left"
            here.pop(address, None)
            if row["fields"]:
                here[address] = json.loads(row["fields"])
        for address in named - there.keys():
            here.pop(address, None)
        if content_hash(here) != content_hash(there):
            yield f"I4: the desk differs from the server in {differing(here, there)[:3]}"
        shown = {row["change_id"] for row in raw.rows("SELECT change_id FROM dispute WHERE resolved_by IS NULL")}
        expected = {self._lines[row["number"] - 1] for row in open_}
        if shown != {line.id for line in expected if line.slice in slices}:
            yield f"I2: the desk shows {len(shown)} open disputes, the server has {len(expected)}"
        yield from self._open_requests(raw, seat.person, slices)
        yield from self._out_of_sight(raw, seat.person, slices)

    def _open_requests(self, raw: Raw, person: str, slices: set[str]) -> Iterator[str]:
        """I2: what waits for a decision is listed wherever it may be seen, and nothing that is decided."""
        with self._server() as server:
            waiting = {row["change"]: row["number"] for row in
                       server.rows("SELECT change, number FROM request WHERE decided_by = 0")}  # fmt: skip
        shown = {row["change_id"] for row in raw.rows("SELECT change_id FROM request WHERE decided_by IS NULL")}
        lines = [self._lines[number - 1] for number in waiting.values()]
        expected = {line.id for line in lines if line.slice in slices or line.body["author"] == person}
        if shown != expected:
            yield f"I2: the desk shows {len(shown)} open requests, it should show {len(expected)}"

    def _out_of_sight(self, raw: Raw, person: str, slices: set[str]) -> Iterator[str]:
        """I7: no line of the history is from a slice that the person may not see.

        What the person wrote is the person's to see, and what others decided about it.
        """
        by_id = {line.id: line for line in self._lines}
        own = {line.id for line in self._lines if line.body["author"] == person}
        for row in raw.rows("SELECT change_id FROM history"):
            line = by_id.get(row["change_id"])
            if line is None or line.id in own or line.body.get("about") in own:
                continue
            if line.slice not in slices:
                yield f"I7: a line of {line.slice} lies on the disk"
                return

    def _clear_words(self) -> Iterator[str]:
        """I10: no word of the store stands in any file in the clear."""
        world = self._world
        disks = {seat.disk.path for seat in world.seats}
        files = sorted({path for disk in disks for path in disk.parent.glob(disk.name + "*")})
        files += [path for path in (world.ground.folder / "server").iterdir() if path.is_file()]
        for path in files:
            content = path.read_bytes()
            if any(word in content for word in PLAIN_WORDS):
                yield f"I10: {path.name} holds words in the clear"


def _records(raw: Raw) -> Iterator[tuple[Address, Fields, int | None]]:
    """Yield every record of a desk's tables as (address, fields, log number)."""
    for kind in KINDS:
        table = "".join("_" + sign.lower() if sign.isupper() else sign for sign in kind).strip("_")
        for row in raw.rows(f'SELECT * FROM "{table}"'):
            fields = {name: row[name] for name in standard(kind)}
            for name, value in standard(kind).items():
                if isinstance(value, bool) and fields[name] is not None:
                    fields[name] = bool(fields[name])
            yield (kind, row["id"]), fields | json.loads(row["extra"] or "{}"), row["log_number"]


def _moves(row: dict[str, Any], unsent: set[str], known: int | None) -> bool:
    later = row["outcome"] in ACCEPTED and (row["log_number"] or 0) > (known or 0)
    asks = json.loads(row["body"])["act"] == "request"  # changes nothing before another person's word
    return (row["change_id"] in unsent and not asks) or later


def _is_named_by(address: Address, waiting: set[Address]) -> bool:
    """Say whether a lesson or column holds something that waits, or waits itself."""
    return address in waiting or any(
        address[0] in ("Lesson", "MarkColumn") and record.startswith(f"{address[1]}.") for _, record in waiting
    )


def _rebuilt(address: Address, fields: Fields, base: Fields | None, moving: list[dict[str, Any]]) -> Iterator[str]:
    """I2: what a person sees is the server's word with the own changes on top, in order."""
    expected = dict(base) if base is not None else {}
    for row in moving:
        expected.update(json.loads(row["body"])["set"])
    if any(fields.get(name) != value for name, value in expected.items()):
        yield f"I2: {address} does not show the server's word with the own changes on top"

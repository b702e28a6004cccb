"""A dishonest administrator or server: whatever is altered in the store, the verifier or the next pull finds it.

More by EJOURNAL_CAMPAIGN="LIES=2000"; each mutation is made by its seed on a copy of one real store.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ejournal_core import seal, tree, verify, wire
from ejournal_core.changes import Verdict, leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_core.verify import BrokenLog
from ejournal_core.wire import BatchHead, Receipt, TreeHead
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_server import backups, keys, messages, verifying
from ejournal_server.folder import STORE, Office
from ejournal_server.store.database import Transaction, open_store
from tests.faults.amounts import amount
from tests.helpers.chaos import Chaos, House, Loopback, Seat

LINES = 320  # enough for a kept subtree
WRONG_KEY = seal.new_signing_key()
WRONG_PUBLIC = seal.signing_public_key(WRONG_KEY).hex()
replace = msgspec.structs.replace


class Store:
    """A copy of the school's store in the hands of somebody with all its keys."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office = office
        self.random = random.Random(seed)
        with office.authority.store.read() as tx:
            self.lines = [dict(row) for row in self._run(tx, "SELECT * FROM change ORDER BY number").mappings()]
        self.size = len(self.lines)

    @property
    def key(self) -> bytes:
        """The server's own signing key."""
        return self.office.authority.keys.signing

    def _run(self, tx: Transaction, text: str, values: tuple[Any, ...] = ()) -> Any:
        return tx.connection.exec_driver_sql(text, values)

    def run(self, text: str, *values: Any) -> list[Any]:
        """Run a statement; return its rows."""
        with self.office.authority.store.write() as tx:
            found = self._run(tx, text, values)
            return list(found) if found.returns_rows else []

    def line(self, *, own: bool = True) -> dict[str, Any]:
        """Choose a line; `own` leaves out what the server's desk wrote."""
        return self.random.choice([line for line in self.lines if not own or line["desk"] != "server"])

    def set(self, number: int, **values: Any) -> None:
        """Alter columns of a line."""
        columns = ", ".join(f"{name} = ?" for name in values)
        self.run(f"UPDATE change SET {columns} WHERE number = ?", *values.values(), number)

    def receipt(self, line: dict[str, Any]) -> Any:
        """Return the row of the line's receipt."""
        return self.run("SELECT head, hashes, body, first, last FROM receipt WHERE root = ?", line["batch"])[0]

    def first_of_batch(self, line: dict[str, Any]) -> int:
        """Return the number of the first line of the same batch."""
        return min(int(each["number"]) for each in self.lines if each["batch"] == line["batch"])

    def other_body(self, line: dict[str, Any]) -> str:
        """Return the line's change with another reason, in its canonical form."""
        change = wire.decode_change(line["body"].encode())
        return wire.encode(replace(change, at="2026-01-01T00:00:00+03:00")).decode()

    def hash_of(self, body: str, prev: bytes) -> bytes:
        """Return the hash of a change."""
        return seal.chain(prev.hex(), [wire.decode_change(body.encode())])[0]

    def leaf_of(self, line: dict[str, Any], **values: Any) -> bytes:
        """Return the leaf of a line with some of its columns altered."""
        new = {**line, **values}
        verdict = Verdict(
            id=new["id"], number=new["number"], outcome=new["outcome"], reason=new["reason"], at=new["at"]
        )
        return tree.leaf_hash(leaf_bytes(new["hash"], verdict))


#: A mutation returns the numbers of which one must be named; an empty set: the verifier passes, a desk must find it.
Mutation = Callable[[Store], set[int]]
MUTATIONS: dict[str, Mutation] = {}


def mutation(make: Mutation) -> Mutation:
    """Enter a mutation under its name."""
    MUTATIONS[make.__name__.replace("_", " ")] = make
    return make


# --- what a line says ----------------------------------------------------------------------------------------------


@mutation
def content_altered(store: Store) -> set[int]:
    line = store.line()
    store.set(line["number"], body=store.other_body(line))
    return {line["number"]}


@mutation
def content_of_the_servers_own_line_altered(store: Store) -> set[int]:
    line = store.line(own=False)
    store.set(line["number"], body=store.other_body(line))
    return {line["number"]}


@mutation
def content_and_hash_altered(store: Store) -> set[int]:
    line = store.line()
    body = store.other_body(line)
    store.set(line["number"], body=body, hash=store.hash_of(body, line["prev"]))
    return {line["number"]}


@mutation
def content_hash_and_leaf_altered(store: Store) -> set[int]:
    line = store.line()
    body = store.other_body(line)
    hash_ = store.hash_of(body, line["prev"])
    store.set(line["number"], body=body, hash=hash_, leaf=store.leaf_of(line, hash=hash_))
    return {line["number"]}


@mutation
def content_and_the_hashes_of_its_batch_altered(store: Store) -> set[int]:
    line = store.line()
    body = store.other_body(line)
    hash_ = store.hash_of(body, line["prev"])
    hashes = store.receipt(line)[1].replace(line["hash"], hash_)
    store.set(line["number"], body=body, hash=hash_, leaf=store.leaf_of(line, hash=hash_))
    store.run("UPDATE receipt SET hashes = ? WHERE root = ?", hashes, line["batch"])
    return {line["number"], store.first_of_batch(line)}


@mutation
def content_altered_and_signed_by_a_wrong_key(store: Store) -> set[int]:
    """A batch of one line, wholly made anew by somebody without the author's key."""
    single = [line for line in store.lines if sum(x["batch"] == line["batch"] for x in store.lines) == 1]
    line = store.random.choice([each for each in single if each["desk"] != "server"])
    change = wire.decode_change(store.other_body(line).encode())
    old = store.receipt(line)
    if wire.decode(BatchHead, old[0].encode()).count != 1:
        return content_altered(store)
    batch = seal.sign_batch(WRONG_KEY, store.office.authority.school, line["desk"], line["prev"].hex(), [change])
    hash_ = seal.chain(line["prev"].hex(), [change])[0]
    receipt = seal.sign_message(store.key, replace(wire.decode(Receipt, old[2].encode()), root=batch.head.root))
    store.run("UPDATE receipt SET root = ?, head = ?, hashes = ?, body = ? WHERE root = ?", batch.head.root,
              wire.encode(batch.head).decode(), hash_, wire.encode(receipt).decode(), line["batch"])  # fmt: skip
    store.set(line["number"], body=wire.encode(change).decode(), hash=hash_, batch=batch.head.root,
              leaf=store.leaf_of(line, hash=hash_))  # fmt: skip
    return {line["number"]}


@mutation
def text_that_is_no_change(store: Store) -> set[int]:
    line = store.line()
    store.set(line["number"], body="{}")
    return {line["number"]}


@mutation
def text_not_in_its_canonical_form(store: Store) -> set[int]:
    line = store.line()
    store.set(line["number"], body=json.dumps(json.loads(line["body"]), ensure_ascii=False))
    return {line["number"]}


@mutation
def bodies_swapped(store: Store) -> set[int]:
    one, two = store.random.sample([line for line in store.lines if line["desk"] != "server"], 2)
    store.set(one["number"], body=two["body"])
    store.set(two["number"], body=one["body"])
    return {min(one["number"], two["number"])}


def _alter_body(name: str, value: Any) -> Mutation:
    def alter(store: Store) -> set[int]:
        line = store.line()
        body = {**json.loads(line["body"]), name: value}
        store.set(line["number"], body=wire.encode(wire.decode_change(json.dumps(body).encode())).decode())
        return {line["number"]}

    return alter


for _name, _value in {
    "author": "p-deputy-2", "kind": "PeriodMark", "record": "another", "act": "void", "why": "так надо", "n": 9_999,
    "desk": "another", "head": "00" * 32, "id": "another",
}.items():  # fmt: skip
    MUTATIONS[f"{_name} in the text altered"] = _alter_body(_name, _value)


def _alter_column(name: str, value: Callable[[dict[str, Any]], Any]) -> Mutation:
    def alter(store: Store) -> set[int]:
        line = store.line()
        store.set(line["number"], **{name: value(line)})
        return {line["number"]}

    return alter


for _name, _change in {
    "hash": lambda line: bytes(32), "leaf": lambda line: bytes(32), "prev": lambda line: bytes(32),
    "desk": lambda line: "another", "n": lambda line: line["n"] + 10_000, "id": lambda line: "another",
    "outcome": lambda line: "refused" if line["outcome"] != "refused" else "taken",
    "reason": lambda line: line["reason"] + "EJ-201", "at": lambda line: "2026-01-01T00:00:00.000Z",
    "batch": lambda line: "00" * 32, "position": lambda line: line["position"] + 500,
}.items():  # fmt: skip
    MUTATIONS[f"column {_name} altered"] = _alter_column(_name, _change)


# --- how it ended --------------------------------------------------------------------------------------------------


@mutation
def verdict_and_leaf_altered(store: Store) -> set[int]:
    line = store.line()
    reason = line["reason"] + "EJ-201"
    store.set(line["number"], reason=reason, leaf=store.leaf_of(line, reason=reason))
    return {line["number"]}


def _in_receipt(store: Store, key: bytes | None) -> set[int]:
    line = store.line()
    reason = line["reason"] + "EJ-201"
    receipt = wire.decode(Receipt, store.receipt(line)[2].encode())
    verdicts = tuple(replace(x, reason=reason) if x.id == line["id"] else x for x in receipt.verdicts)
    altered = replace(receipt, verdicts=verdicts)
    altered = seal.sign_message(key, altered) if key else altered
    store.run("UPDATE receipt SET body = ? WHERE root = ?", wire.encode(altered).decode(), line["batch"])
    store.set(line["number"], reason=reason, leaf=store.leaf_of(line, reason=reason))
    return {line["number"], store.first_of_batch(line)}


@mutation
def verdict_and_receipt_altered(store: Store) -> set[int]:
    return _in_receipt(store, None)


@mutation
def verdict_and_receipt_signed_by_a_wrong_key(store: Store) -> set[int]:
    return _in_receipt(store, WRONG_KEY)


@mutation
def verdict_and_receipt_signed_by_the_server_without_its_heads(store: Store) -> set[int]:
    """The line's leaf follows, but the next kept tree head does not."""
    named = _in_receipt(store, store.key)
    last = max(named)
    head = store.run("SELECT min(size) FROM head WHERE size >= ?", last)[0][0]
    return {int(head)}


# --- receipts and batches ------------------------------------------------------------------------------------------


@mutation
def receipt_deleted(store: Store) -> set[int]:
    line = store.line()
    store.run("DELETE FROM receipt WHERE root = ?", line["batch"])
    return {store.first_of_batch(line)}


def _receipt_with(**fields: Any) -> Mutation:
    def alter(store: Store) -> set[int]:
        line = store.line()
        receipt = replace(wire.decode(Receipt, store.receipt(line)[2].encode()), **fields)
        store.run("UPDATE receipt SET body = ? WHERE root = ?", wire.encode(receipt).decode(), line["batch"])
        return {store.first_of_batch(line)}

    return alter


MUTATIONS["receipt of another time"] = _receipt_with(at="2026-01-01T00:00:00.000Z")
MUTATIONS["receipt of another school"] = _receipt_with(school="another")
MUTATIONS["receipt without verdicts"] = _receipt_with(verdicts=())
MUTATIONS["receipt without a signature"] = _receipt_with(signature="")


@mutation
def receipt_that_cannot_be_read(store: Store) -> set[int]:
    line = store.line()
    store.run("UPDATE receipt SET body = 'нет' WHERE root = ?", line["batch"])
    return {store.first_of_batch(line)}


@mutation
def hashes_of_a_batch_cut(store: Store) -> set[int]:
    line = store.line()
    store.run("UPDATE receipt SET hashes = ? WHERE root = ?", store.receipt(line)[1][:-32], line["batch"])
    return {store.first_of_batch(line)}


@mutation
def counters_of_a_receipt_altered(store: Store) -> set[int]:
    line = store.line()
    store.run("UPDATE receipt SET last = last + 1 WHERE root = ?", line["batch"])
    return {store.first_of_batch(line)}


def _batch_head_with(key: bytes | None, **fields: Any) -> Mutation:
    def alter(store: Store) -> set[int]:
        line = store.line()
        head = replace(wire.decode(BatchHead, store.receipt(line)[0].encode()), **fields)
        head = seal.sign_message(key, head) if key else head
        store.run("UPDATE receipt SET head = ? WHERE root = ?", wire.encode(head).decode(), line["batch"])
        return {store.first_of_batch(line)}

    return alter


MUTATIONS["batch head altered"] = _batch_head_with(None, prev="00" * 32)
MUTATIONS["batch head signed by a wrong key"] = _batch_head_with(WRONG_KEY)
MUTATIONS["batch head of another school"] = _batch_head_with(WRONG_KEY, school="another")


@mutation
def desk_given_another_key(store: Store) -> set[int]:
    line = store.line()
    store.run("UPDATE desk SET public_key = ? WHERE id = ?", WRONG_PUBLIC, line["desk"])
    return {min(each["number"] for each in store.lines if each["desk"] == line["desk"])}


# --- order and number ----------------------------------------------------------------------------------------------


@mutation
def line_deleted(store: Store) -> set[int]:
    line = store.random.choice(store.lines[:-1])
    store.run("DELETE FROM change WHERE number = ?", line["number"])
    return {line["number"]}


@mutation
def first_line_deleted(store: Store) -> set[int]:
    store.run("DELETE FROM change WHERE number = 1")
    return {1}


@mutation
def last_lines_deleted(store: Store) -> set[int]:
    count = store.random.randint(1, 5)
    store.run("DELETE FROM change WHERE number > ?", store.size - count)
    return {store.size - count + 1}


@mutation
def line_deleted_and_the_later_ones_moved_up(store: Store) -> set[int]:
    number = store.random.randint(2, store.size - 1)
    store.run("DELETE FROM change WHERE number = ?", number)
    for each in range(number + 1, store.size + 1):
        store.run("UPDATE change SET number = ? WHERE number = ?", each - 1, each)
    return {number}


@mutation
def neighbours_swapped(store: Store) -> set[int]:
    number = store.random.randint(1, store.size - 1)
    for old, new in ((number, -1), (number + 1, number), (-1, number + 1)):
        store.run("UPDATE change SET number = ? WHERE number = ?", new, old)
    return {number, store.first_of_batch(store.lines[number]), store.first_of_batch(store.lines[number - 1])}


def _inserted(store: Store, number: int, **values: Any) -> None:
    line = {**store.line(), "number": number, "id": "forged", "n": 9_999, **values}
    names = ", ".join(line)
    store.run(f"INSERT INTO change ({names}) VALUES ({', '.join('?' * len(line))})", *line.values())


@mutation
def line_inserted_at_the_end(store: Store) -> set[int]:
    _inserted(store, store.size + 1)
    return {store.size + 1}


@mutation
def line_inserted_before_the_first(store: Store) -> set[int]:
    _inserted(store, 0)
    return {1}


@mutation
def line_inserted_far_behind_the_end(store: Store) -> set[int]:
    _inserted(store, store.size + 50)
    return {store.size + 1}


# --- heads and tree ------------------------------------------------------------------------------------------------


def _head_row(**fields: Any) -> Mutation:
    def alter(store: Store) -> set[int]:
        head = wire.decode(TreeHead, store.run("SELECT head FROM school")[0][0].encode())
        store.run("UPDATE school SET head = ?", wire.encode(replace(head, **fields)).decode())
        return {store.size + 1, store.size}

    return alter


MUTATIONS["head without a signature"] = _head_row(signature="")
MUTATIONS["head of another time"] = _head_row(at="2026-01-01T00:00:00.000Z")
MUTATIONS["head of another epoch"] = _head_row(epoch=7)


@mutation
def head_signed_by_a_wrong_key(store: Store) -> set[int]:
    head = wire.decode(TreeHead, store.run("SELECT head FROM school")[0][0].encode())
    store.run("UPDATE school SET head = ?", wire.encode(seal.sign_message(WRONG_KEY, head)).decode())
    return {store.size + 1}


@mutation
def number_of_the_head_row_altered(store: Store) -> set[int]:
    store.run("UPDATE school SET epoch = 9")
    return {store.size}


@mutation
def peaks_altered(store: Store) -> set[int]:
    peaks = store.run("SELECT peaks FROM school")[0][0]
    store.run("UPDATE school SET peaks = ?", bytes(32) + peaks[32:])
    return {store.size}


@mutation
def kept_head_altered(store: Store) -> set[int]:
    hash_, size, body = store.random.choice(store.run("SELECT hash, size, body FROM head"))
    head = replace(wire.decode(TreeHead, body.encode()), at="2026-01-01T00:00:00.000Z")
    store.run("UPDATE head SET body = ? WHERE hash = ?", wire.encode(head).decode(), hash_)
    return {size}


@mutation
def kept_head_of_another_tree_signed_by_the_server(store: Store) -> set[int]:
    size, hash_, body = store.random.choice(store.run("SELECT size, hash, body FROM head WHERE size > 0"))
    forged = seal.sign_message(store.key, replace(wire.decode(TreeHead, body.encode()), root="00" * 32))
    store.run("UPDATE head SET body = ? WHERE hash = ?", wire.encode(forged).decode(), hash_)
    covered = [line["number"] for line in store.lines if line["number"] <= size]
    return {size, *(store.first_of_batch(store.lines[number - 1]) for number in covered[-1:])}


@mutation
def subtree_altered(store: Store) -> set[int]:
    store.run("UPDATE tree SET hash = ? WHERE level = 8 AND position = 0", bytes(32))
    return {1}


@mutation
def subtree_deleted(store: Store) -> set[int]:
    store.run("DELETE FROM tree WHERE level = 8")
    return {1}


# --- what follows from the lines -----------------------------------------------------------------------------------


def _any_record(store: Store) -> Any:
    return store.random.choice(store.run("SELECT kind, id, number, fields FROM record WHERE kind = 'Mark'"))


@mutation
def record_altered(store: Store) -> set[int]:
    kind, id_, number, fields = _any_record(store)
    other = "2" if json.loads(fields)["value"] != "2" else "5"
    altered = json.dumps({**json.loads(fields), "value": other})
    store.run("UPDATE record SET fields = ? WHERE kind = ? AND id = ?", altered, kind, id_)
    return {number}


@mutation
def record_deleted(store: Store) -> set[int]:
    kind, id_, number, _ = _any_record(store)
    store.run("DELETE FROM record WHERE kind = ? AND id = ?", kind, id_)
    return {number}


@mutation
def record_added(store: Store) -> set[int]:
    kind, id_, _, _ = _any_record(store)
    store.run("INSERT INTO record SELECT school, kind, 'forged', fields, number, desk, author, at, first_at, slice,"
              " parent, voided FROM record WHERE kind = ? AND id = ?", kind, id_)  # fmt: skip
    return {0}


@mutation
def counter_of_a_desk_moved_back(store: Store) -> set[int]:
    store.run("UPDATE desk SET last_n = last_n - 1 WHERE id = ?", store.line()["desk"])
    return {0}


@mutation
def chain_of_a_desk_altered(store: Store) -> set[int]:
    store.run("UPDATE desk SET last_hash = ? WHERE id = ?", "00" * 32, store.line()["desk"])
    return {0}


# --- with every key of the server: only those who have seen the log can tell ---------------------------------------


def _sign_everything_anew(store: Store) -> None:
    """Recompute leaves, tree and heads, and sign receipts and head again: a store that holds by itself."""
    lines = [dict(row._mapping) for row in store.run("SELECT * FROM change ORDER BY number")]
    for line in lines:
        store.set(line["number"], leaf=store.leaf_of(line))
    grown = tree.extend(tree.Frontier(), [store.leaf_of(line) for line in lines])
    old = wire.decode(TreeHead, store.run("SELECT head FROM school")[0][0].encode())
    new = replace(old, size=grown.frontier.size, root=grown.frontier.root().hex())
    head = seal.sign_message(store.key, new)
    store.run("DELETE FROM tree")
    for level, index, value in grown.completed:
        if level and level % 8 == 0:
            store.run("INSERT INTO tree VALUES (?, ?, ?, ?)", old.school, level, index, value)
    text = wire.encode(head).decode()
    store.run("DELETE FROM head")
    store.run("INSERT INTO head VALUES (?, ?, ?, ?, ?)", old.school, seal.head_hash(head), head.size, head.at, text)
    store.run("UPDATE school SET head = ?, number = ?, peaks = ?", text, head.size, grown.frontier.to_bytes())
    by_id = {line["id"]: line for line in lines}
    for root, body in store.run("SELECT root, body FROM receipt"):
        receipt = wire.decode(Receipt, body.encode())
        verdicts = tuple(
            replace(x, number=by_id[x.id]["number"], outcome=by_id[x.id]["outcome"], reason=by_id[x.id]["reason"])
            if x.id in by_id else x for x in receipt.verdicts
        )  # fmt: skip
        signed = seal.sign_message(store.key, replace(receipt, verdicts=verdicts, head=head))
        store.run("UPDATE receipt SET body = ? WHERE root = ?", wire.encode(signed).decode(), root)


@mutation
def outcome_rewritten_and_everything_signed_anew(store: Store) -> set[int]:
    line = store.random.choice([each for each in store.lines if each["outcome"] in ("refused", "disputed")])
    store.set(line["number"], reason="EJ-299")
    _sign_everything_anew(store)
    return set()


@mutation
def a_visible_outcome_rewritten_and_everything_signed_anew(store: Store) -> set[int]:
    line = store.random.choice([each for each in store.lines if each["slice"].startswith("page:")])
    store.set(line["number"], reason="EJ-299")
    _sign_everything_anew(store)
    return set()


@mutation
def the_end_cut_off_and_everything_signed_anew(store: Store) -> set[int]:
    last = store.lines[-1]
    first = store.first_of_batch(last)
    store.run("DELETE FROM change WHERE number >= ?", first)
    store.run("DELETE FROM receipt WHERE root = ?", last["batch"])
    change = wire.decode_change(last["body"].encode())
    before = max((x for x in store.lines if x["desk"] == last["desk"] and x["number"] < first), key=lambda x: x["n"])
    store.run("UPDATE desk SET last_n = ?, last_hash = ? WHERE id = ?", before["n"], before["hash"].hex(), change.desk)
    _sign_everything_anew(store)
    return {0, *(each["number"] for each in store.lines)}  # records kept behind the end may betray it, or a desk does


@mutation
def two_histories(store: Store) -> set[int]:
    """The same size, another tree: somebody else is shown another end."""
    first, second = store.lines[-1]["number"] - 1, store.lines[-1]["number"]
    store.set(second, at="2026-11-20T00:00:00.000Z")
    store.run("UPDATE receipt SET body = replace(body, ?, ?) WHERE root = ?", store.lines[-1]["at"],
              "2026-11-20T00:00:00.000Z", store.lines[-1]["batch"])  # fmt: skip
    _sign_everything_anew(store)
    return {first, second, store.first_of_batch(store.lines[-1])}


# --- the campaign --------------------------------------------------------------------------------------------------


class School:
    """A real store with much traffic, and desks that have seen all of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.house = House(root / "school")
        school = self.house.school
        self.seats = [self.house.sit_down(each) for each in (school.teacher, school.colleague, school.deputy)]
        chaos = Chaos(self.house, 5, self.seats, loss=0.2)
        chaos.run(120)
        chaos.calm_down()
        count = 0
        while self._size() < LINES:
            count += 1
            for place, seat in enumerate(self.seats[:2]):
                seat.do(put_mark, school.today_lesson, None, school.pupils[4 + place], str(2 + count % 4))
                if count % 3:
                    seat.meet()
        for seat in (*self.seats, *self.seats):
            seat.meet()

    def _size(self) -> int:
        head = self.seats[0].journal.head
        return head.size if head else 0

    def copy(self, seed: int) -> Store:
        """Return a copy of the store."""
        office = self.house.office
        file = self.root / f"copy-{seed}.db"
        for ending in ("", "-wal"):
            shutil.copyfile(office.folder / f"{STORE}{ending}", file.with_name(file.name + ending))
        store = open_store(None, file, keys.derive(office.master.key, "store"), office.authority.school)
        return Store(replace(office, authority=replace(office.authority, store=store)), seed)

    def forget(self, store: Store, seed: int) -> None:
        """Remove a copy."""
        store.office.close()
        for file in self.root.glob(f"copy-{seed}.db*"):
            file.unlink()


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    made = School(tmp_path_factory.mktemp("malicious"))
    yield made
    made.house.close()


def found_by_a_desk(store: Store, seats: list[Seat]) -> str:
    """Let desks meet the altered server; return the code of the first trouble."""
    for seat in seats:
        seat.server = Loopback(store.office, seat.desk)
        try:
            seat.meet()
        except Trouble as trouble:
            return trouble.code
    return ""


def look(store: Store) -> BrokenLog | None:
    """Return what the verifier finds."""
    try:
        verifying.verify_store(store.office.authority)
    except BrokenLog as found:
        return found
    return None


def assert_said(found: BrokenLog) -> None:
    """The sentence names the place and what is broken there."""
    said = messages.sentence(found)
    place = f"запись № {found.details['number']}" if found.details["number"] else "журнал в целом"
    assert place in said
    assert messages.BROKEN[str(found.details["broken"])] in said


def judge(school: School, name: str, seed: int) -> str:
    """Make one mutation on a copy; return what is wrong with how it was found, "" when nothing is."""
    store = school.copy(seed)
    try:
        places = MUTATIONS[name](store)
        found = look(store)
        if found is not None:
            assert_said(found)
            right = found.details["number"] in places
            return "" if right else f"{name} (seed {seed}): {found.message}, expected {sorted(places)[:5]}"
        code = found_by_a_desk(store, school.seats)
        return "" if code == "EJ-324" else f"{name} (seed {seed}): not found by anybody ({code or 'no trouble'})"
    finally:
        school.forget(store, seed)


def test_there_are_at_least_forty_ways_to_cheat() -> None:
    assert len(MUTATIONS) >= 40


@pytest.mark.timeout(3_600)  # the large amount takes a quarter of an hour
def test_every_mutation_is_found_and_its_place_named(school: School) -> None:
    names = list(MUTATIONS)
    wrong = [judge(school, names[seed % len(names)], seed) for seed in range(amount("LIES", len(names)))]
    assert [each for each in wrong if each] == []


def test_an_honest_server_with_the_same_traffic_passes(school: School) -> None:
    store = school.copy(-1)
    try:
        assert look(store) is None
        assert found_by_a_desk(store, school.seats) == ""
    finally:
        school.forget(store, -1)


#: A check planted out of the verifier, and the mutation that it then misses.
PLANTED: dict[str, tuple[str, str]] = {
    "_check_author": ("batch head signed by a wrong key", "author"),
    "_check_verdict": ("column leaf altered", "verdict"),
    "_check_receipt": ("receipt of another time", "receipt"),
    "compare_records": ("record altered", "record"),
    "compare_subtrees": ("subtree altered", "subtree"),
    "compare_chains": ("chain of a desk altered", "desk"),
    "_check_heads": ("kept head altered", "head"),
}


@pytest.mark.parametrize("check", PLANTED)
def test_a_verifier_without_one_check_misses_its_mutation(
    school: School, check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, what = PLANTED[check]
    store = school.copy(-2)
    try:
        MUTATIONS[name](store)
        found = look(store)
        assert found is not None
        assert found.details["broken"] == what
        monkeypatch.setattr(verify.Checker, check, lambda *_: None)
        blind = look(store)
        assert blind is None or blind.details["broken"] != what
    finally:
        school.forget(store, -2)


def test_a_backup_is_verified_by_the_same_code(school: School, tmp_path: Path) -> None:
    safe = backups.new_recovery_key(school.house.office)
    stood = verifying.verify_store(school.house.office.authority)
    backups.back_up(school.house.office, [tmp_path / "usb"])  # and tell the log of it, behind the copy
    verified = verifying.verify_generation(backups.find_generation(tmp_path / "usb"), safe.secret)
    assert verified == stood

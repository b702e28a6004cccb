"""What a desk is given to hold: its scope, snapshots in parts, the history behind them, digests. On both stores."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pytest

from ejournal_core import digests as contents
from ejournal_core import ids, tree, wire
from ejournal_core.changes import leaf_bytes
from ejournal_core.kinds import Fields
from ejournal_core.seal import chain
from ejournal_core.wire import Malformed, Pulled, PullHead
from ejournal_server import delivery, digests, intake, overview, own_lines, scopes, snapshots
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.scopes import ScopeChanged
from ejournal_server.snapshots import SnapshotGone
from ejournal_server.store import slices as stored
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Desk
from tests.helpers.confirmed import confirmations
from tests.server import world
from tests.server.world import CLASS, OTHER_CLASS, PAGE, PUPILS, Hand, SettableClock

SECRETARY, OFFICER, DISPATCHER = "person-secretary", "person-officer", "person-dispatcher"


def write(office: Office, *wishes: Wish) -> None:
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, wishes)


def scope(office: Office, desk: Desk) -> wire.Scope:
    return wire.decode(wire.Scope, wire.decompress(scopes.tell(office.authority, desk)))


def begin(office: Office, desk: Desk, names: Sequence[str], after: int = 0) -> wire.SnapshotHead:
    wanted = wire.SnapshotRequest(slices=tuple(names), after=after)
    return wire.decode(wire.SnapshotHead, wire.decompress(snapshots.begin(office.authority, desk, wanted)))


def desk_of(office: Office, person: str) -> Desk:
    return world.desk_of(office, world.new_hand(office, person))


def fill(office: Office) -> Hand:
    """Let the teacher give a lesson with two marks; a pupil's file and an absence stand in the class's office."""
    hand = world.new_hand(office, world.TEACHER)
    intake.accept(office.authority, hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5"),
                                               hand.mark(PUPILS[1], "4")))  # fmt: skip
    for group in (CLASS, OTHER_CLASS):
        file: Fields = {"class_group_id": group, "pupil_id": PUPILS[0], "file_number": f"ЛД-{group}"}
        paper: Fields = {"class_group_id": group, "pupil_id": PUPILS[0], "reason": "Б", "since": "2026-11-02",
                         "until": "2026-11-05"}  # fmt: skip
        write(office, Wish("PupilFile", ids.pupil_file(group, PUPILS[0]), file),
              Wish("AbsenceDocument", f"paper-{group}", paper))  # fmt: skip
    return hand


# --- who sees what -------------------------------------------------------------------------------------------------

MARKS = {"Lesson", "MarkColumn", "Mark"}


@pytest.mark.parametrize(
    ("person", "marks", "files", "papers"),
    [
        (world.TEACHER, True, [], []),
        (world.CLASS_TEACHER, True, [CLASS], [CLASS]),
        (world.DEPUTY, True, [CLASS, OTHER_CLASS], [CLASS, OTHER_CLASS]),
        (world.DIRECTOR, True, [CLASS, OTHER_CLASS], [CLASS, OTHER_CLASS]),
        (world.ADMINISTRATOR, False, [CLASS, OTHER_CLASS], []),
        (SECRETARY, False, [CLASS, OTHER_CLASS], []),
        (OFFICER, False, [], []),
        (DISPATCHER, False, [], []),
    ],
)
def test_each_role_is_given_what_its_work_needs(
    office: Office, person: str, marks: bool, files: list[str], papers: list[str]
) -> None:
    world.settle(office, [world.person(SECRETARY, "Писарева", "Ада", "Львовна"), world.role(SECRETARY, "secretary"),
                          world.person(OFFICER, "Кадрова", "Ия", "Львовна"), world.role(OFFICER, "personnel_officer"),
                          world.person(DISPATCHER, "Сеткин", "Ян", "Львович"),
                          world.role(DISPATCHER, "timetable_dispatcher")])  # fmt: skip
    fill(office)
    desk = desk_of(office, person)
    _, records, _ = world.snapshot(office, desk)
    kinds = {record.kind for record in records}
    assert kinds >= {"Person", "Pupil", "ClassGroup", "JournalPage"}
    assert (kinds >= MARKS, not MARKS.isdisjoint(kinds)) == (marks, marks)
    assert sorted(str(r.fields["class_group_id"]) for r in records if r.kind == "PupilFile") == files
    assert sorted(str(r.fields["class_group_id"]) for r in records if r.kind == "AbsenceDocument") == papers
    head, lines = pull(office, desk)
    assert {line.change.kind for line in lines} - {"Certificate"} <= kinds
    assert head.scope == scopes.fingerprint(scope(office, desk).slices)


def pull(office: Office, desk: Desk) -> tuple[PullHead, list[Pulled]]:
    return read_page(delivery.pull(office.authority, desk, 0, scope(office, desk).scope))


def read_page(body: bytes) -> tuple[PullHead, list[Pulled]]:
    first, *rest = wire.split_lines(wire.decompress(body))
    return wire.decode(PullHead, first), [wire.decode(Pulled, line) for line in rest]


def test_no_birth_date_or_file_number_is_in_everybodys_directory(office: Office) -> None:
    _, records, _ = world.snapshot(office, desk_of(office, world.TEACHER))
    assert all({"born_on", "file_number"}.isdisjoint(record.fields) for record in records)


def test_a_disputed_change_of_the_directory_is_seen_by_those_who_decide_alone(office: Office) -> None:
    one, two = world.new_hand(office, world.ADMINISTRATOR), world.new_hand(office, world.ADMINISTRATOR)
    for hand, name in ((one, "Ёлкин-Белый"), (two, "Ёлкин-Чёрный")):
        change = hand.change("Pupil", PUPILS[0], {"last_name": "Ёлкин"}, {"last_name": name})
        receipt = intake.accept(office.authority, hand.batch(change))
    assert receipt.verdicts[0].outcome == "disputed"
    for person, sees in (
        (world.ADMINISTRATOR, True),
        (world.DEPUTY, True),
        (world.TEACHER, False),
        (world.CLASS_TEACHER, False),
    ):
        desk = desk_of(office, person)
        shown = [line.change.set.get("last_name") for line in pull(office, desk)[1]]
        assert ("Ёлкин-Чёрный" in shown) is sees
        _, _, undecided = world.snapshot(office, desk)
        assert bool(undecided) is sees


# --- snapshots in parts ----------------------------------------------------------------------------------------------


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CHUNK_BYTES", 900)


@pytest.mark.usefixtures("small_chunks")
def test_a_snapshot_is_made_once_and_any_worker_gives_its_parts(office: Office) -> None:
    fill(office)
    desk = desk_of(office, world.DEPUTY)
    names = scope(office, desk).slices
    head = begin(office, desk, names)
    intake_later = world.new_hand(office, world.COLLEAGUE)
    intake.accept(office.authority, intake_later.batch(intake_later.mark(PUPILS[2], "3")))
    assert begin(office, desk, names) == head, "a line that was cut does not make it again"
    assert len(head.chunks) > 5
    bodies = [snapshots.chunk(office.authority, desk, head.id, index) for index in range(len(head.chunks))]
    assert [hashlib.sha256(body).hexdigest() for body in bodies] == [chunk.sha256 for chunk in head.chunks]
    _, records, _ = world.unpack(head, bodies)
    assert len(records) == head.records
    assert PUPILS[2] not in {record.record.rsplit(".")[-1] for record in records if record.kind == "Mark"}
    frontier = tree.Frontier.from_bytes(head.number, bytes.fromhex(head.peaks))
    assert frontier.root().hex() == head.head.root


def test_the_lines_of_a_snapshot_are_canonical(office: Office) -> None:
    fill(office)
    desk = desk_of(office, world.DEPUTY)
    head = begin(office, desk, scope(office, desk).slices)
    for line in wire.split_lines(wire.decompress(snapshots.chunk(office.authority, desk, head.id, 0))):
        assert line == wire.encode(wire.decode(wire.SnapshotRecord, line))


def test_parents_stand_before_children(office: Office) -> None:
    fill(office)
    _, records, _ = world.snapshot(office, desk_of(office, world.DEPUTY))
    places = {(record.kind, record.record): place for place, record in enumerate(records)}
    for record in records:
        for field, kind in (("lesson_id", "Lesson"), ("mark_column_id", "MarkColumn"), ("pupil_id", "Pupil"),
                            ("class_group_id", "ClassGroup"), ("journal_page_id", "JournalPage")):  # fmt: skip
            if record.fields.get(field):
                assert places[kind, str(record.fields[field])] < places[record.kind, record.record]


def test_a_gained_slice_brings_what_the_directory_has_gained_since(office: Office) -> None:
    fill(office)
    desk = desk_of(office, world.DEPUTY)
    known = begin(office, desk, [f"page:{PAGE}"]).number
    write(office, Wish("Pupil", "p-new", {"last_name": "Новиков", "first_name": "Олег"}))
    _, records, _ = world.unpack_of(office, desk, begin(office, desk, [f"page:{PAGE}"], after=known))
    assert [record.record for record in records if record.kind == "Pupil"] == ["p-new"]
    assert {record.kind for record in records} == {"Pupil", *MARKS}


def test_a_snapshot_is_kept_for_a_day(office: Office, clock: SettableClock) -> None:
    desk = desk_of(office, world.TEACHER)
    head = begin(office, desk, [f"page:{PAGE}"])
    clock.moment += timedelta(hours=23)
    assert snapshots.chunk(office.authority, desk, head.id, 0)
    clock.moment += timedelta(hours=2)
    other = begin(office, desk, [f"page:{PAGE}"])
    assert other.id == head.id, "nothing has changed, so it is made again under its name"
    write(office, Wish("Pupil", "p-new", {"last_name": "Новиков", "first_name": "Олег"}))
    clock.moment += timedelta(hours=25)
    begin(office, desk, [f"page:{PAGE}"])
    with pytest.raises(SnapshotGone):
        snapshots.chunk(office.authority, desk, head.id, 0)


def test_not_more_than_so_many_snapshots_are_kept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "KEPT", 3)
    for after in range(6):
        begin(office, desk_of(office, world.TEACHER), [f"page:{PAGE}"], after)
    with office.authority.store.read() as tx:
        assert len(stored.made_snapshots(tx)) == 3


def test_a_part_is_given_only_to_who_still_sees_its_slices(office: Office) -> None:
    fill(office)
    deputy, administrator = desk_of(office, world.DEPUTY), desk_of(office, world.ADMINISTRATOR)
    head = begin(office, deputy, [f"page:{PAGE}"])
    with pytest.raises(ScopeChanged):
        snapshots.chunk(office.authority, administrator, head.id, 0)
    with pytest.raises(ScopeChanged):
        begin(office, administrator, [f"page:{PAGE}"])
    role = world.role(world.DEPUTY, "deputy_director")
    world.settle(office, [{**role, "fields": {**role["fields"], "until": "2026-11-19"}}])
    with pytest.raises(ScopeChanged):
        snapshots.chunk(office.authority, deputy, head.id, 0)


@pytest.mark.parametrize("names", [[], ["page:x"] * (wire.SLICES + 1)])
def test_a_snapshot_of_nothing_or_of_too_much_is_malformed(office: Office, names: list[str]) -> None:
    with pytest.raises(Malformed):
        begin(office, desk_of(office, world.DEPUTY), names)


# --- the history behind them -----------------------------------------------------------------------------------------


def test_the_history_of_a_page_is_proved_place_by_place(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE_CHANGES", 2)
    fill(office)
    desk = desk_of(office, world.COLLEAGUE)
    upto = scope(office, desk).head.size
    frontier, numbers, more = tree.Frontier(), list[int](), True
    while more:
        wanted = wire.HistoryRequest(slices=(f"page:{PAGE}",), after=frontier.size, upto=upto)
        head, lines = read_page(delivery.history(office.authority, desk, wanted))
        leaves = {x.verdict.number - 1: tree.leaf_hash(leaf_bytes(chain(x.prev, [x.change])[0], x.verdict))
                  for x in lines}  # fmt: skip
        hidden = bytes.fromhex(head.hidden)
        each = [hidden[i : i + tree.HASH_BYTES] for i in range(0, len(hidden), tree.HASH_BYTES)]
        grown = tree.extend_over(frontier, leaves, each, head.upto, head.head.size)
        assert grown.root.hex() == head.head.root
        frontier, more = grown.steps[head.upto], head.more
        numbers += [line.verdict.number for line in lines]
    assert frontier.size == upto
    assert len(numbers) == 4
    assert numbers == sorted(numbers)


def test_many_slices_and_few_give_the_same_history(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    desk = desk_of(office, world.DEPUTY)
    names = scope(office, desk).slices
    wanted = wire.HistoryRequest(slices=names, after=0, upto=scope(office, desk).head.size)
    few = delivery.history(office.authority, desk, wanted)
    monkeypatch.setattr("ejournal_server.store.log.FEW_SLICES", 0)
    assert delivery.history(office.authority, desk, wanted) == few


def test_the_history_of_another_page_is_not_given(office: Office) -> None:
    desk = desk_of(office, world.TEACHER)
    for names, upto in (([f"page:{world.OTHER_PAGE}"], 1), ([f"office:{CLASS}"], 1)):
        with pytest.raises(ScopeChanged):
            delivery.history(office.authority, desk, wire.HistoryRequest(slices=tuple(names), after=0, upto=upto))
    for after, upto in ((2, 1), (0, 10_000)):
        wanted = wire.HistoryRequest(slices=(f"page:{PAGE}",), after=after, upto=upto)
        with pytest.raises(Malformed):
            delivery.history(office.authority, desk, wanted)


def test_the_history_of_one_record(office: Office) -> None:
    hand = fill(office)
    mark = ids.mark(world.COLUMN, PUPILS[0])
    intake.accept(office.authority, hand.batch(hand.change("Mark", mark, {"value": "5"}, {"value": "4"})))
    desk = desk_of(office, world.COLLEAGUE)
    _, lines = read_page(delivery.history_of_record(office.authority, desk, "Mark", mark))
    assert [line.change.set["value"] for line in lines] == ["5", "4"]
    with pytest.raises(ScopeChanged):
        delivery.history_of_record(office.authority, desk_of(office, world.ADMINISTRATOR), "Mark", mark)
    assert read_page(delivery.history_of_record(office.authority, desk, "Mark", "none"))[1] == []


# --- digests ---------------------------------------------------------------------------------------------------------


def digests_of(office: Office, desk: Desk) -> dict[str, wire.SliceDigest]:
    found: dict[str, wire.SliceDigest] = {}
    while lines := list(
        wire.split_lines(wire.decompress(digests.of_scope(office.authority, desk, max(found, default=""))))
    ):
        found |= {each.slice: each for each in (wire.decode(wire.SliceDigest, line) for line in lines)}
    return found


def test_the_digest_of_a_slice_is_that_of_its_records(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(office)
    desk = desk_of(office, world.DEPUTY)
    found = digests_of(office, desk)
    for name, digest in found.items():
        _, records, _ = world.snapshot(office, desk, name)
        assert digest.digest == contents.content_digest((r.kind, r.record, r.fields) for r in records)
        assert digest.number == max(r.number for r in records)
    assert set(found) == {
        "directory",
        f"page:{PAGE}",
        *(f"{p}:{c}" for p in ("class", "office") for c in (CLASS, OTHER_CLASS)),
    }
    monkeypatch.setattr(digests, "SLICES_AT_ONCE", 2)
    assert digests_of(office, desk) == found


def test_a_digest_is_reckoned_again_only_after_a_change(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = fill(office)
    desk = desk_of(office, world.DEPUTY)
    before = digests_of(office, desk)
    reckoned: list[str] = []
    real = digests._reckon

    def counted(tx: Transaction, name: str) -> tuple[int, str]:
        reckoned.append(name)
        return real(tx, name)

    monkeypatch.setattr(digests, "_reckon", counted)
    assert digests_of(office, desk) == before
    assert reckoned == []
    intake.accept(office.authority, hand.batch(hand.mark(PUPILS[2], "3")))
    after = digests_of(office, desk)
    assert reckoned == [f"page:{PAGE}"]
    assert {name for name in after if after[name] != before[name]} == {f"page:{PAGE}"}


def test_digests_do_not_depend_on_order_or_on_defaults_and_tell_everything_else() -> None:
    one: tuple[str, str, Fields] = ("Mark", "a", {"value": "5", "comment": "", "voided": False})
    two: tuple[str, str, Fields] = ("Mark", "b", {"value": "4"})
    whole = contents.content_digest([one, two])
    assert whole == contents.content_digest([two, one])
    assert whole == contents.content_digest([("Mark", "a", {"value": "5"}), two, ("Hologram", "h", {})])
    others: list[list[tuple[str, str, Fields]]] = [
        [one],
        [one, one],
        [("Mark", "a", {"value": "4"}), two],
        [("Mark", "c", {"value": "5"}), two],
        [("PeriodMark", "a", {"value": "5"}), two],
        [("Mark", "a", {"value": "5", "new": 1}), two],
    ]
    assert whole not in {contents.content_digest(each) for each in others}


# --- what desks hold -------------------------------------------------------------------------------------------------


def test_the_administrator_sees_what_each_desk_holds_and_what_it_should_not(office: Office) -> None:
    desk = desk_of(office, world.TEACHER)
    names = (*scope(office, desk).slices, f"page:{world.OTHER_PAGE}")
    scopes.confirm(office.authority, desk, wire.ScopeHeld(slices=names))
    (told,) = [each for each in confirmations(office.authority) if each.desk == desk.id]
    assert (told.person, told.slices, told.beyond) == (world.TEACHER, len(names), (f"page:{world.OTHER_PAGE}",))
    (line,) = [each for each in overview.desks(office) if each.desk == desk.id]
    assert line.scope == "beyond"
    scopes.confirm(office.authority, desk, wire.ScopeHeld(slices=names[:-1]))
    (line,) = [each for each in overview.desks(office) if each.desk == desk.id]
    assert line.scope == ""
    with pytest.raises(Malformed):
        scopes.confirm(office.authority, desk, wire.ScopeHeld(slices=("x" * 600,)))

"""A school restored from an older backup: its desks follow along a proved line of the log, and bring what it misses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ejournal_core import seal, wire
from ejournal_core.errors import Trouble
from ejournal_core.wire import EpochLine, TreeHead
from ejournal_desktop.models import evidence, queries, rewind
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync.epoch import FalseEpoch
from ejournal_desktop.ui.widgets.server_words import server_words
from ejournal_server import backups, epochs, folder, verifying
from ejournal_server.epochs import Opening
from tests.desktop.sync.test_lying_server import WRONG_KEY, everything
from tests.helpers.chaos import House, Log, Loopback, Seat, violations, who_sees_what
from tests.together.town import Server, Town

replace = msgspec.structs.replace
ACCEPTED = {"taken", "merged"}  # merged: what the others saw before is not known to the restored server
OPENING = Opening(reason="сгорел диск сервера", first_person="Директорова Вера Игоревна", second_person="Админов О. О.")


class Story:
    """Three desks of one school, its backups, and its restores."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.house = House(root / "school")
        self.safe = backups.new_recovery_key(self.house.office)
        school = self.house.school
        self.teacher, self.colleague, self.deputy = map(
            self.house.sit_down, (school.teacher, school.colleague, school.deputy)
        )
        self.lesson = school.today_lesson
        self._backups = 0

    def meet(self, *seats: Seat) -> None:
        """Let desks meet the server, twice over."""
        for seat in (*seats, *seats):
            seat.meet()

    def back_up(self) -> Path:
        """Make a backup."""
        self._backups += 1
        target = self.root / f"usb{self._backups}"
        backups.back_up(self.house.office, [target])
        return target

    def restore(self, source: Path, opening: Opening | None = OPENING) -> None:
        """Put a server restored from the backup in the place of the school's own."""
        self.house.clock.now += timedelta(minutes=5)
        self._backups += 1
        data = self.root / f"server{self._backups}"
        backups.restore_school(source, self.safe.secret, data, None)
        self.house.office.close()
        self.house.office = folder.open_office(data, None, self.house._server_clock)
        if opening is not None:
            epochs.open_epoch(self.house.office.authority, opening)
        for seat in self.house.seats:
            seat.server = Loopback(self.house.office, seat.desk)

    def mark(self, seat: Seat, pupil: str, value: str) -> None:
        """Let somebody put a mark."""
        self.house.clock.now += timedelta(seconds=1)
        seat.do(put_mark, self.lesson, None, pupil, value)

    def violations(self) -> list[str]:
        """Return every broken invariant."""
        return violations(self.house.office, self.house.seats, self.house.sees)

    def ended(self) -> dict[str, str]:
        """Return how every change of the desks ended at the server, by id."""
        log = Log(self.house.office)
        return {id_: log.by_id[id_]["outcome"] for seat in self.house.seats for id_ in seat.made if id_ in log.by_id}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.house.close()


def seen_beyond(story: Story) -> Path:
    """Let all three write before and after a backup; the deputy saw nothing of the latter."""
    story.mark(story.teacher, "u-01", "5")
    story.meet(story.teacher, story.colleague, story.deputy)
    source = story.back_up()
    story.teacher.do(set_topic, story.lesson, "После копии")
    story.mark(story.teacher, "u-02", "4")
    story.meet(story.teacher)
    story.meet(story.colleague)
    story.mark(story.colleague, "u-03", "3")
    story.colleague.do(set_homework, story.lesson, "§ 12")
    story.meet(story.colleague, story.teacher)
    return source


@pytest.mark.parametrize("order", ["teacher colleague deputy", "deputy colleague teacher", "colleague teacher deputy"])
def test_a_restore_of_an_older_backup_loses_no_change_and_ends_equal_on_all_desks(story: Story, order: str) -> None:
    source = seen_beyond(story)
    story.mark(story.teacher, "u-04", "2")  # not sent before the fire
    story.restore(source)
    seats = [getattr(story, name) for name in order.split()]
    for seat in (*seats, *seats):
        seat.meet()
    assert story.violations() == []
    made = {id_ for seat in story.house.seats for id_ in seat.made}
    assert story.ended().keys() == made
    assert set(story.ended().values()) <= ACCEPTED
    assert all(seat.journal.outbox() == [] for seat in seats)
    for seat in seats:
        with seat.journal.reading() as connection:
            assert rewind.again(connection) == []
            assert rewind.beyond_changes(connection) == []


def test_a_desk_that_brings_what_an_absent_one_wrote_saves_it(story: Story) -> None:
    """The colleague is ill: the teacher's desk holds the batches that she signed, and brings them."""
    source = seen_beyond(story)
    story.restore(source)
    story.teacher.meet()
    log = Log(story.house.office)
    assert set(story.colleague.made) <= set(log.by_id)
    assert {log.by_id[id_]["desk"] for id_ in story.colleague.made} == {story.colleague.desk}
    story.meet(story.teacher, story.deputy, story.colleague)
    assert story.violations() == []


def test_old_heads_and_receipts_stay_as_evidence(story: Story) -> None:
    source = seen_beyond(story)
    before = story.teacher.journal.head
    assert before is not None
    story.restore(source)
    story.teacher.meet()
    with story.teacher.journal.reading() as connection:
        assert before in evidence.heads(connection, lost=True)
        assert before not in evidence.heads(connection)
        last = max(change.n for change in story.teacher.made.values())
        receipt = evidence.receipt_of(connection, last)
    assert receipt is not None
    assert seal.is_message_signed(story.house.server_key, receipt)


def test_everybody_is_told_of_the_restore(story: Story) -> None:
    source = seen_beyond(story)
    story.restore(source)
    story.meet(story.teacher, story.deputy)
    for seat in (story.teacher, story.deputy):
        (told,) = queries.restorations(seat.journal)
        assert (told.reason, told.first_person) == (OPENING.reason, OPENING.first_person)
        assert told.epoch > 1


def test_a_desk_counts_restores_and_no_school_has_one_that_never_was_restored(story: Story) -> None:
    """The number of an epoch is a moment, and the first one has a number too: neither is a count."""
    story.meet(story.teacher)
    source = story.back_up()
    assert "восстанавливали" not in server_words(queries.sync_state(story.teacher.journal), story.house.clock.now)
    story.restore(source)
    story.meet(story.teacher)
    said = server_words(queries.sync_state(story.teacher.journal), story.house.clock.now)
    assert "Школу восстанавливали из копии: 1\u00a0раз." in said


def test_a_second_restore_of_the_same_backup_opens_another_epoch(story: Story) -> None:
    source = seen_beyond(story)
    story.restore(source)
    story.meet(story.teacher)
    story.mark(story.teacher, "u-05", "5")
    story.meet(story.teacher)
    story.restore(source)
    story.meet(story.deputy, story.teacher, story.colleague, story.deputy)  # two of them skipped an epoch
    assert story.violations() == []
    assert set(story.ended().values()) <= ACCEPTED


def test_a_restore_without_an_epoch_is_an_alarm(story: Story) -> None:
    source = seen_beyond(story)
    story.restore(source, opening=None)
    before = everything(story.teacher)
    with pytest.raises(Trouble) as caught:
        story.teacher.meet()
    assert caught.value.code == "EJ-324"
    assert everything(story.teacher) == before


# --- forged epochs ---------------------------------------------------------------------------------------------------


class Forger(Loopback):
    """A restored server whose account of the restore is twisted on the way out."""

    def __init__(self, seat: Seat, twist: Callable[[TreeHead, tuple[EpochLine, ...]], Any]) -> None:
        super().__init__(seat.house.office, seat.desk)
        self._twist = twist

    def epochs(self, after: int) -> tuple[TreeHead, tuple[EpochLine, ...]]:
        return self._twist(*super().epochs(after))  # type: ignore[no-any-return]


def with_opening(line: EpochLine, key: bytes, **fields: Any) -> EpochLine:
    """Return the opening with other fields, signed anew by the key."""
    change = replace(line.opening.change, set={**line.opening.change.set, **fields})
    batch = seal.sign_batch(key, line.signed.school, "server", line.opening.prev, [change])
    return replace(line, opening=replace(line.opening, change=change, batch=batch.head.root), signed=batch.head)


FORGERIES: dict[str, Callable[[TreeHead, tuple[EpochLine, ...], bytes], Any]] = {
    "no line at all": lambda head, lines, _: (head, ()),
    "a head of another key": lambda head, lines, _: (seal.sign_message(WRONG_KEY, head), lines),
    "a head of a still later epoch": lambda head, lines, key: (
        seal.sign_message(key, replace(head, epoch=head.epoch + 1)), lines,
    ),
    "an opening of another key": lambda head, lines, _: (head, (with_opening(lines[0], WRONG_KEY),)),
    "another reason": lambda head, lines, key: (head, (with_opening(lines[0], key, reason="ничего не было"),)),
    "another root of the backup": lambda head, lines, key: (
        head, (with_opening(lines[0], key, backup_root="00" * 32),),
    ),
    "another size of the backup": lambda head, lines, key: (
        head, (with_opening(lines[0], key, backup_size=int(str(lines[0].opening.change.set["backup_size"])) - 1),),
    ),
    "no path": lambda head, lines, _: (head, (replace(lines[0], path=()),)),
    "a path that is none": lambda head, lines, _: (head, (replace(lines[0], path=("не хеш",)),)),
    "the same opening twice": lambda head, lines, _: (head, (*lines, *lines)),
    "an opening that was refused": lambda head, lines, _: (
        head,
        (replace(lines[0], opening=replace(lines[0].opening, verdict=replace(lines[0].opening.verdict,
                                                                            outcome="refused"))),),
    ),
    "an opening of another kind": lambda head, lines, _: (
        head,
        (replace(lines[0], opening=replace(lines[0].opening, change=replace(lines[0].opening.change,
                                                                           kind="Person"))),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_epoch_is_refused_and_changes_nothing(story: Story, forgery: str) -> None:
    source = seen_beyond(story)
    story.mark(story.teacher, "u-06", "5")
    story.restore(source)
    key = story.house.office.authority.keys.signing
    before = everything(story.teacher)
    story.teacher.server = Forger(story.teacher, lambda head, lines: FORGERIES[forgery](head, lines, key))
    with pytest.raises(Trouble) as caught:
        story.teacher.meet()
    assert caught.value.code in ("EJ-253", "EJ-324")
    assert everything(story.teacher) == before
    story.teacher.server = Loopback(story.house.office, story.teacher.desk)
    story.meet(story.teacher, story.colleague, story.deputy)  # the honest account is believed
    assert story.violations() == []


def test_a_backup_that_was_rewritten_before_the_restore_is_refused(story: Story) -> None:
    """The server's own key signs it all; but this desk has kept a head from before, and its tree is another one."""
    story.mark(story.teacher, "u-01", "5")
    story.meet(story.teacher)
    early = story.back_up()  # the desk keeps a head of this size …
    story.mark(story.teacher, "u-02", "4")
    story.meet(story.teacher)
    story.restore(early, opening=None)
    story.mark(story.colleague, "u-01", "2")  # … but another history is written on from an earlier one
    rewritten = story.colleague
    rewritten.journal.note(cursor=0, peaks="", scope="", head=None)
    with rewritten.journal.receiving() as connection:
        connection.exec_driver_sql("DELETE FROM held_slice")
    rewritten.meet()
    story.restore(story.back_up())
    before = everything(story.teacher)
    with pytest.raises(FalseEpoch):
        story.teacher.meet()
    assert everything(story.teacher) == before


def test_a_message_of_the_new_epoch_counts_only_after_it_was_followed(story: Story) -> None:
    source = seen_beyond(story)
    story.restore(source)

    class Hasty(Loopback):
        def hello(self) -> wire.Hello:
            hello = super().hello()
            return replace(hello, head=story.teacher.journal.head)

    story.teacher.server = Hasty(story.house.office, story.teacher.desk)
    before = everything(story.teacher)
    with pytest.raises(Trouble) as caught:
        story.teacher.meet()
    assert caught.value.code == "EJ-324"
    assert everything(story.teacher) == before


# --- with a real server process --------------------------------------------------------------------------------------


def test_a_restored_server_process_gets_back_what_its_desks_hold(town: Town) -> None:
    """Three desks, one of them away since before the backup; the first comes back with a connection still open."""
    safe = backups.new_recovery_key(town.office)
    teacher, colleague, deputy = (
        town.watch(place, person)
        for place, person in (
            ("staffroom", town.school.teacher), ("library", town.school.colleague), ("office", town.school.deputy),
        )
    )  # fmt: skip
    put_mark(teacher.journal, town.school.today_lesson, None, "u-01", "5")
    for seat in (teacher, colleague, deputy):
        town.meet(seat.desk, seat.place)
    backups.back_up(town.office, [town.root / "usb"])
    put_mark(teacher.journal, town.school.today_lesson, None, "u-02", "4")
    town.meet(teacher.desk, teacher.place)
    put_mark(colleague.journal, town.school.today_lesson, None, "u-03", "3")
    town.meet(colleague.desk, colleague.place)
    town.server.stop(kill=True)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "2")
    data, moment, port = town.root / "server-again", town.server.moment + timedelta(minutes=5), town.server.port
    backups.restore_school(town.root / "usb", safe.secret, data, None, OPENING)
    town.server = Server(data, moment)
    town.server.port = port
    town.server.start()
    for seat in (deputy, colleague, teacher, deputy, colleague):
        town.meet(seat.desk, seat.place)
    office = folder.open_office(data)
    try:
        sees = who_sees_what(town.school)
        assert violations(office, [teacher, colleague, deputy], sees) == []
        assert {id_ for seat in (teacher, colleague, deputy) for id_ in seat.made} <= set(Log(office).by_id)
        assert verifying.verify_store(office.authority).size == Log(office).head.size
    finally:
        office.close()
    assert queries.restorations(deputy.journal)[0].reason == OPENING.reason


def test_a_desk_that_was_already_greeted_follows_at_its_next_meeting(story: Story) -> None:
    """No hello is said for some minutes; the page, or the counter that is expected, betrays the restored server."""
    source = seen_beyond(story)
    story.restore(source)

    class Greeted(Loopback):
        is_greeted = True

    for seat in (story.teacher, story.colleague):
        story.mark(seat, "u-07", "4")
        seat.server = Greeted(story.house.office, seat.desk)
        seat.meet()
    story.meet(story.deputy, story.teacher, story.colleague)
    assert story.violations() == []

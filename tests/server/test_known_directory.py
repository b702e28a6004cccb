"""What a server remembers of the directory between two batches is never older, nor other, than what the store holds."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from sqlalchemy import event

from ejournal_core import ids
from ejournal_server import folder, intake, own_lines
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from tests.server import world
from tests.server.world import PUPILS, Hand

LOAD = f"load-{world.PAGE}-{world.TEACHER}"
MARKLESS = Wish("PolicySetting", "P14", {"value": "[1, 7]"})
ENDED = Wish("TeachingLoad", LOAD, {"until": "2026-09-30"}, {"until": None}, "change")
NEW_PERSON = Wish("Person", "person-new", {"last_name": "Новикова", "first_name": "Ева", "patronymic": ""})


def at_work(office: Office) -> Hand:
    hand = world.new_hand(office, world.TEACHER)
    intake.accept(office.authority, hand.batch(hand.lesson(), hand.column()))
    assert put(office, hand, 0) == "taken"
    return hand


def put(office: Office, hand: Hand, pupil: int) -> str:
    """Put a mark and return how it ended."""
    return intake.accept(office.authority, hand.batch(hand.mark(PUPILS[pupil], "5"))).verdicts[0].outcome


def write(office: Office, *wishes: Wish) -> None:
    with office.authority.store.write() as tx:
        own_lines.write_own(office.authority, tx, wishes)


def write_and_fail(office: Office, *wishes: Wish) -> None:
    """Write records one after the other, and lose them all."""
    with office.authority.store.write() as tx:
        for wish in wishes:
            own_lines.write_own(office.authority, tx, [wish])
        raise ZeroDivisionError


def test_a_second_batch_does_not_ask_again_for_a_directory_that_stands(office: Office) -> None:
    hand = at_work(office)
    asked: list[str] = []

    def note(_: object, __: object, sql: str, values: Any, *rest: object) -> None:
        if "FROM record" in sql:
            asked.append(str(values))

    event.listen(office.authority.store.engine, "before_cursor_execute", note)
    assert put(office, hand, 1) == "taken"
    known = {"TeachingLoad", "JournalPage", "ClassGroup", "PolicySetting", "Subject", "SchoolYear", "WorkKind"}
    assert any("'Mark'" in each for each in asked)
    assert not any(f"'{kind}'" in each for each in asked for kind in known)


def test_a_right_that_ends_ends_with_the_next_batch(office: Office) -> None:
    hand = at_work(office)
    write(office, ENDED)
    assert put(office, hand, 1) != "taken"


def test_what_another_server_has_changed_counts_here_at_once(office: Office, database: str | None) -> None:
    hand = at_work(office)
    with contextlib.closing(folder.open_office(office.folder, database, office.authority.clock)) as other:
        assert put(other, hand, 1) == "taken"
        write(office, MARKLESS)
        assert put(other, hand, 2) == "refused"
    assert put(office, hand, 3) == "refused"


LESSON = Wish("Lesson", ids.lesson(world.PAGE, world.TODAY.date(), 5),
              {"journal_page_id": world.PAGE, "held_on": "2026-11-20", "lesson_number": 5})  # fmt: skip


@pytest.mark.parametrize("wishes", [(ENDED,), (MARKLESS, LESSON)])
def test_what_was_written_and_not_kept_is_not_remembered(
    office: Office, database: str | None, wishes: tuple[Wish, ...]
) -> None:
    hand = at_work(office)
    with contextlib.closing(folder.open_office(office.folder, database, office.authority.clock)) as other:
        assert put(other, hand, 1) == "taken"
        with pytest.raises(ZeroDivisionError):
            write_and_fail(other, *wishes)
        assert put(other, hand, 2) == "taken"
        with pytest.raises(ZeroDivisionError):
            write_and_fail(other, *wishes)
        write(office, NEW_PERSON)  # the directory stands at the same number now as it did then
        assert put(other, hand, 3) == "taken"


def test_a_batch_that_changes_the_directory_is_judged_by_what_it_changes(office: Office) -> None:
    administrator = world.new_hand(office, world.ADMINISTRATOR)
    teacher = at_work(office)
    born = administrator.change("PolicySetting", "P14", {}, {"value": "[1, 7]"}, "create")
    assert intake.accept(office.authority, administrator.batch(born)).verdicts[0].outcome == "taken"
    assert put(office, teacher, 1) == "refused"
    mended = administrator.change("PolicySetting", "P14", {"value": "[1, 7]"}, {"value": "[1]"})
    assert intake.accept(office.authority, administrator.batch(mended)).verdicts[0].outcome == "taken"
    assert put(office, teacher, 2) == "taken"

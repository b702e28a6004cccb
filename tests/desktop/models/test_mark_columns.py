"""Columns of a lesson: named, weighed, turned into another work, removed with their marks, and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.mark_columns import (
    change_work_kind,
    describe_column,
    read_weight,
    remove_column,
)
from ejournal_desktop.models.commands.marks import add_mark_column, put_mark
from ejournal_desktop.models.commands.pupil_remarks import take_back_remark, write_remark
from ejournal_desktop.models.commands.steps_back import take_back_step
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridColumn
from ejournal_desktop.models.queries.pupil_remarks import pupil_remarks
from tests.helpers.school import SmallSchool, desk_of, small_school


@pytest.fixture
def school() -> SmallSchool:
    return small_school(8)


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path)
    yield journal
    journal.close()


def columns(journal: Journal, school: SmallSchool) -> list[GridColumn]:
    """Return the columns of today's lesson."""
    spread = queries.journal_spread(journal, school.page)
    return [column for column in spread.columns if column.lesson_id == school.today_lesson]


def values(journal: Journal, school: SmallSchool) -> dict[tuple[str, str], str]:
    """Return (code of the work, pupil) → mark of today's lesson."""
    spread = queries.journal_spread(journal, school.page)
    here = {column.key: column.work_code for column in columns(journal, school)}
    return {(here[key], pupil): cell.value for (key, pupil), cell in spread.cells.items() if key in here and cell.value}


def filled(journal: Journal, school: SmallSchool) -> str:
    """Put two marks and a comment into the first column of today's lesson; return its id."""
    column = ids.mark_column(school.today_lesson, "oral", 1)
    put_mark(journal, school.today_lesson, None, school.pupils[0], "5", "у доски")
    put_mark(journal, school.today_lesson, column, school.pupils[1], "3")
    return column


def test_a_column_is_named_and_weighed(journal: Journal, school: SmallSchool) -> None:
    column = filled(journal, school)
    describe_column(journal, column, "  опрос по § 3 ", read_weight("1,5"))
    (shown,) = columns(journal, school)
    assert (shown.work_title, shown.weight) == ("опрос по § 3", Decimal("1.5"))
    describe_column(journal, column, "опрос", read_weight(" "))
    assert columns(journal, school)[0].weight == 1


@pytest.mark.parametrize("typed", ["0", "-1", "много", "101", "NaN", "1e3", "0,001", "inf"])
def test_a_weight_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_weight(typed)
    assert refused.value.code == "EJ-532"


def test_a_removed_column_takes_its_marks_along_and_frees_the_lesson(journal: Journal, school: SmallSchool) -> None:
    column = filled(journal, school)
    removed = remove_column(journal, column)
    assert values(journal, school) == {}
    set_presence(journal, school.today_lesson, school.pupils[0], "absent")  # a mark that is gone forbids nothing
    set_presence(journal, school.today_lesson, school.pupils[0], "present")
    put_mark(journal, school.today_lesson, None, school.pupils[2], "4")
    assert [each.mark_column_id for each in columns(journal, school)] == [
        ids.mark_column(school.today_lesson, "oral", 2)
    ], "what is struck out does not live again"
    history = queries.cell_history(journal, "Mark", ids.mark(column, school.pupils[0]))
    assert [row.new for row in history] == ["вычеркнуто", "5 · у доски"]
    take_back_step(journal, removed)
    assert sorted(values(journal, school).values()) == ["3", "4", "5"]


def test_what_is_brought_back_is_removed_again_by_redo(journal: Journal, school: SmallSchool) -> None:
    removed = remove_column(journal, filled(journal, school))
    back = take_back_step(journal, removed)
    spread = queries.journal_spread(journal, school.page)
    assert [cell.comment for cell in spread.cells.values() if cell.comment] == ["у доски"]
    take_back_step(journal, back)
    assert values(journal, school) == {}
    assert [each.mark_column_id for each in columns(journal, school)] == [None], "no empty column stays behind"


def test_another_kind_of_work_takes_the_marks_over_and_undo_gives_them_back(
    journal: Journal, school: SmallSchool
) -> None:
    changed = change_work_kind(journal, filled(journal, school), "control")
    first, second = school.pupils[:2]
    assert values(journal, school) == {("КР", first): "5", ("КР", second): "3"}
    back = take_back_step(journal, changed)
    assert values(journal, school) == {("У", first): "5", ("У", second): "3"}
    take_back_step(journal, back)
    assert values(journal, school) == {("КР", first): "5", ("КР", second): "3"}


def test_undo_of_a_new_column_removes_it_unless_a_mark_stands_in_it(journal: Journal, school: SmallSchool) -> None:
    added = add_mark_column(journal, school.today_lesson, "control", "самостоятельная")
    take_back_step(journal, added)
    assert [each.mark_column_id for each in columns(journal, school)] == [None]
    added = add_mark_column(journal, school.today_lesson, "control")
    put_mark(journal, school.today_lesson, added.changes[-1].record, school.pupils[0], "4")
    with pytest.raises(Refusal) as refused:
        take_back_step(journal, added)
    assert refused.value.code == "EJ-290"
    assert len(values(journal, school)) == 1


def test_five_works_are_enough_for_a_lesson_and_a_removed_one_makes_room(journal: Journal, school: SmallSchool) -> None:
    made = [add_mark_column(journal, school.today_lesson, "oral").changes[-1].record for _ in range(5)]
    with pytest.raises(Refusal) as refused:
        add_mark_column(journal, school.today_lesson, "control")
    assert refused.value.code == "EJ-227"
    remove_column(journal, made[1])
    add_mark_column(journal, school.today_lesson, "control")
    assert len(columns(journal, school)) == 5


def test_a_remark_is_taken_back_and_written_anew_by_undo(journal: Journal, school: SmallSchool) -> None:
    pupil = school.pupils[0]
    written = write_remark(journal, school.today_lesson, pupil, "remark", " разговаривал ")
    (row,) = pupil_remarks(journal, school.page, pupil)
    assert (row.kind, row.text, row.mine, row.delivery) == ("remark", "разговаривал", True, "waiting")
    gone = take_back_remark(journal, row.id)
    assert pupil_remarks(journal, school.page, pupil) == ()
    again = take_back_step(journal, gone)
    assert [each.text for each in pupil_remarks(journal, school.page, pupil)] == ["разговаривал"]
    take_back_step(journal, again)
    assert pupil_remarks(journal, school.page, pupil) == ()
    assert written.changes[-1].hidden == ("text",), "the words may have to be destroyed by law"


def test_a_remark_without_words_is_refused(journal: Journal, school: SmallSchool) -> None:
    with pytest.raises(Refusal) as refused:
        write_remark(journal, school.today_lesson, school.pupils[0], "praise", "   ")
    assert refused.value.code == "EJ-279"

"""Marks brought from a hospital or another school: which paper they came with, and where that is told (S1-2.3.5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Mark, PeriodMark, PolicySetting
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.lessons import hold_lesson
from ejournal_desktop.models.commands.mark_columns import change_work_kind
from ejournal_desktop.models.commands.marks import name_document, put_mark, put_period_mark
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridCell
from ejournal_desktop.models.queries.family_sheet import family_sheet, sheet_text
from tests.helpers.school import Clock, SmallSchool, desk_of, small_school

SCHOOL = small_school(3)
LESSON = SCHOOL.today_lesson
COLUMN = ids.mark_column(LESSON, "oral", 1)
MARK = ids.mark(COLUMN, "u-01")
QUARTER = ids.period_mark(SCHOOL.page, "u-02", "quarter", 1)
SHEET = "табель № 15 от 10.09.2026, школа № 7 г. Томска"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give the desk of the teacher with a mark and a period mark, each brought with its paper."""
    journal = desk_of(SCHOOL, SCHOOL.teacher, tmp_path)
    put_mark(journal, LESSON, None, "u-01", "5", holds=True)
    put_period_mark(journal, SCHOOL.page, "u-02", "quarter", 1, "4")
    name_document(journal, Mark, MARK, f" {SHEET} ")
    name_document(journal, PeriodMark, QUARTER, "справка № 3")
    yield journal
    journal.close()


def cell(journal: Journal, key: str = COLUMN, pupil: str = "u-01") -> GridCell:
    return queries.journal_spread(journal, SCHOOL.page).cells.get((key, pupil), GridCell())


def test_the_paper_stands_with_the_mark_and_in_its_history(journal: Journal) -> None:
    assert (cell(journal).value, cell(journal).document) == ("5", SHEET)
    assert cell(journal, "quarter.1", "u-02").document == "справка № 3"
    newest, born = queries.cell_history(journal, "Mark", MARK)
    assert (newest.new, born.new) == (f"5 · {SHEET}", "5")
    put_mark(journal, LESSON, COLUMN, "u-01", "5", "за контрольную")
    assert cell(journal).told == f"за контрольную · по документу: {SHEET}"


def test_the_paper_goes_with_its_mark(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, "u-01", None)
    put_period_mark(journal, SCHOOL.page, "u-02", "quarter", 1, None)
    for gone in (cell(journal), cell(journal, "quarter.1", "u-02")):
        assert (gone.value, gone.document) == ("", "")
    put_mark(journal, LESSON, COLUMN, "u-01", "4")
    assert cell(journal).document == ""


def test_another_mark_of_the_same_paper_keeps_it_and_an_empty_line_takes_it_away(journal: Journal) -> None:
    put_period_mark(journal, SCHOOL.page, "u-02", "quarter", 1, "5")
    assert cell(journal, "quarter.1", "u-02").document == "справка № 3"
    name_document(journal, PeriodMark, QUARTER, "")
    assert cell(journal, "quarter.1", "u-02").document == ""


def test_where_no_mark_stands_no_paper_is_named(journal: Journal) -> None:
    for kind, record in ((Mark, ids.mark(COLUMN, "u-03")), (PeriodMark, QUARTER.replace("quarter", "year"))):
        with pytest.raises(Refusal) as refused:
            name_document(journal, kind, record, SHEET)
        assert refused.value.code == "EJ-278"
    put_mark(journal, LESSON, COLUMN, "u-01", None)
    with pytest.raises(Refusal):
        name_document(journal, Mark, MARK, SHEET)


def test_a_column_of_another_kind_takes_the_paper_along(journal: Journal) -> None:
    change_work_kind(journal, COLUMN, "control")
    with journal.reading() as connection:
        assert [(m.value, m.document) for m in select_records(connection, Mark)] == [("5", SHEET)]


def test_after_the_window_has_closed_the_paper_stays_as_it_is(tmp_path: Path) -> None:
    window = PolicySetting(id="P06", value='{"days":3}', basis="Положение")
    journal = desk_of(SmallSchool((*SCHOOL.records, window), SCHOOL.pupils, "c-7b", "g-2", SCHOOL.page, SCHOOL.english),
                      SCHOOL.teacher, tmp_path)  # fmt: skip
    put_mark(journal, LESSON, None, "u-01", "5")
    assert isinstance(journal.clock, Clock)
    journal.clock.now += timedelta(days=10)
    with pytest.raises(Refusal) as refused:
        name_document(journal, Mark, MARK, SHEET)
    assert refused.value.code == "EJ-229"
    journal.close()


def test_the_family_is_told_by_which_paper_and_so_is_the_bound_copy(journal: Journal) -> None:
    hold_lesson(journal, LESSON)
    first, second = (family_sheet(journal, "c-7b", pupil) for pupil in ("u-01", "u-02"))
    assert first is not None
    assert second is not None
    assert f"Алгебра, по документам: 15.09 У 5 — {SHEET}" in sheet_text(first, journal.policy())
    assert "Алгебра, по документам: за период 4 — справка № 3" in sheet_text(second, journal.policy())
    third = family_sheet(journal, "c-7b", "u-03", days=(date(2026, 9, 1), date(2026, 9, 30)))
    assert third is not None
    assert "документ" not in sheet_text(third, journal.policy())
    (lesson,) = queries.year_book(journal, "c-7b").pages[0].lessons
    assert lesson.note == f"Абрамова Анна, отметка 5: {SHEET}; Воробьёв Никита, I ч 4: справка № 3"

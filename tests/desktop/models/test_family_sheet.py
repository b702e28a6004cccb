"""What a family is told of a period or of any days, and nothing of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from ejournal_core import ids
from ejournal_core.kinds import PupilRemark, Record, RegisteredAbsence
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import class_results
from ejournal_desktop.models.queries.family_sheet import FamilySheet, SheetSubject, family_sheet, sheet_text
from tests.desktop.models.test_class_results import ALGEBRA, ENGLISH, FRIDAY, MONDAY, TUESDAY, away, period_mark, work
from tests.helpers.full_class import full_class
from tests.helpers.school import MOSCOW, SmallSchool, desk_of, small_school

UNKNOWN = "неуважительная причина или причина не указана"  # what the school calls «Н»
WEDNESDAY = date(2026, 9, 9)
LESSONS = (
    *work(ALGEBRA, MONDAY, 2, "oral", {"u-02": "5", "u-01": "2"}),
    *work(ALGEBRA, TUESDAY, 3, "control", {"u-02": "2"}),
    *work(ALGEBRA, FRIDAY, 1, "oral", {"u-02": "."}),
    *work(ENGLISH, WEDNESDAY, 4, "oral", {"u-02": "4"}),
)


@contextmanager
def class_teacher(folder: Path, *extra: Record, school: SmallSchool | None = None, who: str = "") -> Iterator[Journal]:
    school = school or small_school(4, (*LESSONS, *extra))
    journal = desk_of(school, who or school.class_teacher, folder, now=datetime(2026, 9, 15, 12, tzinfo=MOSCOW))
    yield journal
    journal.close()


def subject(sheet: FamilySheet | None, title: str = "Алгебра") -> SheetSubject:
    assert sheet is not None
    return next(each for each in sheet.subjects if each.title == title)


def test_a_period_tells_lessons_marks_both_averages_and_absences(tmp_path: Path) -> None:
    later = work(ALGEBRA, date(2026, 9, 18), 1, "oral", {})
    register = RegisteredAbsence(id="r-1", class_group_id="c-7b", pupil_id="u-02", reason="Б", since=TUESDAY,
                                 until=TUESDAY)  # fmt: skip
    with class_teacher(
        tmp_path, *later, register, away(ALGEBRA, TUESDAY, 3, "u-02"), away(ALGEBRA, FRIDAY, 1, "u-02"),
        away(ENGLISH, WEDNESDAY, 4, "u-02", "late", late_minutes=5), period_mark(ALGEBRA, "u-02", "3"),
    ) as journal:  # fmt: skip
        sheet = family_sheet(journal, "c-7b", "u-02")
        algebra, english = subject(sheet), subject(sheet, "Английский язык")
        text = sheet_text(sheet, journal.policy()) if sheet else ""
    assert [(each.work, each.value) for each in algebra.marks] == [("У", "5"), ("КР", "2"), ("У", ".")]
    assert (algebra.average, algebra.weighted_average, algebra.value) == (Decimal("3.5"), Decimal(3), "3")
    assert algebra.lessons == 3, "the lesson of next Friday has not been"
    assert (algebra.missed, {(each.code, each.title, each.number) for each in algebra.reasons}) == (
        2, {("Б", "болезнь", 1), ("Н", UNKNOWN, 1)})  # fmt: skip
    assert (english.missed, english.late) == (0, 1)
    assert sheet is not None
    assert (sheet.title, sheet.lessons, sheet.missed, sheet.late) == ("I четверть", 4, 2, 1)
    assert text.split("\n")[0] == "Воробьёв Никита, 7 «Б»"
    expected = ("Алгебра: уроков 3; отметки У 5, КР 2, У не сдано; средний 3,50; с весом 3,00; "
                f"пропущено 2 (болезнь 1, {UNKNOWN} 1); за период 3")  # fmt: skip
    assert expected in text
    assert f"Всего уроков 4, пропущено 2 (болезнь 1, {UNKNOWN} 1), опозданий 1." in text
    assert text.endswith("Классный руководитель Сидорова А. Л.")


def test_any_days_can_be_asked_for_and_both_ends_count(tmp_path: Path) -> None:
    with class_teacher(tmp_path, period_mark(ALGEBRA, "u-02", "3")) as journal:
        sheet = family_sheet(journal, "c-7b", "u-02", (TUESDAY, FRIDAY))
        outside = family_sheet(journal, "c-7b", "u-02", (date(2025, 1, 1), date(2030, 1, 1)))
    assert [each.value for each in subject(sheet).marks] == ["2", "."]
    assert (subject(sheet).lessons, subject(sheet).value) == (2, ""), "a stretch of days has no mark of its own"
    assert sheet is not None
    assert sheet.title == "08.09.2026 – 11.09.2026"
    assert outside is not None
    assert (outside.first, outside.last) == (date(2026, 9, 1), date(2027, 5, 31)), "cut to the school year"


def test_remarks_stand_with_their_authors_and_those_of_others_do_not(tmp_path: Path) -> None:
    lesson = ids.lesson(ALGEBRA, MONDAY, 2)
    told = {"u-02": "Помог товарищу", "u-03": "Опоздал с тетрадью"}
    remarks = [PupilRemark(id=f"{lesson}.r{pupil}", lesson_id=lesson, pupil_id=pupil, remark_kind="praise", text=text)
               for pupil, text in told.items()]  # fmt: skip
    with class_teacher(tmp_path, *remarks) as journal:
        sheet = family_sheet(journal, "c-7b", "u-02")
        text = sheet_text(sheet, journal.policy()) if sheet else ""
        later = family_sheet(journal, "c-7b", "u-02", (TUESDAY, FRIDAY))
    assert sheet is not None
    assert [(each.kind, each.text, each.subject) for each in sheet.remarks] == [
        ("похвала", "Помог товарищу", "Алгебра")
    ]  # fmt: skip
    assert "07.09 Алгебра, похвала: Помог товарищу" in text
    assert "тетрадью" not in text
    assert later is not None
    assert later.remarks == ()


def test_the_sheet_agrees_with_the_table_of_the_class(tmp_path: Path) -> None:
    school = full_class(date(2026, 9, 15), 5)
    with class_teacher(tmp_path, school=school) as journal:
        for line in class_results(journal, "c-7b").rows:
            sheet = family_sheet(journal, "c-7b", line.pupil.pupil_id)
            assert sheet is not None
            assert (sheet.missed, sheet.late, len(sheet.subjects)) == (line.missed, line.late, 18)
            for told, (_, cell) in zip(sheet.subjects, line.cells.items(), strict=True):
                assert (told.average, told.weighted_average, told.missed, tuple(m.value for m in told.marks)) == (
                    cell.average, cell.weighted_average, cell.missed, cell.marks)  # fmt: skip


def test_nobody_is_told_of_a_pupil_of_another_class(tmp_path: Path) -> None:
    with class_teacher(tmp_path) as journal:
        assert family_sheet(journal, "c-7b", "u-99") is None


def test_a_teacher_sees_the_sheet_of_own_pages_only(tmp_path: Path) -> None:
    with class_teacher(tmp_path, who="p-teacher") as journal:
        sheet = family_sheet(journal, "c-7b", "u-02")
    assert sheet is not None
    assert [each.title for each in sheet.subjects] == ["Алгебра"]

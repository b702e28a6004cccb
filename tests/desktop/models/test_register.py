"""The class teacher's register on a real desk: what it takes, what it refuses, what it gives up, what it explains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_core.kinds import AbsenceDocument, Attendance, Lesson, PolicySetting, RegisteredAbsence
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import register, subgroups, way_back
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_attendance import class_attendance, study_day
from ejournal_desktop.models.queries.my_class import classes_seen
from tests.helpers.school import desk_of, small_school

TUESDAY = date(2026, 9, 15)
CLASS, PUPIL, PAGE, ENGLISH = "c-7b", "u-07", "s-algebra.c-7b", "s-english.g-2"
ALGEBRA = ids.lesson(PAGE, TUESDAY, 3)
SECOND = ids.lesson(PAGE, TUESDAY, 4)


def given(lesson_id: str, *away: tuple[str, str, str], minutes: int | None = None) -> list[Lesson | Attendance]:
    """Return a lesson that was held and who was away or late at it, as (pupil, presence, reason)."""
    page, day, number = ids.lesson_parts(lesson_id)
    rows: list[Lesson | Attendance] = [
        Lesson(id=lesson_id, journal_page_id=page, held_on=day, lesson_number=number, held=True)
    ]
    for pupil, presence, reason in away:
        rows.append(
            Attendance(id=ids.attendance(lesson_id, pupil), lesson_id=lesson_id, pupil_id=pupil, presence=presence,  # type: ignore[arg-type]
                       reason=reason, late_minutes=minutes if presence == "late" else None)
        )  # fmt: skip
    return rows


def desk(folder: Path, *extra: object, person: str = "p-class-teacher") -> Journal:
    """Return the desk of somebody in a school with more records."""
    return desk_of(small_school(extra=extra), person, folder)  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give the class teacher's desk on a day with two lessons of algebra."""
    opened = desk(tmp_path, *given(ALGEBRA, ("u-07", "absent", ""), ("u-08", "absent", "")), *given(SECOND))
    yield opened
    opened.close()


def draft(pupil: str = PUPIL, since: date = TUESDAY, until: date = TUESDAY, **more: object) -> AbsenceDraft:
    return AbsenceDraft(pupil_id=pupil, reason=str(more.pop("reason", "Б")), since=since, until=until, **more)  # type: ignore[arg-type]


def entries(journal: Journal) -> list[tuple[date, date, int | None, int | None]]:
    """Return what the register holds: days and lessons, in order."""
    with journal.reading() as connection:
        found = select_records(connection, RegisteredAbsence)
    found.sort(key=lambda entry: (entry.since, entry.first_lesson or 0))
    return [(entry.since, entry.until, entry.first_lesson, entry.last_lesson) for entry in found]


def only(journal: Journal) -> RegisteredAbsence:
    with journal.reading() as connection:
        (entry,) = select_records(connection, RegisteredAbsence)
    return entry


def papers(journal: Journal) -> list[tuple[str, str]]:
    with journal.reading() as connection:
        return [(paper.number, paper.told_by) for paper in select_records(connection, AbsenceDocument)]


def test_an_entry_stands_in_the_register_with_its_paper_and_who_told(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(until=TUESDAY + timedelta(days=3), number="№ 214", told_by="мама"))
    (row,) = class_attendance(journal, CLASS, TUESDAY, TUESDAY).entries
    assert (row.name, row.reason_title, row.number, row.told_by) == ("Котов Илья", "болезнь", "№ 214", "мама")
    assert (row.author, row.delivery) == ("Сидорова А. Л.", "waiting")


def test_without_paper_and_teller_no_paper_is_made(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft())
    assert papers(journal) == []


def test_the_same_lessons_are_not_entered_twice_and_others_are(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(first_lesson=1, last_lesson=2))
    with pytest.raises(Refusal) as refused:
        register.register_absence(journal, CLASS, draft())
    assert refused.value.code == "EJ-274"
    assert "15.09" in refused.value.sentence
    register.register_absence(journal, CLASS, draft(first_lesson=3))
    assert entries(journal) == [(TUESDAY, TUESDAY, 1, 2), (TUESDAY, TUESDAY, 3, None)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": TUESDAY - timedelta(days=1)},
        {"since": date(2026, 8, 31)},
        {"until": date(2027, 6, 1)},
        {"first_lesson": 4, "last_lesson": 3},
        {"first_lesson": 0},
        {"last_lesson": 21},
    ],
)
def test_days_and_lessons_that_cannot_be_are_refused(journal: Journal, wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal) as refused:
        register.register_absence(journal, CLASS, draft(**wrong))  # type: ignore[arg-type]
    assert refused.value.code == "EJ-273"
    assert entries(journal) == []


def test_a_code_that_the_school_does_not_have_is_refused(journal: Journal) -> None:
    with pytest.raises(Refusal) as refused:
        register.register_absence(journal, CLASS, draft(reason="Ж"))
    assert (refused.value.code, refused.value.clause) == ("EJ-225", "P17")


def test_a_code_of_the_school_s_own_is_taken(tmp_path: Path) -> None:
    own = '[{"code":"С","title":"соревнования","counts_as_missed":false,"excused":true}]'
    journal = desk(tmp_path, PolicySetting(id="P17", value=own), *given(ALGEBRA, (PUPIL, "absent", "")))
    register.register_absence(journal, CLASS, draft(reason="С"))
    cell = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell(PUPIL, TUESDAY)
    assert (cell.letter, cell.missed) == ("с", 0), "this school's code is no missed lesson"
    journal.close()


@pytest.mark.parametrize("person", ["p-teacher", "p-deputy"])
def test_nobody_but_the_class_teacher_writes_into_the_register(tmp_path: Path, person: str) -> None:
    journal = desk(tmp_path, person=person)
    with pytest.raises(Refusal) as refused:
        register.register_absence(journal, CLASS, draft())
    assert refused.value.code == "EJ-212"
    assert entries(journal) == []
    journal.close()


def test_an_entry_is_mended_with_its_paper_and_removed_with_it(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(told_by="мама"))
    register.change_absence(journal, only(journal).id, draft(until=TUESDAY + timedelta(days=2), number="№ 3"))
    assert entries(journal) == [(TUESDAY, TUESDAY + timedelta(days=2), None, None)]
    assert papers(journal) == [("№ 3", "")]
    removed = register.remove_absence(journal, only(journal).id)
    assert (entries(journal), papers(journal)) == ([], [])
    way_back.take_back(journal, removed)
    assert (len(entries(journal)), papers(journal)) == (1, [("№ 3", "")])


def test_what_was_entered_is_taken_back_whole(journal: Journal) -> None:
    done = register.register_absence(journal, CLASS, draft(told_by="мама"))
    way_back.take_back(journal, done)
    assert (entries(journal), papers(journal)) == ([], [])


# --- the teacher's word ---------------------------------------------------------------------------------------------


def test_the_register_gives_up_one_lesson_and_keeps_what_lies_around(journal: Journal) -> None:
    monday, thursday = TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=2)
    register.register_absence(journal, CLASS, draft(since=monday, until=thursday, number="№ 1"))
    register.release(journal, only(journal).id, TUESDAY, (3,))
    wednesday = TUESDAY + timedelta(days=1)
    assert entries(journal) == [
        (monday, monday, None, None), (TUESDAY, TUESDAY, None, 2), (TUESDAY, TUESDAY, 4, None),
        (wednesday, thursday, None, None),
    ]  # fmt: skip
    assert papers(journal) == [("№ 1", "")]
    cell = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell(PUPIL, TUESDAY)
    assert [each.known for each in cell.marked] == [""]


def test_the_register_gives_up_a_whole_day(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(until=TUESDAY + timedelta(days=1)))
    register.release(journal, only(journal).id, TUESDAY)
    assert entries(journal) == [(TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=1), None, None)]
    register.release(journal, only(journal).id, TUESDAY + timedelta(days=1))
    assert entries(journal) == []


def test_the_paper_goes_with_the_last_part_of_what_it_explains(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(until=TUESDAY + timedelta(days=2), number="№ 1"))
    register.release(journal, only(journal).id, TUESDAY + timedelta(days=1))
    with journal.reading() as connection:
        one, other = select_records(connection, RegisteredAbsence)
    register.remove_absence(journal, one.id)
    assert papers(journal) == [("№ 1", "")]
    register.remove_absence(journal, other.id)
    assert papers(journal) == []


def test_giving_up_what_the_register_does_not_say_is_refused(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft())
    entry = only(journal)
    with pytest.raises(Refusal) as refused:
        register.release(journal, entry.id, TUESDAY + timedelta(days=1))
    assert refused.value.code == "EJ-274"
    register.remove_absence(journal, entry.id)
    with pytest.raises(Refusal):
        register.remove_absence(journal, entry.id)


# --- what others see ------------------------------------------------------------------------------------------------


def test_the_lesson_offers_whom_the_register_names_at_that_lesson_only(tmp_path: Path) -> None:
    away = [
        RegisteredAbsence(id="a", class_group_id=CLASS, pupil_id="u-07", reason="Б", since=TUESDAY, until=TUESDAY),
        RegisteredAbsence(id="b", class_group_id=CLASS, pupil_id="u-08", reason="У", since=TUESDAY, until=TUESDAY,
                          first_lesson=4),
    ]  # fmt: skip
    journal = desk(tmp_path, *away, person="p-teacher")
    known = {row.pupil_id: row.known_reason for row in queries.lesson_sheet(journal, ALGEBRA).roll if row.known_reason}
    assert known == {"u-07": "болезнь, до 15.09"}
    fourth = {row.pupil_id: row.known_reason for row in queries.lesson_sheet(journal, SECOND).roll if row.known_reason}
    assert fourth["u-08"] == "уважительная причина, уроки с 4, до 15.09"
    (lesson,) = (each for each in queries.today(journal, TUESDAY).lessons if each.lesson_id == ALGEBRA)
    assert lesson.known_absent == ("Котов (Б)",)
    journal.close()


# --- how a day adds up ----------------------------------------------------------------------------------------------


def test_a_day_counts_as_missed_by_the_rule_of_the_school(tmp_path: Path) -> None:
    lessons = [ids.lesson(PAGE, TUESDAY, number) for number in range(1, 6)]
    away = [row for n, each in enumerate(lessons) for row in given(each, *([("u-01", "absent", "Б")] if n < 3 else []))]
    for rule, expected in (("all_lessons", False), ("three_lessons", True), ("more_than_half", True)):
        setting = PolicySetting(id="P50", value=f'"{rule}"')
        journal = desk(tmp_path / rule, *away, setting)
        cell = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell("u-01", TUESDAY)
        assert (len(cell.lessons), cell.missed, cell.is_missed) == (5, 3, expected), rule
        journal.close()


def test_a_late_arrival_is_missed_from_half_the_lesson_on_and_told_apart(tmp_path: Path) -> None:
    for minutes, missed in ((10, 0), (21, 1)):
        journal = desk(tmp_path / str(minutes), *given(ALGEBRA, ("u-01", "late", ""), minutes=minutes))
        cell = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell("u-01", TUESDAY)
        assert (cell.letter, cell.missed, len(cell.late)) == ("оп", missed, 1)
        journal.close()


def test_lessons_of_a_group_count_for_its_pupils_only(tmp_path: Path) -> None:
    wednesday = date(2026, 9, 16)
    journal = desk(tmp_path, *given(ids.lesson(ENGLISH, wednesday, 4), ("u-02", "absent", "Б")))
    whole = class_attendance(journal, CLASS, wednesday, wednesday)
    assert len(whole.cell("u-02", wednesday).lessons) == 1
    assert whole.cell("u-02", wednesday).is_missed
    assert whole.cell("u-01", wednesday).lessons == ()
    journal.close()


def test_explaining_sets_the_reason_of_all_lessons_at_once_and_not_their_presence(journal: Journal) -> None:
    cell = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell("u-08", TUESDAY)
    away = tuple((each.record_id, each.lesson.lesson_id) for each in cell.unexplained)
    done = register.explain_absences(journal, away, "У")
    assert [set(change.set) for change in done.changes] == [{"reason", "document_id"}], "one fact; presence is another"
    after = class_attendance(journal, CLASS, TUESDAY, TUESDAY).cell("u-08", TUESDAY)
    assert (after.letter, after.unexplained) == ("у", ())


# --- which classes and days -----------------------------------------------------------------------------------------


def test_the_class_teacher_has_her_class_and_a_subject_teacher_none(tmp_path: Path) -> None:
    for person, expected in (("p-class-teacher", [("c-7b", True)]), ("p-deputy", [("c-7b", False)]), ("p-teacher", [])):
        journal = desk(tmp_path / person, person=person)
        assert [(each.id, each.mine) for each in classes_seen(journal)] == expected
        journal.close()


def test_the_next_and_previous_study_day_pass_over_weekend_and_vacation(journal: Journal) -> None:
    assert study_day(journal, CLASS, date(2026, 9, 18), 1) == date(2026, 9, 21)
    assert study_day(journal, CLASS, date(2026, 11, 9), -1) == date(2026, 10, 30)
    assert study_day(journal, CLASS, date(2026, 11, 3)) == date(2026, 10, 30)
    assert study_day(journal, CLASS, date(2026, 9, 1), -1) == date(2026, 9, 1)


def test_the_deputy_sees_the_register_and_why_she_cannot_write(tmp_path: Path) -> None:
    journal = desk(tmp_path, person="p-deputy")
    assert "Сидорова А. Л." in class_attendance(journal, CLASS, TUESDAY, TUESDAY).read_only
    journal.close()


def test_the_state_of_delivery_says_whose_entry_waits_and_what_it_is(journal: Journal) -> None:
    register.register_absence(journal, CLASS, draft(until=TUESDAY + timedelta(days=3), told_by="мама"))
    register.remove_absence(journal, only(journal).id)
    subgroups.leave_subgroup(journal, "u-02", "g-2", TUESDAY)
    told = {(row.where, row.what) for row in queries.sync_state(journal).rows}
    assert told == {
        ("7 «Б» · Котов Илья", "реестр отсутствующих: Б, с 15.09, по 18.09"),
        ("7 «Б» · Котов Илья", "документ о пропуске: Б, с 15.09, по 18.09"),
        ("7 «Б» · Котов Илья", "реестр отсутствующих: убрано"), ("7 «Б» · Котов Илья", "документ о пропуске: убрано"),
        ("7 «Б» · 2 группа · Воробьёв Никита", "состав подгруппы: по 14.09"),
    }  # fmt: skip

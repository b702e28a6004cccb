"""The rules, one sentence each: what is entered, what is refused at the cell, and with which code."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from ejournal_core import ids
from ejournal_core.cases import Judgement
from ejournal_core.changes import Act, Change
from ejournal_core.checks import check
from ejournal_core.kinds import (
    KINDS,
    Attendance,
    ClassGroup,
    Enrolment,
    Fields,
    GradingPeriod,
    JournalPage,
    Lesson,
    Mark,
    MarkColumn,
    PeriodClosing,
    Person,
    Pupil,
    RoleGrant,
    SchoolYear,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    WorkKind,
)
from ejournal_core.policy import preset
from tests.helpers.plain_facts import MOSCOW, PlainFacts

SEPTEMBER = date(2026, 9, 1)
LESSON_DAY = date(2026, 11, 19)
NOON = datetime(2026, 11, 19, 12, 0, tzinfo=MOSCOW)

PAGE = ids.journal_page("algebra", "7b")
LESSON = ids.lesson(PAGE, LESSON_DAY, 3)
COLUMN = ids.mark_column(LESSON, "oral", 1)
WORK = ids.mark_column(LESSON, "control", 1)
FIRST = ids.lesson(ids.journal_page("algebra", "1a"), LESSON_DAY, 1)
GROUP_PAGE = ids.journal_page("english", "7b2")
GROUP_LESSON = ids.lesson(GROUP_PAGE, LESSON_DAY, 4)
QUARTER = GradingPeriod(
    id="q2", school_year_id="y", kind="quarter", number=2, starts_on=date(2026, 11, 9), ends_on=date(2026, 12, 29)
)


@pytest.fixture
def facts() -> PlainFacts:
    return PlainFacts(
        [
            SchoolYear(id="y", title="2026/27", starts_on=SEPTEMBER, ends_on=date(2027, 5, 31)),
            QUARTER,
            ClassGroup(id="7b", school_year_id="y", grade_level=7, letter="Б"),
            ClassGroup(id="1a", school_year_id="y", grade_level=1, letter="А"),
            Subject(id="algebra", title="Алгебра"),
            Subject(id="english", title="Английский язык"),
            Subject(id="russian", title="Русский язык"),
            Subgroup(id="7b2", class_group_id="7b", title="2 группа"),
            JournalPage(id=PAGE, subject_id="algebra", class_group_id="7b"),
            JournalPage(id=ids.journal_page("algebra", "1a"), subject_id="algebra", class_group_id="1a"),
            JournalPage(id=GROUP_PAGE, subject_id="english", class_group_id="7b", subgroup_id="7b2"),
            Person(id="ivanova", last_name="Иванова", first_name="Мария"),
            TeachingLoad(id="l1", journal_page_id=PAGE, person_id="ivanova", since=SEPTEMBER),
            TeachingLoad(
                id="l2", journal_page_id=ids.journal_page("algebra", "1a"), person_id="ivanova", since=SEPTEMBER
            ),
            TeachingLoad(id="l3", journal_page_id=GROUP_PAGE, person_id="ivanova", since=SEPTEMBER),
            RoleGrant(id="r1", person_id="petrova", role="class_teacher", class_group_id="7b", since=SEPTEMBER),
            RoleGrant(id="r2", person_id="zavuch", role="deputy_director", since=SEPTEMBER),
            RoleGrant(id="r3", person_id="admin", role="administrator", since=SEPTEMBER),
            Pupil(id="yolkin", last_name="Ёлкин", first_name="Пётр"),
            Pupil(id="kotov", last_name="Котов", first_name="Илья"),
            Enrolment(id="e1", pupil_id="yolkin", class_group_id="7b", since=SEPTEMBER),
            Enrolment(id="e2", pupil_id="kotov", class_group_id="7b", since=SEPTEMBER, until=date(2026, 11, 1)),
            Enrolment(id="e3", pupil_id="kotov", class_group_id="1a", since=SEPTEMBER),
            SubgroupMember(id="s", subgroup_id="7b2", pupil_id="kotov", since=SEPTEMBER),
            WorkKind(id="oral", code="У", title="устный ответ"),
            WorkKind(id="control", code="КР", title="контрольная работа", written=True),
            Lesson(id=LESSON, journal_page_id=PAGE, lesson_number=3, held_on=LESSON_DAY),
            Lesson(id=FIRST, journal_page_id=ids.journal_page("algebra", "1a"), lesson_number=1, held_on=LESSON_DAY),
            Lesson(id=GROUP_LESSON, journal_page_id=GROUP_PAGE, lesson_number=4, held_on=LESSON_DAY),
            MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral"),
            MarkColumn(id=WORK, lesson_id=LESSON, work_kind_id="control"),
            MarkColumn(id=ids.mark_column(FIRST, "oral", 1), lesson_id=FIRST, work_kind_id="oral"),
            MarkColumn(id=ids.mark_column(GROUP_LESSON, "oral", 1), lesson_id=GROUP_LESSON, work_kind_id="oral"),
        ],
        NOON,
    )


def edit(
    kind: str,
    record: str,
    set_: Fields,
    *,
    was: Fields | None = None,
    author: str = "ivanova",
    act: Act = "change",
    id: str = "c",
    **more: Any,
) -> Change:
    return Change(
        id=id,
        desk="d",
        n=1,
        author=author,
        kind=kind,
        record=record,
        was=was or {},
        set=set_,
        act=act,
        at="2026-11-19",
        **more,
    )


def put_mark(value: str | None, pupil: str = "yolkin", column: str = COLUMN, **more: str) -> Change:
    return edit("Mark", ids.mark(column, pupil), {"mark_column_id": column, "pupil_id": pupil, "value": value}, **more)  # type: ignore[arg-type]


def presence(value: str, pupil: str = "yolkin", author: str = "ivanova", **more: str) -> Change:
    fields: Fields = {"lesson_id": LESSON, "pupil_id": pupil, "presence": value, **more}
    return edit("Attendance", ids.attendance(LESSON, pupil), fields, author=author)


def code(judgement: Judgement) -> str:
    assert judgement.outcome == "taken" or judgement.sentence.endswith((".", "!")), judgement
    return judgement.code or judgement.outcome


def later(facts: PlainFacts, days: int, minutes: int = 0) -> None:
    facts.moment = NOON + timedelta(days=days, minutes=minutes)


@pytest.mark.parametrize("value", ["5", "4", "3", "2", "н/а", "зач", ".", None])
def test_marks_of_the_scale_are_taken(facts: PlainFacts, value: str | None) -> None:
    assert code(check(put_mark(value), facts)) == "taken"


@pytest.mark.parametrize("value", ["6", "0", "55", "5/4/3", "A", "5 ", ""])
def test_marks_off_the_scale_are_refused(facts: PlainFacts, value: str) -> None:
    assert check(put_mark(value), facts).outcome == "refused"


def test_another_teacher_s_page_is_only_looked_at(facts: PlainFacts) -> None:
    assert code(check(put_mark("5", author="petrova"), facts)) == "EJ-210"


def test_the_administrator_types_no_mark(facts: PlainFacts) -> None:
    assert code(check(put_mark("5", author="admin"), facts)) == "EJ-210"


def test_who_actually_gives_the_lesson_may_keep_it(facts: PlainFacts) -> None:
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, teacher_id="petrova"))
    assert code(check(put_mark("5", author="petrova"), facts)) == "taken"


def test_a_pupil_who_has_left_gets_no_mark(facts: PlainFacts) -> None:
    assert code(check(put_mark("5", pupil="kotov"), facts)) == "EJ-221"


def test_a_pupil_of_the_other_subgroup_gets_no_mark(facts: PlainFacts) -> None:
    column = ids.mark_column(GROUP_LESSON, "oral", 1)
    assert code(check(put_mark("5", column=column), facts)) == "EJ-221"


def test_a_pupil_of_another_class_may_be_in_the_subgroup(facts: PlainFacts) -> None:
    column = ids.mark_column(GROUP_LESSON, "oral", 1)
    assert code(check(put_mark("5", pupil="kotov", column=column), facts)) == "taken"


def test_the_first_grade_has_no_marks(facts: PlainFacts) -> None:
    column = ids.mark_column(FIRST, "oral", 1)
    assert code(check(put_mark("5", pupil="kotov", column=column), facts)) == "EJ-224"


def test_an_absent_pupil_gets_no_mark(facts: PlainFacts) -> None:
    facts.put(Attendance(id=ids.attendance(LESSON, "yolkin"), lesson_id=LESSON, pupil_id="yolkin", presence="absent"))
    assert code(check(put_mark("5"), facts)) == "EJ-223"
    assert code(check(put_mark(None), facts)) == "taken"


def test_a_late_pupil_gets_a_mark(facts: PlainFacts) -> None:
    facts.put(Attendance(id=ids.attendance(LESSON, "yolkin"), lesson_id=LESSON, pupil_id="yolkin", presence="late"))
    assert code(check(put_mark("5"), facts)) == "taken"


def test_a_mark_and_an_absence_that_meet_on_the_server_are_both_kept(facts: PlainFacts) -> None:
    facts.put(Attendance(id=ids.attendance(LESSON, "yolkin"), lesson_id=LESSON, pupil_id="yolkin", presence="absent"))
    assert code(check(put_mark("5"), facts, at_arrival=True)) == "taken"


def test_an_absence_is_not_put_over_a_mark(facts: PlainFacts) -> None:
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="5"))
    assert code(check(presence("absent"), facts)) == "EJ-223"
    assert code(check(presence("late"), facts)) == "taken"


def test_marks_are_not_entered_ahead_but_topics_are(facts: PlainFacts) -> None:
    later(facts, -1)
    assert code(check(put_mark("5"), facts)) == "EJ-222"
    assert code(check(presence("absent"), facts)) == "EJ-222"
    assert code(check(edit("Lesson", LESSON, {"topic": "Дроби"}, was={"topic": ""}), facts)) == "taken"
    assert code(check(edit("Lesson", LESSON, {"held": True}, was={"held": False}), facts)) == "EJ-222"


def test_why_a_lesson_is_late_is_said_where_the_school_asks_and_once_it_is_late(facts: PlainFacts) -> None:
    said = edit("Lesson", LESSON, {"late_reason": "не было связи"}, was={"late_reason": ""})
    later(facts, 1)
    assert code(check(said, facts)) == "EJ-289", "S0 knows no exception"
    facts.school_policy = preset("sgo-tomsk-2021")
    for at_arrival in (False, True):
        later(facts, 0)
        assert code(check(said, facts, at_arrival=at_arrival)) == "EJ-289", "it is not late yet"
        later(facts, 0, 12 * 60 + 1)
        assert code(check(said, facts, at_arrival=at_arrival)) == "taken"
    emptied = edit("Lesson", LESSON, {"late_reason": ""}, was={"late_reason": "не было связи"})
    later(facts, 0)
    assert code(check(emptied, facts)) == "taken"


@pytest.mark.parametrize(("reason", "answer"), [("о" * 300, "taken"), ("о" * 301, "EJ-286"), ("о\u202e", "EJ-286")])
def test_why_a_lesson_is_late_has_its_bounds(facts: PlainFacts, reason: str, answer: str) -> None:
    facts.school_policy = preset("sgo-tomsk-2021")
    later(facts, 1)
    assert code(check(edit("Lesson", LESSON, {"late_reason": reason}, was={"late_reason": ""}), facts)) == answer


def test_a_weight_bends_all_marks_of_its_column_and_has_their_window(facts: PlainFacts) -> None:
    weighed = edit("MarkColumn", COLUMN, {"weight": "3"}, was={"weight": None})
    later(facts, 7)
    assert code(check(weighed, facts)) == "taken"
    later(facts, 8)
    late = check(weighed, facts)
    assert (late.outcome, late.code, late.clause) == ("pending", "EJ-229", "P06")
    assert late.sentence == "Вес меняет все отметки работы: изменить его можно было до 26.11.2026; теперь нужна заявка."
    assert code(check(edit("MarkColumn", COLUMN, {"title": "у доски"}, was={"title": ""}), facts)) == "taken"
    facts.school_policy = preset("avers-stavropol-2019")  # nothing is corrected: weighed until its term
    assert check(weighed, facts).outcome == "pending"
    later(facts, 0)
    assert code(check(weighed, facts)) == "taken"


def test_a_lesson_lies_in_its_school_year(facts: PlainFacts) -> None:
    summer = ids.lesson(PAGE, date(2027, 7, 1), 1)
    born = edit("Lesson", summer, {"journal_page_id": PAGE, "held_on": "2027-07-01", "lesson_number": 1}, act="create")
    assert code(check(born, facts)) == "EJ-221"


def test_a_mark_can_be_changed_inside_the_window_and_not_after(facts: PlainFacts) -> None:
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    change = edit("Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": "4"})
    later(facts, 7)
    assert code(check(change, facts)) == "taken"
    later(facts, 8)
    assert code(check(change, facts)) == "EJ-229"
    assert "26.11.2026" in check(change, facts).sentence


def test_typing_is_not_correcting(facts: PlainFacts) -> None:
    facts.school_policy = preset("sgo-tomsk-2021")
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    facts.entered["Mark", ids.mark(COLUMN, "yolkin")] = NOON
    change = edit("Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": "4"})
    later(facts, 0, minutes=29)
    assert code(check(change, facts)) == "taken"
    later(facts, 0, minutes=31)
    assert code(check(change, facts)) == "EJ-229"


def test_the_first_mark_of_a_written_work_has_its_own_term(facts: PlainFacts) -> None:
    facts.school_policy = preset("avers-stavropol-2019")
    later(facts, 5)
    assert code(check(put_mark("5", column=WORK), facts)) == "taken"
    assert code(check(put_mark("5"), facts)) == "EJ-229"
    later(facts, 6)
    assert code(check(put_mark("5", column=WORK), facts)) == "EJ-229"


def test_a_closed_period_asks_for_another_person_s_decision(facts: PlainFacts) -> None:
    facts.put(PeriodClosing(id="7b.q2", class_group_id="7b", grading_period_id="q2", closed=True))
    assert check(put_mark("5"), facts) == check(presence("absent"), facts)
    assert (check(put_mark("5"), facts).outcome, check(put_mark("5"), facts).code) == ("pending", "EJ-228")


def test_the_reason_is_the_class_teacher_s_and_presence_the_teacher_s(facts: PlainFacts) -> None:
    facts.put(Attendance(id=ids.attendance(LESSON, "yolkin"), lesson_id=LESSON, pupil_id="yolkin", presence="absent"))
    record = ids.attendance(LESSON, "yolkin")
    reason: Callable[[str, str], Change] = lambda who, why: edit("Attendance", record, {"reason": why}, author=who)  # noqa: E731
    assert code(check(reason("petrova", "Б"), facts)) == "taken"
    assert code(check(reason("zavuch", "Б"), facts)) == "EJ-212"
    assert code(check(reason("petrova", "Ж"), facts)) == "EJ-225"
    assert code(check(presence("present", author="petrova"), facts)) == "EJ-210"


def test_an_absence_document_is_entered_by_the_pupil_s_own_class_teacher(facts: PlainFacts) -> None:
    fields: Fields = {"class_group_id": "7b", "pupil_id": "yolkin", "reason": "Б", "since": "2026-11-16",
                      "until": "2026-11-20"}  # fmt: skip
    assert code(check(edit("AbsenceDocument", "doc", fields, author="petrova", act="create"), facts)) == "taken"
    assert code(check(edit("AbsenceDocument", "doc", fields, author="ivanova", act="create"), facts)) == "EJ-212"


def test_a_lesson_has_room_for_five_works(facts: PlainFacts) -> None:
    def column(kind: str, ordinal: int) -> Change:
        fields: Fields = {"lesson_id": LESSON, "work_kind_id": kind, "ordinal": ordinal}
        return edit("MarkColumn", ids.mark_column(LESSON, kind, ordinal), fields, act="create")

    assert code(check(column("oral", 6), facts)) == "taken", "columns struck out keep their numbers"
    for ordinal in (2, 3, 4):
        facts.put(MarkColumn(id=ids.mark_column(LESSON, "oral", ordinal), lesson_id=LESSON, work_kind_id="oral"))
    assert code(check(column("oral", 6), facts)) == "EJ-227"
    assert code(check(column("oral", 6), facts, at_arrival=True)) == "taken", "marks of two desks stand in both"
    assert code(check(column("oral", 100), facts, at_arrival=True)) == "EJ-227"
    assert code(check(column("juggling", 1), facts)) == "EJ-226"


def test_a_record_cannot_lie_about_what_it_is(facts: PlainFacts) -> None:
    lie = msgspec.structs.replace(put_mark("5"), record=ids.mark(WORK, "yolkin"))
    assert code(check(lie, facts)) == "EJ-202"
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    moved = edit("Mark", ids.mark(COLUMN, "yolkin"), {"pupil_id": "kotov"}, was={"pupil_id": "yolkin"})
    assert code(check(moved, facts)) == "EJ-202"


def test_a_mark_without_its_column_is_refused(facts: PlainFacts) -> None:
    assert code(check(put_mark("5", column=ids.mark_column(LESSON, "oral", 2)), facts)) == "EJ-203"


def test_an_edit_of_a_record_whose_birth_was_refused_is_refused(facts: PlainFacts) -> None:
    assert code(check(edit("Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": "4"}), facts)) == "EJ-204"


def test_values_of_another_type_are_refused(facts: PlainFacts) -> None:
    assert code(check(edit("Lesson", LESSON, {"held": "да"}, was={"held": False}), facts)) == "EJ-201"


def test_an_unknown_kind_asks_for_an_update(facts: PlainFacts) -> None:
    assert code(check(edit("Hologram", "h", {}), facts)) == "EJ-200"


@pytest.mark.parametrize(
    ("author", "kind", "expected"),
    [
        ("admin", "Person", "taken"),
        ("ivanova", "Person", "EJ-213"),
        ("zavuch", "Pupil", "EJ-213"),
        ("admin", "Certificate", "EJ-213"),
    ],
)
def test_the_directory_has_its_keepers(facts: PlainFacts, author: str, kind: str, expected: str) -> None:
    fields: dict[str, Fields] = {
        "Person": {"last_name": "Новая", "first_name": "Анна"},
        "Pupil": {"last_name": "Новый", "first_name": "Олег"},
        "Certificate": {"subject_kind": "desk", "person_id": "admin", "public_key": "00"},
    }
    assert code(check(edit(kind, "new", fields[kind], author=author, act="create"), facts)) == expected


def test_only_deputies_and_the_director_close_a_period(facts: PlainFacts) -> None:
    record = ids.period_closing("7b", "q2")
    fields: Fields = {"class_group_id": "7b", "grading_period_id": "q2", "closed": True}
    assert code(check(edit("PeriodClosing", record, fields, author="zavuch", act="lock"), facts)) == "taken"
    assert code(check(edit("PeriodClosing", record, fields, act="lock"), facts)) == "EJ-213"


def test_a_dispute_is_decided_by_those_concerned(facts: PlainFacts) -> None:
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    wanted = edit("Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": None}, author="petrov")
    facts.disputes["Mark", wanted.record] = (wanted,)
    for author, expected in (("ivanova", "taken"), ("zavuch", "taken"), ("admin", "EJ-211")):
        decision = edit(
            "Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": "4"}, author=author, act="resolve"
        )
        assert code(check(decision, facts)) == expected


def test_where_nobody_disagrees_nothing_is_decided(facts: PlainFacts) -> None:
    facts.put(Mark(id=ids.mark(COLUMN, "yolkin"), mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    decision = edit("Mark", ids.mark(COLUMN, "yolkin"), {"value": "5"}, was={"value": "4"}, act="resolve")
    assert code(check(decision, facts)) == "EJ-211"


@pytest.mark.parametrize("kind", KINDS)
def test_garbage_of_any_kind_never_raises(facts: PlainFacts, kind: str) -> None:
    for record in ("", "x", "...", "a.b.c.d.e"):
        for value in (None, "x", 1, True):
            fields: Fields = dict.fromkeys(KINDS[kind].__struct_fields__[1:], value)
            assert isinstance(check(edit(kind, record, fields), facts), Judgement)

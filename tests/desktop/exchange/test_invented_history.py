"""The demo school's past: believable, repeatable, and lawful by the same rules that judge every teacher."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.checks import check
from ejournal_core.kinds import (
    AbsenceDocument,
    Attendance,
    Enrolment,
    Lesson,
    Mark,
    MarkColumn,
    PeriodMark,
    Pupil,
    Subject,
    TimetableSlot,
    to_fields,
)
from ejournal_desktop.exchange.invented_history import MOSCOW, DemoEntry, demo_marks
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import demo_school
from ejournal_desktop.exchange.troubles import ImportRefused
from tests.desktop.exchange.samples import Sample
from tests.helpers.plain_facts import PlainFacts

UNTIL = date(2026, 11, 21)


@pytest.fixture(scope="module")
def plan() -> ImportPlan:
    return demo_school()


@pytest.fixture(scope="module")
def entries(plan: ImportPlan) -> list[DemoEntry]:
    return demo_marks(plan, UNTIL)


def birth(entry: DemoEntry, number: int) -> Change:
    """Return the change by which the record was entered."""
    return Change(
        id=f"{number:032x}",
        desk="d",
        n=number,
        author=entry.author,
        kind=type(entry.record).__name__,
        record=entry.record.id,
        was={},
        set=to_fields(entry.record),
        act="create",
        at=entry.at.isoformat(),
    )


def test_every_entry_is_one_that_its_author_might_make_at_that_moment(
    plan: ImportPlan, entries: list[DemoEntry]
) -> None:
    facts = PlainFacts(plan.records(), datetime(2026, 9, 1, tzinfo=MOSCOW))
    some = [entry for entry in entries if entry.at.date() <= date(2026, 9, 5)]
    some += [entry for entry in entries if isinstance(entry.record, PeriodMark)][:100]
    judged: Counter[str] = Counter()
    for number, entry in enumerate(some, 1):
        facts.moment = entry.at
        judgement = check(birth(entry, number), facts)
        assert judgement.outcome == "taken", (judgement, entry)
        facts.put(entry.record)
        judged[type(entry.record).__name__] += 1
    assert min(judged[kind] for kind in ("Lesson", "MarkColumn", "Mark", "Attendance", "AbsenceDocument")) > 0


def test_nothing_refers_to_what_comes_later(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    known = {record.id for record in plan.records()}
    for entry in entries:
        fields = to_fields(entry.record)
        parents = {value for name, value in fields.items() if name.endswith("_id") and isinstance(value, str)}
        assert parents <= known, entry
        known.add(entry.record.id)


def test_nobody_has_a_mark_while_away_or_before_arriving(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    since = {enrolment.pupil_id: enrolment.since for enrolment in plan.of(Enrolment)}
    away = {e.record.id for e in entries if isinstance(e.record, Attendance) and e.record.presence == "absent"}
    marks = [entry.record for entry in entries if isinstance(entry.record, Mark)]
    assert marks
    for mark in marks:
        lesson_id, _, _ = ids.mark_column_parts(mark.mark_column_id)
        assert ids.attendance(lesson_id, mark.pupil_id) not in away
        assert ids.lesson_parts(lesson_id)[1] >= since[mark.pupil_id]


def test_subjects_without_marks_have_lessons_and_no_marks(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    unattested = {subject.id for subject in plan.of(Subject) if not subject.attested}
    lessons = [e.record for e in entries if isinstance(e.record, Lesson) and e.record.id[:32] in unattested]
    assert lessons
    columns = [e.record for e in entries if isinstance(e.record, MarkColumn) and e.record.lesson_id[:32] in unattested]
    assert columns == []


def test_lessons_are_only_on_study_days(entries: list[DemoEntry]) -> None:
    days = {entry.record.held_on for entry in entries if isinstance(entry.record, Lesson)}
    assert min(days) == date(2026, 9, 1)
    assert max(days) == UNTIL
    off = {date(2026, 11, 4), *(date(2026, 10, 25) + timedelta(days=n) for n in range(8))}
    assert days & off == set()
    assert not any(day.isoweekday() == 7 for day in days)


def test_of_the_last_day_only_the_first_lesson_is_entered(entries: list[DemoEntry]) -> None:
    last = {e.record.lesson_number for e in entries if isinstance(e.record, Lesson) and e.record.held_on == UNTIL}
    assert last == {1}


def test_the_past_looks_like_a_school(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    kinds = Counter(type(entry.record).__name__ for entry in entries)
    weekly = len(plan.of(TimetableSlot))
    assert kinds["Lesson"] > 10 * weekly
    assert 3 < kinds["Mark"] / kinds["Lesson"] < 7
    marks = Counter(e.record.value for e in entries if isinstance(e.record, Mark))
    assert marks["4"] > marks["3"] > marks["2"] > 0
    missed = Counter(
        e.record.pupil_id for e in entries if isinstance(e.record, Attendance) and e.record.presence == "absent"
    )
    assert 0 < len(missed) < len(plan.of(Pupil))  # many never miss, a few miss much
    assert max(missed.values()) > 3 * (sum(missed.values()) / len(plan.of(Pupil)))
    assert max(len(e.record.homework) for e in entries if isinstance(e.record, Lesson)) > 200
    assert any(isinstance(entry.record, AbsenceDocument) for entry in entries)


def test_the_first_quarter_ends_with_marks_and_the_half_year_does_not_yet(
    plan: ImportPlan, entries: list[DemoEntry]
) -> None:
    found = [entry.record for entry in entries if isinstance(entry.record, PeriodMark)]
    assert {(one.period_kind, one.period_number) for one in found} == {("quarter", 1)}
    assert {one.value for one in found} <= {"5", "4", "3", "2"}


def test_a_longer_past_begins_like_a_shorter_one(plan: ImportPlan, entries: list[DemoEntry]) -> None:
    shorter = demo_marks(plan, date(2026, 9, 30))
    assert lessons_before(shorter, 30) == lessons_before(entries, 30)


def lessons_before(entries: list[DemoEntry], day: int) -> list[DemoEntry]:
    return [entry for entry in entries if entry.at.date() < date(2026, 9, day)]


def test_the_same_seed_gives_the_same_past_and_another_another(plan: ImportPlan) -> None:
    week = date(2026, 9, 8)
    assert demo_marks(plan, week) == demo_marks(plan, week)
    assert demo_marks(plan, week) != demo_marks(plan, week, seed=2)


def test_a_plan_with_problems_has_no_past(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        demo_marks(Sample(tmp_path, fet="").plan(), UNTIL)

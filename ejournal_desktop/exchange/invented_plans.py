"""Lesson plans of an invented school: the topics that its history teaches, a row for each lesson of the year."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Literal

from ejournal_core import ids, lesson_plans
from ejournal_core.calendar import occurrences, study_calendar
from ejournal_core.kinds import (
    CalendarDay,
    ClassGroup,
    CurriculumHours,
    GradingPeriod,
    JournalPage,
    LessonPlan,
    PlannedLesson,
    Record,
    SchoolYear,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_core.lesson_plans import GAP
from ejournal_desktop.exchange.invented_history import MOSCOW, DemoEntry
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.topics import SubjectTopics, read_topics, topic
from ejournal_desktop.paths import resources_folder

Standing = Literal["approved", "submitted", "draft"]
WRITTEN, APPROVED = time(7, 10), time(7, 40)  # on the first morning of the year
LACKING = 2  # hours of a draft

_CONTROL = re.compile(r"^(?:Входная |Итоговая )?контрольн\w+ работа", re.IGNORECASE)
_NAMED = re.compile(r"«(.+)»")
_LAST_SECTION = "Обобщение и повторение"
_SHORT_WORK_EVERY = 7  # rows


def demo_plans(
    plan: ImportPlan, pages: Collection[str], deputy: str, shown: str, *, zone: tzinfo = MOSCOW
) -> list[DemoEntry]:
    """Return the plans of pages as their teachers wrote them, and what the deputy has approved of them.

    Args:
        deputy: whose are the hours of the curriculum and the approvals.
        shown: the page that is looked at first: its plan is approved; of the others some are not, as in life.
    """
    year, written = plan.of(SchoolYear)[0], _Written(plan)
    teachers = {load.journal_page_id: load.person_id for load in reversed(plan.of(TeachingLoad))}
    entries: list[DemoEntry] = []
    for number, page in enumerate(page for page in plan.of(JournalPage) if page.id in pages and page.id in teachers):
        standing: Standing = (
            "approved" if page.id == shown else ("approved", "approved", "submitted", "draft")[number % 4]
        )
        if teachers[page.id] == deputy and standing == "approved":
            standing = "submitted"
        rows = written.rows(page)
        rows = rows[:-LACKING] if standing == "draft" else rows
        made: list[Record] = [*rows, *([_submitted(page, teachers[page.id])] if standing == "submitted" else [])]
        at = datetime.combine(year.starts_on, WRITTEN, zone)
        entries += [DemoEntry(record, teachers[page.id], at) for record in made]
        if standing == "approved":
            at = datetime.combine(year.starts_on, APPROVED, zone)
            entries += [
                DemoEntry(record, deputy, at) for record in (written.hours(page), _approved(page, rows, deputy, at))
            ]
    return list({entry.record.id: entry for entry in entries}.values())  # hours are the same for both subgroups


def _submitted(page: JournalPage, teacher: str) -> LessonPlan:
    return LessonPlan(id=ids.lesson_plan(page.id), journal_page_id=page.id, submitted_by=teacher)


def _approved(page: JournalPage, rows: Sequence[PlannedLesson], deputy: str, at: datetime) -> LessonPlan:
    return LessonPlan(
        id=ids.lesson_plan(page.id), journal_page_id=page.id, approved_by=deputy, approved_on=at.date(),
        content=lesson_plans.content(rows), hours=lesson_plans.total_hours(rows),
    )  # fmt: skip


class _Written:
    """The year of a planned school, arranged for writing plans."""

    def __init__(self, plan: ImportPlan) -> None:
        self._plan = plan
        self._topics = read_topics(resources_folder() / "demo" / "topics.toml")
        self._classes = {group.id: group for group in plan.of(ClassGroup)}
        self._subjects = {subject.id: subject for subject in plan.of(Subject)}

    def rows(self, page: JournalPage) -> list[PlannedLesson]:
        """Return a row for each lesson of the page in the year."""
        group, subject = self._classes[page.class_group_id], self._subjects[page.subject_id]
        return list(invented_rows(page.id, self._topics.of(subject.title, group.grade_level), self._days(page)))

    def hours(self, page: JournalPage) -> CurriculumHours:
        """Return the yearly hours of the page's subject in its class."""
        record = ids.curriculum_hours(page.subject_id, page.class_group_id)
        return CurriculumHours(id=record, subject_id=page.subject_id, class_group_id=page.class_group_id,
                               hours=len(self._days(page)))  # fmt: skip

    def _days(self, page: JournalPage) -> list[date]:
        plan, group = self._plan, self._classes[page.class_group_id]
        year, slots = plan.of(SchoolYear)[0], plan.of(TimetableSlot)
        calendar = study_calendar(year, group.period_scheme, plan.of(GradingPeriod), plan.of(CalendarDay), slots)
        own = [slot for slot in slots if slot.journal_page_id == page.id]
        return [each.day for each in occurrences(own, calendar, year.starts_on, year.ends_on)]


def invented_rows(journal_page_id: str, taught: SubjectTopics, days: Sequence[date]) -> Iterator[PlannedLesson]:
    """Yield a row for each day in order: its topic is that of the lesson which `invented_history` gives on that day."""
    topics = [topic(taught, number) for number in range(len(days))]
    for number, (day, said, section) in enumerate(zip(days, topics, _sections(taught, topics), strict=True)):
        pattern = "" if _CONTROL.match(said) else taught.homework[number % len(taught.homework)]
        yield PlannedLesson(
            id=ids.planned_lesson(journal_page_id, f"{number:04}"), journal_page_id=journal_page_id,
            position=(number + 1) * GAP, topic=said, section=section, planned_on=day, control=_control(said, number),
            homework=pattern.format(n=number // 2 + 1, a=4 * number + 3, b=4 * number + 7),
        )  # fmt: skip


def _sections(taught: SubjectTopics, topics: Sequence[str]) -> list[str]:
    """Return the section of each topic: what the next named work is about, else what stands before its colon."""
    sections: list[str] = []
    name = _LAST_SECTION
    for number in reversed(range(len(topics))):
        said = topics[number]
        named = _NAMED.search(said) if _CONTROL.match(said) else None
        name = named[1] if named else name
        sections.append(said.partition(":")[0] if number >= len(taught.lessons) else name)
    return sections[::-1]


def _control(said: str, number: int) -> str:
    if _CONTROL.match(said):
        return "контрольная работа"
    return "самостоятельная" if number % _SHORT_WORK_EVERY == _SHORT_WORK_EVERY - 1 else ""

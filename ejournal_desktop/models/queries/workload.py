"""Advice about how much a class is asked to do: works that meet each other (P55), time for homework (P54)."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from ejournal_core import access, assessments, ids
from ejournal_core.assessments import Assessment, Collision
from ejournal_core.calendar import Occurrence
from ejournal_core.kinds import JournalPage, Lesson
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_any
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import HomeworkAdvice
from ejournal_desktop.models.queries.cells import rows_of_page
from ejournal_desktop.models.queries.school_days import SchoolDays
from ejournal_desktop.models.queries.surroundings import Surroundings


class WorkWarning(Struct, frozen=True):
    """What a work of a whole class would meet at a lesson, and which subjects' works this desk does not know."""

    collisions: tuple[Collision, ...] = ()
    unseen: tuple[str, ...] = ()  # titles of subjects


def work_warning(journal: Journal, lesson_id: str) -> WorkWarning:
    """Return what a work of the whole class at this lesson would meet, before it is planned."""
    policy = journal.policy()
    if not policy.assessment_limits.enabled:
        return WorkWarning()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return _Class(around, lesson_id).warning(policy)


def homework_advice(
    around: Surroundings, policy: Policy, page: JournalPage, lesson_day: date, lesson_number: int
) -> HomeworkAdvice | None:
    """Return the advice for the homework of a lesson: it is for the day of the page's next lesson."""
    group = around.class_groups[page.class_group_id]
    minutes = assessments.homework_minutes(policy, group.grade_level)
    if minutes is None:
        return None
    days = SchoolDays(around)
    coming = days.foreseen(page, lesson_day, around.year_of(group).ends_on)
    following = [each.day for each in coming if (each.day, each.lesson_number) > (lesson_day, lesson_number)]
    if not following:
        return None
    on_that_day = days.of_class(group.id, following[0])
    subjects = {around.pages[each.journal_page_id].subject_id for each in on_that_day}
    return HomeworkAdvice(following[0], minutes, len(subjects))


class _Class:
    """The works of a class, as far as this desk holds them."""

    def __init__(self, around: Surroundings, lesson_id: str) -> None:
        page_id, day, number = ids.lesson_parts(lesson_id)
        known = next(iter(select_any(around.connection, Lesson, "id", [lesson_id])), None)
        self._around = around
        self._lesson_id = lesson_id
        self._page = around.page(page_id)
        self._day = known.held_on if known else day
        self._number = known.lesson_number if known else number
        of_class = [page for page in around.pages.values() if page.class_group_id == self._page.class_group_id]
        self._seen = [page for page in of_class if self._is_held(page)]
        self._unseen = [page for page in of_class if page not in self._seen]

    def _is_held(self, page: JournalPage) -> bool:
        around = self._around
        taught = access.teaches(around.loads.get(page.id, ()), around.person_id, around.day)
        return taught or around.may_see(page)

    def warning(self, policy: Policy) -> WorkWarning:
        """Return what a work at the lesson would meet."""
        days, group = SchoolDays(self._around), self._around.class_groups[self._page.class_group_id]
        year = self._around.year_of(group)
        planned = Assessment(self._day, self._number, self._page.id, self._page.subject_id)
        found = assessments.collisions(
            policy.assessment_limits, planned, [work for page in self._seen for work in self._works(page)],
            self._on(days.of_class(group.id, self._day)), days.foreseen(self._page, year.starts_on, year.ends_on),
        )  # fmt: skip
        seen = {page.subject_id for page in self._seen}
        titles = {self._around.subjects[page.subject_id].title for page in self._unseen
                  if page.subject_id not in seen and page.subject_id in self._around.subjects}  # fmt: skip
        return WorkWarning(found, tuple(sorted(titles)))

    def _on(self, foreseen: list[Occurrence]) -> list[Occurrence]:
        return [*foreseen, Occurrence(self._day, self._number, self._page.id)]

    def _works(self, page: JournalPage) -> list[Assessment]:
        around = self._around
        columns = [row for row in rows_of_page(around.connection, "MarkColumn", page.id)
                   if (kind := around.work_kinds.get(row.work_kind_id)) is not None and kind.whole_class]  # fmt: skip
        lessons = {lesson.id: lesson for lesson in
                   select_any(around.connection, Lesson, "id", {row.lesson_id for row in columns})}  # fmt: skip
        subject = around.subjects.get(page.subject_id)
        return [
            Assessment(
                lesson.held_on, lesson.lesson_number, page.id, page.subject_id,
                f"{around.work_kinds[row.work_kind_id].code}, {subject.title if subject else ''}",
            )
            for row in columns if (lesson := lessons.get(row.lesson_id)) is not None
        ]  # fmt: skip

"""What the timetable foresees for a whole school, and until when what belongs to a lesson is in time.

Read once for a query: the calendars of classes and the slots of pages are laid out at the first question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cached_property

from ejournal_core import calendar, deadlines, ids
from ejournal_core.day_changes import takes_place
from ejournal_core.kinds import ClassGroup, JournalPage, Lesson, TimetableSlot
from ejournal_core.policy import Policy
from ejournal_core.policy_values import Deadline
from ejournal_desktop.models.facts import select_any, select_records
from ejournal_desktop.models.pages import DueItem, DueWhat
from ejournal_desktop.models.queries.cells import rows_of_page
from ejournal_desktop.models.queries.surroundings import Surroundings


class SchoolDays:
    """The lessons that the timetable gives pages, classes and the school."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._calendars: dict[tuple[str, str], calendar.StudyCalendar] = {}

    def calendar_of(self, group: ClassGroup) -> calendar.StudyCalendar:
        """Return the study days of a class; classes of one system of periods share them."""
        key = group.school_year_id, group.period_scheme
        if key not in self._calendars:
            self._calendars[key] = self._around.calendar_of(group)
        return self._calendars[key]

    def foreseen(self, page: JournalPage, first: date, last: date) -> list[calendar.Occurrence]:
        """Return the lessons that the timetable gives a page between two dates, both inclusive."""
        study = self.calendar_of(self._around.class_groups[page.class_group_id])
        return calendar.occurrences(self._slots.get(page.id, ()), study, first, last)

    def of_class(self, class_group_id: str, day: date) -> list[calendar.Occurrence]:
        """Return the lessons that the timetable gives a class and its subgroups on a day."""
        pages = (self._around.pages[page_id] for page_id in self.pages_of_class(class_group_id))
        return [each for page in pages for each in self._on(page, day)]

    def whole_school(self, day: date) -> list[calendar.Occurrence]:
        """Return the lessons of all classes on a day: as foreseen, but for those known to be moved or called off."""
        found = [each for page in self._around.pages.values() for each in self._on(page, day)]
        ids_ = [ids.lesson(each.journal_page_id, day, each.lesson_number) for each in found]
        known = {lesson.id: lesson for lesson in select_any(self._around.connection, Lesson, "id", ids_)}
        staying = [each for each, id_ in zip(found, ids_, strict=True) if id_ not in known]
        entered = select_records(self._around.connection, Lesson, held_on=day.isoformat())
        return staying + [calendar.Occurrence(day, each.lesson_number, each.journal_page_id) for each in entered
                          if takes_place(each)]  # fmt: skip

    def pages_of_class(self, class_group_id: str) -> frozenset[str]:
        """Return the ids of a class's pages, those of its subgroups included."""
        return self._pages_of_class.get(class_group_id, frozenset())

    def _on(self, page: JournalPage, day: date) -> list[calendar.Occurrence]:
        slots = [slot for slot in self._slots.get(page.id, ()) if slot.weekday == day.isoweekday()]
        group = self._around.class_groups.get(page.class_group_id)
        return calendar.occurrences(slots, self.calendar_of(group), day, day) if slots and group is not None else []

    @cached_property
    def _slots(self) -> dict[str, list[TimetableSlot]]:
        by_page = defaultdict(list)
        for slot in self._around.slots.values():
            by_page[slot.journal_page_id].append(slot)
        return by_page

    @cached_property
    def _pages_of_class(self) -> dict[str, frozenset[str]]:
        by_class = defaultdict(set)
        for page in self._around.pages.values():
            by_class[page.class_group_id].add(page.id)
        return {class_id: frozenset(pages) for class_id, pages in by_class.items()}


class Moments:
    """Until when what has to be entered for a lesson is in time (P01–P05)."""

    def __init__(self, around: Surroundings, policy: Policy, zone: tzinfo | None) -> None:
        self._around = around
        self._policy = policy
        assert zone is not None  # the desk's clock is aware
        self.zone = zone
        self.days = SchoolDays(around)
        self._foreseen: dict[date, list[calendar.Occurrence]] = {}

    def items(self, page: JournalPage, lesson: Lesson) -> tuple[DueItem, ...]:
        """Return what has to be entered for a lesson, what of it is done, and until when it is in time."""
        moments, policy = self.of(page, lesson), self._policy
        return (
            _item("held", lesson.held, policy.lesson_deadline, moments),
            _item("attendance", lesson.held or self._has_absences(lesson.id), policy.absence_deadline, moments),
            _item("topic", bool(lesson.topic), policy.lesson_deadline, moments),
            _item("homework", bool(lesson.homework), policy.homework_deadline, moments),
        )

    def mark_due_at(self, page: JournalPage, lesson: Lesson, *, written: bool) -> datetime:
        """Return until when the marks of a work of the lesson are in time (P04, P05)."""
        grade = self._around.class_groups[page.class_group_id].grade_level
        return deadlines.mark_due_at(self._policy, self.of(page, lesson), grade, written=written)

    def exam_due_at(self, received_on: date, received_at: str) -> datetime:
        """Return until when the results of an examination are in time (P11)."""
        return deadlines.exam_due_at(self._policy, received_on, received_at, self.zone)

    def end_of(self, day: date) -> datetime:
        """Return 24:00 of a day."""
        return deadlines.LessonDay(day, self.zone).midnight

    def of(self, page: JournalPage, lesson: Lesson) -> deadlines.LessonDay:
        """Return the moments of the lesson's day that deadlines are counted from."""
        day = lesson.held_on
        if day not in self._foreseen:
            self._foreseen[day] = self.days.whole_school(day)
        return deadlines.lesson_day(
            day, lesson.lesson_number, tuple(self._around.bells.values()), self._foreseen[day],
            self.days.pages_of_class(page.class_group_id), self.zone,
        )  # fmt: skip

    def _has_absences(self, lesson_id: str) -> bool:
        return any(True for _ in rows_of_page(self._around.connection, "Attendance", lesson_id))


def moved_from(lesson_id: str, held_on: date, lesson_number: int) -> str:
    """Return where the timetable had foreseen a lesson that was moved: «16.09, 4-й урок»; "" for one that stayed."""
    _, day, number = ids.lesson_parts(lesson_id)
    return "" if (day, number) == (held_on, lesson_number) else hour_in_words(day, number)


def hour_in_words(day: date, lesson_number: int) -> str:
    """Return «16.09, 4-й урок»."""
    return f"{day:%d.%m}, {lesson_number}-й урок"


def missing(items: Iterable[DueItem]) -> tuple[DueItem, ...]:
    """Return what is not entered yet."""
    return tuple(item for item in items if not item.done)


def _item(what: DueWhat, done: bool, deadline: Deadline, moments: deadlines.LessonDay) -> DueItem:
    due = deadlines.due_at(deadline, moments)
    allowed = deadlines.exceptionally_due_at(deadline, moments)
    return DueItem(what, done, due, allowed if allowed > due else None)

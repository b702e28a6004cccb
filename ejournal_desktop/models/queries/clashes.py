"""What a lesson would meet in another hour: its teacher, its class or its room is taken then."""

from __future__ import annotations

from collections.abc import Iterator

from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.substitution_day import DayLesson, SubstitutionDay


def clashes(day: SubstitutionDay, lesson: DayLesson, lesson_number: int) -> tuple[str, ...]:
    """Return in words what stands in the way of giving a lesson in that hour of a day, nothing where it is free."""
    off = (f"{day.why_off}: уроков нет",) if day.why_off else ()
    at_once = [each for each in day.whole_school
               if each.lesson_number == lesson_number and each.id != lesson.id and each.takes_place]  # fmt: skip
    return (*off, *dict.fromkeys(words for other in at_once for words in _meets(lesson, other)))


def _meets(lesson: DayLesson, other: DayLesson) -> Iterator[str]:
    if set(lesson.givers) & set(other.givers):
        yield f"учитель занят: {other.page.title}"
    if _share_pupils(lesson.page, other.page):
        yield f"у класса в этот час {other.page.subject_title}"
    if lesson.room and lesson.room == other.room:
        yield f"каб. {other.room} занят: {other.page.title}"


def _share_pupils(one: PageRef, other: PageRef) -> bool:
    """Say whether the pages are of one class, and not of two subgroups of it."""
    apart = one.subgroup_title and other.subgroup_title and one.subgroup_title != other.subgroup_title
    return one.class_group_id == other.class_group_id and not apart

"""The substitutions of a day as they are printed: what stands on the screen."""

from __future__ import annotations

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import school_name
from ejournal_desktop.models.queries.substitution_day import DayLesson, SubstitutionDay


def substitution_pdf(journal: Journal, day: SubstitutionDay) -> bytes:
    """Return the sheet for the door of the staffroom; the libraries of paper load now."""
    from ejournal_desktop.documents.forms.substitution_list import SubstitutionList, build_substitution_list

    lines = tuple(_line(lesson) for lesson in day.replaced)
    return build_substitution_list(SubstitutionList(school_name=school_name(journal), day=day.day, lines=lines))


def _line(lesson: DayLesson) -> tuple[str, str, str, str, str, str, str]:
    page, times = lesson.page, "–".join(part for part in (lesson.starts_at, lesson.ends_at) if part)
    subject = ", ".join(part for part in (page.subject_title, page.subgroup_title) if part)
    return (str(lesson.lesson_number), times, page.class_title, subject, lesson.room, lesson.teachers,
            _given(lesson))  # fmt: skip


def _given(lesson: DayLesson) -> str:
    """Return who gives the lesson, and what else became of it."""
    if lesson.cancelled:
        return "отменён"
    if lesson.moved_to:
        return f"перенесён на {lesson.moved_to}"
    moved = f"перенесён с {lesson.moved_from}" if lesson.moved_from else ""
    return ", ".join(part for part in (lesson.substitute, moved) if part)

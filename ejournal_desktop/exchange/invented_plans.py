"""Lesson plans of an invented school: the topics that its history teaches, a row for each lesson of the year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from ejournal_core import ids
from ejournal_core.kinds import PlannedLesson
from ejournal_core.lesson_plans import GAP
from ejournal_desktop.exchange.topics import SubjectTopics, topic

_CONTROL = re.compile(r"^(?:Входная |Итоговая )?контрольн\w+ работа", re.IGNORECASE)
_NAMED = re.compile(r"«(.+)»")
_LAST_SECTION = "Обобщение и повторение"
_SHORT_WORK_EVERY = 7  # rows


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

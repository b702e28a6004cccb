"""What other bells change on a day, in words: when the school ends, and which terms are counted from the bells."""

from __future__ import annotations

from datetime import date, time, tzinfo

from ejournal_core import deadlines
from ejournal_core.bells import Times, overlapping, read_clock
from ejournal_core.policy import Policy
from ejournal_desktop.models.queries.day_bells import DayBells
from ejournal_desktop.ui.words import tr

#: The terms of a lesson (P01–P04), as people call them.
TERMS = (
    ("homework_deadline", "домашнее задание"), ("lesson_deadline", "проведённый урок и тема"),
    ("absence_deadline", "отсутствующие"), ("oral_mark_deadline", "отметки за ответы"),
)  # fmt: skip
ANCHORS = {"lesson_end": "от конца урока", "pupils_last_lesson": "от конца последнего урока класса"}


def what_changes(bells: DayBells, times: Times, policy: Policy, zone: tzinfo, today: date) -> list[str]:
    """Return sentences about a day that would ring by these times.

    Args:
        times: each "HH:MM" or something that is no time: then only that is said.
    """
    if not bells.usual:
        return [tr("Обычных звонков в журнале нет: их загружает администратор вместе с расписанием.")]
    if wrong := no_time(times):
        return [wrong]
    last = bells.last(times)
    told = [_end(bells, times, last)] if last is not None else [tr("Уроков в этот день в расписании нет.")]
    if (pair := overlapping(times)) is not None:
        told.append(tr("Урок {n} начинается раньше, чем кончится {m}.").format(n=pair[1], m=pair[0]))
    if last is not None:
        told += _terms(policy, bells.day, zone, times[last][1])
    if bells.day < today:
        told.append(tr("День уже прошёл: сроки внесённого тогда пересчитаются по этим звонкам."))
    return told


def no_time(times: Times) -> str:
    """Return a sentence about the first lesson whose times are none, "" where all are."""
    wrong = next((number for number, (starts, ends) in times.items()
                  if not (read_clock(starts) and read_clock(ends) and starts < ends)), None)  # fmt: skip
    if wrong is None:
        return ""
    return tr("{n} урок: время — часы и минуты, например 09:05, и конец позже начала.").format(n=wrong)


def _end(bells: DayBells, times: Times, last: int) -> str:
    usual = bells.usual.get(last, ("", ""))[1]
    if usual in ("", times[last][1]):
        return tr("Последний урок школы, {n}-й, кончается в {at}.").format(n=last, at=times[last][1])
    return tr("Последний урок школы, {n}-й, кончится в {at}, обычно в {usual}.").format(
        n=last, at=times[last][1], usual=usual
    )


def _terms(policy: Policy, day: date, zone: tzinfo, school_ends: str) -> list[str]:
    """Return how the terms that the bells decide are counted on the day."""
    moments = deadlines.LessonDay(day, zone, school_ends=time.fromisoformat(school_ends))
    told = []
    for field, title in TERMS:
        deadline = getattr(policy, field)
        if deadline.anchor == "school_last_lesson":
            due = deadlines.due_at(deadline, moments)
            until = f"{due:%H:%M}" if due.date() == day else f"{due:%d.%m %H:%M}"
            told.append(tr("{what} — до {until}").format(what=title, until=until))
        elif deadline.anchor in ANCHORS:
            told.append(f"{title} — {tr(ANCHORS[deadline.anchor])}")
    return [tr("Сроки по звонкам: {terms}.").format(terms="; ".join(told))] if told else []

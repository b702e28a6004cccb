"""Was a lesson given: what stands at it says so, whether or not somebody has called it held."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ejournal_core import calendar
from ejournal_core.facts import Facts
from ejournal_core.kinds import Lesson

#: Kinds of what is entered at a lesson and speaks of it, in the order in which a person is told of them.
AT_A_LESSON = ("Mark", "Attendance", "PupilRemark", "HomeworkFile")

#: Of these what may be laid ready before the lesson, like its topic (P36): before it begins it is a plan.
_LAID_READY = frozenset({"HomeworkFile"})


#: What stands at a lesson, as a person is told of it.
_WORDS = {"Mark": "отметки", "Attendance": "посещаемость", "PupilRemark": "записи об учениках",
          "HomeworkFile": "файлы"}  # fmt: skip


def what_stands(lesson: Lesson, facts: Facts) -> tuple[str, ...]:
    """Return what is entered at a lesson or laid ready for it, in words: «тема», «отметки»; nothing of it gets lost."""
    own = {"отметка о проведении": lesson.held, "тема": bool(lesson.topic), "задание": bool(lesson.homework)}
    standing = facts.entries(lesson.id)
    return (
        *(word for word, there in own.items() if there),
        *(_WORDS[kind] for kind in AT_A_LESSON if kind in standing),
    )


def is_entered(lesson: Lesson, facts: Facts) -> bool:
    """Say whether anything is entered at a lesson, so that it was given by whoever stands there.

    Held; or a mark, somebody's absence or lateness, a remark. Topic, homework and files count from the beginning of
    the lesson on, because before it they are a plan that whoever gives the lesson may keep.
    """
    if lesson.held:
        return True
    standing = facts.entries(lesson.id)
    if standing - _LAID_READY:
        return True
    return bool(lesson.topic or lesson.homework or standing) and _has_begun(lesson, facts)


def _has_begun(lesson: Lesson, facts: Facts) -> bool:
    """Say whether the lesson has begun; without bells it has when its day is over."""
    now = facts.now()
    times = calendar.lesson_times(facts.bells(), lesson.held_on, lesson.lesson_number)
    if times is None:
        return now >= datetime.combine(lesson.held_on + timedelta(days=1), time(), now.tzinfo)
    return now >= datetime.combine(lesson.held_on, times[0], now.tzinfo)

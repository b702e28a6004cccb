"""Topics and homework of invented lessons, from `resources/demo/topics.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

_STAGES = ("изучение нового материала", "закрепление", "практикум", "решение задач и упражнений", "обобщение")
_PLAIN = ("Вводный раздел", "Основные понятия", "Развитие темы", "Применение знаний", "Проектная работа")
_EVERY_SECTION = 5  # lessons
#: A homework as long as they get in life.
_LONG = (
    "§ {n} прочитать, ответить на вопросы в конце параграфа устно, № {a} (а, б, в) и № {b} письменно в тетради;"
    " тем, кто отсутствовал: переписать конспект, разобрать примеры 1–3 и принести тетрадь на проверку в начале"
    " следующего урока; желающим — задача повышенной сложности"
)


class SubjectTopics(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taught in a subject; `grade` 0 means any grade level."""

    title: str
    grade: int = 0
    homework: tuple[str, ...] = ("§ {n}", "§ {n}, вопросы {a}, {b}", "")
    lessons: tuple[str, ...] = ()
    sections: tuple[str, ...] = _PLAIN


class Topics(Struct, frozen=True, forbid_unknown_fields=True):
    """All subjects of the file."""

    subjects: list[SubjectTopics]

    def of(self, subject: str, grade: int) -> SubjectTopics:
        """Return the topics of a subject in a grade level, plain ones when there are none."""
        fitting = [one for one in self.subjects if one.title == subject and one.grade in (0, grade)]
        return fitting[0] if fitting else SubjectTopics(subject)


def read_topics(path: Path) -> Topics:
    """Return the topics that lie beside the demo school."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Topics)


def topic(topics: SubjectTopics, number: int) -> str:
    """Return the topic of the `number`-th lesson (from 0) of the year."""
    if number < len(topics.lessons):
        return topics.lessons[number]
    section, stage = divmod(number, _EVERY_SECTION)
    return f"{topics.sections[section % len(topics.sections)]}: {_STAGES[stage]}"


def homework(topics: SubjectTopics, number: int, random: Random) -> str:
    """Return the homework after the `number`-th lesson; now and then nothing, rarely something long."""
    pattern = _LONG if random.random() < 0.01 and topics.lessons else random.choice(topics.homework)
    first = random.randint(10, 180)
    return pattern.format(n=number // 2 + 1, a=first, b=first + random.randint(2, 9))

"""What is typed into a cell of a lesson plan: which field it is, and whether it can be understood."""

from __future__ import annotations

from datetime import date
from typing import Any

from ejournal_core.errors import Refusal
from ejournal_core.kinds import PlannedLesson
from ejournal_core.lesson_plans import LONGEST_HOMEWORK, LONGEST_TOPIC, MOST_HOURS
from ejournal_desktop.exchange.lesson_plans import day_of, hours_of
from ejournal_desktop.ui.words import day_short, tr

NUMBER, SECTION, TOPIC, HOURS, CONTROL, HOMEWORK, PLANNED, FACT = range(8)
#: The field of the row that a column writes; the others are filled by the program.
FIELDS = {SECTION: "section", TOPIC: "topic", HOURS: "hours", CONTROL: "control", HOMEWORK: "homework",
          PLANNED: "planned_on"}  # fmt: skip
LONGEST = {SECTION: LONGEST_TOPIC, TOPIC: LONGEST_TOPIC, CONTROL: LONGEST_TOPIC, HOMEWORK: LONGEST_HOMEWORK}


def entry(column: int, text: str, year_starts_on: date) -> dict[str, Any]:
    """Return the field that a typed text sets.

    Raises:
        Refusal: EJ-501, it is no number of lessons or no day; the sentence says how to write it.
    """
    typed = " ".join(text.split()) if column != HOMEWORK else text.strip()
    if column == HOURS:
        return {"hours": _hours(typed)}
    if column == PLANNED:
        return {"planned_on": _day(typed, year_starts_on) if typed else None}
    return {FIELDS[column]: typed}


def _hours(typed: str) -> int:
    hours = hours_of(typed) if typed else None
    if hours is None:
        raise Refusal("EJ-501", tr(
            "«{typed}» — не число часов: нужно целое от 1 до {most}. Прежнее осталось, набранное вернёт F2."
        ).format(typed=typed[:30], most=MOST_HOURS))  # fmt: skip
    return hours


def _day(typed: str, year_starts_on: date) -> date:
    day = day_of(typed, year_starts_on)
    if day is None:
        raise Refusal("EJ-501", tr(
            "Дату «{typed}» не понять: пишите день и месяц, например 03.09. Прежняя осталась, набранное вернёт F2."
        ).format(typed=typed[:30]))  # fmt: skip
    return day


def written(row: PlannedLesson, column: int) -> str:
    """Return the text of a cell as it is edited."""
    if column == PLANNED:
        return day_short(row.planned_on) if row.planned_on else ""
    return str(getattr(row, FIELDS[column])) if column in FIELDS else ""

"""Russian words that official paper needs: dates, counted nouns, numbers spelt out."""

from __future__ import annotations

from datetime import date
from typing import Final

from num2words import num2words

from ejournal_core import russian

Forms = tuple[str, str, str]  # один лист, два листа, пять листов

LEAF: Final[Forms] = ("лист", "листа", "листов")
LESSON: Final[Forms] = ("урок", "урока", "уроков")

MONTHS: Final = tuple(name.lower() for name in russian.MONTHS)


def noun(count: int, forms: Forms) -> str:
    """Return the form of the noun that goes with `count`: 1 лист, 22 листа, 11 листов."""
    return russian.plural(count, *forms)


def counted(count: int, forms: Forms) -> str:
    """Return «112 (сто двенадцать) листов»; the noun must be masculine, as «лист» and «урок» are.

    The spaces do not break, so that the number stays on one line of the certification.
    """
    return f"{count} ({num2words(count, lang='ru')}) {noun(count, forms)}".replace(" ", "\u00a0")


def day_in_words(day: date) -> str:
    """Return «27 мая 2027 г.»."""
    return russian.date_in_words(day)


def of_school_year(title: str) -> str:
    """Return «2026/27 учебного года» for the title «2026/27»."""
    return title if "учебн" in title else f"{title} учебного года"


def school_year(title: str) -> str:
    """Return «2026/27 учебный год» for the title «2026/27»."""
    return title if "учебн" in title else f"{title} учебный год"

"""Days and lessons typed as people say them: «18», «18.09», «+3»; «2», «1-3», «4-»."""

from __future__ import annotations

import re
from datetime import date, timedelta

from PySide6.QtWidgets import QLineEdit, QWidget

_PLUS = re.compile(r"\+(\d{1,3})")
_DAY = re.compile(r"(\d{1,2})(?:[ .,/юб-]+(\d{1,2})(?:[ .,/юб-]+(\d{4}|\d{2}))?)?[.юб]?")
_LESSONS = re.compile(r"(\d{1,2})(?:\s*([-–—])\s*(\d{1,2})?)?")


def read_day(text: str, near: date) -> date | None:
    """Return the day that was typed, None for what is no day.

    Args:
        near: a day alone is the next one with that number from here on; "+3" counts from here; a month alone is taken
            of the year that brings the day nearest.
    """
    words = text.strip().lower()
    if found := _PLUS.fullmatch(words):
        return near + timedelta(days=int(found[1]))
    found = _DAY.fullmatch(words)
    if found is None:
        return None
    day, month, year = (int(part) if part else None for part in found.groups())
    assert day is not None
    if month is None:
        return _next_with_number(day, near)
    if year is not None:
        return _date(year if year > 99 else 2000 + year, month, day)
    candidates = [each for offset in (-1, 0, 1) if (each := _date(near.year + offset, month, day)) is not None]
    return min(candidates, key=lambda each: abs(each - near), default=None)


def _next_with_number(number: int, near: date) -> date | None:
    return next((day for offset in range(62) if (day := near + timedelta(days=offset)).day == number), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_lessons(text: str) -> tuple[int | None, int | None] | None:
    """Return first and last lesson, (None, None) for the whole day, None for what is neither."""
    words = text.strip()
    if not words:
        return None, None
    found = _LESSONS.fullmatch(words)
    if found is None:
        return None
    first = int(found[1])
    if found[2] is None:
        return first, first
    return first, int(found[3]) if found[3] else None


def lessons_text(first: int | None, last: int | None) -> str:
    """Return lessons as they would be typed."""
    if first is None and last is None:
        return ""
    if last is None:
        return f"{first}-"
    return str(first) if first == last else f"{first or 1}-{last}"


class DayField(QLineEdit):
    """One day; shown as «18.09» once it is understood."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.near = date.min
        self.setFixedWidth(84)
        self.setMaxLength(10)
        self.editingFinished.connect(self._tidy)

    @property
    def day(self) -> date | None:
        """Return the day, None for what is none."""
        return read_day(self.text(), self.near)

    def show_day(self, day: date) -> None:
        """Show a day."""
        self.setText(f"{day:%d.%m.%Y}")

    def _tidy(self) -> None:
        day = self.day
        if day is not None:
            self.show_day(day)

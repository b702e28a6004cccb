"""How a lesson of the day and a dispute look in their lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.pages import DisputeRow, TodayLesson
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.due import Sign, sign
from ejournal_desktop.ui.widgets.pill import DOT
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import moment, room_title, tr

Clock = Callable[[], datetime]

LINE = 9 * theme.UNIT
SECOND = 5 * theme.UNIT
NUMBER, TIME, CLASS, SUBJECT = 16, 44, 96, 168  # left edges of the columns
SIGNS_W = (124, 140, 112, 204)  # held, roll, topic, homework
NARROW_W = (104, 118, 84, 156)  # of the same where the subject would have no room
ROOM_W = 72
SUBJECT_W = 120  # less is no subject any more


class LessonFace:
    """№, time, class, subject, room, then what is entered and what is due; a second line for who is away."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, lesson: TodayLesson) -> int:
        """Return one line or two."""
        return LINE + (SECOND if self.second(lesson) else 0)

    def second(self, lesson: TodayLesson) -> str:
        """Return what stands under the lesson: substitution and who is known to be away."""
        parts = [tr("урок отменён: {why}").format(why=lesson.cancelled)] if lesson.cancelled else []
        if lesson.moved_from:
            parts.append(tr("перенесён с {place}").format(place=lesson.moved_from))
        if lesson.substitution_for:
            parts.append(tr("вместо: {name}").format(name=lesson.substitution_for))
        if lesson.substitution_waits:
            parts.append(tr("ждёт подтверждения"))
        if lesson.absent:
            parts.append(tr("нет на уроке: {names}").format(names=", ".join(lesson.absent)))
        elif lesson.known_absent:
            parts.append(tr("отсутствуют по сведениям классного руководителя: {names}").format(
                names=", ".join(lesson.known_absent)
            ))  # fmt: skip
        return " · ".join(parts)

    def words(self, lesson: TodayLesson) -> str:
        """Return the lesson in words."""
        told = [f"{lesson.lesson_number} {tr('урок')} {lesson.starts_at}", lesson.page.title]
        told += [room_title(lesson.room)] if lesson.room else []
        told += [each.text for each in self.signs(lesson)]
        return ", ".join([*told, *filter(None, (self.second(lesson),))])

    def signs(self, lesson: TodayLesson) -> list[Sign]:
        """Return the signs of the due items, or the one word that says it all."""
        now = self._clock()
        if f"{now:%H:%M}" < lesson.starts_at and not lesson.held and not any(item.done for item in lesson.items):
            return []
        return [sign(item, now, len(lesson.absent)) for item in lesson.items]

    def paint(self, painter: QPainter, rect: QRect, lesson: TodayLesson, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush = Brush(painter, rect)
        brush.words(NUMBER, 20, str(lesson.lesson_number), "secondary", height=LINE)
        brush.words(TIME, 44, lesson.starts_at, "secondary", height=LINE)
        brush.words(CLASS, SUBJECT - CLASS - 8, lesson.page.class_title, size=theme.MARK, bold=True, height=LINE)
        low = rect.width() - sum(SIGNS_W) - ROOM_W - SUBJECT < SUBJECT_W  # there the subject needs the room of the room
        widths = NARROW_W if low else SIGNS_W
        right = rect.width() - sum(widths)
        says = self.signs(lesson) or self._running(lesson)
        self._paint_subject(brush, (right if says else rect.width()) - 8 if low else right - ROOM_W - 8, lesson)
        if not low:
            brush.words(right - ROOM_W, ROOM_W - 8, room_title(lesson.room), "secondary", height=LINE)
        self._paint_signs(brush, right, widths, lesson)
        below = [room_title(lesson.room)] if low and lesson.room and self.second(lesson) else []
        below += [self.second(lesson)] if self.second(lesson) else []
        brush.words(SUBJECT, rect.width() - SUBJECT - 16, " · ".join(below), "secondary", size=theme.SMALL + 1,
                    top=LINE - 8, height=SECOND)  # fmt: skip

    def _paint_subject(self, brush: Brush, until: int, lesson: TodayLesson) -> None:
        end = brush.words(SUBJECT, until - SUBJECT, lesson.page.subject_title, size=theme.MARK, height=LINE)
        brush.words(end + 8, until - end - 8, lesson.page.subgroup_title, "secondary", height=LINE)

    def _paint_signs(self, brush: Brush, left: int, widths: Sequence[int], lesson: TodayLesson) -> None:
        signs = self.signs(lesson)
        if not signs and (running := self._running(lesson)):
            brush.words(left, widths[0] + widths[1], running, "accent", bold=True, height=LINE)
        for each, width in zip(signs, widths, strict=False):
            brush.sign(left, each.shape, each.token, height=LINE)
            brush.words(left + DOT + 6, width - DOT - 14, each.text, each.text_hue, height=LINE)
            left += width

    def _running(self, lesson: TodayLesson) -> str:
        now = f"{self._clock():%H:%M}"
        return tr("идёт до {time}").format(time=lesson.ends_at) if lesson.starts_at <= now < lesson.ends_at else ""


class DisputeFace:
    """Where, then both values with their authors and times, and the keys that keep one of them."""

    WHERE_W, SIDE_W = 400, 360

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def height(self, _row: DisputeRow) -> int:
        """Return two lines' height."""
        return LINE + SECOND

    def words(self, row: DisputeRow) -> str:
        """Return the dispute in words."""
        one = f"{row.standing_value or tr('пусто')}, {row.standing_author}"
        two = f"{row.wanted_value or tr('пусто')}, {row.wanted_author}"
        return f"{row.where}: 1 — {one}; 2 — {two}"

    def paint(self, painter: QPainter, rect: QRect, row: DisputeRow, *, current: bool) -> None:
        """Paint the row: the two values side by side."""
        brush = Brush(painter, rect)
        where = min(self.WHERE_W, rect.width() // 3)
        half = min((rect.width() - where - 32) // 2, self.SIDE_W)
        brush.words(16, where - 24, row.where, height=LINE + SECOND)
        sides = (
            ("1", row.standing_value, row.standing_author, row.standing_at, tr("стоит сейчас")),
            ("2", row.wanted_value, row.wanted_author, row.wanted_at, tr("ждёт решения")),
        )
        for number, (key, value, author, at, word) in enumerate(sides):
            left = 16 + where + number * half
            brush.words(left, 16, key, "accent" if current else "secondary", bold=True, height=LINE)
            brush.words(left + 20, half - 36, value or tr("пусто"), "dispute" if number else "ink",
                        size=theme.MARK, bold=True, height=LINE)  # fmt: skip
            when = f" {moment(at, self._clock())}" if at is not None else ""
            brush.words(left + 20, half - 36, f"{word} · {author}{when}", "secondary", size=theme.SMALL + 1,
                        top=LINE - 8, height=SECOND)  # fmt: skip

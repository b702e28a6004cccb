"""The three lists of Замены: who has lessons on the day, those lessons, and who could stand in at one of them."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.models.queries.substitution_day import DayLesson, DayTeacher, StandIn
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, room_title, tr

LESSON = ("урок", "урока", "уроков")
EDGE = 4 * theme.UNIT
LINE = theme.LIST_ROW - 2 * theme.UNIT  # of two lines the first
SECOND = theme.LIST_ROW - 3 * theme.UNIT
TWO_LINES = LINE + SECOND
CLOCK, CLASS, SUBJECT = 44, 88, 146
GIVER = 196  # room for whoever gives the lesson, at the right; on a narrow window a third, for the subject is read too
NARROW = 200  # a list of teachers so wide has room for «4 урока» beside a name, and for no more

#: The row above all teachers: everything that was arranged for the day.
ARRANGED = DayTeacher(id="", name="", lessons=0, replaced=0)


class TeacherFace:
    """Who has lessons, how many, and how many of them others give."""

    def height(self, _row: DayTeacher) -> int:
        """Return one line."""
        return theme.LIST_ROW

    def words(self, row: DayTeacher) -> str:
        """Return the row in words."""
        return f"{_teacher(row)}, {_told(row)}"

    def paint(self, painter: QPainter, rect: QRect, row: DayTeacher, *, current: bool) -> None:
        """Paint the row."""
        brush = Brush(painter, rect)
        words = _told(row) if rect.width() >= NARROW else _told_briefly(row)
        told = brush.at_the_right(rect.width() - 12, words, "secondary", height=rect.height())
        brush.words(EDGE, told - EDGE - 8, _teacher(row), size=theme.MARK, bold=current)


def _teacher(row: DayTeacher) -> str:
    return row.name or tr("Все замены дня")


def _told(row: DayTeacher) -> str:
    if not row.id:
        return str(row.replaced)
    number = count(row.lessons, LESSON)
    return tr("изменено {n} из {of}").format(n=row.replaced, of=row.lessons) if row.replaced else number


def _told_briefly(row: DayTeacher) -> str:
    """Return «1/4» or «4»: a name that is cut to nothing tells nobody whose they are."""
    if not row.id:
        return str(row.replaced)
    return f"{row.replaced}/{row.lessons}" if row.replaced else str(row.lessons)


class DayLessonFace:
    """№, time, class, subject; at the right who gives it; below what stands in the way.

    The place that a lesson has left is grey, and where it went is read before the rest of it.
    """

    def __init__(self) -> None:
        self.whole_day = False  # the lessons of all teachers: then it is said instead of whom

    def height(self, row: DayLesson) -> int:
        """Return one line, or two."""
        return TWO_LINES if self.below(row) else theme.LIST_ROW

    def words(self, row: DayLesson) -> str:
        """Return the lesson in words."""
        parts = [f"{row.lesson_number} {tr('урок')}", row.starts_at, row.page.title, self._left_by(row), giver(row)]
        return ", ".join(part for part in (*parts, self.below(row)) if part)

    def _left_by(self, row: DayLesson) -> str:
        """Return whose lesson left this place, where it is not known by the list."""
        return row.teachers if row.moved_to and self.whole_day else ""

    def below(self, row: DayLesson) -> str:
        """Return the second line, "" for none: the place that a lesson has left is one grey line."""
        if row.moved_to:
            return ""
        parts = [tr("вместо: {who}").format(who=row.teachers or "—")] if self.whole_day else []
        parts += [hindrance(row)]
        return " · ".join(part for part in parts if part)

    def paint(self, painter: QPainter, rect: QRect, row: DayLesson, *, current: bool) -> None:
        """Paint the row."""
        brush, below = Brush(painter, rect), self.below(row)
        height = LINE if below else rect.height()
        hue = "secondary" if row.moved_to else "ink"
        brush.words(EDGE, CLOCK - EDGE - 4, str(row.lesson_number), "secondary", height=height)
        brush.words(CLOCK, CLASS - CLOCK - 4, row.starts_at, "secondary", height=height)
        brush.words(CLASS, SUBJECT - CLASS - 8, row.page.class_title, hue, size=theme.MARK, bold=not row.moved_to,
                    height=height)  # fmt: skip
        right = self._giver(brush, row, height)
        end = brush.words(SUBJECT, right - SUBJECT - 12, row.page.subject_title, hue, size=theme.MARK,
                          bold=current and not row.moved_to, height=height)  # fmt: skip
        place = self._left_by(row) if row.moved_to else room_title(row.room)
        more = " · ".join(part for part in (row.page.subgroup_title, place) if part)
        brush.words(end + 8, right - end - 20, more, "secondary", height=height)
        if below:
            brush.words(CLASS, rect.width() - CLASS - 12, below, "warning" if row.also else "secondary", top=LINE)

    def _giver(self, brush: Brush, row: DayLesson, height: int) -> int:
        """Write who gives the lesson, or where it went; return where that begins."""
        wide = brush.rect.width()
        if row.moved_to:
            return brush.at_the_right(wide - 12, giver(row), "secondary", height=height)
        width = min(GIVER, wide // 3)
        hue = "warning" if row.cancelled else "ink" if row.substitute_id else "secondary"
        brush.words(wide - width - 12, width, giver(row), hue, size=theme.MARK, bold=hue != "secondary", height=height)
        return wide - width - 12


def giver(row: DayLesson) -> str:
    """Return who gives the lesson instead of its teacher, or that nobody does, or that it is called off."""
    if row.cancelled:
        return tr("отменён")
    if row.moved_to:
        return tr("перенесён на {place}").format(place=row.moved_to)
    if row.substitute_id:
        return row.substitute
    return tr("внесён") if row.entered else tr("замены нет")


def hindrance(row: DayLesson) -> str:
    """Return what has to be known before a substitute is named, "" for nothing."""
    moved = tr("перенесён с {place}").format(place=row.moved_from) if row.moved_from else ""
    return " · ".join(part for part in (moved, row.cancelled or _in_the_way(row)) if part)


def _in_the_way(row: DayLesson) -> str:
    if row.entered and row.substitute_id:
        return tr("уже внесён: не меняется")
    if row.entered:
        return tr("уже внесён своим учителем: не меняется")
    if row.also:
        return tr("в этот час у замены ещё {what}").format(what=row.also)
    if row.declared_by:
        return tr("{who} просит подтвердить замену: «Контроль»").format(who=row.declared_by)
    return ""


class StandInFace:
    """A name; below, whether the hour is free and what speaks for this person."""

    def height(self, _row: StandIn) -> int:
        """Return two lines."""
        return TWO_LINES

    def words(self, row: StandIn) -> str:
        """Return the person in words."""
        return f"{row.full_name}, {self.below(row)}"

    def below(self, row: StandIn) -> str:
        """Return the second line."""
        parts = [tr("в этот час: {what}").format(what=row.gives) if row.gives else tr("час свободен")]
        parts += [tr("тот же предмет")] if row.same_subject else []
        parts += [tr("учит этот класс")] if row.same_class else []
        parts += [tr("в этот день заменяют")] if row.is_replaced else []
        hours = ", ".join(map(str, row.hours))
        given = tr("урок {n}") if len(row.hours) == 1 else tr("уроки {n}")
        parts += [given.format(n=hours) if hours else tr("уроков в этот день нет")]
        return " · ".join(parts)

    def paint(self, painter: QPainter, rect: QRect, row: StandIn, *, current: bool) -> None:
        """Paint the row."""
        brush = Brush(painter, rect)
        brush.words(EDGE, rect.width() - EDGE - 12, row.full_name, size=theme.MARK, bold=current, height=LINE)
        hue = "warning" if row.gives or row.is_replaced else "secondary"
        brush.words(EDGE, rect.width() - EDGE - 12, self.below(row), hue, top=LINE - theme.UNIT)

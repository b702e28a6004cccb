"""Сегодня: the day's lessons in order, what is due when, and the disputes that wait for this person's word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.pages import DisputeRow, Today, TodayLesson
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.widgets.due import summary
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.lesson_row import DisputeFace, LessonFace
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import day_title

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

TICK_MS = 20_000  # minutes left are counted in minutes


def local_now() -> datetime:
    """Return the wall clock, aware."""
    return datetime.now().astimezone()


class TodayScreen(QWidget):
    """One column: lessons, then disputes. Enter opens a lesson; 1 and 2 decide a dispute."""

    lesson_opened = Signal(str)
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal, date], Today] | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read or queries.today
        self._day: date | None = None  # None: always the day of the clock
        self._today: Today | None = None
        self.setAccessibleName(self.tr("Сегодня"))
        self.header = TodayHeader()
        self.lessons = RowList(LessonFace(clock), self.tr("Уроки"), self)
        self.disputes = RowList(DisputeFace(clock), self.tr("Споры"), self)
        self._note = QLabel(self)
        self._disputes_title = QLabel(self)
        self._message = Line(self)
        self._lay_out()
        self.lessons.opened.connect(lambda lesson: self.lesson_opened.emit(lesson.lesson_id))
        self.disputes.walked.connect(lambda _row: self._message.say(""))
        self.disputes.typed.connect(self._decide_by_key)
        self._watch = JournalWatch(journal, self)
        self._watch.changed.connect(self.refresh)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        self.refresh()

    def _lay_out(self) -> None:
        page = QFrame(self)
        page.setProperty("look", "paper")
        self._note.setProperty("look", "secondary")
        self._note.setWordWrap(True)
        self._note.setMargin(6 * theme.UNIT)  # contents margins of a label give way to its style sheet
        self._disputes_title.setProperty("look", "title")
        self._disputes_title.setContentsMargins(4 * theme.UNIT, 6 * theme.UNIT, 0, theme.UNIT)
        self._message.setContentsMargins(4 * theme.UNIT, theme.UNIT, 4 * theme.UNIT, 0)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 4 * theme.UNIT)
        column.setSpacing(0)
        for part in (self._note, self.lessons, self._disputes_title, self.disputes, self._message):
            column.addWidget(part)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    # --- reading -----------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the day again."""
        self.show_day(self._read(self._journal, self._day or self._clock().date()))

    def show_day(self, today: Today) -> None:
        """Show a day; the current row and the focus stay where they are."""
        self._today = today
        self._note.setText(self._empty_note(today))
        self._note.setVisible(bool(self._note.text()))
        self.lessons.show_rows(today.lessons, key="lesson_id")
        self.lessons.setVisible(bool(today.lessons))
        self.disputes.show_rows(today.disputes)
        self._disputes_title.setText(self.tr("Споры {n}").format(n=len(today.disputes)))
        for part in (self.disputes, self._disputes_title):
            part.setVisible(bool(today.disputes))
        if not today.disputes and self.disputes.hasFocus():
            self.lessons.setFocus()
        self._tick()

    def _empty_note(self, today: Today) -> str:
        if today.note:
            return "\n\n".join(part for part in (f"{today.note}.", today.guidance) if part)
        return "" if today.lessons else self.tr("Сегодня у вас нет уроков. Журналы открываются в разделе «Журнал».")

    def _tick(self) -> None:
        if self._today is not None:
            now = self._clock()
            items = [
                item for lesson in self._today.lessons for item in lesson.items if lesson.starts_at <= f"{now:%H:%M}"
            ]
            self.header.say(day_title(self._today.day), summary(items, now))
            self.lessons.viewport().update()

    def enter(self) -> None:
        """Put the focus on the lesson that wants something first."""
        self.refresh()
        (self.lessons if self.lessons.count() else self.disputes if self.disputes.count() else self).setFocus()

    @property
    def lesson_id(self) -> str:
        """Return the lesson that the focus is at, "" when there is none."""
        lesson: TodayLesson | None = self.lessons.current
        return lesson.lesson_id if lesson is not None else ""

    def close_screen(self) -> None:
        """Stop listening and ticking."""
        self._watch.close()
        self._timer.stop()

    # --- doing -------------------------------------------------------------------------------------------------------

    def actions(self) -> list[Action]:  # type: ignore[override]
        """Return what can be done here."""
        day, dispute = self.tr("Уроки дня"), self.tr("Споры")
        found = [Action("today.open", self.tr("Открыть урок"), (), self.open_lesson, day, "Enter")]
        if self.disputes.count():
            found += [
                Action("today.keep", self.tr("Оставить значение, которое стоит"), (), self.keep_standing, dispute, "1"),
                Action("today.take", self.tr("Взять второе значение"), (), self.take_wanted, dispute, "2"),
            ]
        return found

    def open_lesson(self) -> None:
        """Open the current lesson."""
        lesson: TodayLesson | None = self.lessons.current
        if lesson is not None:
            self.lesson_opened.emit(lesson.lesson_id)

    def keep_standing(self) -> None:
        """Decide the current dispute for the value that stands."""
        self._resolve("standing")

    def take_wanted(self) -> None:
        """Decide the current dispute for the second value."""
        self._resolve("wanted")

    def _decide_by_key(self, sign: str) -> None:
        if sign == "1":
            self.keep_standing()
        elif sign == "2":
            self.take_wanted()

    def _resolve(self, keep: Literal["standing", "wanted"]) -> None:
        row: DisputeRow | None = self.disputes.current
        if row is None:
            return
        self.disputes.setFocus()
        try:
            resolve_dispute(self._journal, row.id, keep)
        except Refusal as refusal:
            self._message.say(refusal.sentence, "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            kept = row.standing_value if keep == "standing" else row.wanted_value
            self.refresh()
            self._message.say(
                self.tr("Решено: {value}. {where}").format(value=kept or self.tr("пусто"), where=row.where), "done"
            )


class TodayHeader(QWidget):
    """The day at the left, what is due at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day = QLabel(self)
        self._day.setProperty("look", "title")
        self._due = QLabel(self)
        self._due.setProperty("look", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * theme.UNIT)
        row.addWidget(self._day)
        row.addWidget(self._due)
        row.addStretch(1)

    def say(self, day: str, due: str) -> None:
        """Show both."""
        self._day.setText(day)
        self._due.setText(due)

    @property
    def text(self) -> str:
        """Return what is shown."""
        return f"{self._day.text()} · {self._due.text()}"

"""The right side of Урок: held, topic, homework, what is due, and whether all of it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import TickBox
from ejournal_desktop.ui.widgets.due import sign
from ejournal_desktop.ui.widgets.files_panel import FilesPanel, is_attachable, paths_in
from ejournal_desktop.ui.widgets.layouts import scrolling, set_in
from ejournal_desktop.ui.widgets.roll_check import RollCheck
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import about_language, count, day_short, span, unbroken

WIDTH = 92 * theme.UNIT
SUBJECT = ("предмет", "предмета", "предметов")
SAVE_AFTER_MS = 1200  # a pause in typing; leaving the field saves at once


class TextField(QPlainTextEdit):
    """A few lines of text that save themselves: after a pause, on leaving, on the lock.

    What the file says is shown unless the person is in the middle of typing something else here.
    """

    entered = Signal(str)
    went_on = Signal()
    given = Signal(object)  # a QMimeData that is no text: files, or a picture

    def __init__(self, name: str, lines: int, parent: QWidget, *, enter_goes_on: bool) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._enter_goes_on = enter_goes_on
        self._saved = ""
        self._before = ""
        self._offer = ""
        self._pause = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._pause.timeout.connect(self.save)
        self.textChanged.connect(self._typed)
        least, most = (n * self.fontMetrics().lineSpacing() + 4 * theme.UNIT for n in (min(lines, 2), lines))
        self.setMinimumHeight(least)  # on a low screen the files need the room
        self.setMaximumHeight(most)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def unsaved(self) -> bool:
        """Say whether something typed here is not in the file yet."""
        return self.toPlainText() != self._saved

    def show_text(self, text: str, *, force: bool = False) -> None:
        """Show what the file says."""
        if self.unsaved and not force:
            return
        self._saved = text
        if self.toPlainText() != text:
            self.setPlainText(text)
        self._pause.stop()

    def offer(self, text: str, told: str) -> None:
        """Show in the empty field what Enter would write there; "" offers nothing."""
        self._offer = text
        self.setPlaceholderText(told if text else "")

    def take_offer(self) -> bool:
        """Write what is offered, where nothing is written yet; return whether it was."""
        if not self._offer or self.isReadOnly() or self.toPlainText().strip():
            return False
        self.setPlainText(self._offer)
        self.moveCursor(QTextCursor.MoveOperation.End)
        return True

    def save(self) -> None:
        """Hand over what was typed, if anything was."""
        self._pause.stop()
        if self.unsaved and not self.isReadOnly():
            text = self.toPlainText()
            self._before, self._saved = self._saved, text
            self.entered.emit(text)

    def refused(self) -> None:
        """Learn that the file did not take the text: it stays here, unsaved, for the person to mend."""
        self._saved = self._before

    def _typed(self) -> None:
        if self.unsaved:
            self._pause.start()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Take files and pictures too: they go to the files of the lesson."""
        return _is_no_text(source) or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Enter a text; hand over what is none."""
        if _is_no_text(source):
            self.given.emit(source)
        else:
            super().insertFromMimeData(source)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Save on leaving."""
        super().focusOutEvent(event)
        self.save()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a one-line field goes on to the next; Esc saves and steps back."""
        plain = not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if self._enter_goes_on and plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take_offer()
            self.save()
            self.went_on.emit()
        elif plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.take_offer():
            self.save()
        elif event.key() == Qt.Key.Key_Escape:
            self.save()
            event.ignore()
        else:
            super().keyPressEvent(event)


def _is_no_text(mime: QMimeData) -> bool:
    """Say whether it is for the files: words copied from an office program bring a picture of themselves along."""
    return bool(paths_in(mime)) or (is_attachable(mime) and not mime.hasText())


class _Squeezed(QWidget):
    """What stands in the panel: its fields shrink to a few lines before anything has to be scrolled to."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height."""
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else super().heightForWidth(width)


class LessonPanel(QFrame):
    """Says what was entered; whoever owns it writes and shows the sheet again."""

    held_entered = Signal(bool)
    topic_entered = Signal(str)
    homework_entered = Signal(str)

    def __init__(self, clock: Callable[[], datetime], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.setFixedWidth(WIDTH)
        self.read_only = Line(self)
        self.held = TickBox(self.tr("Урок проведён"), self)
        self.held.clicked.connect(self.held_entered)
        self.topic = TextField(self.tr("Тема"), 2, self, enter_goes_on=True)
        self.homework = TextField(self.tr("Домашнее задание"), 4, self, enter_goes_on=False)
        self.topic.entered.connect(self.topic_entered)
        self.topic.went_on.connect(self.homework.setFocus)
        self.homework.entered.connect(self.homework_entered)
        self.files = FilesPanel(self)
        for field in (self.topic, self.homework):
            field.given.connect(self.files.given)
        self.check = RollCheck(self)
        self.ahead = Line(self)
        self.faults = {name: Line(self) for name in ("held", "topic", "homework")}
        self.foreign = {name: Line(self) for name in ("topic", "homework")}
        self._previous = QLabel(self)
        self._due = [Line(self) for _ in range(4)]
        self.saved = Line(self)
        self._lay_out()

    def _lay_out(self) -> None:
        self._previous.setProperty("look", "secondary")
        self._previous.setWordWrap(True)
        page = _Squeezed(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(4 * theme.UNIT, 4 * theme.UNIT, 4 * theme.UNIT, theme.UNIT)
        column.setSpacing(theme.UNIT)
        column.addWidget(self.read_only)
        column.addWidget(self.ahead)
        column.addWidget(self.held)
        column.addWidget(self.faults["held"])
        column.addWidget(self.check)
        for title, field, name in (
            (self.tr("Тема"), self.topic, "topic"),
            (self.tr("Домашнее задание"), self.homework, "homework"),
        ):
            label = QLabel(title, self)
            label.setProperty("look", "secondary")
            label.setBuddy(field)
            for part in (label, field, self.faults[name], self.foreign[name]):
                column.addWidget(part)
            column.addSpacing(theme.UNIT)
        column.addWidget(self.files)
        column.addSpacing(theme.UNIT)
        column.addWidget(self._previous)
        column.addSpacing(2 * theme.UNIT)
        for line in self._due:
            column.addWidget(line)
        column.addStretch(1)
        self._area = scrolling(page, self)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 3 * theme.UNIT)
        outer.setSpacing(0)
        outer.addWidget(self._area, 1)
        outer.addLayout(set_in(self.saved))
        for line in self.faults.values():
            line.hide()
        for place in (self.held, self.topic, self.homework, self.files.list, self.files.button):
            place.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll to what the focus comes to, by whichever key."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._area.ensureWidgetVisible(watched, 0, theme.UNIT)
        return False

    def show_sheet(self, sheet: LessonSheet, *, new: bool) -> None:
        """Show a lesson; with `new` it is another one than before."""
        lesson = sheet.lesson
        self.held.setChecked(lesson.held)
        self.topic.show_text(lesson.topic, force=new)
        self.homework.show_text(lesson.homework, force=new)
        self._show_offer(sheet)
        self._show_advice(sheet)
        self._show_language(sheet)
        closed = bool(sheet.read_only)
        self.held.setEnabled(not closed)
        for field in (self.topic, self.homework):
            field.setReadOnly(closed)
        self.read_only.say(sheet.read_only, "hollow")
        self.read_only.setVisible(closed)
        self.ahead.say("" if closed else sheet.ahead, "hollow")
        self.ahead.setVisible(bool(self.ahead.text))
        before = self.tr("К этому уроку задавали: {text}").format(text=sheet.previous_homework)
        self._previous.setText(unbroken(before) if sheet.previous_homework else "")
        self.check.show_sheet(sheet, self._clock().date())
        self.show_due(sheet)
        if new:
            for name in self.faults:
                self.clear_fault(name)

    def _show_offer(self, sheet: LessonSheet) -> None:
        offer = None if sheet.read_only else sheet.offered
        homework = "" if sheet.read_only else sheet.planned_homework
        self.homework.offer(homework, self.tr("По КТП: {0}. Enter — записать").format(homework))
        if offer is None:
            self.topic.offer("", "")
            return
        told = self.tr("По КТП, строка {n}: {topic}. Enter — записать").format(n=offer.number, topic=offer.topic)
        self.topic.offer(offer.topic, told)

    def _show_advice(self, sheet: LessonSheet) -> None:
        """Say in the empty field, under what the plan offers, how much time the class has for it: advice, no rule."""
        advice = None if sheet.read_only else sheet.advice
        told = ""
        if advice is not None:
            told = self.tr("К {day} у класса {subjects}: на всё вместе до {all}").format(
                day=day_short(advice.day), subjects=count(advice.subjects, SUBJECT), all=span(60 * advice.minutes)
            )
            if advice.subjects > 1:
                told += self.tr(", примерно {each} на предмет").format(each=span(60 * advice.minutes_each))
        offered = self.homework.placeholderText()
        self.homework.setPlaceholderText("\n".join(part for part in (offered, told) if part))
        self.homework.setToolTip(told)

    def _show_language(self, sheet: LessonSheet) -> None:
        """Say under a field that it holds no Russian word: it is taken all the same."""
        for name, line in self.foreign.items():
            told = "" if sheet.read_only else about_language(getattr(sheet.lesson, name))
            line.say(told, "hollow")
            line.setVisible(bool(told))

    def show_due(self, sheet: LessonSheet) -> None:
        """Show what is done, what is due, and how long there is still time."""
        now = self._clock()
        ahead = sheet.lesson.held_on > now.date()
        items = [item for item in sheet.items if not ahead or item.what in ("topic", "homework")]
        absent = sum(row.presence == "absent" for row in sheet.roll)
        for line, item in zip(self._due, items, strict=False):
            each = sign(item, now, absent)
            line.say_sign(each.text, each.shape, each.token)
        for number, line in enumerate(self._due):
            line.setVisible(number < len(items))

    def save(self) -> None:
        """Hand over what is half typed."""
        self.topic.save()
        self.homework.save()

    def say_fault(self, name: str, sentence: str) -> None:
        """Show a sentence at a field; what was typed stays."""
        self.faults[name].say(sentence, "danger")
        self.faults[name].show()
        if name == "topic":
            self.topic.refused()
        elif name == "homework":
            self.homework.refused()

    def clear_fault(self, name: str) -> None:
        """Take a field's sentence away."""
        self.faults[name].say("")
        self.faults[name].hide()

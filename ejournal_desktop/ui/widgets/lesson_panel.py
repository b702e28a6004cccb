"""The right side of Урок: held, topic, homework, what is due, and whether all of it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ejournal_desktop.models.pages import LessonSheet
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.controls import TickBox
from ejournal_desktop.ui.widgets.due import sign
from ejournal_desktop.ui.widgets.files_panel import FilesPanel
from ejournal_desktop.ui.widgets.late_reason import LateReason
from ejournal_desktop.ui.widgets.layouts import scrolling, set_in
from ejournal_desktop.ui.widgets.roll_check import RollCheck
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.text_field import TextField
from ejournal_desktop.ui.words import about_language, count, day_short, span, unbroken

WIDTH = 92 * theme.UNIT
SUBJECT = ("предмет", "предмета", "предметов")


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
    late_reason_entered = Signal(str)

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
        self.late = LateReason(self)
        self.late.field.entered.connect(self.late_reason_entered)
        self.late.field.went_on.connect(self.topic.setFocus)
        self.files = FilesPanel(self)
        for field in (self.topic, self.homework):
            field.given.connect(self.files.given)
        self.check = RollCheck(self)
        self.ahead = Line(self)
        self.faults = {name: Line(self) for name in ("held", "late_reason", "topic", "homework")}
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
        column.addWidget(self.late)
        column.addWidget(self.faults["late_reason"])
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
        for place in (self.held, self.late.field, self.topic, self.homework, self.files.list, self.files.button):
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
        self.late.show_sheet(sheet, new=new)
        self._show_offer(sheet)
        self._show_advice(sheet)
        self._show_language(sheet)
        closed = bool(sheet.read_only)
        self.held.setEnabled(not closed)
        for field in (self.topic, self.homework, self.late.field):
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
        self.late.field.save()
        self.topic.save()
        self.homework.save()

    def say_fault(self, name: str, sentence: str) -> None:
        """Show a sentence at a field; what was typed stays."""
        self.faults[name].say(sentence, "danger")
        self.faults[name].show()
        fields = {"topic": self.topic, "homework": self.homework, "late_reason": self.late.field}
        if name in fields:
            fields[name].refused()

    def clear_fault(self, name: str) -> None:
        """Take a field's sentence away."""
        self.faults[name].say("")
        self.faults[name].hide()

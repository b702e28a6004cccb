"""Звонки of Администрирование: how one day rings, from a set of shortened lessons or typed, and what that changes.

Nothing is written before Ctrl+S: until then what would change is told below.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_core.bells import Times, with_lessons_of
from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands.bells import ring
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.queries.day_bells import DayBells, day_bells
from ejournal_desktop.models.queries.substituting import study_days
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.bell_words import no_time, what_changes
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.widgets.bell_lines import BellLines
from ejournal_desktop.ui.widgets.day_head import DayHead
from ejournal_desktop.ui.widgets.layouts import MARGIN, scrolling, set_in
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.words import day_title, tr

#: The sets: minutes of a lesson, 0 for the usual bells.
SETS = ((0, "Как обычно"), (40, "Уроки по 40 минут"), (35, "Уроки по 35 минут"), (30, "Уроки по 30 минут"))


class BellsPart(QFrame):
    """See the module's docstring."""

    troubled = Signal(object)
    hint_changed = Signal(str)

    entry_keys = (("стрелки, Enter", "К строке выше или ниже; Tab — дальше по строке"), ("905", "То же, что 09:05"))

    def __init__(self, journal: Journal, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Звонки")
        self.setProperty("look", "paper")
        self.setAccessibleName(self.title)
        self._journal, self._clock = journal, clock
        self.bells = DayBells(clock().date(), {}, {}, {})  # read when it comes to the front: then the journal is loaded
        self._before: list[tuple[DayBells, Times]] = []  # what Ctrl+Z gives back: the day, and how it rang
        self.head, self.lines = DayHead(self), BellLines(self)
        self.sets = {minutes: QPushButton(tr(title), self) for minutes, title in SETS}
        self.save_button = QPushButton(self.tr("Записать звонки"), self)
        self.save_button.setProperty("look", "main")
        self.preview, self.message = QLabel(self), Line(self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, theme.UNIT, MARGIN, 2 * theme.UNIT)
        row.setSpacing(2 * theme.UNIT)
        for number, button in enumerate(self.sets.values(), 1):
            button.setToolTip(f"Alt+{number}")
            row.addWidget(button)
        row.addStretch(1)
        self.save_button.setToolTip("Ctrl+S")
        row.addWidget(self.save_button)
        self.preview.setWordWrap(True)
        self.preview.setTextFormat(Qt.TextFormat.PlainText)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        middle = QHBoxLayout()
        middle.setSpacing(4 * theme.UNIT)
        middle.addWidget(scrolling(self.lines, self), 7)  # whole on the narrowest window
        middle.addLayout(set_in(self.preview, 2 * theme.UNIT), 7)
        foot = set_in(self.message, theme.UNIT, theme.UNIT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addLayout(row)
        column.addLayout(middle, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.head.stepped.connect(self.go_by)
        self.head.chosen.connect(self.go_to)
        self.head.left.connect(self.lines.enter)
        self.lines.changed.connect(self._tell)
        self.save_button.clicked.connect(self.save)
        for minutes, button in self.sets.items():
            button.clicked.connect(lambda _checked=False, each=minutes: self.take_set(each))

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read again and put the focus into the first lesson."""
        self.refresh()
        self.lines.enter()
        self.hint_changed.emit(self.tr("Alt+1 … Alt+4 готовый набор   Ctrl+S записать   Alt+← Alt+→ другой день   "
                                       "F2 день   Ctrl+Z отменить"))  # fmt: skip

    def refresh(self) -> None:
        """Read again; times that are typed and not written yet stay."""
        half_typed = self._is_changed
        self.bells = day_bells(self._journal, self.bells.day)
        self.head.show_day(self.bells.day)
        if not half_typed or list(self.lines.fields) != list(self._standing):
            self.lines.show_bells(self.bells.usual, self._standing, self.bells.lessons)
        self._tell()

    @property
    def _standing(self) -> Times:
        """Return how the day rings by the journal: the usual lessons, each as it stands."""
        return {number: self.bells.ringing.get(number, usual) for number, usual in self.bells.usual.items()}

    @property
    def _is_changed(self) -> bool:
        return bool(self.lines.fields) and dict(self.lines.times) != dict(self._standing)

    def _tell(self) -> None:
        now, policy = self._clock(), self._journal.policy()
        assert now.tzinfo is not None, "moments are aware"
        told = what_changes(self.bells, self.lines.times, policy, now.tzinfo, now.date())
        own = dict(self._standing) != dict(self.bells.usual)
        state = tr("Ещё не записано.") if self._is_changed else tr("У этого дня свои звонки.") if own else ""
        self.preview.setText("\n\n".join(part for part in (state, *told) if part))

    # --- going -------------------------------------------------------------------------------------------------------

    def go_by(self, step: int) -> None:
        """Show the next or previous study day."""
        day = next(study_days(self._journal, self.bells.day, step), None)
        if day is not None:
            self.go_to(day)
        else:
            self.message.say(self.tr("Дальше учебных дней нет."))

    def go_to(self, day: object) -> None:
        """Show another day; what was typed for this one and not written is put back first, and said so."""
        given_up, before = self._is_changed, self.bells.day
        self.bells = day_bells(self._journal, day)  # type: ignore[arg-type]  # a signal carries the day as an object
        self.lines.show_bells(self.bells.usual, self._standing, self.bells.lessons)
        self.refresh()
        lost = self.tr("{day}: набранные звонки не записаны, день звонит как прежде.")
        self.message.say(lost.format(day=day_title(before)) if given_up else "", "danger" if given_up else "")
        self.lines.enter()

    def go_to_today(self) -> None:
        """Show today."""
        self.go_to(self._clock().date())

    # --- what a person does ------------------------------------------------------------------------------------------

    def take_set(self, minutes: int) -> None:
        """Fill the lines: lessons of so many minutes, usual breaks, from the start that is typed; 0 as usual."""
        usual = self.bells.usual
        if not usual:
            return
        first = min(usual)
        begins = self.lines.times[first][0]
        times = with_lessons_of(usual, minutes, begins) if minutes else usual
        self.lines.show_bells(usual, times, self.bells.lessons)
        self.message.say("")
        self._tell()

    def save(self) -> None:
        """Write the bells of the day."""
        times = self.lines.times
        if not self._is_changed:
            self.message.say(self.tr("Эти звонки уже записаны."))
            return
        if wrong := no_time(times):
            self.message.say(self.tr("{wrong} Ничего не записано.").format(wrong=wrong), "danger")
            return
        before = (self.bells, self._standing)
        if self._written(times, self.tr("{day}: звонки записаны. Ctrl+Z — вернуть прежние.")):
            self._before.append(before)

    def undo(self) -> None:
        """Give the day that was written last the bells that it had before."""
        if not self._before:
            self.message.say(self.tr("Отменять нечего: звонки отсюда не меняли."))
            return
        bells, times = self._before.pop()
        self.bells = bells
        self._written(times, self.tr("{day}: прежние звонки возвращены."))

    def _written(self, times: Times, told: str) -> bool:
        day = self.bells.day
        try:
            ring(self._journal, day, times)
        except Refusal as refusal:
            self.message.say(with_clause(refusal, self._journal.policy()), "danger")
        except EjournalError as error:
            self.troubled.emit(error)
        else:
            self.bells = day_bells(self._journal, day)
            self.lines.show_bells(self.bells.usual, self._standing, self.bells.lessons)
            self.refresh()
            self.message.say(told.format(day=day_title(day)), "done")
            return True
        return False

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        writing, moving = self.tr("Звонки"), self.tr("Переход")
        sets = [Action(f"bells.set{minutes}", tr(title), (f"Alt+{number}",), partial(self.take_set, minutes), writing)
                for number, (minutes, title) in enumerate(SETS, 1)]  # fmt: skip
        return [
            *sets,
            Action("bells.save", self.tr("Записать звонки дня"), ("Ctrl+S",), self.save, writing),
            Action("bells.undo", self.tr("Вернуть прежние звонки"), ("Ctrl+Z",), self.undo, writing),
            Action("bells.earlier", self.tr("Раньше"), ("Alt+Left",), lambda: self.go_by(-1), moving),
            Action("bells.later", self.tr("Позже"), ("Alt+Right",), lambda: self.go_by(1), moving),
            Action("bells.day", self.tr("Другой день: число"), ("F2",), self.head.ask, moving),
            Action("bells.today", self.tr("К сегодняшнему дню"), ("Ctrl+T",), self.go_to_today, moving),
        ]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts back how the day rings by the journal."""
        if event.key() == Qt.Key.Key_Escape and self._is_changed:
            self.lines.show_bells(self.bells.usual, self._standing, self.bells.lessons)
            self._tell()
            self.message.say(self.tr("Набранное убрано: день звонит как прежде."))
        else:
            super().keyPressEvent(event)

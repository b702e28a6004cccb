"""«Готовность журналов»: which pages of a period are finished, what the others lack, and who is late."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ejournal_core import russian
from ejournal_core.errors import EjournalError
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.queries.oversight import Asked, Oversight, PageStanding, oversight
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.closing_strip import ClosingStrip
from ejournal_desktop.ui.widgets.controls import Chooser, TickBox
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.readiness_model import COLUMNS, EXACT, LESSON, SPARE, STANDING, ReadinessModel, told
from ejournal_desktop.ui.widgets.say import Line
from ejournal_desktop.ui.widgets.waiting_filter import fill
from ejournal_desktop.ui.words import count, moment, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Jobs

MARGIN = 4 * theme.UNIT
PAGE = ("страница", "страницы", "страниц")
MARK = ("итоговая отметка", "итоговые отметки", "итоговых отметок")
AGAIN_MS = 3_000  # what comes by sync meanwhile is counted together
SLOW_MS = 200  # a shorter wait is told to nobody


class ReadinessPage(QFrame):
    """The lines, what they are narrowed to, and their sum.

    Signals:
        left: Esc.
        results_wanted: page id, kind and number of its period.
        page_wanted: page id, in Журнал.
        hint_changed: the keys.
        troubled: a `Trouble` of the reading.
    """

    left = Signal()
    results_wanted = Signal(str, str, int)
    page_wanted = Signal(str)
    hint_changed = Signal(str)
    troubled = Signal(object)

    def __init__(
        self, journal: Journal, jobs: Jobs, clock: Callable[[], datetime], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self._journal, self._jobs, self._clock = journal, jobs, clock
        self._reading = self._is_stale = self._is_closed = False
        self._said = ""  # what was closed or opened here last
        self._periods: dict[str, Asked] = {}
        self.known: Oversight | None = None
        self.period = self._chooser(self.tr("Период"))
        self.group = self._chooser(self.tr("Класс"))
        self.teacher = self._chooser(self.tr("Учитель"))
        self.unready = TickBox(self.tr("Только неготовые"), self)
        self.lines = ReadinessModel(self)
        self.table = LineTable(COLUMNS, EXACT, self, spare=SPARE)
        self.table.setModel(self.lines)
        # Qt measures both lines of a head as one, and would cut what fits.
        self.table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideNone)
        self.table.setAccessibleName(self.tr("Готовность журналов"))
        self.whole = QLabel(self)
        self.whole.setProperty("look", "secondary")
        self.whole.setWordWrap(True)
        self.sums = Line(self)
        self.note = Line(self)
        self.closing = ClosingStrip(journal, self)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._lay_out()
        self._wire()

    def _chooser(self, name: str) -> Chooser:
        made = Chooser(self)
        made.setAccessibleName(name)
        made.setMinimumContentsLength(9)
        made.setSizeAdjustPolicy(Chooser.SizeAdjustPolicy.AdjustToContents)
        return made

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Готовность журналов"), self)
        title.setProperty("look", "title")
        head = QHBoxLayout()
        head.setSpacing(2 * theme.UNIT)
        head.addWidget(title)
        head.addStretch(1)
        for choice in (self.unready, self.period, self.group, self.teacher):
            head.addWidget(choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 3 * theme.UNIT, MARGIN, 2 * theme.UNIT)
        column.setSpacing(2 * theme.UNIT)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        for part in (self.closing, self.whole, self.sums, self.note):
            column.addWidget(part)

    def _wire(self) -> None:
        self.period.currentIndexChanged.connect(lambda _at: self.read())
        for chooser in (self.group, self.teacher):
            chooser.currentIndexChanged.connect(lambda _at: self._show_rows())
        self.unready.toggled.connect(lambda _on: self._show_rows())
        self.table.selectionModel().currentRowChanged.connect(lambda now, _before: self._show_whole(now.row()))
        self.table.opened.connect(self._open)
        self.table.copied.connect(lambda number: self.note.say(
            self.tr("Скопировано: {n}.").format(n=count(number, ("строка", "строки", "строк"))), "done"))  # fmt: skip
        self.table.copied.connect(lambda number: tell_copied(self._journal, "readiness", number))
        self.closing.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        self.closing.done.connect(self._closed)
        self.closing.troubled.connect(self.troubled)
        self._again.timeout.connect(self.read)
        self._slow.timeout.connect(lambda: self.note.say(self.tr("Считаю…")))

    # --- reading -----------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Read and put the focus on the lines."""
        keys = "Enter итоги страницы   Ctrl+Enter журнал   Alt+1 только неготовые   Ctrl+F класс и учитель   "
        keys += "Ctrl+K закрыть период   Esc назад"
        self.hint_changed.emit(self.tr(keys))
        self._said = ""
        self.read()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        """Count again before long, because something has come."""
        if not self._again.isActive():
            self._again.start()

    def read(self) -> None:
        """Count the pages of the chosen period off the window's thread; a wish that comes meanwhile is the next."""
        if self._is_closed or self._reading:
            self._is_stale = True
            return
        asked = self._periods.get(self.period.currentData() or "")
        self._reading, self._is_stale = True, False
        self._again.stop()
        self._slow.start()
        self._jobs.run(
            lambda _report: oversight(self._journal, asked), done=self._read, failed=self._failed, quiet=True
        )

    def _read(self, found: Oversight) -> None:
        if self._ended():
            self.known = found
            self._offer(found)
            self._show_rows()

    def _failed(self, error: BaseException) -> None:
        if self._ended():
            self.note.say("")
            if isinstance(error, EjournalError):
                self.troubled.emit(error)

    def _ended(self) -> bool:
        """Note the end of a reading; return whether anybody is there to see it."""
        self._reading = False
        if self._is_closed:
            return False
        self._slow.stop()
        if self._is_stale:
            self.read()
        return True

    def _offer(self, found: Oversight) -> None:
        self._periods = {f"{kind}.{number}": (kind, number) for kind, number, _title in found.periods}
        periods = [(title, f"{kind}.{number}") for kind, number, title in found.periods]
        fill(self.period, self.tr("Текущий период"), periods)
        groups = list(dict.fromkeys(row.page.class_title for row in found.rows))
        fill(self.group, self.tr("Все классы"), [(each, each) for each in groups])
        teachers = sorted({name for row in found.rows for name in row.teachers} - {""}, key=russian.sort_key)
        fill(self.teacher, self.tr("Все учителя"), [(each, each) for each in teachers])

    # --- showing -----------------------------------------------------------------------------------------------------

    def _show_rows(self) -> None:
        """Show the lines that are wanted; the cursor stays on its page."""
        if self.known is None:
            return
        here = self.current
        rows = [row for row in self.known.rows if self._is_wanted(row)]
        self.lines.show_rows(rows, self._clock().date())
        head = self.table.horizontalHeader()
        first = here is None and head.sortIndicatorSection() != STANDING
        self.table.sortByColumn(STANDING if first else head.sortIndicatorSection(),
                                Qt.SortOrder.AscendingOrder if first else head.sortIndicatorOrder())  # fmt: skip
        at = self.lines.line_of(here.page.id) if here is not None else 0
        if rows:
            self.table.setCurrentIndex(self.lines.index(max(at, 0), 0))
        self._show_whole(self.table.currentIndex().row())
        self.sums.say(sums(rows))
        self.note.say(f"{self._said} {self._about()}".strip(), "done" if self._said else "")

    def _is_wanted(self, row: PageStanding) -> bool:
        group, teacher = self.group.currentData(), self.teacher.currentData()
        unready = row.standing != "ready" or not self.unready.isChecked()
        return unready and (not group or row.page.class_title == group) and (not teacher or teacher in row.teachers)

    def _show_whole(self, at: int) -> None:
        row = self.lines.rows[at] if 0 <= at < len(self.lines.rows) else None
        self.whole.setText(told(row, self.lines.today) if row is not None else "")

    def _about(self) -> str:
        """Return what is not among the lines: nobody takes what this computer does not hold for nothing."""
        assert self.known is not None
        parts = []
        if not self.known.rows:
            parts.append(self.tr("Здесь появятся журналы классов, за которые вы отвечаете, когда начнётся период."))
        elif not self.lines.rows:
            parts.append(self.tr("Таких страниц нет."))
        if self.known.elsewhere:
            elsewhere = self.tr("Ещё {n} — классов, за которые отвечает другой завуч: их здесь нет.")
            parts.append(elsewhere.format(n=count(self.known.elsewhere, PAGE)))
        heard = self.known.heard_at
        told_at = moment(heard, self._clock()) if heard else self.tr("ещё не было")
        late = self.tr("Связь с сервером: {when}. Что учителя внесли позже, ещё не посчитано.")
        return " ".join([*parts, late.format(when=told_at)])

    # --- doing -------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> PageStanding | None:
        """Return the page under the cursor."""
        at = self.table.currentIndex().row()
        return self.lines.rows[at] if 0 <= at < len(self.lines.rows) else None

    def _open(self, _at: int) -> None:
        row = self.current
        if row is not None:
            self.results_wanted.emit(row.page.id, row.kind, row.number)

    def open_page(self) -> None:
        """Open the current page in Журнал."""
        row = self.current
        if row is not None:
            self.page_wanted.emit(row.page.id)

    def ask_closing(self) -> None:
        """Ask whether the period of the current page's class is to be closed, or opened again."""
        row = self.current
        if row is not None and self.known is not None:
            self._said = ""
            self.closing.ask(row, self.known.rows, self._clock().date())

    def _closed(self, words: str) -> None:
        self._said = words
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self.read()

    def toggle_unready(self) -> None:
        """Show only what is not ready, or all."""
        self.unready.toggle()

    def look_for(self) -> None:
        """Go to the choice of class and teacher."""
        self.group.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def close_page(self) -> None:
        """Take no more notice of what is still being counted."""
        self._is_closed = True
        self._again.stop()
        self._slow.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc steps back: out of the choosers to the lines, from the lines to what waits."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.table.hasFocus():
            self.left.emit()
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)


def sums(rows: Sequence[PageStanding]) -> str:
    """Return the sum of the lines: «172 страницы: готовы 40, не готовы 132, из них с опозданием 12 · …»."""
    if not rows:
        return ""
    stands = [row.standing for row in rows]
    late, absent = stands.count("late"), stands.count("absent")
    unready = stands.count("waits") + late
    told_ = tr("{pages}: готово {ready}, не готово {unready}").format(
        pages=count(len(rows), PAGE), ready=stands.count("ready"), unready=unready)  # fmt: skip
    parts = [told_ + (tr(", из них с опозданием {n}").format(n=late) if late else "")]
    numbers = (
        (tr("не заполнено {n}"), sum(row.unfilled for row in rows), LESSON),
        (tr("не выставлено {n}"), sum(row.unmarked for row in rows), MARK),
    )
    parts += [words.format(n=count(number, forms)) for words, number, forms in numbers if number]
    unreasoned = sum(row.unreasoned for row in rows)
    parts += [tr("«н/а» без обоснования {n}").format(n=unreasoned)] if unreasoned else []
    parts += [tr("не загружено и не посчитано: {n}").format(n=count(absent, PAGE))] if absent else []
    return " · ".join(parts)

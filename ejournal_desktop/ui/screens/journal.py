"""Журнал: the spread of the paper journal, marks on the left page, topics and homework on the right one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QStackedLayout, QVBoxLayout, QWidget

from ejournal_core import ids
from ejournal_core.errors import Trouble
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import JournalSpread, PageRef
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action, context_menu
from ejournal_desktop.ui.asking import Asking
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.legend import legend
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.grids.reading import Reading
from ejournal_desktop.ui.narrowing import Narrowing
from ejournal_desktop.ui.screens import journal_actions
from ejournal_desktop.ui.spread_clipboard import SpreadClipboard
from ejournal_desktop.ui.spread_hint import SpreadHint
from ejournal_desktop.ui.spread_pages import SpreadPages
from ejournal_desktop.ui.spread_work import SpreadWork
from ejournal_desktop.ui.widgets.journal_header import JournalHeader
from ejournal_desktop.ui.widgets.journal_watch import is_behind
from ejournal_desktop.ui.widgets.topic_pane import TopicPane


def local_now() -> datetime:
    """Return the wall clock, aware."""
    return datetime.now().astimezone()


class JournalScreen(QWidget):
    """One open page; the choice of pages, periods and pupils stands in `header`.

    Signals:
        hint_changed: the line for the bottom of the window.
        troubled: a `Trouble` that an entry met.
        files_wanted: lesson id, what it is called, why nothing can be attached there; whoever hears it shows its files.
    """

    hint_changed = Signal(str)
    troubled = Signal(object)
    files_wanted = Signal(str, str, str)
    closed = Signal()

    def __init__(
        self,
        journal: Journal,
        clock: Callable[[], datetime] = local_now,
        parent: QWidget | None = None,
        read: Callable[[Journal, str], JournalSpread] | None = None,
    ) -> None:
        super().__init__(parent)
        self._journal = journal
        self._clock = clock
        self._read = read
        self._pages: tuple[PageRef, ...] = ()
        self.setAccessibleName(self.tr("Журнал"))
        self.header = JournalHeader()
        self.reason = QLabel(self)
        self.empty = QLabel(self)
        self.spread = SpreadPages(self)
        self.narrowing = Narrowing(self.spread, self.header, self)
        self.clipboard = SpreadClipboard(journal, self.spread, self.narrowing, self)
        self.hint = SpreadHint(journal, self.spread, clock, self)
        self.work = SpreadWork(journal, self.spread, clock, self)
        self.history, self.past = self.work.history, self.work.past
        self.asking = Asking(journal, self)
        self._opening: Reading | None = None
        self._then_lesson = ""
        self._then_cell = ("", "")
        self._lay_out()
        self._connect()
        self.refresh_pages()

    # --- building ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.reason.setProperty("look", "strip")
        self.reason.setWordWrap(True)
        self.reason.setContentsMargins(3 * theme.UNIT, theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        self.reason.hide()
        self.empty.setProperty("look", "secondary")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setMargin(12 * theme.UNIT)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.spread)
        self._stack.addWidget(_paper(self.empty))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.reason)
        column.addWidget(self.narrowing.banner)
        column.addWidget(self.clipboard.preview)
        column.addLayout(self._stack, 1)

    def _connect(self) -> None:
        self.header.page_chosen.connect(self.open_page)
        self.header.period_chosen.connect(self.go_to_column)
        self.header.left.connect(self.enter)
        for part in (self.narrowing, self.work, self.asking):
            part.left.connect(self.enter)
        for teller in (self.narrowing, self.clipboard, self.hint, self.work):
            teller.said.connect(self.hint_changed)
        for writer in (self.work, self.asking):
            writer.troubled.connect(self.troubled)
        self.hint_changed.connect(self.hint.hear)
        self.asking.asked.connect(self._after_asking)

    @property
    def grid(self) -> MarkGrid | None:
        """Return what is open."""
        return self.spread.grid

    @property
    def view(self) -> MarkView | None:
        """Return the left page."""
        return self.spread.view

    @property
    def topics(self) -> TopicPane | None:
        """Return the right page."""
        return self.spread.topics

    # --- pages -----------------------------------------------------------------------------------------------------

    def refresh_pages(self) -> None:
        """Read which journals there are; the first of one's own is opened when none is."""
        self._pages = queries.journal_pages(self._journal)
        if self.grid is None and self._pages:
            self.open_page(next((page for page in self._pages if page.mine), self._pages[0]).id)
        else:
            self._show_state()

    def open_page(self, page_id: str) -> None:
        """Open a journal page at today's lesson; a reading that takes longer than a moment says so meanwhile."""
        if self.topics is not None:
            self.topics.editor.finish()
        self._opening = Reading(lambda: (self._read or queries.journal_spread)(self._journal, page_id), self)
        if self._opening.wait(theme.LOADING_AFTER_MS / 1000):
            self._show_page(page_id, self._opening)
            return
        self.empty.setText(self.tr("Открываю журнал…"))
        self._stack.setCurrentIndex(1)
        reading = self._opening
        reading.done.connect(lambda: self._show_page(page_id, reading))

    @property
    def is_opening(self) -> bool:
        """Say whether a page is still on its way."""
        return self._opening is not None

    def _show_page(self, page_id: str, reading: Reading) -> None:
        reading.deleteLater()
        if reading is not self._opening:
            return  # another page was asked for since, or the screen is closed
        self._opening = None
        try:
            spread = reading.result()
        except Trouble as trouble:
            self._show_state()
            self.troubled.emit(trouble)
            return
        self.narrowing.drop()
        before, grid = self.grid, MarkGrid(self._journal, page_id, self, spread=spread)
        if before is not None:
            before.close()
        self._show_grid(grid)
        if before is not None:
            before.deleteLater()
        self._show_state()
        if not is_behind(self):  # a page that comes late must not take the keys away from the screen in front
            self.enter()
        if self._then_lesson:
            lesson_id, self._then_lesson = self._then_lesson, ""
            self.open_lesson(lesson_id)
        elif self._then_cell != ("", ""):
            self._go_to_cell(self._then_cell)

    def come_from(self, lesson_id: str) -> None:
        """Open the page of the lesson that the person comes from: the next key is meant for that class."""
        self.open_lesson(lesson_id)

    def open_lesson(self, lesson_id: str) -> None:
        """Open the page of a lesson with the focus at it."""
        page_id, _day, _number = ids.lesson_parts(lesson_id)
        if self.grid is None or self.grid.page_id != page_id:
            self._then_lesson = lesson_id
            self.open_page(page_id)
        elif self.view is not None:
            self.view.go_to_lesson(lesson_id)
            self.enter()

    def open_cell(self, page_id: str, column_key: str, pupil_id: str) -> None:
        """Open a page with the focus at one cell."""
        self._then_cell = (column_key, pupil_id)
        if self.grid is None or self.grid.page_id != page_id:
            self.open_page(page_id)
        else:
            self._go_to_cell(self._then_cell)

    def _go_to_cell(self, key: tuple[str, str]) -> None:
        self._then_cell = ("", "")
        place = self.grid.place(key) if self.grid is not None else None
        if place is None and self.narrowing.is_on and self.grid is not None:  # the filter hides who is meant
            self.narrowing.drop()
            place = self.grid.place(key)
        if place is not None and self.view is not None:
            self.view.set_current(*place)
        self.enter()

    def _show_grid(self, grid: MarkGrid) -> None:
        if is_behind(self):
            grid.go_behind()
        grid.troubled.connect(self.troubled)
        if (new := self.spread.show_grid(grid)) is not None:
            self._connect_pages(*new)
            self.spread.arrange(self.rect())
            self.work.remember_totals()
        grid.replaced.connect(self._show_state)  # after the view: the current cell is then one of the new page
        grid.cells_changed.connect(self.hint.show)
        grid.refused.connect(self._on_refused)
        grid.told.connect(self.clipboard.show_way)
        self._on_current()

    def _connect_pages(self, view: MarkView, topics: TopicPane) -> None:
        view.current_changed.connect(self._on_current)
        view.menu_wanted.connect(self._open_menu)
        view.entering.note.pressed.connect(self.ask)
        self.clipboard.watch(view)
        topics.left.connect(self.enter)
        topics.refused.connect(self.hint_changed)
        topics.told.connect(self.hint_changed)
        topics.files_wanted.connect(self.show_files)

    def _show_state(self) -> None:
        """Show the spread, or what has to be done first."""
        self.header.show_pages(self._pages_with_this(), self.grid.page_id if self.grid else "")
        sentence = self._what_is_missing()
        self.empty.setText(sentence)
        self._stack.setCurrentIndex(1 if sentence else 0)
        spread = self.grid.spread if self.grid else None
        told = (spread.read_only, spoken.given_here(spread), spread.nothing_due) if spread else ()
        said = " ".join(part for part in told if part)
        self.reason.setText(said)
        self.reason.setVisible(bool(said))
        if self.grid is not None:
            self.header.show_spread(self.grid.whole)
            self._on_current()

    def _pages_with_this(self) -> tuple[PageRef, ...]:
        """Return the pages to choose from; that of a substitution is among them before it is confirmed, too."""
        here = (self.grid.spread.page,) if self.grid is not None else ()
        return (*self._pages, *(page for page in here if page.id not in {each.id for each in self._pages}))

    def _what_is_missing(self) -> str:
        if self.grid is None:
            return self.tr(
                "Журналов пока нет.\n\nОни появятся, когда для вас будут внесены классы, предметы и нагрузка. "
                "Это делает администратор школы или завуч."
            )
        if not self.grid.whole.pupils:
            return self.tr("В списке пока нет учеников.\n\nСписок класса и подгрупп ведёт секретарь.")
        if not self.grid.columns:
            return self.tr("Уроков пока нет.\n\nОни появятся, когда диспетчер внесёт расписание этого класса.")
        return ""

    # --- one surface -------------------------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave the page alone while another screen is in front."""
        super().hideEvent(event)
        if self.grid is not None and is_behind(self):
            self.grid.go_behind()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came meanwhile."""
        super().showEvent(event)
        if self.grid is not None:
            self.grid.come_forward()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the right page beside the left one, or under it as a strip where there is no room."""
        super().resizeEvent(event)
        self.spread.arrange(self.rect())
        if self.history.isVisible():
            self.history.place()

    def _on_current(self) -> None:
        if (here := self.spread.here()) is None or here[1].current[0] >= len(here[0].columns):
            return
        grid, view = here
        at = grid.columns[view.current[0]]
        if at.lesson_id:
            self.spread.follow(at.lesson_id)
        self.header.show_period(grid.spread, at)
        self.clipboard.show_plan()
        self.hint.show()

    def _on_refused(self, _first: str, _second: str, sentence: str) -> None:
        self.hint_changed.emit(sentence)

    # --- what a person does ------------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Put the focus into the grid."""
        if self.view is not None and self._stack.currentIndex() == 0:
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)
            self.hint.show()
        else:
            self.header.pages.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_screen(self) -> None:
        """Keep what is being written and stop listening, before the journal is closed."""
        self.closed.emit()
        self.hint.close()
        self._opening = None
        for reading in self.findChildren(Reading):
            reading.wait(None)
        if self.topics is not None:
            self.topics.editor.finish()
        if self.view is not None:
            self.view.entering.pasting.finish()
        if self.grid is not None:
            self.grid.close()

    def go_to_column(self, column: int) -> None:
        """Go to a column, in the same row."""
        if self.view is not None:
            self.view.set_current(column, self.view.current[1])
            self.enter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc that nothing else has taken shows all pupils again."""
        if event.key() == Qt.Key.Key_Escape and self.narrowing.is_on:
            self.narrowing.show_all()
        else:
            super().keyPressEvent(event)

    def go_to_today(self) -> None:
        """Go to the last lesson not after today."""
        if self.view is not None:
            self.go_to_column(self.view.today_column())

    def go_by_period(self, step: int) -> None:
        """Go to the first lesson of the next or previous period."""
        if self.grid is None or self.view is None or self.view.current[0] < 0:
            return
        starts = journal_actions.period_starts(self.grid.spread)
        here = self.view.current[0]
        if step > 0:
            self.go_to_column(next((start for start in starts if start > here), here))
        else:
            before = [start for start in starts if start < here]
            self.go_to_column(before[-1] if before else here)

    def write_field(self, field: journal_actions.Field) -> None:
        """Write the topic or the homework of the current lesson."""
        if self.topics is not None:
            self.topics.write(field)

    def hold_lesson(self) -> None:
        """Say that the current lesson took place, or take it back."""
        if self.topics is not None:
            self.topics.hold()

    def show_files(self, lesson_id: str = "") -> None:
        """Show the files of a lesson, by default of the current one."""
        current = self.topics.current_lesson() if self.topics is not None else None
        lesson = self.grid.lesson(lesson_id) if self.grid is not None and lesson_id else current
        if self.grid is None or lesson is None:
            return
        number = self.tr("{n} урок").format(n=lesson.lesson_number)
        where = f"{self.grid.spread.page.title} · {spoken.short_date(lesson.held_on)} · {number}"
        self.files_wanted.emit(lesson.lesson_id, where, self.grid.spread.only_look(lesson.lesson_id))

    def walk_pages(self) -> None:
        """Go from the left page to the right one and back."""
        if self.topics is not None and self.view is not None and self.view.hasFocus():
            self.topics.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.enter()

    def ask(self) -> None:
        """Ask another person for what was just refused, at the cell or at a field of the right page."""
        if self.grid is None or self.view is None or self.topics is None:
            return
        key, place = self.grid.key(*self.view.current), self.view.current_rect()
        at = QRect(self.view.viewport().mapTo(self, place.topLeft()), place.size())
        lesson, right = self.topics.current_lesson(), False
        if (column := self.work.refused_column()) is not None:
            key, at = column, self.work.column.geometry()
            self.work.column.hide()
        elif key not in self.grid.wanted and lesson is not None:
            fields = [name for name in ("topic", "homework", "held") if (lesson.lesson_id, name) in self.grid.wanted]
            key, right = (lesson.lesson_id, fields[0] if fields else ""), True
            at = QRect(self.topics.mapTo(self, self.topics.visualRect(self.topics.currentIndex()).topLeft()), at.size())
        wanted = self.grid.wanted.get(key)
        if wanted is None:
            self.hint_changed.emit(self.tr("Просить не о чем: сначала внесите то, что нужно исправить."))
            return
        self.view.entering.leave_cell()
        self.asking.open(wanted, at, lambda: self._asked(key, right=right))

    def _asked(self, key: tuple[str, str], *, right: bool) -> None:
        assert self.grid is not None
        assert self.topics is not None
        if right:
            self.topics.forget_draft(*key)
        self.grid.asked(key)

    def _after_asking(self, sentence: str) -> None:
        self.enter()
        self.hint_changed.emit(sentence)

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        return journal_actions.screen_actions(self)

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the grid reads by itself and what they do, for the page of keys."""
        return journal_actions.ENTRY_KEYS

    @property
    def signs(self) -> list[tuple[QPixmap, str]]:
        """Return what the signs in a cell mean, for the page of keys."""
        return legend(self.devicePixelRatioF())

    def _open_menu(self, point: QPoint) -> None:
        if self.grid is not None:
            context_menu(self, journal_actions.cell_actions(self)).popup(point)


def _paper(inner: QWidget) -> QFrame:
    frame = QFrame()
    frame.setProperty("look", "paper")
    column = QVBoxLayout(frame)
    column.addWidget(inner)
    return frame

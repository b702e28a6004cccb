"""Which pupils of the spread are in sight: filters with their strip, and going to whoever is looked for."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.grids.finding import FILTERS, Filter, filter_sentence, pupils_left
from ejournal_desktop.ui.spread_pages import SpreadPages
from ejournal_desktop.ui.widgets.filter_banner import FilterBanner
from ejournal_desktop.ui.widgets.journal_header import JournalHeader
from ejournal_desktop.ui.words import tr


class Narrowing(QObject):
    """At most one filter over the pupils of the page that is open; `banner` says so while there is one.

    Signals:
        said: a line for the bottom of the window.
        left: the person goes on in the grid.
    """

    said = Signal(str)
    left = Signal()

    def __init__(self, pages: SpreadPages, header: JournalHeader, parent: QWidget) -> None:
        super().__init__(parent)
        self._pages = pages
        self.banner = FilterBanner(parent)
        self.banner.cleared.connect(self.show_all)
        header.filter_wanted.connect(self.show_only)
        header.pupil_found.connect(self.go_to_pupil)
        header.column_found.connect(self._go_to_column)

    @property
    def is_on(self) -> bool:
        """Say whether a filter hides somebody."""
        return bool(self.banner.text)

    def show_only(self, name: Filter) -> None:
        """Show only the pupils of whom something holds, with their numbers; a strip says so, Esc shows all."""
        if (here := self._pages.here()) is None:
            return
        grid, view = here
        column, whole = view.current[0], grid.whole
        left = pupils_left(whole, name, column)
        if not left:
            self.show_all()
            self.said.emit(tr("Таких нет: {0}.").format(FILTERS[name]))
            return
        self.banner.say(filter_sentence(whole, len(left), name, column))
        grid.show_only(left)
        self.left.emit()

    def show_all(self) -> None:
        """Show every pupil again."""
        self.drop()
        self.left.emit()

    def drop(self) -> None:
        """Show every pupil again, the focus where it is."""
        self.banner.say("")
        if self._pages.grid is not None:
            self._pages.grid.show_only(None)

    def go_to_pupil(self, row: int) -> None:
        """Go to a pupil of the whole list, in the same column; one whom the filter hides comes into sight with all."""
        grid, view = self._pages.grid, self._pages.view
        if grid is None or view is None:
            return
        pupil_id = grid.whole.pupils[row].pupil_id
        if all(pupil.pupil_id != pupil_id for pupil in grid.pupils):
            self.drop()
        rows = [number for number, pupil in enumerate(grid.pupils) if pupil.pupil_id == pupil_id]
        view.set_current(view.current[0], rows[0])

    def _go_to_column(self, column: int) -> None:
        if self._pages.view is not None:
            self._pages.view.set_current(column, self._pages.view.current[1])

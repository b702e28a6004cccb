"""Which pupils of the spread are in sight: filters with their strip, and going to whoever is looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ejournal_desktop.ui.grids.finding import FILTERS, Filter, filter_sentence, pupils_left
from ejournal_desktop.ui.widgets.filter_banner import FilterBanner
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.ui.screens.journal import JournalScreen


class Narrowing(QObject):
    """At most one filter over the pupils of the page that is open; `banner` says so while there is one."""

    def __init__(self, screen: JournalScreen) -> None:
        super().__init__(screen)
        self._screen = screen
        self.banner = FilterBanner(screen)
        self.banner.cleared.connect(self.show_all)
        screen.header.filter_wanted.connect(self.show_only)
        screen.header.pupil_found.connect(self.go_to_pupil)
        screen.header.column_found.connect(self._go_to_column)

    @property
    def is_on(self) -> bool:
        """Say whether a filter hides somebody."""
        return bool(self.banner.text)

    def show_only(self, name: Filter) -> None:
        """Show only the pupils of whom something holds, with their numbers; a strip says so, Esc shows all."""
        grid, view = self._screen.grid, self._screen.view
        if grid is None or view is None or view.current[0] < 0:
            return
        column, whole = view.current[0], grid.whole
        left = pupils_left(whole, name, column)
        if not left:
            self.show_all()
            self._screen.hint_changed.emit(tr("Таких нет: {0}.").format(FILTERS[name]))
            return
        self.banner.say(filter_sentence(whole, len(left), name, column))
        grid.show_only(left)
        self._screen.enter()

    def show_all(self) -> None:
        """Show every pupil again."""
        self.drop()
        self._screen.enter()

    def drop(self) -> None:
        """Show every pupil again, the focus where it is."""
        self.banner.say("")
        if self._screen.grid is not None:
            self._screen.grid.show_only(None)

    def go_to_pupil(self, row: int) -> None:
        """Go to a pupil of the whole list, in the same column; one whom the filter hides comes into sight with all."""
        grid, view = self._screen.grid, self._screen.view
        if grid is None or view is None:
            return
        pupil_id = grid.whole.pupils[row].pupil_id
        if all(pupil.pupil_id != pupil_id for pupil in grid.pupils):
            self.drop()
        rows = [number for number, pupil in enumerate(grid.pupils) if pupil.pupil_id == pupil_id]
        view.set_current(view.current[0], rows[0])

    def _go_to_column(self, column: int) -> None:
        if self._screen.view is not None:
            self._screen.view.set_current(column, self._screen.view.current[1])

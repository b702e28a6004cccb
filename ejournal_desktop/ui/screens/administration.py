"""Администрирование: people, workstations, backups and the rest of keeping the school's journal, behind tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.staff_names import reads_the_log
from ejournal_desktop.ui.actions import Action, install
from ejournal_desktop.ui.widgets.journal_watch import JournalWatch
from ejournal_desktop.ui.widgets.part_tabs import Part, PartTabs


class AdministrationScreen(QWidget):
    """The parts that this person has a use for.

    Args:
        journal: the person's open journal.
        parts: in the order of their tabs; at least one.
    """

    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, journal: Journal, parts: Sequence[Part], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Администрирование"))
        no_log = "" if reads_the_log(journal) else self.tr("Журнал событий — у администратора и директора")
        self.tabs = PartTabs(self.accessibleName(), parts, self, elsewhere=no_log)
        self.tabs.turned.connect(self._show_part)
        self.tabs.troubled.connect(self.troubled)
        self.tabs.hint_changed.connect(self.hint_changed)
        for part in parts:
            if (wanted := getattr(part, "report_wanted", None)) is not None:
                wanted.connect(self._open_report)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.tabs)
        self._watch = JournalWatch(journal, self, seen_on=self)
        self._watch.changed.connect(self.refresh)
        self.tabs.acts_changed.connect(lambda: install(self, self.actions()))

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""
        try:
            self.tabs.part.enter()
        except EjournalError as error:
            self.troubled.emit(error)

    def refresh(self) -> None:
        """Read again; cursor and what is half typed stay."""
        try:
            self.tabs.part.refresh()
        except EjournalError as error:
            self.troubled.emit(error)

    def open_part(self, title: str) -> None:
        """Show a part by the title of its tab."""
        self.tabs.open(title)

    def _open_report(self, person_id: str) -> None:
        """Show what is held about a person whom another part has named."""
        for part in self.tabs.parts:
            if (open_person := getattr(part, "open_person", None)) is not None:
                self.open_part(part.title)
                open_person(person_id)

    def _show_part(self) -> None:
        install(self, self.actions())
        if self.isVisible():
            self.enter()

    def close_screen(self) -> None:
        """Stop listening and let parts close what they hold open, before the journal is closed."""
        self._watch.close()
        self.tabs.close_parts()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done in the part in front, then how to come to the others."""
        return [*self.tabs.part.actions(), *self.tabs.moving("administration")]

    @property
    def entry_heading(self) -> str:
        """Return over what the page of keys puts `entry_keys`: nothing here is a cell."""
        return self.tr("Набор")

    @property
    def entry_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that the part in front reads by itself, for the page of keys."""
        return getattr(self.tabs.part, "entry_keys", ())

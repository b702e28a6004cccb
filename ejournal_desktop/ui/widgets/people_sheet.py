"""One member of staff at the right of Люди: how the way in stands, the roles with their days, what is seen and why."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ejournal_desktop.models.queries.rights import Rights
from ejournal_desktop.models.queries.staff import RoleRow, StaffRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.staff_words import right_texts, role_texts, way_words
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.text_model import TextModel
from ejournal_desktop.ui.words import count

ROLE_COLUMNS = (("Роль", "title", 200), ("с", "since", 88), ("по", "until", 92))
RIGHT_COLUMNS = (("Видит и может", "what", 212), ("Почему", "why", 204), ("по", "until", 92))
DAYS = frozenset({"since", "until"})
ROLES_SHOWN = 4  # at once; more are scrolled to


class PersonSheet(QWidget):
    """Two tables under a name; both can be walked and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = QLabel(self)
        self.name.setProperty("look", "title")
        self.way = QLabel(self)
        self.way.setProperty("look", "secondary")
        for label in (self.name, self.way):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setMargin(0)
        self._roles = TextModel(ROLE_COLUMNS, role_texts, self)
        self._rights = TextModel(RIGHT_COLUMNS, right_texts, self)
        self.roles = self._table(ROLE_COLUMNS, self._roles, self.tr("Роли"))
        self.rights = self._table(RIGHT_COLUMNS, self._rights, self.tr("Что видит и может, и почему"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 2 * theme.UNIT, 0)
        column.setSpacing(theme.UNIT)
        for label in (self.name, self.way):
            column.addLayout(_like_cells(label))
        column.addSpacing(theme.UNIT)
        column.addWidget(self.roles)
        column.addSpacing(2 * theme.UNIT)
        column.addWidget(self.rights, 1)

    def _table(self, columns: tuple[tuple[str, str, int], ...], model: TextModel, name: str) -> LineTable:
        table = LineTable(columns, DAYS, self, whole=True)
        table.setSortingEnabled(False)
        table.setModel(model)
        table.setAccessibleName(name)
        return table

    @property
    def role(self) -> RoleRow | None:
        """Return the role that the cursor is at."""
        at = self.roles.currentIndex().row()
        row: RoleRow | None = self._roles.rows[at] if 0 <= at < len(self._roles.rows) else None
        return row

    def show_person(self, row: StaffRow, rights: Rights, today: date) -> None:
        """Show a person; the cursors stay where they were as far as the rows do."""
        self.name.setText(row.name)
        pages = count(rights.pages, ("страница журнала", "страницы журнала", "страниц журнала"))
        seen = self.tr("видит: {n}").format(n=pages) if rights.pages else self.tr("журналов не видит")
        self.way.setText(" · ".join(part for part in (row.person.position, way_words(row, today), seen) if part))
        at = self.roles.currentIndex().row()
        self._roles.show_rows(row.roles)
        self._fit_roles()
        self._rights.show_rows(rights.lines)
        if row.roles:
            self.roles.setCurrentIndex(self._roles.index(min(max(at, 0), len(row.roles) - 1), 0))
        self.rights.setCurrentIndex(self._rights.index(0, 0))

    def _fit_roles(self) -> None:
        """Give the roles no more room than they take."""
        shown = range(min(max(len(self._roles.rows), 1), ROLES_SHOWN))
        rows = sum(self.roles.rowHeight(at) or theme.LIST_ROW for at in shown)
        self.roles.setFixedHeight(self.roles.horizontalHeader().sizeHint().height() + rows + theme.UNIT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the roles to their words, which stand otherwise in another width."""
        super().resizeEvent(event)
        self._fit_roles()


def _like_cells(label: QLabel) -> QHBoxLayout:
    """Return a label whose words begin where those of the tables below begin."""
    row = QHBoxLayout()
    row.setContentsMargins(2 * theme.UNIT, 0, 2 * theme.UNIT, 0)
    row.addWidget(label)
    return row

"""One member of staff at the right of Люди: how the way in stands, the roles with their days, what is seen and why."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ejournal_desktop.models.queries.rights import Rights
from ejournal_desktop.models.queries.staff import RoleRow, StaffRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.staff_words import right_texts, role_texts, way_words
from ejournal_desktop.ui.widgets.line_table import LineTable
from ejournal_desktop.ui.widgets.text_model import TextModel
from ejournal_desktop.ui.words import count

ROLE_COLUMNS = (("Роль", "title", 200), ("с", "since", 88), ("по", "until", 92))
RIGHT_COLUMNS = (("Видит и может", "what", 220), ("Почему", "why", 190), ("до", "until", 92))
DAYS = frozenset({"since", "until"})
ROLES_HEIGHT = 5 * theme.LIST_ROW + theme.UNIT


class PersonSheet(QWidget):
    """Two tables under a name; both can be walked and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = QLabel(self)
        self.name.setProperty("look", "title")
        self.way = QLabel(self)
        self.way.setProperty("look", "secondary")
        self.whole = QLabel(self)
        self.whole.setProperty("look", "secondary")
        for label in (self.name, self.way, self.whole):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setContentsMargins(3 * theme.UNIT, 0, 3 * theme.UNIT, 0)
        self._roles = TextModel(ROLE_COLUMNS, role_texts, self)
        self._rights = TextModel(RIGHT_COLUMNS, right_texts, self)
        self.roles = self._table(ROLE_COLUMNS, self._roles, self.tr("Роли"))
        self.rights = self._table(RIGHT_COLUMNS, self._rights, self.tr("Что видит и может, и почему"))
        self.roles.setFixedHeight(ROLES_HEIGHT)
        self.rights.selectionModel().currentRowChanged.connect(lambda now, _before: self._show_whole(now.row()))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        for part in (self.name, self.way, self.roles):
            column.addWidget(part)
        column.addWidget(self.rights, 1)
        column.addWidget(self.whole)

    def _table(self, columns: tuple[tuple[str, str, int], ...], model: TextModel, name: str) -> LineTable:
        table = LineTable(columns, DAYS, self)
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
        position = f"{row.person.position} · " if row.person.position else ""
        self.way.setText(f"{position}{way_words(row, today)} · {self.tr('видит: {n}').format(n=pages)}")
        at = self.roles.currentIndex().row()
        self._roles.show_rows(row.roles)
        self._rights.show_rows(rights.lines)
        if row.roles:
            self.roles.setCurrentIndex(self._roles.index(min(max(at, 0), len(row.roles) - 1), 0))
        self.rights.setCurrentIndex(self._rights.index(0, 0))

    def _show_whole(self, at: int) -> None:
        """Say under the table all of the line that its columns may cut."""
        known = 0 <= at < len(self._rights.rows)
        self.whole.setText(" · ".join(right_texts(self._rights.rows[at])[:2]) if known else "")

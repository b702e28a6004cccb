"""A copy that is open: its own mark above, the journal's screen of that day below."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.backup.viewing import Copy
from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import JournalSpread
from ejournal_desktop.models.viewed import ONLY_TO_READ
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.screens.journal import JournalScreen
from ejournal_desktop.ui.words import moment_title, tr

#: What of the journal's screen only looks: everything else would write, and its keys walk between parts here.
LOOKS = frozenset({
    "journal.history", "journal.column_history", "journal.copy", "journal.all", "journal.totals", "journal.open",
    "journal.find", "journal.today", "journal.other_side", "journal.show_all",
})  # fmt: skip


class CopyView(QFrame):
    """Signals: `left` when the copy is to be closed, `comparing` when a class is to be compared with today."""

    left = Signal()
    comparing = Signal()
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, copy: Copy, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.copy = copy
        self.mark = QLabel(
            tr("Резервная копия от {moment} — только чтение").format(moment=moment_title(copy.moment)), self
        )
        self.compare = QPushButton(self.tr("Сравнить класс с сегодняшним днём"), self)
        self.away = QPushButton(self.tr("Закрыть копию"), self)
        self.spread = JournalScreen(copy.journal, copy.journal.clock, self, read=self._read)
        self._lay_out()
        self.compare.clicked.connect(self.comparing)
        self.away.clicked.connect(self.left)
        self.spread.troubled.connect(self.troubled)
        self.spread.hint_changed.connect(self.hint_changed)

    def _lay_out(self) -> None:
        self.mark.setProperty("look", "warning")
        self.mark.setFont(theme.font(theme.BASE, theme.BOLD))
        self.mark.setWordWrap(True)
        bar = QHBoxLayout()
        bar.setContentsMargins(4 * theme.UNIT, 2 * theme.UNIT, 3 * theme.UNIT, theme.UNIT)
        bar.setSpacing(2 * theme.UNIT)
        bar.addWidget(self.mark, 1)
        for button in (self.compare, self.away):
            bar.addWidget(button)
        header = QHBoxLayout()
        header.setContentsMargins(2 * theme.UNIT, 0, 3 * theme.UNIT, theme.UNIT)
        header.addWidget(self.spread.header)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addLayout(header)
        column.addWidget(self.spread, 1)

    @staticmethod
    def _read(journal: Journal, page_id: str) -> JournalSpread:
        return msgspec.structs.replace(queries.journal_spread(journal, page_id), read_only=ONLY_TO_READ, given=())

    def put_focus(self) -> None:
        """Put the focus into the grid."""
        self.spread.enter()

    def actions(self) -> list[Action]:  # type: ignore[override]  # hides Qt's list, see `screen.Screen`
        """Return what can be done here."""
        menu = self.tr("Копия")
        return [
            Action("copy.compare", self.compare.text(), ("Ctrl+Shift+D",), self.comparing.emit, menu),
            Action("copy.close", self.away.text(), ("Ctrl+W",), self.left.emit, menu),
            *[each for each in self.spread.actions() if each.id in LOOKS or each.id.startswith("journal.only_")],
        ]

    def close_view(self) -> None:
        """Stop reading; the copy itself is closed by whoever opened it."""
        self.spread.close_screen()

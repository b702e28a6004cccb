"""The files of a lesson over the journal's spread: the same list as in Урок, closed by Esc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from ejournal_core.errors import Refusal, Trouble
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.filing import Filing, TakeBack
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.widgets.files_panel import FilesPanel, is_attachable

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.screens.journal import JournalScreen

WIDTH = 105 * theme.UNIT
MARGIN = 3 * theme.UNIT
MOST = 0.8  # of the screen's height


class FilesSheet(QFrame):
    """Stands in the lower right corner of the spread when that wants to show files."""

    sync_wanted = Signal()

    def __init__(self, journal: Journal, jobs: Jobs, screen: JournalScreen) -> None:
        super().__init__(screen)
        self.setObjectName("files_sheet")
        self.setAccessibleName(self.tr("Файлы урока"))
        self.setAcceptDrops(True)
        self._undo: list[TakeBack] = []
        self._where = QLabel(self)
        self._where.setFont(theme.font(theme.BASE, theme.BOLD))
        self._where.setWordWrap(True)
        self.panel = FilesPanel(self)
        self.filing = Filing(journal, jobs, self.panel)
        self.filing.done.connect(self._undo.append)
        self.filing.troubled.connect(screen.troubled)
        self.filing.sync_wanted.connect(self.sync_wanted)
        keys = self.tr("Enter — открыть · Ctrl+S — сохранить · Delete — убрать · Ctrl+Z — вернуть · Esc — назад")
        self._keys = QLabel(keys.replace(" — ", "\u00a0—\u00a0"), self)
        self._keys.setProperty("look", "secondary")
        self._keys.setWordWrap(True)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(*[MARGIN] * 4)
        column.setSpacing(2 * theme.UNIT)
        for part in (self._where, self.panel, self._keys):
            column.addWidget(part)
        self._keys_here = {
            QKeySequence(keys): do for keys, do in (
                ("Ctrl+Shift+A", self.filing.choose), ("Ctrl+Shift+V", self.panel.paste), ("Ctrl+Z", self.undo),
                ("Ctrl+S", self.filing.save_as), ("Ctrl+Shift+F", self.leave), ("Esc", self.leave),
            )
        }  # fmt: skip
        self._screen = screen
        screen.files_wanted.connect(self.open)
        screen.closed.connect(self.filing.close)
        screen.installEventFilter(self)
        self.hide()

    def open(self, lesson_id: str, where: str, read_only: str) -> None:
        """Show the files of a lesson."""
        t = theme.tokens()
        self.setStyleSheet(
            f"#files_sheet {{ background: {t.ground}; border: 1px solid {t.rule}; border-top: 2px solid {t.accent}; }}"
        )
        self._undo.clear()
        self._where.setText(where)
        self.filing.show_lesson(lesson_id, read_only)
        self.place()
        self.show()
        self.raise_()
        self.panel.enter()

    def place(self) -> None:
        """Stand in the corner, as tall as needed."""
        parent = self.parentWidget()
        if parent is not None:
            self.setFixedWidth(min(WIDTH, parent.width() - 2 * MARGIN))
            self.setFixedHeight(min(self._column.totalHeightForWidth(self.width()), int(parent.height() * MOST)))
            self.move(parent.width() - self.width() - MARGIN, parent.height() - self.height() - MARGIN)

    def undo(self) -> None:
        """Take back what was last done here."""
        if not self._undo:
            return
        try:
            self._undo.pop()()
        except Refusal as refusal:
            self.panel.say(refusal.sentence, "danger")
        except Trouble as trouble:
            self._screen.troubled.emit(trouble)
        else:
            self.panel.say("")
            self.filing.refresh()

    def leave(self) -> None:
        """Step back to the journal."""
        self.hide()
        self._screen.enter()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the keys at the foot say."""
        do = self._keys_here.get(QKeySequence(event.keyCombination()))
        if do is not None:
            do()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Keep these keys from the spread below; grow and shrink with the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._is_ours(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.place()
        return super().event(event)

    def _is_ours(self, event: QKeyEvent) -> bool:
        return QKeySequence(event.keyCombination()) in self._keys_here

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep to the corner when the screen changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show where it would go."""
        if is_attachable(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.panel.show_target(on=True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show nothing any more."""
        super().dragLeaveEvent(event)
        self.panel.show_target(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped."""
        self.panel.show_target(on=False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.filing.attach_given(event.mimeData())

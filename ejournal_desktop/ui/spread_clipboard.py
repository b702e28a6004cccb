"""Copying and pasting on the spread: the clipboard, the strip of the preview, what is said afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ejournal_desktop.exchange.clipboard import Table, as_html, as_text, read_table
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.ui.grids.accessible import announce
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.spread_pages import SpreadPages
from ejournal_desktop.ui.widgets.paste_preview import PastePreview
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.narrowing import Narrowing

CELLS = ("клетка", "клетки", "клеток")


class SpreadClipboard(QObject):
    """`preview` is the strip that stands above the page while a pasted table is looked at; `said` carries each line."""

    said = Signal(str)

    def __init__(self, journal: Journal, pages: SpreadPages, narrowing: Narrowing, parent: QWidget) -> None:
        super().__init__(parent)
        self._journal = journal
        self._pages = pages
        self._narrowing = narrowing
        self.preview = PastePreview(parent)
        self._was_open = False

    def watch(self, view: MarkView) -> None:
        """Show what is looked at in the view."""
        pasting = view.entering.pasting
        pasting.changed.connect(self.show_plan)
        pasting.told.connect(self.preview.show_way)
        pasting.finished.connect(self._tell)
        self.preview.taken.connect(pasting.take)
        self.preview.left.connect(pasting.close)
        self.preview.answered.connect(pasting.answer)

    def copy(self) -> None:
        """Put the chosen cells on the clipboard, as text and as a table; on the right page the words of the lesson."""
        view, topics = self._pages.view, self._pages.topics
        if view is None or view.current[0] < 0:
            return
        lesson = topics.current_lesson() if topics is not None and topics.hasFocus() else None
        if lesson is not None:
            QApplication.clipboard().setText("\n".join(text for text in (lesson.topic, lesson.homework) if text))
            tell_copied(self._journal, "lesson", 1)
            return
        rows, data = view.entering.chosen(), QMimeData()
        data.setText(as_text(rows))
        data.setHtml(as_html(rows))
        QApplication.clipboard().setMimeData(data)
        tell_copied(self._journal, "marks", sum(map(len, rows)))

    def paste(self) -> None:
        """Show what the table on the clipboard would do here, in the whole list of the class."""
        view, topics = self._pages.view, self._pages.topics
        if view is None or view.current[0] < 0 or (topics is not None and topics.hasFocus()):
            return
        self._narrowing.drop()
        data = cast("QMimeData | None", QApplication.clipboard().mimeData())  # none where nothing was ever copied
        view.entering.paste(read_table(data.text(), data.html()) if data is not None else Table(()))

    def choose_all(self) -> None:
        """Choose every cell of the page."""
        if self._pages.view is not None:
            self._pages.view.entering.choose_all()

    def show_plan(self) -> None:
        """Show what is looked at as it stands, with the current cell; say it aloud when it opens."""
        view, grid = self._pages.view, self._pages.grid
        if view is None or grid is None:
            return
        pasting = view.entering.pasting
        if pasting.is_open and pasting.is_on_its_way:
            return
        was, self._was_open = self._was_open, pasting.is_open
        self.preview.show_plan(pasting, grid, self._journal.policy(), view.current)
        if pasting.is_open and not was:
            announce(view, f"{self.preview.counts.text()}. {self.preview.detail.text()}")

    def show_way(self, sentence: str) -> None:
        """Say how far a block is that is being entered or taken back, and what became of it."""
        view = self._pages.view
        if view is not None and view.entering.pasting.is_open:
            self.preview.show_way(sentence)
        self.said.emit(sentence)

    def _tell(self, number: int) -> None:
        self.said.emit(tr("Записано: {0}. Ctrl+Z вернёт всё разом.").format(count(number, CELLS)))

"""Praise and remarks on a screen: the sheet of one pupil, and what its keys do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core import ids
from ejournal_core.errors import Trouble
from ejournal_core.kinds import RemarkKind
from ejournal_desktop.models.commands.pupil_remarks import take_back_remark, write_remark
from ejournal_desktop.models.queries.pupil_remarks import pupil_remarks
from ejournal_desktop.ui.widgets.remark_sheet import RemarkSheet

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal

KEY = "F4"

Write = Callable[[], "ChangeSet"]


class Remarking(QObject):
    """Opens the sheet of one pupil at one lesson.

    Args:
        enter: does a write as the screen does all its own, with its undo; returns the sentence of a refusal, "" when
            it was accepted, None when trouble was told already.

    Signals:
        left: the person stepped back. troubled: the `Trouble` that reading met.
    """

    left = Signal()
    troubled = Signal(object)

    def __init__(
        self, journal: Journal, screen: QWidget, clock: Callable[[], datetime], enter: Callable[[Write], str | None]
    ) -> None:
        super().__init__(screen)
        self._journal = journal
        self._clock = clock
        self._enter = enter
        self._lesson_id = self._pupil_id = ""
        self._drafts: dict[tuple[str, str], tuple[int, str]] = {}  # (lesson, pupil) → kind's place, words not written
        self.sheet = RemarkSheet(screen)
        self.sheet.left.connect(self._leave)
        self.sheet.written.connect(self._write)
        self.sheet.taken_back.connect(self._take_back)

    def open(self, lesson_id: str, pupil_id: str, where: str, read_only: str) -> None:
        """Show what was written about a pupil on the page of a lesson; more is written at that lesson."""
        if not self.sheet.isHidden():
            self._keep_draft()
        self._lesson_id, self._pupil_id = lesson_id, pupil_id
        try:
            rows = pupil_remarks(self._journal, self._page_id, pupil_id)
        except Trouble as trouble:
            self.troubled.emit(trouble)
            return
        self.sheet.open(where, rows, self._clock(), read_only)
        if (lesson_id, pupil_id) in self._drafts and not read_only:
            self.sheet.put_back(*self._drafts[lesson_id, pupil_id])

    def _leave(self) -> None:
        self._keep_draft()
        self.left.emit()

    def _keep_draft(self) -> None:
        """Keep words that were typed and not written for when the sheet of this pupil is opened again."""
        where = self._lesson_id, self._pupil_id
        if self.sheet.line.text().strip():
            self._drafts[where] = (self.sheet.kind.currentIndex(), self.sheet.line.text())
        else:
            self._drafts.pop(where, None)
        self.sheet.line.clear()

    @property
    def _page_id(self) -> str:
        return ids.lesson_parts(self._lesson_id)[0]

    def refresh(self) -> None:
        """Show the list anew while it is open."""
        if not self.sheet.isHidden():
            self.sheet.show_rows(pupil_remarks(self._journal, self._page_id, self._pupil_id), self._clock())

    def _write(self, kind: str, text: str) -> None:
        lesson_id, pupil_id = self._lesson_id, self._pupil_id
        if self._done(lambda: write_remark(self._journal, lesson_id, pupil_id, cast("RemarkKind", kind), text)):
            self.sheet.has_written()

    def _take_back(self, remark_id: str) -> None:
        self._done(lambda: take_back_remark(self._journal, remark_id))

    def _done(self, write: Write) -> bool:
        refused = self._enter(write)
        if refused == "":
            self.refresh()
        elif refused is not None:
            self.sheet.say(refused)
        return refused == ""

"""Destroy the copies of a former recovery key on a drive that is plugged in: the form, the long work, the act."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.backup.old_copies import Destroyed, destroy_former
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.models.commands.drives import record_former_destroyed
from ejournal_desktop.models.queries.drives import DriveRow
from ejournal_desktop.sync.pairing import read_workstation
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui import backup_papers
from ejournal_desktop.ui.widgets.drive_forms import FormerForm
from ejournal_desktop.ui.widgets.drive_row import COPY
from ejournal_desktop.ui.words import count

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Jobs


class FormerCopies(QObject):
    """What the form's «Уничтожить» does.

    Signals:
        printed: the act as a PDF.
        said: what was done, in words.
        troubled: why nothing, or not all, was destroyed.
    """

    printed = Signal(bytes)
    said = Signal(str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, jobs: Jobs, volumes: Volumes, parent: QWidget) -> None:
        super().__init__(parent)
        self._journal, self._jobs, self._volumes = journal, jobs, volumes
        self.form = FormerForm(parent)
        self.form.wanted.connect(self._destroy)
        self._row: DriveRow | None = None
        self._sheet = self._former = ""

    def begin(self, row: DriveRow, sheet: str, former: str) -> None:
        """Open the form for a drive; `sheet` is the fingerprint of the key of today, `former` of the one before."""
        self._row, self._sheet, self._former = row, sheet, former
        self.form.show_drive(row)

    def _destroy(self) -> None:
        row, known = self._row, read_workstation()
        if known is None or row is None:
            self.troubled.emit(ServerAway("no server is known here"))
            return
        reason, number = self.form.text("reason"), self.form.text("number")
        work = partial(
            destroy_former, self._journal.identity.school, row.id, self._sheet, row.generation, known.server_key,
            volumes=self._volumes,
        )  # fmt: skip
        self.form.hide()
        self._jobs.run(
            lambda report: work(report=report), title=self.tr("Уничтожение копий"), lane="heavy",
            done=lambda gone: self._record(row, gone, reason, number), failed=self.troubled.emit,
        )  # fmt: skip

    def _record(self, row: DriveRow, gone: Destroyed, reason: str, number: str) -> None:
        try:
            record_former_destroyed(
                self._journal, row.id, self._former, held=gone.held, free=gone.free, number=number, reason=reason
            )
        except EjournalError as error:
            self.troubled.emit(error)
            return
        self.form.finish()
        if not gone.names:
            self.said.emit(self.tr("На «{label}» копий прежнего ключа уже нет: записано.").format(label=row.label))
            return
        told = self.tr("На «{label}» уничтожено: {n}. Остались копии нового ключа.")
        self.said.emit(told.format(label=row.label, n=count(len(gone.names), COPY)))
        day = self._journal.clock().date()
        build = partial(backup_papers.former_destroyed_pdf, self._journal, row, day,
                        names=gone.names, reason=reason, number=number)  # fmt: skip
        self._jobs.run(
            lambda _: build(), title=self.tr("Акт"), done=self.printed.emit, failed=self.troubled.emit
        )  # fmt: skip

"""Check a drive that was taken from the safe: the long work, what is said of it, what the register keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ejournal_core.errors import EjournalError
from ejournal_desktop.backup.drives import Plugged
from ejournal_desktop.backup.plugged_check import Checked, check_plugged, meant
from ejournal_desktop.backup.rounds import named, sheet_of
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.commands.drives import record_proof, record_unproved
from ejournal_desktop.models.queries.drives import BackupState, DriveRow, drives_kept
from ejournal_desktop.sync.pairing import read_workstation
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.widgets.checkup_words import checked_words, event_detail

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Job, Jobs, Report

Outcome = Checked | tuple[Plugged, ...]


class DriveCheckup(QObject):
    """One check at a time.

    Signals:
        said: a sentence and its kind, as `say.Line.say` takes them.
        troubled: a fault of the program itself.
    """

    said = Signal(str, str)
    troubled = Signal(object)

    def __init__(self, journal: Journal, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._journal, self._jobs = journal, jobs
        self._state: BackupState | None = None
        self._job: Job | None = None
        self._unrecorded: list[Checked] = []

    @property
    def is_busy(self) -> bool:
        """Say whether a drive is being read."""
        return self._job is not None

    def begin(self, row: DriveRow | None, state: BackupState, volumes: Volumes) -> None:
        """Check the drive of a row where it is plugged in, else the one that is; nothing is written on it."""
        if self._job is not None:
            return
        known, self._state = read_workstation(), state
        if known is None:
            self._failed(ServerAway("no server is known here"))
            return
        school, card, server_key = self._journal.identity.school, row.id if row is not None else "", known.server_key
        secret = self._journal.state().backup_key

        def work(report: Report) -> Outcome:
            found = meant(school, card, volumes)
            return check_plugged(found[0], server_key, report, secret) if len(found) == 1 else found

        self.said.emit(self.tr("Носитель читается целиком: это занимает минуты, работать можно дальше."), "")
        job = self._job = self._jobs.run(
            work, title=self.tr("Проверка носителя"), done=self._done, failed=self._failed
        )  # fmt: skip
        job.cancelled.connect(self._cancelled)

    def close_checkup(self) -> None:
        """Stop reading, before the journal is closed."""
        if self._job is not None:
            self._job.cancel()

    def _cancelled(self) -> None:
        self._job = None
        self.said.emit(self.tr("Проверка остановлена. Ничего не изменено."), "")

    def _failed(self, error: BaseException) -> None:
        self._job = None
        errors.tell(error, self.said.emit, self.troubled.emit)

    def _done(self, outcome: Outcome) -> None:
        self._job = None
        if isinstance(outcome, Checked):
            self._unrecorded.append(outcome)
            self.record()
            if self._state is not None:
                self.said.emit(*checked_words(outcome, self._state))
        elif outcome:
            told = self.tr("Вставлены {names}: выберите нужный в списке или оставьте один. Ничего не изменено.")
            self.said.emit(told.format(names=", ".join(f"«{named(each)}»" for each in outcome)), "hollow")
        else:
            self.said.emit(
                self.tr("Ни один носитель не вставлен. Вставьте его и нажмите Ctrl+T ещё раз. Ничего не изменено."),
                "hollow",
            )

    def record(self) -> None:
        """Write down what was found; where the journal was locked meanwhile, as soon as it is open again."""
        while self._unrecorded and not self._journal.is_closed:
            checked = self._unrecorded.pop(0)
            try:
                self._keep(checked)
            except EjournalError as error:
                self.troubled.emit(error)

    def _keep(self, checked: Checked) -> None:
        """Let the register say what is proved on the drive, and the log of events that somebody looked."""
        row = next((each for each in drives_kept(self._journal) if each.id == checked.card), None)
        if row is not None:
            self._keep_row(row, checked)
        whole = bool(checked.findings) and checked.findings[0].good
        tell_event(
            self._journal, "drive_checked", subject_kind="BackupDrive", subject=checked.card,
            result="done" if whole else "failed", detail=event_detail(checked),
        )  # fmt: skip

    def _keep_row(self, row: DriveRow, checked: Checked) -> None:
        good, held, lost = checked.good, len(checked.names), checked.has_lost(row.generation)
        proved = good.catalogue if good is not None and good.state == "proved" else None
        if proved is not None and (lost or proved.generation >= row.generation):
            record_proof(
                self._journal, row.id, proved.generation, held=held, free=checked.free, sheet=sheet_of(proved)
            )  # fmt: skip
        elif lost:
            record_unproved(self._journal, row.id, held=held, free=checked.free)

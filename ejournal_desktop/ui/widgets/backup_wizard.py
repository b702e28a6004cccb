"""The round of copies, page by page inside the part: a drive in, written, proved, out; then the next one.

Nothing here is modal: Esc stops what runs or steps back, and whoever comes again goes on from there. A drive that
nobody has registered is never written on silently.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import EjournalError
from ejournal_desktop.backup import rounds
from ejournal_desktop.backup.drives import Drive, register_drive
from ejournal_desktop.backup.identity import own_identity
from ejournal_desktop.backup.rounds import Fetched, Proved, Seen, named
from ejournal_desktop.backup.volumes import Volume, Volumes
from ejournal_desktop.models.commands.drives import keep_drive, record_proof
from ejournal_desktop.models.database import Locked
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import backup_state
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.jobs import Job, Jobs, Progress, Report
from ejournal_desktop.ui.speaking import Speak
from ejournal_desktop.ui.widgets.round_page import RoundPage
from ejournal_desktop.ui.widgets.round_words import Page, Standing

LOOK_MS = 1000  # between two looks at what is plugged in


class BackupWizard(RoundPage):
    """One round. `left` comes when the person steps back, `custody_wanted` with the id of a drive whose act is due.

    Args:
        volumes: who says what is plugged in.
    """

    left = Signal()
    custody_wanted = Signal(str)
    troubled = Signal(object)
    turned = Signal(str)  # the page in front

    def __init__(
        self, journal: Journal, jobs: Jobs, speak: Speak, volumes: Volumes, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.volumes = volumes
        self._journal, self._jobs, self._speak = journal, jobs, speak
        self.page: Page = "insert"
        self.fetched: Fetched | None = None
        self.proved: list[Proved] = []
        self._unrecorded: list[Proved] = []
        self._seen = Seen("nothing")
        self._job: Job | None = None
        self._looking = self._stopping = False
        self._known = backup_state(journal)
        self._named_by = ""  # the drive for which the fields were filled in
        self._wire()
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def _wire(self) -> None:
        for field in self.fields.values():
            field.returnPressed.connect(self.do)
        self.main.clicked.connect(self.do)
        self.act.clicked.connect(self._want_custody)
        self.back.clicked.connect(self.step_back)

    # --- coming and going --------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Come to the page where the round stands; a finished one begins anew."""
        if self.page == "done":
            self.fetched, self.proved = None, []
            self.page = "insert"
        self.message.say("")
        self._turn(self.page)
        self.look()

    def showEvent(self, event: QShowEvent) -> None:
        """Watch what is plugged in while the page is in sight."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Look no more; what is being written goes on."""
        super().hideEvent(event)
        self._timer.stop()

    def close_wizard(self) -> None:
        """End everything, before the journal is closed; a copy under way leaves nothing half-visible."""
        self._timer.stop()
        if self._job is not None:
            self._job.cancel()

    def step_back(self) -> None:
        """Stop what runs, else go back to the front; the round stands where it is."""
        if self._job is not None:
            self._job.cancel()
            self._stopping = True
            self.doing.setText(self.tr("Останавливаю…"))
        else:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what the main button does, Esc steps back."""
        if event.key() == Qt.Key.Key_Escape:
            self.step_back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            pressed = next((each for each in (self.act, self.back) if each.hasFocus()), None)
            (self.do if pressed is None else pressed.click)()
        else:
            super().keyPressEvent(event)

    @property
    def keys(self) -> str:
        """Return what Enter and Esc do on the page in front."""
        back = self.tr("Esc остановить") if self.page == "busy" else self.tr("Esc выйти")
        deed = self.main.text()
        return f"{self.tr('Enter')} {deed[0].lower()}{deed[1:]}   {back}" if deed else back

    @property
    def is_busy(self) -> bool:
        """Say whether a step is under way."""
        return self._job is not None

    @property
    def is_stopping(self) -> bool:
        """Say whether the step under way was asked to stop."""
        return self._stopping

    # --- looking -----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Look at what is plugged in, off the window's thread; one look at a time."""
        if self._looking or self._job is not None or self.page == "done":
            return
        self._looking = True
        self.record()
        used = {row.id for row in self._standing().state.used}
        written, volumes, school = (
            tuple(each.drive for each in self.proved),
            self.volumes,
            self._journal.identity.school,
        )
        self._jobs.run(
            lambda _: rounds.look(school, used, written, volumes), done=self._saw, failed=self._saw_nothing, quiet=True
        )

    def _saw_nothing(self, error: BaseException) -> None:
        self._looking = False
        self._say(error)

    def _saw(self, seen: Seen) -> None:
        self._looking = False
        if self._job is not None or self.page == "done":
            return
        before, self._seen = self._seen, seen
        if seen.trouble is not None and seen.what == "trouble":
            self._say(seen.trouble)
        elif before.what == "trouble":
            self.message.say("")
        pages: dict[str, Page] = {"ready": "ready", "unknown": "unknown", "written": "proved"}
        page = pages.get(seen.what, "insert")
        if page == "insert" and self._standing().is_over:
            page = "done"
        if page != self.page or _place(before) != _place(seen):
            self._turn(page)

    def _standing(self) -> Standing:
        with contextlib.suppress(Locked):  # a copy goes on behind the lock; the register is read again after it
            self._known = backup_state(self._journal)
        return Standing(self._seen, self.proved, self._known)

    # --- pages -------------------------------------------------------------------------------------------------------

    def _turn(self, page: Page) -> None:
        """Show a page; the focus goes where work goes on."""
        self.page = page
        self.show_page(page, self._standing())
        if page == "unknown":
            self._fill_in()
        if self.isVisible():
            self.put_focus(page)
        self.turned.emit(page)

    def _fill_in(self) -> None:
        """Offer what is known of an unknown drive once; what was typed for it stays."""
        plugged = self._seen.plugged
        if plugged is None or self._named_by == str(plugged.volume.root):
            return
        self._named_by = str(plugged.volume.root)
        row = self._standing().row
        known = (row.label, row.holder, row.room) if row is not None else (named(plugged), "", "")
        self.fill_in(known)

    # --- doing -------------------------------------------------------------------------------------------------------

    def do(self) -> None:
        """Do what the main button of the page says."""
        if self._job is not None:
            return
        if self.page == "ready":
            self._write()
        elif self.page == "unknown":
            self._register()
        elif self.page == "done":
            self.left.emit()

    def _want_custody(self) -> None:
        if self.proved:
            self.custody_wanted.emit(self.proved[0].drive.card.id)

    def _run(self, work: Callable[[Report], Any], done: Callable[[Any], None], *, network: bool = False) -> None:
        """Run a step as a long job; whatever ends it, the next look says where the round stands."""
        title = self.tr("Резервная копия")
        job = self._jobs.run(
            work, title=title, lane="network" if network else "heavy", done=done, failed=self._failed
        )  # fmt: skip
        job.cancelled.connect(self._cancelled)
        job.progressed.connect(self._tell)
        self._job, self._stopping = job, False
        self.doing.setText(self.tr("Начинаю…"))
        self.message.say("")
        self._turn("busy")

    def _tell(self, progress: Progress) -> None:
        if self._stopping:
            return
        percent = f", {100 * progress.done // progress.total} %" if progress.total else ""
        if progress.text:
            self.doing.setText(f"{progress.text[0].upper()}{progress.text[1:]}{percent}")

    def _register(self) -> None:
        plugged = self._seen.plugged
        if plugged is None:
            return
        label, holder, room = (field.text().strip() for field in self.fields.values())
        if not label:
            self.message.say(self.tr("Напишите, как подписан носитель. Ничего не записано."), "danger")
            self.fields["label"].setFocus()
            return
        folder, school, volumes = plugged.volume.root, self._journal.identity.school, self.volumes
        work = lambda _: register_drive(folder, school, label, holder, room, volumes)  # noqa: E731
        self._run(work, self._registered)

    def _registered(self, drive: Drive) -> None:
        self._job = None
        card = drive.card
        try:
            keep_drive(self._journal, card.id, card.label, holder=card.holder, room=card.room)
        except EjournalError as error:
            self._say(error)
        self._go_on()

    def _write(self) -> None:
        """Fetch the round's copy where it is not here yet, then write it."""
        plugged = self._seen.plugged
        if plugged is None:
            return
        if self.fetched is not None and self.fetched.folder.exists():
            self._write_to(plugged.volume)
            return
        try:
            recipient = own_identity(self._journal).recipient
        except EjournalError as error:
            self._say(error)
            return
        speak = self._speak
        self._run(lambda report: rounds.fetch(speak, recipient, report), self._came, network=True)

    def _came(self, fetched: Fetched) -> None:
        self._job = None
        self.fetched = fetched
        plugged = self._seen.plugged
        if plugged is not None:
            self._write_to(plugged.volume)

    def _write_to(self, volume: Volume) -> None:
        fetched, volumes = self.fetched, self.volumes
        assert fetched is not None
        try:
            secret = own_identity(self._journal).secret
        except EjournalError as error:  # locked meanwhile: the copy is here, the rest goes on after the lock
            self._say(error)
            self._go_on()
            return
        work = partial(rounds.write, fetched, volume.root, secret)
        self._run(lambda report: work(report, volumes), self._written)

    def _written(self, proved: Proved) -> None:
        self._job = None
        self.proved.append(proved)
        self._unrecorded.append(proved)
        self.record()
        self._turn("proved")
        self._go_on()

    def record(self) -> None:
        """Write into the register what was proved; after a lock in between, as soon as it is open again."""
        sheet = self.fetched.sheet if self.fetched is not None else ""
        while self._unrecorded:
            each = self._unrecorded[0]
            try:
                record_proof(
                    self._journal, each.drive.card.id, each.generation, held=each.held, free=each.free, sheet=sheet
                )
            except Locked:
                return
            except EjournalError as error:
                self.troubled.emit(error)
            self._unrecorded.pop(0)

    def _failed(self, error: BaseException) -> None:
        self._job = None
        if isinstance(error, rounds.SpoiltHere):
            self.fetched = None
        self._say(error)
        self._go_on()

    def _cancelled(self) -> None:
        self._job = None
        self.message.say(self.tr("Остановлено. На носителе осталось только прежнее; можно начать снова."))
        self._go_on()

    def _go_on(self) -> None:
        """Show where the round stands, and look again at once."""
        if self.page == "busy":
            self._seen = Seen("nothing")
            self._turn("insert")
        self.look()

    def _say(self, error: BaseException) -> None:
        errors.tell(error, self.message.say, self.troubled.emit)


def _place(seen: Seen) -> tuple[str, str]:
    """Return what decides whether a page has to be shown anew."""
    plugged = seen.plugged
    return (seen.what, f"{plugged.volume.root} {plugged.card.id if plugged.card else ''}" if plugged else "")

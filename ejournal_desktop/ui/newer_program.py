"""A newer program from the school, brought to the person: looked for, told, and handed to the system's own installer.

Nothing is installed by us and nothing behind a person's back: it is proved once more, and then the system opens it as
it opens any package, asking for the rights that it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from ejournal_core.errors import Trouble
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.updates import Offer, updates_of
from ejournal_desktop.ui import errors
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.sentences import SENTENCES
from ejournal_desktop.ui.widgets.update_line import NewProgram, UpdateLine

Open = Callable[[Path], bool]
Failed = Callable[[BaseException], None]


class NoInstaller(Trouble):
    """The system does not open the package: it has no installer for it, or forbids it."""

    code: ClassVar[str] = "EJ-403"


def open_by_system(file: Path) -> bool:
    """Have the system open a file as if it had been clicked; say whether it will."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))


class NewerProgram(QObject):
    """What this PC knows of a newer program; every line that shows it follows `changed`.

    Args:
        jobs: proving a package reads all of it, so that happens off the window's thread.
        open_file: hands the package over.
    """

    changed = Signal(object)  # NewProgram
    install_now = Signal()  # wanted where nobody is at work

    def __init__(self, jobs: Jobs, open_file: Open = open_by_system) -> None:
        super().__init__()
        self._jobs = jobs
        self._open = open_file
        self._put_off = ""  # the version that was put off until the program starts again
        self._standing = NewProgram()

    @property
    def standing(self) -> NewProgram:
        """Return how it stands now."""
        return self._standing

    def show_on(self, line: UpdateLine, *, at_work: bool) -> None:
        """Let a line show how it stands from now on."""
        line.show_standing(self._standing)
        self.changed.connect(line.show_standing)
        line.put_off.connect(self.put_off)
        line.install_wanted.connect(self._wanted if at_work else lambda _: self.install_now.emit())

    def look(self, workstation: Workstation | None) -> None:
        """See whether a newer program lies ready on this PC."""
        if workstation is None or self._standing.version:
            return
        updates, put_off = updates_of(workstation), self._put_off
        self._jobs.run(lambda _: updates.offer(put_off), done=self._found, failed=self._missed, quiet=True)

    def tell(self, code: str) -> None:
        """Say what is wrong with the program that the school offers, by its code; "" takes the sentence away."""
        if not self._standing.version:
            self._now(trouble=errors.words(SENTENCES[code]) if code else "")

    def choose(self, *, wanted: bool) -> None:
        """Install it when the person leaves, or not after all."""
        self._now(chosen=wanted)

    def _wanted(self, wanted: bool) -> None:
        self.choose(wanted=wanted)

    def put_off(self) -> None:
        """Say nothing more of this version until the program is started again."""
        self._put_off = self._standing.version
        self._now(version="", news="", chosen=False)

    def prove(self, workstation: Workstation, done: Callable[[Offer | None], None], failed: Failed) -> None:
        """Prove the package once more, all of it, off the window's thread; `hand_over` takes what `done` brings.

        `failed` brings an UpdateBroken: somebody has changed it since; it was removed.
        """
        updates = updates_of(workstation)
        self._now(proving=True)
        job = self._jobs.run(lambda _: updates.offer(), failed=lambda _: self._forget(), quiet=True)
        job.done.connect(lambda _: self._forget())  # first of all: who closes the window is not asked again
        job.done.connect(done)
        job.failed.connect(failed)

    def hand_over(self, offer: Offer | None) -> None:
        """Have the system open a package that has just been proved.

        Raises:
            NoInstaller: the system does not open it.
        """
        if offer is None or not self._open(offer.file):
            raise NoInstaller("the system does not open the package")

    def _forget(self) -> None:
        """Show nothing until the next look; what still lies ready is offered again then."""
        self._now(version="", news="", chosen=False, proving=False)

    def _found(self, offer: Offer | None) -> None:
        if offer is not None and offer.version != self._put_off:
            self._now(version=offer.version, news=offer.news, trouble="")

    def _missed(self, error: BaseException) -> None:
        self._now(version="", news="", chosen=False, trouble=errors.explain(error).text)

    def _now(self, **values: Any) -> None:
        self._standing = replace(self._standing, **values)
        self.changed.emit(self._standing)

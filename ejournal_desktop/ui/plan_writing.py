"""How the screen of КТП writes: small commands at once, large ones off the window's thread, steps back and forth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.commands.lesson_plans import undo_in_plan
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import ChangeSet, Journal
    from ejournal_desktop.ui.jobs import Jobs

Command = Callable[[], "ChangeSet"]
Keep = Callable[["ChangeSet"], None]
MANY = 20  # records; writing more takes longer than a key may


class PlanWriting(QObject):
    """Writes in one plan at a time.

    Signals:
        said: a sentence, and its kind as `Line` knows it.
        changed: the plan has to be read again.
        troubled: a `Trouble` that a command met.
    """

    said = Signal(str, str)
    changed = Signal()
    troubled = Signal(object)

    def __init__(self, journal: Journal, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._journal = journal
        self._jobs = jobs
        self._done: list[ChangeSet] = []
        self._undone: list[ChangeSet] = []
        self._again: dict[str, str] = {}  # rows that a step back has made anew: old id → new id
        self._is_closed = False
        self.is_busy = False

    def forget(self) -> None:
        """Forget all steps: another plan is open. What is still being written is no step of it."""
        self._done, self._undone, self._again = [], [], {}

    def close(self) -> None:
        """Tell nothing any more; what is being written is written to its end."""
        self._is_closed = True

    def run(self, command: Command, done: str = "", *, many: bool = False, step: bool = True) -> bool:
        """Run a command; return whether it was done, or for `many` records whether it has begun.

        Args:
            done: said when it is done.
            step: it can be taken back.
        """
        steps = self._done

        def keep(changes: ChangeSet) -> None:
            if step and changes.changes:
                steps.append(changes)
                self._undone.clear()

        return self._start(command, keep, done, many=many)

    def _start(self, command: Command, keep: Keep, done: str, *, many: bool) -> bool:
        if self.is_busy:
            self.said.emit(tr("Ещё записываю предыдущее: подождите немного."), "")
            return False
        if many:
            self._run_many(command, keep, done)
            return True
        try:
            changes = command()
        except EjournalError as error:
            self._failed(error)
            return False
        self._after(changes, keep, done)
        return True

    def _run_many(self, command: Command, keep: Keep, done: str) -> None:
        self.is_busy = True
        self.said.emit(tr("Записываю…"), "")
        steps = self._done

        def ended(changes: ChangeSet) -> None:
            self.is_busy = False
            if not self._is_closed:
                self._after(changes, keep, done if steps is self._done else "")

        def failed(error: BaseException) -> None:
            self.is_busy = False
            if not self._is_closed:
                self._failed(error)
                self.changed.emit()

        self._jobs.run(lambda _report: command(), done=ended, failed=failed, quiet=True)

    def _after(self, changes: ChangeSet, keep: Keep, done: str) -> None:
        keep(changes)
        self.said.emit(done, "done" if done else "")
        self.changed.emit()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Refusal):
            self.refuse(error)
        else:
            self.said.emit("", "")
            self.troubled.emit(error)

    def refuse(self, refusal: Refusal) -> None:
        """Say why not, with the rule of the school behind it."""
        self.said.emit(with_clause(refusal, self._journal.policy()), "danger")

    # --- steps -------------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back."""
        self._walk(self._done, self._undone, tr("Отменено."), tr("Здесь больше нечего отменять."))

    def redo(self) -> None:
        """Do again what was last taken back."""
        self._walk(self._undone, self._done, tr("Возвращено."), tr("Возвращать нечего."))

    def _walk(self, here: list[ChangeSet], there: list[ChangeSet], done: str, nothing: str) -> None:
        if not here:
            self.said.emit(nothing, "")
            return
        step = here[-1]
        if not self.is_busy:
            here.pop()  # one that others have changed since is refused, and the next key goes on before it
        command = partial(undo_in_plan, self._journal, step, self._again)
        self._start(command, there.append, done, many=len(step.changes) > MANY)

"""How the screen of КТП writes: small commands at once, large ones off the window's thread, steps back and forth."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.models.queries.own_writes import plan_steps
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.steps import Steps, done, nothing
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal
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
        self._steps = Steps(journal, lambda _given_up: [])
        self._is_closed = False
        self.is_busy = False

    def open_plan(self, page_id: str) -> None:
        """Go over to the steps of another plan. What is still being written is no step of it."""
        self._steps = Steps(self._journal, partial(plan_steps, self._journal, page_id))

    def close(self) -> None:
        """Tell nothing any more; what is being written is written to its end."""
        self._is_closed = True

    def run(self, command: Command, done: str = "", *, many: bool = False, step: bool = True) -> bool:
        """Run a command; return whether it was done, or for `many` records whether it has begun.

        Args:
            done: said when it is done.
            step: it can be taken back.
        """
        if self._is_waiting():
            return False
        return self._start(command, self._steps.remember if step else _nothing, done, many=many)

    def _is_waiting(self) -> bool:
        if self.is_busy:
            self.said.emit(tr("Ещё записываю предыдущее: подождите немного."), "")
        return self.is_busy

    def _start(self, command: Command, keep: Keep, done: str, *, many: bool) -> bool:
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
        steps = self._steps

        def ended(changes: ChangeSet) -> None:
            self.is_busy = False
            if not self._is_closed:
                self._after(changes, keep, done if steps is self._steps else "")

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
        self._walk(back=True)

    def redo(self) -> None:
        """Do again what was last taken back."""
        self._walk(back=False)

    def _walk(self, *, back: bool) -> None:
        if self._is_waiting():
            return
        steps = self._steps
        step = steps.take(back=back)
        if step is None:
            self.said.emit(nothing(back=back), "")
            return
        walk, keep = partial(steps.walk, step, back=back), partial(steps.keep, back=back)
        self._start(walk, keep, done(back=back), many=len(step.changes) > MANY)


def _nothing(_changes: ChangeSet) -> None:
    """Nothing of it is taken back here."""

"""Steps back and forth in one plan: a row that was deleted and comes back has another id, which later steps learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ejournal_desktop.models.commands.lesson_plans import undo_in_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from ejournal_desktop.models.journal import ChangeSet, Journal


class PlanSteps:
    """What was done in the open plan, last step last."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._done: list[ChangeSet] = []
        self._undone: list[ChangeSet] = []
        self._again: dict[str, str] = {}

    def remember(self, changes: ChangeSet) -> None:
        """Note a step; nothing can be done again after it."""
        if changes.changes:
            self._done.append(changes)
            self._undone.clear()

    def forget(self) -> None:
        """Forget all steps: another plan is open."""
        self._done.clear()
        self._undone.clear()
        self._again.clear()

    def back(self) -> Callable[[], ChangeSet] | None:
        """Return the way to take the last step back, None when there is none."""
        return self._way(self._done, self._undone)

    def forth(self) -> Callable[[], ChangeSet] | None:
        """Return the way to do again what was last taken back, None when there is nothing."""
        return self._way(self._undone, self._done)

    def size(self, *, forth: bool = False) -> int:
        """Return how many records the next step back (or forth) changes."""
        steps = self._undone if forth else self._done
        return len(steps[-1].changes) if steps else 0

    def _way(self, here: list[ChangeSet], there: list[ChangeSet]) -> Callable[[], ChangeSet] | None:
        if not here:
            return None

        def take() -> ChangeSet:
            step = here.pop()  # one that others have changed since is refused, and the next key goes on before it
            there.append(undo_in_plan(self._journal, step, self._again))
            return there[-1]

        return take

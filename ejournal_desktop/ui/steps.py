"""The steps of one part of the journal that can be taken back and done again: those of before a restart too (P61)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from ejournal_core.errors import Trouble
from ejournal_desktop.models.commands import way_back
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal

Attempt = Callable[[Callable[[], "ChangeSet"], str], "ChangeSet | None"]
Look = Callable[[Collection[str]], "list[ChangeSet]"]


class Steps:
    """Steps done and taken back, the last one last.

    Args:
        look: reads from the history what still stands, without the changes of these ids.
    """

    def __init__(self, journal: Journal, look: Look) -> None:
        self._journal = journal
        self._look = look
        self._done: list[ChangeSet] = []
        self._undone: list[ChangeSet] = []
        self._given_up: set[str] = set()  # ids of changes that were taken back, or could not be
        self._again: dict[str, str] = {}  # records that a step back has made anew: old id → new id

    def remember(self, changes: ChangeSet) -> None:
        """Learn a step that was just done."""
        if changes.changes:
            self._done.append(changes)
            self._undone.clear()

    def take(self, *, back: bool) -> ChangeSet | None:
        """Return the step that comes next and count it as gone, None when there is none."""
        if back and not self._done:
            self._done = self._look(self._given_up)
        here = self._done if back else self._undone
        if not here:
            return None
        step = here.pop()
        self._given_up.update(change.id for change in step.changes)  # one that is refused, the next key goes before it
        return step

    def walk(self, step: ChangeSet, *, back: bool) -> ChangeSet:
        """Take a step back, or do it again.

        Raises:
            Refusal: somebody has changed one of the values since (EJ-290), or a rule says no; the next one comes.
            Trouble: the file cannot be written; the same step comes again.
        """
        try:
            return way_back.take_back(self._journal, step, self._again, way_back.UNDONE if back else "")
        except Trouble:
            (self._done if back else self._undone).append(step)
            raise

    def keep(self, walked: ChangeSet, *, back: bool) -> None:
        """Learn what walking a step has written."""
        (self._undone if back else self._done).append(walked)

    def do(self, attempt: Attempt, *, back: bool) -> str:
        """Walk the next step by way of what does a deed, and says a sentence when it is done; None where it failed.

        Returns why there is nothing to do, "" when there was.
        """
        step = self.take(back=back)
        if step is None:
            return nothing(back=back)
        walked = attempt(partial(self.walk, step, back=back), done(back=back))
        if walked is not None:
            self.keep(walked, back=back)
        return ""


def done(*, back: bool) -> str:
    """Return what is said when a step was walked."""
    return tr("Отменено. Ctrl+Y — вернуть.") if back else tr("Возвращено. Ctrl+Z — отменить.")


def nothing(*, back: bool) -> str:
    """Return what is said when there is none to walk."""
    if back:
        return tr("Отменять больше нечего: ваших недавних записей здесь нет.")
    return tr("Возвращать нечего.")

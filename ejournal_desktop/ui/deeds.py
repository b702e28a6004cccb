"""What a person does in one part of a screen: written, told, taken back and done again in one way everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ejournal_core.errors import EjournalError, Refusal
from ejournal_desktop.ui.clauses import with_clause
from ejournal_desktop.ui.steps import Look, Steps
from ejournal_desktop.ui.widgets.say import Say

if TYPE_CHECKING:
    from ejournal_desktop.models.change_set import ChangeSet
    from ejournal_desktop.models.journal import Journal


class Deeds:
    """Deeds of one part, each a step that can be taken back.

    Args:
        say: shows how a deed went.
        troubled: takes what stood in the way of writing, such as a full disk.
        written: reads again what the part shows.
        refuse: shows why a rule says no, where that does not belong to `say`.
    """

    def __init__(
        self,
        journal: Journal,
        *,
        say: Say,
        troubled: Callable[[EjournalError], object],
        written: Callable[[], object],
        refuse: Callable[[str], object] | None = None,
    ) -> None:
        self._journal = journal
        self._say = say
        self._troubled = troubled
        self._written = written
        self._refuse = refuse or (lambda sentence: say(sentence, "danger"))
        self._steps = Steps(journal, lambda _given_up: [])

    def go_over(self, look: Look) -> None:
        """Go over to the steps of another class or page: a key must not take back what is not in sight."""
        self._steps = Steps(self._journal, look)

    def remember(self, changes: ChangeSet) -> None:
        """Learn a step that was written in a way of its own."""
        self._steps.remember(changes)

    def do(self, deed: Callable[[], ChangeSet], told: str = "") -> bool:
        """Write, and return whether it was written.

        Args:
            told: said when it is.
        """
        done = self._attempt(deed, told)
        if done is not None:
            self._steps.remember(done)
        return done is not None

    def undo(self) -> None:
        """Take back the last step, those of before a restart too (P61)."""
        self._walk(back=True)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._walk(back=False)

    def _walk(self, *, back: bool) -> None:
        nothing = self._steps.do(self._attempt, back=back)
        if nothing:
            self._say(nothing, "")

    def _attempt(self, deed: Callable[[], ChangeSet], told: str) -> ChangeSet | None:
        try:
            done = deed()
        except Refusal as refusal:
            self._refuse(with_clause(refusal, self._journal.policy()))
        except EjournalError as error:
            self._troubled(error)
        else:
            self._written()
            self._say(told, "done" if told else "")
            return done
        return None

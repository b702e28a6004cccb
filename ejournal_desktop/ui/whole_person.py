"""All that the school holds of one person, as its server told: in memory only, for one person, until it is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ejournal_core.wire import PersonDataRequest
from ejournal_desktop.models.queries.person_choice import Whom
from ejournal_desktop.models.queries.person_data import PersonData, person_data
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal
    from ejournal_desktop.ui.jobs import Jobs
    from ejournal_desktop.ui.speaking import Speak


class WholePerson:
    """Asks the server and keeps the answer; it is gone when the journal closes or is locked.

    Args:
        came: takes the answer, on the window's thread.
        failed: takes what stood in its way.

    Attributes:
        found: the answer, None while there is none.
    """

    def __init__(
        self, journal: Journal, jobs: Jobs, speak: Speak,
        came: Callable[[PersonData], object], failed: Callable[[BaseException], None],
    ) -> None:  # fmt: skip
        self._journal, self._jobs, self._speak = journal, jobs, speak
        self._tell_came, self._failed = came, failed
        self.found: PersonData | None = None
        journal.keep_copies(lambda _changes: None, _nothing, _nothing, self.forget)

    def ask(self, whom: Whom, second: str = "", password: str = "") -> None:
        """Ask the server for all of a person; what came of another one before is forgotten."""
        self.forget()
        wanted = PersonDataRequest(kind=whom.kind, person=whom.id, second=second, second_password=password)
        self._jobs.run(
            lambda _report: person_data(self._journal, whom, self._speak(lambda server: server.person_data(wanted))),
            title=tr("Все сведения о человеке"), lane="network", done=self._came, failed=self._failed,
        )  # fmt: skip

    def _came(self, found: PersonData) -> None:
        if not self._journal.is_closed:
            self.found = found
            self._tell_came(found)

    def forget(self) -> None:
        """Keep nothing."""
        self.found = None


def _nothing() -> None:
    """There is nothing to flush, and nothing comes back when the journal opens again."""

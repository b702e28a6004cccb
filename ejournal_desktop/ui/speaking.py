"""How a screen speaks with the school's server: for what cannot be done without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from ejournal_desktop.sync.server import SchoolServer
    from ejournal_desktop.ui.jobs import Job, Jobs

Answer = TypeVar("Answer")


class Speak(Protocol):
    """Connects as this person's desk, asks, and closes the connection. Call it on a worker thread (`Jobs.run`).

    Raises:
        ServerAway: no server is to be seen, or this computer does not know one yet.
        ServerRefused: it said no.
    """

    def __call__(self, ask: Callable[[SchoolServer], Answer], /) -> Answer:
        """Return what `ask` returns."""


def ask_server(
    jobs: Jobs, speak: Speak, ask: Callable[[SchoolServer], Answer], *,
    done: Callable[[Answer], None], failed: Callable[[BaseException], None], title: str = "",
) -> Job:  # fmt: skip
    """Ask in the background; the answer, or what stands in its way, comes back on the window's thread.

    Args:
        title: in the panel of long jobs; a question without one is not shown there.
    """

    def answer(_report: object) -> Any:
        return speak(ask)

    return jobs.run(answer, title=title, lane="network", done=done, failed=failed, quiet=not title)

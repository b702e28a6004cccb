"""How a screen speaks with the school's server: for what cannot be done without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from ejournal_desktop.sync.server import SchoolServer

Answer = TypeVar("Answer")


class Speak(Protocol):
    """Connects as this person's desk, asks, and closes the connection. Call it on a worker thread (`Jobs.run`).

    Raises:
        ServerAway: no server is to be seen, or this computer does not know one yet.
        ServerRefused: it said no.
    """

    def __call__(self, ask: Callable[[SchoolServer], Answer], /) -> Answer:
        """Return what `ask` returns."""

"""Carry files after the records: piece by piece, with looks at the outbox between, so that no mark waits for a book.

Whatever ends it, the next meeting goes on from the last piece that arrived, in either direction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from msgspec import Struct

from ejournal_core import wire
from ejournal_core.blobs import PIECE, SMALLEST_PIECE
from ejournal_desktop.models import blobs
from ejournal_desktop.models.blobs import Held
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.server import ServerRefused, ServerSlow

SECONDS = 20.0  # of one meeting: then the log is looked at again


class FileServer(Protocol):
    """The calls that carrying needs; `SchoolServer` has them."""

    def bring_file(self, sha256: str, size: int, offset: int, piece: bytes) -> wire.FileState:
        """Take the next piece; an empty one asks how far the file has come."""

    def fetch_file(self, sha256: str, offset: int) -> bytes:
        """Give the bytes from an offset, at most a piece."""


class Carried(Struct, frozen=True):
    """How many pieces went, and whether more are waiting for the next meeting."""

    pieces: int = 0
    more: bool = False


class Carrier:
    """Carries pieces of a size that the network bears; kept between meetings it adapts.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.piece = PIECE
        self._clock = clock

    def carry(self, journal: Journal, server: FileServer) -> Carried:
        """Carry what waits until time is up, something was entered, or nothing is left.

        Raises:
            ServerAway: the network broke; the next meeting goes on.
        """
        began: float | None = None
        pieces = 0
        for _ in self._steps(journal, server):
            began = self._clock() if began is None else began
            pieces += 1
            if self._clock() > began + SECONDS or journal.is_anything_unsent():
                return Carried(pieces, more=True)
        return Carried(pieces)

    def _steps(self, journal: Journal, server: FileServer) -> Iterator[None]:
        """Carry a piece a step: own files first, for others may be waiting for them."""
        for known in blobs.to_bring(journal):
            yield from self._one(journal, known, self._bring(journal, server, known))
        for known in blobs.to_fetch(journal):
            yield from self._one(journal, known, self._fetch(journal, server, known))

    def _one(self, journal: Journal, known: Held, steps: Iterator[None]) -> Iterator[None]:
        """Carry one file; what the server has against it does not keep the others waiting."""
        try:
            yield from steps
        except ServerSlow:
            self.piece = max(SMALLEST_PIECE, self.piece // 2)
            raise
        except ServerRefused as refused:
            if refused.answer not in _ABOUT_ONE_FILE:
                raise
            blobs.note(journal, known.sha256, **_ABOUT_ONE_FILE[refused.answer])

    def _bring(self, journal: Journal, server: FileServer, known: Held) -> Iterator[None]:
        there = server.bring_file(known.sha256, known.size, 0, b"").received
        while there < known.size:
            blobs.note(journal, known.sha256, sent=there)
            yield
            piece = blobs.piece(journal, known.sha256, there, self.piece)
            if not piece:
                return  # destroyed by law meanwhile
            there = self._later(there, server.bring_file(known.sha256, known.size, there, piece))
        blobs.note(journal, known.sha256, sent=there, outgoing=False, problem="")

    def _later(self, before: int, state: wire.FileState) -> int:
        """Return how far the server is; one that stands still would be asked for ever."""
        if not before < state.received <= state.size:
            raise wire.Malformed("the server does not take the file on")
        return state.received

    def _fetch(self, journal: Journal, server: FileServer, known: Held) -> Iterator[None]:
        while not known.whole and not known.problem:
            data = server.fetch_file(known.sha256, known.received)
            if not data or len(data) > min(PIECE, known.size - known.received):
                raise wire.Malformed("not the bytes of this file")
            after = blobs.add_piece(journal, known, data)
            if after is None:
                return
            known = after
            yield


#: What becomes of a file by the server's code; it is tried again at the next meeting unless a problem is noted.
_ABOUT_ONE_FILE: dict[str, dict[str, Any]] = {
    "EJ-376": {},  # its record is not accepted (any more), or out of sight
    "EJ-414": {},  # not there whole
    "EJ-415": {"sent": 0},  # the server dropped wrong bytes: all of it anew
    "EJ-416": {"problem": "EJ-416"},
}

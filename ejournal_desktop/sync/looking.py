"""Records whose history somebody looks at: asked for on the window's thread, fetched on the network's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ejournal_core.errors import Trouble
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.holding import SliceServer, learn_of
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.sync.trust import BrokenHistory

log = logging.getLogger(__name__)

Came = Callable[[Trouble | None], None]  # with None once the history is on this disk


class LookUps:
    """What is wanted and not answered yet. Every wish is answered exactly once, on whichever thread that happens."""

    def __init__(self) -> None:
        self._wanted: list[tuple[str, str, Came]] = []
        self._lock = threading.Lock()

    def want(self, kind: str, record: str, came: Came) -> None:
        """Ask for the history of a record; `came` hears of its end."""
        with self._lock:
            self._wanted.append((kind, record, came))

    def serve(self, journal: Journal, server: SliceServer, server_key: bytes) -> None:
        """Fetch what is wanted.

        Raises:
            ServerAway: nobody answers; what is still wanted stays so until `give_up` or another `serve`.
            BrokenHistory: an alarm; the wish that met it is answered.
        """
        while (wish := self._next()) is not None:
            kind, record, came = wish
            try:
                learn_of(journal, server, server_key, kind, record)
            except ServerAway:
                self.want(kind, record, came)
                raise
            except BrokenHistory as broken:
                came(broken)
                raise
            except Trouble as trouble:  # of this record alone: the meeting's own questions find what concerns all
                log.info("the history of a record did not come", extra={"code": trouble.code})
                came(trouble)
            else:
                came(None)

    def give_up(self, why: Trouble) -> None:
        """Answer all that is still wanted: it will not come now."""
        while (wish := self._next()) is not None:
            wish[2](why)

    def _next(self) -> tuple[str, str, Came] | None:
        with self._lock:
            return self._wanted.pop(0) if self._wanted else None

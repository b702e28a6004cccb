"""Remember who called, in memory, and write it down now and then: a call that reads must not cost a write."""

from __future__ import annotations

import logging
import re
import threading

from msgspec.structs import replace

from ejournal_core.errors import Trouble
from ejournal_server.authority import Authority, stamp
from ejournal_server.store import contacts, log
from ejournal_server.store.contacts import Contact
from ejournal_server.store.database import StoreFailure

logger = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
_VERSION = re.compile(r"ejournal-desktop/([0-9A-Za-z.+-]{1,40})")


class Contacts:
    """What this process has seen of desks since it last wrote it down; any thread may note."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._seen: dict[str, Contact] = {}
        self._lock = threading.Lock()
        self._size = 0  # of the log, at least

    def note(self, desk: str, user_agent: str = "", scope: str = "") -> None:
        """Note a call of a desk whose signature was verified."""
        found = _VERSION.fullmatch(user_agent)
        at = stamp(self._authority.clock())
        with self._lock:
            before = self._seen.get(desk, Contact(desk=desk, at=at))
            version = found[1] if found else before.version
            self._seen[desk] = replace(before, at=at, version=version, scope=scope or before.scope)

    def note_held(self, desk: str, after: int) -> None:
        """Note that a desk asked for what comes after so many lines; beyond the log's end that says nothing.

        The size of the log is read only when it must have grown: an idle pull costs nothing.
        """
        if after > self._size:
            with self._authority.store.read() as tx:
                self._size = log.read_head(tx).number
        now = self._authority.clock()
        with self._lock:
            before = self._seen.get(desk, Contact(desk=desk, at=stamp(now)))
            if before.held <= after <= self._size:
                self._seen[desk] = replace(before, held=after, held_at=int(now.timestamp()))

    def write(self) -> None:
        """Write down what was noted; in trouble it waits for the next time."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            with self._authority.store.write() as tx:
                contacts.keep(tx, seen.values())
        except (Trouble, StoreFailure) as error:
            logger.warning("contacts wait", extra={"kind": type(error).__name__})
            with self._lock:
                self._seen = seen | self._seen

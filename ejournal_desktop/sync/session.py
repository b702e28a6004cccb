"""One person at work: the open desk, its meetings with the server in the background, and the lock."""

from __future__ import annotations

from collections.abc import Callable

from ejournal_core.errors import EjournalError
from ejournal_desktop import vault
from ejournal_desktop.models.journal import ChangeSet, Journal
from ejournal_desktop.sync.desks import OpenDesk, caller
from ejournal_desktop.sync.engine import Meeting, Portion, sync_once
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.schedule import SyncThread
from ejournal_desktop.sync.server import SchoolServer, ServerAway, ServerSlow

Told = Callable[[Meeting | EjournalError], None]


class Session:
    """Keeps a desk open and in touch with the server until it is locked or closed.

    Args:
        desk: the open desk; the session closes it.
        workstation: where the server is; None: this PC works alone.
        told: called on the network thread after each meeting with what happened.
    """

    def __init__(self, desk: OpenDesk, workstation: Workstation | None, told: Told) -> None:
        self._desk = desk
        self._workstation = workstation
        self._told = told
        self._thread: SyncThread | None = None
        self._line: SchoolServer | None = None  # kept open between meetings; the thread's alone while it runs
        self._portion = Portion()
        self._stop_listening = self.journal.listen(self._edited)
        self._start()

    @property
    def journal(self) -> Journal:
        """The open journal; after `lock` it cannot be read until `unlock`."""
        return self._desk.journal

    @property
    def is_locked(self) -> bool:
        """Whether the key is out of memory."""
        return self._desk.unlocked.is_locked

    def sync_now(self) -> None:
        """Meet the server as soon as possible."""
        if self._thread is not None:
            self._thread.now()

    def lock(self) -> None:
        """End the meetings, close the file, wipe the key."""
        self._stop()
        self._desk.close()

    def unlock(self, password: str) -> None:
        """Bring the key back and go on.

        Raises:
            Trouble: as `vault.unlock`; everything stays locked.
        """
        fresh = vault.unlock(self._desk.unlocked.desk, password)
        self._desk.unlocked.key[:] = fresh.key  # the journal's connections read the key from here
        vault.lock(fresh)
        self.journal.reopen()
        self._start()

    def close(self) -> None:
        """End everything of this person's."""
        self._stop_listening()
        self._stop()
        self._desk.close()

    def _edited(self, changes: ChangeSet) -> None:
        own = self.journal.identity.desk_id
        if self._thread is not None and any(change.desk == own for change in changes.changes):
            self._thread.edited()

    def _start(self) -> None:
        if self._workstation is not None:
            self._thread = SyncThread(self._meet, self._told)
            self._thread.start()

    def _stop(self) -> None:
        if self._thread is not None:
            self._thread.stop()
            self._thread = None
        self._hang_up()

    def _meet(self) -> Meeting:
        kept = self._line is not None
        try:
            return self._hold()
        except ServerSlow:
            self._hang_up()
            raise
        except ServerAway:
            self._hang_up()
            if not kept:
                raise
        return self._hold()  # the kept connection was closed under us: everything may be repeated

    def _hold(self) -> Meeting:
        assert self._workstation is not None
        if self._line is None:
            self._line = self._workstation.connect(caller(self.journal))
        return sync_once(self.journal, self._line, bytes.fromhex(self._workstation.server_key), portion=self._portion)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

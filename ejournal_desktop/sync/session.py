"""One person at work: the open desk, its meetings with the server in the background, and the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ejournal_core.errors import EjournalError
from ejournal_desktop import vault
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.clocks import ClockWatch
from ejournal_desktop.models.commands.audit_log import tell_sign_in
from ejournal_desktop.models.journal import Journal, local_now
from ejournal_desktop.sync.anew import DeskRevoked
from ejournal_desktop.sync.desks import REVOKED, OpenDesk
from ejournal_desktop.sync.engine import Meeting, Portion
from ejournal_desktop.sync.looking import Came
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.schedule import SyncThread
from ejournal_desktop.sync.server import ServerAway
from ejournal_desktop.sync.talk import Talk

Told = Callable[[Meeting | EjournalError], None]

PATIENCE = 0.3  # seconds that a window may stand still while a meeting ends, or the disk writes


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
        self._talk: Talk | None = None
        self._closer: threading.Thread | None = None
        self._portion = Portion()
        self._stop_listening = self.journal.listen(self._edited)
        self._start()

    @property
    def journal(self) -> Journal:
        """The open journal; after `lock` it cannot be read until `unlock`."""
        return self._desk.journal

    @property
    def desk(self) -> vault.Desk:
        """Whose desk on this PC it is."""
        return self._desk.unlocked.desk

    @property
    def is_locked(self) -> bool:
        """Whether the key is out of memory, or leaves it as soon as a write of the network thread is done."""
        return self._closer is not None or self._desk.unlocked.is_locked

    def sync_now(self) -> None:
        """Meet the server as soon as possible."""
        if self._thread is not None:
            self._thread.now()

    def look_up(self, kind: str, record: str, came: Came) -> None:
        """Fetch the history of a record that somebody looks at; `came` hears of its end on any thread."""
        if self._thread is None or self._talk is None:
            came(ServerAway("this PC works alone"))
            return
        self._talk.look_ups.want(kind, record, came)
        self._thread.now()

    def lock(self) -> None:
        """End the meetings, close the file, wipe the key; a server that does not answer is not waited for."""
        self._end()

    def unlock(self, password: str) -> None:
        """Bring the key back and go on.

        Raises:
            DeskRevoked: the server has taken the trust back; signing in with it within reach opens another desk.
            Trouble: as `vault.unlock`; everything stays locked.
        """
        self._wait_for_closer()
        fresh = vault.unlock(self._desk.unlocked.desk, password)
        wrong = fresh.wrong
        self._desk.unlocked.key[:] = fresh.key  # the journal's connections read the key from here
        vault.lock(fresh)
        self.journal.reopen()
        if self.journal.state().closed == REVOKED:
            self._desk.close()
            raise DeskRevoked(desk=self._desk.unlocked.desk.id)
        tell_sign_in(self.journal, wrong, unlocked=True)
        self._start()

    def close(self) -> None:
        """End everything of this person's."""
        self._stop_listening()
        self._end()

    def _edited(self, changes: ChangeSet) -> None:
        own = self.journal.identity.desk_id
        if self._thread is not None and any(change.desk == own for change in changes.changes):
            self._thread.edited()

    def _start(self) -> None:
        if self._workstation is not None:
            self._talk = Talk(self.journal, self._workstation, self._portion)
            self._thread = SyncThread(self._meeting(self._talk), self._told, self._talk.hang_up)
            self._thread.start()

    def _meeting(self, talk: Talk) -> Callable[[], Meeting]:
        """Look at this PC's clock before each meeting; a clock that is no PC's (a demo's) cannot jump."""
        if self.journal.clock is not local_now:
            return talk.meet
        watch = ClockWatch(self.journal)

        def meet() -> Meeting:
            watch.look()
            return talk.meet()

        return meet

    def _end(self) -> None:
        """Close the desk at once, or, when the network thread or the disk is in the midst of a write, after that."""
        if self._closer is not None:
            return
        talk = self._talk
        is_out = self._thread is None or talk is None or self._is_out_of_the_journal(self._thread, talk)
        if is_out and self.journal.is_saved(PATIENCE):
            self._desk.close()
        else:
            self._closer = threading.Thread(target=self._close_after, args=(self._thread,), name="ejournal-closing")
            self._closer.start()
        self._thread = self._talk = None
        if talk is not None:
            talk.look_ups.give_up(ServerAway("the journal is being closed"))

    @staticmethod
    def _is_out_of_the_journal(thread: SyncThread, talk: Talk) -> bool:
        thread.end()
        was_waiting = talk.cut()
        thread.join(PATIENCE)
        return was_waiting or not thread.is_alive()

    def _close_after(self, thread: SyncThread | None) -> None:
        if thread is not None:
            thread.join()
        self._desk.close()

    def _wait_for_closer(self) -> None:
        if self._closer is not None:
            self._closer.join()
            self._closer = None

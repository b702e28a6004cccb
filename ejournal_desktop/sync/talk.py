"""The meetings of one stretch of work, over one connection that is kept open between them, until somebody ends them."""

from __future__ import annotations

import logging
import threading

import msgspec

from ejournal_core.errors import Trouble
from ejournal_core.release import NotReleased
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.desks import caller, hold
from ejournal_desktop.sync.engine import Meeting, Portion
from ejournal_desktop.sync.looking import LookUps
from ejournal_desktop.sync.pairing import Workstation
from ejournal_desktop.sync.server import SchoolServer, ServerAway, ServerSlow
from ejournal_desktop.sync.updates import UpdateBroken, UpdateUnsaved, updates_of

logger = logging.getLogger(__name__)


class Talk:
    """Holds meetings on the network thread; only `cut` may be called from another.

    Args:
        journal: open until the talk has ended or was cut in the middle of a request.
        portion: how much a push holds, learnt from one talk to the next.
    """

    def __init__(self, journal: Journal, workstation: Workstation, portion: Portion) -> None:
        self._journal = journal
        self._workstation = workstation
        self._portion = portion
        self.look_ups = LookUps()
        self._line: SchoolServer | None = None
        self._lock = threading.Lock()
        self._is_cut = False

    def meet(self) -> Meeting:
        """Hold one meeting.

        Raises:
            Trouble: as `engine.sync_once`; ServerAway also once the talk was cut.
        """
        try:
            met = self._meet()
            self._look_up()
        except Trouble as trouble:
            self.look_ups.give_up(trouble)
            raise
        return msgspec.structs.replace(met, update=self._look_for_update())

    def _look_up(self) -> None:
        """Fetch the histories that somebody looks at; after the meeting, so that this desk knows who signed them."""
        self.look_ups.serve(self._journal, self._connected(), bytes.fromhex(self._workstation.server_key))

    def _meet(self) -> Meeting:
        kept = self._line is not None
        try:
            return self._hold()
        except ServerSlow:
            self.hang_up()
            raise
        except ServerAway:
            self.hang_up()
            if not kept:
                raise
        return self._hold()  # the kept connection was closed under us: everything may be repeated

    def cut(self) -> bool:
        """End it at once; say whether it was waiting for the server, and so touches the journal no more."""
        with self._lock:
            self._is_cut = True
            return self._line is not None and self._line.cut()

    def hang_up(self) -> None:
        """Close the connection."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def _hold(self) -> Meeting:
        return hold(self._journal, self._connected(), self._workstation, self._portion)

    def _look_for_update(self) -> str:
        """Fetch a little of a newer program, if the school offers one; no trouble with it is the meeting's.

        Returns:
            The code of what is wrong with the program that is offered, "" for nothing; the line has its own ways.
        """
        try:
            updates_of(self._workstation).look(self._connected(), self._journal.clock())
        except Trouble as trouble:
            logger.info("no update", extra={"code": trouble.code})
            if isinstance(trouble, ServerAway):
                self.hang_up()
            return trouble.code if isinstance(trouble, NotReleased | UpdateBroken | UpdateUnsaved) else ""
        return ""

    def _connected(self) -> SchoolServer:
        with self._lock:
            if self._is_cut:
                raise ServerAway("cut")
            if self._line is None:
                self._line = self._workstation.connect(caller(self._journal))
            return self._line

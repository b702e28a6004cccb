"""One meeting with the school's server: push what is unsent, enter the verdicts, pull what is new.

There is no session to resume or clean: a cursor and ids make every step repeatable, so an interrupted meeting is simply
held again. What arrives is verified (`trust.py`) before the journal hears of it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.errors import Trouble
from ejournal_core.tree import Frontier
from ejournal_desktop.models.arriving import PAGE
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import SyncState
from ejournal_desktop.models.unsent import Unsent
from ejournal_desktop.sync import epoch, holding, parting, proving, trust
from ejournal_desktop.sync.blobs import Carrier, FileServer
from ejournal_desktop.sync.epoch import RestoredServer
from ejournal_desktop.sync.holding import SliceServer
from ejournal_desktop.sync.proving import ProvingServer
from ejournal_desktop.sync.server import Pull, ServerRefused, ServerSlow
from ejournal_desktop.sync.trust import BrokenHistory, Own

log = logging.getLogger(__name__)

__all__ = ["AnotherSchool", "BrokenHistory", "Meeting", "Portion", "UnknownProtocol", "sync_once"]

CAUTIOUS = 8  # swift answers after a time-out before a push may grow
SCOPES_AT_ONCE = 3  # changes of what may be seen that one meeting follows
SWIFT = 2.0  # seconds: a push that takes less may hold more next time


class AnotherSchool(Trouble):
    """The server belongs to another school than this desk."""

    code: ClassVar[str] = "EJ-325"


class UnknownProtocol(Trouble):
    """Desk and server share no version of the protocol: one of them needs an update."""

    code: ClassVar[str] = "EJ-326"


class Server(FileServer, SliceServer, RestoredServer, ProvingServer, Protocol):
    """What a meeting needs of the school's server; `SchoolServer` is it over HTTPS."""

    def hello(self) -> wire.Hello:
        """Say who the server is."""

    def push(self, batch: wire.Batch) -> wire.Receipt:
        """Take a batch; the same again gets the same receipt."""

    @property
    def is_greeted(self) -> bool:
        """Whether `hello` was said lately on this connection."""

    def pull(
        self, after: int, scope: str, own: tuple[int, int] = (0, 0), known: wire.TreeHead | None = None
    ) -> Pull | None:
        """Give what is new after a number, own changes `own` (first, last) left out; None: still at `known`."""


class Meeting(Struct, frozen=True, kw_only=True):
    """What one meeting did: changes delivered, entries received, and whether a snapshot was taken."""

    pushed: int = 0
    pulled: int = 0
    snapshot: bool = False
    more: bool = False  # pieces of files wait for the next meeting, which may come soon
    update: str = ""  # the code of what stands in the way of a newer program that the school offers


class Portion:
    """How many changes a push holds: half after a time-out, double again after swift answers.

    Args:
        most: never more than this.
        clock: seconds, never going back.
    """

    def __init__(self, most: int = wire.BATCH_CHANGES, clock: Callable[[], float] = time.monotonic) -> None:
        self.changes = most
        self._most = most
        self._clock = clock
        self.files = Carrier(clock)
        self._patience = 0  # swift answers to wait for before growing again

    def push(self, server: Server, batch: wire.Batch) -> wire.Receipt:
        """Push, and learn from how it went."""
        began = self._clock()
        try:
            receipt = server.push(batch)
        except ServerSlow:
            self.changes, self._patience = max(1, len(batch.changes) // 2), CAUTIOUS
            raise
        if self._clock() - began < SWIFT:
            self._patience -= 1
            if self._patience < 0:
                self.changes = min(self._most, self.changes * 2)
        return receipt


def sync_once(
    journal: Journal, server: Server, server_key: bytes, seal_key: str, *, portion: Portion | None = None
) -> Meeting:
    """Meet the server once.

    Args:
        journal: the desk's open file; its transactions stay short, typing goes on meanwhile.
        server: a connection signed by this desk.
        server_key: the server's Ed25519 key pinned at pairing, 32 bytes.
        seal_key: the server's X25519 key pinned at pairing, hex; outgoing files are sealed to it.
        portion: how many changes a push may hold; kept between meetings it adapts to a slow network.

    Raises:
        Trouble: the server is away, is not ours, refuses this desk, or contradicts itself. Nothing is lost: what has
            no verified receipt stays in the outbox.
    """
    portion = portion or Portion()
    if server.is_greeted:
        try:
            return _exchange(journal, server, server_key, portion)
        except (BrokenHistory, epoch.LostLink) as trouble:  # restored meanwhile, perhaps: let it say who it is
            log.info("an answer does not fit what this desk has seen: %s", trouble.code)
    hello = server.hello()
    _is_our_server(hello, journal, server_key, seal_key)
    _follow_restore(hello, journal, server, server_key)
    known = journal.state()
    if (known.server_name, known.seal_key) != (hello.school_name, seal_key):
        journal.note(server_name=hello.school_name, seal_key=seal_key)
    return _exchange(journal, server, server_key, portion)


def _exchange(journal: Journal, server: Server, server_key: bytes, portion: Portion) -> Meeting:
    known = journal.state()
    snapshot = known.scope == ""
    if snapshot:
        holding.follow_scope(journal, server, server_key)
    looked = _has_looked(journal, known)
    sent = _push_all(journal, server, server_key, portion, alone=looked)
    if sent.stands:
        pulled, again = 0, False
    else:
        proving.check_promised(journal, server, sent.own)
        holding.resume(journal, server, server_key)
        pulled, again = _pull(journal, server, server_key, sent.own)
        if not looked:
            journal.note(last_contact=_now(journal).isoformat(timespec="seconds"), problem="")
    parting.let_leave(journal, server, server_key)
    more = holding.keep_house(journal, server, server_key)
    carried = portion.files.carry(journal, server)  # last: no mark waits for a book
    return Meeting(pushed=sent.changes, pulled=pulled, snapshot=snapshot or again, more=carried.more or more)


def _has_looked(journal: Journal, known: SyncState) -> bool:
    """Say whether this desk has looked for news within the last minute: one commit a minute keeps the time of it."""
    if known.problem or known.loading is not None or not known.last_contact:
        return False
    return abs(_now(journal) - datetime.fromisoformat(known.last_contact)) < timedelta(minutes=1)


def _now(journal: Journal) -> datetime:
    return journal.clock().astimezone(UTC)


def _is_our_server(hello: wire.Hello, journal: Journal, server_key: bytes, seal_key: str) -> None:
    """Refuse to tell anything to a server that is not ours or does not hold the log that this desk knows."""
    school = journal.identity.school
    if hello.school != school:
        raise AnotherSchool(hello.school)
    if not wire.agreed(hello.protocols):
        raise UnknownProtocol(protocols=str(hello.protocols))
    if (hello.server_key, hello.seal_key) != (server_key.hex(), seal_key):
        raise BrokenHistory("the server shows another key than at pairing")
    known = journal.head
    if known is not None and hello.head is not None:
        epoch.check_later(journal, known, hello.head, server_key)
    if known is None or hello.head is None or hello.head.epoch <= known.epoch:
        trust.check_head(known, hello.head, school, server_key)


def _follow_restore(hello: wire.Hello, journal: Journal, server: Server, server_key: bytes) -> None:
    """Go with a school that was restored, and bring it what its backup did not hold."""
    known = epoch.seen_head(journal)
    if known is not None and hello.head is not None and hello.head.epoch > known.epoch:
        epoch.follow(journal, server, server_key)
    epoch.bring_again(journal, server, server_key)


class _Sent(Struct, frozen=True):
    """How many changes went, which of them a pull need not bring, and whether the desk stands at the log's end now."""

    changes: int = 0
    own: Own = Own()
    stands: bool = False


def _push_all(journal: Journal, server: Server, server_key: bytes, portion: Portion, *, alone: bool) -> _Sent:
    """Push until the outbox is empty; where the server misses earlier changes, it gets them first."""
    try:
        return _push(journal, server, server_key, portion, alone=alone)
    except ServerRefused as refused:
        if not refused.expected:
            raise
        epoch.close_gap(journal, refused.expected)
    return _push(journal, server, server_key, portion, alone=alone)


def _push(journal: Journal, server: Server, server_key: bytes, portion: Portion, *, alone: bool) -> _Sent:
    """Push until the outbox is empty.

    While a batch is on its way the one before it is settled and the one after it is signed, so that desk and server
    work at the same time. When nothing went, the pull brings own changes too, which settles what others delivered.
    With `alone` the last receipt may take the place of the pull, where the log holds nothing else.
    """
    pushed, own, stands = 0, Own(), False
    if not journal.is_anything_unsent():
        return _Sent()
    signed = _sign_next(journal, portion.changes)
    with ThreadPoolExecutor(1, "ejournal-push") as line:
        answer = line.submit(portion.push, server, signed.batch) if signed else None
        while signed is not None and answer is not None:
            following = _sign_next(journal, portion.changes, after=signed.last)
            receipt = answer.result()
            answer = line.submit(portion.push, server, following.batch) if following else None
            trust.check_receipt(receipt, signed.batch, server_key)
            own = trust.joined(own, signed.batch, receipt, signed.hashes)
            end = trust.end_of_own(journal, receipt.head, own, server_key) if alone and following is None else None
            stands = _settle(journal, signed, receipt, end)
            pushed += signed.batch.head.count
            signed = following
    return _Sent(pushed, own, stands)


def _settle(journal: Journal, signed: _Signed, receipt: wire.Receipt, end: Frontier | None) -> bool:
    """Enter a receipt, and stand at the end of the log if that is known; a long log of own changes is folded in parts.

    Returns:
        Whether the desk stands there.
    """
    at_once = end if end is not None and end.size - journal.cursor <= PAGE else None
    head, kept, sent = receipt.head if at_once else None, (receipt, signed.batch.head.first), signed.batch.changes
    journal.settle(receipt.verdicts, head, kept, at_once, sent)
    if end is not None and at_once is None:
        journal.apply((), end.size, receipt.head, {end.size: end})
    return end is not None


class _Signed(Struct, frozen=True):
    """A batch that is ready to go, with the hashes of its changes."""

    batch: wire.Batch
    hashes: list[bytes]

    @property
    def last(self) -> int:
        """The counter of its last change."""
        return self.batch.head.first + self.batch.head.count - 1


def _sign_next(journal: Journal, limit: int, after: int = 0) -> _Signed | None:
    """Sign the oldest changes after this counter that wait; None when there are none."""
    unsent = _fitting(journal.outbox(limit, after))
    if not unsent:
        return None
    identity, prev, changes = journal.identity, unsent[0].prev, [each.change for each in unsent]
    hashes = seal.chain(prev, changes)
    batch = seal.sign_batch(identity.signing_key, identity.school, identity.desk_id, prev, changes, hashes)
    return _Signed(batch, hashes)


def _fitting(unsent: list[Unsent]) -> list[Unsent]:
    """Return the first changes that follow each other and fit into a batch by bytes."""
    size = 0
    fitting: list[Unsent] = []
    for each in unsent:
        size += each.size
        follows = not fitting or each.change.n == fitting[-1].change.n + 1
        if fitting and (size > wire.BATCH_BYTES or not follows):
            break
        fitting.append(each)
    return fitting


def _pull(journal: Journal, server: Server, server_key: bytes, own: Own) -> tuple[int, bool]:
    """Pull until nothing is left; return how many entries came and whether the scope had changed.

    It may change again while what was gained is loaded.
    """
    pulled, changed = 0, 0
    while True:
        known = journal.state()
        after = known.cursor
        try:
            page = server.pull(after, known.scope, own.span, known.head)
        except ServerRefused as refused:
            if refused.answer != "scope-changed" or changed == SCOPES_AT_ONCE:
                raise
            holding.follow_scope(journal, server, server_key)
            changed += 1
            continue
        if page is None:
            return pulled, changed > 0
        hashes = trust.change_hashes(page.lines)
        steps = trust.check_page(page, journal, after, server_key, own, hashes)
        if page.lines or (page.head.upto, page.head.head) != (after, known.head):  # else a commit for nothing
            batches = trust.signed_batches(page, hashes)
            journal.apply(trust.entries(page), page.head.upto, page.head.head, steps, batches)
        pulled += len(page.lines)
        if not page.head.more:
            return pulled, changed > 0

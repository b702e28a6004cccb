"""What this desk holds follows what its person may see: slices are gained, lost, proved by their history, repaired."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from msgspec.structs import replace

from ejournal_core import access, tree, wire
from ejournal_core.errors import Trouble
from ejournal_core.wire import BatchHead, Pulled
from ejournal_desktop.models import learning, leaving, loading, slices
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.receive import keep_in_history
from ejournal_desktop.models.state import Learning, Loading
from ejournal_desktop.sync import trust
from ejournal_desktop.sync.server import Pull, ServerRefused
from ejournal_desktop.sync.trust import BrokenHistory, Signer

log = logging.getLogger(__name__)

COMPARE_EVERY = timedelta(hours=1)
PATIENCE = 2.0  # seconds of a meeting that the history may take: marks go first

GONE = "EJ-265"  # the server keeps the snapshot no longer


class AlteredRecords(Trouble):
    """Records that the server gave are not what their history makes of them: an alarm, told once and kept as a notice.

    The log itself holds, so the desk goes on; what differs is marked.
    """

    code: ClassVar[str] = "EJ-266"


class SliceServer(Protocol):
    """What is needed of the school's server to hold slices; `SchoolServer` is it over HTTPS."""

    def scope(self) -> wire.Scope:
        """Tell which slices the person may see."""

    def confirm_scope(self, names: Iterable[str]) -> None:
        """Take the desk's word for what it holds."""

    def begin_snapshot(self, names: Iterable[str], after: int) -> wire.SnapshotHead:
        """Prepare slices as they stand."""

    def chunk(self, snapshot: str, index: int) -> bytes:
        """Give a part of a snapshot."""

    def history(self, names: Iterable[str], after: int, upto: int) -> Pull:
        """Give a page of what happened to slices."""

    def history_of(self, kind: str, record: str) -> Pull:
        """Give the newest of what happened to one record."""

    def digests(self, after: str) -> tuple[wire.SliceDigest, ...]:
        """Give the content of slices whose names come after one."""


# --- gaining and losing --------------------------------------------------------------------------------------------


def follow_scope(journal: Journal, server: SliceServer, server_key: bytes) -> None:
    """Gain what the person may see now, and note what has to leave.

    Raises:
        Trouble: the server is away or contradicts itself; what has been loaded so far stays, the rest comes next time.
    """
    told = server.scope()
    trust.check_head(journal.head, told.head, journal.identity.school, server_key)
    if told.scope != fingerprint(told.slices):
        raise BrokenHistory("the scope is not its own fingerprint")
    held = journal.ask(slices.held)
    stays = {name for name, each in held.items() if not each.leaving}
    lost, gained = stays - set(told.slices), set(told.slices) - stays
    _drop_other_loading(journal, gained)
    if lost:
        leaving.mark_leaving(journal, lost)
        learning.drop_task(journal)
    if gained:
        load(journal, server, server_key, sorted(gained), whole=not stays)
    journal.note(scope=told.scope)


def _drop_other_loading(journal: Journal, gained: set[str]) -> None:
    """Give up a snapshot of slices that are not to be gained any more; what came of it leaves the disk again."""
    known = journal.state().loading
    if known is not None and not known.repair and set(known.slices) != gained:
        loading.abandon(journal)


def resume(journal: Journal, server: SliceServer, server_key: bytes) -> None:
    """Go on with a snapshot that was interrupted.

    Raises:
        Trouble: as `follow_scope` and `load`.
    """
    known = journal.state().loading
    if known is not None and known.repair:
        load(journal, server, server_key, list(known.slices), repair=True)
    elif known is not None:
        follow_scope(journal, server, server_key)


def keep_house(journal: Journal, server: SliceServer, server_key: bytes) -> bool:
    """Do what is not urgent: fetch the history of slices, compare contents; say whether there is more.

    Raises:
        Trouble: as its parts; whatever was done so far stays done.
    """
    more = learn(journal, server, server_key, PATIENCE)
    if not more:
        compare(journal, server, server_key)
    return more


def fingerprint(names: Iterable[str]) -> str:
    """Return the fingerprint of a set of slices, as docs/sync-protocol.md has it."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:32]


# --- loading -------------------------------------------------------------------------------------------------------


def load(
    journal: Journal,
    server: SliceServer,
    server_key: bytes,
    names: list[str],
    *,
    whole: bool = False,
    repair: bool = False,
) -> None:
    """Load slices as they stand at one number, or go on where that was interrupted.

    Raises:
        Trouble: the server is away or contradicts itself; the next call goes on.
    """
    known = journal.state().loading
    if known is None or known.slices != tuple(names):
        known = _begin(journal, server, server_key, names, whole=whole, repair=repair)
    try:
        _load_chunks(journal, server, known)
    except ServerRefused as refused:
        if refused.answer not in (GONE, "scope-changed"):
            raise
        loading.abandon(journal)
        if refused.answer != GONE:
            raise
        _load_chunks(journal, server, _begin(journal, server, server_key, names, whole=whole, repair=repair))
    loading.finish(journal)
    journal.note(compared_at="")


def _begin(
    journal: Journal, server: SliceServer, server_key: bytes, names: list[str], *, whole: bool, repair: bool
) -> Loading:
    after = journal.cursor
    head = server.begin_snapshot(names, after)
    trust.check_snapshot(head, journal, server_key)
    chunks = tuple((chunk.sha256, chunk.records) for chunk in head.chunks)
    found = Loading(id=head.id, slices=tuple(names), number=head.number, scope=head.scope, chunks=chunks,
                    head=head.head, peaks=head.peaks, whole=whole, repair=repair)  # fmt: skip
    loading.begin(journal, found)
    return found


def _load_chunks(journal: Journal, server: SliceServer, wanted: Loading) -> None:
    for index in range(journal.state().loaded, len(wanted.chunks)):
        sha256, records = wanted.chunks[index]
        body = server.chunk(wanted.id, index)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise BrokenHistory("a chunk is not the one of its manifest", chunk=index)
        lines = list(wire.split_lines(wire.decompress(body)))
        if len(lines) < records:
            raise wire.Malformed("the chunk is cut", records=records, lines=len(lines))
        found = wire.decode_records(lines[:records])
        undecided = [wire.decode(wire.OpenDispute, line) for line in lines[records:]]
        journal.tell_progress(loading.take_chunk(journal, index, found, undecided))


# --- the history behind it -----------------------------------------------------------------------------------------


def learn(journal: Journal, server: SliceServer, server_key: bytes, patience: float) -> bool:
    """Fetch history for `patience` seconds, one page at least; say whether there is more to come.

    Raises:
        AlteredRecords: what came with a snapshot is not what its history makes of it.
        Trouble: the server is away or contradicts itself; the next call goes on.
    """
    until = time.monotonic() + patience
    while (task := learning.next_task(journal)) is not None:
        while task.after < task.upto:
            task = _learn_page(journal, server, server_key, task)
            if time.monotonic() > until:
                return True
        if differing := learning.prove(journal, task):
            log.error("records differ from their history: %d slices", len(differing))
            raise AlteredRecords("records differ from their history", slices=len(differing))
    return False


def _learn_page(journal: Journal, server: SliceServer, server_key: bytes, task: Learning) -> Learning:
    page = server.history(task.slices, task.after, task.upto)
    hashes = trust.change_hashes(page.lines)
    frontier = _check_history(page, journal, server_key, task, hashes)
    return learning.take_page(journal, task, trust.entries(page), trust.signed_batches(page, hashes), frontier)


def learn_of(journal: Journal, server: SliceServer, server_key: bytes, kind: str, record: str) -> int:
    """Fetch the history of one record at once, since somebody looks at it; return how many changes are known of it now.

    Their authors' signatures are verified; their places in the tree are proved when the slice's history has come. What
    lies behind this desk's last pull is left to the next one, which proves it.

    Raises:
        BrokenHistory: a line is of another record, or not what its author signed.
        Trouble: the server is away or refuses; nothing is kept.
    """
    page = server.history_of(kind, record)
    trust.check_head(journal.head, page.head.head, journal.identity.school, server_key)
    numbers = [line.verdict.number for line in page.lines]
    if numbers != sorted(set(numbers)) or any((x.change.kind, x.change.record) != (kind, record) for x in page.lines):
        raise BrokenHistory("the history is of another record")
    page = replace(page, lines=tuple(line for line in page.lines if line.verdict.number <= journal.cursor))
    hashes = trust.change_hashes(page.lines)
    _check_signers(page.lines, page.head.batches, journal, server_key, hashes)
    with journal.receiving() as connection:
        keep_in_history(connection, trust.entries(page), trust.signed_batches(page, hashes))
    return len(page.lines)


def _check_history(
    page: Pull, journal: Journal, server_key: bytes, task: Learning, hashes: dict[int, bytes]
) -> tree.Frontier:
    """Refuse a page of history unless its lines stand at their places in the signed tree, signed by their authors."""
    head = page.head
    trust.check_head(journal.head, head.head, journal.identity.school, server_key)
    numbers = [line.verdict.number for line in page.lines]
    goes_on = task.after < head.upto < task.upto if head.more else head.upto == task.upto
    in_order = all(a < b for a, b in zip([task.after, *numbers], [*numbers, head.upto + 1], strict=True))
    if not (goes_on and in_order and head.upto <= head.head.size):
        raise BrokenHistory("the numbers of a page are out of order", after=task.after, upto=head.upto)
    steps = trust.grown(page, task.frontier, task.after, hashes)
    _check_signers(page.lines, head.batches, journal, server_key, hashes)
    return steps[head.upto]


def _check_signers(
    lines: tuple[Pulled, ...],
    batches: tuple[BatchHead, ...],
    journal: Journal,
    server_key: bytes,
    hashes: dict[int, bytes],
) -> None:
    known = trust.certified(journal, {line.change.desk for line in lines})
    known[access.SERVER] = Signer(access.SERVER, server_key)
    trust.check_authors(lines, batches, journal.identity.school, known, hashes)


# --- comparing -----------------------------------------------------------------------------------------------------


def compare(journal: Journal, server: SliceServer, server_key: bytes) -> int:
    """Once an hour, with nothing on its way, compare contents with the server; repair what differs; return how much.

    Raises:
        Trouble: the server is away or contradicts itself.
    """
    if not _is_due(journal):
        return 0
    differing = [each.slice for each in _all_digests(server) if _differs(journal, each)]
    if differing:
        log.warning("content differs from the server's: %d slices are loaded anew", len(differing))
        load(journal, server, server_key, differing, repair=True)
        with journal.receiving() as connection:
            at = journal.clock().isoformat(timespec="seconds")
            learning.add_notice(connection, at, "EJ-267", differing)
    journal.note(compared_at=journal.clock().isoformat(timespec="seconds"))
    return len(differing)


def _is_due(journal: Journal) -> bool:
    state = journal.state()
    if state.loading is not None or journal.is_at_work():
        return False
    return not state.compared_at or abs(journal.clock() - datetime.fromisoformat(state.compared_at)) >= COMPARE_EVERY


def _all_digests(server: SliceServer) -> list[wire.SliceDigest]:
    found: list[wire.SliceDigest] = []
    while lines := server.digests(found[-1].slice if found else ""):
        found += lines
    return found


def _differs(journal: Journal, there: wire.SliceDigest) -> bool:
    """Say whether a held slice differs; one that has moved on since the last pull is compared next time."""
    with journal.reading() as connection:
        here = slices.held(connection).get(there.slice)
        if here is None or here.leaving or there.number > journal.cursor:
            return False
        differs = learning.content_of(connection, there.slice) != there.digest
    return differs and not journal.is_at_work()  # asked last: somebody may have typed since the server was asked

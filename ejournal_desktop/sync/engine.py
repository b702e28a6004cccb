"""One meeting with the school's server: push what is unsent, enter the verdicts, pull what is new.

There is no session to resume or clean: a cursor and ids make every step repeatable, so an interrupted meeting is simply
held again. What arrives is verified before the journal hears of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.changes import Entry
from ejournal_core.errors import Trouble
from ejournal_desktop.models.journal import Journal, Unsent
from ejournal_desktop.sync.server import SchoolServer, ServerRefused

Report = Callable[[str, int], None]


class BrokenHistory(Trouble):
    """The server shows a log that contradicts what this desk has seen, or an answer that it did not sign."""

    code: ClassVar[str] = "EJ-324"


class AnotherSchool(Trouble):
    """The server belongs to another school than this desk."""

    code: ClassVar[str] = "EJ-325"


class UnknownProtocol(Trouble):
    """Desk and server share no version of the protocol: one of them needs an update."""

    code: ClassVar[str] = "EJ-326"


class Meeting(Struct, frozen=True, kw_only=True):
    """What one meeting did: changes delivered, entries received, and whether a snapshot was taken."""

    pushed: int = 0
    pulled: int = 0
    snapshot: bool = False


def sync_once(
    journal: Journal, server: SchoolServer, server_key: bytes, *, batch_changes: int = wire.BATCH_CHANGES
) -> Meeting:
    """Meet the server once.

    Args:
        journal: the desk's open file; its transactions stay short, typing goes on meanwhile.
        server: a connection signed by this desk.
        server_key: the server's Ed25519 key pinned at pairing, 32 bytes.
        batch_changes: how many changes a push may hold; smaller on a slow network.

    Raises:
        Trouble: the server is away, is not ours, refuses this desk, or contradicts itself. Nothing is lost: what has
            no verified receipt stays in the outbox.
    """
    hello = server.hello()
    _is_our_server(hello, journal, server_key)
    journal.note(server_name=hello.school_name, seal_key=hello.seal_key)
    snapshot = journal.cursor == 0 and journal.scope == ""
    if snapshot:
        _take_snapshot(journal, server, server_key)
    pushed = _push(journal, server, server_key, batch_changes)
    pulled, again = _pull(journal, server, server_key)
    journal.note(last_contact=journal.clock().isoformat(timespec="seconds"), problem="")
    return Meeting(pushed=pushed, pulled=pulled, snapshot=snapshot or again)


def _is_our_server(hello: wire.Hello, journal: Journal, server_key: bytes) -> None:
    if hello.school != journal.identity.school:
        raise AnotherSchool(hello.school)
    if not set(wire.SPOKEN) & set(hello.protocols):
        raise UnknownProtocol(protocols=str(hello.protocols))
    if hello.server_key != server_key.hex():
        raise BrokenHistory("the server shows another key than at pairing")


def _push(journal: Journal, server: SchoolServer, server_key: bytes, batch_changes: int) -> int:
    pushed = 0
    while unsent := _fitting(journal.outbox(batch_changes)):
        identity = journal.identity
        batch = seal.sign_batch(
            identity.signing_key, identity.school, identity.desk_id, unsent[0].prev, [each.change for each in unsent]
        )
        receipt = server.push(batch)
        _is_receipt_for(receipt, batch, server_key)
        journal.settle(receipt.verdicts)
        pushed += len(unsent)
    return pushed


def _fitting(unsent: list[Unsent]) -> list[Unsent]:
    """Return the first changes that follow each other and fit into a batch by bytes."""
    size = 0
    fitting: list[Unsent] = []
    for each in unsent:
        size += len(wire.encode(each.change))
        follows = not fitting or each.change.n == fitting[-1].change.n + 1
        if fitting and (size > wire.BATCH_BYTES or not follows):
            break
        fitting.append(each)
    return fitting


def _is_receipt_for(receipt: wire.Receipt, batch: wire.Batch, server_key: bytes) -> None:
    answered = [verdict.id for verdict in receipt.verdicts] == [change.id for change in batch.changes]
    ours = (receipt.school, receipt.desk, receipt.root) == (batch.head.school, batch.head.desk, batch.head.root)
    if not (answered and ours and seal.is_message_signed(server_key, receipt)):
        raise BrokenHistory("the receipt does not answer the batch")


def _pull(journal: Journal, server: SchoolServer, server_key: bytes) -> tuple[int, bool]:
    """Pull until nothing is left; return how many entries came and whether a snapshot had to be taken anew."""
    pulled, again = 0, False
    while True:
        try:
            page = server.pull(journal.cursor, journal.scope)
        except ServerRefused as refused:
            if refused.answer != "scope-changed" or again:
                raise
            _take_snapshot(journal, server, server_key)
            again = True
            continue
        after = journal.cursor
        _continues(journal.head, page.head.head, server_key)
        _in_order(page.lines, after, page.head.upto)
        journal.apply(
            [Entry(change=x.change, prev=x.prev, verdict=x.verdict) for x in page.lines], page.head.upto, page.head.head
        )
        pulled += len(page.lines)
        if not page.head.more:
            return pulled, again


def _take_snapshot(journal: Journal, server: SchoolServer, server_key: bytes) -> None:
    snapshot = server.snapshot()
    _continues(journal.head, snapshot.head.head, server_key)
    journal.load_snapshot(
        snapshot.head.number, snapshot.records, snapshot.disputes, snapshot.head.scope, snapshot.head.head
    )


def _continues(known: wire.TreeHead | None, head: wire.TreeHead, server_key: bytes) -> None:
    """Refuse a head that is unsigned, of another school, or that takes back what this desk has seen."""
    if not seal.is_message_signed(server_key, head):
        raise BrokenHistory("the tree head is not signed by the server")
    if known is None or head.epoch > known.epoch:
        return
    shrunk = head.epoch < known.epoch or head.size < known.size
    if shrunk or (head.size == known.size and head.root != known.root):
        raise BrokenHistory("the log contradicts an earlier tree head", seen=known.size, shown=head.size)


def _in_order(lines: tuple[wire.Pulled, ...], after: int, upto: int) -> None:
    numbers = [line.verdict.number for line in lines]
    if numbers != sorted(set(numbers)) or (numbers and not (after < numbers[0] and numbers[-1] <= upto)):
        raise BrokenHistory("the numbers of a page are out of order")

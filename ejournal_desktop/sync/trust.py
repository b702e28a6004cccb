"""What has to be true of an answer before the journal hears of it: heads, receipts, pages, and who signed each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from ejournal_core import access, seal, wire
from ejournal_core.changes import change_hash
from ejournal_core.errors import Trouble
from ejournal_core.wire import BatchHead, Pulled, TreeHead
from ejournal_desktop.models import records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.server import Pull, Snapshot


class BrokenHistory(Trouble):
    """The server shows a log that contradicts what this desk has seen, or an answer that was not signed as it must."""

    code: ClassVar[str] = "EJ-324"


class Signer(Struct, frozen=True):
    """Whose signature counts for a desk: its person and its Ed25519 public key."""

    person: str
    public_key: bytes


# --- heads and receipts --------------------------------------------------------------------------------------------


def check_head(known: TreeHead | None, head: TreeHead | None, school: str, server_key: bytes) -> None:
    """Refuse a head that is unsigned, of another school, or that takes back what this desk has seen.

    Raises:
        BrokenHistory: as said.
    """
    if head is None or head.school != school or not seal.is_message_signed(server_key, head):
        raise BrokenHistory("the tree head is not signed by the school's server")
    if known is None or head.epoch > known.epoch:
        return
    shrunk = head.epoch < known.epoch or head.size < known.size
    if shrunk or (head.size == known.size and head.root != known.root):
        raise BrokenHistory("the log contradicts an earlier tree head", seen=known.size, shown=head.size)


def check_receipt(receipt: wire.Receipt, batch: wire.Batch, server_key: bytes) -> None:
    """Refuse a receipt that is not the server's signed answer to exactly this batch.

    Its head may be older than the last one seen: the same batch again gets the receipt of the first time.

    Raises:
        BrokenHistory: as said.
    """
    answered = [verdict.id for verdict in receipt.verdicts] == [change.id for change in batch.changes]
    ours = (receipt.school, receipt.desk, receipt.root) == (batch.head.school, batch.head.desk, batch.head.root)
    numbered = all((verdict.number > 0) == (verdict.outcome != "quarantined") for verdict in receipt.verdicts)
    if not (answered and ours and numbered and seal.is_message_signed(server_key, receipt)):
        raise BrokenHistory("the receipt does not answer the batch")


# --- pages and snapshots -------------------------------------------------------------------------------------------


def check_page(page: Pull, journal: Journal, after: int, server_key: bytes) -> None:
    """Refuse a page whole unless its numbers follow and every line was signed by a desk that the school certified.

    Raises:
        BrokenHistory: as said.
    """
    head = page.head
    check_head(journal.head, head.head, journal.identity.school, server_key)
    goes_on = head.upto > after if head.more else head.upto == head.head.size
    numbers = [line.verdict.number for line in page.lines]
    in_order = all(a < b for a, b in zip([after, *numbers], [*numbers, head.upto + 1], strict=True))
    if not (goes_on and in_order and head.upto <= head.head.size):
        raise BrokenHistory("the numbers of a page are out of order", after=after, upto=head.upto)
    server = Signer(access.SERVER, server_key)
    known = {**certified(journal, {line.change.desk for line in page.lines}), access.SERVER: server}
    check_authors(page.lines, head.batches, journal.identity.school, known)


def check_snapshot(snapshot: Snapshot, journal: Journal, server_key: bytes) -> None:
    """Refuse a snapshot that is older than what this desk holds or does not stand at its signed head.

    Raises:
        BrokenHistory: as said.
    """
    head = snapshot.head
    check_head(journal.head, head.head, journal.identity.school, server_key)
    if not journal.cursor <= head.number == head.head.size:
        raise BrokenHistory("the snapshot does not stand at its tree head", number=head.number)


def certified(journal: Journal, desks: Iterable[str]) -> dict[str, Signer]:
    """Return the signers of those desks whose certificates this journal holds; a revoked one still proves its past."""
    with journal.reading() as connection:
        found = records.read_many(connection, "Certificate", sorted(desks))
    signers = ((desk, stand.fields) for desk, stand in found.items() if stand.fields is not None)
    return {desk: _signer(fields) for desk, fields in signers if fields.get("subject_kind") == "desk"}


def _signer(fields: Mapping[str, object]) -> Signer:
    return Signer(str(fields.get("person_id")), _unhex(str(fields.get("public_key"))))


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


# --- authors -------------------------------------------------------------------------------------------------------


def check_authors(lines: Sequence[Pulled], batches: Iterable[BatchHead], school: str, known: dict[str, Signer]) -> None:
    """Refuse lines that their authors' desks did not sign; certificates that the lines bring count from there on.

    Args:
        lines: in order of their numbers, so that a desk's certificate stands before its first change.
        batches: the signed heads of the batches that the lines come from.
        known: whose signatures count, by desk; grows.

    Raises:
        BrokenHistory: one line is not what its author signed.
    """
    heads = {head.root: head for head in batches}
    of_batch: dict[str, list[Pulled]] = defaultdict(list)
    for line in lines:
        of_batch[line.batch].append(line)
    for root, group in of_batch.items():
        head, signer = heads.get(root), known.get(group[0].change.desk)
        if head is None or signer is None or not _is_signed(group, head, school, signer):
            first = group[0].verdict.number
            raise BrokenHistory("a change is not signed by a desk that the school certified", number=first)
        known.update(_certificates(group))


def _is_signed(group: Sequence[Pulled], head: BatchHead, school: str, signer: Signer) -> bool:
    named = all(
        (line.change.desk, line.change.n, line.change.author, line.verdict.id)
        == (head.desk, head.first + line.index, signer.person, line.change.id)
        for line in group
    )
    return (
        named
        and head.school == school
        and seal.is_message_signed(signer.public_key, head)
        and _stand_in_batch(group, head)
    )


def _stand_in_batch(group: Sequence[Pulled], head: BatchHead) -> bool:
    """Say whether the lines stand in the signed batch. One that is there as a whole needs no paths."""
    try:
        hashes = {line.index: change_hash(line.change, line.prev) for line in group}
    except (TypeError, ValueError, RecursionError):
        return False  # no canonical form
    if len(group) == head.count and not any(line.path for line in group):
        return sorted(hashes) == list(range(head.count)) and head.root == seal.batch_root(
            [hashes[index] for index in range(head.count)]
        )
    return all(seal.is_in_batch(hashes[line.index], line.index, line.path, head) for line in group)


def _certificates(group: Sequence[Pulled]) -> dict[str, Signer]:
    """Return the desks that these lines, if they are the server's own, certify."""
    issued = (line.change for line in group if line.change.desk == access.SERVER and line.verdict.outcome == "taken")
    return {
        change.record: _signer(change.set)
        for change in issued
        if change.kind == "Certificate" and change.set.get("subject_kind") == "desk"
    }

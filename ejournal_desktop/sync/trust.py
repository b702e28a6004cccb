"""What has to be true of an answer before the journal hears of it: heads, receipts, pages, and who signed each line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from ejournal_core import access, seal, tree, wire
from ejournal_core.changes import Entry, change_hash, is_rare, leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_core.wire import BatchHead, Pulled, TreeHead
from ejournal_desktop.models import evidence, records
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.server import Pull


class BrokenHistory(Trouble):
    """The server shows a log that contradicts what this desk has seen, or an answer that was not signed as it must."""

    code: ClassVar[str] = "EJ-324"


class Signer(Struct, frozen=True):
    """Whose signature counts for a desk: its person and its Ed25519 public key."""

    person: str
    public_key: bytes


class Own(Struct, frozen=True):
    """Own changes that a pull leaves out: their counters (first, last), and the leaves that their receipts promise.

    `leaves` are hashes by number of the log. What the log shows must grow from them to the signed root, so a server
    that says one thing in the receipt and another in the log is found.
    """

    span: tuple[int, int] = (0, 0)
    leaves: dict[int, bytes] = {}


NOTHING_LEFT_OUT = Own()


# --- heads and receipts --------------------------------------------------------------------------------------------


def check_signed(head: TreeHead | None, school: str, server_key: bytes) -> TreeHead:
    """Return the head if the school's server has signed it.

    Raises:
        BrokenHistory: it has not.
    """
    if head is None or head.school != school or not seal.is_message_signed(server_key, head):
        raise BrokenHistory("the tree head is not signed by the school's server")
    return head


def check_head(known: TreeHead | None, head: TreeHead | None, school: str, server_key: bytes) -> None:
    """Refuse a head that is unsigned, of another school, or that takes back what this desk has seen.

    A head of a later epoch counts only after the desk has followed the school there (`epoch.follow`).

    Raises:
        BrokenHistory: as said.
    """
    head = check_signed(head, school, server_key)
    if known is None:
        return
    shrunk = head.epoch != known.epoch or head.size < known.size
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


def joined(own: Own, batch: wire.Batch, receipt: wire.Receipt, hashes: Sequence[bytes]) -> Own:
    """Add a batch, by the hashes of its changes, and its verified receipt to the own changes a pull need not bring.

    Counters that do not follow begin anew: what lies between was not answered for in this meeting.
    """
    first, count = batch.head.first, batch.head.count
    follows = own.span[1] + 1 == first
    promised = zip(hashes, receipt.verdicts, strict=True)
    leaves = {verdict.number: tree.leaf_hash(leaf_bytes(hash_, verdict)) for hash_, verdict in promised}
    leaves.pop(0, None)  # what is in quarantine has no leaf
    span = ((own.span[0] or first) if follows else first, first + count - 1)
    if follows:  # grown, not copied: a meeting may bring hundreds of batches
        own.leaves.update(leaves)
    return Own(span, own.leaves if follows else leaves)


def end_of_own(journal: Journal, head: TreeHead | None, own: Own, server_key: bytes) -> tree.Frontier | None:
    """Return the frontier at the head of a receipt where own changes alone lead from the cursor to it, else None.

    Then the log holds nothing that this desk does not know: a pull would bring the hashes that it has computed.

    Raises:
        BrokenHistory: the head is not signed by the school's server.
    """
    known = journal.state()
    if head is None or known.head is None or known.loading is not None or head.epoch != known.head.epoch:
        return None
    numbers = range(known.cursor + 1, head.size + 1)
    if head.size < known.head.size or len(own.leaves) != len(numbers) or not all(n in own.leaves for n in numbers):
        return None
    check_signed(head, journal.identity.school, server_key)
    end = tree.extend(known.frontier, (own.leaves[number] for number in numbers)).frontier
    return end if end.root().hex() == head.root else None


# --- pages and snapshots -------------------------------------------------------------------------------------------


def check_page(
    page: Pull, journal: Journal, after: int, server_key: bytes, own: Own, hashes: Mapping[int, bytes]
) -> dict[int, tree.Frontier]:
    """Refuse a page whole unless it is a true part of the log, signed by desks that the school certified.

    The tree is recomputed from this desk's own frontier over every line, every own change left out and every hidden
    stretch to the signed root: so nothing before was rewritten, and neither lines nor verdicts are anything but what
    everybody else is shown. `hashes` are the lines' by `change_hashes`.

    Returns:
        The frontier after each line and at the high-water mark, by size.

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
    steps = grown(page, journal.state().frontier, after, hashes, own)
    if not head.more and any(number > head.upto for number in own.leaves):
        raise BrokenHistory("a receipt names a number that the log does not have", upto=head.upto)
    _keeps_promises(page.lines, journal)
    server = Signer(access.SERVER, server_key)
    known = {**certified(journal, {line.change.desk for line in page.lines}), access.SERVER: server}
    check_authors(page.lines, head.batches, journal.identity.school, known, hashes)
    return steps


def change_hashes(lines: Sequence[Pulled]) -> dict[int, bytes]:
    """Return the hash of each line's change by its number.

    Raises:
        BrokenHistory: a line has no canonical form, so nobody can have signed it.
    """
    try:
        return {line.verdict.number: change_hash(line.change, line.prev) for line in lines}
    except (TypeError, ValueError, RecursionError):
        raise BrokenHistory("a line has no canonical form") from None


def grown(
    page: Pull, frontier: tree.Frontier, after: int, hashes: Mapping[int, bytes], own: Own = NOTHING_LEFT_OUT
) -> dict[int, tree.Frontier]:
    """Grow the tree over a page to the signed root.

    Returns:
        As `check_page`.

    Raises:
        BrokenHistory: the root is another.
    """
    head = page.head
    leaves = {number - 1: leaf for number, leaf in own.leaves.items() if after < number <= head.upto}
    for line in page.lines:
        number = line.verdict.number
        leaves[number - 1] = tree.leaf_hash(leaf_bytes(hashes[number], line.verdict))
    try:
        hidden = bytes.fromhex(head.hidden)
        each = [hidden[i : i + tree.HASH_BYTES] for i in range(0, len(hidden), tree.HASH_BYTES)]
        extension = tree.extend_over(frontier, leaves, each, head.upto, head.head.size)
    except ValueError:
        raise BrokenHistory("the page does not cover the log", after=after, upto=head.upto) from None
    if extension.root.hex() != head.head.root:
        raise BrokenHistory("the log is not the one that was signed", after=after, upto=head.upto)
    return extension.steps


def _keeps_promises(lines: Sequence[Pulled], journal: Journal) -> None:
    """Compare own lines with the receipts that came before them: the tree alone would let a second verdict pass."""
    own = {line.change.id: line.verdict for line in lines if line.change.desk == journal.identity.desk_id}
    with journal.reading() as connection:
        told = evidence.told(connection, own)
    broken = [own[id_].number for id_, verdict in told.items() if verdict != own[id_]]
    if broken:
        raise BrokenHistory("the log says otherwise than the receipt did", number=min(broken))


def check_snapshot(head: wire.SnapshotHead, journal: Journal, server_key: bytes) -> None:
    """Refuse a snapshot that is older than what this desk holds or does not stand at its signed head.

    It may have been made for another desk a little while ago, below the newest head that was seen.

    Raises:
        BrokenHistory: as said.
    """
    known = journal.head
    is_older = known is not None and (head.head.epoch, head.head.size) < (known.epoch, known.size)
    check_head(None if is_older else known, head.head, journal.identity.school, server_key)
    if not journal.cursor <= head.number == head.head.size or not _stands_under(head):
        raise BrokenHistory("the snapshot does not stand at its tree head", number=head.number)
    if is_older and known is not None and head.head.epoch != known.epoch:
        raise BrokenHistory("the snapshot is of a time before the restore", number=head.number)


def _stands_under(head: wire.SnapshotHead) -> bool:
    try:
        return tree.Frontier.from_bytes(head.number, bytes.fromhex(head.peaks)).root().hex() == head.head.root
    except ValueError:
        return False


def certified(journal: Journal, desks: Iterable[str]) -> dict[str, Signer]:
    """Return the signers of those desks whose certificates this journal holds; a revoked one still proves its past."""
    with journal.reading() as connection:
        found = records.read_many(connection, "Certificate", sorted(desks))
    signers = ((desk, stand.fields) for desk, stand in found.items() if stand.fields is not None)
    return {desk: _signer(fields) for desk, fields in signers if fields.get("subject_kind") == "desk"}


def _signer(fields: Mapping[str, object]) -> Signer:
    return Signer(str(fields.get("person_id")), unhex(str(fields.get("public_key"))))


def unhex(text: str) -> bytes:
    """Return the bytes, none of what is not hexadecimal."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def entries(page: Pull) -> list[Entry]:
    """Return the lines of a verified page as the journal takes them."""
    return [
        Entry(change=line.change, prev=line.prev, verdict=line.verdict, batch=line.batch, position=line.index,
              path=line.path)
        for line in page.lines
    ]  # fmt: skip


def signed_batches(page: Pull, hashes: Mapping[int, bytes]) -> list[SignedBatch]:
    """Return the batches of a verified page; those that came as a whole with all their change hashes.

    `hashes` are those of the page's changes, by number.
    """
    of_batch: dict[str, list[Pulled]] = defaultdict(list)
    for line in page.lines:
        of_batch[line.batch].append(line)
    return [SignedBatch(head, _all_hashes(of_batch[head.root], head, hashes)) for head in page.head.batches]


def _all_hashes(group: Sequence[Pulled], head: BatchHead, hashes: Mapping[int, bytes]) -> bytes:
    if len(group) < head.count:
        return b""
    return b"".join(hashes[line.verdict.number] for line in sorted(group, key=lambda line: line.index))


# --- authors -------------------------------------------------------------------------------------------------------


def check_authors(
    lines: Sequence[Pulled],
    batches: Iterable[BatchHead],
    school: str,
    known: dict[str, Signer],
    hashes: Mapping[int, bytes],
) -> None:
    """Refuse lines that their authors' desks did not sign; certificates that the lines bring count from there on.

    Args:
        lines: in order of their numbers, so that a desk's certificate stands before its first change.
        batches: the signed heads of the batches that the lines come from.
        known: whose signatures count, by desk; grows.
        hashes: of the lines' changes, by number.

    Raises:
        BrokenHistory: one line is not what its author signed.
    """
    heads = {head.root: head for head in batches}
    of_batch: dict[str, list[Pulled]] = defaultdict(list)
    for line in lines:
        of_batch[line.batch].append(line)
    for root, group in of_batch.items():
        head, signer = heads.get(root), known.get(group[0].change.desk)
        if head is None or signer is None or not _is_signed(group, head, school, signer, hashes):
            first = group[0].verdict.number
            raise BrokenHistory("a change is not signed by a desk that the school certified", number=first)
        known.update(_certificates(group))


def _is_signed(
    group: Sequence[Pulled], head: BatchHead, school: str, signer: Signer, hashes: Mapping[int, bytes]
) -> bool:
    named = all(
        (line.change.desk, line.change.n, line.change.author, line.verdict.id)
        == (head.desk, head.first + line.index, signer.person, line.change.id)
        for line in group
    )
    return (
        named
        and head.school == school
        and seal.is_message_signed(signer.public_key, head)
        and _stand_in_batch({line.index: hashes[line.verdict.number] for line in group}, group, head)
        and all(_is_signed_alone(line, signer) for line in group if is_rare(line.change))
    )


def _is_signed_alone(line: Pulled, signer: Signer) -> bool:
    return seal.is_change_signed(signer.public_key, line.change, line.prev)


def _stand_in_batch(hashes: Mapping[int, bytes], group: Sequence[Pulled], head: BatchHead) -> bool:
    """Say whether the lines stand in the signed batch. One that is there as a whole needs no paths."""
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

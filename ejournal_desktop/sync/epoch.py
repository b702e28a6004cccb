"""Follow the school into a new epoch: only along lines of the log that say from where it goes on, and proved.

The log may go on from a copy that an earlier restore had left behind, so that the epoch in which this desk stands is
none of its own. Then what both have in common counts: whatever this desk saw of an epoch of that log must be in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar, Protocol

from ejournal_core import access, ids, seal, tree
from ejournal_core.changes import leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_core.wire import Batch, EpochLine, Receipt, TreeHead
from ejournal_desktop.models import evidence, rewind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import trust
from ejournal_desktop.sync.trust import BrokenHistory

FIRST = 1  # the epoch in which every school begins


class FalseEpoch(BrokenHistory):
    """The server claims to have been restored, but what it shows does not go on from what this desk has seen."""

    code: ClassVar[str] = "EJ-253"


class EarlierEpoch(BrokenHistory):
    """The school was restored under a smaller number than that of a restore this desk knows.

    Its clock was behind, or an old server is running: which of them, only people know.
    """

    code: ClassVar[str] = "EJ-255"


class LostLink(Trouble):
    """The restored server misses own changes that this desk does not hold any more: their chain cannot be closed."""

    code: ClassVar[str] = "EJ-252"


class RestoredServer(Protocol):
    """What following an epoch needs of the server."""

    def epochs(self, after: int) -> tuple[TreeHead, tuple[EpochLine, ...]]:
        """Give the tree head and the lines that opened the epochs after a number."""

    def prove_beginning(self, old: int, size: int) -> tuple[str, ...]:
        """Prove that the tree of `old` lines is the beginning of the tree of `size`."""

    def push(self, batch: Batch) -> Receipt:
        """Take a batch."""

    def deliver_again(self, batches: Iterable[bytes]) -> int:
        """Take batches of others; say how many it has now."""


def follow(journal: Journal, server: RestoredServer, server_key: bytes) -> None:
    """Go over into the epoch that the server shows, if it is proved; else nothing of the desk changes.

    Raises:
        FalseEpoch: it is not proved.
    """
    known = seen_head(journal)
    assert known is not None, "a desk without a head has nothing to leave behind"
    head, lines = server.epochs(0)
    _check_lines(journal, head, lines, known, server_key)
    for line in lines:
        _check_beginning(server, _backup_size(line), str(line.opening.change.set.get("backup_root")), head)
    ends = _ends(head, lines)
    upto = _in_common(journal, known, ends)
    for size, root in _seen(journal, upto, ends):
        _check_beginning(server, size, root, head)
    with journal.receiving() as connection:
        rewind.rewind(connection, journal.identity, upto, head)
    journal.tell_everything()


def check_later(journal: Journal, known: TreeHead, head: TreeHead, server_key: bytes) -> None:
    """Refuse the head of an epoch with a smaller number than the known one; in which this desk stood, it was left.

    Numbers come from clocks, so an epoch that was never seen may be of a later restore. To follow it would be to follow
    any old server that is switched on again.

    Raises:
        EarlierEpoch: this desk has never stood in it.
    """
    trust.check_signed(head, journal.identity.school, server_key)
    with journal.reading() as connection:
        if head.epoch < known.epoch and not evidence.has_stood_in(connection, head.epoch):
            raise EarlierEpoch("the epoch is before the known one", known=str(known.epoch), shown=str(head.epoch))


def seen_head(journal: Journal) -> TreeHead | None:
    """Return the tree head that this desk stands under; of a new one whose first snapshot is on its way, of that."""
    coming = journal.state().loading
    return journal.head or (coming.head if coming is not None else None)


def _check_lines(
    journal: Journal, head: TreeHead, lines: Sequence[EpochLine], known: TreeHead, server_key: bytes
) -> None:
    """Refuse openings that the server has not signed, that do not stand in its log or leave an epoch out."""
    school = journal.identity.school
    trust.check_signed(head, school, server_key)
    numbers, sizes = [_epoch_of(line) for line in lines], [_backup_size(line) for line in lines]
    if not (_rises([FIRST, *numbers]) and _rises(sizes) and known.epoch < numbers[-1] == head.epoch):
        raise FalseEpoch("no line of the log opens this epoch", epoch=head.epoch)
    for line in lines:
        hashes = trust.change_hashes([line.opening])
        known_signer = {access.SERVER: trust.Signer(access.SERVER, server_key)}
        trust.check_authors([line.opening], [line.signed], school, known_signer, hashes)
        if not _stands_in_log(line, hashes[line.opening.verdict.number], head):
            raise FalseEpoch("the line that opens an epoch is not in the log", epoch=_epoch_of(line))


def _rises(numbers: Sequence[int]) -> bool:
    return len(numbers) > 0 and all(before < after for before, after in pairwise(numbers))


def _backup_size(line: EpochLine) -> int:
    return _number(line.opening.change.set.get("backup_size"))


def _epoch_of(line: EpochLine) -> int:
    change, verdict = line.opening.change, line.opening.verdict
    try:
        number = ids.epoch_number(change.record)
    except ValueError:
        number = 0
    follows = verdict.number == _backup_size(line) + 1
    if change.kind != "Epoch" or verdict.outcome != "taken" or not follows:
        raise FalseEpoch("this line opens no epoch", number=verdict.number)
    return number


def _stands_in_log(line: EpochLine, hash_: bytes, head: TreeHead) -> bool:
    leaf = tree.leaf_hash(leaf_bytes(hash_, line.opening.verdict))
    index = line.opening.verdict.number - 1
    try:
        path = [bytes.fromhex(each) for each in line.path]
    except ValueError:
        return False
    return tree.proves_inclusion(leaf, index, head.size, path, bytes.fromhex(head.root))


def _ends(head: TreeHead, lines: Sequence[EpochLine]) -> dict[int, int]:
    """Return how many lines the log had when each of its epochs ended; the one in which it stands has not."""
    sizes = (*(_backup_size(line) for line in lines), head.size)
    return dict(zip((FIRST, *(_epoch_of(line) for line in lines)), sizes, strict=True))


def _in_common(journal: Journal, known: TreeHead, ends: Mapping[int, int]) -> int:
    """Return up to which size the log that this desk has followed is the restored one.

    Where the desk's epoch is none of that log, it is the largest head of those that are which no restore took back.
    """
    if known.epoch in ends:
        return ends[known.epoch]
    with journal.reading() as connection:
        held = [evidence.newest_of(connection, epoch, end, lost=False) for epoch, end in ends.items()]
    return max((each.size for each in held if each is not None), default=0)


def _seen(journal: Journal, upto: int, ends: Mapping[int, int]) -> list[tuple[int, str]]:
    """Return what this desk can compare: the newest head that it kept up to what is common, and where it stands itself;
    and of each epoch of the log the newest up to its end, also of those that a restore had taken back.
    """
    with journal.reading() as connection:
        kept = evidence.newest_head(connection, upto)
        others = [evidence.newest_of(connection, *each, lost=lost) for each in ends.items() for lost in (False, True)]
    state = journal.state()
    seen = [(kept.size, kept.root)] if kept is not None else []
    if 0 < state.cursor <= upto and state.peaks:
        seen.append((state.cursor, state.frontier.root().hex()))
    return seen + [(each.size, each.root) for each in others if each is not None and each != kept]


def _check_beginning(server: RestoredServer, size: int, root: str, head: TreeHead) -> None:
    """Refuse a log of which the tree of this size and root is not the beginning."""
    try:
        proof = [bytes.fromhex(each) for each in server.prove_beginning(size, head.size)] if size else []
        holds = tree.proves_consistency(size, head.size, proof, bytes.fromhex(root), bytes.fromhex(head.root))
    except ValueError:
        holds = False
    if not holds:
        raise FalseEpoch("the restored log does not begin as this desk has seen it", size=size)


def _number(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else -2


def bring_again(journal: Journal, server: RestoredServer, server_key: bytes) -> int:
    """Bring the batches of others that this desk saw and the restored log does not hold; return how many it has now.

    All goes in the order in which it stood in the log, own changes between, so that a mark comes after its lesson.
    Where an earlier batch of a desk is missing its later ones wait for their author.
    """
    with journal.reading() as connection:
        waiting = rewind.again(connection)
    stuck: set[str] = set()
    count = 0
    for each in waiting:
        if each.desk in stuck:
            continue
        _push_upto(journal, server, server_key, each.after_own)
        if server.deliver_again([each.body]):
            with journal.receiving() as connection:
                rewind.brought(connection, each.root)
            count += 1
        else:
            stuck.add(each.desk)
    return count


def _push_upto(journal: Journal, server: RestoredServer, server_key: bytes, n: int) -> None:
    identity = journal.identity
    while unsent := [each for each in journal.outbox() if each.change.n <= n]:
        changes = [each.change for each in unsent]
        batch = seal.sign_batch(identity.signing_key, identity.school, identity.desk_id, unsent[0].prev, changes)
        receipt = server.push(batch)
        trust.check_receipt(receipt, batch, server_key)
        journal.settle(receipt.verdicts, receipt=(receipt, batch.head.first))


def close_gap(journal: Journal, expected: int) -> None:
    """Put own changes that the restored server misses back into the outbox, from the counter that it expects.

    Raises:
        LostLink: there are none.
    """
    with journal.receiving() as connection:
        if not rewind.put_back_unnumbered(connection, journal.identity, expected):
            raise LostLink("own changes that the server misses are not here any more", expected=expected)

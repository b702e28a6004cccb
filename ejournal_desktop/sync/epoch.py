"""Follow the school into a new epoch: only along a line of the log that says from where it goes on, and proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from ejournal_core import access, ids, seal, tree
from ejournal_core.changes import leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_core.wire import Batch, EpochLine, Receipt, TreeHead
from ejournal_desktop.models import evidence, rewind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import trust
from ejournal_desktop.sync.trust import BrokenHistory


class FalseEpoch(BrokenHistory):
    """The server claims to have been restored, but what it shows does not go on from what this desk has seen."""

    code: ClassVar[str] = "EJ-253"


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
    head, lines = server.epochs(known.epoch)
    _check_lines(journal, head, lines, known, server_key)
    for line in lines:
        backup = line.opening.change.set
        _check_beginning(server, _number(backup.get("backup_size")), str(backup.get("backup_root")), head)
    upto = min(_number(line.opening.change.set.get("backup_size")) for line in lines)
    for size, root in _seen(journal, upto):
        _check_beginning(server, size, root, head)
    with journal.receiving() as connection:
        rewind.rewind(connection, journal.identity, upto, head)
    journal.tell_everything()


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
    numbers = [_epoch_of(line) for line in lines]
    if not lines or numbers[-1] != head.epoch or numbers != sorted(set(numbers)) or numbers[0] <= known.epoch:
        raise FalseEpoch("no line of the log opens this epoch", epoch=head.epoch)
    for line in lines:
        hashes = trust.change_hashes([line.opening])
        known_signer = {access.SERVER: trust.Signer(access.SERVER, server_key)}
        trust.check_authors([line.opening], [line.signed], school, known_signer, hashes)
        if not _stands_in_log(line, hashes[line.opening.verdict.number], head):
            raise FalseEpoch("the line that opens an epoch is not in the log", epoch=_epoch_of(line))


def _epoch_of(line: EpochLine) -> int:
    change, verdict = line.opening.change, line.opening.verdict
    try:
        number = ids.epoch_number(change.record)
    except ValueError:
        number = 0
    follows = verdict.number == _number(change.set.get("backup_size")) + 1
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


def _seen(journal: Journal, upto: int) -> list[tuple[int, str]]:
    """Return what this desk can compare: the newest head that it kept up to the backup, and where it stands itself."""
    with journal.reading() as connection:
        kept = evidence.newest_head(connection, upto)
    state = journal.state()
    seen = [(kept.size, kept.root)] if kept is not None else []
    if 0 < state.cursor <= upto and state.peaks:
        seen.append((state.cursor, state.frontier.root().hex()))
    return seen


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

"""What the server signs: the head of the tree, and the answer to a batch, kept so that it can be given again."""

from __future__ import annotations

from collections.abc import Sequence

from ejournal_core import seal, tree, wire
from ejournal_core.changes import Verdict
from ejournal_core.wire import Batch, Receipt, TreeHead
from ejournal_server.authority import Authority, stamp
from ejournal_server.store import log
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Head


def sign_head(
    authority: Authority, tx: Transaction, head: Head, frontier: tree.Frontier, ruling: int, at: str
) -> TreeHead:
    """Sign the tree head, keep it, and move the head row."""
    unsigned = TreeHead(
        school=authority.school, epoch=head.epoch, size=frontier.size, root=frontier.root().hex(), at=at
    )
    signed = seal.sign_message(authority.keys.signing, unsigned)
    body = wire.encode(signed).decode()
    log.move_head(tx, frontier, ruling, body)
    log.keep_tree_head(tx, seal.head_hash(signed), frontier.size, at, body)
    return signed


def current_head(tx: Transaction) -> TreeHead:
    """Return the signed head as it stands."""
    return wire.decode(TreeHead, log.read_head(tx).signed.encode())


def sign_receipt(authority: Authority, batch: Batch, verdicts: Sequence[Verdict], head: TreeHead) -> Receipt:
    """Return the signed answer to a batch."""
    receipt = Receipt(
        school=authority.school,
        desk=batch.head.desk,
        root=batch.head.root,
        verdicts=tuple(verdicts),
        head=head,
        at=stamp(authority.clock()),
    )
    return seal.sign_message(authority.keys.signing, receipt)


def keep_receipt(tx: Transaction, batch: Batch, hashes: Sequence[bytes], receipt: Receipt) -> None:
    """Keep the receipt with the batch's head and hashes: the same batch again gets the same receipt."""
    log.keep_receipt(
        tx,
        log.StoredReceipt(
            root=batch.head.root,
            desk=batch.head.desk,
            first=batch.head.first,
            last=batch.head.first + batch.head.count - 1,
            head=wire.encode(batch.head).decode(),
            hashes=b"".join(hashes),
            body=wire.encode(receipt).decode(),
        ),
    )

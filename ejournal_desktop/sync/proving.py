"""Show that an entry stands in the school's log as this desk has it, and that its author signed it."""

from __future__ import annotations

from typing import ClassVar, Literal, Protocol

from msgspec import Struct

from ejournal_core import access, seal, tree
from ejournal_core.changes import change_hash, leaf_bytes
from ejournal_core.errors import Trouble
from ejournal_desktop.models import evidence
from ejournal_desktop.models.evidence import Told
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import trust
from ejournal_desktop.sync.trust import BrokenHistory, Own


class NothingToProve(Trouble):
    """This desk has no such entry, or it has no number of the log yet."""

    code: ClassVar[str] = "EJ-250"


class ProvingServer(Protocol):
    """What a proof needs of the server."""

    def prove_line(self, number: int, size: int) -> tuple[str, ...]:
        """Give the path from a line to the root of the tree of `size` lines."""


class Proved(Struct, frozen=True):
    """An entry that was proved: its number in the log of `size` lines, and by what its author is.

    `author`: "signature" the author's desk signed it, as the kept batch shows; "own" this desk did; "none" the batch is
    not at hand, because the entry came otherwise than by the log.
    """

    number: int
    size: int
    author: Literal["signature", "own", "none"]

    @property
    def sentence(self) -> str:
        """What the screen says."""
        return f"запись № {self.number}, доказано"


def prove_change(journal: Journal, server: ProvingServer, server_key: bytes, change_id: str) -> Proved:
    """Have the server prove an entry under the newest tree head that this desk has verified.

    Raises:
        NothingToProve: there is no such entry with a number here, or this desk has not seen the log that far.
        BrokenHistory: the log does not hold the entry, or not with this outcome, or its author has not signed it.
    """
    with journal.reading() as connection:
        told = evidence.line(connection, change_id)
    head = journal.head
    if told is None or head is None or head.size < told.verdict.number:
        raise NothingToProve("no such entry in the log that this desk has seen")
    hash_ = change_hash(told.change, told.prev)
    leaf = tree.leaf_hash(leaf_bytes(hash_, told.verdict))
    path = [trust.unhex(each) for each in server.prove_line(told.verdict.number, head.size)]
    if not tree.proves_inclusion(leaf, told.verdict.number - 1, head.size, path, bytes.fromhex(head.root)):
        raise BrokenHistory("the log does not hold an entry as this desk has it", number=told.verdict.number)
    return Proved(told.verdict.number, head.size, _author(journal, told, hash_, server_key))


def _author(journal: Journal, told: Told, hash_: bytes, server_key: bytes) -> Literal["signature", "own", "none"]:
    if told.change.desk == journal.identity.desk_id:
        return "own"
    with journal.reading() as connection:
        proof = evidence.authors_proof(connection, told.change.id)
    if proof is None:
        return "none"
    server = trust.Signer(access.SERVER, server_key)
    signer = {**trust.certified(journal, [told.change.desk]), access.SERVER: server}.get(told.change.desk)
    signed = (
        signer is not None
        and (proof.head.desk, signer.person) == (told.change.desk, told.change.author)
        and seal.is_message_signed(signer.public_key, proof.head)
        and seal.is_in_batch(hash_, proof.index, proof.path, proof.head)
    )
    if not signed:
        raise BrokenHistory("an entry is not signed by its author", number=told.verdict.number)
    return "signature"


def check_promised(journal: Journal, server: ProvingServer, own: Own) -> None:
    """Have own changes proved whose receipts name numbers that this desk has passed already: no pull will show them.

    That happens after a restore, when somebody else has brought them before; else the receipt is a lie.

    Raises:
        BrokenHistory: the log does not hold one of them as its receipt said.
    """
    state = journal.state()
    if state.head is None:
        return
    for number, leaf in own.leaves.items():
        if number <= state.cursor:
            path = [trust.unhex(each) for each in server.prove_line(number, state.head.size)]
            if not tree.proves_inclusion(leaf, number - 1, state.head.size, path, bytes.fromhex(state.head.root)):
                raise BrokenHistory("the log says otherwise than the receipt did", number=number)

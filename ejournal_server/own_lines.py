"""What the server itself writes: as the desk "server", in the same log, chain and signature as everybody's."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from ejournal_core import access, ids, seal, tree, wire
from ejournal_core.changes import Act, Change, is_erasable, is_rare
from ejournal_core.kinds import Fields
from ejournal_core.wire import TreeHead
from ejournal_server import ledger
from ejournal_server.authority import Authority, stamp
from ejournal_server.ledger import Arrived, Entered, Entering, Readmission
from ejournal_server.signing import keep_receipt, sign_head, sign_receipt
from ejournal_server.store import log, people
from ejournal_server.store.database import Transaction


class Wish(Struct, frozen=True):
    """A record that the server wants to write: all fields of a new one, or the changed ones."""

    kind: str
    record: str
    set: Fields
    was: Fields = {}
    act: Act = "create"
    why: str = ""
    about: str = ""
    requester: str = ""


def write_own(authority: Authority, tx: Transaction, wishes: Sequence[Wish]) -> Entered:
    """Write records as the desk "server": the same log, chain, signature and receipt as everybody's."""
    head = log.read_head(tx, lock=True)
    desk = people.desk(tx, access.SERVER)
    assert desk is not None, "a school is founded with the server's desk"
    at = stamp(authority.clock())
    seen = seal.head_hash(wire.decode(TreeHead, head.signed.encode())) if head.signed else ""
    changes: list[Change] = []
    hashes: list[bytes] = []
    for n, wish in enumerate(wishes, desk.last_n + 1):
        prev = hashes[-1].hex() if hashes else desk.last_hash
        changes.append(_as_wished(authority, wish, n, at, seen, prev))
        hashes += seal.chain(prev, changes[-1:])
    batch = seal.sign_batch(authority.keys.signing, authority.school, desk.id, desk.last_hash, changes)
    entered = ledger.enter(authority, tx, head, batch, hashes, range(len(changes)))
    people.set_desk(tx, msgspec.structs.replace(desk, last_n=changes[-1].n, last_hash=hashes[-1].hex()))
    keep_receipt(tx, batch, hashes, sign_receipt(authority, batch, entered.verdicts, entered.head))
    return entered


def _as_wished(authority: Authority, wish: Wish, n: int, at: str, seen: str, prev: str) -> Change:
    change = Change(
        id=ids.new_id(), desk=access.SERVER, n=n, author=access.SERVER, kind=wish.kind, record=wish.record,
        was=wish.was, set=wish.set, act=wish.act, why=wish.why, at=at, head=seen, about=wish.about,
        requester=wish.requester, salt=secrets.token_hex(32) if is_erasable(wish.kind, wish.set) else "",
    )  # fmt: skip
    return seal.sign_change(authority.keys.signing, change, prev) if is_rare(change) else change


def readmit(authority: Authority, tx: Transaction, readmissions: Sequence[Readmission]) -> Entered:
    """Write changes from quarantine as the server's own lines, each judged as what its author's desk had brought."""
    head = log.read_head(tx, lock=True)
    desk = people.desk(tx, access.SERVER)
    assert desk is not None, "a school is founded with the server's desk"
    seen = seal.head_hash(wire.decode(TreeHead, head.signed.encode()))
    changes, prev = [], desk.last_hash
    for n, each in enumerate(readmissions, desk.last_n + 1):
        changes.append(_in_the_servers_name(authority, each, n, seen, prev))
        prev = seal.chain(prev, changes[-1:])[0].hex()
    batch = seal.sign_batch(authority.keys.signing, authority.school, desk.id, desk.last_hash, changes)
    hashes = seal.chain(desk.last_hash, changes)
    session = Entering(tx, head, authority.clock())
    for position, each in enumerate(readmissions):
        before = hashes[position - 1] if position else bytes.fromhex(desk.last_hash)
        arrived = Arrived(changes[position], before, hashes[position], batch.head.root, position)
        session.enter_for(each, arrived)
    signed = session.close(authority, head)
    entered = Entered(tuple(line.verdict for line in session.lines), signed)
    people.set_desk(tx, msgspec.structs.replace(desk, last_n=changes[-1].n, last_hash=hashes[-1].hex()))
    keep_receipt(tx, batch, hashes, sign_receipt(authority, batch, entered.verdicts, entered.head))
    return entered


def _in_the_servers_name(authority: Authority, readmission: Readmission, n: int, seen: str, prev: str) -> Change:
    original = readmission.change
    change = Change(
        id=ids.new_id(), desk=access.SERVER, n=n, author=access.SERVER, kind=original.kind, record=original.record,
        was=original.was, set=original.set, act=original.act, why=f"{readmission.words} {original.why}".strip(),
        at=readmission.moment.isoformat(timespec="seconds"), head=seen, about=original.id, requester=original.author,
        salt=secrets.token_hex(32) if is_erasable(original.kind, {**original.was, **original.set}) else "",
    )  # fmt: skip
    return seal.sign_change(authority.keys.signing, change, prev) if is_rare(change) else change


def found_school(authority: Authority, name: str) -> None:
    """Make a school: its head row, the server's own desk, and the signed head of the empty tree."""
    with authority.store.write() as tx:
        log.add_school(tx, name)
        at = stamp(authority.clock())
        public = authority.keys.signing_public
        people.add_desk(tx, people.Desk(id=access.SERVER, person=access.SERVER, public_key=public, at=at))
        sign_head(authority, tx, log.read_head(tx, lock=True), tree.Frontier(), 0, at)

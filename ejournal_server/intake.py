"""Take in what desks send: verify the whole batch first, then judge, or set aside what cannot be attributed."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.access import SERVER
from ejournal_core.bounds import is_moment
from ejournal_core.changes import FORMAT_VERSION, Change, Verdict, hides_what_it_should, is_rare
from ejournal_core.destruction import covers
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Destruction
from ejournal_core.wire import Batch, Malformed, Receipt, TreeHead
from ejournal_server import ledger, signing, substitutions
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.store import aside, log, people, records
from ejournal_server.store.aside import Quarantined
from ejournal_server.store.database import Transaction
from ejournal_server.store.log import Head
from ejournal_server.store.people import Desk

logger = logging.getLogger(__name__)

#: Reasons of quarantine.
UNSIGNED = "EJ-373"
FROZEN = "EJ-382"
BRANCHED = "EJ-383"  # the counter goes back or repeats with another hash: a cloned or restored desk
FUTURE = "EJ-384"
NOT_THE_AUTHOR = "EJ-385"
KNOWN_ID = "EJ-386"
WITHOUT_AN_ACT = "EJ-417"  # its content is gone, and no act of destruction says why
UNSIGNED_ALONE = "EJ-242"
REVOKED = "EJ-392"
DENIED = "EJ-397"  # the person, or a deputy, has said that this desk is not hers

QUARANTINE_OF_DESK = 2_000  # things that may wait, of one desk
QUARANTINE_UNSIGNED = 500  # of nobody's: they must not crowd out what a person waits for
QUARANTINE_THINGS = 10_000  # of all
QUARANTINE_SIZE = 256 * 1024 * 1024  # characters of all
QUARANTINE_UNSIGNED_SIZE = 32 * 1024 * 1024  # characters of nobody's
_SALT = re.compile(r"(?:[0-9a-f]{64})?")
_HASH = re.compile(r"(?:[0-9a-f]{64})?")
_LONGEST = 512  # characters of an id
_LARGEST = 2**31  # of a counter or version: a desk that writes each second needs 68 years for it


class ChainGap(Trouble):
    """Changes before this batch have not arrived; `details["expected"]` is the next counter."""

    code: ClassVar[str] = "EJ-372"


class TooMuch(Trouble):
    """A desk sends too much that cannot be attributed."""

    code: ClassVar[str] = "EJ-375"


def accept(authority: Authority, batch: Batch) -> Receipt:
    """Take in a batch in one transaction; the same batch again gets the same receipt.

    Raises:
        Malformed: it has no form that could be judged; nothing is kept.
        ChainGap: earlier changes of this desk are missing; nothing is kept.
    """
    check_form(batch)
    hashes = _hashes(batch)
    with authority.store.write() as tx:
        head = log.read_head(tx, lock=True)
        desk = people.desk(tx, batch.head.desk)
        if desk is None or not _is_the_desks(authority, desk, batch, hashes):
            return _hold_whole(authority, tx, head, batch, UNSIGNED)
        if batch.head.first <= desk.last_n and (stored := log.receipts(tx, [batch.head.root]).get(batch.head.root)):
            return wire.decode(Receipt, stored.body.encode())
        return _Intake(authority, tx, head, desk, batch, hashes).receipt()


def check_form(batch: Batch) -> None:
    """Refuse what no honest desk sends.

    Raises:
        Malformed: a field has no meaning, or lawful destruction would not be possible.
    """
    if batch.head.desk == SERVER:  # its lines are written here; a branch of its chain would freeze the school
        raise Malformed("the server's own batches are not delivered")
    head = batch.head
    if not (
        _are_ids(head.school, head.desk, head.signature) and _HASH.fullmatch(head.prev) and _HASH.fullmatch(head.root)
    ):
        raise Malformed("a batch without the form of one")
    for change in batch.changes:
        if not (
            is_moment(change.at)
            and _SALT.fullmatch(change.salt)
            and hides_what_it_should(change)
            and _are_ids(
                change.id,
                change.record,
                change.kind,
                change.head,
                change.author,
                change.desk,
                change.about,
                change.requester,
            )
            and min(change.n, change.v, change.min) >= 0
            and max(change.n, change.v, change.min) <= _LARGEST
        ):
            raise Malformed("a change without the form of one", n=min(change.n, _LARGEST))


def _are_ids(*texts: str) -> bool:
    """Say whether every database can keep them as keys."""
    return max(map(len, texts)) <= _LONGEST and "\x00" not in "".join(texts)


def _hashes(batch: Batch) -> list[bytes]:
    try:
        bytes.fromhex(batch.head.prev)
        return seal.chain(batch.head.prev, batch.changes)
    except (TypeError, ValueError, RecursionError) as error:
        raise Malformed(f"no canonical form: {type(error).__name__}") from None


def _is_the_desks(authority: Authority, desk: Desk, batch: Batch, hashes: Sequence[bytes]) -> bool:
    ours = batch.head.school == authority.school
    return ours and seal.is_batch_signed(bytes.fromhex(desk.public_key), batch, hashes)


def _hold_whole(authority: Authority, tx: Transaction, head: Head, batch: Batch, reason: str) -> Receipt:
    body = wire.encode_lines((batch.head, *batch.changes)).decode()
    at = stamp(authority.clock())
    sha256 = hashlib.sha256(body.encode()).hexdigest()
    _make_sure_of_room(tx, batch.head.desk, reason)
    aside.quarantine(tx, Quarantined(sha256=sha256, desk=batch.head.desk, reason=reason, at=at, body=body))
    logger.warning("batch quarantined", extra={"desk": batch.head.desk, "reason": reason, "sha256": sha256})
    verdicts = [_quarantined(change, reason, at) for change in batch.changes]
    return signing.sign_receipt(authority, batch, verdicts, wire.decode(TreeHead, head.signed.encode()))


def _make_sure_of_room(tx: Transaction, desk: str, reason: str, things: int = 1) -> None:
    """Refuse more than people can look through, before anything is kept: the sender has it still.

    Raises:
        TooMuch: the desk's share, the share of what nobody signed, or the whole quarantine is full.
    """
    waiting, size = aside.quarantine_load(tx)
    full = (
        aside.quarantine_size(tx, desk) + things > QUARANTINE_OF_DESK
        or (reason == UNSIGNED and _strangers_share_is_full(tx))
        or waiting + things > QUARANTINE_THINGS
        or size > QUARANTINE_SIZE
    )
    if full:
        logger.error("quarantine is full", extra={"desk": desk, "reason": reason, "waiting": waiting, "size": size})
        raise TooMuch("the quarantine is full", retry_after=3600)


def _strangers_share_is_full(tx: Transaction) -> bool:
    things, size = aside.quarantine_load(tx, UNSIGNED)
    return things >= QUARANTINE_UNSIGNED or size > QUARANTINE_UNSIGNED_SIZE


def _quarantined(change: Change, reason: str, at: str) -> Verdict:
    return Verdict(id=change.id, number=0, outcome="quarantined", reason=reason, at=at)


class _Earlier(Struct, frozen=True):
    """What became of a change that arrived before."""

    hash: bytes
    verdict: Verdict


class _Intake:
    """A verified batch on its way into the log."""

    def __init__(
        self, authority: Authority, tx: Transaction, head: Head, desk: Desk, batch: Batch, hashes: Sequence[bytes]
    ) -> None:
        self.authority = authority
        self.tx = tx
        self.head = head
        self.desk = desk
        self.batch = batch
        self.hashes = hashes

    def receipt(self) -> Receipt:
        """Answer for each change: as before, as judged now, or quarantined."""
        if self.batch.head.first > self.desk.last_n + 1 and self.desk.state != "frozen":  # a frozen chain has no end
            raise ChainGap("earlier changes are missing", expected=self.desk.last_n + 1)
        earlier = self._earlier()
        if self._branches(earlier):
            return self._freeze(earlier)
        fresh = [position for position in range(len(self.hashes)) if position not in earlier]
        if fresh and self.desk.state == "frozen":
            return self._hold(FROZEN, earlier)
        return self._enter(earlier, fresh)

    def _earlier(self) -> dict[int, _Earlier]:
        """Return what arrived before, by position in the batch."""
        first, last = self.batch.head.first, min(self.batch.head.first + len(self.hashes) - 1, self.desk.last_n)
        if last < first:
            return {}
        found = {n: _Earlier(line.hash, line.verdict) for n, line in
                 log.lines_of_desk(self.tx, self.desk.id, first, last).items()}  # fmt: skip
        for n, held in aside.quarantined_of_desk(self.tx, self.desk.id, first, last).items():
            verdict = _quarantined(self.batch.changes[n - first], held.reason, held.at)
            found.setdefault(n, _Earlier(bytes.fromhex(held.hash), verdict))
        return {n - first: each for n, each in found.items()}

    def _branches(self, earlier: dict[int, _Earlier]) -> bool:
        """Say whether this desk's chain goes two ways: its file was cloned or restored from an old image."""
        if any(self.hashes[position] != each.hash for position, each in earlier.items()):
            return True
        continues = self.batch.head.first == self.desk.last_n + 1
        return continues and self.batch.head.prev != self.desk.last_hash

    def _freeze(self, earlier: dict[int, _Earlier]) -> Receipt:
        if self.desk.state in ("active", "left"):
            people.set_desk(self.tx, msgspec.structs.replace(self.desk, state="frozen", reason=BRANCHED))
        return self._hold(BRANCHED, earlier)

    def _hold(self, reason: str, earlier: dict[int, _Earlier]) -> Receipt:
        """Keep the batch whole; what is known already keeps the verdict that it had."""
        held = _hold_whole(self.authority, self.tx, self.head, self.batch, reason)
        verdicts = [
            earlier[i].verdict if i in earlier and earlier[i].hash == self.hashes[i] else verdict
            for i, verdict in enumerate(held.verdicts)
        ]
        return signing.sign_receipt(self.authority, self.batch, verdicts, held.head)

    def _enter(self, earlier: dict[int, _Earlier], fresh: Sequence[int]) -> Receipt:
        known = log.known_ids(self.tx, [self.batch.changes[position].id for position in fresh])
        held = {}
        for position in fresh:
            if reason := self._objection(self.batch.changes[position], known) or self._unsigned_alone(position):
                held[position] = reason
            known.add(self.batch.changes[position].id)
        if held:
            _make_sure_of_room(self.tx, self.desk.id, "", len(held))
        admitted = [position for position in fresh if position not in held]
        entered = ledger.enter(self.authority, self.tx, self.head, self.batch, self.hashes, admitted)
        for position, verdict in zip(admitted, entered.verdicts, strict=True):
            if self.batch.changes[position].kind == "Certificate" and verdict.outcome in ledger.ACCEPTED:
                _heed_answer(self.tx, self.batch.changes[position])
        substitutions.let_through(
            self.authority,
            self.tx,
            [(self.batch.changes[at], v) for at, v in zip(admitted, entered.verdicts, strict=True)],
        )
        verdicts = {position: each.verdict for position, each in earlier.items()}
        verdicts.update(zip(admitted, entered.verdicts, strict=True))
        verdicts.update((position, self._set_aside(position, reason)) for position, reason in held.items())
        if fresh:
            last_n = self.batch.head.first + len(self.hashes) - 1
            moved = msgspec.structs.replace(self.desk, last_n=last_n, last_hash=self.hashes[-1].hex())
            people.set_desk(self.tx, moved)
        in_order = [verdicts[position] for position in range(len(self.hashes))]
        receipt = signing.sign_receipt(self.authority, self.batch, in_order, entered.head)
        signing.keep_receipt(self.tx, self.batch, self.hashes, receipt)
        return receipt

    def _objection(self, change: Change, known: set[str]) -> str:
        """Return why a single change of an honest chain cannot be attributed or read, "" when it can."""
        if self.desk.state == "revoked" and change.n > self.desk.trusted_n:
            return REVOKED
        if change.min > FORMAT_VERSION:
            return FUTURE
        if change.author != self.desk.person:
            return NOT_THE_AUTHOR
        if change.content and not self._is_by_an_act(change):
            return WITHOUT_AN_ACT
        return KNOWN_ID if change.id in known else ""

    def _is_by_an_act(self, change: Change) -> bool:
        """Say whether an act accounts for a change that comes without its content: brought again after a restore."""
        acts = (act for act in Known(self.tx).all_of(Destruction) if act.confirmed_by is not None)
        fields = {**change.was, **change.set}
        row = records.fetch(self.tx, change.kind, [change.record]).get(change.record)
        return any(covers(act, change.kind, change.record, {**(row.fields if row else {}), **fields}) for act in acts)

    def _unsigned_alone(self, position: int) -> str:
        """Return why a rare act cannot be attributed, "" when it carries its own signature or needs none."""
        change = self.batch.changes[position]
        if not is_rare(change):
            return ""
        prev = self.hashes[position - 1].hex() if position else self.batch.head.prev
        key = bytes.fromhex(self.desk.public_key)
        return "" if seal.is_change_signed(key, change, prev) else UNSIGNED_ALONE

    def _set_aside(self, position: int, reason: str) -> Verdict:
        change, at = self.batch.changes[position], stamp(self.authority.clock())
        body = wire.encode(change).decode()
        hash_ = self.hashes[position].hex()
        aside.quarantine(
            self.tx,
            Quarantined(sha256=hash_, desk=self.desk.id, n=change.n, hash=hash_, reason=reason, at=at, body=body),
        )
        logger.warning("change quarantined", extra={"desk": self.desk.id, "n": change.n, "reason": reason})
        return _quarantined(change, reason, at)


def _heed_answer(tx: Transaction, change: Change) -> None:
    """Do what follows from «это вы?»: a confirmed person's next desks are not flagged; a denied desk is frozen."""
    desk = people.desk(tx, change.record)
    if desk is None:
        return
    account = people.account(tx, desk.person, lock=True)
    if change.set.get("confirmed") == "yes" and account is not None:
        people.put_account(tx, msgspec.structs.replace(account, unconfirmed=0))
    if change.set.get("confirmed") == "no" and desk.state == "active":
        people.set_desk(tx, msgspec.structs.replace(desk, state="frozen", reason=DENIED))
        logger.warning("desk denied by its person", extra={"desk": desk.id, "person": desk.person})


# --- sealed delivery -----------------------------------------------------------------------------------------------


class Delivery(Struct, frozen=True):
    """What became of the records of an outgoing file: `delivered` are admitted now or were before."""

    delivered: int = 0
    waiting: int = 0  # earlier ones are missing, or there is no room in quarantine; nothing is lost, they come later
    damaged: int = 0


def deliver(authority: Authority, file: bytes) -> Delivery:
    """Open an outgoing file and take in its batches in order. Delivery twice is harmless."""
    records, _torn = seal.outgoing_records(file)  # a torn last one was never acknowledged to its author
    sealed = Bringing.sealed(authority)
    for record in records:
        sealed.take(record)
    return sealed.finish()


def deliver_again(authority: Authority, file: bytes) -> Delivery:
    """Take in batches that a desk holds of others and that a restored log does not: each is signed by its author.

    The form is that of an outgoing file, without the seals.
    """
    records, _torn = seal.outgoing_records(file)
    if len(records) > wire.SEALED_RECORDS:
        raise Malformed("too many batches at once", limit=wire.SEALED_RECORDS)
    again = Bringing(authority, lambda record: record)
    for record in records:
        again.take(record)
    return again.finish()


class Bringing:
    """Records that somebody brings, taken in one by one as they come.

    What waits for an earlier one is tried again at the end, in order of its counters: whoever brings them may have
    mixed them up.
    """

    def __init__(self, authority: Authority, opened: Callable[[bytes], bytes]) -> None:
        self._authority = authority
        self._opened = opened
        self._waiting: list[tuple[str, int, bytes]] = []
        self._delivered = 0
        self._damaged = 0

    @staticmethod
    def sealed(authority: Authority) -> Bringing:
        """Return one for records that are sealed to the server's key."""
        return Bringing(authority, lambda record: seal.unseal(authority.keys.sealing, authority.school, record))

    def take(self, record: bytes) -> None:
        """Take in one record."""
        try:
            batch = wire.decode_batch(self._opened(record))
        except (seal.NotSealed, Malformed):
            self._damaged += 1
            return
        if not self._enter(batch):
            self._waiting.append((batch.head.desk, batch.head.first, record))

    def finish(self) -> Delivery:
        """Try again what waits, and say what became of everything."""
        left = 0
        for _, _, record in sorted(self._waiting):
            left += not self._enter(wire.decode_batch(self._opened(record)))
        return Delivery(self._delivered, left, self._damaged)

    def _enter(self, batch: Batch) -> bool:
        try:
            accept(self._authority, batch)
        except (ChainGap, TooMuch):  # whoever brings it keeps it; the honest ones behind it are not held up
            return False
        except Malformed:
            self._damaged += 1
        else:
            self._delivered += 1
        return True

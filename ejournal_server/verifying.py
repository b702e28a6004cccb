"""Verify a school's whole log, in its live store or in a backup, and name the first place that does not hold."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from ejournal_core import age_file, archive, wire
from ejournal_core.archive import (
    ArchiveBatch,
    ArchiveEntry,
    ArchiveHead,
    ArchiveReceipt,
    ArchiveRow,
    DamagedArchive,
    Line,
)
from ejournal_core.changes import text_of
from ejournal_core.verify import Checker, StoredBatch, StoredLine, broken
from ejournal_core.wire import Malformed, TreeHead
from ejournal_server.authority import Authority
from ejournal_server.generations import BASE
from ejournal_server.store import audit, log, whole


class Verified(Struct, frozen=True):
    """What was verified: number of lines and the root (hex) that follows from them."""

    size: int
    root: str


# --- the live store ------------------------------------------------------------------------------------------------


def verify_store(authority: Authority, *, strict: bool = True) -> Verified:
    """Verify the live store as it stands at one moment; writers are not kept waiting.

    Raises:
        BrokenLog: the first place that does not hold.
    """
    with authority.store.read() as tx:
        row = log.read_head(tx, left_too=True)
        checker = Checker(authority.school, authority.keys.signing_public, audit.heads(tx), strict=strict)
        for batch, lines in audit.batches(tx):
            checker.batch(batch, lines)
        head = _signed(row.signed, row.number)
        aside = audit.aside(tx)
        checker.finish(head, [(desk, hash_) for desk, _, hash_ in aside])
        if (row.number, row.epoch, row.frontier) != (head.size, head.epoch, checker.frontier):
            raise broken("end", checker.frontier.size)
        checker.compare_subtrees(audit.subtrees(tx))
        checker.compare_records(whole.content(tx))
        checker.compare_chains(audit.desks(tx), aside)
    return Verified(head.size, head.root)


def _signed(text: str, number: int) -> TreeHead:
    try:
        return wire.decode(TreeHead, text.encode())
    except Malformed:
        raise broken("end", number) from None


# --- a backup ------------------------------------------------------------------------------------------------------


def verify_generation(folder: Path, secret: str, *, strict: bool = True) -> Verified:
    """Verify the log in a generation of the backup.

    Raises:
        BrokenLog: the first place that does not hold.
        NoMatchingKey, DamagedArchive: the generation does not open or has not the form of one.
    """
    taker = ArchiveTaker(strict=strict)
    with (folder / BASE).open("rb") as source:
        age_file.open_lines(source, secret, taker.take)
    return taker.finish()


class ArchiveTaker:
    """Takes the lines of an archive in order and has its log checked batch by batch."""

    def __init__(self, *, strict: bool = True) -> None:
        self._strict = strict
        self._begun: ArchiveHead | None = None
        self._heads: list[TreeHead] = []
        self._checker: Checker | None = None
        self._batch: ArchiveBatch | None = None
        self._lines: list[StoredLine] = []
        self._aside: list[tuple[str, str]] = []
        self._content = ""

    def take(self, line: Line) -> None:
        """Take the next line.

        Raises:
            BrokenLog: a place that does not hold.
            DamagedArchive: the lines are in no order of an archive.
        """
        match line:
            case ArchiveHead():
                self._begun = line
            case ArchiveRow() if line.table == "head":
                self._heads.append(_signed(str(line.row.get("body")), 0))
            case ArchiveRow() if line.table == "quarantine":
                self._aside.append((str(line.row.get("desk")), str(line.row.get("hash"))))
            case ArchiveBatch():
                self._batch, self._lines = line, []
            case ArchiveEntry():
                self._lines.append(_stored_line(line))
            case ArchiveReceipt():
                self._check(line)
            case archive.ArchiveEnd():
                self._content = line.content_sha256

    def _check(self, line: ArchiveReceipt) -> None:
        batch = self._batch
        if batch is None:
            raise DamagedArchive("a receipt without its batch")
        missing = {position: bytes.fromhex(hash_) for position, hash_ in batch.missing}
        stored = StoredBatch(
            root=batch.batch.root, public_key=batch.public_key, head=batch.batch, hashes=None,
            receipt=line.receipt, first=line.first, last=line.last, missing=missing,
        )  # fmt: skip
        self._log().batch(stored, self._lines)
        self._batch, self._lines = None, []

    def _log(self) -> Checker:
        if self._checker is None:
            if self._begun is None:
                raise DamagedArchive("the archive has no beginning")
            self._checker = Checker(self._begun.school, self._begun.server_key, self._heads, strict=self._strict)
        return self._checker

    def finish(self) -> Verified:
        """Check what only the whole can show.

        Raises:
            BrokenLog, DamagedArchive: as `take`.
        """
        checker = self._log()
        if self._begun is None or self._batch is not None:
            raise DamagedArchive("the archive is cut")
        checker.finish(self._begun.head, self._aside)
        if checker.replay.content_hash() != self._content:
            raise broken("record", 0)
        return Verified(self._begun.head.size, self._begun.head.root)


def _stored_line(line: ArchiveEntry) -> StoredLine:
    return StoredLine(
        number=line.verdict.number,
        body=text_of(line.change),
        prev=bytes.fromhex(line.prev),
        verdict=line.verdict,
        position=line.position,
    )

"""The sealed outgoing file: unsent changes that anybody on this PC can deliver and nobody here can read.

One file a desk, `<school>.<desk>.sealed`, in a folder shared by the PC. Each write of the person appends one record: a
signed batch of its changes, sealed to the server's key. When the outbox has run empty the file is emptied.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_core.errors import EjournalError
from ejournal_desktop.models.database import sorted_errors
from ejournal_desktop.models.journal import ChangeSet, Journal

log = logging.getLogger(__name__)

SUFFIX = ".sealed"


class SealedFile(Struct, frozen=True):
    """An outgoing file as the sign-in screen sees it; its content is closed to everybody here."""

    path: Path
    school: str
    desk_id: str
    records: int


def sealed_files(folder: Path) -> list[SealedFile]:
    """Return the outgoing files that hold something, in order of name."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        school, _, desk_id = path.name.removesuffix(SUFFIX).partition(".")
        held, _torn = seal.outgoing_records(path.read_bytes())
        if held:
            found.append(SealedFile(path, school, desk_id, len(held)))
    return found


def sealed_records(file: SealedFile) -> list[bytes]:
    """Return the sealed records to deliver; a torn last one (power cut) is left out, the desk has it still."""
    return seal.outgoing_records(file.path.read_bytes())[0]


class Outgoing:
    """Keeps the outgoing file of one desk in step with its outbox.

    Trouble with this file never stops an edit, which is safe in the desk's own file by then. It is kept in `problem`,
    and the next unlock adds what is missing.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._seal_key = b""
        self._turn = threading.Lock()
        identity = journal.identity
        self.path = folder / f"{identity.school}.{identity.desk_id}{SUFFIX}"
        self.problem: EjournalError | None = None

    def attach(self) -> None:
        """Add what is missing and follow every later write of the journal."""
        self.reconcile()
        self._journal.after_commit(self._append)
        self._journal.listen(self._empty_when_settled)

    def reconcile(self) -> None:
        """Make the file hold exactly the unsent changes; without any, or without a server's key, it goes."""
        with self._turn, self._noting_trouble():
            self._rewrite()

    def _append(self, done: ChangeSet) -> None:
        with self._turn, self._noting_trouble():
            if not self.path.exists():
                self._rewrite()
            elif key := self._key():
                with self.path.open("ab") as file:
                    file.write(self._record(key, done.prev, done.changes))
                    _flush(file)

    def _empty_when_settled(self, _: ChangeSet) -> None:
        with self._turn, self._noting_trouble():
            if self.path.exists() and not self._journal.outbox(1):
                self.path.unlink()

    def _rewrite(self) -> None:
        unsent = self._journal.outbox(_ALL) if self._key() else []
        if not unsent:
            self.path.unlink(missing_ok=True)
            return
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            for start in range(0, len(unsent), wire.BATCH_CHANGES):
                part = unsent[start : start + wire.BATCH_CHANGES]
                file.write(self._record(self._key(), part[0].prev, [each.change for each in part]))
            _flush(file)
        fresh.replace(self.path)

    def _record(self, key: bytes, prev: str, changes: Sequence[Change]) -> bytes:
        identity = self._journal.identity
        batch = seal.sign_batch(identity.signing_key, identity.school, identity.desk_id, prev, changes)
        return seal.outgoing_record(key, identity.school, wire.encode_batch(batch))

    def _key(self) -> bytes:
        if not self._seal_key:
            self._seal_key = bytes.fromhex(self._journal.state().seal_key)
        return self._seal_key

    @contextmanager
    def _noting_trouble(self) -> Iterator[None]:
        try:
            with sorted_errors():
                yield
        except EjournalError as trouble:
            self.problem = trouble
            log.info("outgoing file not written: %s", trouble.code)
        else:
            self.problem = None


_ALL = 10_000_000


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())

"""The school as a backup holds it, in an encrypted journal of its own that is read and never written.

Its file has a key that no disk ever saw. Who looks sees every page of it, as a deputy sees the school's: whoever can
open the backup could read all of it anyway.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

from ejournal_core import ids
from ejournal_core.archive import ArchiveEntry, Line, Proof
from ejournal_core.changes import Entry, entered_by
from ejournal_core.errors import Refusal
from ejournal_core.kinds import KINDS, Person, RoleGrant, to_fields
from ejournal_core.rebuilding import APPLIED, Prover
from ejournal_core.wire import SnapshotRecord
from ejournal_desktop.models import loading
from ejournal_desktop.models.database import WRITE, Key, create_database, sorted_errors
from ejournal_desktop.models.journal import Clock, Journal
from ejournal_desktop.models.receive import keep_in_history
from ejournal_desktop.models.records import Address
from ejournal_desktop.models.state import Identity

#: Who looks into a backup: nobody of the school, so that no page is anybody's own there.
VIEWER: Final = "viewer-of-a-backup"
ONLY_TO_READ: Final = "Это резервная копия: в ней ничего не меняют. Исправления вносят в журнал школы."

_PAGE = 500  # lines of the log in one transaction


class ViewedJournal(Journal):
    """A journal whose door for entries stays shut."""

    def write(self) -> NoReturn:
        """Refuse.

        Raises:
            Refusal: EJ-537, always.
        """
        raise Refusal("EJ-537", ONLY_TO_READ)


def create_viewed(path: Path, key: Key, school: str, clock: Clock) -> ViewedJournal:
    """Make the empty journal that a backup is going to be seen in.

    Args:
        path: of the encrypted file, which must not exist yet.
        key: 32 raw bytes; when they become zeros the file opens no more.
        school: the school's id.
        clock: the moment of the backup.

    Raises:
        Trouble: the disk is full or cannot be written.
    """
    engine = create_database(path, key)
    identity = Identity(VIEWER, VIEWER, "", school, os.urandom(32))
    with sorted_errors(), engine.connect().execution_options(**WRITE) as connection, connection.begin():
        identity.write(connection)
    return ViewedJournal(engine, clock)


class Filling:
    """A backup on its way into the journal: each line is proved and kept as history, the records come at the end."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._prover = Prover()
        self._waiting: list[Entry] = []
        self._entered: dict[Address, tuple[str, str, int]] = {}

    def take(self, line: Line) -> None:
        """Prove the next line and keep what history it holds.

        Raises:
            DamagedArchive: it does not hold.
            Trouble: the disk is full.
        """
        self._prover.take(line)
        if isinstance(line, ArchiveEntry):
            self._take_entry(line)

    def _take_entry(self, line: ArchiveEntry) -> None:
        change = line.change
        self._waiting.append(Entry(change=change, prev=line.prev, verdict=line.verdict))
        if line.verdict.outcome in APPLIED:
            self._entered[change.kind, change.record] = (entered_by(change), change.at, line.verdict.number)
        if len(self._waiting) >= _PAGE:
            self._keep_history()

    def _keep_history(self) -> None:
        with self._journal.receiving() as connection:
            keep_in_history(connection, self._waiting, ())
        self._waiting = []

    def finish(self) -> Proof:
        """Prove the whole, and only then show its records.

        Raises:
            DamagedArchive: it does not hold.
        """
        proof = self._prover.finish()
        self._keep_history()
        order = {kind: number for number, kind in enumerate(KINDS)}
        lines = sorted(self._lines(proof.size), key=lambda line: order[line.kind])
        loading.load_whole(self._journal, proof.size, lines)
        return proof

    def _lines(self, size: int) -> Iterator[SnapshotRecord]:
        for kind, record, fields in self._prover.records():
            author, at, number = self._entered[kind, record]
            yield SnapshotRecord(kind=kind, record=record, number=number, fields=fields, author=author, at=at)
        looks = Person(id=VIEWER, last_name="", first_name="")
        sees = RoleGrant(id=ids.new_id(), person_id=VIEWER, role="deputy_director", since=date.min)
        for each in (looks, sees):
            yield SnapshotRecord(kind=type(each).__name__, record=each.id, number=size, fields=to_fields(each))

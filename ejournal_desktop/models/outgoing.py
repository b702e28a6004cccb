"""The sealed outgoing file: unsent changes that anybody on this PC can deliver and nobody here can read.

One file a desk, `<school>.<desk>.sealed`, in a folder shared by the PC. Each write of the person appends one record: a
signed batch of its changes, sealed to the server's key. When the outbox has run empty the file is emptied.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_core.errors import EjournalError
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.database import sorted_errors
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.outgoing_folder import SUFFIX, UPTO, append, keep_aside, note_upto, noted_upto, replace

log = logging.getLogger(__name__)

FURTHER_NAMES = 9  # tried when somebody's file stands in the way


class Outgoing:
    """Keeps the outgoing file of one desk in step with its outbox, on a thread of its own: typing does not wait for it.

    Trouble with this file never stops an edit, which is safe in the desk's own file by then. It is kept in `problem`,
    and the next unlock adds what is missing, after a crash too.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._seal_key = b""
        self._held_upto = 0
        self._waiting: Queue[ChangeSet | None] = Queue()
        identity = journal.identity
        self._names = [f"{identity.school}.{identity.desk_id}{tag}{SUFFIX}" for tag in ("", *_TAGS)]
        self.path = folder / self._names[0]
        self.problem: EjournalError | None = None

    def attach(self) -> None:
        """Add what is missing and follow the journal from now on."""
        self._begin()
        self._journal.keep_copies(self._waiting.put, self._waiting.join, self._begin, self._stop)

    def _begin(self) -> None:
        with self._noting_trouble():
            self._keep_a_lost_future()
            self._rewrite()
        self._worker = threading.Thread(target=self._work, name="outgoing", daemon=True)
        self._worker.start()
        self._unlisten = self._journal.listen(self._look_after_settling)

    def _keep_a_lost_future(self) -> None:
        """Where the outgoing file goes beyond this desk's own chain, its journal was restored from an older copy: what
        is sealed there lies nowhere else, and waits for somebody to deliver it."""
        if noted_upto(self.path) > self._journal.last_n():
            keep_aside(self.path)
            self.path.with_suffix(UPTO).unlink(missing_ok=True)

    def _stop(self) -> None:
        self._unlisten()
        self._waiting.put(None)
        self._worker.join()

    def _look_after_settling(self, done: ChangeSet) -> None:
        if done.prev is None and self.path.exists():  # came in: perhaps a receipt
            self._waiting.put(ChangeSet())

    def _work(self) -> None:
        while (done := self._waiting.get()) is not None:
            with self._noting_trouble():
                self._follow(done)
            self._waiting.task_done()
        self._waiting.task_done()

    def _follow(self, done: ChangeSet) -> None:
        if not done.changes:
            if not self._journal.is_anything_unsent():
                self._clear()
        elif not self.path.exists() or self.problem is not None:
            self._rewrite()
        elif done.changes[-1].n > self._held_upto:
            if append(self.path, self._record(self._key(), done.prev or "", done.changes)):
                self._held_upto = done.changes[-1].n
                note_upto(self.path, self._held_upto)
            else:  # somebody has put something else there
                self._rewrite()

    def _rewrite(self) -> None:
        unsent = self._journal.outbox(_ALL) if self._key() else []
        if not unsent:
            self._clear()
            return
        parts = [unsent[i : i + wire.BATCH_CHANGES] for i in range(0, len(unsent), wire.BATCH_CHANGES)]
        records = [self._record(self._key(), part[0].prev, [each.change for each in part]) for part in parts]
        self._write_under_a_free_name(records)
        self._held_upto = unsent[-1].change.n
        note_upto(self.path, self._held_upto)

    def _clear(self) -> None:
        """Leave nothing of this desk's there; what somebody else has put under its names is not ours to remove."""
        for path in map(self.path.with_name, self._names):
            with suppress(PermissionError, IsADirectoryError):
                path.unlink(missing_ok=True)
                path.with_suffix(UPTO).unlink(missing_ok=True)

    def _write_under_a_free_name(self, records: Sequence[bytes]) -> None:
        """Write the file; where somebody else's stands under its name and cannot be moved, under a further one."""
        for name in self._names[self._names.index(self.path.name) :]:
            self.path = self.path.with_name(name)
            try:
                replace(self.path, records)
            except (PermissionError, IsADirectoryError):
                continue
            return
        raise PermissionError("every name of the outgoing file is taken")

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
            self._note(trouble)
        except ValueError:  # what the server named as its sealing key is none; whoever waits for copies must not wait
            self._note(wire.Malformed("the sealing key is none"))
        else:
            self.problem = None

    def _note(self, trouble: EjournalError) -> None:
        self.problem = trouble
        log.info("outgoing file not written: %s", trouble.code)


_ALL = 10_000_000
_TAGS = tuple(f".{number}" for number in range(1, FURTHER_NAMES + 1))

"""The door: every write to the desk's file, by a person or by sync, passes through `Journal`."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from ejournal_core import seal, wire
from ejournal_core.changes import Change, Entry, Verdict
from ejournal_core.errors import Trouble
from ejournal_core.policy import Policy
from ejournal_core.tree import Frontier
from ejournal_core.wire import Receipt, TreeHead
from ejournal_desktop.models import arriving, unsent
from ejournal_desktop.models.arriving import Page
from ejournal_desktop.models.catching_up import Caught, addresses, catch_up, is_long
from ejournal_desktop.models.change_set import ChangeSet, Listener
from ejournal_desktop.models.database import LATER, WRITE, log_path, sorted_errors
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.facts import ENTERED, RememberingFacts, read_policy
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.models.receive import Arrivals
from ejournal_desktop.models.records import Address
from ejournal_desktop.models.remembered import Question, Remembered
from ejournal_desktop.models.saving import OPTION, Saving
from ejournal_desktop.models.state import Identity, SyncState
from ejournal_desktop.models.turns import Turns
from ejournal_desktop.models.unsent import Unsent
from ejournal_desktop.models.wall_clock import Clock as Clock
from ejournal_desktop.models.wall_clock import local_now as local_now
from ejournal_desktop.models.write import CHAIN, Write

T = TypeVar("T")
Entropy = Callable[[int], bytes]

#: Pages of the log in one transaction while nobody waits: each commit waits for the disk.
PAGES_AT_ONCE = 5


def uncounted(_number: int) -> None:
    """Let nobody hear how far a long write is."""


class Journal:
    """One desk's open file.

    Single edits run on the caller's thread; sync uses the same object from its own thread. Each transaction has its own
    connection, and writers of this process queue for one lock, so that nobody waits blindly for the file. A write
    returns when it is on the disk, except on the window's thread (`go_on_here`), which hears of that afterwards.

    Args:
        engine: from `database.open_database`.
        clock: wall clock of the desk, aware.
        entropy: random bytes for ids and salts.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = local_now, entropy: Entropy = os.urandom) -> None:
        self.engine = engine
        self.clock = clock
        self.entropy = entropy
        self._writing = Turns()
        self._remembered = Remembered(engine)
        self._listeners: list[Listener] = []
        self._watching: list[Callable[[Progress], None]] = []
        self._after_commit: list[Listener] = []
        self._policy: Policy | None = None
        self._head_hash: str | None = None
        self._opening: list[Callable[[], None]] = []
        self._closing: list[Callable[[], None]] = []
        self._is_closed = False
        self._flushing: list[Callable[[], None]] = []
        self._hurried: int | None = None
        self._saving = Saving(log_path(engine), self._writing, self._fold)
        self._open()

    def _open(self) -> None:
        with self.reading() as connection:
            self.identity = Identity.read(connection)
        with sorted_errors():
            self._saving.begin()

    # --- reading ---------------------------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a connection with one consistent view of the file."""
        with sorted_errors(), self.engine.connect().execution_options(**{OPTION: self._saving}) as connection:
            yield connection

    def ask(self, question: Question[T]) -> T:
        """Return the answer to a question, a module's own function; the one of before while nobody has written."""
        return self._remembered.ask(question)

    def policy(self) -> Policy:
        """Return the school's policy; read once until a setting changes."""
        if self._policy is None:
            with self.reading() as connection:
                self._policy = read_policy(connection)
        return self._policy

    def outbox(self, limit: int = wire.BATCH_CHANGES, after: int = 0) -> list[Unsent]:
        """Return the oldest changes after this counter that wait for a receipt, in order of n.

        None that a power cut could still take: its counter would come again with another content.
        """
        with self.reading() as connection:
            waiting = unsent.read(connection, limit, after)
        unsaved = self.first_unsaved()
        return [each for each in waiting if unsaved is None or each.change.n < unsaved]

    def last_n(self) -> int:
        """Return the counter of this desk's last change, 0 before the first."""
        with self.reading() as connection:
            return int(connection.execute(CHAIN).one()[0]) - 1

    def count_held_back(self, outcome: str) -> int:
        """Return how many changes of this person ended so and are still to be seen to."""
        with self.reading() as connection:
            return unsent.count_held_back(connection, outcome)

    def state(self) -> SyncState:
        """Return where this desk stands with the server."""
        return self.ask(SyncState.read)

    @property
    def cursor(self) -> int:
        """The number of the school's log up to which this desk holds everything it may see."""
        return self.state().cursor

    @property
    def head(self) -> TreeHead | None:
        """The last signed tree head this desk holds."""
        return self.state().head

    @property
    def scope(self) -> str:
        """The fingerprint of the slices that this person may see, as the server last named it."""
        return self.state().scope

    def head_hash(self, connection: sa.Connection) -> str:
        """Return the hash of the last tree head, which every change names; "" before the first head."""
        if self._head_hash is None:
            head = SyncState.read(connection).head
            self._head_hash = seal.head_hash(head) if head is not None else ""
        return self._head_hash

    # --- listening -------------------------------------------------------------------------------------------------

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Call back after every commit, on the thread that wrote; return the way to stop."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def keep_copies(
        self, add: Listener, flush: Callable[[], None], begin: Callable[[], None], close: Callable[[], None]
    ) -> None:
        """Have somebody keep copies of this person's writes (the sealed outgoing file).

        Args:
            add: called after each commit, before the listeners; it must not wait for the disk.
            flush: waits until all copies lie on the disk.
            begin: called when a closed journal opens again.
            close: called when the journal closes.
        """
        self._opening.append(begin)
        self._after_commit.append(add)
        self._flushing.append(flush)
        self._closing.append(close)

    def flush(self) -> None:
        """Wait until everything entered here lies on the disk, and the copies of it too.

        Raises:
            Trouble: the disk refuses; the program goes on trying.
        """
        self._saving.wait()
        for callback in self._flushing:
            callback()

    # --- the disk --------------------------------------------------------------------------------------------------

    def go_on_here(self) -> None:
        """Let the thread that calls this, the window's, go on before the disk has flushed what it writes."""
        self._hurried = threading.get_ident()
        self._saving.prepare()

    def first_unsaved(self) -> int | None:
        """Return the counter of the first own change that a power cut could still take; to be asked after reading."""
        return self._saving.first_unsaved()

    def is_saved(self, patience: float = 0.0) -> bool:
        """Say whether everything entered here is on the disk, after waiting for so many seconds at most."""
        return self._saving.is_done(patience)

    def is_slow(self) -> bool:
        """Say whether the disk takes longer than a person would overlook."""
        return self._saving.is_slow()

    def watch_disk(self, callback: Callable[[Trouble | None], None]) -> Callable[[], None]:
        """Call back, on any thread, when the disk refuses what was entered, and with None when it has taken it.

        Returns the way to stop.
        """
        return self._saving.watch(callback)

    def _fold(self) -> None:
        """Let a long log enter the file, and begin the next one: its first page is flushed at once."""
        with sorted_errors(), contextlib.closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # type: ignore[union-attr]
        with self._writing, self._committing(LATER) as connection:
            begun = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {(begun + 1) % 2**31}")  # it has to write something

    def _announce(self, changes: ChangeSet) -> None:
        for callback in self._after_commit:
            callback(changes)
        if not self._is_closed:  # else nobody could read it: they hear of everything when it is open again
            self._tell(changes)

    def _tell(self, changes: ChangeSet) -> ChangeSet:
        if any(kind == "PolicySetting" for kind, _ in changes.touched) or changes.everything:
            self._policy = None
        if changes.touched or changes.everything:
            for callback in tuple(self._listeners):
                callback(changes)
        return changes

    # --- writing by a person ---------------------------------------------------------------------------------------

    @contextmanager
    def write(self) -> Iterator[Write]:
        """Open one durable transaction: all its edits or none.

        On the window's thread it is durable a moment later, and told then.

        Raises:
            Refusal: a rule says no; nothing was changed.
            Trouble: the file cannot be written; nothing was changed.
        """
        policy, mode = self.policy(), self._mode()
        with self._turn():
            with self._committing(mode) as connection:
                write = Write(self, connection, policy)
                first = write.next_n
                yield write
                write.finish()
                if mode is LATER and write.changes.changes:
                    self._saving.expect(first)
            done = write.changes
            told = partial(self._announce, done) if done.changes else _nothing
            self._saving.take(first if done.changes else 0, told, flushed=mode is WRITE)
        if mode is WRITE:
            self._saving.announce()
        elif done.changes:
            self._tell(msgspec.structs.replace(done, saved=False))

    def undo(self, done: ChangeSet, count: Callable[[int], None] = uncounted) -> ChangeSet:
        """Take back a write of this person by the inverse edits, last one first; `count` hears how many are through.

        Raises:
            Refusal: somebody has changed one of the values since (EJ-290), or a rule forbids the inverse edit.
        """
        with self.write() as write:
            if ENTERED.issuperset(change.kind for change in done.changes):  # a pasted block is many entries of one page
                write.facts = RememberingFacts(write.connection, self.clock(), self.policy())
            for number, change in enumerate(reversed(done.changes), 1):
                write.take_back(change)
                count(number)
        return write.changes

    # --- writing by sync -------------------------------------------------------------------------------------------

    def settle(
        self,
        verdicts: Sequence[Verdict],
        head: TreeHead | None = None,
        receipt: tuple[Receipt, int] | None = None,
        end: Frontier | None = None,
        sent: Sequence[Change] = (),
    ) -> ChangeSet:
        """Enter the verdicts of a verified receipt: outbox entries go, what did not become official stays visible.

        `receipt` is kept as evidence, with the counter of its first change; `sent` are the changes it answers, where
        they are at hand. Where the log holds nothing but what this
        desk knows, `end` is its frontier under the verified `head`: the cursor moves there.
        """
        with self._transaction() as connection:
            arrivals = arriving.settle(connection, self.identity, verdicts, head, receipt, end, sent)
        return self._arrived(arrivals)

    def apply(
        self,
        entries: Sequence[Entry],
        cursor: int,
        head: TreeHead | None = None,
        steps: Mapping[int, Frontier] | None = None,
        batches: Sequence[SignedBatch] = (),
    ) -> ChangeSet:
        """Enter the next entries of the school's log, a hundred after the other, each with its cursor.

        Whoever waits to write comes between them.

        The log includes this desk's own changes. Records with unsent changes are rebuilt, never overwritten; entries
        that a row already holds change nothing.

        Args:
            entries: in order of their numbers.
            cursor: high-water mark after the last of them.
            head: verified tree head that covers them.
            steps: verified frontiers of the log's tree, one for each place that the cursor comes to stand at.
            batches: that the entries were signed in.
        """
        self._catch_up(cursor, addresses(entries))
        pages = arriving.pages(entries, cursor, head)
        told: list[ChangeSet] = []
        while pages:
            count, arrived = self._apply_pages(pages[:PAGES_AT_ONCE], steps or {}, batches)
            told.append(arrived)
            pages = pages[count:]
        changes = tuple(change for each in told for change in each.changes)
        return ChangeSet(changes, frozenset().union(*(each.touched for each in told)))

    def _catch_up(self, upto: int, busy: set[Address]) -> None:
        """After a long spell offline, fold own changes in by parts, not all with one page."""
        with self.reading() as connection:
            since = Caught(more=is_long(connection))
        while since.more:
            with self._transaction() as connection:
                since = catch_up(connection, self.identity.desk_id, upto, busy, since)

    def _apply_pages(
        self, pages: Sequence[Page], steps: Mapping[int, Frontier], batches: Sequence[SignedBatch]
    ) -> tuple[int, ChangeSet]:
        """Apply pages in one transaction; return how many, and what came in."""
        with self._transaction() as connection:
            count, arrivals = arriving.take(
                connection, self.identity, pages, steps, batches, lambda: self._writing.is_waited_for
            )
        return count, self._arrived(arrivals)

    def _arrived(self, arrivals: Arrivals) -> ChangeSet:
        self._head_hash = None
        self._scour(arrivals)
        return self._tell(arrivals.change_set())

    def _scour(self, arrivals: Arrivals) -> None:
        """Leave no destroyed content in pages of the write-ahead log that nobody reads any more."""
        if arrivals.scours:
            with self._writing, sorted_errors(), contextlib.closing(self.engine.raw_connection()) as connection:
                connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    @contextmanager
    def receiving(self) -> Iterator[sa.Connection]:
        """Give one durable transaction to the modules that enter what sync brings (`loading.py`, `leaving.py` …)."""
        with self._transaction() as connection:
            yield connection
        self._head_hash = None

    def watch_loading(self, callback: Callable[[Progress], None]) -> Callable[[], None]:
        """Call back, on the thread that loads, after each chunk of a snapshot; return the way to stop."""
        self._watching.append(callback)
        return lambda: self._watching.remove(callback)

    def tell_progress(self, progress: Progress) -> None:
        """Tell who watches how much of a snapshot is loaded."""
        for callback in tuple(self._watching):
            callback(progress)

    def is_at_work(self) -> bool:
        """Say whether changes of this desk are on their way, so that rows are not what the server holds."""
        return self.ask(unsent.is_at_work)

    def is_anything_unsent(self) -> bool:
        """Say whether a change waits for its receipt."""
        return self.ask(unsent.is_anything)

    def tell_everything(self) -> None:
        """Tell all listeners that so much came in that they do best to read anew."""
        self._tell(ChangeSet(everything=True))

    def note(self, **values: Any) -> None:
        """Keep what sync knows: `last_contact`, `server_name`, `problem`, `scope`, `seal_key` … (see `SyncState`)."""
        with self._transaction() as connection:
            SyncState.write(connection, **values)
        self._head_hash = None

    @contextmanager
    def keeping(self) -> Iterator[sa.Connection]:
        """Open a short durable transaction for what is no record: the bytes of files."""
        with self._transaction() as connection:
            yield connection

    @property
    def is_closed(self) -> bool:
        """Whether its keys are away: locked, or left."""
        return self._is_closed

    def close(self) -> None:
        """Close all connections; both keys leave with them. Closing twice is closing once."""
        if not self._is_closed:
            self._is_closed = True
            self._saving.close()
            for callback in self._closing:
                callback()
            self.identity = msgspec.structs.replace(self.identity, signing_key=b"")
        self._remembered.close()
        self.engine.dispose()

    def reopen(self) -> None:
        """Go on after `close`, once the key is back."""
        if self._is_closed:
            self._is_closed = False
            self._open()
            for callback in self._opening:
                callback()
            self.tell_everything()

    def _mode(self) -> Mapping[str, bool]:
        return LATER if threading.get_ident() == self._hurried else WRITE

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._writing:
            self._saving.mend()
            yield

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        mode = self._mode()
        with self._turn():
            with self._committing(mode) as connection:
                yield connection
            self._saving.take(0, _nothing, flushed=mode is WRITE)
        if mode is WRITE:
            self._saving.announce()

    @contextmanager
    def _committing(self, mode: Mapping[str, bool]) -> Iterator[sa.Connection]:
        with sorted_errors(), self.engine.connect().execution_options(**mode) as connection, connection.begin():
            yield connection


def _nothing() -> None:
    """Nobody has to be told."""

"""The door: every write to the desk's file, by a person or by sync, passes through `Journal`."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeVar

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import checks, ids, merge, seal, wire
from ejournal_core.changes import (
    Act,
    Change,
    Entry,
    Verdict,
    change_hash,
    entered_by,
    is_erasable,
    is_rare,
    sets_values,
)
from ejournal_core.destruction import is_confirmation
from ejournal_core.errors import Bug, Refusal, Trouble
from ejournal_core.kinds import Fields, Record
from ejournal_core.policy import Policy
from ejournal_core.tree import Frontier
from ejournal_core.wire import Receipt, TreeHead
from ejournal_desktop.models import evidence, loading, records
from ejournal_desktop.models.catching_up import Caught, addresses, catch_up, is_long
from ejournal_desktop.models.database import LATER, WRITE, log_path, sorted_errors
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.facts import ENTERED, DeskFacts, RememberingFacts, read_policy
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.models.receive import Arrivals, apply_entries, settle_verdicts
from ejournal_desktop.models.records import Address, Stand
from ejournal_desktop.models.remembered import Question, Remembered
from ejournal_desktop.models.saving import OPTION, Saving
from ejournal_desktop.models.state import Identity, Loading, SyncState
from ejournal_desktop.models.tables import desk, held_back, history, outbox, shadow
from ejournal_desktop.models.turns import Turns

T = TypeVar("T")
Clock = Callable[[], datetime]
Entropy = Callable[[int], bytes]

#: Entries of the log applied between two looks whether somebody waits to write: they must not take longer than 50 ms.
PAGE = 100
#: Pages in one transaction while nobody waits: each commit waits for the disk.
PAGES_AT_ONCE = 5


class ChangeSet(Struct, frozen=True):
    """What one write did: its changes in order and the records whose rows may look different now.

    `everything` says that so much came in (a snapshot) that open views do best to read anew.
    `prev` is the hash (hex) before the first change of a write of this person, None for what came in.
    `saved` is False while a power cut may still take it: listeners hear of it once more when it is on the disk.
    """

    changes: tuple[Change, ...] = ()
    touched: frozenset[Address] = frozenset()
    everything: bool = False
    prev: str | None = None
    saved: bool = True


class Unsent(Struct, frozen=True):
    """One change that waits for its receipt, with the hash (hex) of the desk's change before it and its bytes."""

    change: Change
    prev: str
    size: int


class _Page(Struct, frozen=True):
    """Entries of the log that are applied without a look aside, the cursor behind them, and the head that covers it."""

    entries: Sequence[Entry]
    upto: int
    head: TreeHead | None


Listener = Callable[[ChangeSet], None]


def local_now() -> datetime:
    """Return the wall clock of this PC, aware."""
    return datetime.now().astimezone()


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
            rows = connection.execute(_OUTBOX, {"limit": limit, "after": after})
            bodies = [(body.encode(), prev) for body, prev in rows]
        unsaved = self.first_unsaved()
        unsent = [Unsent(wire.decode(Change, body), prev, len(body)) for body, prev in bodies]
        return [each for each in unsent if unsaved is None or each.change.n < unsaved]

    def last_n(self) -> int:
        """Return the counter of this desk's last change, 0 before the first."""
        with self.reading() as connection:
            return int(connection.execute(_CHAIN).one()[0]) - 1

    def count_held_back(self, outcome: str) -> int:
        """Return how many changes of this person ended so and are still to be seen to."""
        with self.reading() as connection:
            return int(connection.execute(_COUNT_HELD_BACK, {"o": outcome}).scalar_one())

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

    def disk_trouble(self) -> Trouble | None:
        """Return why the disk does not take what was entered last, None when it does."""
        return self._saving.trouble

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

    def undo(self, done: ChangeSet) -> ChangeSet:
        """Take back a write of this person by the inverse edits, last one first.

        Raises:
            Refusal: somebody has changed one of the values since (EJ-290), or a rule forbids the inverse edit.
        """
        with self.write() as write:
            if ENTERED.issuperset(change.kind for change in done.changes):  # a pasted block is many entries of one page
                write.facts = RememberingFacts(write.connection, self.clock(), self.policy())
            for change in reversed(done.changes):
                write.take_back(change)
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
            arrivals = Arrivals(self.identity)
            settle_verdicts(connection, verdicts, arrivals, sent)
            if receipt is not None:
                evidence.keep_receipt(connection, *receipt)
            if end is not None:
                catch_up(connection, self.identity.desk_id, end.size, (), Caught())
                apply_entries(connection, (), end.size, arrivals)
                _stand_at(connection, end.size, head, end)
            elif head is not None:
                SyncState.write(connection, head=head)
        self._head_hash = None
        self._scour(arrivals)
        return self._tell(arrivals.change_set())

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
        pages = [_Page(page, page[-1].verdict.number, None) for page in _pages(entries)] or [_Page((), cursor, None)]
        pages[-1] = _Page(pages[-1].entries, cursor, head)
        told: list[ChangeSet] = []
        done = 0
        while done < len(pages):
            count, arrived = self._apply_pages(pages[done : done + PAGES_AT_ONCE], steps or {}, batches)
            told.append(arrived)
            done += count
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
        self, pages: Sequence[_Page], steps: Mapping[int, Frontier], batches: Sequence[SignedBatch]
    ) -> tuple[int, ChangeSet]:
        """Apply pages in one transaction until somebody waits to write; return how many, and what came in."""
        done = 0
        with self._transaction() as connection:
            arrivals = Arrivals(self.identity)
            for page in pages:
                catch_up(connection, self.identity.desk_id, page.upto, addresses(page.entries), Caught())
                apply_entries(connection, page.entries, page.upto, arrivals, batches)
                done += 1
                if arrivals.scours or self._writing.is_waited_for:
                    break
            _stand_at(connection, page.upto, page.head, steps.get(page.upto))
        self._head_hash = None
        self._scour(arrivals)
        return done, self._tell(arrivals.change_set())

    def _scour(self, arrivals: Arrivals) -> None:
        """Leave no destroyed content in pages of the write-ahead log that nobody reads any more."""
        if arrivals.scours:
            with self._writing, sorted_errors(), contextlib.closing(self.engine.raw_connection()) as connection:
                connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def load_snapshot(
        self,
        number: int,
        lines: Iterable[wire.SnapshotRecord],
        disputes: Iterable[wire.OpenDispute] = (),
        scope: str = "",
        head: TreeHead | None = None,
        frontier: Frontier | None = None,
    ) -> None:
        """Enter everything this person may see at `number` in one piece, parents before children: see `loading.py`.

        Rows that hold more stay, unsent changes are replayed on top. The cursor moves with the last records.
        """
        chunks = (("", 0),)
        peaks = frontier.to_bytes().hex() if frontier is not None else ""
        snapshot = Loading(
            id="", slices=(), number=number, scope=scope, chunks=chunks, head=head, peaks=peaks, whole=True
        )
        loading.begin(self, snapshot)
        loading.take_chunk(self, 0, tuple(lines), tuple(disputes))
        loading.finish(self)

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
        return self.ask(_is_at_work)

    def is_anything_unsent(self) -> bool:
        """Say whether a change waits for its receipt."""
        return self.ask(_is_anything_unsent)

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


class Write:
    """The edits of one transaction. `changes` is complete when the transaction has been committed."""

    def __init__(self, journal: Journal, connection: sa.Connection, policy: Policy) -> None:
        self._journal = journal
        self.connection = connection
        self._now = journal.clock()
        self.facts = DeskFacts(connection, self._now, policy)
        self._changes: list[Change] = []
        self._n, self._last_hash = connection.execute(_CHAIN).one()
        self._prev = self._last_hash
        self._head = journal.head_hash(connection)

    @property
    def next_n(self) -> int:
        """The counter that the next edit gets."""
        return int(self._n)

    @property
    def changes(self) -> ChangeSet:
        """What has been done so far."""
        touched = frozenset((change.kind, change.record) for change in self._changes)
        return ChangeSet(tuple(self._changes), touched, prev=self._prev)

    def new_id(self) -> str:
        """Return a fresh id for something that a person invents."""
        return ids.new_id(lambda: int(self._now.timestamp() * 1000), self._journal.entropy)

    def exists(self, kind: type[Record], record_id: str) -> bool:
        """Say whether the record exists, voided or not."""
        return self._stand(kind.__name__, record_id).fields is not None

    def edit(
        self, kind: str | type[Record], record_id: str, *, act: Act | None = None, why: str = "", **fields: Any
    ) -> Change | None:
        """Set fields of one record, creating it when it does not exist yet.

        Args:
            kind: name or class of the kind.
            act: what is done, when it is not plainly "create" or "change".
            why: the reason, where the policy asks for one.
            fields: new values; only those that differ become part of the change.

        Returns:
            The change, or None when nothing differs.

        Raises:
            Refusal: the first rule that says no.
        """
        name = kind if isinstance(kind, str) else kind.__name__
        given = {field: msgspec.to_builtins(value) for field, value in fields.items()}
        return self.put(name, record_id, given, act=act, why=why)

    def put(self, kind: str, record_id: str, given: Fields, *, act: Act | None = None, why: str = "") -> Change | None:
        """Do what `edit` does with fields that are plain JSON values already."""
        stand = self._stand(kind, record_id)
        was, wanted = _difference(kind, stand.fields, given)
        if not wanted and act in _DECISIONS:
            was, wanted = _whole_units(kind, stand.fields or {}, given)
        elif not wanted and stand.fields is not None:
            return None
        change = self._change(kind, record_id, was, wanted, act or ("change" if stand.fields else "create"), why=why)
        return self._enter(change, stand)

    def decide(self, asked: Change, act: Literal["approve", "refuse"], why: str = "") -> Change:
        """Approve a pending change of another person, entering exactly its values in that person's name, or refuse it.

        Raises:
            Refusal: it is decided already, or this person does not decide it, or a rule forbids the values.
        """
        stand = records.read(self.connection, asked.kind, asked.record)
        wanted = asked.set if act == "approve" else {}
        was = {name: stand.fields.get(name) for name in wanted} if stand.fields is not None else {}
        requester = entered_by(asked) if act == "approve" else ""
        change = self._change(asked.kind, asked.record, was, wanted, act, why=why, about=asked.id, requester=requester)
        return self._enter(change, stand)

    def _stand(self, kind: str, record_id: str) -> Stand:
        return records.read(self.connection, kind, record_id)

    def _enter(self, change: Change, stand: Stand) -> Change:
        judgement = checks.check(change, self.facts)
        if judgement.outcome != ("pending" if change.act == "request" else "taken"):
            raise Refusal(judgement.code, judgement.sentence, judgement.clause)
        if is_rare(change):
            change = seal.sign_change(self._journal.identity.signing_key, change, self._last_hash)
        self._store(change, stand)
        return change

    def take_back(self, change: Change, why: str = "") -> Change | None:
        """Make the inverse edit of a change of this desk.

        The birth of a fact is taken back by emptying it; of a page's lesson or column nothing is taken back, since
        others may have entered something there meanwhile.
        """
        if not sets_values(change):
            raise Refusal("EJ-245", "Заявку и отказ не отменить: они записаны. Решит другой человек или новая заявка.")
        now = records.read(self.connection, change.kind, change.record).fields or {}
        if any(now.get(field) != value for field, value in change.set.items()):
            raise Refusal("EJ-290", "После этого значение уже изменили: отмена не выполнена.")
        if change.act == "create":
            standard = merge.defaults(change.kind)
            required = records.required_fields(change.kind)
            back: Fields = {} if records.is_parent(change.kind) else {
                field: standard[field] for field in change.set if field not in required
            }  # fmt: skip
        else:
            back = change.was
        return self.put(change.kind, change.record, back, why=why) if back else None

    def finish(self) -> None:
        """Continue the desk's chain after the last edit."""
        if self._changes:
            self.connection.execute(_CONTINUE_CHAIN, {"n": self._n, "hash": self._last_hash})

    def _change(self, kind: str, record_id: str, was: Fields, wanted: Fields, act: Act, **said: Any) -> Change:
        erasable = is_erasable(kind, {**was, **wanted})
        return Change(
            id=self.new_id(),
            desk=self._journal.identity.desk_id,
            n=self._n,
            author=self._journal.identity.person_id,
            kind=kind,
            record=record_id,
            was=was,
            set=wanted,
            act=act,
            at=self._now.isoformat(timespec="seconds"),
            head=self._head,
            salt=self._journal.entropy(32).hex() if erasable else "",
            **said,
        )

    def _store(self, change: Change, stand: Stand) -> None:
        if sets_values(change):
            self._show(change, stand)
        self.connection.execute(_ADD_HISTORY, records.history_row(change, self._last_hash))
        self.connection.execute(_ADD_OUTBOX, {"n": change.n, "change_id": change.id, "kind": change.kind,
                                              "record": change.record})  # fmt: skip
        self._last_hash = change_hash(change, self._last_hash).hex()
        self._n += 1
        self._changes.append(change)

    def _show(self, change: Change, stand: Stand) -> None:
        address = (change.kind, change.record)
        if records.read_shadow(self.connection, address) is None:
            records.write_shadow(self.connection, address, stand)
        records.write(self.connection, change.kind, [(change.record, records.replay(stand, [change]))])


def _nothing() -> None:
    """Nobody has to be told."""


def _is_at_work(connection: sa.Connection) -> bool:
    return connection.execute(_AT_WORK).first() is not None


def _is_anything_unsent(connection: sa.Connection) -> bool:
    return connection.execute(_UNSENT).first() is not None


def _stand_at(connection: sa.Connection, cursor: int, head: TreeHead | None, frontier: Frontier | None) -> None:
    """Move the cursor, in one transaction with what it is proved by."""
    proof = {} if frontier is None else {"peaks": frontier.to_bytes().hex()}
    SyncState.write(connection, cursor=cursor, **proof, **({} if head is None else {"head": head}))
    if head is not None:
        evidence.keep_head(connection, head)


#: Acts that are made even when no value differs: the decision itself is the change.
_DECISIONS: frozenset[str | None] = frozenset({"resolve", "approve", "refuse", "lock", "unlock", "issue", "request"})


def _pages(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Cut into pages of at most 100; behind a confirmed act of destruction a page ends."""
    start = 0
    for end, entry in enumerate(entries, 1):
        if end - start == PAGE or is_confirmation(entry.change) or end == len(entries):
            yield entries[start:end]
            start = end


def _difference(kind: str, current: Fields | None, given: Fields) -> tuple[Fields, Fields]:
    """Return (was, set) of the units in which the given values differ from the current ones."""
    unknown = given.keys() - merge.defaults(kind).keys()
    if unknown:
        raise Bug(f"{kind} has no fields {sorted(unknown)}")
    if current is None:
        standard = merge.defaults(kind)
        required = records.required_fields(kind)
        return {}, {name: value for name, value in given.items() if name in required or value != standard[name]}
    changed = {name: value for name, value in given.items() if current.get(name) != value}
    return _whole_units(kind, current, changed)


def _whole_units(kind: str, current: Fields, given: Fields) -> tuple[Fields, Fields]:
    names = [name for unit in merge.units(kind) if not given.keys().isdisjoint(unit) for name in unit]
    was = {name: current.get(name) for name in names}
    return was, {**was, **given}


_OUTBOX = (
    sa.select(history.c.body, history.c.prev)
    .join(outbox, outbox.c.change_id == history.c.change_id)
    .where(outbox.c.n > sa.bindparam("after"))
    .order_by(outbox.c.n)
    .limit(sa.bindparam("limit"))
)
_COUNT_HELD_BACK = sa.select(sa.func.count()).select_from(held_back).where(held_back.c.outcome == sa.bindparam("o"))
_UNSENT = sa.select(outbox.c.n).limit(1)
_AT_WORK = sa.union_all(sa.select(outbox.c.record), sa.select(shadow.c.record)).limit(1)
_CHAIN = sa.select(desk.c.next_n, desk.c.last_hash)
_CONTINUE_CHAIN = desk.update().values(next_n=sa.bindparam("n"), last_hash=sa.bindparam("hash"))
_ADD_HISTORY = history.insert()
_ADD_OUTBOX = outbox.insert()

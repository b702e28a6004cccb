"""Load slices as they stood at one number, chunk by chunk, and go on after any interruption with the next chunk."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import merge, wire
from ejournal_core.kinds import KINDS, Fields, field_names, from_fields
from ejournal_core.tree import Frontier
from ejournal_core.wire import OpenDispute, SnapshotRecord, TreeHead
from ejournal_desktop.models import erasure, evidence, purge, records, slices
from ejournal_desktop.models.receive import Arrivals, catch_up
from ejournal_desktop.models.records import Stand
from ejournal_desktop.models.state import Identity, Loading, SyncState
from ejournal_desktop.models.tables import TABLES, shadow

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

AT_ONCE = 1_000  # records in one transaction: a key pressed meanwhile waits for no more
SLICES_AT_ONCE = 32  # swept in one transaction


class Progress(Struct, frozen=True):
    """How much of a snapshot has been loaded, in records."""

    done: int
    total: int

    @property
    def percent(self) -> int:
        """Return whole percent, 100 only when all is there."""
        return 100 if self.done >= self.total else self.done * 100 // self.total


def progress(state: SyncState) -> Progress | None:
    """Return how far the snapshot is that is being loaded, None when none is."""
    if state.loading is None:
        return None
    sizes = [records_ for _, records_ in state.loading.chunks]
    return Progress(sum(sizes[: state.loaded]), sum(sizes))


def load_whole(
    journal: Journal,
    number: int,
    lines: Iterable[SnapshotRecord],
    disputes: Iterable[OpenDispute] = (),
    scope: str = "",
    head: TreeHead | None = None,
    frontier: Frontier | None = None,
) -> None:
    """Enter everything this person may see at `number` in one piece, parents before children.

    Rows that hold more stay, unsent changes are replayed on top. The cursor moves with the last records.
    """
    peaks = frontier.to_bytes().hex() if frontier is not None else ""
    begin(journal, Loading(id="", slices=(), number=number, scope=scope, chunks=(("", 0),), head=head, peaks=peaks,
                           whole=True))  # fmt: skip
    take_chunk(journal, 0, tuple(lines), tuple(disputes))
    finish(journal)


def begin(journal: Journal, loading: Loading) -> None:
    """Remember what is going to be loaded."""
    with journal.receiving() as connection:
        fresh = loading.whole and connection.execute(_ANY_ROW).first() is None
        if not loading.repair:
            slices.expect(connection, loading.slices)
        SyncState.write(connection, loading=msgspec.structs.replace(loading, fresh=fresh), loaded=0)


def take_chunk(
    journal: Journal, index: int, lines: Sequence[SnapshotRecord], undecided: Sequence[OpenDispute]
) -> Progress:
    """Enter chunk `index` of the snapshot that is being loaded, at most 1,000 records in a transaction.

    On a desk that held nothing nobody types yet: there the chunk is one. With the last chunk goes what the snapshot
    does not hold, before the undecided is entered: what waits may be of a record that is no row any more.
    """
    loading = journal.state().loading
    assert loading is not None
    size = max(1, len(lines)) if loading.fresh else AT_ONCE
    for start in range(0, len(lines), size):
        with journal.receiving() as connection:
            take_records(connection, loading.number, lines[start : start + size], journal.identity)
    if index + 1 == len(loading.chunks) and not loading.fresh:
        _sweep(journal, loading)
    with journal.receiving() as connection:
        arrivals = Arrivals(journal.identity)
        for line in undecided:
            arrivals.add_open(connection, line.dispute, line.verdict)
        SyncState.write(connection, loaded=index + 1)
    told = progress(journal.state())
    assert told is not None
    return told


def _sweep(journal: Journal, loading: Loading) -> None:
    for start in range(0, len(loading.slices), SLICES_AT_ONCE):
        with journal.receiving() as connection:
            purge.sweep(connection, loading.slices[start : start + SLICES_AT_ONCE], loading.number)


def finish(journal: Journal) -> None:
    """Note the snapshot's slices as held; a new desk's cursor stands there then."""
    loading = journal.state().loading
    assert loading is not None
    with journal.receiving() as connection:
        slices.hold(connection, loading.slices, loading.number)
        where: dict[str, Any] = {} if loading.repair else {"scope": loading.scope}
        if loading.whole and loading.number >= SyncState.read(connection).cursor:
            where |= {"cursor": loading.number, "peaks": loading.peaks, "head": loading.head}
            if loading.head is not None:
                evidence.keep_head(connection, loading.head)
        SyncState.write(connection, loading=None, loaded=0, **where)
        connection.exec_driver_sql("PRAGMA optimize")
    journal.tell_everything()


def abandon(journal: Journal) -> None:
    """Forget the snapshot that was being loaded: what came of it is true as of its number, and another one begins."""
    journal.note(loading=None, loaded=0)


# --- records -------------------------------------------------------------------------------------------------------


def take_records(connection: sa.Connection, number: int, lines: Sequence[SnapshotRecord], identity: Identity) -> None:
    """Enter records as they stood at `number`; rows that hold more stay, own unsent changes are replayed on top.

    Raises:
        Malformed: a record is none; the transaction has to be given up.
    """
    by_kind: dict[str, list[SnapshotRecord]] = defaultdict(list)
    for line in lines:
        by_kind[line.kind].append(line)
    for kind, group in by_kind.items():
        if kind in KINDS:  # else of a newer version, which will ask for them again
            _take_kind(connection, number, kind, group, identity)
    _carry_out_acts(connection, by_kind["Destruction"], identity)


def _carry_out_acts(connection: sa.Connection, lines: Sequence[SnapshotRecord], identity: Identity) -> None:
    """Destroy what acts cover that the log told while this desk read a snapshot instead; its own rows come emptied."""
    for line in lines:
        order = erasure.order_of(connection, line.record) if line.fields.get("confirmed_by") else None
        if order is not None:
            erasure.carry_out(connection, order, line.number, identity.desk_id)


def _take_kind(
    connection: sa.Connection, number: int, kind: str, lines: Sequence[SnapshotRecord], identity: Identity
) -> None:
    catch_up(connection, kind, [line.record for line in lines])
    at_work = {row.record: row.log_number for row in connection.execute(_AT_WORK, {"k": kind})}
    values = _values_of(kind)
    rows = [values(line, number) for line in lines if line.record not in at_work]
    if rows:
        connection.exec_driver_sql(_loading_text(kind), rows)
    for line in lines:
        if line.record in at_work and (at_work[line.record] or 0) <= number:
            stand = Stand(line.fields, line.author or None, line.at or None, number)
            records.write_shadow(connection, (kind, line.record), stand)
            records.rebuild(connection, identity.desk_id, [(kind, line.record)])


@cache
def _values_of(kind: str) -> Callable[[SnapshotRecord, int], tuple[Any, ...]]:
    names, standard, struct = field_names(KINDS[kind]), merge.defaults(kind), KINDS[kind]
    known = frozenset(names)

    def values(line: SnapshotRecord, number: int) -> tuple[Any, ...]:
        fields = line.fields
        try:
            from_fields(struct, line.record, fields)
        except msgspec.ValidationError:
            raise wire.Malformed("a record of the snapshot has no form", number=line.number) from None
        extra = _extra(fields, known)
        own = (line.author or None, line.at or None, number, extra)
        return (line.record, *[fields.get(name, standard[name]) for name in names], *own)

    return values


def _extra(fields: Fields, known: frozenset[str]) -> str | None:
    return None if fields.keys() <= known else json.dumps({name: fields[name] for name in fields if name not in known})


@cache
def _loading_text(kind: str) -> str:
    """Return the statement that enters a record unless its row holds more already."""
    number = f'"{TABLES[kind].name}".log_number'
    return f"{records.replacing_text(kind)} WHERE {number} IS NULL OR {number} <= excluded.log_number"


_AT_WORK = sa.select(shadow.c.record, shadow.c.log_number).where(shadow.c.kind == sa.bindparam("k"))
_ANY_ROW = sa.union_all(*[sa.select(table.c.id) for table in TABLES.values()]).limit(1)

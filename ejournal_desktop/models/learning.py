"""The history behind a snapshot: fetched in the background, then replayed and compared with the records themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ejournal_core import digests, wire
from ejournal_core.changes import FORMAT_VERSION, Change, Entry
from ejournal_core.kinds import Fields
from ejournal_core.tree import Frontier
from ejournal_desktop.models import records, slices
from ejournal_desktop.models.among import among
from ejournal_desktop.models.evidence import SignedBatch
from ejournal_desktop.models.receive import Arrivals, keep_in_history
from ejournal_desktop.models.records import ACCEPTED, Stand
from ejournal_desktop.models.state import Learning, Notice, SyncState
from ejournal_desktop.models.tables import history, shadow

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal

AT_ONCE = 500  # lines in one transaction
NOTICES = 50  # kept


def next_task(journal: Journal) -> Learning | None:
    """Return the history to fetch: what is on its way already, else that of the slices loaded longest ago."""
    known = journal.state().learning
    if known is not None:
        return known
    unknown = [each for each in journal.ask(slices.held).values() if not each.proof and not each.leaving]
    if not unknown:
        return None
    upto = min(each.number for each in unknown)
    task = Learning(slices=tuple(sorted(each.name for each in unknown if each.number == upto)), after=0, upto=upto)
    with journal.receiving() as connection:
        slices.mark(connection, task.slices, proof="loading")
        SyncState.write(connection, learning=task)
    return task


def drop_task(journal: Journal) -> None:
    """Forget the history that is on its way, since the slices have changed; it is asked for anew."""
    with journal.receiving() as connection:
        waiting = [each.name for each in slices.held(connection).values() if each.proof == "loading"]
        slices.mark(connection, waiting, proof="")
        SyncState.write(connection, learning=None)


def take_page(
    journal: Journal, task: Learning, entries: Sequence[Entry], batches: Sequence[SignedBatch], frontier: Frontier
) -> Learning:
    """Enter a verified page of history; rows stay as they are. `frontier` stands where the page ends.

    A decision closes what it was about: a desk that took a snapshot after a restore may have seen that asked, and not
    yet decided.
    """
    for start in range(0, len(entries), AT_ONCE):
        part = entries[start : start + AT_ONCE]
        with journal.receiving() as connection:
            _correct(connection, part)
            keep_in_history(connection, part, batches)
            arrivals = Arrivals(journal.identity)
            for entry in part:
                if entry.verdict.outcome in ACCEPTED:
                    arrivals.close_what_is_decided(connection, entry.change, entry.verdict.number)
    moved = Learning(slices=task.slices, after=frontier.size, upto=task.upto, peaks=frontier.to_bytes().hex())
    journal.note(learning=moved)
    return moved


def _correct(connection: sa.Connection, entries: Sequence[Entry]) -> None:
    """Let lines that are here already, looked up one by one before their place was proved, end as the log has it."""
    known = set(connection.execute(_KNOWN, {"ids": [entry.change.id for entry in entries]}).scalars())
    rows = [{"id": e.change.id, "number": e.verdict.number, "o": e.verdict.outcome, "why": e.verdict.reason,
             "when": e.verdict.at} for e in entries if e.change.id in known]  # fmt: skip
    if rows:
        connection.execute(_AS_THE_LOG_HAS_IT, rows)


def prove(journal: Journal, task: Learning) -> tuple[str, ...]:
    """Replay the history of the task's slices and compare; note each as proved or not; return those that differ."""
    differing = tuple(name for name in task.slices if not _is_proved(journal, name))
    with journal.receiving() as connection:
        slices.mark(connection, set(task.slices) - set(differing), proof="proved")
        slices.mark(connection, differing, proof="differs")
        SyncState.write(connection, learning=None)
        if differing:
            add_notice(connection, journal.clock().isoformat(timespec="seconds"), "EJ-266", differing)
    journal.tell_everything()
    return differing


def add_notice(connection: sa.Connection, at: str, code: str, names: Sequence[str]) -> None:
    """Keep a notice for the person."""
    notice = Notice(code=code, at=at, slices=tuple(sorted(names)))
    SyncState.write(connection, notices=(*SyncState.read(connection).notices, notice)[-NOTICES:])


# --- replaying -----------------------------------------------------------------------------------------------------


def _is_proved(journal: Journal, name: str) -> bool:
    """Say whether a slice's records are what its changes, replayed, make of them."""
    with journal.reading() as connection:
        cursor = SyncState.read(connection).cursor
        for kind in slices.kinds_of(name):
            if not _kind_is_proved(connection, kind, name, cursor):
                return False
    return True


def _kind_is_proved(connection: sa.Connection, kind: str, name: str, cursor: int) -> bool:
    bases = _bases(connection, kind, name)
    replayed, unreadable = _replayed(connection, kind, name, bases, cursor)
    for record_id in bases.keys() | replayed.keys():
        if record_id in unreadable:
            continue
        base, made = bases.get(record_id, records.UNKNOWN), replayed.get(record_id, records.UNKNOWN)
        if _said(kind, record_id, base.fields) != _said(kind, record_id, made.fields):
            return False
    return True


def _bases(connection: sa.Connection, kind: str, name: str) -> dict[str, Stand]:
    """Return what the server last said of a slice's records: the rows, or what lies under unsent changes."""
    rows = records.read_where(connection, kind, slices.rows_where(kind, name))
    found = {record_id: stand for record_id, stand in rows if stand.fields is not None}
    for row in connection.execute(_SHADOWS, {"k": kind}):
        if row.record in found:
            found[row.record] = Stand(row.fields, row.author, row.entered_at, row.log_number)
    return {record_id: stand for record_id, stand in found.items() if stand.fields is not None}


def _replayed(
    connection: sa.Connection, kind: str, name: str, bases: dict[str, Stand], cursor: int
) -> tuple[dict[str, Stand], set[str]]:
    """Return what the accepted changes make of each record, and the records that this program cannot replay."""
    found: dict[str, Stand] = {}
    unreadable: set[str] = set()
    for row in _lines(connection, kind, name, bases):
        base = bases.get(row.record)
        if row.log_number > max(cursor, (base.number or 0) if base else 0):
            continue
        change = wire.decode(Change, row.body.encode())
        if change.content or change.min > FORMAT_VERSION:
            unreadable.add(row.record)
            continue
        found[row.record] = records.fold(found.get(row.record, records.UNKNOWN), change, row.log_number)
    return found, unreadable


def _lines(connection: sa.Connection, kind: str, name: str, bases: dict[str, Stand]) -> list[Any]:
    ids = list(dict.fromkeys([*slices.told_of(connection, kind, name), *bases]))
    found: list[Any] = []
    for start in range(0, len(ids), records.AT_ONCE):
        found += connection.execute(_ACCEPTED, {"k": kind, "ids": ids[start : start + records.AT_ONCE]}).all()
    return found


def _said(kind: str, record_id: str, fields: Fields | None) -> int | None:
    return None if fields is None else digests.record_digest(kind, record_id, fields)


def content_of(connection: sa.Connection, name: str) -> str:
    """Return the digest of a slice's content as this desk holds it."""
    found = slices.stands(connection, name)
    return digests.content_digest((kind, record_id, stand.fields or {}) for kind, record_id, stand in found)


_SHADOWS = sa.select(shadow).where(shadow.c.kind == sa.bindparam("k"))
_ACCEPTED = (
    sa.select(history.c.record, history.c.body, history.c.log_number)
    .where(history.c.kind == sa.bindparam("k"), history.c.record.in_(sa.bindparam("ids", expanding=True)))
    .where(history.c.outcome.in_(ACCEPTED), history.c.log_number.is_not(None))
    .order_by(history.c.log_number)
)

_KNOWN = sa.select(history.c.change_id).where(among(history.c.change_id, "ids"))
_AS_THE_LOG_HAS_IT = (
    history.update()
    .where(history.c.change_id == sa.bindparam("id"))
    .values(log_number=sa.bindparam("number"), outcome=sa.bindparam("o"), reason=sa.bindparam("why"),
            judged_at=sa.bindparam("when"))
)  # fmt: skip

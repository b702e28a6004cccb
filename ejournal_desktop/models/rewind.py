"""Go back to a backup's head after the school was restored: nothing this desk holds beyond it is lost.

Own changes return to the outbox with their counters and chain. Batches of others that came as a whole are kept to be
brought again; of the rest the changes are kept as evidence. Records are corrected by the snapshot that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy.dialects.sqlite import insert

from ejournal_core import seal, wire
from ejournal_core.changes import Change
from ejournal_core.wire import Batch, BatchHead, TreeHead
from ejournal_desktop.models import evidence
from ejournal_desktop.models.state import Identity, SyncState
from ejournal_desktop.models.tables import (
    TABLES,
    batch,
    beyond,
    dispute,
    held_back,
    held_slice,
    history,
    outbox,
    request,
    shadow,
)


class Again(Struct, frozen=True):
    """A batch of another desk that the restored log does not hold: its root, its desk and the body of a push.

    Own changes up to counter `after_own` stood in the log before it and go first: it may build on them.
    """

    root: str
    desk: str
    after_own: int
    body: bytes


def rewind(connection: sa.Connection, identity: Identity, upto: int, head: TreeHead) -> None:
    """Stand at `upto`, the size of the backup, under the verified head of the new epoch.

    A desk that had received nothing beyond, not even a receipt of its own changes, goes on from its cursor; another one
    takes a snapshot next.
    """
    own = _put_back(connection, identity, upto)
    if own or _reaches(connection) > upto:
        _keep_others(connection, upto, own)
        _forget_others(connection, upto)
        SyncState.write(connection, cursor=0, peaks="", scope="", loading=None, loaded=0, learning=None, compared_at="",
                        confirmed="")  # fmt: skip
    elif (coming := SyncState.read(connection).loading) is not None:  # it ends under the new head
        SyncState.write(connection, loading=msgspec.structs.replace(coming, head=head))
    evidence.lose_heads(connection, upto)
    evidence.keep_head(connection, head)
    SyncState.write(connection, head=head)


def _reaches(connection: sa.Connection) -> int:
    """Return the newest number that anything here is of: of the log, of a slice, of a snapshot on its way."""
    state = SyncState.read(connection)
    slices = connection.execute(_NEWEST_SLICE).scalar() or 0
    return max(state.cursor, slices, state.loading.number if state.loading is not None else 0)


def put_back_unnumbered(connection: sa.Connection, identity: Identity, first: int) -> int:
    """Put own changes from counter `first` on that have no number back into the outbox; return how many.

    They stood in a quarantine that the restored server does not have.
    """
    rows = connection.execute(_UNNUMBERED, {"desk": identity.desk_id, "first": first}).mappings().all()
    return _into_outbox(connection, [dict(row) for row in rows])


# --- own changes ---------------------------------------------------------------------------------------------------


def _put_back(connection: sa.Connection, identity: Identity, upto: int) -> list[tuple[int, int]]:
    """Put own changes beyond the backup back; return the number that each had, and its counter, in order."""
    rows = connection.execute(_OWN_BEYOND, {"desk": identity.desk_id, "upto": upto}).mappings().all()
    own = [{key: row[key] for key in ("n", "change_id", "kind", "record")} for row in rows]
    _into_outbox(connection, own)
    bases = [{"kind": row["kind"], "record": row["record"], "log_number": upto} for row in own if row["kind"] in TABLES]
    if bases:  # unborn until the snapshot says otherwise; the row on the screen stays as it is
        connection.execute(_ADD_SHADOW, bases)
    return [(row["log_number"], row["n"]) for row in rows]


def _into_outbox(connection: sa.Connection, rows: Sequence[dict[str, object]]) -> int:
    if rows:
        connection.execute(_ADD_OUTBOX, list(rows))
        for statement in _UNSETTLE:
            connection.execute(statement, [{"id": row["change_id"]} for row in rows])
    return len(rows)


# --- what others entered -------------------------------------------------------------------------------------------


def _keep_others(connection: sa.Connection, upto: int, own: Sequence[tuple[int, int]]) -> None:
    """Keep what others entered beyond the backup: whole batches as they were signed, else the single changes."""
    groups: dict[int | None, list[Any]] = {}
    for row in connection.execute(_OTHERS_BEYOND, {"upto": upto}):
        groups.setdefault(row.batch, []).append(row)
    for number, lines in groups.items():
        head = connection.execute(_BATCH_HEAD, {"id": number}).scalar() if number is not None else None
        changes = tuple(wire.decode(Change, row.body.encode()) for row in lines)
        first = min(row.log_number for row in lines)
        place = {"number": first, "after_own": max((n for number, n in own if number < first), default=0)}
        kept = _kept(wire.decode(BatchHead, head.encode()) if head else None, changes)
        connection.execute(_KEEP_BEYOND, {**kept, **place})


def _kept(head: BatchHead | None, changes: tuple[Change, ...]) -> dict[str, object]:
    whole = head is not None and _is_whole(head, changes)
    body = wire.encode_batch(Batch(head=head, changes=changes)) if head is not None and whole else b""
    root = head.root if head is not None else changes[0].id
    return {"root": root, "desk": changes[0].desk, "whole": whole,
            "body": body or wire.compress(wire.encode_lines(changes))}  # fmt: skip


def _is_whole(head: BatchHead, changes: tuple[Change, ...]) -> bool:
    return len(changes) == head.count and seal.batch_root(seal.chain(head.prev, changes)) == head.root


def _forget_others(connection: sa.Connection, upto: int) -> None:
    """Let what the restored log does not hold leave history and disputes, and rows no longer claim to hold it."""
    for statement in (*_FORGET, *_LOWER):
        connection.execute(statement, {"upto": upto})


def again(connection: sa.Connection) -> list[Again]:
    """Return the batches of others that wait to be brought again, in the order in which they stood in the log."""
    return [Again(row.root, row.desk, row.after_own, row.body) for row in connection.execute(_AGAIN)]


def brought(connection: sa.Connection, root: str) -> None:
    """Forget a batch that the server has."""
    connection.execute(beyond.delete().where(beyond.c.root == root))


def beyond_changes(connection: sa.Connection) -> list[Change]:
    """Return the changes of others seen before a restore that no log line has brought back yet."""
    found: dict[str, Change] = {}
    for row in connection.execute(sa.select(beyond.c.whole, beyond.c.body)):
        text = wire.decompress(row.body)
        lines = list(wire.split_lines(text))[1 if row.whole else 0 :]
        found.update((change.id, change) for change in (wire.decode(Change, line) for line in lines))
    known = set(connection.execute(sa.select(history.c.change_id)).scalars()) if found else set()
    return [change for id_, change in found.items() if id_ not in known]


_OWN_BEYOND = (
    sa.select(history.c.n, history.c.change_id, history.c.kind, history.c.record, history.c.log_number)
    .where(history.c.desk == sa.bindparam("desk"), history.c.log_number > sa.bindparam("upto"))
    .order_by(history.c.n)
)
_UNNUMBERED = sa.select(history.c.n, history.c.change_id, history.c.kind, history.c.record).where(
    history.c.desk == sa.bindparam("desk"),
    history.c.n >= sa.bindparam("first"),
    history.c.log_number.is_(None),
    history.c.outcome.is_not(None),
)
_ADD_OUTBOX = insert(outbox).on_conflict_do_nothing()
_fresh_shadow = insert(shadow)
#: A shadow that is there already, because a later change waits, may hold what the restored log does not.
_ADD_SHADOW = _fresh_shadow.on_conflict_do_update(
    index_elements=[shadow.c.kind, shadow.c.record],
    set_={"fields": sa.null(), "author": sa.null(), "entered_at": sa.null(),
          "log_number": _fresh_shadow.excluded.log_number},
)  # fmt: skip
_UNSETTLE = (
    history.update()
    .where(history.c.change_id == sa.bindparam("id"))
    .values(log_number=None, outcome=None, reason="", judged_at=None),
    held_back.delete().where(held_back.c.change_id == sa.bindparam("id")),
    dispute.delete().where(dispute.c.change_id == sa.bindparam("id")),
    dispute.update().where(dispute.c.resolved_by == sa.bindparam("id")).values(resolved_by=None),
    request.delete().where(request.c.change_id == sa.bindparam("id")),
    request.update().where(request.c.decided_by == sa.bindparam("id")).values(decided_by=None, decided=""),
)
_BEYOND = history.c.log_number > sa.bindparam("upto")
_OTHERS_BEYOND = (
    sa.select(history.c.batch, history.c.body, history.c.log_number)
    .where(_BEYOND)
    .order_by(history.c.desk, history.c.n)
)
_BATCH_HEAD = sa.select(batch.c.head).where(batch.c.id == sa.bindparam("id"))
_KEEP_BEYOND = insert(beyond).on_conflict_do_nothing()
_AGAIN = sa.select(beyond).where(beyond.c.whole).order_by(beyond.c.number)
_gone = sa.select(history.c.change_id).where(_BEYOND)
_FORGET = (
    dispute.delete().where(dispute.c.change_id.in_(_gone)),
    dispute.update().where(dispute.c.resolved_by.in_(_gone)).values(resolved_by=None),
    request.delete().where(request.c.change_id.in_(_gone)),
    request.update().where(request.c.decided_by.in_(_gone)).values(decided_by=None, decided=""),
    history.delete().where(_BEYOND),
)
#: Slices stay only if the snapshot that follows holds them.
_LOWER = (
    *(
        table.update().where(table.c.log_number > sa.bindparam("upto")).values(log_number=sa.bindparam("upto"))
        for table in (*TABLES.values(), shadow)
    ),
    held_slice.update().values(number=sa.func.min(held_slice.c.number, sa.bindparam("upto")), leaving=True, proof=""),
)
_NEWEST_SLICE = sa.select(sa.func.max(held_slice.c.number))

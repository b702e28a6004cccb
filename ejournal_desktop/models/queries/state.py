"""Where entries stand on their way to the server: counts, disputes, the history of a cell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ejournal_core import ids, wire
from ejournal_core.changes import Change, entered_by
from ejournal_core.decisions import CLOCK
from ejournal_core.kinds import KINDS, Fields
from ejournal_desktop.models import state
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import CellHistoryRow, DisputeRow, StateRow, SyncState
from ejournal_desktop.models.queries.files import files_leaving
from ejournal_desktop.models.queries.holding import holding_state
from ejournal_desktop.models.queries.proofs import Standing, standing_on
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import (
    outcome_text,
    page_of,
    standing_fields,
    value_text,
    what_was_done,
    where_is,
)
from ejournal_desktop.models.queries.workplaces import flagged_desks
from ejournal_desktop.models.saving import saving_of
from ejournal_desktop.models.tables import TABLES, dispute, held_back, history, outbox, request

#: How many entries the list behind the pill shows.
ROWS = 500

EVENT = "AuditEvent"


def sync_state(journal: Journal, rows: bool = True) -> SyncState:
    """Return where this desk's entries stand.

    Args:
        rows: also list the entries that are not plainly delivered, oldest first, at most 500, and count the files on
            their way.
    """
    holding = holding_state(journal)
    with journal.reading() as connection:
        known = state.SyncState.read(connection)
        counts: dict[str, int] = dict.fromkeys(("pending", "refused", "quarantined"), 0)
        mine = {"desk": journal.identity.desk_id}
        counts |= {row.outcome: row.many for row in connection.execute(_HELD_BACK, mine)}
        saved, waiting = connection.execute(_SAVED, mine).scalar_one(), connection.execute(_WAITING).scalar_one()
        saved -= connection.execute(_EVENTS, {**mine, "person": journal.identity.person_id}).scalar_one()
        disputed = connection.execute(_DISPUTED, mine).scalar_one()
        disk, unsaved = saving_of(connection), _unsaved(connection)
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return SyncState(
            saved=saved - unsaved,
            delivered=saved - waiting - disputed - sum(counts.values()),
            waiting=waiting - unsaved,
            unsaved=unsaved,
            is_slow=disk.is_slow(),
            disk_refuses=disk.trouble is not None,
            disputed=disputed,
            **counts,
            last_contact=datetime.fromisoformat(known.last_contact) if known.last_contact else None,
            tree_size=known.head.size if known.head else 0,
            tree_root=known.head.root[:16] if known.head else "",
            server_name=known.server_name,
            problem=known.problem,
            clocks_apart=known.clocks_apart,
            loading=holding.sentence,
            rows=tuple(_state_rows(around, journal.identity.desk_id)) if rows else (),
            percent=holding.history_percent if holding.percent is None else holding.percent,
            problem_code=known.problem_code if known.problem else "",
            closed=known.closed,
            restored=connection.execute(_RESTORED).scalar_one(),
            compared_at=datetime.fromisoformat(known.compared_at) if known.compared_at else None,
            unproved=len(holding.unproved),
            files_leaving=files_leaving(connection) if rows else 0,
            partial=holding.partial,
        )


def _unsaved(connection: sa.Connection) -> int:
    first = saving_of(connection).first_unsaved()
    return 0 if first is None else int(connection.execute(_UNSAVED, {"first": first}).scalar_one())


def _state_rows(around: Surroundings, desk_id: str) -> list[StateRow]:
    found = around.connection.execute(_UNDELIVERED, {"limit": ROWS, "desk": desk_id}).all()
    unsaved, rows = saving_of(around.connection).first_unsaved(), []
    for body, delivery, sentence, n in found:
        change = wire.decode(Change, body.encode())
        if change.kind == EVENT and delivery == "waiting":
            continue
        if unsaved is not None and (n or 0) >= unsaved:
            delivery = "saving"
        page = page_of(around, change.kind, change.record)
        rows.append(
            StateRow(
                change_id=change.id,
                at=datetime.fromisoformat(change.at),
                where=where_is(around, change.kind, change.record),
                what=what_was_done(change),
                delivery=delivery,
                reason=sentence,
                lesson_id=ids.lesson_of(change.kind, change.record) or "",
                page_id=page.id if page else "",
            )
        )
    return rows


def disputes(journal: Journal) -> tuple[DisputeRow, ...]:
    """Return the open disputes that this desk knows of, own ones first, oldest first."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        rows = dispute_rows(around)
    return tuple(sorted(rows, key=lambda row: not row.mine))


def dispute_rows(around: Surroundings) -> list[DisputeRow]:
    """Return the open disputes, oldest first; two values of one person are that person's own affair."""
    found = around.connection.execute(_OPEN_DISPUTES).all()
    rows = [_dispute_row(around, row) for row in found if row.kind in KINDS]
    return [row for row in rows if row is not None]


def _dispute_row(around: Surroundings, row: Any) -> DisputeRow | None:
    change = wire.decode(Change, row.body.encode())
    stand = standing_fields(around, row.kind, row.record)
    if stand.author == change.author != around.person_id:
        return None
    fields = stand.fields or {}
    clash = frozenset(name for name, value in change.set.items() if fields.get(name) != value) or frozenset(change.set)
    return DisputeRow(
        id=row.change_id,
        kind=row.kind,
        record_id=row.record,
        field=",".join(sorted(clash)),
        page=page_of(around, row.kind, row.record),
        where=where_is(around, row.kind, row.record),
        standing_value=value_text(fields, clash),
        standing_author=around.short_name(stand.author),
        standing_at=datetime.fromisoformat(stand.entered_at) if stand.entered_at else None,
        wanted_value=value_text(change.set, clash),
        wanted_author=around.short_name(change.author),
        wanted_at=datetime.fromisoformat(change.at),
        mine=around.person_id in (change.author, stand.author),
    )


def cell_history(journal: Journal, kind: str, record_id: str) -> tuple[CellHistoryRow, ...]:
    """Return the changes of one record that this desk knows, newest first."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        rows = connection.execute(_HISTORY, {"k": kind, "r": record_id}).all()
        own, flagged = journal.identity.desk_id, flagged_desks(connection)
        return tuple(_history_row(around, row, standing_on(connection, row.change_id, own), flagged) for row in rows)


def _history_row(around: Surroundings, row: Any, stands: Standing, flagged: frozenset[str]) -> CellHistoryRow:
    change = wire.decode(Change, row.body.encode())
    received = datetime.fromisoformat(row.judged_at) if row.judged_at else None
    return CellHistoryRow(
        at=datetime.fromisoformat(change.at),
        author=around.short_name(entered_by(change)),
        old=_told_value(around, change, change.was),
        new=_told_value(around, change, change.set),
        outcome=outcome_text(change, row.outcome, row.decided, received),
        number=row.log_number or 0,
        why=change.why,
        received_at=received,
        is_doubtful=row.reason == CLOCK,
        approved_by=around.short_name(change.author) if change.act == "approve" else "",
        proof=stands.word if stands.by != "none" else "",
        is_flagged=change.desk in flagged,
    )


def _told_value(around: Surroundings, change: Change, fields: Fields) -> str:
    """Return one side of a change; of a substitution who gives the lesson, by default whoever teaches the page."""
    if change.kind != "Lesson" or "teacher_id" not in change.set:
        return value_text(fields) if fields else ""
    page = around.pages.get(ids.lesson_parts(change.record)[0])
    named = around.short_name(str(fields.get("teacher_id") or "")) or (around.teachers_of(page) if page else "")
    rest = {name: value for name, value in fields.items() if name != "teacher_id"}
    return " · ".join([named, *([value_text(rest)] if rest else [])])


#: A restore enters one record; the number of its epoch is a moment, and a school that was never restored has one too.
_RESTORED = sa.select(sa.func.count()).select_from(TABLES["Epoch"]).where(~TABLES["Epoch"].c.voided)
_SAVED = sa.select(sa.func.count()).select_from(history).where(history.c.desk == sa.bindparam("desk"))
_WAITING = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.kind != EVENT)
_UNSAVED = _WAITING.where(outbox.c.n >= sa.bindparam("first"))
_EVENTS = (  # they go by themselves like any entry, but nobody has entered them
    sa.select(sa.func.count())
    .select_from(TABLES[EVENT])
    .where(TABLES[EVENT].c.person_id == sa.bindparam("person"), TABLES[EVENT].c.desk_id == sa.bindparam("desk"))
)


def _is_own(change_id: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Ask of few changes whose they are: as a join SQLite looks through everything that this desk ever entered."""
    desk = sa.select(history.c.desk).where(history.c.change_id == change_id).scalar_subquery()
    return desk == sa.bindparam("desk")


_HELD_BACK = (
    sa.select(held_back.c.outcome, sa.func.count().label("many"))
    .where(held_back.c.seen.is_(False), _is_own(held_back.c.change_id))
    .group_by(held_back.c.outcome)
)
_DISPUTED = (
    sa.select(sa.func.count()).select_from(dispute).where(dispute.c.resolved_by.is_(None), _is_own(dispute.c.change_id))
)
_OPEN_DISPUTES = (
    sa.select(dispute.c.change_id, dispute.c.kind, dispute.c.record, history.c.body)
    .join(history, history.c.change_id == dispute.c.change_id)
    .where(dispute.c.resolved_by.is_(None), history.c.change_id.in_(sa.select(dispute.c.change_id)))
    .order_by(history.c.seq)
)
_UNDELIVERED = (
    sa.select(
        history.c.body,
        sa.func.coalesce(held_back.c.outcome, sa.case((dispute.c.change_id.is_not(None), "disputed"), else_="waiting")),
        sa.func.coalesce(held_back.c.sentence, ""),
        outbox.c.n,
    )
    .outerjoin(outbox, sa.and_(outbox.c.n == history.c.n, outbox.c.change_id == history.c.change_id))
    .outerjoin(held_back, sa.and_(held_back.c.change_id == history.c.change_id, held_back.c.seen.is_(False)))
    .outerjoin(dispute, sa.and_(dispute.c.change_id == history.c.change_id, dispute.c.resolved_by.is_(None)))
    .where(
        sa.func.coalesce(history.c.desk, "") == sa.bindparam("desk"),  # no index of it: the few below come first
        history.c.change_id.in_(
            sa.union_all(
                sa.select(outbox.c.change_id),
                sa.select(held_back.c.change_id).where(held_back.c.seen.is_(False)),
                sa.select(dispute.c.change_id).where(dispute.c.resolved_by.is_(None)),
            )
        ),
    )
    .order_by(history.c.seq)
    .limit(sa.bindparam("limit"))
)
_HISTORY = (
    sa.select(
        history.c.change_id,
        history.c.body,
        history.c.outcome,
        history.c.log_number,
        history.c.reason,
        history.c.judged_at,
        request.c.decided,
    )
    .outerjoin(request, request.c.change_id == history.c.change_id)
    .where(history.c.kind == sa.bindparam("k"), history.c.record == sa.bindparam("r"))
    .order_by(history.c.seq.desc())
)

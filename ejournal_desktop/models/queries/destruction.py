"""Acts of destruction: which wait for a second person, and by which one a record's content is gone."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import wire
from ejournal_core.changes import BLANK, Change
from ejournal_core.destruction import covers
from ejournal_core.kinds import Destruction
from ejournal_desktop.models import records
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import history


class Act(Struct, frozen=True, kw_only=True):
    """An act as a screen or paper shows it; `confirmed_by` is None while it waits for a second person."""

    id: str
    target_kind: str
    target_record: str
    pupil_id: str | None
    act_number: str
    act_date: date
    basis: str
    ordered_by: str
    confirmed_by: str | None
    backup_upto: str


def acts(journal: Journal) -> tuple[Act, ...]:
    """Return all acts that are not withdrawn, those that wait first, then the newest."""
    with journal.reading() as connection:
        found = [_act(order) for order in select_records(connection, Destruction)]
    return tuple(sorted(found, key=lambda act: (act.confirmed_by is not None, -act.act_date.toordinal(), act.id)))


def destroyed_by(journal: Journal, kind: str, record_id: str) -> Act | None:
    """Return the newest act by which content of a record is gone, None while it holds what was entered.

    «Содержание уничтожено по акту № …» is said where this answers.
    """
    if kind not in BLANK:
        return None
    with journal.reading() as connection:
        if not _has_gone(connection, kind, record_id):
            return None
        fields = records.read(connection, kind, record_id).fields or {}
        orders = [each for each in select_records(connection, Destruction) if each.confirmed_by is not None]
    covering = [order for order in orders if covers(order, kind, record_id, fields)]
    return _act(max(covering, key=lambda order: (order.act_date, order.id))) if covering else None


def _has_gone(connection: sa.Connection, kind: str, record_id: str) -> bool:
    """Say whether the record is blank, or its history holds lines without content."""
    fields = records.read(connection, kind, record_id).fields
    blank = BLANK[kind]
    if fields is not None and all(fields[name] == value for name, value in blank.items()):
        return True
    rows = connection.execute(_HISTORY, {"k": kind, "r": record_id}).scalars()
    return any(wire.decode(Change, body.encode()).content for body in rows)


def _act(order: Destruction) -> Act:
    return Act(
        id=order.id, target_kind=order.target_kind, target_record=order.target_record, pupil_id=order.pupil_id,
        act_number=order.act_number, act_date=order.act_date, basis=order.basis, ordered_by=order.ordered_by,
        confirmed_by=order.confirmed_by, backup_upto=order.backup_upto,
    )  # fmt: skip


_HISTORY = sa.select(history.c.body).where(history.c.kind == sa.bindparam("k"), history.c.record == sa.bindparam("r"))

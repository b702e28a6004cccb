"""Decide between two people's values of one fact."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from ejournal_core import wire
from ejournal_core.changes import Change
from ejournal_core.errors import Refusal
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import dispute, history


def resolve_dispute(journal: Journal, dispute_id: str, keep: Literal["standing", "wanted"]) -> ChangeSet:
    """Решить спор: оставить стоящее значение или поставить желаемое.

    The decision is a change of its own, so that both people and the server see who decided what.

    Args:
        dispute_id: id of the disputed change.
        keep: which of the two values becomes the fact.

    Raises:
        Refusal: the dispute is decided already (EJ-291), or the person may not decide it.
    """
    with journal.write() as write:
        body = write.connection.execute(_OPEN, {"id": dispute_id}).scalar()
        if body is None:
            raise Refusal("EJ-291", "Этот спор уже решён.")
        wanted = wire.decode(Change, body.encode())
        fields = records.read(write.connection, wanted.kind, wanted.record).fields or {}
        chosen = wanted.set if keep == "wanted" else {name: fields.get(name) for name in wanted.set}
        decision = write.put(wanted.kind, wanted.record, chosen, act="resolve")
        assert decision is not None  # a decision is a change even when no value differs
        write.connection.execute(_CLOSE, {"r": wanted.record, "k": wanted.kind, "by": decision.id})
    return write.changes


_OPEN = (
    sa.select(history.c.body)
    .join(dispute, dispute.c.change_id == history.c.change_id)
    .where(dispute.c.change_id == sa.bindparam("id"), dispute.c.resolved_by.is_(None))
)
_CLOSE = (
    dispute.update()
    .where(
        dispute.c.kind == sa.bindparam("k"),
        dispute.c.record == sa.bindparam("r"),
        dispute.c.resolved_by.is_(None),
    )
    .values(resolved_by=sa.bindparam("by"))
)

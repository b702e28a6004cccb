"""What a restore of the school means for this desk: that it happened, and what has not come back yet."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_desktop.models import rewind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES


class Restoration(Struct, frozen=True):
    """The school was restored from a backup: when (RFC 3339), why, who decided, and up to which number it held."""

    epoch: int
    opened_at: str
    reason: str
    first_person: str
    second_person: str
    backup_size: int


def restorations(journal: Journal) -> tuple[Restoration, ...]:
    """Return the school's restores that this desk knows of, the newest first."""
    with journal.reading() as connection:
        rows = connection.execute(_EPOCHS).all()
    found = [
        Restoration(
            ids.epoch_number(row.id), row.opened_at, row.reason, row.first_person, row.second_person, row.backup_size
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda each: each.epoch, reverse=True))


def not_back_yet(journal: Journal) -> tuple[Change, ...]:
    """Return the changes of others that this desk had seen before a restore and that nobody has brought back."""
    with journal.reading() as connection:
        return tuple(rewind.beyond_changes(connection))


_EPOCHS = sa.select(TABLES["Epoch"]).where(~TABLES["Epoch"].c.voided)

"""What a person likes to see at this desk: small settings in the desk's own file, so that they are that person's."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import preference

#: Whether the spread shows each pupil's totals at the right.
TOTALS = "spread.totals"


def preferred(journal: Journal, name: str) -> str:
    """Return what the person chose, "" for nothing yet."""
    with journal.reading() as connection:
        chosen = connection.execute(sa.select(preference.c.value).where(preference.c.name == name)).scalar()
    return str(chosen or "")


def prefer(journal: Journal, name: str, value: str) -> None:
    """Remember what the person chose.

    Raises:
        Trouble: the file cannot be written.
    """
    with journal.keeping() as connection:
        entered = insert(preference).values(name=name, value=value)
        connection.execute(entered.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

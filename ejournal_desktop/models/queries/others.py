"""What others have entered of late, as the server took it: of the kinds that somebody wants to be told of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ejournal_core import wire
from ejournal_core.changes import Change
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history

#: The sign "+" lets the time lead: of the days that are told of there are few lines, of a kind there are all of a year.
KIND: sa.ColumnElement[str] = sa.literal_column("+history.kind")


def taken_from_others(of: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Return the query for the accepted changes that fit `of`, newest first; `lines_of_others` asks it."""
    return (
        sa.select(history.c.body, history.c.judged_at)
        .where(
            history.c.judged_at > sa.bindparam("since"),
            history.c.author != sa.bindparam("person"),
            history.c.outcome.in_(ACCEPTED),
            of,
        )
        .order_by(history.c.judged_at.desc())
    )


def lines_of_others(
    connection: sa.Connection, query: sa.Select[Any], person_id: str, since: datetime, **asked: object
) -> list[tuple[Change, str]]:
    """Return the changes of everybody but a person that the server took since a moment of its own clock.

    Returns:
        Each with the server's time (RFC 3339).
    """
    bound = {"person": person_id, "since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", **asked}
    return [(wire.decode(Change, body.encode()), at) for body, at in connection.execute(query, bound)]

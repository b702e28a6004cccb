"""Who was given a role that decides about others, and by whom: whoever invents a deputy is seen to do it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import cast

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, wire
from ejournal_core.access import OVERSEERS
from ejournal_core.changes import Change, entered_by
from ejournal_core.kinds import Fields, Role
from ejournal_desktop.models import records
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history

#: Roles that decide, administer or keep what the office keeps; a teacher's load and class are everyday matters.
OFFICIAL: frozenset[Role] = OVERSEERS | {"administrator", "secretary", "personnel_officer", "timetable_dispatcher"}


class Appointment(Struct, frozen=True):
    """A line of the log that gave an official role or altered it: whose, which, by whom, and when it was taken."""

    change_id: str
    person: str
    role: Role
    by: str
    at: str


def appointments(journal: Journal, since: datetime) -> list[Appointment]:
    """Return the appointments of others since a moment, newest first; a deputy or director sees them, nobody else.

    An office that was given is told of though it was taken back or renamed meanwhile: what was decided by it stands.
    What stood before the first workplace of the school was certified is its founding and no news.

    Args:
        since: by the server's time; the clock of whoever appoints says nothing.
    """
    own = journal.identity
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        if not access.holds_role(facts.roles(own.person_id), OVERSEERS, facts.today()):
            return []
        around = Surroundings(connection, own.person_id, facts.today())
        founded = connection.execute(_FOUNDED).scalar() or 0
        asked = {"founded": founded, "since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}
        lines = [(wire.decode(Change, body.encode()), at) for body, at in connection.execute(_LINES, asked)]
        return [
            Appointment(change.id, around.short_name(person), role, around.short_name(entered_by(change)), at)
            for change, at, person, role in _with_whom(connection, lines)
            if own.person_id not in (change.author, person) and role in OFFICIAL and _gives(change)
        ]


def _with_whom(
    connection: sa.Connection, lines: Iterable[tuple[Change, str]]
) -> Iterator[tuple[Change, str, str, Role]]:
    """Yield lines, newest first, with the person and the role that the record named right after each."""
    after: dict[str, Fields] = {}
    for change, at in lines:
        if change.record not in after:
            after[change.record] = records.read(connection, "RoleGrant", change.record).fields or {}
        then = {**after[change.record], **change.set}
        yield change, at, str(then.get("person_id")), cast("Role", then.get("role"))
        after[change.record] = {**then, **change.was}


def _gives(change: Change) -> bool:
    """Say whether a line gives more than it takes: the end of a role is no appointment."""
    ends, ended = change.set.get("until"), change.was.get("until")
    if change.set.keys() == {"until"}:
        return ends is None or (isinstance(ended, str) and str(ends) > ended)
    return not change.set.get("voided")


_FOUNDED = sa.select(sa.func.min(history.c.log_number)).where(history.c.kind == "Certificate")
_LINES = (
    sa.select(history.c.body, history.c.judged_at)
    .where(
        history.c.kind == "RoleGrant",
        history.c.outcome.in_(ACCEPTED),
        history.c.log_number > sa.bindparam("founded"),
        history.c.judged_at > sa.bindparam("since"),
    )
    .order_by(history.c.seq.desc())
)

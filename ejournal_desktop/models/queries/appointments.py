"""Who was given a role that decides about others, and by whom: whoever invents a deputy is seen to do it."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, wire
from ejournal_core.access import OVERSEERS
from ejournal_core.changes import Change, entered_by
from ejournal_core.kinds import Role, RoleGrant
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history

#: Roles that decide, administer or keep what the office keeps; a teacher's load and class are everyday matters.
OFFICIAL: frozenset[Role] = OVERSEERS | {"administrator", "secretary", "personnel_officer", "timetable_dispatcher"}
MOST = 200  # of the newest lines about roles are looked at


class Appointment(Struct, frozen=True):
    """A line of the log that gave or altered an official role: whose it is, which, and who entered that when."""

    change_id: str
    person: str
    role: Role
    by: str
    at: str


def appointments(journal: Journal) -> list[Appointment]:
    """Return the newest appointments of others, newest first; a deputy or director sees them, nobody else.

    What stood before the first workplace of the school was certified is its founding and no news.
    """
    own = journal.identity
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        if not access.holds_role(facts.roles(own.person_id), OVERSEERS, facts.today()):
            return []
        around = Surroundings(connection, own.person_id, facts.today())
        founded = connection.execute(_FOUNDED).scalar() or 0
        bodies = connection.execute(_LINES, {"founded": founded, "person": own.person_id}).scalars().all()
        told = [(change, facts.get(RoleGrant, change.record)) for body in bodies for change in [_change(body)]]
        return [
            Appointment(change.id, around.short_name(grant.person_id), grant.role, _by(around, change), change.at)
            for change, grant in told
            if grant is not None and grant.role in OFFICIAL and grant.person_id != own.person_id
        ]


def _change(body: str) -> Change:
    return wire.decode(Change, body.encode())


def _by(around: Surroundings, change: Change) -> str:
    return around.short_name(entered_by(change))


_FOUNDED = sa.select(sa.func.min(history.c.log_number)).where(history.c.kind == "Certificate")
_LINES = (
    sa.select(history.c.body)
    .where(
        history.c.kind == "RoleGrant",
        history.c.author != sa.bindparam("person"),
        history.c.outcome.in_(ACCEPTED),
        history.c.log_number > sa.bindparam("founded"),
    )
    .order_by(history.c.seq.desc())
    .limit(MOST)
)

"""What a person is told about workplaces: a new one of hers or of a colleague, and a journal that was opened anew."""

from __future__ import annotations

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, russian
from ejournal_core.kinds import Person
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES


class NewWorkplace(Struct, frozen=True):
    """A desk that was certified and not answered for: «новое рабочее место: … — это вы?».

    `after_reset` says that it came by a new code instead of the known password: what it brings is flagged until then.
    """

    desk_id: str
    person_name: str
    place: str
    issued_at: str
    own: bool
    after_reset: bool


class OpenedAnew(Struct, frozen=True):
    """This journal took the place of another: why (the server's code), and how many changes wait for two people."""

    reason: str
    left_behind: int


def new_workplaces(journal: Journal) -> list[NewWorkplace]:
    """Return the desks that wait for an answer, newest first: one's own; for a deputy or director everybody's."""
    own = journal.identity
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        oversees = access.holds_role(facts.roles(own.person_id), access.OVERSEERS, facts.today())
        rows = connection.execute(_WAITING, {"desk": own.desk_id}).all()
        mine = [row for row in rows if oversees or row.person_id == own.person_id]
        return [
            NewWorkplace(row.id, _name(facts, row.person_id), row.place, row.issued_at, row.person_id == own.person_id,
                         bool(row.after_reset))
            for row in mine
        ]  # fmt: skip


def flagged_desks(connection: sa.Connection) -> frozenset[str]:
    """Return the desks whose changes are flagged: certified after a reset that nobody has confirmed."""
    return frozenset(connection.execute(_FLAGGED).scalars())


def opened_anew(journal: Journal) -> OpenedAnew | None:
    """Return why this journal took the place of another, None when it did not."""
    state = journal.state()
    return OpenedAnew(state.anew, state.left_behind) if state.anew else None


def _name(facts: DeskFacts, person_id: str) -> str:
    person = facts.get(Person, person_id)
    return russian.short_name(person.last_name, person.first_name, person.patronymic) if person else ""


_C = TABLES["Certificate"].c
_DESKS = (_C.subject_kind == "desk", ~_C.voided)
_WAITING = (
    sa.select(_C.id, _C.person_id, _C.place, _C.issued_at, _C.after_reset)
    .where(*_DESKS, _C.confirmed == "", _C.issued_at != "", _C.id != sa.bindparam("desk"))
    .order_by(_C.issued_at.desc(), _C.id)
)
_FLAGGED = sa.select(_C.id).where(*_DESKS, _C.after_reset, _C.confirmed != "yes")

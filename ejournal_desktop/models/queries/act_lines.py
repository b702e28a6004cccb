"""What the log says of one act of destruction: for the extract that goes with the act on paper."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import russian, wire
from ejournal_core.changes import Change
from ejournal_core.kinds import Person, School
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import history


class ActLine(Struct, frozen=True):
    """One line of the log: when it was entered, its number (0: on its way), by whom; whether it confirmed the act."""

    at: datetime
    number: int
    author: str
    confirms: bool


class ActPeople(Struct, frozen=True):
    """The school and people of an act: full name and place, and (position, full name) by person id."""

    school: str
    place: str
    people: dict[str, tuple[str, str]]


def act_lines(journal: Journal, act_id: str) -> tuple[ActLine, ...]:
    """Return the lines of an act in order."""
    zone = journal.clock().tzinfo
    with journal.reading() as connection:
        rows = connection.execute(_LINES, {"r": act_id}).all()
    changes = [(wire.decode(Change, row.body.encode()), row.log_number or 0) for row in rows]
    return tuple(
        ActLine(datetime.fromisoformat(change.at).astimezone(zone), number, change.author,
                bool(change.set.get("confirmed_by")))
        for change, number in changes
    )  # fmt: skip


def act_people(journal: Journal) -> ActPeople:
    """Return whom an act names in full."""
    with journal.reading() as connection:
        school = next(iter(select_records(connection, School)), School(id="", full_name="", short_name=""))
        people = {each.id: (each.position, russian.full_name(each.last_name, each.first_name, each.patronymic))
                  for each in select_records(connection, Person)}  # fmt: skip
    return ActPeople(school.full_name, school.place, people)


_LINES = (
    sa.select(history.c.body, history.c.log_number)
    .where(history.c.kind == "Destruction", history.c.record == sa.bindparam("r"))
    .order_by(history.c.seq)
)

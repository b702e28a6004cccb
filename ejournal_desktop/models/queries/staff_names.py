"""What the school's people are called, for lists that name them by id."""

from __future__ import annotations

from ejournal_core import access, russian
from ejournal_core.kinds import Person
from ejournal_desktop.models.facts import DeskFacts, select_records
from ejournal_desktop.models.journal import Journal


def short_names(journal: Journal) -> dict[str, str]:
    """Return «Иванова М. П.» by person id, of everybody whom the directory holds."""
    with journal.reading() as connection:
        people = select_records(connection, Person)
    return {each.id: russian.short_name(each.last_name, each.first_name, each.patronymic) for each in people}


def keeps_workstations(journal: Journal) -> bool:
    """Say whether the person is an administrator today: the server answers nobody else about workstations."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.holds_role(facts.roles(journal.identity.person_id), {"administrator"}, facts.today())


def reads_the_log(journal: Journal) -> bool:
    """Say whether the person reads the events of the whole school."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.reads_events(facts.roles(journal.identity.person_id), facts.today())

"""Who the person of this desk is in the school."""

from __future__ import annotations

from ejournal_core import access
from ejournal_core.kinds import Role
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal


def roles_held(journal: Journal) -> tuple[Role, ...]:
    """Return the roles that the person holds today, each once, in the order in which they were granted."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        granted = facts.roles(journal.identity.person_id)
        return tuple(dict.fromkeys(grant.role for grant in granted if access.lasts(grant, facts.today())))


def looks_into_copies(journal: Journal) -> bool:
    """Say whether the person may look into backups of the school today."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.looks_into_copies(facts.roles(journal.identity.person_id), facts.today())

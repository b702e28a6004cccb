"""Who really decides about a change that waits: the people whom the rules let do so today, by their names."""

from __future__ import annotations

from ejournal_core import decisions
from ejournal_core.facts import Facts, Waiting
from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.queries.surroundings import Surroundings


def deciders_named(around: Surroundings, facts: Facts, waiting: Waiting) -> tuple[str, ...]:
    """Return the short names of everybody who may decide about the change today, in order; empty: nobody may."""
    roles = decisions.deciders(facts, waiting) | {"director"}
    known = {grant.person_id for grant in select_records(around.connection, RoleGrant) if grant.role in roles}
    asked = known | set(facts.policy().late_approver.named)
    able = (person for person in asked if decisions.may_decide(facts, person, waiting))
    return tuple(sorted(around.short_name(person) for person in able))

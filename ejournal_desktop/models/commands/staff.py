"""What is done with the school's own people: entered, renamed, given roles and relieved of them; codes handed over."""

from __future__ import annotations

from datetime import date
from typing import Any

from ejournal_core import access
from ejournal_core import staff as rules
from ejournal_core.kinds import CredentialIssue, Person, Role, RoleGrant, TeachingLoad
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import DeskFacts, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.write import Write


def add_person(journal: Journal, **fields: Any) -> ChangeSet:
    """Внести сотрудника.

    Args:
        fields: of `Person`.

    Raises:
        Refusal: a name is missing (EJ-504), or people are another person's to keep.
    """
    with journal.write() as write:
        write.edit(Person, write.new_id(), **fields)
    return write.changes


def change_person(journal: Journal, person_id: str, **fields: Any) -> ChangeSet:
    """Исправить фамилию, имя, отчество или должность.

    Raises:
        Refusal: as `add_person`; nothing was changed.
    """
    with journal.write() as write:
        write.edit(Person, person_id, **fields)
    return write.changes


def give_role(
    journal: Journal, person_id: str, role: Role, since: date, until: date | None = None, class_group_id: str = ""
) -> ChangeSet:
    """Дать роль на время; классному руководителю — с классом.

    Raises:
        Refusal: it cannot be (EJ-505), or roles are another person's to give.
    """
    with journal.write() as write:
        write.edit(
            RoleGrant, write.new_id(), person_id=person_id, role=role, since=since, until=until,
            class_group_id=class_group_id or None,
        )  # fmt: skip
    return write.changes


def end_role(journal: Journal, grant_id: str, last_day: date, why: str = "") -> ChangeSet:
    """Закончить роль этим днём; та, что ещё не началась, не начнётся.

    Raises:
        Refusal: roles are another person's to give, or it is the last administrator's (EJ-548).
    """
    with journal.write() as write:
        grant = write.facts.get(RoleGrant, grant_id)
        if grant is not None:
            rules.see_an_administrator_stays(select_records(write.connection, RoleGrant), (grant.id,), last_day)
            _end(write, grant, last_day, why)
    return write.changes


def leave(journal: Journal, person_id: str, last_day: date, why: str = "") -> ChangeSet:
    """Уволить: все роли и нагрузка кончаются этим днём; вход закрывает сервер.

    Args:
        why: the order, kept with each change.

    Raises:
        Refusal: roles or loads are another person's to end, or nobody would be administrator any more (EJ-548); nothing
            was changed.
    """
    with journal.write() as write:
        roles = write.facts.roles(person_id)
        ending = [each.id for each in roles]
        rules.see_an_administrator_stays(select_records(write.connection, RoleGrant), ending, last_day)
        held: list[RoleGrant | TeachingLoad] = [*roles, *_loads(write, person_id)]
        for each in held:
            if each.until is None or each.until > last_day:
                _end(write, each, last_day, why)
    return write.changes


def _loads(write: Write, person_id: str) -> list[TeachingLoad]:
    return select_records(write.connection, TeachingLoad, person_id=person_id)


def _end(write: Write, held: RoleGrant | TeachingLoad, last_day: date, why: str = "") -> None:
    if held.since > last_day:
        write.edit(type(held), held.id, act="void", why=why, voided=True)
    else:
        write.edit(type(held), held.id, why=why, until=last_day)


def hand_over(journal: Journal, issue_id: str, day: date | None) -> ChangeSet:
    """Отметить, что код выдан под подпись; None — снять отметку.

    Raises:
        Refusal: not on such a day, or the ledger is another person's to keep (EJ-506, EJ-213).
    """
    with journal.write() as write:
        write.edit(CredentialIssue, issue_id, handed_on=day)
    return write.changes


def keeps_people(journal: Journal) -> tuple[bool, bool]:
    """Return whether the person of this desk keeps people, and whether roles and codes as well."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        own, today = journal.identity.person_id, facts.today()
        return (
            access.may_edit_directory(facts, own, "Person", today),
            access.may_edit_directory(facts, own, "RoleGrant", today),
        )

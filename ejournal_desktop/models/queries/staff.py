"""Люди of Администрирование: who works here, in which roles, and how the way in of each stands.

What the log says is shown without the server; the server adds what stands in no record: closed doors.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from ejournal_core import access, calendar, russian
from ejournal_core.kinds import CalendarDay, Certificate, CredentialIssue, Person, Role, RoleGrant
from ejournal_core.wire import AccountLine
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.my_class import is_running
from ejournal_desktop.models.queries.surroundings import Surroundings

ROLES: dict[Role, str] = {
    "subject_teacher": "учитель-предметник",
    "class_teacher": "классный руководитель",
    "deputy_director": "заместитель директора (завуч)",
    "director": "директор",
    "timetable_dispatcher": "диспетчер расписания",
    "secretary": "секретарь",
    "personnel_officer": "специалист по кадрам",
    "administrator": "администратор",
}

#: How the way in of a person stands.
Way = Literal["none", "printed", "given", "expired", "open", "gone", "closed"]


class RoleRow(Struct, frozen=True):
    """A role of a person as it is told: «классный руководитель 7 «Б»»; days inclusive, `until` None while it lasts."""

    id: str
    grant: RoleGrant
    title: str
    lasts: bool


class StaffRow(Struct, frozen=True):
    """A member of staff.

    Attributes:
        namesake: what tells this person from another of the same name, "" where nothing has to.
        roles: those of today first, then those to come, then the past.
        way: how the way in stands; since: since when they sign in.
        code_until: the last whole day of a code that was not used; hand_by: until when it is to be handed over (P32).
        handed_on: when it was. issue_id: its line of the ledger, "" where it has none.
        has_password: a new code needs a second person.
    """

    id: str
    person: Person
    name: str
    namesake: str = ""
    roles: tuple[RoleRow, ...] = ()
    way: Way = "none"
    since: date | None = None
    code_until: date | None = None
    hand_by: date | None = None
    handed_on: date | None = None
    issue_id: str = ""
    has_password: bool = False
    own: bool = False

    @property
    def held(self) -> tuple[RoleRow, ...]:
        """The roles of today."""
        return tuple(role for role in self.roles if role.lasts)

    def is_late(self, today: date) -> bool:
        """Say whether a code waits to be handed over longer than the school's policy lets it (P32)."""
        return self.way == "printed" and self.hand_by is not None and self.hand_by < today


class Staff(Struct, frozen=True):
    """All people in alphabetical order, the classes that may be named with a role, and the school's day."""

    today: date
    rows: tuple[StaffRow, ...]
    classes: tuple[tuple[str, str], ...]  # id and title
    issue_days: int
    issue_clause: str


def staff(journal: Journal, accounts: Iterable[AccountLine] | None = None) -> Staff:
    """Return the school's people.

    Args:
        accounts: what the server said of their ways in; None: it was not asked.
    """
    policy = journal.policy()
    told = None if accounts is None else {line.person: line for line in accounts}
    with journal.reading() as connection:
        today = journal.clock().date()
        around = Surroundings(connection, journal.identity.person_id, today)
        grants = _by_person(select_records(connection, RoleGrant))
        desks = _by_person(each for each in select_records(connection, Certificate) if each.subject_kind == "desk")
        issues = _by_person(select_records(connection, CredentialIssue))
        days = select_records(connection, CalendarDay)
        limit = policy.credential_issue_limit.working_days
        apart = namesakes(around.people.values())
        rows = [
            _with_way(
                _row(around, person, grants[person.id], apart.get(person.id, "")),
                _Way(desks[person.id], issues[person.id], None if told is None else told.get(person.id), told is None),
                lambda day: calendar.working_day_after(day, limit, days),
                today,
            )
            for person in around.people.values()
        ]
        running = [group for group in around.class_groups.values() if is_running(around, group)]
    classes = sorted(running, key=lambda group: (group.grade_level, russian.sort_key(group.letter)))
    return Staff(
        today=today,
        rows=tuple(sorted(rows, key=lambda row: (russian.sort_key(row.name), row.id))),
        classes=tuple((group.id, group.title) for group in classes),
        issue_days=limit,
        issue_clause=", ".join(policy.source("P32").clauses),
    )


class _Owned(Protocol):
    @property
    def person_id(self) -> str: ...


K = TypeVar("K", bound=_Owned)


def _by_person(records: Iterable[K]) -> defaultdict[str, list[K]]:
    found: defaultdict[str, list[K]] = defaultdict(list)
    for record in records:
        found[record.person_id].append(record)
    return found


def namesakes(people: Iterable[Person]) -> dict[str, str]:
    """Return what tells people of the same whole name apart, by id: the position, else a number in the list."""
    alike: defaultdict[str, list[Person]] = defaultdict(list)
    for person in people:
        alike[russian.text_key(_name(person))].append(person)
    found: dict[str, str] = {}
    for same in alike.values():
        if len(same) > 1:
            found |= _parted(sorted(same, key=lambda person: person.id))
    return found


def _parted(same: Sequence[Person]) -> dict[str, str]:
    positions = [russian.text_key(person.position) for person in same]
    clear = all(positions) and len(set(positions)) == len(same)
    return {person.id: person.position if clear else f"№ {number}" for number, person in enumerate(same, 1)}


def _name(person: Person) -> str:
    return russian.full_name(person.last_name, person.first_name, person.patronymic)


def _row(around: Surroundings, person: Person, grants: Iterable[RoleGrant], namesake: str) -> StaffRow:
    roles = [RoleRow(grant.id, grant, role_title(around, grant), access.lasts(grant, around.day)) for grant in grants]
    order = sorted(roles, key=lambda role: (not role.lasts, role.grant.since < around.day, role.grant.since, role.id))
    return StaffRow(
        id=person.id, person=person, name=_name(person), namesake=namesake, roles=tuple(order),
        own=person.id == around.person_id,
    )  # fmt: skip


def role_title(around: Surroundings, grant: RoleGrant) -> str:
    """Return «классный руководитель 7 «Б»», «заместитель директора (завуч)»."""
    group = around.class_groups.get(grant.class_group_id or "")
    return f"{ROLES[grant.role]} {group.title}" if group is not None else ROLES[grant.role]


# --- how the way in stands -------------------------------------------------------------------------------------------


class _Way(Struct, frozen=True):
    """What is known of a way in: desks and codes of the log, the server's word, and whether it was not asked."""

    desks: Sequence[Certificate]
    issues: Sequence[CredentialIssue]
    account: AccountLine | None
    unasked: bool


def _with_way(row: StaffRow, known: _Way, hand_by: Callable[[date], date], today: date) -> StaffRow:
    issue = max(known.issues, key=lambda each: (each.made_on, each.id), default=None)
    since = min((day for desk in known.desks if (day := _day(desk.issued_at)) is not None), default=None)
    asked = known.account is not None or not known.unasked
    signs_in = known.account is not None and known.account.state == "active" if asked else bool(known.desks)
    outstanding = _code_until(known, issue, today)
    if issue is not None and outstanding is not None:
        row = msgspec.structs.replace(
            row, issue_id=issue.id, hand_by=hand_by(issue.made_on), handed_on=issue.handed_on
        )  # fmt: skip
    return msgspec.structs.replace(
        row, way=_way(row, known, outstanding, today, signs_in=signs_in), since=since if signs_in else None,
        code_until=outstanding, has_password=_needs_two(known, signs_in=signs_in),
    )  # fmt: skip


def _needs_two(known: _Way, *, signs_in: bool) -> bool:
    return signs_in or (known.account is not None and known.account.state == "closed")


def _code_until(known: _Way, issue: CredentialIssue | None, today: date) -> date | None:
    """Return the last whole day of a code that nobody has used yet; of one that has run out a week long."""
    if known.account is not None:
        moment = _day(known.account.code_until)
        return None if moment is None else moment - timedelta(days=1)
    if not known.unasked or issue is None or today - issue.valid_until > timedelta(days=7):
        return None
    used = any((day := _day(desk.issued_at)) is not None and day >= issue.made_on for desk in known.desks)
    return None if used else issue.valid_until


def _way(row: StaffRow, known: _Way, code_until: date | None, today: date, *, signs_in: bool) -> Way:
    if known.account is not None and known.account.state == "closed":
        return "closed"
    if signs_in:
        return "open" if row.held or not row.roles else "gone"
    if code_until is None:
        return "none"
    if code_until < today:
        return "expired"
    return "given" if row.handed_on is not None else "printed"


def _day(moment: str) -> date | None:
    """Return the day of a moment where this computer stands, None for none."""
    try:
        return datetime.fromisoformat(moment).astimezone().date()
    except ValueError:
        return None

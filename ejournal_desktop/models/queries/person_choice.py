"""Of whom a report of all data can be made, namesakes told apart; who makes it, and who confirms it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ejournal_core import access, russian
from ejournal_core.access import OVERSEERS
from ejournal_core.kinds import JournalPage, Person, PupilFile, RoleGrant, Subject, TeachingLoad
from ejournal_core.person_data import Whose
from ejournal_desktop.models.facts import DeskFacts, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.acts import pupils_to_name

SHORTEST_CODE = 4  # characters of an id, where nothing else tells two people apart


class Whom(Struct, frozen=True):
    """A person of whom a report is made: a pupil, or a member of staff; `name` tells namesakes apart."""

    kind: Whose
    id: str
    name: str


class Second(Struct, frozen=True):
    """Who may confirm with their password that all data of a person are gathered."""

    id: str
    name: str


def tells_of_people(journal: Journal) -> bool:
    """Say whether the person of this desk makes such reports today."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.tells_of_people(facts.roles(journal.identity.person_id), facts.today())


def tells_alone(journal: Journal) -> bool:
    """Say whether nobody has to confirm that this person has all that the school holds of somebody."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.tells_of_people_alone(facts.roles(journal.identity.person_id), facts.today())


def who_confirms(journal: Journal) -> tuple[Second, ...]:
    """Return the deputies and directors of today besides this person, in the order of a Russian list."""
    own, today = journal.identity.person_id, journal.clock().date()
    with journal.reading() as connection:
        grants = select_records(connection, RoleGrant)
        named = {each.id: each for each in select_records(connection, Person)}
    ids = {each.person_id for each in grants if each.role in OVERSEERS and access.lasts(each, today)} - {own}
    found = (Second(each, _full_name(named[each])) for each in ids if each in named)
    return tuple(sorted(found, key=lambda each: (russian.sort_key(each.name), each.id)))


def people_to_tell_of(journal: Journal) -> tuple[Whom, ...]:
    """Return pupils and members of staff, each group in the order of a Russian list; no two have the same name."""
    pupils = [Whom("Pupil", each.pupil_id, each.name) for each in pupils_to_name(journal)]
    with journal.reading() as connection:
        staff = [Whom("Person", each.id, _staff_name(each)) for each in select_records(connection, Person)]
        births = {each.pupil_id: f"род. {each.born_on:%d.%m.%Y}"
                  for each in select_records(connection, PupilFile) if each.born_on is not None}  # fmt: skip
        titles = {each.id: each.title for each in select_records(connection, Subject)}
        subjects = {each.id: titles.get(each.subject_id, "") for each in select_records(connection, JournalPage)}
        taught = _taught(select_records(connection, TeachingLoad), subjects)
    staff.sort(key=lambda each: russian.sort_key(each.name))
    return (*told_apart(pupils, births), *told_apart(staff, taught))


def _taught(loads: Iterable[TeachingLoad], subjects: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for load in loads:
        found[load.person_id].add(subjects.get(load.journal_page_id, ""))
    return {person: ", ".join(sorted(filter(None, titles), key=russian.sort_key)) for person, titles in found.items()}


def told_apart(people: Iterable[Whom], more: Mapping[str, str]) -> list[Whom]:
    """Return the people, namesakes with more of what is known of them, and with a piece of their id where that fails.

    Args:
        more: by id, what else tells a person from another: a day of birth, the subjects that are taught.
    """
    listed = list(people)
    listed = [_named(each, more.get(each.id, "")) if alike else each for each, alike in _alike(listed)]
    for length in range(SHORTEST_CODE, max((len(each.id) for each in listed), default=0) + 1):
        coded = [(_named(each, f"код {each.id[-length:]}") if alike else each) for each, alike in _alike(listed)]
        if not any(alike for _each, alike in _alike(coded)):
            return coded
    return listed


def _alike(people: list[Whom]) -> list[tuple[Whom, bool]]:
    times = Counter(russian.text_key(each.name) for each in people)
    return [(each, times[russian.text_key(each.name)] > 1) for each in people]


def _named(whom: Whom, more: str) -> Whom:
    return Whom(whom.kind, whom.id, ", ".join(filter(None, (whom.name, more))))


def _staff_name(person: Person) -> str:
    return ", ".join((_full_name(person), person.position or "сотрудник"))


def _full_name(person: Person) -> str:
    return russian.full_name(person.last_name, person.first_name, person.patronymic)

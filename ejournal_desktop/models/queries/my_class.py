"""Мой класс: which classes are a person's own or overseen."""

from __future__ import annotations

from msgspec import Struct

from ejournal_core import access, russian
from ejournal_core.kinds import ClassGroup
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.surroundings import Surroundings


class ClassRef(Struct, frozen=True):
    """A class as lists and headers show it; `mine`: the person is its class teacher today."""

    id: str
    title: str  # 7 «Б»
    mine: bool = False


def classes_seen(journal: Journal) -> tuple[ClassRef, ...]:
    """Return the classes that this person leads or oversees today: own ones first, then by grade and letter."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        groups = [group for group in around.class_groups.values() if is_running(around, group)]
        found = [(group, access.is_class_teacher(around.grants, group.id, around.day)) for group in groups]
    seen = [(group, mine) for group, mine in found
            if mine or access.holds_role(around.grants, access.OVERSEERS, around.day, group.id)]  # fmt: skip
    seen.sort(key=lambda each: (not each[1], each[0].grade_level, russian.sort_key(each[0].letter)))
    return tuple(ClassRef(group.id, group.title, mine) for group, mine in seen)


def is_running(around: Surroundings, group: ClassGroup) -> bool:
    """Say whether the class is of the running school year, or of the last one while no other has begun."""
    years = sorted(around.years.values(), key=lambda year: year.starts_on)
    begun = [year.id for year in years if year.starts_on <= around.day] or [year.id for year in years[:1]]
    return group.school_year_id in begun[-1:]

"""Группы of a class: which there are, for which subjects, and who is in them since when."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from msgspec import Struct

from ejournal_core import access, russian
from ejournal_core.kinds import ClassGroup, Subgroup, SubgroupMember
from ejournal_desktop.models.facts import DeskFacts, select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.surroundings import Surroundings


class GroupColumn(Struct, frozen=True):
    """A group of a class.

    Attributes:
        subjects: titles of the subjects whose pages are this group's; empty while nobody has opened one.
        teachers: short names of who teaches it today.
        others: ids of the groups that share a subject with it: nobody goes to both.
    """

    id: str
    title: str
    subjects: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class ClassSubgroups(Struct, frozen=True):
    """The groups of one class.

    Attributes:
        pupils: on the class list today, in its order.
        stays: by (pupil id, group id): the times in it, in order.
        subjects: (id, title) of the subjects that the class is taught.
        read_only: why this person only looks, "" otherwise.
        opens_pages: whether a new group's page can be opened too.
        year: bounds of the school year, both inclusive.
    """

    class_group_id: str
    title: str
    today: date
    groups: tuple[GroupColumn, ...]
    pupils: tuple[PupilRow, ...]
    stays: dict[tuple[str, str], tuple[SubgroupMember, ...]]
    subjects: tuple[tuple[str, str], ...]
    read_only: str
    opens_pages: bool
    year: tuple[date, date]

    def stay(self, pupil_id: str, group_id: str, day: date) -> SubgroupMember | None:
        """Return the stay of a pupil in a group that lasts on a day, or begins after it."""
        return next((stay for stay in self.stays.get((pupil_id, group_id), ())
                     if stay.until is None or day <= stay.until), None)  # fmt: skip


def class_subgroups(journal: Journal, class_group_id: str) -> ClassSubgroups:
    """Return the groups of a class."""
    now = journal.clock()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, now.date())
        facts, group = DeskFacts(connection, now), around.class_groups[class_group_id]
        groups = sorted(select_records(connection, Subgroup, class_group_id=class_group_id),
                        key=lambda each: russian.sort_key(each.title))  # fmt: skip
        may = {kind: access.may_edit_directory(facts, around.person_id, kind, around.day, class_group_id)
               for kind in ("SubgroupMember", "JournalPage")}  # fmt: skip
        year = around.year_of(group)
        return ClassSubgroups(
            class_group_id, group.title, around.day, tuple(_column(around, each, groups) for each in groups),
            tuple(pupil for pupil in around.class_list(class_group_id) if pupil.present_in_class(around.day)),
            _stays(around, groups), _subjects(around, group),
            "" if may["SubgroupMember"] else "Группы составляют классный руководитель, завуч и секретарь: здесь можно "
            "только смотреть.", may["JournalPage"], (year.starts_on, year.ends_on),
        )  # fmt: skip


def _column(around: Surroundings, group: Subgroup, groups: list[Subgroup]) -> GroupColumn:
    pages = [page for page in around.pages.values() if page.subgroup_id == group.id]
    subjects = {page.subject_id for page in pages}
    others = {page.subgroup_id for page in around.pages.values()
              if page.subject_id in subjects and page.subgroup_id not in (None, group.id)}  # fmt: skip
    teachers = [load.person_id for page in pages for load in around.loads.get(page.id, ())
                if access.lasts(load, around.day)]  # fmt: skip
    titles = sorted(around.subjects[each].title for each in subjects if each in around.subjects)
    return GroupColumn(
        group.id, group.title, tuple(titles), tuple(dict.fromkeys(around.short_name(each) for each in teachers)),
        tuple(each.id for each in groups if each.id in others),
    )  # fmt: skip


def _stays(around: Surroundings, groups: list[Subgroup]) -> dict[tuple[str, str], tuple[SubgroupMember, ...]]:
    found: dict[tuple[str, str], list[SubgroupMember]] = defaultdict(list)
    for stay in select_any(around.connection, SubgroupMember, "subgroup_id", [group.id for group in groups]):
        found[stay.pupil_id, stay.subgroup_id].append(stay)
    return {key: tuple(sorted(stays, key=lambda stay: stay.since)) for key, stays in found.items()}


def _subjects(around: Surroundings, group: ClassGroup) -> tuple[tuple[str, str], ...]:
    taught = {page.subject_id for page in around.pages.values() if page.class_group_id == group.id}
    listed = sorted((around.subjects[each] for each in taught if each in around.subjects),
                    key=lambda each: (each.position, russian.sort_key(each.title)))  # fmt: skip
    return tuple((each.id, each.title) for each in listed)

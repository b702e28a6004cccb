"""The directory around a journal page: people, subjects, classes, loads, calendar; read once for a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Generic, TypeVar

import sqlalchemy as sa

from ejournal_core import access, calendar, russian
from ejournal_core.errors import Bug
from ejournal_core.kinds import (
    AbsenceDocument,
    BellSlot,
    CalendarDay,
    ClassGroup,
    Enrolment,
    GradingPeriod,
    JournalPage,
    Lesson,
    PeriodClosing,
    Person,
    Pupil,
    Record,
    RegisteredAbsence,
    RoleGrant,
    School,
    SchoolYear,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
)
from ejournal_desktop.models.facts import select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef, PupilRow
from ejournal_desktop.models.queries.namesakes import told_apart

K = TypeVar("K", bound=Record)
#: Days, both inclusive; without the second one it lasts.
Span = tuple[date, date | None]


def journal_pages(journal: Journal, day: date | None = None) -> tuple[PageRef, ...]:
    """Return the journal pages that this person may see, own ones first, then by class and subject."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day or journal.clock().date())
        refs = [around.page_ref(page) for page in around.pages.values() if around.may_see(page)]
    return tuple(sorted(refs, key=lambda ref: (not ref.mine, around.page_order(ref.id))))


class _All(Generic[K]):
    """All records of one kind by id, read when first asked for."""

    def __init__(self, kind: type[K]) -> None:
        self._kind = kind

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, around: Surroundings, _owner: type) -> dict[str, K]:
        found = {record.id: record for record in select_records(around.connection, self._kind)}
        around.__dict__[self._name] = found  # from now on the attribute itself answers
        return found


class Surroundings:
    """Records of the directory by id, each kind read at most once.

    Args:
        connection: one consistent view of the file.
        person_id: who is asking.
        day: the day that counts for rights and loads.
    """

    def __init__(self, connection: sa.Connection, person_id: str, day: date) -> None:
        self.connection = connection
        self.person_id = person_id
        self.day = day
        self._lists: dict[tuple[str, str | None], tuple[PupilRow, ...]] = {}  # by class and group

    people = _All(Person)
    subjects = _All(Subject)
    class_groups = _All(ClassGroup)
    subgroups = _All(Subgroup)
    pages = _All(JournalPage)
    work_kinds = _All(WorkKind)
    years = _All(SchoolYear)
    bells = _All(BellSlot)
    slots = _All(TimetableSlot)
    _periods = _All(GradingPeriod)
    closings = _All(PeriodClosing)
    register = _All(RegisteredAbsence)
    absence_papers = _All(AbsenceDocument)
    _days = _All(CalendarDay)

    @cached_property
    def school(self) -> School:
        """The school itself."""
        return next(iter(select_records(self.connection, School)), School(id="", full_name="", short_name=""))

    @cached_property
    def loads(self) -> dict[str, list[TeachingLoad]]:
        """Teaching loads by page, past ones included."""
        return _grouped(select_records(self.connection, TeachingLoad), lambda load: load.journal_page_id)

    @cached_property
    def grants(self) -> tuple[RoleGrant, ...]:
        """The roles of the person who asks."""
        return tuple(select_records(self.connection, RoleGrant, person_id=self.person_id))

    @cached_property
    def given(self) -> tuple[Lesson, ...]:
        """The lessons that the person who asks gives instead of other teachers."""
        return tuple(select_records(self.connection, Lesson, teacher_id=self.person_id))

    def page(self, page_id: str) -> JournalPage:
        """Return a journal page.

        Raises:
            Bug: nobody offered this id.
        """
        found = self.pages.get(page_id)
        if found is None:
            raise Bug("no such journal page", page=page_id)
        return found

    def short_name(self, person_id: str | None) -> str:
        """Return «Иванова М. П.», "" for nobody, «Сервер школы» for what the server wrote itself."""
        person = self.people.get(person_id or "")
        if person is None:
            return "Сервер школы" if person_id == access.SERVER else ""
        return russian.short_name(person.last_name, person.first_name, person.patronymic)

    def full_name(self, person_id: str) -> str:
        """Return «Иванова Мария Петровна»."""
        person = self.people.get(person_id)
        return russian.full_name(person.last_name, person.first_name, person.patronymic) if person else ""

    def teachers_of(self, page: JournalPage) -> str:
        """Return «Иванова М. П., Петров С. И.»: who has the load of a page on the day."""
        current = (load for load in self.loads.get(page.id, ()) if access.lasts(load, self.day))
        return ", ".join(self.short_name(load.person_id) for load in current)

    def holder_of(self, role: str, class_group_id: str | None = None) -> str:
        """Return the short name of who holds a role on the day (for one class, when one is named), "" for nobody.

        For a class, whoever holds the role for it comes before whoever holds it for all classes; nobody is class
        teacher of all classes.
        """
        grants = [g for g in select_records(self.connection, RoleGrant, role=role) if access.lasts(g, self.day)]
        fitting = [grant for grant in grants if class_group_id in (None, grant.class_group_id)]
        if not fitting and role != "class_teacher":
            fitting = [grant for grant in grants if grant.class_group_id is None]
        return self.short_name(fitting[0].person_id) if fitting else ""

    def may_see(self, page: JournalPage) -> bool:
        """Say whether the person who asks sees the marks of a page."""
        loads = self.loads.get(page.id, ())
        return access.may_see_page(self.grants, loads, page, self.person_id, self.day, self.given)

    def page_ref(self, page: JournalPage) -> PageRef:
        """Return the page as lists and headers show it."""
        current = [load for load in self.loads.get(page.id, ()) if access.lasts(load, self.day)]
        group = self.class_groups.get(page.class_group_id)
        subject = self.subjects.get(page.subject_id)
        subgroup = self.subgroups.get(page.subgroup_id or "")
        return PageRef(
            id=page.id,
            class_group_id=page.class_group_id,
            subject_id=page.subject_id,
            class_title=group.title if group else "",
            subject_title=subject.title if subject else "",
            subgroup_title=subgroup.title if subgroup else "",
            teachers=tuple(self.full_name(load.person_id) for load in current),
            mine=any(load.person_id == self.person_id for load in current),
        )

    def page_order(self, page_id: str) -> tuple[int, str, int, str, str]:
        """Return the key by which pages are sorted: grade, letter, subject, subgroup."""
        page = self.pages[page_id]
        group, subject = self.class_groups.get(page.class_group_id), self.subjects.get(page.subject_id)
        subgroup = self.subgroups.get(page.subgroup_id or "")
        return (
            group.grade_level if group else 0,
            russian.sort_key(group.letter) if group else "",
            subject.position if subject else 0,
            russian.sort_key(subject.title) if subject else "",
            subgroup.title if subgroup else "",
        )

    # --- calendar --------------------------------------------------------------------------------------------------

    def year_of(self, group: ClassGroup) -> SchoolYear:
        """Return the school year of a class."""
        return self.years[group.school_year_id]

    def periods_of(self, group: ClassGroup) -> tuple[GradingPeriod, ...]:
        """Return the grading periods of a class, in order."""
        fitting = (p for p in self._periods.values() if p.school_year_id == group.school_year_id)
        return tuple(sorted((p for p in fitting if p.kind == group.period_scheme), key=lambda p: p.number))

    def calendar_of(self, group: ClassGroup) -> calendar.StudyCalendar:
        """Return the study days of a class."""
        return calendar.study_calendar(
            self.year_of(group), group.period_scheme, self._periods.values(), self._days.values(), self.slots.values()
        )

    def foreseen(self, page: JournalPage, first: date, last: date) -> list[calendar.Occurrence]:
        """Return the lessons that the timetable gives a page between two dates, both inclusive."""
        slots = [slot for slot in self.slots.values() if slot.journal_page_id == page.id]
        return calendar.occurrences(slots, self.calendar_of(self.class_groups[page.class_group_id]), first, last)

    # --- pupils ----------------------------------------------------------------------------------------------------

    def pupils_of(self, page: JournalPage) -> tuple[PupilRow, ...]:
        """Return the pupils of a page in the stable order of the class list, departed ones at their places.

        Places in the lists of several classes cannot be compared: a group drawn from them stands in order of names.
        Namesakes are told apart among all pupils of their class: a group may hold one of them only.
        """
        key = page.class_group_id, page.subgroup_id
        if key not in self._lists:
            self._lists[key] = self._list_of(page)
        return self._lists[key]

    def _list_of(self, page: JournalPage) -> tuple[PupilRow, ...]:
        enrolments = self._enrolments(page)
        pupils = self._pupils(enrolments.keys())
        times = self._in_group(page, enrolments) if page.subgroup_id else _spans(enrolments)
        listed = [pupil for pupil in pupils if pupil.id in times]
        mixed = len({enrolments[pupil.id][-1].class_group_id for pupil in listed}) > 1
        listed.sort(key=lambda p: (0 if mixed else enrolments[p.id][0].position, _name_key(p)))
        apart = self._apart(listed, enrolments) if page.subgroup_id else told_apart(listed, _numbered(listed))
        return tuple(_pupil_row(number, pupil, times[pupil.id], enrolments[pupil.id], apart.get(pupil.id, ""))
                     for number, pupil in enumerate(listed, 1))  # fmt: skip

    def class_list(self, class_group_id: str) -> tuple[PupilRow, ...]:
        """Return the pupils of a whole class."""
        return self.pupils_of(JournalPage(id="", subject_id="", class_group_id=class_group_id))

    def pupil_name(self, pupil_id: str) -> str:
        """Return a pupil as lists of the class call them, of namesakes never one name for two; "" for nobody."""
        pupils = select_records(self.connection, Pupil, id=pupil_id)
        stays = sorted(select_records(self.connection, Enrolment, pupil_id=pupil_id), key=lambda stay: stay.since)
        listed = self.class_list(stays[-1].class_group_id) if stays else ()
        plain = (f"{pupil.last_name} {pupil.first_name}" for pupil in pupils)
        return next((row.name for row in listed if row.pupil_id == pupil_id), next(plain, ""))

    def _apart(self, listed: list[Pupil], enrolments: dict[str, list[Enrolment]]) -> dict[str, str]:
        """Return what parts the pupils of a group from namesakes in their own classes, and from each other."""
        classes = {pupil.id: enrolments[pupil.id][-1].class_group_id for pupil in listed}
        rows = {row.pupil_id: row for each in set(classes.values()) for row in self.class_list(each)}
        several = len(set(classes.values())) > 1
        places = {
            pupil.id: f"№ {rows[pupil.id].position}" + (f", {self.class_groups[classes[pupil.id]].title}" * several)
            for pupil in listed
        }
        return {pupil.id: rows[pupil.id].apart for pupil in listed} | told_apart(listed, places)

    def _enrolments(self, page: JournalPage) -> dict[str, list[Enrolment]]:
        if not page.subgroup_id:
            found = select_records(self.connection, Enrolment, class_group_id=page.class_group_id)
        else:  # it may be drawn from several classes of the year: each pupil's own class gives the order
            year = self.class_groups[page.class_group_id].school_year_id
            stays = select_any(self.connection, Enrolment, "pupil_id", self._memberships(page))
            found = [stay for stay in stays if self._is_of_year(stay, year)]
        return _grouped(sorted(found, key=lambda stay: stay.since), lambda stay: stay.pupil_id)

    def _is_of_year(self, stay: Enrolment, school_year_id: str) -> bool:
        group = self.class_groups.get(stay.class_group_id)
        return group is not None and group.school_year_id == school_year_id

    def _in_group(self, page: JournalPage, enrolments: dict[str, list[Enrolment]]) -> dict[str, list[Span]]:
        """Return the times in the group: whoever has left the school is in none of its groups, whatever those say."""
        members, enrolled = _spans(self._memberships(page)), _spans(enrolments)
        return {pupil: common(times, enrolled.get(pupil, [])) or times for pupil, times in members.items()}

    def _memberships(self, page: JournalPage) -> dict[str, list[SubgroupMember]]:
        members = select_records(self.connection, SubgroupMember, subgroup_id=page.subgroup_id or "")
        return _grouped(members, lambda member: member.pupil_id)

    def _pupils(self, pupil_ids: Iterable[str]) -> list[Pupil]:
        return select_any(self.connection, Pupil, "id", pupil_ids)


def _name_key(pupil: Pupil) -> str:
    return russian.sort_key(russian.full_name(pupil.last_name, pupil.first_name, pupil.patronymic))


def _numbered(listed: list[Pupil]) -> dict[str, str]:
    return {pupil.id: f"№ {number}" for number, pupil in enumerate(listed, 1)}


def common(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the times that lie in both, in order."""
    others = tuple(others)
    pairs = ((max(one[0], other[0]), _earlier(one[1], other[1])) for one in some for other in others)
    return sorted((since, until) for since, until in pairs if until is None or since <= until)


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _spans(records: Mapping[str, Sequence[Enrolment | SubgroupMember]]) -> dict[str, list[Span]]:
    return {pupil: [(each.since, each.until) for each in times] for pupil, times in records.items()}


def _pupil_row(number: int, pupil: Pupil, times: list[Span], enrolments: list[Enrolment], apart: str) -> PupilRow:
    (since, until), (came, left) = _whole(times), _whole([(each.since, each.until) for each in enrolments])
    changes_group = until is not None and (left is None or until < left)
    short = f"{pupil.last_name} {pupil.first_name}"
    told = f"({apart})" if apart.startswith("№") else apart
    return PupilRow(
        pupil_id=pupil.id,
        position=number,
        name=f"{short} {told}".rstrip(),
        full_name=russian.full_name(pupil.last_name, pupil.first_name, pupil.patronymic),
        since=since,
        until=until,
        departure_order="" if changes_group else enrolments[-1].departure_order,
        arrival_order=enrolments[0].arrival_order if came >= since else "",
        apart=apart,
        changed_group=changes_group,
        stays=tuple(times) if len(times) > 1 else (),
    )


def _whole(times: list[Span]) -> Span:
    """Return the first day and the last one of all."""
    last_days = [until for _since, until in times]
    until = None if None in last_days else max(day for day in last_days if day is not None)
    return min(since for since, _until in times), until


def _grouped(records: Iterable[K], key: Callable[[K], str]) -> dict[str, list[K]]:
    groups: dict[str, list[K]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups

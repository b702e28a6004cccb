"""Write down a school as records: people first, then subgroups, subjects, pages, loads and the week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from ejournal_core import ids
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Person,
    Pupil,
    PupilFile,
    Record,
    Role,
    RoleGrant,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_core.russian import full_name, sort_key
from ejournal_desktop.exchange.classes import Part, SchoolClasses
from ejournal_desktop.exchange.office import ClassName, EnrolledPupil, OfficePeople, StaffMember, class_title
from ejournal_desktop.exchange.sections import PupilsKey, Section, pupils_key, subgroup_title
from ejournal_desktop.exchange.sheets import fold
from ejournal_desktop.exchange.titles import SubjectTitle, Titles
from ejournal_desktop.exchange.work_kinds import work_kinds
from ejournal_desktop.exchange.year import SchoolYearSettings, year_records

_Listed = tuple[EnrolledPupil, str]  # a row of the office's book and the id of its pupil


class Draft:
    """The records of a school being written down. `guessed` collects what had to be assumed."""

    def __init__(
        self, year: SchoolYearSettings, titles: Titles, classes: SchoolClasses, make_id: Callable[[], str]
    ) -> None:
        self._year = year
        self._titles = titles
        self._make_id = make_id
        self.records: list[Record] = [*year_records(year, make_id), *work_kinds()]
        self.guessed: list[str] = []
        self._school_year_id = self.records[1].id
        self._class_groups = {name: self._class_group(name) for name in classes.classes}
        self._parts = _parts_by_class(classes)
        self._lists: dict[ClassName, list[_Listed]] = defaultdict(list)
        self._person_ids: dict[int, str] = {}  # by row number of «Сотрудники»
        self._subgroup_ids: dict[PupilsKey, str] = {}
        self._since: dict[str, date] = {}  # first day in the class, by pupil

    def class_size(self, name: ClassName) -> int:
        """Return how many pupils are enrolled in a class."""
        return len(self._lists[name])

    # --- people ------------------------------------------------------------------------------------------------

    def add_people(self, people: OfficePeople) -> None:
        """Add staff with the roles of their rows, and pupils enrolled in the alphabetical order of each class."""
        for member in people.staff:
            self._add_member(member)
        for name in self._class_groups:
            listed = [pupil for pupil in people.pupils if pupil.class_name == name]
            listed.sort(key=lambda pupil: sort_key(full_name(pupil.last_name, pupil.first_name, pupil.patronymic)))
            for position, pupil in enumerate(listed, 1):
                self._add_pupil(pupil, position)
            if not listed:
                self.guessed.append(f"В классе {class_title(name)} нет ни одного ученика.")

    def _add_member(self, member: StaffMember) -> None:
        person = Person(
            id=self._make_id(),
            last_name=member.last_name,
            first_name=member.first_name,
            patronymic=member.patronymic,
            position=member.position,
            sex=member.sex,
        )
        self.records.append(person)
        self._person_ids[member.row.number] = person.id
        for role in dict.fromkeys(member.roles):
            if role != "class_teacher":
                self._grant(person.id, role)
        for name in member.classes:
            self._grant(person.id, "class_teacher", self._class_groups[name].id)

    def _grant(self, person_id: str, role: Role, class_group_id: str | None = None) -> None:
        self.records.append(
            RoleGrant(
                id=self._make_id(),
                person_id=person_id,
                role=role,
                class_group_id=class_group_id,
                since=self._year.starts_on,
            )
        )

    def _add_pupil(self, row: EnrolledPupil, position: int) -> None:
        pupil = Pupil(
            id=self._make_id(),
            last_name=row.last_name,
            first_name=row.first_name,
            patronymic=row.patronymic,
            sex=row.sex,
        )
        class_group_id = self._class_groups[row.class_name].id
        office = PupilFile(
            id=ids.pupil_file(class_group_id, pupil.id),
            class_group_id=class_group_id,
            pupil_id=pupil.id,
            born_on=row.born_on,
            file_number=row.file_number,
        )
        enrolment = Enrolment(
            id=self._make_id(),
            pupil_id=pupil.id,
            class_group_id=class_group_id,
            since=max(self._year.starts_on, row.enrolled_on or self._year.starts_on),
            arrival_order=row.order,
            position=position,
        )
        self.records += [pupil, office, enrolment]
        self._lists[row.class_name].append((row, pupil.id))
        self._since[pupil.id] = enrolment.since

    def _class_group(self, name: ClassName) -> ClassGroup:
        grade, letter = name
        group = ClassGroup(
            id=self._make_id(),
            school_year_id=self._school_year_id,
            grade_level=grade,
            letter=letter,
            period_scheme=self._year.scheme(grade),
        )
        self.records.append(group)
        return group

    # --- pages, loads, the week --------------------------------------------------------------------------------

    def add_pages(
        self,
        sections: Sequence[Section],
        subjects: Mapping[str, tuple[int, SubjectTitle]],
        matched: Mapping[str, StaffMember],
    ) -> None:
        """Add subjects, and for each section its page with subgroup, loads and weekly lessons."""
        subject_ids = self._add_subjects(subjects)
        shorts = {subject.title: subject.short or subject.title for _, subject in subjects.values()}
        divisions = _divisions(sections)
        teaching: set[str] = set()
        for section in sections:
            key = pupils_key(section)
            alone = len(divisions[section.parts]) < 2
            subgroup_id = None if section.whole_class else self._subgroup(key, shorts[section.subject], alone=alone)
            people = {self._person_ids[matched[name].row.number]: hours for name, hours in section.teachers.items()}
            self._add_page(section, subject_ids[section.subject], subgroup_id, people)
            teaching |= people.keys()
        self._grant_teaching(teaching)

    def _add_subjects(self, subjects: Mapping[str, tuple[int, SubjectTitle]]) -> dict[str, str]:
        """Add each printed subject once, though the timetable may have two names for it."""
        added: dict[str, str] = {}
        for position, subject in sorted(subjects.values(), key=lambda pair: pair[0]):
            if subject.title not in added:
                record = Subject(
                    id=self._make_id(),
                    title=subject.title,
                    short_title=subject.short,
                    position=position,
                    attested=subject.attested,
                )
                self.records.append(record)
                added[subject.title] = record.id
        return added

    def _add_page(self, section: Section, subject_id: str, subgroup_id: str | None, people: Mapping[str, int]) -> None:
        class_group = self._class_groups[section.parts[0].class_name]
        page = JournalPage(
            id=ids.journal_page(subject_id, subgroup_id or class_group.id),
            subject_id=subject_id,
            class_group_id=class_group.id,
            subgroup_id=subgroup_id,
        )
        self.records.append(page)
        for person_id, hours in people.items():
            self.records.append(
                TeachingLoad(
                    id=self._make_id(),
                    journal_page_id=page.id,
                    person_id=person_id,
                    since=self._year.starts_on,
                    weekly_hours=Decimal(hours),
                )
            )
        for slot in section.slots:
            self.records.append(
                TimetableSlot(
                    id=self._make_id(),
                    journal_page_id=page.id,
                    weekday=slot.weekday,
                    lesson_number=slot.lesson_number,
                    room=slot.room,
                    since=self._year.starts_on,
                )
            )
        if len(people) > 1:
            self.guessed.append(
                f"{section.subject}, {class_title(section.parts[0].class_name)}: учителей {len(people)} на одной"
                " странице; кто из них ведёт урок, расписание страницы не различает."
            )

    def _grant_teaching(self, teaching: set[str]) -> None:
        granted = {r.person_id for r in self.records if isinstance(r, RoleGrant) and r.role == "subject_teacher"}
        for person_id in self._person_ids.values():
            if person_id in teaching - granted:
                self._grant(person_id, "subject_teacher")

    # --- subgroups ---------------------------------------------------------------------------------------------

    def _subgroup(self, key: PupilsKey, short_subject: str, *, alone: bool) -> str:
        """Return the id of a subgroup, adding it with its members when it is new."""
        if key not in self._subgroup_ids:
            title = subgroup_title(key, self._titles, short_subject, alone=alone)
            class_group = self._class_groups[key.parts[0].class_name]
            subgroup = Subgroup(id=self._make_id(), class_group_id=class_group.id, title=title)
            self._subgroup_ids[key] = subgroup.id
            self.records.append(subgroup)
            for pupil_id in self._members(key, title):
                self.records.append(
                    SubgroupMember(
                        id=ids.subgroup_member(subgroup.id, pupil_id),
                        subgroup_id=subgroup.id,
                        pupil_id=pupil_id,
                        since=self._since[pupil_id],
                    )
                )
        return self._subgroup_ids[key]

    def _members(self, key: PupilsKey, title: str) -> Iterator[str]:
        for part in key.parts:
            listed = self._in_part(part, title)
            if key.share is None:
                yield from listed
            else:
                before, upto = ((key.share.number - step) * len(listed) // key.share.of for step in (1, 0))
                yield from listed[before:upto]
        if key.share:
            self.guessed.append(f"«{title}», {self._titles_of(key)}: ученики поделены поровну по алфавиту.")

    def _in_part(self, part: Part, title: str) -> list[str]:
        """Return the pupils of a part of a class: those whose row names it, else an even share of the alphabet."""
        listed = self._lists[part.class_name]
        if not part.name:
            return [pupil_id for _, pupil_id in listed]
        wanted = {fold(part.name), fold(title)}
        named = [pupil_id for row, pupil_id in listed if wanted & {fold(name) for name in row.subgroups}]
        if named:
            return named
        parts = self._parts[part.class_name]
        place = parts.index(part.name)
        self.guessed.append(f"«{title}», {class_title(part.class_name)}: подгруппа назначена поровну по алфавиту.")
        return [id_ for _, id_ in listed[place * len(listed) // len(parts) : (place + 1) * len(listed) // len(parts)]]

    def _titles_of(self, key: PupilsKey) -> str:
        return ", ".join(dict.fromkeys(class_title(part.class_name) for part in key.parts))


def _parts_by_class(classes: SchoolClasses) -> dict[ClassName, list[str]]:
    """Return the names of each class's parts in the timetable's order."""
    found: dict[ClassName, dict[str, None]] = defaultdict(dict)
    for parts in classes.parts.values():
        for part in parts:
            if part.name:
                found[part.class_name][part.name] = None
    return {name: list(parts) for name, parts in found.items()}


def _divisions(sections: Sequence[Section]) -> dict[tuple[Part, ...], set[str]]:
    """Return by pupils the subjects in which several teachers divide them."""
    found: dict[tuple[Part, ...], set[str]] = defaultdict(set)
    for section in sections:
        if section.share:
            found[section.parts].add(section.subject)
    return found

"""Turn the activities of a timetable into journal pages: which pupils learn which subject with whom, and when.

An activity of one teacher and one class is a page of the class. Several teachers at once mean that the pupils are
divided among them: each teacher gets a subgroup. Pupils of several classes at once are a subgroup drawn from them,
listed in the first one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct

from ejournal_desktop.exchange.classes import Part, SchoolClasses
from ejournal_desktop.exchange.fet import Activity, Placed, SolvedTimetable
from ejournal_desktop.exchange.office import class_title
from ejournal_desktop.exchange.titles import SubjectTitle, Titles


class Slot(Struct, frozen=True, order=True):
    """A weekly lesson: weekday 1 = Monday, lesson number from 1."""

    weekday: int
    lesson_number: int
    room: str = ""


class Share(Struct, frozen=True):
    """The `number`-th of `of` subgroups among which several teachers divide the same pupils."""

    number: int
    of: int


class Section(Struct, frozen=True):
    """One journal page to be: a subject, pupils, weekly lessons, and the lessons of each teacher (by FET's name)."""

    subject: str  # printed title
    parts: tuple[Part, ...]
    share: Share | None
    slots: tuple[Slot, ...]
    teachers: dict[str, int]  # FET's name → hours a week

    @property
    def whole_class(self) -> bool:
        """Say whether the page belongs to exactly one class as a whole."""
        return self.share is None and len(self.parts) == 1 and not self.parts[0].name


class PupilsKey(Struct, frozen=True):
    """What makes two sections share a subgroup: the same pupils, and for a share the same subject."""

    parts: tuple[Part, ...]
    share: Share | None
    subject: str


_Key = tuple[str, tuple[Part, ...], str]


def subject_titles(solved: SolvedTimetable, titles: Titles) -> dict[str, tuple[int, SubjectTitle]]:
    """Return position and printed title by FET's subject names, of subjects that are taught, unknown ones last."""
    taught = {activity.subject for activity in solved.timetable.activities if activity.students}
    names = [name for name in solved.timetable.subjects if name in taught]
    unknown = {name: len(titles.subjects) + place for place, name in enumerate(names, 1)}
    return {
        name: titles.subject(name) or (unknown[name], SubjectTitle(" ".join(name.split()), short=name[:14]))
        for name in names
    }


def sections(solved: SolvedTimetable, classes: SchoolClasses, titles: Titles) -> list[Section]:
    """Return the journal pages of a timetable in the order in which FET lists their activities."""
    printed = {name: subject.title for name, (_, subject) in subject_titles(solved, titles).items()}
    hours = _hours(solved.placed, titles)
    teachers = _teachers_in_order(solved.timetable.activities, classes, printed)
    slots: dict[_Key, set[Slot]] = defaultdict(set)
    loads: dict[_Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for activity in solved.timetable.activities:
        if not activity.students:
            continue
        subject, parts = printed[activity.subject], _parts(activity, classes)
        divided = len(activity.teachers) > 1
        for teacher in activity.teachers or ("",):
            key = (subject, parts, teacher if divided else "")
            slots[key].update(hours[activity.id])
            if teacher:
                loads[key][teacher] += len(hours[activity.id])
    return [
        Section(
            subject=key[0],
            parts=key[1],
            share=_share(teachers[key[:2]], key[2]),
            slots=tuple(sorted(found)),
            teachers=dict(loads[key]),
        )
        for key, found in slots.items()
    ]


def subgroup_title(key: PupilsKey, titles: Titles, short_subject: str, *, alone: bool) -> str:
    """Return how a subgroup is called: «историки», «2 группа», and with its subject when it is not the only division.

    Args:
        alone: no other subject divides the same pupils.
    """
    names = list(dict.fromkeys(titles.groups.get(part.name, part.name) for part in key.parts if part.name))
    several = " + ".join(dict.fromkeys(class_title(part.class_name) for part in key.parts))
    words = names or ([several] if len(key.parts) > 1 and key.share is None else [])
    if key.share:
        words = [*words, f"{key.share.number} группа"]
    return ", ".join(words) + ("" if alone or not key.share else f" ({short_subject})")


def pupils_key(section: Section) -> PupilsKey:
    """Return what tells the section's subgroup from others."""
    return PupilsKey(section.parts, section.share, section.subject if section.share else "")


def _hours(placed: Sequence[Placed], titles: Titles) -> dict[int, list[Slot]]:
    hours: dict[int, list[Slot]] = defaultdict(list)
    for one in placed:
        hours[one.activity_id].append(Slot(one.weekday, one.hour, titles.rooms.get(one.room, one.room)))
    return hours


def _parts(activity: Activity, classes: SchoolClasses) -> tuple[Part, ...]:
    """Return the activity's pupils; a part is dropped where its whole class takes part as well."""
    named = {part for name in activity.students for part in classes.parts[name]}
    whole = {part.class_name for part in named if not part.name}
    kept = (part for part in named if not part.name or part.class_name not in whole)
    return tuple(sorted(kept, key=lambda part: (part.class_name, part.name)))


def _teachers_in_order(
    activities: Sequence[Activity], classes: SchoolClasses, printed: dict[str, str]
) -> dict[tuple[str, tuple[Part, ...]], list[str]]:
    """Return who divides the same pupils in the same subject, in order of first mention."""
    found: dict[tuple[str, tuple[Part, ...]], list[str]] = defaultdict(list)
    for activity in activities:
        if len(activity.teachers) > 1 and activity.students:
            names = found[printed[activity.subject], _parts(activity, classes)]
            names += [name for name in activity.teachers if name not in names]
    return found


def _share(teachers: Sequence[str], teacher: str) -> Share | None:
    return Share(teachers.index(teacher) + 1, len(teachers)) if teacher else None

"""The substitutions of one day: its lessons with who gives them, and who could stand in at each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import msgspec
from msgspec import Struct

from ejournal_core import access, calendar, ids, russian
from ejournal_core.day_changes import takes_place
from ejournal_core.facts import Facts
from ejournal_core.given_lessons import is_entered, what_stands
from ejournal_core.kinds import JournalPage, Lesson, Person, RoleGrant
from ejournal_desktop.models.facts import DeskFacts, RememberingFacts, select_any, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.requests import waiting_decisions
from ejournal_desktop.models.queries.school_days import SchoolDays, hour_in_words, moved_from
from ejournal_desktop.models.queries.surroundings import Surroundings

#: Roles whose holders stand in though they have no lessons of their own.
TEACHING = frozenset({"subject_teacher", "class_teacher", "deputy_director"})


class DayLesson(Struct, frozen=True, kw_only=True):
    """A lesson of the day.

    Attributes:
        id, page, lesson_number, starts_at, ends_at, room: as the timetable and the bells have it; times are "HH:MM".
        teacher_ids, teachers: who has the load on that day, as ids and as «Иванова М. П., Петров С. И.».
        substitute_id, substitute: who gives it instead, "" for nobody.
        entered: anything is entered at it, as far as this desk sees (EJ-246): nothing of it is changed here.
        declared_by: who has declared to give it and waits for confirmation in Контроль, "" for nobody.
        sees: whether the person of this desk sees what is entered at it.
        also: what else its substitute gives in that hour («5 «А» · Алгебра»), "" for nothing.
        cancelled: why it does not take place, "" while it does.
        moved_from: where the timetable had foreseen it («16.09, 4-й урок»), "" for a lesson that stayed.
        moved_to: the other day that it went to, when this is the place that it has left; "" for one that is given here.
        stands: what is entered at it or laid ready, in words («отметки», «тема»), as far as this desk sees.
    """

    id: str
    page: PageRef
    lesson_number: int
    starts_at: str = ""
    ends_at: str = ""
    room: str = ""
    teacher_ids: tuple[str, ...] = ()
    teachers: str = ""
    substitute_id: str = ""
    substitute: str = ""
    entered: bool = False
    declared_by: str = ""
    sees: bool = True
    also: str = ""
    cancelled: str = ""
    moved_from: str = ""
    moved_to: str = ""
    stands: tuple[str, ...] = ()

    @property
    def is_rearranged(self) -> bool:
        """Whether the day differs from the timetable here: another teacher, another time, or no lesson."""
        return bool(self.substitute_id or self.cancelled or self.moved_from or self.moved_to)

    @property
    def takes_place(self) -> bool:
        """Whether it is given in this hour: neither called off nor moved to another day."""
        return not self.cancelled and not self.moved_to

    @property
    def can_be_given(self) -> bool:
        """Whether somebody may still be named for it: it takes place and nothing is entered."""
        return not self.entered and self.takes_place

    @property
    def givers(self) -> tuple[str, ...]:
        """Return the ids of those who give it."""
        if not self.takes_place:
            return ()
        return (self.substitute_id,) if self.substitute_id else self.teacher_ids


class DayTeacher(Struct, frozen=True, kw_only=True):
    """A teacher with lessons on the day: how many, and how many of them another person gives."""

    id: str
    name: str
    lessons: int
    replaced: int


class StandIn(Struct, frozen=True, kw_only=True):
    """Somebody who could give a lesson.

    Attributes:
        id, name, full_name: who.
        gives: what this person gives in that hour, "" for nothing: free.
        same_subject, same_class: whether they teach the lesson's subject, or its class.
        hours: numbers of the lessons that they give on the day.
        is_replaced: others give their lessons on that day: they may be away.
    """

    id: str
    name: str
    full_name: str
    gives: str = ""
    same_subject: bool = False
    same_class: bool = False
    hours: tuple[int, ...] = ()
    is_replaced: bool = False


class SubstitutionDay(Struct, frozen=True, kw_only=True):
    """The lessons of a day in their order; of all classes, or those whose timetable the person keeps.

    Attributes:
        whole_school: the lessons of all classes: what else is going on in an hour.
        why_off: why there are no lessons («Осенние каникулы»), "" where there are.
        blind: the person sees nothing that is entered at some of them.
    """

    day: date
    lessons: tuple[DayLesson, ...] = ()
    whole_school: tuple[DayLesson, ...] = ()
    everyone: tuple[StandIn, ...] = ()
    teachers: tuple[DayTeacher, ...] = ()
    why_off: str = ""
    busy: dict[int, dict[str, tuple[str, ...]]] = {}
    subjects: dict[str, frozenset[str]] = {}
    classes: dict[str, frozenset[str]] = {}

    @property
    def blind(self) -> bool:
        """Whether the person of this desk sees nothing of what is entered at some of the lessons."""
        return any(not lesson.sees for lesson in self.lessons)

    @property
    def replaced(self) -> tuple[DayLesson, ...]:
        """Return the lessons that another person gives, that were moved, or called off."""
        return tuple(lesson for lesson in self.lessons if lesson.is_rearranged)

    def of(self, teacher_id: str) -> tuple[DayLesson, ...]:
        """Return the lessons of a teacher, those that another person gives instead among them."""
        return tuple(lesson for lesson in self.lessons if teacher_id in lesson.teacher_ids)

    def stand_ins(self, lesson: DayLesson) -> tuple[StandIn, ...]:
        """Return who could give a lesson: free ones first, of those who teach the subject, the class, are at school."""
        found = (
            msgspec.structs.replace(
                each,
                gives=", ".join(self.busy.get(lesson.lesson_number, {}).get(each.id, ())),
                same_subject=lesson.page.subject_id in self.subjects.get(each.id, ()),
                same_class=lesson.page.class_group_id in self.classes.get(each.id, ()),
            )
            for each in self.everyone
            if each.id not in (*lesson.teacher_ids, lesson.substitute_id)
        )
        return tuple(sorted(found, key=_nearness))


def _nearness(one: StandIn) -> tuple[bool, bool, bool, bool, bool, str]:
    return (bool(one.gives), one.is_replaced, not one.same_subject, not one.same_class, not one.hours,
            russian.sort_key(one.full_name))  # fmt: skip


def keeps_timetable(journal: Journal) -> bool:
    """Say whether the person of this desk keeps the timetable, of the school or of a class, and names substitutes."""
    with journal.reading() as connection:
        grants, today = DeskFacts(connection, journal.clock()).roles(journal.identity.person_id), journal.clock().date()
    return access.holds_role(grants, access.KEEPERS["TimetableSlot"], today)


def substitution_day(journal: Journal, day: date) -> SubstitutionDay:
    """Return the lessons of a day that the person of this desk may name substitutes for."""
    declared = {row.lesson_id: row.requester for row in waiting_decisions(journal) if row.declares}
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        facts = RememberingFacts(connection, journal.clock(), policy)
        today = facts.today()
        found = sorted(_lessons(around, facts, declared), key=_order)
        busy = _busy(found)
        kept = [
            _with_clash(each, busy) for each in found
            if access.may_edit_directory(facts, around.person_id, "TimetableSlot", today, each.page.class_group_id)
        ]  # fmt: skip
        return SubstitutionDay(
            day=day,
            lessons=tuple(kept),
            whole_school=tuple(found),
            everyone=tuple(_everyone(around, found)),
            teachers=tuple(_teachers(around, kept)),
            why_off="" if kept else _why_off(around),
            busy=busy,
            subjects=_taught(around, lambda page: page.subject_id),
            classes=_taught(around, lambda page: page.class_group_id),
        )


def _order(lesson: DayLesson) -> tuple[int, str, str]:
    return lesson.lesson_number, russian.sort_key(lesson.page.class_title), lesson.page.title


def _lessons(around: Surroundings, facts: Facts, declared: dict[str, str]) -> Iterator[DayLesson]:
    """Yield the lessons that the timetable foresees, the places of those that left the day, and those moved to it."""
    days, day = SchoolDays(around), around.day
    foreseen = {
        ids.lesson(page.id, day, each.lesson_number): (page, each)
        for page in around.pages.values()
        if page.class_group_id in around.class_groups
        for each in days.foreseen(page, day, day)
    }
    known = {each.id: each for each in select_any(around.connection, Lesson, "id", foreseen)}
    for lesson_id, (own, each) in foreseen.items():
        lesson = known.get(lesson_id) or Lesson(
            id=lesson_id, journal_page_id=own.id, held_on=day, lesson_number=each.lesson_number
        )
        if lesson.held_on == day:
            yield _day_lesson(around, facts, own, lesson, each.room, declared)
        else:
            yield _left_place(around, facts, own, lesson, each)
    for lesson in select_records(around.connection, Lesson, held_on=day.isoformat()):
        page = around.pages.get(lesson.journal_page_id)
        if lesson.id not in foreseen and page is not None and page.class_group_id in around.class_groups:
            yield _day_lesson(around, facts, page, lesson, _room_of_moved(days, page, lesson), declared)


def _room_of_moved(days: SchoolDays, page: JournalPage, lesson: Lesson) -> str:
    """Return the room that the timetable gives a lesson where it had foreseen it."""
    _, day, number = ids.lesson_parts(lesson.id)
    return next((each.room for each in days.foreseen(page, day, day) if each.lesson_number == number), "")


def _day_lesson(
    around: Surroundings, facts: Facts, page: JournalPage, lesson: Lesson, room: str, declared: dict[str, str]
) -> DayLesson:
    times = calendar.lesson_times(around.bells.values(), lesson.held_on, lesson.lesson_number)
    loads = [load for load in around.loads.get(page.id, ()) if access.lasts(load, lesson.held_on)]
    return DayLesson(
        id=lesson.id,
        page=around.page_ref(page),
        lesson_number=lesson.lesson_number,
        starts_at=f"{times[0]:%H:%M}" if times else "",
        ends_at=f"{times[1]:%H:%M}" if times else "",
        room=room,
        teacher_ids=tuple(load.person_id for load in loads),
        teachers=around.teachers_of(page),
        substitute_id=lesson.teacher_id or "",
        substitute=around.short_name(lesson.teacher_id),
        entered=is_entered(lesson, facts),
        declared_by=declared.get(lesson.id, ""),
        sees=around.may_see(page),
        cancelled="" if takes_place(lesson) else lesson.cancelled,
        moved_from=moved_from(lesson.id, lesson.held_on, lesson.lesson_number),
        stands=what_stands(lesson, facts),
    )


def _left_place(
    around: Surroundings, facts: Facts, page: JournalPage, lesson: Lesson, foreseen: calendar.Occurrence
) -> DayLesson:
    """Return where a lesson stood that was moved to another day: of what it is now, only where it went is told."""
    stood = Lesson(id=lesson.id, journal_page_id=page.id, held_on=around.day, lesson_number=foreseen.lesson_number)
    return msgspec.structs.replace(
        _day_lesson(around, facts, page, stood, foreseen.room, {}),
        entered=False, stands=(), moved_to=hour_in_words(lesson.held_on, lesson.lesson_number),
    )  # fmt: skip


def _busy(lessons: Iterable[DayLesson]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Return by hour and person what they give then."""
    found: dict[int, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for lesson in lessons:
        for giver in lesson.givers:
            hour = found[lesson.lesson_number]
            hour[giver] = (*hour.get(giver, ()), lesson.page.title)
    return dict(found)


def _with_clash(lesson: DayLesson, busy: dict[int, dict[str, tuple[str, ...]]]) -> DayLesson:
    if not lesson.substitute_id or lesson.cancelled:
        return lesson
    gives = list(busy[lesson.lesson_number][lesson.substitute_id])
    gives.remove(lesson.page.title)
    return msgspec.structs.replace(lesson, also=", ".join(gives))


def _everyone(around: Surroundings, lessons: list[DayLesson]) -> Iterator[StandIn]:
    """Yield everybody who has a load on the day, or may teach without one."""
    teaching = {load.person_id for loads in around.loads.values() for load in loads if access.lasts(load, around.day)}
    grants = select_records(around.connection, RoleGrant)
    teaching |= {each.person_id for each in grants if each.role in TEACHING and access.lasts(each, around.day)}
    for person in around.people.values():
        if person.id in teaching:
            yield _stand_in(around, person, lessons)


def _stand_in(around: Surroundings, person: Person, lessons: list[DayLesson]) -> StandIn:
    return StandIn(
        id=person.id,
        name=around.short_name(person.id),
        full_name=around.full_name(person.id),
        hours=tuple(sorted({each.lesson_number for each in lessons if person.id in each.givers})),
        is_replaced=any(each.substitute_id and person.id in each.teacher_ids for each in lessons),
    )


def _teachers(around: Surroundings, lessons: list[DayLesson]) -> Iterator[DayTeacher]:
    """Yield the teachers of the day's lessons in order of their names."""
    own: dict[str, list[DayLesson]] = defaultdict(list)
    for lesson in lessons:
        for teacher in lesson.teacher_ids:
            own[teacher].append(lesson)
    for teacher in sorted(own, key=lambda each: russian.sort_key(around.full_name(each))):
        replaced = sum(lesson.is_rearranged for lesson in own[teacher])
        yield DayTeacher(id=teacher, name=around.short_name(teacher), lessons=len(own[teacher]), replaced=replaced)


def _taught(around: Surroundings, of: Callable[[JournalPage], str]) -> dict[str, frozenset[str]]:
    """Return by person the subjects, or the classes, of the pages that they have the load of on the day."""
    found: dict[str, set[str]] = defaultdict(set)
    for page in around.pages.values():
        for load in around.loads.get(page.id, ()):
            if access.lasts(load, around.day):
                found[load.person_id].add(of(page))
    return {person: frozenset(each) for person, each in found.items()}


def _why_off(around: Surroundings) -> str:
    """Return why nobody has lessons on the day; classes of one year may have vacations of their own."""
    days = SchoolDays(around)
    told = {days.calendar_of(group).why_off(around.day) for group in around.class_groups.values()
            if group.school_year_id in around.years}  # fmt: skip
    named = sorted(told - {"", "Вне учебного года"}) or sorted(told - {""})
    return "" if "" in told else ", ".join(named)

"""Сегодня: the day's lessons of one person, what is due for each and until when."""

from __future__ import annotations

from collections import Counter
from datetime import date

from ejournal_core import access, calendar, ids
from ejournal_core.day_changes import takes_place
from ejournal_core.kinds import ClassGroup, JournalPage, Lesson
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import Delivery, PupilRow, Today, TodayLesson
from ejournal_desktop.models.queries.cells import Absences, Ways, rows_of_page
from ejournal_desktop.models.queries.school_days import Moments, moved_from
from ejournal_desktop.models.queries.state import dispute_rows
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.state import SyncState

LOADING = "Журнал на этом компьютере ещё загружается"
COMES_BY_ITSELF = "Уроки появятся здесь сами. Внесённое раньше цело."


def today(journal: Journal, day: date) -> Today:
    """Return the day of the person whose desk this is."""
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        lessons = _lessons(around)
        clock = Moments(around, policy, journal.clock().tzinfo)
        state = SyncState.read(connection)
        note, guidance = ("", "") if lessons else _nothing_to_teach(around, state)
        return Today(
            day=day,
            person=around.full_name(journal.identity.person_id),
            lessons=tuple(_today_lesson(around, clock, page, lesson) for page, lesson in lessons),
            disputes=tuple(row for row in dispute_rows(around) if row.mine),
            note=note,
            guidance=guidance,
            clocks_apart=state.clocks_apart,
        )


def _nothing_to_teach(around: Surroundings, state: SyncState) -> tuple[str, str]:
    """Say why there are no lessons; a new journal that is still on its way knows neither the year nor the lessons."""
    if state.loading is not None and state.loading.whole:
        return LOADING, COMES_BY_ITSELF
    return _why_off(around), _guidance(around)


def _lessons(around: Surroundings) -> list[tuple[JournalPage, Lesson]]:
    """Return own lessons of the day, entered and foreseen, and those taken over, in order of number."""
    day = around.day
    own = [page for page in around.pages.values()
           if access.teaches(around.loads.get(page.id, ()), around.person_id, day)]  # fmt: skip
    entered = select_records(around.connection, Lesson, held_on=day.isoformat())
    found = {lesson.id: lesson for lesson in entered}
    mine = [(page, lesson) for page in own for lesson in found.values()
            if lesson.journal_page_id == page.id and lesson.teacher_id in (None, around.person_id)]  # fmt: skip
    mine += [(around.pages[lesson.journal_page_id], lesson) for lesson in entered
             if lesson.teacher_id == around.person_id and around.pages[lesson.journal_page_id] not in own]  # fmt: skip
    for page in own:
        for occurrence in around.foreseen(page, day, day):
            lesson_id = ids.lesson(page.id, day, occurrence.lesson_number)
            if not _is_entered(around, lesson_id):
                mine.append((page, foreseen_lesson(page, occurrence)))
    return sorted(mine, key=lambda pair: (pair[1].lesson_number, pair[0].id))


def foreseen_lesson(page: JournalPage, occurrence: calendar.Occurrence) -> Lesson:
    """Return the lesson that the timetable foresees, as it would be entered."""
    lesson_id = ids.lesson(page.id, occurrence.day, occurrence.lesson_number)
    return Lesson(id=lesson_id, journal_page_id=page.id, held_on=occurrence.day, lesson_number=occurrence.lesson_number)


def _is_entered(around: Surroundings, lesson_id: str) -> bool:
    """Say whether the foreseen lesson has a record, be it for another day."""
    return bool(select_records(around.connection, Lesson, id=lesson_id))


def _today_lesson(around: Surroundings, clock: Moments, page: JournalPage, lesson: Lesson) -> TodayLesson:
    times = calendar.lesson_times(around.bells.values(), lesson.held_on, lesson.lesson_number)
    pupils = [pupil for pupil in around.pupils_of(page) if pupil.present_in_class(lesson.held_on)]
    taken_over = lesson.teacher_id == around.person_id
    return TodayLesson(
        lesson_id=lesson.id,
        page=around.page_ref(page),
        lesson_number=lesson.lesson_number,
        starts_at=f"{times[0]:%H:%M}" if times else "",
        ends_at=f"{times[1]:%H:%M}" if times else "",
        room=room_of(around, page, lesson),
        held=lesson.held,
        absent=absent_names(around, lesson.id, pupils) if _is_entered(around, lesson.id) else (),
        known_absent=_known_absent(around, pupils, lesson),
        items=clock.items(page, lesson) if takes_place(lesson) else (),
        substitution_for=around.teachers_of(page) if taken_over else "",
        substitution_waits=taken_over and _waits(around, page, lesson),
        cancelled="" if takes_place(lesson) else lesson.cancelled,
        moved_from=moved_from(lesson.id, lesson.held_on, lesson.lesson_number),
    )


#: Ways of what another person has not judged yet.
WAITING: tuple[Delivery, ...] = ("entered", "saving", "waiting", "pending")


def _waits(around: Surroundings, page: JournalPage, lesson: Lesson) -> bool:
    return Ways(around.connection, page.id).of("Lesson", lesson.id).delivery in WAITING


def room_of(around: Surroundings, page: JournalPage, lesson: Lesson) -> str:
    """Return the room that the timetable gives the lesson."""
    rooms = (o.room for o in around.foreseen(page, lesson.held_on, lesson.held_on)
             if o.lesson_number == lesson.lesson_number)  # fmt: skip
    return next(rooms, "")


def absent_names(around: Surroundings, lesson_id: str, pupils: list[PupilRow]) -> tuple[str, ...]:
    """Return the names of the pupils marked absent at a lesson."""
    rows = rows_of_page(around.connection, "Attendance", lesson_id)
    absent = {row.pupil_id for row in rows if row.presence == "absent"}
    return tuple(pupil.name for pupil in pupils if pupil.pupil_id in absent)


def _known_absent(around: Surroundings, pupils: list[PupilRow], lesson: Lesson) -> tuple[str, ...]:
    absences = Absences(around, [pupil.pupil_id for pupil in pupils])
    known = ((pupil, absences.known(pupil.pupil_id, lesson.held_on, lesson.lesson_number)) for pupil in pupils)
    surnames = Counter(pupil.name.split()[0] for pupil in pupils)
    return tuple(
        f"{pupil.name if surnames[pupil.name.split()[0]] > 1 else pupil.name.split()[0]} ({found.reason})"
        for pupil, found in known
        if found
    )


def _why_off(around: Surroundings) -> str:
    group = next((g for g in around.class_groups.values() if _covers(around, g)), None)
    if group is None:
        return "Вне учебного года"
    return around.calendar_of(group).why_off(around.day) or "Сегодня уроков нет"


def _guidance(around: Surroundings) -> str:
    """Say where the work of a person without lessons is; who sees journals at all is said by `access`."""
    roles = {grant.role for grant in around.grants if access.lasts(grant, around.day)}
    if roles & access.OVERSEERS:
        return "Журналы классов — в разделе «Журнал», ведомости и копии журналов — в разделе «Документы»."
    if roles & {"subject_teacher", "class_teacher"}:
        return "Журналы открываются в разделе «Журнал»."
    return "Своих журналов в вашей роли нет: их ведут учителя, смотрят классные руководители, завуч и директор."


def _covers(around: Surroundings, group: ClassGroup) -> bool:
    year = around.year_of(group)
    return year.starts_on <= around.day <= year.ends_on

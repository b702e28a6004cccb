"""Who may do what, and who may see what: one function per right, judged on the desk and on the server alike.

Rights belong to roles, roles and teaching loads are dated records, and one person may hold several. The day on which a
right is judged is the day of entry, except that a teacher keeps the right to the lessons given while the load lasted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol

from ejournal_core.facts import Facts
from ejournal_core.kinds import ClassGroup, Fields, JournalPage, Lesson, Role, RoleGrant, TeachingLoad

#: Author and desk of what the server itself writes: certificates, the records of a newly loaded school.
SERVER = "server"

#: So long before and after the lesson a substitute sees its page: to prepare, and to mark the works that were written.
SUBSTITUTE_SEES = timedelta(days=14)

#: Roles that see every journal page of the classes they are granted for (all classes when no class is named).
OVERSEERS: frozenset[Role] = frozenset({"deputy_director", "director"})

#: Which roles may edit the records of the directory. Kinds that stand nowhere here are written by the server alone.
KEEPERS: dict[str, frozenset[Role]] = {
    "School": frozenset({"administrator"}),
    "SchoolYear": frozenset({"administrator", "deputy_director"}),
    "GradingPeriod": frozenset({"administrator", "deputy_director"}),
    "CalendarDay": frozenset({"administrator", "deputy_director"}),
    "BellSlot": frozenset({"administrator", "timetable_dispatcher", "deputy_director"}),
    "PolicySetting": frozenset({"administrator"}),
    "Person": frozenset({"administrator", "personnel_officer"}),
    "RoleGrant": frozenset({"administrator"}),
    "CredentialIssue": frozenset({"administrator"}),
    "ClassGroup": frozenset({"administrator", "secretary"}),
    "Pupil": frozenset({"administrator", "secretary"}),
    "PupilFile": frozenset({"administrator", "secretary"}),
    "Guardian": frozenset({"administrator", "secretary", "class_teacher"}),
    "Enrolment": frozenset({"administrator", "secretary"}),
    "Subgroup": frozenset({"administrator", "secretary", "class_teacher", "deputy_director"}),
    "SubgroupMember": frozenset({"administrator", "secretary", "class_teacher", "deputy_director"}),
    "Subject": frozenset({"administrator", "deputy_director"}),
    "JournalPage": frozenset({"administrator", "timetable_dispatcher", "deputy_director"}),
    "TeachingLoad": frozenset({"administrator", "timetable_dispatcher", "deputy_director"}),
    "TimetableSlot": frozenset({"administrator", "timetable_dispatcher", "deputy_director"}),
    "WorkKind": frozenset({"administrator", "deputy_director"}),
    "CurriculumHours": frozenset({"administrator", "deputy_director"}),
    "PeriodClosing": frozenset({"deputy_director", "director"}),
    "Destruction": frozenset({"administrator", "deputy_director", "director"}),
    "IssuedDocument": frozenset({"secretary", "class_teacher", "deputy_director", "director"}),
}


class _Dated(Protocol):
    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


def lasts(dated: _Dated, day: date) -> bool:
    """Say whether a dated record holds on that day; both its ends are inclusive."""
    return dated.since <= day and (dated.until is None or day <= dated.until)


def holds_role(
    grants: Iterable[RoleGrant], roles: Iterable[Role], day: date, class_group_id: str | None = None
) -> bool:
    """Say whether any of `roles` is held on that day; a grant for one class counts for that class only."""
    wanted = frozenset(roles)
    return any(
        grant.role in wanted
        and lasts(grant, day)
        and (class_group_id is None or grant.class_group_id in (None, class_group_id))
        for grant in grants
    )


def _holds(grant: RoleGrant, keepers: frozenset[Role], day: date) -> bool:
    return grant.role in keepers - {"class_teacher"} and lasts(grant, day)


def is_class_teacher(grants: Iterable[RoleGrant], class_group_id: str, day: date) -> bool:
    """Say whether the person is class teacher of that class on that day."""
    return any(
        grant.role == "class_teacher" and grant.class_group_id == class_group_id and lasts(grant, day)
        for grant in grants
    )


def teaches(loads: Iterable[TeachingLoad], person_id: str, day: date) -> bool:
    """Say whether one of the page's loads is the person's on that day."""
    return any(load.person_id == person_id and lasts(load, day) for load in loads)


def may_keep_page(facts: Facts, person_id: str, journal_page_id: str, day: date, lesson_id: str = "") -> bool:
    """Say whether the person may write marks, presence, topics and homework of lessons of that day on the page.

    The teacher with the load on the day of the lesson, or the one named as the actual teacher of that lesson.
    """
    if teaches(facts.loads(journal_page_id), person_id, day):
        return True
    lesson = facts.get(Lesson, lesson_id) if lesson_id else None
    return lesson is not None and lesson.teacher_id == person_id


def substitutes(lessons: Iterable[Lesson], journal_page_id: str, person_id: str, day: date) -> bool:
    """Say whether the person gives a lesson of the page instead of its teacher around that day (confirmed)."""
    return any(
        lesson.journal_page_id == journal_page_id
        and lesson.teacher_id == person_id
        and abs(day - lesson.held_on) <= SUBSTITUTE_SEES
        for lesson in lessons
    )


def may_see_page(
    grants: Iterable[RoleGrant],
    loads: Iterable[TeachingLoad],
    page: JournalPage,
    person_id: str,
    day: date,
    lessons: Iterable[Lesson] = (),
) -> bool:
    """Say whether the person sees the marks of a page: its teachers, the class teacher, deputies, the director.

    `lessons` are those that the person is to give instead of other teachers.
    """
    grants = tuple(grants)
    return (
        teaches(loads, person_id, day)
        or substitutes(lessons, page.id, person_id, day)
        or is_class_teacher(grants, page.class_group_id, day)
        or holds_role(grants, OVERSEERS, day, page.class_group_id)
    )


def may_see_plans(
    grants: Iterable[RoleGrant],
    loads: Iterable[TeachingLoad],
    page: JournalPage,
    person_id: str,
    day: date,
    lessons: Iterable[Lesson] = (),
) -> bool:
    """Say whether the page shows the person the lesson plans of its subject: they hold no pupil's data.

    Who teaches it, did or will (a plan is written before the year and copied from the last one); who gives one of its
    lessons; who oversees its class.
    """
    return (
        any(load.person_id == person_id for load in loads)
        or substitutes(lessons, page.id, person_id, day)
        or holds_role(grants, OVERSEERS, day, page.class_group_id)
    )


def may_set_reason(facts: Facts, person_id: str, class_group_id: str, day: date) -> bool:
    """Say whether the person may enter reasons of absence for the class (P18: the class teacher's fact)."""
    return is_class_teacher(facts.roles(person_id), class_group_id, day)


def signing_places(grants: Iterable[RoleGrant], class_group_id: str, day: date) -> tuple[str, ...]:
    """Return the places on a paper of the class that are the person's own on that day, in the order of signing.

    Only a grant for this very class makes a class teacher; a deputy granted other classes has no place here.
    """
    grants = tuple(grants)
    held = {
        "class_teacher": is_class_teacher(grants, class_group_id, day),
        "deputy": holds_role(grants, {"deputy_director"}, day, class_group_id),
        "director": holds_role(grants, {"director"}, day, class_group_id),
    }
    return tuple(place for place, own in held.items() if own)


def may_edit_directory(facts: Facts, person_id: str, kind: str, day: date, class_group_id: str | None = None) -> bool:
    """Say whether the person may edit records of a directory kind.

    A grant for one class reaches only what belongs to that class: what is the whole school's needs a grant for all.
    """
    grants = facts.roles(person_id)
    keepers = KEEPERS.get(kind, frozenset())
    if any(grant.class_group_id in (None, class_group_id) for grant in grants if _holds(grant, keepers, day)):
        return True
    return "class_teacher" in keepers and class_group_id is not None and is_class_teacher(grants, class_group_id, day)


def may_resolve(facts: Facts, person_id: str, class_group_id: str, day: date) -> bool:
    """Say whether the person may decide between two people's values besides the authors themselves."""
    return holds_role(facts.roles(person_id), OVERSEERS, day, class_group_id)


def may_decide(
    facts: Facts, person_id: str, requester: str, class_group_id: str | None, roles: frozenset[Role]
) -> bool:
    """Say whether the person may decide about a pending change of `requester` today (P07): never about one's own.

    Whoever could decide about others asks one level up: the director, and for the director whoever the school's order
    names.

    Args:
        class_group_id: the class that the change is about; None needs a role for the whole school.
        roles: who decides in general.
    """
    if person_id == requester:
        return False
    if _holds_today(facts, person_id, roles, class_group_id):
        return True
    if not _holds_today(facts, requester, roles, class_group_id):
        return False
    if _holds_today(facts, requester, frozenset({"director"}), class_group_id):
        return person_id in facts.policy().late_approver.named
    return _holds_today(facts, person_id, frozenset({"director"}), class_group_id)


def _holds_today(facts: Facts, person_id: str, roles: frozenset[Role], class_group_id: str | None) -> bool:
    grants = facts.roles(person_id)
    if class_group_id is None:
        grants = [grant for grant in grants if grant.class_group_id is None]
    return holds_role(grants, roles, facts.today(), class_group_id)


#: Who answers reports of wrong data: whoever keeps the pupils of the whole school.
ANSWERERS: frozenset[Role] = frozenset({"secretary", "administrator"})


def answers_reports(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person answers reports of wrong data: their grant is for all classes, as reports are."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], ANSWERERS, day)


#: Who sees where the drives with backups are kept: whoever writes them, and whoever answers for the school.
SEES_DRIVES: frozenset[Role] = frozenset({"administrator", "director"})


def keeps_drives(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person makes backups and keeps the register of their drives."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], {"administrator"}, day)


def sees_drives(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person sees that register; a thief is not told where to look by every desk."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], SEES_DRIVES, day)


#: Who may look into a backup of the whole school, with its key in hand.
LOOKS_BACK: frozenset[Role] = OVERSEERS | {"administrator"}


def looks_into_copies(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person may look into backups: a grant for one class is not enough, they hold the whole school."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], LOOKS_BACK, day)


#: Who reads the audit log of the whole school (law: an event log has a reader; the director answers for it).
LOG_READERS: frozenset[Role] = frozenset({"administrator", "director"})


def reads_events(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person reads everybody's events: their grant is for all classes."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], LOG_READERS, day)


#: Who answers what the journal holds about somebody (152-ФЗ): the office, and whoever answers for the school.
TELLS_OF_PEOPLE: frozenset[Role] = frozenset({"administrator", "secretary", "director"})


def tells_of_people(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether the person makes the report of all data about somebody: their grant is for all classes."""
    return holds_role([grant for grant in grants if grant.class_group_id is None], TELLS_OF_PEOPLE, day)


def tells_of_people_alone(grants: Iterable[RoleGrant], day: date) -> bool:
    """Say whether nobody has to confirm that the person has all that is held of somebody: the director of the school.

    A director sees every record of the journal anyway, and answers for what the school holds.
    """
    return holds_role([grant for grant in grants if grant.class_group_id is None], {"director"}, day)


# --- slices: the unit of seeing ------------------------------------------------------------------------------------

DIRECTORY = "directory"

#: Declared substitutions that wait: which lesson, and who gives it; whoever confirms them need not see the page.
SUBSTITUTIONS = "substitutions"
CONFIRMERS: frozenset[Role] = OVERSEERS | {"timetable_dispatcher"}

#: Where the records of a kind are seen: of what, and the field whose value is the id of that or begins with it. Kinds
#: that stand nowhere here are the directory's. A record never moves from one slice to another.
PLACES: dict[str, tuple[str, str]] = {
    "Lesson": ("page", "journal_page_id"),
    "MarkColumn": ("page", "lesson_id"),
    "Mark": ("page", "mark_column_id"),
    "Attendance": ("page", "lesson_id"),
    "PeriodMark": ("page", "journal_page_id"),
    "PageCompletion": ("page", "journal_page_id"),
    "HomeworkFile": ("page", "lesson_id"),
    "PupilRemark": ("page", "lesson_id"),
    "SpecialGroup": ("page", "journal_page_id"),
    "LessonPlan": ("plan", "journal_page_id"),
    "PlannedLesson": ("plan", "journal_page_id"),
    "AbsenceDocument": ("class", "class_group_id"),
    "RegisteredAbsence": ("register", "class_group_id"),
    "ListCheck": ("class", "class_group_id"),
    "DataReport": ("reports", "reporter_id"),
    "AuditEvent": ("events", "person_id"),
    "PupilFile": ("office", "class_group_id"),
    "Guardian": ("office", "class_group_id"),
    "BackupDrive": ("drives", "school_id"),
    "BackupAct": ("drives", "school_id"),
}

#: Parts of an id behind that of its page: a lesson has a date and a number, a column a kind of work and an ordinal.
_BEHIND_THE_PAGE = {"lesson_id": 2, "mark_column_id": 4}

#: Parts of a page's id behind that of its subject: whoever teaches a subject sees all its lesson plans.
_BEHIND_THE_SUBJECT = 1

#: Roles that see what the office of a class keeps, and none of its marks by that.
OFFICE: frozenset[Role] = OVERSEERS | {"secretary", "administrator"}


def slice_of(kind: str, fields: Fields) -> str:
    """Return the slice that a record belongs to, by itself alone: desk and server agree without asking.

    Raises:
        KeyError: the field that says so is missing.
    """
    if kind not in PLACES:
        return DIRECTORY
    place, field = PLACES[kind]
    owner = str(fields[field])
    behind = _BEHIND_THE_SUBJECT if place == "plan" else _BEHIND_THE_PAGE.get(field, 0)
    return f"{place}:{owner.rsplit('.', behind)[0] if behind else owner}"


def undecided_slice(kind: str, slice_: str) -> str:
    """Return the slice of a change that is disputed or waits: of the directory's only its keepers see those."""
    return f"keepers:{kind}" if slice_ == DIRECTORY else slice_


def slices(
    person_id: str,
    grants: Iterable[RoleGrant],
    pages: Iterable[tuple[JournalPage, tuple[TeachingLoad, ...]]],
    class_groups: Iterable[ClassGroup],
    day: date,
    lessons: Sequence[Lesson] = (),
    deciders: frozenset[Role] = frozenset(),
    people: Iterable[str] = (),
    school: str = "",
) -> frozenset[str]:
    """Return the slices a person may see on that day.

    Everybody sees the directory, so whatever a visible record refers to is visible too.

    Args:
        lessons: those that the person gives instead of other teachers.
        deciders: roles that decide about requests (P07); whoever decides sees what about.
        people: whoever may have told the office of wrong data, or have events of their own.
        school: the school's own id, "" where its drives are not asked for.
    """
    grants, pages, people = tuple(grants), tuple(pages), tuple(people)
    told = people if answers_reports(grants, day) else ()
    logged = (SERVER, *people) if reads_events(grants, day) else ()
    seen = {DIRECTORY, *(f"reports:{each}" for each in (person_id, *told))}
    seen |= {f"events:{each}" for each in (person_id, *logged)}
    seen |= {
        f"page:{page.id}"
        for page, loads in pages
        if may_see_page(grants, loads, page, person_id, day, lessons)
        or holds_role(grants, deciders, day, page.class_group_id)
    }
    seen |= {
        f"plan:{page.subject_id}"
        for page, loads in pages
        if may_see_plans(grants, loads, page, person_id, day, lessons)
    }
    if holds_role(grants, CONFIRMERS, day):
        seen.add(SUBSTITUTIONS)
    if school and sees_drives(grants, day):
        seen.add(f"drives:{school}")
    seen |= {
        f"keepers:{kind}"
        for kind, keepers in KEEPERS.items()
        if holds_role(grants, keepers | OVERSEERS | deciders, day)
    }
    seen |= {
        f"register:{page.class_group_id}"
        for page, loads in pages
        if may_see_page(grants, loads, page, person_id, day, lessons)
    }
    for group in class_groups:
        teaches_it = is_class_teacher(grants, group.id, day)
        if teaches_it or holds_role(grants, OVERSEERS, day, group.id):
            seen |= {f"class:{group.id}", f"register:{group.id}"}
        if teaches_it or holds_role(grants, OFFICE, day, group.id):
            seen.add(f"office:{group.id}")
    return frozenset(seen)

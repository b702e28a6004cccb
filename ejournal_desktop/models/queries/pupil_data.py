"""Reports of wrong data as their author and the office see them, and when the list of a class was looked through."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, pupil_data, russian
from ejournal_core.kinds import ClassGroup, DataReport, ListCheck, Pupil, ReportAnswer, ReportedMatter, ReportSource
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.my_class import ClassRef, classes_seen, is_running
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES

MATTERS: dict[ReportedMatter, str] = {
    "pupil": "сведения об ученике", "guardian": "сведения о родителях", "class": "список класса",
    "arrival": "прибытие", "departure": "выбытие",
}  # fmt: skip
SOURCES: dict[ReportSource, str] = {
    "self": "замечено в журнале", "parent": "от родителей", "teacher": "от учителя", "other": "от других",
}  # fmt: skip

MOST_ANSWERED = 100  # newest first: what was answered before stands in the histories
#: So long before its day the look through the list stands among what is due: our choice, the clause names the day only.
AHEAD = timedelta(days=7)


class ReportRow(Struct, frozen=True, kw_only=True):
    """A report of wrong data.

    Attributes:
        whom: «7 «Б» · Ёлкин Пётр Николаевич», the class alone where no pupil is named.
        destroyed: its words are gone by an act.
        due_at: until when the answer is in time (P33).
        mine: this person told it. sent: the server has it.
    """

    id: str
    class_group_id: str
    pupil_id: str | None
    whom: str
    about: ReportedMatter
    wrong: str
    should_be: str
    source: ReportSource
    reporter: str
    told_on: date
    due_at: datetime
    answer: ReportAnswer
    answer_reason: str
    answered_by: str
    answered_on: date | None
    changed_at: datetime | None
    mine: bool
    sent: bool

    @property
    def destroyed(self) -> bool:
        """Say whether the words are gone."""
        return not self.wrong


class DataReports(Struct, frozen=True):
    """The reports that this person sees: those without an answer by their day, then the answered, newest first.

    `answers`: whether this person answers them.
    """

    waiting: tuple[ReportRow, ...]
    answered: tuple[ReportRow, ...]
    answers: bool


class CheckRow(Struct, frozen=True):
    """One look through the list of a class."""

    id: str
    checked_on: date
    by: str
    pupils: bool
    families: bool
    number: int


class ListChecks(Struct, frozen=True):
    """The looks through the list of a class, newest first.

    Attributes:
        number: pupils in the list today.
        due_on: until when the next one is in time (P34), None where none is due now.
        mine: this person is the class teacher today.
    """

    rows: tuple[CheckRow, ...]
    number: int
    due_on: date | None
    mine: bool


class CheckDue(Struct, frozen=True):
    """A list that is to be looked through by a day."""

    group: ClassRef
    due_on: date


def data_reports(journal: Journal) -> DataReports:
    """Return the reports of wrong data that this person sees."""
    policy, zone = journal.policy(), journal.clock().tzinfo
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        told = {row.id: row for row in connection.execute(_TOLD)}
        found = []
        for each in select_records(connection, DataReport):
            midnight = pupil_data.answer_due_on(policy, each) + timedelta(days=1)
            row = told[each.id]
            found.append(_row(around, each, row, datetime.combine(midnight, time(0), zone)))
        answers = access.answers_reports(around.grants, around.day)
    waiting = sorted((row for row in found if not row.answer), key=lambda row: (row.due_at, row.id))
    answered = sorted((row for row in found if row.answer), key=lambda row: (row.answered_on, row.id), reverse=True)
    return DataReports(tuple(waiting), tuple(answered[:MOST_ANSWERED]), answers)


def _row(around: Surroundings, report: DataReport, stored: Any, due_at: datetime) -> ReportRow:
    return ReportRow(
        id=report.id,
        class_group_id=report.class_group_id,
        pupil_id=report.pupil_id,
        whom=_whom(around, report),
        about=report.about,
        wrong=report.wrong,
        should_be=report.should_be,
        source=report.source,
        reporter=around.short_name(report.reporter_id),
        told_on=report.told_on,
        due_at=due_at,
        answer=report.answer,
        answer_reason=report.answer_reason,
        answered_by=around.short_name(report.answered_by),
        answered_on=report.answered_on,
        changed_at=datetime.fromisoformat(stored.entered_at) if stored.entered_at else None,
        mine=report.reporter_id == around.person_id,
        sent=stored.log_number is not None,
    )


def _whom(around: Surroundings, report: DataReport) -> str:
    group = around.class_groups.get(report.class_group_id)
    names = []
    if report.pupil_id is not None and group is not None:
        listed = (pupil for pupil in around.class_list(group.id) if pupil.pupil_id == report.pupil_id)
        names = [pupil.whole_name for pupil in listed]
    elif report.pupil_id is not None:
        known = select_records(around.connection, Pupil, id=report.pupil_id)
        names = [russian.full_name(pupil.last_name, pupil.first_name, pupil.patronymic) for pupil in known]
    return " · ".join([group.title if group else "", *names]).strip(" ·")


# --- whom a report may be about ------------------------------------------------------------------------------------


def classes_to_report(journal: Journal) -> tuple[ClassRef, ...]:
    """Return the classes of the running year: those led or taught first, each kind by grade and letter."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        groups = [group for group in around.class_groups.values() if is_running(around, group)]
        near = {page.class_group_id for page in around.pages.values()
                if access.teaches(around.loads.get(page.id, ()), around.person_id, around.day)}  # fmt: skip
        own = {group.id for group in groups if access.is_class_teacher(around.grants, group.id, around.day)}

    def place(group: ClassGroup) -> tuple[bool, bool, int, str]:
        return group.id not in own, group.id not in near, group.grade_level, russian.sort_key(group.letter)

    return tuple(ClassRef(group.id, group.title, group.id in own) for group in sorted(groups, key=place))


def pupils_to_report(journal: Journal, class_group_id: str) -> tuple[PupilRow, ...]:
    """Return the pupils of a class, those who left included."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return around.class_list(class_group_id)


# --- looks through the list ----------------------------------------------------------------------------------------


def list_checks(journal: Journal, class_group_id: str) -> ListChecks:
    """Return when the list of a class was looked through, and until when it is to be done again."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        checks = select_records(connection, ListCheck, class_group_id=class_group_id)
        rows = [CheckRow(each.id, each.checked_on, around.short_name(each.checked_by), each.pupils, each.families,
                         each.number) for each in checks]  # fmt: skip
        return ListChecks(
            rows=tuple(sorted(rows, key=lambda row: (row.checked_on, row.id), reverse=True)),
            number=sum(pupil.present_in_class(around.day) for pupil in around.class_list(class_group_id)),
            due_on=_due_on(journal, around, class_group_id, checks),
            mine=access.is_class_teacher(around.grants, class_group_id, around.day),
        )


def _due_on(journal: Journal, around: Surroundings, class_group_id: str, checks: list[ListCheck]) -> date | None:
    group = around.class_groups[class_group_id]
    first = around.year_of(group).starts_on - pupil_data.BEFORE_THE_YEAR
    days = [each.checked_on for each in checks if each.pupils and each.checked_on >= first]
    return pupil_data.check_due_on(journal.policy(), max(days, default=None), around.day, around.calendar_of(group))


def checks_due(journal: Journal) -> tuple[CheckDue, ...]:
    """Return the own classes whose list is to be looked through within a week, or is late."""
    today = journal.clock().date()
    found = ((group, list_checks(journal, group.id).due_on) for group in classes_seen(journal) if group.mine)
    return tuple(CheckDue(group, day) for group, day in found if day is not None and day - AHEAD <= today)


_REPORT = TABLES["DataReport"]
_TOLD = sa.select(_REPORT.c.id, _REPORT.c.entered_at, _REPORT.c.log_number)

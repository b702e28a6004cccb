"""What the rules need to know: a small reading interface over the desk's tables and over the server's records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from msgspec import Struct

from ejournal_core.changes import Change
from ejournal_core.kinds import (
    Attendance,
    BellSlot,
    Enrolment,
    GradingPeriod,
    HomeworkFile,
    Mark,
    MarkColumn,
    PeriodClosing,
    PlannedLesson,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_core.policy import Policy

K = TypeVar("K", bound=Record)


class Waiting(Struct, frozen=True):
    """A pending change, why it waits (a rule's code), and how it was decided: "approved", "refused", "" while open."""

    change: Change
    reason: str
    decided: str = ""


class Facts(Protocol):
    """Implemented over SQL tables on the desk, over JSON records on the server, and over plain dicts in tests.

    None of the answers holds voided records.
    """

    def get(self, kind: type[K], record_id: str) -> K | None:
        """Return one record or None."""

    def policy(self) -> Policy:
        """Return the school's policy."""

    def roles(self, person_id: str) -> Sequence[RoleGrant]:
        """Return all roles of a person, past ones included."""

    def loads(self, journal_page_id: str) -> Sequence[TeachingLoad]:
        """Return all teaching loads of a page, past ones included."""

    def enrolments(self, pupil_id: str) -> Sequence[Enrolment]:
        """Return all enrolments of a pupil."""

    def memberships(self, subgroup_id: str, pupil_id: str) -> Sequence[SubgroupMember]:
        """Return the pupil's times in a subgroup."""

    def slots(self, journal_page_id: str) -> Sequence[TimetableSlot]:
        """Return the weekly lessons of a page, past ones included."""

    def periods(self, school_year_id: str) -> Sequence[GradingPeriod]:
        """Return the grading periods of a year."""

    def closings(self, class_group_id: str) -> Sequence[PeriodClosing]:
        """Return the closed and reopened periods of a class."""

    def attendance(self, lesson_id: str, pupil_id: str) -> Attendance | None:
        """Return the attendance of a pupil at a lesson, None when nobody entered any."""

    def homework_files(self, lesson_id: str) -> Sequence[HomeworkFile]:
        """Return the files attached to a lesson."""

    def planned_lessons(self, journal_page_id: str) -> Sequence[PlannedLesson]:
        """Return the rows of a page's lesson plan, in no order."""

    def planned_rows(self, journal_page_id: str) -> int:
        """Return how many rows a page's lesson plan has."""

    def mark_columns(self, lesson_id: str) -> Sequence[MarkColumn]:
        """Return the columns of marks of a lesson."""

    def marks_at(self, lesson_id: str, pupil_id: str) -> Sequence[Mark]:
        """Return the marks of a pupil in all columns of a lesson that have a value."""

    def entries(self, lesson_id: str) -> frozenset[str]:
        """Return the kinds of what is entered at a lesson, its own fields left aside.

        "Mark" with a value, "Attendance" that is not plain presence, "PupilRemark", "HomeworkFile".
        """

    def first_entered_at(self, kind: str, record_id: str) -> datetime | None:
        """Return when the record first got its value (entry time), None while it has none."""

    def disputed(self, kind: str, record_id: str) -> Sequence[Change]:
        """Return the changes whose values of the record wait for a decision, as far as the author could know."""

    def waiting(self, change_id: str) -> Waiting | None:
        """Return a pending change, decided ones included, None when no such change waits or has waited."""

    def unsettled(self, class_group_id: str) -> Sequence[tuple[str, str]]:
        """Return (kind, record id) of everything of a class that waits for a decision: disputes and pending changes."""

    def is_ahead(self, kind: str, record_id: str) -> bool:
        """Say whether the record holds a change that only a newer version of the program can apply."""

    def bells(self) -> Sequence[BellSlot]:
        """Return the bell schedule of the school."""

    def today(self) -> date:
        """Return the day on which the change is judged, in the school's time zone."""

    def now(self) -> datetime:
        """Return the moment at which the change is judged (entry time on the desk), aware, in the school's zone."""

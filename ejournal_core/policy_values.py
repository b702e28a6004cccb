"""What the values of policy parameters are: small frozen structures that say how long, who, how much."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ejournal_core.kinds import PeriodScheme, Role

Count = Annotated[int, Meta(ge=0, le=36_500)]  # days of a century: added to any date they stay a date
Grade = Annotated[int, Meta(ge=1, le=11)]
Month = Annotated[int, Meta(ge=1, le=12)]
ClockTime = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]

Interval = Literal[
    "none", "daily", "weekly", "two_weekly", "monthly", "quarterly", "each_period", "before_year", "yearly"
]
Anchor = Literal["lesson_end", "pupils_last_lesson", "school_last_lesson", "end_of_day", "clock"]
PeriodMarkDeadline = Literal["after_last_lesson", "last_study_day", "vacation_after"]
ReportPoint = Literal["quarter", "period", "year"]
AccessHours = Literal["daily", "around_the_clock"]
ExcludedPupils = Literal["per_pupil_flag", "home_taught"]
ForbiddenField = Literal["photo", "passport", "home_address", "phone", "email"]
MissedDayRule = Literal["all_lessons", "three_lessons", "more_than_half"]
SouVariant = Literal["with_2_and_na", "only_5_4_3"]
DoubleMarks = Literal["none", "russian_and_literature", "all"]
DocumentLayout = Literal["7.0.97-2016", "7.0.97-2025", "by_date"]
BehaviourMark = Literal["off", "pass_fail", "three_point", "five_point"]


class Value(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A value made of several parts; a part that is misspelt in a setting is an error, not silence."""


class Deadline(Value, frozen=True):
    """Until when something of a lesson has to be entered.

    Attributes:
        anchor: the moment it is counted from, on the lesson's day; "end_of_day" is 24:00, "clock" is the time `clock`.
        hours, days: how long after the anchor.
        same_day: never later than 24:00 of the lesson's day.
        exceptional_days: how many days later an entry is still lawful when a reason is given.
        clock: local time "HH:MM" of the anchor "clock".
    """

    anchor: Anchor
    hours: Count = 0
    days: Count = 0
    same_day: bool = False
    exceptional_days: Count = 0
    clock: ClockTime = "00:00"


class GradeBand(Value, frozen=True):
    """Grades from one to another, both inclusive, for which something holds."""

    first_grade: Grade
    last_grade: Grade

    def __post_init__(self) -> None:
        """Refuse a band that holds no grade."""
        if self.first_grade > self.last_grade:
            raise ValueError("the first grade of a band comes before its last")

    def holds(self, grade_level: int) -> bool:
        """Say whether the grade is in the band."""
        return self.first_grade <= grade_level <= self.last_grade


class GradeTerm(GradeBand, frozen=True):
    """A term in calendar days for a band of grades."""

    days: Count


class EditWindow(Value, frozen=True):
    """How long after the lesson's day an existing mark may be changed.

    `days` None: the window does not close before the year ends (the portals call this option «Никогда»).
    No days and no months: changing is forbidden from the start; entering a first mark is another matter (P04, P05).
    """

    days: Count | None
    months: Count = 0

    @property
    def never_closes(self) -> bool:
        """Say whether a mark may be changed until the end of the school year."""
        return self.days is None

    @property
    def forbidden(self) -> bool:
        """Say whether a mark may not be changed at all."""
        return self.days == 0 and self.months == 0

    def last_day(self, lesson_day: date, year_ends_on: date) -> date | None:
        """Return the last day on which a mark of that lesson may be changed, None when it never may."""
        if self.forbidden:
            return None
        if self.days is None:
            return year_ends_on
        return min(add_months(lesson_day, self.months) + timedelta(days=self.days), year_ends_on)


class LateApprover(Value, frozen=True):
    """Who approves a correction after the window has closed.

    `named` are the ids of people whom the school's order names for the requests of the director.
    """

    rule: Literal["roles", "nobody", "not_needed"]
    roles: tuple[Role, ...] = ()
    named: tuple[str, ...] = ()


class ChangeRegister(Value, frozen=True):
    """How corrections are evidenced: the request register «Замена сведений», the automatic report of changes."""

    request_register: bool
    change_report: bool


class PeriodMarkPlace(Value, frozen=True):
    """Where a period mark stands and which date it carries."""

    own_column: bool
    dated_period_end: bool


class MinMarksRow(Value, frozen=True):
    """The least number of marks in a period at this many weekly hours; `by_regulation` False marks a filled gap."""

    weekly_hours: Decimal
    minimum: Count
    recommended: Count
    by_regulation: bool = True


class MinMarks(Value, frozen=True):
    """The table of P12 in rising order of hours, and how it goes on beyond its last row.

    growth "step": `step` marks for each further hour; "proportional": as many per hour as in the last row, rounded up.
    """

    rows: Annotated[tuple[MinMarksRow, ...], Meta(min_length=1)]
    growth: Literal["step", "proportional"] = "step"
    step: Count = 2

    def __post_init__(self) -> None:
        """Refuse a table whose hours do not rise."""
        hours = [_finite(row.weekly_hours) for row in self.rows]
        if any(later <= earlier for earlier, later in pairwise((Decimal(0), *hours))):
            raise ValueError("weekly hours must be positive and rise from row to row")

    def row_for(self, weekly_hours: Decimal) -> MinMarksRow:
        """Return the row that holds at so many weekly hours; less than the first row counts as the first."""
        last = self.rows[-1]
        if weekly_hours <= last.weekly_hours:
            return max((r for r in self.rows if r.weekly_hours <= weekly_hours), default=self.rows[0], key=_hours)
        return MinMarksRow(
            weekly_hours,
            self._beyond(last.minimum, last.weekly_hours, weekly_hours),
            self._beyond(last.recommended, last.weekly_hours, weekly_hours),
        )

    def _beyond(self, count: int, last_hours: Decimal, hours: Decimal) -> int:
        if self.growth == "proportional":
            return _round_up(count * hours / last_hours)
        return count + self.step * int(hours - last_hours)


class AbsenceCode(Value, frozen=True):
    """A code of the register of absentees: what it is called, whether the lesson is missed, whether it is excused."""

    code: Annotated[str, Meta(min_length=1, max_length=4)]
    title: str
    counts_as_missed: bool
    excused: bool
    late: bool = False


class AbsenceReasonOwner(Value, frozen=True):
    """Who sets the reason of an absence and how often."""

    owner: Literal["class_teacher", "subject_teacher"]
    every: Interval


class BackupSchedule(Value, frozen=True):
    """How often a copy is made on the server, how often on the drives, and when it is mandatory."""

    local: Interval
    drives: Interval
    mandatory_at: tuple[Literal["quarter_end", "period_end"], ...]


class BackupCarriers(Value, frozen=True):
    """What copies lie on, with whom, and where."""

    count: Annotated[int, Meta(ge=1)]
    carrier: Literal["usb", "disc_or_flash"]
    holders: tuple[str, ...]  # empty: named by the school
    different_rooms: bool
    copy_on_server: bool = False


class Retention(Value, frozen=True):
    """How long papers are kept, in years; None: as the file nomenclature says. The article is text for the screen."""

    summary_sheet_years: Count | None
    journal_years: Count | None
    article: str = ""


class YearEndPrint(Value, frozen=True):
    """What is printed at the end of the year."""

    journals: bool
    summary_sheets: bool
    bound: bool


class MonthDay(Value, frozen=True):
    """A day of every year."""

    month: Month
    day: Annotated[int, Meta(ge=1, le=31)]

    def __post_init__(self) -> None:
        """Refuse days that no year has."""
        self.in_year(2000)

    def in_year(self, year: int) -> date:
        """Return this day in a calendar year."""
        return date(year, self.month, self.day)


class ExportSchedule(Value, frozen=True):
    """When de-identified data go to the region's portal."""

    daily: bool
    monthly_full: bool
    after_rollover: bool


class CredentialIssue(Value, frozen=True):
    """How fast credentials are issued (working days) and on what paper."""

    working_days: Count
    against_signature: bool = False
    by_director: bool = False


class DataFix(Value, frozen=True):
    """How fast wrong data are corrected (calendar days) and whether the one who asked gets an answer."""

    days: Count
    answer: bool = False


class PlanningAhead(Value, frozen=True):
    """What may be entered for a lesson that has not been yet."""

    topic_and_homework: bool
    attendance_and_marks: bool


class TimetableOwner(Value, frozen=True):
    """Which roles make the timetable and which change it."""

    makes: tuple[Role, ...]
    changes: tuple[Role, ...]


class Substitutions(Value, frozen=True):
    """How a substitution gets into the journal."""

    recorded: Literal["on_lesson", "in_timetable", "at_entry"]
    confirmed_by_deputy: bool


class GradeScheme(GradeBand, frozen=True):
    """The period system of a band of grades."""

    scheme: PeriodScheme


class Rollover(Value, frozen=True):
    """Who moves the school to the next year."""

    roles: tuple[Role, ...]
    by_order: bool = False


class RoundingThresholds(Value, frozen=True):
    """The least average (decimal, compared exactly) for which a 5, a 4 and a 3 are proposed."""

    five: Decimal
    four: Decimal
    three: Decimal

    def __post_init__(self) -> None:
        """Refuse thresholds out of order or off the scale."""
        five, four, three = map(_finite, (self.five, self.four, self.three))
        if not 5 >= five > four > three >= 2:
            raise ValueError("thresholds must fall from 5 to 2")


class GradeMinutes(GradeBand, frozen=True):
    """Homework a day in minutes for a band of grades."""

    minutes: Count


class AssessmentLimits(Value, frozen=True):
    """How often a whole class may be tested: works a day, days between works of a subject, share of its lessons."""

    enabled: bool
    per_day: Count
    days_between: Count
    max_share_percent: Annotated[int, Meta(ge=0, le=100)]
    not_first_or_last: bool
    warning_only: bool


class LateRule(Value, frozen=True):
    """When a late arrival counts as a missed lesson."""

    rule: Literal["never", "after_minutes", "more_than_half"]
    minutes: Count = 0


class EntryGrace(Value, frozen=True):
    """Typing is not correcting: the author corrects freely for so many minutes after the first entry,
    and until the mark's entry deadline if that is later and `until_deadline` is set."""

    minutes: Count
    until_deadline: bool


class ClockDoubt(Value, frozen=True):
    """What becomes of an entry whose desk's clock lay more than `minutes` outside what the school's log proves:
    it is accepted and flagged, or it waits for another person."""

    minutes: Count
    rule: Literal["accept", "pending"]


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month when it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (following - first).days) - 1)


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise ValueError("not a number")
    return value


def _hours(row: MinMarksRow) -> Decimal:
    return row.weekly_hours


def _round_up(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_CEILING))

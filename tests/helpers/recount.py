"""Everything that screens count, counted once more from the plain rows of the file, in the most naive way.

Written from docs/policies.md and the clauses behind it; nothing of `ejournal_core.marks`, `indicators`, `absences` or
of the queries is asked. Days are ISO texts, averages exact fractions; only the values of the school's parameters are
taken as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, cached_property
from math import ceil
from types import SimpleNamespace as Row
from typing import Any

import sqlalchemy as sa

from ejournal_core.policy import Policy
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES

ORDINARY_LESSON = 40  # minutes, where no bell says
END_OF_TIME = "9999"


def plain_rows(journal: Journal) -> dict[str, list[Row]]:
    """Return all rows that are not voided, by kind."""
    with journal.reading() as connection:
        return {
            kind: [Row(**row) for row in connection.execute(sa.select(table)).mappings() if not row["voided"]]
            for kind, table in TABLES.items()
        }


class Recount:
    """The figures of one class, as they can be counted on the fingers.

    Args:
        today: ISO day that counts as today.
        pages: ids of the journal pages that the person sees.
    """

    def __init__(self, journal: Journal, class_group_id: str, today: str, pages: Iterable[str]) -> None:
        self.rows = plain_rows(journal)
        self.policy: Policy = journal.policy()
        self.group, self.today = class_group_id, today
        self.pages = {page.id: page for page in self.rows["JournalPage"] if page.id in set(pages)}
        self.lessons = {lesson.id: lesson for lesson in self.rows["Lesson"] if lesson.journal_page_id in self.pages}
        self.columns = {column.id: column for column in self.rows["MarkColumn"] if column.lesson_id in self.lessons}
        self.marks = [mark for mark in self.rows["Mark"] if mark.mark_column_id in self.columns and mark.value]
        self.attendance = [row for row in self.rows["Attendance"] if row.lesson_id in self.lessons]
        self.kinds = {kind.id: kind for kind in self.rows["WorkKind"]}
        self.codes = {code.code: code for code in self.policy.absence_codes}
        self.class_ = next(each for each in self.rows["ClassGroup"] if each.id == class_group_id)
        self.periods = {period.number: (period.starts_on, period.ends_on) for period in self.rows["GradingPeriod"]
                        if period.kind == self.class_.period_scheme}  # fmt: skip
        self.year = next((each.starts_on, each.ends_on) for each in self.rows["SchoolYear"])

    # --- who is where ------------------------------------------------------------------------------------------------

    def in_class(self, pupil: str, day: str, group: str | None = None) -> bool:
        """Say whether a pupil is enrolled on a day, in a class when one is named."""
        return any(e.pupil_id == pupil and e.since <= day <= (e.until or END_OF_TIME)
                   and group in (None, e.class_group_id) for e in self.rows["Enrolment"])  # fmt: skip

    def on_page(self, pupil: str, page: str, day: str) -> bool:
        """Say whether a pupil is on the list of a page on a day."""
        subgroup = self.pages[page].subgroup_id
        if not subgroup:
            return self.in_class(pupil, day, self.pages[page].class_group_id)
        return self.in_class(pupil, day) and any(
            m.pupil_id == pupil and m.subgroup_id == subgroup and m.since <= day <= (m.until or END_OF_TIME)
            for m in self.rows["SubgroupMember"]
        )

    @cache  # noqa: B019  # it lives as long as its test
    def own_pages(self, pupil: str, first: str, last: str) -> set[str]:
        """Return the pages that a pupil was on while in the class, on any day between two."""
        return {page for page in self.pages for day in days(first, last)
                if self.on_page(pupil, page, day) and self.in_class(pupil, day, self.group)}  # fmt: skip

    def last_page_first(self, pupil: str, first: str, last: str, pages: list[str]) -> list[str]:
        """Return the pages in the order in which a pupil was last on them between two days, the latest first."""
        if len(pages) < 2:
            return pages
        seen = {page: max(day for day in days(first, last)
                          if self.on_page(pupil, page, day) and self.in_class(pupil, day, self.group))
                for page in pages}  # fmt: skip
        return sorted(pages, key=lambda page: seen[page], reverse=True)

    def pupils(self, first: str, last: str) -> set[str]:
        """Return who was in the class between two days; who left and came back was there all the time between."""
        return {e.pupil_id for e in self.rows["Enrolment"] if e.class_group_id == self.group
                and e.since <= last and (e.until or END_OF_TIME) >= first}  # fmt: skip

    def span(self, number: int | None) -> tuple[str, str]:
        """Return the days of a period, of the year for None."""
        return self.periods[number] if number else self.year

    # --- lessons -----------------------------------------------------------------------------------------------------

    @cached_property
    def given_lessons(self) -> list[Row]:
        """Return the lessons that count: they were held, or something was entered of them."""
        entered = {row.lesson_id for row in self.attendance}
        entered |= {self.columns[mark.mark_column_id].lesson_id for mark in self.marks}
        return [lesson for lesson in self.lessons.values() if lesson.held or lesson.id in entered]

    @cache  # noqa: B019  # it lives as long as its test
    def in_time(self, page: str) -> list[tuple[str, Row | None]]:
        """Return the lessons of the year in order of time: those that were entered, and those that are foreseen yet."""
        entered = [lesson for lesson in self.lessons.values() if lesson.journal_page_id == page]
        found: list[tuple[tuple[str, int, str], Row | None]] = [
            ((each.held_on, each.lesson_number, each.id), each) for each in entered
        ]
        for slot in self.rows["TimetableSlot"]:
            for day in days(*self.year) if slot.journal_page_id == page else ():
                right = date.fromisoformat(day).isoweekday() == slot.weekday and self.is_study_day(day)
                own = f"{page}.{day.replace('-', '')}.{slot.lesson_number}"
                if right and slot.since <= day <= (slot.until or END_OF_TIME) and own not in self.lessons:
                    found.append(((day, slot.lesson_number, own), None))
        return [(place[0], lesson) for place, lesson in sorted(found, key=lambda each: each[0])]

    def is_study_day(self, day: str) -> bool:
        """Say whether a weekday of the timetable has lessons."""
        kinds = {each.kind for each in self.rows["CalendarDay"] if each.starts_on <= day <= each.ends_on}
        if kinds & {"holiday", "working_saturday"}:
            return "holiday" not in kinds
        return "vacation" not in kinds and any(first <= day <= last for first, last in self.periods.values())

    def minutes(self, lesson: Row) -> int:
        """Return how long a lesson is."""
        weekday = date.fromisoformat(lesson.held_on).isoweekday()
        own = [b for b in self.rows["BellSlot"] if b.day == lesson.held_on]
        usual = [b for b in self.rows["BellSlot"] if not b.day and b.weekday in (0, weekday)]
        bells = [b for b in own or usual if b.lesson_number == lesson.lesson_number]
        if not bells:
            return ORDINARY_LESSON
        bell = sorted(bells, key=lambda b: -b.weekday)[0]
        opens, closes = ([int(part) for part in text.split(":")] for text in (bell.starts_at, bell.ends_at))
        return (closes[0] - opens[0]) * 60 + closes[1] - opens[1]

    # --- absences ----------------------------------------------------------------------------------------------------

    def register_says(self, pupil: str, lesson: Row) -> str:
        """Return the code that the register, or else a paper that stands alone, gives for a lesson."""
        day, number = lesson.held_on, lesson.lesson_number
        for entry in self.rows["RegisteredAbsence"]:
            covered = (entry.first_lesson or 1) <= number <= (entry.last_lesson or 99)
            if entry.pupil_id == pupil and entry.since <= day <= entry.until and covered:
                return str(entry.reason)
        spoken_for = {entry.document_id for entry in self.rows["RegisteredAbsence"]}
        for paper in self.rows["AbsenceDocument"]:
            if paper.pupil_id == pupil and paper.id not in spoken_for and paper.since <= day <= paper.until:
                return str(paper.reason)
        return ""

    def code_of(self, row: Row) -> str:
        """Return the code of an absence: the lesson's, else the register's, else Н."""
        return str(row.reason or self.register_says(row.pupil_id, self.lessons[row.lesson_id]) or "Н")

    def counts_as_missed(self, row: Row) -> bool:
        """Say whether an entry is a missed lesson (P17, P58)."""
        if row.presence == "absent":
            code = self.codes.get(self.code_of(row))
            return code is None or code.counts_as_missed
        rule, late = self.policy.late_counts_as_missed, row.late_minutes or 0
        if row.presence != "late" or rule.rule == "never":
            return False
        if rule.rule == "after_minutes":
            return bool(rule.minutes and late >= rule.minutes)
        return Fraction(late) > Fraction(self.minutes(self.lessons[row.lesson_id]), 2)

    def is_excused(self, row: Row) -> bool:
        """Say whether it was for a valid reason."""
        code = self.codes.get(self.code_of(row)) if row.presence == "absent" else None
        return code is not None and code.excused

    def away(self, pupil: str, first: str, last: str, pages: Iterable[str]) -> Iterator[Row]:
        """Yield the entries of absences and late arrivals of a pupil, of days on which he or she was on the list."""
        wanted = set(pages)
        for row in self.attendance:
            lesson = self.lessons[row.lesson_id]
            page, day = lesson.journal_page_id, lesson.held_on
            here = row.pupil_id == pupil and row.presence != "present" and first <= day <= last and page in wanted
            if here and self.on_page(pupil, page, day):
                yield row

    def away_in_class(self, pupil: str, first: str, last: str, pages: Iterable[str] | None = None) -> Iterator[Row]:
        """Yield those of the days on which the pupil was in this class; of all its pages where none are named."""
        for row in self.away(pupil, first, last, self.pages if pages is None else pages):
            if self.in_class(pupil, self.lessons[row.lesson_id].held_on, self.group):
                yield row

    def days_of(self, pupil: str, first: str, last: str) -> dict[str, tuple[int, int, int, int, bool]]:
        """Return lessons, missed, late, without a reason, and whether the day counts as missed (P50), by day."""
        lessons, found = Counter[str](), {}
        for lesson in self.given_lessons:
            day = lesson.held_on
            here = first <= day <= last and self.on_page(pupil, lesson.journal_page_id, day)
            lessons[day] += here and self.in_class(pupil, day, self.group)
        away: dict[str, list[Row]] = {}
        for row in self.away_in_class(pupil, first, last):
            away.setdefault(self.lessons[row.lesson_id].held_on, []).append(row)
        for day in days(first, last):
            rows = away.get(day, [])
            missed = sum(map(self.counts_as_missed, rows))
            known = [row.reason or self.register_says(pupil, self.lessons[row.lesson_id]) for row in rows
                     if row.presence == "absent"]  # fmt: skip
            late = sum(row.presence == "late" for row in rows)
            found[day] = (lessons[day], missed, late, known.count(""), self.is_missed_day(missed, lessons[day]))
        return found

    def is_missed_day(self, missed: int, lessons: int) -> bool:
        """Say whether a day counts as missed (P50)."""
        rule = self.policy.missed_day_rule
        if rule == "more_than_half":
            return missed > Fraction(lessons, 2)
        return (0 < lessons == missed) or (rule == "three_lessons" and missed >= 3)

    def is_there_at(self, pupil: str, day: str) -> bool:
        """Say whether a pupil has not left the class for good before a day."""
        return any(e.pupil_id == pupil and e.class_group_id == self.group and (e.until or END_OF_TIME) >= day
                   for e in self.rows["Enrolment"])  # fmt: skip

    def report_day(self, number: int) -> str:
        """Return the day of the preliminary report of a period (P24)."""
        last = date.fromisoformat(self.periods[number][1])
        return (last - timedelta(days=self.policy.preliminary_report_lead)).isoformat()

    # --- marks -------------------------------------------------------------------------------------------------------

    def given(self, pupil: str, first: str, last: str, pages: Iterable[str]) -> list[tuple[str, Fraction]]:
        """Return the current marks of a pupil with their weights, in order of lessons."""
        wanted, found = set(pages), []
        for mark in self.marks:
            column = self.columns[mark.mark_column_id]
            lesson = self.lessons[column.lesson_id]
            if mark.pupil_id == pupil and lesson.journal_page_id in wanted and first <= lesson.held_on <= last:
                weight = column.weight if column.weight is not None else self.kinds[column.work_kind_id].weight
                place = (lesson.held_on, lesson.lesson_number, lesson.id, column.id)
                found.append((place, mark.value, Fraction(str(weight))))
        return [(value, weight) for _place, value, weight in sorted(found)]

    def norm(self, weekly_hours: Fraction) -> int:
        """Return the least number of marks (P12)."""
        table, last = self.policy.min_marks, self.policy.min_marks.rows[-1]
        if weekly_hours > Fraction(str(last.weekly_hours)):
            beyond = weekly_hours - Fraction(str(last.weekly_hours))
            if table.growth == "proportional":
                return ceil(last.minimum * weekly_hours / Fraction(str(last.weekly_hours)))
            return last.minimum + table.step * int(beyond)
        fitting = [row.minimum for row in table.rows if Fraction(str(row.weekly_hours)) <= weekly_hours]
        return fitting[-1] if fitting else table.rows[0].minimum

    def proposed(self, given: list[tuple[str, Fraction]]) -> str:
        """Return the mark that comes out of current marks (P51)."""
        weighted = weighted_average(given)
        values = {value for value, _ in given}
        if weighted is None:
            return next((value for value in ("нз", "зач", "осв") if value in values), "н/а")
        edges = self.policy.rounding_thresholds
        for value, edge in (("5", edges.five), ("4", edges.four), ("3", edges.three)):
            if weighted >= Fraction(str(edge)):
                return value
        return "2"

    def period_mark(self, page: str, pupil: str, kind: str, number: int) -> str:
        """Return the mark of a period that stands, "" for none."""
        return next((row.value for row in self.rows["PeriodMark"] if row.journal_page_id == page and row.value
                     and (row.pupil_id, row.period_kind, row.period_number) == (pupil, kind, number)), "")  # fmt: skip


def days(first: str, last: str) -> Iterator[str]:
    """Yield the ISO days between two, both inclusive."""
    at, end = date.fromisoformat(first), date.fromisoformat(last)
    while at <= end:
        yield at.isoformat()
        at += timedelta(days=1)


def numbers(value: str) -> list[int]:
    """Return the numbers in a mark: two in a double one."""
    return [int(sign) for sign in value if sign in "12345"]


def count_of(given: Iterable[tuple[str, Fraction]]) -> int:
    """Return how many current marks these are: a double one is two, зач and нз one; the rest are none."""
    return sum(len(numbers(value)) if numbers(value) else int(value in ("зач", "нз")) for value, _ in given)


def average(given: Iterable[tuple[str, Fraction]]) -> Fraction | None:
    """Return Σ marks / count."""
    return weighted_average([(value, Fraction(1)) for value, _ in given])


def weighted_average(given: Iterable[tuple[str, Fraction]]) -> Fraction | None:
    """Return Σ (mark × weight) / Σ weight."""
    every = [(number, weight) for value, weight in given for number in numbers(value)]
    weights = sum((weight for _, weight in every), Fraction(0))
    return sum((number * weight for number, weight in every), Fraction(0)) / weights if weights else None


def is_same(shown: Any, exact: Fraction | None) -> bool:
    """Say whether a decimal of the program is a fraction, as exactly as decimals can be."""
    if shown is None or exact is None:
        return shown is None and exact is None
    return abs(Fraction(str(shown)) - exact) < Fraction(1, 10**20)

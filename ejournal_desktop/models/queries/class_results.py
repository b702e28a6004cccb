"""Успеваемость of a class: pupils × subjects of one period, and who is at risk before it ends (P24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from msgspec import Struct

from ejournal_core import indicators, marks, russian
from ejournal_core.calendar import period_title
from ejournal_core.indicators import Outlook
from ejournal_core.kinds import GradingPeriod, PeriodKind
from ejournal_core.marks import WeighedMark
from ejournal_core.policy import Policy
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.class_entries import ClassEntries, Missed, Place, by_place
from ejournal_desktop.models.queries.period_results import PeriodChoice
from ejournal_desktop.models.queries.surroundings import Surroundings


class SubjectColumn(Struct, frozen=True):
    """A subject of the class; `asked`: period marks are put in it (P14, P41)."""

    subject_id: str
    title: str
    short_title: str
    asked: bool = True


class SubjectCell(Struct, frozen=True):
    """How a pupil stands in a subject.

    Attributes:
        page_id: the page to open: the pupil's own, of the group where there is one.
        marks: current marks of the period in order; for the year the period marks.
        average, weighted_average: exact; None without marks in numbers.
        value: the mark of the period that stands, "" for none.
        proposed: by the thresholds P51, "" where nothing is proposed.
        debts: works that are owed (".").
        missed, late: lessons of the period.
        contested: plain and weighted average propose different marks, the mark differs from what is proposed, or two
            people dispute one.
    """

    page_id: str
    marks: tuple[str, ...] = ()
    average: Decimal | None = None
    weighted_average: Decimal | None = None
    value: str = ""
    proposed: str = ""
    debts: int = 0
    missed: int = 0
    late: int = 0
    contested: bool = False

    @property
    def weights_differ(self) -> bool:
        """Say whether the weights of works make a difference."""
        return self.average != self.weighted_average

    @property
    def expected(self) -> str:
        """Return the mark that stands, else the one that is proposed."""
        return self.value or self.proposed

    @property
    def failing(self) -> bool:
        """Say whether a 2 stands here or comes out."""
        return self.expected in ("2", "1", marks.FAIL) or ("2" in self.marks and not self.expected)


class PupilLine(Struct, frozen=True):
    """One pupil across all subjects; cells by subject id, absent where the pupil does not learn it.

    Attributes:
        missed, unexcused, late: lessons of the period in all subjects.
        outlook: how the pupil will stand if nothing changes; `outlook.risk` is "" for nobody to speak of.
    """

    pupil: PupilRow
    cells: dict[str, SubjectCell]
    missed: int
    unexcused: int
    late: int
    outlook: Outlook

    @property
    def debts(self) -> int:
        """Return the works owed in all subjects."""
        return sum(cell.debts for cell in self.cells.values())

    @property
    def failing(self) -> bool:
        """Say whether a 2 stands or comes out in any subject."""
        return any(cell.failing for cell in self.cells.values())

    @property
    def contested(self) -> bool:
        """Say whether the mark of any subject is open to argument."""
        return any(cell.contested for cell in self.cells.values())


class ClassResults(Struct, frozen=True):
    """A class in a period.

    Attributes:
        periods: what can be asked for, in order.
        report_due_on: the day of the preliminary report (P24), None for the year.
        markless: why no marks are given at all (grade 1), "" otherwise.
    """

    class_group_id: str
    class_title: str
    period: PeriodChoice
    periods: tuple[PeriodChoice, ...]
    subjects: tuple[SubjectColumn, ...]
    rows: tuple[PupilLine, ...]
    today: date
    report_due_on: date | None
    markless: str = ""

    @property
    def at_risk(self) -> tuple[PupilLine, ...]:
        """Return the pupils whom the preliminary report names."""
        return tuple(row for row in self.rows if row.outlook.risk)

    @property
    def report_is_due(self) -> bool:
        """Say whether the report is due now: from its day to the end of the period, which is the running one."""
        return self.period.running and self.report_due_on is not None and self.report_due_on <= self.today


def class_results(
    journal: Journal, class_group_id: str, kind: PeriodKind | None = None, number: int = 1, today: date | None = None
) -> ClassResults:
    """Return a class across all subjects.

    Args:
        kind, number: the period; None, or one that the class does not have: the running one, in a vacation the one
            before it.
        today: the day that counts as today; by default the desk's.
    """
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, today or journal.clock().date())
        return results_of(around, policy, class_group_id, kind, number)


def results_of(
    around: Surroundings, policy: Policy, class_group_id: str, kind: PeriodKind | None = None, number: int = 1
) -> ClassResults:
    """Do what `class_results` does on one view of the file that is open already."""
    return _Class(around, policy, class_group_id, kind, number).build()


def period_choices(around: Surroundings, class_group_id: str) -> tuple[PeriodChoice, ...]:
    """Return the periods of a class and the year; the running one is marked."""
    periods = around.periods_of(around.class_groups[class_group_id])
    ordinary = [
        PeriodChoice(p.kind, p.number, period_title(p.kind, p.number), p.starts_on <= around.day <= p.ends_on)
        for p in periods
    ]
    return (*ordinary, PeriodChoice("year", 1, period_title("year")))


def chosen_period(
    around: Surroundings, class_group_id: str, kind: PeriodKind | None, number: int
) -> tuple[PeriodChoice, GradingPeriod | None]:
    """Return the period that is asked for, else the last that has begun; without a record for the year."""
    choices = period_choices(around, class_group_id)
    periods = {(p.kind, p.number): p for p in around.periods_of(around.class_groups[class_group_id])}
    asked = next((c for c in choices if (c.kind, c.number) == (kind, number)), None)
    begun = [c for c in choices if (p := periods.get((c.kind, c.number))) and p.starts_on <= around.day]
    choice = asked or (begun[-1] if begun else choices[0])
    return choice, periods.get((choice.kind, choice.number))


class _Class:
    """Builds the lines of one class and period from one view of the file."""

    def __init__(
        self, around: Surroundings, policy: Policy, class_group_id: str, kind: PeriodKind | None, number: int
    ) -> None:
        self.around, self.policy = around, policy
        self.group = around.class_groups[class_group_id]
        self.choice, self.period = chosen_period(around, class_group_id, kind, number)
        year = around.year_of(self.group)
        self.first = self.period.starts_on if self.period else year.starts_on
        self.last = self.period.ends_on if self.period else year.ends_on
        self.pupils = [p for p in around.class_list(class_group_id)
                       if p.since <= self.last and (p.until is None or p.until >= self.first)]  # fmt: skip
        self.entries = ClassEntries(around, self.group, self.pupils, self.first, self.last)
        self.is_markless = self.group.grade_level in policy.markless_grades
        self.subjects = self._subjects()
        self.asked = {subject.subject_id for subject in self.subjects if subject.asked}
        self.given = self.entries.marks()
        self.decided, self.of_periods = self._decided()
        self.missed = by_place(self.entries.missed(policy))
        self.disputed = self.entries.disputed()

    def build(self) -> ClassResults:
        lead = timedelta(days=self.policy.preliminary_report_lead)
        return ClassResults(
            class_group_id=self.group.id,
            class_title=self.group.title,
            period=self.choice,
            periods=period_choices(self.around, self.group.id),
            subjects=self.subjects,
            rows=tuple(self._line(pupil) for pupil in self.pupils),
            today=self.around.day,
            report_due_on=self.period.ends_on - lead if self.period else None,
            markless=f"В {self.group.grade_level} классе обучение безотметочное." if self.is_markless else "",
        )

    def _subjects(self) -> tuple[SubjectColumn, ...]:
        taught = {page.subject_id for page in self.entries.pages.values()}
        subjects = [self.around.subjects[each] for each in taught if each in self.around.subjects]
        subjects.sort(key=lambda subject: (subject.position, russian.sort_key(subject.title)))
        return tuple(
            SubjectColumn(s.id, s.title, s.short_title,
                          not self.is_markless and (s.attested or not self.policy.no_attestation))
            for s in subjects
        )  # fmt: skip

    def _decided(self) -> tuple[dict[Place, str], dict[Place, list[str]]]:
        """Return the marks of the period asked for, and those of all ordinary periods in order."""
        decided: dict[Place, str] = {}
        ordered: dict[Place, list[tuple[int, str]]] = {}
        for row in self.entries.period_marks():
            place = (row.journal_page_id, row.pupil_id)
            if (row.period_kind, row.period_number) == (self.choice.kind, self.choice.number):
                decided[place] = row.value
            if row.period_kind == self.group.period_scheme:
                ordered.setdefault(place, []).append((row.period_number, row.value))
        return decided, {place: [value for _, value in sorted(found)] for place, found in ordered.items()}

    # --- a line --------------------------------------------------------------------------------------------------

    def _line(self, pupil: PupilRow) -> PupilLine:
        by_subject = self.entries.by_subject(pupil.pupil_id)
        learned = [each.subject_id for each in self.subjects if each.subject_id in by_subject]
        cells = {subject: self._cell(subject, by_subject[subject], pupil.pupil_id) for subject in learned}
        away = [each for pages in by_subject.values() for page in pages
                for each in self.missed.get((page, pupil.pupil_id), ())]  # fmt: skip
        expected = {subject: cell.expected for subject, cell in cells.items() if subject in self.asked}
        return PupilLine(
            pupil=pupil,
            cells=cells,
            missed=sum(each.missed for each in away),
            unexcused=sum(each.missed and not each.excused for each in away),
            late=sum(each.late for each in away),
            outlook=indicators.outlook(expected) if pupil.until is None or pupil.until >= self.last else Outlook(),
        )

    def _cell(self, subject_id: str, pages: Sequence[str], pupil_id: str) -> SubjectCell:
        places = [(page, pupil_id) for page in pages]
        away: list[Missed] = [each for place in places for each in self.missed.get(place, ())]
        given = self._given(places)
        average, weighted, proposal = self._reckon(given)
        told = proposal != marks.NOT_ASSESSED or self._is_time_to_tell()
        proposed = proposal if subject_id in self.asked and told else ""
        value = next((self.decided[place] for place in reversed(places) if place in self.decided), "")
        return SubjectCell(
            page_id=next((page for page, pupil in places if (page, pupil) in self.given), pages[-1]),
            marks=tuple(mark.value for mark in given),
            average=average,
            weighted_average=weighted,
            value=value,
            proposed=proposed,
            debts=sum(mark.value == marks.DEBT for mark in given),
            missed=sum(each.missed for each in away),
            late=sum(each.late for each in away),
            contested=not self.disputed.isdisjoint(places)
            or (bool(value) and indicators.deviates(value, proposed))
            or self._is_between(average, weighted),
        )

    def _is_time_to_tell(self) -> bool:
        """Say whether «н/а» is news: at the beginning of a period nobody has any marks, later somebody has to act."""
        lead = timedelta(days=self.policy.preliminary_report_lead)
        return self.period is not None and self.period.ends_on - lead <= self.around.day

    def _reckon(self, given: Sequence[WeighedMark]) -> tuple[Decimal | None, Decimal | None, str]:
        """Return both averages and what is proposed; six hundred cells need no sentence of reasons each."""
        average = marks.average(mark.value for mark in given)
        weights = {mark.weight for mark in given}
        alike = len(weights) == 1 and 0 not in weights
        weighted = average if alike else marks.weighted_average(given)
        if weighted is None:
            return average, None, marks.propose_period_mark(given, self.policy).value
        return average, weighted, marks.propose(weighted, self.policy.rounding_thresholds)

    def _given(self, places: Iterable[Place]) -> list[WeighedMark]:
        if self.period is None:
            return [WeighedMark(value) for place in places for value in self.of_periods.get(place, ())]
        return [WeighedMark(row.value, self._weight(row.weight, row.work_kind_id))
                for place in places for row in self.given.get(place, ())]  # fmt: skip

    def _weight(self, own: str | None, work_kind_id: str) -> Decimal:
        kind = self.around.work_kinds.get(work_kind_id)
        return Decimal(own) if own is not None else kind.weight if kind else Decimal(1)

    def _is_between(self, average: Decimal | None, weighted: Decimal | None) -> bool:
        """Say whether the two averages stand on different sides of a threshold."""
        if average is None or weighted is None or average == weighted:
            return False
        thresholds = self.policy.rounding_thresholds
        return marks.propose(average, thresholds) != marks.propose(weighted, thresholds)

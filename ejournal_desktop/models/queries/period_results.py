"""Итоги: what one page of the journal holds for one period, pupil by pupil, and what is still missing."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from ejournal_core import deadlines, indicators, marks
from ejournal_core.calendar import period_title
from ejournal_core.indicators import Forecast
from ejournal_core.kinds import GradingPeriod, PeriodKind
from ejournal_core.marks import WeighedMark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import GridCell, GridColumn, PageRef, PupilRow
from ejournal_desktop.models.queries.attestation import why_no_period_marks
from ejournal_desktop.models.queries.proposals import period_key
from ejournal_desktop.models.queries.readiness import NEVER, YEARLY, Statement, statements
from ejournal_desktop.models.queries.spread import SpreadBuilder
from ejournal_desktop.models.queries.surroundings import Surroundings

#: Why a pupil's line is not finished.
NO_MARK, NO_REASON = "отметка не выставлена", "нет обоснования"


class PeriodChoice(Struct, frozen=True):
    """A period that results can be asked for; `running` where today falls in it."""

    kind: PeriodKind
    number: int
    title: str  # «I четверть», «Год»
    running: bool = False


class PupilResult(Struct, frozen=True):
    """One pupil's line of Итоги.

    Attributes:
        marks, norm: current marks in the period, and how many P12 asks of this pupil; 0: it is not asked for.
        exempt: below the norm, and excused from it by valid absences (P13).
        average, weighted_average: exact; None without marks in numbers.
        proposed: by the thresholds P51 (year and final: from the marks that stand); "" where nothing is proposed.
        why: the reason for the proposal in words.
        forecast: what the next mark has to be; None where there is nothing to say.
        cell: the mark that stands with its reason and its way to the server.
        deviates: it differs from the proposal, so it needs a reason.
        asked: a mark has to stand here: the pupil is on the list at the end of the period.
        missing: `NO_MARK`, `NO_REASON`, or "".
        columns: keys of the spread's columns in which the counted marks stand.
    """

    pupil: PupilRow
    marks: int
    norm: int
    exempt: bool
    average: Decimal | None
    weighted_average: Decimal | None
    proposed: str
    why: str
    forecast: Forecast | None
    cell: GridCell
    deviates: bool
    asked: bool
    missing: str
    columns: tuple[str, ...] = ()

    @property
    def short(self) -> bool:
        """Say whether the pupil has fewer marks than are asked for."""
        return self.marks < self.norm and not self.exempt


class PeriodResults(Struct, frozen=True):
    """Итоги of one page for one period.

    Attributes:
        periods: what can be asked for, in order.
        thresholds: averages are shown so that nobody wonders on which side they are (`marks.shown_average`).
        due_on: the last day on which the marks are in time (P09), None for exam and final marks.
        received_on, received_at: when the results of the examination were received: day, and time "HH:MM" or "".
        due_at: until when they are in time then (P11); None while nobody said that they were received.
        late: that moment has passed.
        nothing_due: why no marks are put here at all (grade 1, a subject without attestation), "" otherwise.
        complete, stated_by: what the teacher stated of the page.
        closed: the period is closed for the class.
    """

    page: PageRef
    period: PeriodChoice
    periods: tuple[PeriodChoice, ...]
    rows: tuple[PupilResult, ...]
    norm: int
    due_on: date | None
    today: date
    nothing_due: str
    complete: bool
    stated_by: str
    closed: bool
    read_only: str
    lesson_columns: dict[str, GridColumn]
    received_on: date | None = None
    received_at: str = ""
    due_at: datetime | None = None
    late: bool = False

    @property
    def days_left(self) -> int | None:
        """Return the days until the marks are due; negative when they are late."""
        return (self.due_on - self.today).days if self.due_on else None

    @property
    def missing(self) -> tuple[PupilResult, ...]:
        """Return the lines that are not finished."""
        return tuple(row for row in self.rows if row.missing)

    @property
    def distribution(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return how many have which period mark: (mark, pupil ids) in the order of the scale, "" for none."""
        listed = [row for row in self.rows if row.asked or row.cell.value]
        values = [value for value in (*marks.SCALE, "") if any(row.cell.value == value for row in listed)]
        return tuple((v, tuple(row.pupil.pupil_id for row in listed if row.cell.value == v)) for v in values)


def period_results(
    journal: Journal, page_id: str, kind: PeriodKind | None = None, number: int = 1, today: date | None = None
) -> PeriodResults:
    """Return Итоги of a page.

    Args:
        kind, number: the period; None, or one that this class does not have: the running one, in a vacation the one
            before it.
        today: the day that counts as today; by default the desk's.
    """
    day = today or journal.clock().date()
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        builder = SpreadBuilder(around, page_id, policy)
        return _Results(builder, kind, number, journal.clock()).build()


class _Results:
    """Builds the lines of one page and period from one view of the file."""

    def __init__(self, builder: SpreadBuilder, kind: PeriodKind | None, number: int, now: datetime) -> None:
        self.builder, self.now = builder, now
        self.around, self.policy = builder.around, builder.policy
        self.spread = builder.build()
        self.choices = self._choices()
        self.choice = self._chosen(kind, number)
        self.period = self._period(self.choice)
        self.key = period_key(self.choice.kind, self.choice.number)
        lessons = [column for column in self.spread.columns if column.kind == "lesson"]
        inside = [c for c in lessons if self.period is None or c.period_number == self.period.number]
        self.counted = [c for c in inside if c.mark_column_id] if self.period is not None else []
        self.lessons = [c for c in inside if c.first_of_lesson and c.held_on and c.held_on <= self.spread.today]
        self.begins = self.period.starts_on if self.period else builder.year.starts_on
        self.ends = self.period.ends_on if self.period else builder.year.ends_on
        subject = self.around.subjects.get(self.builder.page.subject_id)
        self.nothing_due = why_no_period_marks(self.builder.group, subject, self.policy)
        self.hours = max((load.weekly_hours for load in self.around.loads.get(builder.page.id, ())), default=Decimal(0))
        asked = self.period is not None and self.hours and not self.nothing_due
        self.norm = self.policy.min_marks.row_for(self.hours).minimum if asked else 0

    def build(self) -> PeriodResults:
        page = self.builder.page.id
        stated = statements(self.around, self.choice.kind, self.choice.number, page).get(page, NEVER)
        column = next((c for c in self.spread.columns if c.key == self.key), None)
        due_at = self._exam_due_at(stated)
        return PeriodResults(
            page=self.spread.page,
            period=self.choice,
            periods=self.choices,
            rows=tuple(self._row(pupil) for pupil in self.spread.pupils if self._was_here(pupil)),
            norm=self.norm,
            due_on=self._due_on(),
            today=self.spread.today,
            nothing_due=self.nothing_due,
            complete=stated.complete,
            stated_by=stated.by,
            closed=column is not None and column.closed,
            read_only=self.spread.read_only,
            lesson_columns={column.key: column for column in self.counted},
            received_on=stated.received_on,
            received_at=stated.received_at,
            due_at=due_at,
            late=due_at is not None and due_at < self.now,
        )

    def _exam_due_at(self, stated: Statement) -> datetime | None:
        if stated.received_on is None or self.now.tzinfo is None:
            return None
        return deadlines.exam_due_at(self.policy, stated.received_on, stated.received_at, self.now.tzinfo)

    # --- the period ----------------------------------------------------------------------------------------------

    def _choices(self) -> tuple[PeriodChoice, ...]:
        day = self.spread.today
        ordinary = [
            PeriodChoice(p.kind, p.number, period_title(p.kind, p.number), p.starts_on <= day <= p.ends_on)
            for p in self.builder.periods
        ]
        return (*ordinary, *(PeriodChoice(kind, 1, period_title(kind)) for kind in YEARLY))

    def _chosen(self, kind: PeriodKind | None, number: int) -> PeriodChoice:
        asked = next((c for c in self.choices if (c.kind, c.number) == (kind, number)), None)
        if asked is not None:
            return asked
        begun = {(p.kind, p.number) for p in self.builder.periods if p.starts_on <= self.spread.today}
        return next((c for c in reversed(self.choices) if (c.kind, c.number) in begun), self.choices[0])

    def _period(self, choice: PeriodChoice) -> GradingPeriod | None:
        return next((p for p in self.builder.periods if (p.kind, p.number) == (choice.kind, choice.number)), None)

    def _due_on(self) -> date | None:
        study = self.around.calendar_of(self.builder.group)
        if self.choice.kind == "year" and self.builder.periods:
            period = self.builder.periods[-1]
        elif self.period is not None:
            period = self.period
        else:
            return None
        held = [c.held_on for c in self.spread.columns if c.held_on and c.period_number == period.number]
        return deadlines.period_mark_due_on(self.policy, study, period, max(held, default=None))

    # --- a line --------------------------------------------------------------------------------------------------

    def _was_here(self, pupil: PupilRow) -> bool:
        here = pupil.since <= self.ends and (pupil.until is None or pupil.until >= self.begins)
        return here or self._cell(self.key, pupil) is not None

    def _cell(self, key: str, pupil: PupilRow) -> GridCell | None:
        return self.spread.cells.get((key, pupil.pupil_id))

    def _row(self, pupil: PupilRow) -> PupilResult:
        given, columns = self._given(pupil)
        count = marks.count_of(given)
        norm = self._norm_of(pupil)
        exempt = indicators.is_exempt(count, norm, self._missed_excused(pupil), self.policy)
        found = marks.propose_period_mark(given, self.policy, None)
        proposed = found.value if (given or self.period is not None) and self._begun() else ""
        cell = self._cell(self.key, pupil) or GridCell()
        asked = self._is_asked(pupil)
        deviates = indicators.deviates(cell.value, proposed)
        ahead = indicators.forecast(given, self.policy.rounding_thresholds) if self.period is not None else None
        return PupilResult(
            pupil=pupil,
            marks=count,
            norm=norm,
            exempt=exempt,
            average=found.average,
            weighted_average=found.weighted_average,
            proposed="" if self.nothing_due else proposed,
            why=found.reason,
            forecast=ahead,
            cell=cell,
            deviates=deviates,
            asked=asked,
            missing=_missing(cell, asked, deviates),
            columns=columns,
        )

    def _given(self, pupil: PupilRow) -> tuple[list[WeighedMark], tuple[str, ...]]:
        """Return what the mark is made of: current marks, the periods' marks for the year, year and exam for final."""
        sources = [(column.key, column.weight) for column in self.counted]
        if self.choice.kind == "year":
            sources = [(period_key(p.kind, p.number), Decimal(1)) for p in self.builder.periods]
        elif self.choice.kind == "final":
            sources = [(period_key(kind, 1), Decimal(1)) for kind in ("year", "exam")]
        found = [(key, weight, cell.value) for key, weight in sources
                 if (cell := self._cell(key, pupil)) is not None and cell.value]  # fmt: skip
        return [WeighedMark(value, weight) for _, weight, value in found], tuple(key for key, _, _ in found)

    def _begun(self) -> bool:
        return self.begins <= self.spread.today

    def _norm_of(self, pupil: PupilRow) -> int:
        if not self.norm:
            return 0
        all_lessons = [c.held_on for c in self.spread.columns if c.kind == "lesson" and c.first_of_lesson
                       and self.period is not None and c.period_number == self.period.number and c.held_on]  # fmt: skip
        return indicators.pupil_norm(self.norm, sum(map(pupil.present_in_class, all_lessons)), len(all_lessons))

    def _missed_excused(self, pupil: PupilRow) -> int:
        cells = (self._cell(column.key, pupil) for column in self.lessons)
        return sum(cell is not None and cell.missed and cell.excused for cell in cells)

    def _is_asked(self, pupil: PupilRow) -> bool:
        """Say whether a mark is due: not of whoever left before the end; exams are not everybody's."""
        if self.nothing_due or self.choice.kind in ("exam", "final"):
            return False
        return pupil.until is None or pupil.until >= self.ends


def _missing(cell: GridCell, asked: bool, deviates: bool) -> str:
    if asked and not cell.value:
        return NO_MARK
    return NO_REASON if deviates and not cell.comment.strip() else ""

"""Proposed period marks of a spread, reckoned when somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from ejournal_core import marks
from ejournal_core.kinds import GradingPeriod, PeriodKind
from ejournal_core.marks import WeighedMark
from ejournal_core.policy import Policy
from ejournal_desktop.models.pages import GridCell, GridColumn, Proposal, PupilRow

YEAR_KEY = "year"


def period_key(kind: PeriodKind, number: int) -> str:
    """Return the key of a period's column: "quarter.1", "year"."""
    return YEAR_KEY if kind == "year" else f"{kind}.{number}"


class Proposals(Mapping[tuple[str, str], Proposal]):
    """Proposals by (period column key, pupil id): of periods that have begun, and of the year from its period marks.

    A class of 35 has 175 of them and a screen shows one column, so each is reckoned at its first look.

    Args:
        weekly_hours: of the page's load; 0 when unknown: the number of marks is not judged then.
        day: periods that begin later have no proposals.
    """

    def __init__(
        self,
        pupils: Sequence[PupilRow],
        columns: Sequence[GridColumn],
        cells: Mapping[tuple[str, str], GridCell],
        periods: Sequence[GradingPeriod],
        policy: Policy,
        weekly_hours: Decimal,
        day: date,
    ) -> None:
        self._cells = cells
        self._policy = policy
        self._hours = weekly_hours
        begun = {period_key(p.kind, p.number): p.number for p in periods if p.starts_on <= day}
        self._sources: dict[str, list[tuple[str, Decimal]]] = {
            key: [(c.key, c.weight) for c in columns if c.mark_column_id and c.period_number == number]
            for key, number in begun.items()
        }
        self._sources[YEAR_KEY] = [(period_key(p.kind, p.number), Decimal(1)) for p in periods]
        self._pupils = {pupil.pupil_id for pupil in pupils}
        self._found: dict[tuple[str, str], Proposal] = {}

    def __getitem__(self, key: tuple[str, str]) -> Proposal:
        column, pupil_id = key
        if column not in self._sources or pupil_id not in self._pupils:
            raise KeyError(key)
        if key not in self._found:
            self._found[key] = self._reckon(column, pupil_id)
        return self._found[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((column, pupil_id) for column in self._sources for pupil_id in self._pupils)

    def __len__(self) -> int:
        return len(self._sources) * len(self._pupils)

    def _reckon(self, column: str, pupil_id: str) -> Proposal:
        given = [
            WeighedMark(cell.value, weight)
            for source, weight in self._sources[column]
            if (cell := self._cells.get((source, pupil_id))) is not None and cell.value
        ]
        if column == YEAR_KEY and not given:
            return Proposal(pupil_id, None, None, "", 0)
        hours = None if column == YEAR_KEY else self._hours or None
        found = marks.propose_period_mark(given, self._policy, hours)
        return Proposal(pupil_id, found.average, found.weighted_average, found.value, found.marks)

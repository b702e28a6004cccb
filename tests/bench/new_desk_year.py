"""A deputy's new desk at the size of a real school's year of 350,000 records, and of four such years: minutes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.new_desk import measured
from tests.bench.rows import Amounts, Bench, Row


def new_desk_year(amounts: Amounts) -> Iterator[Row]:
    """One year, and four times that."""
    yield from measured("new_desk_year", amounts.new_desk_year, (1, 4))


BENCHES: tuple[Bench, ...] = (new_desk_year,)

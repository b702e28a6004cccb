"""A test fails when the program logged a warning or an error that the test did not expect.

A test expects one by the marker `@pytest.mark.logs("part of the message")`, which then must appear, or by asking for
the `caplog` fixture, which says that it looks at the log itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


class Collector(logging.Handler):
    """Keeps every record of level warning and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect the log of one test and judge it when everything of that test is put away."""
    collector = Collector()
    logging.getLogger().addHandler(collector)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(collector)
    if "caplog" not in request.fixturenames:
        judge(collector.records, [marker.args[0] for marker in request.node.iter_markers("logs")])


def judge(records: list[logging.LogRecord], expected: list[str]) -> None:
    """Fail for records that nobody expected, and for expectations that nothing met."""
    messages = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in records]
    unexpected = [message for message in messages if not any(part in message for part in expected)]
    if unexpected:
        listed = "\n  ".join(unexpected)
        pytest.fail(f'unexpected log; expect it with @pytest.mark.logs("part"):\n  {listed}', pytrace=False)
    unmet = [part for part in expected if not any(part in message for message in messages)]
    if unmet:
        pytest.fail(f"expected in the log and not found: {unmet}", pytrace=False)

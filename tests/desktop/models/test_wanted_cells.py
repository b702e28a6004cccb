"""What was wanted where nothing had stood: the cell is not empty, it says what was asked for or not taken."""

from __future__ import annotations

import pytest

from ejournal_core import ids
from ejournal_core.changes import Outcome
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.marks import put_mark, put_period_mark
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool

PUPIL, AWAY = "u-01", "u-02"


@pytest.mark.parametrize("outcome", ["refused", "pending", "quarantined"])
def test_an_entry_that_is_not_official_stands_in_its_cell_though_nothing_was_there(
    journal: Journal, school: SmallSchool, outcome: Outcome
) -> None:
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    set_presence(journal, LESSON, AWAY, "absent")
    put_period_mark(journal, school.page, PUPIL, "quarter", 1, "4")
    journal.settle(PocketServer(school).push(journal.outbox(), lambda _: outcome))
    cells = queries.journal_spread(journal, school.page).cells
    shown = [cells[COLUMN, PUPIL], cells[COLUMN, AWAY], cells["quarter.1", PUPIL]]
    assert [(cell.other_value, cell.delivery) for cell in shown] == [("5", outcome), ("н", outcome), ("4", outcome)]


def test_the_ids_of_facts_come_apart_as_they_were_put_together() -> None:
    assert ids.mark_parts(ids.mark(COLUMN, PUPIL)) == (COLUMN, PUPIL)
    assert ids.attendance_parts(ids.attendance(LESSON, PUPIL)) == (LESSON, PUPIL)
    assert ids.period_mark_parts(ids.period_mark("s.c", PUPIL, "half_year", 2)) == ("s.c", PUPIL, "half_year", 2)

"""What stands at a lesson, asked of a desk: what the rules ask anywhere, and found by the lesson's own ids."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ejournal_desktop.models.facts import DeskFacts
from tests.helpers.given import SETS, standing
from tests.helpers.plain_facts import PlainFacts
from tests.helpers.school import NOW, desk_of, small_school

FIRST = date(2026, 9, 14)


def test_a_desk_says_of_every_lesson_what_stands_there_and_walks_through_no_other(tmp_path: Path) -> None:
    bare = small_school()
    lessons = list(standing(bare.page, FIRST, bare.pupils))
    everything = [record for _, _, records in lessons for record in records]
    journal = desk_of(small_school(extra=everything), bare.teacher, tmp_path)
    asked: list[tuple[str, Any]] = []
    with journal.reading() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        facts, plain = DeskFacts(connection, NOW), PlainFacts(everything, NOW)
        for lesson_id, told, _ in lessons:
            assert facts.entries(lesson_id) == plain.entries(lesson_id) == told
        asked = [each for each in asked if each[0] != "BEGIN"]
        assert len(asked) == len(SETS)
        plan = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])]
    journal.close()
    assert len([step for step in plan if step.startswith("SEARCH") and "(id>? AND id<?)" in step]) == 4
    assert not [step for step in plan if step.startswith("SCAN") and "CONSTANT" not in step]

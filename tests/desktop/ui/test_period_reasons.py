"""The reason of a period mark that is half typed: nothing takes it away but writing it."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.desktop.ui.test_period_marks import ENTER, ESCAPE, opened
from tests.helpers.typing import press, type_text


def test_a_reason_waits_for_whoever_stepped_back_and_the_line_below_says_no_more_how(
    qtbot: QtBot, tmp_path: Path
) -> None:
    with opened(qtbot, tmp_path) as results:
        said: list[str] = []
        results.screen.hint_changed.connect(said.append)
        reason = results.table.reason
        type_text(results.table, "4")  # proposed is 3
        type_text(reason, "победа на олимп")
        press(reason, ESCAPE)
        assert "Enter — записать" not in said[-1]
        results.table.go_to_row(1)
        type_text(results.table, "4")
        assert reason.text() == "", "of another pupil nothing was typed"
        press(reason, ESCAPE)
        results.table.go_to_row(0)
        type_text(results.table, "4")
        assert reason.text() == "победа на олимп"
        reason.end(False)
        type_text(reason, "иаде")
        press(reason, ENTER)
        assert results.line(0).cell.comment == "победа на олимпиаде"
        assert reason.drafts == {}


def test_what_is_no_mark_is_refused_before_anybody_writes_why(qtbot: QtBot, tmp_path: Path) -> None:
    with opened(qtbot, tmp_path) as results:
        type_text(results.table, "7")
        assert not results.table.reason.isVisible()
        assert "«7» — не отметка" in results.table.lines.reason(0)[0]
        assert results.line(0).cell.value == ""

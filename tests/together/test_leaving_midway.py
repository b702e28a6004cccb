"""Who ends the session in the midst of a word has entered it: nothing that was typed waits for another key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_desktop.app import Program
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import lesson_plans as plans
from ejournal_desktop.models.commands.lesson_plans import RowDraft
from ejournal_desktop.models.queries.lesson_plans import rows_to_copy
from ejournal_desktop.ui.screens.lesson import LessonScreen
from ejournal_desktop.ui.screens.lesson_plan import LessonPlanScreen
from ejournal_desktop.ui.widgets.plan_entry import TOPIC
from tests.helpers.typing import type_text
from tests.together.conftest import Start
from tests.together.test_program import sign_in
from tests.together.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with Town(tmp_path) as made:
        yield made


@pytest.fixture
def program(town: Town, start: Start, qtbot: QtBot) -> Program:
    """Give the program with the teacher signed in; the server is away."""
    town.sit_down("staffroom", town.school.teacher).close()
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    return program


def test_a_topic_that_is_being_typed_is_entered_by_leaving(program: Program, town: Town, qtbot: QtBot) -> None:
    lesson = program.window.screen_of("lesson")
    assert isinstance(lesson, LessonScreen)
    lesson.open(town.school.today_lesson)
    program.window.go("lesson")
    lesson.panel.topic.setFocus()
    type_text(lesson.panel.topic, "Степень числа")
    program.leave()
    sign_in(program, qtbot)
    assert program.session is not None
    assert queries.lesson_sheet(program.session.journal, town.school.today_lesson).lesson.topic == "Степень числа"


def test_a_cell_of_the_plan_that_is_being_typed_is_entered_by_leaving(
    program: Program, town: Town, qtbot: QtBot
) -> None:
    assert program.session is not None
    plans.append_rows(program.session.journal, town.school.page, [RowDraft("Дроби")], replace=True)
    screen = program.window.screen_of("plan")
    assert isinstance(screen, LessonPlanScreen)
    program.window.go("plan")
    screen.open_page(town.school.page)
    screen.table.go_to(0, TOPIC)
    type_text(screen.table, "С")
    type_text(screen.table.editor, "тепени")
    program.leave()
    sign_in(program, qtbot)
    assert [row.topic for row in rows_to_copy(program.session.journal, town.school.page)] == ["Степени"]

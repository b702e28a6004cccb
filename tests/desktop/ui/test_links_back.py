"""Esc on Итоги and КТП leads back to the place whose line led there, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.places import Places
from tests.helpers.school import MOSCOW, desk_of
from tests.helpers.typing import press
from tests.helpers.whole_school import whole_school
from tests.helpers.windows import DEPUTY, shown_window

Key = Qt.Key
NOW = datetime(2026, 11, 3, 10, 42, tzinfo=MOSCOW)


def nobody(*_asked: object, **_more: object) -> Any:
    raise AssertionError("nothing is signed or asked of a server here")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk after the first quarter."""
    opened = desk_of(whole_school(3, 4, 5, date(2026, 10, 30)), "p-deputy", tmp_path, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def at_work(qtbot: QtBot, journal: Journal) -> Iterator[tuple[MainWindow, Places]]:
    """Give the deputy's window with all its places joined as in the program."""
    with shown_window(qtbot) as window:
        places = Places(journal, window, nobody, nobody, journal.clock)
        window.open_session(DEPUTY, places.listed(), 0)
        yield window, places


def test_from_the_results_of_a_page_esc_leads_back_to_readiness(
    qtbot: QtBot, at_work: tuple[MainWindow, Places]
) -> None:
    window, places = at_work
    control = places.control
    assert control is not None
    assert control.readiness is not None
    window.go("control")
    control.show_readiness()
    ready = control.readiness
    qtbot.waitUntil(lambda: ready.known is not None)
    press(ready.table, Key.Key_Return)
    assert window.place == "results"
    press(places.results.table, Key.Key_Escape)
    assert window.place == "control"
    assert ready.isVisible()


def test_whoever_came_by_oneself_stays(at_work: tuple[MainWindow, Places]) -> None:
    window, places = at_work
    window.go("control")
    window.go("results")
    press(places.results.table, Key.Key_Escape)
    assert window.place == "results"


def test_a_link_is_forgotten_once_the_person_has_gone_on(journal: Journal, at_work: tuple[MainWindow, Places]) -> None:
    window, places = at_work
    window.go("control")
    places.open_results(first_page(journal), "quarter", 1)
    window.go("journal")
    window.go("results")
    press(places.results.table, Key.Key_Escape)
    assert window.place == "results"


def test_from_a_plan_esc_leads_back_once_there_is_nothing_else_to_leave(
    journal: Journal, at_work: tuple[MainWindow, Places]
) -> None:
    window, places = at_work
    window.go("control")
    places.open_plan(first_page(journal))
    places.plan.table.lines.draft = {2: "Дроби"}
    places.plan.step_back()
    assert window.place == "plan"
    places.plan.step_back()
    assert window.place == "control"


def first_page(journal: Journal) -> str:
    return queries.journal_pages(journal)[0].id

"""Every sign of a cell is explained on the F1 page, and every sentence at a cell is one that a colleague would say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import RemarkKind
from ejournal_desktop.models.pages import Delivery
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.legend import HEADS, SIGNS, legend
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.tiles import BARS, Face, Tiles
from ejournal_desktop.ui.main_window import MainWindow
from tests.helpers import sample_pages
from tests.helpers.school import desk_of, small_school
from tests.helpers.typing import press
from tests.helpers.windows import open_session

Key = Qt.Key


def test_the_legend_explains_every_way_of_a_cell_and_no_two_look_the_same(qtbot: QtBot) -> None:
    assert qtbot is not None
    explained = {face.delivery for face, _ in SIGNS}
    assert explained | {"refused", "entered"} == set(get_args(Delivery))
    assert any(face.refused for face, _ in SIGNS)
    assert any(face.locked for face, _ in SIGNS)
    assert {kind for face, _ in SIGNS for kind in face.remarks} == set(get_args(RemarkKind))
    assert set(BARS.values()) == {BARS[head.work_kind_id] for head, _ in HEADS if head.work_kind_id in BARS}
    pictures = [bytes(picture.toImage().constBits()) for picture, _ in legend(1.0)]
    assert len(set(pictures)) == len(SIGNS) + len(HEADS)


def test_what_has_just_been_entered_has_no_sign_yet(qtbot: QtBot) -> None:
    assert qtbot is not None
    tiles = Tiles()
    tiles.forget(1.0)
    entered, delivered = (tiles.cell(Face(30, "5", delivery=way)).toImage() for way in ("entered", "delivered"))
    assert entered == delivered


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with open_session(qtbot, tmp_path) as (window, _journal, _school):
        window.resize(1366, 700)
        window.go("journal")
        qtbot.waitUntil(lambda: not window.screen_shown.is_opening)  # type: ignore[union-attr]
        yield window


def told(window: MainWindow) -> list[str]:
    return [label.text() for label in window.key_page.findChildren(QLabel)]


def test_f1_on_the_journal_shows_signs_beside_keys_and_esc_goes_back(window: MainWindow) -> None:
    window.toggle_keys()
    assert "Знаки в клетке" in told(window)
    explained = {words for _, words in (*SIGNS, *HEADS)}
    assert explained <= set(told(window))
    pictures = [label for label in window.key_page.findChildren(QLabel) if not label.pixmap().isNull()]
    assert {label.accessibleName() for label in pictures} == explained
    press(window.key_page, Key.Key_Escape)
    assert not window.key_page.isVisible()
    window.go("today")
    window.toggle_keys()
    assert "Знаки в клетке" not in told(window)


def test_the_page_of_keys_is_scrolled_by_the_keyboard(window: MainWindow) -> None:
    window.resize(1366, 500)
    window.toggle_keys()
    bar = window.key_page._area.verticalScrollBar()
    assert bar.maximum() > 0
    press(window.key_page, Key.Key_PageDown)
    assert bar.value() > 0
    press(window.key_page, Key.Key_Up)
    press(window.key_page, Key.Key_PageUp)
    assert bar.value() == 0


def test_on_a_narrow_window_the_signs_stand_under_the_keys(window: MainWindow) -> None:
    window.resize(900, 600)
    window.toggle_keys()
    assert window.key_page.width() <= 900
    assert "Знаки в клетке" in told(window)


# --- the sentence below --------------------------------------------------------------------------------------------


def test_no_code_stands_in_the_sentence_of_any_state(qtbot: QtBot, tmp_path: Path) -> None:
    assert qtbot is not None
    school = small_school()
    journal = desk_of(school, school.teacher, tmp_path)
    grid = MarkGrid(journal, school.page, spread=sample_pages.spread())
    said = {}
    for key, cell in grid.cells.items():
        place = grid.place(key)
        if place is not None and (cell.delivery != "delivered" or cell.reason):
            said[cell.delivery] = spoken.cell_sentence(grid, *place)
            assert "EJ-" not in said[cell.delivery] + spoken.announcement(grid, *place)
    assert said["refused"].endswith("стоит прежнее; исправьте и внесите ещё раз")
    assert "запись цела" in said["quarantined"]
    assert "решают авторы или завуч" in said["disputed"]
    assert "просят 4, Иванова М. П." in said["pending"]
    assert "Нужно обновление" in said["delivered"]
    grid.close()
    journal.close()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Сервер школы не принял запись (EJ-221).", ""),
        ("Отложено до решения администратора (EJ-382).",
         "Сервер школы видел две копии этого журнала и остановил приём из него"),
        ("Период закрыт: нужна заявка завучу.", "Период закрыт: нужна заявка завучу"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_code_becomes_words_or_goes(reason: str, said: str) -> None:
    assert spoken.plain_reason(reason) == said

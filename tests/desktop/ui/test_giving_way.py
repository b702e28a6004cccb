"""Long work beside the window lets a page be painted first, and lays out nothing anew while it goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.grids import giving_way
from ejournal_desktop.ui.grids.frame import Frame
from ejournal_desktop.ui.widgets import topic_face
from tests.helpers.spread import Spread, open_spread

LONG_S = 60.0


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> Iterator[Spread]:
    with open_spread(qtbot, tmp_path) as page:
        yield page


def beside() -> tuple[threading.Thread, threading.Event]:
    """Begin work on another thread; the event says that it has come to its next part."""
    went_on = threading.Event()

    def go_on() -> None:
        giving_way.give_way()
        went_on.set()

    work = threading.Thread(target=go_on)
    work.start()
    return work, went_on


def test_work_beside_the_window_waits_until_a_page_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_S", LONG_S)
    with giving_way.undisturbed():
        work, went_on = beside()
        assert not went_on.wait(0.05)
    assert went_on.wait(LONG_S / 2)
    work.join()


def test_a_page_that_could_not_be_painted_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_S", LONG_S)
    with pytest.raises(ValueError, match="torn"), giving_way.undisturbed():
        raise ValueError("torn")
    work, went_on = beside()
    assert went_on.wait(LONG_S / 2)
    work.join()


def test_a_page_that_takes_very_long_shares_the_computer_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giving_way, "LONGEST_S", 0.001)
    with giving_way.undisturbed():
        work, went_on = beside()
        assert went_on.wait(LONG_S)
    work.join()


def test_both_pages_are_painted_undisturbed_and_a_large_block_moves_nothing(
    page: Spread, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed: dict[str, bool] = {}

    def looked_at(name: str, paint: Any) -> Any:
        def painting(*args: Any, **kwargs: Any) -> None:
            undisturbed[name] = not giving_way._at_rest.is_set()
            paint(*args, **kwargs)

        return painting

    monkeypatch.setattr(Frame, "paint", looked_at("marks", Frame.paint))
    monkeypatch.setattr(topic_face, "paint", looked_at("lessons", topic_face.paint))
    assert page.screen.topics is not None
    page.view.viewport().repaint()
    page.screen.topics.viewport().repaint()
    assert undisturbed == {"marks": True, "lessons": True}

    page.press(Qt.Key.Key_Left)
    page.paste("4\t5\n" * 25)
    page.when_looked_at()
    strip = page.screen.clipboard.preview
    height = strip.sizeHint().height()
    page.press(Qt.Key.Key_Return)
    assert page.counts.startswith("Записываю")
    assert strip.sizeHint().height() == height, "both pages would be laid out and painted anew"
    page.when_entered()

"""Garbage is collected on the window's thread, and a look at it is short while somebody works."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.collecting import Collecting
from tests.bench.classroom import classroom


class Knot:
    """Holds itself: only a look at everything finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.enable()


def _look(collecting: Collecting) -> None:
    timer = collecting.findChild(QTimer)
    assert timer is not None
    timer.timeout.emit()


def test_what_came_since_is_collected_and_what_stood_before_is_passed_over(qtbot: QtBot) -> None:
    parent = QObject()
    collecting = Collecting(parent)
    assert not gc.isenabled()
    before, stood = weakref.ref(Knot()), len(gc.get_objects())
    collecting.follow(at_work=True)
    since = weakref.ref(Knot())
    assert len(gc.get_objects()) < stood / 10
    _look(collecting)
    assert since() is None
    assert before() is not None


def test_once_the_person_has_left_everything_is_looked_at_again(qtbot: QtBot) -> None:
    parent = QObject()
    collecting = Collecting(parent)
    knot = weakref.ref(Knot())
    collecting.follow(at_work=True)
    collecting.follow(at_work=False)
    _look(collecting)
    assert knot() is None


def test_the_screens_of_a_session_are_passed_over_until_the_person_leaves(qtbot: QtBot) -> None:
    with classroom(4, 6) as room:
        assert gc.get_freeze_count() > 10_000
        room.program.leave()
        assert gc.get_freeze_count() == 0

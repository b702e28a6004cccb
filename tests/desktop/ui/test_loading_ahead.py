"""What a session needs loads behind the painted Вход, a module at a turn, and stops with the window."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.loading_ahead import LoadingAhead

NAMES = ("loaded_ahead_plain", "loaded_ahead_first", "loaded_ahead_second")


@pytest.fixture
def _modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text("import threading\nthread = threading.current_thread().name\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in NAMES:
        sys.modules.pop(name, None)


def _loaded() -> list[str]:
    return [name for name in NAMES if name in sys.modules]


@pytest.mark.usefixtures("_modules")
def test_nothing_is_loaded_before_the_window_is_shown_and_everything_behind_it(qtbot: QtBot) -> None:
    window, jobs = QWidget(), Jobs()
    qtbot.addWidget(window)
    ahead = LoadingAhead(jobs, NAMES[:1], NAMES[1:])
    window.show()
    ahead.begin_after_paint(window)
    assert _loaded() == []
    qtbot.waitUntil(lambda: ahead.is_done)
    assert _loaded() == list(NAMES)
    assert sys.modules[NAMES[0]].thread.startswith("network")  # the lane of signing in
    assert {sys.modules[name].thread for name in NAMES[1:]} == {"MainThread"}
    jobs.close()


@pytest.mark.usefixtures("_modules")
@pytest.mark.parametrize("is_painted", [False, True])
def test_a_window_that_closes_at_once_loads_nothing(qtbot: QtBot, *, is_painted: bool) -> None:
    window, jobs = QWidget(), Jobs()
    qtbot.addWidget(window)
    ahead = LoadingAhead(jobs, NAMES[:1], NAMES[1:])
    window.show()
    if is_painted:
        qtbot.waitUntil(lambda: window.windowHandle().isExposed())
    ahead.begin_after_paint(window)
    ahead.close()
    jobs.close()
    qtbot.wait(20)
    assert _loaded() == []

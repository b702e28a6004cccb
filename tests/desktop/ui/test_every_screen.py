"""Every screen of the list of scenes by the keyboard alone, for a screen reader, and in windows of every size.

And the page of keys in the documents, which is what the program knows in them, no more and no less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QScrollBar, QWidget
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.key_page import KeyPage
from tools.key_list import PAGE, SceneKeys, drawn, keys_in, page_of_keys
from tools.scenes import SCENES, Named

#: Logical sizes: 1366×768 at 100 %, 1920×1080 at 150 and 200 %, and 3840×2160 at 200 and 100 %.
SIZES = ((1366, 768), (1280, 720), (960, 540), (1920, 1080), (3840, 2160))
PRESSES = 500  # more than a row of a year has cells
KEYS: dict[str, SceneKeys] = {}  # of the scenes that were drawn in this process


@pytest.fixture(params=SCENES, ids=lambda scene: scene.id)
def window(request: pytest.FixtureRequest, qtbot: QtBot) -> Iterator[MainWindow]:
    """Give the window in the state of a scene."""
    app, scene = QApplication.instance(), request.param
    assert isinstance(app, QApplication)
    assert isinstance(scene, Named)
    theme.apply(app, "light")
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(*SIZES[0])
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    scene.draw(window)
    app.processEvents()
    KEYS[scene.id] = keys_in(window)
    yield window
    window.close_session()
    window.jobs.close()


def test_it_fits_has_names_and_is_walked_by_tab(window: MainWindow) -> None:
    assert twice_used(window) == []
    assert silent(window) == []
    for size in SIZES:
        window.resize(*size)
        QApplication.processEvents()
        QApplication.processEvents()  # what was laid out may itself lay out
        settle(window)
        assert (size, cut(window)) == (size, [])
        assert (size, overlapping(window)) == (size, [])
    window.resize(*SIZES[0])
    QApplication.processEvents()
    walk(window)


def test_the_page_of_keys_is_made_from_the_actions_of_today(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    scenes = (KEYS.get(scene.id) or drawn(scene.draw) for scene in SCENES)
    assert PAGE.read_text(encoding="utf-8") == page_of_keys(scenes), "run: python -m tools.key_list"


# --- shortcuts and names ---------------------------------------------------------------------------------------------


def twice_used(window: MainWindow) -> list[str]:
    """Return shortcuts that mean two things at once: Qt would do neither."""
    used = Counter(keys for action in window.keys_here() for keys in action.shortcuts)
    return [keys for keys, times in used.items() if times > 1]


def silent(window: MainWindow) -> list[str]:
    """Return what takes the focus and has no name for a screen reader."""
    return [told(widget) for widget in focusable(window) if not spoken_name(widget)]


def spoken_name(widget: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def focusable(window: MainWindow) -> list[QWidget]:
    """Return what Tab should come to."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisibleTo(window)
        and widget.isEnabled()
        and Qt.FocusPolicy.TabFocus in widget.focusPolicy()
        and widget.focusProxy() is None
        and not isinstance(widget, QScrollBar)
    ]


def told(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{type(widget).__name__} {widget.accessibleName() or text!r} in {type(widget.parentWidget()).__name__}"


# --- room ------------------------------------------------------------------------------------------------------------


def written(window: MainWindow) -> list[QLabel | QAbstractButton]:
    """Return what stands on the window as a text in a place of its own."""
    parts: list[QLabel | QAbstractButton] = [*window.findChildren(QLabel), *window.findChildren(QAbstractButton)]
    return [part for part in parts if part.isVisibleTo(window) and part.text()]


def cut(window: MainWindow) -> list[str]:
    """Return texts that have less room than they need."""
    return [f"{told(part)}: {needed(part)} in {part.size()}" for part in written(window) if not fits(part)]


def settle(window: MainWindow) -> None:
    """Wait while a thread that saves entries changes the words of the header, which are then laid out anew."""
    for _ in range(300):
        if not cut(window):
            return
        QTest.qWait(10)


def needed(part: QLabel | QAbstractButton) -> QSize:
    if isinstance(part, QLabel) and part.wordWrap():
        return QSize(0, part.heightForWidth(part.width()))
    if isinstance(part, QLabel):
        return part.minimumSizeHint()
    metrics = part.fontMetrics()
    return QSize(metrics.horizontalAdvance(part.text().replace("&", "")), metrics.height())


def fits(part: QLabel | QAbstractButton) -> bool:
    need = needed(part)
    return need.width() <= part.width() and need.height() <= part.height()


def overlapping(window: MainWindow) -> list[tuple[str, str]]:
    """Return texts of one parent that lie over each other; the place where a file may be dropped lies over others."""
    found = []
    parts = [part for part in written(window) if part.objectName() != "dropTarget"]
    for number, one in enumerate(parts):
        for other in parts[number + 1 :]:
            same = one.parentWidget() is other.parentWidget()
            if same and one.geometry().intersects(other.geometry()):
                found.append((told(one), told(other)))
    return found


# --- the walk --------------------------------------------------------------------------------------------------------


def walk(window: MainWindow) -> None:
    """Press Tab until it comes round: the focus is never lost, always seen, and comes to everything."""
    here = focus(window)
    if isinstance(here, KeyPage):
        press_tab(window)
        assert focus(window) is here, "under the sheet nobody sees where they type"
        return
    reached: set[QWidget] = set()
    for _ in range(PRESSES):
        before, seen = here, picture(window, here) if here not in reached else None
        press_tab(window)
        here = focus(window)
        if here is before:
            continue  # along the row of a grid
        if seen is not None and Qt.FocusPolicy.TabFocus in before.focusPolicy() and before.isVisibleTo(window):
            assert picture(window, before) != seen, f"nobody sees that the focus is on {told(before)}"
        reached.add(before)
        if here in reached:
            break
    assert [told(widget) for widget in focusable(window) if widget not in reached] == []


def press_tab(window: MainWindow) -> None:
    QTest.keyClick(focus(window), Qt.Key.Key_Tab)
    QApplication.processEvents()


def focus(window: MainWindow) -> QWidget:
    """Return where the focus is; fails when it is nowhere or on something that cannot be seen."""
    found = QApplication.focusWidget()
    assert found is not None, "the focus is lost"
    assert found.isVisibleTo(window), f"the focus is on {told(found)}, which is hidden"
    return found


def picture(window: MainWindow, part: QWidget) -> QImage:
    """Return how a part of the window looks, with what is drawn around it."""
    return window.grab(QRect(part.mapTo(window, QPoint(0, 0)), part.size()).adjusted(-3, -3, 3, 3)).toImage()

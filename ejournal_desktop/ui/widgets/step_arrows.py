"""The two arrows beside what a person goes through step by step: a day, a week."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from ejournal_desktop.ui.words import tr


def step_arrows(parent: QWidget, step: Callable[[int], None]) -> tuple[QToolButton, QToolButton]:
    """Return the arrow to what was earlier and the one to what is later; pressed they bring −1 and 1 to `step`."""
    return (
        _arrow(parent, Qt.ArrowType.LeftArrow, tr("Раньше"), lambda: step(-1)),
        _arrow(parent, Qt.ArrowType.RightArrow, tr("Позже"), lambda: step(1)),
    )


def _arrow(parent: QWidget, arrow: Qt.ArrowType, name: str, pressed: Callable[[], None]) -> QToolButton:
    button = QToolButton(parent)
    button.setArrowType(arrow)
    button.setAccessibleName(name)
    button.setToolTip(tr("Alt+стрелка"))
    button.setProperty("look", "quiet")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _checked=False: pressed())
    return button

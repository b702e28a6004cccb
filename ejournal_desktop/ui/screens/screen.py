"""What the window asks of a screen: a place where a person can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.actions import Action


class Screen(Protocol):
    """A `QWidget` that offers actions. It may have more, each found by its name:

    `header: QWidget`: its title or chooser, shown in the window's header while the screen is;
    `enter()`: called when the person comes here, to put the focus where work goes on;
    `hint_changed: Signal(str)`: a line for the bottom of the window;
    `close_screen()`: called before the journal is closed.
    """

    def actions(self) -> list[Action]:
        """Return what can be done here (it hides Qt's own list of the same name, which nobody needs)."""


@dataclass(frozen=True)
class Place:
    """A screen in the navigation. `id` is stable ("today"); a place without `title` is reached another way."""

    id: str
    title: str
    widget: QWidget

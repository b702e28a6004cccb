"""What the window asks of a screen: a place where a person can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.actions import Action


class Screen(Protocol):
    """A `QWidget` that offers actions. It may have more, each found by its name:

    `header: QWidget`: its title or chooser, shown in the window's header while the screen is;
    `lesson_id: str`: the lesson that the person is at, "" for none;
    `come_from(lesson_id)`: called before `enter` when the person comes from a screen that is at a lesson;
    `entry_keys`: keys that it reads by itself, as (keys, what they do), for the page of keys;
    `signs`: pictures of what it paints and their meaning, for the page of keys;
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

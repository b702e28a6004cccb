"""What Мой класс asks of its parts: each is a page of its own behind a tab."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import SignalInstance

from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.ui.actions import Action


class ClassPart(Protocol):
    """A `QWidget`. It may have `entry_keys`, keys that it reads by itself, as (keys, what they do).

    Attributes:
        title: on its tab.
        troubled, hint_changed: signals, as those of a screen.
    """

    title: str
    troubled: SignalInstance
    hint_changed: SignalInstance

    def show_class(self, group: ClassRef) -> None:
        """Show a class: called before `enter`, and whenever another one is chosen."""

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""

    def refresh(self) -> None:
        """Read again: somebody wrote; the cursor and what is half typed stay."""

    def actions(self) -> list[Action]:
        """Return what can be done here; installed while the part is in front."""

"""What Мой класс asks of its parts: each is a page of its own behind a tab."""

from __future__ import annotations

from typing import Protocol

from ejournal_desktop.models.queries.my_class import ClassRef
from ejournal_desktop.ui.widgets.part_tabs import Part


class ClassPart(Part, Protocol):
    """A part that is about one class."""

    def show_class(self, group: ClassRef) -> None:
        """Show a class: called before `enter`, and whenever another one is chosen."""

"""Parts of a screen, each on a page of its own behind a tab: Мой класс and Администрирование."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action
from ejournal_desktop.ui.widgets.layouts import MARGIN
from ejournal_desktop.ui.words import tr


class Part(Protocol):
    """A `QWidget`.

    It may have `entry_keys`, keys that it reads by itself, as (keys, what they do); a signal `turned`, where pages of
    its own have actions of their own; and `close_part()`, called before the journal is closed.

    Attributes:
        title: on its tab.
        troubled, hint_changed: signals, as those of a screen.
    """

    title: str
    troubled: SignalInstance
    hint_changed: SignalInstance

    def enter(self) -> None:
        """Read again and put the focus where work goes on."""

    def refresh(self) -> None:
        """Read again: somebody wrote; the cursor and what is half typed stay."""

    def actions(self) -> list[Action]:
        """Return what can be done here; installed while the part is in front."""


class PartTabs(QFrame):
    """The tabs with their pages; whoever shows it installs the actions of the part that comes to the front.

    Args:
        name: the title of the screen, as it is told to a screen reader.
        parts: in the order of their tabs; at least one.
        elsewhere: who has what a person may look for here in vain, "" for nothing.
    """

    turned = Signal()
    acts_changed = Signal()  # the part in front offers others
    troubled = Signal(object)
    hint_changed = Signal(str)

    def __init__(self, name: str, parts: Sequence[Part], parent: QWidget | None = None, *, elsewhere: str = "") -> None:
        super().__init__(parent)
        self.setProperty("look", "paper")
        self.parts = parts
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Части раздела «{0}»").format(name))
        self.elsewhere = QLabel(elsewhere, self)
        self.elsewhere.setProperty("look", "secondary")
        self.elsewhere.setVisible(bool(elsewhere))
        self.pages = QStackedWidget(self)
        for part in parts:
            self.tabs.addTab(part.title)
            self.pages.addWidget(cast(QWidget, part))
            part.troubled.connect(self.troubled)
            part.hint_changed.connect(self.hint_changed)
            if (turned := getattr(part, "turned", None)) is not None:
                turned.connect(self.acts_changed)
        self.tabs.currentChanged.connect(self._turn)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.UNIT, theme.UNIT, theme.UNIT, 0)  # the words of a tab begin 12 px further
        head.addWidget(self.tabs)
        head.addStretch(1)
        head.addWidget(self.elsewhere)
        self.elsewhere.setContentsMargins(0, 0, MARGIN - theme.UNIT, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.pages, 1)

    @property
    def part(self) -> Part:
        """Return the part in front."""
        return self.parts[self.tabs.currentIndex()]

    def open(self, title: str) -> None:
        """Show a part by the title of its tab."""
        self.tabs.setCurrentIndex(next(at for at, part in enumerate(self.parts) if part.title == title))

    def step(self, by: int) -> None:
        """Show the next or previous part."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % len(self.parts))

    def close_parts(self) -> None:
        """Let parts close what they hold open."""
        for part in self.parts:
            if (close := getattr(part, "close_part", None)) is not None:
                close()

    def _turn(self, number: int) -> None:
        self.pages.setCurrentIndex(number)
        self.hint_changed.emit("")
        self.turned.emit()

    def moving(self, prefix: str) -> list[Action]:
        """Return the ways from one part to another; `prefix` begins their ids ("class")."""
        group = tr("Переход")
        return [
            Action(f"{prefix}.next_part", tr("Следующая часть раздела"), ("Ctrl+PgDown",), lambda: self.step(1), group),
            Action(f"{prefix}.previous_part", tr("Предыдущая часть раздела"), ("Ctrl+PgUp",), lambda: self.step(-1),
                   group),
        ]  # fmt: skip

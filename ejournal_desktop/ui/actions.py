"""Each thing a person can do, named once: menus, shortcuts and the F1 page of keys are made from these."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

#: Qt's Russian names of the keys that carry a sign on every keyboard.
ARROWS = {"Влево": "←", "Вправо": "→", "Вверх": "↑", "Вниз": "↓"}


@dataclass(frozen=True)
class Action:
    """One thing a person can do on a screen or anywhere.

    Attributes:
        id: a stable dotted name ("lesson.hold"), unique among the actions offered at one moment.
        text: what it is called in menus and on the F1 page, in Russian.
        shortcuts: key sequences in Qt's portable form ("Ctrl+L"); empty for things that only the menu offers.
        run: called on the GUI thread.
        menu: the heading on the F1 page, and the group in menus.
        keys: what the F1 page shows for keys that a widget reads by itself ("5 4 3 2"); they are no shortcuts, since
            a shortcut would be heard in every field of the screen.
    """

    id: str
    text: str
    shortcuts: tuple[str, ...]
    run: Callable[[], None]
    menu: str
    keys: str = ""


def nothing() -> None:
    """Do nothing: the `run` of keys that only the F1 page tells of, since a menu cannot do what they do."""


def told_only(menu: str, keys: Iterable[tuple[str, str]]) -> list[Action]:
    """Return keys that a widget reads by itself, as (keys, what they do), for the F1 page."""
    return [Action(f"key.{number}", text, (), nothing, menu, key) for number, (key, text) in enumerate(keys)]


def install(widget: QWidget, actions: Iterable[Action]) -> list[QAction]:
    """Make the shortcuts of `actions` work while the focus is inside `widget`; replaces what was installed before."""
    for old in QWidget.actions(widget):  # a screen's own `actions` are ours
        if old.property("ejournal"):
            widget.removeAction(old)
            old.deleteLater()
    made = [qt_action(widget, action) for action in actions]
    widget.addActions(made)
    return made


def offered(widget: QWidget) -> list[Action]:
    """Return what a screen offers; nothing for a widget that is no screen."""
    return [action for action in list[object](widget.actions()) if isinstance(action, Action)]


def qt_action(parent: QWidget, action: Action) -> QAction:
    """Return the Qt side of one action, owned by `parent`."""
    made = QAction(action.text, parent)
    made.setObjectName(action.id)
    made.setShortcuts([QKeySequence(keys) for keys in action.shortcuts])
    made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.setProperty("ejournal", True)
    made.triggered.connect(lambda: action.run())
    return made


def context_menu(parent: QWidget, actions: Iterable[Action]) -> QMenu:
    """Return a menu that offers what the keyboard does, a line between groups."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    group: str | None = None
    for action in actions:
        if action.run is nothing:
            continue
        if group is not None and action.menu != group:
            menu.addSeparator()
        group = action.menu
        made = qt_action(menu, action)
        made.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown, not heard twice
        menu.addAction(made)
    return menu


def key_text(shortcut: str) -> str:
    """Return a shortcut as people read it on their keyboard."""
    text = QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")
    for word, sign in ARROWS.items():
        text = text.replace(word, sign)
    return text


def key_page(actions: Iterable[Action]) -> dict[str, list[tuple[str, str]]]:
    """Return the F1 page: heading → (keys, what they do) in the order given; no keys, no line."""
    page: dict[str, list[tuple[str, str]]] = {}
    for action in actions:
        keys = action.keys or "  или  ".join(key_text(keys) for keys in action.shortcuts)
        if keys:
            page.setdefault(action.menu, []).append((keys, action.text))
    return page

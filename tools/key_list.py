"""The page of all shortcuts for docs: `python -m tools.key_list` writes docs/user/keys.md.

It is made of what F1 shows in the scenes of `tools.scenes`, so a key that the program does not know cannot stand here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import key_page
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.part_tabs import PartTabs
from tools.scenes import SCENES, Scene

Lines = dict[str, list[tuple[str, str]]]  # keys and what they do, by heading
Told = dict[str, dict[str, str]]  # what is done and by which keys, by heading

PAGE = Path(__file__).resolve().parents[1] / "docs" / "user" / "keys.md"
HEAD = """# Клавиши

Эту страницу пишет `python -m tools.key_list` из самих действий программы; то же показывает `F1` на каждом экране.
Кроме набора в самой клетке всё это есть и в меню: правая кнопка мыши или клавиша меню.
"""
SIZE = (1366, 768)
OF = " · "  # between the name of a screen and that of its tab
#: Which section has which number depends on whose window it is.
SECTIONS = {"Разделы": {"Раздел по порядку в списке слева": "Ctrl+1 … Ctrl+9, Ctrl+- и Ctrl+="}}


class SceneKeys(NamedTuple):
    """What F1 shows in one scene: the title of its screen, "" where there is none, and lines by heading."""

    title: str
    here: Lines
    everywhere: Lines


def keys_in(window: MainWindow) -> SceneKeys:
    """Return what can be done by key where a window stands."""
    screen = window.screen_shown
    if screen is None:
        return SceneKeys("", {}, {})
    general = window.general_actions()
    ids = {action.id for action in general}
    return SceneKeys(
        _title(screen),
        key_page([action for action in window.keys_here() if action.id not in ids]),
        key_page([action for action in general if not action.id.startswith("go.")]),
    )


def drawn(draw: Scene) -> SceneKeys:
    """Return the keys of a scene that is drawn for it; needs an application."""
    window = MainWindow()
    window.resize(*SIZE)
    window.show()
    try:
        draw(window)
        QApplication.processEvents()
        return keys_in(window)
    finally:
        window.close_session()
        window.jobs.close()
        window.close()
        window.deleteLater()  # a hundred windows are 3 GB, and no loop runs here that would let one go
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def page_of_keys(scenes: Iterable[SceneKeys]) -> str:
    """Return the page as Markdown: a screen or its tab each, in the order of the scenes, then what works everywhere."""
    screens: dict[str, Told] = {}
    everywhere: Told = {heading: dict(lines) for heading, lines in SECTIONS.items()}
    for scene in scenes:
        if scene.title:
            _merge(screens.setdefault(scene.title, {}), scene.here)
        _merge(everywhere, scene.everywhere)
    sections = list(dict.fromkeys(map(_section, screens)))
    in_order = sorted(screens, key=lambda title: sections.index(_section(title)))  # the tabs of a section together
    parts = [_part(title, screens[title]) for title in in_order if screens[title]]
    return "\n".join([HEAD, *parts, _part("Везде", everywhere)])


def _title(screen: QWidget) -> str:
    """Return the name of a screen with that of its tab in front: one key means another thing behind each."""
    name, tabs = screen.accessibleName(), getattr(screen, "tabs", None)
    return f"{name}{OF}{tabs.part.title}" if name and isinstance(tabs, PartTabs) else name


def _section(title: str) -> str:
    return title.split(OF)[0]


def _merge(found: Told, told: Lines) -> None:
    for heading, lines in told.items():
        for keys, text in lines:
            found.setdefault(heading, {}).setdefault(text, keys)


def _part(title: str, told: Told) -> str:
    lines = [f"## {title}", "", "| клавиши | что делают |", "| --- | --- |"]
    for heading, rows in told.items():
        lines.append(f"| **{heading}** | |")
        lines += [f"| {keys} | {text} |" for text, keys in rows.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    app = QApplication(sys.argv)
    theme.apply(app, "light")
    PAGE.write_text(page_of_keys(drawn(scene.draw) for scene in SCENES), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()

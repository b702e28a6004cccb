"""The page of all shortcuts for docs: `python -m tools.key_list` writes docs/user/keys.md.

It is made of what F1 shows in the scenes of `tools.scenes`, so a key that the program does not know cannot stand here.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.actions import Action, key_page
from ejournal_desktop.ui.main_window import MainWindow
from tools.scenes import SCENES, Scene

PAGE = Path(__file__).resolve().parents[1] / "docs" / "user" / "keys.md"
HEAD = """# Клавиши

Эту страницу пишет `python -m tools.key_list` из самих действий программы; то же показывает `F1` на каждом экране.
Кроме набора в самой клетке всё это есть и в меню: правая кнопка мыши или клавиша меню.
"""
SIZE = (1366, 768)


def page_of_keys() -> str:
    """Return the page as Markdown: one part a screen, then what works everywhere; needs an application."""
    screens: dict[str, dict[str, dict[str, str]]] = {}
    everywhere: dict[str, dict[str, str]] = {}
    for scene in SCENES:
        title, here, general = _keys_in(scene.draw)
        if title:
            _merge(screens.setdefault(title, {}), here)
        _merge(everywhere, general)
    parts = [_part(title, told) for title, told in screens.items() if told]
    return "\n".join([HEAD, *parts, _part("Везде", everywhere)])


def _keys_in(draw: Scene) -> tuple[str, list[Action], list[Action]]:
    """Return the title of the screen that a scene comes to, what can be done on it, and what can be done anywhere."""
    window = MainWindow()
    window.resize(*SIZE)
    window.show()
    try:
        draw(window)
        QApplication.processEvents()
        screen = window.screen_shown
        if screen is None:
            return "", [], []
        general = [action for action in window.general_actions() if not action.id.startswith("go.")]
        ids = {action.id for action in window.general_actions()}
        return screen.accessibleName(), [action for action in window.keys_here() if action.id not in ids], general
    finally:
        window.close_session()
        window.jobs.close()
        window.close()
        window.deleteLater()
        QApplication.processEvents()


def _merge(found: dict[str, dict[str, str]], actions: list[Action]) -> None:
    for heading, lines in key_page(actions).items():
        for keys, text in lines:
            found.setdefault(heading, {}).setdefault(text, keys)


def _part(title: str, told: dict[str, dict[str, str]]) -> str:
    lines = [f"## {title}", "", "| клавиши | что делают |", "| --- | --- |"]
    for heading, rows in told.items():
        lines.append(f"| **{heading}** | |")
        lines += [f"| {keys} | {text} |" for text, keys in rows.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    app = QApplication(sys.argv)
    theme.apply(app, "light")
    PAGE.write_text(page_of_keys(), encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()

"""The page of keys in the documents is what the program knows, no more and no less."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from ejournal_desktop.ui import theme
from tools.key_list import PAGE, page_of_keys


def test_the_page_of_keys_is_made_from_the_actions_of_today(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert PAGE.read_text(encoding="utf-8") == page_of_keys(), "run: python -m tools.key_list"

"""The colours that are measured are those on the screen: none is written outside the theme, each is seen everywhere."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest

from ejournal_desktop.ui.theme import DARK, LIGHT, Tokens
from tests.desktop.ui.test_theme import GROUNDS, SIGNALS, contrast
from tests.helpers.source import ROOT

A_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}\b|\bQColor\(|\brgba?\(|Qt\.GlobalColor\.(?!transparent)\w+")


def test_no_colour_is_written_anywhere_but_in_the_theme() -> None:
    sources = [*(ROOT / "ejournal_desktop" / "ui").rglob("*.py"), ROOT / "resources" / "theme.qss"]
    assert len(sources) > 50
    found = [
        f"{file.relative_to(ROOT)}: {colour}"
        for file in sources
        if file.name != "theme.py"
        for colour in A_COLOUR.findall(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_signal_can_be_told_from_the_row_and_the_column_that_it_stands_in(tokens: Tokens, ground: str) -> None:
    colours = asdict(tokens)
    assert {signal for signal in SIGNALS if contrast(colours[signal], colours[ground]) < 3} == set()

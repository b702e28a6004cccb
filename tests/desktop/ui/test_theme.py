"""The colours can be read by everybody, the fonts come with the program, the buttons speak Russian."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetrics, QTextDocumentFragment
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.theme import DARK, LIGHT, Tokens
from ejournal_desktop.ui.words import as_tip

TEXTS = ("ink", "secondary", "accent", "warning", "danger", "dispute", "positive")
SIGNALS = ("accent", "positive", "warning", "danger", "dispute", "neutral")
GROUNDS = ("paper", "ground", "today", "period", "selection")


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2.2, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_formula_agrees_with_known_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_every_text_can_be_read_on_every_ground(tokens: Tokens, ground: str) -> None:
    colours = asdict(tokens)
    poor = {text: round(contrast(colours[text], colours[ground]), 2) for text in TEXTS}
    assert {text: ratio for text, ratio in poor.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_signal_can_be_told_from_every_ground(tokens: Tokens) -> None:
    colours = asdict(tokens)
    pairs = {(s, g): round(contrast(colours[s], colours[g]), 2) for s in SIGNALS for g in ("paper", "ground", "today")}
    assert {pair: ratio for pair, ratio in pairs.items() if ratio < 3} == {}


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_words_on_the_main_button_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


def test_the_font_is_the_programs_own_and_its_figures_line_up(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert QFontInfo(theme.font()).family() == "PT Sans"
    for weight in (theme.REGULAR, theme.BOLD):
        metrics = QFontMetrics(theme.font(theme.MARK, weight))
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
    assert all(QFontMetrics(theme.font()).inFontUcs4(ord(letter)) for letter in "ЁёЙйЩщ№«»–§")


def test_text_is_bold_enough_to_be_seen_as_bold(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert QFontInfo(theme.font(theme.BASE, theme.BOLD)).weight() >= QFont.Weight.DemiBold


def test_a_scheme_can_be_changed_while_the_program_runs(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")
    assert theme.tokens() is DARK
    assert qapp.palette().base().color().name().upper() == DARK.paper
    theme.apply(qapp, "light")
    assert theme.tokens() is LIGHT
    assert qapp.palette().base().color().name().upper() == LIGHT.paper


def test_the_style_sheet_names_only_colours_that_exist(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert "@" not in qapp.styleSheet().split("*/", 1)[1]


def test_standard_buttons_speak_russian(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
    assert {button.text().replace("&", "") for button in box.buttons()} == {"Сохранить", "Отмена"}


def test_words_that_come_from_others_are_never_taken_for_markup(qtbot: QtBot, qapp: QApplication) -> None:
    theme.apply(qapp)
    hidden = "Акт № 7<!-- Котова Анна -->"
    label = QLabel(hidden)
    qtbot.addWidget(label)
    label.show()
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert QTextDocumentFragment.fromHtml(as_tip(hidden)).toPlainText() == hidden
    assert QTextDocumentFragment.fromHtml(as_tip("&lt; 6")).toPlainText() == "&lt; 6"
    assert as_tip("обычные слова") == "обычные слова"

"""The look in one place: colours for light and dark, type, spacing, motion.

Everything painted takes its colour from `tokens()` and its font from `font()`. `apply` puts the look on the application
and keeps following the system's light or dark scheme.
"""

from __future__ import annotations

import gc
import string
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import fontpkg_pt_sans
import fontpkg_pt_sans_narrow
from PySide6.QtCore import QLibraryInfo, QLocale, Qt, QTranslator
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyleFactory

from ejournal_desktop import paths

Scheme = Literal["system", "light", "dark"]


@dataclass(frozen=True)
class Tokens:
    """The colours of one scheme, as "#RRGGBB"; every text colour has ≥ 4.5:1 and every signal ≥ 3:1 on its grounds."""

    paper: str  # where data stand
    ground: str  # around the paper: heads, navigation, strips
    ink: str
    secondary: str
    line: str  # hairlines between rows
    rule: str  # stronger rules: months, period columns, frames of fields
    accent: str  # the place where you are, the one main action
    on_accent: str
    today: str  # tint of today's column
    selection: str  # tint of the current row and of chosen list entries
    period: str  # tint of period columns
    positive: str
    warning: str
    danger: str
    dispute: str
    neutral: str  # bars of ordinary kinds of work


LIGHT = Tokens(
    paper="#FFFFFF", ground="#F6F7F9", ink="#1B1F24", secondary="#5A6472", line="#E3E7EC", rule="#B4BDC8",
    accent="#2F5DA8", on_accent="#FFFFFF", today="#EDF3FC", selection="#E4ECF8", period="#F6F7F9",
    positive="#2A7448", warning="#9A5B00", danger="#B3261E", dispute="#7A3E9D", neutral="#7D8896",
)  # fmt: skip

DARK = Tokens(
    paper="#1C2025", ground="#15181C", ink="#E6E9ED", secondary="#9AA5B1", line="#2C323A", rule="#4A5461",
    accent="#7FA7E8", on_accent="#10151C", today="#212A37", selection="#27344A", period="#181C20",
    positive="#6CC08F", warning="#E0A850", danger="#F28B82", dispute="#C79BE0", neutral="#7D8896",
)  # fmt: skip

# --- type: PT Sans (its figures are tabular by nature), pixels at 100 % -----------------------------------------------

FAMILY = "PT Sans"
NARROW = "PT Sans Narrow"
TINY = 10
SMALL = 11
BASE = 13
MARK = 14
TITLE = 16
LARGE = 20
REGULAR = QFont.Weight.Normal
BOLD = QFont.Weight.DemiBold

# --- space: a 4-px grid ----------------------------------------------------------------------------------------------

UNIT = 4
ROW = 22  # a row of the grid
LIST_ROW = 32
FIELD = 28  # height of buttons and one-line fields
CELL = 30  # a single mark
GLOW_MS = 2400  # how long a cell changed elsewhere keeps its tint
LOADING_AFTER_MS = 200

_current: Tokens = LIGHT


def tokens() -> Tokens:
    """Return the colours in force."""
    return _current


@lru_cache(maxsize=256)
def colour(value: str, alpha: float = 1.0) -> QColor:
    """Return a colour "#RRGGBB" with an opacity between 0 and 1."""
    result = QColor(value)
    result.setAlphaF(alpha)
    return result


@lru_cache(maxsize=64)
def font(pixels: int = BASE, weight: QFont.Weight = REGULAR, family: str = FAMILY, *, italic: bool = False) -> QFont:
    """Return the journal's font in a size of logical pixels; letters of absence are italic, so that «б» is no 6."""
    result = QFont(family)
    result.setPixelSize(pixels)
    result.setWeight(weight)
    result.setItalic(italic)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


def motion_allowed() -> bool:
    """Say whether the system lets things move."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return False
    return app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0


def apply(app: QApplication, scheme: Scheme = "system") -> None:
    """Put fonts, colours, style sheet and the Russian names of standard buttons on the application.

    With "system" the look follows the system's scheme from now on; calling again changes it at once.
    """
    _load_fonts()
    _translate(app)
    if not app.property("ejournal_scheme"):
        app.setStyle(QStyleFactory.create("Fusion"))
        app.setFont(font())
        app.styleHints().colorSchemeChanged.connect(lambda _scheme: _recolour(app))
    app.setProperty("ejournal_scheme", scheme)
    _recolour(app)


def _recolour(app: QApplication) -> None:
    global _current
    scheme = app.property("ejournal_scheme")
    dark = scheme == "dark" or (scheme == "system" and app.styleHints().colorScheme() == Qt.ColorScheme.Dark)
    wanted = DARK if dark else LIGHT
    if wanted is _current and app.styleSheet():
        return
    _current = wanted
    with _nothing_freed():
        app.setPalette(_palette(_current))
        app.setStyleSheet(_style_sheet(_current))


@contextmanager
def _nothing_freed() -> Iterator[None]:
    """Keep Python from freeing a widget while Qt walks through its list of them: that takes the program along."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@lru_cache(maxsize=1)
def _load_fonts() -> tuple[str, ...]:
    files = sorted(
        file
        for package in (fontpkg_pt_sans, fontpkg_pt_sans_narrow)
        for file in (Path(package.ROOT) / "files").glob("*.ttf")
    )
    loaded = [QFontDatabase.addApplicationFont(str(file)) for file in files]
    return tuple(QFontDatabase.applicationFontFamilies(number)[0] for number in loaded if number >= 0)


def _translate(app: QApplication) -> None:
    if app.property("ejournal_translated"):
        return
    QLocale.setDefault(QLocale(QLocale.Language.Russian, QLocale.Country.Russia))
    translator = QTranslator(app)
    if translator.load("qtbase_ru", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        QGuiApplication.installTranslator(translator)
    app.setProperty("ejournal_translated", True)


def _palette(t: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, value in (
        (role.Window, t.ground), (role.WindowText, t.ink), (role.Base, t.paper), (role.AlternateBase, t.ground),
        (role.Text, t.ink), (role.PlaceholderText, t.secondary), (role.Button, t.paper), (role.ButtonText, t.ink),
        (role.Highlight, t.accent), (role.HighlightedText, t.on_accent), (role.Link, t.accent),
        (role.LinkVisited, t.accent), (role.ToolTipBase, t.paper), (role.ToolTipText, t.ink), (role.Mid, t.rule),
        (role.Midlight, t.line), (role.Dark, t.rule), (role.Light, t.paper), (role.Shadow, t.rule),
        (role.Accent, t.accent), (role.BrightText, t.danger),
    ):  # fmt: skip
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(t.secondary))
    return palette


def _style_sheet(t: Tokens) -> str:
    return _Template(_style_source()).substitute(asdict(t))


@lru_cache(maxsize=1)
def _style_source() -> str:
    return (paths.resources_folder() / "theme.qss").read_text(encoding="utf-8")


class _Template(string.Template):
    delimiter = "@"  # style sheets have no other use for it

"""The typefaces of official paper: registered from their packages, with spare faces for signs the first lacks.

Nothing is copied into the repository: the OFL fonts come as exactly pinned packages. A character that no face has is
printed as its Unicode number in brackets, never as an empty box and never left out.
"""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

import fontpkg_fira_code
import fontpkg_inter  # type: ignore[import-untyped]
import fontpkg_pt_sans
import fontpkg_pt_sans_narrow
import fontpkg_pt_serif
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from ejournal_desktop.documents import drawn_signs

SERIF: Final = "PTSerif"
SERIF_BOLD: Final = "PTSerif-Bold"
SERIF_ITALIC: Final = "PTSerif-Italic"
NARROW: Final = "PTSansNarrow"
NARROW_BOLD: Final = "PTSansNarrow-Bold"
SANS: Final = "PTSans"
#: Faces asked in this order for a sign that the face in use lacks: phonetics and Greek, sets and arrows, angles.
SPARE: Final = ("Inter", "FiraCode", "EjournalSigns")

Run = tuple[str, str]  # (font name, text)


@cache
def _file(name: str) -> str | BytesIO:
    serif, narrow = Path(fontpkg_pt_serif.ROOT) / "files", Path(fontpkg_pt_sans_narrow.ROOT) / "files"
    files = {
        SERIF: serif / "PT_Serif-Web-Regular.ttf",
        SERIF_BOLD: serif / "PT_Serif-Web-Bold.ttf",
        SERIF_ITALIC: serif / "PT_Serif-Web-Italic.ttf",
        NARROW: narrow / "PT_Sans-Narrow-Web-Regular.ttf",
        NARROW_BOLD: narrow / "PT_Sans-Narrow-Web-Bold.ttf",
        SANS: stamp_file(),
        "Inter": Path(fontpkg_inter.ROOT) / "files" / "Inter[opsz,wght].ttf",
        "FiraCode": Path(fontpkg_fira_code.ROOT) / "files" / "FiraCode[wght].ttf",
    }
    return str(files[name]) if name in files else BytesIO(drawn_signs.font_file())


def stamp_file() -> Path:
    """Return the font file for visible signature stamps."""
    return Path(fontpkg_pt_sans.ROOT) / "files" / "PT_Sans-Web-Regular.ttf"


@cache
def _letters(font: str) -> frozenset[int]:
    """Return what a face can print; the first question about a face makes it known to reportlab."""
    face = TTFont(font, _file(font))
    pdfmetrics.registerFont(face)
    return frozenset(face.face.charToGlyph)


def register(font: str) -> str:
    """Make a face known to reportlab and return its name."""
    _letters(font)
    return font


@lru_cache(maxsize=50_000)
def runs(text: str, font: str) -> tuple[Run, ...]:
    """Split `text` into stretches that one face can print, the asked face first."""
    if _letters(font).issuperset(map(ord, text)):
        return ((font, text),)
    found: list[list[str]] = []
    for character in text:
        face, shown = _face_of(character, font)
        if found and found[-1][0] == face:
            found[-1][1] += shown
        else:
            found.append([face, shown])
    return tuple((face, shown) for face, shown in found)


def _face_of(character: str, font: str) -> Run:
    code = ord(character)
    if code in _letters(font):
        return font, character
    if character.isspace():
        return font, " "
    spare = next((face for face in SPARE if code in _letters(face)), None)
    return (spare, character) if spare else (font, f"[U+{code:04X}]")


@lru_cache(maxsize=50_000)
def width(text: str, font: str, size: float) -> float:
    """Return the width of `text` in points at `size` points."""
    return sum(float(pdfmetrics.stringWidth(part, face, size)) for face, part in runs(text, font))


@lru_cache(maxsize=20_000)
def wrap(text: str, font: str, size: float, limit: float) -> tuple[str, ...]:
    """Break `text` into lines of at most `limit` points; a word longer than that is broken, nothing is left out."""
    lines: list[str] = []
    for paragraph in text.splitlines() or [""]:
        lines.extend(_wrap_paragraph(paragraph.split(" "), font, size, limit))
    return tuple(lines)


def _wrap_paragraph(words: list[str], font: str, size: float, limit: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}" if line else word
        if width(longer, font, size) <= limit:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _break_word(word, font, size, limit)
        lines.extend(full)
    return [*lines, line]


def _break_word(word: str, font: str, size: float, limit: float) -> list[str]:
    """Break a word, after a hyphen where there is one, else between letters."""
    parts = [""]
    for letter in word:
        while parts[-1] and width(parts[-1] + letter, font, size) > limit:  # twice where a wide letter follows a hyphen
            at = parts[-1].rfind("-") + 1
            parts[-1:] = [parts[-1][:at], parts[-1][at:]] if at else [parts[-1], ""]
        parts[-1] += letter
    return parts


def fitted(text: str, font: str, size: float, limit: float) -> float:
    """Return the size, at most `size`, at which `text` fits on one line of `limit` points."""
    natural = width(text, font, size)
    return size if natural <= limit else size * limit / natural

"""A face of a few signs of geometry that no packaged font here has, drawn from straight strokes.

They are real letters of a real font, so «∠ABC» in a homework is printed, copied and found as it was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from math import hypot
from typing import Final

from fontTools.fontBuilder import FontBuilder  # type: ignore[import-untyped]
from fontTools.pens.ttGlyphPen import TTGlyphPen  # type: ignore[import-untyped]

Point = tuple[int, int]
Stroke = tuple[Point, Point]

EM: Final = 1000
WEIGHT: Final = 62
ADVANCE: Final = 640

#: Strokes of each sign on a grid of 1000 to the em, y upwards from the base line.
SIGNS: Final[dict[str, Sequence[Stroke]]] = {
    "∠": (((80, 40), (570, 40)), ((80, 40), (450, 620))),
    "∥": (((230, -60), (230, 740)), ((410, -60), (410, 740))),
    "∦": (((230, -60), (230, 740)), ((410, -60), (410, 740)), ((110, 210), (530, 470))),
}


@cache
def font_file() -> bytes:
    """Return the face as a TrueType file; the same bytes every time."""
    names = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    names |= {_name(sign): _glyph(strokes) for sign, strokes in SIGNS.items()}
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder(list(names))
    builder.setupCharacterMap({32: "space", **{ord(sign): _name(sign) for sign in SIGNS}})
    builder.setupGlyf(names)
    builder.setupHorizontalMetrics({name: (ADVANCE, glyph.xMin) for name, glyph in names.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Ejournal Signs", "styleName": "Regular", "psName": "EjournalSigns"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    out = BytesIO()
    builder.save(out)
    return out.getvalue()


def _name(sign: str) -> str:
    return f"uni{ord(sign):04X}"


def _glyph(strokes: Sequence[Stroke]) -> object:
    pen = TTGlyphPen(None)
    for start, end in strokes:
        corners = _bar(start, end)
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def _bar(start: Point, end: Point) -> list[Point]:
    """Return the corners of a thick line, always in the same turn, so that crossing bars add up."""
    (x1, y1), (x2, y2) = start, end
    half = WEIGHT / 2 / hypot(x2 - x1, y2 - y1)
    dx, dy = round((y1 - y2) * half), round((x2 - x1) * half)
    return [(x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)]

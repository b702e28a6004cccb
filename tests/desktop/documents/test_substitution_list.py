"""The sheet for the door of the staffroom: it is read standing, and its longest names stay whole."""

from __future__ import annotations

from datetime import date

import pypdfium2
import pypdfium2.raw as pdfium

from ejournal_desktop.documents.forms.substitution_list import SIZE, SubstitutionList, build_substitution_list

LONG = "Константинопольская-Преображенская А. В."
LINES = tuple(
    (str(number % 8 + 1), "08:30–09:10", "11 «Б»", "Вероятность и статистика", "25", LONG, LONG)
    for number in range(30)
)  # fmt: skip


def test_the_lines_are_read_from_a_step_away_and_nothing_is_broken() -> None:
    sheet = SubstitutionList(school_name="МБОУ «Школа № 1»", day=date(2026, 9, 15), lines=LINES)
    document = pypdfium2.PdfDocument(build_substitution_list(sheet))
    assert len(document) > 1
    for page in document:
        text = page.get_textpage()
        words = text.get_text_range()
        sizes = [pdfium.FPDFText_GetFontSize(text.raw, at) for at in range(text.count_chars())]
        at = words.index("08:30–09:10")
        assert sizes[at] == SIZE >= 12
        assert words.count("Преображенская А. В.") == 2 * words.count("08:30–09:10")
        assert "Даёт урок" in words
    document.close()

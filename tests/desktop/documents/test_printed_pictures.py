"""The pictures on paper: each is seen whole where a sheet has room, and a second sheet says of what it is."""

from __future__ import annotations

import pypdfium2

from ejournal_desktop.documents.forms.attendance_map_page import (
    AttendanceMapPage,
    PrintedLine,
    PrintedWeek,
    build_attendance_map,
)
from ejournal_desktop.documents.forms.results_page import PrintedBar, ResultsPage, build_results_page

HEADS = ("№", "Фамилия Имя", "Отметок", "Средний", "С весом", "Предл.", "Итог", "Обоснование")


def sheets(pdf: bytes) -> list[str]:
    """Return the words of each sheet."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(str(page.get_textpage().get_text_range()).split()) for page in document]
    finally:
        document.close()


def results(pupils: int, reason: str = "") -> ResultsPage:
    names = [f"Ученик-{number:02}" for number in range(1, pupils + 1)]
    return ResultsPage(
        title="Итоги: 7 «Б» · Алгебра",
        subtitle="на сегодня",
        heads=HEADS,
        lines=tuple((str(n), name, "3 / 8", "4,00", "", "4", "4", reason) for n, name in enumerate(names, 1)),
        pictures=(("Накопляемость", tuple(PrintedBar(name, "3 / 8", 0.4, 0.9) for name in names)),),
    )


def test_a_picture_that_one_sheet_can_hold_is_not_torn_in_two() -> None:
    table, picture = sheets(build_results_page(results(35)))
    assert "Накопляемость" not in table
    assert "Накопляемость" in picture
    assert all(f"Ученик-{number:02}" in picture for number in range(1, 36))
    assert "Итоги: 7 «Б» · Алгебра" in picture


def test_a_table_that_goes_on_has_its_heads_on_every_sheet() -> None:
    first, second, *_ = sheets(build_results_page(results(35, reason="работа над ошибками сдана вовремя " * 3)))
    for head in ("Обоснование", "Итоги: 7 «Б» · Алгебра"):
        assert head in first
        assert head in second


def attendance(pupils: int) -> AttendanceMapPage:
    line = PrintedLine("1", "Ученик", (PrintedWeek("6", 0.2),), "6 · 98,1 %")
    return AttendanceMapPage("Посещаемость: 7 «Б»", "на сегодня", ("07.09",), (line,) * pupils)


def test_the_map_of_a_full_class_is_one_sheet() -> None:
    assert len(sheets(build_attendance_map(attendance(35 + 1)))) == 1


def test_a_longer_map_says_on_the_second_sheet_of_what_it_is() -> None:
    _, second = sheets(build_attendance_map(attendance(60)))
    assert second.startswith("Посещаемость: 7 «Б» № Фамилия Имя 07.09")

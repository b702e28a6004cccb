"""Tables as spreadsheets put them on the clipboard, and what is no table at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ejournal_desktop.exchange.clipboard import (
    LONGEST_CELL,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    as_html,
    as_text,
    read_table,
)

EXCEL = (
    "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><head><style>td {color:black}</style></head><body><table>"
    "<col width=64><tr height=20><td height=20 class=xl65 style='x'>Ёлкин&nbsp;Пётр</td><td align=right>5</td></tr>"
    "<tr><td>Котов<br>Илья</td><td></td></tr></table></body></html>"
)
LIBRE_OFFICE = (
    '<table><colgroup width="85"></colgroup><tr><td height="17" align="left">Сомов</td>'
    '<td sdval="4" sdnum="1049;">4</td></tr></table>'
)


def test_a_cell_with_tabs_and_lines_in_quotes_is_one_cell() -> None:
    assert read_table('"5\n4"\t"a ""b"" c"\r\n3\t\r\n').rows == (("5 4", 'a "b" c'), ("3", ""))


def test_what_excel_and_libreoffice_give_as_html_is_read() -> None:
    assert read_table("", EXCEL).rows == (("Ёлкин Пётр", "5"), ("Котов Илья", ""))
    assert read_table("", LIBRE_OFFICE).rows == (("Сомов", "4"),)


def test_text_goes_before_html() -> None:
    assert read_table("5", "<table><tr><td>4</table>").rows == (("5",),)


def test_a_merged_cell_leaves_those_it_covers_empty() -> None:
    markup = (
        "<table><tr><td colspan=2 rowspan=2>5</td><td>4</td></tr><tr><td>3</td></tr><tr><td>2</td><td>1</td></table>"
    )
    assert read_table("", markup).rows == (("5", "", "4"), ("", "", "3"), ("2", "1"))


def test_html_that_leaves_the_ends_unsaid_is_read_all_the_same() -> None:
    assert read_table("", "<table><tr>\n<td>5<td>4\n<tr>\n<td>3<tr>").rows == (("5", "4"), ("3",))


@pytest.mark.parametrize(
    "markup",
    ["<td>5</td>", "<table><tr><td colspan=99999999999999999999 rowspan=-3>5", "<tr><td colspan='x'>5</tr></tr></td>",
     "<table>" * 2000 + "<tr><td>5", "&#0;<tr><td>5<", "<tr><td>5<!--", "<tr>" + "<td colspan=400>5</td>" * 20_000],
)  # fmt: skip
def test_broken_html_is_a_small_table_or_none(markup: str) -> None:
    table = read_table("", markup)
    assert len(table.rows) <= MOST_ROWS
    assert all(len(row) <= MOST_COLUMNS for row in table.rows)


def test_signs_that_nobody_sees_and_what_nobody_reads_are_taken_away() -> None:
    table = read_table("5\x00\u202e\u200b\t" + "x" * 10_000)
    assert table.rows[0][0] == "5"
    assert len(table.rows[0][1]) == LONGEST_CELL


@pytest.mark.parametrize(
    "text", ["5\n" * 1000, "5\t" * 1000, "x" * (MOST_CHARACTERS + 1)], ids=["rows", "cells", "long"]
)
def test_more_than_a_page_takes_is_cut_and_said_so(text: str) -> None:
    table = read_table(text)
    assert table.cut
    assert len(table.rows) <= MOST_ROWS
    assert all(len(row) <= MOST_COLUMNS for row in table.rows)


def test_nothing_is_no_table() -> None:
    assert read_table("").rows == ()
    assert read_table(" \n\t\n\n").rows == ()


CELLS = st.sampled_from(["5", "4", "н", "оп 5", "5/4", "зач", ".", "", "<b>", '"', "&amp;", "a\tb"])


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_copied_is_read_again_from_text_and_from_html(rows: list[list[str]]) -> None:
    while rows and not any(rows[-1]):
        rows.pop()
    wanted = tuple(tuple(cell.replace("\t", " ") for cell in row) for row in rows)
    assert read_table(as_text(rows)).rows == wanted
    assert read_table("", as_html(rows)).rows == wanted

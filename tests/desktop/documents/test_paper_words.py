"""Words and letters of official paper: counted nouns, lines, signs that a font lacks."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ejournal_desktop.documents import drawn_signs, fonts, words


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, "1 (один) лист"),
        (2, "2 (два) листа"),
        (5, "5 (пять) листов"),
        (11, "11 (одиннадцать) листов"),
        (21, "21 (двадцать один) лист"),
        (22, "22 (двадцать два) листа"),
        (100, "100 (сто) листов"),
        (101, "101 (сто один) лист"),
        (111, "111 (сто одиннадцать) листов"),
        (112, "112 (сто двенадцать) листов"),
        (114, "114 (сто четырнадцать) листов"),
        (143, "143 (сто сорок три) листа"),
        (250, "250 (двести пятьдесят) листов"),
        (1000, "1000 (одна тысяча) листов"),
    ],
)
def test_leaves_are_counted_in_words_with_the_right_noun(count: int, expected: str) -> None:
    assert words.counted(count, words.LEAF).replace("\u00a0", " ") == expected


def test_the_counted_leaves_never_break_over_two_lines() -> None:
    assert " " not in words.counted(112, words.LEAF)


def test_dates_are_written_out() -> None:
    assert words.day_in_words(date(2027, 5, 1)) == "1 мая 2027 г."
    assert [words.day_in_words(date(2027, month, 2)).split()[1] for month in (1, 3, 8)] == [
        "января",
        "марта",
        "августа",
    ]


@pytest.mark.parametrize("title", ["2026/27", "2026/27 учебный год"])
def test_a_school_year_is_named_once(title: str) -> None:
    assert words.school_year(title) == "2026/27 учебный год"


def test_a_name_is_broken_after_its_hyphen_and_never_shortened() -> None:
    lines = fonts.wrap("Вишневская-Константинопольская Александра", fonts.NARROW, 8, 80)
    assert lines[0] == "Вишневская-"
    assert "".join(lines).replace(" ", "") == "Вишневская-КонстантинопольскаяАлександра"


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=120), st.integers(12, 200))
@example("-0\u0530", 12)
def test_breaking_lines_loses_no_letter_and_keeps_to_the_width(text: str, limit: int) -> None:
    lines = fonts.wrap(text, fonts.NARROW, 8, limit)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert fonts.width(line, fonts.NARROW, 8) <= limit or len(line) == 1


def test_every_letter_of_the_languages_of_russia_is_in_the_main_faces() -> None:
    letters = "АаЁёЯяӘәӨөҮүҖҗҢңҺһҠҡҘҙҪҫҒғӐӑӖӗҪҫӲӳӦӧӠӡӰӱӸӹ№«»—–„“…"
    for face in (fonts.SERIF, fonts.NARROW, fonts.SANS):
        assert fonts.runs(letters, face) == ((face, letters),)


def test_a_sign_without_a_face_is_named_by_its_number() -> None:
    assert "".join(part for _, part in fonts.runs("да 🙂", fonts.NARROW)) == "да [U+1F642]"


def test_signs_of_a_lesson_come_from_the_spare_faces() -> None:
    inter, fira, drawn = fonts.SPARE
    assert fonts.runs("x → α", fonts.NARROW) == (
        (fonts.NARROW, "x "), (inter, "→"), (fonts.NARROW, " "), (inter, "α"),
    )  # fmt: skip
    assert fonts.runs("∠∩", fonts.NARROW) == ((drawn, "∠"), (fira, "∩"))


def test_mathematics_and_phonetics_have_letters_for_all_they_need() -> None:
    needed = "∠∥△⊥⇒⇔→∈∉∪∩⊂∅≤≥≠≈±√∞²³½°℃′″αβγΔΣπ₂⁻ℝℕ" + "ˈəæðθʃʒŋɪʊʌɔɑː"
    assert "[U+" not in "".join(part for _, part in fonts.runs(needed, fonts.NARROW))


def test_the_drawn_face_is_the_same_file_every_time() -> None:
    assert drawn_signs.font_file() == drawn_signs.font_file.__wrapped__()

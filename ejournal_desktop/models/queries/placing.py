"""Where the cells of a pasted table belong on a page: at the cursor, or by the names in one of its columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from ejournal_core.russian import text_key
from ejournal_desktop.models.pages import JournalSpread, PupilRow
from ejournal_desktop.models.queries.pasting import Wish

Rows = Sequence[Sequence[str]]

_HEADS = frozenset({"фамилия", "фио", "ф и о", "фамилия имя", "фамилия имя отчество", "ученик", "ученики", "список"})
_LONGEST_NAME = 100
_NUMBER = re.compile(r"^\d+\W*\s+")
#: «Зимин Дмитрий», «Зимин Д.», «Зимин Д. О.»: whoever that is, it is no mark.
_PERSON = re.compile(r"[А-ЯЁ][а-яё]+(-[А-ЯЁ][а-яё]+)?( +([А-ЯЁ][а-яё]+|[А-ЯЁ]\.?))( *([А-ЯЁ][а-яё]+|[А-ЯЁ]\.?))?")
#: Letters of the two alphabets that look alike, in the small form: «Cомов» with a Latin C is Сомов.
_CYRILLIC = str.maketrans("aceopxykmtbh", "асеорхукмтвн")


class Namesakes(Struct, frozen=True):
    """A line of the table whose name fits several pupils: who is meant has to be asked."""

    line: int
    name: str
    rows: tuple[int, ...]


class Placed(Struct, frozen=True):
    """Which text goes into which cell; what cannot be placed is named.

    Attributes:
        outside: cells beyond the last lesson or the last pupil of the page.
        unknown: names of which the page has nobody.
        asked: lines that wait for an answer.
    """

    wishes: tuple[Wish, ...]
    outside: int = 0
    unknown: tuple[str, ...] = ()
    asked: tuple[Namesakes, ...] = ()


def place_table(
    rows: Rows, spread: JournalSpread, column: int, row: int, answers: Mapping[int, int | None] | None = None
) -> Placed:
    """Return where the cells of a table go; empty cells go nowhere.

    Args:
        column, row: the cell with the focus: the first value goes there, with names only the column counts.
        answers: the row meant by a line whose name fits several pupils, None for nobody.
    """
    names = _Names(spread.pupils)
    at = names.column_of(rows)
    if at is None:
        cells = [(column + c, row + r, text) for r, line in enumerate(rows) for c, text in enumerate(line) if text]
        inside = [cell for cell in cells if cell[0] < len(spread.columns) and cell[1] < len(spread.pupils)]
        return Placed(tuple(Wish(*cell) for cell in inside), outside=len(cells) - len(inside))
    return _by_names(rows, spread, column, names, at, answers or {})


def _by_names(
    rows: Rows, spread: JournalSpread, column: int, names: _Names, at: int, answers: Mapping[int, int | None]
) -> Placed:
    values = [number for number in range(max(map(len, rows))) if number != at and not _counts_lines(rows, number)]
    wishes: list[Wish] = []
    asked: list[Namesakes] = []
    unknown: list[str] = []
    outside = 0
    for line, cells in enumerate(rows):
        name = cells[at] if at < len(cells) else ""
        fitting = names.fitting(name)
        row = answers.get(line) if len(fitting) > 1 else next(iter(fitting), None)
        texts = [(place, cells[number]) for place, number in enumerate(values) if number < len(cells) and cells[number]]
        if not fitting and text_key(name) not in _HEADS and (name or texts):
            unknown.append(name)
        if len(fitting) > 1 and line not in answers:
            asked.append(Namesakes(line, name, tuple(r for r in fitting if r not in answers.values())))
        if row is not None:
            inside = [Wish(column + place, row, text) for place, text in texts if column + place < len(spread.columns)]
            wishes += inside
            outside += len(texts) - len(inside)
    return Placed(tuple(wishes), outside, tuple(unknown), tuple(asked))


def _counts_lines(rows: Rows, number: int) -> bool:
    """Say whether a column holds the numbers of the lines: «№ п/п» beside the names are no marks."""
    texts = [cells[number].rstrip(".") for cells in rows if number < len(cells) and cells[number]]
    counted = [int(text) for text in texts if text.isdecimal() and len(text) < 4]
    ordered = len(counted) > 2 and counted == list(range(counted[0], counted[0] + len(counted)))
    return ordered and len(texts) - len(counted) <= 1


class _Names:
    """The pupils of a page by every way in which their names are written."""

    def __init__(self, pupils: Sequence[PupilRow]) -> None:
        self._rows: dict[str, list[int]] = {}
        for row, pupil in enumerate(pupils):
            for key in set(_ways_to_write(pupil)):
                self._rows.setdefault(key, []).append(row)

    def fitting(self, text: str) -> list[int]:
        """Return the rows of the pupils whom a text may name."""
        if len(text) > _LONGEST_NAME:
            return []
        key = text_key(_NUMBER.sub("", text))
        return self._rows.get(key) or self._rows.get(key.translate(_CYRILLIC), [])

    def column_of(self, rows: Rows) -> int | None:
        """Return the column of a table in which names stand, None when there is none.

        Names of another class are names too: placed by their order, their marks would go to whoever stands there.
        """
        known = self._column_of(rows, lambda text: bool(self.fitting(text)))
        return known if known is not None else self._column_of(rows, _is_a_person)

    def _column_of(self, rows: Rows, fits: Callable[[str], bool]) -> int | None:
        found = [(_share(rows, number, fits), -number) for number in range(max(map(len, rows), default=0))]
        share, number = max(found, default=(0.0, 0))
        return -number if share >= 0.5 else None


def _share(rows: Rows, number: int, fits: Callable[[str], bool]) -> float:
    texts = [cells[number] for cells in rows if number < len(cells) and cells[number]]
    return sum(map(fits, texts)) / len(texts) if texts else 0.0


def _is_a_person(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and _PERSON.fullmatch(_NUMBER.sub("", text).strip()) is not None


def _ways_to_write(pupil: PupilRow) -> Iterator[str]:
    """Yield «фамилия», «фамилия имя», «имя фамилия», «фамилия и», «фамилия и о», the full name."""
    words = text_key(pupil.full_name).split()
    yield " ".join(words)
    yield text_key(pupil.name)
    plain = pupil.name.removesuffix(f"({pupil.apart})").removesuffix(pupil.apart) if pupil.apart else pupil.name
    last, *given = text_key(plain).split()
    yield last
    if given:
        yield f"{last} {' '.join(given)}"
        yield f"{' '.join(given)} {last}"
        yield f"{last} {given[0][0]}"
    if len(words) > 2:
        yield f"{words[0]} {words[1][0]} {words[2][0]}"

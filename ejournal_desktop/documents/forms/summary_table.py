"""The table of the progress summary: a block of rows per pupil, a column per subject, as wide as the page allows.

The summary sheet and the bound copy share it. Blocks never break between pages, the head is repeated, and subjects
that do not fit side by side continue in a second band of pages.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import Final

from msgspec import Struct

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.paper import HAIRLINE, LEADING, MM, RULE, Frame, Paper
from ejournal_desktop.models.pages import PupilLine, SummarySheet

PAD: Final = 1.2 * MM
NUMBER_WIDTH: Final = 7 * MM
LEAST_SUBJECT_WIDTH: Final = 4.8 * MM
DECISION_SHARE: Final = 0.14  # of the width of the page
#: Columns a little narrower, then the decisions too: taken only when a band of leftover subjects is saved.
SQUEEZED: Final = ((4.3 * MM, DECISION_SHARE), (4.3 * MM, 0.11))
MOST_SUBJECT_WIDTH: Final = 12 * MM
NOTE_SIZE: Final = 6.5
HEAD_SIZES: Final = (8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
HEAD_ROOM: Final = 28 * MM
HEAD_ROOM_UPRIGHT: Final = 44 * MM  # portrait columns are too narrow for titles of two lines


class Layout(Struct, frozen=True):
    """Widths and sizes of one band of subjects."""

    subjects: tuple[str, ...]
    name_width: float
    period_width: float  # 0 when there is one period: the heading names it
    subject_width: float
    decision_width: float  # 0 in all bands but the last
    size: float
    row_height: float
    head_height: float

    @property
    def width(self) -> float:
        """Return the width of the whole table."""
        subjects = self.subject_width * len(self.subjects)
        return NUMBER_WIDTH + self.name_width + self.period_width + subjects + self.decision_width


class Block(Struct, frozen=True):
    """One pupil's rows with the texts already broken into lines."""

    pupil: PupilLine
    name: tuple[str, ...]
    note: tuple[str, ...]
    decision: tuple[str, ...]
    row_height: float
    rows: int

    @property
    def height(self) -> float:
        """Return the height of the block."""
        return self.row_height * self.rows


class Part(Struct, frozen=True):
    """What goes on one page."""

    layout: Layout
    blocks: tuple[Block, ...]

    @property
    def height(self) -> float:
        """Return the height of head and rows."""
        return self.layout.head_height + sum(block.height for block in self.blocks)


def layouts(data: SummarySheet, page: Frame) -> tuple[Layout, ...]:
    """Return one layout for each band of subjects that fits the width of the page."""
    single = len(data.period_titles) == 1
    size = 8.5 if single else 7.5
    longest = max((fonts.width(pupil.name, fonts.NARROW, size) for pupil in data.pupils), default=0.0)
    name = min(longest + 2 * PAD, page.width * (0.26 if single else 0.19))
    period = 0.0 if single else _widest(data.period_titles, size)
    left = page.width - NUMBER_WIDTH - name - period
    bands, decision = _bands(data.subjects, left, page.width)
    room = left - decision
    head = HEAD_ROOM if page.page_width > page.page_height else HEAD_ROOM_UPRIGHT
    return tuple(
        _layout(band, (name, period, decision if band is bands[-1] else 0.0), room, head, size, single)
        for band in bands
    )


def _bands(subjects: tuple[str, ...], left: float, width: float) -> tuple[list[tuple[str, ...]], float]:
    """Divide the subjects evenly between as few bands as can be had, and return the width of the decisions."""
    choices = []
    for least, share in ((LEAST_SUBJECT_WIDTH, DECISION_SHARE), *SQUEEZED):
        at_once = max(1, int((left - width * share) / least))
        choices.append((max(1, ceil(len(subjects) / at_once)), width * share))
    count, decision = min(choices, key=lambda choice: choice[0])  # of equals the first, which is the widest
    edges = [round(len(subjects) * at / count) for at in range(count + 1)]
    return [subjects[start:end] for start, end in pairwise(edges)], decision


def _layout(
    band: tuple[str, ...], widths: tuple[float, float, float], room: float, head: float, size: float, single: bool
) -> Layout:
    name, period, decision = widths
    subject = min(room / max(1, len(band)), MOST_SUBJECT_WIDTH)
    spare = max(0.0, room - subject * len(band))  # few subjects: the names and decisions get the rest
    name, decision = name + spare * 0.4, decision + spare * 0.6 if decision else 0.0
    row = (4.7 if single else 3.8) * MM
    return Layout(band, name, period, subject, decision, size, row, _head_height(band, head))


def _widest(texts: tuple[str, ...], size: float) -> float:
    return max(fonts.width(text, fonts.NARROW, size) for text in texts) + 2 * PAD


def _head_height(subjects: tuple[str, ...], most: float) -> float:
    longest = max((fonts.width(title, fonts.NARROW, HEAD_SIZES[0]) for title in subjects), default=0.0)
    return min(max(longest, 14 * MM), most) + 2 * PAD


def blocks(data: SummarySheet, layout: Layout) -> list[Block]:
    """Return the pupils' blocks with their heights for one band."""
    return [_block(data, layout, pupil) for pupil in data.pupils]


def _block(data: SummarySheet, layout: Layout, pupil: PupilLine) -> Block:
    inner = layout.name_width - 2 * PAD
    name = fonts.wrap(pupil.name, fonts.NARROW, layout.size, inner)
    note = fonts.wrap(pupil.note, fonts.NARROW, NOTE_SIZE, inner) if pupil.note else ()
    text = data.decisions.get(pupil.position, "") if layout.decision_width else ""
    decision = fonts.wrap(text, fonts.NARROW, layout.size - 0.5, layout.decision_width - 2 * PAD) if text else ()
    names = (len(name) * layout.size + len(note) * NOTE_SIZE) * LEADING
    needed = max(names, len(decision) * (layout.size - 0.5) * LEADING) + 2.2
    rows = max(1, len(data.period_titles))
    return Block(pupil, name, note, decision, max(layout.row_height, needed / rows), rows)


def paginate(data: SummarySheet, page: Frame, first: float, rest: float, closing: float) -> list[Part]:
    """Divide the table between pages.

    `first` is the height for the table on the first page, `rest` on the others, `closing` what must stay free under
    the table on the last one. At least one block stands with the closing part.
    """
    parts: list[Part] = []
    for layout in layouts(data, page):
        for group in _fill(blocks(data, layout), layout, first if not parts else rest, rest):
            parts.append(Part(layout, tuple(group)))
    last, room = parts[-1], first if len(parts) == 1 else rest
    if last.height + closing > room and len(last.blocks) > 1:
        kept, moved = _split_for_closing(last, rest - closing)
        parts[-1:] = [Part(last.layout, kept), Part(last.layout, moved)]
    return parts


def _fill(waiting: list[Block], layout: Layout, first: float, rest: float) -> list[list[Block]]:
    groups: list[list[Block]] = [[]]
    room = first - layout.head_height
    for block in waiting:
        if block.height > room and groups[-1]:
            groups.append([])
            room = rest - layout.head_height
        groups[-1].append(block)
        room -= block.height
    return groups


def _split_for_closing(part: Part, room: float) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Move about half of the blocks to the page with the signatures, fewer when they would not fit there."""
    at = (len(part.blocks) + 1) // 2
    while at < len(part.blocks) - 1 and Part(part.layout, part.blocks[at:]).height > room:
        at += 1
    return part.blocks[:at], part.blocks[at:]


def draw(paper: Paper, data: SummarySheet, part: Part, left: float, top: float) -> float:
    """Draw one page's part of the table and return the y below it."""
    layout = part.layout
    xs = _edges(layout, left)
    y = top - layout.head_height
    _draw_head(paper, layout, xs, top, y)
    for block in part.blocks:
        _draw_block(paper, data, layout, block, xs, y)
        y -= block.height
        paper.rule(left, y, xs[-1], y, RULE if block.rows > 1 else HAIRLINE)
    for x in xs:
        paper.rule(x, top, x, y)
    paper.box(left, y, xs[-1], top)
    return y


def _edges(layout: Layout, left: float) -> list[float]:
    widths = [NUMBER_WIDTH, layout.name_width]
    if layout.period_width:
        widths.append(layout.period_width)
    widths += [layout.subject_width] * len(layout.subjects)
    if layout.decision_width:
        widths.append(layout.decision_width)
    xs = [left]
    for width in widths:
        xs.append(xs[-1] + width)
    return xs


def _draw_head(paper: Paper, layout: Layout, xs: list[float], top: float, bottom: float) -> None:
    titles = ["№ п/п", "Фамилия, имя, отчество", *(["Период"] if layout.period_width else [])]
    for at, title in enumerate(titles):
        _draw_level_title(paper, title, xs[at], xs[at + 1], top, bottom)
    for at, subject in enumerate(layout.subjects, len(titles)):
        _draw_upright_title(paper, subject, xs[at], xs[at + 1], bottom, top)
    if layout.decision_width:
        title = "Решение педагогического совета (дата и номер)"
        _draw_level_title(paper, title, xs[-2], xs[-1], top, bottom)
    paper.rule(xs[0], bottom, xs[-1], bottom, RULE)


def _draw_level_title(paper: Paper, title: str, x1: float, x2: float, top: float, bottom: float) -> None:
    lines = fonts.wrap(title, fonts.NARROW, 8, x2 - x1 - 0.8 * PAD)
    height = len(lines) * 8 * LEADING
    paper.put_lines((x1 + x2) / 2, (top + bottom + height) / 2, lines, fonts.NARROW, 8, "centre")


def _draw_upright_title(paper: Paper, title: str, x1: float, x2: float, bottom: float, top: float) -> None:
    room = top - bottom - 2 * PAD
    size, lines = upright_fit(title, room, x2 - x1)
    x = (x1 + x2 - len(lines) * size * LEADING) / 2 + size * 0.85
    for line in lines:
        paper.put_upright(x, bottom + PAD, line, fonts.NARROW, size)
        x += size * LEADING


def upright_fit(title: str, length: float, across: float) -> tuple[float, tuple[str, ...]]:
    """Return the largest size, and the lines, at which an upright title fits `length` by `across`."""
    for size in HEAD_SIZES:
        lines = fonts.wrap(title, fonts.NARROW, size, length)
        whole = all(fonts.width(word, fonts.NARROW, size) <= length for word in title.split())
        if whole and len(lines) * size * LEADING <= across:
            return size, lines
    lines = fonts.wrap(title, fonts.NARROW, HEAD_SIZES[-1], length)
    return min(HEAD_SIZES[-1], across / (len(lines) * LEADING)), lines


def _draw_block(paper: Paper, data: SummarySheet, layout: Layout, block: Block, xs: list[float], top: float) -> None:
    size, middle = layout.size, top - block.height / 2
    paper.put((xs[0] + xs[1]) / 2, middle - size * 0.34, str(block.pupil.position), fonts.NARROW, size, "centre")
    _draw_name(paper, block, size, xs[1] + PAD, middle)
    for row, period in enumerate(data.period_titles or ("",)):
        y = top - row * block.row_height
        if row:
            paper.rule(xs[2], y, xs[2 + bool(layout.period_width) + len(layout.subjects)], y)
        _draw_row(paper, data, layout, block, period, xs, y - block.row_height / 2 - size * 0.34)
    if block.decision:
        height = len(block.decision) * (size - 0.5) * LEADING
        paper.put_lines(xs[-2] + PAD, middle + height / 2, block.decision, fonts.NARROW, size - 0.5)


def _draw_name(paper: Paper, block: Block, size: float, x: float, middle: float) -> None:
    height = (len(block.name) * size + len(block.note) * NOTE_SIZE) * LEADING
    y = paper.put_lines(x, middle + height / 2, block.name, fonts.NARROW, size)
    paper.put_lines(x, y, block.note, fonts.NARROW, NOTE_SIZE)


def _draw_row(
    paper: Paper, data: SummarySheet, layout: Layout, block: Block, period: str, xs: list[float], base: float
) -> None:
    at = 2
    if layout.period_width:
        paper.put(xs[2] + PAD, base, period, fonts.NARROW, layout.size)
        at = 3
    for column, subject in enumerate(layout.subjects, at):
        value = data.marks.get((block.pupil.position, period, subject), "")
        if value:
            size = fonts.fitted(value, fonts.NARROW, layout.size, layout.subject_width - 1.5)
            paper.put((xs[column] + xs[column + 1]) / 2, base, value, fonts.NARROW, size, "centre")

"""How the lines of Рабочие места look: who waits with the code to compare, each workstation, the journals on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_core.wire import DeskLine, WorkstationLine
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.pill import Shape
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import count, moment, tr

LINE, SECOND, WAITS = 8 * theme.UNIT, 5 * theme.UNIT, 16 * theme.UNIT
LEFT, INDENT, EDGE = 36, 60, 16
CODE_W, HEARD_W = 150, 300
JOURNAL = ("журнал", "журнала", "журналов")

RowKind = Literal["waiting", "place", "desk"]

#: How a journal on a workstation stands, "" where it simply works.
DESK_STATES = {"active": "", "frozen": "заморожен", "revoked": "отозван", "left": "сотрудник ушёл"}


@dataclass(frozen=True)
class PlaceRow:
    """One line of the list.

    Attributes:
        id: of the workstation or of the desk; workstation: of the workstation.
        name: of the workstation, or of the person whose journal it is.
        state: as the server has it.
        code: to compare, of whoever waits.
        under: the second line of whoever waits. right: what stands at the right.
    """

    id: str
    kind: RowKind
    workstation: str
    name: str
    state: str
    code: str = ""
    under: str = ""
    right: str = ""

    @property
    def works(self) -> bool:
        """Whether it can be revoked: neither waits nor is shut out already."""
        return self.kind != "waiting" and self.state in ("approved", "active", "frozen")


def rows_of(lines: Iterable[WorkstationLine], name_of: Callable[[str], str], now: datetime) -> list[PlaceRow]:
    """Return the lines of the list in the order of the server: who waits first; journals under their workstation."""
    return [row for line in lines for row in _rows(line, name_of, now)]


def _rows(line: WorkstationLine, name_of: Callable[[str], str], now: datetime) -> Iterator[PlaceRow]:
    if line.state == "waiting":
        asked = tr("просит впустить {at}, адрес {address}; код действует до {until}").format(
            address=line.address or "—", at=_moment(line.at, now), until=_hour(line.until, now)
        )
        yield PlaceRow(line.id, "waiting", line.id, line.name, line.state, line.code, asked)
        return
    open_ = sum(desk.state == "active" for desk in line.desks)
    right = tr("отозвано") if line.state == "revoked" else count(open_, JOURNAL) if open_ else tr("журналов нет")
    yield PlaceRow(line.id, "place", line.id, line.name, line.state, right=right)
    for desk in line.desks:
        yield PlaceRow(desk.desk, "desk", line.id, name_of(desk.person) or "—", desk.state, right=_heard(desk, now))


def _heard(desk: DeskLine, now: datetime) -> str:
    heard = tr("на связи {at}").format(at=_moment(desk.heard, now)) if desk.heard else tr("ещё не был на связи")
    version = tr("версия {v}").format(v=desk.version) if desk.version else ""
    return ", ".join(part for part in (tr(DESK_STATES.get(desk.state, "")), heard, version) if part)


def _moment(text: str, now: datetime) -> str:
    return moment(datetime.fromisoformat(text), now) if text else "—"


def _hour(text: str, now: datetime) -> str:
    return f"{datetime.fromisoformat(text).astimezone(now.tzinfo):%H:%M}" if text else "—"


class PlaceFace:
    """A workstation in bold with a mark, its journals under it; whoever waits has the code in large figures."""

    def height(self, row: PlaceRow) -> int:
        """Return one line, or the room of a code."""
        return WAITS if row.kind == "waiting" else LINE

    def words(self, row: PlaceRow) -> str:
        """Return the line in words; figures of the code one by one."""
        code = tr("код {code}").format(code=" ".join(row.code.replace(" ", ""))) if row.code else ""
        waits = tr("ждёт решения") if row.kind == "waiting" else ""
        return ", ".join(part for part in (row.name, waits, code, row.under, row.right) if part)

    def paint(self, painter: QPainter, rect: QRect, row: PlaceRow, *, current: bool) -> None:  # noqa: ARG002
        """Paint the line."""
        brush = Brush(painter, rect)
        if row.kind == "desk":
            end = brush.at_the_right(rect.width() - EDGE, row.right, _hue(row), height=LINE)
            brush.words(INDENT, end - INDENT - EDGE, row.name, _hue(row, "ink"), height=LINE)
            return
        shape, token = _mark(row)
        brush.sign(16, shape, token, height=LINE)
        if row.kind == "waiting":
            room = rect.width() - LEFT - CODE_W - 2 * EDGE
            brush.words(LEFT, room, row.name, bold=True, height=LINE)
            brush.words(LEFT, room, row.under, "secondary", size=theme.SMALL + 1, top=LINE, height=SECOND)
            brush.words(rect.width() - CODE_W - EDGE, CODE_W, row.code, size=theme.LARGE, bold=True, right=True)
            return
        end = brush.at_the_right(rect.width() - EDGE, row.right, _hue(row), height=LINE)
        brush.words(LEFT, end - LEFT - EDGE, row.name, _hue(row, "ink"), bold=True, height=LINE)


def _mark(row: PlaceRow) -> tuple[Shape, str]:
    if row.kind == "waiting":
        return "hollow", "warning"
    return ("bar", "danger") if row.state == "revoked" else ("full", "positive")


def _hue(row: PlaceRow, else_: str = "secondary") -> str:
    return "secondary" if row.state in ("revoked", "left") else "danger" if row.state == "frozen" else else_

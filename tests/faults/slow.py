"""A teacher who types on a disk whose flush takes its time: `python -m tests.faults.slow FOLDER MS KEYS PAUSE_MS`.

Under `preloaded`. The real program; keys come at their pace whatever the program does, into the journal's page. Prints
one line of JSON (`Typed`): what each key cost the window's thread, and what stands in cells, file and log afterwards.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec
import sqlalchemy as sa
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from ejournal_desktop.models.tables import history
from ejournal_desktop.ui.grids.mark_view import MarkView
from tests.bench.classroom import Classroom, classroom, settle, until
from tests.faults.disk import Shim

PUPILS, LESSONS = 35, 80
MARKS = "5434253454345425"
OTHER = {"2": "3", "3": "4", "4": "5", "5": "2"}


class Typed(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:
        seconds: from each key to its cell repainted, in order.
        early: keys after which the cell stood as saved although no flush can have ended.
        faces: how cells stood, as often as each was seen while typing.
        wanted, log: the marks typed and written, in order.
        last, cells: the last mark typed into each cell, and what it shows.
        late: seconds from the last key until everything stood as saved.
    """

    seconds: list[float]
    early: int
    faces: dict[str, int]
    wanted: str
    log: str
    last: str
    cells: str
    late: float


def main(folder: Path, flush_ms: int, keys: int, pause_ms: int) -> Typed:
    """Type on a disk like that."""
    shim = Shim()
    shim.watch(folder)
    with classroom(PUPILS, LESSONS) as room:
        shim.slow(flush_ms)
        typed = _type(room, keys, pause_ms / 1000, flush_ms / 1000)
        shim.slow(0)
        return typed


def _type(room: Classroom, keys: int, pause: float, flush: float) -> Typed:
    view, before = room.view, room.journal.last_n()
    places = _free_places(room, keys)
    last, wanted, took, faces, early = dict[tuple[int, int], str](), "", list[float](), dict[str, int](), 0
    due = time.perf_counter()
    for number, place in enumerate(places):
        mark = MARKS[number % len(MARKS)]
        if _value(view, place) == mark:  # the same once more would be no entry
            mark = OTHER[mark]
        view.set_current(*place)
        while (left := due - time.perf_counter()) > 0:
            room.app.processEvents()
            time.sleep(min(left, 0.002))
        due += pause
        began = time.perf_counter()
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, mark)
        room.app.sendEvent(view, key)
        view.viewport().repaint()
        took.append(time.perf_counter() - began)
        stands = _stands(view, place)
        faces[stands] = faces.get(stands, 0) + 1
        early += stands == "waiting" and took[-1] < flush
        wanted += mark
        last[place] = mark
    ended = time.perf_counter()
    until(room.app, lambda: all(_stands(view, place) == "waiting" for place in last), 120)
    late = time.perf_counter() - ended
    settle(room.app)
    own = (history.c.n > before, history.c.kind == "Mark", history.c.desk == room.journal.identity.desk_id)
    with room.journal.reading() as connection:
        order = sa.select(history.c.body).where(*own).order_by(history.c.n)
        bodies = [msgspec.json.decode(body) for body in connection.execute(order).scalars()]
    written, shown = (body["set"]["value"] for body in bodies), (_value(view, place) for place in last)
    return Typed(took, early, faces, wanted, "".join(written), "".join(last.values()), "".join(shown), late)


def _free_places(room: Classroom, keys: int) -> list[tuple[int, int]]:
    """Return the cells to type into, round after round: those of the pupils who were at the last lesson."""
    grid = room.view.grid
    column = grid.first_column(room.lessons[-1])
    there = [row for row in range(len(grid.pupils)) if not ((cell := grid.cell(column, row)) and cell.absence)]
    return [(column, there[number % len(there)]) for number in range(keys)]


def _value(view: MarkView, place: tuple[int, int]) -> str:
    cell = view.grid.cell(*place)
    return cell.value if cell else ""


def _stands(view: MarkView, place: tuple[int, int]) -> str:
    cell = view.grid.cell(*place)
    return cell.delivery if cell else ""


if __name__ == "__main__":
    print(msgspec.json.encode(main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))).decode())

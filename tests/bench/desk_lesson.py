"""A whole lesson entered by the keyboard: how many key presses it takes, and how long the program lets a person wait.

The teacher has signed in and stands on Сегодня. Real key events go to the real window, so shortcuts, focus and Tab are
what they are for a person; the letters come from the Latin layout, as they do when nobody has switched it. A chord
(Ctrl+P) counts as two presses. The words of the homework count as none; those of the topic neither, while no plan
offers one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ejournal_desktop.models import queries
from ejournal_desktop.models.pages import LessonSheet
from tests.bench.classroom import Classroom, classroom, settle
from tests.bench.rows import Amounts, Bench, Row, median

ABSENT, MARKS = (2, 9, 17), {0: "5", 3: "4", 6: "3", 8: "5", 11: "4", 14: "2", 20: "4", 23: "5"}  # row → mark
TOPIC, HOMEWORK = "Quadratic equations", "5.1, 4-8"  # in letters that every layout of a test machine has
MOST_KEYS, LONGEST_MS = 40, 50
CTRL = Qt.KeyboardModifier.ControlModifier


class Typist:
    """Presses keys in the window that has the focus, counts them and times each until the window stands still."""

    def __init__(self, room: Classroom) -> None:
        self._room = room
        self.presses = 0
        self.waits: list[float] = []

    def press(self, key: Qt.Key | str, chord: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press one key, with another held when it is a chord."""
        self._send(key, chord)
        self.presses += 1 if chord == Qt.KeyboardModifier.NoModifier else 2

    def write(self, words: str) -> None:
        """Type free text: timed, not counted."""
        for letter in words:
            self._send(letter)

    def _send(self, key: Qt.Key | str, chord: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        aim = self._room.app.focusWidget()
        assert aim is not None, "the focus is lost"
        began = time.perf_counter()
        QTest.keyClick(aim, key, chord)  # type: ignore[arg-type]  # the stubs know no key that is a letter
        self._room.app.processEvents()
        self.waits.append(time.perf_counter() - began)


class Entered(Struct, frozen=True):
    """What a lesson entered by the script has cost: key presses, and seconds by press, free text included."""

    presses: int
    waits: tuple[float, ...]


def lesson(amounts: Amounts) -> Iterator[Row]:
    """Enter one lesson: roll, marks, topic, homework, held."""
    with classroom(25, amounts.lessons, last_empty=True) as room:
        done = enter_lesson(room)
    took, longest = sum(done.waits) * 1e3, max(done.waits) * 1e3
    yield Row("lesson_keys", done.presses, "keys", done.presses / MOST_KEYS, "40 keys", f"≤ {MOST_KEYS}",
              "beside the words of topic and homework")  # fmt: skip
    yield Row("lesson_ms", took, "ms", took / len(done.waits) / LONGEST_MS, "50 ms a key", "",
              f"{len(done.waits)} keys, median {median(done.waits) * 1e3:.1f} ms")  # fmt: skip
    yield Row("lesson_longest_step", longest, "ms", longest / LONGEST_MS, "50 ms", f"≤ {LONGEST_MS}")


def enter_lesson(room: Classroom) -> Entered:
    """Enter the last lesson of the page from Сегодня on; fails if the file does not hold all of it afterwards."""
    room.program.window.go("today")
    room.program.window.activateWindow()
    settle(room.app)
    typist = Typist(room)
    typist.press(Qt.Key.Key_Return)
    _call_the_roll(typist)
    typist.press("T", CTRL)
    typist.write(TOPIC)
    typist.press(Qt.Key.Key_Return)
    typist.write(HOMEWORK)
    typist.press("P", CTRL)
    _check(queries.lesson_sheet(room.journal, room.lessons[-1]))
    return Entered(typist.presses, tuple(typist.waits))


def _call_the_roll(typist: Typist) -> None:
    last = max(*ABSENT, *MARKS)
    for row in range(last + 1):
        if row in ABSENT:
            typist.press("y")  # the key of «н»
        if row in MARKS:
            typist.press(MARKS[row])
        if row < last:
            typist.press(Qt.Key.Key_Down)


def _check(sheet: LessonSheet) -> None:
    assert [row for row, pupil in enumerate(sheet.roll) if pupil.presence == "absent"] == list(ABSENT)
    found = {row: pupil.marks[0][1] for row, pupil in enumerate(sheet.roll) if pupil.marks}
    assert found == MARKS, found
    assert (sheet.lesson.topic, sheet.lesson.homework, sheet.lesson.held) == (TOPIC, HOMEWORK, True)


BENCHES: tuple[Bench, ...] = (lesson,)

"""One class of a backup beside today's journal: every value that differs, and none that does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.lessons import hold_lesson, set_homework, set_topic
from ejournal_desktop.models.commands.mark_columns import remove_column
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.copy_differences import ClassDifferences, Difference, class_differences
from ejournal_desktop.models.queries.my_class import ClassRef
from tests.helpers.school import SmallSchool, desk_of, small_school


class Pair:
    """The teacher's journal of today, and what a backup holds of it."""

    def __init__(self, root: Path) -> None:
        self.school: SmallSchool = small_school()
        self.today = desk_of(self.school, self.school.teacher, root / "today")
        self.copy = desk_of(self.school, self.school.teacher, root / "copy")
        self.lesson = self.school.today_lesson
        self.column = ids.mark_column(self.lesson, "oral", 1)

    def mark(self, journal: Journal, pupil: str, value: str | None) -> None:
        """Put a mark in one of the two."""
        put_mark(journal, self.lesson, None, pupil, value)

    def compare(self) -> ClassDifferences:
        """Return what differs."""
        return class_differences(self.today, self.copy, ClassRef(self.school.class_group, "7 «Б»"))

    def lines(self) -> list[Difference]:
        """Return every difference."""
        return [line for page in self.compare().pages for line in page.lines]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.today.close()
    made.copy.close()


def told(pair: Pair) -> list[tuple[str, str, str, str]]:
    return [(line.what, line.way, line.was, line.now) for line in pair.lines()]


def test_equal_is_said_plainly(pair: Pair) -> None:
    for journal in (pair.today, pair.copy):
        pair.mark(journal, "u-04", "5")
        set_topic(journal, pair.lesson, "Дроби")
    found = pair.compare()
    assert found.pages == ()
    assert found.equal == 1
    assert found.moment == pair.copy.clock()


def test_a_mark_that_was_changed_removed_or_added_is_named_with_who_did_it(pair: Pair) -> None:
    for pupil in ("u-04", "u-05"):
        pair.mark(pair.copy, pupil, "5")
    pair.mark(pair.today, "u-04", "2")
    pair.mark(pair.today, "u-05", "4")
    pair.mark(pair.today, "u-05", None)
    pair.mark(pair.today, "u-06", "3")
    changed, gone, added = pair.lines()
    assert (changed.was, changed.now, changed.way) == ("5", "2", "changed")
    assert (gone.was, gone.now, gone.way) == ("5", "", "gone")
    assert (added.was, added.now, added.way) == ("", "3", "added")
    assert {line.who for line in (changed, gone, added)} == {"Иванова М. П."}
    assert changed.at == pair.today.clock()
    assert changed.place == "15.09, 3-й урок, У"
    assert changed.pupil.startswith("Ёлкин")
    assert (changed.column_key, changed.pupil_id, changed.lesson_id) == (pair.column, "u-04", pair.lesson)
    assert pair.compare().count("changed", "gone") == 2


def test_presence_topic_homework_and_held_are_compared(pair: Pair) -> None:
    set_presence(pair.copy, pair.lesson, "u-04", "absent")
    set_presence(pair.today, pair.lesson, "u-04", "late")
    for journal, word in ((pair.copy, "тогда"), (pair.today, "теперь")):
        set_topic(journal, pair.lesson, f"Тема {word}")
        set_homework(journal, pair.lesson, f"Задание {word}")
    hold_lesson(pair.copy, pair.lesson)
    assert sorted(told(pair)) == [
        ("held", "gone", "проведён", ""),
        ("homework", "changed", "Задание тогда", "Задание теперь"),
        ("presence", "changed", "не было на уроке", "опоздание"),
        ("topic", "changed", "Тема тогда", "Тема теперь"),
    ]
    presence = pair.lines()[0]
    assert (presence.what, presence.column_key) == ("presence", pair.lesson), "a link to the cell of today"


def test_a_work_that_was_taken_away_takes_its_marks_along(pair: Pair) -> None:
    for journal in (pair.copy, pair.today):
        pair.mark(journal, "u-04", "5")
    pair.mark(pair.today, "u-04", None)
    remove_column(pair.today, pair.column)
    (line,) = pair.lines()
    assert (line.was, line.now, line.way, line.who) == ("5", "", "gone", "Иванова М. П.")
    assert line.column_key == pair.lesson, "its column is gone: the link leads to the lesson's own"


def test_a_page_that_is_in_one_journal_only_is_named(pair: Pair) -> None:
    with pair.copy.receiving() as connection:
        connection.exec_driver_sql("UPDATE journal_page SET voided = 1 WHERE id = ?", (pair.school.page,))
    found = pair.compare()
    assert found.pages == ()
    assert found.missing[0] == "7 «Б» · Алгебра"


def test_a_page_that_is_still_on_its_way_to_this_desk_does_not_seem_emptied(pair: Pair) -> None:
    pair.mark(pair.copy, "u-04", "5")
    with pair.today.receiving() as connection:
        connection.exec_driver_sql(
            "INSERT INTO held_slice (name, number, leaving, proof) VALUES ('directory', 1, 0, '')"
        )
    found = pair.compare()
    assert found.pages == ()
    assert "7 «Б» · Алгебра" in found.missing

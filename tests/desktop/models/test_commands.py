"""What people do, on a real encrypted desk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.errors import Refusal
from ejournal_desktop.models import records
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from tests.helpers.school import SmallSchool, desk_of, small_school

SCHOOL = small_school()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = desk_of(SCHOOL, SCHOOL.teacher, tmp_path)
    yield opened
    opened.close()


def value_of(journal: Journal, kind: str, record_id: str, field: str = "value") -> object:
    with journal.reading() as connection:
        fields = records.read(connection, kind, record_id).fields
        return None if fields is None else fields[field]


def mark_id(school: SmallSchool, pupil: str, kind: str = "oral") -> str:
    return ids.mark(ids.mark_column(school.today_lesson, kind, 1), pupil)


def test_a_first_mark_makes_its_lesson_and_column(journal: Journal) -> None:
    done = put_mark(journal, SCHOOL.today_lesson, None, SCHOOL.pupils[0], "5")
    assert [change.kind for change in done.changes] == ["Lesson", "MarkColumn", "Mark"]
    assert value_of(journal, "Mark", mark_id(SCHOOL, SCHOOL.pupils[0])) == "5"
    assert [unsent.change.n for unsent in journal.outbox()] == [1, 2, 3]


def test_a_refused_mark_leaves_nothing_behind(journal: Journal) -> None:
    with pytest.raises(Refusal) as caught:
        put_mark(journal, SCHOOL.today_lesson, None, SCHOOL.pupils[0], "7")
    assert caught.value.code.startswith("EJ-2")
    assert journal.outbox() == []
    assert value_of(journal, "Lesson", SCHOOL.today_lesson, "topic") is None

"""A desk for every test of the local journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import Lesson, MarkColumn
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import SmallSchool, desk_of, small_school

LESSON = ids.lesson(ids.journal_page("s-algebra", "c-7b"), date(2026, 9, 15), 3)
COLUMN = ids.mark_column(LESSON, "oral", 1)


@pytest.fixture(scope="session")
def school() -> SmallSchool:
    """Give a school in which the lesson of today and its column of oral answers exist."""
    page = ids.journal_page("s-algebra", "c-7b")
    return small_school(extra=(
        Lesson(id=LESSON, journal_page_id=page, held_on=date(2026, 9, 15), lesson_number=3),
        MarkColumn(id=COLUMN, lesson_id=LESSON, work_kind_id="oral"),
    ))  # fmt: skip


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    """Give the teacher's desk."""
    opened = desk_of(school, school.teacher, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def deputy(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk."""
    opened = desk_of(school, school.deputy, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def server(school: SmallSchool) -> PocketServer:
    """Give the server of the school."""
    return PocketServer(school)

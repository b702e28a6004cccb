"""A large file comes into the journal in pieces, its name last: nobody waits for it, and half of it is nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ejournal_core.blobs import PIECE
from ejournal_core.errors import Refusal
from ejournal_desktop.models import blobs
from ejournal_desktop.models.commands.files import attach_content, detach_file, read_file
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.files import files_of_lesson
from ejournal_desktop.models.tables import blob, blob_part
from tests.desktop.models.conftest import LESSON
from tests.helpers.school import NOW, Clock, SmallSchool, desk_of

KEY = bytes(range(32))
BOOK = bytes(range(256)) * (5 * PIECE // 256) + b"end"
PARTS = 6

#: Attaches a book and is killed at the commit so many writes of file bytes into it.
ATTACHER = """
import os, sys
from pathlib import Path
import sqlalchemy as sa
from ejournal_desktop.models.commands.files import attach_content
from ejournal_desktop.models.desk import open_journal
from tests.desktop.models.test_laid_ready import BOOK, KEY, LESSON
from tests.helpers.school import NOW, Clock

journal = open_journal(Path(sys.argv[1]), KEY, clock=Clock(NOW))
left = int(sys.argv[2])

def die(_):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)

sa.event.listen(journal.engine, "commit", die)
attach_content(journal, LESSON, BOOK, "Книга.pdf", "application/pdf")
"""


def attach(journal: Journal, data: bytes = BOOK, lesson: str = LESSON) -> None:
    attach_content(journal, lesson, data, "Книга.pdf", "application/pdf")


def counts(journal: Journal) -> tuple[int, int]:
    """Return how many files and parts of files lie in the journal."""
    with journal.reading() as connection:
        return tuple(  # type: ignore[return-value]
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (blob, blob_part)
        )


class Watch:
    """Notes what each transaction writes of a file: "part" for each of its parts, "name" for its record."""

    def __init__(self, journal: Journal) -> None:
        self.transactions: list[list[str]] = [[]]
        sa.event.listen(journal.engine, "before_cursor_execute", self._note)
        sa.event.listen(journal.engine, "commit", lambda _: self.transactions.append([]))

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        words = {"INSERT INTO blob_part": "part", 'INSERT INTO "homework_file"': "name"}
        found = [word for start, word in words.items() if statement.startswith(start)]
        self.transactions[-1] += found * (len(parameters) if many else 1)


def test_a_large_file_is_written_piece_by_piece_and_named_last(journal: Journal) -> None:
    watch = Watch(journal)
    attach(journal)
    written = [each for each in watch.transactions if each]
    assert written == [["part"]] * PARTS + [["name"]]
    file = files_of_lesson(journal, LESSON)[0]
    assert read_file(journal, "HomeworkFile", file.id) == BOOK


def test_the_same_file_at_another_lesson_is_not_written_again(journal: Journal) -> None:
    attach(journal)
    detach_file(journal, files_of_lesson(journal, LESSON)[0].id)
    watch = Watch(journal)
    attach(journal)
    assert [each for each in watch.transactions if each] == [["name"]]


@pytest.mark.parametrize("steps", [1, 9])
def test_a_file_swept_away_while_it_comes_in_is_kept_whole_with_its_name(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    lay = blobs._lay

    def swept(journal: Journal, sha256: str, at: int, data: bytes) -> bool:
        if at == 4 * PIECE:  # all that has come, or a part of it
            for _ in range(steps):
                blobs._sweep_some(journal, sha256)
        return lay(journal, sha256, at, data)

    monkeypatch.setattr(blobs, "_lay", swept)
    attach(journal)
    assert counts(journal) == (1, PARTS)
    assert read_file(journal, "HomeworkFile", files_of_lesson(journal, LESSON)[0].id) == BOOK


def test_a_refused_file_leaves_no_bytes(journal: Journal) -> None:
    with pytest.raises(Refusal):
        attach_content(journal, LESSON, BOOK, "Книга.exe", "application/x-program")
    assert counts(journal) == (0, 0)


def test_sweeping_spares_what_a_record_names(journal: Journal) -> None:
    attach(journal)
    with journal.keeping() as connection:
        connection.execute(blob.update().values(outgoing=False))
    blobs.sweep(journal)
    assert counts(journal) == (1, PARTS)


@pytest.mark.parametrize("commits", [1, 2, 4, PARTS + 1, PARTS + 2])
def test_killed_while_a_file_comes_in_the_journal_shows_none_and_takes_it_again(
    school: SmallSchool, tmp_path: Path, commits: int
) -> None:
    desk_of(school, school.teacher, tmp_path, key=KEY).close()
    path = tmp_path / "desk-of-p-teacher.journal"
    died = subprocess.run([sys.executable, "-c", ATTACHER, str(path), str(commits)], capture_output=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(Path.cwd())})  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()[-2_000:]
    journal = open_journal(path, KEY, clock=Clock(NOW))
    try:
        assert files_of_lesson(journal, LESSON) == ()
        assert counts(journal) == (0, 0)
        attach(journal)
        assert read_file(journal, "HomeworkFile", files_of_lesson(journal, LESSON)[0].id) == BOOK
    finally:
        journal.close()

"""Files of a lesson between two desks: the record at once, the bytes after it, whatever breaks on the way."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ejournal_core import wire
from ejournal_core.blobs import BLOB_LIMIT, PIECE
from ejournal_core.errors import Refusal
from ejournal_desktop.models import blobs, queries
from ejournal_desktop.models.commands.asking import ASKABLE, ask_for, wanted_file
from ejournal_desktop.models.commands.documents import record_issue
from ejournal_desktop.models.commands.files import (
    Content,
    FileUnreadable,
    NotOnThisPc,
    ask_for_file,
    attach_content,
    attach_file,
    detach_file,
    read_file,
)
from ejournal_desktop.models.commands.lessons import set_topic
from ejournal_desktop.models.commands.periods import close_period
from ejournal_desktop.models.commands.requests import approve_all
from ejournal_desktop.models.queries.files import AttachedFile, files_of_lesson
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from tests.helpers.chaos import House, Loopback, Seat
from tests.helpers.school import NOW

DATA = os.urandom(2 * PIECE + 777)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "Задачи.pdf"
    path.write_bytes(DATA)
    return path


def attach(seat: Seat, path: Path, title: str = "") -> None:
    attach_file(seat.journal, seat.house.school.today_lesson, path, title)


def files(seat: Seat) -> tuple[AttachedFile, ...]:
    return files_of_lesson(seat.journal, seat.house.school.today_lesson)


def states(seat: Seat) -> list[str]:
    return [file.state for file in files(seat)]


def ask(seat: Seat) -> None:
    ask_for_file(seat.journal, "HomeworkFile", files(seat)[0].id)


def read(seat: Seat) -> bytes:
    return read_file(seat.journal, "HomeworkFile", files(seat)[0].id)


class Broken(Loopback):
    """A line that breaks after so many pieces of files, before or behind the server."""

    def __init__(self, seat: Seat, pieces: int, lost: str) -> None:
        super().__init__(seat.house.office, seat.desk)
        self.left = pieces
        self.lost = lost

    def _signed(self, method: str, path: str, body: bytes = b"", query: str = "", **other: Any) -> bytes:
        if path.startswith("/v1/blob/"):
            self.left -= 1
            if self.left < 0 and self.lost == "request":
                raise ServerAway("cut")
        answer = super()._signed(method, path, body, query, **other)
        if path.startswith("/v1/blob/") and self.left < 0:
            raise ServerAway("cut")
        return answer


def test_a_file_is_known_to_all_before_its_bytes_and_nobody_is_told_it_is_there_before_it_is(
    house: House, book: Path
) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book)
    assert states(teacher) == ["sending"]
    assert read(teacher) == DATA
    teacher.server = Broken(teacher, 2, "request")
    with pytest.raises(ServerAway):
        teacher.meet()
    colleague.meet()
    assert states(colleague) == ["waiting"]
    with pytest.raises(NotOnThisPc):
        read(colleague)
    teacher.server = Loopback(house.office, teacher.desk)
    teacher.meet()
    teacher.meet()
    assert states(teacher) == ["here"]
    assert queries.sync_state(teacher.journal).files_leaving == 0
    colleague.meet()
    assert states(colleague) == ["there"]
    ask(colleague)
    assert states(colleague) == ["fetching"]
    colleague.meet()
    assert states(colleague) == ["here"]
    assert read(colleague) == DATA


def test_a_file_that_was_asked_for_goes_to_the_server_once_another_person_allows_it(house: House) -> None:
    school = house.school
    teacher, colleague, deputy = map(house.sit_down, (school.teacher, school.colleague, school.deputy))
    set_topic(teacher.journal, school.today_lesson, "Дроби")
    teacher.meet()
    deputy.meet()
    close_period(deputy.journal, "c-7b", "q-1")
    deputy.meet()
    teacher.meet()
    book = Content(DATA, "Задачи.pdf", "application/pdf")
    with pytest.raises(Refusal) as refused:
        attach_content(teacher.journal, school.today_lesson, book.data, book.title, book.media_type)
    assert refused.value.code in ASKABLE
    wanted = wanted_file(teacher.journal, school.today_lesson, book)
    ask_for(teacher.journal, wanted, "не успел до закрытия")
    for seat in (teacher, teacher, deputy, colleague):
        seat.meet()
    assert files(teacher) == files(colleague) == ()
    assert queries.sync_state(teacher.journal).files_leaving == 1  # kept until it is decided
    (row,) = queries.waiting_decisions(deputy.journal)
    assert row.what == "файл «Задачи.pdf»"
    approve_all(deputy.journal, [row.change_id])
    for seat in (deputy, teacher, teacher):
        seat.meet()
    assert states(teacher) == ["here"]
    colleague.meet()
    ask(colleague)
    colleague.meet()
    assert read(colleague) == DATA


@pytest.mark.parametrize("lost", ["request", "answer"])
@pytest.mark.parametrize("pieces", [0, 1, 2, 3])
def test_a_cut_line_costs_no_piece_twice_in_either_direction(house: House, book: Path, pieces: int, lost: str) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book)
    teacher.server = Broken(teacher, pieces, lost)
    with pytest.raises(ServerAway):
        teacher.meet()
    teacher.restart()
    teacher.server = Loopback(house.office, teacher.desk)
    teacher.meet()
    colleague.meet()
    ask(colleague)
    colleague.server = Broken(colleague, min(pieces, 2), lost)
    with pytest.raises(ServerAway):
        colleague.meet()
    with colleague.journal.reading() as connection:
        kept = blobs.held(connection, hashlib.sha256(DATA).hexdigest())
    assert kept is not None
    assert kept.received == min(pieces, 2) * PIECE
    colleague.restart()
    colleague.server = Loopback(house.office, colleague.desk)
    colleague.meet()
    assert read(colleague) == DATA


def test_a_mark_does_not_wait_for_a_book(house: House, book: Path) -> None:
    teacher = house.sit_down(house.school.teacher)
    attach(teacher, book)

    class Typing(Loopback):
        """Somebody types while a piece is on its way."""

        def bring_file(self, sha256: str, size: int, offset: int, piece: bytes) -> wire.FileState:
            if piece and not typed:
                typed.append(1)
                set_topic(teacher.journal, house.school.today_lesson, "Тема")
            return super().bring_file(sha256, size, offset, piece)

    typed: list[int] = []
    teacher.server = Typing(house.office, teacher.desk)
    teacher.meet()
    assert teacher.journal.outbox()
    assert states(teacher) == ["sending"]
    teacher.meet()
    assert not teacher.journal.outbox()
    teacher.meet()
    assert states(teacher) == ["here"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("книга.exe", b"x", "EJ-411"), ("книга", b"x", "EJ-411"), ("книга.pdf", b"MZ\x90\0", "EJ-411"),
        ("пусто.pdf", b"", "EJ-410"), ("большой.pdf", bytes(BLOB_LIMIT + 1), "EJ-410"),
    ],
)  # fmt: skip
def test_what_may_not_be_attached_is_refused_before_anything_is_written(
    house: House, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    teacher = house.sit_down(house.school.teacher)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refused:
        attach(teacher, tmp_path / name)
    assert refused.value.code == code
    assert not teacher.journal.outbox()
    with teacher.journal.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM blob_part").scalar() == 0


def test_who_does_not_teach_the_lesson_attaches_nothing(house: House, book: Path) -> None:
    deputy = house.sit_down(house.school.deputy)
    with pytest.raises(Refusal) as refused:
        attach(deputy, book)
    assert refused.value.code == "EJ-210"
    with deputy.journal.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM blob_part").scalar() == 0


def test_what_cannot_be_read_says_so(house: House, tmp_path: Path) -> None:
    teacher = house.sit_down(house.school.teacher)
    os.mkfifo(tmp_path / "труба.pdf")
    (tmp_path / "папка.pdf").mkdir()
    for name in ("нет такого.pdf", "труба.pdf", "папка.pdf"):
        with pytest.raises(FileUnreadable):
            attach(teacher, tmp_path / name)


@pytest.mark.parametrize(
    "title",
    ["CON.pdf", "..\\..\\boot.pdf", "../../etc/passwd.pdf", "Ё" * 150 + ".pdf", "😀 «x» <y>?.pdf", "a:b|c*.pdf"],
)
def test_any_name_is_only_a_text(house: House, book: Path, title: str) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book, title)
    teacher.meet()
    colleague.meet()
    assert files(colleague)[0].title == title


def test_a_file_that_was_taken_away_is_gone_for_all(house: House, book: Path) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book)
    teacher.meet()
    detach_file(teacher.journal, files(teacher)[0].id)
    teacher.meet()
    colleague.meet()
    assert states(teacher) == states(colleague) == []


def test_wrong_bytes_from_the_server_are_not_kept(house: House, book: Path) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book)
    teacher.meet()
    colleague.meet()
    ask(colleague)

    class Lying(Loopback):
        def fetch_file(self, sha256: str, offset: int) -> bytes:
            return bytes(len(super().fetch_file(sha256, offset)))

    colleague.server = Lying(house.office, colleague.desk)
    colleague.meet()
    assert states(colleague) == ["problem"]
    with pytest.raises(NotOnThisPc):
        read(colleague)
    ask(colleague)
    colleague.server = Loopback(house.office, colleague.desk)
    colleague.meet()
    assert read(colleague) == DATA


@pytest.mark.parametrize("answer", [b"", bytes(PIECE + 1)])
def test_a_piece_that_is_none_changes_nothing(house: House, book: Path, answer: bytes) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    attach(teacher, book)
    teacher.meet()
    colleague.meet()
    ask(colleague)

    class Lying(Loopback):
        def fetch_file(self, sha256: str, offset: int) -> bytes:
            return answer

    colleague.server = Lying(house.office, colleague.desk)
    with pytest.raises(wire.Malformed):
        colleague.meet()
    with colleague.journal.reading() as connection:
        kept = blobs.held(connection, hashlib.sha256(DATA).hexdigest())
    assert kept is not None
    assert kept.received == 0


def test_the_longest_unused_files_make_room(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    for number in range(3):
        (tmp_path / f"{number}.pdf").write_bytes(os.urandom(1000))
        attach(teacher, tmp_path / f"{number}.pdf")
    teacher.meet()
    colleague.meet()
    monkeypatch.setattr(blobs, "CACHE_LIMIT", 2000)
    for file in files(colleague):
        house.clock.now += timedelta(seconds=1)
        ask_for_file(colleague.journal, "HomeworkFile", file.id)
        colleague.meet()
    assert states(colleague) == ["there", "here", "here"]


def test_a_paper_that_travels_stays_what_it_is_and_one_that_does_not_gathers_signatures(house: House) -> None:
    deputy = house.sit_down(house.school.deputy)

    def issue(paper: str, content: bytes, *, travels: bool) -> None:
        record_issue(deputy.journal, paper, form="summary", title="Сводная ведомость", data_sha256="0" * 64,
                     file_sha256=hashlib.sha256(content).hexdigest(), issued_at=NOW,
                     class_group_id=house.school.class_group, content=content if travels else None)  # fmt: skip

    issue("paper-1", DATA, travels=False)
    issue("paper-1", DATA + b"signed", travels=False)
    issue("paper-2", DATA, travels=True)
    for travels in (True, False):
        with pytest.raises(Refusal, match="не подменяют"):
            issue("paper-2", DATA + b"another", travels=travels)
    deputy.meet()
    assert deputy.journal.outbox() == []


def test_a_paper_reaches_those_who_sign_after_its_maker_and_nobody_else(house: House) -> None:
    deputy, signer = house.sit_down(house.school.deputy), house.sit_down(house.school.class_teacher)
    other = house.sit_down(house.school.teacher)
    sha256 = hashlib.sha256(DATA).hexdigest()
    record_issue(deputy.journal, "paper-1", form="summary", title="Сводная ведомость", data_sha256="0" * 64,
                 file_sha256=sha256, issued_at=NOW, class_group_id=house.school.class_group, content=DATA)  # fmt: skip
    deputy.meet()
    for seat in (signer, other):
        seat.meet()
        ask_for_file(seat.journal, "IssuedDocument", "paper-1")
        seat.meet()
    assert read_file(signer.journal, "IssuedDocument", "paper-1") == DATA
    with pytest.raises(NotOnThisPc):
        read_file(other.journal, "IssuedDocument", "paper-1")
    with pytest.raises(ServerRefused):
        other.server.fetch_file(sha256, 0)


def test_no_byte_of_a_file_stands_on_the_disk_in_the_clear(house: House, tmp_path: Path) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    planted = b"PLANTED-WORD " * 40_000
    path = tmp_path / "elsewhere" / "слово.txt"
    path.parent.mkdir()
    path.write_bytes(planted)
    attach(teacher, path)
    path.unlink()
    teacher.meet()
    colleague.meet()
    ask(colleague)
    colleague.meet()
    assert read(colleague) == planted
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"PLANTED-WORD" in file.read_bytes()]

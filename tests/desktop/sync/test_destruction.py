"""Lawful destruction across desks: the planted word is on no desk and no server afterwards, and all still agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ejournal_core.errors import Refusal
from ejournal_core.kinds import AbsenceDocument, RoleGrant
from ejournal_desktop.models import erasure, records
from ejournal_desktop.models.commands.destruction import (
    confirm_destruction,
    order_destruction,
    withdraw_destruction,
)
from ejournal_desktop.models.commands.files import attach_content
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.destruction import acts, destroyed_by
from ejournal_desktop.models.queries.files import files_of_lesson
from ejournal_desktop.models.tables import metadata
from ejournal_desktop.ui.cell_past import CellPast
from ejournal_desktop.ui.widgets.cell_history import CellHistory
from tests.helpers.chaos import House, Seat, meet
from tests.helpers.school import NOW, YEAR_START, small_school

WORD = "ПОДБРОШЕННОЕ-СЛОВО"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra = [RoleGrant(id="r-admin", person_id="p-colleague", role="administrator", since=YEAR_START)]
    house = House(tmp_path, small_school(8, extra))
    yield house
    house.close()


def document(seat: Seat, record: str = "doc-1", pupil: int = 0, number: str = WORD) -> None:
    with seat.journal.write() as write:
        write.edit(AbsenceDocument, record, class_group_id=seat.house.school.class_group,
                   pupil_id=seat.house.school.pupils[pupil], reason="Б", since=NOW.date(), until=NOW.date(),
                   number=number)  # fmt: skip


def order(seat: Seat, **other: str) -> None:
    target = other or {"pupil_id": seat.house.school.pupils[0]}
    order_destruction(seat.journal, "AbsenceDocument", **target, act_number="7", act_date=date(2026, 9, 15),
                      basis="152-ФЗ, ст. 21")  # fmt: skip


def confirm(seat: Seat) -> None:
    waiting = [act for act in acts(seat.journal) if act.confirmed_by is None]
    confirm_destruction(seat.journal, waiting[0].id)


def told(journal: Journal) -> str:
    """Return every value of every table of a desk as text."""
    with journal.reading() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return "\n".join(
        each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for r in rows for each in r
    )


def number_of(seat: Seat, record: str = "doc-1") -> str:
    with seat.journal.reading() as connection:
        fields = records.read(connection, "AbsenceDocument", record).fields
    return str((fields or {}).get("number"))


def seats(house: House) -> tuple[Seat, Seat, Seat]:
    """Sit down the class teacher, the administrator and the deputy."""
    school = house.school
    return house.sit_down(school.class_teacher), house.sit_down(school.colleague), house.sit_down(school.deputy)


def test_the_word_is_gone_from_every_desk_and_all_still_agree(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    document(class_teacher, "doc-2", 1, "чужая справка")
    meet(class_teacher, deputy)
    assert WORD in told(deputy.journal)
    order(administrator)
    meet(administrator, deputy, class_teacher)
    assert WORD in told(class_teacher.journal)
    assert destroyed_by(class_teacher.journal, "AbsenceDocument", "doc-1") is None
    confirm(deputy)
    assert WORD in told(deputy.journal)  # not before the server has taken it
    meet(deputy, class_teacher, administrator)
    for seat in (class_teacher, administrator, deputy):
        assert WORD not in told(seat.journal)
    assert number_of(class_teacher) == number_of(deputy) == ""
    assert number_of(deputy, "doc-2") == "чужая справка"
    act = destroyed_by(class_teacher.journal, "AbsenceDocument", "doc-1")
    assert act is not None
    assert (act.act_number, act.confirmed_by) == ("7", house.school.deputy)
    assert destroyed_by(class_teacher.journal, "AbsenceDocument", "doc-2") is None
    class_teacher.restart()
    meet(class_teacher)
    assert {seat.journal.head.root for seat in (class_teacher, deputy) if seat.journal.head} == {
        class_teacher.journal.head.root if class_teacher.journal.head else ""
    }


def test_the_history_of_a_record_says_by_which_act_its_content_is_gone(house: House, qtbot: QtBot) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher, deputy)
    window = QWidget()
    qtbot.addWidget(window)
    sheet = CellHistory(window)
    past = CellPast(class_teacher.journal, sheet, class_teacher.journal.clock)
    past.open("AbsenceDocument", "doc-1", house.school.page, "Справка", None)
    assert "уничтожено" not in sheet._note.text()
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, class_teacher)
    past.open("AbsenceDocument", "doc-1", house.school.page, "Справка", None)
    assert sheet._note.text().startswith("Содержание уничтожено по акту № 7 от ")


def test_a_desk_that_was_away_destroys_it_when_it_comes_back(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher, deputy)
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    house.clock.now += timedelta(minutes=1)
    meet(deputy)
    document(class_teacher, "doc-3", 2, "внесено без сети")
    assert WORD in told(class_teacher.journal)
    meet(class_teacher)
    assert WORD not in told(class_teacher.journal)
    assert number_of(class_teacher, "doc-3") == "внесено без сети"


def test_a_new_desk_never_receives_it(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher)
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy)
    fresh = house.sit_down(house.school.class_teacher)
    for _ in range(3):
        fresh.meet()
    assert WORD not in told(fresh.journal)
    assert number_of(fresh) == ""
    assert destroyed_by(fresh.journal, "AbsenceDocument", "doc-1") is not None


def test_what_is_entered_anew_after_the_act_stays_everywhere(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher)
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, class_teacher)
    document(class_teacher, number="новая справка")
    meet(class_teacher, deputy)
    fresh = house.sit_down(house.school.class_teacher)
    fresh.meet()
    for seat in (class_teacher, deputy, fresh):
        assert number_of(seat) == "новая справка"
        assert WORD not in told(seat.journal)


def test_an_unsent_entry_of_the_covered_record_is_not_lost(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher)
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy)
    document(class_teacher, number="ещё не знаю об акте")
    meet(class_teacher)
    text = told(class_teacher.journal)
    assert "ещё не знаю об акте" in text


def test_a_file_goes_with_its_bytes(house: House) -> None:
    teacher, administrator, deputy = house.sit_down(house.school.teacher), *seats(house)[1:]
    attach_content(teacher.journal, house.school.today_lesson, WORD.encode() * 99, f"{WORD}.txt", "text/plain")
    meet(teacher, deputy)
    file = files_of_lesson(deputy.journal, house.school.today_lesson)[0]
    order_destruction(administrator.journal, "HomeworkFile", target_record=file.id, act_number="8",
                      act_date=date(2026, 9, 15), basis="решение суда")  # fmt: skip
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, teacher)
    for seat in (teacher, deputy):
        assert WORD not in told(seat.journal)
        assert [each.state for each in files_of_lesson(seat.journal, house.school.today_lesson)] == ["destroyed"]


def test_an_act_needs_two_people_and_can_be_withdrawn_until_then(house: House) -> None:
    class_teacher, administrator, deputy = seats(house)
    with pytest.raises(Refusal, match="администратор"):
        order(class_teacher)
    with pytest.raises(Refusal, match="одно из двух"):
        order(administrator, pupil_id=house.school.pupils[0], target_record="doc-1")
    order(administrator)
    with pytest.raises(Refusal, match="не тот"):
        confirm(administrator)
    withdraw_destruction(administrator.journal, acts(administrator.journal)[0].id)
    assert acts(administrator.journal) == ()
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, administrator)
    with pytest.raises(Refusal, match="исполнен"):
        withdraw_destruction(administrator.journal, acts(administrator.journal)[0].id)


def test_the_control_a_desk_that_forgets_its_history_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search of this file finds what is left behind: it is no check otherwise."""
    monkeypatch.setattr(erasure, "_empty_history", lambda connection, gone: None)
    class_teacher, administrator, deputy = seats(house)
    document(class_teacher)
    meet(class_teacher)
    order(administrator)
    meet(administrator, deputy)
    confirm(deputy)
    meet(deputy, class_teacher)
    assert WORD in told(class_teacher.journal)

"""Values that would stop the school once they stood in a record: none of them gets there, whoever enters it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import Fields
from ejournal_server import admin
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from tests.server import world
from tests.server.test_bent_desks import judged, settle
from tests.server.world import AT, LESSON, PAGE, YEAR


@pytest.mark.parametrize(
    ("code", "value"),
    [("P06", "garbage"), ("P06", '{"days": 1000000000000}'), ("P06", '{"days": 0, "months": 1000000}'),
     ("P999", "1"), ("preset", '"нет такого"')],
)  # fmt: skip
def test_an_administrator_does_not_stop_the_school_with_a_setting(office: Office, code: str, value: str) -> None:
    administrator = world.new_hand(office, world.ADMINISTRATOR)
    setting = administrator.change("PolicySetting", code, {}, {"value": value}, "create")
    assert judged(office, administrator, setting) == [("refused", "EJ-201")]


def test_a_setting_that_is_there_all_the_same_stops_nobody_and_can_be_mended(office: Office) -> None:
    settle(office, Wish("PolicySetting", "P06", {"value": "garbage"}))
    teacher, administrator = (world.new_hand(office, who) for who in (world.TEACHER, world.ADMINISTRATOR))
    assert judged(office, teacher, teacher.lesson()) == [("taken", "")]
    mended = administrator.change("PolicySetting", "P06", {"value": "garbage"}, {"value": '{"days": 7}'})
    assert judged(office, administrator, mended) == [("merged", "")]


@pytest.mark.parametrize(("starts", "ends"), [("утром", "09:15"), ("08:30", ""), ("08:30+03:00", "09:15")])
def test_a_bell_that_no_clock_shows_is_refused(office: Office, starts: str, ends: str) -> None:
    deputy = world.new_hand(office, world.DEPUTY)
    fields: Fields = {"weekday": 0, "lesson_number": 2, "starts_at": starts, "ends_at": ends}
    assert judged(office, deputy, deputy.change("BellSlot", "bell2", {}, fields, "create")) == [("refused", "EJ-201")]


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "2027-05-31"), ("2026-09-01", "9999-12-31")])
def test_a_year_to_whose_days_no_month_can_be_added_is_refused(office: Office, first: str, last: str) -> None:
    deputy = world.new_hand(office, world.DEPUTY)
    was: Fields = {"starts_on": "2026-09-01", "ends_on": "2027-05-31"}
    longer = deputy.change("SchoolYear", YEAR, was, {"starts_on": first, "ends_on": last})
    assert judged(office, deputy, longer) == [("refused", "EJ-201")]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "вчера", AT[:19]])
def test_a_clock_jump_to_the_end_of_time_is_refused(office: Office, moment: str) -> None:
    teacher = world.new_hand(office, world.TEACHER)
    told: Fields = {"person_id": world.TEACHER, "desk_id": teacher.desk, "expected_at": AT, "shown_at": moment}
    assert judged(office, teacher, teacher.change("ClockJump", ids.new_id(), {}, told, "create")) == [
        ("refused", "EJ-201")
    ]


@pytest.mark.parametrize(("weight", "outcome"), [("1E-99999999", "refused"), ("0E+999999999", "refused"),
                                                 ("1.5", "taken"), ("1E+2", "taken")])  # fmt: skip
def test_a_weight_that_fills_the_memory_when_it_is_written_out_is_refused(
    office: Office, weight: str, outcome: str
) -> None:
    teacher = world.new_hand(office, world.TEACHER)
    judged(office, teacher, teacher.lesson())
    fields: Fields = {"lesson_id": LESSON, "work_kind_id": "oral", "ordinal": 1, "weight": weight}
    column = teacher.change("MarkColumn", world.COLUMN, {}, fields, "create")
    assert [verdict for verdict, _ in judged(office, teacher, column)] == [outcome]


def test_a_record_file_does_not_bring_them_either(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    bell = {"weekday": 0, "lesson_number": 2, "starts_at": "утром", "ends_at": "днём"}
    file.write_text(json.dumps({"kind": "BellSlot", "record": "bell2", "fields": bell}), encoding="utf-8")
    with pytest.raises(admin.BadRecords):
        admin.load_records(office, file)


@pytest.mark.parametrize(
    "behind", ["x", "", "20261119.2.oral.1", "99999999.1", "20261119.-3", "20261119. 7", "20261119.07", "2026111.2"]
)
def test_a_lesson_whose_id_says_something_else_is_refused(office: Office, behind: str) -> None:
    teacher = world.new_hand(office, world.TEACHER)
    fields: Fields = {"journal_page_id": PAGE, "held_on": "2026-11-19", "lesson_number": 2, "held": True}
    lesson = teacher.change("Lesson", ids.join(PAGE, behind), {}, fields, "create")
    assert judged(office, teacher, lesson) == [("refused", "EJ-202")]


@pytest.mark.parametrize("behind", ["", "a.b"])
def test_a_file_whose_id_says_something_else_is_refused(office: Office, behind: str) -> None:
    teacher = world.new_hand(office, world.TEACHER)
    judged(office, teacher, teacher.lesson())
    fields: Fields = {"lesson_id": LESSON, "title": "Задание.pdf", "size": 10, "sha256": "ab" * 32,
                      "media_type": "application/pdf"}  # fmt: skip
    file = teacher.change("HomeworkFile", ids.join(LESSON, behind), {}, fields, "create", salt="cd" * 32)
    assert judged(office, teacher, file) == [("refused", "EJ-202")]


def test_what_other_ids_are_made_of_has_no_separator(office: Office) -> None:
    administrator = world.new_hand(office, world.ADMINISTRATOR)
    pupil = administrator.change("Pupil", "a.b", {}, {"last_name": "Ёлкин", "first_name": "Пётр"}, "create")
    work = administrator.change("WorkKind", "a.b", {}, {"code": "КР", "title": "Контрольная"}, "create")
    assert judged(office, administrator, pupil, work) == [("refused", "EJ-202")] * 2

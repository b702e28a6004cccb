"""The door: one transaction per write, a chain of changes, undo, listeners."""

from __future__ import annotations

from pathlib import Path

import pytest

from ejournal_core import ids, seal
from ejournal_core.changes import change_hash
from ejournal_core.errors import Bug, Refusal
from ejournal_core.kinds import AbsenceDocument, Lesson, PolicySetting
from ejournal_core.wire import TreeHead
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.attendance import set_presence, set_reason
from ejournal_desktop.models.commands.lessons import hold_lesson, set_homework, set_topic
from ejournal_desktop.models.commands.marks import add_mark_column, put_mark, put_period_mark
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import Clock, SmallSchool, desk_of, small_school

PUPIL = "u-04"
MARK = ids.mark(COLUMN, PUPIL)


def shown(journal: Journal, kind: str, record: str) -> dict[str, object]:
    with journal.reading() as connection:
        return dict(records.read(connection, kind, record).fields or {})


def test_changes_form_a_chain_without_gaps_even_after_a_restart(school: SmallSchool, tmp_path: Path) -> None:
    key = bytes(range(32))
    journal = desk_of(school, school.teacher, tmp_path, key=key)
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    journal.close()
    journal = open_journal(tmp_path / "desk-of-p-teacher.journal", key, clock=Clock())
    put_mark(journal, LESSON, COLUMN, PUPIL, "4")
    prev = ""
    for number, each in enumerate(journal.outbox(), 1):
        assert (each.change.n, each.prev) == (number, prev)
        prev = change_hash(each.change, prev).hex()
    assert number == 2
    journal.close()


def test_a_change_names_what_was_seen_and_what_is_wanted_of_whole_units_only(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, PUPIL, "5", comment="у доски")
    put_mark(journal, LESSON, COLUMN, PUPIL, "4")
    birth, change = (each.change for each in journal.outbox())
    assert (birth.act, birth.was) == ("create", {})
    assert birth.set == {"mark_column_id": COLUMN, "pupil_id": PUPIL, "value": "5", "comment": "у доски"}
    assert (change.act, change.was) == ("change", {"value": "5", "comment": "у доски", "document": ""})
    assert change.set == {"value": "4", "comment": "у доски", "document": ""}


def test_the_same_value_again_is_no_change(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    assert put_mark(journal, LESSON, COLUMN, PUPIL, "5") == ChangeSet(prev=journal_prev(journal))
    assert len(journal.outbox()) == 1


def journal_prev(journal: Journal) -> str:
    last = journal.outbox()[-1]
    return change_hash(last.change, last.prev).hex()


def test_a_refusal_in_the_middle_takes_back_the_whole_write(journal: Journal) -> None:
    heard: list[ChangeSet] = []
    journal.listen(heard.append)
    with pytest.raises(Refusal) as caught, journal.write() as write:  # noqa: PT012  # two edits, one transaction
        write.edit(Lesson, LESSON, topic="Дроби")
        write.edit("Mark", MARK, mark_column_id=COLUMN, pupil_id=PUPIL, value="11")
    assert caught.value.sentence
    assert shown(journal, "Lesson", LESSON)["topic"] == ""
    assert journal.outbox() == []
    assert heard == []
    set_topic(journal, LESSON, "Степени")
    assert journal.outbox()[0].change.n == 1


def test_a_field_that_does_not_exist_is_our_mistake(journal: Journal) -> None:
    with pytest.raises(Bug), journal.write() as write:
        write.edit(Lesson, LESSON, topyc="Дроби")
    assert journal.outbox() == []


def test_a_person_may_not_write_on_anothers_page(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.class_teacher, tmp_path)
    try:
        with pytest.raises(Refusal) as caught:
            put_mark(journal, LESSON, COLUMN, PUPIL, "5")
        assert caught.value.code == "EJ-210"
        assert queries.journal_spread(journal, school.page).read_only
    finally:
        journal.close()


def test_every_change_names_the_last_tree_head(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    head = TreeHead(school="school-1", epoch=1, size=7, root="ab" * 32, at="2026-09-15T08:00:00Z")
    journal.apply([], 7, head)
    put_mark(journal, LESSON, COLUMN, PUPIL, "4")
    assert [each.change.head for each in journal.outbox()] == ["", seal.head_hash(head)]
    assert journal.head == head


def test_erasable_content_has_its_own_salt_and_other_content_none(school: SmallSchool, tmp_path: Path) -> None:
    teacher = desk_of(school, school.teacher, tmp_path)
    set_presence(teacher, LESSON, PUPIL, "absent")
    assert teacher.outbox()[0].change.salt == ""
    teacher.close()
    journal = desk_of(school, school.class_teacher, tmp_path)
    set_reason(journal, LESSON, PUPIL, "Б")
    set_reason(journal, LESSON, PUPIL, "У")
    salts = [each.change.salt for each in journal.outbox()]
    assert all(len(salt) == 64 for salt in salts)
    assert len(set(salts)) == 2
    journal.close()


def test_undo_is_the_inverse_edit(journal: Journal) -> None:
    set_topic(journal, LESSON, "Дроби")
    done = set_topic(journal, LESSON, "Степени")
    journal.undo(done)
    assert shown(journal, "Lesson", LESSON)["topic"] == "Дроби"
    assert len(journal.outbox()) == 3


def test_undo_of_a_first_mark_empties_the_cell(journal: Journal, school: SmallSchool) -> None:
    done = put_mark(journal, LESSON, COLUMN, PUPIL, "5", comment="у доски")
    journal.undo(done)
    assert shown(journal, "Mark", MARK)["value"] is None
    assert (COLUMN, PUPIL) not in {
        key for key, cell in queries.journal_spread(journal, school.page).cells.items() if cell.value
    }
    put_mark(journal, LESSON, COLUMN, PUPIL, "4")
    assert shown(journal, "Mark", MARK)["value"] == "4"


def test_undo_of_a_mark_with_its_lesson_and_column_keeps_those(journal: Journal, school: SmallSchool) -> None:
    lesson = school.lesson(ids.lesson_parts(LESSON)[1].replace(day=14), 2)
    done = put_mark(journal, lesson, None, PUPIL, "5")
    undone = journal.undo(done)
    assert [change.kind for change in undone.changes] == ["Mark"]


def test_undo_never_takes_back_what_somebody_else_wrote_since(journal: Journal, school: SmallSchool) -> None:
    done = set_topic(journal, LESSON, "Дроби")
    server = PocketServer(school)
    journal.settle(server.push(journal.outbox()))
    server.other("Lesson", LESSON, topic="Тема коллеги")
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)
    with pytest.raises(Refusal) as caught:
        journal.undo(done)
    assert caught.value.code == "EJ-290"
    assert shown(journal, "Lesson", LESSON)["topic"] == "Тема коллеги"


def test_listeners_hear_of_each_write_once_and_of_what_came_in(journal: Journal, school: SmallSchool) -> None:
    heard: list[ChangeSet] = []
    journal.listen(heard.append)
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    server = PocketServer(school)
    server.other("Lesson", LESSON, topic="Дроби")
    entries, upto = server.pull(journal.cursor)
    journal.apply(entries, upto)
    assert [sorted(each.touched) for each in heard] == [[("Mark", MARK)], [("Lesson", LESSON)]]
    assert [each.prev is None for each in heard] == [False, True]


def test_a_changed_policy_holds_at_once(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.teacher, tmp_path)
    server = PocketServer(school)
    try:
        assert journal.policy().markless_grades == (1,)
        server.other("PolicySetting", "P14", act="create", author="server", was={}, value="[7]", basis="приказ")
        entries, upto = server.pull(journal.cursor)
        journal.apply(entries, upto)
        with pytest.raises(Refusal) as caught:
            put_mark(journal, LESSON, COLUMN, "u-05", "5")
        assert caught.value.code == "EJ-224"
    finally:
        journal.close()


def test_policy_settings_of_the_snapshot_hold_too(tmp_path: Path) -> None:
    school = small_school(extra=[PolicySetting(id="P14", value="[7]")])
    journal = desk_of(school, school.teacher, tmp_path)
    try:
        with pytest.raises(Refusal):
            put_mark(journal, LESSON, None, PUPIL, "5")
    finally:
        journal.close()


# --- commands ------------------------------------------------------------------------------------------------------


def test_the_teacher_calls_the_roll(journal: Journal) -> None:
    set_presence(journal, LESSON, PUPIL, "late", late_minutes=7)
    assert shown(journal, "Attendance", ids.attendance(LESSON, PUPIL))["late_minutes"] == 7
    set_presence(journal, LESSON, PUPIL, "absent", late_minutes=7)
    row = shown(journal, "Attendance", ids.attendance(LESSON, PUPIL))
    assert (row["presence"], row["late_minutes"]) == ("absent", None)


def test_a_mark_on_an_absence_is_refused(journal: Journal) -> None:
    set_presence(journal, LESSON, PUPIL, "absent")
    with pytest.raises(Refusal) as caught:
        put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    assert caught.value.code == "EJ-223"


def test_an_absence_over_a_mark_is_refused(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, PUPIL, "5")
    with pytest.raises(Refusal) as caught:
        set_presence(journal, LESSON, PUPIL, "absent")
    assert caught.value.code == "EJ-223"


def test_a_lesson_of_the_timetable_is_made_by_its_first_entry(journal: Journal, school: SmallSchool) -> None:
    lesson = school.lesson(ids.lesson_parts(LESSON)[1].replace(day=14), 2)
    set_homework(journal, lesson, "§ 1")
    hold_lesson(journal, lesson)
    row = shown(journal, "Lesson", lesson)
    assert (row["held_on"], row["lesson_number"], row["homework"], row["held"]) == ("2026-09-14", 2, "§ 1", True)
    assert [each.change.act for each in journal.outbox()] == ["create", "change"]


def test_a_second_work_of_the_same_kind_gets_the_next_ordinal(journal: Journal) -> None:
    add_mark_column(journal, LESSON, "control", "Контрольная № 1")
    done = add_mark_column(journal, LESSON, "control")
    assert done.changes[0].record == ids.mark_column(LESSON, "control", 2)


def test_a_work_kind_that_the_school_does_not_know_is_refused(journal: Journal) -> None:
    with pytest.raises(Refusal) as caught:
        add_mark_column(journal, LESSON, "juggling")
    assert caught.value.code == "EJ-226"


def test_a_period_mark_is_put_and_taken_away(journal: Journal, school: SmallSchool) -> None:
    put_period_mark(journal, school.page, PUPIL, "quarter", 1, "4", "по итоговой работе")
    put_period_mark(journal, school.page, PUPIL, "quarter", 1, None)
    row = shown(journal, "PeriodMark", ids.period_mark(school.page, PUPIL, "quarter", 1))
    assert (row["value"], row["justification"]) == (None, "")


def test_a_late_correction_asks_for_a_request(school: SmallSchool, tmp_path: Path) -> None:
    clock = Clock()
    journal = desk_of(school, school.teacher, tmp_path)
    journal.clock = clock
    try:
        put_mark(journal, LESSON, COLUMN, PUPIL, "5")
        clock.now = clock.now.replace(day=30)
        with pytest.raises(Refusal) as caught:
            put_mark(journal, LESSON, COLUMN, PUPIL, "2")
        assert caught.value.code == "EJ-229"
    finally:
        journal.close()


def test_an_absence_document_of_the_class_teacher_gives_the_letter(school: SmallSchool, tmp_path: Path) -> None:
    day = ids.lesson_parts(LESSON)[1]
    known = AbsenceDocument(id="doc-1", class_group_id=school.class_group, pupil_id=PUPIL, reason="Б", since=day,
                            until=day)  # fmt: skip
    journal = desk_of(small_school(extra=[known]), school.teacher, tmp_path)
    try:
        set_presence(journal, school.lesson(day, 3), PUPIL, "absent")
        (cell,) = queries.journal_spread(journal, school.page).cells.values()
        assert cell.absence == "б"
        (lesson,) = queries.today(journal, day).lessons
        assert lesson.known_absent == ("Ёлкин (Б)",)
        roll = {row.pupil_id: row for row in queries.lesson_sheet(journal, lesson.lesson_id).roll}
        assert roll[PUPIL].known_reason.endswith("документ до 15.09")
    finally:
        journal.close()

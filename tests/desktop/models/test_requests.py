"""Requests for correction on the desks: asked, decided, refused, taken back; each list shows what its person may do."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ejournal_core import ids, seal
from ejournal_core.changes import Change, is_rare
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Fields, Mark, PeriodClosing, PolicySetting, TeachingLoad
from ejournal_desktop.models import queries, records
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.requests import (
    approve_all,
    approve_request,
    ask_correction,
    put_aside,
    put_right,
    refuse_request,
)
from ejournal_desktop.models.commands.substitutions import assign_substitute, declare_substitution
from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.receive import Arrivals
from ejournal_desktop.ui.widgets.news_row import OwnRequestFace
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers.school import NOW, YEAR_START, SmallSchool, desk_of, small_school

PUPIL = "u-04"
MARK = ids.mark(COLUMN, PUPIL)
CLOSING = ids.period_closing("c-7b", "q-1")
WHY = "в тетради стоит 5"


@pytest.fixture
def school(school: SmallSchool) -> SmallSchool:
    """Give the school with a mark of the colleague in a period that is closed."""
    return small_school(extra=(
        *school.records[-2:],
        Mark(id=MARK, mark_column_id=COLUMN, pupil_id=PUPIL, value="4"),
        PeriodClosing(id=CLOSING, class_group_id="c-7b", grading_period_id="q-1", closed=True),
    ))  # fmt: skip


def ask(journal: Journal, value: str = "5") -> Change:
    return ask_correction(journal, "Mark", MARK, WHY, value=value).changes[0]


def value(journal: Journal) -> object:
    with journal.reading() as connection:
        fields = records.read(connection, "Mark", MARK).fields
    return fields["value"] if fields else None


def code_of(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_leaves_the_mark_as_it_is_and_is_listed_at_once(journal: Journal) -> None:
    asked = ask(journal)
    assert (asked.act, asked.set["value"], asked.was["value"]) == ("request", "5", "4")
    assert value(journal) == "4"
    (row,) = queries.own_requests(journal)
    assert (row.state, row.what, row.standing_value, row.wanted_value, row.why) == (
        "unsent", "отметка 4 → 5", "4", "5", WHY,
    )  # fmt: skip
    assert len(journal.outbox()) == 1


def test_a_request_stays_out_of_the_row_after_any_rebuild(journal: Journal, server: PocketServer) -> None:
    ask(journal)
    server.other("Mark", MARK, value="3")
    meet(journal, server)
    assert value(journal) == "3"
    assert queries.own_requests(journal)[0].state == "waiting"


def test_an_unsent_request_stays_out_of_a_row_that_is_replayed(tmp_path: Path, school: SmallSchool) -> None:
    plain = small_school(extra=school.records[-4:-1])
    desk, server = desk_of(plain, plain.teacher, tmp_path / "plain"), PocketServer(plain)
    put_mark(desk, LESSON, COLUMN, PUPIL, "3")
    closing: dict[str, Any] = {"class_group_id": "c-7b", "grading_period_id": "q-1", "closed": True}
    server.other("PeriodClosing", CLOSING, act="lock", was={}, **closing)
    desk.apply(*server.pull(desk.cursor))
    ask_correction(desk, "Mark", MARK, WHY, value="5")
    server.other("Mark", MARK, value="2")
    desk.apply(*server.pull(desk.cursor))
    assert value(desk) == "3"
    desk.close()


def test_a_request_that_waits_names_who_really_decides_it(
    journal: Journal, server: PocketServer, deputy: Journal
) -> None:
    ask(journal)
    meet(journal, server)
    (row,) = queries.own_requests(journal)
    assert row.deciders == ("Громова В. П.",)
    face = OwnRequestFace(journal.clock)
    assert "ждёт решения, " in face.words(row)
    assert "решает Громова В. П. · " in face.words(row)
    many = msgspec.structs.replace(row, deciders=("Громова В. П.", "Лебедев О. Н.", "Сомова А. А.", "Титов К. К."))
    assert "решает Громова В. П., Лебедев О. Н. и ещё 2 · " in face.words(many)
    assert "решить сейчас некому" in face.words(msgspec.structs.replace(row, deciders=()))


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ({"rule": "roles", "roles": ["director"]}, ()),
        ({"rule": "roles", "roles": ["director"], "named": ["p-colleague"]}, ("Петров С. И.",)),
    ],
)
def test_a_request_of_the_director_waits_for_whom_the_order_names(
    tmp_path: Path, school: SmallSchool, order: dict[str, Any], names: tuple[str, ...]
) -> None:
    rule = PolicySetting(id="P07", value=json.dumps(order))
    teaches = TeachingLoad(id="l-own", journal_page_id=school.page, person_id=school.deputy, since=YEAR_START)
    led = small_school(extra=(*school.records[-4:], rule, teaches))
    desk, server = desk_of(led, led.deputy, tmp_path / "led"), PocketServer(led)
    ask(desk)
    meet(desk, server)
    (row,) = queries.own_requests(desk)
    assert (row.state, row.deciders) == ("waiting", names)
    desk.close()


def test_a_refusal_in_the_log_brings_no_record_to_life() -> None:
    refusal = Change(id="r", desk="d", n=1, author="p-deputy", kind="Mark", record=MARK, was={}, set={}, act="refuse",
                     at=NOW.isoformat(), about="c", why="нет")  # fmt: skip
    assert records.fold(records.UNKNOWN, refusal, 7) == records.Stand(None, number=7)


def test_a_journal_from_an_older_copy_lists_what_it_had_asked_for_and_how_that_was_decided(
    school: SmallSchool, deputy: Journal, server: PocketServer, tmp_path: Path
) -> None:
    key, file = bytes(range(32)), tmp_path / "desk-of-p-teacher.journal"
    desk_of(school, school.teacher, tmp_path, key=key).close()
    image = file.read_bytes()
    journal = open_journal(file, key)
    asked = [ask(journal), ask_correction(journal, "Mark", MARK, "и ещё раз", value="3").changes[0]]
    for each in (journal, deputy):
        meet(each, server)
    refuse_request(deputy, asked[1].id, "оценка верна")
    meet(deputy, server)
    journal.close()
    file.write_bytes(image)
    restored = open_journal(file, key)
    meet(restored, server)
    assert {row.change_id: row.state for row in queries.own_requests(restored)} == {
        asked[0].id: "waiting", asked[1].id: "refused",
    }  # fmt: skip
    restored.close()


def test_a_request_needs_its_reasons(journal: Journal) -> None:
    with pytest.raises(Refusal) as refused:
        ask_correction(journal, "Mark", MARK, " ", value="5")
    assert code_of(refused) == "EJ-235"
    assert journal.outbox() == []


def test_where_no_period_is_closed_a_request_is_not_needed(tmp_path: Path, school: SmallSchool) -> None:
    open_school = small_school(extra=[r for r in school.records[-4:] if not isinstance(r, PeriodClosing)])
    desk = desk_of(open_school, open_school.teacher, tmp_path / "open")
    with pytest.raises(Refusal) as refused:
        ask_correction(desk, "Mark", MARK, WHY, value="5")
    assert code_of(refused) == "EJ-232"
    assert desk.outbox() == []
    desk.close()


def test_where_nobody_may_allow_it_the_clause_is_named(tmp_path: Path, school: SmallSchool) -> None:
    strict = small_school(extra=(*school.records[-4:], PolicySetting(id="P07", value='{"rule":"nobody"}')))
    desk = desk_of(strict, strict.teacher, tmp_path / "strict")
    with pytest.raises(Refusal) as refused:
        ask_correction(desk, "Mark", MARK, WHY, value="5")
    assert (code_of(refused), refused.value.clause) == ("EJ-234", "P07")
    desk.close()


# --- deciding --------------------------------------------------------------------------------------------------------


def test_the_deputy_sees_both_values_and_approves(journal: Journal, deputy: Journal, server: PocketServer) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    (row,) = queries.waiting_decisions(deputy)
    assert (row.change_id, row.standing_value, row.wanted_value, row.requester) == (asked.id, "4", "5", "Иванова М. П.")
    assert row.where == "7 «Б» · Алгебра · 15.09 · Ёлкин Пётр"
    (decision,) = approve_request(deputy, row.change_id).changes
    assert (decision.about, decision.requester, decision.set) == (asked.id, "p-teacher", asked.set)
    assert queries.waiting_decisions(deputy) == ()
    meet(deputy, server)
    meet(journal, server)
    assert (value(journal), value(deputy)) == ("5", "5")
    (own,) = queries.own_requests(journal)
    assert (own.state, own.decided_by) == ("approved", "Громова В. П.")
    with journal.reading() as connection:
        assert records.read(connection, "Mark", MARK).author == "p-teacher"
    assert queries.sync_state(journal).pending == 0


def test_a_refusal_comes_back_with_its_reason_and_changes_nothing(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    refuse_request(deputy, asked.id, "тетрадь не показана")
    assert value(deputy) == "4"
    meet(deputy, server)
    meet(journal, server)
    (own,) = queries.own_requests(journal)
    assert (own.state, own.decision_why, value(journal)) == ("refused", "тетрадь не показана", "4")
    (row,) = queries.sync_state(journal).rows
    assert (row.delivery, row.reason) == ("refused", "Отказано: тетрадь не показана")
    put_aside(journal, asked.id)
    assert queries.sync_state(journal).rows == ()


def test_a_refusal_of_a_first_mark_makes_no_mark(journal: Journal, deputy: Journal, server: PocketServer) -> None:
    other = ids.mark(COLUMN, "u-05")
    asked = ask_correction(journal, "Mark", other, WHY, mark_column_id=COLUMN, pupil_id="u-05", value="3").changes[0]
    meet(journal, server)
    meet(deputy, server)
    refuse_request(deputy, asked.id, "нет")
    meet(deputy, server)
    meet(journal, server)
    for desk in (journal, deputy):
        with desk.reading() as connection:
            assert records.read(connection, "Mark", other).fields is None


def test_who_asks_sees_the_request_but_does_not_decide_it(journal: Journal, server: PocketServer) -> None:
    asked = ask(journal)
    meet(journal, server)
    assert queries.waiting_decisions(journal) == ()
    with pytest.raises(Refusal) as refused:
        approve_request(journal, asked.id)
    assert code_of(refused) == "EJ-236"
    with pytest.raises(Refusal) as refused:
        refuse_request(journal, asked.id, "сама")
    assert code_of(refused) == "EJ-236"


def test_a_decision_that_came_second_gives_the_list_what_stands(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    approve_request(deputy, asked.id)
    server.other("Mark", MARK, act="refuse", author="p-director", about=asked.id, why="нет оснований")
    deputy.settle(server.push(deputy.outbox(), refuse=lambda _: "refused"))
    assert value(deputy) == "4"
    assert len(queries.waiting_decisions(deputy)) == 1  # until the pull tells who was first
    meet(deputy, server)
    assert queries.waiting_decisions(deputy) == ()


def test_a_decided_request_is_not_decided_again(journal: Journal, deputy: Journal, server: PocketServer) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    approve_request(deputy, asked.id)
    with pytest.raises(Refusal) as refused:
        approve_request(deputy, asked.id)
    assert code_of(refused) == "EJ-233"


def test_a_late_lesson_is_approved_along_with_the_mark_that_needs_it(
    deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    lesson = school.lesson(date(2026, 9, 14), 2)
    column = ids.mark_column(lesson, "oral", 1)
    born: Fields = {"journal_page_id": school.page, "held_on": "2026-09-14", "lesson_number": 2}
    pending = {"act": "create", "author": "p-teacher", "was": {}, "outcome": "pending"}
    server.other("Lesson", lesson, **pending, **born)  # type: ignore[arg-type]
    server.other("MarkColumn", column, **pending, lesson_id=lesson, work_kind_id="oral", ordinal=1)  # type: ignore[arg-type]
    last = server.other("Mark", ids.mark(column, PUPIL), **pending, mark_column_id=column, pupil_id=PUPIL, value="5")  # type: ignore[arg-type]
    meet(deputy, server)
    assert len(queries.waiting_decisions(deputy)) == 3
    done = approve_request(deputy, last.id)
    assert [change.kind for change in done.changes] == ["Lesson", "MarkColumn", "Mark"]
    assert queries.waiting_decisions(deputy) == ()


def test_what_cannot_be_approved_together_is_not_approved_at_all(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    with pytest.raises(Refusal) as refused:
        approve_all(deputy, [asked.id, "no-such-change"])
    assert code_of(refused) == "EJ-233"
    assert deputy.outbox() == []
    assert len(queries.waiting_decisions(deputy)) == 1


def test_decisions_and_period_marks_are_signed_alone(journal: Journal, deputy: Journal, server: PocketServer) -> None:
    asked = ask(journal)
    assert asked.signature == ""
    meet(journal, server)
    meet(deputy, server)
    approve_request(deputy, asked.id)
    (unsent,) = deputy.outbox()
    key = seal.signing_public_key(deputy.identity.signing_key)
    assert is_rare(unsent.change)
    assert seal.is_change_signed(key, unsent.change, unsent.prev)
    assert not seal.is_change_signed(key, unsent.change, "00" * 32)


def test_an_open_request_comes_with_a_snapshot(deputy: Journal, server: PocketServer, journal: Journal) -> None:
    asked = ask(journal)
    (verdict,) = server.push(journal.outbox())
    for _ in range(2):
        with deputy.receiving() as connection:
            Arrivals(deputy.identity).add_open(connection, asked, verdict)
    assert [row.change_id for row in queries.waiting_decisions(deputy)] == [asked.id]


# --- the register ----------------------------------------------------------------------------------------------------


def test_the_register_has_seven_fields_and_the_decision(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask(journal)
    meet(journal, server)
    meet(deputy, server)
    day = NOW.date()
    (row,) = queries.correction_register(deputy, day, day)
    fields = (row.requested_on, row.class_title, row.requester, row.changed_date, row.subject, row.changes, row.reasons)
    assert fields == (
        day, "7 «Б»", "Иванова М. П.", date(2026, 9, 15), "Алгебра", "Ёлкин Пётр: отметка 4 → 5", WHY,
    )  # fmt: skip
    assert row.decision == ""
    refuse_request(deputy, asked.id, "не показана тетрадь")
    (row,) = queries.correction_register(deputy, day, day)
    assert row.decision == "отказано, Громова В. П., 15.09.2026, не показана тетрадь"
    assert queries.correction_register(deputy, day + timedelta(days=1), day + timedelta(days=2)) == ()


# --- a refused change is put right -----------------------------------------------------------------------------------


def test_a_refused_change_is_put_right_and_sent_anew(tmp_path: Path, school: SmallSchool) -> None:
    plain = small_school(extra=school.records[-4:-2])
    desk, server = desk_of(plain, plain.teacher, tmp_path / "plain"), PocketServer(plain)
    put_mark(desk, LESSON, COLUMN, PUPIL, "5")
    (verdict,) = server.push(desk.outbox(), refuse=lambda _: "refused")
    desk.settle([verdict])
    (change,) = put_right(desk, verdict.id, value="4").changes
    assert change.set["value"] == "4"
    assert queries.sync_state(desk).refused == 0
    with pytest.raises(Refusal) as refused:
        put_right(desk, verdict.id, value="3")
    assert code_of(refused) == "EJ-243"
    desk.close()


# --- substitutions ---------------------------------------------------------------------------------------------------


def test_a_substitution_is_declared_and_filled_offline_and_stays_in_sight_while_it_waits(
    tmp_path: Path, school: SmallSchool
) -> None:
    plain = small_school(extra=school.records[-4:-2])
    desk, server = desk_of(plain, plain.teacher, tmp_path / "plain"), PocketServer(plain)
    (lesson,) = [each.lesson_id for each in queries.lessons_to_substitute(desk, date(2026, 9, 16))]
    pupil = plain.pupils[1]
    desk.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    with pytest.raises(Refusal) as refused:
        put_mark(desk, lesson, None, pupil, "5")
    assert code_of(refused) == "EJ-210"
    declare_substitution(desk, lesson)
    put_mark(desk, lesson, None, pupil, "5")
    verdicts = server.push(desk.outbox(), refuse=lambda _: "pending")
    desk.settle([msgspec.structs.replace(verdict, reason="EJ-231") for verdict in verdicts])
    (own,) = queries.own_requests(desk)
    assert (own.standing_value, own.wanted_value) == ("Петров С. И.", "Иванова М. П."), "instead of whom it is"
    (past,) = queries.cell_history(desk, "Lesson", lesson)
    assert past.new.split(" · ")[0] == "Иванова М. П."
    assert past.old in ("", "Петров С. И."), "never «пусто → пусто»"
    mark = ids.mark(ids.mark_column(lesson, "oral", 1), pupil)
    with desk.reading() as connection:
        stand = records.read(connection, "Mark", mark)
    assert stand.fields is not None
    assert stand.fields["value"] == "5"
    born: dict[str, Any] = {
        "journal_page_id": plain.english,
        "held_on": "2026-09-16",
        "lesson_number": 4,
        "topic": "План",
    }
    server.other("Lesson", lesson, act="create", was={}, **born)
    entries, upto = server.pull(desk.cursor)
    desk.apply([each for each in entries if each.change.desk == "other"], upto)
    with desk.reading() as connection:
        fields = records.read(connection, "Lesson", lesson).fields
    assert fields is not None
    assert (fields["teacher_id"], fields["topic"]) == ("p-teacher", "План")
    put_mark(desk, lesson, None, plain.pupils[3], "4")  # one goes on filling the lesson
    asked = [entry.change for entry in server.log if entry.verdict.outcome == "pending"]
    for each in asked:
        server.other(each.kind, each.record, act="refuse", author="p-deputy", about=each.id, why="урок дал учитель")
    entries, upto = server.pull(desk.cursor)
    desk.apply([each for each in entries if each.change.desk == "other"], upto)
    with desk.reading() as connection:
        assert records.read(connection, "Mark", mark).fields is None
    desk.close()


def test_only_the_timetable_s_keeper_names_another_teacher(deputy: Journal, journal: Journal) -> None:
    lesson = ids.lesson(ids.journal_page("s-english", "g-2"), date(2026, 11, 11), 4)
    with pytest.raises(Refusal) as refused:
        assign_substitute(journal, lesson, "p-deputy")
    assert code_of(refused) == "EJ-210"
    (change,) = assign_substitute(deputy, lesson, "p-class-teacher").changes
    assert change.set["teacher_id"] == "p-class-teacher"


# --- a newer program -------------------------------------------------------------------------------------------------


def test_a_record_that_a_newer_program_wrote_is_looked_at_and_not_edited(
    deputy: Journal, journal: Journal, server: PocketServer
) -> None:
    server.other("Mark", MARK, min=2, value="2")
    server.other("Mark", MARK, value="3")
    meet(deputy, server)
    assert value(deputy) == "4"  # nothing is applied half
    assert [row.new for row in queries.cell_history(deputy, "Mark", MARK)] == ["3", "2"]
    meet(journal, server)
    with pytest.raises(Refusal) as refused:
        ask(journal)
    assert code_of(refused) == "EJ-241"


def test_an_act_and_a_kind_of_a_newer_program_are_kept_and_stop_nothing(deputy: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, act="bless", min=2, value="2")
    server.start["Hologram", "h"] = {}
    entries, upto = server.pull(deputy.cursor)
    strange = msgspec.structs.replace(entries[0].change, id="strange", kind="Hologram", n=99)
    pending = msgspec.structs.replace(entries[0].verdict, id="strange", outcome="pending", number=upto + 1)
    deputy.apply([*entries, msgspec.structs.replace(entries[0], change=strange, verdict=pending)], upto + 1)
    assert queries.waiting_decisions(deputy) == ()
    assert len(queries.cell_history(deputy, "Hologram", MARK)) == 1
    assert queries.sync_state(deputy).pending == 0


# --- disputes --------------------------------------------------------------------------------------------------------


def test_two_values_of_one_person_are_hers_alone(deputy: Journal, journal: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, author="p-teacher", was={"value": "4"}, value="3")
    server.other("Mark", MARK, author="p-teacher", was={"value": "2"}, value="5")
    meet(deputy, server)
    meet(journal, server)
    assert queries.open_disputes(deputy) == ()
    assert queries.disputes(deputy) == ()
    assert len(queries.open_disputes(journal)) == 1


def test_a_dispute_of_two_people_is_listed_to_them_and_to_the_deputy(
    deputy: Journal, journal: Journal, server: PocketServer, tmp_path: Path, school: SmallSchool
) -> None:
    server.other("Mark", MARK, author="p-colleague", was={"value": "2"}, value="5")
    server.other("Mark", MARK, author="p-deputy", was={"value": "1"}, value="3", outcome="disputed")
    head = desk_of(school, school.class_teacher, tmp_path)
    for desk in (deputy, journal, head):
        meet(desk, server)
    assert len(queries.open_disputes(deputy)) == 2
    assert queries.open_disputes(head) == ()
    head.close()

"""The rules of what waits for another person, one sentence each; the same on the desk and at the server."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ejournal_core import access, ids
from ejournal_core.cases import lesson_id_of, page_of
from ejournal_core.changes import Change, canonical, change_hash, plain, sets_values
from ejournal_core.checks import check
from ejournal_core.facts import Waiting
from ejournal_core.kinds import BellSlot, Fields, Lesson, Mark, PeriodClosing, RoleGrant, TeachingLoad
from ejournal_core.policy import preset
from ejournal_core.policy_values import EditWindow, LateApprover, Substitutions
from tests.core.test_checks import COLUMN, LESSON, LESSON_DAY, NOON, PAGE, QUARTER, SEPTEMBER, code, edit, later
from tests.core.test_checks import facts as facts  # the school of the rules
from tests.helpers.plain_facts import PlainFacts

MARK = ids.mark(COLUMN, "yolkin")
CLOSING = ids.period_closing("7b", "q2")


@pytest.fixture
def closed(facts: PlainFacts) -> PlainFacts:
    """Give the school with a mark in a closed period."""
    facts.put(Mark(id=MARK, mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    facts.put(PeriodClosing(id=CLOSING, class_group_id="7b", grading_period_id="q2", closed=True))
    return facts


def ask(author: str = "ivanova", why: str = "описка", value: str = "5", **more: Any) -> Change:
    return edit("Mark", MARK, {"value": value}, was={"value": "4"}, author=author, act="request", why=why, **more)


def decide(facts: PlainFacts, asked: Change, act: str = "approve", author: str = "zavuch", **more: Any) -> Change:
    if asked.id not in facts.pending:
        facts.pending[asked.id] = Waiting(asked, "EJ-228")
    said: dict[str, Any] = {"set_": asked.set, "requester": asked.author} if act == "approve" else {"set_": {}}
    said |= {"was": asked.was if act == "approve" else {}, "about": asked.id, "id": "d", **more}
    return edit(asked.kind, asked.record, said.pop("set_"), author=author, act=act, **said)  # type: ignore[arg-type]


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_waits_at_the_desk_and_at_the_server(closed: PlainFacts) -> None:
    for at_arrival in (False, True):
        assert check(ask(), closed, at_arrival=at_arrival).outcome == "pending"


def test_what_may_be_done_at_once_is_not_asked_for_but_waits_once_it_was(closed: PlainFacts) -> None:
    closed.put(PeriodClosing(id=CLOSING, class_group_id="7b", grading_period_id="q2", closed=False))
    assert code(check(ask(), closed)) == "EJ-232"
    assert (check(ask(), closed, at_arrival=True).outcome, code(check(ask(), closed, at_arrival=True))) == (
        "pending", "EJ-230",
    )  # fmt: skip


def test_what_stands_already_is_not_asked_for(closed: PlainFacts) -> None:
    same = edit("Mark", MARK, {"value": "4"}, was={"value": "4"}, act="request", why="описка")
    assert code(check(same, closed)) == "EJ-232"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (ask(why=" "), "EJ-235"),
        (ask(value="7"), "EJ-220"),
        (ask(author="petrova"), "EJ-210"),
        (edit("Pupil", "yolkin", {"last_name": "Иной"}, author="admin", act="request", why="описка"), "EJ-205"),
    ],
)
def test_what_no_decision_could_mend_is_refused(closed: PlainFacts, change: Change, expected: str) -> None:
    answer = check(change, closed)
    assert (answer.outcome, answer.code) == ("refused", expected)


@pytest.mark.parametrize("name", ["portal-mo", "avers-stavropol-2019"])
def test_where_the_regulation_knows_no_correction_nothing_is_asked(closed: PlainFacts, name: str) -> None:
    closed.school_policy = preset(name)
    answer = check(ask(), closed)
    assert (answer.code, answer.clause) == ("EJ-234", "P07")


# --- deciding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("author", "expected"), [("zavuch", "taken"), ("admin", "EJ-236"), ("ivanova", "EJ-236")])
@pytest.mark.parametrize("act", ["approve", "refuse"])
def test_a_deputy_decides_and_neither_the_requester_nor_the_administrator(
    closed: PlainFacts, act: str, author: str, expected: str
) -> None:
    assert code(check(decide(closed, ask(), act, author, why="так"), closed)) == expected


def test_in_tomsk_the_administrator_decides_and_not_the_deputy(closed: PlainFacts) -> None:
    closed.school_policy = preset("sgo-tomsk-2021")
    assert code(check(decide(closed, ask(), author="admin"), closed)) == "taken"
    assert code(check(decide(closed, ask()), closed)) == "EJ-236"


def test_what_came_late_is_decided_even_where_nobody_may_be_asked(closed: PlainFacts) -> None:
    closed.school_policy = preset("portal-mo")
    late = edit("Mark", MARK, {"value": "5"}, was={"value": "4"})
    assert code(check(decide(closed, late), closed)) == "taken"


def test_a_deputy_of_another_class_does_not_decide(closed: PlainFacts) -> None:
    closed.put(RoleGrant(id="r2", person_id="zavuch", role="deputy_director", class_group_id="1a", since=SEPTEMBER))
    assert code(check(decide(closed, ask()), closed)) == "EJ-236"


def test_nobody_decides_about_oneself_and_the_way_leads_one_level_up(closed: PlainFacts) -> None:
    closed.put(TeachingLoad(id="l9", journal_page_id=PAGE, person_id="zavuch", since=SEPTEMBER))
    closed.put(RoleGrant(id="r9", person_id="director", role="director", since=SEPTEMBER))
    closed.put(TeachingLoad(id="l8", journal_page_id=PAGE, person_id="director", since=SEPTEMBER))

    only = LateApprover(rule="roles", roles=("deputy_director",), named=("petrova",))
    closed.school_policy = replace(closed.school_policy, late_approver=only)
    assert code(check(decide(closed, ask(author="zavuch"), author="zavuch"), closed)) == "EJ-236"
    assert code(check(decide(closed, ask(author="zavuch"), author="director"), closed)) == "taken"
    assert code(check(decide(closed, ask(author="zavuch"), author="petrova"), closed)) == "EJ-236"
    director = replace(only, roles=("director",))
    closed.school_policy = replace(closed.school_policy, late_approver=director)
    closed.pending.clear()
    assert code(check(decide(closed, ask(author="director"), author="petrova"), closed)) == "taken"
    assert code(check(decide(closed, ask(author="director"), author="zavuch"), closed)) == "EJ-236"


@pytest.mark.parametrize(
    "bent",
    [
        {"set_": {"value": "3"}},
        {"set_": {"value": "5", "comment": ""}},
        {"requester": "petrova"},
        {"requester": ""},
        {"about": "another"},
    ],
)
def test_an_approval_is_exactly_what_was_asked(closed: PlainFacts, bent: dict[str, Any]) -> None:
    assert check(decide(closed, ask(), **bent), closed).outcome == "refused"
    assert code(check(decide(closed, ask()), closed)) == "taken"


@pytest.mark.parametrize("bent", [{"set_": {"value": "5"}}, {"was": {"value": "4"}}, {"why": " "}, {"requester": "x"}])
def test_a_refusal_sets_nothing_and_says_why(closed: PlainFacts, bent: dict[str, Any]) -> None:
    assert check(decide(closed, ask(), "refuse", **{"why": "нет", **bent}), closed).outcome == "refused"


def test_what_is_decided_is_not_decided_again(closed: PlainFacts) -> None:
    asked = ask()
    closed.pending[asked.id] = Waiting(asked, "EJ-228", "refused")
    assert code(check(decide(closed, asked), closed)) == "EJ-233"


def test_an_approval_lifts_the_term_and_the_lost_right_but_not_the_scale(closed: PlainFacts) -> None:
    later(closed, 60)
    lost = edit("Mark", MARK, {"value": "5"}, was={"value": "4"}, author="petrova")
    closed.pending[lost.id] = Waiting(lost, "EJ-210")
    assert code(check(decide(closed, lost), closed)) == "taken"
    odd = edit("Mark", MARK, {"value": "7"}, was={"value": "4"}, author="petrova")
    closed.pending[odd.id] = Waiting(odd, "EJ-210")
    assert code(check(decide(closed, odd), closed)) == "EJ-220"
    closed.pending[lost.id] = Waiting(lost, "EJ-228")  # it waited for something else: the right was never there
    assert code(check(decide(closed, lost), closed)) == "EJ-210"


def test_no_approval_stands_in_for_what_a_record_belongs_to(closed: PlainFacts) -> None:
    column = ids.mark_column(LESSON, "oral", 2)
    orphan = edit("Mark", ids.mark(column, "yolkin"), {"mark_column_id": column, "pupil_id": "yolkin", "value": "5"})
    closed.pending[orphan.id] = Waiting(orphan, "EJ-203")
    assert code(check(decide(closed, orphan), closed)) == "EJ-203"


def test_garbage_in_a_decision_never_raises(closed: PlainFacts) -> None:
    for kind in ("Mark", "Lesson", "PeriodMark", "Pupil", "School"):
        for record in ("", "x", "...", "a.b.c.d.e"):
            asked = edit(kind, record, {"value": "5", "journal_page_id": PAGE})
            for reason in ("EJ-203", "EJ-210", "EJ-231"):
                closed.pending[asked.id] = Waiting(asked, reason)
                for act in ("approve", "refuse"):
                    assert check(decide(closed, asked, act, why="x"), closed).outcome in ("taken", "refused")


# --- substitutions ---------------------------------------------------------------------------------------------------


def declaration(**more: Any) -> Change:
    set_: Fields = {
        "journal_page_id": PAGE,
        "held_on": str(LESSON_DAY),
        "lesson_number": 3,
        "teacher_id": "guest",
        **more,
    }
    return edit("Lesson", LESSON, set_, author="guest", act="create")


def test_a_substitution_is_taken_at_the_desk_and_waits_at_the_server(facts: PlainFacts) -> None:
    assert code(check(declaration(), facts)) == "taken"
    answer = check(declaration(), facts, at_arrival=True)
    assert (answer.outcome, answer.code, answer.clause) == ("pending", "EJ-231", "P38")


@pytest.mark.parametrize(("more", "expected"), [({"topic": "Дроби"}, "EJ-239"), ({"held_on": "2026-11-18"}, "EJ-239"),
                                                ({"teacher_id": "petrova"}, "EJ-210")])  # fmt: skip
def test_a_declaration_says_who_gives_which_lesson_and_no_more(
    facts: PlainFacts, more: dict[str, Any], expected: str
) -> None:
    assert code(check(declaration(**more), facts)) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Substitutions(recorded="in_timetable", confirmed_by_deputy=True), "EJ-239"),
        (Substitutions(recorded="at_entry", confirmed_by_deputy=False), "taken"),
    ],
)
def test_the_school_says_how_substitutions_are_recorded(facts: PlainFacts, mode: Substitutions, expected: str) -> None:

    facts.school_policy = replace(facts.school_policy, substitution_mode=mode)
    assert code(check(declaration(), facts, at_arrival=True)) == expected


def test_the_keeper_of_the_timetable_names_a_substitute_and_writes_no_topic(facts: PlainFacts) -> None:
    def by(author: str, set_: Fields) -> str:
        was: Fields = dict.fromkeys(set_, None)
        return code(check(edit("Lesson", LESSON, set_, was=was, author=author), facts, at_arrival=True))

    assert by("zavuch", {"teacher_id": "petrova"}) == "taken"
    assert by("admin", {"teacher_id": "petrova"}) == "taken"
    assert by("petrova", {"teacher_id": "ivanova"}) == "EJ-210"
    assert by("zavuch", {"teacher_id": "petrova", "topic": "Дроби"}) == "EJ-210"


def test_a_lesson_that_was_given_gets_another_teacher_only_by_another_person(facts: PlainFacts) -> None:
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, held=True))
    named = edit("Lesson", LESSON, {"teacher_id": "petrova"}, was={"teacher_id": None}, author="zavuch")
    for at_arrival in (False, True):
        answer = check(named, facts, at_arrival=at_arrival)
        assert (answer.outcome, answer.code, answer.clause) == ("pending", "EJ-246", "P38")
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3))
    assert code(check(named, facts)) == "taken"


def _at(moment: str) -> datetime:
    return datetime.fromisoformat(f"{LESSON_DAY}T{moment}+03:00")


@pytest.mark.parametrize(
    ("fields", "moment", "expected"),
    [
        ({"topic": "Дроби"}, "10:29", "taken"),
        ({"topic": "Дроби"}, "10:30", "EJ-246"),
        ({"homework": "§ 5"}, "10:30", "EJ-246"),
        ({"held": True}, "08:00", "EJ-246"),
        ({}, "23:59", "taken"),
    ],
)
def test_a_topic_laid_ready_is_a_plan_until_the_lesson_begins(
    facts: PlainFacts, fields: dict[str, Any], moment: str, expected: str
) -> None:
    facts.put(BellSlot(id="b3", weekday=0, lesson_number=3, starts_at="10:30", ends_at="11:10"))
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, **fields))
    facts.moment = _at(moment)
    named = edit("Lesson", LESSON, {"teacher_id": "petrova"}, was={"teacher_id": None}, author="zavuch")
    assert code(check(named, facts)) == expected


@pytest.mark.parametrize("author", ["zavuch", "ivanova"])
def test_a_mark_keeps_the_teacher_of_its_lesson_whoever_names_another(facts: PlainFacts, author: str) -> None:
    """The teacher of the page, too: who gave a lesson is what teachers are paid by."""
    facts.put(Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3))
    named = edit("Lesson", LESSON, {"teacher_id": "petrova"}, was={"teacher_id": None}, author=author)
    assert code(check(named, facts)) == "taken"
    facts.put(Mark(id=MARK, mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    for at_arrival in (False, True):
        assert code(check(named, facts, at_arrival=at_arrival)) == "EJ-246"


def test_a_substitute_sees_the_page_around_the_lesson_and_not_for_ever() -> None:
    given = [Lesson(id=LESSON, journal_page_id=PAGE, held_on=LESSON_DAY, lesson_number=3, teacher_id="guest")]
    for days, sees in ((-14, True), (0, True), (14, True), (15, False), (-15, False)):
        assert access.substitutes(given, PAGE, "guest", LESSON_DAY + timedelta(days=days)) is sees
    assert not access.substitutes(given, "other.page", "guest", LESSON_DAY)
    assert not access.substitutes(given, PAGE, "petrova", LESSON_DAY)


# --- closing a period ------------------------------------------------------------------------------------------------


def lock() -> Change:
    fields: Fields = {"class_group_id": "7b", "grading_period_id": "q2", "closed": True}
    return edit("PeriodClosing", CLOSING, fields, author="zavuch", act="lock")


def test_a_period_is_not_closed_over_a_dispute_or_a_request_and_the_sentence_names_them(facts: PlainFacts) -> None:
    facts.put(Mark(id=MARK, mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    assert code(check(lock(), facts)) == "taken"
    facts.disputes[("Mark", MARK)] = ()
    asked = ask()
    facts.pending[asked.id] = Waiting(asked, "EJ-230")
    answer = check(lock(), facts)
    assert (answer.outcome, answer.code) == ("refused", "EJ-238")
    assert "2 (Алгебра)" in answer.sentence


@pytest.mark.parametrize("day", [QUARTER.starts_on - timedelta(days=1), QUARTER.ends_on + timedelta(days=1)])
def test_what_is_open_in_another_period_does_not_hold_it_up(facts: PlainFacts, day: date) -> None:
    facts.disputes[("Attendance", ids.attendance(ids.lesson(PAGE, day, 1), "yolkin"))] = ()
    assert code(check(lock(), facts)) == "taken"


def test_an_open_question_about_a_period_mark_is_of_its_own_period(facts: PlainFacts) -> None:
    facts.disputes[("PeriodMark", ids.period_mark(PAGE, "yolkin", "quarter", 1))] = ()
    assert code(check(lock(), facts)) == "taken"
    facts.disputes[("PeriodMark", ids.period_mark(PAGE, "yolkin", "quarter", 2))] = ()
    assert code(check(lock(), facts)) == "EJ-238"


def test_opening_a_period_again_asks_nobody(closed: PlainFacts) -> None:
    closed.disputes[("Mark", MARK)] = ()
    opened = edit("PeriodClosing", CLOSING, {"closed": False}, was={"closed": True}, author="zavuch", act="unlock")
    assert code(check(opened, closed)) == "taken"


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_first_mark_is_typing_until_its_own_moment_by_the_bells(facts: PlainFacts) -> None:
    """P06 = 0: no correction; the oral mark is due 24 hours after the end of the lesson: at 12:10 of the next day."""

    facts.school_policy = replace(facts.school_policy, edit_window=EditWindow(days=0))
    facts.put(BellSlot(id="b", weekday=0, lesson_number=3, starts_at="11:30", ends_at="12:10"))
    first = edit("Mark", MARK, {"mark_column_id": COLUMN, "pupil_id": "yolkin", "value": "5"})
    facts.moment = NOON.replace(hour=12, minute=10) + timedelta(days=1)
    assert code(check(first, facts)) == "taken"
    facts.moment += timedelta(minutes=1)
    assert code(check(first, facts)) == "EJ-229"


def test_the_grace_of_a_correction_ends_with_the_mark_s_own_term(facts: PlainFacts) -> None:

    facts.school_policy = replace(facts.school_policy, edit_window=EditWindow(days=0))
    facts.put(BellSlot(id="b", weekday=0, lesson_number=3, starts_at="11:30", ends_at="12:10"))
    facts.put(Mark(id=MARK, mark_column_id=COLUMN, pupil_id="yolkin", value="4"))
    facts.entered["Mark", MARK] = NOON.replace(hour=12, minute=0) + timedelta(days=1)
    again = edit("Mark", MARK, {"value": "5"}, was={"value": "4"})
    facts.moment = NOON.replace(hour=12, minute=30) + timedelta(days=1)  # 30 minutes after the first entry
    assert code(check(again, facts)) == "taken"
    facts.moment += timedelta(minutes=1)
    assert code(check(again, facts)) == "EJ-229"


def test_a_record_of_a_newer_program_is_not_edited(closed: PlainFacts) -> None:
    closed.ahead.add(("Mark", MARK))
    assert code(check(edit("Mark", MARK, {"value": "5"}, was={"value": "4"}), closed)) == "EJ-241"
    assert code(check(decide(closed, ask()), closed)) == "EJ-241"


# --- form ------------------------------------------------------------------------------------------------------------


def test_an_ordinary_change_hashes_as_it_did_before_there_were_requests() -> None:
    change = edit("Mark", MARK, {"value": "5"}, was={"value": "4"})
    assert {"about", "requester", "signature"}.isdisjoint(plain(change))
    old = canonical({"act": "change", "at": "2026-11-19", "author": "ivanova", "desk": "d", "head": "", "id": "c",
                     "kind": "Mark", "min": 1, "n": 1, "prev": "", "record": MARK, "salt": "", "set": {"value": "5"},
                     "v": 1, "was": {"value": "4"}, "why": ""})  # fmt: skip

    assert change_hash(change, "") == hashlib.sha256(old).digest()
    assert change_hash(edit("Mark", MARK, {"value": "5"}, was={"value": "4"}, about="x"), "") != change_hash(change, "")


@pytest.mark.parametrize(("act", "min_", "sets"), [("approve", 1, True), ("refuse", 1, False), ("request", 1, False),
                                                   ("change", 2, False)])  # fmt: skip
def test_what_enters_values_is_known_from_the_change_alone(act: str, min_: int, sets: bool) -> None:
    assert sets_values(edit("Mark", MARK, {}, act=act, min=min_)) is sets  # type: ignore[arg-type]


def test_where_a_fact_stands_is_read_from_its_id() -> None:
    period = ids.period_mark(PAGE, "yolkin", "quarter", 2)
    for kind, record in (("Lesson", LESSON), ("MarkColumn", COLUMN), ("Mark", MARK),
                         ("Attendance", ids.attendance(LESSON, "yolkin"))):  # fmt: skip
        assert (page_of(kind, record), lesson_id_of(kind, record)) == (PAGE, LESSON)
    assert (page_of("PeriodMark", period), lesson_id_of("PeriodMark", period)) == (PAGE, None)
    assert (page_of("Pupil", "yolkin"), page_of("Mark", "x")) == (None, None)

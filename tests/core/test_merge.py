"""Two people, one record: what is taken, what is joined, and what is shown to both."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core.changes import Change
from ejournal_core.kinds import KINDS, Fields, field_names
from ejournal_core.merge import defaults, merge, units


def change(kind: str, was: Fields, set_: Fields) -> Change:
    return Change(
        id="c", desk="d", n=1, author="p", kind=kind, record="r", was=was, set=set_, act="change", at="2026-11-21"
    )


MARK: Fields = {
    "mark_column_id": "m", "pupil_id": "p", "value": "5", "comment": "", "document": "", "voided": False,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_units_hold_each_field_of_a_kind_once(kind: str) -> None:
    held = [field for unit in units(kind) for field in unit]
    assert sorted(held) == sorted(field_names(KINDS[kind]))


def test_a_value_seen_as_it_stands_is_taken() -> None:
    merged = merge(MARK, change("Mark", {"value": "5"}, {"value": "4"}))
    assert (merged.outcome, merged.fields["value"]) == ("taken", "4")


def test_a_birth_gives_every_field_its_value() -> None:
    merged = merge(None, change("Mark", {}, {"mark_column_id": "m", "pupil_id": "p", "value": "5"}))
    assert merged.fields == MARK


def test_the_same_value_from_two_people_converges() -> None:
    assert merge(MARK, change("Mark", {"value": None}, {"value": "5"})).outcome == "converged"


def test_two_values_of_one_mark_are_disputed_and_the_first_stands() -> None:
    merged = merge(MARK, change("Mark", {"value": None}, {"value": "3"}))
    assert (merged.outcome, merged.fields, merged.clashes) == ("disputed", MARK, (("value", "comment", "document"),))


def test_topic_and_homework_do_not_clash() -> None:
    lesson: Fields = {"topic": "Дроби", "homework": ""}
    merged = merge(lesson, change("Lesson", {"homework": ""}, {"homework": "§ 5"}), moved=True)
    assert (merged.outcome, merged.fields) == ("merged", {"topic": "Дроби", "homework": "§ 5"})


def test_presence_and_reason_do_not_clash() -> None:
    row: Fields = {"presence": "absent", "late_minutes": None, "reason": "", "document_id": None}
    assert merge(row, change("Attendance", {"reason": ""}, {"reason": "Б"})).outcome == "taken"


def test_two_homework_texts_are_both_kept() -> None:
    merged = merge({"homework": "§ 5"}, change("Lesson", {"homework": ""}, {"homework": "№ 8"}))
    assert (merged.outcome, merged.fields["homework"]) == ("merged", "§ 5\n№ 8")


def test_a_change_that_clashes_in_one_unit_is_not_applied_in_another() -> None:
    lesson: Fields = {"topic": "Дроби", "held": False}
    merged = merge(lesson, change("Lesson", {"topic": "", "held": False}, {"topic": "Проценты", "held": True}))
    assert (merged.outcome, merged.fields) == ("disputed", lesson)


VALUES = st.sampled_from([None, "2", "3", "4", "5", "5/4"])


@given(VALUES, VALUES, VALUES)
def test_no_value_changes_unless_the_change_named_the_value_it_replaces(
    now: str | None, was: str | None, want: str | None
) -> None:
    merged = merge({**MARK, "value": now}, change("Mark", {"value": was}, {"value": want}))
    if merged.fields["value"] != now:
        assert was == now
        assert merged.outcome == "taken"
    else:
        assert merged.outcome == ("converged" if want == now else "disputed")


@given(st.sampled_from(sorted(KINDS)))
def test_defaults_name_every_field(kind: str) -> None:
    assert set(defaults(kind)) == set(field_names(KINDS[kind]))
    assert not any(isinstance(value, msgspec.UnsetType) for value in defaults(kind).values())

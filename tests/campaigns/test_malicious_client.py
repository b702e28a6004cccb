"""Every hostile act gets its own answer in a moment, and the honest client keeps working beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ejournal_core import access, bounds, guardians, lesson_plans, pupil_notes, seal, wire, wording
from ejournal_core.changes import Change
from ejournal_server import accounts, folder, gate, intake
from tests.campaigns.hostile import CASES as CALLS
from tests.campaigns.hostile import SLOW, Answer, Case, Stage, said
from tests.campaigns.hostile_records import RECORDS
from tests.faults.amounts import amount
from tests.server import world
from tests.server.world import PUPILS, SettableClock

CASES = (*CALLS, *RECORDS)
#: More in the campaign: EJOURNAL_CAMPAIGN="… HOSTILE=5000".
AMOUNT = amount("HOSTILE", 60)


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    """Quarantine is logged at every turn here; what matters is that nothing unexpected is (below)."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give one school for all villains."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(accounts, "MEMORY_KIB", 64)
        office = folder.found(tmp_path_factory.mktemp("villains"), world.SCHOOL_NAME, clock=SettableClock())
        world.settle(office)
        made = Stage(office)
        yield made
        made.close()
        office.close()


def judge(stage: Stage, case: Case) -> list[str]:
    """Let a villain act and the honest teacher go on; return what is wrong."""
    answer = case.act(stage)
    wrong = [] if said(answer) == case.wanted else [f"{case.name}: {said(answer)} instead of {case.wanted}"]
    slow = [f"{case.name}: {answer.seconds:.1f} s"] if answer.seconds > SLOW else []
    return wrong + slow + stage.work_honestly()


def test_there_are_as_many_cases_as_promised() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_act_gets_its_answer_and_changes_nothing(
    stage: Stage, case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    assert judge(stage, case) == []
    assert [record.getMessage() for record in caplog.records if "unexpected" in record.getMessage()] == []


# --- a negative control for the judge ---------------------------------------------------------------------------------

#: What to break in the server, and the case that must notice.
PLANTED = {
    "authors are not compared": (intake._Intake, "_objection", lambda self, change, known: "", "a forged author"),
    "signatures of batches are not checked": (intake, "_is_the_desks", lambda *_: True, "an unsigned batch"),
    "nonces live for ever": (gate, "is_fresh", lambda *_: True, "an invented nonce"),
    "requests are not verified": (seal, "is_request_signed", lambda *_: True, "another's key id"),
    "forms are not looked at": (intake, "check_form", lambda batch: None, "a moment without an offset"),
    "branches go on": (intake._Intake, "_branches", lambda self, earlier: False, "a counter used twice"),
    "revocation is not heeded": (gate, "check_may_push", lambda *_: None, "a revoked desk that pushes"),
    "depth is not counted": (wire, "_bounded", lambda change: change, "a nest in a new field"),
    "plans are everybody's": (lesson_plans, "_teaches", lambda case: True, "another's plan begun"),
    "whoever asks approves": (lesson_plans, "may_approve_plan", lambda *_: True, "an approval of one's own plan"),
    "families are everybody's": (
        access,
        "may_edit_directory",
        lambda *_: True,
        "a family by a teacher of the class",
    ),
    "absences are everybody's": (access, "may_set_reason", lambda *_: True, "an absence by a teacher of the class"),
    "remarks have no end": (pupil_notes, "LONGEST_REMARK", 10**6, "a remark of a book"),
    "consents are not read": (guardians, "_wrong_days", lambda case: "", "a consent of tomorrow"),
    "texts have no end": (wording, "LONGEST", {kind: {} for kind in wording.LONGEST}, "a work called by a book"),
    "weights are not weighed": (wording, "is_weight", lambda weight: True, "a work that weighs a million"),
    "every page is of physical education": (
        pupil_notes,
        "is_physical_education",
        lambda title: True,
        "a medical group where nobody runs",
    ),
    "every day can be kept": (bounds, "FIRST_YEAR", 1, "a medical group from before all time"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_noticed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    where, name, broken, noticed_by = PLANTED[fault]
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME, clock=SettableClock())
    world.settle(office)
    stage = Stage(office)
    case = next(case for case in CASES if case.name == noticed_by)
    assert judge(stage, case) == []
    monkeypatch.setattr(where, name, broken)
    assert judge(stage, case) != []
    stage.close()
    office.close()


def test_a_mark_that_nobody_honest_has_put_is_noticed(tmp_path: Any) -> None:
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME, clock=SettableClock())
    world.settle(office)
    stage = Stage(office)
    hand, visitor = stage.villain()
    assert said(visitor.push(hand.batch(hand.mark(PUPILS[4], "2")))) == "taken"
    assert stage.violations() != []
    stage.close()
    office.close()


# --- generated ------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*wire.BatchHead.__struct_fields__, *Change.__struct_fields__])
#: Marks of a villain who may keep the page would be lawful: what is generated is a class teacher's, who may not.
LAWLESS = world.CLASS_TEACHER


def coded(answer: Answer) -> bool:
    """Say whether an answer is a receipt or a refusal with a code, and no failure of the server's own."""
    return (
        answer.status < 500 and re.fullmatch(r"\d+ (EJ-\d{3}|nonce|scope-changed)|[a-z]+.*", said(answer)) is not None
    )


@settings(max_examples=AMOUNT, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(where=st.integers(0, 1), field=FIELDS, value=JSON, signs=st.booleans())
def test_whatever_stands_in_a_field_the_server_judges_it_in_a_moment(
    stage: Stage, where: int, field: str, value: Any, signs: bool
) -> None:
    hand, visitor = stage.villain(LAWLESS)
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    lines = [msgspec.json.decode(wire.encode(each)) for each in (batch.head, *batch.changes)]
    lines[where][field] = value
    try:
        if signs and where:
            change = wire.decode(Change, msgspec.json.encode(lines[1]))
            again = seal.sign_batch(hand.key, hand.school, hand.desk, "", [change])
            lines[0] = msgspec.json.decode(wire.encode(again.head))
    except (wire.Malformed, TypeError, ValueError, OverflowError):
        pass  # what cannot be signed is sent as it is
    body = wire.compress(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    answer = visitor.call("POST", "/v1/push", body=body)
    assert coded(answer), said(answer)
    assert answer.seconds < SLOW
    assert stage.violations() == []


@settings(max_examples=AMOUNT, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_whatever_bytes_are_flipped_the_server_judges_them_in_a_moment(stage: Stage, data: st.DataObject) -> None:
    hand, visitor = stage.villain(LAWLESS)
    batch = hand.batch(hand.mark(PUPILS[0], "2"))
    text = bytearray(wire.encode_lines((batch.head, *batch.changes)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place] ^= data.draw(st.integers(1, 255))
    sealed = data.draw(st.booleans())
    body = wire.compress(bytes(text))
    if sealed:
        public = bytes.fromhex(stage.office.authority.keys.sealing_public)
        record = seal.outgoing_record(public, stage.office.authority.school, body)
        answer = stage.workstation().call("POST", "/v1/sealed", body=record)
    else:
        answer = visitor.call("POST", "/v1/push", body=body)
    assert answer.status < 500, said(answer)
    assert answer.seconds < SLOW
    assert stage.violations() == []

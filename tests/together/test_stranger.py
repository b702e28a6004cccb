"""A desk that a stranger wrote from docs/sync-protocol.md does a day's work beside real ones, at a real server."""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal

import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ejournal_core import ids
from ejournal_core.kinds import TeachingLoad
from ejournal_desktop.models import learning, queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.periods import close_period
from ejournal_desktop.models.commands.requests import approve_request
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_server import admin
from tests.helpers import stranger_bytes as form
from tests.helpers.stranger import Desk, Station, pair
from tests.helpers.stranger_bytes import Message, Untrue
from tests.helpers.stranger_line import Problem
from tests.helpers.stranger_proofs import (
    Keys,
    Page,
    check_consistency,
    check_head,
    check_inclusion,
    check_manifest,
    check_receipt,
    read_parts,
)
from tests.helpers.stranger_tree import Frontier, leaf
from tests.together.town import PASSWORD, Town, mark_on

LESSON_FIELDS = {"held_on": "2026-09-15", "lesson_number": 3}


@pytest.fixture
def station(town: Town) -> Iterator[Station]:
    made = pair(town.server.address, "ПК незнакомца", lambda code: admin.approve(town.office, code))
    yield made
    made.close()


@pytest.fixture
def stranger(town: Town, station: Station) -> Desk:
    """Give the stranger's desk of the teacher, loaded."""
    desk = station.open_desk(town.school.teacher, town.codes.pop(town.school.teacher), PASSWORD)
    desk.load()
    return desk


def now(town: Town) -> str:
    return town.clock().isoformat(timespec="seconds")


def give_mark(town: Town, desk: Desk, pupil: str, value: str) -> Message:
    """Enter a mark as a desk does: its lesson and column are made with the first one."""
    lesson = town.school.today_lesson
    column = ids.mark_column(lesson, "oral", 1)
    if desk.records.get("Lesson", lesson) is None:
        desk.enter("Lesson", lesson, {"journal_page_id": town.school.page, **LESSON_FIELDS}, now(town))
    if desk.records.get("MarkColumn", column) is None:
        wanted = {"lesson_id": lesson, "work_kind_id": "oral", "ordinal": 1}
        desk.enter("MarkColumn", column, wanted, now(town))
    mark = ids.mark(column, pupil)
    born = {} if desk.records.get("Mark", mark) else {"mark_column_id": column, "pupil_id": pupil}
    return desk.enter("Mark", mark, {**born, "value": value}, now(town))


def agree(stranger: Desk, real: OpenDesk) -> None:
    """See that both desks have the same log and hold the same in every slice that the stranger sees."""
    assert stranger.head is not None
    assert real.journal.head is not None
    assert (stranger.head["size"], stranger.head["root"]) == (real.journal.head.size, real.journal.head.root)
    assert stranger.frontier.root() == real.journal.state().frontier.root()
    told = stranger.compare_slices()
    with real.journal.reading() as connection:
        assert told == {name: learning.content_of(connection, name) for name in told}


def test_a_stranger_s_desk_does_a_day_s_work_and_agrees_with_a_real_one(town: Town, stranger: Desk) -> None:
    deputy = town.sit_down("office", town.school.deputy)
    marks = [give_mark(town, stranger, pupil, "4") for pupil in town.school.pupils[:3]]
    stranger.enter("Lesson", town.school.today_lesson, {"topic": "Линейные уравнения"}, now(town))
    receipt = stranger.push()
    assert [verdict["outcome"] for verdict in receipt["verdicts"]] == ["taken"] * 6
    assert stranger.head is not None
    old = stranger.head
    stranger.pull()
    town.meet(deputy, "office")
    column = ids.mark_column(town.school.today_lesson, "oral", 1)
    assert [mark_on(deputy.journal, column, pupil) for pupil in town.school.pupils[:3]] == ["4"] * 3
    agree(stranger, deputy)
    for change in marks:
        stranger.prove_line(change)
    stranger.prove_beginning(old)
    assert stranger.fetch_page("&head=" + form.head_hash(stranger.head)) == b""  # nothing is new
    assert {line["id"] for line in stranger.station.people()} >= {town.school.teacher, town.school.deputy}


def test_a_clash_with_a_real_desk_is_disputed_and_resolved_by_the_stranger(town: Town, stranger: Desk) -> None:
    colleague = town.sit_down("classroom", town.school.colleague)
    put_mark(colleague.journal, town.school.today_lesson, None, "u-04", "2")
    clashing = give_mark(town, stranger, "u-04", "4")
    town.meet(colleague, "classroom")
    stranger.push()
    assert stranger.told[clashing["id"]]["outcome"] == "disputed"
    stranger.pull()
    assert clashing["id"] in stranger.records.undecided
    mark = clashing["record"]
    assert stranger.records.accepted["Mark", mark]["value"] == "2"
    stranger.enter("Mark", mark, {"value": "4"}, now(town), act="resolve", was={"value": "2"})
    stranger.meet()
    town.meet(colleague, "classroom")
    column = ids.mark_column(town.school.today_lesson, "oral", 1)
    assert mark_on(colleague.journal, column, "u-04") == stranger.records.accepted["Mark", mark]["value"] == "4"
    assert queries.disputes(colleague.journal) == ()
    agree(stranger, colleague)


def test_a_request_of_the_stranger_s_is_approved_at_a_real_desk(town: Town, stranger: Desk) -> None:
    """The approval and the closing of the period are rare acts: the stranger checks their own signatures."""
    deputy = town.sit_down("office", town.school.deputy)
    mark = give_mark(town, stranger, "u-04", "4")["record"]
    stranger.meet()
    town.meet(deputy, "office")
    close_period(deputy.journal, "c-7b", "q-1")
    town.meet(deputy, "office")
    stranger.pull()
    asked = stranger.enter("Mark", mark, {"value": "5"}, now(town), act="request", why="в тетради стоит 5")
    stranger.meet()
    assert stranger.told[asked["id"]]["outcome"] == "pending"
    assert stranger.records.accepted["Mark", mark]["value"] == "4"
    town.meet(deputy, "office")
    (row,) = queries.waiting_decisions(deputy.journal)
    approve_request(deputy.journal, row.change_id)
    town.meet(deputy, "office")
    stranger.pull()
    assert stranger.records.accepted["Mark", mark]["value"] == "5"
    assert asked["id"] not in stranger.records.undecided
    agree(stranger, deputy)


def test_what_the_stranger_sealed_is_delivered_and_its_receipt_fetched_later(town: Town, stranger: Desk) -> None:
    give_mark(town, stranger, "u-04", "4")
    _, _, body = stranger.batch()
    assert stranger.station.deliver([body]) == {"delivered": 1, "waiting": 0, "damaged": 0}
    assert stranger.station.deliver([body]) == {"delivered": 1, "waiting": 0, "damaged": 0}  # harmless
    receipt = stranger.fetch_receipts()
    assert [verdict["outcome"] for verdict in receipt["verdicts"]] == ["taken"] * 3
    deputy = town.sit_down("office", town.school.deputy)
    stranger.pull()
    agree(stranger, deputy)


def test_a_reason_of_absence_is_hashed_apart_as_the_page_says(town: Town, station: Station) -> None:
    person = town.school.class_teacher
    desk = station.open_desk(person, town.codes.pop(person), PASSWORD)
    desk.load()
    deputy = town.sit_down("office", town.school.deputy)
    teacher = town.sit_down("staffroom", town.school.teacher)
    put_mark(teacher.journal, town.school.today_lesson, None, "u-04", "5")
    town.meet(teacher, "staffroom")
    desk.pull()
    lesson = town.school.today_lesson
    wanted = {"lesson_id": lesson, "pupil_id": "u-05", "reason": "Б"}
    entered = desk.enter("Attendance", ids.attendance(lesson, "u-05"), wanted, now(town))
    assert (entered["hidden"], len(entered["salt"])) == (["reason"], 64)
    assert desk.push()["verdicts"][0]["outcome"] == "taken"
    desk.pull()
    town.meet(deputy, "office")
    agree(desk, deputy)


def test_a_new_load_brings_the_stranger_a_new_scope(town: Town, stranger: Desk) -> None:
    deputy = town.sit_down("office", town.school.deputy)
    assert f"page:{town.school.english}" not in stranger.slices
    with deputy.journal.write() as write:
        write.edit(
            TeachingLoad, "l-9", journal_page_id=town.school.english, person_id=town.school.teacher,
            since=date(2026, 9, 1), weekly_hours=Decimal(3),
        )  # fmt: skip
    town.meet(deputy, "office")
    with pytest.raises(Problem) as refused:
        stranger.pull()
    assert (refused.value.status, refused.value.code) == (409, "scope-changed")
    stranger.load()
    assert f"page:{town.school.english}" in stranger.slices
    agree(stranger, deputy)


# --- what the stranger verifies --------------------------------------------------------------------------------------


def flipped(text: bytes, step: int) -> Iterator[bytes]:
    """Yield the text with one bit of one byte turned, at every `step`-th byte."""
    for place in range(0, len(text), step):
        yield text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


def believed(texts: Iterable[bytes], check: Callable[[bytes], object]) -> list[bytes]:
    """Return those of the texts that the stranger would take."""
    taken = []
    for text in texts:
        with contextlib.suppress(Untrue):
            check(text)
            taken.append(text)
    return taken


def packed(text: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(text)


def page_check(desk: Desk, frontier: Frontier, end: int = 0) -> Callable[[bytes], object]:
    """Return what says whether the text of a page is proved; the desk stays as it was."""

    def check(text: bytes) -> object:
        kept = desk.keys
        desk.keys = copy.deepcopy(kept)
        try:
            return desk.check(Page(packed(text)), frontier, end)
        finally:
            desk.keys = kept

    return check


@pytest.fixture
def pushed(town: Town, stranger: Desk) -> tuple[Message, list[Message], bytes]:
    """Give the head and changes of a batch that the stranger pushed, and the answer; a real desk has written too."""
    colleague = town.sit_down("classroom", town.school.colleague)
    put_mark(colleague.journal, town.school.today_lesson, None, "u-06", "3")
    town.meet(colleague, "classroom")
    stranger.pull()
    put_mark(colleague.journal, town.school.today_lesson, None, "u-07", "3")
    town.meet(colleague, "classroom")
    give_mark(town, stranger, "u-08", "4")
    give_mark(town, stranger, "u-09", "4")
    head, changes, body = stranger.batch()
    return head, changes, stranger.line.call("POST", "/v1/push", body)


def test_no_receipt_with_a_flipped_byte_is_taken(stranger: Desk, pushed: tuple[Message, list[Message], bytes]) -> None:
    head, changes, answer = pushed

    def check(text: bytes) -> object:
        return check_receipt(text, head, changes, stranger.station.server_key)

    check(answer)
    assert believed(flipped(answer, 1), check) == []
    with pytest.raises(Untrue):
        check_receipt(answer, head, changes[:1], stranger.station.server_key)
    with pytest.raises(Untrue):
        check_receipt(answer, head | {"root": "00" * 32}, changes, stranger.station.server_key)


def test_no_page_with_a_flipped_byte_is_taken(stranger: Desk, pushed: tuple[Message, list[Message], bytes]) -> None:
    head, changes, answer = pushed
    stranger.settle(changes, check_receipt(answer, head, changes, stranger.station.server_key))
    text = form.unpack_one(stranger.fetch_page())
    assert text.count(b"\n") == 2  # its head and the colleague's mark; the own ones are left out
    check = page_check(stranger, stranger.frontier)
    check(text)
    assert believed(flipped(text, 1), check) == []


def test_no_page_of_history_with_a_flipped_byte_is_taken(stranger: Desk) -> None:
    size = stranger.frontier.size
    text = form.unpack_one(stranger.fetch_history(0, size))
    stranger.keys = Keys(stranger.station.school, stranger.station.server_key)
    check = page_check(stranger, Frontier(), size)
    check(text)
    assert believed(flipped(text, 97), check) == []
    lines = text.split(b"\n")
    cut, swapped = [*lines[:5], *lines[6:]], [*lines[:5], lines[6], lines[5], *lines[7:]]
    assert believed([b"\n".join(cut), b"\n".join(swapped)], check) == []


def test_a_log_that_says_otherwise_than_the_receipt_is_found(
    stranger: Desk, pushed: tuple[Message, list[Message], bytes]
) -> None:
    head, changes, answer = pushed
    receipt = check_receipt(answer, head, changes, stranger.station.server_key)
    receipt["verdicts"][0]["outcome"] = "refused"  # as if that had been signed
    stranger.settle(changes, receipt)
    with pytest.raises(Untrue, match="another"):
        stranger.pull()
    stranger.met.clear()  # not left out: then the line itself comes, and contradicts
    with pytest.raises(Untrue, match="otherwise"):
        stranger.pull()


def test_a_snapshot_that_its_history_does_not_make_is_found(stranger: Desk) -> None:
    manifest, bodies = stranger.fetch_snapshot(stranger.slices)
    text = form.unpack_one(bodies[0])

    def check(told: bytes) -> None:
        body = packed(told)
        part = {**manifest["chunks"][0], "sha256": hashlib.sha256(body).hexdigest()}
        records, _ = read_parts({**manifest, "chunks": [part]}, [body])
        stranger.records.compare(records)

    check(text)
    with pytest.raises(Untrue, match="another part"):
        read_parts(manifest, [packed(text.replace(b"u-04", b"u-05", 1))])
    harmless = (b'"author"', b'"at"', b'"number"')  # of these three only the history speaks
    bent = [each for each in flipped(text, 41) if all(each.count(name) == text.count(name) for name in harmless)]
    taken = [json.loads(line) for each in believed(bent, check) for line in each.splitlines()]
    told = [json.loads(line) for line in text.splitlines()]
    assert {canonical_record(line) for line in taken} <= {canonical_record(line) for line in told}
    with pytest.raises(Untrue):
        check_manifest({**manifest, "peaks": "00" * (len(manifest["peaks"]) // 2)})


def canonical_record(line: Message) -> bytes:
    return form.canonical([line["kind"], line["record"], line["fields"]])


def test_no_proof_with_a_flipped_byte_is_taken(stranger: Desk, pushed: tuple[Message, list[Message], bytes]) -> None:
    head, changes, answer = pushed
    assert stranger.head is not None
    old = stranger.head
    stranger.settle(changes, check_receipt(answer, head, changes, stranger.station.server_key))
    stranger.pull()
    newest, verdict = stranger.head, stranger.told[changes[0]["id"]]
    content = form.leaf_content(stranger.hashes[changes[0]["n"]], verdict)
    query = f"number={verdict['number']}&to={newest['size']}"
    proof = stranger.line.call("GET", "/v1/proof", query=query)
    beginning = stranger.line.call("GET", "/v1/proof", query=f"from={old['size']}&to={newest['size']}")

    def inclusion(text: bytes) -> None:
        check_inclusion(text, leaf(content), verdict["number"], newest)

    def consistency(text: bytes) -> None:
        check_consistency(text, old, newest)

    for text, check in ((proof, inclusion), (beginning, consistency)):
        check(text)
        assert believed(flipped(text, 1), check) == []
    for bent in flipped(content, 1):
        with pytest.raises(Untrue):
            check_inclusion(proof, leaf(bent), verdict["number"], newest)


def test_a_server_that_takes_its_log_back_is_found_though_it_signs_well(town: Town, stranger: Desk) -> None:
    assert stranger.head is not None
    key = Ed25519PrivateKey.from_private_bytes(town.office.authority.keys.signing)
    school, server_key, head = stranger.station.school, stranger.station.server_key, stranger.head
    longer = form.sign(key, "TreeHead", {**head, "size": head["size"] + 1})
    assert check_head(longer, head, school, server_key) == longer
    for lie in ({"size": head["size"] - 1}, {"root": "00" * 32}, {"epoch": head["epoch"] + 1}, {"school": "school-2"}):
        with pytest.raises(Untrue):
            check_head(form.sign(key, "TreeHead", {**head, **lie}), head, school, server_key)
    text = form.canonical(head)
    assert believed(flipped(text, 1), lambda bent: check_head(form.read(bent), None, school, server_key)) == []


def test_a_request_or_a_batch_with_a_flipped_byte_is_not_taken_from_the_stranger(town: Town, stranger: Desk) -> None:
    give_mark(town, stranger, "u-04", "4")
    head, changes, body = stranger.batch()
    bent = form.pack(head, *changes[:-1], {**changes[-1], "at": changes[-1]["at"].replace("10:4", "11:4")})
    assert stranger.line.key is not None
    parts = ("POST", "/v1/push", "", body)
    stranger.line.hello()
    headers = form.request_headers(stranger.line.key, stranger.line.key_id, stranger.line.nonce, 0, parts)
    with pytest.raises(Problem) as refused:
        stranger.line.send("POST", "/v1/push", bent, headers)
    assert (refused.value.status, refused.value.code) == (401, "EJ-373")
    told = form.read(stranger.line.call("POST", "/v1/push", bent), "verdicts")  # well sent, but not signed as a batch
    assert {(each["outcome"], each["reason"], each["number"]) for each in told["verdicts"]} == {
        ("quarantined", "EJ-373", 0)
    }

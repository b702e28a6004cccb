"""What one bent desk may take of what belongs to all: room, the server's time, a colleague's upload, a delivery."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from ejournal_core import access, ids, seal, wire
from ejournal_core import blobs as rules
from ejournal_core.kinds import Fields
from ejournal_server import files, intake, snapshots
from ejournal_server.files import NoRoom
from ejournal_server.folder import Office
from ejournal_server.intake import Delivery
from ejournal_server.store.people import Desk
from tests.server import world
from tests.server.test_files import DATA, bring, bring_all, fetch_all, file_change, named
from tests.server.world import Hand, RunningServer, SettableClock

PIECE = rules.PIECE

# --- deliveries ------------------------------------------------------------------------------------------------------


@pytest.mark.logs("quarantine")
def test_what_nobody_has_room_for_does_not_hold_up_the_honest_ones_behind_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "QUARANTINE_UNSIGNED", 0)
    hand = world.new_hand(office, world.TEACHER)
    stranger = Hand(office.authority.school, "nobody", world.TEACHER, seal.new_signing_key())
    bringing = intake.Bringing(office.authority, lambda record: record)
    for batch in (stranger.batch(stranger.lesson()), hand.batch(hand.lesson())):
        bringing.take(wire.encode_batch(batch))
    assert bringing.finish() == Delivery(delivered=1, waiting=1)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lie", [5, -5, -len(DATA) + 1000])
def test_another_size_drops_nothing_of_a_colleague_s_file(office: Office, lie: int) -> None:
    hand, liar = named(office), world.new_hand(office, world.COLLEAGUE)
    bring(office, hand, 0, DATA[:PIECE])
    intake.accept(office.authority, liar.batch(file_change(liar, DATA, size=len(DATA) + lie)))
    if len(DATA) + lie > PIECE:
        bring(office, liar, 0, DATA[:PIECE], size=len(DATA) + lie)
    else:
        with pytest.raises(NoRoom):
            bring(office, liar, 0, DATA[: len(DATA) + lie], size=len(DATA) + lie)
    assert bring(office, hand, 0, b"").received == PIECE
    bring_all(office, hand)
    assert fetch_all(office, hand) == DATA


def test_more_bytes_than_the_file_has_do_not_keep_its_own_teacher_out(office: Office) -> None:
    hand, liar = named(office, DATA[: PIECE - 9]), world.new_hand(office, world.COLLEAGUE)
    intake.accept(office.authority, liar.batch(file_change(liar, DATA[: PIECE - 9], size=len(DATA))))
    bring(office, liar, 0, DATA[:PIECE], DATA[: PIECE - 9], size=len(DATA))
    bring_all(office, hand, DATA[: PIECE - 9])
    assert fetch_all(office, hand, DATA[: PIECE - 9]) == DATA[: PIECE - 9]


def test_no_unfinished_file_passes_for_a_whole_one_by_naming_what_has_come(office: Office) -> None:
    hand, liar = named(office), world.new_hand(office, world.COLLEAGUE)
    bring(office, hand, 0, bytes(PIECE))
    intake.accept(office.authority, liar.batch(file_change(liar, DATA, size=PIECE)))
    with pytest.raises(NoRoom):
        bring(office, liar, 0, bytes(PIECE), size=PIECE)
    assert bring(office, hand, 0, b"").received == PIECE
    with pytest.raises(files.NotHereYet):
        fetch_all(office, hand)


def test_one_teacher_s_homework_does_not_fill_the_school_s_room(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PERSON_LIMIT", len(DATA))
    hand, colleague = named(office), world.new_hand(office, world.COLLEAGUE)
    bring_all(office, hand)
    more = os.urandom(99)
    another = world.new_hand(office, world.TEACHER)  # a new desk brings no new share
    intake.accept(office.authority, another.batch(file_change(another, more)))
    with pytest.raises(NoRoom):
        bring(office, another, 0, more, more)
    assert bring(office, colleague, 0, more, more).received == len(more)


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_all_day_does_not_fill_the_log_of_everybody(office: Office, clock: SettableClock) -> None:
    hand = world.new_hand(office, world.TEACHER)
    told: Fields = {"person_id": hand.person, "desk_id": hand.desk,
                    "expected_at": "2026-11-20T12:25:00+03:00", "shown_at": "2026-11-20T15:25:00+03:00"}  # fmt: skip

    def jumps(count: int) -> list[str]:
        at = clock.moment.isoformat()
        changes = [hand.change("ClockJump", ids.new_id(), {}, told, "create", at=at) for _ in range(count)]
        return [verdict.reason for verdict in intake.accept(office.authority, hand.batch(*changes)).verdicts]

    assert jumps(4) == [""] * 4
    assert jumps(8) == [""] * 6 + ["EJ-446"] * 2
    assert jumps(1) == ["EJ-446"]
    clock.moment += timedelta(days=1)
    assert jumps(1) == [""]


def test_a_desk_that_tells_of_events_without_end_is_heard_two_hundred_times_a_day(
    office: Office, clock: SettableClock
) -> None:
    hand = world.new_hand(office, world.TEACHER)
    event: Fields = {"person_id": hand.person, "desk_id": hand.desk, "event": "printed"}

    def events(count: int) -> list[str]:
        at = clock.moment.isoformat()
        changes = [hand.change("AuditEvent", ids.new_id(), {}, event, "create", at=at) for _ in range(count)]
        return [verdict.reason for verdict in intake.accept(office.authority, hand.batch(*changes)).verdicts]

    assert events(199) == [""] * 199
    assert events(2) == ["", "EJ-521"]
    clock.moment += timedelta(days=1)
    assert events(1) == [""]


# --- snapshots -------------------------------------------------------------------------------------------------------


def test_one_desk_s_snapshots_push_out_nobody_s_but_its_own(
    office: Office, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "KEPT", 4)
    honest, bent = (world.desk_of(office, world.new_hand(office, who)) for who in (world.COLLEAGUE, world.DEPUTY))
    ids = [begun(office, honest, [access.DIRECTORY])]
    for after in range(1, 9):
        clock.moment += timedelta(seconds=1)
        ids.append(begun(office, bent, [access.DIRECTORY], after))
    assert snapshots.chunk(office.authority, honest, ids[0], 0)
    for gone in ids[1:-2]:
        with pytest.raises(snapshots.SnapshotGone):
            snapshots.chunk(office.authority, bent, gone, 0)
    assert [snapshots.chunk(office.authority, bent, id_, 0) for id_ in ids[-2:]]


def begun(office: Office, desk: Desk, names: list[str], after: int = 0) -> str:
    wanted = wire.SnapshotRequest(slices=tuple(names), after=after)
    body = snapshots.begin(office.authority, desk, wanted)
    return wire.decode(wire.SnapshotHead, wire.decompress(body)).id


def test_a_desk_that_asks_for_snapshots_without_end_has_to_wait(server: RunningServer) -> None:
    bent, _ = world.desk_at(server, world.TEACHER)
    honest, _ = world.desk_at(server, world.COLLEAGUE)
    wanted = wire.compress(wire.encode(wire.SnapshotRequest(slices=(access.DIRECTORY,))))
    with bent, honest:
        answers = [bent.call("POST", "/v1/snapshot", body=wanted) for _ in range(31)]
        assert [answer.status_code for answer in answers] == [200] * 30 + [429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert honest.call("POST", "/v1/snapshot", body=wanted).status_code == 200


# --- texts that a database does not keep -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/v1/pull", "after=0&scope=%00"), ("GET", "/v1/history", "kind=Mark%00&record=x"),
        ("GET", "/v1/digest", "after=%00"), ("GET", "/v1/snapshot/a%00/0", ""), ("GET", "/v1/blob/%00", "offset=0"),
        ("GET", "/v1/backup/%00/base.age", ""), ("GET", "/v1/update/%00", ""), ("GET", "/v1/update", "system=%00"),
        ("POST", "/v1/pair/%00", ""), ("GET", "/v1/hello", "%00"), ("GET", "/v1/proof", "number=%00&to=1"),
    ],
)  # fmt: skip
def test_a_nul_in_path_or_query_has_no_form(server: RunningServer, method: str, path: str, query: str) -> None:
    caller, _ = world.desk_at(server, world.TEACHER)
    with caller:
        answer = caller.call(method, path, query)
    assert (answer.status_code, wire.decode(wire.Problem, answer.content).code) == (400, "EJ-321")

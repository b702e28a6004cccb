"""An administrator at a desk: who waits to be let in, who is there, who is shut out, and what the log says of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from ejournal_core import seal, wire
from ejournal_core.wire import Malformed, PairReveal, PairStart, WorkstationLine, WorkstationOrder
from ejournal_server import accounts, workplaces
from ejournal_server.accounts import NoSuch
from ejournal_server.folder import Office
from ejournal_server.store import people, records
from ejournal_server.store.people import Desk
from tests.server import world
from tests.server.world import Caller, Hand, RunningServer

NONCE = b"n" * 32


def ask_to_be_let_in(office: Office, name: str = "Учительская") -> str:
    public = bytes(range(32))
    start = PairStart(workstation_name=name, public_key=public.hex(),
                      commitment=seal.pairing_commitment(NONCE, public))  # fmt: skip
    pairing = accounts.start_pairing(office.authority, start, office.ca_pem, "192.0.2.7").pairing
    accounts.reveal_pairing(office.authority, pairing, PairReveal(nonce=NONCE.hex()))
    return pairing


@pytest.fixture
def administrator(office: Office) -> Desk:
    return world.desk_of(office, world.new_hand(office, world.ADMINISTRATOR))


def listed(office: Office) -> dict[str, WorkstationLine]:
    return {line.name: line for line in workplaces.workstations(office.authority, office.ca_sha256)}


def order(office: Office, administrator: Desk, workstation: str, act: str, **more: str) -> None:
    wanted = wire.decode(WorkstationOrder, wire.encode(WorkstationOrder(workstation=workstation, act=act, **more)))  # type: ignore[arg-type]
    workplaces.obey(office.authority, office.ca_sha256, administrator, wanted)


def told(office: Office) -> list[tuple[str, str, str, str]]:
    with office.authority.store.read() as tx:
        rows = sorted(records.of_kind(tx, "AuditEvent"), key=lambda row: row.number)
    return [(str(row.fields["event"]), str(row.fields["person_id"]), str(row.fields["by"]),
             str(row.fields["workstation"])) for row in rows]  # fmt: skip


def test_who_waits_is_let_in_by_the_code_that_was_compared_and_no_other(office: Office, administrator: Desk) -> None:
    pairing = ask_to_be_let_in(office)
    line = listed(office)["Учительская"]
    assert (line.id, line.state, line.address, line.desks) == (pairing, "waiting", "192.0.2.7", ())
    for wrong in ("", "0000 0000"):
        with pytest.raises(workplaces.NotThePairing):
            order(office, administrator, pairing, "approve", code=wrong)
    assert listed(office)["Учительская"].state == "waiting"
    order(office, administrator, pairing, "approve", code=line.code)
    assert listed(office)["Учительская"].state == "approved"
    assert told(office) == [("pairing_approved", world.ADMINISTRATOR, "", pairing)]
    with pytest.raises(workplaces.NotThePairing):
        order(office, administrator, pairing, "refuse", code=line.code)


def test_who_was_refused_stands_nowhere(office: Office, administrator: Desk) -> None:
    pairing = ask_to_be_let_in(office)
    order(office, administrator, pairing, "refuse", code=listed(office)["Учительская"].code)
    assert listed(office) == {}
    assert told(office) == [("pairing_refused", world.ADMINISTRATOR, "", pairing)]


def let_in(office: Office, administrator: Desk, name: str = "Учительская") -> str:
    pairing = ask_to_be_let_in(office, name)
    order(office, administrator, pairing, "approve", code=listed(office)[name].code)
    return pairing


def test_a_workstation_is_renamed_in_words_that_a_screen_can_show(office: Office, administrator: Desk) -> None:
    place = let_in(office, administrator)
    order(office, administrator, place, "rename", name="  Кабинет\n21 ")
    assert list(listed(office)) == ["Кабинет 21"]
    for wrong in ("", " \n", "ы" * 101):
        with pytest.raises(Malformed):
            order(office, administrator, place, "rename", name=wrong)
    with pytest.raises(NoSuch):
        order(office, administrator, "0190", "rename", name="Кабинет 22")
    assert [each[0] for each in told(office)] == ["pairing_approved", "workstation_renamed"]


def seat(office: Office, workstation: str) -> Hand:
    """Give the teacher a desk on that workstation."""
    hand = world.new_hand(office, world.TEACHER)
    with office.authority.store.write() as tx:
        desk = people.desk(tx, hand.desk)
        assert desk is not None
        people.set_desk(tx, msgspec.structs.replace(desk, workstation=workstation))
    return hand


def test_a_revoked_workstation_takes_its_desks_with_it_and_says_why(office: Office, administrator: Desk) -> None:
    place = let_in(office, administrator)
    hand = seat(office, place)
    assert [desk.person for desk in listed(office)["Учительская"].desks] == [world.TEACHER]
    with pytest.raises(Malformed):
        order(office, administrator, place, "revoke")
    order(office, administrator, place, "revoke", why="украден")
    line = listed(office)["Учительская"]
    assert (line.state, [desk.state for desk in line.desks]) == ("revoked", ["revoked"])
    assert world.desk_of(office, hand).reason == "украден"
    assert told(office)[-1] == ("workstation_revoked", world.ADMINISTRATOR, "", place)


def test_one_desk_is_revoked_and_its_person_sees_by_whom(office: Office, administrator: Desk) -> None:
    place = let_in(office, administrator)
    hand = seat(office, place)
    with pytest.raises(NoSuch):
        order(office, administrator, "elsewhere", "revoke_desk", desk=hand.desk, why="ушёл")
    order(office, administrator, place, "revoke_desk", desk=hand.desk, why="ушёл")
    line = listed(office)["Учительская"]
    assert (line.state, [desk.state for desk in line.desks]) == ("approved", ["revoked"])
    assert told(office)[-1] == ("desk_revoked", world.TEACHER, world.ADMINISTRATOR, place)


def test_nobody_shuts_out_the_desk_that_asks(office: Office, administrator: Desk) -> None:
    for wanted in (
        {"workstation": administrator.workstation, "act": "revoke"},
        {"workstation": administrator.workstation, "act": "revoke_desk", "desk": administrator.id},
    ):
        with pytest.raises(workplaces.OwnWorkstation):
            order(office, administrator, why="по ошибке", **wanted)
    assert world.desk_of(office, Hand("", administrator.id, "", b"")).state == "active"


# --- over the line ---------------------------------------------------------------------------------------------------


@pytest.fixture
def calls(server: RunningServer) -> Iterator[tuple[Caller, Caller]]:
    office, teacher = world.desk_at(server, world.ADMINISTRATOR)[0], world.desk_at(server, world.TEACHER)[0]
    with office, teacher:
        yield office, teacher


def test_only_an_administrators_desk_is_answered(server: RunningServer, calls: tuple[Caller, Caller]) -> None:
    office, teacher = calls
    world.pair(server, "Кабинет 21")
    answer = office.call("GET", "/v1/admin/workstations")
    lines = [wire.decode(WorkstationLine, line) for line in wire.split_lines(wire.decompress(answer.content))]
    assert [(line.name, line.state) for line in lines] == [("Кабинет 21", "approved")]
    wanted = wire.encode(WorkstationOrder(workstation=lines[0].id, act="revoke", why="украден"))
    for method, body in (("GET", b""), ("POST", wanted)):
        refused = teacher.call(method, "/v1/admin/workstations", body=body)
        assert (refused.status_code, wire.decode(wire.Problem, refused.content).code) == (403, "EJ-507")
    assert office.call("POST", "/v1/admin/workstations", body=wanted).status_code == 200

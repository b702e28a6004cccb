"""Ways in kept from an administrator's desk: who may ask, what a code leaves behind, second persons, closed doors."""

from __future__ import annotations

import asyncio
import time
from datetime import date, timedelta

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from ejournal_core import seal, wire
from ejournal_core.access import SERVER
from ejournal_core.handouts import CodesHandout, decode_handout
from ejournal_core.kinds import CredentialIssue, from_fields
from ejournal_core.seal import RequestParts
from ejournal_core.wire import AccountLine, CloseRequest, CodesRequest, DeskRequest, Problem
from ejournal_server import accounts, gate
from ejournal_server.api import Routes
from ejournal_server.folder import Office
from ejournal_server.store import people, records
from tests.server import world
from tests.server.world import ADMINISTRATOR, CLASS_TEACHER, COLLEAGUE, DEPUTY, TEACHER, Hand, SettableClock

PASSWORD = "верный пароль"


@pytest.fixture
def app(office: Office) -> Starlette:
    return Routes(office).app()


@pytest.fixture
def admin(office: Office) -> Hand:
    return world.new_hand(office, ADMINISTRATOR)


def ask(app: Starlette, office: Office, hand: Hand, path: str, body: bytes = b"") -> httpx.Response:
    method = "POST" if body else "GET"

    async def call() -> httpx.Response:
        parts = RequestParts(method, path, "", body)
        nonce = gate.new_nonce(office.authority)
        headers = seal.sign_request(hand.key, f"desk:{hand.desk}", nonce, parts, int(time.time()))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://school") as client:
            return await client.request(method, path, content=body, headers=headers)

    return asyncio.run(call())


def codes(
    app: Starlette, office: Office, hand: Hand, *named: str, second: str = "", password: str = ""
) -> CodesHandout | Problem:
    wanted = CodesRequest(people=named, second=second, second_password=password)
    answer = ask(app, office, hand, "/v1/admin/codes", wire.encode(wanted))
    if not answer.is_success:
        return wire.decode(Problem, answer.content)
    handout = decode_handout(answer.content)
    assert isinstance(handout, CodesHandout)
    return handout


def refusal(answer: CodesHandout | Problem) -> str:
    assert isinstance(answer, Problem)
    return answer.code


def given(answer: CodesHandout | Problem) -> CodesHandout:
    assert isinstance(answer, CodesHandout), answer
    return answer


def sign_in(office: Office, person: str, secret: str, new: str = PASSWORD) -> None:
    accounts.certify_desk(
        office.authority, "place", DeskRequest(person=person, secret=secret, new_password=new, public_key="")
    )


def active(office: Office, *persons: str) -> None:
    for person in persons:
        sign_in(office, person, world.invite(office, person))


def ledger(office: Office) -> list[CredentialIssue]:
    with office.authority.store.read() as tx:
        return [from_fields(CredentialIssue, row.id, row.fields) for row in records.of_kind(tx, "CredentialIssue")]


def standing(app: Starlette, office: Office, hand: Hand) -> dict[str, AccountLine]:
    body = ask(app, office, hand, "/v1/admin/people").content
    lines = [wire.decode(AccountLine, line) for line in wire.split_lines(wire.decompress(body))]
    return {line.person: line for line in lines}


@pytest.mark.logs("wrong password or code")
def test_codes_for_all_without_an_account_open_the_door_once_and_stand_in_the_ledger(
    app: Starlette, office: Office, admin: Hand
) -> None:
    handout = given(codes(app, office, admin, TEACHER, COLLEAGUE, TEACHER))
    assert [slip.name for slip in handout.slips] == ["Иванова Мария Петровна", "Петров Илья Ильич"]
    assert (handout.made_on, handout.valid_until) == (date(2026, 11, 20), date(2026, 12, 3))
    entries = ledger(office)
    assert {(each.person_id, each.reason, each.given_by, each.handed_on) for each in entries} == {
        (TEACHER, "first", ADMINISTRATOR, None),
        (COLLEAGUE, "first", ADMINISTRATOR, None),
    }
    assert {each.valid_until for each in entries} == {handout.valid_until}
    sign_in(office, TEACHER, handout.slips[0].code)
    stand = standing(app, office, admin)
    assert (stand[TEACHER].state, stand[TEACHER].code_until) == ("active", "")
    assert (stand[COLLEAGUE].state, stand[COLLEAGUE].code_until[:10]) == ("invited", "2026-12-04")
    with pytest.raises(accounts.NotKnown):
        sign_in(office, TEACHER, handout.slips[0].code, "другой пароль")


@pytest.mark.parametrize("person", [TEACHER, DEPUTY, CLASS_TEACHER])
def test_nobody_but_an_administrator_is_answered(app: Starlette, office: Office, person: str) -> None:
    hand = world.new_hand(office, person)
    assert refusal(codes(app, office, hand, COLLEAGUE)) == "EJ-507"
    for path, body in (("/v1/admin/people", b""), ("/v1/admin/close", wire.encode(CloseRequest(person=COLLEAGUE)))):
        answer = ask(app, office, hand, path, body)
        assert (answer.status_code, wire.decode(Problem, answer.content).code) == (403, "EJ-507")
    assert ledger(office) == []


def test_an_administrator_of_yesterday_and_one_whose_desk_is_closed_are_refused(
    app: Starlette, office: Office, admin: Hand, clock: SettableClock
) -> None:
    role = world.role(ADMINISTRATOR, "administrator")
    ended = {**role["fields"], "until": "2026-11-20"}
    world.settle(office, [{**role, "fields": ended}])
    given(codes(app, office, admin, TEACHER))
    clock.moment += timedelta(days=1)
    assert refusal(codes(app, office, admin, COLLEAGUE)) == "EJ-507"
    with office.authority.store.write() as tx:
        people.set_desk(tx, msgspec.structs.replace(world.desk_of(office, admin), state="revoked"))
    assert refusal(codes(app, office, admin, COLLEAGUE)) == "EJ-392"


def test_who_has_a_password_gets_a_code_only_with_a_second_person(app: Starlette, office: Office, admin: Hand) -> None:
    active(office, TEACHER, DEPUTY, ADMINISTRATOR, COLLEAGUE)
    assert refusal(codes(app, office, admin, TEACHER)) == "EJ-381"
    assert refusal(codes(app, office, admin, TEACHER, second=COLLEAGUE, password=PASSWORD)) == "EJ-381"  # no deputy
    assert refusal(codes(app, office, admin, DEPUTY, second=DEPUTY, password=PASSWORD)) == "EJ-381"  # the person's own
    assert refusal(codes(app, office, admin, TEACHER, COLLEAGUE, second=DEPUTY, password=PASSWORD)) == "EJ-321"
    assert ledger(office) == []
    handout = given(codes(app, office, admin, TEACHER, second=DEPUTY, password=PASSWORD))
    (entry,) = ledger(office)
    assert (entry.reason, entry.second_id) == ("reset", DEPUTY)
    sign_in(office, TEACHER, handout.slips[0].code, "совсем новый")


def test_an_administrator_who_is_deputy_too_is_no_second_person(app: Starlette, office: Office, admin: Hand) -> None:
    world.settle(office, [world.role(ADMINISTRATOR, "deputy_director")])
    active(office, TEACHER, ADMINISTRATOR)
    assert refusal(codes(app, office, admin, TEACHER, second=ADMINISTRATOR, password=PASSWORD)) == "EJ-381"


@pytest.mark.logs("wrong password or code")
def test_a_wrong_second_password_is_counted_and_then_even_the_right_one_waits(
    app: Starlette, office: Office, admin: Hand, clock: SettableClock
) -> None:
    active(office, TEACHER, DEPUTY)
    for _ in range(accounts.FREE_FAILURES + 1):
        answer = codes(app, office, admin, TEACHER, second=DEPUTY, password="догадка о пароле")
        assert refusal(answer) == "EJ-374"
    locked = codes(app, office, admin, TEACHER, second=DEPUTY, password=PASSWORD)
    assert isinstance(locked, Problem)
    assert (locked.code, locked.retry_after > 0) == ("EJ-374", True)
    assert ledger(office) == []
    clock.moment += timedelta(seconds=locked.retry_after)
    given(codes(app, office, admin, TEACHER, second=DEPUTY, password=PASSWORD))


@pytest.mark.logs("wrong password or code")
def test_a_desk_that_goes_on_guessing_is_not_listened_to(
    app: Starlette, office: Office, admin: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "lock_seconds", lambda _failures: 0)
    active(office, TEACHER, DEPUTY)
    told = [refusal(codes(app, office, admin, TEACHER, second=DEPUTY, password="догадка о пароле")) for _ in range(21)]
    assert told[:20] == ["EJ-374"] * 20
    assert told[20] == "EJ-375"


def test_a_code_stands_nowhere_in_store_or_log(
    app: Starlette, office: Office, admin: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    handout = given(codes(app, office, admin, TEACHER))
    code = handout.slips[0].code
    with office.authority.store.read() as tx:
        account = people.account(tx, TEACHER)
    assert account is not None
    assert len(code) == 14  # «ABCD-EFGH-JKLM»
    kept = f"{account} {ledger(office)} {[vars(each) for each in caplog.records]}"
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_nobody_unknown_gets_a_code_and_nobody_else_in_the_same_call(
    app: Starlette, office: Office, admin: Hand
) -> None:
    assert refusal(codes(app, office, admin, TEACHER, "person-nobody")) == "EJ-376"
    assert refusal(codes(app, office, admin)) == "EJ-321"
    assert ledger(office) == []
    assert standing(app, office, admin) == {}


def test_a_closed_door_receives_nothing_and_opens_by_two_people(app: Starlette, office: Office, admin: Hand) -> None:
    active(office, TEACHER, DEPUTY)
    hand = world.new_hand(office, TEACHER)

    def close(person: str) -> str:
        answer = ask(app, office, admin, "/v1/admin/close", wire.encode(CloseRequest(person=person)))
        return "" if answer.is_success else wire.decode(Problem, answer.content).code

    assert close(ADMINISTRATOR) == "EJ-508"
    assert close("person-nobody") == "EJ-376"
    assert close(TEACHER) == ""
    assert standing(app, office, admin)[TEACHER].state == "closed"
    with office.authority.store.read() as tx:
        told = [row.fields for row in records.of_kind(tx, "AuditEvent")]
    assert [(each["event"], each["person_id"], each["by"]) for each in told] == [
        ("entry_closed", TEACHER, ADMINISTRATOR)
    ]
    assert wire.decode(Problem, ask(app, office, hand, "/v1/scope").content).code == "EJ-394"
    assert refusal(codes(app, office, admin, TEACHER)) == "EJ-381"
    handout = given(codes(app, office, admin, TEACHER, second=DEPUTY, password=PASSWORD))
    sign_in(office, TEACHER, handout.slips[0].code, "совсем новый")
    assert standing(app, office, admin)[TEACHER].state == "active"


def test_the_ledger_is_the_servers_own_hand(app: Starlette, office: Office, admin: Hand) -> None:
    given(codes(app, office, admin, TEACHER))
    with office.authority.store.read() as tx:
        (row,) = records.of_kind(tx, "CredentialIssue")
    assert (row.desk, row.author) == (SERVER, SERVER)

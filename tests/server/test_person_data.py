"""All that the school holds of one person, as the server tells it: nothing missing, nothing of anybody else; only to
whoever may ask, with a second person, and after the log has it.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import msgspec
import pytest

from ejournal_core import ids, seal, wire
from ejournal_core.access import SERVER
from ejournal_core.errors import Trouble
from ejournal_core.kinds import KINDS, AuditEvent, Enrolment, Person, RoleGrant, from_fields
from ejournal_core.person_data import NAMING, SPELT
from ejournal_core.seal import RequestParts
from ejournal_core.wire import DeskRequest, PersonDataRequest, PersonRecords, Problem
from ejournal_desktop.exchange.command import write_records
from ejournal_server import accounts, admin, folder, gate, intake, person_data
from ejournal_server.api import Routes
from ejournal_server.folder import Office
from ejournal_server.person_data import SecondPersonMissing, TellsNobody
from ejournal_server.store import people, records
from tests.helpers import postgres
from tests.helpers.person_data import ADMINISTRATOR, CLASSMATE, PUPIL, STAFF, told_school
from tests.helpers.school import YEAR_START
from tests.server import world
from tests.server.conftest import STORES
from tests.server.world import SettableClock

PASSWORD, DIRECTOR = "верный пароль", "p-deputy"
COLUMN = "s-algebra.c-7b.20260908.3.control.1"


BOTH, STAY = "p-both", "stay-7"  # one person with two roles; a record whose id does not name its pupil
MORE = (
    Person(id=BOTH, last_name="Дважды", first_name="Нина"),
    RoleGrant(id="r-both-1", person_id=BOTH, role="secretary", since=YEAR_START),
    RoleGrant(id="r-both-2", person_id=BOTH, role="deputy_director", since=YEAR_START),
    Enrolment(id=STAY, pupil_id=PUPIL, class_group_id="c-7b", since=YEAR_START, until=YEAR_START),
)


@pytest.fixture(scope="module", params=STORES)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give a school in which every kind that can name a person names one."""
    root = tmp_path_factory.mktemp("told")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "MEMORY_KIB", 64)
        cluster = request.getfixturevalue("postgres_cluster") if request.param == "postgres" else ""
        url = stack.enter_context(postgres.fresh_database(cluster)) if cluster else None
        made = folder.found(root / "data", world.SCHOOL_NAME, url, SettableClock())
        stack.callback(made.close)
        write_records((*told_school().records, *MORE), root / "school.jsonl")
        admin.load_records(made, root / "school.jsonl")
        code = accounts.new_activation_code(made.authority, DIRECTOR)
        accounts.certify_desk(
            made.authority, "place", DeskRequest(person=DIRECTOR, secret=code, new_password=PASSWORD, public_key="")
        )
        yield made


def ask(office: Office, kind: str, person: str, asker: str = ADMINISTRATOR.id, **how: str) -> str:
    """Return the text of the answer."""
    confirmed = {"second": DIRECTOR, "second_password": PASSWORD, **how}
    wanted = PersonDataRequest(kind=kind, person=person, **confirmed)  # type: ignore[arg-type]
    return wire.decompress(person_data.tell_all(office.authority, asker, wanted)).decode()


def told(office: Office, kind: str, person: str) -> PersonRecords:
    return wire.read_person_records(wire.compress(ask(office, kind, person).encode()))


def events(office: Office) -> list[AuditEvent]:
    with office.authority.store.read() as tx:
        found = [from_fields(AuditEvent, row.id, row.fields) for row in records.of_kind(tx, "AuditEvent")]
    return [each for each in found if each.event == "person_data_given"]


# --- everything, and nothing else -----------------------------------------------------------------------------------


def test_of_a_pupil_and_of_a_teacher_every_kind_that_can_name_them_is_told(office: Office) -> None:
    found = told(office, "Pupil", PUPIL), told(office, "Person", STAFF)
    assert (NAMING.keys() | SPELT.keys()) - {each.kind for told_ in found for each in told_.records} == set()
    for each in (record for told_ in found for record in told_.records):
        assert each.kind in KINDS
        assert (each.author, each.number > 0) == (SERVER, True)


def test_every_record_of_the_school_in_which_the_pupil_s_id_stands_is_told(office: Office) -> None:
    with office.authority.store.read() as tx:
        rows = [row for kind in KINDS for row in records.of_kind(tx, kind)]
    standing = {(row.kind, row.id) for row in rows if PUPIL in f"{row.id} {row.fields}"}
    found = told(office, "Pupil", PUPIL)
    assert {(each.kind, each.record) for each in found.records} == standing
    assert {(each.kind, each.record) for each in found.changes} == standing


def test_nothing_of_another_pupil_is_told(office: Office) -> None:
    about_pupil, about_staff = ask(office, "Pupil", PUPIL), ask(office, "Person", STAFF)
    assert set(re.findall(r"u-\d\d", about_pupil)) == {PUPIL}
    assert re.findall(r"u-\d\d|Николаевич|заявление № 5", about_staff) == []
    assert CLASSMATE in ask(office, "Pupil", CLASSMATE), "the search finds what is there"
    assert '"value":"2"' not in about_pupil


def test_no_secret_is_told(office: Office) -> None:
    with office.authority.store.read() as tx:
        verifier = people.account(tx, DIRECTOR)
    assert verifier is not None
    answer = ask(office, "Person", DIRECTOR)
    assert "$argon2" in verifier.password
    assert re.findall(r"\$argon2|password|signature|\"salt\"|\"prev\"", answer) == []


def test_what_was_entered_before_and_what_was_not_taken_is_told_and_nothing_of_a_classmate(office: Office) -> None:
    hand = world.new_hand(office, STAFF)
    enrolled = world.new_hand(office, ADMINISTRATOR.id)
    mark = ids.mark(COLUMN, PUPIL)
    batch = hand.batch(
        hand.change("Mark", mark, {"value": "4"}, {"value": "3"}, at="2026-09-08T10:40:00+03:00"),
        hand.change("Mark", ids.mark(COLUMN, CLASSMATE), {"value": "2"}, {"value": "5"}),
        hand.change("Mark", ids.mark(COLUMN, PUPIL), {"value": "3"}, {"value": "нет такой"}),
    )
    order = enrolled.change("Enrolment", STAY, {"arrival_order": ""}, {"arrival_order": "16-к"})
    first, _classmate, refused = intake.accept(office.authority, batch).verdicts
    (ordered,) = intake.accept(office.authority, enrolled.batch(order)).verdicts
    later = [each for each in told(office, "Pupil", PUPIL).changes if each.author != SERVER]
    assert [(each.kind, each.record, each.set) for each in later] == [
        ("Mark", mark, {"value": "3"}), ("Mark", mark, {"value": "нет такой"}),
        ("Enrolment", STAY, {"arrival_order": "16-к"}),
    ]  # fmt: skip
    assert [each.outcome for each in later] == [first.outcome, refused.outcome, ordered.outcome]
    assert (first.outcome, refused.outcome, ordered.outcome) == ("merged", "refused", "merged")
    (entered,) = told(office, "Person", STAFF).head.entered
    assert (entered.kind, entered.taken + entered.not_taken) == ("Mark", 3)
    assert "u-0" not in ask(office, "Person", STAFF), "of what a teacher entered only the number is the teacher's"


# --- who may ask ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asker", [STAFF, "p-class-teacher", "nobody"])
def test_who_makes_no_reports_is_told_nothing(office: Office, asker: str) -> None:
    before = len(events(office))
    with pytest.raises(TellsNobody):
        ask(office, "Pupil", PUPIL, asker)
    assert len(events(office)) == before


@pytest.mark.parametrize("second", ["", ADMINISTRATOR.id, STAFF, "nobody"])
def test_nobody_but_another_deputy_or_director_confirms_it(office: Office, second: str) -> None:
    before = len(events(office))
    with pytest.raises(SecondPersonMissing):
        ask(office, "Pupil", PUPIL, second=second)
    assert len(events(office)) == before


def test_who_is_deputy_too_confirms_for_another_and_not_for_oneself(office: Office) -> None:
    with pytest.raises(SecondPersonMissing):
        ask(office, "Pupil", PUPIL, BOTH, second=BOTH)
    assert '"kind":"Pupil"' in ask(office, "Pupil", PUPIL, BOTH)


@pytest.mark.logs("wrong password or code")
def test_a_wrong_password_of_the_second_person_is_counted_and_hands_out_nothing(office: Office) -> None:
    before = len(events(office))
    with pytest.raises(accounts.NotKnown):
        ask(office, "Pupil", PUPIL, second_password="догадка")
    assert len(events(office)) == before
    assert '"kind":"Pupil"' in ask(office, "Pupil", PUPIL), "the right one is taken afterwards"


def test_a_director_asks_alone_and_the_log_names_who_asked_of_whom_and_who_confirmed(office: Office) -> None:
    answer = ask(office, "Person", STAFF, DIRECTOR, second="", second_password="")
    ask(office, "Pupil", PUPIL)
    alone, together = events(office)[-2:] if events(office)[-1].subject == PUPIL else events(office)[-2:][::-1]
    assert (alone.by, alone.person_id, alone.subject_kind, alone.subject) == (DIRECTOR, DIRECTOR, "Person", STAFF)
    assert (together.by, together.person_id, together.subject) == (ADMINISTRATOR.id, DIRECTOR, PUPIL)
    assert alone.number == wire.read_person_records(wire.compress(answer.encode())).head.records


@pytest.mark.parametrize(("kind", "person"), [("Pupil", "u-99"), ("Pupil", STAFF), ("Person", PUPIL), ("Person", "")])
def test_of_nobody_nothing_is_told(office: Office, kind: str, person: str) -> None:
    with pytest.raises(Trouble) as refused:
        ask(office, kind, person)
    assert refused.value.code == "EJ-376"


# --- over the wire --------------------------------------------------------------------------------------------------


def call(office: Office, routes: Routes, asker: str, **how: str) -> httpx.Response:
    hand, path = world.new_hand(office, asker), "/v1/admin/person"
    wanted = {"kind": "Pupil", "person": PUPIL, "second": DIRECTOR, "second_password": PASSWORD, **how}
    body = msgspec.json.encode(wanted)

    async def post() -> httpx.Response:
        parts = RequestParts("POST", path, "", body)
        nonce = gate.new_nonce(office.authority)
        headers = seal.sign_request(hand.key, f"desk:{hand.desk}", nonce, parts, int(time.time()))
        transport = httpx.ASGITransport(routes.app())
        async with httpx.AsyncClient(transport=transport, base_url="https://school") as client:
            return await client.post(path, content=body, headers=headers)

    return asyncio.run(post())


@pytest.mark.logs("wrong password or code")
def test_a_desk_is_answered_or_told_why_not_and_waits_after_too_many_wrong_passwords(office: Office) -> None:
    routes = Routes(office)
    answer = call(office, routes, ADMINISTRATOR.id)
    assert wire.read_person_records(answer.content).records[0].record == PUPIL
    for asker, how, status, code in (
        (STAFF, {}, 403, "EJ-560"), (ADMINISTRATOR.id, {"second": ""}, 403, "EJ-561"),
        (ADMINISTRATOR.id, {"second_password": "догадка"}, 403, "EJ-374"),
        (ADMINISTRATOR.id, {"person": "u-99"}, 404, "EJ-376"), (ADMINISTRATOR.id, {"kind": "Mark"}, 400, "EJ-321"),
    ):  # fmt: skip
        refused = call(office, routes, asker, **how)
        assert (refused.status_code, wire.decode(Problem, refused.content).code) == (status, code)


def test_one_desk_asks_ten_times_and_then_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    routes, hand = Routes(office), world.new_hand(office, DIRECTOR)
    monkeypatch.setattr(world, "new_hand", lambda _office, _person: hand)
    statuses = [call(office, routes, DIRECTOR).status_code for _time in range(11)]
    assert statuses == [200] * 10 + [429]


@pytest.mark.parametrize("damage", ["a line is missing", "a line too many", "no frame", "empty", "another message"])
def test_an_answer_that_is_not_whole_is_none(office: Office, damage: str) -> None:
    lines = ask(office, "Pupil", PUPIL).splitlines()
    bodies = {
        "a line is missing": wire.compress("\n".join(lines[:-1]).encode()),
        "a line too many": wire.compress("\n".join([*lines, lines[-1]]).encode()),
        "no frame": lines[0].encode(), "empty": wire.compress(b""),
        "another message": wire.compress(lines[1].encode()),
    }  # fmt: skip
    with pytest.raises(wire.Malformed):
        wire.read_person_records(bodies[damage])

"""Trust taken back and given again: revocation, leaving, quarantine decided by two people. On both stores."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ejournal_core import ids, seal, wire
from ejournal_core.errors import Refusal
from ejournal_core.kinds import Certificate
from ejournal_core.wire import DeskRequest, Receipt
from ejournal_server import (
    accounts,
    admin,
    credentials,
    gate,
    intake,
    overview,
    own_lines,
    quarantine,
    revocation,
    signing,
)
from ejournal_server.accounts import NoSuch, NotKnown, SecondPersonNeeded
from ejournal_server.authority import stamp
from ejournal_server.facts import Known
from ejournal_server.folder import Office
from ejournal_server.store import aside, log, people, records
from tests.server import world
from tests.server.world import PUPILS, Hand, SettableClock

PASSWORD = "верный пароль"
MARK = ids.mark(world.COLUMN, PUPILS[0])


def certified(office: Office, person: str, code: str = "", workstation: str = "pc-1") -> Hand:
    """Give a desk certified as in life: by a code, or by the password."""
    key = seal.new_signing_key()
    public = seal.signing_public_key(key).hex()
    request = DeskRequest(
        person=person, secret=code or PASSWORD, new_password=PASSWORD if code else "", public_key=public
    )
    answer = accounts.certify_desk(office.authority, workstation, request)
    return Hand(office.authority.school, answer.desk, person, key)


@pytest.fixture
def teacher(office: Office) -> Hand:
    """Give Ivanova's desk with the lesson, the column and a mark delivered."""
    hand = certified(office, world.TEACHER, world.invite(office, world.TEACHER))
    delivered = accept(office, hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "4")))
    assert outcomes(delivered) == [("taken", "")] * 3
    return hand


@pytest.fixture
def deputy(office: Office) -> str:
    """Give a deputy with a password."""
    certified(office, world.DEPUTY, world.invite(office, world.DEPUTY))
    return world.DEPUTY


def accept(office: Office, batch: wire.Batch) -> Receipt:
    return intake.accept(office.authority, batch)


def outcomes(receipt: Receipt) -> list[tuple[str, str]]:
    return [(verdict.outcome, verdict.reason) for verdict in receipt.verdicts]


def value_of(office: Office, pupil: str) -> object:
    record = ids.mark(world.COLUMN, pupil)
    with office.authority.store.read() as tx:
        row = records.fetch(tx, "Mark", [record]).get(record)
    return row.fields["value"] if row else None


def certificate(office: Office, desk: str) -> dict[str, object]:
    with office.authority.store.read() as tx:
        row = Known(tx).row("Certificate", desk)
    assert row is not None
    return dict(row.fields)


def last_line(office: Office) -> log.Line:
    with office.authority.store.read() as tx:
        size = log.read_head(tx).number
        return log.lines(tx, size - 1, size, 1)[0]


def only_thing(office: Office) -> quarantine.Thing:
    (held,) = quarantine.things(office.authority)
    return held


def readmit(office: Office, name: str, second: str = world.DEPUTY, **more: object) -> dict[str, str]:
    values = {"password": PASSWORD, "by": world.ADMINISTRATOR, "only": (), **more}
    verdicts = quarantine.readmit(
        office.authority, name, str(values["by"]), second, str(values["password"]), "компьютер нашёлся",
        values["only"],  # type: ignore[arg-type]  # ids of changes
    )  # fmt: skip
    return {original: verdict.outcome for original, verdict in verdicts.items()}


# --- revocation ------------------------------------------------------------------------------------------------------


@pytest.mark.logs("change quarantined")
def test_a_revoked_desk_is_taken_up_to_the_last_trusted_counter_and_no_further(office: Office, teacher: Hand) -> None:
    done = revocation.revoke_desk(office.authority, teacher.desk, "украден", counter=4)
    assert (done.trusted_n, done.suspect) == (4, 0)
    late = teacher.batch(teacher.mark(PUPILS[1], "5"), teacher.mark(PUPILS[2], "2"))
    assert outcomes(accept(office, late)) == [("taken", ""), ("quarantined", "EJ-392")]
    assert (value_of(office, PUPILS[1]), value_of(office, PUPILS[2])) == ("5", None)
    assert outcomes(accept(office, late)) == [("taken", ""), ("quarantined", "EJ-392")]  # sent again: nothing new
    (held,) = only_thing(office).changes
    assert held.set["value"] == "2"
    desk = world.desk_of(office, teacher)
    gate.check_may_push(desk, 4)
    with pytest.raises(gate.DeskRevoked):
        gate.check_may_push(desk, 5)


def test_the_end_of_a_certificate_is_a_line_of_the_log(office: Office, teacher: Hand) -> None:
    revocation.revoke_desk(office.authority, teacher.desk, "украден")
    line = last_line(office).change
    assert (line.kind, line.record, line.act, line.why) == ("Certificate", teacher.desk, "void", "украден")
    stands = certificate(office, teacher.desk)
    assert (stands["voided"], stands["trusted_n"], stands["subject_kind"]) == (True, 3, "desk")


def test_a_number_of_the_log_says_which_lines_of_the_thief_stand_there_already(office: Office, teacher: Hand) -> None:
    before = last_line(office).verdict.number
    accept(office, teacher.batch(teacher.mark(PUPILS[1], "2")))
    done = revocation.revoke_desk(office.authority, teacher.desk, "украден", number=before)
    assert (done.trusted_n, done.suspect) == (3, 1)


def test_a_stolen_computer_goes_with_all_its_desks_and_nobody_signs_in_there(office: Office, teacher: Hand) -> None:
    row = people.Workstation(id="pc-1", name="Кабинет 12", public_key="00" * 32, state="approved", commitment="",
                             server_nonce="", until=0, at=stamp(office.authority.clock()))  # fmt: skip
    with office.authority.store.write() as tx:
        people.put_workstation(tx, row)
    colleague = certified(office, world.COLLEAGUE, world.invite(office, world.COLLEAGUE))
    elsewhere = certified(office, world.TEACHER, workstation="pc-2")
    done = revocation.revoke_workstation(office.authority, "pc-1", "украден")
    assert {each.desk for each in done} == {teacher.desk, colleague.desk}
    assert world.desk_of(office, elsewhere).state == "active"
    with pytest.raises(NotKnown):
        certified(office, world.TEACHER)
    assert revocation.revoke_workstation(office.authority, "pc-1", "ещё раз") == []
    with pytest.raises(accounts.NoSuch):
        revocation.revoke_workstation(office.authority, "pc-9", "нет такого")


@pytest.mark.logs("wrong password or code")
def test_a_revoked_person_signs_in_nowhere(office: Office, teacher: Hand) -> None:
    second = certified(office, world.TEACHER, workstation="pc-2")
    done = revocation.revoke_person(office.authority, world.TEACHER, "по приказу")
    assert {each.desk for each in done} == {teacher.desk, second.desk}
    with pytest.raises(NotKnown):
        certified(office, world.TEACHER)
    assert world.TEACHER not in {line.id for line in accounts.people_who_sign_in(office.authority)}


@pytest.mark.logs("wrong password or code")
def test_who_leaves_loses_roles_and_the_way_in_and_comes_again_by_a_second_person(
    office: Office, teacher: Hand, deputy: str
) -> None:
    in_time = teacher.batch(teacher.mark(PUPILS[1], "5"))
    assert revocation.leave(office.authority, world.TEACHER, date(2026, 11, 20), "уволена") == 2  # a role and a load
    assert outcomes(accept(office, in_time)) == [("taken", "")]  # entered on the last day
    with pytest.raises(gate.PersonLeft):
        raise gate.CLOSED[world.desk_of(office, teacher).state]("closed")
    with pytest.raises(NotKnown):
        certified(office, world.TEACHER)
    with pytest.raises(SecondPersonNeeded):
        accounts.new_activation_code(office.authority, world.TEACHER)
    code = accounts.new_activation_code(office.authority, world.TEACHER, deputy, PASSWORD)
    again = certified(office, world.TEACHER, code)
    assert again.desk != teacher.desk
    assert world.desk_of(office, again).state == "active"


def test_who_leaves_does_not_come_back_by_a_role_or_load_that_was_to_begin_later(office: Office) -> None:
    later = [world.role(world.TEACHER, "deputy_director"), world.load(world.OTHER_PAGE, world.TEACHER)]
    world.settle(office, [{**each, "fields": {**each["fields"], "since": "2027-01-11"}} for each in later])
    assert revocation.leave(office.authority, world.TEACHER, date(2026, 11, 20), "уволена") == 4
    with office.authority.store.read() as tx:
        rows = records.fetch(tx, later[0]["kind"], [later[0]["record"]]) | records.fetch(
            tx, later[1]["kind"], [later[1]["record"]]
        )
    assert [row.voided for row in rows.values()] == [True, True]


# --- a new workplace: «это вы?» ------------------------------------------------------------------------------------


def answer(office: Office, hand: Hand, desk: str, said: str) -> tuple[str, str]:
    change = hand.change("Certificate", desk, {"confirmed": ""}, {"confirmed": said})
    return outcomes(accept(office, hand.batch(change)))[0]


def test_what_came_by_a_reset_is_flagged_until_the_person_confirms_it_elsewhere(
    office: Office, teacher: Hand, deputy: str
) -> None:
    assert certificate(office, teacher.desk)["after_reset"] is False
    code = accounts.new_activation_code(office.authority, world.TEACHER, deputy, PASSWORD)
    fresh = certified(office, world.TEACHER, code, "pc-2")
    third = certified(office, world.TEACHER, workstation="pc-3")  # by the password that the reset has set
    assert [certificate(office, each.desk)["after_reset"] for each in (fresh, third)] == [True, True]
    for doubtful, about in ((fresh, fresh), (fresh, third)):  # it does not vouch for itself, nor for its like
        assert answer(office, doubtful, about.desk, "yes") == ("refused", "EJ-213")
    stranger = certified(office, world.COLLEAGUE, world.invite(office, world.COLLEAGUE))
    assert answer(office, stranger, fresh.desk, "yes") == ("refused", "EJ-213")
    assert answer(office, teacher, fresh.desk, "yes") == ("merged", "")
    assert certificate(office, fresh.desk)["confirmed"] == "yes"
    assert certificate(office, certified(office, world.TEACHER, workstation="pc-4").desk)["after_reset"] is False


@pytest.mark.logs("desk denied")
@pytest.mark.logs("batch quarantined")
def test_a_denied_desk_is_frozen_and_what_it_brings_waits(office: Office, teacher: Hand, deputy: str) -> None:
    code = accounts.new_activation_code(office.authority, world.TEACHER, deputy, PASSWORD)
    fresh = certified(office, world.TEACHER, code, "pc-2")
    assert answer(office, teacher, fresh.desk, "no") == ("merged", "")
    assert world.desk_of(office, fresh).state == "frozen"
    assert outcomes(accept(office, fresh.batch(fresh.mark(PUPILS[1], "2")))) == [("quarantined", "EJ-382")]


@pytest.mark.parametrize("field", ["public_key", "person_id", "after_reset", "voided"])
def test_nothing_else_of_a_certificate_is_anybodys_but_the_servers(office: Office, teacher: Hand, field: str) -> None:
    stands = certificate(office, teacher.desk)
    other = certified(office, world.TEACHER, workstation="pc-2")
    wanted = {"voided": True, "after_reset": True}.get(field, "another")
    change = other.change("Certificate", teacher.desk, {field: stands[field]}, {field: wanted})  # type: ignore[dict-item]
    assert outcomes(accept(office, other.batch(change))) == [("refused", "EJ-213")]
    with office.authority.store.read() as tx:
        assert Known(tx).build(Certificate, teacher.desk) is not None


# --- quarantine: two people ------------------------------------------------------------------------------------------


@pytest.fixture
def frozen(office: Office, teacher: Hand) -> Hand:
    """Give the clone of Ivanova's desk, with one readable mark in quarantine."""
    clone = Hand(teacher.school, teacher.desk, teacher.person, teacher.key)
    clone.prev, clone.n = teacher.prev, teacher.n
    accept(office, teacher.batch(teacher.mark(PUPILS[1], "5")))
    held = accept(office, clone.batch(clone.mark(PUPILS[2], "3"), clone.mark(PUPILS[3], "9")))
    assert outcomes(held) == [("quarantined", "EJ-383")] * 2
    return clone


@pytest.mark.logs("batch quarantined")
@pytest.mark.usefixtures("deputy", "frozen")
def test_two_people_readmit_and_the_same_rules_judge(office: Office, teacher: Hand) -> None:
    held = only_thing(office)
    assert (held.person, held.reason, [change.set["value"] for change in held.changes]) == (
        world.TEACHER, "EJ-383", ["3", "9"],
    )  # fmt: skip
    assert list(readmit(office, held.sha256[:12]).values()) == ["taken", "refused"]  # no mark is a nine
    assert value_of(office, PUPILS[2]) == "3"
    with office.authority.store.read() as tx:
        size = log.read_head(tx).number
        first, second = log.lines(tx, size - 2, size, 2)
    assert (first.change.desk, first.change.author, first.change.requester) == ("server", "server", world.TEACHER)
    assert [first.change.about, second.change.about] == [change.id for change in held.changes]
    assert all(name in first.change.why for name in (world.ADMINISTRATOR, world.DEPUTY, "компьютер нашёлся"))
    (decided,) = quarantine.things(office.authority, decided=True)
    assert decided.state == "readmitted"
    assert decided.decision is not None
    assert decided.decision.numbers == {held.changes[0].id: size - 1, held.changes[1].id: size}
    with pytest.raises(quarantine.NotHeld):
        readmit(office, held.sha256)


@pytest.mark.logs("batch quarantined")
@pytest.mark.logs("wrong password or code")
@pytest.mark.usefixtures("deputy", "frozen")
def test_nobody_readmits_alone_or_in_the_authors_name_or_with_a_wrong_password(office: Office) -> None:
    name = only_thing(office).sha256
    for more in (
        {"second": ""}, {"second": world.ADMINISTRATOR}, {"second": world.TEACHER}, {"second": world.COLLEAGUE},
        {"by": world.COLLEAGUE}, {"by": world.DEPUTY},
    ):  # fmt: skip
        with pytest.raises(SecondPersonNeeded):
            readmit(office, name, **more)
    with pytest.raises(NotKnown):
        readmit(office, name, password="неверный")
    assert only_thing(office).state == "waiting"


@pytest.mark.logs("batch quarantined")
def test_a_deputy_does_not_let_in_what_is_her_own(office: Office, deputy: str) -> None:
    own = world.new_hand(office, deputy)
    forged = Hand(own.school, own.desk, deputy, seal.new_signing_key())
    accept(office, forged.batch(forged.mark(PUPILS[0], "5")))
    with pytest.raises(SecondPersonNeeded):
        readmit(office, only_thing(office).sha256, deputy)


@pytest.mark.logs("batch quarantined")
@pytest.mark.usefixtures("deputy", "frozen")
def test_a_dismissed_thing_stays_stored_and_one_change_alone_may_be_readmitted(office: Office) -> None:
    held = only_thing(office)
    with pytest.raises(quarantine.NotTheAdministrator):
        quarantine.dismiss(office.authority, held.sha256, world.TEACHER, "ошибка")
    quarantine.dismiss(office.authority, held.sha256, world.ADMINISTRATOR, "ошибка")
    assert quarantine.things(office.authority) == []
    with pytest.raises(quarantine.NotHeld):
        quarantine.dismiss(office.authority, held.sha256, world.ADMINISTRATOR, "ошибка")
    with pytest.raises(quarantine.NotHeld):
        readmit(office, held.sha256, only=("no such change",))
    assert readmit(office, held.sha256, only=(held.changes[0].id,)) == {held.changes[0].id: "taken"}
    assert (value_of(office, PUPILS[2]), value_of(office, PUPILS[3])) == ("3", None)


@pytest.mark.logs("batch quarantined")
@pytest.mark.usefixtures("deputy")
def test_a_readmitted_value_that_was_overtaken_is_disputed_not_written_over(
    office: Office, teacher: Hand, frozen: Hand
) -> None:
    colleague = certified(office, world.COLLEAGUE, world.invite(office, world.COLLEAGUE))
    assert outcomes(accept(office, colleague.batch(colleague.mark(PUPILS[2], "5")))) == [("taken", "")]
    held = only_thing(office)
    assert readmit(office, held.sha256, only=(held.changes[0].id,)) == {held.changes[0].id: "disputed"}
    assert value_of(office, PUPILS[2]) == "5"
    assert frozen.desk == teacher.desk


def end_of_load(office: Office) -> str:
    """End Ivanova's load yesterday; return the hash of the head that says so."""
    authority = office.authority
    load = world.load(world.PAGE, world.TEACHER)["record"]
    with authority.store.write() as tx:
        wish = own_lines.Wish("TeachingLoad", load, {"until": "2026-11-18"}, {"until": None}, act="change")
        own_lines.write_own(authority, tx, [wish])
        return seal.head_hash(signing.current_head(tx))


@pytest.mark.logs("batch quarantined")
@pytest.mark.usefixtures("deputy")
@pytest.mark.parametrize(("knew", "outcome"), [(False, "pending"), (True, "refused")])
def test_a_readmitted_change_is_judged_by_what_it_shows_to_have_known(
    office: Office, teacher: Hand, knew: bool, outcome: str
) -> None:
    clone = Hand(teacher.school, teacher.desk, teacher.person, teacher.key)
    clone.prev, clone.n = teacher.prev, teacher.n
    accept(office, teacher.batch(teacher.mark(PUPILS[1], "5")))
    with office.authority.store.read() as tx:
        before = seal.head_hash(signing.current_head(tx))
    after = end_of_load(office)
    clone.head = after if knew else before
    accept(office, clone.batch(clone.mark(PUPILS[2], "3")))
    held = only_thing(office)
    assert list(readmit(office, held.sha256).values()) == [outcome]


@pytest.mark.logs("batch quarantined")
def test_what_nobody_of_this_school_wrote_is_not_readmitted(office: Office, deputy: str) -> None:
    stranger = Hand(office.authority.school, ids.new_id(), "person-nobody", seal.new_signing_key())
    accept(office, stranger.batch(stranger.mark(PUPILS[0], "5")))
    with pytest.raises(quarantine.NotReadable):
        readmit(office, only_thing(office).sha256, deputy)


@pytest.mark.logs("batch quarantined")
@pytest.mark.logs("quarantine is full")
def test_quarantine_is_bounded_for_a_desk_for_strangers_and_in_all(
    office: Office, frozen: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "QUARANTINE_UNSIGNED", 2)
    monkeypatch.setattr(intake, "QUARANTINE_OF_DESK", 3)
    for _ in range(2):
        stranger = Hand(office.authority.school, ids.new_id(), world.TEACHER, seal.new_signing_key())
        accept(office, stranger.batch(stranger.mark(PUPILS[0], "5")))
    stranger = Hand(office.authority.school, ids.new_id(), world.TEACHER, seal.new_signing_key())
    with pytest.raises(intake.TooMuch):
        accept(office, stranger.batch(stranger.mark(PUPILS[0], "5")))
    accept(office, frozen.batch(frozen.mark(PUPILS[4], "5")))  # strangers do not crowd out whose desk is known
    accept(office, frozen.batch(frozen.mark(PUPILS[4], "4")))
    with pytest.raises(intake.TooMuch):
        accept(office, frozen.batch(frozen.mark(PUPILS[4], "3")))
    with office.authority.store.read() as tx:
        things, size = aside.quarantine_load(tx)
    assert things == 5
    monkeypatch.setattr(intake, "QUARANTINE_OF_DESK", 100)
    monkeypatch.setattr(intake, "QUARANTINE_UNSIGNED", 100)
    monkeypatch.setattr(intake, "QUARANTINE_UNSIGNED_SIZE", 100)  # a few long ones are too many as well
    with pytest.raises(intake.TooMuch):
        accept(office, stranger.batch(stranger.mark(PUPILS[1], "5")))
    accept(office, frozen.batch(frozen.mark(PUPILS[4], "2")))
    monkeypatch.setattr(intake, "QUARANTINE_SIZE", size - 1)
    with pytest.raises(intake.TooMuch):
        accept(office, frozen.batch(frozen.mark(PUPILS[4], "3")))


# --- a last day to come --------------------------------------------------------------------------------------------


def test_until_a_last_day_to_come_the_way_in_is_open_and_after_it_somebody_is_reminded(
    office: Office, teacher: Hand, clock: SettableClock
) -> None:
    last_day = office.authority.today() + timedelta(days=10)
    assert revocation.leave(office.authority, world.TEACHER, last_day, "увольняется") == 2
    assert world.desk_of(office, teacher).state == "active"
    assert outcomes(accept(office, teacher.batch(teacher.mark(PUPILS[1], "5")))) == [("taken", "")]
    clock.moment += timedelta(days=10)
    assert "gone" not in overview.look(office).alarms
    clock.moment += timedelta(days=1)
    assert "gone" in overview.look(office).alarms
    states = {line.person: line.state for line in admin.staff(office)}
    assert [person for person, state in states.items() if state == "gone"] == [world.TEACHER]
    assert revocation.leave(office.authority, world.TEACHER, office.authority.today(), "уволена") == 0
    assert world.desk_of(office, teacher).state == "left"
    assert "gone" not in overview.look(office).alarms


def test_nobody_leaves_on_a_day_to_come_who_is_not_there(office: Office) -> None:
    with pytest.raises(NoSuch):
        revocation.leave(office.authority, "person-nobody", office.authority.today() + timedelta(days=1), "увольняется")


# --- the last administrator ------------------------------------------------------------------------------------------


@pytest.mark.logs("wrong password or code")
def test_a_school_is_never_left_without_an_administrator_who_can_sign_in(office: Office, deputy: str) -> None:
    with pytest.raises(Refusal) as refused:
        revocation.leave(office.authority, world.ADMINISTRATOR, office.authority.today(), "уволен")
    assert refused.value.code == "EJ-548"
    assert "administrator" not in overview.look(office).alarms
    with pytest.raises(SecondPersonNeeded):
        revocation.appoint(office.authority, world.COLLEAGUE, world.TEACHER, PASSWORD)
    with pytest.raises(SecondPersonNeeded):
        revocation.appoint(office.authority, deputy, deputy, PASSWORD)
    with pytest.raises(NotKnown):
        revocation.appoint(office.authority, world.COLLEAGUE, deputy, "не тот пароль")
    with pytest.raises(NoSuch):
        revocation.appoint(office.authority, "person-nobody", deputy, PASSWORD)
    assert revocation.appoint(office.authority, world.COLLEAGUE, deputy, PASSWORD)
    assert not revocation.appoint(office.authority, world.COLLEAGUE, deputy, PASSWORD), "once is enough"
    revocation.leave(office.authority, world.ADMINISTRATOR, office.authority.today(), "уволен")
    credentials.check_administrator(office.authority, world.COLLEAGUE)


def test_an_administrator_whose_door_is_closed_is_none(office: Office, deputy: str) -> None:
    accounts.new_activation_code(office.authority, world.ADMINISTRATOR)
    revocation.revoke_person(office.authority, world.ADMINISTRATOR, "пароль подсмотрели")
    assert "administrator" in overview.look(office).alarms
    assert revocation.appoint(office.authority, world.COLLEAGUE, deputy, PASSWORD)
    assert "administrator" not in overview.look(office).alarms
    with pytest.raises(Refusal):
        revocation.leave(office.authority, world.COLLEAGUE, office.authority.today(), "уволен")

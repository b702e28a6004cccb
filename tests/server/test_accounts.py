"""Who gets in: passwords that lock with back-off, one-time codes, second persons, pairing codes, certificates."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from ejournal_core import ids, seal
from ejournal_core.wire import (
    DeskCertified,
    DeskRequest,
    Malformed,
    PairReveal,
    PairStart,
    PairStarted,
    SignerRequest,
)
from ejournal_server import accounts, admin, revocation
from ejournal_server.accounts import NotKnown
from ejournal_server.folder import Office
from ejournal_server.store import log, people
from tests.helpers.slips import activation_codes
from tests.server import world
from tests.server.world import SettableClock

PASSWORD = "верный пароль"


@pytest.mark.usefixtures("decided_cost")
def test_the_cost_of_a_hash_is_the_one_that_was_decided() -> None:
    assert accounts.hash_secret(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=2$")


_CROWD = """
from concurrent.futures import ThreadPoolExecutor
from ejournal_server import accounts
accounts.MEMORY_KIB = 64
phc = accounts.hash_secret("secret")
with ThreadPoolExecutor(8) as crowd:
    assert all(crowd.map(lambda _: accounts.is_secret("secret", phc), range(400)))
"""


def test_many_people_sign_in_at_once() -> None:
    """In a process of its own, which is ended when its hashes wait for each other."""
    subprocess.run([sys.executable, "-c", _CROWD], check=True, timeout=60)


def key() -> str:
    return seal.signing_public_key(seal.new_signing_key()).hex()


def sign_in(office: Office, person: str, secret: str, new: str = "", public_key: str = "") -> DeskCertified:
    request = DeskRequest(person=person, secret=secret, new_password=new, public_key=public_key)
    return accounts.certify_desk(office.authority, "workstation-1", request)


def activated(office: Office, person: str = world.TEACHER) -> None:
    sign_in(office, person, world.invite(office, person), PASSWORD)


@pytest.mark.logs("wrong password or code")
def test_an_activation_code_works_once_and_sets_the_password(office: Office) -> None:
    code = world.invite(office, world.TEACHER)
    certified = sign_in(office, world.TEACHER, code.lower(), PASSWORD, key())
    assert certified.person_name == "Иванова Мария Петровна"
    assert sign_in(office, world.TEACHER, PASSWORD).desk == ""  # only checked
    with pytest.raises(NotKnown):
        sign_in(office, world.TEACHER, code, "другой пароль", key())
    assert sign_in(office, world.TEACHER, PASSWORD).person == world.TEACHER


@pytest.mark.parametrize("guessed", ["пароль2026", "gfhjkm2026", "Иванова1980"])
def test_a_password_that_is_tried_first_is_not_taken_and_the_code_stays_good(office: Office, guessed: str) -> None:
    code = world.invite(office, world.TEACHER)
    for _ in range(accounts.FREE_FAILURES + 2):
        with pytest.raises(accounts.GuessedFirst) as refused:
            sign_in(office, world.TEACHER, code, guessed, key())
        assert guessed not in str(refused.value)
    assert sign_in(office, world.TEACHER, code, PASSWORD, key()).desk  # no attempt was counted


def test_somebody_elses_name_is_no_guess(office: Office) -> None:
    assert sign_in(office, world.DEPUTY, world.invite(office, world.DEPUTY), "Иванова и чай", key()).desk


@pytest.mark.logs("wrong password or code")
def test_an_old_activation_code_is_worth_nothing(office: Office, clock: SettableClock) -> None:
    code = world.invite(office, world.TEACHER)
    clock.moment += timedelta(days=accounts.CODE_DAYS, seconds=1)
    with pytest.raises(NotKnown):
        sign_in(office, world.TEACHER, code, PASSWORD)


def test_the_answer_to_a_used_code_can_be_had_again_for_the_same_key(office: Office) -> None:
    code, public = world.invite(office, world.TEACHER), key()
    first = sign_in(office, world.TEACHER, code, PASSWORD, public)
    again = sign_in(office, world.TEACHER, code, PASSWORD, public)
    assert (again.desk, again.number) == (first.desk, first.number)


@pytest.mark.logs("wrong password or code")
def test_a_known_key_is_no_way_around_the_lock(office: Office) -> None:
    public = key()
    sign_in(office, world.TEACHER, world.invite(office, world.TEACHER), PASSWORD, public)
    for _ in range(accounts.FREE_FAILURES + 1):
        with pytest.raises(NotKnown):
            sign_in(office, world.TEACHER, "", "догадка о пароле", public)
    with pytest.raises(NotKnown, match="too many"):
        sign_in(office, world.TEACHER, "", PASSWORD, public)


@pytest.mark.logs("wrong password or code")
def test_wrong_passwords_lock_for_longer_and_longer_and_the_right_one_waits_too(
    office: Office, clock: SettableClock
) -> None:
    activated(office)
    for _ in range(accounts.FREE_FAILURES):
        with pytest.raises(NotKnown):
            sign_in(office, world.TEACHER, "неверный")
    with pytest.raises(NotKnown) as locked:
        sign_in(office, world.TEACHER, "неверный")
    assert locked.value.details["retry_after"] == 2
    with pytest.raises(NotKnown, match="too many"):
        sign_in(office, world.TEACHER, PASSWORD)
    clock.moment += timedelta(seconds=2)
    assert sign_in(office, world.TEACHER, PASSWORD).person == world.TEACHER
    with pytest.raises(NotKnown) as fresh:
        sign_in(office, world.TEACHER, "неверный")
    assert fresh.value.details["retry_after"] == 0  # the right one wiped the slate clean


@pytest.mark.logs("wrong password or code")
def test_guesses_sent_at_once_are_counted_one_by_one(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    activated(office)
    tried: list[str] = []
    is_secret = accounts.is_secret

    def counted(secret: str, phc: str) -> bool:
        tried.append(secret)
        return is_secret(secret, phc)

    monkeypatch.setattr(accounts, "is_secret", counted)

    def guess(number: int) -> None:
        with contextlib.suppress(NotKnown):
            sign_in(office, world.TEACHER, f"догадка {number}")

    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(guess, range(48)))
    assert len(tried) == accounts.FREE_FAILURES + 1  # the last of them locks the account


def test_a_code_made_while_its_person_is_revoked_opens_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    hash_secret = accounts.hash_secret

    def revoked_meanwhile(secret: str) -> str:
        revocation.revoke_person(office.authority, world.TEACHER, "украден компьютер")
        return hash_secret(secret)

    monkeypatch.setattr(accounts, "hash_secret", revoked_meanwhile)
    with pytest.raises(accounts.NotHandedOver):
        world.invite(office, world.TEACHER)
    with office.authority.store.read() as tx:
        account = people.account(tx, world.TEACHER)
    assert account is not None
    assert (account.state, account.activation) == ("left", "")


def test_the_lock_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [accounts.lock_seconds(n) for n in (1, 3, 4, 5, 6, 40)] == [0, 0, 2, 4, 8, 900]


@pytest.mark.logs("wrong password or code")
@pytest.mark.parametrize("person", ["person-nobody", world.COLLEAGUE])
def test_people_without_an_account_cannot_sign_in(office: Office, person: str) -> None:
    for secret, new in (("", ""), ("что-нибудь", ""), ("", PASSWORD)):
        with pytest.raises(NotKnown):
            sign_in(office, person, secret, new)


def test_a_short_password_and_a_key_that_is_none_are_not_taken(office: Office) -> None:
    code = world.invite(office, world.TEACHER)
    with pytest.raises(Malformed):
        sign_in(office, world.TEACHER, code, "1234567")
    with pytest.raises(Malformed):
        sign_in(office, world.TEACHER, code, "а" * 257)
    with pytest.raises(Malformed):
        sign_in(office, world.TEACHER, code, PASSWORD, "abcd")
    assert sign_in(office, world.TEACHER, code, PASSWORD).person == world.TEACHER  # the code was not spent


@pytest.mark.logs("wrong password or code")
def test_a_password_counts_to_its_last_letter_and_as_it_was_typed(office: Office) -> None:
    long = "пароль Ё1 " * 25 + "конец!"  # as long as may be
    sign_in(office, world.TEACHER, world.invite(office, world.TEACHER), long)
    for other in (long[:-1], long.lower(), long + " "):
        with pytest.raises(NotKnown):
            sign_in(office, world.TEACHER, other, "")
    assert sign_in(office, world.TEACHER, long, "").person == world.TEACHER


@pytest.fixture
def in_kamchatka(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the server's machine stand twelve hours east of UTC."""
    with monkeypatch.context() as place:
        place.setenv("TZ", "Asia/Kamchatka")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_kamchatka")
def test_roles_begin_with_the_school_s_own_day(office: Office, clock: SettableClock) -> None:
    clock.moment = datetime(2026, 8, 31, 12, 30, tzinfo=UTC)  # half past midnight there
    activated(office)
    (line,) = accounts.people_who_sign_in(office.authority)
    assert line.roles == ("subject_teacher",)


@pytest.mark.logs("wrong password or code")
def test_a_reset_needs_a_second_person_who_is_deputy_or_director(office: Office) -> None:
    for person in (world.TEACHER, world.DEPUTY, world.COLLEAGUE):
        activated(office, person)
    for second, password in (("", ""), (world.TEACHER, PASSWORD), (world.COLLEAGUE, PASSWORD)):
        with pytest.raises(accounts.SecondPersonNeeded):
            accounts.new_activation_code(office.authority, world.TEACHER, second, password)
    with pytest.raises(NotKnown):
        accounts.new_activation_code(office.authority, world.TEACHER, world.DEPUTY, "неверный")
    code = accounts.new_activation_code(office.authority, world.TEACHER, world.DEPUTY, PASSWORD)
    assert sign_in(office, world.TEACHER, code, "новый пароль").person == world.TEACHER
    with pytest.raises(accounts.NoSuch):
        accounts.new_activation_code(office.authority, "person-nobody")


def test_a_desks_certificate_is_a_line_of_the_log(office: Office) -> None:
    public = key()
    certified = sign_in(office, world.TEACHER, world.invite(office, world.TEACHER), PASSWORD, public)
    with office.authority.store.read() as tx:
        (line,) = log.lines_numbered(tx, [certified.number])
    assert (line.change.kind, line.change.record, line.change.author) == ("Certificate", certified.desk, "server")
    assert line.change.set["public_key"] == public
    assert certified.head.size == certified.number


def test_no_password_or_code_stands_in_the_store_as_it_is(office: Office) -> None:
    code = world.invite(office, world.COLLEAGUE)
    activated(office)
    with office.authority.store.read() as tx:
        rows = str([(row.password, row.activation) for row in people.accounts(tx)])
    assert PASSWORD not in rows
    assert code.replace("-", "") not in rows
    assert rows.count("$argon2id$") == 2


def test_people_are_listed_with_their_roles_and_only_those_with_an_account(office: Office) -> None:
    assert accounts.people_who_sign_in(office.authority) == []
    assert {line.state for line in admin.staff(office)} == {"none"}
    codes = activation_codes(office)
    assert len(codes) == 6
    listed = accounts.people_who_sign_in(office.authority)
    assert [line.short_name for line in listed] == [
        "Админов О. О.", "Директорова В. И.", "Завучева О. Л.", "Иванова М. П.", "Петров И. И.", "Сидорова А. Ю.",
    ]  # fmt: skip
    assert next(line.roles for line in listed if line.id == world.DEPUTY) == ("deputy_director",)
    assert {line.state for line in admin.staff(office)} == {"invited"}
    assert activation_codes(office) == []


# --- pairing -------------------------------------------------------------------------------------------------------


def start(
    office: Office, nonce: bytes = b"n" * 32, public: str = "", address: str = "", name: str = "Учительская"
) -> PairStarted:
    public = public or key()
    commitment = seal.pairing_commitment(nonce, bytes.fromhex(public))
    request = PairStart(workstation_name=name, public_key=public, commitment=commitment)
    return accounts.start_pairing(office.authority, request, office.ca_pem, address)


def state(office: Office, pairing: str, nonce: bytes = b"n" * 32) -> str:
    return accounts.reveal_pairing(office.authority, pairing, PairReveal(nonce=nonce.hex())).state


def test_a_pairing_is_shown_to_the_administrator_only_after_the_nonce_fits_the_commitment(office: Office) -> None:
    started = start(office)
    assert accounts.waiting_pairings(office.authority, office.ca_sha256) == []
    with pytest.raises(Malformed):
        state(office, started.pairing, b"m" * 32)
    assert accounts.waiting_pairings(office.authority, office.ca_sha256) == []
    assert state(office, started.pairing) == "waiting"
    ((row, code),) = accounts.waiting_pairings(office.authority, office.ca_sha256)
    assert admin.approve(office, code) == row.name == "Учительская"
    assert state(office, started.pairing) == "approved"


def test_a_refused_a_late_and_an_unknown_pairing_end_so(office: Office, clock: SettableClock) -> None:
    refused, late = start(office), start(office)
    assert state(office, refused.pairing) == state(office, late.pairing) == "waiting"
    admin.approve(office, refused.pairing, yes=False)
    assert state(office, refused.pairing) == "refused"
    clock.moment += timedelta(seconds=accounts.PAIRING_SECONDS + 1)
    assert state(office, late.pairing) == "expired"
    with pytest.raises(accounts.NoSuch):
        admin.approve(office, late.pairing)
    with pytest.raises(accounts.NoSuch):
        state(office, ids.new_id())


def test_whoever_heaps_pairings_up_pushes_out_their_own(office: Office, clock: SettableClock) -> None:
    honest = start(office, address="192.0.2.7")
    assert state(office, honest.pairing) == "waiting"
    slow = start(office, address="192.0.2.9")  # shows its nonce only later
    heap = [start(office, address="192.0.2.66") for _ in range(3 * accounts.OPEN_PAIRINGS)]
    late = start(office, address="192.0.2.8")
    assert {state(office, each.pairing) for each in (honest, slow, late)} == {"waiting"}
    with pytest.raises(accounts.NoSuch):
        state(office, heap[0].pairing)
    with office.authority.store.read() as tx:
        assert len(people.workstations(tx)) <= accounts.OPEN_PAIRINGS
    for pairing in heap[-5:]:  # a revealed one is pushed out after those that nobody has revealed
        state(office, pairing.pairing)
    assert len(accounts.waiting_pairings(office.authority, office.ca_sha256)) == 8
    clock.moment += timedelta(seconds=2 * accounts.PAIRING_SECONDS + 1)
    start(office)
    with office.authority.store.read() as tx:
        assert len(people.workstations(tx)) == 1  # what came to nothing is forgotten


def test_a_computers_name_cannot_play_with_the_administrators_terminal(office: Office) -> None:
    started = start(office, name="ПК\x1b[2J\n1234 5678\tУчительская" + "я" * 200)
    assert state(office, started.pairing) == "waiting"
    ((row, _),) = accounts.waiting_pairings(office.authority, office.ca_sha256)
    assert row.name.isprintable()
    assert len(row.name) == 100


@pytest.mark.parametrize("weak", ["rsa 1024", "secp224r1", "dsa"])
def test_no_certificate_is_issued_for_a_weak_or_odd_key(office: Office, weak: str) -> None:
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | dsa.DSAPrivateKey
    match weak:
        case "rsa 1024":
            private = rsa.generate_private_key(65_537, 1024)
        case "secp224r1":
            private = ec.generate_private_key(ec.SECP224R1())
        case _:
            private = dsa.generate_private_key(2048)
    certified = sign_in(office, world.TEACHER, world.invite(office, world.TEACHER), PASSWORD, key())
    with office.authority.store.read() as tx:
        desk = people.desk(tx, certified.desk)
    assert desk is not None
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "кто-то")])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(private, hashes.SHA256())
    wanted = SignerRequest(csr=csr.public_bytes(serialization.Encoding.PEM).decode())
    with pytest.raises(Malformed):
        accounts.issue_signer(office.authority, desk, wanted, office.ca, office.school_name)

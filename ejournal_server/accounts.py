"""People, workstations and desks: who may speak with the school, and how they become known."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import ClassVar

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from msgspec import Struct

from ejournal_core import ids, passwords, russian, seal
from ejournal_core.access import SERVER, holds_role, lasts
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Fields, Person, RoleGrant
from ejournal_core.wire import (
    DeskCertified,
    DeskRequest,
    Malformed,
    PairReveal,
    PairStart,
    PairStarted,
    PairState,
    PersonLine,
    SignerIssued,
    SignerRequest,
)
from ejournal_server import audit_log, own_lines, signing, tls
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.own_lines import Wish
from ejournal_server.store import log, people
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Account, Desk, Workstation

logger = logging.getLogger(__name__)

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read two ways
CODE_LENGTH = 12  # 59 bits
CODE_DAYS = 14
MEMORY_KIB = 64 * 1024
SHORTEST_PASSWORD, LONGEST_PASSWORD = passwords.SHORTEST, passwords.LONGEST
FREE_FAILURES = 3
LONGEST_LOCK = 15 * 60  # seconds
PAIRING_SECONDS = 15 * 60
OPEN_PAIRINGS = 20

HASHING_SECONDS = 20
#: One at a time: OpenSSL shares its threads among all hashes, and two at once may fail or wait for each other for ever.
_slots = threading.BoundedSemaphore(1)


class NotKnown(Trouble):
    """Password or code are wrong, or too many wrong ones came before; `details["retry_after"]` seconds to wait."""

    code: ClassVar[str] = "EJ-374"


class NoSuch(Trouble):
    """The named person, pairing or workstation does not exist."""

    code: ClassVar[str] = "EJ-376"


class TooMany(Trouble):
    """Too many people sign in at once."""

    code: ClassVar[str] = "EJ-375"


class GuessedFirst(Trouble):
    """The new password is among those that anybody would try first; nothing was changed."""

    code: ClassVar[str] = "EJ-544"


class SecondPersonNeeded(Trouble):
    """A new code for a person with a password needs a deputy or the director besides the administrator."""

    code: ClassVar[str] = "EJ-381"


class NotHandedOver(Trouble):
    """A code or key was made that nobody could be given; it does not count. `details["why"]` says what happened."""

    code: ClassVar[str] = "EJ-444"


# --- passwords -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _hashing() -> Iterator[None]:
    """Wait for a slot: a hash takes 64 MiB and half a second, and a small server must go on meanwhile."""
    if not _slots.acquire(timeout=HASHING_SECONDS):
        raise TooMany("too many people sign in at once", retry_after=HASHING_SECONDS)
    try:
        yield
    finally:
        _slots.release()


def hash_secret(secret: str) -> str:
    """Return Argon2id of a password or code (t=3, p=2, 64 MiB) as a PHC string."""
    with _hashing():
        kdf = Argon2id(salt=os.urandom(16), length=32, iterations=3, lanes=2, memory_cost=MEMORY_KIB)
        return kdf.derive_phc_encoded(secret.encode())


def is_secret(secret: str, phc: str) -> bool:
    """Say whether the secret is the hashed one. An empty hash takes the same time: names cannot be probed."""
    with _hashing():
        try:
            Argon2id.verify_phc_encoded(secret.encode(), phc or _NOBODY)
        except (InvalidKey, ValueError):
            return False
    return bool(phc)


_NOBODY = "$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def normal_code(code: str) -> str:
    """Return a code as it was made, however it was typed."""
    return code.upper().replace("-", "").replace(" ", "")


def check_secret(authority: Authority, request: DeskRequest, *, repeated: bool = False) -> None:
    """Check a person's password or activation code; with a new password either of them sets it.

    The attempt is counted before it is checked, so guesses sent at once count too.

    Args:
        repeated: this key is certified already; a code that set the password then is used up, and it counts.

    Raises:
        NotKnown: it is wrong, or the account is locked for a while.
        Malformed: the new password is too short or too long.
        GuessedFirst: it is among those that anybody tries; no attempt is counted and a code stays good.
    """
    if request.new_password:
        check_new_password(authority, request)
    now = int(authority.clock().timestamp())
    account = _count_attempt(authority, request.person, now)
    secret = request.secret[: LONGEST_PASSWORD + 1]  # a longer one is no password, and is not hashed whole
    again = by_password = False
    if request.new_password:
        valid = is_secret(normal_code(secret), account.activation) and now <= account.activation_until
        by_password = not valid and is_secret(secret, account.password)
        again = not (valid or by_password) and repeated and is_secret(request.new_password, account.password)
    else:
        valid = is_secret(secret, account.password)
    if not (valid or by_password or again) or account.state != "active":
        logger.warning("wrong password or code", extra={"person": request.person, "failures": account.failures})
        raise NotKnown("wrong password or code", retry_after=max(0, account.locked_until - now))
    fresh: dict[str, str | int] = {"failures": 0, "locked_until": 0}
    if request.new_password and not again:
        fresh |= {"password": hash_secret(request.new_password)}
    if valid and request.new_password:
        fresh |= {"activation": "", "activation_until": 0}
        fresh |= {"unconfirmed": 1} if account.password else {}  # a reset: whoever came in by it is to be confirmed
    with authority.store.write() as tx:
        standing = people.account(tx, request.person, lock=True) or account
        if _what_counts(standing) != _what_counts(account):  # used up, replaced or closed while it was being checked
            raise NotKnown("the account has changed meanwhile", retry_after=0)
        people.put_account(tx, msgspec.structs.replace(standing, **fresh))


def check_new_password(authority: Authority, request: DeskRequest) -> None:
    """See that a new password has its length and is none that anybody would try; desks have looked at it before.

    Raises:
        Malformed, GuessedFirst: as `check_secret`.
    """
    if not SHORTEST_PASSWORD <= len(request.new_password) <= LONGEST_PASSWORD:
        raise Malformed(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    with authority.store.read() as tx:
        person = Known(tx).build(Person, request.person)
    name = russian.full_name(person.last_name, person.first_name, person.patronymic) if person is not None else ""
    if passwords.guessed_first(request.new_password, name):
        raise GuessedFirst("this password is among those that are tried first")


def _what_counts(account: Account) -> tuple[str, str, str]:
    return account.state, account.password, account.activation


def _count_attempt(authority: Authority, person: str, now: int) -> Account:
    with authority.store.write() as tx:
        account = people.account(tx, person, lock=True)
        if account is None:
            return Account(person=person)
        if now < account.locked_until:
            raise NotKnown("too many wrong attempts", retry_after=account.locked_until - now)
        failures = account.failures + 1
        counted = msgspec.structs.replace(account, failures=failures, locked_until=now + lock_seconds(failures))
        people.put_account(tx, counted)
        return counted


def lock_seconds(failures: int) -> int:
    """Return how long an account is locked after so many failures in a row: 2, 4, 8 … seconds, 15 minutes at most."""
    beyond = failures - FREE_FAILURES
    return 0 if beyond <= 0 else min(LONGEST_LOCK, 2 ** min(beyond, 20))


# --- accounts ------------------------------------------------------------------------------------------------------


class Activation(Struct, frozen=True):
    """A one-time code as it is printed, which does not count before it is issued, and the account it was made for."""

    person: str
    second: str
    code: str
    account: Account
    phc: str

    def __repr__(self) -> str:
        return f"Activation({self.person})"  # a code never stands in a log or a traceback


def new_activation_code(authority: Authority, person: str, second: str = "", second_password: str = "") -> str:
    """Make a one-time code and let it count at once.

    Raises:
        NoSuch, SecondPersonNeeded, NotKnown: as `make_activation`.
        NotHandedOver: as `issue_activations`.
    """
    made = make_activation(authority, person, second, second_password)
    issue_activations(authority, [made])
    return made.code


def make_activation(authority: Authority, person: str, second: str = "", second_password: str = "") -> Activation:
    """Make a one-time code for a person's first sign-in, or for a new start when the password is forgotten.

    Nothing is kept yet: whoever prints it lets it count afterwards, so a full printer loses no code.

    Raises:
        NoSuch: there is no such person.
        SecondPersonNeeded: the person has a password, or had left, and no deputy or director confirms it.
        NotKnown: the second person's password is wrong.
    """
    with authority.store.read() as tx:
        if Known(tx).build(Person, person) is None:
            raise NoSuch("no such person")
        account = people.account(tx, person) or Account(person=person)
    if account.password or account.state != "active":
        confirm_by_second(authority, person, second, second_password)
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    printed = "-".join(code[i : i + 4] for i in range(0, CODE_LENGTH, 4))
    return Activation(person, second, printed, account, hash_secret(code))


def issue_activations(authority: Authority, made: Sequence[Activation]) -> None:
    """Let codes count from now on, all of them or none; a person's earlier code counts no longer.

    Raises:
        NotHandedOver: an account has changed since its code was made.
    """
    with authority.store.write() as tx:
        let_count(authority, tx, made)
    note_issued(made)


def let_count(authority: Authority, tx: Transaction, made: Sequence[Activation]) -> None:
    """Do what `issue_activations` does, together with what else a transaction writes.

    Raises:
        NotHandedOver: an account has changed since its code was made.
    """
    until = int(authority.clock().timestamp()) + CODE_DAYS * 86_400
    for each in made:
        standing = people.account(tx, each.person, lock=True) or Account(person=each.person)
        if (standing.state, standing.password) != (each.account.state, each.account.password):
            raise NotHandedOver("an account has changed meanwhile", why="overtaken")
        fresh = {"activation": each.phc, "activation_until": until, "state": "active"}
        people.put_account(tx, msgspec.structs.replace(standing, **fresh))


def note_issued(made: Sequence[Activation]) -> None:
    """Write into the server's own log that codes count, once they do."""
    for each in made:
        logger.info("activation code issued", extra={"person": each.person, "second": each.second})


def confirm_by_second(authority: Authority, person: str, second: str, password: str) -> None:
    """See that a deputy or the director, who is not the person concerned, confirms by a password.

    Raises:
        SecondPersonNeeded: nobody does, or it is none of them.
        NotKnown: the password is wrong, or too many wrong ones came before.
    """
    with authority.store.read() as tx:
        grants = Known(tx).family(RoleGrant, second) if second else []
    today = authority.today()
    if second in ("", person) or not holds_role(grants, {"deputy_director", "director"}, today):
        raise SecondPersonNeeded("a deputy or the director must confirm")
    confirm(authority, second, password)


def confirm(authority: Authority, second: str, password: str) -> None:
    """Check the password of a second person, with all that guards a sign-in.

    Raises:
        NotKnown: it is wrong, or too many wrong ones came before.
    """
    check_secret(authority, DeskRequest(person=second, secret=password, public_key=""))


def people_who_sign_in(authority: Authority) -> list[PersonLine]:
    """Return the people with an account, for the sign-in screen of a paired workstation, in alphabetical order."""
    today = authority.today()
    with authority.store.read() as tx:
        known = Known(tx)
        active = [account.person for account in people.accounts(tx) if account.state == "active"]
        known.prefetch("Person", active)
        known.prefetch_families("RoleGrant", active)
        found = [
            (person, known.family(RoleGrant, person.id)) for each in active if (person := known.build(Person, each))
        ]
    lines = [
        PersonLine(
            id=person.id,
            name=russian.full_name(person.last_name, person.first_name, person.patronymic),
            short_name=russian.short_name(person.last_name, person.first_name, person.patronymic),
            roles=tuple(sorted({grant.role for grant in grants if lasts(grant, today)})),
        )
        for person, grants in found
    ]
    return sorted(lines, key=lambda line: russian.sort_key(line.name))


def has_no_administrator(tx: Transaction, today: date) -> bool:
    """Say whether roles were given and nobody who can sign in is administrator today: nobody gives roles and codes."""
    held = roles_behind_open_doors(tx)
    return bool(held) and not any(each.role == "administrator" and lasts(each, today) for each in held)


def roles_behind_open_doors(tx: Transaction) -> list[RoleGrant]:
    """Return the roles of everybody whose way in was not closed."""
    closed = {account.person for account in people.accounts(tx) if account.state != "active"}
    return [each for each in Known(tx).all_of(RoleGrant) if each.person_id not in closed]


def without_roles(authority: Authority) -> frozenset[str]:
    """Return the people whose way in is open though the last of their roles has ended: they left, or need a new one."""
    today = authority.today()
    with authority.store.read() as tx:
        known = Known(tx)
        active = [account.person for account in people.accounts(tx) if account.state == "active"]
        known.prefetch_families("RoleGrant", active)
        grants = {person: known.family(RoleGrant, person) for person in active}
    return frozenset(
        person
        for person, held in grants.items()
        if held and all(each.until is not None and each.until < today for each in held)
    )


# --- desks ---------------------------------------------------------------------------------------------------------


def certify_desk(authority: Authority, workstation: str, request: DeskRequest) -> DeskCertified:
    """Certify a desk key for a person after password or activation code; its certificate is a line of the log.

    Without a public key only the password is checked: the answer then names no desk. The same key again gets the same
    desk.

    Raises:
        NotKnown: wrong password or code.
        Malformed: the key is none.
    """
    if request.public_key and len(_key(request.public_key)) != seal.KEY_BYTES:
        raise Malformed("a public key has 32 bytes")
    check_secret(authority, request, repeated=_is_certified(authority, workstation, request))
    with authority.store.write() as tx:
        person = Known(tx).build(Person, request.person)
        if person is None:
            raise NotKnown("no such person", retry_after=0)
        name = russian.full_name(person.last_name, person.first_name, person.patronymic)
        if not request.public_key:
            head = signing.current_head(tx)
            return DeskCertified(desk="", person=person.id, person_name=name, number=0, head=head)
        return _certify(authority, tx, workstation, request, name)


def _is_certified(authority: Authority, workstation: str, request: DeskRequest) -> bool:
    """Say whether this key is certified already: the answer was lost, and a used activation code works no more."""
    if not (request.new_password and request.public_key):
        return False
    with authority.store.read() as tx:
        return _desk_with_key(tx, workstation, request) is not None


def _desk_with_key(tx: Transaction, workstation: str, request: DeskRequest) -> Desk | None:
    wanted = (request.public_key, request.person, workstation)
    return next((d for d in people.desks(tx) if (d.public_key, d.person, d.workstation) == wanted), None)


def _certify(authority: Authority, tx: Transaction, workstation: str, request: DeskRequest, name: str) -> DeskCertified:
    log.read_head(tx, lock=True)  # whoever takes back trust meanwhile finds this desk there, or it is refused
    _check_still_in(tx, request.person)
    desk = _desk_with_key(tx, workstation, request)
    if desk is None:
        at = stamp(authority.clock())
        desk = Desk(id=ids.new_id(), person=request.person, workstation=workstation,
                    public_key=request.public_key, at=at)  # fmt: skip
        people.add_desk(tx, desk)
        fields = certificate_fields(desk, _place(tx, workstation), after_reset=_is_unconfirmed(tx, request.person))
        own_lines.write_own(authority, tx, [Wish("Certificate", desk.id, fields, act="issue")])
        logger.info("desk certified", extra={"desk": desk.id, "person": desk.person, "workstation": workstation})
    row = Known(tx).row("Certificate", desk.id)
    number = row.number if row else 0
    return DeskCertified(
        desk=desk.id, person=desk.person, person_name=name, number=number, head=signing.current_head(tx)
    )


def _check_still_in(tx: Transaction, person: str) -> None:
    """Refuse whose way in was closed after the password had been checked.

    Raises:
        NotKnown: it was.
    """
    account = people.account(tx, person)
    if account is None or account.state != "active":
        raise NotKnown("the way in is closed", retry_after=0)


def _place(tx: Transaction, workstation: str) -> str:
    """Return the name of a workstation that was not revoked since it was let in.

    Raises:
        NotKnown: it was.
    """
    row = people.workstation(tx, workstation)
    if row is not None and row.state == "revoked":
        raise NotKnown("the workstation is revoked", retry_after=0)
    return row.name if row else ""


def _is_unconfirmed(tx: Transaction, person: str) -> bool:
    account = people.account(tx, person)
    return account is not None and bool(account.unconfirmed)


def certificate_fields(desk: Desk, place: str = "", *, after_reset: bool = False) -> Fields:
    """Return the certificate of a desk as the log has it; `place` is the name of its workstation."""
    return {
        "subject_kind": "desk", "person_id": desk.person, "workstation": desk.workstation, "place": place,
        "public_key": desk.public_key, "algorithm": "ed25519", "issued_at": desk.at, "after_reset": after_reset,
        "confirmed": "", "trusted_n": None, "voided": False,
    }  # fmt: skip


def _key(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def issue_signer(
    authority: Authority, desk: Desk, request: SignerRequest, ca: x509.Certificate, school_name: str
) -> SignerIssued:
    """Issue a certificate for signing documents to the person of a desk; it is a line of the log.

    Raises:
        Malformed: the request is none.
        NoSuch: the person is no longer there.
    """
    with authority.store.write() as tx:
        person = Known(tx).build(Person, desk.person)
        if person is None:
            raise NoSuch("no such person")
        signer = tls.Signer(
            last_name=person.last_name, first_names=f"{person.first_name} {person.patronymic}".strip(),
            position=person.position, person=person.id,
        )  # fmt: skip
        try:
            issued = tls.issue_signer(authority.keys.ca, ca, request.csr, signer, school_name, authority.clock())
        except (ValueError, UnsupportedAlgorithm):
            raise Malformed("not a certificate request") from None
        fields: Fields = {
            "subject_kind": "signer", "person_id": person.id, "workstation": desk.workstation,
            "public_key": tls.fingerprint(issued), "algorithm": "x509-sha256", "voided": False,
        }  # fmt: skip
        own_lines.write_own(authority, tx, [Wish("Certificate", ids.new_id(), fields, act="issue")])
    logger.info("signer certified", extra={"desk": desk.id, "person": person.id, "sha256": fields["public_key"]})
    return SignerIssued(certificate=tls.to_pem(issued), chain=tls.to_pem(ca))


# --- workstations --------------------------------------------------------------------------------------------------


def start_pairing(authority: Authority, request: PairStart, ca_certificate: str, address: str = "") -> PairStarted:
    """Answer a workstation's commitment with the server's nonce and the school's authority.

    Only so many may be open at once; then the address with most of them loses its oldest, an unrevealed one first. So
    whoever heaps pairings up pushes out their own.

    Raises:
        Malformed: the key or the commitment is none.
    """
    if len(_key(request.public_key)) != seal.KEY_BYTES or len(_key(request.commitment)) != 32:
        raise Malformed("key and commitment have 32 bytes each")
    now = authority.clock()
    row = Workstation(
        id=ids.new_id(), name=_plain_name(request.workstation_name), public_key=request.public_key, state="started",
        commitment=request.commitment, server_nonce=secrets.token_hex(32),
        until=int(now.timestamp()) + PAIRING_SECONDS, at=stamp(now), address=address,
    )  # fmt: skip
    with authority.store.write() as tx:
        for gone in _to_make_room(people.workstations(tx), int(now.timestamp())):
            people.drop_workstation(tx, gone.id)
        people.put_workstation(tx, row)
    return PairStarted(pairing=row.id, nonce=row.server_nonce, ca_certificate=ca_certificate)


def _plain_name(name: str) -> str:
    """Return a computer's name as one line without signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in name)[:100]


def _to_make_room(rows: list[Workstation], now: int) -> list[Workstation]:
    """Return the pairings that came to nothing long ago, and whose place is needed for one more."""
    past = [row for row in rows if row.state in ("started", "waiting", "refused") and now > row.until + PAIRING_SECONDS]
    open_ = _open(rows, now)
    while len(open_) >= OPEN_PAIRINGS:
        counts = Counter(row.address for row in open_)
        most = max(counts.values())
        crowd = [row for row in open_ if counts[row.address] == most]
        victim = min(crowd, key=lambda row: (row.state != "started", row.id))
        open_.remove(victim)
        past.append(victim)
    return past


def _open(rows: list[Workstation], now: int) -> list[Workstation]:
    return [row for row in rows if row.state in ("started", "waiting") and now <= row.until]


def reveal_pairing(authority: Authority, pairing: str, request: PairReveal) -> PairState:
    """Take the committed nonce and say how the administrator has decided.

    Raises:
        NoSuch: no such pairing.
        Malformed: the nonce is not the committed one.
    """
    now = int(authority.clock().timestamp())
    with authority.store.write() as tx:
        row = people.workstation(tx, pairing)
        if row is None:
            raise NoSuch("no such pairing")
        nonce = _key(request.nonce)
        if seal.pairing_commitment(nonce, _key(row.public_key)) != row.commitment:
            raise Malformed("not the committed nonce")
        if row.state == "approved":
            return PairState(state="approved", workstation=row.id)
        if row.state in ("refused", "revoked"):
            return PairState(state="refused")
        if now > row.until:
            return PairState(state="expired")
        if row.state == "started":
            people.put_workstation(tx, msgspec.structs.replace(row, state="waiting", nonce=request.nonce))
        return PairState(state="waiting")


def waiting_pairings(authority: Authority, ca_sha256: str) -> list[tuple[Workstation, str]]:
    """Return the workstations that wait for the administrator, each with the code to compare with its screen."""
    now = int(authority.clock().timestamp())
    with authority.store.read() as tx:
        rows = [row for row in _open(people.workstations(tx), now) if row.state == "waiting"]
    return [
        (
            row,
            seal.pairing_code(
                authority.school, ca_sha256, _key(row.public_key), _key(row.nonce), _key(row.server_nonce)
            ),
        )
        for row in rows
    ]


def decide_pairing(authority: Authority, pairing: str, *, approve: bool, by: str = "") -> None:
    """Make a waiting workstation known, or refuse it; the log of events tells of it.

    Args:
        by: the administrator, "" at the server's own command line.

    Raises:
        NoSuch: no such pairing waits.
    """
    now = int(authority.clock().timestamp())
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        row = people.workstation(tx, pairing)
        if row is None or row.state != "waiting" or now > row.until:
            raise NoSuch("no such pairing waits")
        people.put_workstation(tx, msgspec.structs.replace(row, state="approved" if approve else "refused"))
        told = "pairing_approved" if approve else "pairing_refused"
        audit_log.tell(authority, tx, audit_log.event(told, by or SERVER, workstation=pairing))
    logger.info("pairing decided", extra={"workstation": pairing, "approved": approve})

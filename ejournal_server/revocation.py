"""Take trust back: a desk, a workstation with all its desks, a person; how a person leaves, and who keeps people then.

A revocation never touches what the log holds. It names the last counter of each desk that is still taken, writes the
end of the certificate into the log, and what arrives later waits in quarantine (`quarantine.py`) for two people.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import ids, russian, staff
from ejournal_core.access import SERVER, holds_role, lasts
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Fields, Person, RoleGrant, TeachingLoad, to_fields
from ejournal_server import accounts, audit_log, own_lines
from ejournal_server.accounts import NoSuch
from ejournal_server.authority import Authority
from ejournal_server.facts import Known
from ejournal_server.own_lines import Wish
from ejournal_server.store import log, people
from ejournal_server.store.database import Transaction
from ejournal_server.store.people import Account, Desk

logger = logging.getLogger(__name__)


class StrangeDay(Trouble):
    """The last day of somebody who leaves is of a year that can only be mistyped; `details["day"]`."""

    code: ClassVar[str] = "EJ-546"


class Revoked(Struct, frozen=True):
    """What a revocation did to one desk: its last trusted counter, and how many lines after it stand in the log."""

    desk: str
    person: str
    trusted_n: int
    suspect: int


# --- desks ---------------------------------------------------------------------------------------------------------


def revoke_desk(
    authority: Authority, desk: str, why: str, *, counter: int | None = None, number: int | None = None, by: str = ""
) -> Revoked:
    """Revoke one desk; one that is revoked already stays as it is. The log of events tells of it.

    Args:
        why: the reason, kept in the log.
        counter: the desk's last change that is trusted; later ones that the log holds already are only counted.
        number: the same said by a number of the school's log. Without either, all that has arrived is trusted.
        by: the administrator, "" at the server's own command line.

    Raises:
        NoSuch: there is no such desk, or it is the server's own.
    """
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        found = people.desk(tx, desk)
        if found is None or found.id == SERVER:
            raise NoSuch("no such desk")
        if found.state != "revoked":
            told = audit_log.event(
                "desk_revoked", found.person, by=by, workstation=found.workstation, subject_kind="Certificate",
                subject=desk, why=why,
            )  # fmt: skip
            audit_log.tell(authority, tx, told)
        done = _revoke(authority, tx, [found], why, counter, number)
        return done[0] if done else _revoked(found, found.trusted_n)


def revoke_workstation(
    authority: Authority, workstation: str, why: str, *, number: int | None = None, by: str = ""
) -> list[Revoked]:
    """Revoke a workstation, stolen with everything on it: itself and all its desks; the log of events tells of it.

    Args:
        by: the administrator, "" at the server's own command line.

    Raises:
        NoSuch: there is no such workstation.
    """
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        found = people.workstation(tx, workstation)
        if found is None:
            raise NoSuch("no such workstation")
        people.put_workstation(tx, msgspec.structs.replace(found, state="revoked"))
        logger.info("workstation revoked", extra={"workstation": workstation})
        on_it = [desk for desk in people.desks(tx) if desk.workstation == workstation]
        audit_log.tell(
            authority, tx, audit_log.event("workstation_revoked", by or SERVER, workstation=workstation, why=why)
        )
        return _revoke(authority, tx, on_it, why, None, number)


def revoke_person(authority: Authority, person: str, why: str, *, number: int | None = None) -> list[Revoked]:
    """Revoke a person everywhere: the account is closed, every desk revoked. Roles stay the administrator's affair.

    Raises:
        NoSuch: there is no such person.
    """
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        _close_account(tx, person)
        theirs = [desk for desk in people.desks(tx) if desk.person == person]
        return _revoke(authority, tx, theirs, why, None, number)


def _revoke(
    authority: Authority, tx: Transaction, desks: Sequence[Desk], why: str, counter: int | None, number: int | None
) -> list[Revoked]:
    done = []
    wishes = []
    for desk in desks:
        if desk.state == "revoked":
            continue
        trusted = desk.last_n if counter is None else counter
        if number is not None:
            trusted = log.last_counter(tx, desk.id, number)
        people.set_desk(tx, msgspec.structs.replace(desk, state="revoked", reason=why[:200], trusted_n=trusted))
        wishes.append(_end_of_certificate(tx, desk, trusted, why))
        done.append(_revoked(desk, trusted))
        logger.info("desk revoked", extra={"desk": desk.id, "trusted_n": trusted})
    if wishes:
        own_lines.write_own(authority, tx, wishes)
    return done


def _revoked(desk: Desk, trusted: int) -> Revoked:
    return Revoked(desk.id, desk.person, trusted, max(0, desk.last_n - trusted))


def _end_of_certificate(tx: Transaction, desk: Desk, trusted: int, why: str) -> Wish:
    row = Known(tx).row("Certificate", desk.id)
    ended: Fields = {"voided": True, "trusted_n": trusted}
    if row is None:  # a desk of a store that was made without its line
        return Wish("Certificate", desk.id, {**accounts.certificate_fields(desk), **ended}, act="issue", why=why)
    was = {name: row.fields.get(name) for name in ended}
    return Wish("Certificate", desk.id, ended, was, act="void", why=why)


def _close_account(tx: Transaction, person: str) -> None:
    if Known(tx).build(Person, person) is None:
        raise NoSuch("no such person")
    account = people.account(tx, person, lock=True) or Account(person=person)
    closed = msgspec.structs.replace(account, state="left", activation="", activation_until=0)
    people.put_account(tx, closed)


# --- leaving and coming again --------------------------------------------------------------------------------------


def leave(authority: Authority, person: str, last_day: date, why: str) -> int:
    """Let a person leave: roles and loads end with `last_day`, the account is closed; return how many of them ended.

    The desks may still deliver what was entered there, which the rules judge; they receive nothing more. A day to come
    is still worked: the account stays open, its roles end by themselves, and it has to be closed after that day.

    Raises:
        NoSuch: there is no such person.
        StrangeDay: nobody means that year.
        Refusal: nobody would be administrator any more; nothing was changed.
    """
    if abs(last_day.year - authority.today().year) > 1:
        raise StrangeDay("a year that nobody means", day=f"{last_day:%d.%m.%Y}")
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        ending = [each.id for each in Known(tx).family(RoleGrant, person)]
        staff.see_an_administrator_stays(accounts.roles_behind_open_doors(tx), ending, last_day)
        if last_day <= authority.today():
            close_door(tx, person)
        elif Known(tx).build(Person, person) is None:
            raise NoSuch("no such person")
        wishes = _endings(tx, person, last_day, authority.today(), why)
        if wishes:
            own_lines.write_own(authority, tx, wishes)
    logger.info("person leaves", extra={"person": person, "last_day": last_day.isoformat()})
    return len(wishes)


def appoint(authority: Authority, person: str, second: str, password: str) -> bool:
    """Make a person administrator at the server, for a school that has lost the one it had.

    Args:
        second, password: a deputy or the director who confirms it, and the password of that person.

    Returns:
        Whether the role was given; False where the person is administrator already.

    Raises:
        SecondPersonNeeded, NotKnown: nobody confirms it, or by a wrong password.
        NoSuch: there is no such person.
    """
    accounts.confirm_by_second(authority, person, second, password)
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        known, today = Known(tx), authority.today()
        if known.build(Person, person) is None:
            raise NoSuch("no such person")
        if holds_role(known.family(RoleGrant, person), {"administrator"}, today):
            return False
        given = to_fields(RoleGrant(id="", person_id=person, role="administrator", since=today))
        own_lines.write_own(authority, tx, [Wish("RoleGrant", ids.new_id(), given, why=_confirmed(known, second))])
    logger.info("administrator appointed", extra={"person": person, "second": second})
    return True


def _confirmed(known: Known, second: str) -> str:
    who = known.build(Person, second)
    assert who is not None, "somebody who confirms has signed in"
    return f"назначено на сервере; подтверждает {russian.short_name(who.last_name, who.first_name, who.patronymic)}"


def close_door(tx: Transaction, person: str) -> None:
    """Close a person's account and every desk: what was entered there may still be delivered, nothing is received.

    Raises:
        NoSuch: there is no such person.
    """
    _close_account(tx, person)
    _close_desks(tx, person)


def _close_desks(tx: Transaction, person: str) -> None:
    for desk in people.desks(tx):
        if desk.person == person and desk.state == "active":
            people.set_desk(tx, msgspec.structs.replace(desk, state="left"))


def _endings(tx: Transaction, person: str, last_day: date, today: date, why: str) -> list[Wish]:
    """Return how a person's roles and loads end with a day; those that would begin later never do."""
    known = Known(tx)
    held: list[RoleGrant | TeachingLoad] = [
        *known.family(RoleGrant, person),
        *(load for load in known.all_of(TeachingLoad) if load.person_id == person),
    ]
    lasting = [each for each in held if lasts(each, last_day) and each.until != last_day]
    to_come = [each for each in held if each.since > max(last_day, today)]
    ends = [
        Wish(
            type(each).__name__, each.id, {"until": last_day.isoformat()},
            {"until": each.until.isoformat() if each.until else None}, act="change", why=why,
        )
        for each in lasting
    ]  # fmt: skip
    never = [Wish(type(each).__name__, each.id, {"voided": True}, {"voided": False}, "void", why) for each in to_come]
    return ends + never

"""Ways in as the administrator keeps them at a desk: who signs in, codes given and entered in the ledger, doors closed.

A code leaves the server once, in the answer that asked for it. What remains of it is the hash of the account and the
line of the ledger (`CredentialIssue`), which any desk can show and nobody can take out of the log.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from ejournal_core import calendar, ids, russian
from ejournal_core.access import holds_role
from ejournal_core.errors import Trouble
from ejournal_core.handouts import CodesHandout, SlipLine
from ejournal_core.kinds import CalendarDay, Fields, Person, RoleGrant
from ejournal_core.wire import AccountLine, CodesRequest, Malformed
from ejournal_server import accounts, audit_log, own_lines, revocation
from ejournal_server.accounts import Activation, NoSuch, SecondPersonNeeded
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.folder import Office
from ejournal_server.own_lines import Wish
from ejournal_server.store import log, people
from ejournal_server.store.people import Account

logger = logging.getLogger(__name__)

MOST_CODES = 300  # of one call: each takes a quarter of a second of everybody's


class NotAdministrator(Trouble):
    """The person of the calling desk is no administrator of the school today."""

    code: ClassVar[str] = "EJ-507"


class OwnDoor(Trouble):
    """An administrator asked to close the own way in: nobody but another administrator could open it again."""

    code: ClassVar[str] = "EJ-508"


def check_administrator(authority: Authority, person: str) -> None:
    """Let through an administrator of today.

    Raises:
        NotAdministrator: the person is none.
    """
    with authority.store.read() as tx:
        grants = Known(tx).family(RoleGrant, person)
    if not holds_role(grants, {"administrator"}, authority.today()):
        raise NotAdministrator("only an administrator keeps the ways in")


# --- who signs in --------------------------------------------------------------------------------------------------


def standings(authority: Authority) -> list[AccountLine]:
    """Return how every account stands, in order of the people's ids; who has none stands nowhere."""
    now = int(authority.clock().timestamp())
    with authority.store.read() as tx:
        return [_standing(each, now) for each in people.accounts(tx)]


def _standing(account: Account, now: int) -> AccountLine:
    return AccountLine(
        person=account.person,
        state="closed" if account.state != "active" else "active" if account.password else "invited",
        code_until=_moment(account.activation_until) if account.activation else "",
        locked_until=_moment(account.locked_until) if account.locked_until > now else "",
    )


def _moment(seconds: int) -> str:
    return stamp(datetime.fromtimestamp(seconds, UTC))


# --- codes ---------------------------------------------------------------------------------------------------------


def give_codes(office: Office, administrator: str, wanted: CodesRequest) -> CodesHandout:
    """Make codes for people, enter them in the ledger, and return what slips and ledger are drawn from.

    Whoever has a password, or had left, gets one alone and with a second person: neither the one who asks nor the one
    who is to get it.

    Raises:
        Malformed: nobody is named, too many are, or a second person for several.
        NoSuch, SecondPersonNeeded, NotKnown, NotHandedOver: as `accounts.make_activation` and `issue`.
    """
    named = tuple(dict.fromkeys(wanted.people))
    if not 1 <= len(named) <= (1 if wanted.second else MOST_CODES):
        raise Malformed(f"a call names 1 to {MOST_CODES} people, and one only where somebody confirms")
    if wanted.second == administrator:
        raise SecondPersonNeeded("another person than the one who asks must confirm")
    authority = office.authority
    made = [accounts.make_activation(authority, each, wanted.second, wanted.second_password) for each in named]
    issue(authority, made, administrator)
    return codes_handout(office, made)


def issue(authority: Authority, made: Sequence[Activation], given_by: str = "") -> None:
    """Let codes count from now on and enter them in the ledger, all of them or none.

    Args:
        given_by: the administrator, "" at the server's own command line.

    Raises:
        NotHandedOver: an account has changed since its code was made.
    """
    if not made:
        return
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        accounts.let_count(authority, tx, made)
        own_lines.write_own(authority, tx, [_entry(authority, each, given_by) for each in made])
    accounts.note_issued(made)


def _entry(authority: Authority, made: Activation, given_by: str) -> Wish:
    today = authority.today()
    fields: Fields = {
        "person_id": made.person, "reason": _reason(made.account), "made_on": today.isoformat(),
        "valid_until": _last_day(authority).isoformat(), "given_by": given_by, "second_id": made.second,
        "handed_on": None,
    }  # fmt: skip
    return Wish("CredentialIssue", ids.new_id(), fields)


def _reason(before: Account) -> str:
    if before.password or before.state != "active":
        return "reset"
    return "again" if before.activation else "first"


def codes_handout(office: Office, made: Iterable[Activation]) -> CodesHandout:
    """Return what slips and ledger are drawn from, people in alphabetical order.

    Raises:
        NoSuch: one of them is no longer there.
    """
    today = office.authority.today()
    with office.authority.store.read() as tx:
        known = Known(tx)
        policy = known.policy(None)
        days = known.all_of(CalendarDay)
        slips = sorted((_slip(known, each) for each in made), key=lambda slip: russian.sort_key(slip.name))
    limit = policy.credential_issue_limit
    return CodesHandout(
        school_name=office.school_name,
        made_on=today,
        valid_until=_last_day(office.authority),
        issue_until=calendar.working_day_after(today, limit.working_days, days),
        working_days=limit.working_days,
        by_director=limit.by_director,
        clause=", ".join(policy.source("P32").clauses),
        slips=tuple(slips),
    )


def _last_day(authority: Authority) -> date:
    """Return the last whole day on which a code made today counts."""
    return authority.today() + timedelta(days=accounts.CODE_DAYS - 1)


def _slip(known: Known, made: Activation) -> SlipLine:
    person = known.build(Person, made.person)
    if person is None:
        raise NoSuch("no such person")
    name = russian.full_name(person.last_name, person.first_name, person.patronymic)
    return SlipLine(name=name, position=person.position, code=made.code)


# --- the door closed -----------------------------------------------------------------------------------------------


def close_entry(authority: Authority, administrator: str, person: str) -> None:
    """Close a person's way in everywhere; the desks may still deliver what was entered, and receive nothing more.

    It is opened again by a code that a second person confirms. Roles and loads stay as they are.

    Raises:
        OwnDoor: it is the administrator's own.
        NoSuch: there is no such person.
    """
    if person == administrator:
        raise OwnDoor("nobody closes the own way in")
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        revocation.close_door(tx, person)
        audit_log.tell(authority, tx, audit_log.event("entry_closed", person, by=administrator))
    logger.info("way in closed", extra={"person": person, "administrator": administrator})

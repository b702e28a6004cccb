"""What cannot be attributed waits here, readable: readmitted by two people, or dismissed by one and kept.

A readmitted change enters the log as a line of the server's own desk that names the original change, its author and the
two people. The same rules judge it, as if its author's desk had brought it when it arrived.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec
from msgspec import Struct

from ejournal_core import russian, wire
from ejournal_core.access import SERVER, holds_role
from ejournal_core.changes import FORMAT_VERSION, Change, Verdict
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Person, RoleGrant
from ejournal_server import accounts, moments, own_lines
from ejournal_server.accounts import SecondPersonNeeded
from ejournal_server.authority import Authority, stamp
from ejournal_server.facts import Known
from ejournal_server.ledger import Readmission
from ejournal_server.store import aside, log, people
from ejournal_server.store.aside import Quarantined
from ejournal_server.store.database import Transaction

logger = logging.getLogger(__name__)

SHORTEST_ID = 8  # characters of a thing's SHA-256 that name it


class NotHeld(Trouble):
    """Nothing in quarantine is called so, or it was decided about already."""

    code: ClassVar[str] = "EJ-395"


class NotTheAdministrator(Trouble):
    """The named person holds no administrator's role today."""

    code: ClassVar[str] = "EJ-401"


class NotReadable(Trouble):
    """A change in quarantine is of a newer format, a decision, or of nobody in this school: not readmitted as it is."""

    code: ClassVar[str] = "EJ-399"


class Decision(Struct, frozen=True):
    """Who decided about a thing in quarantine, with whom, when and why; the log's numbers by ids of the changes."""

    by: str
    second: str
    at: str
    why: str
    numbers: dict[str, int] = {}


class Thing(Struct, frozen=True):
    """One thing in quarantine as people read it: whose it claims to be, why it is held, and the changes in it."""

    sha256: str
    desk: str
    person: str
    reason: str
    at: str
    state: str
    changes: tuple[Change, ...]
    decision: Decision | None = None


# --- looking -------------------------------------------------------------------------------------------------------


def things(authority: Authority, *, decided: bool = False) -> list[Thing]:
    """Return what waits, oldest first; with `decided` also what was decided about."""
    with authority.store.read() as tx:
        held = aside.quarantined(tx)
        owners = {desk.id: desk.person for desk in people.desks(tx)}
    return [_thing(each, owners.get(each.desk, "")) for each in held if decided or each.state == "waiting"]


def thing(authority: Authority, name: str) -> Thing:
    """Return the one thing whose SHA-256 begins so.

    Raises:
        NotHeld: none does, or several.
    """
    with authority.store.read() as tx:
        held = _find(tx, name)
        owner = people.desk(tx, held.desk)
    return _thing(held, owner.person if owner else "")


def _find(tx: Transaction, name: str) -> Quarantined:
    found = [each for each in aside.quarantined(tx) if each.sha256.startswith(name)]
    if len(name) < SHORTEST_ID or len(found) != 1:
        raise NotHeld("nothing in quarantine is called so")
    return found[0]


def _thing(held: Quarantined, person: str) -> Thing:
    decision = msgspec.json.decode(held.decision, type=Decision) if held.decision else None
    return Thing(held.sha256, held.desk, person, held.reason, held.at, held.state, changes_of(held), decision)


def changes_of(held: Quarantined) -> tuple[Change, ...]:
    """Return the changes of a held thing: a whole batch after its head, or a single one."""
    lines = [held.body] if held.n else held.body.splitlines()[1:]
    return tuple(wire.decode(Change, line.encode()) for line in lines)


# --- deciding ------------------------------------------------------------------------------------------------------


def readmit(
    authority: Authority, name: str, by: str, second: str, second_password: str, why: str, only: Iterable[str] = ()
) -> dict[str, Verdict]:
    """Let held changes into the log; return their verdicts by the ids of the original changes.

    Args:
        name: the beginning of the thing's SHA-256.
        by: the administrator who does it.
        second: a deputy or the director, not the author, who confirms it by password.
        why: the reason, kept in the log.
        only: ids of the changes that are readmitted; all, when none is named. The others stay held, dismissed.

    Raises:
        NotHeld, NotReadable, SecondPersonNeeded, NotKnown: nothing is decided.
    """
    chosen = frozenset(only)
    held, changes = _readable(authority, name, chosen)
    _check_people(authority, by, second, {change.author for change in changes})
    accounts.confirm(authority, second, second_password)
    with authority.store.write() as tx:
        verdicts = _enter(authority, tx, held, changes, _words(tx, by, second, why))
        numbers = {original: verdict.number for original, verdict in verdicts.items()}
        _decide(tx, held, "readmitted", Decision(by, second, stamp(authority.clock()), why, numbers))
    logger.info("quarantine readmitted", extra={"sha256": held.sha256, "by": by, "second": second})
    return verdicts


def dismiss(authority: Authority, name: str, by: str, why: str) -> None:
    """Leave a held thing out of the log; it stays stored and may still be readmitted.

    Raises:
        NotHeld: nothing is called so, or it was decided about.
        NotTheAdministrator: `by` holds no such role.
    """
    with authority.store.write() as tx:
        if not holds_role(Known(tx).family(RoleGrant, by), {"administrator"}, authority.today()):
            raise NotTheAdministrator("only the administrator decides about quarantine")
        held = _find(tx, name)
        if held.state != "waiting":
            raise NotHeld("it was decided about already")
        _decide(tx, held, "dismissed", Decision(by, "", stamp(authority.clock()), why))
    logger.info("quarantine dismissed", extra={"sha256": held.sha256, "by": by})


def _readable(authority: Authority, name: str, chosen: frozenset[str]) -> tuple[Quarantined, Sequence[Change]]:
    with authority.store.read() as tx:
        held = _find(tx, name)
        if held.state == "readmitted":
            raise NotHeld("it was readmitted already")
        done = _readmitted(tx, held.desk)
        changes = [change for change in changes_of(held) if not chosen or change.id in chosen]
        fresh = [change for change in changes if change.id not in done]
        known = Known(tx)
        strangers = [change for change in fresh if known.build(Person, change.author) is None]
    if not fresh or not chosen <= {change.id for change in changes}:
        raise NotHeld("no such change is held there, or it was readmitted already")
    if strangers or any(change.min > FORMAT_VERSION or change.about for change in fresh):
        raise NotReadable("a newer format, a decision, or an author who is nobody here", changes=len(fresh))
    return held, fresh


def _readmitted(tx: Transaction, desk: str) -> set[str]:
    """Return the ids of this desk's changes that were readmitted: the same change may be held in several batches."""
    decided = [held.decision for held in aside.quarantined(tx) if held.desk == desk and held.state == "readmitted"]
    return {original for text in decided for original in msgspec.json.decode(text, type=Decision).numbers}


def _check_people(authority: Authority, by: str, second: str, authors: set[str]) -> None:
    today = authority.today()
    with authority.store.read() as tx:
        known = Known(tx)
        administers = holds_role(known.family(RoleGrant, by), {"administrator"}, today)
        oversees = holds_role(known.family(RoleGrant, second), {"deputy_director", "director"}, today)
    if not administers or not oversees or second in {by, *authors}:
        raise SecondPersonNeeded("an administrator and a deputy or the director must decide together")


def _enter(
    authority: Authority, tx: Transaction, held: Quarantined, changes: Sequence[Change], words: str
) -> dict[str, Verdict]:
    arrived = datetime.fromisoformat(held.at)
    seen = _seen(tx, held.desk, arrived)
    readmissions = []
    for change in changes:  # a desk does not forget: what one of them has named, the later ones knew
        seen = _later(seen, log.tree_head(tx, change.head))
        readmissions.append(Readmission(change, seen, arrived, words))
    entered = own_lines.readmit(authority, tx, readmissions)
    return {change.id: verdict for change, verdict in zip(changes, entered.verdicts, strict=True)}


def _seen(tx: Transaction, desk: str, arrived: datetime) -> tuple[int, datetime]:
    """Return what the desk is known to have held, and since when; of a stranger's only that it came."""
    owner = people.desk(tx, desk)
    return moments.known_before(tx, desk) if owner and owner.id != SERVER else (0, arrived)


def _later(seen: tuple[int, datetime], named: tuple[int, str] | None) -> tuple[int, datetime]:
    if named is None:  # an unknown head proves nothing
        return seen
    return max(seen[0], named[0]), max(seen[1], datetime.fromisoformat(named[1]))


def _decide(tx: Transaction, held: Quarantined, state: str, decision: Decision) -> None:
    aside.decide_quarantined(tx, held.sha256, state, msgspec.json.encode(decision).decode())


def _words(tx: Transaction, by: str, second: str, why: str) -> str:
    known = Known(tx)
    named = [f"{_short_name(known, each)} [{each}]" for each in (by, second)]
    return f"Принято из отложенного: {', '.join(named)}. {why}".strip()


def _short_name(known: Known, person_id: str) -> str:
    person = known.build(Person, person_id)
    return russian.short_name(person.last_name, person.first_name, person.patronymic) if person else ""

"""Рабочие места as the administrator keeps them from a desk: who asks to be let in, who is there, who is shut out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from ejournal_core import russian
from ejournal_core.errors import Trouble
from ejournal_core.wire import DeskLine, Malformed, WorkstationLine, WorkstationOrder
from ejournal_server import accounts, audit_log, revocation
from ejournal_server.accounts import NoSuch
from ejournal_server.authority import Authority, stamp
from ejournal_server.store import contacts, log, people
from ejournal_server.store.people import Desk, Workstation

LONGEST_NAME = 100  # characters of a workstation's name, as it is kept at pairing
LONGEST_REASON = 200


class NotThePairing(Trouble):
    """No workstation waits with the code that was compared: it was decided, has expired, or is another one."""

    code: ClassVar[str] = "EJ-528"


class OwnWorkstation(Trouble):
    """An administrator asked to revoke the very workstation or desk that asks: nobody there could undo it."""

    code: ClassVar[str] = "EJ-529"


def workstations(authority: Authority, ca_sha256: str) -> list[WorkstationLine]:
    """Return those that wait, with their codes, then those that were ever let in, each with its desks, by name."""
    waiting = accounts.waiting_pairings(authority, ca_sha256)
    with authority.store.read() as tx:
        heard = contacts.contacts(tx)
        known = [row for row in people.workstations(tx) if row.state in ("approved", "revoked")]
        desks: dict[str, list[Desk]] = defaultdict(list)
        for desk in people.desks(tx):
            desks[desk.workstation].append(desk)
    known.sort(key=lambda row: (russian.sort_key(row.name), row.id))
    return [
        *(_line(row, code=code, until=stamp(datetime.fromtimestamp(row.until, UTC))) for row, code in waiting),
        *(_line(row, desks=tuple(_desk(each, heard) for each in desks[row.id])) for row in known),
    ]


def _line(row: Workstation, *, code: str = "", until: str = "", desks: tuple[DeskLine, ...] = ()) -> WorkstationLine:
    return WorkstationLine(
        id=row.id, name=row.name, state=row.state, code=code, at=row.at, until=until, address=row.address, desks=desks
    )


def _desk(desk: Desk, heard: dict[str, contacts.Contact]) -> DeskLine:
    last = heard.get(desk.id)
    return DeskLine(
        desk=desk.id, person=desk.person, state=desk.state, at=desk.at,
        heard=last.at if last else "", version=last.version if last else "",
    )  # fmt: skip


def obey(authority: Authority, ca_sha256: str, administrator: Desk, order: WorkstationOrder) -> None:
    """Do what an administrator orders from a desk; the log of events tells who did it.

    Raises:
        NotThePairing: no workstation waits with that code.
        OwnWorkstation: it would shut out the desk that asks.
        NoSuch: there is no such workstation, or no such desk on it.
        Malformed: a name or reason is missing or too long.
    """
    match order.act:
        case "approve" | "refuse":
            _decide(authority, ca_sha256, administrator, order)
        case "rename":
            _rename(authority, administrator, order)
        case "revoke" | "revoke_desk":
            _revoke(authority, administrator, order)


def _decide(authority: Authority, ca_sha256: str, administrator: Desk, order: WorkstationOrder) -> None:
    waiting = {row.id: code for row, code in accounts.waiting_pairings(authority, ca_sha256)}
    if waiting.get(order.workstation) != order.code:
        raise NotThePairing("no workstation waits with this code")
    try:
        accounts.decide_pairing(authority, order.workstation, approve=order.act == "approve", by=administrator.person)
    except NoSuch:  # decided, or too late, in between
        raise NotThePairing("no workstation waits with this code") from None


def _rename(authority: Authority, administrator: Desk, order: WorkstationOrder) -> None:
    name = _words(order.name, LONGEST_NAME)
    with authority.store.write() as tx:
        log.read_head(tx, lock=True)
        row = people.workstation(tx, order.workstation)
        if row is None or row.state != "approved":
            raise NoSuch("no such workstation")
        people.put_workstation(tx, msgspec.structs.replace(row, name=name))
        told = audit_log.event("workstation_renamed", administrator.person, workstation=row.id)
        audit_log.tell(authority, tx, told)


def _revoke(authority: Authority, administrator: Desk, order: WorkstationOrder) -> None:
    why, by = _words(order.why, LONGEST_REASON), administrator.person
    if order.act == "revoke":
        if order.workstation == administrator.workstation:
            raise OwnWorkstation("this workstation asks itself")
        revocation.revoke_workstation(authority, order.workstation, why, by=by)
        return
    if order.desk == administrator.id:
        raise OwnWorkstation("this desk asks itself")
    with authority.store.read() as tx:
        desk = people.desk(tx, order.desk)
    if desk is None or desk.workstation != order.workstation:
        raise NoSuch("no such desk there")
    revocation.revoke_desk(authority, order.desk, why, by=by)


def _words(text: str, longest: int) -> str:
    said = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not said or len(said) > longest:
        raise Malformed(f"1 to {longest} characters are wanted")
    return said

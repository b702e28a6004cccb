"""Журнал событий, the server's part: what it did by order, as lines of its own in the school's log."""

from __future__ import annotations

from ejournal_core import audit_log, ids
from ejournal_core.access import SERVER
from ejournal_core.errors import Bug
from ejournal_core.kinds import AuditEvent, EventResult, to_fields
from ejournal_server import own_lines
from ejournal_server.authority import Authority
from ejournal_server.own_lines import Wish
from ejournal_server.store.database import Transaction


def event(
    what: str,
    person: str = SERVER,
    *,
    by: str = "",
    workstation: str = "",
    subject_kind: str = "",
    subject: str = "",
    result: EventResult = "done",
    number: int = 0,
    detail: str = "",
    why: str = "",
) -> Wish:
    """Return the line that tells of an event; whoever writes own lines anyway writes it with them.

    Args:
        what: one of `audit_log.SERVER_EVENTS`.
        person: whom it is about: it is theirs to see. Nobody by default: then administrators and the director see it.
        by: the person who ordered it, "" at the server's own command line.
        why: the reason as it was typed; the other texts are ids and codes.

    Raises:
        Bug: no such event is the server's to tell, or a text is no code.
    """
    told = AuditEvent(
        id=ids.new_id(), person_id=person, event=what, by=by, workstation=workstation, subject_kind=subject_kind,
        subject=subject, result=result, number=number, detail=detail,
    )  # fmt: skip
    if what not in audit_log.SERVER_EVENTS or not audit_log.is_plain(told):
        raise Bug(f"the server does not tell of {what} so")
    return Wish("AuditEvent", told.id, to_fields(told), why=why)


def tell(authority: Authority, tx: Transaction, *events: Wish) -> None:
    """Write events of `event` in this transaction: what was done and the word about it stand or fall together."""
    own_lines.write_own(authority, tx, events)

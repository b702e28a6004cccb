"""Put away what a person has been told."""

from __future__ import annotations

from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.alerts import PUT_AWAY, UNUSUAL

#: Of older ones nobody is told again: they are past the days of `queries.news`.
REMEMBERED = 500


def put_away(journal: Journal, notice_id: str) -> None:
    """Убрать известие из списка: человек его видел; само событие остаётся в истории.

    That something unusual was looked at is told the log of events: this person's other desks go by it.
    """
    seen = journal.state().seen
    if notice_id not in seen:
        journal.note(seen=(*seen, notice_id)[-REMEMBERED:])
        if notice_id.startswith(UNUSUAL):
            tell_event(journal, PUT_AWAY, subject=notice_id)

"""Put away what a person has been told."""

from __future__ import annotations

from ejournal_desktop.models.journal import Journal

#: Of older ones nobody is told again: they are past the days of `queries.news`.
REMEMBERED = 500


def put_away(journal: Journal, notice_id: str) -> None:
    """Убрать известие из списка: человек его видел; само событие остаётся в истории."""
    seen = journal.state().seen
    if notice_id not in seen:
        journal.note(seen=(*seen, notice_id)[-REMEMBERED:])

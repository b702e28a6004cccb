"""The kinds of work that a mark column may be of."""

from __future__ import annotations

from ejournal_core.kinds import WorkKind
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal


def work_kinds(journal: Journal) -> tuple[WorkKind, ...]:
    """Return the school's kinds of work in their order."""
    with journal.reading() as connection:
        kinds = select_records(connection, WorkKind)
    return tuple(sorted(kinds, key=lambda kind: (kind.position, kind.title)))

"""The paper behind a pupil's time in the special medical group of a page."""

from __future__ import annotations

from ejournal_core import ids
from ejournal_core.kinds import SpecialGroup
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal


def special_basis(journal: Journal, journal_page_id: str, pupil_id: str) -> str:
    """Return by what paper the pupil is in the group, "" where nothing was entered."""
    with journal.reading() as connection:
        found = select_records(connection, SpecialGroup, id=ids.special_group(journal_page_id, pupil_id))
    return found[0].basis if found else ""

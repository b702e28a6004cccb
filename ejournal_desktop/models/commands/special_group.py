"""Who is marked on theory in physical education: the special medical group of one page."""

from __future__ import annotations

from datetime import date

from ejournal_core import ids
from ejournal_core.kinds import SpecialGroup
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def set_special_group(
    journal: Journal, journal_page_id: str, pupil_id: str, since: date | None, until: date | None = None,
    basis: str = "",
) -> ChangeSet:  # fmt: skip
    """Внести ученика в специальную медицинскую группу на этой странице или, без первого дня, вывести из неё.

    Args:
        since, until: both inclusive; without `until` the group lasts.
        basis: the certificate or order.

    Raises:
        Refusal: somebody else enters it (EJ-281), or a rule says no; nothing was changed.
    """
    with journal.write() as write:
        write.edit(
            SpecialGroup, ids.special_group(journal_page_id, pupil_id), journal_page_id=journal_page_id,
            pupil_id=pupil_id, since=since, until=until, basis=basis.strip(),
        )  # fmt: skip
    return write.changes

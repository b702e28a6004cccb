"""Answer «это вы?» about a new workplace."""

from __future__ import annotations

from ejournal_core.kinds import Certificate
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def answer_for_workplace(journal: Journal, desk_id: str, *, is_mine: bool) -> ChangeSet:
    """Ответить за новое рабочее место: да, это я, или нет, это чужой.

    "No" freezes that desk at the server: what it brings waits for two people, nothing is lost.

    Raises:
        Refusal: this desk is itself in doubt, or the other is somebody else's.
    """
    with journal.write() as write:
        write.edit(Certificate, desk_id, confirmed="yes" if is_mine else "no")
    return write.changes

"""Enter the bells of one day."""

from __future__ import annotations

from datetime import date

from ejournal_core import ids
from ejournal_core.bells import Times
from ejournal_core.kinds import BellSlot
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal


def ring(journal: Journal, day: date, times: Times) -> ChangeSet:
    """Записать звонки одного дня: он звонит только по ним, все сроки дня считаются от них.

    A day that shall ring as any other gets the ordinary times: what was entered for it once is never struck out, since
    the same lesson of the same day could not be entered again.

    Raises:
        Refusal: another person's right (EJ-213), or a lesson that ends before it begins (EJ-285); nothing was changed.
    """
    with journal.write() as write:
        for number, (starts_at, ends_at) in times.items():
            write.edit(BellSlot, ids.bell_of_day(day, number), weekday=0, lesson_number=number, starts_at=starts_at,
                       ends_at=ends_at, day=day)  # fmt: skip
    return write.changes

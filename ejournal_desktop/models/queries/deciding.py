"""How much waits for this person's decision: a line of Сегодня that leads to Контроль."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.acts import acts_shown
from ejournal_desktop.models.queries.plans_to_approve import plans_given_in
from ejournal_desktop.models.queries.requests import decides_about_others, open_disputes, waiting_decisions


class Deciding(Struct, frozen=True):
    """Requests of others, disputes of others, acts of destruction, КТП given in; since when the oldest of them waits.

    Own disputes are not among them: Сегодня lists them itself.
    """

    requests: int = 0
    disputes: int = 0
    acts: int = 0
    oldest: datetime | None = None
    plans: int = 0

    @property
    def number(self) -> int:
        """All together."""
        return self.requests + self.disputes + self.acts + self.plans


def deciding(journal: Journal) -> Deciding:
    """Return how much waits for this person."""
    plans = plans_given_in(journal)
    since = [plan.at for plan in plans if plan.at is not None]
    if not decides_about_others(journal):
        return Deciding(oldest=min(since, default=None), plans=len(plans))
    requests = waiting_decisions(journal)
    disputes = [row for row in open_disputes(journal) if not row.mine]
    acts = [row for row in acts_shown(journal) if row.may_confirm]
    since += [row.entered_at for row in requests] + [row.wanted_at for row in disputes if row.wanted_at is not None]
    return Deciding(len(requests), len(disputes), len(acts), min(since, default=None), len(plans))

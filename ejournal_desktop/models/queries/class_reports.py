"""The preliminary report of a class (P24): when the class teacher gives it to the deputy, and whom it names."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.class_results import chosen_period, results_of
from ejournal_desktop.models.queries.my_class import ClassRef, classes_seen
from ejournal_desktop.models.queries.surroundings import Surroundings

#: So long before its day the report stands among what is due: our choice, the clause names the day only.
AHEAD = timedelta(days=7)


class ReportDue(Struct, frozen=True):
    """A report that is due on a day; `pupils`: names of whom it will speak, as things stand."""

    group: ClassRef
    period_kind: PeriodKind
    period_number: int
    period: str
    due_on: date
    pupils: tuple[str, ...]


def reports_due(journal: Journal) -> tuple[ReportDue, ...]:
    """Return the reports of this person's own classes that are due within a week, their day included."""
    own = [group for group in classes_seen(journal) if group.mine]
    policy = journal.policy()
    lead = timedelta(days=policy.preliminary_report_lead)
    found = []
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        for group in own:
            choice, period = chosen_period(around, group.id, None, 1)
            day = period.ends_on - lead if period is not None and choice.running else None
            if day is None or not day - AHEAD <= around.day <= day:
                continue
            results = results_of(around, policy, group.id)
            if not results.markless:
                names = tuple(row.pupil.name for row in results.at_risk)
                found.append(ReportDue(group, choice.kind, choice.number, choice.title, day, names))
    return tuple(found)

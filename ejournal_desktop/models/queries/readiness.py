"""Who has stated that the period marks of a page are complete."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core.kinds import PeriodKind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PageRef
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import TABLES

#: Kinds of periods that every page has once a year besides its quarters or half-years.
YEARLY: tuple[PeriodKind, ...] = ("year", "exam", "final")


class Statement(Struct, frozen=True):
    """What stands of a page, and by whom («Иванова М. П.»); when the results of its examination were received."""

    complete: bool = False
    by: str = ""
    received_on: date | None = None
    received_at: str = ""


NEVER = Statement()


class PageReadiness(Struct, frozen=True):
    """Where a page stands in a period, for whoever oversees it."""

    page: PageRef
    complete: bool
    stated_by: str


def statements(around: Surroundings, kind: PeriodKind, number: int, page_id: str | None = None) -> dict[str, Statement]:
    """Return what was stated of a period by page id: of one page, or of all on this disk."""
    rows = around.connection.execute(_STATED, {"kind": kind, "number": number, "page": page_id})
    return {row.journal_page_id: _statement(around, row) for row in rows}


def _statement(around: Surroundings, row: Any) -> Statement:
    received = date.fromisoformat(row.received_on) if row.received_on else None
    return Statement(row.complete, around.short_name(row.author), received, row.received_at)


def readiness(journal: Journal, kind: PeriodKind, number: int, today: date | None = None) -> tuple[PageReadiness, ...]:
    """Return which pages that this person sees are complete in a period, those that are not first.

    Pages of classes with another system of periods are left out, and so are pages where no marks are given.
    """
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, today or journal.clock().date())
        stated = statements(around, kind, number)
        rows = []
        for page in sorted(around.pages.values(), key=lambda page: around.page_order(page.id)):
            group = around.class_groups.get(page.class_group_id)
            fits = group is not None and kind in (*YEARLY, group.period_scheme)
            if not fits or group is None or group.grade_level in policy.markless_grades or not around.may_see(page):
                continue
            subject = around.subjects.get(page.subject_id)
            if policy.no_attestation and subject is not None and not subject.attested:
                continue
            found = stated.get(page.id, NEVER)
            rows.append(PageReadiness(around.page_ref(page), found.complete, found.by))
    return tuple(sorted(rows, key=lambda row: row.complete))


_TABLE = TABLES["PageCompletion"]
_STATED = sa.select(
    _TABLE.c.journal_page_id, _TABLE.c.complete, _TABLE.c.author, _TABLE.c.received_on, _TABLE.c.received_at
).where(
    _TABLE.c.voided.is_(False),
    _TABLE.c.period_kind == sa.bindparam("kind"),
    _TABLE.c.period_number == sa.bindparam("number"),
    sa.or_(sa.bindparam("page", type_=sa.Text).is_(None), _TABLE.c.journal_page_id == sa.bindparam("page")),
)

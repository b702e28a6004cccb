"""Praise, remarks and addresses about pupils: of one lesson's cell, and of one pupil on a page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.kinds import RemarkKind
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import Delivery
from ejournal_desktop.models.queries.cells import Ways, rows_of_page
from ejournal_desktop.models.queries.surroundings import Surroundings


class RemarkRow(Struct, frozen=True, kw_only=True):
    """One remark as a list shows it; `mine` says that this person wrote it, `reason` why it is not official."""

    id: str
    lesson_id: str
    held_on: date
    lesson_number: int
    kind: RemarkKind
    text: str
    author: str
    entered_at: datetime | None
    mine: bool
    delivery: Delivery = "delivered"
    reason: str = ""


def pupil_remarks(journal: Journal, journal_page_id: str, pupil_id: str) -> tuple[RemarkRow, ...]:
    """Return what stands about a pupil on a page, the newest lesson first."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        ways = Ways(connection, journal_page_id)
        rows = [
            _row(around, ways, row)
            for row in rows_of_page(connection, "PupilRemark", journal_page_id)
            if row.pupil_id == pupil_id
        ]
    return tuple(sorted(rows, key=lambda row: (row.held_on, row.lesson_number, row.id), reverse=True))


def _row(around: Surroundings, ways: Ways, row: Any) -> RemarkRow:
    _page, day, number = ids.lesson_parts(row.lesson_id)
    way = ways.of("PupilRemark", row.id)
    return RemarkRow(
        id=row.id, lesson_id=row.lesson_id, held_on=day, lesson_number=number, kind=row.remark_kind, text=row.text,
        author=around.short_name(row.author), mine=row.author == around.person_id, delivery=way.delivery,
        entered_at=datetime.fromisoformat(row.entered_at) if row.entered_at else None, reason=way.sentence,
    )  # fmt: skip

"""The log of events outside the program: a table for office programs, or a paper with a code to check it by."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.act_lines import act_people
from ejournal_desktop.models.queries.audit_log import EventRow
from ejournal_desktop.models.queries.audit_words import MATTERS
from ejournal_desktop.models.queries.drives import school_name
from ejournal_desktop.ui.words import tr

HEADS = ("Когда", "№ записи", "Кто", "О чём", "Что", "Где", "Причина")


def moment_of(at: datetime) -> str:
    """Return «15.09.2026 10:42»."""
    return f"{at:%d.%m.%Y %H:%M}"


def events_csv(rows: Sequence[EventRow]) -> bytes:
    """Return a table that office programs of this country open by a double click; no cell passes for a formula."""
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerow(tr(head) for head in HEADS)
    for row in rows:
        cells = (
            moment_of(row.at),
            str(row.number or ""),
            row.who,
            tr(MATTERS[row.matter]),
            row.what,
            row.place,
            row.why,
        )
        lines.writerow(_plain(cell) for cell in cells)
    return text.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    one_line = " ".join(text.split())
    return f"'{one_line}" if one_line[:1] in ("=", "+", "-", "@") else one_line


def events_pdf(journal: Journal, rows: Sequence[EventRow], chosen: str) -> bytes:
    """Return the extract as PDF/A; the libraries of paper load now.

    Args:
        chosen: what was chosen, in words: whose events, of which days.
    """
    from ejournal_desktop.documents.forms.event_list import EventList, build_event_list

    lines = tuple((moment_of(row.at), str(row.number or "—"), row.who, row.what, row.place, row.why) for row in rows)
    position, name = act_people(journal).people.get(journal.identity.person_id, ("", ""))
    data = EventList(school_name=school_name(journal), made_on=journal.clock().date(), made_by_position=position,
                     made_by=name or journal.identity.person_name, chosen=chosen, lines=lines)  # fmt: skip
    return build_event_list(data).pdf

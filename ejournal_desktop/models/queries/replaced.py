"""What others have changed of a person's own of late: values on one's pages, files one attached, rows one wrote in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from ejournal_core import ids
from ejournal_core.changes import Change, entered_by
from ejournal_desktop.models.among import each_of
from ejournal_desktop.models.queries.others import KIND, lines_of_others, taken_from_others
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import page_of
from ejournal_desktop.models.tables import history


def replaced_by_others(around: Surroundings, since: datetime) -> list[tuple[Change, str]]:
    """Return the accepted changes by which somebody else replaced what was this person's, newest first.

    Args:
        since: by the server's time; the clock of whoever changed it says nothing.

    Returns:
        Each with the server's time (RFC 3339).
    """
    own = [page.id for page in around.pages.values() if around.page_ref(page).mine]
    found = lines_of_others(around.connection, _LINES, around.person_id, since, pages=own)
    return [(change, at) for change, at in found if _concerns(around, change)]


def _concerns(around: Surroundings, change: Change) -> bool:
    if change.kind == "PlannedLesson":
        return _removes_what_it_had_not_seen(around, change)
    return (_takes_own_file if change.kind == "HomeworkFile" else _replaces_on_own_page)(around, change)


def _takes_own_file(around: Surroundings, change: Change) -> bool:
    """Say whether somebody else took away a file that this person had attached, on whoever's page."""
    taken = change.set.get("voided") is True and entered_by(change) != around.person_id
    birth = {"record": change.record, "person": around.person_id}
    return taken and around.connection.execute(_ATTACHED, birth).first() is not None


def _removes_what_it_had_not_seen(around: Surroundings, change: Change) -> bool:
    """Say whether somebody removed a row of a plan who had not seen yet what this person had written in it."""
    asked = {"record": change.record, "person": around.person_id, "change": change.id}
    return change.set.get("voided") is True and around.connection.execute(_CROSSED, asked).first() is not None


def _replaces_on_own_page(around: Surroundings, change: Change) -> bool:
    """Say whether a value that stood on a page of this person became another by somebody else's hand."""
    page = page_of(around, change.kind, change.record)
    replaced = any(value not in (None, "") and change.set.get(name) != value for name, value in change.was.items())
    return page is not None and page.mine and replaced and entered_by(change) != around.person_id


_OWN = each_of("pages")
_ON_OWN_PAGE = sa.exists().where(
    history.c.record > _OWN.c.value.concat(ids.SEPARATOR),
    history.c.record < _OWN.c.value.concat(chr(ord(ids.SEPARATOR) + 1)),
)
_LINES = taken_from_others(
    KIND.in_(("HomeworkFile", "PlannedLesson")) | (KIND.in_(("Mark", "PeriodMark", "Lesson")) & _ON_OWN_PAGE)
)
_ATTACHED = (
    sa.select(history.c.seq)
    .where(
        history.c.kind == "HomeworkFile",
        history.c.record == sa.bindparam("record"),
        history.c.author == sa.bindparam("person"),
    )
    .limit(1)
)
#: A removal that met a row which others had moved meanwhile was merged, not taken.
_REMOVED = sa.select(history.c.log_number).where(
    history.c.change_id == sa.bindparam("change"), history.c.outcome == "merged"
)
_CROSSED = (
    sa.select(history.c.seq)
    .where(
        history.c.kind == "PlannedLesson",
        history.c.record == sa.bindparam("record"),
        history.c.author == sa.bindparam("person"),
        history.c.log_number < _REMOVED.scalar_subquery(),
    )
    .limit(1)
)

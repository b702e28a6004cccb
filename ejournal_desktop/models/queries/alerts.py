"""What is unusual about marks: many corrected by one person on one day, or entered in the night.

A person's work at ordinary hours, and what its author corrects while it is still typing (P61), is never told. Nor is
what a second person has looked at already: an approved request, a dispute that was decided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, cases, wire
from ejournal_core.access import OVERSEERS
from ejournal_core.changes import Change
from ejournal_core.kinds import AuditEvent, Certificate, JournalPage
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.entry_grace import MARKS, EntryGrace
from ejournal_desktop.models.queries.others import KIND
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import cell_of
from ejournal_desktop.models.records import ACCEPTED
from ejournal_desktop.models.tables import history

#: Nobody is alarmed by work in the evening: the night of the Labour Code (art. 96), local time of the school.
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)

#: So many marks of one person corrected on one day are many. Our own choice: of a class of 25 that is nearly every
#: second one, and a lesson brings fewer new ones; the known case had 51 (docs/decisions/0138).
MANY = 10

#: Of older ones nobody is told; they stay in the histories.
FRESH = timedelta(days=14)


#: How the ids of what is unusual begin, and the event by which its reader's other desks know that it was put away.
UNUSUAL, PUT_AWAY = "unusual ", "unusual_put_away"


class Unusual(Struct, frozen=True, kw_only=True):
    """One person's unusual work on one page on one day.

    Attributes:
        id: stable until more of it becomes known; what `put_away` takes.
        at: of the last entry, in the school's zone.
        who, where: short name; title of the page.
        corrected: marks changed after the grace where the person changed `MANY` that day, else 0.
        that_day: the same on all pages.
        by_night: marks entered or changed between `NIGHT_BEGINS` and `NIGHT_ENDS`.
        places: names of the workstations, as far as known.
        cell: page id, column key and pupil id of the last one.
        lesson_id: of the last one, "" for a mark for a period.
    """

    id: str
    at: datetime
    who: str
    where: str
    corrected: int = 0
    that_day: int = 0
    by_night: int = 0
    places: tuple[str, ...] = ()
    cell: tuple[str, str, str] | None = None
    lesson_id: str = ""


def unusual_in_school(journal: Journal) -> tuple[Unusual, ...]:
    """Return what others did of late that this person, a deputy or director, has not put away, newest first.

    It reads two weeks of a whole school: off the window's thread. Of one person, page and day there is one.
    """
    own = journal.identity.person_id
    with journal.reading() as connection:
        seen = put_away_by(connection, own).union(journal.state().seen)
        around = Surroundings(connection, own, journal.clock().date())
        found = _unusual(journal, around, history.c.author != own)
        return tuple(each for each, page in found if each.id not in seen and _oversees(around, page))


def put_away_by(connection: sa.Connection, person: str) -> frozenset[str]:
    """Return the ids of what this person has put away at any desk."""
    found = select_records(connection, AuditEvent, person_id=person, event=PUT_AWAY)
    return frozenset(each.subject for each in found if not each.voided)


def unusual_in_own_name(journal: Journal, around: Surroundings) -> list[Unusual]:
    """Return what was done under this person's name at other desks; what was done at this one they know."""
    own = journal.identity
    desks = [each.id for each in select_records(around.connection, Certificate, person_id=own.person_id)
             if each.subject_kind == "desk" and each.id != own.desk_id]  # fmt: skip
    elsewhere = sa.and_(history.c.author == own.person_id, history.c.desk.in_(desks))
    return [each for each, _page in _unusual(journal, around, elsewhere)] if desks else []


def _oversees(around: Surroundings, page: JournalPage) -> bool:
    return access.holds_role(around.grants, OVERSEERS, around.day, page.class_group_id)


def _unusual(
    journal: Journal, around: Surroundings, whose: sa.ColumnElement[bool]
) -> list[tuple[Unusual, JournalPage]]:
    now = journal.clock()
    grace = EntryGrace(around, journal.policy(), now.tzinfo)
    days: dict[tuple[str, date], dict[str, _Work]] = defaultdict(dict)
    for change in _lines(around.connection, now, whose):
        page_id = cases.page_of(change.kind, change.record)
        if page_id in around.pages and not (_corrects(change) and grace.covers(change)):
            at = datetime.fromisoformat(change.at).astimezone(now.tzinfo)
            days[change.author, at.date()].setdefault(page_id, _Work()).take(change, at)
    places = {each.id: each.place for each in select_records(around.connection, Certificate)}
    found = [told for pages in days.values() for told in _told(around, pages, places)]
    return sorted(found, key=lambda pair: pair[0].at, reverse=True)


def _lines(connection: sa.Connection, now: datetime, whose: sa.ColumnElement[bool]) -> Iterator[Change]:
    offset = now.utcoffset()
    assert offset is not None, "the desk's clock is aware"
    asked = {"since": f"{(now - FRESH).astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
             "zone": f"{round(offset.total_seconds()):+d} seconds"}  # fmt: skip
    for body in connection.execute(_LINES.where(whose), asked).scalars():
        change = wire.decode(Change, body.encode())
        if "value" in change.set and not change.requester and change.act != "resolve":
            yield change


def _corrects(change: Change) -> bool:
    old = change.was.get("value")
    return old is not None and old != change.set["value"]


class _Work:
    """What one person did on one page on one day."""

    def __init__(self) -> None:
        self.corrected: set[str] = set()
        self.by_night: set[str] = set()
        self.desks: set[str] = set()
        self.last: tuple[datetime, Change] | None = None

    def take(self, change: Change, at: datetime) -> None:
        """Count a change; at the same moment the later line of the log is the last."""
        if _corrects(change):
            self.corrected.add(change.record)
        if at.time() >= NIGHT_BEGINS or at.time() < NIGHT_ENDS:
            self.by_night.add(change.record)
        self.desks.add(change.desk)
        if self.last is None or self.last[0] <= at:
            self.last = at, change


def _told(
    around: Surroundings, pages: dict[str, _Work], places: dict[str, str]
) -> Iterator[tuple[Unusual, JournalPage]]:
    that_day = sum(len(work.corrected) for work in pages.values())
    for page_id, work in pages.items():
        corrected = len(work.corrected) if that_day >= MANY else 0
        if work.last is None or not (corrected or work.by_night):
            continue
        at, last = work.last
        yield Unusual(
            id=f"{UNUSUAL}{last.id} {corrected} {len(work.by_night)}", at=at, who=around.short_name(last.author),
            where=around.page_ref(around.pages[page_id]).title, corrected=corrected,
            that_day=that_day if corrected else 0, by_night=len(work.by_night),
            places=_names(places, work.desks), cell=cell_of(last.kind, last.record),
            lesson_id=cases.lesson_id_of(last.kind, last.record) or "",
        ), around.pages[page_id]  # fmt: skip


def _names(places: dict[str, str], desks: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({places.get(desk, "") for desk in desks} - {""}))


#: Local time of day of an entry, by the offset that the school's clock has now.
_local_time: sa.Function[Any] = sa.func.time(history.c.at, sa.bindparam("zone"))
#: A change that saw something before it: all others are first entries.
_SAW = sa.func.instr(history.c.body, '"was":{}') == 0
_LINES = (
    sa.select(history.c.body)
    .where(
        history.c.judged_at > sa.bindparam("since"),
        history.c.outcome.in_(ACCEPTED),
        KIND.in_(sorted(MARKS)),
        sa.or_(_SAW, _local_time < NIGHT_ENDS.isoformat(), _local_time >= NIGHT_BEGINS.isoformat()),
    )
    .order_by(history.c.log_number)
)

"""What a person should hear of and has not put away: changes by others, a restore, a workplace, a role, a clock.

How much somebody changed on one page on one day is one line as soon as it is more than a few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ejournal_core import ids
from ejournal_core.changes import Change, entered_by
from ejournal_core.kinds import ClockJump
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.alerts import FRESH, Unusual, put_away_by, unusual_in_own_name
from ejournal_desktop.models.queries.appointments import appointments
from ejournal_desktop.models.queries.entry_grace import EntryGrace
from ejournal_desktop.models.queries.epochs import not_back_yet, restorations
from ejournal_desktop.models.queries.holding import slice_notices
from ejournal_desktop.models.queries.plan_answers import plan_answers
from ejournal_desktop.models.queries.pupil_data import data_reports
from ejournal_desktop.models.queries.register_words import ANSWERS
from ejournal_desktop.models.queries.replaced import replaced_by_others
from ejournal_desktop.models.queries.requests import RequestRow, own_requests
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import cell_of, standing_fields, what_was_done, where_is
from ejournal_desktop.models.queries.workplaces import new_workplaces, opened_anew

#: So many marks that one person changed on one page on one day are told one by one; more are one line.
APART = 3

NoticeKind = Literal[
    "changed", "unusual", "restored", "workplace", "anew", "slices", "clock", "appointed", "answered", "plan"
]


class Notice(Struct, frozen=True, kw_only=True):
    """Something to be told once.

    Attributes:
        id: stable; what `put_away` takes.
        kind: changed: another person replaced a value on one's own page, or took an own file away; `number` marks are
            told in one line, of which `what` is the last · unusual: so much was done by `who` on the page `where`, or
            at such hours (`alerts.Unusual`); `own`: under this person's name elsewhere · restored: the
            school came out of a backup · workplace: a new desk asks «это вы?» · anew: this journal took the place of
            another · slices: something happened to what is held · clock: this PC's clock jumped · appointed: `where`
            was given a role (`what`) by `who`, for deputies and directors · answered: what this person told of wrong
            data was answered by `who`; `what` is the answer.
        at: when it happened.
        who, where, what: as far as the kind has them.
        code: of the event, in docs/errors.md.
        number: changes (anew, restored, changed, unusual: those corrected), slices, or seconds of a jump.
        by_night: marks entered in the night (unusual); that_day: corrected on all pages.
        lesson_id: where it can be looked at, "" when it is not about a lesson.
        cell: page id, column key and pupil id of the cell of Журнал that it is about.
        desk_id: the desk that waits for an answer.
        own: the new desk names this person.
        plan_of: the page whose lesson plan it is about (plan: `code` is the answer, `what` the reason).
    """

    id: str
    kind: NoticeKind
    at: datetime | None = None
    who: str = ""
    where: str = ""
    what: str = ""
    code: str = ""
    number: int = 0
    lesson_id: str = ""
    desk_id: str = ""
    own: bool = False
    cell: tuple[str, str, str] | None = None
    plan_of: str = ""
    by_night: int = 0
    that_day: int = 0


class News(Struct, frozen=True):
    """Notices, newest first with questions before them, and own requests that wait or were decided lately."""

    notices: tuple[Notice, ...] = ()
    requests: tuple[RequestRow, ...] = ()


def news(journal: Journal) -> News:
    """Return what this person has not put away."""
    now = journal.clock()
    with journal.reading() as connection:
        seen = put_away_by(connection, journal.identity.person_id).union(journal.state().seen)
    told = [*_workplaces(journal), *_restored(journal), *_anew(journal), *_slices(journal), *_on_pages(journal, seen),
            *_appointed(journal), *_answered(journal), *_plans(journal)]  # fmt: skip
    fresh = [each for each in told if each.id not in seen and (each.at is None or now - each.at < FRESH)]
    oldest = datetime.min.replace(tzinfo=now.tzinfo)
    fresh.sort(key=lambda each: (each.kind == "workplace", each.at or oldest), reverse=True)
    asked = tuple(row for row in own_requests(journal) if row.change_id not in seen and _is_news(row, now))
    return News(tuple(fresh), asked)


def _is_news(row: RequestRow, now: datetime) -> bool:
    return row.decided_at is None or now - row.decided_at < FRESH


def _workplaces(journal: Journal) -> Iterator[Notice]:
    for each in new_workplaces(journal):
        yield Notice(
            id=f"desk {each.desk_id}", kind="workplace", at=_moment(each.issued_at), who=each.person_name,
            where=each.place, desk_id=each.desk_id, own=each.own, number=int(each.after_reset),
        )  # fmt: skip


def _appointed(journal: Journal) -> Iterator[Notice]:
    for each in appointments(journal, journal.clock() - FRESH):
        yield Notice(id=f"role {each.change_id}", kind="appointed", at=_moment(each.at), who=each.by,
                     where=each.person, what=each.role)  # fmt: skip


def _plans(journal: Journal) -> Iterator[Notice]:
    for each in plan_answers(journal, journal.clock() - FRESH):
        yield Notice(id=f"plan {each.change_id}", kind="plan", at=_moment(each.at), who=each.by, where=each.where,
                     code=each.answer, what=each.why, plan_of=each.page_id)  # fmt: skip


def _answered(journal: Journal) -> Iterator[Notice]:
    for each in data_reports(journal).answered:
        if each.mine:
            reason = f": {each.answer_reason}" if each.answer_reason else ""
            yield Notice(
                id=f"answer {each.id} {each.answer}", kind="answered", at=each.changed_at, who=each.answered_by,
                where=each.whom, what=f"{ANSWERS[each.answer]}{reason}",
            )  # fmt: skip


def _restored(journal: Journal) -> Iterator[Notice]:
    lost, found = len(not_back_yet(journal)), restorations(journal)
    for each in found:
        with journal.reading() as connection:
            around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
            people = [around.short_name(person) or person for person in (each.first_person, each.second_person)]
        yield Notice(id=f"epoch {each.epoch}", kind="restored", at=_moment(each.opened_at), what=each.reason,
                     who=" и ".join(filter(None, people)), number=lost)  # fmt: skip


def _anew(journal: Journal) -> Iterator[Notice]:
    found = opened_anew(journal)
    if found is not None:
        yield Notice(id="anew", kind="anew", code=found.reason, number=found.left_behind)


def _slices(journal: Journal) -> Iterator[Notice]:
    for each in slice_notices(journal):
        yield Notice(id=f"slices {each.code} {each.at.isoformat()}", kind="slices", at=each.at, code=each.code,
                     number=each.slices)  # fmt: skip


def _on_pages(journal: Journal, seen: Collection[str]) -> list[Notice]:
    own, now = journal.identity, journal.clock()
    with journal.reading() as connection:
        around = Surroundings(connection, own.person_id, now.date())
        jumps = select_records(connection, ClockJump, desk_id=own.desk_id)
        grace = EntryGrace(around, journal.policy(), now.tzinfo)
        lines = [each for each in replaced_by_others(around, now - FRESH) if not grace.covers(each[0])]
        told = [notice for group in _groups(lines, seen, now.tzinfo) for notice in _together(around, group)]
        told += [of_unusual(each, own=True) for each in unusual_in_own_name(journal, around)]
    return told + [Notice(id=f"clock {jump.id}", kind="clock", at=_moment(jump.expected_at), number=jump.seconds)
                   for jump in jumps]  # fmt: skip


def of_unusual(each: Unusual, *, own: bool = False) -> Notice:
    """Return the notice of what is unusual about a page and a day."""
    return Notice(
        id=each.id, kind="unusual", at=each.at, who=each.who, where=each.where, what="; ".join(each.places),
        number=each.corrected, that_day=each.that_day, by_night=each.by_night, lesson_id=each.lesson_id,
        cell=each.cell, own=own,
    )  # fmt: skip


Line = tuple[Change, str]  # with the server's time


def _groups(lines: Sequence[Line], seen: Collection[str], zone: tzinfo | None) -> list[list[Line]]:
    """Part the changes that were not put away, newest first, by person, page and day.

    Whoever puts a line for many away has seen what came before its newest one.
    """
    groups: dict[tuple[str, ...], list[Line]] = defaultdict(list)
    done: set[tuple[str, ...]] = set()
    for change, at in lines:
        where = cell_of(change.kind, change.record)
        day = datetime.fromisoformat(at).astimezone(zone).date()
        key = (entered_by(change), where[0], f"{day}") if where else (change.id,)
        if f"changes {change.id}" in seen:
            done.add(key)
        if key not in done and f"changed {change.id}" not in seen:
            groups[key].append((change, at))
    return list(groups.values())


def _together(around: Surroundings, group: Sequence[Line]) -> list[Notice]:
    told = [_changed(around, change, at) for change, at in (group if len(group) <= APART else group[:1])]
    if len(group) <= APART:
        return told
    records = {change.record for change, _at in group}
    return [replace(each, id=f"changes {group[0][0].id}", number=len(records)) for each in told]


def _changed(around: Surroundings, change: Change, taken_at: str) -> Notice:
    """Return the notice of a change, as old as the server says: a clock that was set back hides nothing."""
    return Notice(
        id=f"changed {change.id}",
        kind="changed",
        at=_moment(taken_at or change.at),
        who=around.short_name(entered_by(change)),
        where=where_is(around, change.kind, change.record),
        what=_what(around, change),
        lesson_id=ids.lesson_of(change.kind, change.record) or "",
        cell=cell_of(change.kind, change.record),
    )


def _what(around: Surroundings, change: Change) -> str:
    if change.kind not in ("HomeworkFile", "PlannedLesson"):
        return what_was_done(change)
    file = standing_fields(around, change.kind, change.record).fields or {}
    if change.kind == "PlannedLesson":
        return f"строка КТП «{file.get('topic', '')}» убрана: ваше в ней тогда ещё не дошло"
    return f"файл «{file['title']}» убран" if file.get("title") else what_was_done(change)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

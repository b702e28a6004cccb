"""What waits for a decision: others' requests for who decides, one's own with their state, the register of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, decisions, ids, wire
from ejournal_core.cases import lesson_id_of
from ejournal_core.changes import Change, entered_by
from ejournal_core.facts import Facts, Waiting
from ejournal_core.kinds import KINDS, Fields, Lesson
from ejournal_desktop.models.facts import DeskFacts, RememberingFacts, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import DisputeRow, PageRef
from ejournal_desktop.models.queries.deciders import deciders_named
from ejournal_desktop.models.queries.state import dispute_rows
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import page_of, standing_fields, value_text, what_was_done, where_is
from ejournal_desktop.models.tables import history, outbox, request

RequestState = Literal["unsent", "waiting", "approved", "refused"]


class RequestRow(Struct, frozen=True, kw_only=True):
    """A change that waits, or has waited, for another person's decision.

    Attributes:
        change_id: what the commands take.
        kind, record_id, page, lesson_id, where: what it is about; `lesson_id` is "" for what is not about one lesson.
        standing_value, standing_author, standing_at: what the journal holds now.
        wanted_value, what: what was asked, as a value and as «отметка 4 → 5».
        requester, requester_id: who asked.
        entered_at, received_at: when it was entered by the desk's clock, and when it reached the server.
        is_late: it was entered in time and delivered later, on another day.
        asked: it was asked for; else it was entered lawfully and overtaken (a closed period, an ended right).
        reason: code of the rule it waits for ("EJ-228"); `why` is the person's own reason.
        state, decided_by, decided_at, decision_why: how it was decided.
        declares: it says that somebody gives a lesson instead of its teacher; `carried` are that person's own entries
            at the lesson, which go the way of it.
        deciders: of an own request that waits: the names of those who may decide it today; else empty.
    """

    change_id: str
    kind: str
    record_id: str
    page: PageRef | None
    lesson_id: str
    where: str
    standing_value: str
    standing_author: str
    standing_at: datetime | None
    wanted_value: str
    what: str
    requester: str
    requester_id: str
    entered_at: datetime
    received_at: datetime | None
    is_late: bool
    asked: bool
    reason: str
    why: str
    state: RequestState
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_why: str = ""
    declares: bool = False
    carried: tuple[str, ...] = ()
    deciders: tuple[str, ...] = ()


class RegisterRow(Struct, frozen=True, kw_only=True):
    """A line of «Замена сведений в электронном журнале»: its seven fields (S1-2.3.4.1) and the decision."""

    requested_on: date
    class_title: str
    requester: str
    changed_date: date | None
    subject: str
    changes: str
    reasons: str
    decision: str
    change_id: str


def waiting_decisions(journal: Journal) -> tuple[RequestRow, ...]:
    """Return the open requests of others that this person may decide today, oldest first."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        rows = [
            row
            for row, change in _rows(around, _OPEN)
            if decisions.may_decide(facts, around.person_id, Waiting(change, row.reason))
        ]
    return tuple(_with_their_substitution(rows))


def decides_about_others(journal: Journal) -> bool:
    """Say whether this person holds a role today that decides about others' requests and disputes."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        roles = access.OVERSEERS | access.CONFIRMERS | frozenset(facts.policy().late_approver.roles)
        return access.holds_role(facts.roles(journal.identity.person_id), roles, facts.today())


def own_requests(journal: Journal) -> tuple[RequestRow, ...]:
    """Return this person's own requests with their state, newest first; those not sent yet are among them."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        facts = RememberingFacts(connection, journal.clock(), journal.policy())
        rows = [_with_deciders(around, facts, row, change) for row, change in _rows(around, _KNOWN)
                if row.requester_id == around.person_id]  # fmt: skip
        rows += [row for row, _ in _rows(around, _UNSENT)]
    return tuple(reversed(_with_their_substitution(rows)))


def _with_deciders(around: Surroundings, facts: Facts, row: RequestRow, change: Change) -> RequestRow:
    if row.state != "waiting":
        return row
    return msgspec.structs.replace(row, deciders=deciders_named(around, facts, Waiting(change, row.reason)))


def _with_their_substitution(rows: Sequence[RequestRow]) -> list[RequestRow]:
    """Return rows without those that a declared substitution carries along: its line counts them.

    They were entered at the lesson by whoever gives it, and are let through as soon as it is confirmed. What was
    decided otherwise than the substitution keeps its line.
    """
    carried: dict[tuple[str, str, RequestState], list[RequestRow]] = defaultdict(list)
    declared = {_of_substitution(row) for row in rows if row.declares}
    for row in rows:
        if row.reason == decisions.SUBSTITUTION and not row.declares and _of_substitution(row) in declared:
            carried[_of_substitution(row)].append(row)
    gone = {row.change_id for found in carried.values() for row in found}
    return [msgspec.structs.replace(row, carried=tuple(each.change_id for each in carried[_of_substitution(row)]))
            if row.declares else row for row in rows if row.change_id not in gone]  # fmt: skip


def _of_substitution(row: RequestRow) -> tuple[str, str, RequestState]:
    return row.lesson_id, row.requester_id, row.state


def open_disputes(journal: Journal) -> tuple[DisputeRow, ...]:
    """Return the open disputes that this person may decide, own ones first; two values of one person are hers alone."""
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        rows = [row for row in dispute_rows(around) if row.mine or _oversees(facts, around, row)]
    return tuple(sorted(rows, key=lambda row: not row.mine))


def _oversees(facts: DeskFacts, around: Surroundings, row: DisputeRow) -> bool:
    return row.page is not None and access.may_resolve(facts, around.person_id, row.page.class_group_id, around.day)


def correction_register(journal: Journal, since: date, until: date) -> tuple[RegisterRow, ...]:
    """Return the lines of «Замена сведений» asked between two dates, both inclusive, as far as this person sees them.

    Every field is derived from the request itself and from its decision.
    """
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        return tuple(
            _register_row(around, row)
            for row, _ in _rows(around, _KNOWN)
            if row.asked and since <= row.entered_at.date() <= until
        )


def request_draft(journal: Journal, kind: str, record_id: str, wanted: Fields) -> RegisterRow:
    """Return the line that a request for these values would become, its reasons still empty."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        stands = standing_fields(around, kind, record_id).fields or {}
        change = Change(
            id="", desk="", n=0, author=around.person_id, kind=kind, record=record_id, set=dict(wanted), act="request",
            was={name: stands.get(name) for name in wanted}, at=journal.clock().isoformat(timespec="seconds"),
        )  # fmt: skip
        return _register_row(around, _row(around, _Draft(), change))


class _Draft(Struct, frozen=True):
    """What the tables say of a request that nobody has entered yet."""

    reason: str = ""
    decided: str = ""
    judged_at: str = ""
    decision: str | None = None


def _register_row(around: Surroundings, row: RequestRow) -> RegisterRow:
    lesson = next(iter(select_records(around.connection, Lesson, id=row.lesson_id)), None) if row.lesson_id else None
    planned = ids.lesson_parts(row.lesson_id)[1] if row.lesson_id else None
    return RegisterRow(
        requested_on=row.entered_at.date(),
        class_title=row.page.class_title if row.page else "",
        requester=row.requester,
        changed_date=lesson.held_on if lesson else planned,
        subject=row.page.subject_title if row.page else "",
        changes=_register_changes(row),
        reasons=row.why,
        decision=_register_decision(row),
        change_id=row.change_id,
    )


def _register_changes(row: RequestRow) -> str:
    """Return what is to be changed and of whom: behind class and subject stands the pupil, or period and pupil."""
    parts = row.where.split(" · ")[2:]
    if row.lesson_id:
        parts = parts[1:]  # the date has a column of its own
    return ": ".join([", ".join(parts), row.what]) if parts else row.what


def _register_decision(row: RequestRow) -> str:
    if row.state not in ("approved", "refused"):
        return ""
    word = "внесено" if row.state == "approved" else "отказано"
    told = [word, row.decided_by, f"{row.decided_at:%d.%m.%Y}" if row.decided_at else "", row.decision_why]
    return ", ".join(part for part in told if part)


# --- substitutions -------------------------------------------------------------------------------------------------


class LessonToGive(Struct, frozen=True, kw_only=True):
    """A lesson of the day's timetable that is another teacher's: one may give it instead."""

    lesson_id: str
    page: PageRef
    lesson_number: int


def lessons_to_substitute(journal: Journal, day: date) -> tuple[LessonToGive, ...]:
    """Return the day's lessons of other teachers' pages, in order of the day; the directory suffices."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, day)
        found = [
            LessonToGive(
                lesson_id=ids.lesson(page.id, day, each.lesson_number), page=ref, lesson_number=each.lesson_number
            )
            for page in around.pages.values()
            if not (ref := around.page_ref(page)).mine
            for each in around.foreseen(page, day, day)
        ]
    return tuple(sorted(found, key=lambda each: (each.lesson_number, each.page.class_title, each.page.subject_title)))


# --- rows ----------------------------------------------------------------------------------------------------------


def _rows(around: Surroundings, statement: sa.Select[Any]) -> Iterator[tuple[RequestRow, Change]]:
    for found in around.connection.execute(statement):
        change = wire.decode(Change, found.body.encode())
        if change.kind in KINDS:
            yield _row(around, found, change), change


def _row(around: Surroundings, found: Any, change: Change) -> RequestRow:
    stand = standing_fields(around, change.kind, change.record)
    wanted = frozenset(name for name, value in change.set.items() if change.was.get(name) != value)
    decision = wire.decode(Change, found.decision.encode()) if found.decision else None
    entered = datetime.fromisoformat(change.at)
    received = datetime.fromisoformat(found.judged_at) if found.judged_at else None
    return RequestRow(
        change_id=change.id,
        kind=change.kind,
        record_id=change.record,
        page=page_of(around, change.kind, change.record),
        lesson_id=lesson_id_of(change.kind, change.record) or "",
        where=where_is(around, change.kind, change.record),
        standing_value=_standing_value(around, change, stand.fields or {}, wanted),
        standing_author=around.short_name(stand.author),
        standing_at=datetime.fromisoformat(stand.entered_at) if stand.entered_at else None,
        wanted_value=_value(around, change, change.set, wanted),
        what=what_was_done(change),
        requester=around.short_name(entered_by(change)),
        requester_id=entered_by(change),
        entered_at=entered,
        received_at=received,
        is_late=received is not None and received.astimezone(entered.tzinfo).date() > entered.date(),
        asked=change.act == "request",
        reason=found.reason or "",
        why=change.why,
        state=_state(found),
        decided_by=around.short_name(decision.author) if decision else "",
        decided_at=datetime.fromisoformat(decision.at) if decision else None,
        decision_why=decision.why if decision else "",
        declares=decisions.declares(change),
    )


def _value(around: Surroundings, change: Change, fields: Fields, names: frozenset[str]) -> str:
    """Return the value of a fact; of a declared substitution who gives the lesson."""
    if not decisions.declares(change):
        return value_text(fields, names)
    page = around.pages.get(str(change.record.rsplit(ids.SEPARATOR, 2)[0]))
    teacher = str(fields.get("teacher_id") or "")
    return around.short_name(teacher) if teacher else around.teachers_of(page) if page else ""


def _standing_value(around: Surroundings, change: Change, fields: Fields, names: frozenset[str]) -> str:
    """Return the value that stands; the substitute's own desk has the substitution already: instead of whom it is."""
    if decisions.declares(change) and fields.get("teacher_id") == entered_by(change):
        fields = {**fields, "teacher_id": change.was.get("teacher_id")}
    return _value(around, change, fields, names)


def _state(found: Any) -> RequestState:
    if found.decided:
        return "approved" if found.decided == "approved" else "refused"
    return "waiting" if found.judged_at else "unsent"


_decision = history.alias("decision")
_ROWS = (
    sa.select(
        history.c.body, history.c.judged_at, request.c.reason, request.c.decided, _decision.c.body.label("decision")
    )
    .join(request, request.c.change_id == history.c.change_id)
    .outerjoin(_decision, _decision.c.change_id == request.c.decided_by)
    .where(history.c.change_id.in_(sa.select(request.c.change_id)))  # else SQLite walks through the whole history
    .order_by(history.c.log_number)
)
_OPEN = _ROWS.where(request.c.decided_by.is_(None))
_KNOWN = _ROWS
_UNSENT = (
    sa.select(
        history.c.body, history.c.judged_at, sa.literal("").label("reason"), sa.literal("").label("decided"),
        sa.null().label("decision"),
    )
    .where(
        history.c.change_id.in_(sa.select(outbox.c.change_id)), history.c.outcome.is_(None),
        sa.func.json_extract(history.c.body, "$.act") == "request",
    )
    .order_by(history.c.seq)
)  # fmt: skip

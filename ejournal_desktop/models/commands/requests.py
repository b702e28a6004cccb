"""Ask another person to let a correction through, and decide about what others ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from ejournal_core import wire
from ejournal_core.cases import lesson_id_of
from ejournal_core.changes import Change, entered_by
from ejournal_core.decisions import SUBSTITUTION, declares, may_decide
from ejournal_core.errors import Refusal
from ejournal_core.facts import Waiting
from ejournal_core.ids import SEPARATOR
from ejournal_core.kinds import Json
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import held_back, history, request
from ejournal_desktop.models.write import Write


def ask_correction(journal: Journal, kind: str, record_id: str, why: str, **fields: Json) -> ChangeSet:
    """Подать заявку на исправление: запись остаётся прежней, пока другой человек не разрешит.

    Args:
        kind, record_id: the record as it stands on the page, or a fact that is not there yet.
        why: the reasons, as the register «Замена сведений» wants them.
        fields: the values wanted, plain JSON values.

    Raises:
        Refusal: the correction needs no request (EJ-232), no reason is given (EJ-235), the school's rules allow none
            (EJ-234), or a rule forbids the values themselves.
    """
    with journal.write() as write:
        write.put(kind, record_id, dict(fields), act="request", why=why.strip())
    return write.changes


def approve_request(journal: Journal, change_id: str) -> ChangeSet:
    """Разрешить: записать ровно то, о чём просили, от имени просившего; и то, на чём это стоит.

    Raises:
        Refusal: it is decided already (EJ-233), this person does not decide it (EJ-236), or a rule forbids the values.
    """
    return approve_all(journal, [change_id])


def approve_all(journal: Journal, change_ids: Iterable[str]) -> ChangeSet:
    """Разрешить несколько заявок разом, все или ни одной: сначала уроки и столбцы, потом отметки в них.

    Raises:
        Refusal: as `approve_request`; nothing has been changed then.
    """
    wanted = list(change_ids)
    with journal.write() as write:
        open_ = _open(write)
        _need_open(wanted, open_)
        for asked in _with_what_they_stand_on(wanted, open_):
            _decided(write, asked, write.decide(asked, "approve"), "approved")
    return write.changes


def refuse_request(journal: Journal, change_id: str, why: str) -> ChangeSet:
    """Отказать с причиной: запись остаётся прежней, просивший видит почему; с заменой и в её записях на уроке.

    Raises:
        Refusal: as `approve_request`, or no reason is given (EJ-235).
    """
    with journal.write() as write:
        open_ = _open(write)
        _need_open([change_id], open_)
        asked = next(change for change in open_ if change.id == change_id)
        for each in (asked, *_carried(write, journal.identity.person_id, asked, open_)):
            _decided(write, each, write.decide(each, "refuse", why.strip()), "refused")
    return write.changes


def _carried(write: Write, person_id: str, asked: Change, open_: Sequence[Change]) -> list[Change]:
    """Return what was entered at a lesson by whoever says to give it: without the substitution nothing of it counts.

    Whoever may refuse the substitution and not the entries leaves those to who may.
    """
    if not declares(asked):
        return []
    reasons = {row.change_id: row.reason for row in write.connection.execute(_REASONS)}
    return [
        change
        for change in open_
        if change.id != asked.id
        and reasons[change.id] == SUBSTITUTION
        and (lesson_id_of(change.kind, change.record), entered_by(change)) == (asked.record, entered_by(asked))
        and may_decide(write.facts, person_id, Waiting(change, SUBSTITUTION))
    ]


def put_right(journal: Journal, change_id: str, **fields: Json) -> ChangeSet:
    """Исправить то, что не приняли, и отправить заново; прежняя запись уходит из списка и остаётся в истории.

    Args:
        change_id: an own change that was refused.
        fields: values instead of those that were refused; the others stay as they were wanted.

    Raises:
        Refusal: there is no such change any more (EJ-243), or a rule forbids the new values too.
    """
    with journal.write() as write:
        body = write.connection.execute(_REFUSED, {"id": change_id}).scalar()
        if body is None:
            raise Refusal("EJ-243", "Этой записи среди непринятых уже нет: исправлять нечего.")
        refused = wire.decode(Change, body.encode())
        write.put(refused.kind, refused.record, {**refused.set, **fields}, why=refused.why)
        write.connection.execute(_SEEN, {"id": change_id})
    return write.changes


def put_aside(journal: Journal, change_id: str) -> None:
    """Убрать непринятую запись из списка: человек её видел; в истории она остаётся."""
    with journal.write() as write:
        write.connection.execute(_SEEN, {"id": change_id})


def _open(write: Write) -> list[Change]:
    return [wire.decode(Change, body.encode()) for body in write.connection.execute(_OPEN).scalars()]


def _need_open(wanted: Sequence[str], open_: Sequence[Change]) -> None:
    if not {change.id for change in open_}.issuperset(wanted):
        raise Refusal("EJ-233", "Эта заявка уже решена или её нет: решать нечего.")


def _with_what_they_stand_on(wanted: Sequence[str], open_: Sequence[Change]) -> list[Change]:
    """Return the wanted changes with the earlier ones of the same person that they build on, in order of entry."""
    chosen = {change.id: change for change in open_ if change.id in wanted}
    for change in list(chosen.values()):
        for earlier in open_[: open_.index(change)]:
            if earlier.author == change.author and _builds_on(change, earlier):
                chosen[earlier.id] = earlier
    return [change for change in open_ if change.id in chosen]


def _builds_on(change: Change, earlier: Change) -> bool:
    """Say whether a change is about the same record, or one below it: derived ids begin with what they belong to."""
    same = (change.kind, change.record) == (earlier.kind, earlier.record)
    below = change.kind != earlier.kind and change.record.startswith(earlier.record + SEPARATOR)
    return same or below


def _decided(write: Write, asked: Change, decision: Change, how: str) -> None:
    """Take the request off the lists at once; should the server refuse the decision, it comes back."""
    write.connection.execute(_DECIDE, {"id": asked.id, "by": decision.id, "how": how})


_OPEN = (
    sa.select(history.c.body)
    .join(request, request.c.change_id == history.c.change_id)
    .where(request.c.decided_by.is_(None))
    .order_by(history.c.log_number)
)
_REASONS = sa.select(request.c.change_id, request.c.reason).where(request.c.decided_by.is_(None))
_DECIDE = (
    request.update()
    .where(request.c.change_id == sa.bindparam("id"))
    .values(decided_by=sa.bindparam("by"), decided=sa.bindparam("how"))
)
_REFUSED = (
    sa.select(history.c.body)
    .join(held_back, held_back.c.change_id == history.c.change_id)
    .where(held_back.c.change_id == sa.bindparam("id"), held_back.c.outcome == "refused", held_back.c.seen.is_(False))
)
_SEEN = held_back.update().where(held_back.c.change_id == sa.bindparam("id")).values(seen=True)

"""Tell the log of events what was done at this desk."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ejournal_core.audit_log import EVENTS_A_DAY
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import AuditEvent, EventResult
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import TABLES

logger = logging.getLogger(__name__)

#: A desk locks after minutes (P48): a line for each return would bury what matters.
UNLOCKED_EACH = timedelta(hours=1)

#: Who copies cells all day long says so once in a while, not two hundred times.
COPIED_EACH = timedelta(hours=1)


def tell_event(
    journal: Journal,
    event: str,
    *,
    subject_kind: str = "",
    subject: str = "",
    result: EventResult = "done",
    number: int = 0,
    detail: str = "",
) -> bool:
    """Записать в журнал событий, что сделано на этом рабочем месте; say whether it is written.

    It is not where the day's events are used up, where the journal is closed, or where the disk takes nothing: what a
    person does never waits for the word about it.

    Args:
        event: one of `audit_log.DESK_EVENTS`.
        subject_kind, subject: kind and id of what it is about.
        number: how many of something.
        detail: a short code; never a name or a title.
    """
    own = journal.identity
    try:
        with journal.write() as write:
            today = journal.clock().astimezone(UTC).date()
            times = write.connection.execute(_TIMES, {"person": own.person_id, "desk": own.desk_id}).scalars()
            if sum(datetime.fromisoformat(at).astimezone(UTC).date() == today for at in times if at) >= EVENTS_A_DAY:
                return False
            write.edit(
                AuditEvent, write.new_id(), person_id=own.person_id, event=event, desk_id=own.desk_id,
                subject_kind=subject_kind, subject=subject, result=result, number=number, detail=detail,
            )  # fmt: skip
    except (Refusal, Trouble) as error:
        logger.info("an event is not written down", extra={"event": event, "kind": type(error).__name__})
        return False
    return True


def tell_copied(journal: Journal, what: str, number: int = 0) -> None:
    """Записать, что сведения скопированы в буфер обмена: раз в час о каждом виде.

    Args:
        what: a short code of what was copied.
        number: how many lines or cells.
    """
    own, since = journal.identity, journal.clock() - COPIED_EACH
    with journal.reading() as connection:
        times = connection.execute(_COPIED, {"person": own.person_id, "desk": own.desk_id, "what": what}).scalars()
        known = any(datetime.fromisoformat(at) >= since for at in times if at)
    if not known:
        tell_event(journal, "copied", number=number, detail=what)


def tell_sign_in(journal: Journal, wrong: int = 0, *, unlocked: bool = False) -> None:
    """Записать вход в журнал, и сколько раз перед ним пробовали неверный пароль.

    A desk that has met no server yet tells nothing: its certificate in the log says that it was made.

    Args:
        unlocked: it was only locked; unless somebody guessed, that is told once in `UNLOCKED_EACH`.
    """
    if journal.state().head is None:
        return
    if wrong:
        tell_event(journal, "wrong_password", number=wrong, result="refused")
    if not unlocked:
        tell_event(journal, "signed_in")
    elif wrong or not _is_told_of(journal, journal.clock() - UNLOCKED_EACH):
        tell_event(journal, "unlocked")


def _is_told_of(journal: Journal, since: datetime) -> bool:
    """Say whether this desk has told since that moment that its person is at it."""
    own = journal.identity
    with journal.reading() as connection:
        times = connection.execute(_AT_IT, {"person": own.person_id, "desk": own.desk_id}).scalars().all()
    return any(datetime.fromisoformat(at) >= since for at in times if at)


_EVENT = TABLES["AuditEvent"].c
_TIMES = sa.select(_EVENT.entered_at).where(
    _EVENT.person_id == sa.bindparam("person"), _EVENT.desk_id == sa.bindparam("desk")
)
_COPIED = _TIMES.where(_EVENT.event == "copied", _EVENT.detail == sa.bindparam("what"))
_AT_IT = _TIMES.where(_EVENT.event.in_(("signed_in", "unlocked")))

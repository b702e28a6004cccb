"""The last steps of this person in a part of the journal, read from the history: Ctrl+Z goes on after a restart.

What an earlier Ctrl+Z has taken back is no step any more: a change that restores what an earlier one had replaced
cancels it. Steps are looked for only as far back as typing is not yet correcting (P61); whether one may still be taken
back is for the rules to say when it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from ejournal_core import ids, merge, wire
from ejournal_core.changes import Change, sets_values
from ejournal_core.kinds import KINDS
from ejournal_core.policy import Policy
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.tables import history

#: What the log made of a change whose values stand in the record; of one not yet judged it says nothing.
STANDING = ("taken", "converged", "merged")

_MOMENT = 12  # hexadecimal digits of an id that hold its millisecond

#: What Журнал and Урок show of a page; rows of its plan and the words «итоги готовы» are taken back where they stand.
ON_A_PAGE = frozenset(KINDS) - {"LessonPlan", "PlannedLesson", "PageCompletion"}


def own_steps(journal: Journal, prefix: str, given_up: Collection[str] = ()) -> list[ChangeSet]:
    """Return what this person entered on this desk of late and what still stands, the latest step last.

    Args:
        journal: the desk's open file.
        prefix: id of a journal page or of a lesson; its records are looked at.
        given_up: ids of changes that could not be taken back.
    """
    below = prefix + ids.SEPARATOR
    with journal.reading() as connection:
        recent = [
            change
            for change in recent_changes(connection, journal)
            if change.kind in ON_A_PAGE and (change.record == prefix or change.record.startswith(below))
        ]
    steps: list[Change] = []
    for change in reversed(recent):
        _count(change, steps)
    return _by_key([change for change in steps if change.id not in given_up])


def recent_changes(connection: sa.Connection, journal: Journal) -> Iterator[Change]:
    """Yield own changes that set values as long as they may still be typing, the latest first."""
    now, policy = journal.clock(), journal.policy()
    for body, at in connection.execute(_OWN, {"desk": journal.identity.desk_id, "outcomes": STANDING}):
        if not _is_recent(datetime.fromisoformat(at), now, policy):
            return
        change = wire.decode(Change, body.encode())
        if sets_values(change):
            yield change


def _is_recent(at: datetime, now: datetime, policy: Policy) -> bool:
    grace = policy.entry_grace
    same_day = grace.until_deadline and at.astimezone(now.tzinfo).date() == now.date()
    return same_day or now - at <= timedelta(minutes=grace.minutes)


def _count(change: Change, steps: list[Change]) -> None:
    """Add a step, or cancel the one that it has taken back; a lesson or column once made is not unmade.

    What is struck out never lives again, so neither that nor anything before it on the record is a step any more.
    """
    if change.act == "void":
        steps[:] = [step for step in steps if (step.kind, step.record) != (change.kind, change.record)]
        return
    before = next((step for step in reversed(steps) if (step.kind, step.record) == (change.kind, change.record)), None)
    if before is not None and takes_back(change, before):
        steps.remove(before)
    elif change.act != "create" or not records.is_parent(change.kind):
        steps.append(change)


def takes_back(change: Change, before: Change) -> bool:
    """Say whether a change restores what an earlier one of its record had replaced."""
    old = merge.defaults(before.kind) if before.act == "create" else before.was
    kept = records.required_fields(before.kind) if before.act == "create" else ()
    inverse = {
        field: old.get(field) for field, value in before.set.items() if field not in kept and old.get(field) != value
    }
    changed = {field: value for field, value in change.set.items() if change.was.get(field) != value}
    return changed == inverse


def _by_key(steps: list[Change]) -> list[ChangeSet]:
    """Put together what one key has written: a pasted block; «б» enters an absence, then the reason that it claims."""
    groups: list[list[Change]] = []
    for step in steps:
        if groups and is_of_one_step(groups[-1][-1], step):
            groups[-1].append(step)
        else:
            groups.append([step])
    return [as_step(group) for group in groups]


def as_step(changes: Sequence[Change]) -> ChangeSet:
    """Return changes as what one write did."""
    return ChangeSet(tuple(changes), frozenset((change.kind, change.record) for change in changes))


def is_of_one_step(before: Change, step: Change) -> bool:
    """Say whether two changes, one after the other, were one thing that the person did."""
    return _is_of_one_write(before, step) or _is_of_one_key(before, step)


def _is_of_one_write(before: Change, step: Change) -> bool:
    """Say whether two changes were written at once: a write gives all its ids one millisecond, and takes longer."""
    return before.id[:_MOMENT] == step.id[:_MOMENT]


def _is_of_one_key(before: Change, step: Change) -> bool:
    """Say whether a change follows another of its record within its second, and about something else."""
    together = (before.kind, before.record, before.at, before.n + 1) == (step.kind, step.record, step.at, step.n)
    return together and step.kind == "Attendance" and before.set.keys().isdisjoint(step.set)


_OWN = (
    sa.select(history.c.body, history.c.at)
    .where(
        history.c.desk == sa.bindparam("desk"),
        history.c.outcome.is_(None) | history.c.outcome.in_(sa.bindparam("outcomes", expanding=True)),
    )
    .order_by(history.c.n.desc())
)

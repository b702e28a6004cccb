"""Slices that leave: kept as long as something of them is on its way, then taken from the disk without a trace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ejournal_desktop.models import blobs, purge, slices
from ejournal_desktop.models.database import sorted_errors

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


def mark_leaving(journal: Journal, names: Iterable[str]) -> None:
    """Note slices that the person may not see any more."""
    with journal.receiving() as connection:
        slices.mark(connection, names, leaving=True)


def let_leave(journal: Journal) -> int:
    """Take from the disk every leaving slice of which nothing is unsent; return of how many something went.

    What waits until a substitution is confirmed stays, with what it names, and with it the slice's name. It is done in
    short pieces, and goes on at the next call wherever it was interrupted.
    """
    gone = [each.name for each in journal.ask(slices.held).values() if each.leaving]
    left = sum(_leave(journal, name) for name in gone)
    if left:
        blobs.sweep(journal)
        _empty_the_log(journal)
        journal.tell_everything()
    return left


def _leave(journal: Journal, name: str) -> bool:
    with journal.reading() as connection:
        kept = slices.awaiting(connection, name)
        steps = [] if _is_unsent(connection, name) else list(purge.steps(connection, name, kept))
    gone = 0
    for step in steps:
        with journal.receiving() as connection:
            if _is_unsent(connection, name):
                return bool(gone)  # something was entered meanwhile: it goes out first
            gone += sum(connection.execute(statement, rows).rowcount for statement, rows in step)
    with journal.receiving() as connection:
        if kept or _is_unsent(connection, name):
            return bool(gone)
        slices.drop(connection, name)
    return True


def _is_unsent(connection: sa.Connection, name: str) -> bool:
    return name in slices.unsent(connection)


def _empty_the_log(journal: Journal) -> None:
    """Write the file's own log back and cut it: no page of what has left lies there. A reader may prevent it."""
    with sorted_errors(), contextlib.suppress(sa.exc.OperationalError), journal.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # a checkpoint cannot run inside a transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")

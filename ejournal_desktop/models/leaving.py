"""Slices that leave: kept as long as something of them is on its way, then taken from the disk without a trace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ejournal_desktop.models import purge, slices
from ejournal_desktop.models.database import sorted_errors

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


def mark_leaving(journal: Journal, names: Iterable[str]) -> None:
    """Note slices that the person may not see any more."""
    with journal.receiving() as connection:
        slices.mark(connection, names, leaving=True)


def let_leave(journal: Journal) -> int:
    """Take from the disk every leaving slice of which nothing is on its way; return how many went.

    It is done in short pieces, and goes on at the next call wherever it was interrupted.
    """
    with journal.reading() as connection:
        gone = [each.name for each in slices.held(connection).values() if each.leaving]
    left = sum(_leave(journal, name) for name in gone)
    if left:
        with journal.receiving() as connection:
            purge.forget_files(connection)
        _empty_the_log(journal)
        journal.tell_everything()
    return left


def _leave(journal: Journal, name: str) -> bool:
    with journal.reading() as connection:
        steps = [] if _is_at_work(connection, name) else list(purge.steps(connection, name))
    for step in steps:
        with journal.receiving() as connection:
            if _is_at_work(connection, name):
                return False  # something was entered meanwhile: it goes out first
            for statement, rows in step:
                connection.execute(statement, rows)
    with journal.receiving() as connection:
        if _is_at_work(connection, name):
            return False
        slices.drop(connection, name)
    return True


def _is_at_work(connection: sa.Connection, name: str) -> bool:
    return name in slices.on_its_way(connection)


def _empty_the_log(journal: Journal) -> None:
    """Write the file's own log back and cut it: no page of what has left lies there. A reader may prevent it."""
    with sorted_errors(), contextlib.suppress(sa.exc.OperationalError), journal.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")  # a checkpoint cannot run inside a transaction
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")

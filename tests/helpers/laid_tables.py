"""Tables that Alembic made once in this process, laid again with the same statements for every further empty store.

Most of what a test of a desk or of the server took was Alembic building the same tables anew. The first store of each
kind is made by the migrations themselves; what they said to it is said to the next one. Whatever is not empty, and
whoever asks for the fixture `real_migrations`, gets the migrations. Processes that a test starts know nothing of this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from sqlalchemy import event

Upgrade = Callable[..., None]
Said = list[tuple[str, Any]]

ASKING = ("SELECT", "PRAGMA")  # what only looks


def laying(migrate: Upgrade) -> Upgrade:
    """Return `alembic.command.upgrade` that migrates an empty store once and then repeats what was said to it."""
    said: dict[tuple[str | None, str], Said] = {}

    def upgrade(config: Config, revision: str) -> None:
        connection: sa.Connection = config.attributes["connection"]
        kind = (config.get_main_option("script_location"), connection.dialect.name)
        if sa.inspect(connection).get_table_names():
            migrate(config, revision)
        elif kind in said:
            for statement, parameters in said[kind]:
                connection.exec_driver_sql(statement, parameters)
        else:
            said[kind] = listened(connection, lambda: migrate(config, revision))

    return upgrade


def listened(connection: sa.Connection, act: Callable[[], None]) -> Said:
    """Return the statements that `act` says to the connection and that change something."""
    heard: Said = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if not statement.lstrip().upper().startswith(ASKING):
            heard.append((statement, parameters or None))

    event.listen(connection, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return heard

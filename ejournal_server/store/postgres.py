"""Reach PostgreSQL: how many connections there are and how long anything may take, both set in the database's address.

`postgresql+psycopg://…?connections=16&lock_seconds=10` names what differs from `DEFAULTS`; whatever else stands in the
query is libpq's.
"""

from __future__ import annotations

import sqlalchemy as sa

#: Connections of one process; seconds that one statement, waiting for a lock, and a transaction at rest may take.
DEFAULTS = {"connections": 16, "statement_seconds": 60, "lock_seconds": 30, "idle_seconds": 60}

_TIMEOUTS = {
    "statement_seconds": "statement_timeout",
    "lock_seconds": "lock_timeout",
    "idle_seconds": "idle_in_transaction_session_timeout",
}


def engine(address: str) -> sa.Engine:
    """Return an engine whose connections are kept, looked at before use, and never wait without an end.

    Raises:
        ValueError: a setting is not a positive number.
    """
    url = sa.make_url(address)
    settings = {name: _positive(name, url.query.get(name, default)) for name, default in DEFAULTS.items()}
    options = " ".join(f"-c {setting}={settings[name] * 1000}" for name, setting in _TIMEOUTS.items())
    given = url.query.get("options", "")
    return sa.create_engine(
        url.difference_update_query([*DEFAULTS, "options"]),
        connect_args={"options": f"{options} {given}".strip()},  # what the address says comes last and holds
        pool_size=settings["connections"],
        max_overflow=0,
        pool_timeout=settings["lock_seconds"],
        pool_pre_ping=True,  # a database that was restarted costs one question, not one push
    )


def _positive(name: str, value: object) -> int:
    if str(value).isascii() and str(value).isdecimal() and int(str(value)) > 0:
        return int(str(value))
    raise ValueError(f"{name} is not a positive number")

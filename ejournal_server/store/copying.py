"""What a copy of a whole store needs: the encrypted file written anew, and PostgreSQL's address for its own tools."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from ejournal_server.store.database import Store, StoreUnusable

#: The variables of libpq by the words of an address.
_VARIABLES = {
    "host": "PGHOST", "port": "PGPORT", "username": "PGUSER", "password": "PGPASSWORD", "database": "PGDATABASE",
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "options": "PGOPTIONS", "service": "PGSERVICE",
}  # fmt: skip


def copy_file(store: Store, copy: Path) -> None:
    """Write the embedded store into a new file under the same key, as it stands at one moment.

    Raises:
        StoreFailure: there is no room, or the file cannot be read.
    """
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")  # it begins by itself, and this one statement stands alone
        connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
        connection.exec_driver_sql("BEGIN")


def check_file(store: Store) -> None:
    """See that every page of an embedded store opens and agrees with the others.

    Raises:
        StoreUnusable: one does not.
    """
    with store.engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            raise StoreUnusable("the copy is damaged")


def libpq_environment(url: str) -> dict[str, str]:
    """Return the variables that lead PostgreSQL's own programs to the database of a URL."""
    parts = make_url(url)
    words = {**parts.query, **parts.translate_connect_args()}
    return {_VARIABLES[name]: str(value) for name, value in words.items() if name in _VARIABLES}

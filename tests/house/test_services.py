"""The real services that tests ask for are real."""

from __future__ import annotations

import pytest
import sqlalchemy
from keyring.core import load_keyring

SECRET_SERVICE = "keyring.backends.SecretService.Keyring"


@pytest.mark.postgres
def test_the_database_is_a_real_postgresql_and_speaks_russian(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.connect() as connection:
        assert "PostgreSQL" in str(connection.scalar(sqlalchemy.text("select version()")))
        assert connection.scalar(sqlalchemy.text("select upper('ёлкина')")) == "ЁЛКИНА"
    engine.dispose()


@pytest.mark.keyring
def test_the_keyring_keeps_a_russian_secret(system_keyring: dict[str, str]) -> None:
    backend = load_keyring(SECRET_SERVICE)
    backend.set_password("Журнал", "Ёлкина", "тайна")
    assert backend.get_password("Журнал", "Ёлкина") == "тайна"


def test_without_asking_there_is_no_keyring() -> None:
    with pytest.raises(RuntimeError):
        load_keyring(SECRET_SERVICE)

"""A small town for each story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.together.town import Town


@pytest.fixture(params=["sqlcipher", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Town]:
    """Give a school whose server runs, on the embedded store and on PostgreSQL."""
    database = str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else None
    made = Town(tmp_path, database=database)
    made.server.start()
    yield made
    made.close()

"""Passwords hashed cheaply in this process: their cost is decided and has tests of its own, which ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ejournal_desktop import vault
from ejournal_server import accounts

LIGHT_KIB = 64
DECIDED = {vault: vault.MEMORY_KIB, accounts: accounts.MEMORY_KIB}


@pytest.fixture(scope="session", autouse=True)
def light_passwords() -> Iterator[None]:
    """Take 64 KiB for a hash instead of 64 MiB; a desk and the server write the cost beside each hash."""
    with pytest.MonkeyPatch.context() as patched:
        for place in DECIDED:
            patched.setattr(place, "MEMORY_KIB", LIGHT_KIB)
        yield


@pytest.fixture
def decided_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give one test the cost that people pay."""
    for place, memory in DECIDED.items():
        monkeypatch.setattr(place, "MEMORY_KIB", memory)

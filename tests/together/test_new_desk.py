"""A new desk for a whole school, killed again and again: it goes on, and holds in the end what the server does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core import seal
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.loading import progress
from ejournal_desktop.models.state import Identity
from tests.bench.new_desk import fill_pages
from tests.helpers.certified import certify
from tests.helpers.processes import start_bound
from tests.together.town import Town

RECORDS = 14_000


class NewDesk:
    """The deputy's desk on a PC that is switched off whenever it pleases."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.key, signing = os.urandom(32), seal.new_signing_key()
        person, office = town.school.deputy, town.office
        desk_id = certify(office.authority, person, seal.signing_public_key(signing))
        self.file = town.root / "new.journal"
        identity = Identity(desk_id, person, "Громова", office.authority.school, signing)
        create_journal(self.file, self.key, identity, clock=town.clock).close()
        self.authority = town.root / "authority.pem"
        self.authority.write_text(office.ca_pem)

    def start(self) -> subprocess.Popen[bytes]:
        """Begin or go on in a process of its own."""
        keys = self.town.office.authority.keys.signing_public
        command = [sys.executable, "-m", "tests.together.new_desk_process", str(self.file), self.key.hex(),
                   self.town.server.address, str(self.authority), keys]  # fmt: skip
        return start_bound(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, signal="KILL")

    def chunks_before_it_is_killed(self, chunks: int) -> list[int]:
        """Let it load so many chunks and kill it; return how many records were in after each."""
        process = self.start()
        assert process.stdout is not None
        told = []
        for line in process.stdout:
            told.append(int(line.split()[0]))
            if len(told) == chunks:
                process.kill()
                break
        process.wait(timeout=60)
        process.stdout.close()
        return told


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Town]:
    """Give a town whose school has pages full of marks."""
    town = Town(tmp_path)
    fill_pages(town.office, tmp_path, town.school, RECORDS // 2000)
    town.server.start()
    yield town
    town.close()


def test_a_desk_killed_after_every_chunk_goes_on_with_the_next(filled: Town) -> None:
    """So does the server, killed once in between: its parts are kept."""
    desk, told, is_done = NewDesk(filled), list[int](), False
    for turn in range(20):
        told += desk.chunks_before_it_is_killed(1)
        if turn == 1:
            filled.server.stop(kill=True)
            filled.server.start()
        journal = open_journal(desk.file, desk.key, clock=filled.clock)
        is_done, shown = bool(journal.scope), progress(journal.state())
        journal.close()
        assert is_done or (shown is not None and shown.done >= told[-1])
        if is_done:
            break
    assert is_done
    assert len(told) > 3
    assert told == sorted(set(told)), "no chunk was loaded twice"
    assert marks_in(desk) == RECORDS // 25 * 20


def marks_in(desk: NewDesk) -> int:
    journal = open_journal(desk.file, desk.key)
    with journal.reading() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM mark").scalar_one()
    journal.close()
    return int(count)

"""A desk that loads its school in a process of its own, so that it can be killed as a power cut would.

    python -m tests.together.new_desk_process FILE KEY SERVER CA SERVER_KEY

Prints a line after each chunk: how many records are in.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ejournal_desktop.models.desk import open_journal
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.sync import holding
from ejournal_desktop.sync.desks import caller
from ejournal_desktop.sync.server import SchoolServer


def main(file: str, key: str, address: str, authority: str, server_key: str) -> None:
    """Load what is missing."""
    journal = open_journal(Path(file), bytes.fromhex(key))
    journal.watch_loading(tell)
    with SchoolServer(address, Path(authority).read_text(), caller(journal)) as server:
        holding.follow_scope(journal, server, bytes.fromhex(server_key))
    journal.close()


def tell(progress: Progress) -> None:
    """Say how far it is."""
    print(progress.done, progress.total, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

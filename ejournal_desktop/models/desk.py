"""Make and open the journal of one desk."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ejournal_core.errors import Trouble
from ejournal_desktop.models import blobs
from ejournal_desktop.models.database import WRITE, Key, create_database, open_database, sorted_errors
from ejournal_desktop.models.journal import Clock, Entropy, Journal, local_now
from ejournal_desktop.models.outgoing import Outgoing
from ejournal_desktop.models.state import Identity


def create_journal(
    path: Path,
    key: Key,
    identity: Identity,
    outgoing_folder: Path | None = None,
    clock: Clock = local_now,
    entropy: Entropy = os.urandom,
) -> Journal:
    """Make the encrypted file of a new desk and open it.

    Args:
        path: the file, which must not exist yet.
        key: 32 raw bytes from the vault.
        identity: who the desk belongs to, with its signing key.
        outgoing_folder: where sealed copies of undelivered changes are kept; None for none.

    Raises:
        Trouble: the disk is full or read-only, or a network share.
    """
    engine = create_database(path, key)
    with sorted_errors(), engine.connect().execution_options(**WRITE) as connection, connection.begin():
        identity.write(connection)
    return _with_outgoing(Journal(engine, clock, entropy), outgoing_folder)


def open_journal(
    path: Path,
    key: Key,
    outgoing_folder: Path | None = None,
    clock: Clock = local_now,
    entropy: Entropy = os.urandom,
) -> Journal:
    """Open the journal of a desk; unsent changes that its sealed outgoing file lacks are added there.

    Raises:
        Trouble: as `database.open_database`.
    """
    journal = Journal(open_database(path, key), clock, entropy)
    with suppress(Trouble):  # on a full disk it is read all the same
        blobs.sweep(journal)
    return _with_outgoing(journal, outgoing_folder)


def _with_outgoing(journal: Journal, folder: Path | None) -> Journal:
    if folder is not None:
        Outgoing(journal, folder).attach()
    return journal

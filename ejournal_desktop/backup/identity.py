"""The administrator's backup identity: an age key pair that lives in the administrator's own encrypted journal.

It opens the base of a generation for the trial restore, never the server's keys. A lost one costs nothing but a new
one: the next generation is sealed to the new, and older ones open with the recovery key of the safe.
"""

from __future__ import annotations

from ejournal_core.age_file import BackupIdentity
from ejournal_desktop.models.journal import Journal


def own_identity(journal: Journal) -> BackupIdentity:
    """Return the identity kept in the journal; the first time, make it."""
    kept = journal.state().backup_key
    if kept:
        return BackupIdentity.of(kept)
    made = BackupIdentity.new()
    journal.note(backup_key=made.secret)
    return made

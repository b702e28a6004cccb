"""Which copy a person looks into: found on drives, opened with a key, and forgotten with the person's own journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from ejournal_core.errors import Trouble
from ejournal_core.key_sheet import read_typed
from ejournal_desktop import paths
from ejournal_desktop.backup.drives import plugged_in
from ejournal_desktop.backup.troubles import NoBackupHere
from ejournal_desktop.backup.viewing import Copy, Found, find_generations, open_copy
from ejournal_desktop.backup.volumes import Volumes
from ejournal_desktop.models.commands.audit_log import tell_event
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.pairing import read_workstation
from ejournal_desktop.ui.jobs import Report


class CopyRow(Struct, frozen=True):
    """A generation to choose: on what it lies («Синяя», the name of a folder), and what was found there."""

    id: str
    where: str
    found: Found


class KeyMistyped(Trouble):
    """What was typed is no key; `groups` names the groups of the sheet that cannot be right."""

    code = "EJ-353"


def pinned_key() -> str:
    """Return the school server's key as this computer pinned it, hex; "" where it knows no server."""
    workstation = read_workstation()
    return workstation.server_key if workstation is not None else ""


class CopiesOpen:
    """At most one copy at a time; it closes with the person's journal, when that is locked or left.

    Args:
        journal: the person's own.
        volumes: who says what is plugged in; None asks the system.
        server_key: tells the school server's key, hex.
    """

    def __init__(
        self, journal: Journal, volumes: Volumes | None = None, server_key: Callable[[], str] = pinned_key
    ) -> None:
        self._journal = journal
        self._volumes = volumes
        self._server_key = server_key
        self.copy: Copy | None = None
        journal.keep_copies(lambda _changes: None, _nothing, _nothing, self.close)

    @property
    def has_own_key(self) -> bool:
        """Say whether this person makes backups: then the own key opens them."""
        return bool(self._journal.state().backup_key)

    def find(self, folders: Sequence[Path]) -> tuple[CopyRow, ...]:
        """Return what lies on the plugged-in drives and in the folders; reads drives: not for the window's thread.

        Raises:
            DriveFailed: a folder that was named cannot be read.
        """
        places = dict.fromkeys(folders, "")
        for plugged in plugged_in(self._journal.identity.school, self._volumes):
            places[plugged.volume.root] = plugged.card.label if plugged.card else plugged.volume.label
        rows: list[CopyRow] = []
        for folder, label in places.items():
            try:
                found = find_generations([folder], self._server_key())
            except NoBackupHere:
                continue
            rows += [CopyRow(str(each.folder), label or folder.name, each) for each in found]
        return tuple(sorted(rows, key=lambda row: _made_at(row.found), reverse=True))

    def key_of(self, typed: str) -> str:
        """Return the key to open with: what was typed from the sheet, or the administrator's own where nothing was.

        Raises:
            KeyMistyped: it is none.
        """
        if not typed.strip() and self.has_own_key:
            return self._journal.state().backup_key
        key = read_typed(typed)
        if not key.secret:
            raise KeyMistyped("no key", groups=", ".join(map(str, key.wrong)))
        return key.secret

    def open(self, found: Found, secret: str, report: Report) -> Copy:
        """Unfold a copy, write into the log of events that it was opened, and keep it until it is closed.

        Raises:
            Trouble: as `viewing.open_copy`.
        """
        zone = self._journal.clock().tzinfo
        assert zone is not None, "the clock of a desk is aware"
        opened = open_copy(found.folder, secret, self._server_key(), paths.viewed_folder(), report, zone)
        tell_event(self._journal, "backup_viewed", detail=opened.catalogue.generation)
        if self._journal.is_closed:
            opened.close()
        else:
            self.close()
            self.copy = opened
        return opened

    def close(self) -> None:
        """Forget the copy that is open."""
        opened, self.copy = self.copy, None
        if opened is not None:
            opened.close()


def _made_at(found: Found) -> tuple[bool, str]:
    return found.catalogue is not None, found.catalogue.made_at if found.catalogue else ""


def _nothing() -> None:
    """A copy has nothing to flush, and stays closed when the journal opens again."""

"""Fetch a fresh generation from the school's server: sealed there, carried from here, compared on arrival."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from ejournal_core import wire
from ejournal_core.archive import Catalogue
from ejournal_core.changes import canonical
from ejournal_desktop.backup.drives import flush_folder, write_whole
from ejournal_desktop.backup.prove import CATALOGUE, Report, believe, compare_files
from ejournal_desktop.backup.write import remove_unfinished, unfinished_name


class BackupServer(Protocol):
    """The calls that fetching needs; `sync.server.SchoolServer` signed by an administrator's desk has them."""

    def make_backup(self, request: wire.BackupRequest) -> bytes:
        """Let the server seal the whole school; return the signed catalogue."""

    def fetch_backup(self, generation: str, name: str, sink: Callable[[bytes], object]) -> None:
        """Hand a file of a generation to `sink`, piece by piece."""


def fetch_generation(
    server: BackupServer, folder: Path, recipient: str, server_key: str, report: Report
) -> tuple[Path, Catalogue]:
    """Let the server make a generation and bring it into `folder`; return where it lies, and its catalogue.

    Nothing in it is readable without its keys. It is there whole or not at all.

    Args:
        recipient: the administrator's backup recipient ("age1…").
        server_key: the school's server key, hex.

    Raises:
        DamagedArchive: what arrived is not what the server's catalogue says.
        ServerAway, ServerRefused: as every call.
        OSError: the folder cannot be written.
    """
    report.step(0, 0, "сервер готовит копию")
    catalogue = believe(server.make_backup(wire.BackupRequest(administrator=recipient)), server_key)
    folder.mkdir(parents=True, exist_ok=True)
    remove_unfinished(folder)
    target = folder / catalogue.generation
    unfinished = unfinished_name(target)
    unfinished.mkdir(mode=0o700)
    try:
        _receive(server, unfinished, catalogue, report)
        compare_files(unfinished, catalogue, report)
        unfinished.rename(target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    flush_folder(folder)
    return target, catalogue


def _receive(server: BackupServer, folder: Path, catalogue: Catalogue, report: Report) -> None:
    total, done = sum(file.size for file in catalogue.files), 0
    for file in catalogue.files:
        with (folder / file.name).open("xb") as out:
            server.fetch_backup(catalogue.generation, file.name, _Sink(out, report, done, total))
            out.flush()
            os.fsync(out.fileno())
        done += file.size
    write_whole(folder / CATALOGUE, canonical(catalogue) + b"\n")


class _Sink:
    """Writes pieces as they arrive, tells how far it is, and stops when the person cancels."""

    def __init__(self, out: IO[bytes], report: Report, done: int, total: int) -> None:
        self._out = out
        self._report = report
        self._done = done
        self._total = total

    def __call__(self, piece: bytes) -> None:
        self._report.check()
        self._out.write(piece)
        self._done += len(piece)
        self._report.step(self._done, self._total, "получаем копию с сервера")

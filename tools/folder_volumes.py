"""Folders that stand for drives, where the demo and the tests have no sticks; the program itself never takes them."""

from __future__ import annotations

from pathlib import Path

from ejournal_desktop.backup.volumes import Volume


class FolderVolumes:
    """Says of each given folder that it is a device of its own."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders

    def mounted(self) -> tuple[Volume, ...]:
        """Return one volume for each folder."""
        return tuple(map(_volume, self._folders))


def _volume(folder: Path) -> Volume:
    root = folder.resolve()
    return Volume(root=root, label=folder.name, devices=(str(root),), removable=True)

"""One school for all tests of the drives, and drives of their own for each."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ejournal_desktop.backup.drives import Drive
from tests.desktop.backup.drive_world import Made, make_school, mount, new_drive


@pytest.fixture(scope="session")
def generations(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Give two generations of one school, the older first."""
    return make_school(tmp_path_factory.mktemp("school"))


@pytest.fixture
def made(generations: list[Made]) -> Made:
    """Give the newer generation."""
    return generations[1]


@pytest.fixture
def older(generations: list[Made]) -> Made:
    """Give the older generation."""
    return generations[0]


@pytest.fixture
def drives(tmp_path: Path, made: Made) -> tuple[Drive, Drive]:
    """Give two registered drives."""
    return new_drive(tmp_path, made.school, "Носитель-1"), new_drive(tmp_path, made.school, "Носитель-2")


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Give a function that mounts a file system of this test's own: `mounted("-t", "tmpfs", "-o", …, "tmpfs")`."""
    places: list[Path] = []

    def at(*arguments: str) -> Path:
        place = tmp_path / f"mount-{len(places)}"
        place.mkdir()
        if not mount(*arguments, str(place)):
            pytest.skip("this process may not mount file systems")
        places.append(place)
        return place

    yield at
    for place in places:
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)

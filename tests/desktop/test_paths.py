"""Where files lie: the account's own folder, and everything under one override."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ejournal_desktop import paths


def test_one_variable_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "here"))
    places = (paths.data_folder(), paths.desks_folder(), paths.outgoing_folder(),
              paths.settings_file())  # fmt: skip
    assert all(place.is_relative_to(tmp_path / "here") for place in places)


def test_folders_are_made_for_their_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.OVERRIDE, str(tmp_path / "here"))
    assert stat.S_IMODE(paths.desks_folder().stat().st_mode) == 0o700


def test_without_the_variable_the_accounts_own_folder_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.OVERRIDE, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert paths.data_folder() == tmp_path / "data" / "ejournal"


def test_the_shared_outgoing_folder_is_taken_when_the_installer_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(paths.OVERRIDE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(paths, "_shared_folder", lambda: tmp_path / "shared")
    assert paths.outgoing_folder() == tmp_path / "data" / "ejournal" / "outgoing"
    (tmp_path / "shared").mkdir()
    assert paths.outgoing_folder() == tmp_path / "shared"


def test_resources_are_found() -> None:
    assert paths.resources_folder().is_dir()

"""Settings of the device: typed, with defaults, kept whole on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ejournal_desktop import settings
from ejournal_desktop.settings import DeviceSettings


def test_without_a_file_every_setting_has_its_default(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "settings.json") == DeviceSettings()


def test_a_changed_setting_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings.change(path, theme="dark", keyring_told=True)
    assert settings.load(path) == DeviceSettings(theme="dark", keyring_told=True)


@pytest.mark.parametrize(("key", "value"), [("theme", "purple"), ("keyring_told", 500), ("no_such", 1)])
def test_a_value_of_another_kind_is_refused_and_the_file_stays(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "settings.json"
    settings.change(path, theme="dark")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=key):
        settings.change(path, **{key: value})
    assert path.read_bytes() == before


def test_a_spoilt_value_in_the_file_has_its_default_and_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": 5, "last_desk": "desk-1"}))
    assert settings.load(path) == DeviceSettings(last_desk="desk-1")


def test_settings_of_a_newer_version_stay_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"from_the_future": [1, 2]}))
    settings.change(path, theme="light")
    assert json.loads(path.read_text())["from_the_future"] == [1, 2]


def test_a_file_that_is_not_json_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"\x00\xff")
    assert settings.load(path) == DeviceSettings()
    assert settings.change(path, theme="dark").theme == "dark"

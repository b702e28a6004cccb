"""Every setting of this device once: its key, type and default. None of them is secret."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from ejournal_core.errors import NOT_JSON

Theme = Literal["system", "light", "dark"]


class DeviceSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The settings with their defaults.

    Attributes:
        theme: light, dark or as the system has it.
        last_desk: whose name Вход offers first.
        window_place: where the main window stood and how large it was.
        keyring_told: that this PC has no keyring is said once.
    """

    theme: Theme = "system"
    last_desk: str = ""
    window_place: str = ""
    keyring_told: bool = False


def load(path: Path) -> DeviceSettings:
    """Return the settings of a file; what is missing, unknown or unreadable there has its default."""
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, *NOT_JSON):
        return DeviceSettings()
    settings = DeviceSettings()
    for key, value in stored.items():
        if key in DeviceSettings.__struct_fields__:
            settings = _changed(settings, key, value) or settings
    return settings


def change(path: Path, **values: Any) -> DeviceSettings:
    """Change settings and store them; the file is replaced as a whole, and settings of a newer version stay in it.

    Raises:
        ValueError: there is no such setting, or the value is not one of its kind.
        OSError: the file cannot be written; the old one stays.
    """
    settings = load(path)
    for key, value in values.items():
        changed = _changed(settings, key, value) if key in DeviceSettings.__struct_fields__ else None
        if changed is None:
            raise ValueError(f"setting {key} cannot be {value!r}")
        settings = changed
    _store(path, settings)
    return settings


def remember(path: Path, **values: Any) -> None:
    """Do what `change` does if the disk lets it: these settings are a comfort, and no work stops for one."""
    with suppress(OSError):
        change(path, **values)


def _changed(settings: DeviceSettings, key: str, value: Any) -> DeviceSettings | None:
    try:
        return msgspec.convert({**msgspec.to_builtins(settings), key: value}, DeviceSettings)
    except msgspec.ValidationError:
        return None


def _store(path: Path, settings: DeviceSettings) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        foreign = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, *NOT_JSON):
        foreign = {}
    kept = {key: value for key, value in foreign.items() if key not in DeviceSettings.__struct_fields__}
    text = msgspec.json.format(msgspec.json.encode({**kept, **msgspec.to_builtins(settings)}), indent=2)
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

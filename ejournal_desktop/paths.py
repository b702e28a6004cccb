"""Where the program keeps its files. `EJOURNAL_DATA` moves all of them, for tests, demos and portable use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

APP = "ejournal"
OVERRIDE = "EJOURNAL_DATA"


def data_folder() -> Path:
    """Return the system account's own folder of the program, made when missing."""
    override = os.environ.get(OVERRIDE)
    return _made(Path(override) if override else platformdirs.user_data_path(APP, appauthor=False))


def desks_folder() -> Path:
    """Return the folder with one sub-folder per desk, readable by the owner alone."""
    return _made(data_folder() / "desks")


def settings_file() -> Path:
    """Return the file with this device's settings; it may not exist yet."""
    return data_folder() / "settings.json"


def outgoing_folder() -> Path:
    """Return the folder of sealed undelivered work, shared by everybody on this PC.

    The installer makes it (`/var/lib/ejournal/outgoing`, `%PROGRAMDATA%\\ejournal\\outgoing`). Without it, or without
    the right to write there, the account's own folder serves: then only people of this system account can deliver.
    """
    shared = None if os.environ.get(OVERRIDE) else _shared_folder()
    if shared is not None and shared.is_dir() and os.access(shared, os.W_OK):
        return shared
    return _made(data_folder() / "outgoing")


def opened_folder() -> Path:
    """Return the account's own folder for readable copies of files that somebody is looking at.

    Where the system gives the account a folder that lives in memory, it serves: then no copy ever reaches the disk.
    """
    runtime = "" if os.environ.get(OVERRIDE) else os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK):
        return _made(Path(runtime) / f"{APP}-opened")
    return _made(data_folder() / "opened")


def viewed_folder() -> Path:
    """Return the account's own folder for backups that somebody is looking into; encrypted, and empty otherwise."""
    return _made(data_folder() / "viewed")


def resources_folder() -> Path:
    """Return the folder with fonts, icons, theme and demo data, in the checkout and in a frozen bundle alike."""
    frozen = getattr(sys, "_MEIPASS", None)
    return Path(frozen) / "resources" if frozen else Path(__file__).resolve().parent.parent / "resources"


def _shared_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / APP / "outgoing"
    return Path("/var/lib") / APP / "outgoing"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder

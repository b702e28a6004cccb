"""Refuse to start on ground that is known to swallow data: three traps, each found the hard way by somebody."""

from __future__ import annotations

import sys
from importlib import metadata

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from sqlcipher3 import dbapi2

from ejournal_core.errors import Trouble

#: The first Python in which None cannot be freed, so that Qt's lost references to it do no harm.
PYTHON_WITH_IMMORTAL_NONE = (3, 12)
#: The release series of PySide6 that loses a reference to None at every call that returns nothing.
QT_THAT_LOSES_NONE = "6.12."

#: Until this release a checkpoint that raced with a writer could damage a database in WAL mode.
OLDEST_SQLITE = (3, 51, 3)

#: Keyrings that encrypt. Everything else is taken for plaintext, whatever it calls itself.
ENCRYPTING_KEYRINGS = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.macOS.Keyring",
    }
)
#: What the library gives where there is no keyring, or where its owner switched it off.
ABSENT_KEYRINGS = frozenset({"keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"})


class QtLosesNone(Trouble):
    """This PySide6 on this Python ends the process in the middle of a lesson."""

    code = "EJ-390"


class OldSqlite(Trouble):
    """The SQLite inside is older than the one in which WAL mode is safe."""

    code = "EJ-309"


class PlaintextKeyring(Trouble):
    """The system's keyring would store secrets for everybody to read."""

    code = "EJ-391"


def keep_memory_off_the_disk() -> None:
    """Let a crash write no image of the memory, which holds the key and the entries (Linux and macOS).

    On Windows the system writes one only where its administrator has switched that on.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_surroundings() -> None:
    """Raise a Trouble where going on would endanger what a person enters; call it before anything is opened."""
    refuse_qt_that_loses_none()
    refuse_old_sqlite()
    usable_keyring()


def refuse_qt_that_loses_none(version: str | None = None, python: tuple[int, ...] = sys.version_info[:2]) -> None:
    """Raise where PySide6 `version` (the installed one by default) corrupts the reference count of None."""
    found = version or installed_version("PySide6_Essentials")
    if found.startswith(QT_THAT_LOSES_NONE) and python < PYTHON_WITH_IMMORTAL_NONE:
        raise QtLosesNone(version=found, python=".".join(map(str, python)))


def installed_version(distribution: str) -> str:
    """Return the version of an installed distribution, empty where nobody noted it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def refuse_old_sqlite(version: tuple[int, ...] = dbapi2.sqlite_version_info) -> None:
    """Raise where the bundled SQLite has the race between checkpoint and writer."""
    if version < OLDEST_SQLITE:
        raise OldSqlite(version=".".join(map(str, version)))


def usable_keyring() -> KeyringBackend | None:
    """Return the system's keyring, None where there is none; raise where a plaintext one would be used."""
    _pass_over_macos()
    chosen = keyring.get_keyring()
    members = chosen.backends if isinstance(chosen, ChainerBackend) else [chosen]
    present = [kind for kind in map(kind_of, members) if kind not in ABSENT_KEYRINGS]
    for kind in present:
        if kind not in ENCRYPTING_KEYRINGS:
            raise PlaintextKeyring(keyring=kind)
    return chosen if present else None


def _pass_over_macos() -> None:
    """Keep the search for keyrings from looking for Apple's libraries: that starts ldconfig and a compiler."""
    if sys.platform != "darwin":
        sys.modules.setdefault("keyring.backends.macOS.api", None)  # type: ignore[arg-type]  # None: "not to be had"


def kind_of(backend: KeyringBackend) -> str:
    """Return the full name of a keyring's class."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"

"""The program does not start on ground that is known to swallow data."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import ClassVar

import keyring.core
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from ejournal_core.errors import Trouble
from ejournal_desktop import guards

COUNT_NONE = """
import gc, os, sys
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

image = QImage(16, 16, QImage.Format.Format_RGB32)
painter, rect, colour = QPainter(image), QRect(0, 0, 8, 8), QColor("white")
gc.collect(); gc.disable()
before = sys.getrefcount(None)
for _ in range(1000): painter.fillRect(rect, colour)
print((before - sys.getrefcount(None)) / 1000, flush=True)
os._exit(0)
"""


class OpenBook(KeyringBackend):
    """A keyring like those of keyrings.alt: it works, and everybody can read it."""

    viable: ClassVar[bool] = False  # it must not be found by other tests

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def get_password(self, service: str, username: str) -> str | None:
        return None


def test_this_machine_is_safe_ground() -> None:
    guards.check_surroundings()


@pytest.mark.parametrize("version", ["6.12.0", "6.12.3"])
def test_a_qt_that_loses_none_is_refused_on_python_before_3_12(version: str) -> None:
    with pytest.raises(guards.QtLosesNone) as refused:
        guards.refuse_qt_that_loses_none(version, (3, 11))
    assert refused.value.details == {"version": version, "python": "3.11"}


@pytest.mark.parametrize(("version", "python"), [("6.11.3", (3, 11)), ("6.12.0", (3, 12)), ("6.12.0", (3, 13))])
def test_a_qt_that_keeps_none_is_let_in(version: str, python: tuple[int, int]) -> None:
    guards.refuse_qt_that_loses_none(version, python)


def test_the_installed_qt_is_the_one_that_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", {"PySide6_Essentials": "6.12.0"}.__getitem__)
    monkeypatch.setattr(guards, "PYTHON_WITH_IMMORTAL_NONE", (99, 0))
    with pytest.raises(guards.QtLosesNone):
        guards.check_surroundings()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None cannot be freed since Python 3.12")
def test_painting_leaves_the_reference_count_of_none_alone() -> None:
    # in a process of its own, and left without a farewell: where references are lost, tidying up is what kills
    told = subprocess.run([sys.executable, "-c", COUNT_NONE], capture_output=True, text=True, check=True).stdout
    assert float(told) < 0.1, f"{told.strip()} references to None lost by a call of fillRect"


@pytest.mark.parametrize("version", [(3, 51, 2), (3, 40, 1)])
def test_an_sqlite_with_the_race_is_refused(version: tuple[int, ...]) -> None:
    with pytest.raises(guards.OldSqlite):
        guards.refuse_old_sqlite(version)


def test_the_sqlite_inside_is_judged_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    guards.refuse_old_sqlite((3, 51, 3))
    monkeypatch.setattr(guards, "OLDEST_SQLITE", (99,))
    with pytest.raises(guards.OldSqlite):
        guards.check_surroundings()


def made(kind: Callable[[], KeyringBackend]) -> KeyringBackend:
    return kind()


def choose(monkeypatch: pytest.MonkeyPatch, kind: Callable[[], KeyringBackend]) -> None:
    """Let this machine have a keyring of `kind`."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", made(kind))


def test_a_plaintext_keyring_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, OpenBook)
    with pytest.raises(guards.PlaintextKeyring) as refused:
        guards.check_surroundings()
    assert str(refused.value.details["keyring"]).endswith("test_guards.OpenBook")


def test_a_plaintext_keyring_is_found_behind_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [made(fail.Keyring), made(OpenBook)])
    choose(monkeypatch, chainer.ChainerBackend)
    with pytest.raises(guards.PlaintextKeyring):
        guards.usable_keyring()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, chainer.ChainerBackend])
def test_no_keyring_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch, backend: type[KeyringBackend]) -> None:
    choose(monkeypatch, backend)
    assert guards.usable_keyring() is None


@pytest.mark.keyring
def test_the_systems_own_keyring_is_taken(system_keyring: dict[str, str]) -> None:
    chosen = guards.usable_keyring()
    assert chosen is not None
    chosen.set_password("ejournal", "стол", "тайна")
    assert chosen.get_password("ejournal", "стол") == "тайна"


def test_every_guard_says_its_own_code() -> None:
    kinds: list[type[Trouble]] = [guards.QtLosesNone, guards.OldSqlite, guards.PlaintextKeyring]
    assert len({kind.code for kind in kinds}) == 3


STARTED = """
import resource, sys
from ejournal_desktop import __main__, app
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
app.run = lambda arguments: print(resource.getrlimit(resource.RLIMIT_CORE)) or 0
sys.argv = ["ejournal-desktop"]
sys.exit(__main__.main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_crash_writes_no_image_of_the_memory() -> None:
    told = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True, check=True).stdout
    assert told == "(0, 0)\n"

"""What starting the program costs is paid at every lesson break: it loads what the window needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: Libraries of papers and of files that people bring; each loads with the first of them.
LATER = ("docx", "lxml", "openpyxl", "pikepdf", "PIL", "pyhanko", "reportlab")
#: What only a session needs: the journal, the network, the person's screens.
BEHIND_THE_SIGN_IN = ("sqlalchemy", "httpx", "ejournal_desktop.models.journal", "ejournal_desktop.ui.places")

LOADED_BY_A_SESSION = """
import sys
import ejournal_desktop.app
from ejournal_desktop.ui.loading_ahead import PLAIN, WITH_WINDOWS
from importlib import import_module
for name in (*PLAIN, *WITH_WINDOWS):
    import_module(name)
"""
PAINTED = """
import sys
from PySide6.QtWidgets import QApplication
from ejournal_desktop.app import Program
app = QApplication([])
program = Program()
program.show()
"""
PAINTED_AND_WAITED_FOR = f"""
{PAINTED}
while not program.ahead.is_done:
    app.processEvents()
program.window.close()
"""
MODULES_A_TURN = """
import sys
import ejournal_desktop.app
from ejournal_desktop.ui.loading_ahead import PLAIN, WITH_WINDOWS
from importlib import import_module
for name in PLAIN:
    import_module(name)
most, names = 0, "none"
for name in WITH_WINDOWS:
    before = len(sys.modules)
    import_module(name)
    if len(sys.modules) - before > most:
        most, names = len(sys.modules) - before, name
print(most, names)
"""
MOST_A_TURN = 50  # modules; each takes a millisecond or so


def _loaded(script: str, names: tuple[str, ...]) -> list[str]:
    return _said(f"{script}\nprint(*sorted(set({names!r}).intersection(sys.modules)))")


def _said(script: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300
    ).stdout.split()


def test_the_window_opens_without_the_libraries_of_papers_and_files() -> None:
    assert _loaded(LOADED_BY_A_SESSION, LATER) == []


def test_the_sign_in_is_painted_without_journal_network_and_screens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EJOURNAL_DATA", str(tmp_path))
    assert _loaded(PAINTED, BEHIND_THE_SIGN_IN) == []


def test_what_a_session_needs_is_loaded_once_the_sign_in_is_painted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EJOURNAL_DATA", str(tmp_path))
    assert _loaded(PAINTED_AND_WAITED_FOR, BEHIND_THE_SIGN_IN) == sorted(BEHIND_THE_SIGN_IN)


def test_no_turn_of_the_window_loads_very_much_at_once() -> None:
    most, name = _said(MODULES_A_TURN)
    assert int(most) <= MOST_A_TURN, name

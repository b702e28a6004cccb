"""The first command on a bare machine: it makes its environment, survives being killed, and says what it may not do."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.helpers.processes import become
from tests.helpers.source import ROOT
from tools.bootstrap import missing, read_sections

#: A project whose build needs nothing from outside, so that these tests run without a network.
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "bare-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("bare.py", "INSTALLED = True")
        wheel.writestr("bare-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: bare\\nVersion: 1\\n")
        wheel.writestr("bare-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("bare-1.dist-info/RECORD", "")
    return name
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a checkout that the bootstrap takes for ours, with an empty lock and no system packages."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "bootstrap.py", tmp_path / "tools")
    (tmp_path / "tools" / "system-packages.txt").write_text("[run]\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (tmp_path / "backend.py").write_text(BACKEND, encoding="utf-8")
    (tmp_path / "requirements.lock").write_text("", encoding="utf-8")
    return tmp_path


def start(checkout: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "tools/bootstrap.py", "run"]
    environment = os.environ | {"PIP_NO_INDEX": "1"}
    return subprocess.Popen(
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip


def finish(checkout: Path) -> str:
    with start(checkout) as running:
        said = running.communicate()[0]
    assert running.returncode == 0, said
    return said


def is_ready(checkout: Path) -> bool:
    question = "import bare; print(bare.INSTALLED)"
    python = checkout / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", question], capture_output=True, text=True, check=False).stdout == "True\n"


def test_the_second_start_does_nothing_until_something_changes(checkout: Path) -> None:
    assert "ready" in finish(checkout)
    assert is_ready(checkout)
    assert finish(checkout) == ""
    (checkout / "requirements.lock").write_text("# another\n", encoding="utf-8")
    assert "ready" in finish(checkout)
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "ejournal-lock.sha256").unlink()
    assert "making the Python environment" in finish(checkout)
    assert is_ready(checkout)


@pytest.mark.parametrize("seconds", [0.2, 1.0, 2.5])
def test_killed_at_any_moment_the_next_start_completes(checkout: Path, seconds: float) -> None:
    with start(checkout) as running:
        time.sleep(seconds)
        os.killpg(running.pid, signal.SIGKILL)
    finish(checkout)
    assert is_ready(checkout)


def test_a_package_that_was_half_installed_when_it_was_killed_does_not_stop_the_next_start(checkout: Path) -> None:
    finish(checkout)
    (library,) = (checkout / ".venv" / "lib").iterdir()
    vendored = library / "site-packages" / "pip" / "_vendor"
    shutil.rmtree(vendored / "rich")
    (vendored / "packaging" / "version.py").unlink()
    (checkout / ".venv" / "ejournal-lock.sha256").unlink()
    assert "ready" in finish(checkout)
    assert is_ready(checkout)


def test_two_starts_at_once_do_not_disturb_each_other(checkout: Path) -> None:
    with start(checkout) as first, start(checkout) as second:
        said = first.communicate()[0] + second.communicate()[0]
    assert (first.returncode, second.returncode) == (0, 0), said
    assert said.count("ready") == 1


def test_who_may_not_install_is_told_the_exact_command(checkout: Path) -> None:
    listing = "[run]\nejournal-no-such-library | ejournal-no-such-library-t64\n"
    (checkout / "tools" / "system-packages.txt").write_text(listing, encoding="utf-8")
    with tempfile.TemporaryDirectory(dir="/tmp") as open_folder:  # pytest's own is closed to others
        shutil.copytree(checkout, open_folder, dirs_exist_ok=True)
        Path(open_folder).chmod(0o755)
        command = ["setpriv", *become("nobody"), "/usr/bin/python3", "tools/bootstrap.py", "run"]
        done = subprocess.run(command, cwd=open_folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    assert "    apt-get install --no-install-recommends ejournal-no-such-library\n" in done.stderr


def test_a_package_is_there_under_any_of_its_names() -> None:
    assert missing([["ejournal-no-such-library", "dpkg"], ["ejournal-no-such-library"]]) == [
        ["ejournal-no-such-library"]
    ]


def test_the_list_of_packages_reads_as_it_is_written() -> None:
    sections = read_sections((ROOT / "tools" / "system-packages.txt").read_text(encoding="utf-8"))
    assert list(sections) == [
        "run", "run-optional", "test", "package", "bench", "bench-optional", "campaign", "campaign-optional",
    ]  # fmt: skip
    assert ["libcups2", "libcups2t64"] in sections["run"]

"""The front door: what `make run` does with a screen and without one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import demo_school as small_school
from ejournal_desktop.exchange.troubles import FileTrouble
from tests.helpers.source import ROOT
from tools import demo_school
from tools.demo_place import InUse, alone_in


def test_where_there_is_a_screen_the_demo_leaves_the_choice_of_the_platform_to_qt() -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    asked = "import os, tools.demo; print(os.environ.get('QT_QPA_PLATFORM', 'nobody chose'))"
    said = subprocess.run(
        [sys.executable, "-c", asked], env=surroundings, capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout == "nobody chose\n"


def test_two_demos_do_not_share_a_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path), pytest.raises(InUse), alone_in(tmp_path):
        pass
    with alone_in(tmp_path):
        pass


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-18T07:41:59", "2026-11-17"),
        ("2026-11-18T07:42:00", "2026-11-18"),
        ("2026-11-23T05:00:00", "2026-11-21"),
        ("2027-07-20T12:00:00", "2026-11-20"),
    ],
    ids=["before its hour", "at its hour", "Monday early", "summer"],
)
def test_the_day_of_the_demo_is_never_ahead_of_the_clock_that_certificates_are_judged_by(now: str, day: str) -> None:
    moment = demo_school.story_moment(small_school(), datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert moment.date().isoformat() == day


def test_the_invented_school_is_founded_with_its_whole_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_timetable_program(_root: Path) -> ImportPlan:
        raise FileTrouble("fet", "not installed", "")

    monkeypatch.setattr(demo_school, "lom_school", no_timetable_program)  # the small school: it is made in seconds
    said: list[str] = []
    story = demo_school.prepare(tmp_path, said.append)
    assert story == demo_school.prepare(tmp_path, said.append)
    assert any("История: " in line for line in said)


def test_where_there_is_no_screen_a_whole_school_day_is_played_and_told(tmp_path: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare |= {"PYTHONPATH": str(ROOT), "PATH": str(tmp_path)}  # without the timetable program the school is a small one
    played = subprocess.run(
        [sys.executable, "-m", "tools.demo"], cwd=tmp_path, env=bare, capture_output=True, text=True, timeout=280
    )  # fmt: skip
    assert played.returncode == 0, played.stderr
    told = (tmp_path / "build" / "day" / "day.md").read_text(encoding="utf-8")
    for part in ("Урок без сервера", "Одна клетка, два компьютера", "Подписи верны", "те же, что подписаны в копии"):
        assert part in told


SERVING = """
import sys, time
from datetime import datetime, timezone
from pathlib import Path
from ejournal_server import folder
from tools.demo_place import Days, DemoServer
from types import SimpleNamespace
root = Path(sys.argv[1])
folder.found(root / "server", "Школа").close()
server = DemoServer(root, Days(root, SimpleNamespace(moment=datetime.now(timezone.utc))))
server.start()
print(server._process.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel of Linux does it; elsewhere atexit")
def test_the_demo_s_server_ends_with_a_demo_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVING, str(tmp_path)], stdout=subprocess.PIPE) as demo:
        assert demo.stdout is not None
        server = int(demo.stdout.readline())
        assert Path(f"/proc/{server}").exists()
        demo.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while _runs(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(server)


def _runs(process: int) -> bool:
    """Say whether a process runs; one that only waits to be buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False

"""The pictures: every screen is in the one list, is drawn, and is not an empty sheet."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tools import shots
from tools.scenes import SCENES

ROOT = Path(__file__).resolve().parents[3]
SCREENS = {
    "sign-in": "sign_in.py", "today": "today.py", "journal": "journal.py", "lesson": "lesson.py", "state": "state.py",
    "documents": "documents.py", "pairing": "pairing.py", "sign-in-first": "first_sign_in.py",
    "control": "control.py", "destruction": "destruction.py", "results": "period_marks.py", "class": "my_class.py",
    "plan": "lesson_plan.py", "reports": "pupil_data.py", "people": "administration.py",
}  # fmt: skip


def test_every_screen_has_its_scenes() -> None:
    files = {path.name for path in (ROOT / "ejournal_desktop" / "ui" / "screens").glob("*.py")}
    actions = {
        "journal_actions.py",
        "lesson_actions.py",
        "today_actions.py",
        "control_actions.py",
        "period_marks_actions.py",
        "lesson_plan_actions.py",
    }
    without_pictures = {"__init__.py", "screen.py", *actions}
    assert files - without_pictures == set(SCREENS.values())
    assert {name for name in SCREENS if not any(scene.id == name for scene in SCENES)} == set()
    assert len({scene.id for scene in SCENES}) == len(SCENES)


def test_light_and_dark_are_drawn_at_every_scale_on_the_smallest_and_the_largest_screen() -> None:
    drawn = {(frame.width * frame.percent // 100, frame.percent, frame.scheme) for frame in shots.FRAMES}
    screens = ((1366, 100), (1920, 150), (1920, 200), (3840, 200), (3840, 100))
    assert drawn == {(width, percent, scheme) for width, percent in screens for scheme in ("light", "dark")}


@pytest.mark.parametrize(("frame", "size"), [("1280x720-150-dark", (1920, 1080)), ("1920x1080-200-dark", (3840, 2160))])
def test_a_scene_is_drawn_at_its_scale_in_the_dark(tmp_path: Path, frame: str, size: tuple[int, int]) -> None:
    command = [sys.executable, "-m", "tools.shots", "--out", str(tmp_path), "--only", "state-tr", "--frame", frame]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=True)
    (picture,) = tmp_path.glob("*/*.png")
    with Image.open(picture) as image:
        assert image.size == size
        colours = image.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 50
    assert max(colours)[1] == (0x1C, 0x20, 0x25), "most of it is the paper of the dark scheme"
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "state-troubled.png" in index
    assert done.stderr == ""

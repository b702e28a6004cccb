"""Draw every screen in its states to PNG, light and dark, at 100 to 200 %: `python -m tools.shots`.

Each scale is drawn by a process of its own, since Qt reads the scale once. `--only` takes the beginning of scene ids.
"""

from __future__ import annotations

import argparse
import html
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Frame:
    """A size in logical pixels, a scale, a scheme; `name` is the folder."""

    width: int
    height: int
    percent: int
    scheme: str

    @property
    def name(self) -> str:
        """Return the folder of this frame."""
        return f"{self.width}x{self.height}-{self.percent}-{self.scheme}"


#: A staffroom PC at 100 %; a 1920×1080 laptop at 150 % and at 200 %; a 3840×2160 screen at 200 % and at 100 %.
SIZES = ((1366, 768, 100), (1280, 720, 150), (960, 540, 200), (1920, 1080, 200), (3840, 2160, 100))
FRAMES = tuple(
    Frame(width, height, percent, scheme) for width, height, percent in SIZES for scheme in ("light", "dark")
)


def main(arguments: list[str] | None = None) -> int:
    """Draw, and write an index; return the exit code."""
    parser = argparse.ArgumentParser(prog="shots", description="Draw every screen to PNG.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "shots")
    parser.add_argument("--only", default="", help="scenes whose id begins so")
    parser.add_argument("--frame", default="", help="frames whose name contains this")
    parser.add_argument("--draw", default="", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.draw:
        return _draw(next(frame for frame in FRAMES if frame.name == given.draw), given.out, given.only)
    frames = [frame for frame in FRAMES if given.frame in frame.name]
    for frame in frames:
        code = _start(frame, given.out, given.only)
        if code:
            return code
    index = write_index(given.out)
    print(f"{sum(1 for _ in given.out.glob('*/*.png'))} pictures: {index}")
    return 0


def _start(frame: Frame, out: Path, only: str) -> int:
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": f"{frame.percent / 100:g}"}
    command = [sys.executable, "-m", "tools.shots", "--draw", frame.name, "--out", str(out), "--only", only]
    return subprocess.run(command, env=surroundings, cwd=ROOT, check=False).returncode


def _draw(frame: Frame, out: Path, only: str) -> int:
    from PySide6.QtGui import QCursor
    from PySide6.QtWidgets import QApplication

    from ejournal_desktop.ui import theme
    from ejournal_desktop.ui.main_window import MainWindow
    from tools.scenes import SCENES

    app = QApplication([])
    QCursor.setPos(app.primaryScreen().geometry().bottomRight())  # not over a button, which would show that
    theme.apply(app, "dark" if frame.scheme == "dark" else "light")
    folder = out / frame.name
    folder.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        if not scene.id.startswith(only):
            continue
        window = MainWindow()
        window.resize(frame.width, frame.height)
        window.show()
        scene.draw(window)
        app.processEvents()
        app.processEvents()  # what was laid out may itself lay out
        window.grab().save(str(folder / f"{scene.id}.png"))
        window.close_session()
        window.jobs.close()
        window.close()
        window.deleteLater()
        app.processEvents()
    return 0


def write_index(out: Path) -> Path:
    """Write a page with all pictures, one row a scene, one column a frame."""
    from tools.scenes import SCENES

    frames = [frame.name for frame in FRAMES if (out / frame.name).is_dir()]
    rows = []
    for scene in SCENES:
        cells = "".join(
            f'<td><a href="{name}/{scene.id}.png"><img src="{name}/{scene.id}.png" loading="lazy"></a></td>'
            for name in frames
            if (out / name / f"{scene.id}.png").exists()
        )
        rows.append(f"<tr><th>{html.escape(scene.title)}</th>{cells}</tr>")
    heads = "".join(f"<th>{name}</th>" for name in frames)
    style = (
        "body{font:14px sans-serif;background:#ddd}img{width:440px}th{text-align:left;vertical-align:top;padding:8px}"
    )
    page = f'<!doctype html><html lang="ru"><meta charset="utf-8"><title>Экраны</title><style>{style}</style>'
    page += f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table></html>\n"
    index = out / "index.html"
    index.write_text(page, encoding="utf-8")
    return index


if __name__ == "__main__":
    sys.exit(main())

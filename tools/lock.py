"""Write requirements.lock: every dependency of every purpose and platform, pinned, with the hashes of all its files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Made by `make lock` from pyproject.toml. Names, versions and hashes; pip knows where from.\n"
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--all-extras",
    "--no-header",
    "--no-annotate",
]


def main(extra_options: list[str]) -> None:
    """Resolve anew, keeping the pins that still fit unless `--upgrade` is given."""
    lock = ROOT / "requirements.lock"
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *OPTIONS, *extra_options]
    subprocess.run([*command, "--output-file", lock.name, "pyproject.toml"], cwd=ROOT, check=True)
    lock.write_text(HEADER + lock.read_text(encoding="utf-8").removeprefix(HEADER), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

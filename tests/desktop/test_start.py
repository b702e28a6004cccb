"""What starting the program costs is paid at every lesson break: it loads what the window needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys

#: Libraries of papers and of files that people bring; each loads with the first of them.
LATER = ("docx", "lxml", "openpyxl", "pikepdf", "PIL", "pyhanko", "reportlab")


def test_the_window_opens_without_the_libraries_of_papers_and_files() -> None:
    asked = f"import sys, ejournal_desktop.app; print(*set({LATER!r}).intersection(sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []

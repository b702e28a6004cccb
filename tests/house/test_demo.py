"""The front door: what `make run` does with a screen and without one."""

from __future__ import annotations

import os
import subprocess
import sys


def test_where_there_is_a_screen_the_demo_leaves_the_choice_of_the_platform_to_qt() -> None:
    surroundings = {name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"}
    asked = "import os, tools.demo; print(os.environ.get('QT_QPA_PLATFORM', 'nobody chose'))"
    said = subprocess.run(
        [sys.executable, "-c", asked], env=surroundings, capture_output=True, text=True, check=True, timeout=120
    )
    assert said.stdout == "nobody chose\n"

"""Why the program does not start: one small window, before anything of it is trusted."""

from __future__ import annotations

import sys

from PySide6.QtWidgets import QApplication, QMessageBox

from ejournal_core.errors import Trouble
from ejournal_desktop.ui import errors

EXIT_STATUS = 3


def show(trouble: Trouble) -> int:
    """Say it on the terminal and, where there is a screen, in a window; return the exit status."""
    explained = errors.explain(trouble)
    sys.stderr.write(f"{explained.code}: {explained.text}\n")
    application = QApplication.instance() or QApplication(sys.argv)
    if QApplication.platformName() != "offscreen":
        QMessageBox.critical(None, application.tr("Школьный журнал"), f"{explained.text}\n\n{explained.code}")
    return EXIT_STATUS

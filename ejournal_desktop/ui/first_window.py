"""Proof that a window can be drawn on this machine: for `self-test` after an installation."""

from __future__ import annotations

import sys

from PySide6.QtGui import QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.main_window import MainWindow


def prove() -> str:
    """Draw the window once and return what it was drawn with.

    Raises:
        RuntimeError: the program's own typeface is not there, or nothing was drawn.
    """
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    theme.apply(application)
    family = QFontInfo(theme.font()).family()
    if theme.FAMILY not in QFontDatabase.families() or family != theme.FAMILY:
        raise RuntimeError(f"the typeface {theme.FAMILY} is missing, {family} came instead")
    window = MainWindow()
    window.show_sign_in([])
    picture = window.grab().toImage()
    window.close()
    window.jobs.close()
    colours = {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
    if len(colours) < 3:
        raise RuntimeError("the window stayed empty")
    return f"{family}, {picture.width()}×{picture.height()}, {application.platformName()}"

"""Stands where the system's program for a file would: Qt hands it what should be opened, and it remembers that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices


class Viewer(QObject):
    """`opened` grows by every file that the program asks the system to show."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []

    @Slot(QUrl)
    def show_file(self, url: QUrl) -> None:
        """Take a file."""
        self.opened.append(Path(url.toLocalFile()))


@contextmanager
def watching_viewer() -> Iterator[Viewer]:
    """Take the place of the system's programs until the end."""
    made = Viewer()
    QDesktopServices.setUrlHandler("file", made, "show_file")  # type: ignore[arg-type]  # the stub wants bytes, Qt text
    yield made
    QDesktopServices.unsetUrlHandler("file")

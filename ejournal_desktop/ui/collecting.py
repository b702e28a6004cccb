"""Collecting garbage on the window's thread only: Qt objects must not end on another.

A look at everything that a session holds takes longer than a key press may. So what stands when a person's screens have
opened is passed over until they leave, and a look sees only what came since.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

COLLECT_MS = 10_000


class Collecting(QObject):
    """Takes the place of the interpreter's own collecting, from now on."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=COLLECT_MS)
        timer.timeout.connect(gc.collect)
        timer.start()

    def follow(self, at_work: bool) -> None:
        """Pass over what stands now while somebody is at work; once they have left, look at everything again."""
        if at_work:
            gc.freeze()
        else:
            gc.unfreeze()

"""What a session needs, loaded behind the painted Вход: meanwhile the person looks for their name and types.

Whoever is faster than this waits for the rest, as they would without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QWidget

from ejournal_desktop.ui.jobs import Jobs, Report

#: Journal and network, with the libraries beneath them. No window among them, so a worker loads them.
PLAIN = ("ejournal_desktop.models.queries", "ejournal_desktop.sync.session")
#: What has a window, on the window's thread: one at a turn of the loop, in an order in which no turn is long.
WITH_WINDOWS = tuple(
    f"ejournal_desktop.ui.{name}"
    for name in (
        "widgets.request_row", "lesson_entries", "grids.entering", "grids.mark_view",
        "screens.journal", "widgets.news_row", "screens.today", "screens.lesson", "plan_filling",
        "screens.lesson_plan", "screens.destruction", "screens.control", "screens.documents",
        "widgets.attendance_part", "screens.my_class", "screens.period_marks", "widgets.people_part",
        "widgets.substitutes_part", "places",
    )
)  # fmt: skip


class LoadingAhead(QObject):
    """Loads modules that nothing on Вход needs, once Вход is painted.

    The plain ones share the lane of signing in: two threads never load the same things at once.

    Args:
        jobs: runs the worker.
    """

    def __init__(self, jobs: Jobs, plain: Sequence[str] = PLAIN, with_windows: Sequence[str] = WITH_WINDOWS) -> None:
        super().__init__(jobs)
        self._jobs = jobs
        self._plain, self._left = tuple(plain), list(with_windows)
        self._turns = QTimer(self, interval=0)
        self._turns.timeout.connect(self._load_one)
        self._start = QTimer(self, interval=0, singleShot=True)
        self._start.timeout.connect(self._begin)
        self._window: QWindow | None = None

    @property
    def is_done(self) -> bool:
        """Say whether everything is loaded."""
        return not self._left

    def begin_after_paint(self, widget: QWidget) -> None:
        """Begin when the window, which is shown, has painted its first frame."""
        window = widget.windowHandle()
        if window.isExposed():
            self._start.start()
        else:
            self._window = window
            window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Begin behind the event that paints the window."""
        if event.type() == QEvent.Type.Expose and self._window is not None:
            self._forget_window()
            self._start.start()
        return False

    def close(self) -> None:
        """Load nothing more; what a worker has begun comes to its end."""
        self._forget_window()
        self._start.stop()
        self._turns.stop()

    def _forget_window(self) -> None:
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window = None

    def _begin(self) -> None:
        def work(report: Report) -> None:
            for name in self._plain:
                report.check()
                import_module(name)

        self._jobs.run(work, lane="network", done=lambda _: self._turns.start(), quiet=True)

    def _load_one(self) -> None:
        if self._left:
            import_module(self._left.pop(0))
        else:
            self._turns.stop()

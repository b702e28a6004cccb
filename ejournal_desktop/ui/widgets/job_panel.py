"""The small panel at the bottom: what long work is going on, how far it is, how long it still takes, «Отменить»."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.jobs import Job, Progress
from ejournal_desktop.ui.words import span

SHOWN_AFTER_MS = 300  # shorter work leaves no trace on the screen


class JobLine(QWidget):
    """One job."""

    def __init__(self, job: Job, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = job.title
        self._text = QLabel(job.title, self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setFixedWidth(60 * theme.UNIT)
        self._bar.setAccessibleName(job.title)
        self._left = QLabel(self)
        self._left.setProperty("look", "secondary")
        self._cancel = QPushButton(self.tr("Отменить"), self)
        self._cancel.setAccessibleName(self.tr("Отменить: {title}").format(title=job.title))
        self._cancel.clicked.connect(job.cancel)
        self._cancel.clicked.connect(self._cancelling)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * theme.UNIT)
        row.addWidget(self._text)
        row.addStretch(1)
        row.addWidget(self._left)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        job.progressed.connect(self.show_progress)

    def show_progress(self, progress: Progress) -> None:
        """Show the job's latest word."""
        self._text.setText(f"{self._title}: {progress.text}" if progress.text else self._title)
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        left = progress.seconds_left
        self._left.setText("" if left is None else self.tr("ещё {span}").format(span=span(left)))

    def _cancelling(self) -> None:
        self._cancel.setEnabled(False)
        self._left.setText(self.tr("останавливаю…"))


class JobPanel(QFrame):
    """Lines of the jobs under way; no taller than they need, hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("look", "strip")
        self.setAccessibleName(self.tr("Долгая работа"))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(3 * theme.UNIT, theme.UNIT, 2 * theme.UNIT, theme.UNIT)
        self._column.setSpacing(theme.UNIT)
        self._lines: list[JobLine] = []
        self.hide()

    def watch(self, job: Job) -> None:
        """Show a job from a moment after now until its end; a quiet one never."""
        if job.quiet:
            return
        timer = QTimer(job, singleShot=True, interval=SHOWN_AFTER_MS)
        timer.timeout.connect(lambda: self._add(job))
        timer.start()
        job.ended.connect(timer.stop)

    def _add(self, job: Job) -> None:
        line = JobLine(job, self)
        line.show_progress(job.report.progress)
        self._lines.append(line)
        self._column.addWidget(line)
        job.ended.connect(lambda: self._drop(line))
        self.show()

    def _drop(self, line: JobLine) -> None:
        self._lines.remove(line)
        self._column.removeWidget(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self._lines))

"""The one window for our own faults: what is safe, and a report without personal data to save or print."""

from __future__ import annotations

import platform
import traceback
from datetime import datetime
from pathlib import Path

from PySide6 import __version__ as qt_version
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ejournal_core.errors import EjournalError
from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.file_copies import FileNotSaved, save_copy
from ejournal_desktop.ui.save_as import ask_where


def report_text(error: BaseException, when: datetime) -> str:
    """Return what the makers need: kinds of errors and lines of code; never values, which may name people."""
    lines = [
        "Отчёт о неполадке «Школьного журнала»",
        f"Время: {when:%d.%m.%Y %H:%M:%S}",
        f"Код: {errors.explain(error).code}",
        f"Система: {platform.system()} {platform.release()}, Python {platform.python_version()}, Qt {qt_version}",
        "",
    ]
    link: BaseException | None = error
    while link is not None:
        known = f" {link.code} {sorted(link.details)}" if isinstance(link, EjournalError) else ""
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}{known}")
        frames = traceback.extract_tb(link.__traceback__)
        lines += [f"  {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n".join(lines) + "\n"


def _short(filename: str) -> str:
    """Return the last parts of a path: folders above may hold the name of the system's account."""
    return "/".join(Path(filename).parts[-3:])


class BugWindow(QDialog):
    """Shown once at a time."""

    def __init__(self, error: BaseException, safe_as_of: datetime | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Неполадка в программе"))
        self.report = report_text(error, datetime.now().astimezone())
        self.sentence = self._sentence(error, safe_as_of)
        self.words = QLabel(self.sentence, self)
        self.words.setWordWrap(True)
        sheet = QPlainTextEdit(self.report, self)
        sheet.setReadOnly(True)
        sheet.setAccessibleName(self.tr("Отчёт без имён и отметок"))
        sheet.setMinimumSize(130 * theme.UNIT, 50 * theme.UNIT)
        buttons = QDialogButtonBox(self)
        go_on = QPushButton(self.tr("Работать дальше"), self)
        go_on.setProperty("look", "main")
        save = QPushButton(self.tr("Сохранить отчёт…"), self)
        buttons.addButton(go_on, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(save, QDialogButtonBox.ButtonRole.ActionRole)
        go_on.clicked.connect(self.accept)
        save.clicked.connect(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[5 * theme.UNIT] * 4)
        column.setSpacing(3 * theme.UNIT)
        for part in (self.words, sheet, buttons):
            column.addWidget(part)
        go_on.setFocus()
        self.finished.connect(self.deleteLater)

    def _sentence(self, error: BaseException, safe_as_of: datetime | None) -> str:
        moment = (
            self.tr("Данные целы по состоянию на {time}.").format(time=f"{safe_as_of:%H:%M}")
            if safe_as_of is not None
            else self.tr("Сохранённые данные целы.")
        )
        return " ".join(
            (
                self.tr("Программа ошиблась ({code}).").format(code=errors.explain(error).code),
                moment,
                self.tr(
                    "Можно работать дальше; если повторится, закройте программу и откройте снова. "
                    "Сохраните отчёт и передайте администратору: имён и отметок в нём нет."
                ),
            )
        )

    def _save(self) -> None:
        suggested = f"неполадка-{datetime.now().astimezone():%Y-%m-%d-%H%M}"
        path = ask_where(self, self.tr("Сохранить отчёт"), suggested, {".txt": self.tr("Текст")})
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Write the report, or say that there is no room or no right to."""
        try:
            save_copy(self.report.encode(), path)
        except FileNotSaved:
            self.words.setText(self.tr("Отчёт сюда не записался: нет места или прав. Он цел, выберите другую папку."))

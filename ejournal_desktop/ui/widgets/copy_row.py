"""How the copies on the drives look in their list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from ejournal_desktop.ui import errors, theme
from ejournal_desktop.ui.copies_open import CopyRow
from ejournal_desktop.ui.widgets.drive_row import generation_day
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import grouped, moment_title, tr

LINE, SECOND = 8 * theme.UNIT, 5 * theme.UNIT
LEFT, TEXT, WHERE_W = 16, 36, 300


class CopyFace:
    """Of which moment, on what; below how much it holds, or what is wrong with it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def height(self, _row: CopyRow) -> int:
        """Return two lines."""
        return LINE + SECOND

    def words(self, row: CopyRow) -> str:
        """Return the row in words."""
        return ", ".join((self._of(row), row.where, self._below(row)))

    def _of(self, row: CopyRow) -> str:
        if row.found.catalogue is None:
            name = row.found.folder.name
            day = generation_day(name)
            return tr("Копия от {day}, папка {name}").format(day=day, name=name) if day else (
                tr("Копия в папке {name}").format(name=name))  # fmt: skip
        made = datetime.fromisoformat(row.found.catalogue.made_at).astimezone(self._clock().tzinfo)
        return tr("Копия от {moment}").format(moment=moment_title(made))

    def _below(self, row: CopyRow) -> str:
        if row.found.trouble is not None:
            return errors.explain(row.found.trouble).text
        size = row.found.catalogue.proof.size if row.found.catalogue else 0
        return tr("записей в журнале изменений: {n}").format(n=grouped(size))

    def paint(self, painter: QPainter, rect: QRect, row: CopyRow, *, current: bool) -> None:
        """Paint the row."""
        bad = row.found.trouble is not None
        brush, right = Brush(painter, rect), rect.width() - LEFT - WHERE_W
        brush.sign(LEFT, *(("bar", "danger") if bad else ("full", "secondary")), height=LINE)
        brush.words(TEXT, right - TEXT - 16, self._of(row), bold=current, height=LINE)
        brush.words(right, WHERE_W, row.where, "secondary", height=LINE, right=True)
        brush.words(TEXT, rect.width() - TEXT - LEFT, self._below(row), "danger" if bad else "secondary",
                    size=theme.SMALL + 1, top=LINE - 7, height=SECOND)  # fmt: skip

"""How an attached file looks in its list: kind, name, size, and in words where its bytes are."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from ejournal_core.blobs import BLOB_LIMIT
from ejournal_desktop.models.queries.files import AttachedFile
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.widgets.due import Sign
from ejournal_desktop.ui.widgets.pill import DOT, paint_shape
from ejournal_desktop.ui.widgets.row_list import Brush
from ejournal_desktop.ui.words import tr

HEIGHT = 10 * theme.UNIT
KIND, NAME = 2 * theme.UNIT, 13 * theme.UNIT  # left edges of the columns
FIRST = 5 * theme.UNIT
LIMIT_MB = BLOB_LIMIT // 2**20


def file_sign(file: AttachedFile, *, away: bool) -> Sign:
    """Return where the bytes of a file are, as a mark and words; `away`: the server cannot be reached."""
    if file.problem:
        return _problem(file)
    percent = f", {100 * file.done // file.size} %" if file.done else ""
    if file.state == "sending" and away:
        return Sign("hollow", "warning", tr("здесь; ждёт связи") + percent, "warning")
    if file.state == "sending":
        return Sign("hollow", "secondary", (tr("отправляется") if percent else tr("ждёт отправки")) + percent)
    if file.state == "fetching" and away:
        return Sign("hollow", "warning", tr("скачается, когда будет связь") + percent, "warning")
    if file.state == "fetching":
        return Sign("hollow", "accent", tr("скачивается") + percent, "accent")
    plain = {
        "here": Sign("check", "positive", tr("здесь и на сервере")),
        "there": Sign("full", "neutral", tr("на сервере; Enter — скачать")),
        "waiting": Sign("hollow", "secondary", tr("ещё на компьютере автора")),
    }
    return plain.get(file.state, Sign("bar", "neutral", tr("содержание уничтожено по акту")))


def _problem(file: AttachedFile) -> Sign:
    if file.problem == "EJ-416":
        return Sign("bar", "danger", tr("на сервере нет места; здесь цел"), "danger")
    if file.problem == "EJ-415":
        return Sign("bar", "danger", tr("пришёл испорченным; Enter — ещё раз"), "danger")
    return Sign("bar", "danger", tr("не передаётся; скажите администратору"), "danger")


def size_text(size: int) -> str:
    """Return a size for the eye: «12 байт», «340 КБ», «1,2 МБ»."""
    if size < 1024:
        return f"{size} {tr('байт')}"
    if size < 1024 * 1024:
        return f"{round(size / 1024)} {tr('КБ')}"
    return f"{size / 1024 / 1024:.1f} {tr('МБ')}".replace(".", ",")


def kind_text(file: AttachedFile) -> str:
    """Return the ending of the file's name in capitals: «PDF»."""
    _, dot, ending = file.title.rpartition(".")
    return ending.upper() if dot and len(ending) <= 5 else tr("файл")


class FileFace:
    """Kind at the left, the name above, size and whereabouts below; a name too long loses its middle, not its end."""

    def __init__(self, away: Callable[[], bool]) -> None:
        self._away = away

    def height(self, _row: AttachedFile) -> int:
        """Return two lines' height."""
        return HEIGHT

    def words(self, row: AttachedFile) -> str:
        """Return the file in words."""
        told = [row.title, size_text(row.size), file_sign(row, away=self._away()).text]
        return ", ".join([*told, *([tr("прикреплено: {name}").format(name=row.by)] if row.by else [])])

    def paint(self, painter: QPainter, rect: QRect, row: AttachedFile, *, current: bool) -> None:  # noqa: ARG002
        """Paint the row."""
        brush = Brush(painter, rect)
        width = rect.width() - NAME - theme.UNIT
        brush.words(KIND, NAME - KIND - theme.UNIT, kind_text(row), "secondary", size=theme.SMALL, bold=True,
                    top=theme.UNIT, height=FIRST)  # fmt: skip
        title = QFontMetrics(theme.font()).elidedText(row.title, Qt.TextElideMode.ElideMiddle, width)
        brush.words(NAME, width, title, top=theme.UNIT, height=FIRST)
        sign, top, left = file_sign(row, away=self._away()), theme.UNIT + FIRST - 3, NAME
        left = brush.words(left, width, size_text(row.size), "secondary", size=theme.SMALL, top=top, height=FIRST)
        left += 2 * theme.UNIT
        dot = QRectF(rect.left() + left, rect.top() + top + (FIRST - DOT) / 2 + 0.5, DOT - 1, DOT - 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_shape(painter, dot, sign.shape, getattr(theme.tokens(), sign.token))
        left += DOT + theme.UNIT
        by = f" · {row.by}" if row.by else ""
        brush.words(left, rect.width() - left - theme.UNIT, sign.text + by, sign.text_hue, size=theme.SMALL,
                    top=top, height=FIRST)  # fmt: skip

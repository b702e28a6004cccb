"""Pages of a document on the screen, one at a time, drawn off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from ejournal_desktop.documents.preview import PageImage, page_count, render_page
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.jobs import Jobs, Report

MARGIN = 4 * theme.UNIT
DOTS_PER_INCH = 110
KEPT = 8  # pages


class PaperView(QWidget):
    """`turned` brings (page from 1, pages); PgUp and PgDn turn, Home and End go to the ends."""

    turned = Signal(int, int)

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pdf = b""
        self._pages = 0
        self._page = 0
        self._images: dict[int, QImage] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Страница документа"))

    @property
    def page(self) -> int:
        """Return the page shown, from 1; 0 when there is no document."""
        return self._page + 1 if self._pages else 0

    @property
    def drawn(self) -> bool:
        """Say whether the page in front is on the screen already."""
        return self._page in self._images

    def sizeHint(self) -> QSize:
        """Return the room of a page."""
        return QSize(560, 640)

    def show_pdf(self, pdf: bytes) -> None:
        """Show a document from its first page, or the same page when it is the same document signed."""
        pages = page_count(pdf) if pdf else 0
        self._page = self._page if pages == self._pages else 0
        self._pdf, self._pages = pdf, pages
        self._images.clear()
        self._turn_to(self._page)

    def turn(self, by: int) -> None:
        """Turn some pages on or back."""
        self._turn_to(min(max(self._page + by, 0), max(self._pages - 1, 0)))

    def _turn_to(self, page: int) -> None:
        self._page = page
        self.turned.emit(self.page, self._pages)
        self.setAccessibleDescription(self.tr("{page} из {pages}").format(page=self.page, pages=self._pages))
        if self._pages and page not in self._images:
            pdf, dots = self._pdf, DOTS_PER_INCH * self.devicePixelRatioF()

            def draw(_report: Report) -> PageImage:
                return render_page(pdf, page, dots)

            self._jobs.run(draw, quiet=True, done=lambda image: self._keep(pdf, page, image))
        self.update()

    def _keep(self, pdf: bytes, page: int, drawn: PageImage) -> None:
        if pdf is not self._pdf:
            return
        if len(self._images) >= KEPT:
            self._images.pop(next(iter(self._images)))
        size = drawn.width, drawn.height, drawn.width * 4
        self._images[page] = QImage(drawn.rgba, *size, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn pages."""
        steps = {
            Qt.Key.Key_PageDown: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Space: 1, Qt.Key.Key_PageUp: -1,
            Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Home: -self._pages, Qt.Key.Key_End: self._pages,
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.turn(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the page anew."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the page in the middle, as large as there is room; the paper is white in the dark too."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour(t.ground))
        image = self._images.get(self._page)
        if image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            room = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
            size = image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            target = QRect(room.left() + (room.width() - size.width()) // 2, room.top(), size.width(), size.height())
            painter.drawImage(target, image)
            painter.setPen(theme.colour(t.accent if self.hasFocus() else t.rule))
            painter.drawRect(target.adjusted(-1, -1, 0, 0))
        painter.end()

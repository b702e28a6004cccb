"""Put a finished document on paper: the system's print dialog, then page after page off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPageLayout, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from ejournal_core.errors import Trouble
from ejournal_desktop.documents.preview import page_count, render_page
from ejournal_desktop.ui.jobs import Jobs, Report
from ejournal_desktop.ui.words import tr

DOTS_PER_INCH = 300


class PrinterSilent(Trouble):
    """EJ-369: the printer did not take the document."""

    code = "EJ-369"


def ask_and_print(pdf: bytes, jobs: Jobs, parent: QWidget) -> bool:
    """Ask which printer and which pages, then print in the background; say whether the person agreed."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setFromTo(1, page_count(pdf))
    dialog = QPrintDialog(printer, parent)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange)
    agreed = dialog.exec() == QPrintDialog.DialogCode.Accepted
    if agreed:
        jobs.run(lambda report: print_pages(pdf, printer, report), title=tr("Печать"))
    return agreed


def print_pages(pdf: bytes, printer: QPrinter, report: Report) -> int:
    """Send the pages chosen in `printer` to it; return how many.

    Raises:
        PrinterSilent: EJ-369, it cannot be written to.
        Cancelled: the person stopped between two pages.
    """
    first, last = printer.fromPage() or 1, printer.toPage() or page_count(pdf)
    printer.setFullPage(True)
    painter: QPainter | None = None
    try:
        for number in range(first - 1, last):
            report.step(number - first + 1, last - first + 1, tr("страница {n}").format(n=number + 1))
            report.check()
            image = _page_image(pdf, number)
            _turn_sheet(printer, image)
            if painter is None:
                painter = QPainter()
                if not painter.begin(printer):
                    raise PrinterSilent
            elif not printer.newPage():
                raise PrinterSilent(page=number + 1)
            painter.drawImage(QRect(0, 0, printer.width(), printer.height()), image)
        report.step(last - first + 1, last - first + 1)
    finally:
        if painter is not None and painter.isActive():
            painter.end()
    return last - first + 1


def _page_image(pdf: bytes, number: int) -> QImage:
    drawn = render_page(pdf, number, DOTS_PER_INCH)
    return QImage(drawn.rgba, drawn.width, drawn.height, drawn.width * 4, QImage.Format.Format_RGBA8888).copy()


def _turn_sheet(printer: QPrinter, image: QImage) -> None:
    wide = image.width() > image.height()
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait)

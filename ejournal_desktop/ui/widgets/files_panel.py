"""The files of a lesson: what is attached and where it is, with room to drop one more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ejournal_core.blobs import LESSON_FILES
from ejournal_desktop.models.queries.files import AttachedFile, LessonFiles
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.asking import KEY
from ejournal_desktop.ui.widgets.file_row import HEIGHT, LIMIT_MB, FileFace
from ejournal_desktop.ui.widgets.row_list import RowList
from ejournal_desktop.ui.widgets.say import Kind, Line

MOST_ROWS = 4  # then the list scrolls


def paths_in(mime: QMimeData) -> list[Path]:
    """Return the files of this PC that are dragged or were copied."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def image_in(mime: QMimeData) -> QImage | None:
    """Return the picture that was copied or is dragged, None when there is none."""
    image = mime.imageData() if mime.hasImage() else None
    return image if isinstance(image, QImage) and not image.isNull() else None


def is_attachable(mime: QMimeData) -> bool:
    """Say whether there is something to attach; what it is worth is judged when it is read."""
    return bool(paths_in(mime)) or mime.hasImage()


class FileList(RowList):
    """A list of files; `pasted` comes on Ctrl+V."""

    pasted = Signal()

    def sizeHint(self) -> QSize:
        """Return the room of the files, of a few at most."""
        return QSize(200, min(self.count(), MOST_ROWS) * HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the room of one: on a low screen the others are scrolled to."""
        return QSize(200, min(self.count(), 1) * HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste; the rest is the list's own."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.pasted.emit()
        else:
            super().keyPressEvent(event)


class FilesPanel(QFrame):
    """Shows; whoever owns it does what the signals ask for.

    Signals:
        attach_wanted: choose files. given: a QMimeData with files or a picture.
        open_wanted, remove_wanted: an `AttachedFile`.
        ask_wanted: ask for the file that was refused; only while `can_ask`.
    """

    attach_wanted = Signal()
    given = Signal(object)
    open_wanted = Signal(object)
    remove_wanted = Signal(object)
    ask_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = LessonFiles()
        self._closed = False
        self.can_ask = False
        self._title = QLabel(self)
        self._title.setProperty("look", "secondary")
        self.button = QPushButton(self.tr("Прикрепить…"), self)
        self.button.setProperty("look", "quiet")
        self.button.clicked.connect(self.attach_wanted)
        self.list = FileList(FileFace(lambda: self.shown.away), self.tr("Файлы к заданию"), self, fit=False)
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.list.opened.connect(self.open_wanted)
        self.list.put_away.connect(self.remove_wanted)
        self.list.pasted.connect(self.paste)
        self._title.setBuddy(self.list)
        invitation = self.tr("Перетащите файл сюда или вставьте картинку (Ctrl+Shift+V). До {mb} МБ каждый.")
        self._empty = QLabel(invitation.format(mb=LIMIT_MB), self)
        self._empty.setProperty("look", "secondary")
        self._empty.setWordWrap(True)
        self.message = Line(self)
        self.message.hide()
        self._target = _Target(self)
        self._lay_out()
        self.setAcceptDrops(True)
        self.show_files(LessonFiles(), closed=False)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.UNIT)
        column.addLayout(head)
        for part in (self.list, self._empty, self.message):
            column.addWidget(part)

    @property
    def current(self) -> AttachedFile | None:
        """Return the file on which the person stands."""
        current: AttachedFile | None = self.list.current
        return current

    def show_files(self, shown: LessonFiles, *, closed: bool) -> None:
        """Show files; at a closed lesson they can be read only."""
        again = shown.away != self.shown.away
        self.shown, self._closed = shown, closed
        if again:  # the words of every row change with it
            self.list.show_rows([])
        self.list.show_rows(shown.files)
        self.button.setVisible(not closed)
        self.button.setEnabled(len(shown.files) < LESSON_FILES)
        if self.list.hasFocus() and not shown.files:  # a hidden list would lose it
            self.button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._title.setText(self._heading(shown.files))
        self.list.setVisible(bool(shown.files))
        self._empty.setVisible(not shown.files and not closed)
        self.button.setToolTip(
            self.tr("До {mb} МБ каждый, до {n} у урока").format(mb=LIMIT_MB, n=LESSON_FILES)
        )  # fmt: skip

    def _heading(self, files: Sequence[AttachedFile]) -> str:
        if not files:
            return self.tr("Файлов нет") if self._closed else self.tr("Файлы")
        return self.tr("Файлы: {n} из {most}").format(n=len(files), most=LESSON_FILES)

    def say(self, text: str, kind: Kind = "") -> None:
        """Say what became of the last deed; nothing takes no room."""
        self.message.say(text, kind)
        self.message.setVisible(bool(text))

    def enter(self) -> None:
        """Put the focus on the files, or where the first one is attached."""
        (self.list if self.shown.files else self.button).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def paste(self) -> None:
        """Attach what was copied: files, or a picture."""
        mime = QGuiApplication.clipboard().mimeData()
        if is_attachable(mime):
            self.given.emit(mime)
        else:
            self.say(self.tr("В буфере обмена нет ни картинки, ни файла: прикреплять нечего."))

    def event(self, event: QEvent) -> bool:
        """Keep the key of asking from the lesson's own refusals while a file was refused."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._asks(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask for what was refused."""
        if self._asks(event):
            self.ask_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _asks(self, event: QKeyEvent) -> bool:
        return self.can_ask and QKeySequence(event.keyCombination()) == QKeySequence(KEY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the place for what is dragged over all of it."""
        super().resizeEvent(event)
        self._target.setGeometry(self.rect())

    def show_target(self, *, on: bool) -> None:
        """Show where a file that is being dragged would go."""
        self._target.raise_()
        self._target.setVisible(on)


class _Target(QLabel):
    """Lies over the files while one more is dragged over the lesson."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dropTarget")
        self.setText(self.tr("Отпустите: файл прикрепится к уроку"))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and a dashed frame, then the words."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.colour(t.selection))
        painter.setPen(QPen(theme.colour(t.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
        super().paintEvent(event)

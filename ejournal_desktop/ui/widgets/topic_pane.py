"""The right page of the journal: the lessons in order with topic and homework, written in place."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ejournal_desktop.models.pages import LessonRow
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.giving_way import undisturbed
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.spoken import short_date
from ejournal_desktop.ui.widgets import topic_face
from ejournal_desktop.ui.widgets.field_editor import FieldEditor
from ejournal_desktop.ui.widgets.topic_face import FIELDS, Field, Plan
from ejournal_desktop.ui.words import about_language

Index = QModelIndex | QPersistentModelIndex
NAMES: dict[Field, str] = {"topic": "Тема урока", "homework": "Домашнее задание"}
BAR = 3
STRIP_HEIGHT = 2 * topic_face.LINE + 3 * theme.UNIT + 1


class LessonList(QAbstractListModel):
    """The lessons of a page for item views; the words of a row are for screen readers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lessons: tuple[LessonRow, ...] = ()

    def show(self, lessons: tuple[LessonRow, ...]) -> None:
        """Show lessons; rows keep their places when only their words changed."""
        if [lesson.lesson_id for lesson in lessons] == [lesson.lesson_id for lesson in self.lessons]:
            self.lessons = lessons
            if lessons:
                self.dataChanged.emit(self.index(0), self.index(len(lessons) - 1))
            return
        self.beginResetModel()
        self.lessons = lessons
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lessons."""
        return 0 if parent is not None and parent.isValid() else len(self.lessons)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Return a lesson in words."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) or not index.isValid():
            return None
        lesson = self.lessons[index.row()]
        held = "проведён" if lesson.held else "не отмечен"
        words = f"{short_date(lesson.held_on)}, {lesson.lesson_number} урок, {held}"
        files = f". Файлов: {lesson.files}" if lesson.files else ""
        return f"{words}. Тема: {lesson.topic or 'нет'}. Домашнее задание: {lesson.homework or 'нет'}{files}"


class _Rows(QStyledItemDelegate):
    """Paints the lessons of a pane."""

    def __init__(self, pane: TopicPane) -> None:
        super().__init__(pane)
        self._pane = pane

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height that the texts need at the pane's width."""
        return QSize(100, self._pane.plan(index.row()).height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint ground, the bar of the current lesson, its words and a hairline."""
        t = theme.tokens()
        box: QRect = option.rect
        lesson = self._pane.lessons.lessons[index.row()]
        painter.save()
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.fillRect(box, theme.colour(t.selection if current else t.paper))
        if current:
            bar = t.accent if self._pane.hasFocus() else t.rule
            painter.fillRect(QRect(box.left(), box.top(), BAR, box.height()), theme.colour(bar))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), theme.colour(t.line))
        drafts, notes = self._pane.unsaved(lesson.lesson_id)
        where, today = self._pane.plan(index.row()), self._pane.grid.spread.today
        topic_face.paint(painter, box, lesson, where, today=today, drafts=drafts, notes=notes)
        painter.restore()


class TopicPane(QListView):
    """Shows the lessons of a `MarkGrid` and writes their topics and homework.

    Signals:
        lesson_chosen: id of the lesson that the person went to here.
        left: the person is done here and goes back to the marks.
        refused: one sentence about a text that was not accepted.
        told: one sentence about a text that was.
        files_wanted: id of the lesson whose files the person wants to see.
    """

    lesson_chosen = Signal(str)
    left = Signal()
    refused = Signal(str)
    told = Signal(str)
    files_wanted = Signal(str)

    def __init__(self, grid: MarkGrid, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("QListView { border: none; }")
        self.setAccessibleName(self.tr("Темы уроков и домашние задания"))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.lessons = LessonList(self)
        self.setModel(self.lessons)
        self.setItemDelegate(_Rows(self))
        self.strip = False
        self.drafts: dict[tuple[str, Field], str] = {}
        self._plans: dict[int, Plan] = {}
        self._writing: tuple[str, Field, str] | None = None  # lesson, field, the text it began with
        self.editor = FieldEditor(self.viewport())
        self.editor.finished.connect(self._on_finished)
        self._grid: MarkGrid | None = None
        self.selectionModel().currentChanged.connect(self._on_current)
        self._quiet = False
        self.show_grid(grid)

    @property
    def grid(self) -> MarkGrid:
        """Return the page that is shown."""
        assert self._grid is not None
        return self._grid

    def show_grid(self, grid: MarkGrid) -> None:
        """Show the lessons of another page."""
        self.editor.finish()
        if self._grid is not None:
            self._grid.replaced.disconnect(self._on_replaced)
            self._grid.refused.disconnect(self._on_refused)
        self._grid = grid
        self.drafts.clear()
        grid.replaced.connect(self._on_replaced)
        grid.refused.connect(self._on_refused)
        self._on_replaced()

    def set_strip(self, strip: bool) -> None:
        """Show one lesson side by side under the grid, or all one under the other."""
        if strip == self.strip:
            return
        self.editor.finish()
        self.strip = strip
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if strip else policy.ScrollBarAsNeeded)
        self.setMinimumHeight(STRIP_HEIGHT if strip else 0)
        self.setMaximumHeight(STRIP_HEIGHT if strip else 16_777_215)
        self._lay_out()

    # --- the lessons -------------------------------------------------------------------------------------------

    def plan(self, row: int) -> Plan:
        """Return where the parts of a lesson stand in its row."""
        found = self._plans.get(row)
        if found is None:
            lesson = self.lessons.lessons[row]
            drafts, _notes = self.unsaved(lesson.lesson_id)
            found = topic_face.plan(lesson, self.viewport().width(), strip=self.strip, drafts=drafts)
            self._plans[row] = found
        return found

    def unsaved(self, lesson_id: str) -> tuple[dict[Field, str], dict[Field, str]]:
        """Return texts of a lesson that were typed and not accepted, and the sentences about them."""
        drafts = {field: self.drafts[lesson_id, field] for field in FIELDS if (lesson_id, field) in self.drafts}
        return drafts, {field: self.grid.notes.get((lesson_id, field), "") for field in drafts}

    def current_lesson(self) -> LessonRow | None:
        """Return the current lesson."""
        row = self.currentIndex().row()
        return self.lessons.lessons[row] if 0 <= row < len(self.lessons.lessons) else None

    def set_current(self, lesson_id: str, *, show: bool = True) -> None:
        """Make a lesson current without telling anybody, and bring it into sight."""
        row = next((n for n, lesson in enumerate(self.lessons.lessons) if lesson.lesson_id == lesson_id), -1)
        if row < 0:
            return
        self._quiet = True
        self.setCurrentIndex(self.lessons.index(row))
        self._quiet = False
        if show:
            hint = QListView.ScrollHint.PositionAtTop if self.strip else QListView.ScrollHint.EnsureVisible
            self.scrollTo(self.lessons.index(row), hint)

    def show_at(self, lesson_id: str, fraction: float) -> None:
        """Scroll so that a lesson stands at a fraction of the pane's height."""
        row = next((n for n, lesson in enumerate(self.lessons.lessons) if lesson.lesson_id == lesson_id), -1)
        if row < 0 or self.strip:
            return
        box = self.visualRect(self.lessons.index(row))
        wanted = box.top() + fraction * (box.height() - self.viewport().height())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + round(wanted))

    def lesson_at(self, fraction: float) -> str:
        """Return the lesson at a fraction of the pane's height."""
        index = self.indexAt(QPoint(10, int(fraction * (self.viewport().height() - 1))))
        return self.lessons.lessons[index.row()].lesson_id if index.isValid() else ""

    def _on_replaced(self) -> None:
        self._plans.clear()
        self._quiet = True
        self.lessons.show(self.grid.spread.lessons)
        self._quiet = False
        self._lay_out()

    def _on_refused(self, lesson_id: str, field: str, sentence: str) -> None:
        if field in FIELDS and self.grid.lesson(lesson_id):
            self.refused.emit(sentence)
            self._lay_out()

    def _lay_out(self) -> None:
        self._plans.clear()
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def _on_current(self, index: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.lesson_chosen.emit(self.lessons.lessons[index.row()].lesson_id)

    def doItemsLayout(self) -> None:
        """Give each lesson the height of its words."""
        with undisturbed():
            super().doItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lessons in sight."""
        with undisturbed():
            super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the texts anew."""
        self._plans.clear()
        super().resizeEvent(event)

    # --- writing -------------------------------------------------------------------------------------------------

    def write(self, field: Field) -> None:
        """Open a field of the current lesson for writing."""
        lesson = self.current_lesson()
        if lesson is None:
            return
        if self.grid.spread.read_only:
            self.refused.emit(self.grid.spread.read_only)
            return
        index = self.currentIndex()
        self.scrollTo(index)
        place = self.plan(index.row()).fields[field].translated(self.visualRect(index).topLeft())
        began: str = getattr(lesson, field)
        self._writing = (lesson.lesson_id, field, began)
        text = self.drafts.get((lesson.lesson_id, field), began)
        offer = "" if text else self._offered(lesson.lesson_id, field)
        self.editor.open_at(place, text, name=NAMES[field], single_line=field == "topic", offer=offer)

    def _offered(self, lesson_id: str, field: Field) -> str:
        offers = self.grid.offers(lesson_id)
        if field == "homework":
            return offers.homework
        return offers.topic.topic if offers.topic is not None else ""

    def hold(self) -> None:
        """Say that the current lesson took place, or take it back."""
        lesson = self.current_lesson()
        if lesson is None:
            return
        if self.grid.spread.read_only:
            self.refused.emit(self.grid.spread.read_only)
        else:
            self.grid.hold_lesson(lesson.lesson_id, not lesson.held)

    def _on_finished(self, text: str, towards: str) -> None:
        if self._writing is None:
            return
        (lesson_id, field, began), self._writing = self._writing, None
        self._keep(lesson_id, field, began, text)
        if towards == "back":
            self.left.emit()
        elif towards:
            self._go_on(field, 1 if towards == "next" else -1)
        if text != began and (lesson_id, field) not in self.drafts and (told := about_language(text)):
            self.told.emit(told)  # last: another lesson has its own words for the same line

    def _keep(self, lesson_id: str, field: Field, began: str, text: str) -> None:
        """Enter a text; one that is refused, or that would replace a newer one unseen, stays as a draft."""
        lesson = self.grid.lesson(lesson_id)
        now = getattr(lesson, field) if lesson else began
        if text == now:
            self._forget(lesson_id, field)
        elif now != began:
            self.drafts[lesson_id, field] = text
            sentence = self.tr("Пока вы писали, запись изменилась: «{0}». Ваш текст не потерян.").format(now)
            self.grid.notes[lesson_id, field] = sentence
            self.refused.emit(sentence)
        elif (self.grid.set_topic if field == "topic" else self.grid.set_homework)(lesson_id, text):
            self._forget(lesson_id, field)
        else:
            self.drafts[lesson_id, field] = text
        self._lay_out()

    def forget_draft(self, lesson_id: str, field: str) -> None:
        """Drop a text that was not accepted: it has gone another way."""
        self.drafts = {key: text for key, text in self.drafts.items() if key != (lesson_id, field)}
        self._lay_out()

    def _forget(self, lesson_id: str, field: Field) -> None:
        self.drafts.pop((lesson_id, field), None)
        self.grid.forget_refusal((lesson_id, field))

    def _go_on(self, field: Field, step: int) -> None:
        """Go to the other field, over the end of a lesson to the next one."""
        number = FIELDS.index(field) + step
        row = self.currentIndex().row() + (number // 2 if number >= 0 else -1)
        if not 0 <= row < len(self.lessons.lessons):
            self.setFocus()
            return
        if row != self.currentIndex().row():
            self.setCurrentIndex(self.lessons.index(row))
        self.write(FIELDS[number % 2])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and F2 write, Space marks the lesson as held, Esc goes back to the marks."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.write("topic")
        elif key == Qt.Key.Key_Space:
            self.hold()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on words writes them, on the tick changes it, elsewhere it only goes to the lesson."""
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint() - self.visualRect(index).topLeft()
        where = self.plan(index.row())
        if where.held.contains(point):
            self.hold()
        if where.clip is not None and where.clip.contains(point):
            self.files_wanted.emit(self.lessons.lessons[index.row()].lesson_id)
        for field in FIELDS:
            if where.fields[field].contains(point):
                self.write(field)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The strip stays on its lesson."""
        if not self.strip:
            self.editor.finish()
            super().wheelEvent(event)

"""The two pages of an open journal: marks on the left one, topics and homework on the right one, scrolled together."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QSplitter, QWidget

from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.widgets.topic_pane import TopicPane

LESSONS_IN_SIGHT = 20
RIGHT_LEAST, RIGHT_MOST = 340, 480


class SpreadPages(QSplitter):
    """Both pages show the same grid and stand at the same lesson; before the first one is open there are none.

    Attributes:
        grid, view, topics: what is open, its left and its right page.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.grid: MarkGrid | None = None
        self.view: MarkView | None = None
        self.topics: TopicPane | None = None
        self._follows = False
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)

    def show_grid(self, grid: MarkGrid) -> tuple[MarkView, TopicPane] | None:
        """Show what was opened; return the pages where they are new, for whoever listens to them."""
        self.grid = grid
        if self.view is not None and self.topics is not None:
            self.topics.show_grid(grid)
            self.view.show_grid(grid)
            return None
        self.view, self.topics = MarkView(grid), TopicPane(grid)
        self.addWidget(self.view)
        self.addWidget(self.topics)
        self.setStretchFactor(0, 1)
        self.view.scrolled.connect(self._scroll_topics)
        self.topics.verticalScrollBar().valueChanged.connect(self._scroll_marks)
        self.topics.lesson_chosen.connect(self.view.go_to_lesson)
        return self.view, self.topics

    # --- side by side ------------------------------------------------------------------------------------------------

    def arrange(self, room: QRect) -> None:
        """Put the right page beside the left one, or under it as a strip where the room is too narrow for both."""
        if self.view is None or self.topics is None:
            return
        left = self.view.geometry_of_page.frozen + LESSONS_IN_SIGHT * theme.CELL + theme.UNIT
        strip = room.width() < left + RIGHT_LEAST
        self.setOrientation(Qt.Orientation.Vertical if strip else Qt.Orientation.Horizontal)
        self.topics.set_strip(strip)
        right = max(RIGHT_LEAST, min(room.width() - left, RIGHT_MOST))
        self.topics.setMinimumWidth(0 if strip else RIGHT_LEAST)
        self.setSizes([room.height(), 1] if strip else [room.width() - right, right])
        lesson = self.topics.current_lesson()
        if lesson is not None:
            self.topics.set_current(lesson.lesson_id)

    def follow(self, lesson_id: str) -> None:
        """Bring the right page to the lesson that the left one stands at."""
        if self.topics is not None:
            self._follows = True
            self.topics.set_current(lesson_id)
            self._follows = False

    def _scroll_topics(self) -> None:
        """Bring to the right page the lessons that the left one shows: its start at the start, its end at the end."""
        if self.view is None or self.topics is None or self._follows:
            return
        bar = self.view.horizontalScrollBar()
        fraction = bar.value() / bar.maximum() if bar.maximum() else 0.0
        self._follows = True
        self.topics.show_at(self.view.lesson_at(fraction), fraction)
        self._follows = False

    def _scroll_marks(self) -> None:
        if self.view is None or self.topics is None or self._follows or self.topics.strip:
            return
        bar = self.topics.verticalScrollBar()
        fraction = bar.value() / bar.maximum() if bar.maximum() else 0.0
        self._follows = True
        self.view.show_at(self.topics.lesson_at(fraction), fraction)
        self._follows = False

    # --- where the person is -----------------------------------------------------------------------------------------

    def here(self) -> tuple[MarkGrid, MarkView] | None:
        """Return what is open and its left page, None where no cell is there to stand at."""
        grid, view = self.grid, self.view
        return None if grid is None or view is None or view.current[0] < 0 else (grid, view)

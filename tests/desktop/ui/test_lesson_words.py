"""Entries are in Russian, foreign-language lessons included: said under the field, and nothing is refused."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ejournal_desktop.models import queries
from ejournal_desktop.ui.screens.lesson import LessonScreen
from tests.helpers.typing import press, type_text
from tests.helpers.windows import open_session

ENTER = Qt.Key.Key_Return


def test_a_topic_without_a_russian_word_is_told_and_taken(qtbot: QtBot, tmp_path: Path) -> None:
    with open_session(qtbot, tmp_path) as (window, journal, school):
        today = window.focusWidget()
        assert today is not None
        press(today, ENTER)
        screen = window.screen_shown
        assert isinstance(screen, LessonScreen)
        topic, foreign = screen.panel.topic, screen.panel.foreign
        assert foreign["topic"].isHidden()
        topic.setFocus()
        type_text(topic, "Present Perfect")
        press(topic, ENTER)
        assert queries.lesson_sheet(journal, school.today_lesson).lesson.topic == "Present Perfect"
        assert foreign["topic"].isVisible()
        assert "на русском языке" in foreign["topic"].text
        assert foreign["homework"].isHidden()
        topic.setFocus()
        type_text(topic, ": утверждения")
        press(topic, ENTER)
        assert queries.lesson_sheet(journal, school.today_lesson).lesson.topic == "Present Perfect: утверждения"
        assert foreign["topic"].isHidden()

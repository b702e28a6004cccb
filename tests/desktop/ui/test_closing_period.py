"""A period closed from Готовность журналов, with a real journal and real keys: asked, refused, closed, opened again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core import ids
from ejournal_core.kinds import PeriodClosing, RoleGrant
from ejournal_desktop.models import records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.ui.actions import install, offered
from ejournal_desktop.ui.jobs import Jobs
from ejournal_desktop.ui.screens.control import ControlScreen
from ejournal_desktop.ui.widgets.closing_strip import ClosingStrip
from ejournal_desktop.ui.widgets.readiness_model import standing_words
from ejournal_desktop.ui.widgets.readiness_page import ReadinessPage
from tests.helpers.closed_quarter import deputy_with_requests
from tests.helpers.school import MOSCOW, SmallSchool, desk_of
from tests.helpers.typing import press
from tests.helpers.whole_school import whole_school

Key = Qt.Key
NOW = datetime(2026, 11, 3, 10, 42, tzinfo=MOSCOW)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """Give the deputy's desk in the vacation after the first quarter."""
    opened = desk_of(whole_school(1, 4, 5, date(2026, 10, 30)), "p-deputy", tmp_path, now=NOW)
    yield opened
    opened.close()


def opened(qtbot: QtBot, journal: Journal, jobs: Jobs) -> ControlScreen:
    """Return Контроль with the page of readiness open and read, on a page of the first class."""
    screen = ControlScreen(journal, journal.clock, jobs=jobs)
    qtbot.addWidget(screen)
    screen.resize(1180, 620)
    screen.show()
    screen.activateWindow()
    qtbot.waitUntil(screen.isActiveWindow)
    screen.enter()
    screen.show_readiness()
    qtbot.waitUntil(lambda: page_of(screen).known is not None)
    return screen


def page_of(screen: ControlScreen) -> ReadinessPage:
    assert screen.readiness is not None
    return screen.readiness


def go_to(screen: ControlScreen, class_group: str) -> None:
    """Put the cursor on the first page of a class."""
    page = page_of(screen)
    at = next(at for at, row in enumerate(page.lines.rows) if row.page.class_group_id == class_group)
    page.table.setCurrentIndex(page.lines.index(at, 0))


def ask(screen: ControlScreen) -> ClosingStrip:
    """Ask by the shortcut's action."""
    next(each for each in screen.actions() if each.shortcuts == ("Ctrl+K",)).run()
    return page_of(screen).closing


def is_closed(journal: Journal, class_group: str) -> bool:
    with journal.reading() as connection:
        fields = records.read(connection, "PeriodClosing", ids.period_closing(class_group, "q-1")).fields
    return bool(fields and fields["closed"])


def words_of(screen: ControlScreen, class_group: str) -> set[str]:
    rows = page_of(screen).lines.rows
    return {standing_words(row, NOW.date()) for row in rows if row.page.class_group_id == class_group}


def test_a_period_of_one_class_is_closed_by_two_keys_and_opened_again(
    qtbot: QtBot, journal: Journal, jobs: Jobs
) -> None:
    screen = opened(qtbot, journal, jobs)
    go_to(screen, "k-0")
    strip = ask(screen)
    assert strip.button.hasFocus()
    assert strip.asked.text() == (
        "Закрыть: 5 «А», I четверть? Не готово страниц: 3 из 4. "
        "После этого отметки, пропуски и темы периода меняются только по заявке."
    )
    press(strip.button, Key.Key_Return)
    assert is_closed(journal, "k-0")
    assert not is_closed(journal, "c-7b")
    assert page_of(screen).table.hasFocus()
    qtbot.waitUntil(lambda: words_of(screen, "k-0") == {"закрыт", "закрыт, не готово"})
    assert page_of(screen).note.text.startswith("5 «А», I четверть: период закрыт.")
    assert not any("закрыт" in word for word in words_of(screen, "c-7b"))
    go_to(screen, "k-0")
    assert "период закрыт. Открыть снова?" in ask(screen).asked.text()
    press(strip.button, Key.Key_Return)
    assert not is_closed(journal, "k-0")
    qtbot.waitUntil(lambda: not any("закрыт" in word for word in words_of(screen, "k-0")))
    screen.close_screen()


def test_the_keys_of_the_page_work_though_it_was_opened_after_the_screen(
    qtbot: QtBot, journal: Journal, jobs: Jobs
) -> None:
    """The window installs the shortcuts of a screen when it is entered, and Готовность is a page inside of it."""
    screen = opened(qtbot, journal, jobs)
    screen.show_decisions()
    install(screen, offered(screen))
    QTest.keyClick(screen, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    page = page_of(screen)
    assert page.isVisible()  # from what waits the key leads there, and asks nothing yet
    assert not page.closing.isVisible()
    go_to(screen, "k-0")
    QTest.keyClick(page.table, Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert page.unready.isChecked()
    with qtbot.waitSignal(screen.page_wanted) as wanted:
        QTest.keyClick(page.table, Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.current is not None
    assert wanted.args == [page.current.page.id]
    QTest.keyClick(page.table, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert page.closing.isVisible()
    screen.close_screen()


def test_esc_closes_nothing_and_gives_the_lines_back(qtbot: QtBot, journal: Journal, jobs: Jobs) -> None:
    screen = opened(qtbot, journal, jobs)
    go_to(screen, "k-0")
    strip = ask(screen)
    press(strip.button, Key.Key_Escape)
    assert not strip.isVisible()
    assert page_of(screen).table.hasFocus()
    assert page_of(screen).isVisible()
    assert not is_closed(journal, "k-0")
    screen.close_screen()


def test_a_period_is_not_closed_over_a_request_and_the_strip_says_why(qtbot: QtBot, tmp_path: Path, jobs: Jobs) -> None:
    journal = deputy_with_requests(tmp_path, 1)
    screen = opened(qtbot, journal, jobs)
    go_to(screen, "c-7b")
    strip = ask(screen)
    press(strip.button, Key.Key_Return)
    qtbot.waitUntil(lambda: not any("закрыт" in word for word in words_of(screen, "c-7b")))
    strip = ask(screen)
    assert "Период ещё идёт, по 30.10." in strip.asked.text()
    press(strip.button, Key.Key_Return)
    assert strip.note.text.startswith("Период не закрыть: ждут решения споры и заявки — 1 (Алгебра).")
    assert strip.isVisible()
    assert not is_closed(journal, "c-7b")
    screen.close_screen()
    journal.close()


def test_a_deputy_of_one_class_closes_that_class_only(qtbot: QtBot, tmp_path: Path, jobs: Jobs) -> None:
    """Only the pages of her classes stand there, so nothing else can be closed from it."""
    school = whole_school(2, 2, 5, date(2026, 10, 30))
    journal = desk_of(_granted_for(school, "k-1"), "p-deputy", tmp_path, now=NOW)
    screen = opened(qtbot, journal, jobs)
    assert {row.page.class_group_id for row in page_of(screen).lines.rows} == {"k-1"}
    press(ask(screen).button, Key.Key_Return)
    assert is_closed(journal, "k-1")
    with journal.reading() as connection:
        table = connection.exec_driver_sql("SELECT count(*) FROM period_closing").scalar()
    assert table == 1
    screen.close_screen()
    journal.close()


def _granted_for(school: SmallSchool, class_group: str) -> SmallSchool:
    kept = [each for each in school.records if not isinstance(each, RoleGrant) or each.person_id != "p-deputy"]
    own = RoleGrant(id="r-own", person_id="p-deputy", role="deputy_director", class_group_id=class_group,
                    since=date(2026, 9, 1))  # fmt: skip
    return msgspec.structs.replace(school, records=(*kept, own))


def test_what_is_written_is_a_lock_of_that_class_and_period(qtbot: QtBot, journal: Journal, jobs: Jobs) -> None:
    screen = opened(qtbot, journal, jobs)
    go_to(screen, "k-0")
    press(ask(screen).button, Key.Key_Return)
    (made,) = [each.change for each in journal.outbox()]
    assert (made.kind, made.act) == (PeriodClosing.__name__, "lock")
    assert made.set == {"class_group_id": "k-0", "grading_period_id": "q-1", "closed": True}
    screen.close_screen()

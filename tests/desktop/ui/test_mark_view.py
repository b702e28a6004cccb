"""The painted page under a person's fingers: keys in either layout, moving, painting, a screen reader's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QFontInfo, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyle
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import PolicySetting
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import marks
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import Delivery, GridCell, JournalSpread
from ejournal_desktop.ui import theme
from ejournal_desktop.ui.grids import spoken
from ejournal_desktop.ui.grids.geometry import HEAD, MONTHS, Geometry
from ejournal_desktop.ui.grids.keys import read_key
from ejournal_desktop.ui.grids.mark_grid import MarkGrid
from ejournal_desktop.ui.grids.mark_view import MarkView
from ejournal_desktop.ui.grids.tiles import Face, Tiles, face
from tests.helpers import sample_pages
from tests.helpers.sample_pages import Sample
from tests.helpers.school import SmallSchool, desk_of, small_school
from tests.helpers.typing import CTRL, SHIFT, press, type_text

DOUBLES_ALLOWED = PolicySetting(id="P56", value='"all"', basis="Положение о журнале")
Key = Qt.Key


@pytest.fixture
def school() -> SmallSchool:
    return small_school(extra=[DOUBLES_ALLOWED])


@pytest.fixture
def journal(school: SmallSchool, tmp_path: Path) -> Iterator[Journal]:
    journal = desk_of(school, school.teacher, tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def view(qapp: QApplication, qtbot: QtBot, journal: Journal, school: SmallSchool) -> Iterator[MarkView]:
    theme.apply(qapp, "light")
    grid = MarkGrid(journal, school.page)
    view = MarkView(grid)
    qtbot.addWidget(view)
    view.resize(900, 650)
    view.show()
    view.setFocus()
    view.go_to_lesson(school.today_lesson)
    yield view
    grid.close()


ShowSample = Callable[..., MarkView]


@pytest.fixture
def show_sample(
    qapp: QApplication, qtbot: QtBot, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ShowSample]:
    """Show an invented page instead of the file's: states that only months and clashes would bring about."""
    grids: list[MarkGrid] = []

    def show(sample: Sample | JournalSpread, width: int = 900, height: int = 650) -> MarkView:
        theme.apply(qapp, "light")
        page = sample if isinstance(sample, JournalSpread) else sample_pages.spread(sample)
        monkeypatch.setattr(queries, "journal_spread", lambda *_: page)
        grids.append(MarkGrid(journal, "page"))
        view = MarkView(grids[-1])
        qtbot.addWidget(view)
        view.resize(width, height)
        view.show()
        view.setFocus()
        return view

    yield show
    for grid in grids:
        grid.close()


def cell(view: MarkView, row: int | None = None) -> GridCell:
    """Return what the file holds in the current column."""
    view.grid.refresh()
    return view.grid.cell(view.current[0], view.current[1] if row is None else row) or GridCell()


def image(view: MarkView) -> QImage:
    return view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_the_first_key_commits_and_the_focus_stays(view: MarkView) -> None:
    place = view.current
    type_text(view, "5")
    assert cell(view).value == "5"
    assert view.current == place


@pytest.mark.parametrize("typed", ["5/4", "5.4", "5,4"], ids=["slash", "its Russian key", "with Shift"])
def test_a_stroke_and_a_digit_amend_the_same_cell(view: MarkView, typed: str) -> None:
    type_text(view, typed)
    assert cell(view).value == "5/4"


def test_a_stroke_amends_a_mark_put_before(view: MarkView) -> None:
    type_text(view, "5")
    press(view, Key.Key_Down)
    press(view, Key.Key_Up)
    type_text(view, "/3")
    assert cell(view).value == "5/3"


def test_a_stroke_alone_enters_nothing_and_esc_forgets_it(view: MarkView) -> None:
    type_text(view, "5/")
    assert cell(view).value == "5"
    assert view.entering.typing == "5/"
    press(view, Key.Key_Escape)
    assert view.entering.typing == ""
    type_text(view, "4")
    assert cell(view).value == "4"


def test_a_second_digit_without_a_stroke_mends_a_slip(view: MarkView) -> None:
    type_text(view, "54")
    assert cell(view).value == "4"


@pytest.mark.parametrize(
    ("typed", "absence"), [("н", "н"), ("Н", "н"), ("y", "н"), ("H", "н"), ("о", "оп"), ("j", "оп"), ("o", "оп")]
)
def test_absence_is_understood_in_either_layout(view: MarkView, typed: str, absence: str) -> None:
    type_text(view, typed)
    assert cell(view).absence == absence


@pytest.mark.parametrize(("typed", "reason"), [("б", "Б"), (",", "Б"), ("у", "У"), ("e", "У")])
def test_letters_of_reasons_say_that_the_pupil_was_absent(typed: str, reason: str) -> None:
    entry = read_key(typed, period=False, after_digit=False)
    assert entry is not None
    assert (entry.presence, entry.claimed_reason) == ("absent", reason)


@pytest.mark.parametrize("typed", ["ф", "q", " ", "№", "٣"])
def test_keys_that_mean_nothing_enter_nothing(view: MarkView, typed: str) -> None:
    type_text(view, typed)
    assert cell(view) == GridCell()
    assert not view.grid.can_undo()


def test_a_longer_code_is_taken_from_the_list_at_the_cell(view: MarkView) -> None:
    type_text(view, "з")
    assert view.entering.codes.isVisible()
    assert cell(view).value == ""
    type_text(view.entering.codes, "з")
    press(view.entering.codes, Key.Key_Return)
    assert cell(view).value == "нз"
    assert view.hasFocus()


def test_a_code_can_be_taken_by_its_number_and_left_by_esc(view: MarkView) -> None:
    type_text(view, "p")  # the key of «з» in the Latin layout
    press(view.entering.codes, Key.Key_Escape)
    assert cell(view).value == ""
    type_text(view, "з")
    type_text(view.entering.codes, "1")
    assert cell(view).value == "зач"
    assert view.hasFocus()


def test_in_a_period_column_letters_mean_codes() -> None:
    for typed, codes in (("н", ("н/а", "нз")), ("y", ("н/а", "нз")), ("з", ("зач", "нз"))):
        entry = read_key(typed, period=True, after_digit=False)
        assert entry is not None
        assert entry.codes == codes
    exempt = read_key("о", period=True, after_digit=False)
    assert exempt is not None
    assert exempt.value == "осв"


def test_a_point_is_a_debt(view: MarkView) -> None:
    type_text(view, ".")
    assert cell(view).value == "."


@pytest.mark.parametrize("disputed", [False, True])
def test_a_letter_of_absence_leans_so_that_it_is_no_digit(view: MarkView, disputed: bool) -> None:
    tiles = Tiles()
    delivery: Delivery = "disputed" if disputed else "delivered"
    absent = tiles.cell(Face(40, absence="б", delivery=delivery)).toImage()
    upright = tiles.cell(Face(40, value="б", delivery=delivery)).toImage()
    assert QFontInfo(theme.font(theme.MARK, italic=True)).italic()
    assert QFontInfo(theme.font(theme.MARK, italic=True)).family() == theme.FAMILY
    assert ink(absent) > 20
    assert shape_of(absent) != shape_of(upright)


def shape_of(image: QImage) -> bytes:
    """Return where there is ink, whatever its colour."""
    return bytes(image.convertToFormat(QImage.Format.Format_Alpha8).constBits())


def ink(image: QImage) -> int:
    """Return how many pixels are painted."""
    return sum(1 for value in shape_of(image) if value)


def test_delete_takes_away_the_mark_and_then_the_absence(view: MarkView) -> None:
    type_text(view, "о")
    type_text(view, "5")
    assert (cell(view).value, cell(view).absence) == ("5", "оп")
    press(view, Key.Key_Delete)
    assert (cell(view).value, cell(view).absence) == ("", "оп")
    press(view, Key.Key_Backspace)
    assert cell(view).absence == ""


def test_a_refusal_is_told_at_the_cell_and_the_next_key_hides_it(view: MarkView) -> None:
    type_text(view, "7")
    assert "не отметка" in view.entering.note.text()
    assert view.entering.note.isVisible()
    type_text(view, "5")
    assert not view.entering.note.isVisible()
    assert cell(view).value == "5"


def test_a_refusal_goes_with_its_reason_when_an_entry_is_taken_back(view: MarkView) -> None:
    type_text(view, "5")
    type_text(view, "7")
    assert view.entering.note.isVisible()
    assert view.grid.undo()
    assert not view.entering.note.isVisible()


def test_a_refusal_goes_when_something_is_entered_beside_the_grid(view: MarkView, school: SmallSchool) -> None:
    type_text(view, "7")
    assert view.grid.set_topic(school.today_lesson, "Дроби")
    assert not view.entering.note.isVisible()


def test_a_refusal_stays_behind_when_one_moves_on(view: MarkView) -> None:
    type_text(view, "7")
    press(view, Key.Key_Down)
    assert not view.entering.note.isVisible()


def test_keys_with_control_are_left_to_the_screen(view: MarkView) -> None:
    press(view, Key.Key_5, CTRL, "5")
    assert cell(view) == GridCell()


def test_a_comment_is_written_at_the_cell_and_esc_keeps_it(view: MarkView) -> None:
    type_text(view, "3")
    view.entering.open_comment()
    line = view.entering.comment
    assert line.hasFocus()
    type_text(line, "переписать")
    press(line, Key.Key_Escape)
    assert (cell(view).value, cell(view).comment) == ("3", "переписать")
    assert view.hasFocus()


def test_no_comment_without_a_mark(view: MarkView) -> None:
    view.entering.open_comment()
    assert not view.entering.comment.isVisible()
    assert view.entering.note.isVisible()


def test_on_a_page_that_may_only_be_read_a_key_tells_why(show_sample: ShowSample) -> None:
    view = show_sample(Sample(read_only="Журнал ведёт Петрова С. И."))
    type_text(view, "5")
    assert view.entering.note.text() == "Журнал ведёт Петрова С. И."


def test_a_column_of_marks_costs_two_keys_a_pupil(view: MarkView, school: SmallSchool) -> None:
    press(view, Key.Key_Home, CTRL)
    view.go_to_lesson(school.today_lesson)
    for mark in "5435":
        type_text(view, mark)
        press(view, Key.Key_Return)
    assert [cell(view, row).value for row in range(4)] == ["5", "4", "3", "5"]
    assert view.current[1] == 4


# --- moving ----------------------------------------------------------------------------------------------------------


def test_arrows_home_end_and_pages_move_inside_the_page(view: MarkView) -> None:
    last = (len(view.grid.columns) - 1, len(view.grid.pupils) - 1)
    press(view, Key.Key_End, CTRL)
    press(view, Key.Key_End)
    assert view.current == last
    press(view, Key.Key_Right)
    press(view, Key.Key_Down)
    assert view.current == last
    press(view, Key.Key_Home)
    press(view, Key.Key_PageUp)
    press(view, Key.Key_PageUp)
    assert view.current == (0, 0)
    press(view, Key.Key_Left)
    press(view, Key.Key_Return, SHIFT)
    assert view.current == (0, 0)


def test_tab_goes_along_the_row_and_leaves_at_its_end(view: MarkView) -> None:
    column, row = view.current
    assert view.focusNextPrevChild(True)
    assert view.current == (column + 1, row)
    press(view, Key.Key_End)
    before = view.current
    view.focusNextPrevChild(True)
    assert view.current == before


def test_enter_passes_over_pupils_who_were_not_in_the_class(show_sample: ShowSample) -> None:
    view = show_sample(Sample())
    away = next(row for row in range(25) if view.grid.is_away(view.current[0], row))
    view.set_current(view.current[0], away - 1)
    press(view, Key.Key_Return)
    assert view.current[1] == away + 1


def test_the_current_cell_is_always_in_sight(show_sample: ShowSample) -> None:
    view = show_sample(Sample(pupils=35, lessons=200), 700, 400)
    for column, row in ((0, 0), (len(view.grid.columns) - 1, 34), (100, 17)):
        view.set_current(column, row)
        assert view.frame().body.contains(view.current_rect())


def test_a_page_opens_at_todays_lesson_with_what_led_to_it(show_sample: ShowSample) -> None:
    view = show_sample(Sample())
    column = view.grid.columns[view.current[0]]
    assert column.held_on == sample_pages.TODAY
    body = view.frame().body
    assert body.center().x() < view.current_rect().center().x() < body.right()


def test_a_click_takes_the_focus_and_a_click_on_a_name_keeps_the_lesson(view: MarkView) -> None:
    rect = view.frame().cell_rect(2, 3)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert view.current == (2, 3)
    name = QPoint(40, HEAD + 7 * theme.ROW + 5)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=name)
    assert view.current == (2, 7)


def test_the_menu_of_the_keyboard_opens_at_the_current_cell(view: MarkView, qtbot: QtBot) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    with qtbot.waitSignal(view.menu_wanted) as wanted:
        view.contextMenuEvent(event)
    assert wanted.args[0] == view.viewport().mapToGlobal(view.current_rect().bottomLeft())


def test_the_focus_stays_on_the_lesson_when_a_column_comes_before_it(
    view: MarkView, journal: Journal, school: SmallSchool
) -> None:
    lesson = view.grid.columns[view.current[0]].lesson_id
    earlier = school.lesson(date(2026, 9, 14), 2)
    before = len(view.grid.columns)
    marks.add_mark_column(journal, earlier, "oral")
    marks.add_mark_column(journal, earlier, "oral")
    view.grid.refresh()
    assert len(view.grid.columns) > before
    assert view.grid.columns[view.current[0]].lesson_id == lesson


# --- painting --------------------------------------------------------------------------------------------------------

STATES = {
    "delivered": GridCell("4"),
    "waiting": GridCell("4", delivery="waiting"),
    "pending": GridCell("4", delivery="pending", other_value="5"),
    "disputed": GridCell("4", delivery="disputed", other_value="2"),
    "refused": GridCell("4", delivery="refused"),
    "quarantined": GridCell("4", delivery="quarantined"),
    "comment": GridCell("4", comment="см. тетрадь"),
    "corrected": GridCell("4", corrected=True),
    "late": GridCell("4", absence="оп"),
    "absent": GridCell(absence="н"),
    "debt": GridCell("."),
    "double": GridCell("5/4"),
    "empty": GridCell(),
}


def test_every_state_has_a_shape_of_its_own_even_without_colour(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    tiles = Tiles()
    shapes: dict[str, QImage] = {}
    for name, state in STATES.items():
        look = face(state, 30)
        assert look is not None
        shape = tiles.cell(look).toImage().convertToFormat(QImage.Format.Format_Alpha8)
        assert [other for other, seen in shapes.items() if seen == shape] == [], f"{name} has no shape of its own"
        shapes[name] = shape


def test_ground_and_words_change_with_the_scheme(show_sample: ShowSample, qapp: QApplication) -> None:
    view = show_sample(Sample())
    image(view)
    theme.apply(qapp, "dark")
    dark = image(view)
    theme.apply(qapp, "light")
    ground = dark.pixelColor(view.viewport().width() - 3, view.viewport().height() - 3)
    assert ground.name().upper() == theme.DARK.paper
    name = view.frame().cell_rect(0, 3).translated(-view.frame().origin.x() + view.frame().scroll.x(), 0)
    lightest = max(dark.pixelColor(x, y).lightness() for x in range(30, 100) for y in range(name.top(), name.bottom()))
    assert lightest > 180, "words are still those of the light scheme"


def test_scrolling_by_moved_pixels_shows_the_same_as_painting_anew(show_sample: ShowSample) -> None:
    view = show_sample(Sample(pupils=35, lessons=200), 700, 400)
    view.set_current(0, 0)
    QApplication.processEvents()
    for step in (13, 40, 7, -25, 300, 1, -1, -29, -31, 61):
        view.horizontalScrollBar().setValue(view.horizontalScrollBar().value() + step)
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() + step // 3)
        QApplication.processEvents()
        shown = view.screen().grabWindow(view.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
        assert shown == image(view), step


def test_pupils_who_were_not_there_have_dashes(show_sample: ShowSample) -> None:
    view = show_sample(Sample(states=False))
    column = view.current[0]
    away = next(row for row in range(25) if view.grid.is_away(column, row))
    rect = view.frame().cell_rect(column, away)
    middle = {
        image(view).pixelColor(x, rect.center().y() + dy).name()
        for x in range(rect.left() + 10, rect.right() - 10)
        for dy in (0, 1, 2)
    }
    assert len(middle) > 1, "nothing but ground"
    assert Tiles().cell(Face(30, away=True)).size() == Tiles().cell(Face(30, "5")).size()


def test_a_screen_of_1366_by_768_shows_24_pupils_and_20_lessons(show_sample: ShowSample) -> None:
    view = show_sample(Sample(pupils=35, long_names=True), 1366 - 104 - 340, 768 - 40 - 24 - 40)
    frame = view.frame()
    rows = [row for row in frame.visible_rows(frame.body) if frame.cell_rect(0, row).bottom() <= frame.body.bottom()]
    lessons = [number for number in range(len(view.grid.columns)) if _in_sight(view, number)]
    assert len(rows) >= 24
    assert len(lessons) >= 20


def _in_sight(view: MarkView, column: int) -> bool:
    body, place = view.frame().body, view.frame().cell_rect(column, 0)
    return body.left() <= place.left() and place.right() <= body.right()


def test_an_empty_page_and_a_page_of_one_pupil_can_be_shown_and_typed_into(show_sample: ShowSample) -> None:
    empty = show_sample(sample_pages.empty_spread())
    type_text(empty, "5")
    press(empty, Key.Key_End)
    assert empty.current == (-1, -1)
    assert not image(empty).isNull()
    single = show_sample(Sample(pupils=1, lessons=1, fill=False, today=date(2026, 9, 1)))
    press(single, Key.Key_Down)
    assert single.current == (0, 0)


def test_months_stand_over_their_days(show_sample: ShowSample) -> None:
    view = show_sample(Sample())
    geometry = Geometry(view.grid.spread)
    for month in geometry.months:
        for x in (month.left, month.right - 1):
            day = view.grid.columns[geometry.column_at(x)].held_on
            assert day is not None
            assert month.name == MONTHS[day.month - 1]


def test_cells_changed_elsewhere_glow_with_their_author_only_where_things_may_move(
    view: MarkView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.grid.changed_elsewhere.emit({(0, 0): "Петрова С. И."})
    assert view.frame().glow[0, 0] > 0.5
    assert view.frame().authors == {(0, 0): "Петрова С. И."}
    view._glow.stop()
    monkeypatch.setattr(theme, "motion_allowed", lambda: False)
    view.grid.changed_elsewhere.emit({(0, 0): "Петрова С. И."})
    assert view.frame().glow == {}


def test_motion_follows_the_systems_wish(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    assert theme.motion_allowed() == (qapp.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0)


# --- words -----------------------------------------------------------------------------------------------------------


def test_a_screen_reader_meets_the_current_cell(view: MarkView) -> None:
    grid = QAccessible.queryAccessibleInterface(view)
    assert grid.text(QAccessible.Text.Name) == "Журнал: ученики и уроки"
    voice = grid.focusChild()
    assert voice.role() == QAccessible.Role.Cell
    assert voice.text(QAccessible.Text.Name) == "Абрамова Анна, вторник, 15 сент., 3 урок, пусто"
    type_text(view, "5")
    assert "5, ждёт отправки" in voice.text(QAccessible.Text.Name)
    press(view, Key.Key_Down)
    assert voice.text(QAccessible.Text.Name).startswith("Воробьёв Никита")
    assert view.accessibleDescription().startswith("Воробьёв Никита")


def test_the_voice_of_a_view_goes_with_it(view: MarkView, journal: Journal, school: SmallSchool) -> None:
    grid = MarkGrid(journal, school.page)
    other = MarkView(grid)
    QAccessible.queryAccessibleInterface(other)
    other.deleteLater()
    grid.close()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    assert QAccessible.queryAccessibleInterface(view).focusChild().text(QAccessible.Text.Name)


def test_the_status_line_says_who_what_when_and_until(show_sample: ShowSample) -> None:
    view = show_sample(Sample())
    key = next(key for key, value in view.grid.cells.items() if value.value == "5/4")
    place = view.grid.place(key)
    assert place is not None
    sentence = spoken.cell_sentence(view.grid, *place)
    assert "5/4 " in sentence
    assert "Иванова М. П. 20.11 в 10:42" in sentence
    assert sentence.endswith("можно изменить до 27.11")


def test_a_dispute_is_told_with_both_values(show_sample: ShowSample) -> None:
    view = show_sample(Sample())
    key = next(key for key, value in view.grid.cells.items() if value.delivery == "disputed")
    place = view.grid.place(key)
    assert place is not None
    assert "другое значение: 2, Петрова С. И." in spoken.cell_sentence(view.grid, *place)

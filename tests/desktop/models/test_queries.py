"""What screens and documents are given."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ejournal_core import ids, seal
from ejournal_core.changes import Change, Outcome
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    Fields,
    JournalPage,
    PeriodClosing,
    Person,
    Pupil,
    Record,
    RoleGrant,
    Subgroup,
    SubgroupMember,
    Subject,
)
from ejournal_desktop.models import loading, queries
from ejournal_desktop.models.commands.attendance import set_presence
from ejournal_desktop.models.commands.documents import record_issue
from ejournal_desktop.models.commands.lessons import hold_lesson, set_homework, set_topic
from ejournal_desktop.models.commands.marks import add_mark_column, put_mark, put_period_mark
from ejournal_desktop.models.desk import create_journal
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.today import COMES_BY_ITSELF, LOADING
from ejournal_desktop.models.queries.words import what_was_done
from ejournal_desktop.models.state import Identity, Loading
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import NOW, YEAR_START, Clock, SmallSchool, desk_of, small_school

DAY = date(2026, 9, 15)


def test_the_spread_has_every_lesson_of_the_timetable_in_order(journal: Journal, school: SmallSchool) -> None:
    lessons = queries.journal_spread(journal, school.page).lessons
    keys = [(row.held_on, row.lesson_number) for row in lessons]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert {(row.held_on.isoweekday(), row.lesson_number) for row in lessons} == {(1, 2), (2, 3), (5, 1)}
    assert not any(date(2026, 10, 31) <= row.held_on <= date(2026, 11, 8) for row in lessons), "lessons in a vacation"
    assert [row.lesson_id for row in lessons if row.exists] == [LESSON]
    assert (lessons[0].starts_at, lessons[0].room) == ("10:30", "21")


def test_an_extra_lesson_outside_the_timetable_is_there_too(journal: Journal, school: SmallSchool) -> None:
    extra = school.lesson(DAY, 6)
    set_topic(journal, extra, "Дополнительное занятие")
    rows = [row for row in queries.journal_spread(journal, school.page).lessons if row.held_on == DAY]
    assert [(row.lesson_number, row.room, row.topic_delivery) for row in rows] == [
        (3, "21", "delivered"),
        (6, "", "waiting"),
    ]


def test_the_period_column_stands_after_the_last_lesson_of_its_period(journal: Journal, school: SmallSchool) -> None:
    columns = queries.journal_spread(journal, school.page).columns
    place = next(i for i, column in enumerate(columns) if column.key == "quarter.1")
    before, after = columns[place - 1], columns[place + 1]
    assert before.held_on is not None
    assert after.held_on is not None
    assert before.held_on <= date(2026, 10, 30) < after.held_on
    assert columns[place].period_title == "I ч"
    assert columns[-1].key == "year"
    assert len({column.key for column in columns}) == len(columns)


def test_a_lesson_with_two_works_has_two_columns_and_absences_stand_in_the_first(
    journal: Journal, school: SmallSchool
) -> None:
    add_mark_column(journal, LESSON, "control")
    set_presence(journal, LESSON, "u-02", "absent")
    put_mark(journal, LESSON, ids.mark_column(LESSON, "control", 1), "u-01", "4")
    spread = queries.journal_spread(journal, school.page)
    mine = [column for column in spread.columns if column.lesson_id == LESSON]
    assert [(c.work_code, c.first_of_lesson, c.weight) for c in mine] == [
        ("У", True, Decimal(1)),
        ("КР", False, Decimal(2)),
    ]
    assert spread.cells[COLUMN, "u-02"].absence == "н"
    assert spread.cells[mine[1].key, "u-01"].value == "4"


def test_the_proposal_weighs_marks_and_is_exact(journal: Journal, school: SmallSchool) -> None:
    add_mark_column(journal, LESSON, "control")
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    put_mark(journal, LESSON, ids.mark_column(LESSON, "control", 1), "u-01", "3")
    spread = queries.journal_spread(journal, school.page)
    proposal = spread.proposals["quarter.1", "u-01"]
    assert proposal.average == Decimal(4)
    assert proposal.weighted_average == Decimal(11) / Decimal(3)
    assert (proposal.proposed, proposal.marks) == ("4", 2)
    assert ("quarter.2", "u-01") not in spread.proposals, "the second quarter has not begun"


def test_a_year_is_proposed_from_its_period_marks(journal: Journal, school: SmallSchool) -> None:
    put_period_mark(journal, school.page, "u-01", "quarter", 1, "5")
    assert queries.journal_spread(journal, school.page).proposals["year", "u-01"].proposed == "5"
    assert queries.journal_spread(journal, school.page).proposals["year", "u-02"].proposed == ""


def test_a_pupil_who_left_keeps_the_place_and_shows_the_order(tmp_path: Path) -> None:
    left = Enrolment(
        id="e-u-99",
        pupil_id="u-99",
        class_group_id="c-7b",
        since=date(2026, 9, 1),
        until=date(2026, 9, 10),
        departure_order="№ 12 от 10.09.2026",
        position=2,
    )
    school = small_school(extra=[Pupil(id="u-99", last_name="Беглов", first_name="Юрий"), left])
    journal = desk_of(school, school.teacher, tmp_path)
    pupils = queries.journal_spread(journal, school.page).pupils
    assert [pupil.position for pupil in pupils] == list(range(1, 27))
    gone = next(pupil for pupil in pupils if pupil.pupil_id == "u-99")
    assert gone.position == 2
    assert gone.present_in_class(date(2026, 9, 10))
    assert not gone.present_in_class(date(2026, 9, 11))
    assert "u-99" not in {row.pupil_id for row in queries.lesson_sheet(journal, school.today_lesson).roll}
    line = queries.summary_sheet(journal, school.class_group).pupils[1]
    assert line.note == "выбыл 10.09.2026, приказ № 12 от 10.09.2026"
    journal.close()


def test_a_subgroups_page_lists_its_members_only(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.colleague, tmp_path)
    spread = queries.journal_spread(journal, school.english)
    assert [pupil.pupil_id for pupil in spread.pupils] == list(school.pupils[1::2])
    assert spread.page.title == "7 «Б» · Английский язык · 2 группа"
    journal.close()


def mixed_group(school: SmallSchool) -> tuple[Record, ...]:
    """Return a second class whose pupils share a group of 7 «Б», and subjects entered out of order."""
    there = [("x-1", "Яблоков"), ("x-2", "Ёжиков"), ("x-3", "Жуков")]
    group, german = "g-mixed", ids.journal_page("s-german", "g-mixed")
    return (
        ClassGroup(id="c-7a", school_year_id="y-2026", grade_level=7, letter="А"),
        Subgroup(id=group, class_group_id="c-7a", title="немецкий"),
        *(Pupil(id=pupil, last_name=name, first_name="Лев") for pupil, name in there),
        *(Enrolment(id=f"e-{pupil}", pupil_id=pupil, class_group_id="c-7a", since=YEAR_START, position=at)
          for at, (pupil, _) in enumerate(there, 1)),
        *(SubgroupMember(id=ids.subgroup_member(group, pupil), subgroup_id=group, pupil_id=pupil, since=YEAR_START)
          for pupil in ("x-1", "x-2", "x-3", *school.pupils[:6])),
        Subject(id="s-german", title="Немецкий язык", position=4),
        Subject(id="s-russian", title="Русский язык", position=0),
        JournalPage(id=german, subject_id="s-german", class_group_id="c-7a", subgroup_id=group),
        JournalPage(id=ids.journal_page("s-russian", "c-7b"), subject_id="s-russian", class_group_id="c-7b"),
        JournalPage(id=ids.journal_page("s-english", "c-7b"), subject_id="s-english", class_group_id="c-7b"),
    )  # fmt: skip


def test_a_group_drawn_from_two_classes_is_alphabetical_on_screen_and_on_paper(
    school: SmallSchool, tmp_path: Path
) -> None:
    journal = desk_of(small_school(extra=mixed_group(school)), school.deputy, tmp_path)
    expected = ["Абрамова", "Воробьёв", "Дятлова", "Ёжиков", "Ёлкин", "Жуков", "Журавлёв", "Зимина", "Яблоков"]
    spread = queries.journal_spread(journal, ids.journal_page("s-german", "g-mixed"))
    assert [pupil.name.split()[0] for pupil in spread.pupils] == expected
    assert [pupil.position for pupil in spread.pupils] == list(range(1, 10))
    page = queries.year_book(journal, school.class_group).pages[-1]
    assert [(line.position, line.name.split()[0]) for line in page.pupils] == list(enumerate(expected, 1))
    journal.close()


def test_the_book_goes_by_subject_the_whole_class_before_its_groups_and_holds_groups_of_other_classes(
    school: SmallSchool, tmp_path: Path
) -> None:
    journal = desk_of(small_school(extra=mixed_group(school)), school.deputy, tmp_path)
    titles = [(page.subject_title, page.subgroup_title) for page in queries.year_book(journal, "c-7b").pages]
    assert titles == [("Русский язык", ""), ("Алгебра", ""), ("Английский язык", ""), ("Английский язык", "2 группа"),
                      ("Немецкий язык", "немецкий")]  # fmt: skip
    assert [page.subject_title for page in queries.year_book(journal, "c-7a").pages] == ["Немецкий язык"]
    journal.close()


def test_a_closed_period_is_marked_closed(tmp_path: Path) -> None:
    closing = PeriodClosing(id="c-7b.q-1", class_group_id="c-7b", grading_period_id="q-1", closed=True)
    school = small_school(extra=[closing])
    journal = desk_of(school, school.teacher, tmp_path)
    closed = {c.key: c.closed for c in queries.journal_spread(journal, school.page).columns if c.kind == "period"}
    assert closed == {"quarter.1": True, "quarter.2": False, "quarter.3": False, "quarter.4": False, "year": False}
    journal.close()


def test_a_correction_long_after_the_entry_is_worth_a_look(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.teacher, tmp_path)
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    put_mark(journal, LESSON, COLUMN, "u-02", "5")
    put_mark(journal, LESSON, COLUMN, "u-02", "4")
    journal.clock = lambda: NOW.replace(day=17)
    put_mark(journal, LESSON, COLUMN, "u-01", "4")
    cells = queries.journal_spread(journal, school.page).cells
    assert (cells[COLUMN, "u-01"].corrected, cells[COLUMN, "u-02"].corrected) == (True, False)
    journal.close()


def test_a_person_sees_own_pages_first_and_none_of_others(school: SmallSchool, tmp_path: Path) -> None:
    seen = {}
    for person in (school.teacher, school.colleague, school.class_teacher, school.deputy):
        journal = desk_of(school, person, tmp_path)
        seen[person] = [(page.subject_title, page.mine) for page in queries.journal_pages(journal)]
        journal.close()
    both = [("Алгебра", True), ("Английский язык", True)]
    others = [("Алгебра", False), ("Английский язык", False)]
    assert seen == {"p-teacher": both[:1], "p-colleague": both, "p-class-teacher": others, "p-deputy": others}


def test_today_lists_own_lessons_and_what_is_due(journal: Journal) -> None:
    set_topic(journal, LESSON, "Дроби")
    hold_lesson(journal, LESSON)
    (lesson,) = queries.today(journal, DAY).lessons
    assert (lesson.lesson_number, lesson.starts_at, lesson.room, lesson.held) == (3, "10:30", "21", True)
    assert {item.what: item.done for item in lesson.items} == {
        "held": True, "attendance": True, "topic": True, "homework": False,
    }  # fmt: skip
    due = {item.what: item.due_at for item in lesson.items}
    assert due["homework"] is not None
    assert due["homework"].isoformat() == "2026-09-15T11:10:00+03:00"


def test_the_day_of_a_journal_that_is_still_loading_is_not_called_free_or_outside_the_year(tmp_path: Path) -> None:
    person = Identity("desk", "p-teacher", "Иванова Мария", "school", seal.new_signing_key())
    desk = create_journal(tmp_path / "new.journal", os.urandom(32), person, clock=Clock(NOW))
    loading.begin(desk, Loading(id="s", slices=(), number=1, scope="", chunks=(("", 1),), whole=True))
    today = queries.today(desk, DAY)
    assert (today.lessons, today.note, today.guidance) == ((), LOADING, COMES_BY_ITSELF)
    desk.close()


@pytest.mark.parametrize(
    ("day", "note"),
    [
        (date(2026, 9, 19), "Выходной"),
        (date(2026, 11, 3), "Осенние каникулы"),
        (date(2026, 9, 16), "Сегодня уроков нет"),
    ],
)
def test_a_day_without_lessons_says_why(journal: Journal, day: date, note: str) -> None:
    today = queries.today(journal, day)
    assert (today.lessons, today.note) == ((), note)


@pytest.mark.parametrize(
    ("person", "word"),
    [("p-teacher", "Журналы открываются"), ("p-deputy", "Журналы классов"), ("p-secretary", "ведут учителя")],
)
def test_a_day_without_lessons_says_where_the_work_of_this_role_is(tmp_path: Path, person: str, word: str) -> None:
    secretary = Person(id="p-secretary", last_name="Орехова", first_name="Нина", sex="f")
    granted = RoleGrant(id="r-secretary", person_id="p-secretary", role="secretary", since=date(2026, 9, 1))
    desk = desk_of(small_school(extra=[secretary, granted]), person, tmp_path)
    assert word in queries.today(desk, date(2026, 9, 19)).guidance
    desk.close()


def test_a_lesson_sheet_shows_the_homework_of_the_time_before(journal: Journal, school: SmallSchool) -> None:
    set_homework(journal, school.lesson(date(2026, 9, 14), 2), "№ 12")
    sheet = queries.lesson_sheet(journal, LESSON)
    assert sheet.previous_homework == "№ 12"
    assert len(sheet.roll) == 25
    assert [column.key for column in sheet.columns] == [COLUMN]


def test_the_state_adds_up(journal: Journal, school: SmallSchool) -> None:
    server = PocketServer(school)
    for number in range(1, 7):
        put_mark(journal, LESSON, COLUMN, f"u-{number:02}", "5")
    server.other(
        "Mark", ids.mark(COLUMN, "u-03"), act="create", was={}, mark_column_id=COLUMN, pupil_id="u-03", value="2"
    )
    endings: dict[str, Outcome] = {"u-01": "refused", "u-02": "pending"}
    journal.settle(server.push(journal.outbox(5), lambda change: endings.get(str(change.set["pupil_id"]))))
    state = queries.sync_state(journal)
    counts = (
        state.saved,
        state.delivered,
        state.waiting,
        state.pending,
        state.disputed,
        state.refused,
        state.quarantined,
    )
    assert counts == (6, 2, 1, 1, 1, 1, 0)
    assert state.saved == sum(counts[1:])
    assert {row.delivery for row in state.rows} == {"waiting", "pending", "disputed", "refused"}
    assert all(row.reason for row in state.rows if row.delivery in ("pending", "refused"))


def test_the_history_of_a_cell_is_told_newest_first(journal: Journal) -> None:
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    put_mark(journal, LESSON, COLUMN, "u-01", "4")
    rows = queries.cell_history(journal, "Mark", ids.mark(COLUMN, "u-01"))
    assert [(row.old, row.new, row.author, row.outcome) for row in rows] == [
        ("5", "4", "Иванова М. П.", "ждёт отправки"),
        ("", "5", "Иванова М. П.", "ждёт отправки"),
    ]


def test_the_summary_sheet_of_a_quarter_has_its_marks_and_signatories(journal: Journal, school: SmallSchool) -> None:
    put_period_mark(journal, school.page, "u-04", "quarter", 1, "4")
    sheet = queries.summary_sheet(journal, school.class_group, "quarter", 1, document_number="7-Б/1")
    assert sheet.period_titles == ("I четверть",)
    assert sheet.marks == {(4, "I четверть", "Алгебра"): "4"}
    assert (sheet.class_teacher, sheet.director) == ("Сидорова А. Л.", "Громова В. П.")
    whole = queries.summary_sheet(journal, school.class_group)
    assert whole.period_titles[-3:] == ("Годовая", "Экзамен", "Итоговая")


def test_the_year_book_has_every_page_with_what_was_entered(journal: Journal, school: SmallSchool) -> None:
    put_mark(journal, LESSON, COLUMN, "u-01", "5")
    set_presence(journal, LESSON, "u-02", "absent")
    hold_lesson(journal, LESSON)
    put_period_mark(journal, school.page, "u-01", "quarter", 1, "5")
    book = queries.year_book(journal, school.class_group)
    assert [page.subject_title for page in book.pages] == ["Алгебра", "Английский язык"]
    algebra = book.pages[0]
    assert [column.title for column in algebra.columns] == ["15", "I ч", "II ч", "III ч", "IV ч", "Год"]
    assert algebra.cells == {(1, 0): "5", (2, 0): "н", (1, 1): "5"}
    assert (algebra.given, algebra.planned > 90) == (1, True)


def test_an_issued_document_is_entered_in_the_register(school: SmallSchool, tmp_path: Path) -> None:
    journal = desk_of(school, school.deputy, tmp_path)
    done = record_issue(journal, "doc-1", form="summary_sheet", title="Сводная ведомость", data_sha256="ab" * 32,
                        file_sha256="cd" * 32, issued_at=NOW, class_group_id=school.class_group)  # fmt: skip
    assert [change.act for change in done.changes] == ["issue"]
    journal.close()


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("BackupDrive", {"held": 3, "room": "сейф"}, "карточка носителя копий"),
        ("BackupAct", {"reason": "передан на хранение"}, "акт о носителе копий"),
        ("CredentialIssue", {"reason": "reset"}, "выдача кода"),
    ],
)
def test_what_the_office_keeps_is_not_told_in_words_of_a_lesson(kind: str, fields: Fields, said: str) -> None:
    change = Change(
        id="c", desk="d", n=1, author="p", kind=kind, record="r", was={}, set=fields, act="change", at="2026-11-20"
    )
    assert what_was_done(change) == said

"""Two pupils of one name: no list, sentence or history calls both the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from ejournal_core import ids
from ejournal_core.changes import Change
from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Pupil,
    Record,
    RegisteredAbsence,
    SchoolYear,
    Subgroup,
    SubgroupMember,
    Subject,
    from_fields,
)
from ejournal_core.merge import defaults
from ejournal_desktop.exchange.clipboard import read_table
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.register import AbsenceDraft, register_absence
from ejournal_desktop.models.queries.namesakes import told_apart
from ejournal_desktop.models.queries.placing import place_table
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.ui.grids.spoken import away_reason, pupil_sentence
from tests.helpers.school import NOW, YEAR_START, SmallSchool, desk_of, small_school

FIRST, SECOND = "u-02", "u-04"  # both are in the second group too
DAY = NOW.date()
OLEGOVNA, IGOREVNA = ("Иванова", "Мария", "Олеговна"), ("Иванова", "Мария", "Игоревна")


def school_of(*names: tuple[str, str, str], extra: tuple[Record, ...] = ()) -> SmallSchool:
    """Return the school whose pupils u-02, u-04, u-06 are called so."""
    called = dict(zip((FIRST, SECOND, "u-06"), names, strict=False))

    def renamed(record: Record) -> Record:
        if not isinstance(record, Pupil) or record.id not in called:
            return record
        last, first, patronymic = called[record.id]
        return msgspec.structs.replace(record, last_name=last, first_name=first, patronymic=patronymic)

    school = small_school(extra=extra)
    return msgspec.structs.replace(school, records=tuple(map(renamed, school.records)))


def names_on(school: SmallSchool, folder: Path, page: str, person: str = "p-deputy") -> dict[str, str]:
    journal = desk_of(school, person, folder)
    found = {pupil.pupil_id: pupil.name for pupil in queries.journal_spread(journal, page).pupils}
    journal.close()
    return found


def test_patronymics_part_two_namesakes_on_the_page_of_the_class_and_nobody_else_is_called_longer(
    tmp_path: Path,
) -> None:
    school = school_of(OLEGOVNA, IGOREVNA)
    names = names_on(school, tmp_path, school.page)
    assert (names[FIRST], names[SECOND]) == ("Иванова Мария Олеговна", "Иванова Мария Игоревна")
    assert names["u-01"] == "Абрамова Анна"


@pytest.mark.parametrize("patronymic", ["Олеговна", ""])
def test_where_patronymics_do_not_part_them_the_number_in_the_class_list_does(tmp_path: Path, patronymic: str) -> None:
    school = school_of(("Иванова", "Мария", patronymic), ("Иванова", "Мария", patronymic))
    names = names_on(school, tmp_path, school.page)
    assert (names[FIRST], names[SECOND]) == ("Иванова Мария (№ 2)", "Иванова Мария (№ 4)")


def test_of_three_only_those_whose_patronymic_is_shared_or_unknown_have_a_number() -> None:
    pupils = [Pupil(id=str(n), last_name="Фёдоров" if n < 2 else "Федоров", first_name="Лев", patronymic=p)
              for n, p in enumerate(("Ильич", "Ильич", "Олегович", ""))]  # fmt: skip
    places = {pupil.id: f"№ {pupil.id}" for pupil in pupils}
    assert told_apart(pupils, places) == {"0": "№ 0", "1": "№ 1", "2": "Олегович", "3": "№ 3"}


def test_in_a_group_with_one_of_them_she_is_called_as_in_her_class(tmp_path: Path) -> None:
    twin = ("Дятлова", "Софья", "Олеговна")
    school = school_of(twin)  # u-03, Дятлова Софья without a patronymic, is not in the second group
    names = names_on(school, tmp_path, school.english)
    assert names[FIRST] == "Дятлова Софья Олеговна"
    assert "u-03" not in names


def test_in_a_group_of_two_classes_the_number_comes_with_the_class(tmp_path: Path) -> None:
    group, page = "g-mixed", ids.journal_page("s-german", "g-mixed")
    there = Pupil(id="x-1", last_name="Иванова", first_name="Мария")
    extra = (
        ClassGroup(id="c-7a", school_year_id="y-2026", grade_level=7, letter="А"),
        Subgroup(id=group, class_group_id="c-7a", title="немецкий"),
        there,
        Enrolment(id="e-x-1", pupil_id="x-1", class_group_id="c-7a", since=YEAR_START, position=1),
        *(SubgroupMember(id=ids.subgroup_member(group, pupil), subgroup_id=group, pupil_id=pupil, since=YEAR_START)
          for pupil in ("x-1", FIRST)),
        Subject(id="s-german", title="Немецкий язык", position=4),
        JournalPage(id=page, subject_id="s-german", class_group_id="c-7a", subgroup_id=group),
    )  # fmt: skip
    school = school_of(("Иванова", "Мария", ""), extra=extra)
    names = names_on(school, tmp_path, page)
    assert names == {"x-1": "Иванова Мария (№ 1, 7 «А»)", FIRST: "Иванова Мария (№ 2, 7 «Б»)"}


def test_what_was_entered_says_of_which_of_them(tmp_path: Path) -> None:
    school = school_of(OLEGOVNA, IGOREVNA)
    journal = desk_of(school, school.teacher, tmp_path)
    put_mark(journal, school.today_lesson, None, SECOND, "5")
    rows = [row.where for row in queries.sync_state(journal).rows]
    assert "7 «Б» · Алгебра · 15.09 · Иванова Мария Игоревна" in rows
    journal.close()


def test_the_register_and_the_day_say_which_of_two_of_one_surname_is_away(tmp_path: Path) -> None:
    school = school_of(("Котова", "Вера", ""), ("Котова", "Нина", ""))
    journal = desk_of(school, school.class_teacher, tmp_path / "class")
    draft = AbsenceDraft(pupil_id=SECOND, reason="Б", since=DAY, until=DAY)
    changes = register_absence(journal, school.class_group, draft).changes
    assert any("Котова Нина" in row.where for row in queries.sync_state(journal).rows)
    entry = next(change for change in changes if change.kind == "RegisteredAbsence")
    journal.close()
    known = (*school.records, _as_record(entry))
    teacher = desk_of(msgspec.structs.replace(school, records=known), school.teacher, tmp_path / "teacher")
    (lesson,) = queries.today(teacher, DAY).lessons
    assert lesson.known_absent == ("Котова Нина (Б)",)
    teacher.close()


def _as_record(change: Change) -> Record:
    return from_fields(RegisteredAbsence, change.record, {**defaults(change.kind), **change.set})


def test_a_pasted_name_without_patronymic_is_asked_about_and_one_as_the_lists_write_it_is_not(tmp_path: Path) -> None:
    school = school_of(OLEGOVNA, IGOREVNA)
    journal = desk_of(school, school.teacher, tmp_path)
    spread = queries.journal_spread(journal, school.page)
    asked = place_table(read_table("Иванова Мария\t5\nКотов Илья\t4").rows, spread, 0, 0).asked
    assert [each.rows for each in asked] == [(1, 3)]
    assert not place_table(read_table("Иванова Мария Игоревна\t5\nКотов Илья\t4").rows, spread, 0, 0).asked
    journal.close()


def test_a_pupil_of_the_name_who_left_is_parted_from_the_one_who_came(tmp_path: Path) -> None:
    came = (
        Pupil(id="u-99", last_name="Иванова", first_name="Мария", patronymic="Игоревна"),
        Enrolment(id="e-99", pupil_id="u-99", class_group_id="c-7b", since=date(2026, 9, 10), position=26),
    )
    school = school_of(OLEGOVNA, extra=came)
    names = names_on(school, tmp_path, school.page)
    assert (names[FIRST], names["u-99"]) == ("Иванова Мария Олеговна", "Иванова Мария Игоревна")


# --- time in a group and in the class -------------------------------------------------------------------------------


def test_who_left_the_class_has_left_its_groups_and_who_changed_the_group_has_not_left_school(tmp_path: Path) -> None:
    school = small_school()
    last = date(2026, 9, 11)

    def ended(record: Record) -> Record:
        if isinstance(record, Enrolment) and record.pupil_id == FIRST:
            return msgspec.structs.replace(record, until=last, departure_order="№ 112")
        if isinstance(record, SubgroupMember) and record.pupil_id == SECOND:
            return msgspec.structs.replace(record, until=last)
        return record

    school = msgspec.structs.replace(school, records=tuple(map(ended, school.records)))
    journal = desk_of(school, school.deputy, tmp_path)
    rows = {row.pupil_id: row for row in queries.journal_spread(journal, school.english).pupils}
    journal.close()
    assert rows[FIRST].until == rows[SECOND].until == last
    assert pupil_sentence(rows[FIRST], DAY).endswith("выбытие 11.09.2026, приказ № 112")
    assert away_reason(rows[SECOND], DAY) == "не в группе: в списке группы по 11.09.2026"


def test_a_group_keeps_the_order_and_the_orders_of_this_year_s_class(tmp_path: Path) -> None:
    """The class of the year before is another list: its places and orders say nothing here."""
    before = tuple(
        Enrolment(id=f"a-{pupil}", pupil_id=pupil, class_group_id="c-6b", since=date(2025, 9, 1),
                  until=date(2026, 8, 31), position=30 - n, arrival_order="№ 1", departure_order="№ 2")
        for n, pupil in enumerate((FIRST, SECOND))
    )  # fmt: skip
    year = SchoolYear(id="y-2025", title="2025/26", starts_on=date(2025, 9, 1), ends_on=date(2026, 5, 31))
    group = ClassGroup(id="c-6b", school_year_id="y-2025", grade_level=6, letter="Б")
    school = small_school(extra=(year, group, *before))
    journal = desk_of(school, school.deputy, tmp_path)
    rows = queries.journal_spread(journal, school.english).pupils
    assert [row.pupil_id for row in rows] == list(school.pupils[1::2])
    assert {(row.arrival_order, row.departure_order) for row in rows} == {("", "")}
    with journal.reading() as connection:
        around = Surroundings(connection, school.deputy, DAY)
        assert around.pupil_name(FIRST) == "Воробьёв Никита"
    journal.close()

"""From files to a whole school, and what is guessed on the way."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ejournal_core import ids
from ejournal_core.kinds import (
    KINDS,
    ClassGroup,
    Enrolment,
    JournalPage,
    Person,
    Pupil,
    RoleGrant,
    School,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
    WorkKind,
)
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.troubles import ImportRefused
from tests.desktop.exchange.samples import Sample, member, pupil


def page(plan: ImportPlan, subject: str) -> JournalPage:
    titles = {record.id: record.title for record in plan.of(Subject)}
    return next(found for found in plan.of(JournalPage) if titles[found.subject_id] == subject)


def test_the_files_of_a_school_become_its_records(tmp_path: Path) -> None:
    plan = Sample(tmp_path).plan()
    assert plan.problems == ()
    assert [group.title for group in plan.of(ClassGroup)] == ["7 «Б»"]
    assert [subject.title for subject in plan.of(Subject)] == ["Иностранный язык (английский)", "Алгебра"]
    assert [person.last_name for person in plan.of(Person)] == ["Иванова", "Кузнецова"]
    assert plan.of(School)[0].short_name == "МБОУ «СОШ № 27»"


def test_every_record_comes_after_those_that_it_refers_to(tmp_path: Path) -> None:
    plan = Sample(tmp_path).plan()
    order = [list(KINDS).index(type(record).__name__) for record in plan.records()]
    assert order == sorted(order)


def test_a_double_lesson_is_two_slots_and_two_weekly_hours(tmp_path: Path) -> None:
    plan = Sample(tmp_path).plan()
    algebra = page(plan, "Алгебра")
    slots = [slot for slot in plan.of(TimetableSlot) if slot.journal_page_id == algebra.id]
    assert [(slot.weekday, slot.lesson_number, slot.room) for slot in slots] == [(2, 2, "21"), (2, 3, "21")]
    load = next(load for load in plan.of(TeachingLoad) if load.journal_page_id == algebra.id)
    assert load.weekly_hours == Decimal(2)
    assert load.person_id == plan.of(Person)[0].id


def test_the_class_list_is_alphabetical_with_yo_where_it_belongs(tmp_path: Path) -> None:
    plan = Sample(tmp_path, pupils=[pupil(name) for name in ("Яшина", "Ёлкина", "Жукова", "Дроздова")]).plan()
    names = {one.id: one.last_name for one in plan.of(Pupil)}
    listed = sorted(plan.of(Enrolment), key=lambda enrolment: enrolment.position)
    assert [(one.position, names[one.pupil_id]) for one in listed] == [
        (1, "Дроздова"), (2, "Ёлкина"), (3, "Жукова"), (4, "Яшина"),
    ]  # fmt: skip


def test_a_half_of_a_class_is_a_subgroup_with_its_own_page(tmp_path: Path) -> None:
    plan = Sample(tmp_path).plan()
    english, group = page(plan, "Иностранный язык (английский)"), plan.of(Subgroup)[0]
    assert group.title == "2 группа"
    assert english.id == ids.journal_page(english.subject_id, group.id)
    names = {one.id: one.last_name for one in plan.of(Pupil)}
    # three pupils in the order Абрамов, Ёлкина, Яшин; the second half is the longer one
    assert [names[one.pupil_id] for one in plan.of(SubgroupMember)] == ["Ёлкина", "Яшин"]
    assert any("«2 группа», 7 «Б»" in guess for guess in plan.preview.guessed)


def test_the_offices_word_on_subgroups_comes_before_a_guess(tmp_path: Path) -> None:
    plan = Sample(tmp_path, pupils=[pupil("Ёлкина"), pupil("Абрамова", Подгруппы="хор, 2 Группа")]).plan()
    names = {one.id: one.last_name for one in plan.of(Pupil)}
    assert [names[one.pupil_id] for one in plan.of(SubgroupMember)] == ["Абрамова"]
    assert not any("подгруппа назначена" in guess for guess in plan.preview.guessed)


def test_several_teachers_at_once_divide_the_pupils(tmp_path: Path) -> None:
    fet = (
        Sample(tmp_path)
        .fet.replace("<Students>7 Б 2 группа</Students>", "<Students>7 Б</Students>")
        .replace(
            "<Teacher>Кузнецова</Teacher><Subject>",
            "<Teacher>Кузнецова</Teacher><Teacher>Иванова М. П.</Teacher><Subject>",
        )
    )
    plan = Sample(tmp_path, fet=fet).plan()
    groups = {group.id: group.title for group in plan.of(Subgroup)}
    assert list(groups.values()) == ["1 группа", "2 группа"]
    assert Counter(groups[one.subgroup_id] for one in plan.of(SubgroupMember)) == {"1 группа": 1, "2 группа": 2}


def test_pupils_of_two_classes_learn_in_one_group_listed_in_the_first(tmp_path: Path) -> None:
    fet = (
        Sample(tmp_path)
        .fet.replace("</Group></Year>", "</Group><Group><Name>7 А</Name></Group></Year>")
        .replace("<Students>7 Б 2 группа</Students>", "<Students>7 Б</Students><Students>7 А</Students>")
    )
    plan = Sample(tmp_path, fet=fet, pupils=[pupil("Ёлкина"), pupil("Жуков", "Ян", Класс="7а")]).plan()
    first = next(group for group in plan.of(ClassGroup) if group.letter == "А")
    assert [(group.title, group.class_group_id) for group in plan.of(Subgroup)] == [("7 «А» + 7 «Б»", first.id)]
    assert len(plan.of(SubgroupMember)) == 2


def test_a_pupil_who_came_later_is_on_the_lists_from_that_day(tmp_path: Path) -> None:
    late = pupil("Юдин", "Ян", **{"Дата зачисления": "05.10.2026", "Приказ": "№ 118", "Подгруппы": "2 группа"})
    plan = Sample(tmp_path, pupils=[late]).plan()
    assert [(one.since.isoformat(), one.arrival_order) for one in plan.of(Enrolment)] == [("2026-10-05", "№ 118")]
    assert [one.since.isoformat() for one in plan.of(SubgroupMember)] == ["2026-10-05"]


def test_roles_come_from_the_office_and_teaching_from_the_timetable(tmp_path: Path) -> None:
    staff = [
        member("Иванова", Роли="завуч; администратор", **{"Классное руководство": "7Б"}),
        member("Кузнецова", "Ольга", Роли=""),
        member("Котова", "Нина", Роли="Кадры"),
    ]
    plan = Sample(tmp_path, staff=staff).plan()
    names = {person.id: person.last_name for person in plan.of(Person)}
    assert {(names[grant.person_id], grant.role) for grant in plan.of(RoleGrant)} == {
        ("Иванова", "deputy_director"), ("Иванова", "administrator"), ("Иванова", "class_teacher"),
        ("Иванова", "subject_teacher"), ("Кузнецова", "subject_teacher"), ("Котова", "personnel_officer"),
    }  # fmt: skip
    own = next(grant for grant in plan.of(RoleGrant) if grant.role == "class_teacher")
    assert own.class_group_id == plan.of(ClassGroup)[0].id


@pytest.mark.parametrize("name", ["Иванова М.П.", "М. П. Иванова", "иванова мария петровна", "Иванова"])
def test_a_teacher_is_recognised_however_the_timetable_writes_her(tmp_path: Path, name: str) -> None:
    plan = Sample(tmp_path, fet=Sample(tmp_path).fet.replace("Иванова М. П.", name)).plan()
    assert plan.preview.teachers[0] == (name, "Иванова Мария Петровна")


def test_the_column_of_the_timetable_comes_before_likeness(tmp_path: Path) -> None:
    staff = [member("Иванова"), member("Иванова", "Марта", **{"В расписании": "Иванова М. П."}), member("Кузнецова")]
    plan = Sample(tmp_path, staff=staff).plan()
    assert plan.preview.teachers[0] == ("Иванова М. П.", "Иванова Марта Петровна")


def test_the_preview_counts_what_would_be_made(tmp_path: Path) -> None:
    plan = Sample(tmp_path).plan()
    assert plan.preview.classes == (("7 «Б»", 3),)
    assert sum(plan.preview.counts.values()) == len(plan.records())
    assert plan.preview.counts["WorkKind"] == len(plan.of(WorkKind)) == 15


def test_a_plan_with_problems_gives_no_records(tmp_path: Path) -> None:
    plan = Sample(tmp_path, pupils=[pupil("Ёлкина"), pupil("Жукова", Класс="9 «Я»")]).plan()
    assert plan.drafted == ()
    with pytest.raises(ImportRefused) as refused:
        plan.records()
    assert refused.value.code == "EJ-349"
    assert "9 «Я»" in refused.value.message


def test_the_same_files_and_the_same_maker_of_ids_give_the_same_school(tmp_path: Path) -> None:
    assert Sample(tmp_path).plan() == Sample(tmp_path).plan()

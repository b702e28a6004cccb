"""The shipped demo school and the real timetable, by the same way in."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from random import Random

import msgspec
import openpyxl
import pytest

from ejournal_core.kinds import (
    ClassGroup,
    Enrolment,
    JournalPage,
    Person,
    Pupil,
    Role,
    RoleGrant,
    Subgroup,
    SubgroupMember,
    Subject,
    TeachingLoad,
    TimetableSlot,
)
from ejournal_desktop.exchange.fet import SOLVER
from ejournal_desktop.exchange.invented import feminine, invented_names, read_names
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import LOM, demo_files, demo_school, lom_school
from ejournal_desktop.exchange.troubles import ProgramMissing
from tools import make_demo


def lessons_of(plan: ImportPlan, class_title: str, subject: str) -> set[tuple[int, int]]:
    """Return (weekday, lesson number) of a subject in a class."""
    class_id = next(group.id for group in plan.of(ClassGroup) if group.title == class_title)
    subject_id = next(one.id for one in plan.of(Subject) if one.title == subject)
    pages = {p.id for p in plan.of(JournalPage) if (p.class_group_id, p.subject_id) == (class_id, subject_id)}
    return {(slot.weekday, slot.lesson_number) for slot in plan.of(TimetableSlot) if slot.journal_page_id in pages}


def test_nobody_is_in_two_places_at_once(plan: ImportPlan) -> None:
    pages = {page.id: page for page in plan.of(JournalPage)}
    members: dict[str, set[str]] = {}
    for enrolment in plan.of(Enrolment):
        members.setdefault(enrolment.class_group_id, set()).add(enrolment.pupil_id)
    for member in plan.of(SubgroupMember):
        members.setdefault(member.subgroup_id, set()).add(member.pupil_id)
    busy = Counter(
        (pupil_id, slot.weekday, slot.lesson_number)
        for slot in plan.of(TimetableSlot)
        for page in [pages[slot.journal_page_id]]
        for pupil_id in members[page.subgroup_id or page.class_group_id]
    )
    assert busy.most_common(1)[0][1] == 1


def test_everyone_in_a_divided_class_is_in_exactly_one_of_its_groups(plan: ImportPlan) -> None:
    """Groups that have the same subject at the same hour are one division: nobody twice, nobody left out."""
    pages = {page.id: page for page in plan.of(JournalPage) if page.subgroup_id}
    at_once: dict[tuple[str, int, int], set[str]] = {}
    for slot in plan.of(TimetableSlot):
        if page := pages.get(slot.journal_page_id):
            at_once.setdefault((page.subject_id, slot.weekday, slot.lesson_number), set()).add(page.subgroup_id or "")
    members = [(one.subgroup_id, one.pupil_id) for one in plan.of(SubgroupMember)]
    for groups in at_once.values():
        counted = Counter(pupil for group, pupil in members if group in groups)
        assert set(counted.values()) == {1}


def test_every_page_has_a_teacher_and_lessons_in_rooms(plan: ImportPlan) -> None:
    pages = {page.id for page in plan.of(JournalPage)}
    assert {load.journal_page_id for load in plan.of(TeachingLoad)} == pages
    assert {slot.journal_page_id for slot in plan.of(TimetableSlot)} == pages
    assert all(slot.room for slot in plan.of(TimetableSlot))


def test_the_pages_read_russian(plan: ImportPlan) -> None:
    titles = [subject.title for subject in plan.of(Subject)] + [group.title for group in plan.of(Subgroup)]
    assert [title for title in titles if re.search("[ъѝ]$|ЗИП|чужд|[A-Za-z]", title)] == []


def test_the_demo_school_shows_every_role() -> None:
    roles = set(Role.__args__)  # type: ignore[attr-defined]  # a Literal's values
    assert {grant.role for grant in demo_school().of(RoleGrant)} == roles
    assert sum(grant.role == "deputy_director" for grant in demo_school().of(RoleGrant)) == 2


def test_the_demo_school_has_what_the_first_screen_shows() -> None:
    plan = demo_school()
    assert plan.problems == ()
    assert plan.preview.guessed == ()
    assert plan.preview.classes == (("7 «А»", 16), ("7 «Б»", 24), ("7 «В»", 15), ("8 «А»", 16), ("10 «А»", 13))
    assert lessons_of(plan, "7 «Б»", "Алгебра") == {(3, 3), (5, 4), (6, 1)}
    assert (6, 2) in lessons_of(plan, "8 «А»", "Геометрия")
    assert {group.title: group.period_scheme for group in plan.of(ClassGroup)}["10 «А»"] == "half_year"


def test_the_demo_school_has_names_that_are_hard_to_bear() -> None:
    names = Counter((pupil.last_name, pupil.first_name, pupil.patronymic) for pupil in demo_school().of(Pupil))
    assert ("Мамедов", "Эльчин", "Теймур оглы") in names
    assert names["Соловьёв", "Александр", "Иванович"] == 2
    assert any("-" in last for last, _, _ in names)
    assert any(last.startswith("Ё") for last, _, _ in names)
    assert any(not patronymic for _, _, patronymic in names)


def test_the_demo_school_is_the_same_on_every_machine() -> None:
    assert demo_school() == demo_school()


def test_the_shipped_book_and_timetable_are_what_the_tool_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = demo_files()
    made = msgspec.structs.replace(
        shipped, people=tmp_path / "p.xlsx", timetable=tmp_path / "school.fet", solution=tmp_path / "s.xml"
    )
    monkeypatch.setattr(make_demo, "demo_files", lambda: made)
    monkeypatch.setenv("PATH", str(tmp_path))  # no solver there: its part is compared with FET's version in mind only
    assert make_demo.main() == 0
    assert made.timetable.read_bytes() == shipped.timetable.read_bytes()
    assert cells(made.people) == cells(shipped.people)


def cells(path: Path) -> list[list[object]]:
    book = openpyxl.load_workbook(path)
    return [[cell.value for cell in row] for sheet in book.worksheets for row in sheet.iter_rows()]


@pytest.mark.skipif(not LOM.exists(), reason="Debian's fet-data is not installed")
def test_a_real_timetable_becomes_a_school(lom: ImportPlan) -> None:
    assert lom.problems == ()
    assert len(lom.of(ClassGroup)) == 17
    assert [group.title for group in lom.of(ClassGroup)][::16] == ["7 «А»", "11 «Д»"]
    # 448 activities take 544 hours; those with several teachers add a page-lesson for each further one, 33 in all
    assert len(lom.of(TimetableSlot)) == 577
    teachers = {load.person_id for load in lom.of(TeachingLoad)}
    assert len(teachers) == 32
    assert 375 <= len(lom.of(Pupil)) <= 475
    assert all(group.period_scheme == "half_year" for group in lom.of(ClassGroup) if group.grade_level > 9)


@pytest.mark.skipif(not LOM.exists(), reason="Debian's fet-data is not installed")
def test_no_real_person_is_taken_from_the_timetable(lom: ImportPlan) -> None:
    assert {name.split(".")[-1] for name, _ in lom.preview.teachers} & {p.last_name for p in lom.of(Person)} == set()


@pytest.mark.skipif(not LOM.exists(), reason="Debian's fet-data is not installed")
def test_guessed_rooms_hold_one_lesson_at_a_time_but_for_sport(lom: ImportPlan) -> None:
    used: dict[tuple[int, int, str], set[str]] = {}
    for slot in lom.of(TimetableSlot):
        used.setdefault((slot.weekday, slot.lesson_number, slot.room), set()).add(slot.journal_page_id)
    assert {room for (_, _, room), pages in used.items() if len(pages) > 1} <= {"спортивная площадка"}


def test_without_the_package_of_examples_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match=r"apt install fet-data") as missing:
        lom_school(tmp_path, source=tmp_path / "Lom.fet")
    assert missing.value.code == "EJ-348"


def test_without_the_solver_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramMissing, match=r"apt install fet\b"):
        lom_school(tmp_path, source=demo_files().timetable)


def test_invented_names_agree_in_gender_and_do_not_repeat() -> None:
    pool = read_names(demo_files().titles.parent / "names.toml")
    names = invented_names(pool, Random(3))
    people = [next(names) for _ in range(600)]
    assert len(set(people)) == 600
    assert all(name.last_name == feminine(name.last_name) for name in people if name.sex == "f" and name.patronymic)
    assert [feminine(name) for name in ("Ёлкин", "Широкий", "Заречный", "Шевченко", "Озёрский")] == [
        "Ёлкина", "Широкая", "Заречная", "Шевченко", "Озёрская",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def lom(tmp_path_factory: pytest.TempPathFactory) -> ImportPlan:
    return lom_school(tmp_path_factory.mktemp("lom"))


@pytest.fixture(params=["demo", "lom"])
def plan(request: pytest.FixtureRequest) -> ImportPlan:
    if request.param == "demo":
        return demo_school()
    if not LOM.exists() or shutil.which(SOLVER) is None:
        pytest.skip("Debian's fet and fet-data are not installed")
    found: ImportPlan = request.getfixturevalue("lom")
    return found

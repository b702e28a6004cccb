"""FET's files: what is read from them, by whom they are solved, and how classes are found in them."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from ejournal_core.errors import Trouble
from ejournal_desktop.exchange.classes import Part, school_classes
from ejournal_desktop.exchange.fet import (
    SOLVER,
    Activity,
    Placed,
    SolvedTimetable,
    StudentsGroup,
    StudentsYear,
    read_fet,
    read_solution,
    solve_fet,
)
from ejournal_desktop.exchange.invented import read_names
from ejournal_desktop.exchange.office import read_office
from ejournal_desktop.exchange.plan import plan_school
from ejournal_desktop.exchange.schools import LOM, write_invented_people
from ejournal_desktop.exchange.schools import demo_files as files_of_demo
from ejournal_desktop.exchange.titles import Titles
from ejournal_desktop.exchange.year import read_year
from tests.desktop.exchange.samples import Sample

EXAMPLES = LOM.parents[2]
needs_fet = pytest.mark.skipif(
    shutil.which(SOLVER) is None or not LOM.exists(), reason="Debian's fet and fet-data are not installed"
)


def test_a_timetable_is_read_with_its_solution(tmp_path: Path) -> None:
    files = Sample(tmp_path).files()
    solved = read_solution(files.solution, read_fet(files.timetable))
    assert solved.timetable.institution == "Малая школа"
    assert solved.timetable.activities[0] == Activity(1, "Алгебра", ("Иванова М. П.",), ("7 Б",), 2)
    assert solved.placed == (Placed(2, 1, 1), Placed(1, 2, 2, "21"), Placed(1, 2, 3, "21"))


def test_inactive_activities_are_left_out(tmp_path: Path) -> None:
    fet = Sample(tmp_path).fet.replace("<Id>2</Id><Active>true", "<Id>2</Id><Active>false")
    assert [activity.id for activity in read_fet(Sample(tmp_path, fet=fet).files().timetable).activities] == [1]


@needs_fet
def test_fets_own_solver_places_a_real_school(tmp_path: Path) -> None:
    solved = solve_fet(LOM, tmp_path)
    timetable = solved.timetable
    assert (len(timetable.days), len(timetable.hours), len(timetable.rooms)) == (5, 7, 29)
    assert (len(timetable.teachers), len(timetable.activities)) == (32, 448)
    assert len(solved.placed) == sum(activity.duration for activity in timetable.activities) == 544
    assert busiest_teacher_hour(solved) == 1


def busiest_teacher_hour(solved: SolvedTimetable) -> int:
    """Return how many lessons a teacher has at once at most."""
    activities = {activity.id: activity for activity in solved.timetable.activities}
    busy = Counter(
        (teacher, one.weekday, one.hour) for one in solved.placed for teacher in activities[one.activity_id].teachers
    )
    return max(busy.values())


@needs_fet
def test_the_solver_gives_the_same_timetable_again(tmp_path: Path) -> None:
    assert solve_fet(LOM, tmp_path / "a") == solve_fet(LOM, tmp_path / "b")


@pytest.mark.skipif(not EXAMPLES.exists(), reason="Debian's fet-data is not installed")
def test_every_example_of_fet_is_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    """236 schools' files: whoever's timetable comes, it is taken or it is answered."""
    outcomes: Counter[str] = Counter()
    for path in sorted(EXAMPLES.rglob("*.fet")):
        try:
            timetable = read_fet(path)
        except Trouble as trouble:
            outcomes[trouble.code] += 1
            continue
        outcomes["read"] += 1
        classes = school_classes(timetable.years)
        assert len(set(classes.classes)) == len(classes.fet_names)
        assert all(1 <= grade <= 11 for grade, _ in classes.classes)
        assert all(classes.parts[name] for activity in timetable.activities for name in activity.students)
    # half of them have a timetable of two-week cycles or half-days as days, which no Russian school has
    assert set(outcomes) == {"read", "EJ-346"}
    assert outcomes["read"] > 100


@needs_fet
def test_schools_of_other_countries_become_plans_or_problems(tmp_path: Path) -> None:
    """Their hours go beyond our bells, which is said; nothing breaks on the way there."""
    demo = files_of_demo()
    pool, year = read_names(demo.titles.parent / "names.toml"), read_year(demo.year)
    planned = 0
    for path in sorted(EXAMPLES.rglob("*.fet"))[::9]:
        try:
            timetable = read_fet(path)
        except Trouble:
            continue
        solved = SolvedTimetable(timetable, tuple(Placed(one.id, 1, 1) for one in timetable.activities))
        book = tmp_path / "people.xlsx"
        write_invented_people(book, solved, Titles(), pool)
        plan = plan_school(solved, read_office(book), year, Titles())
        planned += bool(plan.drafted)
        assert bool(plan.drafted) != bool(plan.problems)
    assert planned > 3


@pytest.mark.parametrize(
    ("years", "classes"),
    [
        ([StudentsYear("7", (StudentsGroup("7 а"), StudentsGroup("7 б")))], ((7, "А"), (7, "Б"))),
        ([StudentsYear("7А", (StudentsGroup("7А 1гр"), StudentsGroup("7А 2гр")))], ((7, "А"),)),
        ([StudentsYear("Пятый"), StudentsYear("Шестой")], ((1, "А"), (2, "А"))),
        ([StudentsYear("9", (StudentsGroup("9-1"), StudentsGroup("9-2")))], ((9, "А"), (9, "Б"))),
        ([StudentsYear("13", (StudentsGroup("13 a"),)), StudentsYear("12")], ((10, "А"), (11, "А"))),
        ([StudentsYear("5", (StudentsGroup("5 «В»"), StudentsGroup("лицейский")))], ((5, "А"), (5, "В"))),
    ],
    ids=["years of classes", "years are classes", "no numbers", "no letters", "above eleven", "mixed"],
)
def test_classes_are_found_by_one_rule(years: list[StudentsYear], classes: tuple[tuple[int, str], ...]) -> None:
    assert school_classes(years).classes == classes


def test_a_part_that_is_alone_is_the_whole_class() -> None:
    years = [StudentsYear("8", (StudentsGroup("8 а", ("8 а весь",)), StudentsGroup("8 б", ("8 б хор", "8 б спорт"))))]
    parts = school_classes(years).parts
    assert parts["8 а весь"] == (Part((8, "А")),)
    assert parts["8 б хор"] == (Part((8, "Б"), "хор"),)
    assert parts["8"] == (Part((8, "А")), Part((8, "Б")))

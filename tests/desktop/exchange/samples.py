"""A school small enough to read at a glance, as the files that an import gets."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import openpyxl

from ejournal_desktop.exchange.people_book import Line, write_people
from ejournal_desktop.exchange.plan import ImportPlan, SchoolFiles, plan_files
from ejournal_desktop.exchange.schools import demo_files

FET = """<?xml version="1.0" encoding="UTF-8"?>
<fet version="6.8.5">
<Institution_Name>Малая школа</Institution_Name>
<Days_List><Number_of_Days>2</Number_of_Days><Day><Name>Пн</Name></Day><Day><Name>Вт</Name></Day></Days_List>
<Hours_List><Number_of_Hours>3</Number_of_Hours><Hour><Name>1</Name></Hour><Hour><Name>2</Name></Hour>
<Hour><Name>3</Name></Hour></Hours_List>
<Subjects_List><Subject><Name>Алгебра</Name></Subject><Subject><Name>Английский язык</Name></Subject></Subjects_List>
<Teachers_List><Teacher><Name>Иванова М. П.</Name></Teacher><Teacher><Name>Кузнецова</Name></Teacher></Teachers_List>
<Students_List><Year><Name>7</Name>
<Group><Name>7 Б</Name><Subgroup><Name>7 Б 1 группа</Name></Subgroup><Subgroup><Name>7 Б 2 группа</Name></Subgroup>
</Group></Year></Students_List>
<Activities_List>
<Activity><Teacher>Иванова М. П.</Teacher><Subject>Алгебра</Subject><Students>7 Б</Students><Duration>2</Duration>
<Id>1</Id><Active>true</Active></Activity>
<Activity><Teacher>Кузнецова</Teacher><Subject>Английский язык</Subject><Students>7 Б 2 группа</Students>
<Duration>1</Duration><Id>2</Id><Active>true</Active></Activity>
</Activities_List>
<Rooms_List><Room><Name>21</Name></Room></Rooms_List>
</fet>
"""
SOLUTION = """<?xml version="1.0" encoding="UTF-8"?>
<Activities_Timetable>
<Activity><Id>1</Id><Day>Вт</Day><Hour>2</Hour><Room>21</Room></Activity>
<Activity><Id>2</Id><Day>Пн</Day><Hour>1</Hour><Room></Room></Activity>
</Activities_Timetable>
"""


def member(last: str, first: str = "Мария", patronymic: str = "Петровна", **cells: str) -> dict[str, str | date]:
    """Return a row of «Сотрудники»."""
    return {"Фамилия": last, "Имя": first, "Отчество": patronymic, "Должность": "учитель", "Роли": "учитель", **cells}


def pupil(last: str, first: str = "Анна", born: date | str = date(2013, 3, 4), **cells: str) -> dict[str, str | date]:
    """Return a row of «Ученики» of class 7 «Б»."""
    return {"Класс": "7 «Б»", "Фамилия": last, "Имя": first, "Дата рождения": born, **cells}


@dataclass
class Sample:
    """A folder with the files of the small school; change what you like, then ask for the plan."""

    folder: Path
    fet: str = FET
    solution: str = SOLUTION
    staff: Sequence[Line] = field(default_factory=lambda: [member("Иванова"), member("Кузнецова", "Ольга")])
    pupils: Sequence[Line] = field(
        default_factory=lambda: [pupil("Ёлкина"), pupil("Яшин", "Пётр"), pupil("Абрамов", "Ян")]
    )
    year: str = field(default_factory=lambda: demo_files().year.read_text(encoding="utf-8"))
    book: Callable[[Path], object] | None = None  # spoils the written book

    def files(self) -> SchoolFiles:
        """Write the files and return where they lie."""
        files = SchoolFiles(
            timetable=self.folder / "week.fet",
            solution=self.folder / "week_activities.xml",
            people=self.folder / "people.xlsx",
            year=self.folder / "year.toml",
            titles=self.folder / "titles.toml",
        )
        files.timetable.write_text(self.fet, encoding="utf-8")
        files.solution.write_text(self.solution, encoding="utf-8")
        write_people(files.people, self.staff, self.pupils)
        files.year.write_text(self.year, encoding="utf-8")
        shutil.copyfile(demo_files().titles, files.titles)
        if self.book:
            self.book(files.people)
        return files

    def plan(self) -> ImportPlan:
        """Return the plan of the files, with ids that count up from 1."""
        numbers = itertools.count(1)
        return plan_files(self.files(), lambda: f"{next(numbers):032x}")

    def sentence(self) -> str:
        """Return the one sentence that the plan says, which must be its only one and leave nothing to create."""
        plan = self.plan()
        assert [problem.sentence for problem in plan.problems[1:]] == []
        assert plan.drafted == ()
        return plan.problems[0].sentence if plan.problems else ""


def rewritten(change: Callable[[openpyxl.Workbook], None]) -> Callable[[Path], None]:
    """Return what opens a book as a person would, changes it and saves it again."""

    def rewrite(path: Path) -> None:
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)

    return rewrite

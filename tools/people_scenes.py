"""Scenes of Люди: a school with everything that can stand about a way in, forms, and codes to be printed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from ejournal_core.handouts import CodesHandout, SlipLine
from ejournal_core.kinds import CredentialIssue, Person, Record, Role, RoleGrant
from ejournal_core.wire import AccountLine
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.widgets.people_part import PeoplePart
from tests.helpers.school import NOW, YEAR_START, desk_of, small_school
from tools.administration_scenes import away, show_part

ADMINISTRATOR = PersonRow("p-admin", "Админов Олег Олегович", "Админов О. О.", ("administrator",))
SURNAMES = (
    "Абрамова", "Белякова", "Ващенко-Захарченко", "Гусева", "Дорофеева", "Ершова", "Жданова", "Зимина", "Иванова",
    "Казакова", "Лаптева", "Морозова", "Никитина", "Орлова", "Панова", "Рыбакова", "Савельева", "Тихонова",
    "Уварова", "Фролова", "Хохлова", "Цветкова", "Чернова", "Шубина", "Щукина", "Юдина", "Яковлева",
)  # fmt: skip
SUBJECTS = ("математики", "русского языка и литературы", "физики", "истории и обществознания", "английского языка")


def _records() -> Iterable[Record]:
    office: tuple[tuple[str, Role], ...] = (("p-admin", "administrator"), ("p-deputy", "administrator"))
    yield Person(id="p-admin", last_name="Админов", first_name="Олег", patronymic="Олегович", position="инженер")
    for person, role in office:
        yield RoleGrant(id=f"r-{person}-{role}", person_id=person, role=role, since=YEAR_START)
    for number, surname in enumerate(SURNAMES):
        yield Person(
            id=f"s-{number:02}", last_name=surname, first_name="Мария" if number == 8 else "Екатерина",
            patronymic="Петровна" if number == 8 else "Александровна",
            position=f"учитель {SUBJECTS[number % len(SUBJECTS)]}",
        )  # fmt: skip
        until = date(2026, 9, 5) if number == 4 else None
        yield RoleGrant(id=f"g-{number}", person_id=f"s-{number:02}", role="subject_teacher", since=YEAR_START,
                        until=until)  # fmt: skip
    for number, made in ((1, date(2026, 8, 25)), (2, NOW.date()), (3, NOW.date())):
        yield CredentialIssue(id=f"i-{number}", person_id=f"s-{number:02}", reason="first", made_on=made,
                              valid_until=date(2026, 9, 28),
                              handed_on=NOW.date() if number == 3 else None)  # fmt: skip


def _accounts() -> list[AccountLine]:
    invited = [AccountLine(person=f"s-{number:02}", state="invited", code_until="2026-09-29T09:00:00Z")
               for number in (1, 2, 3)]  # fmt: skip
    closed = [AccountLine(person="s-05", state="closed")]
    known = ["p-admin", "p-deputy", "p-teacher", "p-class-teacher", "s-04", *(f"s-{at:02}" for at in range(7, 27))]
    return [*invited, *closed, *(AccountLine(person=person, state="active") for person in known)]


def _part(window: MainWindow, person: PersonRow = ADMINISTRATOR, *, extra: bool = True) -> PeoplePart:
    root = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    school = small_school(3, _records() if extra else [*_records()][:3])
    journal = desk_of(school, person.id, root)
    part = show_part(window, journal, root, person, lambda: PeoplePart(journal, window.jobs, away, journal.clock))
    while window.jobs.busy():
        QCoreApplication.processEvents()
    part.message.say("")
    part.ways.show_accounts(_accounts() if extra else [])
    return part


def _at(part: PeoplePart, person_id: str) -> None:
    at = [row.id for row in part.lines.rows].index(person_id)
    part.table.setCurrentIndex(part.lines.index(at, 0))


def people(window: MainWindow) -> None:
    """A school of thirty; the deputy in sight, who sees everything."""
    _at(_part(window), "p-deputy")


def people_waiting(window: MainWindow) -> None:
    """Codes that wait to be handed over, the late one first."""
    part = _part(window)
    part.filter.setCurrentIndex(part.filter.findData("wait"))


def people_role(window: MainWindow) -> None:
    """A role is being given."""
    part = _part(window)
    _at(part, "s-02")
    part.begin_role()


def people_second(window: MainWindow) -> None:
    """A new code over a password: a second person confirms, and has mistyped."""
    part = _part(window)
    _at(part, "p-teacher")
    part.ways.give_code()
    part.second_form.refuse("Пароль или код не подошли. Следующая попытка через 8 с.")


def people_codes(window: MainWindow) -> None:
    """Slips and ledger wait to be printed."""
    part = _part(window)
    slips = tuple(SlipLine(name=f"{surname} Екатерина Александровна", position="учитель", code="ABCD-EFGH-2345")
                  for surname in SURNAMES[:3])  # fmt: skip
    part.show_paper(CodesHandout(
        school_name="МБОУ «Школа № 12 г. Заречного»", made_on=NOW.date(), valid_until=date(2026, 9, 28),
        issue_until=date(2026, 9, 29), working_days=10, by_director=False, clause="", slips=slips,
    ))  # fmt: skip
    while window.jobs.busy() or not part.paper.view.drawn:
        QCoreApplication.processEvents()


def people_few(window: MainWindow) -> None:
    """The first day: hardly anybody, nobody with a way in."""
    part = _part(window, extra=False)
    part.filter.setCurrentIndex(part.filter.findData("closed"))

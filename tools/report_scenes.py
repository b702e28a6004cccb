"""Scenes of Сведения: reports of wrong data with the office and with a teacher, and the look through a list."""

from __future__ import annotations

import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path

from ejournal_core.kinds import Pupil, RoleGrant
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.pupil_data import answer_report, confirm_list, report_wrong_data
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.screens.pupil_data import PupilDataScreen
from tests.helpers.school import NOW, YEAR_START, desk_of, small_school
from tests.helpers.windows import TEACHER, session_places
from tools.class_scenes import class_screen, families_of, school_with_families

SECRETARY = PersonRow("p-deputy", "Громова Вера Павловна", "Громова В. П.", ("secretary",))
LONG = Pupil(id="u-02", last_name="Константинопольская-Рождественская", first_name="Александра",
             patronymic="Владиславовна")  # fmt: skip


def _screen(window: MainWindow, person: PersonRow) -> tuple[PupilDataScreen, Journal]:
    folder = Path(tempfile.mkdtemp(prefix="ejournal-shots-"))
    office = RoleGrant(id="r-office", person_id="p-deputy", role="secretary", since=YEAR_START)
    journal = desk_of(small_school(25, [office, LONG]), person.id, folder)
    window.destroyed.connect(journal.close)
    window.destroyed.connect(lambda: shutil.rmtree(folder))
    window.open_session(person, session_places(window, journal), 0)
    window.set_sync_state(queries.sync_state(journal, rows=False))
    window.go("reports")
    screen = window.screen_shown
    assert isinstance(screen, PupilDataScreen)
    return screen, journal


def reports(window: MainWindow) -> None:
    """The office: one that is late, one for today, one with a long name, two that were answered."""
    screen, journal = _screen(window, SECRETARY)
    today = NOW.date()

    def tell(pupil: str | None, wrong: str, right: str = "", days: int = 0, **more: str) -> str:
        fields = {"about": "pupil", "source": "parent", **more}
        done = report_wrong_data(
            journal, "c-7b", pupil, fields["about"], wrong, right, source=fields["source"],  # type: ignore[arg-type]
            told_on=today - timedelta(days=days),
        )  # fmt: skip
        return done.changes[0].record

    tell("u-04", "отчество: в журнале Николаевич", "Ильич, по свидетельству о рождении", 3)
    tell("u-07", "выбыл в школу № 2 с 14 сентября, в списке ещё стоит", "", 1, about="departure", source="self")
    tell(LONG.id, "фамилия записана без второй половины, в электронном дневнике у родителей то же самое",
         "Константинопольская-Рождественская, как в личном деле")  # fmt: skip
    tell(None, "прибыла новая ученица, приказа в журнале ещё нет", "Сухова Дарья, из гимназии № 4", about="arrival")
    first = tell("u-01", "имя: Анна", "Ангелина", 2, source="teacher")
    second = tell("u-12", "мать больше не Мышкина, сменила фамилию", "Орлова", 2, about="guardian")
    answer_report(journal, first, "unfounded", "в свидетельстве о рождении — Анна")
    answer_report(journal, second, "fixed")
    screen.enter()


def reports_form(window: MainWindow) -> None:
    """A teacher's report that says too little, refused in the form."""
    screen, journal = _screen(window, TEACHER)
    report_wrong_data(journal, "c-7b", "u-05", "pupil", "в списке дважды")
    screen.enter()
    screen.begin("c-7b", "u-04")
    screen.form.should_be.setText("Ильич, по свидетельству о рождении")
    screen.form.submit()


def reports_empty(window: MainWindow) -> None:
    """Nobody has told anything."""
    _screen(window, TEACHER)[0].enter()


def list_check(window: MainWindow) -> None:
    """The look through the list of a class, with those before it."""
    part = families_of(class_screen(window, school_with_families(), "Семьи", date(2026, 12, 28)))
    journal = part._journal
    confirm_list(journal, "c-7b", pupils=True, families=False, number=35)
    part.check_list()

"""Документы: a paper is built beside the window, looked at, signed into the register, saved whole, printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent, ClassGroup, IssuedDocument, Role, RoleGrant
from ejournal_desktop.documents.data_copy import sha256
from ejournal_desktop.documents.preview import page_count, render_page
from ejournal_desktop.documents.sign import Signer, sign_pdf, verify_pdf
from ejournal_desktop.models import queries
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from ejournal_desktop.ui import printing
from ejournal_desktop.ui.jobs import Cancelled, Report
from ejournal_desktop.ui.main_window import MainWindow
from ejournal_desktop.ui.papers import Sign
from ejournal_desktop.ui.screens.documents import DocumentsScreen
from tests.helpers.ca import Authority
from tests.helpers.school import YEAR_START, desk_of, small_school
from tests.helpers.windows import DEPUTY, TEACHER, open_session

CTRL = Qt.KeyboardModifier.ControlModifier
SIGNED_IN = DEPUTY.name


class Open:
    """The documents of an open session."""

    def __init__(self, window: MainWindow, journal: Journal, authority: Authority) -> None:
        self.window, self.journal, self.authority = window, journal, authority
        window.go("documents")
        screen = window.screen_shown
        assert isinstance(screen, DocumentsScreen)
        self.screen = screen

    def built(self, qtbot: QtBot) -> bytes:
        """Build what is chosen and return the PDF on the screen."""
        before = self.screen.paper
        self.screen.build()
        qtbot.waitUntil(lambda: self.screen.paper is not before and self.screen.view.drawn, timeout=20_000)
        assert self.screen.paper is not None
        return self.screen.paper.pdf


def certified(name: str) -> tuple[Authority, Sign]:
    """Return the school's authority and what signs for a person certified by it."""
    authority = Authority("Школа № 1")
    issued = authority.issue(name)
    signer = Signer.from_pem(issued.key, issued.certificate, authority.pem)

    def sign(pdf: bytes, reason: str, field: str) -> bytes:
        return sign_pdf(pdf, signer, reason=reason, place="Школа № 1", field=field)

    return authority, sign


@pytest.fixture
def documents(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Give the screen, on the desk of a deputy whose certificate the school's authority issued."""
    authority, sign = certified(SIGNED_IN)
    with open_session(qtbot, tmp_path, sign=sign, person=DEPUTY) as (window, journal, _school):
        yield Open(window, journal, authority)


def test_a_summary_sheet_is_built_by_the_keyboard_and_shown(qtbot: QtBot, documents: Open) -> None:
    screen = documents.screen
    assert documents.window.focusWidget() is screen.form
    assert [screen.period.itemText(n) for n in range(screen.period.count())] == [
        "I четверть", "II четверть", "III четверть", "IV четверть", "Весь учебный год"
    ]  # fmt: skip
    screen.number.setText("17")
    QTest.keyClick(screen.form, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: screen.view.drawn, timeout=20_000)
    assert screen.paper is not None
    assert page_count(screen.paper.pdf) == screen.paper.built.pages
    assert "Не подписан" in screen.message.text
    assert documents.window.focusWidget() is screen.view


def test_a_signature_is_valid_and_stands_in_the_register(qtbot: QtBot, documents: Open) -> None:
    screen = documents.screen
    plain = documents.built(qtbot)
    screen.sign()
    qtbot.waitUntil(lambda: screen.paper is not None and screen.paper.signatures == 1, timeout=20_000)
    assert screen.paper is not None
    found = verify_pdf(screen.paper.pdf, [documents.authority.pem])
    assert found.valid
    assert found.signers == (SIGNED_IN,)
    assert [one.field for one in found.signatures] == ["deputy"]
    assert screen.paper.pdf.startswith(plain)
    with documents.journal.reading() as connection:
        (issued,) = select_records(connection, IssuedDocument)
    assert issued.file_sha256 == sha256(screen.paper.pdf)
    assert issued.data_sha256 == screen.paper.built.data_sha256
    assert "Подписей: 1" in screen.message.text


def test_a_paper_is_saved_whole_and_a_folder_that_refuses_is_told(
    qtbot: QtBot, documents: Open, tmp_path: Path
) -> None:
    pdf = documents.built(qtbot)
    target = tmp_path / "ведомость.pdf"
    documents.screen.save_to(target)
    assert target.read_bytes() == pdf
    assert documents.screen.message.text == "Сохранено: ведомость.pdf"
    documents.screen.save_to(tmp_path / "нет такой папки" / "ведомость.pdf")
    assert "выберите другую папку" in documents.screen.message.text
    with documents.journal.reading() as connection:
        (event,) = select_records(connection, AuditEvent)
    assert (event.event, event.detail, event.subject) == ("exported", "summary-sheet", "c-7b")
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_pages_of_the_bound_copy_are_turned_by_keys(qtbot: QtBot, documents: Open) -> None:
    screen = documents.screen
    screen.form.setCurrentIndex(1)
    assert screen.period.isHidden()
    documents.built(qtbot)
    assert screen.paper is not None
    pages = screen.paper.built.pages
    assert pages > 3
    QTest.keyClick(screen.view, Qt.Key.Key_PageDown)
    QTest.keyClick(screen.view, Qt.Key.Key_Down)
    assert screen.view.page == 3
    QTest.keyClick(screen.view, Qt.Key.Key_End)
    assert screen.view.page == pages
    qtbot.waitUntil(lambda: screen.view.drawn)
    QTest.keyClick(screen.view, Qt.Key.Key_Home)
    assert screen.view.page == 1


def test_a_person_of_two_offices_signs_both_places_and_never_the_class_teacher_s(qtbot: QtBot, documents: Open) -> None:
    documents.built(qtbot)
    for place in ("deputy", "director"):
        signed_once_more(qtbot, documents)
        assert fields_signed(documents)[-1] == place
    before = documents.screen.paper
    assert refused(qtbot, documents) == "Ваше место в этом документе уже подписано; документ остался как был."
    assert documents.screen.paper is before


CLASS_TEACHER = PersonRow("p-class-teacher", "Сидорова Анна Львовна", "Сидорова А. Л.", ("class_teacher",))
OTHER_CLASS = ClassGroup(id="c-7v", school_year_id="y-2026", grade_level=7, letter="В")


def granted(person: str, role: Role, group: str | None, until: date | None = None) -> RoleGrant:
    """Return one more office of a person."""
    return RoleGrant(id=f"r-{person}-{role}", person_id=person, role=role, class_group_id=group, since=YEAR_START,
                     until=until)  # fmt: skip


@pytest.mark.parametrize("form", [0, 1], ids=["sheet", "book"])
def test_the_class_teacher_signs_her_own_place_once(qtbot: QtBot, tmp_path: Path, form: int) -> None:
    authority, sign = certified(CLASS_TEACHER.name)
    with open_session(qtbot, tmp_path, sign=sign, person=CLASS_TEACHER) as (window, journal, _school):
        documents = Open(window, journal, authority)
        documents.screen.form.setCurrentIndex(form)
        documents.built(qtbot)
        signed_once_more(qtbot, documents)
        assert fields_signed(documents) == ["class_teacher"]
        assert "уже подписано" in refused(qtbot, documents)


@pytest.mark.parametrize(
    "own",
    [
        (),
        (granted("p-teacher", "class_teacher", "c-7v"),),
        (granted("p-teacher", "deputy_director", "c-7v"),),
        (granted("p-teacher", "class_teacher", "c-7b", until=date(2026, 9, 14)),),
        (granted("p-teacher", "secretary", None),),
    ],
    ids=["teacher", "of another class", "deputy for another class", "until yesterday", "secretary"],
)
def test_who_has_no_place_on_the_paper_hears_so_and_nothing_is_signed(
    qtbot: QtBot, tmp_path: Path, own: tuple[RoleGrant, ...]
) -> None:
    school = small_school(extra=(OTHER_CLASS, *own))
    authority, sign = certified(TEACHER.name)
    with open_session(qtbot, tmp_path, school, sign=sign) as (window, journal, _school):
        documents = Open(window, journal, authority)
        pdf = documents.built(qtbot)
        assert refused(qtbot, documents).startswith("В этом документе нет места для вашей подписи")
        assert documents.screen.paper is not None
        assert (documents.screen.paper.pdf, documents.screen.paper.signatures) == (pdf, 0)
        with journal.reading() as connection:
            assert select_records(connection, IssuedDocument) == []


def test_the_deputy_of_a_class_is_named_on_its_paper_and_not_the_deputy_of_another(tmp_path: Path) -> None:
    own = (granted("p-teacher", "deputy_director", "c-7v"), granted("p-colleague", "deputy_director", "c-7b"))
    journal = desk_of(small_school(extra=(OTHER_CLASS, *own)), DEPUTY.id, tmp_path)
    assert queries.summary_sheet(journal, "c-7b").deputy == "Петров С. И."
    journal.close()


def signed_once_more(qtbot: QtBot, documents: Open) -> None:
    """Sign and wait for it."""
    before = documents.screen.paper
    documents.screen.sign()
    qtbot.waitUntil(lambda: documents.screen.paper is not before, timeout=20_000)


def fields_signed(documents: Open) -> list[str]:
    """Return which places of the paper are signed, in order of signing."""
    assert documents.screen.paper is not None
    found = verify_pdf(documents.screen.paper.pdf, [documents.authority.pem])
    assert found.valid
    return [one.field for one in found.signatures]


def refused(qtbot: QtBot, documents: Open) -> str:
    """Try to sign and return what is said."""
    documents.screen.sign()
    qtbot.waitUntil(documents.screen.sign_button.isEnabled, timeout=20_000)
    return documents.screen.message.text


def test_a_failed_signature_leaves_the_paper_as_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    from ejournal_desktop.documents.own_signer import NoCertificateYet

    def sign(_pdf: bytes, _reason: str, _field: str) -> bytes:
        raise NoCertificateYet

    with open_session(qtbot, tmp_path, sign=sign, person=DEPUTY) as (window, journal, _school):
        documents = Open(window, journal, Authority("Школа № 1"))
        pdf = documents.built(qtbot)
        documents.screen.sign()
        qtbot.waitUntil(lambda: window.banner.text != "", timeout=20_000)
        assert "сертификат" in window.banner.text
        assert documents.screen.paper is not None
        assert documents.screen.paper.pdf == pdf
        with journal.reading() as connection:
            assert select_records(connection, IssuedDocument) == []


def printer_to(path: Path) -> QPrinter:
    """Return a printer that prints into a PDF file."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def test_printing_puts_the_chosen_pages_on_paper(qtbot: QtBot, documents: Open, tmp_path: Path) -> None:
    documents.screen.form.setCurrentIndex(1)
    pdf = documents.built(qtbot)
    printer = printer_to(tmp_path / "paper.pdf")
    printer.setFromTo(2, 4)
    report = Report()
    assert printing.print_pages(pdf, printer, report) == 3
    assert (report.progress.done, report.progress.total) == (3, 3)
    printed = (tmp_path / "paper.pdf").read_bytes()
    assert page_count(printed) == 3
    original, copy = render_page(pdf, 2, 200), render_page(printed, 1, 200)  # coarser, hairlines differ
    ink = [sum(255 - page.rgba[at] for at in range(0, len(page.rgba), 4)) for page in (original, copy)]
    assert ink[0] > 10_000
    assert abs(ink[1] - ink[0]) < ink[0] / 4, "the same page, as dark as on the screen"


def test_printing_stops_between_two_pages(qtbot: QtBot, documents: Open, tmp_path: Path) -> None:
    pdf = documents.built(qtbot)
    report = Report()
    report.cancel()
    with pytest.raises(Cancelled):
        printing.print_pages(pdf, printer_to(tmp_path / "paper.pdf"), report)


@pytest.mark.qt_log_ignore("QPainter::begin", extend=True)
def test_a_printer_that_cannot_be_written_to_is_a_trouble(qtbot: QtBot, documents: Open, tmp_path: Path) -> None:
    pdf = documents.built(qtbot)
    with pytest.raises(printing.PrinterSilent):
        printing.print_pages(pdf, printer_to(tmp_path / "no folder" / "paper.pdf"), Report())

"""What is kept of single pupils on a page reaches whoever sees the page, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ejournal_core import ids
from ejournal_core.kinds import Mark, PupilRemark, SpecialGroup, SubgroupMember, Subject
from ejournal_desktop.models.commands.marks import name_document, put_mark
from ejournal_desktop.models.commands.pupil_remarks import take_back_remark, write_remark
from ejournal_desktop.models.commands.special_group import set_special_group
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync.desks import OpenDesk
from tests.together.town import Town, until_quiet


def remarks(journal: Journal) -> list[str]:
    """Return the words that stand about pupils on a desk."""
    with journal.reading() as connection:
        return [each.text for each in select_records(connection, PupilRemark)]


def member_of(journal: Journal) -> str:
    """Return a pupil of the English group."""
    with journal.reading() as connection:
        return select_records(connection, SubgroupMember)[0].pupil_id


def special(journal: Journal) -> list[tuple[str, date | None]]:
    """Return who is in the special medical group on a desk, and since when."""
    with journal.reading() as connection:
        return [(each.pupil_id, each.since) for each in select_records(connection, SpecialGroup)]


def meet_all(town: Town, *seats: tuple[OpenDesk, str]) -> None:
    """Let everybody meet the server until nothing is on its way."""

    def meeting(seat: OpenDesk, place: str) -> Callable[[], None]:
        return lambda: town.meet(seat, place)

    until_quiet(*(meeting(*each) for each in seats))


def test_a_remark_reaches_class_teacher_and_deputy_and_goes_again_when_it_is_taken_back(town: Town) -> None:
    school = town.school
    author = town.sit_down("staffroom", school.colleague)
    others = [town.sit_down("office", person) for person in (school.class_teacher, school.deputy)]
    stranger = town.sit_down("office", school.teacher)
    seats = [(author, "staffroom"), *((each, "office") for each in (*others, stranger))]
    english = school.lesson(date(2026, 9, 15), 4, school.english)

    written = write_remark(author.journal, english, member_of(author.journal), "praise", "помог соседу")
    meet_all(town, *seats)
    assert [remarks(each.journal) for each in others] == [["помог соседу"]] * 2
    assert remarks(stranger.journal) == []

    take_back_remark(author.journal, written.changes[-1].record)
    meet_all(town, *seats)
    assert [remarks(each.journal) for each in (author, *others)] == [[], [], []]


def test_the_medical_group_is_seen_by_the_pages_people_and_by_no_other_teacher(town: Town) -> None:
    school = town.school
    class_teacher = town.sit_down("office", school.class_teacher)
    teacher = town.sit_down("staffroom", school.colleague)
    stranger = town.sit_down("office", school.teacher)
    deputy = town.sit_down("office", school.deputy)
    pupil = member_of(class_teacher.journal)
    with deputy.journal.write() as write:
        write.edit(Subject, "s-english", title="Физическая культура")
    meet_all(town, (deputy, "office"), (class_teacher, "office"))

    set_special_group(class_teacher.journal, school.english, pupil, date(2026, 9, 1), None, "справка № 12")
    meet_all(town, (class_teacher, "office"), (teacher, "staffroom"), (stranger, "office"))
    assert special(teacher.journal) == [(pupil, date(2026, 9, 1))]
    assert special(stranger.journal) == []


def test_the_paper_of_a_brought_mark_reaches_whoever_sees_the_page_and_nobody_else(town: Town) -> None:
    school = town.school
    author = town.sit_down("staffroom", school.colleague)
    class_teacher = town.sit_down("office", school.class_teacher)
    stranger = town.sit_down("office", school.teacher)
    lesson, pupil = school.lesson(date(2026, 9, 15), 4, school.english), member_of(author.journal)
    made = put_mark(author.journal, lesson, None, pupil, "5")
    name_document(author.journal, Mark, made.changes[-1].record, "справка № 15 от 10.09.2026")
    meet_all(town, (author, "staffroom"), (class_teacher, "office"), (stranger, "office"))
    papers = []
    for desk in (author, class_teacher, stranger):
        with desk.journal.reading() as connection:
            marks = select_records(connection, Mark, mark_column_id=ids.mark_column(lesson, "oral", 1))
        papers.append([each.document for each in marks])
    assert papers == [["справка № 15 от 10.09.2026"], ["справка № 15 от 10.09.2026"], []]

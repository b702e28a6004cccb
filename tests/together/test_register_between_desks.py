"""The register on its way: to whoever teaches the class, with its codes; the papers behind it stay with the class."""

from __future__ import annotations

from datetime import date, timedelta

from ejournal_core.kinds import AbsenceDocument, RegisteredAbsence
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands import register, subgroups
from ejournal_desktop.models.commands.register import AbsenceDraft
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from tests.together.town import Town, until_quiet


def held(journal: Journal) -> tuple[int, int]:
    """Return how many entries of the register and how many papers lie on a desk."""
    with journal.reading() as connection:
        return len(select_records(connection, RegisteredAbsence)), len(select_records(connection, AbsenceDocument))


def known(journal: Journal, lesson_id: str) -> dict[str, str]:
    """Return of whom the lesson's teacher learns that they are away."""
    return {row.pupil_id: row.known_reason for row in queries.lesson_sheet(journal, lesson_id).roll if row.known_reason}


def test_an_entry_reaches_the_teachers_of_the_class_and_its_paper_does_not(town: Town) -> None:
    school, day = town.school, date(2026, 9, 15)
    class_teacher = town.sit_down("office", school.class_teacher)
    teacher = town.sit_down("staffroom", school.teacher)
    deputy = town.sit_down("office", school.deputy)
    pupil = school.pupils[6]
    draft = AbsenceDraft(pupil_id=pupil, reason="Б", since=day, until=day + timedelta(days=2), number="№ 214",
                         told_by="мама")  # fmt: skip
    register.register_absence(class_teacher.journal, school.class_group, draft)

    def all_meet() -> None:
        until_quiet(
            lambda: town.meet(class_teacher, "office"),
            lambda: town.meet(teacher, "staffroom"),
            lambda: town.meet(deputy, "office"),
        )

    all_meet()
    assert (held(teacher.journal), held(deputy.journal)) == ((1, 0), (1, 1))
    assert known(teacher.journal, school.today_lesson) == {pupil: "болезнь, до 17.09"}
    with class_teacher.journal.reading() as connection:
        (entry,) = select_records(connection, RegisteredAbsence)
    register.release(class_teacher.journal, entry.id, day, (3,))
    all_meet()
    assert known(teacher.journal, school.today_lesson) == {}
    assert class_teacher.journal.count_held_back("refused") == 0


def test_a_pupil_who_changes_the_group_appears_on_its_teachers_list(town: Town) -> None:
    school, day = town.school, date(2026, 9, 15)
    class_teacher = town.sit_down("office", school.class_teacher)
    colleague = town.sit_down("staffroom", school.colleague)
    pupil = school.pupils[0]
    subgroups.move_pupils(class_teacher.journal, [pupil], school.subgroup, day)
    subgroups.leave_subgroup(class_teacher.journal, school.pupils[1], school.subgroup, day)
    until_quiet(lambda: town.meet(class_teacher, "office"), lambda: town.meet(colleague, "staffroom"))
    listed = {row.pupil_id: row for row in queries.journal_spread(colleague.journal, school.english).pupils}
    assert listed[pupil].since == day
    assert listed[school.pupils[1]].until == day - timedelta(days=1)
    assert class_teacher.journal.count_held_back("refused") == 0

"""All that is held about a person: every kind that names them, earlier values, and what is not on this desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core.kinds import KINDS, Person, Record, RoleGrant, field_names
from ejournal_core.person_data import NAMING, PASSED, SPELT
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.person_choice import Whom, people_to_tell_of, tells_of_people, told_apart
from ejournal_desktop.models.queries.person_data import PersonData, person_data
from ejournal_desktop.models.queries.person_fields import TITLES
from ejournal_desktop.models.queries.person_words import LABELS, is_told, label
from tests.helpers.person_data import CLASSMATE, PUPIL, STAFF, told_desk
from tests.helpers.school import YEAR_START, desk_of, small_school

#: Names of fields that name nobody, whatever kind they stand in. A new field with another name has to be told apart:
#: it names somebody (`NAMING`, `SPELT`), or it is passed over for a written reason (`PASSED`), or it stands here.
NOBODY = frozenset({
    "about", "acted_on", "act_date", "act_number", "after_reset", "algorithm", "answer", "answer_reason",
    "answered_on", "approved_on", "arrival_order", "attested", "backup_root", "backup_size", "backup_upto", "basis",
    "born_on", "cancelled", "checked_on", "class_group_id", "closed", "code", "comment", "complete", "consent_on",
    "content", "control", "data_sha256", "day", "departure_order", "desk_id", "detail", "document", "document_id",
    "drive_id", "email", "ends_at", "ends_on", "event", "expected_at", "families", "file_number", "file_sha256",
    "file_size", "first_lesson", "form", "free_mib", "generation", "given_in", "grade_level", "grading_period_id",
    "handed_on", "held", "held_on", "home_address", "homework", "hours", "issued_at", "journal_page_id",
    "justification", "kind", "label", "last_lesson", "late_minutes", "late_reason", "lesson_id", "lesson_number",
    "letter", "made_on", "mark_column_id", "media_type", "number", "opened_at", "ordinal", "period_kind",
    "period_number", "period_scheme", "phone", "place", "planned_on", "position", "presence", "proved_at",
    "public_key", "pupils", "reason", "received_at", "received_on", "relation", "remark_kind", "result",
    "returned_why", "role", "room", "school_id", "school_year_id", "section", "serial", "sex", "sha256", "sheet",
    "shift", "short_title", "should_be", "shown_at", "since", "size", "source", "standing", "starts_at", "starts_on",
    "stored", "subgroup_id", "subject_id", "subject_kind", "target_kind", "target_record", "text", "title", "told_on",
    "topic", "trusted_n", "until", "valid_until", "value", "voided", "weekday", "weekly_hours", "weight", "what",
    "whole_class", "withdrawn_on", "work_kind_id", "workstation", "written", "wrong",
})  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = told_desk(tmp_path)
    yield opened
    opened.close()


def told(journal: Journal, person_id: str) -> PersonData:
    return person_data(journal, next(each for each in people_to_tell_of(journal) if each.id == person_id))


def words(found: PersonData) -> str:
    sections = (line for section in found.sections for line in section.lines)
    return "\n".join(f"{line.day} {line.place} {line.said} {line.entered}" for line in (*sections, *found.earlier))


def undecided(kinds: dict[str, type[Record]]) -> list[tuple[str, str]]:
    """Return the fields of which nobody has said whether they name a person."""
    return [
        (kind, name)
        for kind, record in kinds.items()
        for name in field_names(record)
        if name not in NAMING.get(kind, ())
        and name not in SPELT.get(kind, ())
        and (kind, name) not in PASSED
        and name not in NOBODY
        and not (kind in ("Pupil", "Person") and "id" in NAMING[kind])
    ]


# --- nothing that names somebody is forgotten -----------------------------------------------------------------------


def test_every_field_that_names_a_person_is_in_the_report_or_passed_over_for_a_reason() -> None:
    assert undecided(KINDS) == []
    known = {(kind, name) for kind, record in KINDS.items() for name in field_names(record)}
    assert {each for each in PASSED if each not in known} == set()
    assert all(len(reason) > 10 for reason in PASSED.values())


def test_a_new_field_that_names_somebody_is_noticed() -> None:
    class Mentor(Record, frozen=True, kw_only=True):
        mentor_id: str
        since: str

    assert undecided({**KINDS, "Mentor": Mentor}) == [("Mentor", "mentor_id")]


def test_every_kind_that_names_a_person_has_a_title_and_words_for_its_fields() -> None:
    assert NAMING.keys() | SPELT.keys() == TITLES.keys()
    for kind in TITLES:
        for name in field_names(KINDS[kind]):
            if is_told(kind, name):
                assert label(kind, name), (kind, name)
    unused = {name for name in LABELS if not any(
        name in (field, f"{kind}.{field}") for kind in TITLES for field in field_names(KINDS[kind]))}  # fmt: skip
    assert unused == set()


def test_of_a_pupil_and_of_a_teacher_every_kind_is_found(journal: Journal) -> None:
    pupil, staff = told(journal, PUPIL), told(journal, STAFF)
    shown = {section.kind for found in (pupil, staff) for section in found.sections}
    assert set(TITLES) - shown == set()


# --- what it says ---------------------------------------------------------------------------------------------------


def test_a_pupil_s_report_says_what_was_entered_and_nothing_of_a_classmate(journal: Journal) -> None:
    text = words(told(journal, PUPIL))
    wanted = (
        "без черновика", "опоздание, минут", "помог соседу по парте", "П-17", "02.04.2013", "Б (болезнь)",
        "мать по телефону", "+7 900 000-00-04", "I четверть", "отчество: Николаевич", "справка 11",
    )  # fmt: skip
    assert [said for said in wanted if said not in text] == []
    assert "7 «Б» · Алгебра · Контрольная работа" in text
    assert re.search(r"\b(c-7b|u-04|control|quarter|late)\b", text) is None, "words, no codes"
    assert "('отметка', '2')" not in text
    assert "('отметка', '2')" in words(told(journal, CLASSMATE))


def test_a_contact_without_a_consent_is_held_and_not_shown(journal: Journal) -> None:
    text = words(told(journal, PUPIL))
    assert "+7 900 000-00-05" not in text
    assert "хранится, не показывается" in text


def test_a_teacher_s_report_names_roles_ways_in_and_where_somebody_is_spelt(journal: Journal) -> None:
    text = words(told(journal, STAFF))
    for said in ("учитель-предметник", "Учительская", "первый вход", "приказ 4", "Копия 1", "диск сервера"):
        assert said in text, said


def test_what_stood_before_and_what_was_asked_for_is_told(journal: Journal) -> None:
    with journal.write() as write:
        write.edit("Enrolment", f"e-{PUPIL}", arrival_order="15-к")
    with journal.write() as write:
        write.edit("Enrolment", f"e-{PUPIL}", arrival_order="16-к")
    found = told(journal, PUPIL)
    assert [line.said for line in found.earlier] == [(("приказ о прибытии", "15-к"),), (("приказ о прибытии", "16-к"),)]
    assert "Петров С. И., ждёт отправки" in found.earlier[0].entered


def test_a_member_of_staff_is_told_how_much_of_what_was_entered(journal: Journal) -> None:
    with journal.write() as write:
        write.edit("Enrolment", f"e-{PUPIL}", arrival_order="15-к")
    (entered,) = (each for each in told(journal, "p-colleague").sections if each.kind == "entered")
    assert [(line.place, line.said) for line in entered.lines] == [("Зачисление и выбытие", (("записей", "1"),))]


def test_what_is_voided_is_still_held_and_said_to_be(journal: Journal) -> None:
    with journal.write() as write:
        write.edit("Enrolment", f"e-{PUPIL}", act="void", voided=True)
    assert "вычеркнута" in words(told(journal, PUPIL))


# --- what is not here -----------------------------------------------------------------------------------------------


def test_what_this_desk_does_not_hold_is_named(journal: Journal) -> None:
    missing = told(journal, PUPIL).not_held
    assert missing[0] == "отметки, посещаемость, записи на уроках: 7 «Б» · Алгебра, 7 «Б» · Английский язык · 2 группа"
    assert "личное дело и законные представители: 7 «Б»" in missing


def test_what_is_held_is_not_said_to_be_missing(tmp_path: Path) -> None:
    held = ("directory", "page:s-algebra.c-7b", "page:s-english.g-2", "register:c-7b", "class:c-7b", "office:c-7b")
    journal = told_desk(tmp_path, held=held)
    assert told(journal, PUPIL).not_held == ("сообщения о неверных сведениях от других",
                                             "события других: печать, сохранение, справки")  # fmt: skip
    journal.close()


# --- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "tells"), [("administrator", True), ("secretary", True), ("director", True),
                                             ("deputy_director", False), ("personnel_officer", False)])  # fmt: skip
def test_who_makes_the_report(tmp_path: Path, role: str, tells: bool) -> None:
    journal = told_desk(tmp_path, role)
    assert tells_of_people(journal) is tells
    journal.close()


def test_a_teacher_makes_none(tmp_path: Path) -> None:
    school = small_school()
    journal = desk_of(school, school.class_teacher, tmp_path)
    assert not tells_of_people(journal)
    journal.close()


def test_pupils_come_before_staff_and_namesakes_are_told_apart(journal: Journal) -> None:
    people = people_to_tell_of(journal)
    assert people[0] == Whom("Pupil", "u-01", "Абрамова Анна, 7 «Б», № 1 по списку")
    assert [each.kind for each in people] == sorted((each.kind for each in people), reverse=True)
    assert len({each.name for each in people}) == len(people)


def test_namesakes_are_told_apart_by_what_is_known_of_them_and_else_by_a_piece_of_their_ids() -> None:
    same = "Иванова Мария Петровна, учитель"
    people = [Whom("Person", "ab12", same), Whom("Person", "cd12", same), Whom("Person", "ef34", same),
              Whom("Person", "gh56", "Петров Илья, учитель")]  # fmt: skip
    names = {each.id: each.name for each in told_apart(people, {"ef34": "Алгебра", "gh56": "Химия"})}
    assert names == {"ab12": f"{same}, код ab12", "cd12": f"{same}, код cd12", "ef34": f"{same}, Алгебра",
                     "gh56": "Петров Илья, учитель"}  # fmt: skip
    alike = [Whom("Pupil", f"{first}-0001", "Котов Илья, 7 «Б», № 0 по списку") for first in "ab"]
    assert [each.name.rpartition("код ")[2] for each in told_apart(alike, {})] == ["a-0001", "b-0001"]


def test_two_teachers_of_one_name_and_post_are_two_lines_of_the_list(tmp_path: Path) -> None:
    twin = Person(id="p-twin", last_name="Иванова", first_name="Мария", patronymic="Петровна")
    school = small_school(extra=[twin, RoleGrant(id="r-tells", person_id="p-colleague", role="director",
                                                 since=YEAR_START)])  # fmt: skip
    journal = desk_of(school, "p-colleague", tmp_path)
    named = [each.name for each in people_to_tell_of(journal) if each.name.startswith("Иванова")]
    assert sorted(named) == ["Иванова Мария Петровна, сотрудник", "Иванова Мария Петровна, сотрудник, Алгебра"]
    journal.close()

"""All that the school holds of a person, asked for at a desk that may see only a part of it: every mark is there,
nothing stays on the disk, and whoever answers for the school reads who asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ejournal_core.kinds import AuditEvent, Person, RoleGrant
from ejournal_core.wire import DeskRequest, PersonDataRequest
from ejournal_desktop.models.commands.audit_log import tell_copied
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.audit_log import event_log
from ejournal_desktop.models.queries.person_choice import Whom, people_to_tell_of
from ejournal_desktop.models.queries.person_data import PersonData, person_data
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.ui.person_report import save_report
from ejournal_server import accounts
from tests.helpers.chaos import House, Seat, meet
from tests.helpers.person_data import PUPIL, STAFF, told_school
from tests.helpers.raw_pages import traces
from tests.helpers.school import YEAR_START

DIRECTOR, PASSWORD = "p-deputy", "длинный пароль 15"
KEEPER = "p-keeper"  # an administrator who teaches nobody
OF_THE_PUPIL = ("без черновика", "помог соседу по парте", "по контрольным", "справка 11", "мать по телефону")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Give the school in which every kind names somebody, with a director who has a password."""
    monkeypatch.setattr(accounts, "MEMORY_KIB", 64)
    school = told_school()
    keeps = Person(id=KEEPER, last_name="Сеткина", first_name="Нина", position="инженер")
    grant = RoleGrant(id="r-keeper", person_id=KEEPER, role="administrator", since=YEAR_START)
    house = House(tmp_path, replace(school, records=(*school.records, keeps, grant)))
    authority = house.office.authority
    code = accounts.new_activation_code(authority, DIRECTOR)
    accounts.certify_desk(
        authority, "place", DeskRequest(person=DIRECTOR, secret=code, new_password=PASSWORD, public_key="")
    )
    yield house
    house.close()


def whom(journal: Journal, person: str) -> Whom:
    return next(each for each in people_to_tell_of(journal) if each.id == person)


def whole(seat: Seat, person: str, second: str = DIRECTOR, password: str = PASSWORD) -> PersonData:
    about = whom(seat.journal, person)
    wanted = PersonDataRequest(kind=about.kind, person=person, second=second, second_password=password)
    return person_data(seat.journal, about, seat.server.person_data(wanted))


def words(found: PersonData) -> str:
    sections = (line for section in found.sections for line in section.lines)
    return "\n".join(f"{line.day} {line.place} {line.said} {line.entered}" for line in (*sections, *found.earlier))


def events(journal: Journal, *named: str) -> list[AuditEvent]:
    with journal.reading() as connection:
        return [each for each in select_records(connection, AuditEvent) if each.event in named]


def test_an_administrator_is_told_what_no_administrator_sees_and_keeps_nothing_of_it(house: House) -> None:
    office = house.sit_down(KEEPER)
    here, found = person_data(office.journal, whom(office.journal, PUPIL)), whole(office, PUPIL)
    assert OF_THE_PUPIL[0] not in words(here)
    assert here.not_held
    assert [said for said in OF_THE_PUPIL if said not in words(found)] == []
    assert "7 «Б» · Алгебра · Контрольная работа" in words(found)
    assert found.not_held == ()
    assert found.number > 100
    assert found.records > here.records
    office.journal.flush()
    kept = [*OF_THE_PUPIL[:3], "П-17"]
    assert [line.partition(": ")[2] for line in traces(office._path, office._key, kept)] == ["П-17"], "only its own"


def test_a_teacher_is_told_nothing_of_a_pupil_and_how_much_was_entered(house: House) -> None:
    office = house.sit_down(KEEPER)
    found = words(whole(office, STAFF))
    for said in ("учитель-предметник", "Учительская", "первый вход", "приказ 4", "Копия 1", "диск сервера"):
        assert said in found, said
    assert [word for word in ("Ёлкин", "Николаевич", "заявление № 5") if word in found] == []


def test_the_desk_is_refused_without_the_second_person_and_nothing_is_told_to_the_log(house: House) -> None:
    office = house.sit_down(KEEPER)
    with pytest.raises(ServerRefused) as refused:
        whole(office, PUPIL, second="", password="")
    assert refused.value.answer == "EJ-561"
    meet(office)
    assert events(office.journal, "person_data_given") == []


def test_who_asked_who_confirmed_what_was_saved_and_copied_reaches_the_readers_of_the_log(
    house: House, tmp_path: Path
) -> None:
    office, director = house.sit_down(KEEPER), house.sit_down(DIRECTOR)
    teacher = house.sit_down(house.school.class_teacher)
    found = whole(office, PUPIL)
    save_report(office.journal, found.whom, tmp_path / "сведения.json", found)
    tell_copied(office.journal, "person", 3)
    meet(office, director, teacher)
    for reader in (office, director):
        (given,) = events(reader.journal, "person_data_given")
        assert (given.by, given.person_id, given.subject) == (KEEPER, DIRECTOR, PUPIL)
        (saved,) = [each for each in events(reader.journal, "person_report") if each.id != "event-2"]
        assert (saved.person_id, saved.subject, saved.number) == (KEEPER, PUPIL, found.records)
        (copied,) = events(reader.journal, "copied")
        assert (copied.person_id, copied.number, copied.detail) == (KEEPER, 3, "person")
    assert events(teacher.journal, "person_data_given", "person_report", "copied") == []
    (row,) = [row for row in event_log(director.journal).rows if "сервер собрал" in row.what]
    assert (row.who, row.subject) == ("Сеткина Н.", PUPIL)
    assert "Громова В. П." in row.what

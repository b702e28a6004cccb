"""What Сегодня tells: values replaced by others, a restore, a new workplace, a jump of the clock, own requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event

from ejournal_core import access, ids
from ejournal_core.kinds import Certificate, Mark, PeriodClosing
from ejournal_desktop.models import queries
from ejournal_desktop.models.clocks import ClockWatch
from ejournal_desktop.models.commands.notices import put_away
from ejournal_desktop.models.commands.requests import approve_request, ask_correction, refuse_request
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries import replaced
from ejournal_desktop.models.queries.notices import Notice
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.state import Notice as SliceNotice
from tests.desktop.models.conftest import COLUMN, LESSON
from tests.desktop.models.pocket_server import PocketServer, meet
from tests.helpers.school import SmallSchool, small_school

PUPIL = "u-04"
MARK = ids.mark(COLUMN, PUPIL)
CLOSED = PeriodClosing(
    id=ids.period_closing("c-7b", "q-1"), class_group_id="c-7b", grading_period_id="q-1", closed=True
)


@pytest.fixture
def school(school: SmallSchool) -> SmallSchool:
    return small_school(extra=(
        *school.records[-2:],
        Mark(id=MARK, mark_column_id=COLUMN, pupil_id=PUPIL, value="4"),
        CLOSED,
        Certificate(id="desk-new", subject_kind="desk", public_key="00",
                    issued_at="2026-09-15T09:00:00+03:00", place="Кабинет 14", person_id="p-teacher"),
    ))  # fmt: skip


def of_kind(journal: Journal, kind: str) -> list[Notice]:
    return [each for each in queries.news(journal).notices if each.kind == kind]


def test_a_mark_that_somebody_replaced_on_ones_own_page_is_told_once(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    server.other("Mark", MARK, value="2", author=school.deputy)
    meet(journal, server)
    (told,) = of_kind(journal, "changed")
    assert (told.who, told.what) == ("Громова В. П.", "отметка 4 → 2")
    assert told.where.endswith("15.09 · Ёлкин Пётр")
    assert told.lesson_id
    assert told.cell == (school.page, COLUMN, PUPIL)
    put_away(journal, told.id)
    assert of_kind(journal, "changed") == []


def test_a_period_mark_that_somebody_replaced_leads_to_its_cell(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    mark = ids.period_mark(school.page, PUPIL, "quarter", 1)
    server.other("PeriodMark", mark, author=school.teacher, act="create", was={}, journal_page_id=school.page,
                 pupil_id=PUPIL, period_kind="quarter", period_number=1, value="4")  # fmt: skip
    server.other("PeriodMark", mark, author=school.deputy, value="3", was={"value": "4"})
    meet(journal, server)
    (told,) = of_kind(journal, "changed")
    assert told.cell == (school.page, "quarter.1", PUPIL)


def test_a_replaced_mark_stays_in_sight_for_two_weeks_however_much_was_entered_since(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    server.other("Mark", MARK, value="2", author=school.deputy)
    for number in range(1_100):
        server.other("RoleGrant", f"r-{number}", act="create", was={}, author="server", person_id="p-colleague",
                     role="subject_teacher", class_group_id=None, since="2026-09-01", until=None)  # fmt: skip
    meet(journal, server)
    assert [told.what for told in of_kind(journal, "changed")] == ["отметка 4 → 2"]
    journal.clock.now += timedelta(days=15)  # type: ignore[attr-defined]
    assert of_kind(journal, "changed") == []


def test_news_are_looked_for_by_their_time_and_not_through_the_year(journal: Journal) -> None:
    asked: list[str] = []
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append(told[2]))
        replaced.replaced_by_others(around, journal.clock())
        (question,) = [each for each in asked if "judged_at >" in each]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question}", ("",) * question.count("?")).all()
    assert any("ix_history_judged_at (judged_at>?)" in row[-1] for row in plan)


def test_first_marks_and_own_marks_are_no_news(journal: Journal, server: PocketServer, school: SmallSchool) -> None:
    server.other("Mark", ids.mark(COLUMN, "u-09"), mark_column_id=COLUMN, pupil_id="u-09", value="5", was={})
    server.other("Mark", MARK, value="3", author=school.teacher)
    meet(journal, server)
    assert of_kind(journal, "changed") == []


def test_an_own_request_that_was_approved_is_no_change_by_another(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask_correction(journal, "Mark", MARK, "в тетради 5", value="5").changes[0]
    meet(journal, server)
    meet(deputy, server)
    approve_request(deputy, asked.id)
    meet(deputy, server)
    meet(journal, server)
    assert [row.state for row in queries.news(journal).requests] == ["approved"]
    assert of_kind(journal, "changed") == []


def attached(server: PocketServer, author: str) -> str:
    """Enter a file of a person's, which the server holds then."""
    file = ids.homework_file(LESSON, "00")
    server.other("HomeworkFile", file, author=author, act="create", was={}, lesson_id=LESSON, title="Задачи.pdf",
                 size=4, sha256="ab" * 32, media_type="application/pdf")  # fmt: skip
    server.other("HomeworkFile", file, stored=True, author=access.SERVER)
    return file


def test_a_file_that_a_colleague_took_away_is_told_to_who_attached_it(
    journal: Journal, deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    file = attached(server, school.teacher)
    server.other("HomeworkFile", file, voided=True, author=school.deputy, act="void")
    meet(journal, server)
    (told,) = of_kind(journal, "changed")
    assert (told.who, told.what) == ("Громова В. П.", "файл «Задачи.pdf» убран")
    assert told.lesson_id == LESSON
    meet(deputy, server)
    assert of_kind(deputy, "changed") == []


def test_a_file_that_its_owner_took_away_or_the_server_received_is_no_news(
    journal: Journal, server: PocketServer, school: SmallSchool
) -> None:
    file = attached(server, school.teacher)
    server.other("HomeworkFile", file, voided=True, author=school.teacher, act="void")
    meet(journal, server)
    assert of_kind(journal, "changed") == []


def test_what_happens_on_pages_of_others_is_theirs(deputy: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, value="2")
    meet(deputy, server)
    assert of_kind(deputy, "changed") == []


def test_a_new_workplace_asks_before_everything_else(journal: Journal, server: PocketServer) -> None:
    server.other("Mark", MARK, value="2", author="p-deputy")
    meet(journal, server)
    first = queries.news(journal).notices[0]
    assert (first.kind, first.where, first.own, first.desk_id) == ("workplace", "Кабинет 14", True, "desk-new")


def appoint(server: PocketServer, role: str, person: str, record: str = "r-new", author: str = "p-colleague") -> None:
    server.other("RoleGrant", record, act="create", was={}, author=author, person_id=person, role=role,
                 class_group_id=None, since="2026-09-01", until=None)  # fmt: skip


def short_name_of(journal: Journal, person: str) -> str:
    with journal.reading() as connection:
        return Surroundings(connection, journal.identity.person_id, journal.clock().date()).short_name(person)


def test_a_deputy_sees_who_was_given_an_official_role_and_by_whom(
    deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    appoint(server, "deputy_director", school.teacher)
    appoint(server, "administrator", "p-colleague", "r-office", author="server")
    appoint(server, "subject_teacher", "p-colleague", "r-plain")
    meet(deputy, server)
    told = {each.what: each for each in of_kind(deputy, "appointed")}
    assert told.keys() == {"administrator", "deputy_director"}
    assert told["administrator"].who == "Сервер школы"
    assert told["deputy_director"].who == short_name_of(deputy, "p-colleague") != ""
    assert told["deputy_director"].where == short_name_of(deputy, school.teacher)
    put_away(deputy, told["administrator"].id)
    assert of_kind(deputy, "appointed") == [told["deputy_director"]]


def test_an_office_given_is_told_though_it_was_taken_back_renamed_or_buried_meanwhile(
    deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    for record in ("r-void", "r-renamed", "r-handed-on"):
        appoint(server, "deputy_director", school.teacher, record)
    server.other("RoleGrant", "r-void", act="void", voided=True)
    server.other("RoleGrant", "r-renamed", role="subject_teacher")
    server.other("RoleGrant", "r-handed-on", person_id="p-colleague")
    server.other("RoleGrant", "r-handed-on", role="subject_teacher")
    for number in range(300):
        appoint(server, "subject_teacher", "p-colleague", f"r-plain-{number}")
    meet(deputy, server)
    told = [(each.what, each.where) for each in of_kind(deputy, "appointed")]
    teacher, colleague = (short_name_of(deputy, person) for person in (school.teacher, "p-colleague"))
    assert sorted(told) == sorted([("deputy_director", teacher)] * 3 + [("deputy_director", colleague)])


def test_the_end_of_a_role_is_no_appointment_and_a_later_end_is(
    deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    appoint(server, "director", school.teacher)
    server.other("RoleGrant", "r-new", until="2026-10-01")
    server.other("RoleGrant", "r-new", until="2026-09-20")
    meet(deputy, server)
    assert len(of_kind(deputy, "appointed")) == 1
    server.other("RoleGrant", "r-new", until="2027-09-20")
    meet(deputy, server)
    assert len(of_kind(deputy, "appointed")) == 2


def test_news_are_as_old_as_the_server_says_and_not_the_clock_of_whoever_made_them(
    journal: Journal, deputy: Journal, server: PocketServer, school: SmallSchool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.desktop.models.pocket_server.AT", "2026-08-01T11:00:00+03:00")
    server.other("Mark", MARK, value="2")
    appoint(server, "director", school.teacher)
    for each in (journal, deputy):
        meet(each, server)
    assert len(of_kind(journal, "changed")) == 1
    assert len(of_kind(deputy, "appointed")) == 1


def test_appointments_are_told_to_those_who_oversee_and_not_of_the_founding(
    journal: Journal, deputy: Journal, server: PocketServer, school: SmallSchool
) -> None:
    appoint(server, "director", school.class_teacher)
    server.other("Certificate", "desk-first", act="issue", was={}, author="server", subject_kind="desk",
                 public_key="00", issued_at="2026-09-15T09:00:00+03:00", place="", person_id="p-colleague")  # fmt: skip
    appoint(server, "administrator", "p-colleague", "r-later")
    for each in (journal, deputy):
        meet(each, server)
    assert of_kind(journal, "appointed") == []
    assert [each.what for each in of_kind(deputy, "appointed")] == ["administrator"]


def test_a_restore_names_who_decided_and_why(journal: Journal, server: PocketServer, school: SmallSchool) -> None:
    server.other("Epoch", ids.epoch(1), act="create", was={}, author="server", backup_size=10, backup_root="00",
                 opened_at="2026-09-15T08:00:00+03:00", reason="отказал диск", first_person=school.deputy,
                 second_person="Сидорова А. Л.")  # fmt: skip
    meet(journal, server)
    (told,) = of_kind(journal, "restored")
    assert (told.what, told.who) == ("отказал диск", "Громова В. П. и Сидорова А. Л.")


def test_what_happened_to_slices_and_to_the_clock_is_told_for_two_weeks(journal: Journal) -> None:
    now = journal.clock()
    watch = ClockWatch(journal, lambda: 0.0)
    journal.clock.now += timedelta(hours=3)  # type: ignore[attr-defined]
    watch.look()
    journal.clock.now += timedelta(hours=3)  # type: ignore[attr-defined]
    watch.look()
    journal.note(notices=(SliceNotice(code="EJ-267", at=now.isoformat(), slices=("page:x",)),))
    assert [each.code for each in of_kind(journal, "slices")] == ["EJ-267"]
    assert [each.number for each in of_kind(journal, "clock")] == [3 * 3600]
    journal.clock.now += timedelta(days=15)  # type: ignore[attr-defined]
    assert {each.kind for each in queries.news(journal).notices} == set()


def test_a_journal_opened_anew_says_what_waits(journal: Journal) -> None:
    journal.note(anew="EJ-382", left_behind=7)
    (told,) = of_kind(journal, "anew")
    assert (told.code, told.number) == ("EJ-382", 7)


def test_an_own_request_stays_in_sight_until_it_is_decided_and_put_away(
    journal: Journal, deputy: Journal, server: PocketServer
) -> None:
    asked = ask_correction(journal, "Mark", MARK, "в тетради 5", value="5").changes[0]
    assert [row.state for row in queries.news(journal).requests] == ["unsent"]
    meet(journal, server)
    meet(deputy, server)
    refuse_request(deputy, asked.id, "оценка верна")
    meet(deputy, server)
    meet(journal, server)
    (row,) = queries.news(journal).requests
    assert (row.state, row.decision_why) == ("refused", "оценка верна")
    put_away(journal, row.change_id)
    assert queries.news(journal).requests == ()
    assert [row.state for row in queries.own_requests(journal)] == ["refused"]

"""Люди as they are read: how each way in stands, and that what a person sees is explained whole by roles and loads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ejournal_core import access
from ejournal_core.errors import Refusal
from ejournal_core.handouts import CodesHandout, SlipLine
from ejournal_core.kinds import (
    Certificate,
    ClassGroup,
    CredentialIssue,
    JournalPage,
    Lesson,
    Person,
    Record,
    Role,
    RoleGrant,
)
from ejournal_core.wire import AccountLine
from ejournal_desktop.documents.codes_paper import build_codes_paper
from ejournal_desktop.documents.preview import page_count
from ejournal_desktop.models.commands import staff as commands
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.rights import rights
from ejournal_desktop.models.queries.staff import StaffRow, staff
from ejournal_desktop.models.queries.surroundings import Surroundings
from tests.helpers.school import NOW, YEAR_START, desk_of, small_school

TODAY = NOW.date()
OTHER_CLASS = "c-8a"


def role(person: str, held: Role, group: str | None = None, until: date | None = None) -> RoleGrant:
    return RoleGrant(id=f"x-{person}-{held}-{group}", person_id=person, role=held, class_group_id=group,
                     since=YEAR_START, until=until)  # fmt: skip


def extra() -> list[Record]:
    page = JournalPage(id="s-algebra.c-8a", subject_id="s-algebra", class_group_id=OTHER_CLASS)
    return [
        ClassGroup(id=OTHER_CLASS, school_year_id="y-2026", grade_level=8, letter="А"),
        page,
        Lesson(id=f"{page.id}.20260916.2", journal_page_id=page.id, lesson_number=2,
               held_on=TODAY + timedelta(days=1), teacher_id="p-teacher"),
        role("p-colleague", "administrator"),
        role("p-teacher", "deputy_director", OTHER_CLASS, until=TODAY - timedelta(days=1)),
        role("p-class-teacher", "secretary"),
    ]  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = desk_of(small_school(4, extra()), "p-colleague", tmp_path)
    yield made
    made.close()


def pages_in_the_slices(journal: Journal, person: str) -> set[str]:
    """Return what the scope of the person holds, by the function that server and desk ask."""
    with journal.reading() as connection:
        around = Surroundings(connection, person, TODAY)
        pages = [(page, tuple(around.loads.get(page.id, ()))) for page in around.pages.values()]
        deciders = frozenset(journal.policy().late_approver.roles)
        seen = access.slices(
            person, around.grants, pages, around.class_groups.values(), TODAY, around.given, deciders
        )  # fmt: skip
    return {name.removeprefix("page:") for name in seen if name.startswith("page:")}


@pytest.mark.parametrize(
    ("person", "pages"), [("p-teacher", 2), ("p-colleague", 2), ("p-class-teacher", 2), ("p-deputy", 3)]
)
def test_every_page_of_the_scope_is_explained_and_no_other(journal: Journal, person: str, pages: int) -> None:
    told = rights(journal, person)
    explained = {page for line in told.lines for page in line.pages}
    assert explained == pages_in_the_slices(journal, person)
    assert told.pages == len(explained) == pages
    assert all(line.why for line in told.lines)


def test_a_right_says_until_when_and_a_role_that_has_ended_gives_none(journal: Journal) -> None:
    told = {line.what: line for line in rights(journal, "p-teacher").lines}
    substituted = told["видит журнал и ведёт уроки замены: Алгебра, 8 «А»"]
    assert substituted.why == "замена 16.09"
    assert substituted.until == TODAY + timedelta(days=1) + access.SUBSTITUTE_SEES
    assert told["ведёт журнал: Алгебра, 7 «Б»"].why == "нагрузка с 01.09.2026"
    assert not any("завуч" in line.why for line in told.values())


def test_an_administrator_is_said_to_put_no_mark_and_keeps_what_the_rules_name(journal: Journal) -> None:
    told = [line.what for line in rights(journal, "p-colleague").lines]
    assert "делает резервные копии; отметок не ставит" in told
    (kept,) = [what for what in told if what.startswith("правит:")]
    assert all(each in kept for each in ("сотрудников", "роли", "коды для входа", "правила школы"))
    assert "закрытие периодов" not in kept


# --- how a way in stands ---------------------------------------------------------------------------------------------


def one(journal: Journal, accounts: list[AccountLine] | None = None, person: str = "p-teacher") -> StaffRow:
    return next(row for row in staff(journal, accounts).rows if row.id == person)


def told_by_the_server(state: str, **more: str) -> list[AccountLine]:
    return [AccountLine(person="p-teacher", state=state, **more)]  # type: ignore[arg-type]


def test_the_server_s_word_counts_over_what_the_journal_knows(tmp_path: Path) -> None:
    certificate = Certificate(id="d-1", subject_kind="desk", person_id="p-teacher", public_key="00" * 32,
                              issued_at="2026-09-03T09:00:00Z")  # fmt: skip
    journal = desk_of(small_school(1, [certificate]), "p-teacher", tmp_path)
    known = one(journal)
    assert (known.way, known.since, known.has_password) == ("open", date(2026, 9, 3), True)
    closed = one(journal, told_by_the_server("closed"))
    assert (closed.way, closed.since, closed.has_password) == ("closed", None, True)
    again = one(journal, told_by_the_server("active", code_until="2026-09-29T09:00:00Z"))
    assert (again.way, again.code_until) == ("open", date(2026, 9, 28))
    assert one(journal, told_by_the_server("invited", code_until="2026-09-29T09:00:00Z")).way == "printed"
    assert one(journal, told_by_the_server("invited", code_until="2026-09-14T09:00:00Z")).way == "expired"
    assert one(journal, []).way == "none"
    assert one(journal, told_by_the_server("active")).way == "open"
    journal.close()


def test_whose_roles_have_ended_and_whose_door_is_open_is_named(tmp_path: Path) -> None:
    ended = [role("p-new", "secretary", until=TODAY - timedelta(days=1))]
    journal = desk_of(small_school(1, [Person(id="p-new", last_name="Ушла", first_name="Анна"), *ended]), "p-teacher",
                      tmp_path)  # fmt: skip
    assert one(journal, [AccountLine(person="p-new", state="active")], "p-new").way == "gone"
    assert one(journal, [AccountLine(person="p-new", state="closed")], "p-new").way == "closed"
    journal.close()


@pytest.mark.parametrize(("made_on", "late"), [(date(2026, 8, 31), True), (date(2026, 9, 1), False)])
def test_a_code_waits_ten_working_days_and_then_is_late(tmp_path: Path, made_on: date, late: bool) -> None:
    issue = CredentialIssue(id="i", person_id="p-teacher", reason="first", made_on=made_on,
                            valid_until=made_on + timedelta(days=30))  # fmt: skip
    journal = desk_of(small_school(1, [issue, role("p-colleague", "administrator")]), "p-colleague", tmp_path)
    row = one(journal)
    assert (row.way, row.issue_id, row.is_late(TODAY)) == ("printed", "i", late)
    commands.hand_over(journal, "i", TODAY)
    handed = one(journal)
    assert (handed.way, handed.handed_on, handed.is_late(TODAY)) == ("given", TODAY, False)
    journal.close()


# --- what is done ----------------------------------------------------------------------------------------------------


def test_a_role_that_has_not_begun_never_begins_for_who_leaves(journal: Journal) -> None:
    commands.give_role(journal, "p-deputy", "secretary", TODAY + timedelta(days=10))
    commands.leave(journal, "p-deputy", TODAY, "приказ № 5")
    with journal.reading() as connection:
        held = select_records(connection, RoleGrant, person_id="p-deputy")
    assert {grant.role: grant.until for grant in held} == {"deputy_director": TODAY, "director": TODAY}


def test_the_only_administrator_goes_when_there_is_another_one_and_not_before(journal: Journal) -> None:
    own = "x-p-colleague-administrator-None"
    with pytest.raises(Refusal, match="единственный администратор"):
        commands.end_role(journal, own, TODAY)
    with pytest.raises(Refusal, match="единственный администратор"):
        commands.leave(journal, "p-colleague", TODAY, "приказ № 6")
    assert not journal.outbox(1), "nothing was changed"
    commands.give_role(journal, "p-deputy", "administrator", TODAY)
    commands.end_role(journal, own, TODAY)
    with journal.reading() as connection:
        held = select_records(connection, RoleGrant, role="administrator")
    assert {grant.person_id: grant.until for grant in held} == {"p-colleague": TODAY, "p-deputy": None}


def test_slips_and_ledger_are_one_print() -> None:
    slips = tuple(SlipLine(name=f"Яшина Зоя {at}", position="учитель", code="ABCD-EFGH-2345") for at in range(11))
    codes = CodesHandout(school_name="Школа № 1", made_on=TODAY, valid_until=TODAY, issue_until=TODAY, working_days=10,
                         by_director=False, clause="", slips=slips)  # fmt: skip
    assert page_count(build_codes_paper(codes)) == 3  # two sheets of ten slips, one of the ledger

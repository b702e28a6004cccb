"""What a desk holds follows what its person may see: gained, lost, loaded after every cut, proved, repaired."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ejournal_core import ids, wire
from ejournal_core.errors import Refusal, Trouble
from ejournal_core.kinds import (
    Enrolment,
    PeriodClosing,
    Pupil,
    PupilFile,
    Record,
    RoleGrant,
    SubgroupMember,
    TeachingLoad,
    to_fields,
)
from ejournal_desktop.models import queries, records, slices
from ejournal_desktop.models.commands.lessons import set_homework, set_topic
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.requests import ask_correction, put_aside, refuse_request
from ejournal_desktop.models.loading import Progress
from ejournal_desktop.sync import holding
from ejournal_desktop.sync.holding import AlteredRecords, learn
from ejournal_desktop.sync.server import ServerAway
from ejournal_server import admin, scopes, snapshots
from ejournal_server.store import slices as stored
from tests.helpers.chaos import House, Log, Loopback, Seat, violations
from tests.helpers.confirmed import DeskHolds, confirmations
from tests.helpers.raw_pages import traces
from tests.helpers.school import YEAR_START, small_school

ENGLISH = date(2026, 9, 9)  # a Wednesday: English is lesson 4


@pytest.fixture
def house(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(holding, "PATIENCE", 60.0)  # a meeting ends with its work done, however busy the machine is
    group, pupil = small_school().class_group, "u-01"
    file = PupilFile(id=ids.pupil_file(group, pupil), class_group_id=group, pupil_id=pupil, file_number="ЛД-4711")
    made = House(tmp_path, small_school(8, [file]))
    yield made
    made.close()


def change_records(house: House, *records: Record) -> None:
    """Let the office change records of the directory at the server."""
    lines = ({"kind": type(r).__name__, "record": r.id, "fields": to_fields(r)} for r in records)
    file = house.root / "changed.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    admin.load_records(house.office, file)


def english_load(house: House, person: str, **fields: Any) -> TeachingLoad:
    known = TeachingLoad(id=f"l-{person}", journal_page_id=house.school.english, person_id=person, since=YEAR_START)
    return replace(known, **fields)


def english_lesson(house: House) -> str:
    return house.school.lesson(ENGLISH, 4, house.school.english)


def teach_english(house: House, colleague: Seat, word: str = "Present Perfect") -> None:
    """Let the colleague give a lesson of English: a topic and a mark."""
    colleague.do(set_topic, english_lesson(house), word)
    colleague.do(put_mark, english_lesson(house), None, "u-02", "5")
    colleague.meet()


def held(seat: Seat) -> set[str]:
    with seat.journal.reading() as connection:
        return {name for name, each in slices.held(connection).items() if not each.leaving}


def on_disk(seat: Seat) -> set[str]:
    with seat.journal.reading() as connection:
        return set(slices.held(connection))


def is_right(house: House, *seats: Seat) -> list[str]:
    """Return what is wrong after all have met the server to the end, by what each may see now."""
    for seat in seats:
        seat.meet()
    sees = {}
    for seat in seats:
        with house.office.authority.store.read() as tx:
            sees[seat.person] = set(scopes.scope_of(house.office.authority, tx, seat.person).slices)
        assert held(seat) == on_disk(seat) == sees[seat.person]
    return violations(house.office, seats, sees)


# --- gaining and losing --------------------------------------------------------------------------------------------


def test_a_new_load_brings_the_page_and_leaves_everything_else_where_it_is(house: House) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    teacher.do(put_mark, house.school.today_lesson, None, "u-01", "4")
    teacher.meet()
    change_records(house, english_load(house, teacher.person))
    before = teacher.journal.cursor
    asked: list[tuple[list[str], int]] = []
    spy(teacher, "begin_snapshot", lambda names, after: asked.append((list(names), after)))
    assert is_right(house, teacher, colleague) == []
    assert asked == [([f"page:{house.school.english}", "plan:s-english"], before)]
    assert shown(teacher, "Lesson", english_lesson(house))["topic"] == "Present Perfect"


def spy(seat: Seat, call: str, seen: Callable[..., object]) -> None:
    """Tell a test what the desk asks the server for."""
    real = getattr(seat.server, call)

    def told(*arguments: Any) -> Any:
        seen(*arguments)
        return real(*arguments)

    setattr(seat.server, call, told)


def shown(seat: Seat, kind: str, record: str) -> dict[str, Any]:
    with seat.journal.reading() as connection:
        return dict(records.read(connection, kind, record).fields or {})


def test_entries_older_than_the_gained_page_do_not_take_it_back(house: House) -> None:
    """The page comes at number M; the log still has to bring what happened between the cursor and M.

    Two texts of homework were joined there: entered once more they would be joined once more.
    """
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    at_home = house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    at_home.meet()
    teacher.meet()
    change_records(house, english_load(house, teacher.person))
    for seat, homework in ((colleague, "§ 1"), (at_home, "§ 2")):
        seat.do(set_homework, english_lesson(house), homework)
    for seat in (colleague, at_home, colleague):
        seat.meet()
    teacher.meet()
    assert shown(teacher, "Lesson", english_lesson(house))["homework"] == "§ 1\n§ 2"
    assert is_right(house, teacher, colleague) == []


def test_a_gained_page_may_refer_to_what_the_directory_has_gained_meanwhile(house: House) -> None:
    """A pupil who came yesterday has a mark on the page: the directory's news come along with it."""
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    group = house.school.subgroup
    change_records(
        house, Pupil(id="u-new", last_name="Новиков", first_name="Олег"),
        Enrolment(id="e-new", pupil_id="u-new", class_group_id=house.school.class_group, since=YEAR_START),
        SubgroupMember(id=ids.subgroup_member(group, "u-new"), subgroup_id=group, pupil_id="u-new", since=YEAR_START),
    )  # fmt: skip
    colleague.meet()
    colleague.do(put_mark, english_lesson(house), None, "u-new", "5")
    colleague.meet()
    change_records(house, english_load(house, teacher.person))
    assert is_right(house, teacher, colleague) == []


def test_losing_one_page_and_gaining_another_at_once(house: House) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    teacher.do(put_mark, house.school.today_lesson, None, "u-01", "4")
    teacher.meet()
    algebra = TeachingLoad(id="l-1", journal_page_id=house.school.page, person_id=teacher.person, since=YEAR_START)
    change_records(house, replace(algebra, voided=True), english_load(house, teacher.person))
    assert is_right(house, teacher, colleague) == []
    register = f"register:{house.school.class_group}"  # of both pages the same
    own = {"directory", f"reports:{teacher.person}", f"events:{teacher.person}"}
    assert held(teacher) == {*own, f"page:{house.school.english}", "plan:s-english", register}


def test_what_happened_while_a_desk_was_away_is_followed_at_once(house: House) -> None:
    """Gained, lost and gained again while the desk was offline: it comes to hold what may be seen now."""
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    for voided in (False, True, False):
        change_records(house, english_load(house, teacher.person, voided=voided))
        teach_english(house, colleague, f"Тема {voided}")
    assert is_right(house, teacher, colleague) == []
    assert f"page:{house.school.english}" in held(teacher)


def test_nothing_of_a_lost_page_remains_in_any_page_of_the_file(house: House) -> None:
    """The words that stood there are looked for in every page of the file, free ones and the log's own included."""
    colleague = house.sit_down(house.school.colleague)
    teach_english(house, colleague, "Слово-улика-1")
    colleague.do(set_topic, english_lesson(house), "Слово-улика-2")
    colleague.meet()
    file, key = colleague._path, colleague._key
    assert traces(file, key, ["Слово-улика-1", "Слово-улика-2"]), "the search has to find what is there"
    change_records(house, replace(english_load(house, colleague.person), id="l-3", voided=True))
    colleague.meet()
    assert traces(file, key, ["Слово-улика-1", "Слово-улика-2", english_lesson(house)]) == []
    assert is_right(house, colleague) == []


@pytest.mark.parametrize("end", [{"voided": True}, {"until": date(2026, 9, 14)}], ids=["taken away", "ended"])
def test_a_lost_page_with_unsent_entries_goes_only_after_they_have_gone_out(house: House, end: dict[str, Any]) -> None:
    """Also where the entry is taken: the lesson was given while the load lasted, and its line is out of sight now."""
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    change_records(house, replace(english_load(house, colleague.person), id="l-3", **end))
    page = f"page:{house.school.english}"

    def type_meanwhile(*_: Any) -> None:
        if not colleague.journal.outbox(1):
            colleague.do(put_mark, english_lesson(house), None, "u-04", "3")

    spy(colleague, "scope", type_meanwhile)
    colleague.meet()
    assert len(colleague.journal.outbox()) == 1
    assert page in on_disk(colleague) - held(colleague)
    colleague.server = Loopback(house.office, colleague.desk)
    late = colleague.journal.outbox()[0].change.id
    colleague.meet()
    assert page not in on_disk(colleague)
    log = {line["id"]: line["outcome"] for line in lines_of(house)}
    assert log[late] == ("pending" if "voided" in end else "taken"), "the server has it, with its verdict"
    assert is_right(house, teacher, colleague) == []


def test_what_waits_for_a_decision_stays_in_sight_when_its_page_is_lost(house: House) -> None:
    """Also where the notice of it has been put aside: whoever asked learns how it was decided."""
    colleague, deputy = house.sit_down(house.school.colleague), house.sit_down(house.school.deputy)
    teach_english(house, colleague)
    group, mark = house.school.class_group, ids.mark(ids.mark_column(english_lesson(house), "oral", 1), "u-02")
    change_records(house, PeriodClosing(id=ids.period_closing(group, "q-1"), class_group_id=group,
                                        grading_period_id="q-1", closed=True))  # fmt: skip
    colleague.meet()
    colleague.do(lambda journal: ask_correction(journal, "Mark", mark, "Ошибка при вводе", value="4"))
    colleague.meet()
    (asked,) = queries.own_requests(colleague.journal)
    put_aside(colleague.journal, asked.change_id)
    change_records(house, replace(english_load(house, colleague.person), id="l-3", voided=True))
    assert is_right(house, colleague, deputy) == []
    assert [row.state for row in queries.own_requests(colleague.journal)] == ["waiting"]
    deputy.do(refuse_request, asked.change_id, "Не подтверждается")
    assert is_right(house, deputy, colleague) == []
    (decided,) = queries.own_requests(colleague.journal)
    assert (decided.state, decided.decision_why) == ("refused", "Не подтверждается")


def lines_of(house: House) -> list[Any]:
    return Log(house.office).lines


def test_the_server_knows_what_each_desk_holds_and_since_when(house: House) -> None:
    colleague = house.sit_down(house.school.colleague)

    def told() -> DeskHolds:
        return next(d for d in confirmations(house.office.authority) if d.desk == colleague.desk)

    assert (told().slices, told().beyond) == (8, ()), (
        "the directory, the register, two pages with both plans, reports, events"
    )
    change_records(house, replace(english_load(house, colleague.person), id="l-3", voided=True))
    lost = {f"page:{house.school.english}", "plan:s-english"}
    assert set(told().beyond) == lost, "not confirmed yet: the desk has not been here"
    house.clock.now += timedelta(minutes=5)
    before = told().at
    colleague.meet()
    assert (told().slices, told().beyond) == (6, ())
    assert told().at > before


def test_a_role_that_ends_takes_the_class_and_its_office_away(house: House) -> None:
    head = house.sit_down(house.school.class_teacher)
    assert shown(head, "PupilFile", ids.pupil_file(house.school.class_group, "u-01"))["file_number"] == "ЛД-4711"
    file, key = head._path, head._key
    assert traces(file, key, ["ЛД-4711"])
    change_records(
        house, RoleGrant(id="r-2", person_id=head.person, role="class_teacher", class_group_id=house.school.class_group,
                         since=YEAR_START, until=date(2026, 9, 14)),
    )  # fmt: skip
    assert is_right(house, head) == []
    assert held(head) == {"directory", f"reports:{head.person}", f"events:{head.person}"}
    assert traces(file, key, ["ЛД-4711"]) == []


def test_a_load_begins_and_ends_at_midnight(house: House) -> None:
    """Both its days are inclusive, by the days of the school's server."""
    teacher = house.sit_down(house.school.teacher)
    page = f"page:{house.school.english}"
    tomorrow = house.clock.now.date() + timedelta(1)
    change_records(house, english_load(house, teacher.person, since=tomorrow, until=tomorrow))
    begins = datetime.combine(tomorrow, time()).astimezone()
    seen = []
    for moment in (begins - timedelta(seconds=10), begins, begins + timedelta(seconds=86_390), begins + timedelta(1)):
        house.clock.now = moment
        teacher.meet()
        seen.append(page in on_disk(teacher))
    assert seen == [False, True, True, False]


def test_a_role_that_changes_in_the_middle_of_a_pull_is_followed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE_CHANGES", 3)
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    for turn in range(5):
        colleague.do(set_topic, house.school.today_lesson, f"Тема {turn}")
        teach_english(house, colleague, f"English {turn}")
    pages = 0

    def change_rights(*_: Any) -> None:
        nonlocal pages
        pages += 1
        if pages == 2:
            change_records(house, english_load(house, teacher.person))

    spy(teacher, "pull", change_rights)
    teacher.meet()
    assert pages > 3
    assert is_right(house, teacher, colleague) == []


# --- loading -------------------------------------------------------------------------------------------------------


def cut_after(seat: Seat, chunks: int) -> None:
    """Let the line break after so many chunks."""
    left = chunks

    def count(*_: Any) -> None:
        nonlocal left
        if left == 0:
            raise ServerAway("cut")
        left -= 1

    spy(seat, "chunk", count)


def seat_for(house: House, person: str) -> Seat:
    seat = Seat(house, person, house.root / f"new-{len(house.seats)}.journal")
    house.seats.append(seat)
    return seat


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CHUNK_BYTES", 1500)


@pytest.mark.usefixtures("small_chunks")
def test_a_new_desk_goes_on_with_the_next_chunk_wherever_it_was_cut(house: House) -> None:
    """Every chunk in turn is the last one that comes; the program ends there and is started again."""
    seat = seat_for(house, house.school.deputy)
    told: list[Progress] = []
    shown: list[int] = []
    meetings, fetched = 0, 0

    def count(*_: Any) -> None:
        nonlocal fetched
        fetched += 1

    while not seat.journal.scope:
        meetings += 1
        assert meetings < 100, "it comes to an end"
        seat.journal.watch_loading(told.append)
        seat.server = Loopback(house.office, seat.desk)
        cut_after(seat, 1)
        spy(seat, "chunk", count)
        try:
            seat.meet()
        except ServerAway:
            seat.restart()
            state = queries.sync_state(seat.journal).loading
            shown.append(int(state.removeprefix("загружается журнал: ").removesuffix(" %")))
    chunks = told[-1].total and len(told)
    assert chunks > 5
    assert fetched <= chunks + meetings, "no chunk came twice"
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].percent == 100
    assert 0 < min(shown) < 100, "the status line says how far it is"
    seat.server = Loopback(house.office, seat.desk)
    assert is_right(house, seat) == []


@pytest.mark.usefixtures("small_chunks")
def test_an_interrupted_desk_whose_snapshot_is_gone_begins_a_new_one(house: House) -> None:
    seat, colleague = seat_for(house, house.school.deputy), house.sit_down(house.school.colleague)
    cut_after(seat, 3)
    with pytest.raises(ServerAway):
        seat.meet()
    teach_english(house, colleague)
    house.clock.now += timedelta(days=2)
    with house.office.authority.store.write() as tx:
        stored.drop_all_snapshots(tx)
    seat.server = Loopback(house.office, seat.desk)
    assert is_right(house, seat, colleague) == []
    assert shown(seat, "Lesson", english_lesson(house))["topic"] == "Present Perfect"


@pytest.mark.usefixtures("small_chunks")
def test_a_gain_that_is_taken_back_while_it_is_loaded_leaves_nothing(house: House) -> None:
    teacher, colleague = house.sit_down(house.school.teacher), house.sit_down(house.school.colleague)
    for pupil in house.school.pupils[1::2]:
        colleague.do(put_mark, english_lesson(house), None, pupil, "5")
    teach_english(house, colleague, "Слово-улика-3")
    change_records(house, english_load(house, teacher.person))
    cut_after(teacher, 1)
    with pytest.raises(ServerAway):
        teacher.meet()
    teacher.restart()
    assert f"page:{house.school.english}" in on_disk(teacher) - held(teacher)
    change_records(house, english_load(house, teacher.person, voided=True))
    teacher.server = Loopback(house.office, teacher.desk)
    assert is_right(house, teacher, colleague) == []
    assert traces(teacher._path, teacher._key, ["Слово-улика-3"]) == []


def test_what_is_typed_while_a_page_is_loaded_anew_stays(house: House) -> None:
    colleague = house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    colleague.do(put_mark, english_lesson(house), None, "u-04", "4")
    names = sorted(held(colleague))
    holding.load(colleague.journal, colleague.server, house.server_key, names, repair=True)
    assert shown(colleague, "Mark", f"{english_lesson(house)}.oral.1.u-04")["value"] == "4"
    assert is_right(house, colleague) == []


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(
    "lie",
    {
        "another body": lambda body: wire.compress(wire.decompress(body) + b"\n"),
        "cut": lambda body: body[:-3],
        "nothing": lambda _: b"",
    }.items(),
    ids=lambda lie: lie[0],
)
def test_a_chunk_that_is_not_the_one_of_its_manifest_is_refused(house: House, lie: tuple[str, Any]) -> None:
    seat = seat_for(house, house.school.deputy)
    real = seat.server.chunk

    def twisted(snapshot: str, index: int) -> bytes:
        body = real(snapshot, index)
        return lie[1](body) if index == 2 else body

    seat.server.chunk = twisted  # type: ignore[method-assign]
    with pytest.raises(Trouble) as caught:
        seat.meet()
    assert caught.value.code == "EJ-324"
    assert (seat.journal.state().loaded, seat.journal.cursor, seat.journal.scope) == (2, 0, "")
    seat.server = Loopback(house.office, seat.desk)
    assert is_right(house, seat) == []


# --- history and digests -------------------------------------------------------------------------------------------


def proofs_of(seat: Seat) -> set[str]:
    with seat.journal.reading() as connection:
        return {each.proof for each in slices.held(connection).values()}


def told_of(seat: Seat, record: str) -> int:
    with seat.journal.reading() as connection:
        text = "SELECT count(*) FROM history WHERE record = ?"
        return int(connection.exec_driver_sql(text, (record,)).scalar_one())


def test_the_history_comes_behind_the_snapshot_and_proves_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PAGE_CHANGES", 4)
    colleague = house.sit_down(house.school.colleague)
    for turn in range(4):
        teach_english(house, colleague, f"Тема {turn}")
    deputy = seat_for(house, house.school.deputy)
    monkeypatch.setattr(holding, "PATIENCE", -1.0)
    pages, said = 0, set[str]()
    for _ in range(200):
        holding_meeting(deputy)
        deputy.restart()
        pages += 1
        said.add(queries.holding_state(deputy.journal).sentence)
        if proofs_of(deputy) == {"proved"}:
            break
    assert any(each.startswith("история загружается: ") for each in said)
    assert queries.history_of_page(deputy.journal, house.school.english) == "proved"
    assert pages > 5, "page by page, over restarts"
    assert told_of(deputy, english_lesson(house)) == 4
    assert is_right(house, deputy, colleague) == []


def holding_meeting(seat: Seat) -> None:
    if seat.journal.scope:
        learn(seat.journal, seat.server, seat.house.server_key, -1.0)
    else:
        seat.meet()


@pytest.mark.logs("records differ from their history")
@pytest.mark.parametrize("altered", ["fields", "away"])
def test_a_record_that_the_server_altered_is_found_by_its_history(house: House, altered: str) -> None:
    """The administrator edits the store itself: the log stays true, the record does not."""
    colleague = house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    with house.office.authority.store.write() as tx:
        run = tx.connection.exec_driver_sql
        mark = f"{english_lesson(house)}.oral.1.u-02"
        if altered == "fields":
            run('UPDATE record SET fields = replace(fields, \'"value":"5"\', \'"value":"2"\') WHERE id = ?', (mark,))
        else:
            run("DELETE FROM record WHERE id = ?", (mark,))
    deputy = seat_for(house, house.school.deputy)
    with pytest.raises(AlteredRecords):
        deputy.meet()
    with deputy.journal.reading() as connection:
        bad = {name for name, each in slices.held(connection).items() if each.proof == "differs"}
    assert bad == {f"page:{house.school.english}"}
    assert queries.holding_state(deputy.journal).unproved == (house.school.english,)
    assert [(n.code, n.slices) for n in queries.slice_notices(deputy.journal)] == [("EJ-266", 1)]
    assert [(n.code, n.slices) for n in deputy.journal.state().notices] == [("EJ-266", tuple(bad))]
    deputy.meet()  # said once; the desk goes on


def test_the_history_of_one_record_comes_at_once_when_somebody_looks_at_it(house: House) -> None:
    colleague = house.sit_down(house.school.colleague)
    for turn in range(3):
        teach_english(house, colleague, f"Тема {turn}")
    deputy = seat_for(house, house.school.deputy)
    holding.follow_scope(deputy.journal, deputy.server, house.server_key)
    lesson = english_lesson(house)
    assert told_of(deputy, lesson) == 0
    for _ in range(2):
        assert holding.learn_of(deputy.journal, deputy.server, house.server_key, "Lesson", lesson) == 3
    assert told_of(deputy, lesson) == 3
    real = deputy.server.history_of

    def of_another(kind: str, record: str) -> Any:
        page = real("Lesson", lesson)
        other = replace(page.lines[-1].change, set={"topic": "Подмена"})
        return replace(page, lines=(*page.lines[:-1], replace(page.lines[-1], change=other)))

    deputy.server.history_of = of_another  # type: ignore[method-assign]
    for record in (lesson, "another"):
        with pytest.raises(Trouble) as caught:
            holding.learn_of(deputy.journal, deputy.server, house.server_key, "Lesson", record)
        assert caught.value.code == "EJ-324"


@pytest.mark.parametrize("lie", ["left out", "verdict altered"])
def test_a_history_that_is_not_the_signed_one_is_refused(house: House, lie: str) -> None:
    colleague = house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    deputy = seat_for(house, house.school.deputy)
    real = deputy.server.history

    def twisted(names: Any, after: int, upto: int) -> Any:
        page = real(names, after, upto)
        last = page.lines[-1]
        altered = replace(last, verdict=replace(last.verdict, at="2026-01-01T00:00:00.000Z"))
        return replace(page, lines=page.lines[:-1] if lie == "left out" else (*page.lines[:-1], altered))

    deputy.server.history = twisted  # type: ignore[method-assign]
    with pytest.raises(Trouble) as caught:
        deputy.meet()
    assert caught.value.code == "EJ-324"
    assert "proved" not in proofs_of(deputy)


@pytest.mark.logs("content differs")
@pytest.mark.parametrize("damage", ["altered", "gone", "invented"])
def test_a_damaged_row_is_found_within_the_hour_and_put_right(house: House, damage: str) -> None:
    colleague = house.sit_down(house.school.colleague)
    teach_english(house, colleague)
    colleague.meet()
    mark = f"{english_lesson(house)}.oral.1.u-02"
    with colleague.journal.receiving() as connection:
        run = connection.exec_driver_sql
        if damage == "altered":
            run("UPDATE mark SET value = '2' WHERE id = ?", (mark,))
        elif damage == "gone":
            run("DELETE FROM mark WHERE id = ?", (mark,))
        else:
            run("INSERT INTO mark (id, mark_column_id, pupil_id, value, log_number) "
                "VALUES (? || 'x', ?, 'u-04', '5', 1)", (mark, mark.rsplit(".", 1)[0]))  # fmt: skip
    colleague.meet()
    assert colleague.journal.state().notices == ()
    house.clock.now += timedelta(hours=1)
    colleague.meet()
    assert shown(colleague, "Mark", mark)["value"] == "5"
    assert [n.code for n in colleague.journal.state().notices] == ["EJ-267"]
    assert is_right(house, colleague) == []
    house.clock.now += timedelta(hours=1)
    colleague.meet()
    assert len(colleague.journal.state().notices) == 1, "put right once is right"


def test_nothing_is_compared_while_entries_are_on_their_way(house: House) -> None:
    colleague = house.sit_down(house.school.colleague)
    house.clock.now += timedelta(hours=2)
    asked: list[Any] = []
    spy(colleague, "digests", lambda *given: asked.append(given))
    colleague.do(put_mark, house.school.today_lesson, None, "u-01", "5")
    assert holding.compare(colleague.journal, colleague.server, house.server_key) == 0
    assert asked == []
    colleague.meet()
    assert asked != []


def test_a_page_out_of_sight_cannot_be_written(house: House) -> None:
    teacher = house.sit_down(house.school.teacher)
    with pytest.raises(Refusal):
        put_mark(teacher.journal, english_lesson(house), None, "u-02", "5")

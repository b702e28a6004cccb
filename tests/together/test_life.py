"""The life of a desk: cloned, revoked, its password forgotten or changed, its work carried on a stick."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ejournal_core import ids, wire
from ejournal_desktop import paths, vault
from ejournal_desktop.models import desk as desk_files
from ejournal_desktop.models import queries
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.commands.workplaces import answer_for_workplace
from ejournal_desktop.models.outgoing_folder import export_sealed, import_sealed, undelivered
from ejournal_desktop.sync import anew, desks
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_desktop.sync.server import ServerRefused
from ejournal_desktop.sync.session import Session
from ejournal_server import accounts, quarantine, revocation
from tests.together.town import PASSWORD, Town, mark_on

PLACE = "staffroom"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs."""
    with Town(tmp_path) as made:
        yield made


@pytest.fixture
def column(town: Town) -> str:
    return ids.mark_column(town.school.today_lesson, "oral", 1)


def write(town: Town, desk: OpenDesk, pupil: str, value: str) -> None:
    """Put a mark at today's lesson."""
    put_mark(desk.journal, town.school.today_lesson, None, pupil, value)


def sign_in(town: Town, place: str, desk: vault.Desk, password: str = PASSWORD, old: str = "") -> OpenDesk:
    """Sign in as the program does."""
    with town.on(place):
        return town._kept(anew.sign_in(desk, password, town.workstation(place), town.clock, old))


def told(call: Callable[[], object]) -> str:
    """Return what the server answered."""
    with pytest.raises(ServerRefused) as refused:
        call()
    return refused.value.answer


def cloned(town: Town, desk: OpenDesk, to: str) -> vault.Desk:
    """Copy a computer's whole disk, its half of the key too, to another one; return the desk there."""
    desk.close()
    shutil.copytree(town.root / PLACE, town.root / to)
    with town.on(to):
        return vault.list_desks(paths.desks_folder())[0]


def held(town: Town) -> list[tuple[str, str, list[object]]]:
    """Return what waits in quarantine: whose, why, and the values that can be read there."""
    return [
        (each.person, each.reason, [change.set.get("value") for change in each.changes])
        for each in quarantine.things(town.office.authority)
    ]


def test_both_copies_of_a_cloned_desk_go_on_and_nothing_of_either_is_lost(town: Town, column: str) -> None:
    first = town.sit_down(PLACE, town.school.teacher)
    write(town, first, "u-01", "5")
    town.meet(first, PLACE)
    known = first.unlocked.desk
    copy = cloned(town, first, "clone")
    one, two = sign_in(town, PLACE, known), sign_in(town, "clone", copy)
    write(town, one, "u-02", "4")
    write(town, two, "u-03", "3")
    town.meet(one, PLACE)
    assert told(lambda: town.meet(two, "clone")) == "EJ-382"
    write(town, two, "u-04", "2")
    two.close()
    fresh = sign_in(town, "clone", copy)  # on the spot, by the same password
    assert fresh.unlocked.desk.id != copy.id
    state = fresh.journal.state()
    assert (state.anew, state.left_behind) == ("EJ-382", 2)
    assert [mark_on(fresh.journal, column, pupil) for pupil in ("u-01", "u-02", "u-03")] == ["5", "4", None]
    write(town, fresh, "u-05", "5")
    town.meet(fresh, "clone")
    assert told(lambda: town.meet(one, PLACE)) == "EJ-382"  # the other branch hears it too
    one.close()
    other = sign_in(town, PLACE, known)
    assert mark_on(other.journal, column, "u-05") == "5"
    assert sorted(values for _, _, values in held(town)) == [["2"], ["3"]]
    assert {person for person, _, _ in held(town)} == {town.school.teacher}
    with town.on("clone"):
        assert [desk.id for desk in vault.list_desks(paths.desks_folder())] == [fresh.unlocked.desk.id]
        assert copy.file.exists()  # the old branch stays on the disk


def test_a_frozen_desk_without_the_server_still_opens(town: Town) -> None:
    first = town.sit_down(PLACE, town.school.teacher)
    first.journal.note(closed="EJ-382")
    first.close()
    town.server.stop()
    again = sign_in(town, PLACE, first.unlocked.desk)
    assert again.unlocked.desk.id == first.unlocked.desk.id
    write(town, again, "u-01", "5")


def test_a_revoked_desk_is_told_so_locks_and_keeps_its_unsent_work(town: Town, column: str) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    known = desk.unlocked.desk
    session = Session(desk, None, lambda _: None)
    revocation.revoke_desk(town.office.authority, known.id, "утерян")
    write(town, desk, "u-01", "5")
    assert told(lambda: town.meet(desk, PLACE)) == "EJ-392"
    assert len(desk.journal.outbox()) == 3  # lesson, column, mark: nothing has left
    session.lock()
    with pytest.raises(anew.DeskRevoked):
        session.unlock(PASSWORD)
    assert session.is_locked
    session.close()
    town.server.stop()
    with pytest.raises(anew.DeskRevoked):
        sign_in(town, PLACE, known)
    with town.on(PLACE):
        assert undelivered(paths.outgoing_folder())[known.id] > 0
    town.server.start()
    fresh = sign_in(town, PLACE, known)
    assert (fresh.journal.state().anew, mark_on(fresh.journal, column, "u-01")) == ("EJ-392", None)
    assert [(reason, values[-1]) for _, reason, values in held(town)] == [("EJ-392", None)] * 2 + [("EJ-392", "5")]


def test_from_a_revoked_computer_nobody_signs_in_and_nothing_is_delivered(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    write(town, desk, "u-01", "5")
    desk.journal.flush()
    with town.on(PLACE):
        place = town.workstation(PLACE)
        revocation.revoke_workstation(town.office.authority, place.id, "украден")
        assert told(lambda: desks.deliver_sealed(place, paths.outgoing_folder())) == "EJ-393"
        colleague = wire.PersonLine(id=town.school.colleague, name="", short_name="")
        code = town.codes[town.school.colleague]
        assert told(lambda: desks.open_first(place, colleague, code, PASSWORD, town.clock)) == "EJ-393"
        stick = town.root / "stick"
        stick.mkdir()
        assert export_sealed(paths.outgoing_folder(), place.school, stick) > 0
    with town.on("elsewhere"):  # the honest unsent work comes by another computer, and waits for two people
        other = town.workstation("elsewhere")
        assert import_sealed(stick, other.school, paths.outgoing_folder()) > 0
        assert desks.deliver_sealed(other, paths.outgoing_folder()).delivered > 0
        assert undelivered(paths.outgoing_folder()) == {}  # nobody here will ever settle it
    assert {reason for _, reason, _ in held(town)} == {"EJ-392"}


def test_a_forgotten_password_costs_a_new_desk_and_not_an_entry(town: Town, column: str) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    town.sit_down("office", town.school.deputy)
    write(town, desk, "u-01", "5")
    desk.journal.flush()
    desk.close()
    authority = town.office.authority
    code = accounts.new_activation_code(authority, town.school.teacher, town.school.deputy, PASSWORD)
    with town.on(PLACE):
        place = town.workstation(PLACE)
        with place.connect() as server:
            person = next(line for line in server.people() if line.id == town.school.teacher)
        fresh = town._kept(desks.open_first(place, person, code, "другой пароль 16", town.clock))
        assert [known.id for known in vault.list_desks(paths.desks_folder())] == [fresh.unlocked.desk.id]
        assert desks.deliver_sealed(place, paths.outgoing_folder()).waiting == 0
        assert undelivered(paths.outgoing_folder()) == {}
    town.meet(fresh, PLACE)
    assert mark_on(fresh.journal, column, "u-01") == "5"


def test_a_forgotten_password_with_a_damaged_sealed_file_costs_what_was_not_delivered_and_no_more(
    town: Town, column: str
) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    town.sit_down("office", town.school.deputy)
    write(town, desk, "u-01", "5")
    town.meet(desk, PLACE)
    write(town, desk, "u-02", "4")
    desk.journal.flush()
    desk.close()
    authority = town.office.authority
    code = accounts.new_activation_code(authority, town.school.teacher, town.school.deputy, PASSWORD)
    with town.on(PLACE):
        (sealed,) = paths.outgoing_folder().glob("*.sealed")
        content = bytearray(sealed.read_bytes())
        content[40] ^= 1  # of the first record that is not delivered
        sealed.write_bytes(content)
        place = town.workstation(PLACE)
        with place.connect() as server:
            person = next(line for line in server.people() if line.id == town.school.teacher)
        fresh = town._kept(desks.open_first(place, person, code, "другой пароль 16", town.clock))
        found = desks.deliver_sealed(place, paths.outgoing_folder())
        assert (found.delivered, found.damaged > 0) == (0, True)
        assert desk.unlocked.desk.id in undelivered(paths.outgoing_folder()), "Вход goes on counting it"
        assert sealed.read_bytes() == content, "nothing of it is thrown away"
    town.meet(fresh, PLACE)
    assert mark_on(fresh.journal, column, "u-01") == "5"
    assert mark_on(fresh.journal, column, "u-02") is None


def test_a_new_workplace_asks_whether_it_is_you_and_a_denied_one_is_frozen(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    town.sit_down("office", town.school.deputy)
    other = town.sit_down("home", town.school.teacher)
    town.meet(desk, PLACE)
    (new,) = queries.new_workplaces(desk.journal)
    assert (new.desk_id, new.place, new.own, new.after_reset) == (other.unlocked.desk.id, "home", True, False)
    answer_for_workplace(desk.journal, new.desk_id, is_mine=False)
    assert queries.new_workplaces(desk.journal) == []
    town.meet(desk, PLACE)
    assert told(lambda: town.meet(other, "home")) == "EJ-382"
    again = sign_in(town, "home", other.unlocked.desk)
    opened = queries.opened_anew(again.journal)
    assert opened is not None
    assert opened.reason == "EJ-382"


def test_what_others_delivered_is_settled_at_the_authors_next_sign_in(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    write(town, desk, "u-01", "5")
    desk.journal.flush()
    desk.close()
    with town.on(PLACE):
        place = town.workstation(PLACE)
        delivered = desks.deliver_sealed(place, paths.outgoing_folder())
        assert (delivered.delivered > 0, delivered.waiting, delivered.damaged) == (True, 0, 0)
        assert undelivered(paths.outgoing_folder()) != {}  # its own desk settles it
    again = sign_in(town, PLACE, desk.unlocked.desk)
    town.meet(again, PLACE)
    again.journal.flush()
    assert again.journal.outbox() == []
    with town.on(PLACE):
        assert undelivered(paths.outgoing_folder()) == {}


def test_a_password_changed_on_another_computer_is_asked_for_with_the_old_one_once(town: Town) -> None:
    here, there = town.sit_down(PLACE, town.school.teacher), town.sit_down("home", town.school.teacher)
    here.close()
    there.close()
    new = "совсем новый пароль"
    with town.on("home"):
        anew.change_password(there.unlocked.desk, PASSWORD, new, town.workstation("home"))
    with pytest.raises(anew.PasswordChangedElsewhere):
        sign_in(town, PLACE, here.unlocked.desk, new)
    with pytest.raises(vault.WrongPassword):
        sign_in(town, PLACE, here.unlocked.desk, new, old="не тот прежний")
    assert sign_in(town, PLACE, here.unlocked.desk, new, old=PASSWORD).unlocked.desk.id == here.unlocked.desk.id
    assert sign_in(town, "home", there.unlocked.desk, new).unlocked.desk.id == there.unlocked.desk.id
    with pytest.raises(vault.WrongPassword):
        sign_in(town, "home", there.unlocked.desk, PASSWORD)


def test_a_password_that_is_tried_first_is_refused_by_the_server_too_and_the_old_one_holds(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    place = town.workstation(PLACE)
    desk.close()
    with town.on(PLACE):
        assert told(lambda: anew.change_password(desk.unlocked.desk, PASSWORD, "gfhjkm2026", place)) == "EJ-544"
    assert sign_in(town, PLACE, desk.unlocked.desk, PASSWORD).journal.identity.person_id == town.school.teacher


def test_a_change_of_password_whose_answer_was_lost_is_ended_by_the_same_change_again(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    desk.close()
    place, new = town.workstation(PLACE), "совсем новый пароль"
    with town.on(PLACE), place.connect() as server:  # it took the password, and nobody heard of it
        server.certify_desk(wire.DeskRequest(person=desk.unlocked.desk.person_id, secret=PASSWORD, new_password=new,
                                             public_key=""))  # fmt: skip
    with town.on(PLACE):
        assert told(lambda: anew.change_password(desk.unlocked.desk, PASSWORD, "третий пароль", place)) == "EJ-374"
        anew.change_password(desk.unlocked.desk, PASSWORD, new, place)
    assert sign_in(town, PLACE, desk.unlocked.desk, new).unlocked.desk.id == desk.unlocked.desk.id


def test_a_program_that_ends_between_key_and_journal_leaves_no_desk_that_does_not_open(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(desks, "create_journal", ends)
    with pytest.raises(KeyboardInterrupt):
        town.sit_down(PLACE, town.school.teacher)
    with town.on(PLACE):
        assert vault.list_desks(paths.desks_folder()) == []
    monkeypatch.setattr(desks, "create_journal", desk_files.create_journal)
    desk = town.sit_down(PLACE, town.school.teacher)  # by the password that the code has set
    with town.on(PLACE):
        assert [known.id for known in vault.list_desks(paths.desks_folder())] == [desk.unlocked.desk.id]


def test_the_signing_key_leaves_memory_with_the_files_key(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    key = desk.journal.identity.signing_key
    session = Session(desk, None, lambda _: None)
    session.lock()
    assert desk.journal.identity.signing_key == b""
    session.unlock(PASSWORD)
    assert desk.journal.identity.signing_key == key
    write(town, desk, "u-01", "5")
    session.close()


def test_the_shared_folder_with_traps_in_it_is_delivered_all_the_same(town: Town) -> None:
    desk = town.sit_down(PLACE, town.school.teacher)
    write(town, desk, "u-01", "5")
    desk.journal.flush()
    with town.on(PLACE):
        place, folder = town.workstation(PLACE), paths.outgoing_folder()
        os.mkfifo(folder / f"{place.school}.pipe.sealed")
        (folder / f"{place.school}.rubbish.sealed").write_bytes(b"\x00\x00\x00\x20" + bytes(32))
        (folder / "another-school.desk.sealed").write_bytes(b"\x00\x00\x00\x20" + bytes(32))
        delivered = desks.deliver_sealed(place, folder)
    assert (delivered.delivered > 0, delivered.damaged) == (True, 1)

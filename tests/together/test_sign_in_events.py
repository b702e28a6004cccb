"""Who was at the journal and who guessed at its password: told by the desk itself, read by the administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ejournal_core.kinds import AuditEvent
from ejournal_desktop.models import queries
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from tests.together.conftest import Start
from tests.together.test_program import sign_in
from tests.together.town import PASSWORD, Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Give a school whose server runs; one store is enough, the window cannot tell them apart."""
    with Town(tmp_path) as made:
        yield made


def told(journal: Journal) -> list[tuple[str, int]]:
    """Return what the desk holds of the teacher's events, and how many of what."""
    with journal.reading() as connection:
        found = select_records(connection, AuditEvent, person_id="p-teacher")
    return sorted((each.event, each.number) for each in found)


def test_signing_in_is_told_with_the_wrong_passwords_before_it_and_counts_as_nobodys_entry(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    desk = program.entrance.known_desks()[0].id
    program.entrance.sign_in(desk, "не тот пароль")
    qtbot.waitUntil(lambda: "Пароль не подошёл" in program.window.sign_in.people.message, timeout=20_000)
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    assert told(journal) == [("signed_in", 0), ("wrong_password", 1)]
    state = queries.sync_state(journal)
    assert (state.saved, state.waiting, state.delivered, state.rows) == (0, 0, 0, ())
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=20_000)
    director = town.sit_down("office", town.school.deputy)
    assert told(director.journal) == [("signed_in", 0), ("wrong_password", 1)]
    colleague = town.sit_down("home", town.school.colleague)
    assert told(colleague.journal) == []


def test_coming_back_to_a_locked_journal_is_told_once_an_hour_and_a_guess_always(
    town: Town, start: Start, qtbot: QtBot
) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    program = start()
    sign_in(program, qtbot)
    session = program.session
    assert session is not None

    def unlock(*wrong: str) -> list[str]:
        program.window.lock()
        qtbot.waitUntil(lambda: session.is_locked, timeout=20_000)
        for password in wrong:
            program.window.unlock_wanted.emit(password)
            qtbot.waitUntil(lambda: "Пароль не подошёл" in program.window.lock_screen.message, timeout=20_000)
        program.window.unlock_wanted.emit(PASSWORD)
        qtbot.waitUntil(lambda: not program.window.is_locked, timeout=20_000)
        return [event for event, _ in told(session.journal)]

    assert unlock() == ["signed_in"]
    town.clock.now += timedelta(hours=1, minutes=1)
    assert unlock() == ["signed_in", "unlocked"]
    assert unlock("чужой пароль") == ["signed_in", "unlocked", "unlocked", "wrong_password"]


def test_a_journal_opened_offline_says_so_when_the_server_is_back(town: Town, start: Start, qtbot: QtBot) -> None:
    town.sit_down("staffroom", town.school.teacher).close()
    town.server.stop()
    program = start()
    sign_in(program, qtbot)
    assert program.session is not None
    journal = program.session.journal
    assert told(journal) == [("signed_in", 0)]
    assert queries.sync_state(journal, rows=False).waiting == 0
    town.server.start()
    program.session.sync_now()
    qtbot.waitUntil(lambda: not journal.is_anything_unsent(), timeout=20_000)
    director = town.sit_down("office", town.school.deputy)
    assert told(director.journal) == [("signed_in", 0)]

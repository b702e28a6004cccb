"""A school restored twice, by machines whose clocks do not agree: epochs are numbered by clocks, and the later one may
have the smaller number. Desks that know the larger one say what to do, and one command at the server lets them come.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ejournal_core.age_file import BackupIdentity
from ejournal_desktop.sync.epoch import EarlierEpoch
from ejournal_desktop.sync.trust import BrokenHistory
from ejournal_desktop.ui.errors import explain
from ejournal_server import backups, epochs, folder
from ejournal_server.epochs import NotBehind
from tests.desktop.sync.test_lying_server import everything
from tests.helpers.chaos import Log, Seat
from tests.together.test_left_behind_copies import ENTERED, assert_whole, write
from tests.together.test_restored_school import OPENING, Story
from tests.together.town import Server, Town


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.house.close()


def set_server_clock(story: Story, apart: timedelta) -> None:
    """Let the machine that is restored to next have a clock that is so far from the desks'."""
    story.house._server_clock = lambda: story.house.clock() + apart  # type: ignore[method-assign]


def restored_by_a_slow_clock(story: Story) -> int:
    """Restore a school, and once more on a machine whose clock is behind; return the epoch of the first restore.

    Teacher and colleague have worked in it, the deputy was away.
    """
    write(story, "u-01")
    source = story.back_up()
    write(story, "u-02")
    story.restore(source)
    write(story, "u-03")
    known = Log(story.house.office).head.epoch
    set_server_clock(story, timedelta(minutes=-10))
    story.restore(source)
    assert Log(story.house.office).head.epoch < known
    return known


def refusal(seat: Seat) -> BrokenHistory:
    """Return why a desk does not believe the server; nothing of the desk has changed."""
    before = everything(seat)
    with pytest.raises(BrokenHistory) as caught:
        seat.meet()
    assert everything(seat) == before
    return caught.value


def test_desks_that_know_a_later_number_name_it_and_change_nothing(story: Story) -> None:
    known = restored_by_a_slow_clock(story)
    story.mark(story.teacher, "u-04", "5")
    for seat in (story.teacher, story.colleague):
        trouble = refusal(seat)
        assert isinstance(trouble, EarlierEpoch)
        assert f"open-epoch --after {known}»" in explain(trouble).text
    story.meet(story.deputy)  # who was away since before the first restore knows of none


@pytest.mark.parametrize("order", ["teacher colleague deputy", "deputy colleague teacher"])
def test_once_the_server_goes_beyond_that_number_all_desks_come_and_nothing_is_lost(story: Story, order: str) -> None:
    known = restored_by_a_slow_clock(story)
    story.mark(story.teacher, "u-04", "5")
    story.meet(story.deputy)
    epochs.open_epoch(story.house.office.authority, OPENING, known)
    assert Log(story.house.office).head.epoch > known
    assert_whole(story, *(getattr(story, name) for name in order.split()))


def test_a_first_restore_in_the_year_after_next_keeps_nobody_from_the_second(story: Story) -> None:
    """Then it is the second clock that is right: no clock tells, the number does."""
    source = story.back_up()
    set_server_clock(story, timedelta(days=700))
    story.restore(source)
    story.meet(story.teacher)
    set_server_clock(story, timedelta(seconds=2))
    story.restore(source)
    trouble = refusal(story.teacher)
    epochs.open_epoch(story.house.office.authority, OPENING, int(trouble.details["known"]))
    story.mark(story.teacher, "u-01", "4")
    story.meet(story.teacher)
    assert set(story.ended().values()) <= ENTERED
    assert_whole(story)


def test_an_old_server_that_is_switched_on_again_draws_no_desk_back(story: Story) -> None:
    """Whoever has worked with it knows that it was left; whoever has not names both ways. Neither follows it."""
    source = story.back_up()
    story.restore(source)
    story.meet(story.teacher)
    old = story.back_up()
    story.restore(source)
    story.meet(story.teacher, story.colleague)
    story.restore(old, opening=None)
    assert refusal(story.teacher).code == "EJ-324"
    assert refusal(story.colleague).code == "EJ-255"


def test_a_number_that_the_school_has_passed_opens_nothing(story: Story) -> None:
    known = restored_by_a_slow_clock(story)
    authority = story.house.office.authority
    for passed in (1, Log(story.house.office).head.epoch):
        with pytest.raises(NotBehind):
            epochs.open_epoch(authority, OPENING, passed)
    epochs.open_epoch(authority, OPENING, known)
    with pytest.raises(NotBehind):
        epochs.open_epoch(authority, OPENING, known)


def serve_again(town: Town, safe: BackupIdentity, name: str, behind: timedelta) -> Path:
    """Let a server that is restored by a clock so far behind take the place of the town's; return its folder."""
    town.server.stop(kill=True)
    data, moment, port = town.root / name, town.server.moment, town.server.port
    backups.restore_school(town.root / "usb", safe.secret, data)
    with contextlib.closing(folder.open_office(data, None, lambda: moment - behind)) as office:
        epochs.open_epoch(office.authority, OPENING)
    town.server = Server(data, moment)
    town.server.port = port
    town.server.start()
    return data


def test_the_command_lets_a_desk_come_while_the_server_goes_on_serving(town: Town) -> None:
    safe = backups.new_recovery_key(town.office)
    desk = town.sit_down("staffroom", town.school.teacher)
    backups.back_up(town.office, [town.root / "usb"])
    serve_again(town, safe, "first", timedelta())
    town.meet(desk, "staffroom")
    data = serve_again(town, safe, "second", timedelta(hours=1))
    with pytest.raises(EarlierEpoch) as caught:
        town.meet(desk, "staffroom")
    order = ["--reason", "часы отставали", "--first", OPENING.first_person, "--second", OPENING.second_person]
    line = ["open-epoch", "--data", str(data), "--after", str(caught.value.details["known"]), *order]
    done = subprocess.run([sys.executable, "-m", "ejournal_server", *line], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    town.meet(desk, "staffroom")
    assert desk.journal.head is not None
    assert str(desk.journal.head.epoch) in done.stdout

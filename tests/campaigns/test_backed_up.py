"""What the server signed is in every later backup: stories end with a real backup, and a school made again from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core.age_file import BackupIdentity
from ejournal_server import backups, folder, generations, keys
from ejournal_server.generations import Recipients
from tests.campaigns import hardships  # noqa: F401 (its acts make themselves known)
from tests.campaigns.acts import perform
from tests.campaigns.ledger_copy import Raw, lines_of
from tests.campaigns.story import story
from tests.campaigns.world import World, living

SEEDS = (0, 24, 49)


def missing(seed: int, root: Path) -> list[str]:
    """Live through a story with a backup in its middle and one at its end; say what the school made again lacks."""
    told = story(seed)
    safe = BackupIdentity.new()
    with living(told.plan) as world:
        for step in told.steps:
            world.begin(step)
            perform(world, step)
            if step.number in (len(told.steps) // 2, len(told.steps)):
                _back_up(world, root, safe)
        backups.restore_school(root / "usb", safe.secret, root / "again")
        return list(_differences(world, root / "again"))


def _back_up(world: World, root: Path, safe: BackupIdentity) -> None:
    office = world.office
    generations.make_generation(office.authority, root / "usb", Recipients(recovery=safe.recipient), office.ca_pem)


def _differences(world: World, again: Path) -> Iterator[str]:
    master = keys.find_master(again, world.office.authority.school)
    with (
        Raw(world.ground.server_disk.path, world.ground.store_key) as raw,
        Raw(again / folder.STORE, keys.derive(master.key, "store")) as restored,
    ):
        here = {line.id: (line.number, line.outcome, line.leaf) for line in lines_of(restored)}
        for change, told in world.given.items():
            if here.get(change, ())[:2] != told:
                yield f"I1: {change} was acknowledged as {told} and is {here.get(change)} in the backup"
        if here != {line.id: (line.number, line.outcome, line.leaf) for line in lines_of(raw)}:
            yield "I4: the log of the school made again is another one"
        query = "SELECT kind, id, fields, number FROM record ORDER BY kind, id"
        if raw.rows(query) != restored.rows(query):
            yield "I4: the records of the school made again are others"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_school_made_again_from_its_backup_holds_all_that_was_acknowledged(seed: int, tmp_path: Path) -> None:
    assert missing(seed, tmp_path) == []


def test_a_restore_that_takes_an_older_generation_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_order = generations.generations
    monkeypatch.setattr(generations, "generations", lambda place: in_order(place)[:1])
    assert any(each.startswith("I1") for each in missing(SEEDS[0], tmp_path))

"""The register of drives with backups on its way: to whoever sees it, and onto nobody else's disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ejournal_core.errors import Refusal
from ejournal_core.kinds import RoleGrant
from ejournal_desktop.models.commands.drives import keep_drive, record_custody, record_proof
from ejournal_desktop.models.queries.drives import drives_kept
from tests.helpers.chaos import House, meet
from tests.helpers.raw_pages import traces
from tests.helpers.school import YEAR_START, small_school

ROOM = "каб. 12, сейф за шкафом"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    extra = [RoleGrant(id="r-office", person_id="p-colleague", role="administrator", since=YEAR_START),
             RoleGrant(id="r-head", person_id="p-deputy", role="director", since=YEAR_START)]  # fmt: skip
    house = House(tmp_path, small_school(8, extra))
    yield house
    house.close()


def test_the_register_goes_to_the_director_and_to_no_teacher(house: House) -> None:
    administrator, director = house.sit_down(house.school.colleague), house.sit_down("p-deputy")
    teacher = house.sit_down(house.school.teacher)
    keep_drive(administrator.journal, "card-1", "Синяя", holder="Громова В. П.", room="каб. 5")
    record_proof(administrator.journal, "card-1", "20260915-100000-00", held=1, free=3 * 1024**3, sheet="0123 4567")
    record_custody(administrator.journal, "card-1", takes="Громова В. П.", room=ROOM, reason="на хранение")
    meet(administrator, director, teacher)
    (seen,) = drives_kept(director.journal)
    assert (seen.label, seen.room, seen.generation, seen.free_mib, seen.held) == (
        "Синяя", ROOM, "20260915-100000-00", 3 * 1024, 1)  # fmt: skip
    assert traces(director._path, director._key, [ROOM]), "the search finds what is there"
    assert traces(teacher._path, teacher._key, [ROOM, "Синяя"]) == []
    assert drives_kept(teacher.journal) == ()
    with pytest.raises(Refusal, match="Реестр носителей ведёт администратор"):
        keep_drive(director.journal, "card-2", "Красная")

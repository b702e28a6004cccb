"""Two USB sticks in a small machine of QEMU, pulled out in the middle: run by `make campaign`, not by the test command.

    python -m pytest tests/campaigns/sticks/sticks.py

Where a Debian package is missing, or the kernel cannot be downloaded, the tests are skipped and say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.sticks.guest import BLUE, RED
from tests.campaigns.sticks.machine import Unavailable, tell_story
from tests.faults.amounts import amount

MOMENTS = amount("STICKS", 8)

Facts = dict[str, Any]


def story(folder: Path, moments: int, plant: str = "") -> list[Facts]:
    """Return what the guest told."""
    try:
        return tell_story(folder, moments, plant)
    except Unavailable as why:
        pytest.skip(str(why))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Facts]:
    """Give the story of a boot."""
    return story(tmp_path_factory.mktemp("sticks"), MOMENTS)


def step(told: list[Facts], name: str) -> Facts:
    """Return the one thing that the guest told under a name."""
    (found,) = [each for each in told if each.get("step") == name]
    return found


def wrong(told: list[Facts]) -> Iterator[str]:
    """Yield what became of a stick that was pulled out and is not as it was said."""
    claims, findings = ([each for each in told if each.get("step") == name] for name in ("said", "pulled"))
    for said, after in zip(claims, findings, strict=False):  # the story may have ended between the two
        blue, red, look = after["sticks"][BLUE], after["sticks"][RED], after["look"]
        results = {each["drive"]: each for each in said["results"]}
        if not results["Синий"]["proved"] or blue["whole"] != ["older", "newer"]:
            yield f"pulled at {look}: the other stick is not whole"
        if results["Красный"]["proved"] and "newer" not in red["whole"]:
            yield f"pulled at {look}: the stick is called проверено and is not whole"
        if not results["Красный"]["proved"] and results["Красный"]["code"] != "EJ-359":
            yield f"pulled at {look}: {results['Красный']['text']}"
        if "older" not in red["whole"] or len(visible(red)) != len(red["whole"]):
            yield f"pulled at {look}: {red['names']} of which {red['whole']} are whole"
        if set(red["states"].values()) != {"proved"} or after["left"]:
            yield f"pulled at {look}: {red['states']}, and where it was mounted lies {after['left']}"
        mended = after["mended"][RED]
        if not all(each["proved"] for each in after["again"]) or mended["whole"] != ["older", "newer"]:
            yield f"pulled at {look}: the next run does not make it good: {after['again']}"
        if any(name.startswith(".") for name in mended["names"]):
            yield f"pulled at {look}: the next run leaves {mended['names']}"
    yield from (each["failed"] for each in told if "failed" in each)


def visible(stick: Facts) -> list[str]:
    """Return the generations that are visible on a stick."""
    return [name for name in stick["names"] if name[:1].isdigit()]


def test_two_sticks_are_two_devices_with_numbers_of_their_own(told: list[Facts]) -> None:
    volumes = step(told, "offered")["volumes"]
    assert [each["file_system"] for each in volumes] == ["vfat", "vfat"]
    assert all(each["removable"] and not each["system"] for each in volumes)
    assert len({tuple(each["devices"]) for each in volumes}) == 2
    assert len({each["uuid"] for each in volumes} - {""}) == 2
    assert [each["trouble"] for each in volumes] == ["EJ-356", "EJ-356"]


def test_two_partitions_of_one_stick_are_one_drive(told: list[Facts]) -> None:
    assert step(told, "partitions")["code"] == "EJ-448"


@pytest.mark.parametrize("name", ["older", "newer"])
def test_both_sticks_are_written_and_proved(told: list[Facts], name: str) -> None:
    written = step(told, name)
    assert [each["proved"] for each in written["results"]] == [True, True]
    assert all(name in stick["whole"] for stick in written["sticks"].values())


def test_a_stick_pulled_out_at_any_moment_is_said_so_and_the_next_run_makes_it_good(
    told: list[Facts], record_property: Callable[[str, object], None]
) -> None:
    record_property("times a stick was pulled out", MOMENTS)
    assert list(wrong(told)) == []
    assert len([each for each in told if each.get("step") == "pulled"]) == MOMENTS


def test_a_full_stick_and_a_closed_one_are_named_and_keep_what_they_had(told: list[Facts]) -> None:
    for name, code in (("full", "EJ-358"), ("read_only", "EJ-331")):
        there = step(told, name)
        assert [(each["drive"], each["proved"]) for each in there["results"]] == [("Синий", True), ("Красный", False)]
        assert there["results"][1]["code"] == code
        assert "Прежние копии целы" in there["results"][1]["text"]
        assert there["sticks"][RED]["whole"] == ["older"]
        assert visible(there["sticks"][RED]) == visible(there["sticks"][BLUE])[:1]
    assert step(told, "read_only")["known"]


def test_a_program_that_leaves_a_new_name_to_the_system_is_found(tmp_path: Path) -> None:
    """The negative control: whoever believes «проверено» and takes the stick has nothing on it."""
    assert list(wrong(story(tmp_path, 2, "careless"))) != []

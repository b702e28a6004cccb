"""The campaigns in large amounts, with a report: `make campaign`, `EJOURNAL_CAMPAIGN="SEEDS=100000 CLOCKS=2000"`.

Amounts: SEEDS stories, FAULTS seeds to look for a planted fault that its noted story misses, CLOCKS pairs of stories,
DAYS of a school year under long partitions (the soak), FIRST the first seed; IMAGES after a loss of power, DAMAGES,
FULL disks, CUT_EVERY so many bytes, FUZZ seconds, KILLS; LIES of a server, HOSTILE generated cases of a client, CLONES;
DRIVES that fail in each way, COPIES of a backup that are damaged, RESTORES on failing disks,
STICKS pulled out in QEMU.
Names of planted faults as arguments look for these alone.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

from msgspec import Struct

from tests.campaigns import clocks, hunt, year
from tests.campaigns.planted import FAULTS
from tests.campaigns.play import play
from tests.campaigns.shrink import told
from tests.campaigns.story import LONG, story

REPORT = Path("build/campaign/report.md")
USUAL = {"SEEDS": 2_000, "FAULTS": 2_000, "CLOCKS": 200, "DAYS": 20, "FIRST": 0}

#: Amounts of the campaigns that are tests themselves, and which they are.
HARD = {"IMAGES": 2_000, "DAMAGES": 3_000, "FULL": 100, "CUT_EVERY": 3, "FUZZ": 600, "KILLS": 60,
        "LIES": 500, "HOSTILE": 500, "CLONES": 40, "DRIVES": 500, "COPIES": 2_000,
        "RESTORES": 500, "STICKS": 8}  # fmt: skip
HARD_TESTS = ("power_loss", "nth_failure", "damage", "disk_full", "network", "fuzz", "versions", "kill",
              "malicious_server", "malicious_client", "clones", "backed_up", "two_drives",
              "damaged_copies", "bad_disks")  # fmt: skip
KILLED = ("tests/together/test_interruptions.py", "tests/together/test_new_desk.py", "tests/server/test_process.py",
          "tests/server/test_moving.py", "tests/desktop/models/test_durability.py")  # fmt: skip
STICKS = "tests/campaigns/sticks/sticks.py"  # minutes in a machine of its own: no part of the test command
SHOWN = 20  # failing stories told at length
TOLD = 4_000  # characters of what pytest said of a failure
HARD_HEAD = """## Power, disks, damage, lines, versions, kills, malice, clones

| test | outcome | seconds | amounts |
| --- | --- | --- | --- |"""

T = TypeVar("T")
R = TypeVar("R")


class Found(Struct, frozen=True):
    """What one piece of work found: its name, what is wrong, and a story where there is one."""

    name: str
    wrong: tuple[str, ...]
    story: str = ""


def main(arguments: list[str]) -> int:
    """Run the campaigns; return how many violated something, 1 at most."""
    amounts = _amounts(os.environ.get("EJOURNAL_CAMPAIGN", ""))
    began, sections = time.monotonic(), list[str]()
    amounts_told = ", ".join(f"{name} {value:,}" for name, value in amounts.items())
    all_passed = True
    for text, passed in _sections(arguments, amounts):
        all_passed &= passed
        sections.append(text)
        _report(f"{amounts_told}; {(time.monotonic() - began) / 60:.1f} minutes", sections)
        print(text, end="\n\n", flush=True)
    return int(not all_passed)


def _sections(arguments: list[str], amounts: dict[str, int]) -> Iterator[tuple[str, bool]]:
    """Yield the text of each campaign and whether all is well in it, as soon as it has ended."""
    yield _faults(arguments or list(FAULTS), amounts["FAULTS"])
    if arguments:
        return
    first = amounts["FIRST"]
    yield _stories(range(first, first + amounts["SEEDS"]))
    yield _clocks(amounts["CLOCKS"])
    yield _soak(amounts["DAYS"])
    yield HARD_HEAD, True
    yield from _hard(amounts)


def _report(figures: str, sections: list[str]) -> None:
    """Write what is known so far: a campaign of hours that somebody stops has told what it found until then."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join(["# Campaigns", figures, *sections])
    REPORT.write_text(text.replace("|\n\n|", "|\n|") + "\n", encoding="utf-8")


def _amounts(text: str) -> dict[str, int]:
    """Return the amounts; what the text does not name has its usual one."""
    given = dict(part.split("=", 1) for part in text.split() if "=" in part)
    return {name: int(given.get(name, usual)) for name, usual in (USUAL | HARD).items()}


def _spread(work: Callable[[T], R], over: Iterable[T]) -> Iterator[R]:
    """Work on all cores, in fresh processes now and then."""
    with multiprocessing.get_context("spawn").Pool(maxtasksperchild=500) as pool:
        yield from pool.imap_unordered(work, over, chunksize=4)


# --- stories -------------------------------------------------------------------------------------------------------


def _stories(seeds: range) -> tuple[str, bool]:
    began = time.monotonic()
    failed = sorted((each for each in _spread(_live, seeds) if each.wrong), key=lambda each: int(each.name))
    took = time.monotonic() - began
    lines = [f"## Deterministic simulation\n\n{len(seeds):,} stories, {len(failed)} violations, {took:,.0f} s "
             f"({took / max(1, len(seeds)):.3f} s a story)"]  # fmt: skip
    lines += [f"- seed {each.name}: {each.wrong[0]}" for each in failed]
    lines += [f"```\n{each.story}\n```" for each in failed[:SHOWN]]
    return "\n".join(lines), not failed


def _live(seed: int) -> Found:
    broken = play(story(seed, LONG)).broken
    return Found(str(seed), broken, told(story(seed, LONG)) if broken else "")


# --- planted faults ------------------------------------------------------------------------------------------------


def _faults(names: list[str], seeds: int) -> tuple[str, bool]:
    found = {each.name: each for each in _spread(_hunt, [(name, seeds) for name in names])}
    lines = ["## Planted faults", "", "| fault | what is wrong | seed: steps | what the checker says |",
             "| --- | --- | --- | --- |"]  # fmt: skip
    for name in names:
        said = found[name].wrong[0].replace("|", "/")[:120] if found[name].wrong else "**nobody noticed**"
        lines.append(f"| {name} | {FAULTS[name].sentence} | {found[name].story} | {said} |")
    return "\n".join(lines), all(each.wrong for each in found.values())


def _hunt(task: tuple[str, int]) -> Found:
    name, seeds = task
    fault = FAULTS[name]
    if again := hunt.found_again(fault):
        return Found(name, again.broken, _noted(fault.seed, fault.steps))
    found = hunt.first_seed(fault, range(seeds))
    return Found(name, found[1].broken, _noted(found[0], hunt.needed(fault, found[0]))) if found else Found(name, ())


def _noted(seed: int, steps: Iterable[int]) -> str:
    return f"{seed}: {', '.join(map(str, steps))}"


# --- clocks and the year -------------------------------------------------------------------------------------------


def _clocks(seeds: int) -> tuple[str, bool]:
    failed = [each for each in _spread(_jump, range(seeds)) if each.wrong]
    lines = [f"## Clocks\n\n{seeds:,} stories told twice, {len(failed)} ended differently"]
    return "\n".join(lines + [f"- seed {each.name}: {each.wrong[0]}" for each in failed]), not failed


def _jump(seed: int) -> Found:
    return Found(str(seed), tuple(clocks.difference(seed)))


def _soak(days: int) -> tuple[str, bool]:
    ending = year.live(seed=7, days=days, longest_away=30)
    growth = year.per_change(ending.sizes)
    lines = [f"## Long partitions and soak\n\n30 desks, {days} days, {ending.cells:,} cells, {ending.shared:,} by two "
             f"people, {ending.clashes:,} clashes, {ending.listed:,} listed, {len(ending.broken)} violations",
             "", "| day | changes | memory, MiB | store, MiB | desks, MiB |",
             "| --- | --- | --- | --- | --- |"]  # fmt: skip
    lines += [f"| {s.day} | {s.changes:,} | {s.memory >> 20} | {s.store >> 20} | {s.desks >> 20} |"
              for s in ending.sizes]  # fmt: skip
    lines.append("\nbytes a change between measurements: " + ", ".join(f"{each:,.0f}" for each in growth))
    return "\n".join([*lines, *(f"- {each}" for each in ending.broken[:SHOWN])]), not ending.broken


# --- power, disks, bytes, lines ------------------------------------------------------------------------------------


def _hard(amounts: dict[str, int]) -> Iterator[tuple[str, bool]]:
    """Run the campaigns that are tests in their large amounts, and the other tests that kill processes."""
    files = [*(f"tests/campaigns/test_{name}.py" for name in HARD_TESTS), *KILLED, STICKS]
    told = REPORT.with_name("hard.xml")
    environment = os.environ | {"KILLS": str(amounts["KILLS"])}
    environment["EJOURNAL_CAMPAIGN"] = " ".join(f"{name}={amounts[name]}" for name in HARD)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={told}", "-o", "junit_family=xunit1", "--timeout=0"]
    for file in files:
        told.unlink(missing_ok=True)
        done = subprocess.run([*command, file], env=environment, capture_output=True, text=True, check=False)
        rows = _outcomes(told) if told.exists() else [f"| {file} | did not run | | |"]
        why = [] if done.returncode == 0 else [f"\n```\n{done.stdout[-TOLD:]}\n```"]
        yield "\n".join([*rows, *why]), done.returncode == 0


def _outcomes(told: Path) -> Iterator[str]:
    """Yield a row of the report for each test."""
    for case in ElementTree.parse(told).iter("testcase"):
        worst = next((name for name in ("failure", "error", "skipped") if case.find(name) is not None), "passed")
        amounts = ", ".join(f"{each.get('value')} {each.get('name')}" for each in case.iter("property"))
        place = str(case.get("classname")).rsplit(".", 1)[-1]
        yield f"| {place}: {case.get('name')} | {worst} | {float(case.get('time', 0)):.0f} | {amounts} |"

"""Every row of `make bench` can be had: with tiny amounts each prints a figure and what it is to its floor."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from tests.bench.rows import Row, cannot, line, quantile

ROOT = Path(__file__).resolve().parents[2]

#: What a run prints; a figure that has to be said "not measured" here may be had on another machine.
ROWS = {
    "desk": {
        "first_window_warm", "first_window_cold", "memory_class_open", "memory_bare_window",
        "mark_key_to_painted_p50", "mark_key_to_painted_p99", "mark_raw_commit_p99", "mark_page_read_again",
        "mark_while_sync_p95", "page_open_p50", "page_open_p95", "grid_scroll_p50", "grid_scroll_p99",
        "grid_repaint_p50", "grid_repaint_p99", "lesson_keys", "lesson_ms", "lesson_longest_step",
        "slow_disk_key_p99", "slow_disk_key_longest", "slow_disk_last_saved", "block_looked_at_longest_turn",
        "block_entered_longest_turn", "block_taken_back_longest_turn",
        *(f"{what}_{which}" for what in ("due_all_subjects", "due_class_teacher", "class_results")
          for which in ("first", "again")),
    },
    "sync": {
        "sync_60_up", "sync_60_up_floor", "sync_60_down", "sync_60_down_floor", "bytes_per_change_bulk",
        "sync_50_changes", "bytes_per_change_of_50", "sync_nothing", "sync_nothing_bytes",
        *(f"new_desk_{each}{what}" for each in (1, 4, 16) for what in ("", "_desk_memory", "_server_memory")),
        "new_desk_4_growth", "new_desk_16_growth",
    },
    "server": {
        "server_file_changes", "server_file_batch_p99", "server_postgres_changes", "server_postgres_batch_p99",
    },
    "documents": {"summary_sheet", "year_book"},
    "backup": {
        "backup_generation", "backup_two_drives_proved", "backup_school", "restore_school", "backup_size",
        *(f"{what}_{other}" for other in ("restic", "borg", "age") for what in
          ("backup_school", "restore_school", "backup_size")),
        "backup_next_day_restic", "backup_next_day_borg",
    },
    "scale": {
        *(f"scale_{number}_{way}{what}" for number in (20, 80, 320) for way in ("up", "down") for what in
          ("", "_growth")),
        *(f"scale_{store}_{number}" for store in ("file", "postgres") for number in (60, 240, 960)),
    },
    "newdesk": {
        *(f"new_desk_year_{each}{what}" for each in (1, 4) for what in ("", "_desk_memory", "_server_memory")),
        "new_desk_year_4_growth",
    },
    "yearbackup": {
        "backup_year_generation", "backup_year_two_drives", "backup_year_restored", "backup_year_day_alone",
    },
    "load": {
        f"load_{workers}_{what}" for workers in ("1_worker", "2_workers", "4_workers")
        for what in ("changes", "push_p50", "push_p99", "cpu")
    },
}  # fmt: skip
NOT_IN_A_SHORT_RUN = {"first_window_cold"}
WITHOUT_RATIO = {name for name in ROWS["load"] if not name.endswith("_changes")}
#: Programs of others, whose rows are left out where they are not installed.
OTHERS = {"restic", "borg", "age"}
#: A meeting that brings nothing has empty bodies.
MAY_BE_NOTHING = {"sync_nothing_bytes"}


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder of its own, so that its rows are kept there."""
    surroundings = {**os.environ, "BENCH_AMOUNTS": "tiny", "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "tests.bench"]
    return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.bench
@pytest.mark.parametrize(
    "group",
    [pytest.param(group, marks=pytest.mark.postgres if group in ("server", "scale", "load") else ()) for group in ROWS],
)
def test_every_row_of_a_group_has_a_figure_and_a_ratio(group: str, tmp_path: Path) -> None:
    done = run(tmp_path, ROWS=group)
    assert done.returncode == 0, done.stdout + done.stderr
    kept = (tmp_path / "build/bench/rows.jsonl").read_bytes().splitlines()
    rows = {row.name: row for row in (msgspec.json.decode(each, type=Row) for each in kept)}
    assert set(rows) == ROWS[group]
    assert done.stdout.splitlines() == [line(row) for row in rows.values()]
    absent = {name for name in rows if (other := name.rpartition("_")[2]) in OTHERS and not shutil.which(other)}
    assert all("Debian package" in rows[name].note for name in absent)
    for name in rows.keys() - NOT_IN_A_SHORT_RUN - absent:
        assert name in MAY_BE_NOTHING or (rows[name].value or 0) > 0, rows[name].note
        assert name in MAY_BE_NOTHING | WITHOUT_RATIO or (rows[name].ratio or 0) > 0


def test_an_unknown_group_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, ROWS="desks")
    assert done.returncode == 2
    assert "ROWS=desks is no group; there are desk, sync, server, documents, backup, scale, load" in done.stdout


def test_a_row_that_cannot_be_had_says_why() -> None:
    assert line(cannot("first_window_cold", "no right to drop the cache")).endswith(
        "not measured: no right to drop the cache"
    )


def test_a_program_that_is_not_here_leaves_its_rows_out_and_says_so(tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("tar", "bash", "age", "zstd"):
        if found := shutil.which(program):
            (bare / program).symlink_to(found)
    done = run(tmp_path, ROWS="backup", PATH=str(bare))
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("backup_school_restic", "restore_school_restic", "backup_size_restic", "backup_next_day_restic"):
        assert f"{name:<34}" in done.stdout
    assert "not measured: no restic: Debian package restic" in done.stdout
    assert "not measured: no borg: Debian package borgbackup" in done.stdout


def test_a_row_stands_in_columns() -> None:
    row = Row("sync_up", 2.5, "s", 1.25, "floor", "≤ 3")
    assert line(row) == f"{'sync_up':<34}{'2.50':>12} {'s':<9}{'1.25':>7} × floor  [≤ 3]"


@pytest.mark.parametrize(("part", "value"), [(0.5, 2), (0.99, 4), (0.25, 1)])
def test_a_quantile_is_one_of_the_values(part: float, value: float) -> None:
    assert quantile([4, 1, 3, 2], part) == value

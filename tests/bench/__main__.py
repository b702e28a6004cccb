"""Print the figures: `python -m tests.bench`; ROWS=desk (or another group) prints one group, `LONG` ones only so.

Never fails by time. A figure that cannot be had says why in its row; a bench that breaks says with what, and then the
exit status is 1.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module

from tests.bench.rows import FULL, TINY, Amounts, Bench, Row, cannot, keep, line

#: Modules with a tuple `BENCHES`, by group; each is imported only when it is asked for.
GROUPS = {
    "desk": (
        "desk_window",
        "desk_marks",
        "desk_page",
        "desk_block",
        "desk_paint",
        "desk_reading",
        "desk_lesson",
        "desk_slow_disk",
    ),
    "sync": ("sync_bulk", "new_desk"),
    "server": ("server_intake",),
    "documents": ("papers",),
    "backup": ("generation", "backup_rivals"),
    "scale": ("scale",),
    "load": ("server_load",),
    "newdesk": ("new_desk_year",),
    "yearbackup": ("backup_year",),
}
LONG = ("scale", "load", "newdesk", "yearbackup")  # minutes each: only when they are asked for


def main() -> int:
    """Run the wanted group, or all of them; return the exit status."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = "disabled:"  # no bench reaches a person's keyring
    wanted = os.environ.get("ROWS", "")
    if wanted and wanted not in GROUPS:
        print(f"ROWS={wanted} is no group; there are {', '.join(GROUPS)}")
        return 2
    amounts = TINY if os.environ.get("BENCH_AMOUNTS") == "tiny" else FULL
    rows: list[Row] = []
    broken = False
    for row, is_broken in _rows([wanted] if wanted else [each for each in GROUPS if each not in LONG], amounts):
        print(line(row), flush=True)
        rows.append(row)
        broken |= is_broken
    keep(rows)
    return int(broken)


def _rows(groups: list[str], amounts: Amounts) -> Iterator[tuple[Row, bool]]:
    for group in groups:
        for module in GROUPS[group]:
            benches: tuple[Bench, ...] = import_module(f"tests.bench.{module}").BENCHES
            for bench in benches:
                yield from _of(bench, amounts)


def _of(bench: Bench, amounts: Amounts) -> Iterator[tuple[Row, bool]]:
    try:
        for row in bench(amounts):
            yield row, False
    except Exception as error:  # noqa: BLE001 - one broken bench must not hide the others
        traceback.print_exc()
        yield cannot(bench.__name__, f"{type(error).__name__}: {error}"), True


if __name__ == "__main__":
    sys.exit(main())

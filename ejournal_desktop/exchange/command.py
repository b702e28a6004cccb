"""`ejournal-desktop import`: look at a school's files, see what would be created, write it down for the server.

    ejournal-desktop import --timetable school.fet --people people.xlsx --year year.toml            preview only
    ejournal-desktop import … --write records.jsonl                                                 and write it
    ejournal-server load --records records.jsonl --data DIR

All or nothing: while one file has one problem, nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from ejournal_core.kinds import Record, to_fields
from ejournal_core.typed_commands import Parser
from ejournal_desktop.exchange.fet import solve_fet
from ejournal_desktop.exchange.plan import ImportPlan, SchoolFiles, plan_files
from ejournal_desktop.exchange.schools import demo_files
from ejournal_desktop.exchange.troubles import FileTrouble

KINDS_TOLD = {
    "ClassGroup": "классов", "Subgroup": "подгрупп", "Pupil": "учеников", "Person": "сотрудников",
    "Subject": "предметов", "JournalPage": "страниц журнала", "TeachingLoad": "нагрузок",
    "TimetableSlot": "уроков в неделю", "GradingPeriod": "учебных периодов", "CalendarDay": "особых дней",
}  # fmt: skip


def run(arguments: Sequence[str], out: TextIO) -> int:
    """Preview the files and, when asked, write the records; return 0, or 1 when something has to be mended first."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        try:
            plan = plan_files(_files(options, Path(folder)))
        except FileTrouble as trouble:  # the timetable could not be solved
            out.write(f"{trouble.code}: {trouble.message}\n")
            return 1
    for line in _told(plan):
        out.write(line + "\n")
    if plan.problems:
        return 1
    if options.write is not None:
        try:
            write_records(plan.records(), options.write)
        except OSError:
            out.write(
                f"EJ-340: В «{options.write}» записать нельзя: нет такого каталога, прав или места. Ничего не записано,"
                " файлы школы целы. Укажите другое место.\n"
            )
            return 1
        out.write(
            f"Записано: {options.write}. Загрузка: ejournal-server load --records {options.write.name} --data …\n"
        )
    else:
        out.write("Ничего не записано: это просмотр. С ключом --write ФАЙЛ записи будут сохранены для сервера.\n")
    return 0


def _parser() -> Parser:
    parser = Parser(prog="ejournal-desktop import", description="Школа из файлов: просмотр и подготовка")
    parser.add_argument("--timetable", required=True, type=Path, metavar="ФАЙЛ", help="файл FET")
    parser.add_argument("--solution", type=Path, metavar="ФАЙЛ",
                        help="решение FET (…_activities.xml); без него решает fet-cl")  # fmt: skip
    parser.add_argument("--people", required=True, type=Path, metavar="ФАЙЛ",
                        help="книга XLSX: листы «Сотрудники» и «Ученики»")  # fmt: skip
    parser.add_argument("--year", required=True, type=Path, metavar="ФАЙЛ",
                        help="учебный год, периоды и звонки (TOML)")  # fmt: skip
    parser.add_argument("--titles", type=Path, metavar="ФАЙЛ",
                        help="как печатаются предметы и кабинеты (TOML); есть готовый")  # fmt: skip
    parser.add_argument("--write", type=Path, metavar="ФАЙЛ", help="записать то, что показано, для сервера")
    return parser


def _files(options: argparse.Namespace, folder: Path) -> SchoolFiles:
    solution = options.solution
    if solution is None:
        solve_fet(options.timetable, folder)
        solution = next(folder.rglob("*_activities.xml"))
    titles = options.titles or demo_files().titles
    return SchoolFiles(options.timetable, solution, options.people, options.year, titles)


def _told(plan: ImportPlan) -> Iterator[str]:
    if plan.problems:
        yield f"Нельзя загрузить: исправьте сначала ({len(plan.problems)}):"
        yield from (f"  {problem.code} {problem.sentence}" for problem in plan.problems)
        return
    counts = plan.preview.counts
    yield "Будет создано: " + ", ".join(f"{word} {counts.get(kind, 0)}" for kind, word in KINDS_TOLD.items()) + "."
    yield "Классы: " + ", ".join(f"{title} ({size})" for title, size in plan.preview.classes) + "."
    yield "Учителя из расписания и из списка сотрудников:"
    yield from (f"  {name} — {person}" for name, person in plan.preview.teachers)
    if plan.preview.guessed:
        yield "Чего в файлах нет и что принято:"
        yield from (f"  {sentence}" for sentence in plan.preview.guessed)


def write_records(records: Sequence[Record], file: Path) -> None:
    """Write records as JSON lines, readable by their owner alone; under the name only when complete."""
    fresh = file.with_name(file.name + ".part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        for record in records:
            line = {"kind": type(record).__name__, "record": record.id, "fields": to_fields(record)}
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    fresh.replace(file)

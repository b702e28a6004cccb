"""What can be wrong with a file from outside: one sentence naming the file, the place in it and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from msgspec import Struct

from ejournal_core.errors import Trouble

NOTHING_IMPORTED = "Ничего не загружено."


class Problem(Struct, frozen=True):
    """One thing that must be mended in a file before anything is imported.

    `file` is the bare file name, `place` says where in it («лист «Ученики», строка 7, столбец «Класс»»), may be empty;
    `what` and `advice` are clauses without a final stop. `code` is the section of docs/errors.md.
    """

    file: str
    place: str
    what: str
    advice: str
    code: str = "EJ-346"

    @property
    def sentence(self) -> str:
        """Return the whole message as it is shown to a person."""
        where = f"Файл «{self.file}»" + (f", {self.place}" if self.place else "")
        return f"{where}: {self.what}. {self.advice[:1].upper()}{self.advice[1:]}. {NOTHING_IMPORTED}"


class FileTrouble(Trouble):
    """EJ-340: a file cannot be opened. The subclasses name the other ways in which a file may fail."""

    code: ClassVar[str] = "EJ-340"

    def __init__(self, file: Path | str, what: str, advice: str, place: str = "") -> None:
        self.problem = Problem(Path(file).name, place, what, advice, self.code)
        super().__init__(self.problem.sentence)


class ForeignFile(FileTrouble):
    """EJ-341: the file is of another kind than its name or purpose says."""

    code: ClassVar[str] = "EJ-341"


class BrokenFile(FileTrouble):
    """EJ-342: the file is of the right kind, but cut off or damaged."""

    code: ClassVar[str] = "EJ-342"


class EncryptedFile(FileTrouble):
    """EJ-343: the file is protected with a password."""

    code: ClassVar[str] = "EJ-343"


class UnsafeFile(FileTrouble):
    """EJ-344: the file is larger than any school's, or built to harm the program that reads it."""

    code: ClassVar[str] = "EJ-344"


class WrongShape(FileTrouble):
    """EJ-345: a sheet, a column or a section that must be there is missing."""

    code: ClassVar[str] = "EJ-345"


class WrongContent(FileTrouble):
    """EJ-346: the file can be read, but a value in it makes no sense."""

    code: ClassVar[str] = "EJ-346"


class NotSolved(FileTrouble):
    """EJ-347: the solver found no timetable in the time it was given, or stopped with an error."""

    code: ClassVar[str] = "EJ-347"


class ProgramMissing(FileTrouble):
    """EJ-348: a program or a file that comes in a separate package is not installed."""

    code: ClassVar[str] = "EJ-348"


class ImportRefused(Trouble):
    """EJ-349: somebody asked for the records of a plan that still has problems."""

    code: ClassVar[str] = "EJ-349"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0].sentence if problems else ""
        more = f" Всего замечаний: {len(problems)}." if len(problems) > 1 else ""
        super().__init__(first + more, problems=len(problems))
        self.problems = problems

"""The small school at a real server, with a backup of it, and fresh desks that hold what the school holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.age_file import BackupIdentity
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.models.journal import Journal
from ejournal_server import generations
from ejournal_server.generations import Recipients
from tests.helpers.chaos import House
from tests.helpers.school import SmallSchool, desk_of, small_school

SAFE = BackupIdentity.new()


class CopiedSchool(Struct, frozen=True):
    """A generation in `folder`; in it the pupil u-04 has a five in today's algebra."""

    small: SmallSchool
    folder: Path
    server_key: str

    @property
    def column(self) -> str:
        """The column of that five."""
        return ids.mark_column(self.small.today_lesson, "oral", 1)

    def desk(self, root: Path, person: str) -> Journal:
        """Return a fresh desk of the school as it was before the five."""
        return desk_of(self.small, person, root)


def copied_school(
    root: Path, pupils: int = 8, work: Callable[[Journal, CopiedSchool], None] | None = None
) -> CopiedSchool:
    """Let a teacher work at a real server, `work` besides the one five, and back it up."""
    root.mkdir(parents=True, exist_ok=True)
    house = House(root, small_school(pupils))
    try:
        teacher = house.sit_down(house.school.teacher)
        if work is not None:
            work(teacher.journal, CopiedSchool(house.school, root, ""))
        teacher.do(put_mark, house.school.today_lesson, None, "u-04", "5")
        for _ in range(2):
            teacher.meet()
        recipients = Recipients(recovery=SAFE.recipient)
        made = generations.make_generation(house.office.authority, root / "made", recipients, house.office.ca_pem)
        return CopiedSchool(house.school, root / "made" / made.generation, made.server_key)
    finally:
        house.close()

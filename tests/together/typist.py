"""A person at work in a process of her own: `python -m tests.together.typist PERSON MOMENT SEED`.

Opens the desk of this PC (`EJOURNAL_DATA`), types marks as fast as the disk takes them, and syncs in the background as
the program does. The id of every change goes to standard output once it is saved; the process ends by being killed.
"""

from __future__ import annotations

import os
import random
import sys
from datetime import datetime

from ejournal_desktop import paths, vault
from ejournal_desktop.models.commands.marks import put_mark
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.pairing import read_workstation
from ejournal_desktop.sync.session import Session
from tests.helpers.school import Clock, small_school


def main() -> None:
    """Type until killed."""
    person, moment, seed = sys.argv[1], datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
    known = next(desk for desk in vault.list_desks(paths.desks_folder()) if desk.person_id == person)
    desk = desks.open_again(known, os.environ["EJOURNAL_TEST_PASSWORD"], Clock(moment))
    session = Session(desk, read_workstation(), lambda _: None)
    chance, school = random.Random(seed), small_school()
    print("typing", flush=True)
    while True:
        done = put_mark(session.journal, school.today_lesson, None, chance.choice(school.pupils), chance.choice("2345"))
        for change in done.changes:
            print(change.id, flush=True)
        if chance.random() < 0.3:
            session.sync_now()


if __name__ == "__main__":
    main()

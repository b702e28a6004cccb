"""A school with a real server process and real desks on real workstations: what the stories are told with.

Every workstation has a data folder of its own, as `EJOURNAL_DATA` gives it; a desk is opened, offline or not, by the
same functions that the program calls.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType

from ejournal_core import wire
from ejournal_core.changes import Change
from ejournal_core.kinds import Mark
from ejournal_desktop import paths, vault
from ejournal_desktop.exchange.command import write_records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.sync import desks
from ejournal_desktop.sync.desks import OpenDesk
from ejournal_desktop.sync.pairing import Pairing, Workstation, read_workstation
from ejournal_server import accounts, admin, folder
from tests.helpers.processes import start_bound
from tests.helpers.school import NOW, Clock, SmallSchool, small_school
from tests.helpers.slips import activation_codes

PASSWORD = "длинный пароль 15"


class Server:
    """The school's server as a process; its clock begins where the desks' clocks stand."""

    def __init__(self, data: Path, moment: datetime, database: str | None = None) -> None:
        self.data = data
        self.moment = moment
        self.environment = dict(os.environ) | ({"EJOURNAL_DATABASE": database} if database else {})
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"https://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start on the same port as before and wait until requests are taken."""
        command = [sys.executable, "-m", "tools.shifted_server", str(self.data), str(self.port)]
        with (self.data / "server.log").open("ab") as log:
            self.process = start_bound(
                [*command, self.moment.isoformat()], env=self.environment, stdout=subprocess.PIPE, stderr=log,
                signal="KILL",
            )  # fmt: skip
        assert self.process.stdout is not None
        found = re.fullmatch(r"listening https://127\.0\.0\.1:(\d+)\n", self.process.stdout.readline().decode())
        assert found, (self.data / "server.log").read_text()
        self.port = int(found[1])

    def stop(self, *, kill: bool = False) -> None:
        """End the process, gently or as a power cut would."""
        if self.process is None:
            return
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None


class Watched:
    """A person at a desk, with everything that was ever entered there: what `violations` judges."""

    def __init__(self, desk: OpenDesk, place: str) -> None:
        self.desk = desk
        self.place = place
        self.made: dict[str, Change] = {}
        with self.journal.reading() as connection:
            own = "SELECT body FROM history WHERE desk = ?"
            for body in connection.exec_driver_sql(own, (self.journal.identity.desk_id,)).scalars():
                change = wire.decode(Change, body.encode())
                self.made[change.id] = change
        self.journal.listen(self._note)

    @property
    def journal(self) -> Journal:
        """The open journal."""
        return self.desk.journal

    @property
    def person(self) -> str:
        """Who sits there."""
        return self.journal.identity.person_id

    def _note(self, done: ChangeSet) -> None:
        if done.prev is not None:
            self.made.update((change.id, change) for change in done.changes)


class Town:
    """The school, its server and its workstations."""

    def __init__(self, root: Path, now: datetime = NOW, database: str | None = None) -> None:
        self.root = root
        self.clock = Clock(now)
        self.school: SmallSchool = small_school()
        self.database = database
        data = root / "server"
        office = folder.found(data, "Школа № 1", database, lambda: now)
        records = root / "school.jsonl"
        write_records(self.school.records, records)
        admin.load_records(office, records)
        self.codes = {line.person: code for line, code in activation_codes(office)}
        self.office = office
        self.server = Server(data, now + timedelta(seconds=2), database)
        self._open: list[OpenDesk] = []

    def __enter__(self) -> Town:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def workstation(self, name: str) -> Workstation:
        """Return a paired workstation; both screens show the same code and the administrator says yes."""
        with self.on(name):
            known = read_workstation()
            if known is not None:
                return known
            pairing = Pairing(self.server.address, name)
            assert pairing.ask() == "waiting"
            codes = [code for code, _ in self._waiting()]
            assert pairing.code in codes
            admin.approve(self.office, pairing.code)
            assert pairing.ask() == "approved"
            known = read_workstation()
            assert known is not None
            return known

    def _waiting(self) -> list[tuple[str, str]]:
        found = accounts.waiting_pairings(self.office.authority, self.office.ca_sha256)
        return [(code, row.name) for row, code in found]

    @contextlib.contextmanager
    def on(self, name: str) -> Iterator[Path]:
        """Be at a workstation: its data folder is the program's."""
        before = os.environ.get(paths.OVERRIDE)
        os.environ[paths.OVERRIDE] = str(self.root / name)
        try:
            yield self.root / name
        finally:
            if before is None:
                del os.environ[paths.OVERRIDE]
            else:
                os.environ[paths.OVERRIDE] = before

    def sit_down(self, name: str, person: str) -> OpenDesk:
        """Open a person's desk on a workstation: the first time with the server, later without it."""
        with self.on(name):
            for known in vault.list_desks(paths.desks_folder()):
                if known.person_id == person:
                    return self._kept(desks.open_again(known, PASSWORD, self.clock))
            place = self.workstation(name)
            with place.connect() as server:
                line = next(line for line in server.people() if line.id == person)
            code = self.codes.pop(person, "")
            if code:
                return self._kept(desks.open_first(place, line, code, PASSWORD, self.clock))
            return self._kept(desks.open_first(place, line, PASSWORD, clock=self.clock))

    def watch(self, name: str, person: str) -> Watched:
        """Open a person's desk as `sit_down` does, and remember what is entered there."""
        return Watched(self.sit_down(name, person), name)

    def _kept(self, desk: OpenDesk) -> OpenDesk:
        self._open.append(desk)
        return desk

    def meet(self, desk: OpenDesk, name: str) -> None:
        """Let the desk meet the server once."""
        with self.on(name):
            desks.meet(desk.journal, self.workstation(name))

    def close(self) -> None:
        """End everything that was started."""
        for desk in self._open:
            desk.close()
        self.server.stop()
        self.office.close()


def mark_on(journal: Journal, column: str, pupil: str) -> str | None:
    """Return the value of a mark as the desk shows it."""
    with journal.reading() as connection:
        mark = DeskFacts(connection, journal.clock(), None).get(Mark, f"{column}.{pupil}")
    return mark.value if mark else None


def until_quiet(*meetings: Callable[[], None]) -> None:
    """Let desks meet the server twice over, so that what one brought reaches the others."""
    for _ in range(2):
        for meeting in meetings:
            meeting()


def batch_of(journal: Journal) -> wire.Batch:
    """Return what the desk would push now."""
    from ejournal_core import seal

    unsent = journal.outbox()
    own = journal.identity
    return seal.sign_batch(own.signing_key, own.school, own.desk_id, unsent[0].prev, [u.change for u in unsent])

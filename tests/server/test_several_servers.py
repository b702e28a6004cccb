"""One school, several processes on one PostgreSQL: workers behind one address, and two servers with a folder each."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import psutil
import pytest

from ejournal_core import seal, wire
from ejournal_server import admin, folder, moving
from ejournal_server.store import log
from tests.helpers.processes import start_bound, wait_until
from tests.server import world
from tests.server.test_moving import proof_of
from tests.server.test_operating import figures
from tests.server.test_process import Diligent, lines_of, problem, wait_for_receipts
from tests.server.world import PUPILS, Caller, Hand, RunningServer

pytestmark = pytest.mark.postgres


def found_school(place: Path, database: str) -> Path:
    with contextlib.closing(folder.found(place, world.SCHOOL_NAME, database)) as office:
        world.settle(office)
    return place


class Workers(RunningServer):
    """`ejournal-server serve --workers 2`."""

    def start(self) -> None:
        """Start, and wait until calls are taken."""
        command = [sys.executable, "-m", "ejournal_server", "serve", "--data", str(self.data),
                   "--listen", f"127.0.0.1:{self.port}", "--workers", "2"]  # fmt: skip
        with self.log.open("ab") as written:
            self.process = start_bound(command, env=self.environment, stdout=subprocess.PIPE, stderr=written)
        assert self.process.stdout is not None
        found = re.fullmatch(r"listening (https://127\.0\.0\.1:(\d+))\n", self.process.stdout.readline().decode())
        assert found, self.log.read_text()
        self.address, self.port = found[1], int(found[2])

    def processes(self) -> list[psutil.Process]:
        """Return the workers."""
        assert self.process is not None
        own = psutil.Process(self.process.pid).children()
        return [each for each in own if each.status() != psutil.STATUS_ZOMBIE and "spawn_main" in str(each.cmdline())]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.stop() == 0


@pytest.fixture
def workers(tmp_path: Path, postgres_url: str) -> Iterator[Workers]:
    """Give a server of two processes over the small school."""
    running = Workers(found_school(tmp_path / "data", postgres_url), postgres_url)
    with running:
        yield running


@pytest.fixture
def twins(tmp_path: Path, postgres_url: str) -> Iterator[tuple[RunningServer, RunningServer]]:
    """Give two servers with a data folder each, joined over one database."""
    first = found_school(tmp_path / "first", postgres_url)
    shutil.copytree(first, tmp_path / "copy")
    moving.join(tmp_path / "second", tmp_path / "copy", postgres_url)
    with RunningServer(first, postgres_url) as one, RunningServer(tmp_path / "second", postgres_url) as two:
        yield one, two


def at(server: RunningServer, caller: Caller) -> Caller:
    """Return the same caller at another server."""
    ca = (server.data / folder.CA).read_text()
    return Caller(server.address, ca, caller.key_id, caller.key)


# --- workers -------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def at_work(desks: list[Diligent]) -> Iterator[None]:
    """Let desks push while the block runs."""
    for desk in desks:
        desk.thread.start()
    try:
        yield
    finally:
        for desk in desks:
            desk.enough.set()
        for desk in desks:
            desk.thread.join()
            desk.caller.http.close()


def push_for(seconds: float, desks: list[Diligent]) -> None:
    """Let desks push for some seconds, and on a busy machine until each has had its say."""
    with at_work(desks):
        time.sleep(seconds)
        wait_for_receipts(desks, 3)


def check_log(server: RunningServer, desks: list[Diligent]) -> None:
    """See that numbers are gap-free, chains unbroken, and what was acknowledged is there as it was said."""
    lines = lines_of(server)
    assert [line.verdict.number for line in lines] == list(range(1, len(lines) + 1))
    for desk in desks:
        own = [line for line in lines if line.change.desk == desk.hand.desk]
        assert [line.change.n for line in own] == list(range(1, desk.hand.n + 1))
        kept = {line.change.id: line.verdict for line in own}
        assert all(kept[verdict.id] == verdict for receipt in desk.receipts for verdict in receipt.verdicts)
        assert len(desk.receipts) > 3


def diligent_pair(one: RunningServer, two: RunningServer) -> list[Diligent]:
    first, hand = world.desk_at(one, world.TEACHER)
    first.push(hand.batch(hand.lesson(), hand.column()))
    second, other = world.desk_at(two, world.COLLEAGUE)
    return [Diligent(first, hand, PUPILS[0]), Diligent(second, other, PUPILS[1])]


def test_workers_keep_one_order_and_their_figures_add_up(workers: Workers) -> None:
    wait_until(lambda: len(workers.processes()) == 2, "two workers")
    desks = diligent_pair(workers, workers)
    push_for(2, desks)
    check_log(workers, desks)
    for _ in range(30):  # each by a connection of its own, which either worker may take
        with Caller(workers.address) as stranger:
            stranger.hello()
    with world.workstation_at(workers) as caller:
        seen = figures(caller.http.get("/metrics").text)
    pushed = sum(len(receipt.verdicts) for desk in desks for receipt in desk.receipts) + 2
    assert sum(value for name, value in seen.items() if name.startswith("ejournal_changes_total")) == pushed
    calls = [json.loads(line) for line in workers.log.read_text().splitlines() if '"what": "call"' in line]
    assert sum(line["path"] == "/v1/push" for line in calls) == pushed - 1
    said = sum(line["path"] == "/v1/hello" for line in calls)
    assert seen['ejournal_calls_total{call="/v1/hello",method="GET",status="200"}'] == said >= 30


@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_a_worker_that_dies_is_started_again_and_nobody_notices(workers: Workers) -> None:
    # httpx leaves a socket to the garbage collector when the other side dies in the midst of a handshake
    wait_until(lambda: len(workers.processes()) == 2, "two workers")
    desks = diligent_pair(workers, workers)
    before = {each.pid for each in workers.processes()}
    with at_work(desks):
        time.sleep(2.2)  # one that dies at once is given some time
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len({each.pid for each in workers.processes()} - before) == 1, "another worker")
        wait_for_receipts(desks, 3)
    check_log(workers, desks)
    assert "a worker died and is started again" in workers.log.read_text()


def test_workers_do_not_outlive_who_started_them(workers: Workers) -> None:
    wait_until(lambda: len(workers.processes()) == 2, "two workers")
    with world.workstation_at(workers) as caller:
        caller.hello()
    orphans = workers.processes()
    assert workers.kill() == -signal.SIGKILL
    wait_until(lambda: not any(each.is_running() for each in orphans), "the workers to end", 30)
    workers.port = 0
    workers.start()


def test_the_embedded_file_has_one_process(tmp_path: Path) -> None:
    folder.found(tmp_path / "data", world.SCHOOL_NAME).close()
    command = [sys.executable, "-m", "ejournal_server", "serve", "--data", str(tmp_path / "data"), "--workers", "2"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stderr.split(":")[0]) == (1, "EJ-424")
    assert "move" in told.stderr


# --- two servers -----------------------------------------------------------------------------------------------------


class Wanderer(Diligent):
    """A desk that takes its every batch to the other server, and repeats there what was not answered here."""

    def __init__(self, servers: tuple[RunningServer, RunningServer], caller: Caller, hand: Hand, pupil: str) -> None:
        super().__init__(caller, hand, pupil)
        self.turns = [at(server, caller) for server in servers]
        caller.http.close()

    def _deliver(self, batch: wire.Batch) -> None:
        self.turns.reverse()
        self.caller = self.turns[0]
        self.caller.nonce = self.turns[1].nonce  # the other server's nonce is as good
        super()._deliver(batch)
        assert self.turns[1].push(batch) == self.receipts[-1]  # asked again there, the same receipt


def test_desks_that_go_from_server_to_server_find_one_order(twins: tuple[RunningServer, RunningServer]) -> None:
    first, hand = world.desk_at(twins[0], world.TEACHER)
    first.push(hand.batch(hand.lesson(), hand.column()))
    second, other = world.desk_at(twins[1], world.COLLEAGUE)
    desks = [Wanderer(twins, first, hand, PUPILS[0]), Wanderer(twins, second, other, PUPILS[1])]
    push_for(2.5, list(desks))
    for desk in desks:
        for turn in desk.turns:
            turn.http.close()
    check_log(twins[0], list(desks))
    for server in twins:  # a nonce of the one was as good at the other
        assert '"code": "nonce"' not in server.log.read_text()


def test_both_servers_at_once_with_the_same_batch_enter_it_once(twins: tuple[RunningServer, RunningServer]) -> None:
    first, hand = world.desk_at(twins[0], world.TEACHER)
    with first, at(twins[1], first) as second:
        first.push(hand.batch(hand.lesson()))
        for number in range(12):
            topic = hand.change("Lesson", world.LESSON, {"topic": None}, {"topic": f"Тема {number}"})
            with ThreadPoolExecutor() as pool:
                one, two = pool.map(Caller.push, (first, second), 2 * (hand.batch(topic),))
            assert one == two
    lines = lines_of(twins[0])
    own = [line.change.n for line in lines if line.change.desk == hand.desk]
    assert own == list(range(1, hand.n + 1))


def test_what_one_server_changes_in_rights_the_other_knows_at_once(twins: tuple[RunningServer, RunningServer]) -> None:
    first, _ = world.desk_at(twins[0], world.CLASS_TEACHER)
    with first, at(twins[1], first) as second:
        scope = second.snapshot()[0].scope
        for caller in (first, second):
            caller.pull(0, scope)
        records = twins[0].data / "more.jsonl"
        records.write_text(json.dumps(world.load(world.OTHER_PAGE, world.CLASS_TEACHER)))
        with contextlib.closing(folder.open_office(twins[0].data, twins[0].database)) as office:
            admin.load_records(office, records)
        for caller in (first, second):
            answer = caller.call("GET", "/v1/pull", f"after=0&scope={scope}")
            assert problem(answer) == (409, "scope-changed")


def test_a_pairing_begun_at_one_server_ends_at_the_other(twins: tuple[RunningServer, RunningServer]) -> None:
    one, two = twins
    key, nonce = seal.new_signing_key(), os.urandom(32)
    public = seal.signing_public_key(key)
    with Caller(one.address) as here, Caller(two.address) as there:
        hello = here.hello()
        start = wire.PairStart(
            workstation_name="Учительская", public_key=public.hex(), commitment=seal.pairing_commitment(nonce, public)
        )
        started = wire.decode(wire.PairStarted, here.http.post("/v1/pair", content=wire.encode(start)).content)
        code = seal.pairing_code(hello.school, hello.ca_sha256, public, nonce, bytes.fromhex(started.nonce))
        reveal, path = wire.encode(wire.PairReveal(nonce=nonce.hex())), f"/v1/pair/{started.pairing}"
        assert wire.decode(wire.PairState, there.http.post(path, content=reveal).content).state == "waiting"
        assert "Учительская" in two.run("pair", "--approve", code)
        state = wire.decode(wire.PairState, here.http.post(path, content=reveal).content)
    assert state.state == "approved"
    with Caller(two.address, started.ca_certificate, f"workstation:{state.workstation}", key) as workstation:
        _, hand = world.open_desk(one, workstation, started.ca_certificate, world.TEACHER)
        for wrong in range(4):  # wrong passwords are counted together
            with at(twins[wrong % 2], workstation) as turn:
                body = wire.encode(wire.DeskRequest(person=world.TEACHER, secret="не тот", public_key=""))
                answer = turn.call("POST", "/v1/desks", body=body)
        assert int(answer.headers["Retry-After"]) > 0
    assert hand.desk


def test_one_server_is_stopped_and_the_other_goes_on(twins: tuple[RunningServer, RunningServer]) -> None:
    first, hand = world.desk_at(twins[0], world.TEACHER)
    with first, at(twins[1], first) as second:
        first.push(hand.batch(hand.lesson()))
        twins[0].kill()
        receipt = second.push(hand.batch(hand.column()))
        assert receipt.verdicts[0].outcome == "taken"
    twins[0].start()


def test_the_log_is_one_chain_whoever_wrote_it(twins: tuple[RunningServer, RunningServer]) -> None:
    desks = diligent_pair(*twins)
    push_for(2, desks)
    check_log(twins[1], desks)
    with contextlib.closing(folder.open_office(twins[1].data, twins[1].database)) as office:
        with office.authority.store.read() as tx:
            head = log.read_head(tx)
        assert proof_of(office).root == head.frontier.root().hex()

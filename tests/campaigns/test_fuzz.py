"""A minute of fuzzing: everything that reads bytes of others, and the calls of a real server process."""

from __future__ import annotations

import contextlib
import random
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from ejournal_core import wire
from ejournal_desktop.vault import HeaderDamaged
from ejournal_server import folder
from ejournal_server.api import Routes
from tests.faults.amounts import amount
from tests.faults.desk_readers import EXAMPLES, a_key_header
from tests.faults.harm import harmed
from tests.server import world
from tests.server.world import PUPILS, Caller, Hand, RunningServer

SECONDS = amount("FUZZ", 60)
GROWTH = 256 * 1024 * 1024
COMPUTING = 1.0  # seconds of the server's processor for one call

pytest.importorskip("atheris", reason="libFuzzer for Python is for Linux")


def fuzz(corpus: Path, seconds: int, *plant: str) -> subprocess.CompletedProcess[str]:
    """Let libFuzzer feed the readers for so long."""
    command = [sys.executable, "-m", "tests.faults.fuzz", str(corpus), str(seconds), *plant]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_bytes_make_a_reader_fail_hang_or_grow(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    done = fuzz(tmp_path, SECONDS // 2)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-1_000:]
    runs = next(line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line)
    record_property("inputs", runs)
    assert int(runs) > 1_000 * (SECONDS // 2) // 10, "next to nothing was read"


def test_a_reader_that_lets_errors_out_is_found(tmp_path: Path) -> None:
    """The negative control."""
    done = fuzz(tmp_path, 10, "gullible")
    assert done.returncode != 0
    assert "planted" in done.stderr + done.stdout
    assert list(tmp_path.glob("crash-*"))


@pytest.mark.parametrize("bent", [b'"t":0', b'"t":-1', b'"p":0', b'"m_kib":7'])
def test_a_key_header_that_asks_for_the_impossible_is_damaged(bent: bytes) -> None:
    name = bent.partition(b":")[0]
    right = next(part for part in EXAMPLES[0].replace(b"}", b",").split(b",") if name + b":" in part)
    a_key_header(EXAMPLES[0])
    with pytest.raises(HeaderDamaged):
        a_key_header(EXAMPLES[0].replace(right[right.index(name) :], bent))


# --- the calls of a real server --------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    office = folder.found(tmp_path / "data", world.SCHOOL_NAME)
    world.settle(office)
    office.close()
    with RunningServer(tmp_path / "data", None) as running:
        yield running


@pytest.fixture
def calls(server: RunningServer) -> list[tuple[str, str]]:
    """Give method and path of every call, from the server's own table."""
    with contextlib.closing(folder.open_office(server.data)) as office:
        routes = Routes(office).app().routes
    return [(method, route.path) for route in routes for method in sorted(route.methods - {"HEAD"})]  # type: ignore[attr-defined]


class Prankster:
    """Makes calls of the right shape with wrong contents, signed rightly, wrongly or not at all."""

    def __init__(self, caller: Caller, hand: Hand, chance: random.Random) -> None:
        self._caller, self._hand, self._chance = caller, hand, chance

    def call(self, method: str, path: str) -> httpx.Response:
        """Make one call."""
        target, query, body = self._path(path), self._query(), self._body() if method != "GET" else b""
        if self._chance.random() < 0.7:
            response = self._caller.call(method, target, query, body)
            if response.status_code == 401 and wire.decode(wire.Problem, response.content).code == "nonce":
                self._caller.hello()
            return response
        headers = {"Signature": self._chance.choice(("", "ej=:AAAA:", "x" * 5_000, 'ej=:;keyid="desk:x"'))}
        return self._caller.http.request(method, f"{target}?{query}", content=body, headers=headers)

    def _path(self, path: str) -> str:
        words = ("0", "-1", "9" * 30, "x", "0" * 64, "..%2F..", "%00", "%D0%B9", "a" * 400)
        parts = [self._chance.choice(words) if part.startswith("{") else part for part in path.split("/")]
        return "/".join(parts)

    def _query(self) -> str:
        names = ("after", "own", "scope", "first", "kind", "record", "from", "to", "number", "size", "offset", "system")
        values = ("", "0", "1", "-1", "1-2", "9" * 20, "x" * 3_000, "%00", "%F0%28", "Mark", "1e3", "desk")
        picked = self._chance.sample(names, self._chance.randint(0, 4))
        return "&".join(f"{name}={self._chance.choice(values)}" for name in picked)

    def _body(self) -> bytes:
        kind = self._chance.randrange(5)
        batch = wire.encode_lines((self._batch.head, *self._batch.changes))
        if kind == 0:
            return wire.compress(harmed(batch, self._chance))
        if kind == 1:
            return harmed(wire.compress(batch), self._chance)
        if kind == 2:
            return wire.compress(self._chance.choice((b"[" * 100_000, b'{"slices":[' + b'"x",' * 9_000, bytes(10**6))))
        if kind == 3:
            number = self._chance.choice((-1, 10**14, 2**62, 2**63, 2**64, 10**30))
            text = b'{"slices":["directory","page:x"],"after":%d,"upto":%d,"number":0}' % (number, number)
            return wire.compress(self._chance.choice((text, b"{}", b"null", b"")))
        return self._chance.randbytes(self._chance.randrange(200))

    @property
    def _batch(self) -> wire.Batch:
        hand = Hand(self._hand.school, self._hand.desk, self._hand.person, self._hand.key)
        return hand.batch(hand.lesson(), hand.column(), hand.mark(self._chance.choice(PUPILS), "5"))


def told_rightly(response: httpx.Response) -> str:
    """Return what is wrong with an answer, "" when it is one of the protocol's."""
    if response.status_code >= 500 and response.status_code not in (503, 507):
        return f"{response.status_code}: {response.content[:200]!r}"
    if response.is_success or response.status_code == 405:
        return ""
    try:
        problem = wire.decode(wire.Problem, response.content)
    except wire.Malformed:
        return f"{response.status_code} without a problem: {response.content[:200]!r}"
    return "" if problem.code and "Traceback" not in problem.note else f"no code: {problem}"


def test_no_call_makes_the_server_fail_hang_or_grow(
    server: RunningServer, calls: list[tuple[str, str]], record_property: Callable[[str, object], None]
) -> None:
    assert server.process is not None
    process, chance, wrong, made = psutil.Process(server.process.pid), random.Random(2026), set(), 0
    caller, hand = world.desk_at(server, world.TEACHER)
    before, end = process.memory_info().rss, time.monotonic() + SECONDS // 2
    with caller:
        prankster = Prankster(caller, hand, chance)
        while made <= 3 * SECONDS or time.monotonic() < end:
            method, path = chance.choice(calls)
            began = sum(process.cpu_times()[:2])
            answer = prankster.call(method, path)
            took = sum(process.cpu_times()[:2]) - began
            made += 1
            if (fault := told_rightly(answer)) or took > COMPUTING:
                wrong.add(f"{method} {path}: {fault or f'{took:.1f} s of computing'}")
            if made % 50 == 0:
                shout(server, chance)
        assert caller.push(hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5"))).verdicts
    record_property("calls", made)
    assert wrong == set()
    assert process.memory_info().rss - before < GROWTH
    log = server.log.read_text()
    assert "unexpected failure" not in log
    assert "Traceback" not in log


def shout(server: RunningServer, chance: random.Random) -> None:
    """Say something that is no HTTP into a connection, and leave."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain,
        context.wrap_socket(plain) as line,
    ):
        line.sendall(harmed(b"POST /v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc", chance))


def test_an_answer_without_a_code_is_found() -> None:
    """The negative control of the calls."""
    request = httpx.Request("GET", "https://school/")
    for status, body in ((500, b""), (404, b"<html>"), (400, b'{"code":"","note":""}')):
        assert told_rightly(httpx.Response(status, content=body, request=request))

"""Nonces and the patience with strangers, and what a caller sees when the server itself is in trouble."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from ejournal_core.wire import Problem, decode
from ejournal_server import bodies, gate, problems, signing
from ejournal_server.api import Routes
from ejournal_server.folder import Office
from ejournal_server.reception import MEDIA_TYPE
from tests.server.world import SettableClock


def test_a_nonce_is_good_for_ten_minutes_and_only_where_it_was_made(office: Office, clock: SettableClock) -> None:
    nonce = gate.new_nonce(office.authority)
    assert gate.is_fresh(office.authority, nonce)
    other = "B" if nonce[10] == "A" else "A"
    assert not gate.is_fresh(office.authority, nonce[:10] + other + nonce[11:])
    assert not any(gate.is_fresh(office.authority, text) for text in ("", "A", "§", "A" * 32, nonce[:-4]))
    clock.moment += timedelta(seconds=gate.NONCE_SECONDS)
    assert gate.is_fresh(office.authority, nonce)
    clock.moment += timedelta(seconds=1)
    assert not gate.is_fresh(office.authority, nonce)


def test_a_stranger_in_a_hurry_waits_and_others_do_not() -> None:
    now = [0.0]
    bucket = gate.Bucket(rate=2, burst=3, clock=lambda: now[0])
    for _ in range(3):
        bucket.take("192.0.2.1")
    with pytest.raises(gate.TooFast):
        bucket.take("192.0.2.1")
    bucket.take("192.0.2.2")
    now[0] += 0.5
    bucket.take("192.0.2.1")
    with pytest.raises(gate.TooFast):
        bucket.take("192.0.2.1")


def test_the_bucket_forgets_who_asked_longest_ago_and_never_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MOST_CALLERS", 10)
    bucket = gate.Bucket(rate=0.001, burst=1, clock=lambda: 0.0)
    bucket.take("the one in a hurry")
    for number in range(9):
        bucket.take(f"192.0.2.{number}")
    with pytest.raises(gate.TooFast) as refused:
        bucket.take("the one in a hurry")
    assert refused.value.details["retry_after"] == 1000
    bucket.take("one more")
    with pytest.raises(gate.TooFast):
        bucket.take("192.0.2.8")
    with pytest.raises(gate.TooFast):
        bucket.check("192.0.2.7")
    bucket.check("nobody yet")


@pytest.mark.parametrize(
    ("host", "caller"),
    [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"), ("", ""),
    ],
)  # fmt: skip
def test_a_household_with_many_addresses_is_one_caller(host: str, caller: str) -> None:
    assert gate.address_of(host) == caller


def ask(app: Starlette, path: str) -> httpx.Response:
    """Ask the application without a network between."""

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="https://school") as caller:
            return await caller.get(path)

    return asyncio.run(get())


def test_too_many_requests_get_429_and_the_time_to_wait(office: Office) -> None:
    routes = Routes(office)
    routes.strangers = gate.Bucket(rate=0.001, burst=1)
    assert ask(routes.app(), "/v1/hello").status_code == 200
    answer = ask(routes.app(), "/v1/hello")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1000")
    assert decode(Problem, answer.content).code == "EJ-375"


@pytest.mark.logs("unexpected failure")
def test_a_failure_of_ours_is_told_without_what_it_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("КАНАРЕЙКА")

    monkeypatch.setattr(signing, "current_head", fail)
    answer = ask(Routes(office).app(), "/v1/hello")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert decode(Problem, answer.content) == Problem(code="EJ-900", note="unexpected failure")


def test_a_body_that_never_ends_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.05)

    async def post() -> httpx.Response:
        async def slowly() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(5)
            yield b"}"

        transport = httpx.ASGITransport(Routes(office).app())
        async with httpx.AsyncClient(transport=transport, base_url="https://school") as caller:
            return await caller.post("/v1/pair", content=slowly())

    answer = asyncio.run(post())
    assert (answer.status_code, decode(Problem, answer.content).code) == (400, "EJ-321")


_ANGLES = str.maketrans("{}", "<>")


def test_the_protocols_page_names_every_call_and_every_code(office: Office) -> None:
    page = (Path(__file__).parents[2] / "docs" / "sync-protocol.md").read_text(encoding="utf-8")
    paths = {route.path for route in Routes(office).app().routes if isinstance(route, Route)}
    assert {
        path
        for path in paths
        if path.replace("{pairing}", "{id}").replace("{chunk}", "{i}").translate(_ANGLES) not in page
    } == set()
    assert {code for code in problems.STATUS if code not in page and code != "EJ-370"} == set()

"""The server before whoever looks after it: status, desks, readiness, figures, its log, and how it goes."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from ejournal_core import seal, wire
from ejournal_core.changes import Verdict
from ejournal_core.wire import DeskRequest, Problem
from ejournal_server import app, backups, folder, generations, messages, overview
from ejournal_server.authority import stamp
from ejournal_server.chores import Chore
from ejournal_server.contacts import Contacts
from ejournal_server.folder import Office
from ejournal_server.intake import accept
from ejournal_server.keys import KeyMissing
from ejournal_server.overview import Overview
from ejournal_server.store import aside, log, tables
from ejournal_server.store.aside import Quarantined
from ejournal_server.store.database import StoreUnusable
from tests.helpers.processes import start_bound, wait_until
from tests.server import world
from tests.server.world import PUPILS, RunningServer, SettableClock


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ejournal_server", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


# --- is it well ----------------------------------------------------------------------------------------------------


def test_a_new_school_asks_for_its_first_backup_and_for_nothing_else(office: Office) -> None:
    seen = overview.look(office)
    assert seen.alarms == ("backup",)
    assert (seen.name, seen.desks, seen.disputes, seen.quarantine) == (world.SCHOOL_NAME, 0, 0, 0)
    assert seen.number == len(world.records())
    assert 100_000 < seen.store_bytes < 100_000_000


def test_a_desk_that_is_silent_for_a_week_is_shown_and_one_that_calls_is_not(
    office: Office, clock: SettableClock
) -> None:
    heard = Contacts(office.authority)
    desk = world.new_hand(office, world.TEACHER).desk
    heard.note(desk, "ejournal-desktop/1.2.3", "f" * 32)
    heard.write()
    (line,) = overview.desks(office)
    assert (line.name, line.version, line.state) == ("Иванова Мария Петровна", "1.2.3", "active")
    assert line.contact == stamp(clock.moment)
    assert line.scope == "differs"
    clock.moment += timedelta(days=6, hours=23)
    assert overview.look(office).silent == 0
    clock.moment += timedelta(hours=1)
    assert overview.look(office).silent == 1
    assert "silent" in overview.look(office).alarms
    heard.note(desk)
    heard.write()
    assert overview.look(office).silent == 0
    assert overview.desks(office)[0].version == "1.2.3"  # what it did not say again is still known


def test_what_waits_for_a_person_is_counted_until_it_is_decided(office: Office) -> None:
    one, two = world.new_hand(office, world.TEACHER), world.new_hand(office, world.COLLEAGUE)
    accept(office.authority, one.batch(one.lesson(), one.column(), one.mark(PUPILS[0], "5")))
    (verdict,) = accept(office.authority, two.batch(two.mark(PUPILS[0], "3"))).verdicts
    assert verdict.outcome == "disputed"
    with office.authority.store.write() as tx:
        held = Quarantined(sha256="0" * 64, desk=one.desk, reason="EJ-373", at=world.AT, body="{}")
        aside.quarantine(tx, held)
        tx.run(tables.request.insert(), number=9, change="c", kind="Mark", record="r", author="a", reason="EJ-230")
    seen = overview.look(office)
    assert (seen.disputes, seen.pending, seen.quarantine) == (1, 1, 1)
    assert "quarantine" in seen.alarms
    with office.authority.store.write() as tx:
        for statement in ("UPDATE dispute SET closed_by = 9", "UPDATE request SET decided_by = 10",
                          "UPDATE quarantine SET state = 'dismissed'"):  # fmt: skip
            tx.connection.exec_driver_sql(statement)
    seen = overview.look(office)
    assert (seen.disputes, seen.pending, seen.quarantine) == (0, 0, 0)
    assert "quarantine" not in seen.alarms


def test_an_older_contact_does_not_push_a_newer_one_aside(office: Office, clock: SettableClock) -> None:
    slow, quick = Contacts(office.authority), Contacts(office.authority)
    desk = world.new_hand(office, world.TEACHER).desk
    slow.note(desk, "ejournal-desktop/1.0.0")
    clock.moment += timedelta(hours=1)
    quick.note(desk, "ejournal-desktop/2.0.0")
    quick.write()
    slow.write()
    (line,) = overview.desks(office)
    assert (line.contact, line.version) == (stamp(clock.moment), "2.0.0")


@pytest.mark.parametrize("said", ["Mozilla/5.0", "ejournal-desktop/" + "9" * 41, "ejournal-desktop/1.0\tПетров", ""])
def test_what_is_no_version_of_a_desk_is_not_kept(office: Office, said: str) -> None:
    heard = Contacts(office.authority)
    heard.note(world.new_hand(office, world.TEACHER).desk, said)
    heard.write()
    assert overview.desks(office)[0].version == ""


@pytest.mark.logs("contacts wait")
def test_contacts_wait_while_the_store_is_in_trouble(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Contacts(office.authority)
    desk = world.new_hand(office, world.TEACHER).desk
    heard.note(desk)

    def fail(_: object) -> None:
        raise StoreUnusable("planted")

    with monkeypatch.context() as broken:
        broken.setattr(type(office.authority.store), "write", fail)
        heard.write()
    heard.write()
    assert [line.desk for line in overview.desks(office)] == [desk]


def test_a_backup_ends_its_alarm_for_a_week(office: Office, clock: SettableClock) -> None:
    backups.new_recovery_key(office)
    generations.back_up(office.authority, office.folder, office.ca_pem)
    assert overview.look(office).alarms == ()
    assert overview.look(office).backup == stamp(clock.moment)
    clock.moment += timedelta(days=8)
    assert overview.look(office).alarms == ("backup", "daily"), "nor was the copy made that the rules want each day"


def test_a_server_whose_clock_is_not_that_of_its_desks_is_told(office: Office, clock: SettableClock) -> None:
    hands = [world.new_hand(office, person) for person in (world.TEACHER, world.COLLEAGUE, world.TEACHER)]
    accept(office.authority, hands[0].batch(hands[0].lesson(), hands[0].column()))
    right = clock.moment  # the desks say 9:25, and it is 9:30
    for days, minutes, alarm in ((0, 0, ""), (0, -20, "behind"), (3, 0, "ahead")):
        clock.moment = right + timedelta(days=days, minutes=minutes)
        for hand in hands:
            accept(office.authority, hand.batch(hand.mark(PUPILS[0], "5")))
        with office.authority.store.read() as tx:
            newest = log.lines(tx, log.read_head(tx).number - 3, 10**9, 3)
        ahead = overview.ahead_of_desks(newest)
        assert (ahead < -overview.BEHIND_SECONDS, ahead > overview.DAY) == (alarm == "behind", alarm == "ahead")
        assert overview.ahead_of_desks(newest[:2]) == 0
    assert overview.look(office).ahead == -900  # the quickest line of each desk shows its clock
    assert "behind" in overview.look(office).alarms


def test_every_alarm_has_its_sentence() -> None:
    assert set(overview._ALARMS) == set(messages.ALARMS)


def test_status_and_desks_speak_to_people_and_to_programs(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        teacher.push(hand.batch(hand.lesson()))
    server.stop()  # what was seen is written down at the end
    told = run("status", "--data", str(server.data), environment=server.environment)
    assert told.returncode == 3
    assert world.SCHOOL_NAME in told.stdout
    assert "! Резервной копии" in told.stdout
    told = run("status", "--json", "--data", str(server.data), environment=server.environment)
    seen = msgspec.json.decode(told.stdout, type=Overview)
    assert (seen.desks, seen.silent, seen.alarms) == (1, 0, ("backup",))
    (line,) = json.loads(server.run("desks", "--json"))
    assert (line["desk"], line["state"]) == (hand.desk, "active")
    assert hand.desk in server.run("desks")
    people = json.loads(server.run("people", "--json"))
    assert {"person": world.TEACHER, "name": "Иванова Мария Петровна", "state": "none"} in people
    server.start()


def test_a_reader_that_has_seen_enough_gets_no_traceback(server: RunningServer) -> None:
    for arguments in (["people"], ["status"], ["desks", "--json"]):
        line = f"{sys.executable} -m ejournal_server {' '.join(arguments)} --data {server.data} | true"
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}; exit ${{PIPESTATUS[0]}}"],
                              env=server.environment, capture_output=True, text=True, check=False)  # fmt: skip
        assert "Traceback" not in done.stderr
        assert "BrokenPipe" not in done.stderr
        assert done.returncode in (0, 3)


# --- for monitors --------------------------------------------------------------------------------------------------


def figures(text: str) -> dict[str, float]:
    """Return metric with labels → value."""
    return {name: float(value) for name, value in re.findall(r"^([a-z_]+(?:\{[^}]*\})?) (\S+)$", text, re.MULTILINE)}


def test_the_figures_tell_what_happened_and_name_nobody(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    with teacher:
        assert teacher.http.get("/readyz").json() == {"status": "ready", "wrong": []}
        teacher.push(hand.batch(hand.lesson(), hand.column()))
        teacher.http.get("/v1/nothing-" + "КАНАРЕЙКА")
        answer = teacher.http.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        for elsewhere in ("10.0.0.1", "127.0.0.1"):  # somebody stands between and says what he likes
            assert teacher.http.get("/metrics", headers={"X-Forwarded-For": elsewhere}).status_code == 404
    found = figures(answer.text)
    assert found['ejournal_changes_total{outcome="taken"}'] == 2
    assert found['ejournal_calls_total{call="/v1/push",method="POST",status="200"}'] == 1
    assert found['ejournal_calls_total{call="-",method="GET",status="404"}'] == 1
    assert found['ejournal_call_seconds_count{call="/v1/push"}'] == 1
    assert found["ejournal_log_number"] == len(world.records()) + 2
    assert found['ejournal_waiting{what="dispute"}'] == 0
    assert found["ejournal_free_bytes"] > 0
    assert not re.search(r"КАНАРЕЙКА|%D0|person-|Иванова|" + hand.desk, answer.text)


def test_the_figures_have_an_address_of_their_own_on_demand(server: RunningServer) -> None:
    server.stop()
    command = [sys.executable, "-m", "ejournal_server", "serve", "--data", str(server.data), "--listen", "127.0.0.1:0",
               "--metrics", f"127.0.0.1:{server.port}"]  # fmt: skip
    process = start_bound(command, env=server.environment, stdout=subprocess.PIPE, signal="KILL")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"listening")
    told = httpx.get(f"http://127.0.0.1:{server.port}/metrics", trust_env=False)
    assert figures(told.text)["ejournal_log_number"] == len(world.records())
    assert httpx.get(f"http://127.0.0.1:{server.port}/v1/hello", trust_env=False).status_code == 404
    process.terminate()
    assert process.wait(timeout=30) == 0
    process.stdout.close()
    server.start()


def test_a_server_without_a_store_is_alive_and_not_ready(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert overview.unready(office) == []
    with monkeypatch.context() as full:
        full.setattr(overview, "LEAST_FREE", 2**80)
        assert overview.unready(office) == ["disk"]
    office.authority.store.engine.dispose()
    with office.authority.store.write() as tx:
        tx.connection.exec_driver_sql("UPDATE school SET head = replace(head, 'signature', 'signaturf')")
    assert overview.unready(office) == ["head"]
    with office.authority.store.write() as tx:
        tx.connection.exec_driver_sql("ALTER TABLE school RENAME TO gone")
    assert overview.unready(office) == ["store"]


# --- the log -------------------------------------------------------------------------------------------------------


def test_the_log_of_a_whole_story_names_calls_and_ids_and_nothing_personal(server: RunningServer) -> None:
    workstation = world.pair(server, "КАНАРЕЙКА-учительская")
    ca = (server.data / folder.CA).read_text()
    teacher, hand = world.open_desk(server, workstation, ca, world.TEACHER, "КАНАРЕЙКА пароль")
    wrong = DeskRequest(person=world.TEACHER, secret="КАНАРЕЙКА не тот", public_key="")
    with teacher, workstation:
        receipt = teacher.push(hand.batch(hand.lesson(), hand.column(), hand.mark(PUPILS[0], "5")))
        assert {verdict.outcome for verdict in receipt.verdicts} == {"taken"}
        homework = hand.change("Lesson", world.LESSON, {"homework": None}, {"homework": "КАНАРЕЙКА-задание"})
        teacher.push(hand.batch(homework))
        workstation.call("POST", "/v1/desks", body=wire.encode(wrong))
        teacher.http.get("/v1/КАНАРЕЙКА?имя=КАНАРЕЙКА")
        teacher.call("POST", "/v1/push", body="КАНАРЕЙКА".encode())
        nonce = teacher.nonce
    server.stop()
    written = server.log.read_text()
    for secret in (
        "КАНАРЕЙКА",
        "%D0%9A",
        "\\u041a",
        "Иванова",
        "Ёлкин",
        "Школа № 7",
        nonce,
        "PRIVATE",
        '"5"',
        "пароль",
    ):
        assert secret not in written, secret
    calls = [line for line in map(json.loads, written.splitlines()) if line["what"] == "call"]
    pushed = [line for line in calls if line["path"] == "/v1/push"]
    assert {line["caller"] for line in pushed} == {f"desk:{hand.desk}"}
    assert [line["status"] for line in pushed] == [200, 200, 400]
    assert all(line["ms"] >= 0 and len(line["call"]) == 16 for line in calls)
    assert len({line["call"] for line in calls}) == len(calls)
    refused = next(line for line in map(json.loads, written.splitlines()) if line["what"] == "wrong password or code")
    assert refused["call"] in {line["call"] for line in calls if line["path"] == "/v1/desks"}
    server.start()


# --- how it goes ---------------------------------------------------------------------------------------------------


def test_told_to_stop_under_load_it_finishes_what_is_inside_and_loses_nothing(server: RunningServer) -> None:
    first, hand = world.desk_at(server, world.TEACHER)
    first.push(hand.batch(hand.lesson(), hand.column()))
    acknowledged: list[Verdict] = []
    answers: list[tuple[int, Problem]] = []

    def push_on(caller: world.Caller, of: world.Hand, pupil: str) -> None:
        value: str | None = None
        with contextlib.suppress(httpx.HTTPError):
            while True:
                new = "4" if value == "5" else "5"
                batch = of.batch(*[of.mark(pupil, new, was=value, born=value is None)])
                response = caller.call("POST", "/v1/push", body=wire.encode_batch(batch))
                if response.status_code != 200:
                    answers.append((response.status_code, wire.decode(Problem, response.content)))
                    return
                acknowledged.extend(wire.decode(wire.Receipt, response.content).verdicts)
                value = new

    pushing = []
    for number, person in enumerate((world.TEACHER, world.COLLEAGUE)):
        caller, own = (first, hand) if not number else world.desk_at(server, person)
        pushing.append(threading.Thread(target=push_on, args=(caller, own, PUPILS[number])))
    for thread in pushing:
        thread.start()
    wait_until(lambda: len(acknowledged) > 4, "some receipts", 60)
    assert server.stop() == 0
    for thread in pushing:
        thread.join()
    first.http.close()
    assert all((status, problem.code) == (503, "EJ-425") and problem.retry_after for status, problem in answers)
    server.start()
    office = folder.open_office(server.data, server.database)
    with contextlib.closing(office), office.authority.store.read() as tx:
        kept = {line.change.id: line.verdict for line in log.lines(tx, 0, 10**9, 10**6)}
    assert all(kept[verdict.id] == verdict for verdict in acknowledged)


def test_while_a_slow_push_ends_new_calls_are_told_to_come_back(server: RunningServer) -> None:
    teacher, hand = world.desk_at(server, world.TEACHER)
    body = wire.encode_batch(hand.batch(hand.lesson()))
    headers = seal.sign_request(
        hand.key, teacher.key_id, teacher.hello().nonce, seal.RequestParts("POST", "/v1/push", "", body), 0
    )
    with teacher, no_questions_asked(server) as slow:
        slow.putrequest("POST", "/v1/push")
        for name, value in {**headers, "Content-Length": str(len(body)), "Expect": "100-continue"}.items():
            slow.putheader(name, value)
        slow.endheaders(body[:10])
        wait_for_continue(slow.sock)
        assert server.process is not None
        server.process.terminate()
        wait_until(lambda: greeting(server).status_code == 503, "a closed door")
        refused = greeting(server)
        slow.send(body[10:])
        answer = slow.getresponse().read()
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert wire.decode(Problem, refused.content).code == "EJ-425"
    assert wire.decode(wire.Receipt, answer).verdicts[0].outcome == "taken"
    assert server.stop() == 0
    server.start()


@contextlib.contextmanager
def no_questions_asked(server: RunningServer) -> Iterator[http.client.HTTPSConnection]:
    """Give a connection whose requests are sent piece by piece."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.closing(http.client.HTTPSConnection("127.0.0.1", server.port, context=context)) as connection:
        yield connection


def wait_for_continue(line: socket.socket) -> None:
    """Read until the server has said that it waits for the body: the call is inside."""
    said = b""
    while not said.endswith(b"\r\n\r\n"):
        said += line.recv(1)
    assert said.startswith(b"HTTP/1.1 100")


def greeting(server: RunningServer) -> httpx.Response:
    with world.workstation_at(server) as late:
        return late.http.get("/v1/hello")


def test_systemd_hears_when_the_server_is_ready_alive_and_stopping(server: RunningServer, tmp_path: Path) -> None:
    server.stop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        server.environment["NOTIFY_SOCKET"] = str(tmp_path / "notify")
        server.start()
        assert manager.recv(100) == b"READY=1"
        assert manager.recv(100) == b"WATCHDOG=1"
        server.stop()
        rest = [manager.recv(100)]
        while rest[-1] == b"WATCHDOG=1":
            rest.append(manager.recv(100))
        assert rest[-1] == b"STOPPING=1"
    del server.environment["NOTIFY_SOCKET"]
    server.start()


def test_a_chore_is_done_at_intervals_and_once_more_at_the_end() -> None:
    done: list[int] = []
    twice = threading.Event()

    def work() -> None:
        done.append(1)
        if len(done) == 2:
            twice.set()

    with Chore(work, 0.01):
        assert twice.wait(10)
    assert len(done) >= 3
    settled = len(done)
    time.sleep(0.05)
    assert len(done) == settled


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_the_service_manager_end_it_in_peace(server: RunningServer, number: signal.Signals) -> None:
    assert server.process is not None
    server.process.send_signal(number)
    assert server.process.wait(timeout=30) == 0
    assert "Traceback" not in server.log.read_text()


def test_a_log_file_is_kept_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "LOG_BYTES", 2_000)
    monkeypatch.setattr(app, "LOG_FILES", 2)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    root.handlers = []
    try:
        app.log_to_file(tmp_path / "server.log")
        for number in range(100):
            logging.getLogger("ejournal_server").info("call", extra={"number": number})
        for handler in root.handlers:
            handler.close()
    finally:
        root.handlers, _ = before
        root.setLevel(before[1])
    kept = sorted(file.name for file in tmp_path.iterdir())
    assert kept == ["server.log", "server.log.1", "server.log.2"]
    assert all(file.stat().st_size <= 2_000 for file in tmp_path.iterdir())
    last = json.loads((tmp_path / "server.log").read_text().splitlines()[-1])
    assert last["number"] == 99
    assert datetime.fromisoformat(last["at"]).utcoffset() == timedelta(0)


def test_a_log_file_that_cannot_be_written_is_told(office: Office, tmp_path: Path) -> None:
    done = run("serve", "--data", str(office.folder), "--log-file", str(tmp_path / "none" / "server.log"))
    assert done.returncode == 1
    assert done.stderr.startswith("EJ-359: ")
    assert "Traceback" not in done.stderr


def test_whatever_fails_a_person_reads_a_sentence_and_no_exception(server: RunningServer, tmp_path: Path) -> None:
    (server.data / folder.CA).rename(server.data / "ca.away")
    told = run("status", "--data", str(server.data), environment=server.environment)
    assert told.returncode == 1
    assert "EJ-359" in told.stderr
    assert "нет такого файла" in told.stderr
    (server.data / folder.CA).write_text("КАНАРЕЙКА")
    told = run("status", "--data", str(server.data), environment=server.environment)
    assert (told.returncode, told.stderr.splitlines()[-1][:7]) == (1, "EJ-900:")
    assert "Traceback" not in told.stderr
    assert "КАНАРЕЙКА" not in told.stderr
    (server.data / "ca.away").replace(server.data / folder.CA)


@pytest.mark.parametrize("why", ["absent", "exposed", "malformed", "unopened"])
def test_a_missing_key_is_told_in_russian(why: str) -> None:
    said = messages.sentence(KeyMissing("english words", why=why))
    assert "english" not in said
    assert messages.REASONS[why] in said


def test_no_sentence_of_the_server_repeats_an_errors_own_text() -> None:
    assert [code for code, text in messages.SENTENCES.items() if "{message}" in text] == []

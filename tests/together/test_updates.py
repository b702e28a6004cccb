"""A newer program: signed by its publisher, offered by the school, fetched in pieces, proved twice, never installed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ejournal_core import release, seal
from ejournal_core.release import NotReleased, Package, Release
from ejournal_desktop.sync import updates
from ejournal_desktop.sync.engine import Portion
from ejournal_desktop.sync.server import Identity, SchoolServer, ServerRefused
from ejournal_desktop.sync.talk import Talk
from ejournal_desktop.sync.updates import UpdateBroken, Updates, UpdateUnsaved
from ejournal_server import folder, messages, releases
from ejournal_server.folder import Office
from tests.server import world
from tests.server.world import RunningServer
from tests.together.town import Town
from tools import sign_release

KEY = seal.new_signing_key()
PUBLISHER = seal.signing_public_key(KEY).hex()
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PACKAGE = "ejournal-desktop_1.2.0_amd64.deb"


@pytest.fixture(autouse=True)
def built_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process's program be built with a publisher's key."""
    monkeypatch.setattr(release, "PUBLISHER", PUBLISHER)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with contextlib.closing(folder.found(tmp_path / "data", world.SCHOOL_NAME)) as office:
        yield office


def package(place: Path, version: str = "1.2.0", content: bytes = b"", system: release.System = "linux") -> Path:
    """Write a package with the publisher's signature beside it."""
    file = place / f"ejournal-desktop_{version}_amd64.deb"
    file.write_bytes(content or os.urandom(3 * release.PIECE + 77))
    sign_release.sign(KEY, file, system, version)
    return file


class Desk:
    """A workstation that asks."""

    def __init__(self, office: Office, server: RunningServer, place: Path, installed: str = "1.1.0") -> None:
        caller = world.workstation_at(server)
        caller.http.close()
        self.line = SchoolServer(server.address, office.ca_pem, Identity(caller.key_id, caller.key))
        self.place = place
        self.updates = Updates(
            place, office.authority.school, office.authority.keys.signing_public, installed, PUBLISHER
        )

    def look(self, now: datetime = NOW) -> None:
        self.updates.look(self.line, now)

    def look_until_ready(self, now: datetime = NOW) -> None:
        for _ in range(10):
            self.look(now)


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Iterator[Desk]:
    """Give a workstation of 1.1.0 with a real server over the office's folder."""
    with RunningServer(office.folder, None) as server:
        made = Desk(office, server, tmp_path / "updates")
        yield made
        made.line.close()


# --- the way of a package --------------------------------------------------------------------------------------------


def test_a_released_package_lies_ready_after_some_meetings_and_is_byte_for_byte_the_publishers(
    office: Office, desk: Desk, tmp_path: Path
) -> None:
    file = package(tmp_path)
    releases.add(office, file, "1.2.0")
    desk.look()
    assert desk.updates.offer() is None  # two pieces of four
    desk.look_until_ready()
    offer = desk.updates.offer()
    assert offer is not None
    assert (offer.version, offer.file.name) == ("1.2.0", PACKAGE)
    assert offer.file.read_bytes() == file.read_bytes()
    assert not list(desk.place.glob("*.part"))


def test_a_cut_download_goes_on_where_it_ended(office: Office, desk: Desk, tmp_path: Path) -> None:
    file = package(tmp_path)
    releases.add(office, file, "1.2.0")
    desk.look()
    (part,) = desk.place.glob("*.part")
    part.write_bytes(part.read_bytes()[: release.PIECE + 5])  # a power cut kept this much
    asked: list[int] = []
    fetch = desk.line.fetch_release

    def noted(sha256: str, offset: int) -> bytes:
        asked.append(offset)
        return fetch(sha256, offset)

    desk.line.fetch_release = noted  # type: ignore[method-assign]  # the real call goes on behind it
    desk.look_until_ready()
    assert asked[0] == release.PIECE + 5
    offer = desk.updates.offer()
    assert offer is not None
    assert offer.file.read_bytes() == file.read_bytes()


def test_the_school_is_asked_once_a_day(office: Office, desk: Desk, tmp_path: Path) -> None:
    desk.look()
    releases.add(office, package(tmp_path), "1.2.0")
    desk.look(NOW + timedelta(hours=23))
    assert not list(desk.place.glob("*.part"))
    desk.look(NOW + timedelta(hours=24))
    assert list(desk.place.glob("*.part"))
    desk.look(NOW - timedelta(days=400))  # a clock that was set back
    assert desk.updates._state().asked == NOW - timedelta(days=400)  # type: ignore[union-attr]


@pytest.mark.parametrize("damage", ["", "{", '{"asked":"2026-11-20T09:30:00","offered":null}'])
def test_where_it_is_no_longer_readable_when_the_school_was_asked_it_is_asked_anew(
    office: Office, desk: Desk, tmp_path: Path, damage: str
) -> None:
    releases.add(office, package(tmp_path), "1.2.0")
    desk.place.mkdir()
    (desk.place / "state.json").write_text(damage)
    desk.look_until_ready()
    assert desk.updates.offer() is not None


@pytest.mark.parametrize("version", ["1.1.0", "1.0.9", "0.9", "1.1"])
def test_nothing_older_and_nothing_equal_is_taken(office: Office, desk: Desk, tmp_path: Path, version: str) -> None:
    releases.add(office, package(tmp_path, version), version)
    desk.look_until_ready()
    assert desk.updates.offer() is None
    assert [file.name for file in desk.place.iterdir()] == ["state.json"]


def test_a_newer_release_takes_the_place_of_an_older_one_on_both_sides(
    office: Office, desk: Desk, tmp_path: Path
) -> None:
    releases.add(office, package(tmp_path), "1.2.0")
    desk.look_until_ready()
    releases.add(office, package(tmp_path, "1.10.0", b"small"), "1.10.0")
    desk.look_until_ready(NOW + timedelta(days=1))
    offer = desk.updates.offer()
    assert offer is not None
    assert offer.version == "1.10.0"
    assert len(list(desk.place.iterdir())) == 2
    assert len(list((office.folder / releases.FOLDER).iterdir())) == 2
    assert releases.withdraw(office.folder, "linux")
    desk.look(NOW + timedelta(days=2))
    assert desk.updates.offer() is None
    assert not releases.withdraw(office.folder, "linux")


def test_what_is_new_comes_with_the_publishers_signature(office: Office, desk: Desk, tmp_path: Path) -> None:
    file = package(tmp_path, content=b"small")
    sign_release.sign(KEY, file, "linux", "1.2.0", "Стало быстрее.")
    releases.add(office, file, "1.2.0")
    desk.look_until_ready()
    offer = desk.updates.offer()
    assert offer is not None
    assert offer.news == "Стало быстрее."


def test_a_package_leaves_room_for_marks_and_no_half_of_itself_on_a_full_disk(
    office: Office, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases.add(office, package(tmp_path), "1.2.0")
    desk.look()
    assert list(desk.place.glob("*.part"))
    with monkeypatch.context() as full:
        full.setattr(updates, "ROOM_LEFT", 1 << 60)
        with pytest.raises(UpdateUnsaved):
            desk.look()
    assert not list(desk.place.glob("*.part"))
    desk.look_until_ready()
    assert desk.updates.offer() is not None


# --- what is not to be trusted ---------------------------------------------------------------------------------------


def test_a_server_that_gives_out_other_bytes_is_found_and_nothing_is_kept(
    office: Office, desk: Desk, tmp_path: Path
) -> None:
    offered = releases.add(office, package(tmp_path), "1.2.0")
    kept = office.folder / releases.FOLDER / offered.package.sha256
    whole = kept.read_bytes()
    for day, wrong in enumerate((os.urandom(len(whole)), b"short")):
        kept.write_bytes(wrong)
        with pytest.raises(UpdateBroken):
            desk.look_until_ready(NOW + timedelta(days=day))
        assert [file.name for file in desk.place.iterdir()] == ["state.json"]
    assert desk.updates.offer() is None
    kept.write_bytes(whole)
    desk.look_until_ready(NOW + timedelta(days=2))
    assert desk.updates.offer() is not None


def test_a_broken_package_is_said_at_each_meeting_and_fetched_once_a_day(
    office: Office, desk: Desk, tmp_path: Path
) -> None:
    offered = releases.add(office, package(tmp_path), "1.2.0")
    kept = office.folder / releases.FOLDER / offered.package.sha256
    kept.write_bytes(b"x" * kept.stat().st_size)
    with pytest.raises(UpdateBroken):
        desk.look_until_ready()
    asked = [file.name for file in desk.place.iterdir()]
    desk.line.close()  # whatever asked for a byte now would fail otherwise
    for hours in (0, 1, 23):
        with pytest.raises(UpdateBroken):
            desk.look(NOW + timedelta(hours=hours))
    assert [file.name for file in desk.place.iterdir()] == asked == ["state.json"]


def test_a_package_that_is_changed_on_the_disk_is_not_offered(office: Office, desk: Desk, tmp_path: Path) -> None:
    releases.add(office, package(tmp_path), "1.2.0")
    desk.look_until_ready()
    with (desk.place / PACKAGE).open("r+b") as file:
        file.write(b"\0\0\0\0")
    with pytest.raises(UpdateBroken):
        desk.updates.offer()
    assert not (desk.place / PACKAGE).exists()


def forged(office: Office, **how: object) -> Release:
    """Return a release that a dishonest server might offer."""
    key, school, own = how.get("key", KEY), how.get("school", office.authority.school), office.authority.keys.signing
    assert isinstance(key, bytes)
    assert isinstance(school, str)
    one = Package(name=str(how.get("name", PACKAGE)), system=how.get("system", "linux"), version="9.9.9", size=5,  # type: ignore[arg-type]
                  sha256=hashlib.sha256(b"small").hexdigest(), news=str(how.get("news", "")))  # fmt: skip
    signed = release.sign(key, one)
    if "altered" in how:
        signed = msgspec.structs.replace(signed, version="9.9.10")
    offered = release.sign(own, Release(school=school, package=signed, at="2026-11-20T09:00:00.000Z"))
    return msgspec.structs.replace(offered, signature="00" * 64) if "unsigned" in how else offered


@pytest.mark.parametrize(
    "how",
    [
        {"key": bytes(range(32))}, {"altered": True}, {"unsigned": True}, {"school": "another"},
        {"system": "windows"}, {"name": "../../evil.deb"}, {"name": "a/b.deb"}, {"name": ".hidden"}, {"name": ""},
        {"news": "много слов " * 100},
    ],
    ids=str,
)  # fmt: skip
def test_what_publisher_and_school_have_not_both_signed_is_not_even_fetched(
    office: Office, desk: Desk, how: dict[str, object]
) -> None:
    place = office.folder / releases.FOLDER
    place.mkdir()
    (place / "linux.json").write_bytes(msgspec.json.encode(forged(office, **how)))
    for hours in (0, 23):
        with pytest.raises(NotReleased):
            desk.look(NOW + timedelta(hours=hours))
        assert [file.name for file in desk.place.iterdir()] == ["state.json"]
        assert desk.updates.offer() is None
    (place / "linux.json").write_bytes(msgspec.json.encode(forged(office)))
    (place / hashlib.sha256(b"small").hexdigest()).write_bytes(b"small")
    with pytest.raises(NotReleased):
        desk.look(NOW + timedelta(hours=23))  # the school is asked once a day
    desk.look(NOW + timedelta(days=1))
    assert desk.updates.offer() is not None  # the same offer without the fault is taken


def test_without_a_publisher_nothing_is_asked_and_nothing_released(
    office: Office, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = package(tmp_path)
    releases.add(office, file, "1.2.0")
    alone = Updates(tmp_path / "alone", office.authority.school, office.authority.keys.signing_public, "1.1.0", "")
    alone.look(desk.line, NOW)
    assert not (tmp_path / "alone").exists()
    assert alone.offer() is None
    monkeypatch.setattr(release, "PUBLISHER", "")
    with pytest.raises(NotReleased) as told:
        releases.add(office, file, "1.2.0")
    assert "не встроен ключ издателя" in messages.sentence(told.value)


def test_only_what_the_publisher_signed_is_put_in_and_the_one_before_stays(office: Office, tmp_path: Path) -> None:
    good = releases.add(office, package(tmp_path), "1.2.0")
    other = package(tmp_path, "1.3.0", b"content")

    def refused(why: str, version: str) -> None:
        with pytest.raises(NotReleased) as told:
            releases.add(office, other, version)
        assert told.value.details["why"] == why
        assert releases.offers(office.folder) == [good]

    refused("other-version", "1.4.0")
    other.write_bytes(b"c0ntent")
    refused("other-file", "1.3.0")
    sign_release.sign(seal.new_signing_key(), other, "linux", "1.3.0")
    refused("not-signed", "1.3.0")
    other.with_name(other.name + ".sig").write_bytes(b"\xff\xfe rubbish")
    with pytest.raises(NotReleased):
        releases.add(office, other, "1.3.0")
    assert sorted(file.name for file in (office.folder / releases.FOLDER).iterdir()) == sorted(
        ["linux.json", good.package.sha256]
    )


def test_a_stranger_and_a_wrong_name_get_no_package(office: Office, desk: Desk, tmp_path: Path) -> None:
    releases.add(office, package(tmp_path), "1.2.0")
    for name in ("0" * 64, "linux.json", "..%2F..%2Fstore.key"):
        with pytest.raises(ServerRefused):
            desk.line.fetch_release(name, 0)
    stranger = SchoolServer(
        str(desk.line._http.base_url), office.ca_pem, Identity("workstation:none", seal.new_signing_key())
    )
    with stranger, pytest.raises(ServerRefused) as told:
        stranger.offered_release("linux")
    assert told.value.status == 401


@pytest.mark.parametrize(
    ("one", "other", "newer"),
    [("1.10.0", "1.9.9", True), ("1.2", "1.1.9", True), ("1.1.0", "1.1", False), ("1.2.0rc1", "1.1.0", False),
     ("2.0", "1.x", False), ("0.1.1", "0.1.0", True), ("1" * 9 + ".0", "1.0", False)],
)  # fmt: skip
def test_versions_are_numbers_and_nothing_else_is_newer(one: str, other: str, newer: bool) -> None:
    assert release.is_newer(one, other) is newer


def test_the_command_offers_lists_and_withdraws(office: Office, tmp_path: Path) -> None:
    file = package(tmp_path)
    with_a_key = f"from ejournal_core import release; release.PUBLISHER = '{PUBLISHER}'; "
    program = with_a_key + "import sys; from ejournal_server.__main__ import main; sys.exit(main(sys.argv[1:]))"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, "release", "--data", str(office.folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert "Предложена версия 1.2.0" in run("--add", str(file), "--version", "1.2.0").stdout
    assert run().stdout.startswith(f"linux\t1.2.0\t{PACKAGE}\t")
    refused = run("--add", str(file), "--version", "1.2.1")
    assert (refused.returncode, refused.stderr.splitlines()[-1][:7]) == (1, "EJ-426:")
    assert "Больше не предлагается" in run("--withdraw", "linux").stdout
    assert run().stdout == ""


def test_a_meeting_fetches_a_little_and_no_trouble_with_it_is_the_meetings(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(updates, "version", lambda _: "1.1.0")
    releases.add(town.office, package(tmp_path), "1.2.0")
    desk = town.sit_down("ПК", town.school.teacher)
    with town.on("ПК"):
        place = town.workstation("ПК")
        talk = Talk(desk.journal, place, Portion())
        for _ in range(3):
            talk.meet()
        offer = updates.updates_of(place).offer()
        assert offer is not None
        assert offer.version == "1.2.0"
        (town.office.folder / releases.FOLDER / "linux.json").write_bytes(b"{}")
        (offer.file.parent / updates.STATE).unlink()
        assert talk.meet() is not None
        talk.hang_up()

"""What a round of copies makes of what is plugged in: which drive is next, which is none, and which has its copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from ejournal_desktop.backup import rounds
from ejournal_desktop.backup.drives import Drive, register_drive
from ejournal_desktop.backup.rounds import Seen, look
from ejournal_desktop.backup.troubles import ClonedDrive, DriveReadOnly, ForeignDrive, OneDevice
from ejournal_desktop.backup.volumes import Volume

SCHOOL = "school-1"


class Ports:
    """The computer's ports: volumes as they are plugged in now."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.volumes: dict[str, Volume] = {}

    def plug(self, name: str, **facts: object) -> Path:
        """Plug a stick in; its device is its own and its UUID its name unless said otherwise."""
        folder = self._root / name
        folder.mkdir(exist_ok=True)
        plain = Volume(root=folder.resolve(), uuid=name, label=name, devices=(name,), removable=True)
        self.volumes[name] = msgspec.structs.replace(plain, **facts)
        return folder

    def pull(self, name: str) -> None:
        """Pull a stick out."""
        del self.volumes[name]

    def mounted(self) -> tuple[Volume, ...]:
        """Return what is plugged in."""
        return tuple(self.volumes.values())

    def register(self, name: str, school: str = SCHOOL) -> Drive:
        """Plug a stick in and give it its card."""
        return register_drive(self.plug(name), school, name, volumes=self)


@pytest.fixture
def ports(tmp_path: Path) -> Ports:
    return Ports(tmp_path)


def seen(ports: Ports, used: Sequence[Drive] = (), written: Sequence[Drive] = ()) -> Seen:
    return look(SCHOOL, {drive.card.id for drive in used}, written, ports)


def test_nothing_is_plugged_in(ports: Ports) -> None:
    assert seen(ports).what == "nothing"


def test_a_drive_without_a_card_is_offered_and_one_of_the_register_is_ready(ports: Ports) -> None:
    ports.plug("new")
    assert seen(ports).what == "unknown"
    drive = ports.register("blue")
    found = seen(ports, used=[drive])
    assert (found.what, found.plugged and found.plugged.card) == ("ready", drive.card)


def test_a_card_that_the_register_does_not_use_is_asked_about(ports: Ports) -> None:
    ports.register("blue")
    assert seen(ports).what == "unknown"


def test_a_drive_that_has_its_copy_is_to_be_taken_out_before_the_next_is_written(ports: Ports) -> None:
    blue, red = ports.register("blue"), ports.register("red")
    found = seen(ports, used=[blue, red], written=[blue])
    assert (found.what, found.plugged and found.plugged.card) == ("written", blue.card)
    ports.pull("blue")
    assert seen(ports, used=[blue, red], written=[blue]).what == "ready"


def test_the_second_partition_of_a_written_device_is_no_second_drive(ports: Ports) -> None:
    blue = ports.register("blue")
    ports.plug("other", devices=("blue",))
    assert isinstance(seen(ports, used=[blue], written=[blue]).trouble, OneDevice)


def test_the_next_drive_in_the_same_port_is_not_taken_for_the_same_device(ports: Ports) -> None:
    blue = ports.register("blue")
    ports.pull("blue")
    ports.plug("red", devices=("blue",))
    assert seen(ports, used=[blue], written=[blue]).what == "unknown"


def test_a_clone_of_a_written_drive_is_named(ports: Ports) -> None:
    blue = ports.register("blue")
    ports.pull("blue")
    ports.plug("clone", uuid="blue")
    assert isinstance(seen(ports, used=[blue], written=[blue]).trouble, ClonedDrive)


@pytest.mark.parametrize("registered", [True, False])
def test_a_drive_that_is_closed_for_writing_is_said_before_anything_is_tried(ports: Ports, registered: bool) -> None:
    used = [ports.register("blue")] if registered else []
    ports.plug("blue", read_only=True)
    found = seen(ports, used=used)
    assert isinstance(found.trouble, DriveReadOnly)
    assert found.trouble.details["drive"] == "blue"


def test_a_good_drive_goes_before_a_stranger_s(ports: Ports) -> None:
    ports.register("foreign", school="another")
    assert isinstance(seen(ports).trouble, ForeignDrive)
    blue = ports.register("blue")
    assert seen(ports, used=[blue]).what == "ready"


def test_on_a_computer_that_knows_no_copy_there_is_none_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EJOURNAL_DATA", str(tmp_path / "pc"))
    assert rounds.last_here() == ""

"""Real ext4 file systems over loop devices: full, closed, damaged and pulled out in the middle of a write.

Mounts and their room are real, and so are UUIDs, asked of the kernel. Only sysfs is dressed, so that each loop device
hangs on a USB port: to sysfs itself a loop device is a file on the computer's own disk, and that is refused.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ejournal_desktop.backup.drives import CARD, Drive, open_drives, plugged_in, register_drive
from ejournal_desktop.backup.linux_volumes import LinuxVolumes
from ejournal_desktop.backup.prove import prove, read_catalogue
from ejournal_desktop.backup.troubles import (
    ClonedDrive,
    CopiedCard,
    DriveFailed,
    DriveFull,
    DriveReadOnly,
    NoDevice,
    OwnDisk,
    UnknownDrive,
)
from ejournal_desktop.backup.volumes import Volume, volume_of
from ejournal_desktop.backup.write import DriveResult, generations, write_generation
from tests.desktop.backup.computers import Computer
from tests.desktop.backup.drive_world import ADMINISTRATOR, SAFE, Made, Quiet, mount, names

SIZE = 8 * 1024 * 1024  # bytes of a stick


def number_of(place: Path) -> str:
    """Return the number of the device on which a folder lies, as sysfs writes it."""
    number = place.stat().st_dev
    return f"{os.major(number)}:{os.minor(number)}"


#: Before, only udev's links tell a UUID, and where these tests run there may be no udev.
tells_uuids = pytest.mark.skipif(
    tuple(map(int, re.findall(r"\d+", platform.release())[:2])) < (6, 9), reason="this kernel is older than Linux 6.9"
)


class Desk:
    """A computer into which images are plugged like sticks."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.places: list[Path] = []
        self._computer = Computer(root / "computer")
        real = self._computer.root / "proc/self/mountinfo"
        real.symlink_to("/proc/self/mountinfo")
        block = Path("/sys/dev/block") / number_of(root)
        (self._computer.root / "sys/dev/block" / block.name).symlink_to(block)
        self.volumes = LinuxVolumes(self._computer.root)

    def image(self, name: str, label: str = "BACKUP", size: int = SIZE) -> Path:
        """Make a stick with a file system on it."""
        if not shutil.which("mkfs.ext4"):
            pytest.skip("e2fsprogs are not installed or not for this person")
        file = self.root / f"{name}.img"
        with file.open("wb") as made:
            made.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", "-m0", "-L", label, str(file)], check=True, capture_output=True)
        return file

    def plug(self, image: Path, *options: str) -> Path:
        """Plug a stick in; return where it is mounted."""
        place = self.root / f"media-{image.stem}"
        place.mkdir(exist_ok=True)
        if not mount("-o", ",".join(("loop", *options)), str(image), str(place)):
            pytest.skip("this process may not mount file systems over loop devices")
        self.places.append(place)
        number = number_of(place)
        if not (self._computer.root / "sys/dev/block" / number).is_symlink():
            self._computer.stick(f"sd-{number}", number)
        return place

    def plug_exfat(self, name: str) -> Path:
        """Plug in a stick as shops sell them; its UUID is noted as udev would, since FUSE tells the kernel none."""
        if not (shutil.which("mkfs.exfat") and shutil.which("mount.exfat-fuse")):
            pytest.skip("exfatprogs and exfat-fuse are not installed")
        file, place = self.image(name), self.root / f"media-{name}"
        subprocess.run(["mkfs.exfat", "-L", "BLUE", str(file)], check=True, capture_output=True)
        place.mkdir()
        done = subprocess.run(["losetup", "-f", "--show", str(file)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip("this process may not set up loop devices")
        device = done.stdout.strip()
        mounted = subprocess.run(["mount.exfat-fuse", device, str(place)], capture_output=True, check=False)
        subprocess.run(["losetup", "-d", device], check=True)  # it goes when nobody holds it any more
        if mounted.returncode:
            pytest.skip("this process may not mount by FUSE")
        self.places.append(place)
        self._computer.stick(Path(device).name, number_of(place))
        self._computer.note("by-uuid", f"FB32-{len(self.places):04X}", Path(device).name)
        return place

    def unplug(self, place: Path) -> None:
        """Pull a stick out while it is written to."""
        subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)
        self.places.remove(place)

    def drive(self, name: str, made: Made, size: int = SIZE) -> Drive:
        """Plug in and register a new stick."""
        return register_drive(self.plug(self.image(name, size=size)), made.school, name, volumes=self.volumes)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give a computer with sticks of its own."""
    made = Desk(tmp_path)
    yield made
    for place in list(made.places):
        made.unplug(place)


def write(made: Made, *drives: Drive, stop: Callable[[int], None] = lambda _: None) -> tuple[DriveResult, ...]:
    return write_generation(made.folder, drives, Quiet(stop), ADMINISTRATOR.secret, made.server_key)


def is_good(drive: Drive, made: Made) -> bool:
    folder = drive.folder / made.catalogue.generation
    return prove(folder, read_catalogue(folder, made.server_key), SAFE.secret, Quiet()) == made.catalogue.proof


def begun(folder: Path, made: Made) -> bool:
    return any(made.catalogue.generation in name for name in names(folder))


def volume(desk: Desk, place: Path) -> Volume:
    found = volume_of(place, desk.volumes.mounted())
    assert found is not None
    return found


@tells_uuids
def test_two_real_sticks_are_two_drives_by_their_real_uuids_and_both_are_proved(desk: Desk, made: Made) -> None:
    one, two = desk.drive("one", made), desk.drive("two", made)
    printed = subprocess.run(
        ["blkid", "-p", "-o", "value", "-s", "UUID", str(desk.root / "one.img")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert one.card.uuid == printed.stdout.strip()
    assert two.card.uuid not in ("", one.card.uuid)
    drives = open_drives((one.folder, two.folder), made.school, desk.volumes)
    assert [result.proved for result in write(made, *drives)] == [True, True]
    assert all(is_good(drive, made) for drive in drives)
    offered = plugged_in(made.school, desk.volumes)
    assert [each.card for each in offered] == [one.card, two.card]


def test_a_new_stick_is_offered_and_its_image_on_the_own_disk_is_not(desk: Desk, made: Made) -> None:
    place = desk.plug(desk.image("new"))
    (offered,) = plugged_in(made.school, desk.volumes)
    assert (offered.volume.root, type(offered.trouble)) == (place, UnknownDrive)
    with pytest.raises((OwnDisk, NoDevice)):  # to the real sysfs it is a file of this computer
        register_drive(place, made.school, "Новая")
    assert CARD not in names(place)


@tells_uuids
def test_a_formatted_stick_with_the_old_card_and_a_clone_are_told(desk: Desk, made: Made) -> None:
    one, other = desk.drive("one", made), desk.plug(desk.image("other"))
    (other / CARD).write_bytes((one.folder / CARD).read_bytes())
    with pytest.raises(CopiedCard):
        open_drives((one.folder, other), made.school, desk.volumes)
    clone = desk.root / "clone.img"
    desk.unplug(one.folder)
    clone.write_bytes((desk.root / "one.img").read_bytes())
    places = [desk.plug(each) for each in (desk.root / "one.img", clone)]
    with pytest.raises(ClonedDrive):
        open_drives(places, made.school, desk.volumes)


def test_a_full_stick_is_named_keeps_its_old_generation_and_the_other_is_good(
    desk: Desk, made: Made, older: Made
) -> None:
    full, other = desk.drive("full", made), desk.drive("other", made)
    assert write(older, full)[0].proved
    (full.folder / "photos").write_bytes(b"x" * (full.free() - 40_000))
    results = write(made, full, other)
    assert isinstance(results[0].trouble, DriveFull)
    assert results[1].proved
    assert generations(full.folder) == [older.catalogue.generation]
    assert is_good(full, older)


def test_a_stick_that_the_system_closes_is_named_and_the_other_is_good(desk: Desk, made: Made) -> None:
    closed, other = desk.drive("closed", made), desk.drive("other", made)
    subprocess.run(["mount", "-o", "remount,ro", str(closed.folder)], check=True)
    assert volume(desk, closed.folder).read_only
    results = write(made, closed, other)
    assert isinstance(results[0].trouble, DriveReadOnly)
    assert results[1].proved
    with pytest.raises(DriveReadOnly):
        register_drive(closed.folder, made.school, "Новое имя", volumes=desk.volumes)


def test_a_stick_whose_medium_dies_is_named_and_the_other_is_good(desk: Desk, made: Made) -> None:
    dying, other = desk.drive("dying", made), desk.drive("other", made)

    def die(looks: int) -> None:
        if begun(dying.folder, made):
            os.truncate(desk.root / "dying.img", 4096)

    results = write(made, dying, other, stop=die)
    assert isinstance(results[0].trouble, DriveFailed | DriveReadOnly)
    assert results[0].trouble.details["drive"] == "dying"
    assert results[1].proved
    assert is_good(other, made)


def test_a_stick_pulled_out_at_any_moment_is_never_called_proved(desk: Desk, made: Made) -> None:
    counted = Quiet()
    trial = desk.drive("trial", made)
    write_generation(made.folder, [trial], counted, ADMINISTRATOR.secret, made.server_key)
    desk.unplug(trial.folder)
    for look in range(1, counted.looks + 1, 2):
        pulled = desk.drive(f"pulled-{look}", made)

        def pull(looks: int, pulled: Drive = pulled, look: int = look) -> None:
            if looks == look:
                desk.unplug(pulled.folder)

        (result,) = write(made, pulled, stop=pull)
        assert not result.proved, look
        assert isinstance(result.trouble, DriveFailed), look
        assert names(pulled.folder) == [], look  # nothing is left where the stick was mounted
        again = desk.plug(desk.root / f"pulled-{look}.img")
        assert not begun(again, made) or not generations(again) or is_good(Drive(again, pulled.card), made)
        desk.unplug(again)


def test_a_stick_pulled_out_before_leaves_no_backup_on_the_own_disk(desk: Desk, made: Made) -> None:
    gone, other = desk.drive("gone", made), desk.drive("other", made)
    desk.unplug(gone.folder)
    results = write(made, gone, other)
    assert isinstance(results[0].trouble, DriveFailed)
    assert results[0].trouble.details["reason"] == "ENODEV"
    assert results[1].proved
    assert names(gone.folder) == []
    with pytest.raises((OwnDisk, NoDevice)):
        open_drives((gone.folder, other.folder), made.school, desk.volumes)


def test_the_second_stick_in_the_place_of_the_first_is_left_as_it_is(desk: Desk, made: Made) -> None:
    first, second = desk.drive("first", made), desk.drive("second", made)
    assert write(made, second)[0].proved
    base = second.folder / made.catalogue.generation / "base.age"
    base.write_bytes(base.read_bytes()[:-1])
    for drive in (first, second):
        desk.unplug(drive.folder)
    if not mount("-o", "loop", str(desk.root / "second.img"), str(first.folder)):
        pytest.skip("this process may not mount file systems over loop devices")
    desk.places.append(first.folder)
    before = names(first.folder)
    (result,) = write(made, first)
    assert isinstance(result.trouble, DriveFailed)
    assert names(first.folder) == before  # a copy that does not hold is withdrawn only on the drive that was meant


def test_two_exfat_sticks_with_russian_names_are_two_proved_drives(desk: Desk, made: Made) -> None:
    places = [desk.plug_exfat("Синяя"), desk.plug_exfat("Красная")]
    for place in places:
        register_drive(place, made.school, place.name, volumes=desk.volumes)
    drives = open_drives(places, made.school, desk.volumes)
    assert [drive.card.uuid for drive in drives] == ["FB32-0001", "FB32-0002"]
    assert [result.proved for result in write(made, *drives)] == [True, True]
    assert all(is_good(drive, made) for drive in drives)


def test_a_stranger_s_stick_in_the_same_port_gets_nothing(desk: Desk, made: Made) -> None:
    ours = desk.drive("ours", made)
    desk.unplug(ours.folder)
    theirs = desk.image("theirs")
    if not mount("-o", "loop", str(theirs), str(ours.folder)):
        pytest.skip("this process may not mount file systems over loop devices")
    desk.places.append(ours.folder)
    (result,) = write(made, ours)
    assert isinstance(result.trouble, DriveFailed)
    assert names(ours.folder) == ["lost+found"]

"""A real SecretService keyring (gnome-keyring) in a session bus of its own, in a folder that is thrown away."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.helpers.processes import start_bound, wait_until

BUS = DBusAddress("/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")


@contextlib.contextmanager
def session_bus(folder: Path) -> Iterator[dict[str, str]]:
    """Start a session bus; give the environment in which programs find it and nothing else of this machine's."""
    environment = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "XDG_DATA_HOME": str(folder)}
    command = [
        "dbus-daemon",
        "--session",
        "--nofork",
        "--nopidfile",
        "--print-address=1",
        f"--address=unix:dir={folder}",
    ]
    bus = start_bound(command, env=environment, stdout=subprocess.PIPE)
    assert bus.stdout is not None
    try:
        address = bus.stdout.readline().decode().strip()
        yield environment | {"DBUS_SESSION_BUS_ADDRESS": address}
    finally:
        bus.terminate()
        bus.wait(timeout=20)
        bus.stdout.close()


@contextlib.contextmanager
def unlocked_keyring() -> Iterator[dict[str, str]]:
    """Start a bus with an unlocked keyring on it; give the environment variables that lead to it."""
    folder = Path(tempfile.mkdtemp(prefix="ejournal-keyring-", dir="/tmp"))
    try:
        with session_bus(folder) as environment, running_keyring(environment):
            yield {name: environment[name] for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_keyring(environment: dict[str, str]) -> Iterator[None]:
    """Run gnome-keyring over `environment` with its login collection open."""
    command = ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"]
    keyring = start_bound(command, env=environment, stdin=subprocess.PIPE)
    assert keyring.stdin is not None
    keyring.stdin.write(b"a password of this test run")
    keyring.stdin.close()
    try:
        wait_until(lambda: has_owner(environment["DBUS_SESSION_BUS_ADDRESS"]), "the keyring to appear on the bus")
        yield
    finally:
        keyring.terminate()
        keyring.wait(timeout=20)


def has_owner(address: str) -> bool:
    """Return whether somebody on the bus answers to the name of the SecretService."""
    with contextlib.closing(open_dbus_connection(address)) as connection:
        question = new_method_call(BUS, "NameHasOwner", "s", ("org.freedesktop.secrets",))
        return bool(connection.send_and_get_reply(question).body[0])

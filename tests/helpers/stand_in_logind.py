"""A D-Bus of a test's own and a logind on it: real messages, whose session goes is in the test's hand."""

from __future__ import annotations

import os
import select
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

LOGIN = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
SESSION = f"{LOGIN}.Session"
PROPERTIES = "org.freedesktop.DBus.Properties"
OURS, OTHERS = f"{PATH}/session/_37", f"{PATH}/session/_312"
TICK = 0.05  # seconds

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><policy context='default'>
<allow send_destination='*' eavesdrop='true'/><allow own='*'/><allow receive_sender='*'/></policy></busconfig>"""


@contextmanager
def running_bus(folder: Path) -> Iterator[str]:
    """Run a D-Bus daemon; give its address."""
    config = folder / "bus.conf"
    config.write_text(CONFIG.format(socket=folder / "bus"))
    command = ["dbus-daemon", f"--config-file={config}", "--print-address", "--nofork"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        assert bus.stdout is not None
        try:
            yield bus.stdout.readline().strip()
        finally:
            bus.terminate()


class StandInLogind:
    """Answers `GetSession` and `Inhibit` as logind does and says what it is told to say.

    Args:
        names: by which it knows our session.
    """

    def __init__(self, address: str, names: tuple[str, ...] = ("auto",)) -> None:
        self._names = names
        self._bus = open_dbus_connection(bus=address, enable_fds=True)
        self._bus.send_and_get_reply(message_bus.RequestName(LOGIN))
        self._delays: list[int] = []
        self._is_ending = False
        self.asked: list[tuple[Any, ...]] = []
        self._thread = threading.Thread(target=self._answer_all, name="stand-in-logind")
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._is_ending = True
        self._thread.join()
        self._bus.close()
        for delay in self._delays:
            os.close(delay)

    def holds_sleep_back(self) -> list[bool]:
        """Return for each delay that was asked for whether it still holds."""
        return [not select.select([delay], [], [], 0)[0] for delay in self._delays]

    def say_sleep(self, *, going: bool) -> None:
        """Say that the computer goes to sleep, or woke up."""
        self._say(PATH, f"{LOGIN}.Manager", "PrepareForSleep", "b", (going,))

    def say_lock(self, session: str) -> None:
        """Ask a session to lock itself."""
        self._say(session, SESSION, "Lock", "", ())

    def say_changed(self, session: str, name: str, *, value: bool, interface: str = SESSION) -> None:
        """Say that a property of a session has another value."""
        self._say(session, PROPERTIES, "PropertiesChanged", "sa{sv}as", (interface, {name: ("b", value)}, []))

    def _say(self, path: str, interface: str, name: str, signature: str, body: tuple[Any, ...]) -> None:
        self._bus.send(new_signal(DBusAddress(path, interface=interface), name, signature or None, body))

    def _answer_all(self) -> None:
        while not self._is_ending:
            try:
                call = self._bus.receive(timeout=TICK)
            except TimeoutError:
                continue
            if call.header.message_type == MessageType.method_call:
                self._answer(call)

    def _answer(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        if member == "Inhibit":
            mine, theirs = os.pipe()
            self._bus.send(new_method_return(call, "h", (theirs,)))
            os.close(theirs)
            self._delays.append(mine)
        elif member == "GetSession" and call.body[0] in self._names:
            self._bus.send(new_method_return(call, "o", (OURS,)))
        else:
            self._bus.send(new_error(call, f"{LOGIN}.NoSuchSession"))
        self.asked.append((member, *call.body))

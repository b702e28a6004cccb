"""Which way the system that the program runs on tells that nobody is at the desk any more.

Linux says it over D-Bus (`logind_watch`), Windows by messages to the window (`windows_watch`), macOS by notifications
(`macos_watch`). Only the module of this system is loaded: the others need what it does not have.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject

from ejournal_desktop.ui.system_watch import SystemWatch


def system_watch(parent: QObject) -> SystemWatch:
    """Return the watch of the system that the program runs on."""
    platform: str = sys.platform
    if platform.startswith("linux"):
        from ejournal_desktop.ui.logind_watch import LogindWatch

        return LogindWatch(parent)
    if platform == "win32":
        from ejournal_desktop.ui.windows_watch import WindowsWatch

        return WindowsWatch(parent)
    if platform == "darwin":
        from ejournal_desktop.ui.macos_watch import MacWatch

        return MacWatch(parent)
    return SystemWatch(parent)

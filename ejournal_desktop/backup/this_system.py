"""Who says what is mounted on the system that the program runs on: `linux_volumes`, `windows_volumes`, `macos_volumes`.

Only the module of this system is loaded: the others need what it does not have.
"""

from __future__ import annotations

import sys

from ejournal_desktop.backup.volumes import Volumes


def this_system() -> Volumes:
    """Return who can say it on the system that the program runs on."""
    if sys.platform == "win32":
        from ejournal_desktop.backup.windows_volumes import WindowsVolumes

        return WindowsVolumes()
    elif sys.platform == "darwin":  # noqa: RET505 (mypy takes what follows a returned platform for unreachable)
        from ejournal_desktop.backup.macos_volumes import MacVolumes

        return MacVolumes()
    else:
        from ejournal_desktop.backup.linux_volumes import LinuxVolumes

        return LinuxVolumes()

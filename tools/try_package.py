"""Install the two packages into a bare Debian without Python, and let the installed programs prove themselves.

    sudo python3 -m tools.try_package            needs root and debootstrap; build the packages first (`make package`)

Prints one line a step; exit status 0 when every step went well.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ROOT / "build" / "packages"
RELEASE = "bookworm"
APT = ["apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", "--no-install-recommends"]
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")
MOUNTS = ("proc", "dev", "sys")
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}

WITH_KEYRING = """
eval "$(printf secret | gnome-keyring-daemon --unlock --components=secrets)"
ejournal-desktop self-test >/tmp/said && cat /tmp/said && ! grep -q "хранилище ключей *нет" /tmp/said
"""


def main() -> int:
    """Run the steps in order; return how many failed."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("try_package: needs root and debootstrap (apt-get install debootstrap)")
    debs = sorted(PACKAGES.glob("*.deb"))
    if len(debs) < 2:
        sys.exit("try_package: no packages in build/packages; run `make package` first")
    root = Path(tempfile.mkdtemp(prefix="ejournal-bare-", dir="/var/tmp"))
    try:
        make_bare_debian(root)
        for deb in debs:
            shutil.copy(deb, root / "tmp")
        return sum(not step(name, root, command) for name, command in steps(debs))
    finally:
        unmount(root)
        shutil.rmtree(root)


def steps(debs: list[Path]) -> list[tuple[str, list[str]]]:
    """Return the name and the command of every step."""
    owner_and_mode = "test $(stat -c %U:%a /var/lib/ejournal-server) = ejournal:700"
    files = [f"/tmp/{deb.name}" for deb in debs]
    return [
        ("there is no Python on the machine", ["sh", "-c", "! command -v python3"]),
        ("apt installs both packages", [*APT, "install", *files]),
        ("still no Python", ["sh", "-c", "! command -v python3"]),
        ("the workstation's self-test, without a display", offscreen("ejournal-desktop", "self-test")),
        ("the server says its version", ["ejournal-server", "--version"]),
        ("the server's account owns its folder", ["sh", "-c", owner_and_mode]),
        ("the server makes a school", as_server("create-school --name Школа")),
        ("the server stays up", as_server("serve --listen 127.0.0.1:0", "timeout 5", "; test $? = 124")),
        ("everybody may leave sealed work", ["sh", "-c", "test $(stat -c %a /var/lib/ejournal/outgoing) = 1777"]),
        ("apt installs a display", [*APT, "install", "xvfb", "xauth"]),
        ("the workstation's self-test, in a window", ["xvfb-run", "-a", "ejournal-desktop", "self-test"]),
        ("apt installs a keyring", [*APT, "install", "gnome-keyring", "dbus", "dbus-daemon"]),
        ("the workstation's self-test, with the keyring", ["dbus-run-session", "--", "sh", "-c", WITH_KEYRING]),
        ("apt removes both packages", [*APT, "purge", "ejournal-desktop", "ejournal-server"]),
        ("nothing of the programs is left", ["sh", "-c", "! ls -d /usr/lib/ejournal* /usr/bin/ejournal* 2>/dev/null"]),
    ]  # fmt: skip


def offscreen(*command: str) -> list[str]:
    """Return `command` with Qt drawing into memory."""
    return ["env", "QT_QPA_PLATFORM=offscreen", *command]


def as_server(command: str, before: str = "", after: str = "") -> list[str]:
    """Return a command of the server, run by its own account over its own folder."""
    line = f"{before} ejournal-server {command} --data /var/lib/ejournal-server {after}"
    return ["su", "-s", "/bin/sh", "ejournal", "-c", line]


def step(name: str, root: Path, command: list[str]) -> bool:
    """Run one command inside; print its name, how it went, and what it said where it failed."""
    done = subprocess.run(
        ["chroot", root, *command],
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (done.stdout + done.stderr).strip().splitlines()
    print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name}", flush=True)
    shown = lines if command[0] != APT[0] or done.returncode else []
    print("".join(f"       {line}\n" for line in shown[-25:]), end="", flush=True)
    return done.returncode == 0


# --- the machine ------------------------------------------------------------------------------------------------------


def make_bare_debian(root: Path) -> None:
    """Fill `root` with Debian's smallest set and this machine's way to the package archive."""
    print(f"making a bare Debian ({RELEASE})", flush=True)
    run("debootstrap", "--variant=minbase", "--include=ca-certificates", RELEASE, root, archive())
    root.chmod(0o755)
    for copied in (
        *SOURCES,
        "/etc/apt/apt.conf.d",
        "/etc/resolv.conf",
        "/etc/hosts",
        "/usr/local/share/ca-certificates",
    ):
        take_along(Path(copied), root / copied.lstrip("/"))
    run("mount", "-t", "proc", "proc", root / "proc")
    run("mount", "--rbind", "/dev", root / "dev")
    run("mount", "--make-rslave", root / "dev")
    run("mount", "-t", "sysfs", "sys", root / "sys")
    run("chroot", root, "update-ca-certificates")
    run("chroot", root, "apt-get", "-q", "update")


def archive() -> str:
    """Return the address of this machine's Debian archive, empty for debootstrap's own choice."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in map(Path, SOURCES) if file.is_file())
    found = re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?)\s+(\S+/debian)/?\s", text, re.MULTILINE)
    return found[1] if found else ""


def take_along(source: Path, target: Path) -> None:
    """Copy a file or a folder if it exists."""
    copy: Callable[..., object] = shutil.copytree if source.is_dir() else shutil.copy
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
    if source.exists():
        copy(source, target)


def unmount(root: Path) -> None:
    """Let go of what was mounted; removing the folder must not reach this machine's devices."""
    for name in MOUNTS:
        while (root / name).is_mount():
            run("umount", "--lazy", "--recursive", root / name)


def run(*command: str | Path) -> None:
    """Run a command of this machine; end with what it said if it fails."""
    done = subprocess.run([word for word in command if word != ""], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"try_package: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())

"""Make this checkout ready: system libraries by apt, a Python environment in .venv, the pinned and hashed lock.

    python3 tools/bootstrap.py [run] [test] [package]

Needs nothing but Python's standard library. The second start compares a stamp and ends in a fraction of a second.
Exit status: 0 ready, 1 with one sentence that says what is missing and the command that mends it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "ejournal-lock.sha256"
LOCK = ROOT / "requirements.lock"
LOG = ROOT / "build" / "bootstrap.log"
PACKAGES = ROOT / "tools" / "system-packages.txt"
OLDEST_PYTHON = (3, 11)


def main(purposes: list[str]) -> None:
    """Make everything ready for `purposes` (sections of system-packages.txt), one process at a time."""
    if sys.version_info < OLDEST_PYTHON:
        stop("Python 3.11 or newer is needed; this is {}.{}.".format(*sys.version_info))
    with (ROOT / "tools" / "bootstrap.py").open() as own_file:
        fcntl.flock(own_file, fcntl.LOCK_EX)
        install_system_packages(purposes)
        install_python_packages()


# --- system packages --------------------------------------------------------------------------------------------------


def read_sections(text: str) -> dict[str, list[list[str]]]:
    """Return section → packages, each the list of its names in different releases."""
    sections: dict[str, list[list[str]]] = {}
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            section.append([name.strip() for name in line.split("|")])
    return sections


def install_system_packages(purposes: list[str]) -> None:
    """Install what is missing, or print the exact command where this user may not."""
    sections = read_sections(PACKAGES.read_text(encoding="utf-8"))
    needed = [package for purpose in purposes for package in sections[purpose]]
    if not can_make_environments() and not VENV.exists():
        needed.append(["python3-venv"])
    wished = [package for purpose in purposes for package in sections.get(purpose + "-optional", [])]
    if shutil.which("dpkg-query") is None:
        say("no dpkg here: system libraries are left as they are (the list: tools/system-packages.txt)")
        return
    if missing(needed) and not apt_install(missing(needed)):
        stop(f"system packages are missing. As root:\n\n    apt-get install --no-install-recommends {names(needed)}\n")
    if missing(wished) and not apt_install(missing(wished)):
        say(f"optional packages are not installed, going on without: {names(wished)}")


def can_make_environments() -> bool:
    """Return whether `python3 -m venv` works; Debian keeps a part of it in another package."""
    return importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None


def missing(packages: list[list[str]]) -> list[list[str]]:
    """Return those of `packages` of which no name is installed."""
    asked = [name for package in packages for name in package]
    listing = run_quietly(["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n", *asked]) if asked else ""
    installed = {line.split()[-1] for line in listing.splitlines() if line.startswith("ii")}
    return [package for package in packages if not installed.intersection(package)]


def names(packages: list[list[str]]) -> str:
    """Return the missing ones of `packages` by the name that this release has."""
    return " ".join(name_here(package) for package in missing(packages))


def name_here(package: list[str]) -> str:
    """Return the first name that this release's package index knows."""
    known = [name for name in package if run_quietly(["apt-cache", "show", "--no-all-versions", name])]
    return (known or package)[0]


def apt_install(packages: list[list[str]]) -> bool:
    """Install `packages` if this user may; return whether they are there afterwards."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (prefix and (shutil.which("sudo") is None or not succeeds("sudo -n true"))):
        return False
    say(f"installing {len(packages)} system packages with apt (what it says: build/bootstrap.log)")
    # RUNLEVEL=1: the database server comes with a service that nobody here asked to start
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    if not succeeds([*apt, "update"]):
        say("the package lists could not be refreshed; trying with those that are here")
    chosen = [name_here(package) for package in packages]
    if not succeeds([*apt, "install", "--yes", "--no-install-recommends", *chosen]):
        say("apt could not install them; the end of what it said:")
        print("".join(LOG.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)[-15:]))
    return not missing(packages)


# --- Python packages --------------------------------------------------------------------------------------------------


def install_python_packages() -> None:
    """Bring .venv to exactly what the lock names.

    The stamp is written last. What was cut short is made anew: nobody knows which package, or half of pip, is there.
    """
    wanted = fingerprint()
    found = STAMP.read_text() if STAMP.exists() else ""
    if found == wanted:
        return
    STAMP.unlink(missing_ok=True)
    if not (found and environment_works()):
        say("making the Python environment in .venv")
        require([sys.executable, "-m", "venv", "--clear", str(VENV)], "the Python environment could not be made")
    say("installing Python packages from requirements.lock (the first time takes some minutes)")
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    require([*pip, "--require-hashes", "--no-deps", "-r", str(LOCK)], "the Python packages could not be installed")
    require([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], "the project could not be installed")
    STAMP.write_text(wanted)
    say("ready")


def fingerprint() -> str:
    """Return what the environment depends on, as one hash."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for file in (LOCK, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def environment_works() -> bool:
    """Return whether .venv has a pip and the Python series that is running now."""
    python = VENV / "bin" / "python"
    question = "import sys, pip; print(sys.version_info[:2])"
    return python.exists() and run_quietly([str(python), "-c", question]).strip() == str(sys.version_info[:2])


# --- talking to the system --------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Print one progress line."""
    print(f"ejournal: {text}", flush=True)


def stop(text: str) -> NoReturn:
    """End with one sentence."""
    sys.exit(f"ejournal: {text}")


def run_quietly(command: list[str]) -> str:
    """Return what `command` printed, empty where it could not be run."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def succeeds(command: list[str] | str) -> bool:
    """Return whether `command` ended well; what it prints goes to the log."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        words = command.split() if isinstance(command, str) else command
        return subprocess.run(words, stdout=log, stderr=log, check=False).returncode == 0


def require(command: list[str], failure: str) -> None:
    """Run `command` and let it speak; end with `failure` if it does."""
    if subprocess.run(command, check=False).returncode != 0:
        stop(f"{failure}; the reason stands above. Command: {' '.join(command)}")


if __name__ == "__main__":
    main(sys.argv[1:] or ["run"])

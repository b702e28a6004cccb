"""`make package`: the .deb of the workstation and of the server, in build/packages/."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from installer.bundle import DESKTOP, ROOT, SERVER, Bundle, make
from tools.bootstrap import PACKAGES, read_sections

LINUX = ROOT / "installer" / "linux"
UNITS = ("ejournal-server.service", "ejournal-server-daily.service", "ejournal-server-daily.timer")
OUTPUT = ROOT / "build" / "packages"

Entry = dict[str, Any]


def main() -> None:
    """Build both bundles and pack each."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for bundle, description in ((DESKTOP, desktop_package), (SERVER, server_package)):
        folder = make(bundle)
        pack(bundle, {**common(bundle, folder), **description()})
    for file in sorted(OUTPUT.glob("*.deb")):
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1e6:.0f} MB")


def pack(bundle: Bundle, description: dict[str, Any]) -> None:
    """Let nfpm write the .deb that `description` describes."""
    contents = description.pop("contents") + description.pop("more_contents")
    file = ROOT / "build" / f"{bundle.name}.nfpm.json"  # JSON is YAML, which nfpm reads
    file.write_text(json.dumps({**description, "contents": contents}, ensure_ascii=False, indent=1), encoding="utf-8")
    nfpm = Path(sys.executable).with_name("nfpm")
    command = [str(nfpm), "package", "--config", str(file), "--packager", "deb", "--target", str(OUTPUT)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def common(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """Return what both packages say about themselves."""
    home = f"/usr/lib/{bundle.name}"
    return {
        "name": bundle.name,
        "arch": "arm64" if os.uname().machine == "aarch64" else "amd64",
        "platform": "linux",
        "version": project()["version"],
        "section": "education",
        "priority": "optional",
        "maintainer": "The ejournal authors <ejournal@example.org>",
        "license": project()["license"],
        "deb": {"compression": "zstd"},
        "contents": [
            {"src": str(folder), "dst": home, "type": "tree"},
            {"src": f"{home}/{bundle.name}", "dst": f"/usr/bin/{bundle.name}", "type": "symlink"},
            placed(ROOT / "LICENSE", f"/usr/share/doc/{bundle.name}/copyright"),
        ],
    }


def desktop_package() -> dict[str, Any]:
    """Return what is particular to the workstation: Qt's system libraries, the menu entry, the shared folder."""
    needed = read_sections(PACKAGES.read_text(encoding="utf-8"))["run"]
    return {
        "description": "Class journal of a school: the workstation\n" + project()["description"],
        "depends": ["libc6 (>= 2.36)", *(" | ".join(names) for names in needed)],
        "recommends": ["gnome-keyring | kwalletmanager | keepassxc"],
        "more_contents": [
            placed(LINUX / "ejournal-desktop.desktop", "/usr/share/applications/ejournal-desktop.desktop"),
            placed(
                ROOT / "resources" / "icons" / "ejournal.svg", "/usr/share/icons/hicolor/scalable/apps/ejournal.svg"
            ),
            # sealed work that waits for delivery: everybody adds, nobody takes another's away
            {"dst": "/var/lib/ejournal/outgoing", "type": "dir", "file_info": {"mode": 0o1777}},
        ],
    }


def server_package() -> dict[str, Any]:
    """Return what is particular to the server: its account and its service."""
    return {
        "description": "Class journal of a school: the school's server\n" + project()["description"],
        "depends": ["libc6 (>= 2.36)", "adduser"],
        "suggests": ["postgresql"],
        "scripts": {
            "postinstall": str(LINUX / "server-postinstall.sh"),
            "preremove": str(LINUX / "server-preremove.sh"),
        },
        "more_contents": [
            *(placed(LINUX / name, f"/usr/lib/systemd/system/{name}") for name in UNITS),
        ],
    }


def placed(file: Path, destination: str) -> Entry:
    """Return the entry of one file that everybody may read."""
    return {"src": str(file), "dst": destination, "file_info": {"mode": 0o644}}


def project() -> dict[str, Any]:
    """Return the project's table of pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


if __name__ == "__main__":
    main()

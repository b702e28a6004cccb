"""Turn a program into one folder with Python inside (PyInstaller), without what only the building machine has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = ROOT / "build" / "bundles"

#: Files of GTK that come along with Qt's GTK theme plugin where the building machine has GTK. The theme is our own.
GTK_LEFTOVERS = (
    "libqgtk3.so", "libgtk-3.so*", "libgdk-3.so*", "libgdk_pixbuf*", "libpango*", "libcairo*", "libatk*", "libatspi*",
    "libepoxy*", "librsvg*", "libthai*", "libdatrie*", "libgraphite2*", "libfribidi*", "libwayland-egl*",
)  # fmt: skip


class Bundle(Struct, frozen=True):
    """One program: its name, the script it starts with and what PyInstaller cannot see by itself.

    `files` are folders below the root that lie beside the code; `data` are packages whose files are needed;
    `metadata` are distributions that are asked for their version; `hidden` are modules imported by name, `submodules`
    packages of which every module is.
    """

    name: str
    start: str
    windowed: bool = False
    files: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    metadata: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


#: What development brings along and no program needs.
NEVER = ("tkinter", "pytest", "_pytest", "mypy", "setuptools", "pip")

DESKTOP = Bundle(
    name="ejournal-desktop",
    start="installer/start_desktop.py",
    windowed=True,
    files=("resources", "ejournal_desktop/models/migrations"),
    data=("fontpkg_pt_serif", "fontpkg_pt_sans", "fontpkg_pt_sans_narrow", "reportlab", "pyhanko"),
    metadata=("ejournal", "PySide6_Essentials", "keyring"),
    hidden=("logging.config", "holidays.countries.russia"),
    submodules=("reportlab.graphics.barcode",),
    without=("psycopg", "uvicorn", "starlette"),
)
SERVER = Bundle(
    name="ejournal-server",
    start="installer/start_server.py",
    files=("ejournal_server/migrations",),
    metadata=("ejournal", "keyring"),
    hidden=(
        "logging.config",
        "sqlalchemy.dialects.postgresql.psycopg",
        "psycopg_binary",
        "uvicorn.lifespan.on",
        "uvicorn.loops.asyncio",
        "uvicorn.protocols.http.h11_impl",
    ),
    without=("PySide6", "shiboken6", "PIL"),
)


def make(bundle: Bundle) -> Path:
    """Build a bundle from scratch; return its folder."""
    folder = BUNDLES / bundle.name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "PyInstaller", *options(bundle), bundle.start], cwd=ROOT, check=True)
    for pattern in GTK_LEFTOVERS:
        for file in folder.rglob(pattern):
            file.unlink()
    return folder


def options(bundle: Bundle) -> list[str]:
    """Return PyInstaller's options for a bundle."""
    work = ROOT / "build" / "pyinstaller"
    fixed = ["--noconfirm", "--log-level", "WARN", "--onedir", "--name", bundle.name, "--paths", str(ROOT)]
    places = ["--distpath", str(BUNDLES), "--workpath", str(work), "--specpath", str(work)]
    return [
        *fixed,
        *places,
        "--windowed" if bundle.windowed else "--console",
        *(f"--add-data={ROOT / folder}:{folder}" for folder in bundle.files if (ROOT / folder).is_dir()),
        *(f"--collect-data={package}" for package in bundle.data),
        *(f"--copy-metadata={distribution}" for distribution in bundle.metadata),
        *(f"--hidden-import={module}" for module in bundle.hidden),
        *(f"--collect-submodules={package}" for package in bundle.submodules),
        *(f"--exclude-module={module}" for module in (*NEVER, *bundle.without)),
    ]

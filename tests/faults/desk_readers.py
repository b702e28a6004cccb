"""What a desk reads from its own disk, where anybody may have written: each reader takes the bytes of its file."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from ejournal_core import release
from ejournal_desktop import paths, settings, vault
from ejournal_desktop.backup import drives
from ejournal_desktop.sync import pairing
from ejournal_desktop.sync.updates import STATE, Updates
from tools.folder_volumes import FolderVolumes

_MEMORY = Path("/dev/shm")
_ROOT = Path(tempfile.mkdtemp(prefix="ejournal-fuzz-", dir=_MEMORY if _MEMORY.is_dir() else None))
atexit.register(shutil.rmtree, _ROOT, ignore_errors=True)
_DESK = vault.Desk("d-1", "p-1", "Иванова Анна", "school", _ROOT / "d-1")
_DESK.folder.mkdir()


def a_key_header(data: bytes) -> None:
    """Read the header of a desk's key, with a right checksum where there is a form to reckon it of; then unwrap."""
    file = _DESK.folder / "key.json"
    file.write_bytes(data)
    try:
        header = msgspec.json.decode(data, type=vault.Header)
        bare = msgspec.json.encode(msgspec.structs.replace(header, sha256=""), order="sorted")
        whole = msgspec.structs.replace(header, sha256=hashlib.sha256(bare).hexdigest())
        file.write_bytes(msgspec.json.encode(whole))
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    header = vault._read_header(_DESK)
    if header.argon2id.m_kib * header.argon2id.t < 1_000:  # else it takes the time that it is meant to take
        vault._wrapping_key(header, "пароль", b"secret")


def a_desks_name(data: bytes) -> None:
    """Read whose a desk is, and how often somebody tried its password."""
    for name in ("desk.json", "attempts.json"):
        (_DESK.folder / name).write_bytes(data)
    (_DESK.folder / "key.json").touch()
    vault.list_desks(_ROOT)
    vault._attempts(_DESK)


def the_settings(data: bytes) -> None:
    """Read the settings of a workstation."""
    file = _ROOT / "settings.json"
    file.write_bytes(data)
    settings.load(file)


def a_drives_card(data: bytes) -> None:
    """Read the card of a backup drive."""
    (_ROOT / drives.CARD).write_bytes(data)
    drives.open_drive(_ROOT, "school", FolderVolumes(_ROOT))


def the_pairing(data: bytes) -> None:
    """Read what a workstation knows of its school."""
    os.environ[paths.OVERRIDE] = str(_ROOT)
    file = pairing.workstation_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    pairing.read_workstation()


def the_updates(data: bytes) -> None:
    """Read which update is on its way, and what lies ready."""
    (_ROOT / STATE).write_bytes(data)
    Updates(_ROOT, "school", "00" * 32, "1.0.0", publisher="00" * 32).offer()


def a_version(data: bytes) -> None:
    """Compare versions that somebody else names."""
    release.is_newer(data.decode("utf-8", "ignore"), "1.0.0")


DESK_READERS: tuple[Callable[[bytes], None], ...] = (
    a_key_header, a_desks_name, the_settings, a_drives_card, the_pairing, the_updates, a_version,
)  # fmt: skip

#: Right examples of what each of them reads.
EXAMPLES: tuple[bytes, ...] = (
    b'{"desk":"d-1","argon2id":{"salt":"'
    + b"00" * 16
    + b'","t":1,"p":1,"m_kib":8},"machine":"file","machine_sha256":"",'
    b'"nonce":"' + b"00" * 12 + b'","wrapped":"' + b"00" * 48 + b'","sha256":""}',
    b'{"person_id":"p","person_name":"n","school":"s","roles":"a,b"}',
    b'{"theme":"dark"}',
    b'{"id":"1","school":"school","label":"x","holder":"y","room":"1"}',
    b'{"school":"s","school_name":"n","address":"https://a","sha256":""}',
    b'{"asked":"2026-11-20T12:25:00+03:00","offered":null}',
    b"1.2.3",
)

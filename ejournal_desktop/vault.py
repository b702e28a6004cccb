"""Keys: a random key opens the desk's file; password and machine together open the key.

Each desk has a folder with `desk.json` (whose it is), `key.json` (the wrapped key) and `journal.db`. The key is wrapped
by AES-256-GCM under HKDF(Argon2id(password), machine secret). The machine secret lies in the system keyring or, where
there is none, in a file of the account outside the desk's folder: a copied folder cannot be attacked by guessing, and
the keyring alone opens nothing. There is no second key; losing one costs a new desk from the server, not an entry.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import keyring.errors
import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.backend import KeyringBackend
from msgspec import Struct

from ejournal_core.errors import NOT_JSON, Bug, Trouble
from ejournal_desktop.guards import usable_keyring

log = logging.getLogger(__name__)

Clock = Callable[[], float]
Entropy = Callable[[int], bytes]

KEY_BYTES = 32
SERVICE = "ejournal"

#: What this release wraps with; a header keeps its own values, so they can be raised later.
ROUNDS, LANES, MEMORY_KIB = 3, 2, 64 * 1024
#: Beyond these a header is forged: it would only make the PC run out of memory or time.
MOST_ROUNDS, MOST_LANES, MOST_MEMORY_KIB = 20, 16, 1024 * 1024
LEAST_KIB_A_LANE = 8  # RFC 9106, 3.1

#: Beside a desk: which one has taken its place; its header before the journal is there.
RETIRED, UNFINISHED = "replaced-by", "key.json.unfinished"

#: Wrong passwords that cost no waiting, and the longest wait in seconds.
FREE_ATTEMPTS, LONGEST_WAIT = 3, 300


class WrongPassword(Trouble):
    """The password does not open this desk."""

    code = "EJ-311"


class MachineSecretMissing(Trouble):
    """This PC's half of the key is gone: the keyring was reset, or the desk's folder comes from another PC."""

    code = "EJ-312"


class KeyringLocked(Trouble):
    """The system keyring is there but closed; unlocking it and trying again is enough."""

    code = "EJ-313"


class HeaderDamaged(Trouble):
    """The file with the wrapped key is not what was written there."""

    code = "EJ-314"


class TooManyAttempts(Trouble):
    """Too many wrong passwords in a row; `details["seconds"]` says how long to wait."""

    code = "EJ-315"


class Desk(Struct, frozen=True):
    """One person's desk on this PC, as the sign-in screen offers it."""

    id: str
    person_id: str
    person_name: str
    school: str
    folder: Path
    roles: tuple[str, ...] = ()  # held at the last sign-in: what stands under the name, and nothing else

    @property
    def file(self) -> Path:
        """The encrypted journal."""
        return self.folder / "journal.db"


class UnlockedDesk:
    """A desk whose key is in memory. `key` is 32 bytes; `lock` wipes it.

    `without_keyring` says that this PC has no usable keyring and the person is to be told (only after creation).
    `wrong` is how many wrong passwords were tried since it was last unlocked.
    """

    def __init__(self, desk: Desk, key: bytearray, without_keyring: bool = False, wrong: int = 0) -> None:
        self.desk = desk
        self.key = key
        self.without_keyring = without_keyring
        self.wrong = wrong

    @property
    def is_locked(self) -> bool:
        """Whether the key has been wiped."""
        return not any(self.key)


class Argon2Settings(Struct, frozen=True):
    """Parameters of Argon2id; salt in hex."""

    salt: str
    t: int
    p: int
    m_kib: int


class Header(Struct, frozen=True, kw_only=True):
    """The wrapped key. `machine_sha256` tells a wrong machine secret from a wrong password; `sha256` tells damage."""

    v: int = 1
    desk: str
    argon2id: Argon2Settings
    machine: Literal["keyring", "file"]
    machine_sha256: str
    nonce: str
    wrapped: str = ""
    sha256: str = ""


# --- desks ---------------------------------------------------------------------------------------------------------


def list_desks(folder: Path) -> list[Desk]:
    """Return the desks in a folder by name of their person; a desk whose `desk.json` is damaged has no name.

    Desks that were never finished (`keep`) and those that another has taken the place of (`retire`) are not among them.
    """
    found = [_read_desk(path.parent) for path in folder.glob("*/key.json") if not (path.parent / RETIRED).exists()]
    return sorted(found, key=lambda desk: (desk.person_name == "", desk.person_name, desk.id))


def retired_desks(folder: Path) -> set[str]:
    """Return the ids of the desks that another has taken the place of; their files are kept as they are."""
    return {path.parent.name for path in folder.glob(f"*/{RETIRED}")}


def retire(desk: Desk, successor: str) -> None:
    """Offer a desk no more: the one with the id `successor` has taken its place. Nothing of it is deleted."""
    _write_atomically(desk.folder / RETIRED, successor.encode())


def keep(desk: Desk) -> None:
    """Finish a desk that was created with `kept=False`: from here on it is offered at sign-in."""
    _header_file(desk).with_name(UNFINISHED).replace(_header_file(desk))


def create_desk(
    folder: Path,
    *,
    desk_id: str,
    person_id: str,
    person_name: str,
    school: str,
    password: str,
    kept: bool = True,
    entropy: Entropy = secrets.token_bytes,
) -> UnlockedDesk:
    """Make the folder and key of a new desk; the journal file itself is made by `models.desk.create_journal`.

    Args:
        folder: holds all desks of this system account.
        desk_id: as certified by the school's server.
        kept: whether it is a desk at once. Else only `keep` makes it one, when its journal is there: whatever ends the
            program before leaves nothing behind that would be offered and not open.

    Raises:
        Trouble: the disk is full or read-only.
    """
    desk = Desk(desk_id, person_id, person_name, school, folder / desk_id)
    if desk.folder.exists():
        raise Bug("the desk exists already", desk=desk_id)
    desk.folder.mkdir(parents=True, mode=0o700)
    key, secret = bytearray(entropy(KEY_BYTES)), entropy(KEY_BYTES)
    place = _keep_secret(desk, secret)
    whose = {"person_id": person_id, "person_name": person_name, "school": school}
    _write_atomically(desk.folder / "desk.json", msgspec.json.encode(whose))
    header = _wrap(desk, key, password, secret, place, entropy)
    _write_header(desk, header, _header_file(desk) if kept else desk.folder / UNFINISHED)
    return UnlockedDesk(desk, key, without_keyring=place == "file")


def unlock(desk: Desk, password: str, clock: Clock = time.time) -> UnlockedDesk:
    """Open a desk's key with the person's password.

    Raises:
        WrongPassword, MachineSecretMissing, KeyringLocked, HeaderDamaged, TooManyAttempts: each as its name says;
            nothing is changed but the count of wrong attempts.
    """
    _wait_out(desk, clock())
    header = _read_header(desk)
    secret = _find_secret(desk, header)
    try:
        key = _unwrap(desk, header, password, secret)
    except InvalidTag:
        _count_attempt(desk, clock())
        raise WrongPassword(desk=desk.id) from None
    wrong = _attempts(desk).count
    _attempts_file(desk).unlink(missing_ok=True)
    return UnlockedDesk(desk, key, wrong=wrong)


def lock(unlocked: UnlockedDesk) -> None:
    """Wipe the key from memory; close the journal first."""
    unlocked.key[:] = bytes(len(unlocked.key))


def change_password(
    desk: Desk, old: str, new: str, clock: Clock = time.time, entropy: Entropy = secrets.token_bytes
) -> None:
    """Wrap the same key by a new password; the journal file is not touched.

    Raises:
        as `unlock`; then the old password stays valid.
    """
    unlocked = unlock(desk, old, clock)
    header = _read_header(desk)
    secret = _find_secret(desk, header)
    _write_header(desk, _wrap(desk, unlocked.key, new, secret, header.machine, entropy))
    lock(unlocked)


def note_roles(desk: Desk, roles: Iterable[str]) -> None:
    """Keep which roles the person holds, for the list at sign-in.

    Raises:
        Trouble: the disk is full or read-only.
    """
    wanted = tuple(roles)
    if wanted != desk.roles and desk.person_id:
        whose = {"person_id": desk.person_id, "person_name": desk.person_name, "school": desk.school}
        _write_atomically(desk.folder / "desk.json", msgspec.json.encode({**whose, "roles": ",".join(wanted)}))


def _read_desk(folder: Path) -> Desk:
    try:
        known = msgspec.json.decode((folder / "desk.json").read_bytes(), type=dict[str, str])
        roles = tuple(filter(None, known.get("roles", "").split(",")))
        return Desk(folder.name, known["person_id"], known["person_name"], known["school"], folder, roles)
    except (OSError, *NOT_JSON, KeyError):
        return Desk(folder.name, "", "", "", folder)


# --- wrapping ------------------------------------------------------------------------------------------------------


def _wrap(
    desk: Desk, key: bytearray, password: str, secret: bytes, place: Literal["keyring", "file"], entropy: Entropy
) -> Header:
    header = Header(
        desk=desk.id,
        argon2id=Argon2Settings(entropy(16).hex(), ROUNDS, LANES, MEMORY_KIB),
        machine=place,
        machine_sha256=hashlib.sha256(secret).hexdigest(),
        nonce=entropy(12).hex(),
    )
    wrapping = AESGCM(_wrapping_key(header, password, secret))
    wrapped = wrapping.encrypt(bytes.fromhex(header.nonce), bytes(key), _bound(header))
    return msgspec.structs.replace(header, wrapped=wrapped.hex())


def _unwrap(desk: Desk, header: Header, password: str, secret: bytes) -> bytearray:
    if header.desk != desk.id:
        raise HeaderDamaged("the key belongs to another desk", desk=desk.id)
    unwrapping = AESGCM(_wrapping_key(header, password, secret))
    return bytearray(unwrapping.decrypt(bytes.fromhex(header.nonce), bytes.fromhex(header.wrapped), _bound(header)))


def _wrapping_key(header: Header, password: str, secret: bytes) -> bytes:
    settings = header.argon2id
    argon = Argon2id(salt=bytes.fromhex(settings.salt), length=KEY_BYTES, iterations=settings.t, lanes=settings.p,
                     memory_cost=settings.m_kib)  # fmt: skip
    from_password = argon.derive(unicodedata.normalize("NFC", password).encode())
    info = b"ejournal/desk-key/1\n" + header.desk.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=secret, info=info).derive(from_password)


def _bound(header: Header) -> bytes:
    """Return what the authentication code covers besides the key: all other fields of the header."""
    return msgspec.json.encode(msgspec.structs.replace(header, wrapped="", sha256=""), order="sorted")


# --- the header ----------------------------------------------------------------------------------------------------


def _header_file(desk: Desk) -> Path:
    return desk.folder / "key.json"


def _write_header(desk: Desk, header: Header, file: Path | None = None) -> None:
    whole = msgspec.structs.replace(header, sha256=_checksum(header))
    _write_atomically(file or _header_file(desk), msgspec.json.encode(whole))


def _read_header(desk: Desk) -> Header:
    try:
        header = msgspec.json.decode(_header_file(desk).read_bytes(), type=Header)
        lengths = [len(bytes.fromhex(text)) for text in (header.argon2id.salt, header.nonce, header.wrapped)]
    except (OSError, *NOT_JSON, ValueError):
        raise HeaderDamaged(desk=desk.id) from None
    settings = header.argon2id
    bounded = 1 <= settings.t <= MOST_ROUNDS and 1 <= settings.p <= MOST_LANES
    bounded = bounded and LEAST_KIB_A_LANE * settings.p <= settings.m_kib <= MOST_MEMORY_KIB
    if header.sha256 != _checksum(header) or lengths != [16, 12, KEY_BYTES + 16] or not bounded:
        raise HeaderDamaged(desk=desk.id)
    return header


def _checksum(header: Header) -> str:
    bare = msgspec.structs.replace(header, sha256="")
    return hashlib.sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()


def _write_atomically(path: Path, content: bytes) -> None:
    """Replace a file as a whole, readable by its owner alone, and be sure that it is on the disk."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    if os.name == "posix":  # elsewhere a folder cannot be flushed
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


# --- the machine's half --------------------------------------------------------------------------------------------


def _keep_secret(desk: Desk, secret: bytes) -> Literal["keyring", "file"]:
    backend = usable_keyring()
    if backend is not None:
        try:
            backend.set_password(SERVICE, _account(desk), secret.hex())
            if backend.get_password(SERVICE, _account(desk)) == secret.hex():
                return "keyring"
        except keyring.errors.KeyringError as error:
            log.info("keyring not usable for a new desk: %s", type(error).__name__)
    _secret_file(desk).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_atomically(_secret_file(desk), secret.hex().encode())
    return "file"


def _find_secret(desk: Desk, header: Header) -> bytes:
    text = _secret_in_keyring(desk) if header.machine == "keyring" else _secret_in_file(desk)
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if not hmac.compare_digest(hashlib.sha256(secret).hexdigest(), header.machine_sha256):
        raise MachineSecretMissing(desk=desk.id, place=header.machine)
    return secret


def _secret_in_keyring(desk: Desk) -> str:
    backend: KeyringBackend | None = usable_keyring()
    if backend is None:
        raise MachineSecretMissing(desk=desk.id, place="keyring")
    try:
        return backend.get_password(SERVICE, _account(desk)) or ""
    except keyring.errors.KeyringError as error:
        raise KeyringLocked(type(error).__name__, desk=desk.id) from None


def _secret_in_file(desk: Desk) -> str:
    try:
        return _secret_file(desk).read_text()
    except (OSError, UnicodeDecodeError):
        return ""


def _account(desk: Desk) -> str:
    return f"desk:{desk.id}"


def _secret_file(desk: Desk) -> Path:
    """Return the file outside the desk's folder, so that a copy of the folder does not take it along."""
    return desk.folder.parent.parent / "secrets" / desk.id


# --- wrong passwords -----------------------------------------------------------------------------------------------


class _Attempts(Struct):
    count: int = 0
    at: float = 0.0


def _attempts_file(desk: Desk) -> Path:
    return desk.folder / "attempts.json"


def _attempts(desk: Desk) -> _Attempts:
    try:
        return msgspec.json.decode(_attempts_file(desk).read_bytes(), type=_Attempts)
    except (OSError, *NOT_JSON):
        return _Attempts()


def _count_attempt(desk: Desk, now: float) -> None:
    count = _attempts(desk).count + 1
    log.info("wrong password for desk %s, attempt %d", desk.id, count)
    _write_atomically(_attempts_file(desk), msgspec.json.encode(_Attempts(count, now)))


def _wait_out(desk: Desk, now: float) -> None:
    attempts = _attempts(desk)
    wait = min(2 ** (attempts.count - FREE_ATTEMPTS), LONGEST_WAIT) if attempts.count >= FREE_ATTEMPTS else 0
    # A clock set back must not lock the person out for longer than the wait itself.
    left = wait - abs(now - attempts.at)
    if left > 0:
        raise TooManyAttempts(desk=desk.id, seconds=max(1, round(left)))

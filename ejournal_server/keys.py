"""The server's keys: one master key outside the data, everything else sealed under it.

The master key (32 random bytes) is sought in this order: a systemd credential `ejournal-store-key`, the system keyring
(real keyrings only, by allow-list), a file that only the service's user can read. It never stands in the store. From it
HKDF derives the key of the embedded store, the passphrase of the private keys' PEM files and the secret of the nonces.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
import sys
from pathlib import Path
from typing import ClassVar, Literal

import keyring
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_elliptic_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.errors import KeyringError
from msgspec import Struct

from ejournal_core import seal
from ejournal_core.errors import Trouble

Place = Literal["credential", "keyring", "file"]

CREDENTIAL = "ejournal-store-key"
KEYRING_SERVICE = "ejournal-server"
KEY_FILE = "store.key"
MASTER_BYTES = 32

#: Backends that keep secrets encrypted. A backend that stores plaintext is never used.
TRUSTED_KEYRINGS = (
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
)

PrivateKey = Ed25519PrivateKey | X25519PrivateKey | EllipticCurvePrivateKey


class KeyMissing(Trouble):
    """The master key cannot be had, or does not open the other keys; `details["why"]` is a key of the sentences."""

    code: ClassVar[str] = "EJ-379"


class Master(Struct, frozen=True):
    """The master key and where it came from."""

    key: bytes
    place: Place

    def __repr__(self) -> str:
        return f"Master(place={self.place!r})"  # a key never stands in a log or a traceback


class ServerKeys(Struct, frozen=True):
    """The server's own keys: Ed25519 for receipts and heads, X25519 for what is sealed to it, ECDSA P-256 for TLS."""

    signing: bytes
    sealing: bytes
    ca: EllipticCurvePrivateKey
    tls: EllipticCurvePrivateKey
    nonce_secret: bytes

    def __repr__(self) -> str:
        return f"ServerKeys({self.signing_public})"

    @property
    def signing_public(self) -> str:
        """The Ed25519 public key, hex."""
        return seal.signing_public_key(self.signing).hex()

    @property
    def sealing_public(self) -> str:
        """The X25519 public key, hex."""
        return seal.sealing_public_key(self.sealing).hex()


# --- the master key ----------------------------------------------------------------------------------------------


def new_master(folder: Path, school: str) -> Master:
    """Make a school's master key and put it into the best place there is."""
    given = _from_credential()
    return Master(given, "credential") if given else keep_master(folder, school, secrets.token_bytes(MASTER_BYTES))


def keep_master(folder: Path, school: str, key: bytes) -> Master:
    """Put a master key into the best place there is.

    Raises:
        KeyMissing: the service was given another one.
    """
    given = _from_credential()
    if given is not None:
        if given != key:
            raise KeyMissing("the credential is another key", why="unopened")
        return Master(given, "credential")
    if _into_keyring(school, key):
        return Master(key, "keyring")
    _into_file(folder / KEY_FILE, key)
    return Master(key, "file")


def find_master(folder: Path, school: str) -> Master:
    """Return the master key of an existing server.

    Raises:
        KeyMissing: it is in none of its places, or the file is readable by others.
    """
    for place, key in (("credential", _from_credential()), ("keyring", _from_keyring(school))):
        if key is not None:
            return Master(key, place)  # type: ignore[arg-type]  # the tuple's text is a Place
    return Master(_from_file(folder / KEY_FILE), "file")


def _from_credential() -> bytes | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder) / CREDENTIAL if folder else None
    if file is None or not file.exists():
        return None
    return _checked(file.read_text().strip())


def _from_keyring(school: str) -> bytes | None:
    if not _keyring_is_trusted():
        return None
    try:
        text = keyring.get_password(KEYRING_SERVICE, school)
    except KeyringError:
        return None
    return _checked(text) if text else None


def _into_keyring(school: str, key: bytes) -> bool:
    if not _keyring_is_trusted():
        return False
    try:
        keyring.set_password(KEYRING_SERVICE, school, key.hex())
        return keyring.get_password(KEYRING_SERVICE, school) == key.hex()
    except KeyringError:
        return False


def _keyring_is_trusted() -> bool:
    _pass_over_macos()
    try:
        return type(keyring.get_keyring()).__module__.startswith(TRUSTED_KEYRINGS)
    except KeyringError:
        return False


def _pass_over_macos() -> None:
    """Keep the search for keyrings from looking for Apple's libraries: that starts ldconfig and a compiler."""
    if sys.platform != "darwin":
        sys.modules.setdefault("keyring.backends.macOS.api", None)  # type: ignore[arg-type]  # None: "not to be had"


def _from_file(file: Path) -> bytes:
    if not file.exists():
        raise KeyMissing("no key in the keyring, the credentials or the key file", why="absent")
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyMissing("others may read the key file; its rights must be 600", why="exposed")
    return _checked(file.read_text().strip())


def _into_file(file: Path, key: bytes) -> None:
    write_private(file, key.hex().encode() + b"\n")


def _checked(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_BYTES:
        raise KeyMissing("the key is not 64 hexadecimal digits", why="malformed")
    return key


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only this user may read, flushed, under its name only when complete."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.new")  # workers of one folder never share it
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


# --- what is derived and sealed under it -------------------------------------------------------------------------


def derive(master: bytes, purpose: str) -> bytes:
    """Return 32 bytes for one purpose."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"ejournal-server/1/" + purpose.encode()).derive(master)


def pem_passphrase(master: bytes) -> bytes:
    """Return the passphrase of the private keys' PEM files."""
    return base64.b64encode(derive(master, "pem"))


def make_keys(folder: Path, master: bytes) -> ServerKeys:
    """Make the server's keys and write them as encrypted PKCS#8 PEM files, which public tools can open."""
    fresh: dict[str, PrivateKey] = {
        "signing": Ed25519PrivateKey.generate(),
        "sealing": X25519PrivateKey.generate(),
        "ca": new_elliptic_key(SECP256R1()),
        "tls": new_elliptic_key(SECP256R1()),
    }
    encryption = serialization.BestAvailableEncryption(pem_passphrase(master))
    for name, key in fresh.items():
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
        write_private(key_file(folder, name), pem)
    return read_keys(folder, master)


def key_file(folder: Path, name: str) -> Path:
    """Return where a private key lies: "signing", "sealing", "ca" or "tls"."""
    return folder / f"{name}-key.pem"


def read_keys(folder: Path, master: bytes) -> ServerKeys:
    """Read the server's keys.

    Raises:
        KeyMissing: a file is missing or the master key does not open it.
    """
    signing, sealing = _read(folder, master, "signing"), _read(folder, master, "sealing")
    ca, tls = _read(folder, master, "ca"), _read(folder, master, "tls")
    if not (
        isinstance(signing, Ed25519PrivateKey)
        and isinstance(sealing, X25519PrivateKey)
        and isinstance(ca, EllipticCurvePrivateKey)
        and isinstance(tls, EllipticCurvePrivateKey)
    ):
        raise KeyMissing("a key file holds a key of another kind", why="unopened")
    return ServerKeys(signing.private_bytes_raw(), sealing.private_bytes_raw(), ca, tls, derive(master, "nonce"))


def _read(folder: Path, master: bytes, name: str) -> object:
    try:
        return serialization.load_pem_private_key(key_file(folder, name).read_bytes(), pem_passphrase(master))
    except (OSError, ValueError):
        raise KeyMissing(f"the {name} key does not open", why="unopened") from None

"""Make this workstation known to the school, once, by a code that both screens show."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from msgspec import Struct

from ejournal_core import seal, wire
from ejournal_core.errors import NOT_JSON, Trouble
from ejournal_desktop import paths

if TYPE_CHECKING:
    from ejournal_desktop.sync.server import Identity, SchoolServer

Entropy = Callable[[int], bytes]
State = Literal["waiting", "approved", "refused", "expired"]


class PairingFailed(Trouble):
    """The two sides did not come to the same code, or the server contradicts itself."""

    code: ClassVar[str] = "EJ-327"


class PairingDamaged(Trouble):
    """The file that holds the pairing is not what was written there: its keys would lead work astray."""

    code: ClassVar[str] = "EJ-442"


class Workstation(Struct, frozen=True, kw_only=True):
    """What this PC knows of its school since the pairing. Holds the workstation's own key, so the file is the owner's.

    Attributes:
        id: as the server knows this PC.
        school, school_name: the school's id and name.
        address: "https://host:port" of the server; any address will do, the authority decides.
        ca_certificate: PEM, pinned.
        server_key: Ed25519, hex, pinned: signs receipts and tree heads.
        seal_key: X25519, hex: sealed outgoing files go to it.
        private_key: Ed25519 of this PC, hex.
    """

    id: str
    school: str
    school_name: str
    address: str
    ca_certificate: str
    server_key: str
    seal_key: str
    private_key: str

    @property
    def identity(self) -> Identity:
        """Who signs the calls of this PC."""
        from ejournal_desktop.sync.server import Identity

        return Identity(f"workstation:{self.id}", bytes.fromhex(self.private_key))

    def connect(self, identity: Identity | None = None) -> SchoolServer:
        """Open a connection signed by this PC, or by a desk on it."""
        return _server(self.address, self.ca_certificate, identity or self.identity)


def _server(address: str, ca_certificate: str | None, identity: Identity | None = None) -> SchoolServer:
    """Open a connection; the libraries of the network load with the first one, not with the first window."""
    from ejournal_desktop.sync.server import SchoolServer

    return SchoolServer(address, ca_certificate, identity)


def workstation_file() -> Path:
    """Return the file that holds the pairing."""
    return paths.data_folder() / "workstation.json"


class _Kept(Workstation, frozen=True, kw_only=True):
    """The file: the pairing and its checksum, so that no bent key is ever believed."""

    sha256: str


def _fields(workstation: Workstation) -> dict[str, str]:
    return {name: getattr(workstation, name) for name in Workstation.__struct_fields__}


def _checksum(workstation: Workstation) -> str:
    return hashlib.sha256(msgspec.json.encode(_fields(workstation), order="sorted")).hexdigest()


def read_workstation() -> Workstation | None:
    """Return what this PC knows of its school, None while it is not paired.

    Raises:
        PairingDamaged: the file is there and is not what was written.
    """
    file = workstation_file()
    if not file.exists():
        return None
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, *NOT_JSON) as error:
        raise PairingDamaged(type(error).__name__) from None
    if kept.sha256 != _checksum(kept):
        raise PairingDamaged("the checksum differs")
    return Workstation(**_fields(kept))


def keep_workstation(workstation: Workstation) -> None:
    """Write the pairing so that a power cut leaves the old file or the new one; for the owner alone."""
    file = workstation_file()
    temporary = file.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(_Kept(**_fields(workstation), sha256=_checksum(workstation))))
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)


class Pairing:
    """A pairing under way: `code` is what the person compares with the server's screen, `ask` how it stands.

    Args:
        address: "https://host:port" as typed by the administrator.
        name: how the server's screen will call this PC.
        entropy: random bytes.
    """

    def __init__(self, address: str, name: str, entropy: Entropy = os.urandom) -> None:
        from ejournal_desktop.sync.server import ca_fingerprint

        self._address = address.rstrip("/")
        self._private_key = seal.new_signing_key()
        self._nonce = entropy(32)
        public_key = seal.signing_public_key(self._private_key)
        with _server(self._address, None) as server:
            self._hello = server.hello()
            commitment = seal.pairing_commitment(self._nonce, public_key)
            self._started = server.pair_start(
                wire.PairStart(workstation_name=name, public_key=public_key.hex(), commitment=commitment)
            )
        fingerprint = ca_fingerprint(self._started.ca_certificate)
        if fingerprint != self._hello.ca_sha256:
            raise PairingFailed("the server names two authorities")
        self.code = seal.pairing_code(
            self._hello.school, fingerprint, public_key, self._nonce, bytes.fromhex(self._started.nonce)
        )

    @property
    def school_name(self) -> str:
        """The name of the school that answers."""
        return self._hello.school_name

    def ask(self) -> State:
        """Ask how the administrator decided; keeps the pairing when approved.

        From here on the school's authority is required: who answered before must be the same.
        """
        with _server(self._address, self._started.ca_certificate) as server:
            state = server.pair_reveal(self._started.pairing, wire.PairReveal(nonce=self._nonce.hex()))
            if state.state == "approved":
                keep_workstation(self._approved(state.workstation, server.hello()))
        return state.state

    def _approved(self, workstation: str, hello: wire.Hello) -> Workstation:
        if hello.school != self._hello.school:
            raise PairingFailed("the school changed during the pairing")
        return Workstation(
            id=workstation,
            school=hello.school,
            school_name=hello.school_name,
            address=self._address,
            ca_certificate=self._started.ca_certificate,
            server_key=hello.server_key,
            seal_key=hello.seal_key,
            private_key=self._private_key.hex(),
        )

"""A released program: its package, whose publisher signed it, and the school that offers it.

Two signatures must hold before a desk speaks of a package: the publisher's over the package itself, so that no server
can give out a program of its own, and the school server's over the offer, so that the school decides what and when.
"""

from __future__ import annotations

import re
import sys
from typing import ClassVar, Literal, TypeVar

import msgspec
from msgspec import Struct

from ejournal_core import seal
from ejournal_core.errors import Trouble

System = Literal["linux", "windows", "macos"]

#: The publisher's Ed25519 public key, hexadecimal. It is part of the source, so that a program is built with it and
#: nothing outside can name another. No release key has been made yet: while this is empty, no package is accepted.
PUBLISHER = ""

PIECE = 1024 * 1024  # bytes of a package in one answer
_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){1,3}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1024 * 1024 * 1024  # bytes
LONGEST_NEWS = 1_000  # characters


class NotReleased(Trouble):
    """The package is not what the publisher signed, or nobody can tell; `details["why"]`."""

    code: ClassVar[str] = "EJ-426"


class Package(Struct, frozen=True, kw_only=True):
    """One file that installs the program, signed by the publisher.

    `name` is a plain file name; `news` says in a few plain sentences what is new, for the people at the desks.
    """

    name: str
    system: System
    version: str
    size: int
    sha256: str
    news: str = ""
    signature: str = ""


class Release(Struct, frozen=True, kw_only=True):
    """A package that a school offers to its desks since `at`, signed by the school's server."""

    school: str
    package: Package
    at: str
    signature: str = ""


S = TypeVar("S", Package, Release)


def sign(private_key: bytes, message: S) -> S:
    """Return the message with its signature set."""
    return msgspec.structs.replace(message, signature=seal.sign(private_key, seal.signed_bytes(message)).hex())


def is_signed(public_key: str, message: Package | Release) -> bool:
    """Say whether the message carries a valid signature of the key (hexadecimal)."""
    try:
        key, signature = bytes.fromhex(public_key), bytes.fromhex(message.signature)
    except ValueError:
        return False
    return seal.is_signed(key, seal.signed_bytes(message), signature)


def check_package(package: Package, publisher: str) -> None:
    """Refuse what the publisher has not signed, and what has no sound form.

    Raises:
        NotReleased: it is not to be used.
    """
    if not publisher:
        raise NotReleased("no publisher's key is built in", why="no-publisher")
    if not is_signed(publisher, package):
        raise NotReleased("not signed by the publisher", why="not-signed")
    sound = _NAME.fullmatch(package.name) and _SHA256.fullmatch(package.sha256) and _VERSION.fullmatch(package.version)
    if not sound or not 0 < package.size <= _LARGEST or len(package.news) > LONGEST_NEWS:
        raise NotReleased("a package without the form of one", why="not-signed")


def is_newer(version: str, than: str) -> bool:
    """Say whether a version comes after another; what is no released version is neither newer nor older."""
    if not (_VERSION.fullmatch(version) and _VERSION.fullmatch(than)):
        return False
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    return (*parts, *(0 for _ in range(4 - len(parts))))


def this_system() -> System:
    """Return which packages this machine installs."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")  # type: ignore[return-value]

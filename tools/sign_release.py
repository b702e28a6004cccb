"""Sign a package as its publisher: `python -m tools.sign_release KEY FILE SYSTEM VERSION [NEWS]` writes FILE.sig.

KEY is a file with the publisher's Ed25519 private key, 64 hexadecimal digits; its public half stands in
`ejournal_core/release.py`. NEWS is a text file that says in Russian what is new, for the people at the desks. With
`new` instead of a file's name the tool makes a key and prints both halves.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import cast

from ejournal_core import release, seal
from ejournal_core.changes import canonical
from ejournal_core.release import Package, System


def main(arguments: list[str]) -> None:
    """Make a key, or sign one package."""
    if arguments == ["new"]:
        key = seal.new_signing_key()
        print(f"private {key.hex()}\npublic {seal.signing_public_key(key).hex()}")
        return
    key_file, name, system, version, *told = arguments
    key = bytes.fromhex(Path(key_file).read_text(encoding="ascii").strip())
    news = Path(told[0]).read_text(encoding="utf-8").strip() if told else ""
    print(sign(key, Path(name), cast(System, system), version, news))


def sign(key: bytes, file: Path, system: System, version: str, news: str = "") -> Path:
    """Write the detached signature of a package; return its file."""
    with file.open("rb") as source:
        sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    package = Package(
        name=file.name, system=system, version=version, size=file.stat().st_size, sha256=sha256, news=news
    )  # fmt: skip
    signature = file.with_name(file.name + ".sig")
    signature.write_bytes(canonical(release.sign(key, package)) + b"\n")
    return signature


if __name__ == "__main__":
    main(sys.argv[1:])

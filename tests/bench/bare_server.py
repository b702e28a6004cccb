"""The physical floor of a sync server: TLS, HTTP, zstd, parse, raw SQLCipher inserts, and nothing else.

`python -m tests.bench.bare_server FOLDER`: makes a certificate and a store there, prints its port. `POST /up` takes
zstd JSON lines of changes, inserts a log row and a record row of each in one durable transaction; `GET /down?after=N`
gives up to 5,000 of them back.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlcipher3 import dbapi2

from ejournal_core.changes import Change

CERTIFICATE, KEY = "bare.pem", "bare-key.pem"
_lines = msgspec.json.Decoder(Change)
TABLES = (
    "CREATE TABLE change (number INTEGER PRIMARY KEY, id TEXT UNIQUE, body TEXT)",
    "CREATE TABLE record (kind TEXT, id TEXT, fields TEXT, number INTEGER, PRIMARY KEY (kind, id)) WITHOUT ROWID",
)


def store(path: Path) -> Any:
    """Open a keyed file as durable as the product's."""
    connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA key = \"x'{os.urandom(32).hex()}'\"")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    for table in TABLES:
        connection.execute(table)
    return connection


def insert(connection: Any, changes: list[Change], bodies: list[str], first: int) -> None:
    """Insert a log row and a record row of each change, durably."""
    connection.execute("BEGIN IMMEDIATE")
    log = [(number, change.id, body) for number, (change, body) in enumerate(zip(changes, bodies, strict=True), first)]
    connection.executemany("INSERT INTO change VALUES (?, ?, ?)", log)
    fields = [(change.kind, change.record, msgspec.json.encode(change.set).decode(), number)
              for number, change in enumerate(changes, first)]  # fmt: skip
    connection.executemany("INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)", fields)
    connection.execute("COMMIT")


def read(data: bytes) -> tuple[list[Change], list[str]]:
    """Unpack and parse a body; return the changes and their texts."""
    texts = zstandard.ZstdDecompressor().decompress(data, max_output_size=2**26).splitlines()
    return [_lines.decode(text) for text in texts], [text.decode() for text in texts]


class Floor:
    """The ASGI application."""

    def __init__(self, connection: Any) -> None:
        self._store = connection
        self._number = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = await asyncio.to_thread(self._answer, scope, body)
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(answer))]}
        )
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, scope: Any, body: bytes) -> bytes:
        if scope["path"] == "/up":
            if body:
                changes, texts = read(body)
                insert(self._store, changes, texts, self._number + 1)
                self._number += len(changes)
            return b"ok"
        after = int(scope["query_string"].removeprefix(b"after="))
        rows = self._store.execute("SELECT body FROM change WHERE number > ? ORDER BY number LIMIT 5000", (after,))
        return zstandard.ZstdCompressor(level=3).compress("\n".join(text for (text,) in rows).encode())


def certificate(folder: Path) -> None:
    """Write a self-signed certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / CERTIFICATE).write_bytes(made.public_bytes(pem))
    (folder / KEY).write_bytes(key.private_bytes(pem, pkcs8, plain))


def main() -> None:
    """Serve until killed."""
    folder = Path(sys.argv[1])
    certificate(folder)
    config = uvicorn.Config(Floor(store(folder / "floor.db")), log_config=None, access_log=False, lifespan="off",
                            server_header=False, date_header=False)  # fmt: skip
    config.load()
    config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_3
    config.ssl.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not for sockets given to it
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()

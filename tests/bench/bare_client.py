"""The desk's side of the physical floor: encode, zstd, POST; GET, unpack, parse, raw SQLCipher inserts."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import httpx
import msgspec
import zstandard

from ejournal_core import wire
from ejournal_core.changes import Change
from tests.bench import bare_server
from tests.helpers.processes import start_bound


class BareSync:
    """A bare server process, a connection to it, and a file of one's own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._process = start_bound([sys.executable, "-m", "tests.bench.bare_server", str(folder)], signal="KILL",
                                    stdout=subprocess.PIPE, stderr=None)  # fmt: skip
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        context = ssl.create_default_context(cafile=str(folder / bare_server.CERTIFICATE))
        context.check_hostname = False
        self._http = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False, timeout=60)
        self._file = bare_server.store(folder / "desk.db")
        self._number = 0

    def __enter__(self) -> BareSync:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._file.close()
        self._process.kill()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def up(self, changes: Sequence[Change]) -> None:
        """Bring changes to the server, as many at once as the product sends; none: an empty call."""
        for start in range(0, len(changes) or 1, wire.BATCH_CHANGES):
            part = changes[start : start + wire.BATCH_CHANGES]
            body = (
                zstandard.ZstdCompressor(level=3).compress(b"\n".join(map(msgspec.json.encode, part))) if part else b""
            )
            self._http.post("/up", content=body).raise_for_status()

    def down(self) -> int:
        """Bring what is new from the server; return how many changes came."""
        came = 0
        while True:
            changes, bodies = bare_server.read(self._http.get("/down", params={"after": self._number}).content)
            if changes:
                bare_server.insert(self._file, changes, bodies, self._number + 1)
            self._number += len(changes)
            came += len(changes)
            if len(changes) < 5_000:
                return came

"""A stranger's signed calls to a school server, as docs/sync-protocol.md has them; no code of ours."""

from __future__ import annotations

import ssl
import time

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.helpers import stranger_bytes as form
from tests.helpers.stranger_bytes import Message, Untrue


class Problem(Exception):
    """The server said no: `code` and `status`."""

    def __init__(self, status: int, answer: Message) -> None:
        super().__init__(status, answer["code"], answer["note"])
        self.status, self.code = status, str(answer["code"])


class Line:
    """Signed calls over one connection."""

    def __init__(self, address: str, authority: str | None, key_id: str = "", key: Ed25519PrivateKey | None = None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version, context.check_hostname = ssl.TLSVersion.TLSv1_3, False
        if authority is None:
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=authority)
        self.http = httpx.Client(base_url=address, verify=context, timeout=30, trust_env=False)
        self.address, self.authority, self.key_id, self.key, self.nonce = address, authority, key_id, key, ""

    def close(self) -> None:
        """End the connection."""
        self.http.close()

    def hello(self) -> Message:
        """Ask who the server is."""
        hello = form.read(self.send("GET", "/v1/hello"), "school", "nonce", "server_key", "seal_key", "ca_sha256")
        self.nonce = hello["nonce"]
        return hello

    def call(self, method: str, path: str, body: bytes = b"", query: str = "") -> bytes:
        """Send a signed request; once more where the nonce is stale."""
        for attempt in (1, 2):
            if not self.nonce:
                self.hello()
            assert self.key is not None
            parts = (method, path, query, body)
            headers = form.request_headers(self.key, self.key_id, self.nonce, int(time.time()), parts)
            headers["Ejournal-Protocol"] = "1"
            try:
                return self.send(method, f"{path}?{query}" if query else path, body, headers)
            except Problem as problem:
                if problem.code != "nonce" or attempt == 2:
                    raise
                self.nonce = ""
        raise AssertionError

    def send(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        """Send a request as it is."""
        response = self.http.request(method, target, content=body, headers=headers)
        if response.headers.get("content-type") != "application/x-ejournal":
            raise Untrue("not a school server")
        if not response.is_success:
            raise Problem(response.status_code, form.read(response.content, "code", "note"))
        return response.content

"""What somebody on the way could make of an answer: the words of honest messages with another meaning."""

from __future__ import annotations

from ejournal_core import wire


def alter(path: str, body: bytes) -> bytes:
    """Return the body of an answer with another meaning, or as it is where it holds nothing to alter."""
    if path == "/v1/push":
        return body.replace(b'"outcome":"taken"', b'"outcome":"refused"', 1)
    if path == "/v1/pull":
        return wire.compress(_other_mark(wire.decompress(body)))
    return body


def _other_mark(text: bytes) -> bytes:
    for value in b"5", b"4", b"3", b"2":
        held = b'"value":"' + value + b'"'
        if held in text:
            return text.replace(held, b'"value":"' + (b"2" if value != b"2" else b"5") + b'"', 1)
    return text

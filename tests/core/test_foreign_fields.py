"""Fields of a newer format are kept as they came, whatever they are called."""

from __future__ import annotations

import json

import pytest

from ejournal_core import wire
from ejournal_core.changes import Change


@pytest.mark.parametrize("name", ["extra", "\\u0065xtra", "extr\\u0061"])
def test_a_newer_field_that_is_called_extra_is_kept_as_any_other(name: str) -> None:
    plain_text = wire.encode(
        Change(id="c", desk="d", n=1, author="p", kind="Mark", record="m", was={}, set={}, act="change", at="")
    )
    sent = plain_text[:-1] + b',"' + name.encode() + b'":{"id":"other"}}'
    change = wire.decode(Change, sent)
    assert change.extra == {"extra": {"id": "other"}}
    assert change.id == "c"
    assert json.loads(wire.encode(change)) == json.loads(sent)

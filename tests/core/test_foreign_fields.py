"""Fields of a newer format are kept as they came, whatever they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ejournal_core import wire
from ejournal_core.changes import Change, canonical, plain


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


@pytest.mark.parametrize(
    "foreign", [{}, {"extra": {"id": "other"}}, {"newer": ["1"]}, {"extra": 1, "newer": {"a": None}}]
)
def test_a_change_is_the_same_from_a_mapping_as_from_its_bytes(foreign: dict[str, Any]) -> None:
    known = Change(id="c", desk="d", n=1, author="p", kind="Mark", record="m", was={}, set={"value": "5"}, act="change",
                   at="", hidden=("value",), salt="00")  # fmt: skip
    fields = {**plain(known), **foreign}
    change = wire.change_of(fields)
    assert change == wire.decode_change(canonical(fields))
    assert (change.extra, change.hidden) == (foreign, ("value",))
    assert plain(change) == fields


@pytest.mark.parametrize("wrong", [{"n": "1"}, {"set": {"value": [1]}}, {"id": None}, {"extra": {}, "at": 1}])
def test_a_mapping_that_is_no_change_is_malformed(wrong: dict[str, Any]) -> None:
    fields = plain(
        Change(id="c", desk="d", n=1, author="p", kind="Mark", record="m", was={}, set={}, act="change", at="")
    )
    with pytest.raises(wire.Malformed):
        wire.change_of({**fields, **wrong})

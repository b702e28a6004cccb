"""A column among many values, bound as one JSON list: one text and one compiled statement, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class _Values(TypeDecorator[Iterable[str]]):
    """Texts as one parameter."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Iterable[str] | None, dialect: sa.Dialect) -> str:  # noqa: ARG002 - as SQLAlchemy calls it
        return json.dumps(list(value or ()))


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return the condition that the column is one of the texts bound as `name`."""
    return column.in_(sa.select(each_of(name).c.value))


def each_of(name: str) -> sa.TableValuedAlias:
    """Return the texts bound as `name` as a table with one column, `value`."""
    return sa.func.json_each(sa.bindparam(name, type_=_Values())).table_valued(sa.column("value", sa.Text))

"""How a question finds its rows: a column among many values, and the index that leads to them.

Many values are bound as one: an array in PostgreSQL, a JSON list in SQLite. However many there are, the statement has
one text, so that it is compiled once and prepared once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Values(TypeDecorator[Iterable[Any]]):
    """Many values of one type as one parameter."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, each: TypeEngine[Any]) -> None:
        super().__init__()
        self.each = each

    def load_dialect_impl(self, dialect: sa.Dialect) -> TypeEngine[Any]:
        return ARRAY(self.each) if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: Iterable[Any] | None, dialect: sa.Dialect) -> Any:
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _Among(FunctionElement[bool]):
    name = "among"
    type = sa.Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> Any:  # noqa: ARG002 - SQLAlchemy names it
        """Stand as it is: "(… IN …) = 1", as SQLAlchemy would have it for SQLite, leads past every index."""
        return self


def among(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """Return the condition that the column (text or number) is one of the values bound as `name`."""
    each = sa.BigInteger() if isinstance(column.type, sa.BigInteger) else sa.Text()
    return _Among(column, sa.bindparam(name, type_=_Values(each)))


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _in_list(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


def led_by(index: sa.Index, query: sa.Select[Any]) -> sa.Select[Any]:
    """Return the query led by an index in SQLite, which without statistics takes the primary key and walks far."""
    assert index.table is not None
    return query.with_hint(index.table, f"INDEXED BY {index.name}", "sqlite")

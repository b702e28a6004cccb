"""Accounts, workstations and desks: who may speak with the server, and where."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_server.store import tables as t
from ejournal_server.store.database import Transaction


class Account(Struct, frozen=True, kw_only=True):
    """A person's way in. Hashes are Argon2id PHC strings, moments seconds since 1970."""

    person: str
    password: str = ""
    activation: str = ""
    activation_until: int = 0
    failures: int = 0
    locked_until: int = 0
    state: str = "active"
    unconfirmed: int = 0


class Workstation(Struct, frozen=True, kw_only=True):
    """One PC on its way to being known, or known. Keys, nonces and commitment are hexadecimal."""

    id: str
    name: str
    public_key: str
    state: str
    commitment: str
    server_nonce: str
    nonce: str = ""
    until: int
    at: str
    address: str = ""


class Desk(Struct, frozen=True, kw_only=True):
    """One person's journal on one workstation: its key, the end of its chain of changes, what it has proved to know.

    Its changes come after `named_at` (RFC 3339, "": after `at`) and were made knowing `named_size` lines of the log.
    Of a revoked desk changes up to counter `trusted_n` are still taken.
    """

    id: str
    person: str
    workstation: str = ""
    public_key: str
    last_n: int = 0
    last_hash: str = ""
    state: str = "active"
    reason: str = ""
    at: str
    named_size: int = 0
    named_at: str = ""
    trusted_n: int = 0


def _values(row: Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(row)


def _fields(row: sa.Row[tuple[object, ...]]) -> dict[str, Any]:
    values = dict(row._mapping)
    del values["school"]
    return values


_A, _W, _D = t.account.c, t.workstation.c, t.desk.c
_ACCOUNTS = select(t.account).where(_A.school == bind("school")).order_by(_A.person)
_ACCOUNT = _ACCOUNTS.where(_A.person == bind("person_"))
_SET_ACCOUNT = t.account.update().where(_A.school == bind("school_"), _A.person == bind("person_"))


def accounts(tx: Transaction) -> list[Account]:
    """Return all accounts."""
    return [Account(**_fields(row)) for row in tx.run(_ACCOUNTS)]


def account(tx: Transaction, person: str, *, lock: bool = False) -> Account | None:
    """Return the account of a person; `lock`: nobody else changes it until this transaction ends."""
    row = tx.run(_ACCOUNT.with_for_update() if lock else _ACCOUNT, person_=person).first()
    return Account(**_fields(row)) if row else None


def put_account(tx: Transaction, account_: Account) -> None:
    """Make or change an account."""
    if account(tx, account_.person) is None:
        tx.run(t.account.insert(), **_values(account_))
    else:
        tx.alter(_SET_ACCOUNT, _values(account_), person=account_.person)


_WORKSTATIONS = select(t.workstation).where(_W.school == bind("school")).order_by(_W.id)
_WORKSTATION = _WORKSTATIONS.where(_W.id == bind("id_"))
_SET_WORKSTATION = t.workstation.update().where(_W.school == bind("school_"), _W.id == bind("id_"))


def workstations(tx: Transaction) -> list[Workstation]:
    """Return all workstations, in order of their first request."""
    return [Workstation(**_fields(row)) for row in tx.run(_WORKSTATIONS)]


def workstation(tx: Transaction, id_: str) -> Workstation | None:
    """Return one workstation."""
    row = tx.run(_WORKSTATION, id_=id_).first()
    return Workstation(**_fields(row)) if row else None


def put_workstation(tx: Transaction, row: Workstation) -> None:
    """Make or change a workstation."""
    if workstation(tx, row.id) is None:
        tx.run(t.workstation.insert(), **_values(row))
    else:
        tx.alter(_SET_WORKSTATION, _values(row), id=row.id)


_DROP_WORKSTATION = t.workstation.delete().where(_W.school == bind("school"), _W.id == bind("id_"))


def drop_workstation(tx: Transaction, id_: str) -> None:
    """Forget a pairing that came to nothing."""
    tx.run(_DROP_WORKSTATION, id_=id_)


_DESKS = select(t.desk).where(_D.school == bind("school")).order_by(_D.id)
_DESK = _DESKS.where(_D.id == bind("id_"))
_SET_DESK = t.desk.update().where(_D.school == bind("school_"), _D.id == bind("id_"))


def desks(tx: Transaction) -> list[Desk]:
    """Return all desks."""
    return [Desk(**_fields(row)) for row in tx.run(_DESKS)]


def desk(tx: Transaction, id_: str) -> Desk | None:
    """Return one desk."""
    row = tx.run(_DESK, id_=id_).first()
    return Desk(**_fields(row)) if row else None


def add_desk(tx: Transaction, row: Desk) -> None:
    """Make a desk."""
    tx.run(t.desk.insert(), **_values(row))


def set_desk(tx: Transaction, row: Desk) -> None:
    """Change a desk, except what it has named: only `keep_named` moves that."""
    values = _values(row)
    del values["named_size"], values["named_at"]
    tx.alter(_SET_DESK, values, id=row.id)


def keep_named(tx: Transaction, id_: str, size: int, at: str) -> None:
    """Keep size and time of the newest tree head that the desk's changes have named."""
    tx.alter(_SET_DESK, {"named_size": size, "named_at": at}, id=id_)

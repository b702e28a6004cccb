"""What stands around the slices: their content as of now, snapshots in parts, and what each desk holds of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import bindparam as bind
from sqlalchemy import select

from ejournal_core import access
from ejournal_core.kinds import KINDS
from ejournal_server.store import tables as t
from ejournal_server.store.among import among
from ejournal_server.store.database import Transaction

PAGE = 2_000  # records read at once

# --- the records of a slice ----------------------------------------------------------------------------------------


class Plain(Struct, frozen=True):
    """A record as it is sent: its fields as the stored JSON text."""

    kind: str
    id: str
    fields: str
    number: int
    author: str
    at: str


_R = t.record.c
_PAGE_OF_KIND = (
    select(_R.kind, _R.id, _R.fields, _R.number, _R.author, _R.at)
    .where(_R.school == bind("school"), _R.slice == bind("slice"), _R.kind == bind("kind"))
    .where(_R.id > bind("id_after"), _R.number > bind("after"))
    .order_by(_R.id)
    .limit(PAGE)
)


def records_of(tx: Transaction, slice_: str, after: int = 0) -> Iterator[Plain]:
    """Yield the records of a slice of any length whose number is above `after`, parents before children.

    Kind by kind, so that the index by slice leads to them: without statistics SQLite would walk through all records.
    """
    place = "" if slice_ == access.DIRECTORY else slice_.partition(":")[0]
    for kind in KINDS:
        if access.PLACES.get(kind, ("", ""))[0] == place:
            yield from _of_kind(tx, kind, slice_, after)


def _of_kind(tx: Transaction, kind: str, slice_: str, after: int) -> Iterator[Plain]:
    rows = tx.run(_PAGE_OF_KIND, kind=kind, slice=slice_, id_after="", after=after).all()
    while rows:
        for row in rows:
            yield Plain(row.kind, row.id, row.fields, row.number, row.author, row.at)
        if len(rows) < PAGE:
            return
        rows = tx.run(_PAGE_OF_KIND, kind=kind, slice=slice_, id_after=rows[-1].id, after=after).all()


# --- how a slice stands --------------------------------------------------------------------------------------------


class Standing(Struct, frozen=True):
    """A slice, the number at which one of its records last changed, and its content as of `digest_at`."""

    slice: str
    number: int
    digest_at: int = 0
    digest: str = ""


_S = t.slice.c
_STANDINGS = (
    select(t.slice)
    .where(_S.school == bind("school"), _S.slice > bind("after"), among(_S.slice, "slices"))
    .order_by(_S.slice)
)
_MOVE = sa.text(
    "INSERT INTO slice (school, slice, number) VALUES (:school, :slice, :number) "
    "ON CONFLICT (school, slice) DO UPDATE SET number = excluded.number"
)
_KEEP_DIGEST = t.slice.update().where(_S.school == bind("school_"), _S.slice == bind("slice_"))


def move(tx: Transaction, numbers: Iterable[tuple[str, int]]) -> None:
    """Note the numbers at which slices last changed."""
    tx.run_many(_MOVE, [{"slice": slice_, "number": number} for slice_, number in numbers])


def standings(tx: Transaction, slices: Iterable[str], after: str = "") -> list[Standing]:
    """Return how those of the slices stand that come after a name and hold records at all, in order."""
    rows = tx.run(_STANDINGS, slices=list(slices), after=after)
    return [Standing(row.slice, row.number, row.digest_at, row.digest) for row in rows]


def keep_digest(tx: Transaction, standing: Standing) -> None:
    """Keep a digest that was reckoned."""
    tx.alter(_KEEP_DIGEST, {"digest_at": standing.digest_at, "digest": standing.digest}, slice=standing.slice)


# --- snapshots in parts --------------------------------------------------------------------------------------------

_P = t.snapshot.c
_PART = select(_P.body).where(_P.school == bind("school"), _P.id == bind("id"), _P.part == bind("part"))
_MANIFESTS = (
    select(_P.id, _P.made).where(_P.school == bind("school"), _P.part == 0).order_by(_P.made.desc(), _P.id.desc())
)
_MANIFESTS_OF = _MANIFESTS.where(_P.desk == bind("desk"))
_DROP = t.snapshot.delete().where(_P.school == bind("school"), _P.id == bind("id"))
_DROP_OLD = t.snapshot.delete().where(_P.school == bind("school"), _P.made < bind("before"))
_DROP_ALL = t.snapshot.delete().where(_P.school == bind("school"))
_ADD_PART = sa.text(
    "INSERT INTO snapshot (school, id, part, made, body, desk) VALUES (:school, :id, :part, :made, :body, :desk) "
    "ON CONFLICT (school, id, part) DO NOTHING"
)


def keep_part(tx: Transaction, id_: str, part: int, made: int, body: bytes, desk: str) -> None:
    """Keep a part of a snapshot; part 0 is its manifest and comes last. Two makers of one snapshot write the same."""
    tx.run(_ADD_PART, id=id_, part=part, made=made, body=body, desk=desk)


def part(tx: Transaction, id_: str, number: int) -> bytes | None:
    """Return a part of a snapshot, None when it is not there (any more)."""
    row = tx.run(_PART, id=id_, part=number).first()
    return bytes(row.body) if row else None


def made_snapshots(tx: Transaction) -> list[tuple[str, int]]:
    """Return (id, moment of making in seconds since 1970) of the whole snapshots, newest first."""
    return [(row.id, row.made) for row in tx.run(_MANIFESTS)]


def snapshots_of(tx: Transaction, desk: str) -> list[str]:
    """Return the ids of the whole snapshots that were made for a desk, newest first."""
    return [row.id for row in tx.run(_MANIFESTS_OF, desk=desk)]


def drop_snapshots(tx: Transaction, ids: Sequence[str], before: int) -> None:
    """Drop these snapshots, and what was made before a moment, unfinished ones too."""
    for id_ in ids:
        tx.run(_DROP, id=id_)
    tx.run(_DROP_OLD, before=before)


def drop_all_snapshots(tx: Transaction) -> None:
    """Drop every snapshot: something of their content had to be destroyed. Desks begin new ones, harmlessly."""
    tx.run(_DROP_ALL)


# --- what desks hold -----------------------------------------------------------------------------------------------


class Held(Struct, frozen=True):
    """The slices that a desk has confirmed to hold on its disk, and when (RFC 3339)."""

    desk: str
    slices: tuple[str, ...]
    at: str


_H = t.desk_scope.c
_HELD = select(t.desk_scope).where(_H.school == bind("school")).order_by(_H.desk)
_CONFIRM = sa.text(
    "INSERT INTO desk_scope (school, desk, slices, at) VALUES (:school, :desk, :slices, :at) "
    "ON CONFLICT (school, desk) DO UPDATE SET slices = excluded.slices, at = excluded.at"
)


def confirm(tx: Transaction, held: Held) -> None:
    """Keep what a desk says it holds."""
    tx.run(_CONFIRM, desk=held.desk, slices=msgspec.json.encode(held.slices).decode(), at=held.at)


def held(tx: Transaction) -> list[Held]:
    """Return what every desk has confirmed."""
    return [Held(row.desk, msgspec.json.decode(row.slices, type=tuple[str, ...]), row.at) for row in tx.run(_HELD)]

"""One transaction of a person: its edits, each judged, shown, kept in history and queued for the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import sqlalchemy as sa

from ejournal_core import checks, ids, merge, seal
from ejournal_core.changes import Act, Change, change_hash, entered_by, is_erasable, is_rare, sets_values
from ejournal_core.errors import Bug, Refusal
from ejournal_core.kinds import Fields, Record
from ejournal_core.policy import Policy
from ejournal_desktop.models import records
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.records import Stand
from ejournal_desktop.models.tables import desk, history, outbox

if TYPE_CHECKING:
    from ejournal_desktop.models.journal import Journal


class Write:
    """The edits of one transaction. `changes` is complete when the transaction has been committed."""

    def __init__(self, journal: Journal, connection: sa.Connection, policy: Policy) -> None:
        self._journal = journal
        self.connection = connection
        self._now = journal.clock()
        self.facts = DeskFacts(connection, self._now, policy)
        self._changes: list[Change] = []
        self._n, self._last_hash = connection.execute(CHAIN).one()
        self._prev = self._last_hash
        self._head = journal.head_hash(connection)

    @property
    def next_n(self) -> int:
        """The counter that the next edit gets."""
        return int(self._n)

    @property
    def changes(self) -> ChangeSet:
        """What has been done so far."""
        touched = frozenset((change.kind, change.record) for change in self._changes)
        return ChangeSet(tuple(self._changes), touched, prev=self._prev)

    def new_id(self) -> str:
        """Return a fresh id for something that a person invents."""
        return ids.new_id(lambda: int(self._now.timestamp() * 1000), self._journal.entropy)

    def exists(self, kind: type[Record], record_id: str) -> bool:
        """Say whether the record exists, voided or not."""
        return self._stand(kind.__name__, record_id).fields is not None

    def edit(
        self, kind: str | type[Record], record_id: str, *, act: Act | None = None, why: str = "", **fields: Any
    ) -> Change | None:
        """Set fields of one record, creating it when it does not exist yet.

        Args:
            kind: name or class of the kind.
            act: what is done, when it is not plainly "create" or "change".
            why: the reason, where the policy asks for one.
            fields: new values; only those that differ become part of the change.

        Returns:
            The change, or None when nothing differs.

        Raises:
            Refusal: the first rule that says no.
        """
        name = kind if isinstance(kind, str) else kind.__name__
        given = {field: msgspec.to_builtins(value) for field, value in fields.items()}
        return self.put(name, record_id, given, act=act, why=why)

    def put(self, kind: str, record_id: str, given: Fields, *, act: Act | None = None, why: str = "") -> Change | None:
        """Do what `edit` does with fields that are plain JSON values already."""
        stand = self._stand(kind, record_id)
        was, wanted = _difference(kind, stand.fields, given)
        if not wanted and act in _DECISIONS:
            was, wanted = _whole_units(kind, stand.fields or {}, given)
        elif not wanted and stand.fields is not None:
            return None
        change = self._change(kind, record_id, was, wanted, act or ("change" if stand.fields else "create"), why=why)
        return self._enter(change, stand)

    def decide(self, asked: Change, act: Literal["approve", "refuse"], why: str = "") -> Change:
        """Approve a pending change of another person, entering exactly its values in that person's name, or refuse it.

        Raises:
            Refusal: it is decided already, or this person does not decide it, or a rule forbids the values.
        """
        stand = records.read(self.connection, asked.kind, asked.record)
        wanted = asked.set if act == "approve" else {}
        was = {name: stand.fields.get(name) for name in wanted} if stand.fields is not None else {}
        requester = entered_by(asked) if act == "approve" else ""
        change = self._change(asked.kind, asked.record, was, wanted, act, why=why, about=asked.id, requester=requester)
        return self._enter(change, stand)

    def _stand(self, kind: str, record_id: str) -> Stand:
        return records.read(self.connection, kind, record_id)

    def _enter(self, change: Change, stand: Stand) -> Change:
        judgement = checks.check(change, self.facts)
        if judgement.outcome != ("pending" if change.act == "request" else "taken"):
            raise Refusal(judgement.code, judgement.sentence, judgement.clause)
        if is_rare(change):
            change = seal.sign_change(self._journal.identity.signing_key, change, self._last_hash)
        self._store(change, stand)
        return change

    def take_back(self, change: Change, why: str = "") -> Change | None:
        """Make the inverse edit of a change of this desk.

        The birth of a fact is taken back by emptying it; of a page's lesson or column nothing is taken back, since
        others may have entered something there meanwhile.
        """
        if not sets_values(change):
            raise Refusal("EJ-245", "Заявку и отказ не отменить: они записаны. Решит другой человек или новая заявка.")
        now = records.read(self.connection, change.kind, change.record).fields or {}
        if any(now.get(field) != value for field, value in change.set.items()):
            raise Refusal("EJ-290", "После этого значение уже изменили: отмена не выполнена.")
        if change.act == "create":
            standard = merge.defaults(change.kind)
            required = records.required_fields(change.kind)
            back: Fields = {} if records.is_parent(change.kind) else {
                field: standard[field] for field in change.set if field not in required
            }  # fmt: skip
        else:
            back = change.was
        return self.put(change.kind, change.record, back, why=why) if back else None

    def finish(self) -> None:
        """Continue the desk's chain after the last edit."""
        if self._changes:
            self.connection.execute(_CONTINUE_CHAIN, {"n": self._n, "hash": self._last_hash})

    def _change(self, kind: str, record_id: str, was: Fields, wanted: Fields, act: Act, **said: Any) -> Change:
        erasable = is_erasable(kind, {**was, **wanted})
        return Change(
            id=self.new_id(),
            desk=self._journal.identity.desk_id,
            n=self._n,
            author=self._journal.identity.person_id,
            kind=kind,
            record=record_id,
            was=was,
            set=wanted,
            act=act,
            at=self._now.isoformat(timespec="seconds"),
            head=self._head,
            salt=self._journal.entropy(32).hex() if erasable else "",
            **said,
        )

    def _store(self, change: Change, stand: Stand) -> None:
        if sets_values(change):
            self._show(change, stand)
        self.connection.execute(_ADD_HISTORY, records.history_row(change, self._last_hash))
        self.connection.execute(_ADD_OUTBOX, {"n": change.n, "change_id": change.id, "kind": change.kind,
                                              "record": change.record})  # fmt: skip
        self._last_hash = change_hash(change, self._last_hash).hex()
        self._n += 1
        self._changes.append(change)

    def _show(self, change: Change, stand: Stand) -> None:
        address = (change.kind, change.record)
        if records.read_shadow(self.connection, address) is None:
            records.write_shadow(self.connection, address, stand)
        records.write(self.connection, change.kind, [(change.record, records.replay(stand, [change]))])


#: Acts that are made even when no value differs: the decision itself is the change.
_DECISIONS: frozenset[str | None] = frozenset({"resolve", "approve", "refuse", "lock", "unlock", "issue", "request"})


def _difference(kind: str, current: Fields | None, given: Fields) -> tuple[Fields, Fields]:
    """Return (was, set) of the units in which the given values differ from the current ones."""
    unknown = given.keys() - merge.defaults(kind).keys()
    if unknown:
        raise Bug(f"{kind} has no fields {sorted(unknown)}")
    if current is None:
        standard = merge.defaults(kind)
        required = records.required_fields(kind)
        return {}, {name: value for name, value in given.items() if name in required or value != standard[name]}
    changed = {name: value for name, value in given.items() if current.get(name) != value}
    return _whole_units(kind, current, changed)


def _whole_units(kind: str, current: Fields, given: Fields) -> tuple[Fields, Fields]:
    names = [name for unit in merge.units(kind) if not given.keys().isdisjoint(unit) for name in unit]
    was = {name: current.get(name) for name in names}
    return was, {**was, **given}


CHAIN = sa.select(desk.c.next_n, desk.c.last_hash)
_CONTINUE_CHAIN = desk.update().values(next_n=sa.bindparam("n"), last_hash=sa.bindparam("hash"))
_ADD_HISTORY = history.insert()
_ADD_OUTBOX = outbox.insert()

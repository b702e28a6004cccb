"""Lawful destruction (152-ФЗ): which content an act covers, and who may order it.

An administrator orders, a second person confirms at a desk of her own; both are lines of the log, signed by their
desks. With the confirmation everything covered that stands in the log up to its number loses its erasable content
(`changes.destroyed`), on the server and on every desk; every hash stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable

from ejournal_core import access
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.changes import BLANK, Change, sets_values
from ejournal_core.ids import SEPARATOR
from ejournal_core.kinds import Destruction, Fields, Role, from_fields, to_fields

CONFIRMERS: frozenset[Role] = access.OVERSEERS
LONGEST_BASIS = 300  # characters: a reference to law and request, not their text; everybody's desk receives it


def is_confirmation(change: Change) -> bool:
    """Say whether the change, once accepted, carries an order out."""
    return change.kind == "Destruction" and bool(change.set.get("confirmed_by")) and sets_values(change)


def covers(order: Destruction, kind: str, record: str, fields: Fields) -> bool:
    """Say whether an order is about a record.

    Args:
        fields: of the record, or what is known of it from a change.
    """
    if kind != order.target_kind:
        return False
    return (
        record == order.target_record if order.pupil_id is None else _pupil_of(kind, record, fields) == order.pupil_id
    )


def _pupil_of(kind: str, record: str, fields: Fields) -> str:
    return record.rsplit(SEPARATOR, 1)[-1] if kind == "Attendance" else str(fields.get("pupil_id") or "")


def emptied(kind: str, fields: Fields) -> Fields:
    """Return a record's fields once their erasable content is destroyed."""
    return {**fields, **BLANK.get(kind, {})}


class Losses:
    """Lines whose content is gone, and the acts that account for them: what only a dishonest server hides has none."""

    def __init__(self) -> None:
        self._acts: dict[str, int] = {}  # confirmed acts: record → number
        self._emptied: list[tuple[int, Change]] = []

    def take(self, number: int, change: Change, *, accepted: bool) -> None:
        """Take the next line of the log."""
        if accepted and is_confirmation(change):
            self._acts[change.record] = number
        if change.content:
            self._emptied.append((number, change))

    def unexplained(self, fields_of: Callable[[str, str], Fields], *, restored: bool) -> int | None:
        """Return the number of the first line that is empty without an act, None when there is none.

        Args:
            fields_of: gives a record's fields as the whole log makes them, by kind and id.
            restored: whether the log has gone through a restore: desks bring such lines again, behind the act too.
        """
        acts = [(number, from_fields(Destruction, record, fields_of("Destruction", record)))
                for record, number in self._acts.items()]  # fmt: skip
        visible: dict[tuple[str, str], Fields] = {}
        for _, change in self._emptied:
            visible.setdefault((change.kind, change.record), {}).update({**change.was, **change.set})
        for number, change in self._emptied:
            address = (change.kind, change.record)
            fields = {**fields_of(*address), **visible[address]}
            if not any((number < at or restored) and covers(act, *address, fields) for at, act in acts):
                return number
        return None


# --- rules ---------------------------------------------------------------------------------------------------------


def an_order_says_what_and_why(case: Case) -> Judgement | None:
    """An act has a number, a ground and one thing that it is about."""
    order = case.after
    assert isinstance(order, Destruction)
    if order.target_kind not in BLANK:
        return refused("EJ-417", "Сведения этого вида по акту не уничтожают: журнал хранится весь свой срок.")
    if bool(order.target_record) == bool(order.pupil_id):
        return refused("EJ-417", "В акте нужно назвать одно из двух: запись или ученика.")
    if not order.act_number.strip() or not order.basis.strip() or len(order.basis) > LONGEST_BASIS:
        return refused("EJ-417", f"Нужны номер акта и основание (до {LONGEST_BASIS} знаков).")
    return None


def an_administrator_orders(case: Case) -> Judgement | None:
    """Security: destruction is an administrative act, in the orderer's own name."""
    order, author = case.after, case.change.author
    assert isinstance(order, Destruction)
    if case.before is not None:
        return None
    held = access.holds_role(case.facts.roles(author), {"administrator"}, case.facts.today())
    if not held or order.ordered_by != author or order.confirmed_by is not None:
        return refused("EJ-417", "Акт об уничтожении вносит администратор, а подтверждает другой человек.")
    return None


def a_second_person_confirms(case: Case) -> Judgement | None:
    """Nobody destroys alone: a deputy or the director confirms what another person ordered, and nothing else of it."""
    order, before, author = case.after, case.before, case.change.author
    if before is None:
        return None
    assert isinstance(order, Destruction)
    assert isinstance(before, Destruction)
    if before.confirmed_by is not None:
        return refused("EJ-419", "Акт уже исполнен: сведения уничтожены, изменить его нельзя.")
    old = to_fields(before)
    changed = {name for name, value in to_fields(order).items() if value != old[name]}
    if changed <= {"voided"} and author in (before.ordered_by, order.ordered_by):
        return None
    confirms = access.holds_role(case.facts.roles(author), CONFIRMERS, case.facts.today())
    if changed != {"confirmed_by"} or order.confirmed_by != author or author == before.ordered_by or not confirms:
        return refused(
            "EJ-417", "Акт подтверждает завуч или директор — не тот, кто его внёс, — и ничего в нём не меняет."
        )
    return None

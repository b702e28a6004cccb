"""Семьи: the pupils of a class with their guardians, as far as policy and consent let them be seen."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, guardians, russian, wire
from ejournal_core.changes import BLANK, Change
from ejournal_core.kinds import Fields, Guardian, Relation, to_fields
from ejournal_core.policy import Policy
from ejournal_desktop.models.facts import select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PupilRow
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.queries.words import outcome_text
from ejournal_desktop.models.tables import history, request

RELATIONS: dict[Relation, str] = {
    "": "не указано", "mother": "мать", "father": "отец", "guardian": "опекун", "other": "другой представитель",
}  # fmt: skip

#: What a person calls the fields of a guardian, in the order in which they are shown.
FIELD_TITLES: dict[str, str] = {
    "relation": "кем приходится", "last_name": "фамилия", "first_name": "имя", "patronymic": "отчество",
    "consent_on": "согласие дано", "consent_by": "кем дано", "withdrawn_on": "согласие отозвано",
    "phone": "телефон", "email": "почта", "home_address": "адрес",
}  # fmt: skip

HIDDEN_VALUE = "скрыто"


class GuardianRow(Struct, frozen=True):
    """One guardian. Contacts that policy or consent hide are "" here, whatever the file holds.

    Attributes:
        hidden: something stands in the file that is shown to nobody.
        destroyed: its content is gone by an act.
    """

    id: str
    pupil_id: str
    last_name: str
    first_name: str
    patronymic: str
    relation: Relation
    phone: str
    email: str
    home_address: str
    consent_on: date | None
    consent_by: str
    withdrawn_on: date | None
    hidden: bool
    destroyed: bool

    @property
    def name(self) -> str:
        """Return «Ёлкина Мария Игоревна»."""
        return russian.full_name(self.last_name, self.first_name, self.patronymic)

    @property
    def consent(self) -> str:
        """Return how the consent stands, in words."""
        if self.destroyed:
            return "сведения уничтожены по акту"
        if self.withdrawn_on is not None:
            return f"согласие отозвано {self.withdrawn_on:%d.%m.%Y}, контакты скрыты"
        if self.consent_on is None:
            return "согласия нет, контакты не записывают"
        return f"согласие {self.consent_on:%d.%m.%Y}, {self.consent_by}"


class FamilyRow(Struct, frozen=True):
    """A pupil with all guardians, oldest entry first."""

    pupil: PupilRow
    guardians: tuple[GuardianRow, ...]

    @property
    def id(self) -> str:
        """Return what lists know the row by."""
        return self.pupil.pupil_id


class Families(Struct, frozen=True):
    """The families of a class.

    Attributes:
        contacts: the ways to reach a person that the school keeps (P49), in order.
        read_only: why this person may only look, "" when she may write.
        closed: why nothing is shown at all, "" when the office of this class is hers to see.
    """

    class_group_id: str
    class_title: str
    rows: tuple[FamilyRow, ...]
    contacts: tuple[str, ...]
    today: date
    read_only: str = ""
    closed: str = ""


class GuardianChange(Struct, frozen=True):
    """One change of a guardian: when, who, what of it in words, how it ended. Hidden contacts stay hidden here."""

    at: datetime
    author: str
    what: str
    outcome: str


def families(journal: Journal, class_group_id: str) -> Families:
    """Return the families of a class; nothing of them where the office of the class is not this person's to see."""
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        group = around.class_groups[class_group_id]
        closed = "" if may_see_families(around, class_group_id) else (
            "Сведения о семьях видят классный руководитель, секретарь и администрация школы.")  # fmt: skip
        return Families(
            class_group_id=class_group_id,
            class_title=group.title,
            rows=() if closed else _family_rows(around, class_group_id, policy),
            contacts=guardians.offered_contacts(policy),
            today=around.day,
            read_only="" if _may_edit(around, class_group_id) else "Сведения о семьях ведёт классный руководитель.",
            closed=closed,
        )


def may_see_families(around: Surroundings, class_group_id: str) -> bool:
    """Say whether the office of a class is this person's to see."""
    return access.is_class_teacher(around.grants, class_group_id, around.day) or access.holds_role(
        around.grants, access.OFFICE, around.day, class_group_id
    )


def _may_edit(around: Surroundings, class_group_id: str) -> bool:
    keepers = access.KEEPERS["Guardian"] - {"class_teacher"}
    return access.is_class_teacher(around.grants, class_group_id, around.day) or access.holds_role(
        around.grants, keepers, around.day, class_group_id
    )


def _family_rows(around: Surroundings, class_group_id: str, policy: Policy) -> tuple[FamilyRow, ...]:
    by_pupil: dict[str, list[GuardianRow]] = {}
    found = select_records(around.connection, Guardian, class_group_id=class_group_id)
    for each in sorted(found, key=lambda guardian: guardian.id):  # ids of what people invent are in order of time
        by_pupil.setdefault(each.pupil_id, []).append(_row(each, policy))
    return tuple(
        FamilyRow(pupil, tuple(by_pupil.get(pupil.pupil_id, ())))
        for pupil in around.class_list(class_group_id)
        if pupil.until is None or pupil.until >= around.day or pupil.pupil_id in by_pupil
    )


def _row(guardian: Guardian, policy: Policy) -> GuardianRow:
    fields = to_fields(guardian)
    hidden = guardians.hidden_names(fields, policy)
    shown = {name: "" if name in hidden else str(fields[name]) for name in guardians.CONTACTS}
    return GuardianRow(
        id=guardian.id,
        pupil_id=guardian.pupil_id,
        last_name=guardian.last_name,
        first_name=guardian.first_name,
        patronymic=guardian.patronymic,
        relation=guardian.relation,
        consent_on=guardian.consent_on,
        consent_by=guardian.consent_by,
        withdrawn_on=guardian.withdrawn_on,
        hidden=any(fields[name] for name in hidden),
        destroyed=all(fields[name] == blank for name, blank in BLANK["Guardian"].items()),
        **shown,
    )


# --- history -----------------------------------------------------------------------------------------------------


def guardian_history(journal: Journal, guardian_id: str) -> tuple[GuardianChange, ...]:
    """Return what was done to a guardian, newest first; contacts that are hidden now are not told of then either."""
    policy = journal.policy()
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        standing = select_records(connection, Guardian, id=guardian_id)
        hidden = guardians.hidden_names(to_fields(standing[0]) if standing else {}, policy)
        rows = connection.execute(_HISTORY, {"r": guardian_id}).all()
        return tuple(_change(around, row, hidden) for row in rows)


def _change(around: Surroundings, row: Any, hidden: frozenset[str]) -> GuardianChange:
    change = wire.decode(Change, row.body.encode())
    received = datetime.fromisoformat(row.judged_at) if row.judged_at else None
    return GuardianChange(
        at=datetime.fromisoformat(change.at),
        author=around.short_name(change.author),
        what=_told(change, hidden),
        outcome=outcome_text(change, row.outcome, row.decided, received),
    )


def _told(change: Change, hidden: frozenset[str]) -> str:
    if change.content:
        return "содержание уничтожено по акту"
    if change.set.get("voided"):
        return "запись убрана"
    parts = [_told_field(name, change.was, change.set, hidden) for name in FIELD_TITLES if name in change.set]
    born = "внесено: " if change.act == "create" else ""
    return born + ("; ".join(part for part in parts if part) or "ничего")


def _told_field(name: str, was: Fields, wanted: Fields, hidden: frozenset[str]) -> str:
    old, new = _value(name, was.get(name)), _value(name, wanted[name])
    if old == new:
        return ""
    if name in hidden:
        return f"{FIELD_TITLES[name]}: {HIDDEN_VALUE}"
    return f"{FIELD_TITLES[name]} {old} → {new or 'нет'}" if old else f"{FIELD_TITLES[name]}: {new}"


def _value(name: str, value: Any) -> str:
    if not value:
        return ""
    if name == "relation":
        return RELATIONS.get(value, "")
    return f"{date.fromisoformat(value):%d.%m.%Y}" if name.endswith("_on") else str(value)


_HISTORY = (
    sa.select(history.c.body, history.c.outcome, history.c.judged_at, request.c.decided)
    .outerjoin(request, request.c.change_id == history.c.change_id)
    .where(history.c.kind == "Guardian", history.c.record == sa.bindparam("r"))
    .order_by(history.c.seq.desc())
)

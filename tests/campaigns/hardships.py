"""What happens to a school once a year, in the middle of its days: trust taken back, copies of desks, a school restored
from its backup, content destroyed by an act, work given to somebody else, rules changed, snapshots cut.
"""

from __future__ import annotations

import json
from typing import Any

from ejournal_core.errors import EjournalError
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal
from ejournal_server import epochs, intake, revocation
from tests.campaigns import roster
from tests.campaigns.acts import act, edit_record, fresh_desk, sealed, somebody
from tests.campaigns.roster import PUPILS, SCHOOL
from tests.campaigns.story import Step
from tests.campaigns.world import OPENING, Seat, World

#: Settings that a school may change in the middle of a day, each with a few values.
_POLICIES: dict[str, tuple[Any, ...]] = {
    "P06": ({"days": 0}, {"days": 30}),
    "P61": ({"minutes": 0, "until_deadline": False}, {"minutes": 600, "until_deadline": True}),
    "P62": ({"minutes": 10, "rule": "pending"}, {"minutes": 10, "rule": "accept"}),
}
#: After these it is looked at once whether all is well.
FAULTS = frozenset({"revoke", "lay_image", "restore_school", "confirm_destruction", "cut_snapshot"})
_KINDS = ("Attendance", "AbsenceDocument")


# --- trust ---------------------------------------------------------------------------------------------------------


@act
def revoke(world: World, seat: Seat, step: Step) -> str:
    """Take trust back: from a desk, from a PC with its desks, from a person; perhaps for what has come already."""
    if len(world.open_seats()) < 3 or seat.person in (SCHOOL.deputy, roster.ADMINISTRATOR):
        return "somebody has to stay"
    authority = world.office.authority
    world.expect_quarantine()
    if step.a % 3 == 0:
        done = revocation.revoke_person(authority, seat.person, "Уволен")
    elif step.a % 3 == 1 and seat.workstation != "pc":
        done = revocation.revoke_workstation(authority, seat.workstation, "Украден")
    else:
        trusted = max(0, seat.journal.last_n() - step.b % 3)
        done = [revocation.revoke_desk(authority, seat.desk, "Потерян", counter=trusted if step.b % 2 else None)]
    return f"{[each.desk for each in done]} are trusted no more"


@act
def take_image(world: World, seat: Seat, step: Step) -> str:
    """Somebody makes an image of a PC's disk."""
    seat.image = seat.disk.freeze()
    return "an image was made"


@act
def lay_image(world: World, seat: Seat, step: Step) -> str:
    """The PC's disk is put back as it was; what was not sent lies in the sealed file, which somebody delivers."""
    if seat.image is None or seat.is_meeting:
        return "no image"
    world.expect_quarantine()
    unsent = seat.journal.outbox(500)
    try:
        done = intake.deliver(world.office.authority, sealed(world, seat, unsent)) if unsent else None
    except EjournalError as trouble:
        return f"not delivered: {trouble.code}"
    if done and (done.waiting or done.damaged):
        return "what is sealed waits: nobody touches the disk"
    seat.journal.close()
    seat.disk.lay(seat.image)
    seat.is_copy, seat.last = True, None
    seat.open()
    return f"back to counter {seat.journal.last_n()}, {len(unsent)} were delivered sealed"


# --- the server's own disk -----------------------------------------------------------------------------------------


@act
def back_up(world: World, seat: Seat, step: Step) -> str:
    """Keep the school as it stands."""
    world.back_up()
    return f"backup {len(world.backups)}"


@act
def restore_school(world: World, seat: Seat, step: Step) -> str:
    """The server is made again from a backup, and says so by a new epoch."""
    if not world.backups or any(each.is_meeting for each in world.seats):
        return "no backup"
    kept = world.backups[step.a % len(world.backups)]
    world.ground.server_disk.lay(kept.disk)
    world.start_server()
    head = epochs.open_epoch(world.office.authority, OPENING)
    world.has_gone_back(head.size - 1, kept)
    return f"back at number {head.size - 1}, epoch {head.epoch}"


# --- acts of destruction -------------------------------------------------------------------------------------------


@act
def order_destruction(world: World, seat: Seat, step: Step) -> str:
    """The administrator orders that what is known about a pupil's absence goes."""
    keeper = somebody(world, roster.ADMINISTRATOR) or seat
    fields = {
        "target_kind": _KINDS[step.a % 2], "pupil_id": PUPILS[step.b % 3], "act_number": str(step.number),
        "act_date": "2026-09-15", "basis": "152-ФЗ, заявление", "ordered_by": keeper.person,
    }  # fmt: skip
    return f"{fields['target_kind']} {fields['pupil_id']}: " + keeper.do(edit_record, "Destruction", "", **fields)


@act
def confirm_destruction(world: World, seat: Seat, step: Step) -> str:
    """The deputy confirms the oldest act that waits."""
    deputy = somebody(world, SCHOOL.deputy) or seat
    with deputy.journal.reading() as connection:
        waiting = connection.exec_driver_sql(
            "SELECT id FROM destruction WHERE confirmed_by IS NULL AND NOT voided ORDER BY id"
        ).scalars()
        order = next(iter(waiting.all()), None)
    if order is None:
        return "no act waits"
    return deputy.do(_confirm, order, deputy.person)


def _confirm(journal: Journal, order: str, person: str) -> ChangeSet:
    with journal.write() as write:
        write.edit("Destruction", order, confirmed_by=person)
    return write.changes


# --- days that are no days like others -----------------------------------------------------------------------------


@act
def set_policy(world: World, seat: Seat, step: Step) -> str:
    """The administrator changes a rule of the school."""
    keeper = somebody(world, roster.ADMINISTRATOR) or seat
    code = tuple(_POLICIES)[step.a % len(_POLICIES)]
    value = json.dumps(_POLICIES[code][step.b % 2])
    return f"{code} {value}: " + keeper.do(
        edit_record, "PolicySetting", code, value=value, basis="приказ", voided=False
    )


@act
def move_load(world: World, seat: Seat, step: Step) -> str:
    """A page goes over from one teacher to another in one write."""
    keeper = somebody(world, roster.ADMINISTRATOR, SCHOOL.deputy) or seat
    page, old = ((SCHOOL.page, "l-1"), (SCHOOL.english, "l-3"), (roster.GEOMETRY, "l-other"))[step.a % 3]
    heir = (SCHOOL.colleague, roster.STRANGER, SCHOOL.class_teacher)[step.b % 3]
    return f"{page} to {heir}: " + keeper.do(_move, page, old, heir, f"l-moved-{step.number}")


def _move(journal: Journal, page: str, old: str, heir: str, new: str) -> ChangeSet:
    with journal.write() as write:
        write.edit("TeachingLoad", old, until="2026-09-14")
        write.edit("TeachingLoad", new, journal_page_id=page, person_id=heir, since="2026-09-15")
    return write.changes


@act
def cut_snapshot(world: World, seat: Seat, step: Step) -> str:
    """A new desk whose first snapshot is cut by the power."""
    fresh = fresh_desk(world, seat)
    if fresh is None:
        return "enough desks"
    fresh.disk.fuse = 20 + step.b % 180
    try:
        return f"{fresh.desk}: " + fresh.meet()
    finally:
        fresh.disk.fuse = None

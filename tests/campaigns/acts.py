"""What can happen in a step: one function an act, everything that a person, a desk, a server or the power may do."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any

from ejournal_core import ids, seal, wire
from ejournal_core.errors import EjournalError
from ejournal_desktop.models import queries
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.commands.attendance import set_presence, set_reason
from ejournal_desktop.models.commands.disputes import resolve_dispute
from ejournal_desktop.models.commands.lessons import hold_lesson, set_homework, set_topic
from ejournal_desktop.models.commands.marks import add_mark_column, put_mark, put_period_mark
from ejournal_desktop.models.commands.requests import approve_all, ask_correction, refuse_request
from ejournal_desktop.models.commands.substitutions import declare_substitution
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.unsent import Unsent
from ejournal_desktop.sync.server import ServerAway, ServerRefused
from ejournal_server import intake
from ejournal_server.gate import StaleNonce
from tests.campaigns import roster
from tests.campaigns.roster import LESSONS, PUPILS, SCHOOL
from tests.campaigns.stage import Crash
from tests.campaigns.story import Step
from tests.campaigns.world import Seat, World

Act = Callable[[World, Seat, Step], str]

MOST_DESKS = 10
_VALUES = ("5", "4", "3", "2", None, "4")
_ACTS: dict[str, Act] = {}


def perform(world: World, step: Step) -> None:
    """Let one step happen; a power cut at a desk ends it, and the desk starts again from what its disk held."""
    seat = _sitting(world, step)
    told = len(world.tale)
    try:
        came = _ACTS[step.act](world, seat, step)
    except Crash as crash:
        sufferer = next(each for each in world.seats if each.disk is crash.disk)
        crash.disk.lay(crash.image)
        sufferer.open()
        came = f"the power of {sufferer.desk} went and came back"
    finally:
        seat.disk.fuse = None
    number = f"{step.number:3}" if step.number else "  +"
    line = f"{number} {world.now:%d.%m %H:%M:%S} {seat.desk} ({roster.name_of(seat.person)}) {step.act}: {came}"
    world.tale.insert(told, "  " * (not step.number) + line)


def _sitting(world: World, step: Step) -> Seat:
    """Return who acts: what teachers enter is mostly tried by teachers."""
    if step.act in _TEACHERS_ACTS and step.seat % 10:
        teachers = [seat for seat in world.seats if seat.person not in _IN_CHARGE]
        return teachers[step.seat % len(teachers)]
    return world.seats[step.seat % len(world.seats)]


_IN_CHARGE = (SCHOOL.deputy, roster.ADMINISTRATOR)
_TEACHERS_ACTS = ("ask", "mark", "presence", "topic", "homework", "hold", "column", "period_mark", "crash")


def act(function: Act) -> Act:
    """Make an act known by its name."""
    _ACTS[function.__name__.strip("_")] = function
    return function


def _lesson(step: Step) -> str:
    return LESSONS[(step.a if step.a % 3 else 0) % len(LESSONS)]


def _pupil(step: Step) -> str:
    return PUPILS[(step.b if step.b % 2 else step.b % 3) % len(PUPILS)]


# --- what teachers enter -------------------------------------------------------------------------------------------


@act
def mark(world: World, seat: Seat, step: Step) -> str:
    """Put, change or take away a mark."""
    lesson, pupil, value = _lesson(step), _pupil(step), _VALUES[step.c % len(_VALUES)]
    return f"{value} {pupil} {lesson}: " + seat.do(put_mark, lesson, None, pupil, value)


@act
def presence(world: World, seat: Seat, step: Step) -> str:
    """Say who was there."""
    value = ("absent", "present", "late")[step.c % 3]
    minutes = 5 if value == "late" else None
    return f"{value} {_pupil(step)}: " + seat.do(set_presence, _lesson(step), _pupil(step), value, minutes)


@act
def reason(world: World, seat: Seat, step: Step) -> str:
    """Say why not."""
    value = ("Б", "У", "")[step.c % 3]
    return f"«{value}» {_pupil(step)}: " + seat.do(set_reason, _lesson(step), _pupil(step), value)


@act
def document(world: World, seat: Seat, step: Step) -> str:
    """Enter the note of a pupil's absence."""
    fields = {"pupil_id": _pupil(step), "reason": "Б", "since": "2026-09-10", "until": "2026-09-14"}
    return seat.do(edit_record, "AbsenceDocument", "", number=f"№ {step.c}", **fields)


@act
def topic(world: World, seat: Seat, step: Step) -> str:
    """Write the topic of a lesson."""
    text = f"Тема {step.c % 3} {_word_of(_lesson(step))}"
    return f"«{text}» {_lesson(step)}: " + seat.do(set_topic, _lesson(step), text)


@act
def homework(world: World, seat: Seat, step: Step) -> str:
    """Write the homework of a lesson."""
    text = ("", "§ 1", "§ 2", "№ 7")[step.c % 4]
    return f"«{text}» {_lesson(step)}: " + seat.do(set_homework, _lesson(step), text)


@act
def hold(world: World, seat: Seat, step: Step) -> str:
    """Say that a lesson was held."""
    return seat.do(hold_lesson, _lesson(step), step.c % 3 > 0)


@act
def column(world: World, seat: Seat, step: Step) -> str:
    """Add a column for a written work."""
    return seat.do(add_mark_column, _lesson(step), "control", "КР")


@act
def period_mark(world: World, seat: Seat, step: Step) -> str:
    """Put a mark for the quarter."""
    page = (SCHOOL.page, SCHOOL.english)[step.a % 2]
    value = _VALUES[step.c % len(_VALUES)]
    return f"{value} {_pupil(step)}: " + seat.do(put_period_mark, page, _pupil(step), "quarter", 1, value)


@act
def undo(world: World, seat: Seat, step: Step) -> str:
    """Take back the last write of this desk."""
    if seat.last is None:
        return "nothing to undo"
    return seat.do(lambda journal: journal.undo(seat.last))


# --- what those in charge do ---------------------------------------------------------------------------------------


@act
def close_period(world: World, seat: Seat, step: Step) -> str:
    """Close the first quarter of a class, or open it again."""
    closed = step.c % 5 < 2
    group = ("c-7b", "c-7b", "c-8a")[step.a % 3]
    deputy = somebody(world, SCHOOL.deputy) or seat
    record = ids.period_closing(group, "q-1")
    fields = {"class_group_id": group, "grading_period_id": "q-1", "closed": closed}
    return f"{closed}: " + deputy.do(edit_record, "PeriodClosing", record, act="lock" if closed else "unlock", **fields)


@act
def resolve(world: World, seat: Seat, step: Step) -> str:
    """Decide a dispute that this desk sees."""
    found = queries.disputes(seat.journal)
    if not found:
        return "no dispute"
    keep = ("standing", "wanted")[step.c % 2]
    return f"{keep}: " + seat.do(resolve_dispute, found[step.a % len(found)].id, keep)


@act
def give_load(world: World, seat: Seat, step: Step) -> str:
    """Let somebody teach a page from now on."""
    keeper = somebody(world, roster.ADMINISTRATOR, SCHOOL.deputy) or seat
    person = (SCHOOL.colleague, roster.STRANGER, SCHOOL.teacher)[step.a % 3]
    page = (SCHOOL.page, SCHOOL.english, roster.GEOMETRY)[step.b % 3]
    fields = {"journal_page_id": page, "person_id": person, "since": "2026-09-01", "voided": False}
    return f"{person} {page}: " + keeper.do(edit_record, "TeachingLoad", f"l-given-{person}-{page}", **fields)


@act
def take_load(world: World, seat: Seat, step: Step) -> str:
    """Take a load back, as if it had never been, or from yesterday on."""
    keeper = somebody(world, roster.ADMINISTRATOR, SCHOOL.deputy) or seat
    load = ("l-2", "l-3", "l-1", "l-other")[step.a % 4]
    end: dict[str, Any] = {"voided": True} if step.c % 2 else {"until": "2026-09-14"}
    return f"{load} {end}: " + keeper.do(edit_record, "TeachingLoad", load, **end)


@act
def give_role(world: World, seat: Seat, step: Step) -> str:
    """Make a teacher class teacher as well."""
    keeper = somebody(world, roster.ADMINISTRATOR) or seat
    fields = {"person_id": SCHOOL.colleague, "role": "class_teacher", "class_group_id": "c-7b", "since": "2026-09-01"}
    return keeper.do(edit_record, "RoleGrant", "r-given", voided=False, **fields)


@act
def take_role(world: World, seat: Seat, step: Step) -> str:
    """End a role."""
    keeper = somebody(world, roster.ADMINISTRATOR) or seat
    return keeper.do(edit_record, "RoleGrant", ("r-given", "r-2")[step.a % 2], voided=step.c % 2 == 0)


def somebody(world: World, *persons: str) -> Seat | None:
    """Return the first desk of one of these persons."""
    return next((seat for seat in world.seats if seat.person in persons), None)


def edit_record(journal: Journal, kind: str, record: str, *, act: Any = None, **fields: Any) -> ChangeSet:
    """Enter fields of a record, a new one where `record` is empty; what this desk does not know it leaves alone."""
    with journal.write() as write:
        record = record or write.new_id()
        unborn = not write.exists(_kind(kind), record)
        if unborn and len(fields) < 3:
            return write.changes  # this desk does not know the record
        write.edit(kind, record, act=act, **fields)
    return write.changes


def _kind(name: str) -> Any:
    from ejournal_core.kinds import KINDS

    return KINDS[name]


def _word_of(lesson: str) -> str:
    """Return a word that stands in texts of this page alone."""
    return "тайна" + "".join(sign for sign in lesson.split(".")[0] if sign.isalpha())


# --- meetings, restarts, power -------------------------------------------------------------------------------------


@act
def meet(world: World, seat: Seat, step: Step) -> str:
    """Meet the server."""
    return seat.meet()


@act
def restart(world: World, seat: Seat, step: Step) -> str:
    """Close the desk's file and open it again."""
    seat.journal.close()
    seat.open()
    return "closed and opened"


@act
def crash(world: World, seat: Seat, step: Step) -> str:
    """Let the power go during an entry."""
    seat.disk.fuse = step.b % 24
    return "survived: " + mark(world, seat, step)


@act
def crash_meeting(world: World, seat: Seat, step: Step) -> str:
    """Let the power go during a meeting."""
    seat.disk.fuse = step.b % 90
    return "survived: " + seat.meet()


@act
def restart_server(world: World, seat: Seat, step: Step) -> str:
    """Start the server anew, or let its power go during the next calls."""
    if step.c % 3 == 0:
        world.start_server()
        return "the server was restarted"
    world.ground.server_disk.fuse = step.b % 90
    try:
        return "under a server that is about to fall: " + seat.meet()
    finally:
        world.ground.server_disk.fuse = None


@act
def jump(world: World, seat: Seat, step: Step) -> str:
    """Let a desk's clock jump, or stand in another zone."""
    seconds = (1, 60, 3_600, 86_400, 31 * 86_400, 10 * 365 * 86_400)[step.a % 6]
    seat.ahead = timedelta(seconds=seconds * (1, -1, 0)[step.b % 3])
    seat.zone = timezone(timedelta(hours=(3, 3, 12, -11)[step.c % 4]))
    return f"by {seat.ahead}, zone {seat.zone}"


@act
def jump_server(world: World, seat: Seat, step: Step) -> str:
    """Let the server's clock jump by up to a day: beyond that, dated roles and loads begin and end by it."""
    seconds = (0, 1, 60, 3_600, 86_400)[step.a % 5]
    world.server_ahead = timedelta(seconds=seconds * (1, -1)[step.b % 2])
    return f"by {world.server_ahead}"


@act
def wait(world: World, seat: Seat, step: Step) -> str:
    """Let time pass."""
    return "nothing happens"


# --- the network's own mischief ------------------------------------------------------------------------------------


@act
def late_mail(world: World, seat: Seat, step: Step) -> str:
    """Let requests that were held up or doubled arrive now, in any order; nobody waits for their answers."""
    world.luck.shuffle(world.in_flight)
    count = 1 + step.a % 3
    arriving, world.in_flight = world.in_flight[:count], world.in_flight[count:]
    for message in arriving:
        with contextlib.suppress(ServerAway):
            world.deliver(message)
    return f"{len(arriving)} late requests arrived"


@act
def resend(world: World, seat: Seat, step: Step) -> str:
    """Send an old batch once more."""
    if not world.pushed:
        return "nothing was sent yet"
    sender, batch = world.pushed[step.a % len(world.pushed)]
    try:
        sender.line.push(batch)
    except (ServerAway, ServerRefused) as trouble:
        return f"batch of {sender.desk} again: {trouble.code}"
    return f"batch of {sender.desk} again"


@act
def deliver_sealed(world: World, seat: Seat, step: Step) -> str:
    """Let somebody else deliver what a desk has not sent, sealed, perhaps in a wrong order or twice."""
    unsent = seat.journal.outbox(500)
    size = 1 + step.b % 3
    records = [sealed(world, seat, unsent[start : start + size]) for start in range(0, len(unsent), size)]
    if step.c % 3 == 1:
        world.luck.shuffle(records)
    elif step.c % 3 == 2:
        records += records
    try:
        done = intake.deliver(world.office.authority, b"".join(records))
    except (Crash, StaleNonce, EjournalError) as trouble:
        return f"not delivered: {type(trouble).__name__}"
    return f"{done.delivered} delivered, {done.waiting} wait, {done.damaged} damaged"


def sealed(world: World, seat: Seat, unsent: list[Unsent]) -> bytes:
    """Return unsent changes as a record of the outgoing file."""
    identity = seat.journal.identity
    changes = [each.change for each in unsent]
    batch = seal.sign_batch(identity.signing_key, identity.school, identity.desk_id, unsent[0].prev, changes)
    key = bytes.fromhex(world.office.authority.keys.sealing_public)
    return seal.outgoing_record(key, identity.school, wire.encode_batch(batch))


@act
def new_desk(world: World, seat: Seat, step: Step) -> str:
    """Give a person one more desk."""
    fresh = fresh_desk(world, seat)
    return f"{fresh.desk}: " + fresh.meet() if fresh else "enough desks"


def fresh_desk(world: World, seat: Seat) -> Seat | None:
    """Return one more desk of a person that has met nobody yet, None where there are enough."""
    return world.new_desk(seat.person) if len(world.seats) < MOST_DESKS else None


# --- requests and substitutions ------------------------------------------------------------------------------------


@act
def ask(world: World, seat: Seat, step: Step) -> str:
    """Ask for the correction of a mark on this desk that may not be changed any more."""
    with seat.journal.reading() as connection:
        shown = connection.exec_driver_sql("SELECT id, mark_column_id, pupil_id FROM mark ORDER BY id").all()
    if not shown:
        return "no mark"
    record, column, pupil = shown[step.a % len(shown)]
    fields = {"mark_column_id": column, "pupil_id": pupil, "value": _VALUES[step.c % len(_VALUES)]}
    return f"{fields['value']} {record}: " + seat.do(ask_correction, "Mark", record, "Ошибка при вводе", **fields)


@act
def decide(world: World, seat: Seat, step: Step) -> str:
    """Decide about what waits for a decision, one or all of it."""
    decider = somebody(world, SCHOOL.deputy) if step.b % 4 else seat
    decider = decider or seat
    waiting = [row.change_id for row in queries.waiting_decisions(decider.journal)]
    if not waiting:
        return f"nothing waits for {decider.desk}"
    one = waiting[step.a % len(waiting)]
    if step.c % 3 == 0:
        return f"refused by {decider.desk}: " + decider.do(refuse_request, one, "Не подтверждается")
    chosen = waiting if step.c % 3 == 1 else [one]
    return f"approved by {decider.desk}: " + decider.do(approve_all, chosen)


@act
def substitute(world: World, seat: Seat, step: Step) -> str:
    """Give a lesson of a page that is not one's own, and put a mark there."""
    lesson, pupil = LESSONS[step.a % len(LESSONS)], _pupil(step)
    declared = seat.do(declare_substitution, lesson)
    return f"{lesson}: {declared}; then a mark: " + seat.do(put_mark, lesson, None, pupil, "4")

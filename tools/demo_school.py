"""A whole invented school in a folder: its server's data, its people's accounts and their history since September.

The timetable is a real high school's where Debian's `fet` and `fet-data` are installed, else the small shipped one.
The history is entered as people would have entered it: by the desks of its authors, in signed batches that the server
judges like any other.
"""

from __future__ import annotations

import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import msgspec
from msgspec import Struct

from ejournal_core import access, ids, seal, wire
from ejournal_core.calendar import StudyCalendar, occurrences, study_calendar
from ejournal_core.changes import Change, Verdict, is_erasable, is_rare
from ejournal_core.kinds import (
    CalendarDay,
    ClassGroup,
    Enrolment,
    GradingPeriod,
    JournalPage,
    Person,
    RoleGrant,
    School,
    SchoolYear,
    SubgroupMember,
    TeachingLoad,
    TimetableSlot,
    to_fields,
)
from ejournal_core.merge import defaults
from ejournal_desktop.exchange.command import write_records
from ejournal_desktop.exchange.invented_history import MOSCOW, DemoEntry, demo_marks
from ejournal_desktop.exchange.invented_plans import demo_plans
from ejournal_desktop.exchange.plan import ImportPlan
from ejournal_desktop.exchange.schools import demo_school, lom_school
from ejournal_desktop.exchange.troubles import FileTrouble
from ejournal_server import accounts, admin, folder, intake
from ejournal_server.folder import Office

PASSWORD = "три синих кита"  # of everybody in the demo school
MOMENT = clock_time(10, 42)
STORY = "story.json"

Say = Callable[[str], None]


class Story(Struct, frozen=True, kw_only=True):
    """Who and what the demo speaks of: ids of people, of a journal page and its class, and the moment of the day."""

    moment: datetime
    school_name: str
    timetable: str
    teacher: str
    deputy: str
    administrator: str
    secretary: str
    class_teacher: str
    class_group: str
    page: str
    names: dict[str, str]
    counts: dict[str, int]


def prepare(root: Path, say: Say, now: datetime | None = None) -> Story:
    """Make the school in `root` once, some moment before the aware `now`; return its story."""
    done = root / STORY
    if done.exists():
        return msgspec.json.decode(done.read_bytes(), type=Story)
    root.mkdir(parents=True, exist_ok=True)
    plan, source = _plan(root, say)
    moment = story_moment(plan, now or datetime.now(MOSCOW))
    say(f"Школа: {source}, {moment:%d.%m.%Y}")
    story = _story(plan, moment, source)
    data = root / "server"
    clock = _Clock(datetime.combine(plan.of(SchoolYear)[0].starts_on, clock_time(7), MOSCOW))
    with contextlib.closing(folder.found(data, story.school_name, clock=clock)) as office:
        _load(office, plan, root / "school.jsonl", say)
        _remember(office, plan, story, clock, say)
    done.write_bytes(msgspec.json.encode(story))
    return story


class _Clock:
    """The server's clock in the demo: from the first morning of the year to the moment of the story."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def __call__(self) -> datetime:
        return self.moment


def _plan(root: Path, say: Say) -> tuple[ImportPlan, str]:
    try:
        say("Расписание: решаю задачу настоящей школы (FET)…")
        return lom_school(root), "расписание гимназии города Лом (FET)"
    except FileTrouble as trouble:
        say(f"  {trouble.message}. Беру малую школу из комплекта.")
        return demo_school(), "малая школа из комплекта"


def _calendar(plan: ImportPlan) -> StudyCalendar:
    year, days, slots = plan.of(SchoolYear)[0], plan.of(CalendarDay), plan.of(TimetableSlot)
    periods = [period for period in plan.of(GradingPeriod) if period.kind == "quarter"]
    return study_calendar(year, "quarter", periods, days, slots)


def story_moment(plan: ImportPlan, now: datetime) -> datetime:
    """Return the moment of the last study day that `now` has behind it; of a November day outside the school's year.

    The server's certificate begins at that moment, and desks ask the machine's own clock whether it has begun.
    """
    calendar, year = _calendar(plan), plan.of(SchoolYear)[0]
    now = now.astimezone(MOSCOW)
    day = now.date() if now.time() >= MOMENT else now.date() - timedelta(days=1)
    if not year.starts_on + timedelta(days=30) <= day <= year.ends_on:
        day = date(2026, 11, 20)
    while not any(occurrences(plan.of(TimetableSlot), calendar, day, day)):
        day -= timedelta(days=1)
    return datetime.combine(day, MOMENT, MOSCOW)


def _story(plan: ImportPlan, moment: datetime, source: str) -> Story:
    """Choose the teacher with most lessons on the day, of a class whose marks everybody may look at."""
    day, calendar = moment.date(), _calendar(plan)
    pages = {page.id: page for page in plan.of(JournalPage)}
    grades = {group.id: group.grade_level for group in plan.of(ClassGroup)}
    teachers = {load.journal_page_id: load.person_id for load in plan.of(TeachingLoad)}
    given: dict[str, list[str]] = defaultdict(list)
    for lesson in occurrences(plan.of(TimetableSlot), calendar, day, day):
        if pages[lesson.journal_page_id].subgroup_id is None:
            given[teachers[lesson.journal_page_id]].append(lesson.journal_page_id)
    teacher = max(sorted(given), key=lambda person: (len(set(given[person])), len(given[person])))
    page = min(given[teacher], key=lambda page_id: (grades[pages[page_id].class_group_id], page_id))
    group = pages[page].class_group_id
    grants = plan.of(RoleGrant)

    def who(role: str, class_group: str | None = None) -> str:
        return next(g.person_id for g in grants if g.role == role and class_group in (None, g.class_group_id))

    people = {person.id: f"{person.last_name} {person.first_name} {person.patronymic}" for person in plan.of(Person)}
    return Story(
        moment=moment, school_name=plan.of(School)[0].short_name, timetable=source, teacher=teacher,
        deputy=who("deputy_director"), administrator=who("administrator"), secretary=who("secretary"),
        class_teacher=who("class_teacher", group), class_group=group, page=page, names=people,
        counts=dict(plan.preview.counts),
    )  # fmt: skip


def _load(office: Office, plan: ImportPlan, file: Path, say: Say) -> None:
    write_records(plan.records(), file)
    say(f"Сервер: загружено записей {admin.load_records(office, file)}")


# --- history -------------------------------------------------------------------------------------------------------


def _remember(office: Office, plan: ImportPlan, story: Story, clock: _Clock, say: Say) -> None:
    """Enter the history of the story's class and teacher, each author from a desk of their own.

    The desks are certified on the first morning of the year, because nobody enters what was before their desk; the
    network comes back at the moment of the story.
    """
    began = time.monotonic()
    pages, pupils = _told_pages(plan, story), _told_pupils(plan, story)
    entries = demo_plans(plan, pages, story.deputy, story.page)
    entries += [entry for entry in demo_marks(plan, story.moment.date()) if _is_told(entry, pages, pupils)]
    by_author: dict[str, list[DemoEntry]] = defaultdict(list)
    for entry in entries:
        by_author[entry.author].append(entry)
    place = _methodical_room(office)
    told = {story.teacher, story.deputy, story.administrator, story.secretary, story.class_teacher}
    authors = sorted(told | by_author.keys(), key=lambda person: (person == story.deputy, person))
    desks = [_certified(office, place, person) for person in authors]  # who approves plans comes after who wrote them
    clock.moment = story.moment
    for desk in desks:
        _enter(office, desk, by_author.get(desk.person, []))
    say(f"История: {len(entries)} записей от {len(by_author)} учителей за {time.monotonic() - began:.0f} с")


def _is_told(entry: DemoEntry, pages: set[str], pupils: set[str]) -> bool:
    fields, kind = to_fields(entry.record), type(entry.record).__name__
    if kind == "AbsenceDocument":
        return fields["pupil_id"] in pupils
    return access.slice_of(kind, fields).removeprefix("page:") in pages


def _told_pupils(plan: ImportPlan, story: Story) -> set[str]:
    return {e.pupil_id for e in plan.of(Enrolment) if e.class_group_id == story.class_group}


def _told_pages(plan: ImportPlan, story: Story) -> set[str]:
    """Return the pages of the teacher, of the class, and of groups that its pupils attend with other classes."""
    pupils = _told_pupils(plan, story)
    groups = {member.subgroup_id for member in plan.of(SubgroupMember) if member.pupil_id in pupils}
    of_teacher = {load.journal_page_id for load in plan.of(TeachingLoad) if load.person_id == story.teacher}
    return of_teacher | {
        page.id
        for page in plan.of(JournalPage)
        if page.class_group_id == story.class_group or page.subgroup_id in groups
    }


class _Desk(Struct, frozen=True):
    id: str
    person: str
    key: bytes


def _methodical_room(office: Office) -> str:
    """Return a workstation that stands for the past: history came from there."""
    key, nonce = seal.new_signing_key(), b"\x01" * 32
    public = seal.signing_public_key(key)
    start = wire.PairStart(
        workstation_name="Методический кабинет", public_key=public.hex(),
        commitment=seal.pairing_commitment(nonce, public),
    )  # fmt: skip
    started = accounts.start_pairing(office.authority, start, office.ca_pem)
    accounts.reveal_pairing(office.authority, started.pairing, wire.PairReveal(nonce=nonce.hex()))
    admin.approve(office, started.pairing)
    return accounts.reveal_pairing(office.authority, started.pairing, wire.PairReveal(nonce=nonce.hex())).workstation


def _certified(office: Office, workstation: str, person: str) -> _Desk:
    key, code = seal.new_signing_key(), accounts.new_activation_code(office.authority, person)
    request = wire.DeskRequest(
        person=person, secret=code, new_password=PASSWORD, public_key=seal.signing_public_key(key).hex()
    )
    return _Desk(accounts.certify_desk(office.authority, workstation, request).desk, person, key)


def _enter(office: Office, desk: _Desk, entries: Sequence[DemoEntry]) -> None:
    prev, n = "", 0
    for start in range(0, len(entries), 200):
        part = entries[start : start + 200]
        changes = _chained(desk, prev, n, part)
        batch = seal.sign_batch(desk.key, office.authority.school, desk.id, prev, changes)
        _all_taken(intake.accept(office.authority, batch).verdicts)
        prev, n = seal.chain(prev, changes)[-1].hex(), n + len(changes)


def _chained(desk: _Desk, prev: str, n: int, entries: Sequence[DemoEntry]) -> list[Change]:
    """Return the changes that go on from the desk's change `n`, whose hash is `prev`; rare ones signed alone too."""
    changes: list[Change] = []
    for number, entry in enumerate(entries, n + 1):
        change = _change(desk, number, entry)
        changes.append(seal.sign_change(desk.key, change, prev) if is_rare(change) else change)
        prev = seal.chain(prev, changes[-1:])[-1].hex()
    return changes


def _all_taken(verdicts: Iterable[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.outcome not in ("taken", "converged"):
            raise RuntimeError(f"the demo school broke a rule: {verdict}")


def _change(desk: _Desk, n: int, entry: DemoEntry) -> Change:
    kind, usual = type(entry.record).__name__, defaults(type(entry.record).__name__)
    wanted = {name: value for name, value in to_fields(entry.record).items() if value != usual[name]}
    salt = seal.new_signing_key().hex() if is_erasable(kind, wanted) else ""
    return Change(
        id=ids.new_id(), desk=desk.id, n=n, author=desk.person, kind=kind, record=entry.record.id, was={}, set=wanted,
        act="create", at=entry.at.isoformat(timespec="seconds"), salt=salt,
    )  # fmt: skip

"""Acts of destruction as a screen shows them: which wait and for whom, what is gone, who has left the school."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Literal

import sqlalchemy as sa
from msgspec import Struct

from ejournal_core import access, ids, russian
from ejournal_core.destruction import CONFIRMERS
from ejournal_core.kinds import Enrolment, Pupil, Role
from ejournal_desktop.models.facts import DeskFacts, read_policy, select_records
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.destruction import Act, acts
from ejournal_desktop.models.queries.proofs import standing_on
from ejournal_desktop.models.queries.surroundings import Surroundings
from ejournal_desktop.models.tables import history, outbox

#: "waits": for a second person · "sent": confirmed here, the server has not taken it yet · "done": the content is gone.
ActState = Literal["waits", "sent", "done"]

#: What an act can be about, for a person: by the kinds of `changes.BLANK`.
MATTERS = {
    "AbsenceDocument": "справки и документы о пропусках",
    "RegisteredAbsence": "записи реестра отсутствующих",
    "Attendance": "причины пропусков на уроках",
    "HomeworkFile": "файл к домашнему заданию",
    "PupilRemark": "похвалы и замечания на уроках",
    "DataReport": "сообщения о неверных сведениях",
    "SpecialGroup": "сведения о специальной медицинской группе",
    "Guardian": "сведения о родителях",
}


class ActRow(Struct, frozen=True, kw_only=True):
    """An act with the words around it.

    Attributes:
        id, act: what the commands take, and the act itself.
        matter, whom: what goes, and of whom («Котов Илья, 7 «Б», № 7 по списку») or of which lesson.
        ordered_by, confirmed_by: short names.
        state: see `ActState`.
        may_confirm, may_withdraw: what this person may do with it today.
        number, proof: of the confirmation in the log, 0 and "" while it has none here.
    """

    id: str
    act: Act
    matter: str
    whom: str
    ordered_by: str
    confirmed_by: str
    state: ActState
    may_confirm: bool
    may_withdraw: bool
    number: int = 0
    proof: str = ""


class PupilToName(Struct, frozen=True, kw_only=True):
    """A pupil whom an act may be about; `left_on` is the last day at school, None for who is still here.

    `name` tells namesakes apart by their number in the list of the class: «Котов Илья, 7 «Б», № 7 по списку».
    """

    pupil_id: str
    name: str
    left_on: date | None
    departure_order: str = ""
    kept_until: date | None = None  # the day the term of the journals ends (P27), None where the school named none

    def is_due(self, day: date) -> bool:
        """Say whether the term has run out: from that day on the pupil's data may be destroyed for no other reason."""
        return self.kept_until is not None and self.kept_until <= day


def may_order(journal: Journal) -> bool:
    """Say whether this person may enter acts today: an administrator."""
    return _holds(journal, frozenset({"administrator"}))


def deals_with_destruction(journal: Journal) -> bool:
    """Say whether acts of destruction are this person's business today: to enter, to confirm or to look at."""
    return _holds(journal, access.KEEPERS["Destruction"])


def _holds(journal: Journal, roles: Iterable[Role]) -> bool:
    with journal.reading() as connection:
        facts = DeskFacts(connection, journal.clock())
        return access.holds_role(facts.roles(journal.identity.person_id), roles, facts.today())


def acts_shown(journal: Journal) -> tuple[ActRow, ...]:
    """Return all acts that are not withdrawn: those that wait first, then the newest."""
    found = acts(journal)
    own = journal.identity
    with journal.reading() as connection:
        around = Surroundings(connection, own.person_id, journal.clock().date())
        confirms = access.holds_role(around.grants, CONFIRMERS, around.day)
        return tuple(_row(around, act, own.desk_id, confirms=confirms) for act in found)


def _row(around: Surroundings, act: Act, desk_id: str, *, confirms: bool) -> ActRow:
    mine = act.ordered_by == around.person_id
    number, proof = _confirmation(around.connection, act.id, desk_id) if act.confirmed_by else (0, "")
    unsent = around.connection.execute(_UNSENT, {"r": act.id}).scalar() is not None
    state: ActState = "waits" if act.confirmed_by is None else "sent" if unsent else "done"
    return ActRow(
        id=act.id, act=act, matter=MATTERS.get(act.target_kind, ""), whom=_whom(around, act),
        ordered_by=around.short_name(act.ordered_by), confirmed_by=around.short_name(act.confirmed_by), state=state,
        may_confirm=confirms and not mine and state == "waits", may_withdraw=mine and state == "waits",
        number=number, proof=proof,
    )  # fmt: skip


def _confirmation(connection: sa.Connection, act_id: str, desk_id: str) -> tuple[int, str]:
    """Return number and proof of the newest change of an act: nothing follows its confirmation."""
    change_id = connection.execute(_NEWEST, {"r": act_id}).scalar()
    stands = standing_on(connection, change_id, desk_id) if change_id else None
    return (stands.number, stands.word) if stands is not None and stands.by != "none" else (0, "")


def _whom(around: Surroundings, act: Act) -> str:
    if act.pupil_id is not None:
        return next((each.name for each in _named(around, act.pupil_id)), "")
    if act.target_kind == "HomeworkFile":
        lesson = ids.lesson_parts(act.target_record.rsplit(ids.SEPARATOR, 1)[0])
        page = around.pages.get(lesson[0])
        return f"{around.page_ref(page).title}, {lesson[1]:%d.%m.%Y}" if page is not None else ""
    return ""


# --- whom an act may be about --------------------------------------------------------------------------------------


def pupils_to_name(journal: Journal) -> tuple[PupilToName, ...]:
    """Return all pupils that this desk knows, in the order of a Russian list."""
    with journal.reading() as connection:
        around = Surroundings(connection, journal.identity.person_id, journal.clock().date())
        found = list(_named(around))
    return tuple(sorted(found, key=lambda each: russian.sort_key(each.name)))


def leavers(journal: Journal) -> tuple[PupilToName, ...]:
    """Return the pupils who have left and whom no act of documents names yet, those whose term ends first before.

    Whether something of them is to be destroyed, and when, the school decides: what is known here is only that the
    purpose for which their documents were kept has ended.
    """
    named = {act.pupil_id for act in acts(journal) if act.target_kind == "AbsenceDocument"}
    gone = [each for each in pupils_to_name(journal) if each.left_on is not None and each.pupil_id not in named]
    return tuple(sorted(gone, key=lambda each: (each.kept_until or date.max, each.left_on or date.max)))


def _named(around: Surroundings, pupil_id: str = "") -> Iterator[PupilToName]:
    years = read_policy(around.connection).retention.journal_years
    enrolments = select_records(around.connection, Enrolment, **({"pupil_id": pupil_id} if pupil_id else {}))
    enrolments.sort(key=lambda each: (each.until or date.max, each.since))
    last = {each.pupil_id: each for each in enrolments}
    for pupil in select_records(around.connection, Pupil, **({"id": pupil_id} if pupil_id else {})):
        yield _pupil(around, pupil, last.get(pupil.id), years)


def _pupil(around: Surroundings, pupil: Pupil, last: Enrolment | None, years: int | None) -> PupilToName:
    group = around.class_groups.get(last.class_group_id) if last is not None else None
    left = last.until if last is not None and last.until is not None and last.until < around.day else None
    name = russian.full_name(pupil.last_name, pupil.first_name, pupil.patronymic)
    if last is not None and group is not None:
        name = f"{name}, {group.title}, № {last.position} по списку"
    return PupilToName(
        pupil_id=pupil.id, name=name, left_on=left,
        departure_order=last.departure_order if last is not None and left else "",
        kept_until=date(left.year + 1 + years, 1, 1) if left and years is not None else None,
    )  # fmt: skip


_UNSENT = sa.select(outbox.c.change_id).where(outbox.c.kind == "Destruction", outbox.c.record == sa.bindparam("r"))
_NEWEST = (
    sa.select(history.c.change_id)
    .where(history.c.kind == "Destruction", history.c.record == sa.bindparam("r"), history.c.log_number.is_not(None))
    .order_by(history.c.log_number.desc())
    .limit(1)
)

"""A small school from which a pupil has left, with an administrator, and desks that know of acts of destruction."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from ejournal_core.kinds import AbsenceDocument, Enrolment, RoleGrant
from ejournal_desktop.models.commands.destruction import order_destruction
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.pages import PersonRow
from tests.desktop.models.pocket_server import PocketServer
from tests.helpers.school import YEAR_START, SmallSchool, desk_of, small_school

ADMINISTRATOR = PersonRow("p-colleague", "Петров Семён Ильич", "Петров С. И.", ("administrator",))
DOCUMENT = AbsenceDocument(id="doc-1", class_group_id="c-7b", pupil_id="u-07", reason="Б", since=date(2026, 9, 3),
                           until=date(2026, 9, 5), number="справка 14")  # fmt: skip
_GRANT = RoleGrant(id="r-admin", person_id="p-colleague", role="administrator", since=YEAR_START)
_LEFT = Enrolment(id="e-u-07", pupil_id="u-07", class_group_id="c-7b", since=YEAR_START, until=date(2026, 9, 10),
                  departure_order="12-к", position=7)  # fmt: skip


def school_with_a_leaver() -> SmallSchool:
    """Return the school from which the seventh pupil has left; a document of that pupil is still here."""
    school = small_school(extra=(_GRANT, DOCUMENT))
    return replace(school, records=tuple(_LEFT if each.id == _LEFT.id else each for each in school.records))


def order_an_act(journal: Journal, server: PocketServer) -> None:
    """Enter the act of the pupil who has left, and let the server take it."""
    order_destruction(journal, "AbsenceDocument", pupil_id="u-07", act_number="7", act_date=date(2026, 9, 15),
                      basis="заявление родителя № 3")  # fmt: skip
    journal.settle(server.push(journal.outbox()))


def desk_with_acts(folder: Path, person: str, *, ordered: bool) -> Journal:
    """Return a person's desk; with `ordered` an administrator has entered an act at another one."""
    school = school_with_a_leaver()
    server = PocketServer(school)
    if ordered:
        elsewhere = desk_of(school, "p-colleague", folder / "elsewhere", desk_id="desk-elsewhere")
        order_an_act(elsewhere, server)
        elsewhere.close()
    journal = desk_of(school, person, folder / person)
    journal.apply(*server.pull(0))
    return journal

"""What a person sees and may do, and why: asked of the same functions that judge every edit.

Each line names the role, the load or the substitution that gives the right, and until when it lasts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from ejournal_core import access
from ejournal_core.kinds import JournalPage, RoleGrant
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.staff import role_title
from ejournal_desktop.models.queries.surroundings import Surroundings

#: What the records are called that a role keeps; kinds that stand nowhere here are kept together with another one.
KEPT: dict[str, str] = {
    "School": "сведения о школе", "SchoolYear": "учебный год и периоды", "CalendarDay": "календарь",
    "BellSlot": "звонки", "PolicySetting": "правила школы", "Person": "сотрудников", "RoleGrant": "роли",
    "CredentialIssue": "коды для входа", "ClassGroup": "классы", "Pupil": "учеников и их движение",
    "Guardian": "сведения о семьях", "Subgroup": "подгруппы", "Subject": "предметы",
    "TeachingLoad": "нагрузку учителей", "TimetableSlot": "расписание", "WorkKind": "виды работ",
    "CurriculumHours": "учебный план", "PeriodClosing": "закрытие периодов",
    "IssuedDocument": "документы школы", "Destruction": "акты об уничтожении",
}  # fmt: skip


class Right(Struct, frozen=True):
    """One thing that a person sees or may do.

    Attributes:
        what: «ведёт журнал: Алгебра, 7 «Б»».
        why: the role, load or substitution that gives it.
        until: its last day, None while it lasts.
        pages: the pages of the journal that it shows.
    """

    what: str
    why: str
    until: date | None = None
    pages: frozenset[str] = frozenset()


class Rights(Struct, frozen=True):
    """All of a person's rights on a day, and how many pages of the journal they show altogether."""

    lines: tuple[Right, ...]
    pages: int


def rights(journal: Journal, person_id: str) -> Rights:
    """Return what a person sees and may do today."""
    with journal.reading() as connection:
        around = Surroundings(connection, person_id, journal.clock().date())
        deciders = frozenset(journal.policy().late_approver.roles)
        lines = [
            Right("видит справочник школы: людей, классы, списки, расписание", "каждый, кто входит"),
            *_own_pages(around), *_substituted(around),
            *(line for grant in around.grants if access.lasts(grant, around.day)
              for line in _by_role(around, grant, deciders)),
        ]  # fmt: skip
    return Rights(tuple(lines), len(frozenset[str]().union(*(line.pages for line in lines))))


def _own_pages(around: Surroundings) -> Iterator[Right]:
    for page in sorted(around.pages.values(), key=lambda page: around.page_order(page.id)):
        for load in around.loads.get(page.id, []):
            if load.person_id == around.person_id and access.lasts(load, around.day):
                yield Right(
                    f"ведёт журнал: {_title(around, page)}", f"нагрузка с {load.since:%d.%m.%Y}", load.until,
                    frozenset({page.id}),
                )  # fmt: skip


def _substituted(around: Surroundings) -> Iterator[Right]:
    for page in around.pages.values():
        if not access.substitutes(around.given, page.id, around.person_id, around.day):
            continue
        days = sorted(lesson.held_on for lesson in around.given if lesson.journal_page_id == page.id)
        yield Right(
            f"видит журнал и ведёт уроки замены: {_title(around, page)}",
            f"замена {', '.join(f'{day:%d.%m}' for day in days[-3:])}",
            days[-1] + access.SUBSTITUTE_SEES, frozenset({page.id}),
        )  # fmt: skip


def _by_role(around: Surroundings, grant: RoleGrant, deciders: frozenset[str]) -> Iterator[Right]:
    why = f"роль: {role_title(around, grant)}, с\u00a0{grant.since:%d.%m.%Y}"
    pages = frozenset(page.id for page in around.pages.values() if _shows(around, grant, page, deciders))
    seen = _whose(around, grant)
    if grant.role == "class_teacher":
        yield Right(f"видит все журналы {seen}, реестр отсутствующих и семьи", why, grant.until, pages)
        yield Right(f"указывает причины пропусков {seen}", why, grant.until)
    elif pages:
        yield Right(f"видит все журналы {seen}", why, grant.until, pages)
    if grant.role in deciders:
        yield Right("решает заявки на исправление, но не свои", why, grant.until)
    if grant.role in access.CONFIRMERS:
        yield Right("подтверждает замены уроков", why, grant.until)
    if grant.role in access.ANSWERERS and grant.class_group_id is None:
        yield Right("отвечает на сообщения о неверных сведениях", why, grant.until)
    kept = [title for kind, title in KEPT.items() if grant.role in access.KEEPERS.get(kind, ())]
    if kept:
        yield Right(f"правит: {', '.join(kept)}", why, grant.until)
    if grant.role == "administrator":
        yield Right("делает резервные копии; отметок не ставит", why, grant.until)


def _shows(around: Surroundings, grant: RoleGrant, page: JournalPage, deciders: frozenset[str]) -> bool:
    """Say whether the grant alone shows a page: the loads are left out, they have lines of their own."""
    return access.may_see_page([grant], (), page, around.person_id, around.day) or (
        grant.role in deciders and grant.class_group_id in (None, page.class_group_id)
    )


def _whose(around: Surroundings, grant: RoleGrant) -> str:
    group = around.class_groups.get(grant.class_group_id or "")
    return group.title if group is not None else "всех классов"


def _title(around: Surroundings, page: JournalPage) -> str:
    ref = around.page_ref(page)
    return ", ".join(part for part in (ref.subject_title, ref.class_title, ref.subgroup_title) if part)

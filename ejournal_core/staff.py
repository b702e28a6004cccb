"""What is kept of the school's own people: their names, the days of their roles, and who holds a code to sign in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.errors import Refusal
from ejournal_core.kinds import ClassGroup, CredentialIssue, Person, RoleGrant

NAME, ROLE, ISSUE, LAST = "EJ-504", "EJ-505", "EJ-506", "EJ-548"


def a_person_has_a_name(case: Case) -> Judgement | None:
    """Whoever signs, is greeted and is looked for has a surname and a first name."""
    assert isinstance(case.after, Person)
    if not case.sets("last_name", "first_name") or (case.after.last_name.strip() and case.after.first_name.strip()):
        return None
    return refused(NAME, "У сотрудника нужны фамилия и имя. Ничего не изменено: допишите.")


def a_role_has_its_days(case: Case) -> Judgement | None:
    """A role begins before it ends, and a class teacher has a class."""
    grant = case.after
    assert isinstance(grant, RoleGrant)
    if grant.voided or not case.sets("person_id", "role", "class_group_id", "since", "until"):
        return None
    if grant.until is not None and grant.until < grant.since:
        return refused(ROLE, "Роль кончается раньше, чем начинается. Ничего не изменено: исправьте дни.")
    if grant.role == "class_teacher" and grant.class_group_id is None:
        return refused(ROLE, "Классному руководителю нужен класс. Ничего не изменено: выберите его.")
    if case.sets("class_group_id") and grant.class_group_id and not case.facts.get(ClassGroup, grant.class_group_id):
        return refused(ROLE, "Такого класса в школе нет. Ничего не изменено: выберите другой.")
    return None


def only_the_handing_over_is_entered(case: Case) -> Judgement | None:
    """The server writes who was given a code; a person adds the day on which it was handed over against signature."""
    issue = case.after
    assert isinstance(issue, CredentialIssue)
    if case.change.act != "change" or set(case.change.set) != {"handed_on"}:
        return refused(ISSUE, "В ведомость кодов пишет сервер; от руки отмечают только день выдачи.")
    if issue.handed_on is not None and not issue.made_on <= issue.handed_on <= case.facts.today():
        return refused(ISSUE, "Код выдают не раньше, чем он напечатан, и не завтра. Ничего не изменено.")
    return None


def see_an_administrator_stays(grants: Iterable[RoleGrant], ending: Collection[str], last_day: date) -> None:
    """Refuse an ending after which nobody of the school gives roles and codes any more.

    Args:
        grants: all roles of the school whose people can sign in.
        ending: the ids of those that end with `last_day`.

    Raises:
        Refusal: no other role of an administrator reaches beyond that day. A school that has none is not held up.
    """
    held = (each for each in grants if each.role == "administrator" and not each.voided)
    beyond = [each.id for each in held if each.until is None or each.until > last_day]
    if beyond and all(each in ending for each in beyond):
        raise Refusal(
            LAST,
            "Это единственный администратор школы: без него никто не даст ни роли, ни кода. Ничего не изменено; сначала"
            " дайте роль администратора другому сотруднику.",
        )

"""Parents and other guardians: what the school may keep of them, and with whose consent (P49, 152-ФЗ).

What the school forbids itself is not kept at all; how to reach a person is kept with their consent only. A consent that
was withdrawn hides what it covered at once; an act of destruction takes it out of the file for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import Fields, Guardian, Pupil
from ejournal_core.policy import Policy

#: Ways to reach a person, in the order in which a screen offers them: kept with consent only.
CONTACTS: tuple[str, ...] = ("phone", "email", "home_address")
NAMES: tuple[str, ...] = ("last_name", "first_name", "patronymic")

LONGEST: dict[str, int] = {
    "last_name": 60, "first_name": 60, "patronymic": 60, "consent_by": 120,
    "phone": 40, "email": 120, "home_address": 200,
}  # fmt: skip
LEAST_DIGITS = 5  # an extension inside the house
_PHONE = re.compile(r"[+0-9][0-9 ()\-,;./]*(?:доб\.?[0-9 ]+)?")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")

FORM, FORBIDDEN, CONSENT = "EJ-525", "EJ-275", "EJ-276"


def offered_contacts(policy: Policy) -> tuple[str, ...]:
    """Return the ways to reach a person that the school keeps (P49)."""
    return tuple(name for name in CONTACTS if name not in policy.forbidden_fields)


def hidden_names(fields: Fields, policy: Policy) -> frozenset[str]:
    """Return which contacts of a guardian nobody is shown: forbidden ones, and all without a consent that lasts."""
    lasts = fields.get("consent_on") is not None and fields.get("withdrawn_on") is None
    return frozenset(CONTACTS) - (frozenset(offered_contacts(policy)) if lasts else frozenset())


# --- rules -------------------------------------------------------------------------------------------------------


def the_guardian_is_of_a_pupil_of_the_class(case: Case) -> Judgement | None:
    """The office of a class keeps the families of its own pupils, those who left included."""
    guardian = case.after
    assert isinstance(guardian, Guardian)
    if case.facts.get(Pupil, guardian.pupil_id) is None:
        return refused("EJ-203", "Ученика, к которому относится запись, нет: возможно, он не был принят.")
    if any(each.class_group_id == guardian.class_group_id for each in case.facts.enrolments(guardian.pupil_id)):
        return None
    return refused("EJ-221", "Этого ученика в классе нет и не было: сведения о семье ведут в его классе.")


def the_guardian_can_be_read(case: Case) -> Judgement | None:
    """A guardian has a name, texts have their bounds, a telephone has digits, days of consent have their order."""
    guardian = case.after
    assert isinstance(guardian, Guardian)
    if guardian.voided:
        return None
    objection = (
        _wrong_name(guardian, case.change.set)
        or _too_long(guardian, case.change.set)
        or _wrong_contact(guardian)
        or _wrong_days(case)
    )
    return refused(FORM, f"{objection} Прежнее осталось.") if objection else None


def _wrong_name(guardian: Guardian, names: Iterable[str]) -> str:
    """Say what is wrong with a name; a telephone in it would be kept without a consent and survive its withdrawal."""
    if not (guardian.last_name.strip() and guardian.first_name.strip()):
        return "Нужны фамилия и имя."
    written = "".join(str(getattr(guardian, name)) for name in names if name in NAMES)
    strange = any(sign.isdigit() or sign == "@" for sign in written)
    return "В имени только буквы: телефон и почту пишут в их полях, с согласия." if strange else ""


def _too_long(guardian: Guardian, names: Iterable[str]) -> str:
    long = next((name for name in names if len(str(getattr(guardian, name, ""))) > LONGEST.get(name, 200)), "")
    return f"Слишком длинно: не больше {LONGEST[long]} знаков." if long else ""


def _wrong_contact(guardian: Guardian) -> str:
    phone, email = guardian.phone, guardian.email
    if phone and (not _PHONE.fullmatch(phone) or sum(sign.isdigit() for sign in phone) < LEAST_DIGITS):
        return "Телефон — цифры, например +7 921 000-00-00."
    if email and not _EMAIL.fullmatch(email):
        return "Почта — вида имя@сервер.ru."
    return ""


def _wrong_days(case: Case) -> str:
    guardian = case.after
    assert isinstance(guardian, Guardian)
    given, withdrawn = guardian.consent_on, guardian.withdrawn_on
    if any(day is not None and case.sets(name) and day > case.facts.today() for name, day in
           (("consent_on", given), ("withdrawn_on", withdrawn))):  # fmt: skip
        return "Этот день ещё впереди."
    if withdrawn is not None and (given is None or withdrawn < given):
        return "Отозвать можно только данное согласие и не раньше того дня."
    return "" if given is None or guardian.consent_by.strip() else "Напишите, кто дал согласие."


def the_school_keeps_such_data(case: Case) -> Judgement | None:
    """P49: what the school forbids itself is not written, whoever writes it."""
    forbidden = set(case.facts.policy().forbidden_fields)
    if any(name in forbidden and case.sets(name) and getattr(case.after, name) for name in CONTACTS):
        return refused(FORBIDDEN, "Таких сведений школа не хранит: ничего не записано.", "P49")
    return None


def contacts_need_a_consent(case: Case) -> Judgement | None:
    """S4-2.4.9a: how to reach a person is kept with consent, and nothing is added once it was withdrawn."""
    guardian = case.after
    assert isinstance(guardian, Guardian)
    if guardian.voided or not any(getattr(guardian, name) for name in CONTACTS):
        return None
    if guardian.consent_on is None:
        return refused(CONSENT, "Контакты записывают с согласия: сначала отметьте, когда и кем оно дано.", "P49")
    added = any(case.sets(name) and getattr(guardian, name) for name in CONTACTS)
    if guardian.withdrawn_on is not None and added:
        return refused(CONSENT, "Согласие отозвано: контакты не записывают. Новое согласие отметьте днём.", "P49")
    return None

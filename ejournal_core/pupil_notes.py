"""What a page keeps about single pupils besides marks: remarks at a lesson, the special medical group."""

from __future__ import annotations

from ejournal_core import access
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import PupilRemark, SpecialGroup, Subject

LONGEST_REMARK = 500  # characters
LONGEST_BASIS = 120


def the_remark_is_written_in_words(case: Case) -> Judgement | None:
    """A remark says something; content that was destroyed by law said it once."""
    assert isinstance(case.after, PupilRemark)
    if case.change.content or case.change.set == {"voided": True}:
        return None
    if not case.after.text.strip() or len(case.after.text) > LONGEST_REMARK:
        return refused("EJ-279", f"Напишите словами, о чём запись, не длиннее {LONGEST_REMARK} знаков.")
    return None


def the_remark_stays_as_it_was_written(case: Case) -> Judgement | None:
    """Nobody puts other words into its author's mouth, nor passes for the author: it is taken back and written anew."""
    if case.before is None or case.change.act == "resolve" or case.change.set == {"voided": True}:
        return None
    return refused("EJ-279", "Запись об ученике не переписывают: снимите её и сделайте новую.")


def who_knows_of_it_enters_the_group(case: Case) -> Judgement | None:
    """The teacher of the page, the class teacher, a deputy: those who see it, and nobody else learns of it."""
    if case.change.act == "resolve":
        return None
    assert case.page is not None
    author, today, group = case.change.author, case.facts.today(), case.page.class_group_id
    grants = case.facts.roles(author)
    if (
        access.teaches(case.facts.loads(case.page.id), author, today)
        or access.is_class_teacher(grants, group, today)
        or access.holds_role(grants, access.OVERSEERS, today, group)
    ):
        return None
    return refused("EJ-281", "Медицинскую группу вносит учитель этой страницы, классный руководитель или завуч.")


def is_physical_education(subject_title: str) -> bool:
    """Say whether a subject is the one whose teachers have to know of the special medical group."""
    return subject_title.strip().casefold().startswith(("физическая культура", "физкульт"))


def the_group_is_of_physical_education(case: Case) -> Judgement | None:
    """Nobody but the teacher of physical education has to know of it; what stands elsewhere may be taken out."""
    after = case.after
    assert isinstance(after, SpecialGroup)
    if after.since is None or after.voided or not case.sets("since", "until", "basis") or case.page is None:
        return None
    subject = case.facts.get(Subject, case.page.subject_id)
    if subject is not None and is_physical_education(subject.title):
        return None
    return refused(
        "EJ-287", "Медицинскую группу отмечают на странице физической культуры: другим учителям она не нужна."
    )


def the_group_begins_before_it_ends(case: Case) -> Judgement | None:
    """An end needs a beginning before it, and what it rests on is named, not told."""
    after = case.after
    assert isinstance(after, SpecialGroup)
    if len(after.basis) > LONGEST_BASIS:
        return refused("EJ-281", f"Основание длиннее {LONGEST_BASIS} знаков. Ничего не изменено: назовите его короче.")
    if case.change.content or after.until is None or (after.since is not None and after.since <= after.until):
        return None
    return refused("EJ-281", "Первый день группы должен быть не позже последнего. Ничего не изменено: исправьте даты.")

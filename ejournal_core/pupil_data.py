"""Whether what the school knows of its pupils is true: reports of wrong data (P33) and looks through the list (P34).

A report says what is wrong, from whom that came and what it should be; whoever keeps the pupils answers it. The office
mends the data where they stand: a report changes nothing by itself.
"""

from __future__ import annotations

from datetime import date, timedelta

from ejournal_core import access
from ejournal_core.absences import stretch_ends
from ejournal_core.calendar import StudyCalendar
from ejournal_core.cases import Case, Judgement, refused
from ejournal_core.kinds import ClassGroup, DataReport, ListCheck, Pupil, SchoolYear
from ejournal_core.policy import Policy

LONGEST_TEXT = 500  # characters
BEFORE_THE_YEAR = timedelta(days=31)  # a look then is a look before the year
OLDEST = timedelta(days=366)  # what was told longer ago was told in another year

FORM, WHOSE, KEPT, CHECKED = "EJ-522", "EJ-523", "EJ-524", "EJ-526"
_ANSWER = ("answer", "answer_reason", "answered_by", "answered_on")


def answer_due_on(policy: Policy, report: DataReport) -> date:
    """Return the last day on which the answer to a report is in time (P33)."""
    return report.told_on + timedelta(days=policy.data_fix_limit.days)


def check_due_on(policy: Policy, last: date | None, today: date, calendar: StudyCalendar) -> date | None:
    """Return the last day on which the next look through the list of a class is in time (P34).

    Args:
        last: the day of the last look in this school year or in the month before it, None for none.

    Returns:
        A day that has passed where a stretch went by without a look after an earlier one; None where nothing is to be
        done now: the list was looked through in this stretch, or the school sets no term. Before the year means by its
        first day, and later only until it was done.
    """
    year, every = calendar.year, policy.contingent_check
    if not year.starts_on - BEFORE_THE_YEAR <= today <= year.ends_on:
        return None
    if every == "before_year":
        return year.starts_on if last is None else None
    done_until = stretch_ends(every, max(last, year.starts_on), calendar) if last is not None else None
    begins = max(today, year.starts_on) if done_until is None else done_until + timedelta(days=1)
    return stretch_ends(every, begins, calendar) if begins <= max(today, year.starts_on) else None


# --- reports: rules ----------------------------------------------------------------------------------------------


def the_report_is_its_authors(case: Case) -> Judgement | None:
    """Whoever sees wrong data reports it in her own name; whoever keeps the pupils answers."""
    report = case.after
    assert isinstance(report, DataReport)
    if case.sets(*_ANSWER) and (report.answer or case.before is not None):
        objection = _not_the_office(case)
        if objection or not case.sets("voided"):
            return objection
    if case.change.author != report.reporter_id:
        return refused(WHOSE, "О неверных сведениях сообщают от своего имени: ничего не изменено.")
    return None


def _not_the_office(case: Case) -> Judgement | None:
    report, today = case.after, case.facts.today()
    assert isinstance(report, DataReport)
    if not access.answers_reports(case.facts.roles(case.change.author), today):
        return refused(WHOSE, "На сообщение отвечает секретарь или администратор: ничего не изменено.", "P33")
    signed = case.change.act == "resolve" or report.answered_by in (None, case.change.author)
    return None if signed else refused(WHOSE, "Отвечают от своего имени: ничего не изменено.")


def the_report_says_what_is_wrong(case: Case) -> Judgement | None:
    """A report names what is wrong, of whom, and when it was told; destroyed content is looked at no more."""
    report = case.after
    assert isinstance(report, DataReport)
    if case.change.content or report.voided:
        return None
    objection = _wrong_words(report) or _wrong_day(case, report) or _wrong_pupil(case, report)
    return refused(FORM, f"{objection} Ничего не записано.") if objection else None


def _wrong_words(report: DataReport) -> str:
    if not report.wrong.strip():
        return "Напишите, что неверно."
    if report.answer == "unfounded" and not report.answer_reason.strip():
        return "Напишите, почему не подтвердилось: иначе тот, кто сообщил, этого не узнает."
    texts = (report.wrong, report.should_be, report.answer_reason)
    return f"Слишком длинно: не больше {LONGEST_TEXT} знаков." if max(map(len, texts)) > LONGEST_TEXT else ""


def _wrong_day(case: Case, report: DataReport) -> str:
    today = case.facts.today()
    if case.sets("told_on") and not today - OLDEST <= report.told_on <= today:
        return "День, когда сообщили, — сегодня или раньше, не больше года назад."
    if bool(report.answer) != (report.answered_by is not None and report.answered_on is not None):
        return "У ответа есть день и тот, кто ответил."
    late = case.sets("answered_on") and report.answered_on is not None and report.answered_on > today
    return "День ответа ещё впереди." if late else ""


def _wrong_pupil(case: Case, report: DataReport) -> str:
    if case.facts.get(ClassGroup, report.class_group_id) is None:
        return "Такого класса в школе нет."
    if report.pupil_id is None:
        return "" if report.about in ("class", "arrival") else "Выберите ученика."
    if case.facts.get(Pupil, report.pupil_id) is None:
        return "Такого ученика в школе нет."
    in_class = any(each.class_group_id == report.class_group_id for each in case.facts.enrolments(report.pupil_id))
    return "" if in_class else "Этого ученика в классе нет и не было."


def the_report_stays_as_it_was_written(case: Case) -> Judgement | None:
    """Nobody rewrites a report: its author takes it back while nobody has answered, the office adds its answer."""
    if case.before is None:
        return None
    report = case.before
    assert isinstance(report, DataReport)
    if case.change.set.keys() - {*_ANSWER, "voided"}:
        return refused(KEPT, "Сообщение не переписывают: снимите его и сделайте новое.")
    if case.sets("voided") and (report.voided or (report.answer and not case.at_arrival)):
        return refused(KEPT, "На сообщение уже ответили: снять его нельзя. Ничего не изменено.")
    return None


# --- looks through the list: rules -------------------------------------------------------------------------------


def the_class_teacher_looked_herself(case: Case) -> Judgement | None:
    """P34: the class teacher says that she looked, on that day, and takes back only her own word."""
    check = case.after
    assert isinstance(check, ListCheck)
    author, today = case.change.author, case.facts.today()
    if not access.is_class_teacher(case.facts.roles(author), check.class_group_id, today):
        return refused(CHECKED, "Список класса сверяет его классный руководитель: ничего не записано.", "P34")
    if case.before is not None and case.change.set != {"voided": True}:
        return refused(CHECKED, "Отметку о сверке не переписывают: снимите её и сделайте новую.", "P34")
    year = _year(case, check)
    ahead = check.checked_on > today or (case.sets("checked_on") and not case.at_arrival and check.checked_on < today)
    if check.checked_by != author or ahead or year is None or check.checked_on > year.ends_on:
        return refused(CHECKED, "Сверку отмечают своим именем, сегодняшним днём: ничего не записано.", "P34")
    if not (check.voided or check.pupils or check.families):
        return refused(CHECKED, "Отметьте, что сверено: список учеников, сведения о семьях или всё.", "P34")
    return None


def _year(case: Case, check: ListCheck) -> SchoolYear | None:
    group = case.facts.get(ClassGroup, check.class_group_id)
    return case.facts.get(SchoolYear, group.school_year_id) if group else None

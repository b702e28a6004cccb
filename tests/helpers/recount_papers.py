"""КТП, readiness and papers, set beside what `tests.helpers.recount` counts, as `recount_screens` does with screens."""

from __future__ import annotations

from typing import Any

from ejournal_desktop.models import queries
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.lesson_plans import lesson_plan
from tests.helpers.recount import Recount
from tests.helpers.recount_screens import differences, is_asked


def plan(journal: Journal, count: Recount, page: str) -> list[str]:
    """Compare the hours of a plan, what was given of it, and its lag."""
    found = lesson_plan(journal, page)
    rows = sorted((r for r in count.rows["PlannedLesson"] if r.journal_page_id == page), key=lambda r: r.position)
    todo = [row.topic for row in rows for _ in range(row.hours)]
    given, lost, outside, open_ = 0, 0, 0, 0
    for day, lesson in count.in_time(page):
        if lesson is not None and lesson.topic.strip():
            taken = lesson.topic in todo
            given, outside = given + taken, outside + (not taken)
            if taken:
                todo.remove(lesson.topic)
        elif day < count.today and not (lesson is not None and lesson.held):
            lost += 1
        else:
            open_ += 1
    passed = [day for day, _ in count.in_time(page) if day <= count.today]
    hours = sum(row.hours for row in rows)
    dated = [row for row in rows if row.planned_on]
    to_date = sum(row.hours for row in dated if row.planned_on <= count.today) if dated else min(len(passed), hours)
    own = (count.pages[page].subject_id, count.pages[page].class_group_id)
    wanted = [each.hours for each in count.rows["CurriculumHours"] if (each.subject_id, each.class_group_id) == own]
    return differences(f"КТП {page}", iter([
        ("hours", found.hours, hours), ("curriculum", found.curriculum, wanted[0] if wanted else None),
        ("planned to date", found.planned_to_date, to_date), ("given to date", found.given_to_date, given),
        ("lag", found.lag, to_date - given), ("lost", len(found.lost), lost),
        ("outside", len(found.outside), outside), ("left", found.left, max(0, len(todo) - open_)),
        ("lessons", found.lessons, len(list(count.in_time(page)))),
    ]))  # fmt: skip


def ready(journal: Journal, count: Recount, number: int) -> list[str]:
    """Compare how many pages are complete, and of how many."""
    every = queries.readiness(journal, count.class_.period_scheme, number)
    found = [row for row in every if row.page.id in count.pages]
    asked = [page for page in count.pages.values() if is_asked(count, page.subject_id)]
    stated = {row.journal_page_id for row in count.rows["PageCompletion"] if row.complete
              and (row.period_kind, row.period_number) == (count.class_.period_scheme, number)}  # fmt: skip
    complete = sum(page.id in stated for page in asked)
    return differences("Готовность", iter([
        ("pages", len(found), len(asked)), ("complete", sum(row.complete for row in found), complete)]))  # fmt: skip


def papers(journal: Journal, count: Recount) -> list[str]:
    """Compare the marks of the summary sheet, and the totals of the bound copy, page by page."""
    sheet = queries.summary_sheet(journal, count.group)
    names = {pupil.id: f"{pupil.last_name} {pupil.first_name}" for pupil in count.rows["Pupil"]}
    of_class = {names[pupil] for pupil in count.pupils(*count.year)}
    listed = count.pupils(*count.year)
    asked = {page for page in count.pages if is_asked(count, count.pages[page].subject_id)}
    standing = {(row.pupil_id, count.pages[row.journal_page_id].subject_id, row.period_kind, row.period_number)
                for row in count.rows["PeriodMark"] if row.value and row.pupil_id in listed
                and row.journal_page_id in asked}  # fmt: skip
    sides: list[tuple[str, Any, Any]] = [
        ("pupils", {pupil.name.strip() for pupil in sheet.pupils}, of_class),
        ("marks", len(sheet.marks), len(standing)),
    ]
    titles = {page.id: next(s.title for s in count.rows["Subject"] if s.id == page.subject_id)
              for page in count.pages.values()}  # fmt: skip
    groups = {group.id: group.title for group in count.rows["Subgroup"]}
    pages = {(titles[page.id], groups.get(page.subgroup_id or "", "")): page.id for page in count.pages.values()}
    for each in queries.year_book(journal, count.group).pages:
        page = pages[each.subject_title, each.subgroup_title]
        entered = [lesson for lesson in count.lessons.values() if lesson.journal_page_id == page]
        sides += [
            (f"{page}, given", each.given, sum(bool(lesson.held) for lesson in entered)),
            (f"{page}, planned", each.planned, len(list(count.in_time(page)))),
            (f"{page}, lessons", len(each.lessons), len(entered)),
        ]
    return differences("Бумаги", iter(sides))

"""Who may see what and who might enter what, written down once more from the rules on paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.campaigns.ledger_copy import ACCEPTED, Address, Fields, Line, Replay

KEPT_BY_TEACHERS = ("Lesson", "MarkColumn", "Mark", "PeriodMark")
#: Directory kinds that people of these stories edit.
KEPT = ("TeachingLoad", "RoleGrant", "PeriodClosing")
OVERSEERS = ("deputy_director", "director")


def slices(records: Mapping[Address, Fields], today: date, school: str) -> Callable[[str], set[str]]:
    """Return who sees which slices on a day, by the school's records."""
    by_kind: dict[str, dict[str, Fields]] = defaultdict(dict)
    for (kind, record), fields in records.items():
        if not fields.get("voided"):
            by_kind[kind][record] = fields
    day = today.isoformat()

    def seen_by(person: str) -> set[str]:
        grants = [each for each in by_kind["RoleGrant"].values() if each["person_id"] == person and _lasts(each, day)]
        pages = {fields["journal_page_id"] for fields in by_kind["TeachingLoad"].values()
                 if fields["person_id"] == person and _lasts(fields, day)}  # fmt: skip
        pages |= {fields["journal_page_id"] for fields in by_kind["Lesson"].values()
                  if fields["teacher_id"] == person and _is_near(fields["held_on"], today)}  # fmt: skip
        classes = {group for group in by_kind["ClassGroup"] if any(_is_over(grant, group) for grant in grants)}
        pages |= {page for page, fields in by_kind["JournalPage"].items() if fields["class_group_id"] in classes}
        plans = _subjects(by_kind, person, today, classes)
        groups = {by_kind["JournalPage"][page]["class_group_id"] for page in pages & by_kind["JournalPage"].keys()}
        return {"directory", *_told(by_kind, person, grants), *_logged(by_kind, person, grants), *plans,
                *(f"register:{group}" for group in groups | classes),
                *(f"page:{page}" for page in pages & by_kind["JournalPage"].keys()),
                *(f"class:{group}" for group in classes), *_offices(grants, by_kind["ClassGroup"], classes),
                *_kept(grants), *_drives(grants, school)}  # fmt: skip

    return seen_by


def _subjects(by_kind: Mapping[str, dict[str, Fields]], person: str, today: date, classes: set[str]) -> set[str]:
    """Return the slices of lesson plans: of subjects taught at any time, given now by substitution, or overseen."""
    taught = {fields["journal_page_id"] for fields in by_kind["TeachingLoad"].values() if fields["person_id"] == person}
    taught |= {fields["journal_page_id"] for fields in by_kind["Lesson"].values()
               if fields["teacher_id"] == person and _is_near(fields["held_on"], today)}  # fmt: skip
    day = today.isoformat()
    over = [each for each in by_kind["RoleGrant"].values()
            if each["person_id"] == person and each["role"] in OVERSEERS and _lasts(each, day)]  # fmt: skip
    seen = {group for group in classes if any(_is_over(grant, group) for grant in over)}
    return {f"plan:{fields['subject_id']}" for page, fields in by_kind["JournalPage"].items()
            if page in taught or fields["class_group_id"] in seen}  # fmt: skip


def _lasts(dated: Fields, day: str) -> bool:
    return bool(dated["since"] <= day and (dated["until"] is None or day <= dated["until"]))


def _is_near(held_on: str, today: date) -> bool:
    """Say whether a substitute still sees the page: two weeks before and after the lesson."""
    return abs(today - date.fromisoformat(held_on)) <= timedelta(days=14)


def _is_over(grant: Fields, group: str) -> bool:
    """Say whether a role sees all of a class: its class teacher, and overseers of it or of all classes."""
    if grant["role"] == "class_teacher":
        return bool(grant["class_group_id"] == group)
    return grant["role"] in OVERSEERS and grant["class_group_id"] in (None, group)


def _offices(grants: list[Fields], groups: Mapping[str, Any], classes: set[str]) -> set[str]:
    """Return the slices of office data: with the class, and for secretary and administrator."""
    clerks = any(grant["role"] in ("secretary", "administrator") for grant in grants)
    return {f"office:{group}" for group in (groups if clerks else classes)}


def _told(by_kind: Mapping[str, dict[str, Fields]], person: str, grants: list[Fields]) -> set[str]:
    """Return the slices of reports of wrong data: one's own; for the office of the whole school everybody's."""
    whole = any(each["role"] in ("secretary", "administrator") and each["class_group_id"] is None for each in grants)
    people = {each["person_id"] for kind in ("RoleGrant", "TeachingLoad") for each in by_kind[kind].values()}
    return {f"reports:{each}" for each in (person, *(people if whole else ()))}


def _logged(by_kind: Mapping[str, dict[str, Fields]], person: str, grants: list[Fields]) -> set[str]:
    """Return the slices of events: one's own; for administrator and director of the whole school everybody's."""
    whole = any(each["role"] in ("administrator", "director") and each["class_group_id"] is None for each in grants)
    people = {each["person_id"] for kind in ("RoleGrant", "TeachingLoad") for each in by_kind[kind].values()}
    return {f"events:{each}" for each in (person, *(("server", *people) if whole else ()))}


def _drives(grants: list[Fields], school: str) -> set[str]:
    """Return the slice of the register of drives: administrator and director of the whole school see it."""
    whole = any(each["role"] in ("administrator", "director") and each["class_group_id"] is None for each in grants)
    return {f"drives:{school}"} if whole else set()


def _kept(grants: list[Fields]) -> set[str]:
    """Return the slices of what is not decided yet about directory records: their keepers' and the overseers'."""
    roles = {grant["role"] for grant in grants}
    seen = {"substitutions"} if roles & {*OVERSEERS, "timetable_dispatcher"} else set()
    if roles & {*OVERSEERS, "administrator"}:
        seen |= {f"keepers:{kind}" for kind in KEPT if kind != "PeriodClosing" or roles & {*OVERSEERS}}
    return seen


# --- I8: nothing official without a right, or without another person's approval ------------------------------------


def unlawful(lines: list[Line]) -> list[str]:
    """Return the lines that became official without the author's right, or past a period that another must open."""
    replay, found = Replay(), []
    asked: dict[str, Line] = {}
    for line in lines:
        if line.is_official and line.desk != "server" and (why := _objection(replay.records, line, asked)):
            found.append(f"I8: number {line.number} ({line.body['act']} {line.body['kind']}): {why}")
        if line.outcome == "pending":
            asked[line.id] = line
        elif line.outcome in ACCEPTED and line.body["act"] in ("approve", "refuse"):
            asked.pop(line.body.get("about", ""), None)
        replay.enter(line)
    return found


def too_strict(lines: list[Line], sizes: Mapping[str, int], entered: Mapping[str, date]) -> list[str]:
    """Return the refusals of entries that their author had the right to, by the head that the desk held then.

    Args:
        sizes: how much of the log a tree head covers, by its hash.
        entered: the day on which each change was entered, whatever any clock showed.
    """
    states: dict[int, dict[Address, Fields]] = {}
    seen: dict[str, int] = defaultdict(int)
    found = []
    for line in lines:
        size = seen[line.desk] = max(seen[line.desk], sizes.get(line.body["head"], 0))
        kind, record = line.address
        ahead = (line.outcome, line.reason) == ("refused", "EJ-222") and line.body["act"] != "approve"
        if ahead and line.id in entered and day_of(record) <= entered[line.id].isoformat():
            found.append(f"I8: number {line.number} was refused as of a day before it was entered")
        if line.outcome != "refused" or line.reason != "EJ-210" or kind not in KEPT_BY_TEACHERS:
            continue
        if size not in states:
            states[size] = _state_at(lines, size)
        page = _page_of(states[size], kind, record)
        if page is not None and _taught(states[size], line.body["author"], page, day_of(record)):
            found.append(f"I8: number {line.number} was refused, its author had the page at number {size}")
    return found


def _state_at(lines: list[Line], size: int) -> dict[Address, Fields]:
    replay = Replay()
    for line in lines[:size]:
        replay.enter(line)
    return replay.records


def day_of(record: str) -> str:
    """Return the day (ISO) that stands in the id of a lesson or of something in it, "" where there is none."""
    day = next((part for part in record.split(".") if len(part) == 8 and part.isdecimal()), "")
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day else ""


def _of_approval(line: Line, asked: Mapping[str, Line]) -> str:
    """Say what is wrong with an approval: another person enters exactly what somebody asked for."""
    request = asked.get(line.body.get("about", ""))
    if request is None:
        return "it approves nothing that waits"
    if line.body["author"] == request.body["author"] or line.body.get("requester") != request.body["author"]:
        return "who asked approved"
    return "" if line.body["set"] == request.body["set"] else "other values than those that were asked for"


def distrusted(lines: list[Line]) -> list[str]:
    """Return the lines of desks that are trusted no more, behind the last counter that is."""
    trusted: dict[str, int] = {}
    found = []
    for line in lines:
        if line.n > trusted.get(line.desk, line.n):
            found.append(f"I8: number {line.number} is of {line.desk}, which is trusted up to {trusted[line.desk]}")
        if line.body["kind"] == "Certificate" and line.body["set"].get("voided"):
            trusted[line.body["record"]] = line.body["set"]["trusted_n"]
    return found


def _objection(records: Mapping[Address, Fields], line: Line, asked: Mapping[str, Line]) -> str:
    kind, record = line.address
    if line.body["act"] == "approve":
        return _of_approval(line, asked)
    if kind not in KEPT_BY_TEACHERS or line.body["act"] == "resolve":
        return ""
    page = _page_of(records, kind, record)
    if page is None:
        return "it belongs to no page"
    substitute = line.body["set"].get("teacher_id") if kind == "Lesson" else None
    if substitute not in (None, line.body["author"]) and _confirms(records, line.body["author"]):
        return ""
    if kind != "PeriodMark" and not _taught(records, line.body["author"], page):
        return "its author never had this page"
    return "the period was closed" if _is_closed(records, kind, record, page) else ""


def _confirms(records: Mapping[Address, Fields], person: str) -> bool:
    """Say whether the person may name who gives a lesson."""
    return any(
        kind == "RoleGrant" and fields["person_id"] == person and fields["role"] in (*OVERSEERS, "timetable_dispatcher")
        for (kind, _), fields in records.items()
    )


def _page_of(records: Mapping[Address, Fields], kind: str, record: str) -> str | None:
    parts = {"Lesson": 2, "MarkColumn": 4, "Mark": 5, "PeriodMark": 3}[kind]
    page = record.rsplit(".", parts)[0]
    return page if ("JournalPage", page) in records else None


def _taught(records: Mapping[Address, Fields], person: str, page: str, day: str = "") -> bool:
    """Say whether the person has a load of the page on that day (without a day: at any time), or is a substitute."""
    return any(
        kind == "Lesson" and fields["journal_page_id"] == page and fields["teacher_id"] == person
        for (kind, _), fields in records.items()
    ) or any(
        kind == "TeachingLoad" and fields["journal_page_id"] == page and fields["person_id"] == person
        and not fields["voided"] and (not day or _lasts(fields, day))
        for (kind, _), fields in records.items()
    )  # fmt: skip


def _is_closed(records: Mapping[Address, Fields], kind: str, record: str, page: str) -> bool:
    """Say whether the first quarter, in which all lessons of these stories lie, is closed for the page's class."""
    if kind == "PeriodMark" and not record.endswith(".quarter.1"):
        return False
    group = records["JournalPage", page]["class_group_id"]
    closing = records.get(("PeriodClosing", f"{group}.q-1"), {})
    return bool(closing.get("closed")) and not closing.get("voided")

"""What a check of a drive found, in words: which copy, of which day, is it whole, is anything lost, what now."""

from __future__ import annotations

from ejournal_desktop.backup.check import Finding
from ejournal_desktop.backup.plugged_check import Checked
from ejournal_desktop.models.queries.drives import BackupState, DriveRow
from ejournal_desktop.ui.widgets.drive_row import generation_day
from ejournal_desktop.ui.widgets.say import Kind
from ejournal_desktop.ui.words import tr

BROKEN = {
    "damaged": "повреждена",
    "cut": "оборвана",
    "missing": "неполная, файла на месте нет",
    "unreadable": "с носителя не читается",
    "foreign": "подписана не сервером этой школы",
    "newer": "записана более новой программой",
}


def event_detail(checked: Checked) -> str:
    """Return the code by which the log of events tells of a check (`queries.audit_words.DETAILS`)."""
    good = checked.good
    if good is not None and good is checked.findings[0]:
        return "copy-proved" if good.state == "proved" else "copy-whole"
    if any(each.state == "newer" for each in checked.findings):
        return "copy-unknown"
    if good is not None:
        return "copy-earlier"
    return "copy-broken" if checked.names else "copy-none"


def checked_words(checked: Checked, state: BackupState) -> tuple[str, Kind]:
    """Return the sentences about a drive and how grave they are."""
    row = next((each for each in state.drives if each.id == checked.card), None)
    parts = [*_found(checked), *_beside(checked, state, row), _now(checked, row)]
    if row is None or row.standing != "used":
        parts.append(tr("В реестре среди носителей в работе его нет: Ctrl+N внесёт."))
    return " ".join(part for part in parts if part), "done" if _is_well(checked, row) else "danger"


def _is_well(checked: Checked, row: DriveRow | None) -> bool:
    whole = bool(checked.findings) and checked.findings[0].good
    return whole and not (row is not None and checked.has_lost(row.generation))


def _found(checked: Checked) -> list[str]:
    if not checked.findings:
        return [tr("«{label}»: копий школы на носителе нет.").format(label=checked.label), _untouched()]
    first, good = checked.findings[0], checked.good
    if good is first:
        return [_whole(checked.label, first)]
    told = tr("«{label}»: копия от {day} {broken}.")
    said = told.format(label=checked.label, day=generation_day(first.generation), broken=_broken(first))
    if good is None:
        return [said, tr("Целых копий на нём нет.") if len(checked.names) > 1 else "", _untouched()]
    tried = tr(", школа из неё восстанавливается") if good.state == "proved" else ""
    earlier = tr("Цела более ранняя, от {day}{tried}.").format(day=generation_day(good.generation), tried=tried)
    return [said, earlier, _untouched()]


def _untouched() -> str:
    return tr("Записи школы это не затронуло.")


def _whole(label: str, good: Finding) -> str:
    told = tr("«{label}»: копия от {day} цела: все файлы такие, какими записаны. Пробного восстановления не было: её "
              "открывает ключ другого рабочего места или лист из сейфа.")  # fmt: skip
    if good.state == "proved":
        told = tr("«{label}»: копия от {day} цела, школа из неё восстанавливается.")
    return told.format(label=label, day=generation_day(good.generation))


def _broken(finding: Finding) -> str:
    told = tr(BROKEN[finding.state])
    return tr("{told} ({file})").format(told=told, file=finding.file) if finding.file else told


def _beside(checked: Checked, state: BackupState, row: DriveRow | None) -> list[str]:
    """Say what the register told of this drive and is no more, and which other drive has a newer copy."""
    said, here = [], checked.good.generation if checked.good is not None else ""
    if row is not None and row.generation and row.generation not in checked.names:
        told = tr("Копии от {day}, которая записана за ним в реестре, на нём нет.")
        said.append(told.format(day=generation_day(row.generation)))
    others = [each for each in state.used if each.id != checked.card and each.generation > here]
    if others:
        newest = max(others, key=lambda each: each.generation)
        told = tr("На носителе «{label}» копия новее, от {day}.") if here else tr(
            "На носителе «{label}» есть копия от {day}.")  # fmt: skip
        said.append(told.format(label=newest.label, day=generation_day(newest.generation)))
    return said


def _now(checked: Checked, row: DriveRow | None) -> str:
    if _is_well(checked, row):
        return tr("Носитель можно вернуть на место.")
    if checked.findings and checked.findings[0].state == "newer":
        return tr("Обновите программу и проверьте ещё раз.")
    if checked.findings and not checked.findings[0].good:
        return tr("Сделайте новую копию (Ctrl+N); если повторится, спишите носитель (Ctrl+U).")
    return tr("Сделайте новую копию: Ctrl+N.")

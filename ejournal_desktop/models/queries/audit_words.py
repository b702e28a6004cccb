"""What lines of the log of events are called, in the words of the school's office."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from ejournal_core.changes import Change
from ejournal_core.kinds import Fields, Role
from ejournal_core.policy import PARAMETERS
from ejournal_desktop.models.queries.staff import ROLES

Matter = Literal["sign_in", "papers", "workplaces", "people", "rules", "copies"]

#: What events are about, in the order of the chooser.
MATTERS: dict[Matter, str] = {
    "sign_in": "Входы и пароли",
    "workplaces": "Рабочие места",
    "people": "Люди и роли",
    "papers": "Документы и файлы",
    "rules": "Правила и периоды",
    "copies": "Копии и уничтожение",
}

#: What an `AuditEvent` is about, and its words; `{n}` is its number.
EVENTS: dict[str, tuple[Matter, str]] = {
    "signed_in": ("sign_in", "вход в журнал"),
    "unlocked": ("sign_in", "журнал разблокирован"),
    "wrong_password": ("sign_in", "неверный пароль, попыток: {n}"),
    "password_changed": ("sign_in", "пароль изменён"),
    "printed": ("papers", "напечатано"),
    "exported": ("papers", "сохранено в файл"),
    "copied": ("papers", "скопировано в буфер обмена"),
    "attachment_opened": ("papers", "файл урока открыт в другой программе"),
    "attachment_saved": ("papers", "файл урока сохранён отдельно"),
    "log_exported": ("papers", "журнал событий выгружен, строк: {n}"),
    "person_report": ("papers", "справка обо всех сведениях о человеке"),
    "person_data_given": ("papers", "сервер собрал все сведения о человеке, записей: {n}"),
    "backup_viewed": ("copies", "просмотр резервной копии"),
    "drive_checked": ("copies", "носитель с копиями проверен"),
    "unusual_put_away": ("rules", "необычное просмотрено и убрано из списка"),
    "pairing_approved": ("workplaces", "рабочее место впущено"),
    "pairing_refused": ("workplaces", "рабочему месту отказано"),
    "workstation_renamed": ("workplaces", "рабочее место переименовано"),
    "workstation_revoked": ("workplaces", "рабочее место отозвано"),
    "desk_revoked": ("workplaces", "журнал на рабочем месте отозван"),
    "person_revoked": ("people", "сотрудник отозван отовсюду"),
    "person_left": ("people", "сотрудник ушёл"),
    "person_returned": ("people", "сотрудник вернулся"),
    "readmitted": ("workplaces", "отложенное возвращено в журнал"),
    "dismissed": ("workplaces", "отложенное отклонено"),
    "recovery_key_made": ("copies", "сделан ключ восстановления"),
    "recovery_key_confirmed": ("copies", "лист восстановления проверен"),
    "backup_made": ("copies", "сделана резервная копия"),
}

#: Short codes of papers and files that events name, where a person knows them by another word.
DETAILS: dict[str, str] = {
    "summary-sheet": "сводная ведомость",
    "year-book": "годовая копия журнала",
    "results-page": "итоги по странице",
    "attendance-map": "карта посещаемости",
    "carrier-act": "акт о носителе",
    "copy-proved": "копия цела и восстанавливается",
    "copy-whole": "файлы копии целы",
    "copy-broken": "копия повреждена",
    "copy-earlier": "цела более ранняя копия",
    "copy-none": "копий школы на нём нет",
    "copy-unknown": "копию эта программа не прочла",
    "substitutions": "замены дня",
    "drives": "для носителей",
    "daily": "ежедневная, на самом сервере",
    "csv": "таблица CSV",
    "pdf": "документ PDF",
    "json": "файл JSON",
    "data-destruction-act": "акт об уничтожении сведений",
    "copy-differences": "сравнение класса с копией",
    "marks": "клетки журнала",
    "lesson": "тема и домашнее задание",
    "people": "сотрудники",
    "person": "сведения о человеке",
    "events": "журнал событий",
    "class-results": "итоги класса",
    "family-sheet": "лист семьи",
    "readiness": "готовность журналов",
    "corrections": "замена сведений",
}

Told = tuple[Matter, str]
Name = Callable[[str | None], str]


def told(change: Change, fields: Fields, name_of: Name) -> Told | None:
    """Return what a line is about and its words; None for what is no affair of the administration.

    Args:
        fields: of the record as it stands, where the line itself names less.
        name_of: short names by person id.
    """
    says = _SAYS.get(change.kind)
    return says(change, {**fields, **change.set}, name_of) if says is not None else None


def _event(_change: Change, now: Fields, name_of: Name) -> Told | None:
    known = EVENTS.get(str(now.get("event")))
    if known is None:
        return None
    matter, text = known
    words = text.format(n=now.get("number") or 0)
    detail = str(now.get("detail") or "")
    whom = name_of(str(now.get("person_id"))) if now.get("by") else ""
    return matter, _joined(words, DETAILS.get(detail, detail), whom)


def _role(change: Change, now: Fields, name_of: Name) -> Told:
    title = ROLES.get(cast("Role", now.get("role")), str(now.get("role")))
    done = "назначена роль" if change.act == "create" else "роль снята" if now.get("voided") else "роль изменена"
    until = f"по {_day(now.get('until'))}" if now.get("until") else ""
    return "people", _joined(f"{done}: {title}", name_of(str(now.get("person_id"))), until)


def _person(change: Change, now: Fields, name_of: Name) -> Told:
    done = "внесён сотрудник" if change.act == "create" else "сотрудник убран" if now.get("voided") else (
        "исправлены сведения о сотруднике")  # fmt: skip
    return "people", _joined(done, name_of(change.record))


def _code(change: Change, now: Fields, name_of: Name) -> Told:
    if change.act != "create":
        done = "код вручён под подпись"
    else:
        done = "выдан новый код вместо пароля" if now.get("reason") == "reset" else "выдан код для входа"
    second = name_of(str(now.get("second_id") or ""))
    return "people", _joined(done, name_of(str(now.get("person_id"))), f"подтверждает {second}" if second else "")


def _certificate(change: Change, now: Fields, name_of: Name) -> Told:
    whose = name_of(str(now.get("person_id")))
    if now.get("subject_kind") == "signer":
        return "people", _joined("сертификат для подписи документов", whose)
    if change.set.get("voided"):
        return "workplaces", _joined("журнал больше не принимается", whose)
    if "confirmed" in change.set and change.act == "change":
        done = "новое рабочее место подтверждено" if now.get("confirmed") == "yes" else "«это не я»: место остановлено"
        return "sign_in", _joined(done, whose)
    return "sign_in", _joined("первый вход на рабочем месте", whose, "по новому коду" if now.get("after_reset") else "")


def _setting(change: Change, now: Fields, _name_of: Name) -> Told:
    named = PARAMETERS.get(change.record)  # its code is for docs/policies.md; a newer server may know more of them
    title = f"«{named.title}»" if named is not None else change.record
    return "rules", _joined(f"правило {title}: {now.get('value')}", str(now.get("basis") or ""))


def _closing(_change: Change, now: Fields, _name_of: Name) -> Told:
    return "rules", "период закрыт" if now.get("closed") else "период открыт"


def _paper(_change: Change, now: Fields, _name_of: Name) -> Told:
    return "papers", _joined("документ выдан с подписью", str(now.get("title") or ""))


def _destruction(change: Change, now: Fields, _name_of: Name) -> Told:
    done = "уничтожение подтверждено" if change.set.get("confirmed_by") else "распоряжение об уничтожении"
    return "copies", _joined(done, f"акт № {now.get('act_number')}")


def _epoch(_change: Change, now: Fields, _name_of: Name) -> Told:
    return "copies", _joined("школа восстановлена из копии", str(now.get("reason") or ""))


def _drive(change: Change, now: Fields, _name_of: Name) -> Told:
    done = "носитель внесён в реестр" if change.act == "create" else "запись о носителе"
    return "copies", _joined(done, str(now.get("label") or ""))


def _act(_change: Change, now: Fields, _name_of: Name) -> Told:
    done = {"custody": "носитель передан", "destruction": "носитель уничтожен", "sheet": "лист восстановления на месте"}
    return "copies", _joined(done.get(str(now.get("what")), ""), str(now.get("room") or ""))


def _clock(_change: Change, now: Fields, name_of: Name) -> Told:
    return "workplaces", _joined("часы компьютера переведены", name_of(str(now.get("person_id"))))


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _day(text: object) -> str:
    year, month, day = (*str(text).split("-"), "", "")[:3]
    return f"{day}.{month}.{year}"


_SAYS: dict[str, Callable[[Change, Fields, Name], Told | None]] = {
    "AuditEvent": _event, "RoleGrant": _role, "Person": _person, "CredentialIssue": _code,
    "Certificate": _certificate, "PolicySetting": _setting, "PeriodClosing": _closing, "IssuedDocument": _paper,
    "Destruction": _destruction, "Epoch": _epoch, "BackupDrive": _drive, "BackupAct": _act, "ClockJump": _clock,
}  # fmt: skip

#: Kinds that the log of events tells of.
LOGGED = frozenset(_SAYS)

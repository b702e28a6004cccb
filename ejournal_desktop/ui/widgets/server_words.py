"""What this PC last heard of the school's server, said line by line."""

from __future__ import annotations

from datetime import datetime

from ejournal_desktop.models.pages import SyncState
from ejournal_desktop.ui.widgets.pill import alarm_of
from ejournal_desktop.ui.words import ENTRY, count, moment, span, tr


def server_words(state: SyncState, now: datetime) -> str:
    """Return the last contact, the fingerprint of the school's log, and whatever else is worth a line."""
    lines = [_away(state), _contact(state, now), _files(state), _tree(state), _compared(state, now), _clocks(state),
             _restored(state)]  # fmt: skip
    return "\n".join(line for line in lines if line)


def _files(state: SyncState) -> str:
    if not state.files_leaving:
        return ""
    told = tr("На сервер ещё не ушли целиком: {n}. Здесь всё сохранено и уйдёт само.")
    return told.format(n=count(state.files_leaving, ("файл", "файла", "файлов")))


def _away(state: SyncState) -> str:
    return "" if state.closed or alarm_of(state) else state.problem


def _contact(state: SyncState, now: datetime) -> str:
    if state.last_contact is None:
        return tr("С сервером школы этот журнал ещё не обменивался.")
    told = tr("Последний обмен: {when} ({ago} назад), {name}.")
    ago = span((now - state.last_contact).total_seconds())
    return told.format(when=moment(state.last_contact, now), ago=ago, name=state.server_name or tr("сервер школы"))


def _tree(state: SyncState) -> str:
    if not state.tree_size:
        return ""
    told = tr("Журнал школы: {n}, отпечаток {root}. Его же печатают на ведомостях: по нему видно подмену.")
    return told.format(n=count(state.tree_size, ENTRY), root=_grouped(state.tree_root))


def _compared(state: SyncState, now: datetime) -> str:
    if state.compared_at is None:
        return ""
    return tr("Содержание сверено с сервером: {when}, всё сошлось.").format(when=moment(state.compared_at, now))


def _clocks(state: SyncState) -> str:
    if not state.clocks_apart:
        return ""
    told = tr("Часы сервера и этого компьютера расходятся на {span}: до сверки с диска ничего не убирают.")
    return told.format(span=span(abs(state.clocks_apart)))


def _restored(state: SyncState) -> str:
    if not state.restored:
        return ""
    told = tr("Школу восстанавливали из копии: {n}. Прежние отпечатки хранятся здесь.")
    return told.format(n=count(state.restored, ("раз", "раза", "раз")))


def _grouped(root: str) -> str:
    return " ".join(root[i : i + 4] for i in range(0, len(root), 4))

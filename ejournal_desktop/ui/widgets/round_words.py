"""What each page of a round of copies says, and what its main button does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ejournal_desktop.backup.rounds import Proved, Seen, named
from ejournal_desktop.models.queries.drives import BackupState, DriveRow
from ejournal_desktop.ui.widgets.drive_row import place_words
from ejournal_desktop.ui.words import tr

#: insert: waits for a drive · ready: one of the register is in · unknown: one that may be registered is in · busy:
#: the server prepares, or a drive is written and proved · proved: it may be taken out · done: every drive has it.
Page = Literal["insert", "ready", "unknown", "busy", "proved", "done"]

#: What is done with every drive, and at which of these steps each page stands.
STEPS = ("вставить", "записать и проверить", "вынуть и отнести на место")
STEP_OF: dict[Page, int] = {"insert": 0, "unknown": 0, "ready": 1, "busy": 1, "proved": 2, "done": 2}


@dataclass(frozen=True)
class Words:
    """What a page says, and what its main button does; "" for a page on which there is nothing to press."""

    title: str
    text: str
    deed: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a round stands: what is plugged in, which drives have the copy, what the register says."""

    seen: Seen
    proved: Sequence[Proved]
    state: BackupState

    @property
    def name(self) -> str:
        """Return what people call the drive that the step is about, "" where there is none."""
        return named(self.seen.plugged) if self.seen.plugged is not None else ""

    @property
    def row(self) -> DriveRow | None:
        """Return that drive in the register."""
        card = self.seen.plugged.card if self.seen.plugged is not None else None
        return next((row for row in self.state.drives if card is not None and row.id == card.id), None)

    @property
    def number(self) -> int:
        """Return how many drives the round has."""
        return max(self.state.wanted, len(self.state.used))

    @property
    def waiting(self) -> tuple[DriveRow, ...]:
        """Return the drives of the register that lack the copy."""
        done = {each.drive.card.id for each in self.proved}
        return tuple(row for row in self.state.used if row.id not in done)

    @property
    def is_over(self) -> bool:
        """Say whether every drive has the copy."""
        return len({each.drive.card.id for each in self.proved}) >= self.number and not self.waiting


def step_words(page: Page, at: Standing) -> str:
    """Return «Носитель 1 из 2»."""
    number = min(len(at.proved) + (page not in ("proved", "done")), at.number)
    return tr("Носитель {n} из {all}").format(n=number, all=at.number)


def page_words(page: Page, at: Standing) -> Words:
    """Return what a page says."""
    says = {"ready": _ready, "unknown": _unknown, "busy": _busy, "proved": _proved, "done": _done, "insert": _insert}
    return says[page](at)


def _insert(at: Standing) -> Words:
    title = tr("Вставьте носитель")
    if not at.waiting:
        return Words(title, tr("Подойдёт любая флешка или внешний диск: программа предложит внести его в реестр."))
    names = "; ".join(f"«{row.label}» — {place_words(row)}" for row in at.waiting)
    return Words(title, tr("Ждут копию: {names}.").format(names=names))


def _ready(at: Standing) -> Words:
    place = place_words(at.row) if at.row is not None else ""
    text = tr("Хранится: {place}. Прежние копии останутся на нём, пока новая не проверена.").format(place=place)
    return Words(tr("Вставлен носитель «{name}»").format(name=at.name), text, tr("Записать копию"))


def _unknown(at: Standing) -> Words:
    if at.row is not None:
        text = tr("«{name}» в реестре списан. Если им снова пользуются, впишите, у кого он.").format(name=at.name)
        return Words(tr("Этот носитель списан"), text, tr("Вернуть в реестр"))
    text = tr(
        "Система называет его «{name}». Подпишите носитель и впишите, у кого и где он будет храниться. Файлы на нём "
        "останутся; чужой носитель просто выньте."
    )
    return Words(tr("Этого носителя в реестре нет"), text.format(name=at.name), tr("Внести в реестр"))


def _busy(at: Standing) -> Words:
    text = tr(
        "Не вынимайте его. Записанное читается заново с самого носителя: из первой копии для пробы восстанавливается "
        "вся школа, следующая сверяется с ней до байта. Только после этого копия считается сделанной."
    )
    return Words(tr("Копия пишется на носитель «{name}»").format(name=at.name), text)


def _proved(at: Standing) -> Words:
    title = tr("Копия проверена. Выньте носитель «{name}»").format(name=at.name or at.proved[-1].drive.card.label)
    if at.is_over:
        return Words(title, tr("Всё записано до конца, вынимать можно. Отнесите носитель на место."))
    text = tr("Всё записано до конца, вынимать можно. Отнесите его на место и вставьте следующий.")
    return Words(title, text)


def _done(at: Standing) -> Words:
    names = ", ".join(f"«{each.drive.card.label}»" for each in at.proved)
    text = tr(
        "{names}: всё прочитано заново, школа из копии восстановлена для пробы. Храните носители в разных помещениях. "
        "Меняется хранитель — передайте носитель по акту."
    )
    return Words(tr("Готово, копии проверены"), text.format(names=names), tr("Готово"))

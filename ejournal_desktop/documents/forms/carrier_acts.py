"""Acts about drives with backups: handing one over, and destroying one or an old generation on it (152-ФЗ).

What is not known yet stays a line to be written on by hand, so an act can be printed before the commission meets. The
fields of the destruction are those that an act must have (Роскомнадзор № 179): operator, whose data, who destroyed
them, which data, carrier and number of leaves, system, method, reason, date.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Literal

from msgspec import Struct

from ejournal_core import russian
from ejournal_desktop.documents import archive_pdf, data_copy, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.code_mark import CodeMark
from ejournal_desktop.documents.forms import requisites
from ejournal_desktop.documents.forms.requisites import Heading, SignatureLine
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import MM, Built, Paper, frame

SYSTEM: Final = "Электронный журнал школы (ejournal)"
LEAST_MEMBERS: Final = 3
UNNUMBERED: Final = "_____"

DUTIES: Final = (
    "Носитель хранится в названном помещении под замком, не вместе со вторым носителем; посторонним не передаётся.",
    "Копии на нём зашифрованы и открываются ключом администратора или листом восстановления из сейфа директора.",
    "О пропаже или порче в тот же день сообщают директору и администратору; найденный чужой носитель не подключают.",
)
PUPILS: Final = "обучающиеся школы, их законные представители, работники школы"
CATEGORIES: Final = (
    "фамилии, имена, отчества; классы; отметки, посещаемость и причины пропусков; сведения о родителях; "
    "записи учителей; учётные записи работников"
)
METHODS: Final = {
    "carrier": "измельчение, размагничивание; кем и где",
    "generations": "каталоги копий удалены целиком; новые копии доказаны восстановлением",
}


COPY: Final = ("резервная копия", "резервные копии", "резервных копий")
BY_HAND: Final = "______________"  # a name that nobody has told


class Carrier(Struct, frozen=True, kw_only=True):
    """A drive: what is written on it, its number, the id of its card."""

    label: str = ""
    serial: str = ""
    card_id: str = ""
    kind: str = "съёмный накопитель USB"


class Signer(Struct, frozen=True, kw_only=True):
    """A person by position and name."""

    position: str = ""
    name: str = ""

    @property
    def text(self) -> str:
        """Return both in one line, "" where neither is known."""
        return ", ".join(part for part in (self.position, self.name) if part)

    @property
    def short_name(self) -> str:
        """Return «Иванова М. П.»; a name of one word stays; for nobody a line to write a name on."""
        if not self.name:
            return requisites.NAME_BY_HAND
        return russian.short_name(*self.name.split(maxsplit=2)) if " " in self.name else self.name


class CustodyAct(Struct, frozen=True, kw_only=True):
    """Акт приёма-передачи носителя. `contents` says what lies on it."""

    school_full_name: str
    place: str = ""
    number: str = ""
    acted_on: date
    carrier: Carrier
    contents: str = ""
    room: str = ""
    reason: str = ""
    gives: Signer = Signer()
    takes: Signer = Signer()


class CarrierDestructionAct(Struct, frozen=True, kw_only=True):
    """Акт об уничтожении: of a whole carrier, or of old generations on one that goes on being used.

    Attributes:
        address: of the operator (the school).
        generations: names of the generations destroyed; () for all that lay there.
        persons, categories: whose data these were and which.
        log_extract: number of the extract of the event log that goes with the act.
        term: how long the act is kept, as the school's list of files says.
        commission: who destroyed, chairman first; empty places are drawn for whoever is not known.
    """

    school_full_name: str
    address: str = ""
    place: str = ""
    number: str = ""
    acted_on: date
    what: Literal["carrier", "generations"]
    carrier: Carrier
    generations: tuple[str, ...] = ()
    persons: str = PUPILS
    categories: str = CATEGORIES
    method: str = ""
    reason: str = ""
    log_extract: str = ""
    term: str = ""
    director: str = ""
    commission: tuple[Signer, ...] = ()


def build_custody_act(data: CustodyAct) -> Built:
    """Draw the act; the same data give the same bytes. It has empty signature fields `gives` and `takes`."""
    about = "носителя с резервными копиями школьного журнала"
    heading = Heading(
        data.school_full_name, data.place, "АКТ ПРИЁМА-ПЕРЕДАЧИ", (about,), data.acted_on,
        data.number or UNNUMBERED,
    )  # fmt: skip

    def draw(text: RunningText) -> None:
        text.field("Носитель", data.carrier.label, "надпись на нём")
        _draw_carrier(text, data.carrier)
        text.field("Что на нём", data.contents, "резервные копии, от какого числа; пустой")
        text.field("Причина передачи", data.reason, "на хранение, для записи копии, смена ответственного")
        text.field("Передаёт", data.gives.text, "должность, фамилия, имя, отчество")
        text.field("Принимает", data.takes.text, "должность, фамилия, имя, отчество")
        text.field("Где будет храниться", data.room, "помещение, сейф или шкаф")
        text.head("Стороны знают")
        text.points(DUTIES)
        _draw_signers(text, (SignatureLine("gives", "Передаёт", data.gives.short_name),
                             SignatureLine("takes", "Принимает", data.takes.short_name)))  # fmt: skip
        text.head("Возвращён")
        text.field("Кому, дата", "")
        text.field("Подписи", "", "вернул, принял")

    return _built("custody-act", "Акт приёма-передачи носителя", heading, data, draw)


def build_carrier_destruction_act(data: CarrierDestructionAct) -> Built:
    """Draw the act; the same data give the same bytes. Its signature fields are `member1`, `member2` …"""
    whole = data.what == "carrier"
    about = "персональных данных вместе с носителем" if whole else "персональных данных в старых резервных копиях"
    heading = Heading(
        data.school_full_name, data.place, "АКТ ОБ УНИЧТОЖЕНИИ", (about,), data.acted_on, data.number or UNNUMBERED,
        data.director or BY_HAND,
    )  # fmt: skip

    def draw(text: RunningText) -> None:
        text.field("Оператор, адрес", ", ".join(filter(None, (data.school_full_name, data.address))))
        text.field("Чьи данные", data.persons, "категории лиц или фамилии")
        text.field("Какие данные", data.categories, "перечень категорий")
        text.field("Информационная система", SYSTEM)
        text.field("Носитель", data.carrier.label, "надпись на нём")
        _draw_carrier(text, data.carrier)
        everything = "все копии, бывшие на нём" if whole else ""
        text.field("Уничтоженные копии", ", ".join(data.generations) or everything, "имена каталогов копий")
        text.field("Количество", "1 носитель; бумажных листов нет" if whole else _of_generations(data.generations))
        text.field("Способ", data.method, METHODS[data.what])
        text.field("Основание, причина", data.reason, "истёк срок; носитель испорчен; сменён ключ восстановления")
        text.field("Дата уничтожения", "")
        text.field("Выписка из журнала событий", data.log_extract, "номер, дата; прилагается")
        signers = _members(data.commission)
        below = requisites.signatures_height(signers)  # signatures alone on a leaf prove nothing
        text.field("Срок хранения акта", data.term, "по номенклатуре дел школы", 0 if data.commission else below)
        if data.commission:  # else its members write their names beside their signatures: one line is too short for all
            text.field("Комиссия", "; ".join(each.text for each in data.commission), below=below)
        _draw_signers(text, signers)

    return _built("carrier-destruction-act", "Акт об уничтожении", heading, data, draw)


def _of_generations(names: Sequence[str]) -> str:
    return f"{russian.counted(len(names), *COPY)}; бумажных листов нет" if names else ""


def _members(commission: Sequence[Signer]) -> tuple[SignatureLine, ...]:
    """Return the lines to sign on, the chairman's first: at least three, for a commission is not one person."""
    names = [each.short_name for each in commission]
    names += [requisites.NAME_BY_HAND] * (LEAST_MEMBERS - len(names))
    return tuple(
        SignatureLine(f"member{at}", "Член комиссии" if at > 1 else "Председатель комиссии", name)
        for at, name in enumerate(names, 1)
    )


def _draw_carrier(text: RunningText, carrier: Carrier) -> None:
    text.field("Вид носителя", carrier.kind)
    text.field("Заводской номер", carrier.serial, "с корпуса; если его нет — прочерк")
    if carrier.card_id:
        text.field("Номер по карточке носителя", carrier.card_id)


def _built(form: str, title: str, heading: Heading, data: Struct, draw: Callable[[RunningText], None]) -> Built:
    copy = data_copy.canonical(form, data)
    mark = CodeMark(form, heading.number.strip("_") or heading.issued_on.isoformat(), data_copy.sha256(copy))
    paper, page = Paper(), frame()
    text = RunningText(paper, page, mark, requisites.draw_heading(paper, page, heading) - 3 * MM)
    draw(text)
    text.end_page()
    said = f"{title} № {heading.number} от {words.day_in_words(heading.issued_on)}"
    about = About(said, heading.school_full_name, heading.issued_on, f"{form}.json", copy)
    pdf = archive_pdf.conforming(paper.finish(), about, paper.signature_fields)
    return Built(pdf, mark.data_sha256, paper.pages, paper.leaves)


def _draw_signers(text: RunningText, lines: tuple[SignatureLine, ...]) -> None:
    height = requisites.signatures_height(lines)
    text.room(height)
    requisites.draw_signatures(text.paper, text.page.left, text.y, lines)
    text.gap(height)

"""Лист восстановления: the one place where the backup-recovery key stands, for the director's safe.

In groups with check signs for whoever types it, in one line for the public tool `age`, as a code for a scanner. A sheet
is a secret: it has no machine-readable copy inside and no number in any register.
"""

from __future__ import annotations

from typing import Final

from ejournal_core import key_sheet
from ejournal_core.handouts import RecoveryHandout
from ejournal_desktop.documents import archive_pdf, code_mark, fonts, words
from ejournal_desktop.documents.archive_pdf import About
from ejournal_desktop.documents.forms.running_text import RunningText
from ejournal_desktop.documents.paper import HAIRLINE, MM, RULE, Built, Paper, frame

TITLE: Final = "ЛИСТ ВОССТАНОВЛЕНИЯ"
MONO: Final = "FiraCode"
CODE_SIDE: Final = 46 * MM
GROUP_SIZE: Final = 21.0
GROUP_STEP: Final = 10.2 * MM
LINE_SIZE: Final = 10.5
SMALL: Final = 9.5
KEPT_ROWS: Final = 6

WARNING: Final = (
    "Кто держит этот лист и носитель с копией, прочитает весь журнал школы.\n"
    "Не фотографировать, не копировать, не пересылать."
)
OPENS: Final = (
    "Все резервные копии, сделанные с этим ключом, с приложенными файлами, и закрытые ключи школьного сервера. "
    "Без него из копии нельзя восстановить школу. Второго такого листа у программы нет."
)
KEEP: Final = (
    "В сейфе директора, в закрытом конверте с подписью поперёк клапана, не в одном помещении с носителями. "
    "На компьютерах учителей ключ не набирают никогда."
)
CHECK: Final = (
    "На сервере: «ejournal-server backup-keys --check»; наберите группы по порядку, вместе со знаком после дефиса. "
    "Этот знак находит описку в своей группе. Букв O, I, B и цифры 1 в группах не бывает, 0 — всегда ноль."
)
RESTORE: Final = (
    "На новом сервере: «sudo ejournal-server restore» спросит обо всём по порядку; ключ наберите группами с этого "
    "листа. Без этой программы: строку AGE-SECRET-KEY-1… в файл, «age --decrypt --identity ФАЙЛ base.age | "
    "zstd --decompress», файл потом удалите."
)
LOST: Final = (
    "Лист пропал, испорчен, его видел посторонний, сменился администратор или директор: в тот же день сделайте "
    "новый ключ («backup-keys --replace»), новые копии на оба носителя и новый лист; прежние уничтожьте по акту."
)


def build_recovery_sheet(data: RecoveryHandout) -> Built:
    """Draw the sheet; the same data give the same bytes.

    Raises:
        NoKey: `data.secret` is no age key.
    """
    paper, page = Paper(), frame()
    text = RunningText(paper, page)
    _draw_head(text, data)
    _draw_key(text, data)
    for head, said in (
        ("Что открывает", OPENS), ("Где хранить", KEEP), ("Как проверить", CHECK), ("Как восстановить", RESTORE),
        ("Если пропал", LOST),
    ):  # fmt: skip
        _draw_advice(text, head, said)
    _draw_keepers(text)
    text.end_page()
    about = About(f"Лист восстановления {key_sheet.fingerprint(data.recipient)}", data.school_name, data.made_on)
    return Built(archive_pdf.conforming(paper.finish(), about, ()), "", paper.pages, paper.leaves)


def _draw_head(text: RunningText, data: RecoveryHandout) -> None:
    text.paragraph(data.school_name, size=10, align="centre")
    text.gap(2 * MM)
    text.paragraph(TITLE, fonts.SERIF_BOLD, 19, "centre")
    text.paragraph("ключ к резервным копиям школьного журнала", size=11, align="centre")
    text.paragraph(f"сделан {words.day_in_words(data.made_on)}", size=11, align="centre")
    text.gap(3 * MM)
    page, paper = text.page, text.paper
    lines = fonts.wrap(WARNING, fonts.SERIF_BOLD, SMALL, page.width - 8 * MM)
    top = text.y
    text.y = paper.put_lines(page.centre, top - 2 * MM, lines, fonts.SERIF_BOLD, SMALL, "centre") - 2.2 * MM
    paper.box(page.left, text.y, page.right, top, RULE)
    text.gap(4 * MM)


def _draw_key(text: RunningText, data: RecoveryHandout) -> None:
    """Draw the groups in two columns, the code beside them, the line and the public half below."""
    page, paper, top = text.page, text.paper, text.y
    groups = key_sheet.groups(data.secret)
    rows = -(-len(groups) // 2)
    column = (page.width - CODE_SIDE - 4 * MM) / 2
    for at, group in enumerate(groups):
        x, y = page.left + at // rows * column, top - (at % rows + 1) * GROUP_STEP
        paper.put(x + 7 * MM, y + 2.4 * MM, f"{at + 1}.", fonts.SERIF, 10, "right")
        paper.put(x + 9 * MM, y + 2.2 * MM, group, fonts.register(MONO), GROUP_SIZE)
    code_mark.draw_modules(paper, data.secret, page.right - CODE_SIDE, top - CODE_SIDE, CODE_SIDE)
    text.y = top - max(rows * GROUP_STEP, CODE_SIDE) - 2 * MM
    paper.rule(page.left, text.y, page.right, text.y, HAIRLINE)
    text.gap(1.5 * MM)
    text.paragraph("То же одной строкой:", fonts.SERIF, SMALL)
    text.paragraph(data.secret, MONO, fonts.fitted(data.secret, fonts.register(MONO), LINE_SIZE, page.width))
    text.gap(1.5 * MM)
    text.paragraph("Открытая половина (не тайна; названа в каталоге каждой копии):", fonts.SERIF, SMALL)
    text.paragraph(data.recipient, MONO, 9)
    text.paragraph(f"Отпечаток открытой половины: {key_sheet.fingerprint(data.recipient)}", fonts.SERIF_BOLD, SMALL)
    text.gap(1.5 * MM)
    paper.rule(page.left, text.y, page.right, text.y, HAIRLINE)
    text.gap(2 * MM)


def _draw_advice(text: RunningText, head: str, said: str) -> None:
    indent = 33 * MM
    text.paper.put_lines(text.page.left, text.y, (head,), fonts.SERIF_BOLD, SMALL)
    text.paragraph(said, size=SMALL, indent=indent)
    text.gap(1.3 * MM)


def _draw_keepers(text: RunningText) -> None:
    heads = ("Дата", "Куда положен (сейф, номер конверта) или проверен", "Должность, фамилия, инициалы", "Подпись")
    text.gap(1 * MM)
    text.table(heads, (0.13, 0.37, 0.32, 0.18), [("",) * 4] * KEPT_ROWS, 7.5 * MM)

"""An act of destruction on paper: what the form needs, read from the journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.act_lines import ActLine, ActPeople, act_lines, act_people
from ejournal_desktop.models.queries.acts import ActRow
from ejournal_desktop.ui.words import tr

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.carrier_acts import Signer


def act_pdf(journal: Journal, row: ActRow) -> bytes:
    """Return the act with the extract of the log as PDF/A; the libraries of paper load now."""
    from ejournal_desktop.documents.forms.data_destruction_act import DataDestructionAct, build_data_destruction_act

    known, lines = act_people(journal), act_lines(journal, row.id)
    confirmed = next((line.at.date() for line in lines if line.confirms), None)
    upto = row.act.backup_upto
    data = DataDestructionAct(
        school_full_name=known.school, place=known.place, number=row.act.act_number, acted_on=row.act.act_date,
        whom=row.whom, matter=row.matter, basis=row.act.basis, destroyed_on=confirmed,
        ordered=_signer(known, row.act.ordered_by), confirmed=_signer(known, row.act.confirmed_by),
        lines=tuple(_told(known, line) for line in lines), proof=row.proof,
        copies=tr("до {upto} хранят содержание, пока их не заменят новые").format(upto=upto) if upto else tr(
            "сделанные раньше хранят содержание, пока их не заменят новые"),
    )  # fmt: skip
    return build_data_destruction_act(data).pdf


def file_name(number: str) -> str:
    """Return the number of an act as a part of a file's name: «12/к» names no folder."""
    return re.sub(r"[^\w.-]+", "-", number).strip("-.") or "1"


def _signer(known: ActPeople, person_id: str | None) -> Signer:
    from ejournal_desktop.documents.forms.carrier_acts import Signer

    position, name = known.people.get(person_id or "", ("", ""))
    return Signer(position=position, name=name)


def _told(known: ActPeople, line: ActLine) -> tuple[str, str, str, str]:
    what = tr("уничтожение подтверждено") if line.confirms else tr("распоряжение об уничтожении")
    return f"{line.at:%d.%m.%Y %H:%M}", str(line.number or "—"), known.people.get(line.author, ("", ""))[1], what

"""Acts about drives with backups, from the register onto paper; the libraries of paper load with the first of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.queries.drives import DriveRow, school_name
from ejournal_desktop.ui.widgets.drive_row import COPY, generation_day
from ejournal_desktop.ui.words import count, tr

if TYPE_CHECKING:
    from ejournal_desktop.documents.forms.carrier_acts import Signer


def custody_pdf(
    journal: Journal, row: DriveRow, day: date, *, gives: str, takes: str, room: str, reason: str, number: str
) -> bytes:
    """Return the act of handing a drive over; what is not known stays a line to be written on."""
    from ejournal_desktop.documents.forms.carrier_acts import Carrier, CustodyAct, build_custody_act

    contents = (
        tr("резервные копии журнала: {n}, последняя от {day}").format(
            n=count(row.held, COPY), day=generation_day(row.generation)
        )
        if row.generation
        else ""
    )
    act = CustodyAct(
        school_full_name=school_name(journal), number=number, acted_on=day,
        carrier=Carrier(label=row.label, serial=row.serial, card_id=row.id), contents=contents, room=room,
        reason=reason, gives=_signer(gives), takes=_signer(takes),
    )  # fmt: skip
    return build_custody_act(act).pdf


def destruction_pdf(journal: Journal, row: DriveRow, day: date, *, reason: str, number: str) -> bytes:
    """Return the act of destroying a drive with everything on it."""
    from ejournal_desktop.documents.forms.carrier_acts import (
        Carrier,
        CarrierDestructionAct,
        build_carrier_destruction_act,
    )

    act = CarrierDestructionAct(
        school_full_name=school_name(journal), number=number, acted_on=day, what="carrier",
        carrier=Carrier(label=row.label, serial=row.serial, card_id=row.id), reason=reason,
    )  # fmt: skip
    return build_carrier_destruction_act(act).pdf


def former_destroyed_pdf(
    journal: Journal, row: DriveRow, day: date, *, names: tuple[str, ...], reason: str, number: str
) -> bytes:
    """Return the act of destroying generations that a former recovery key opens; the drive goes on being used."""
    from ejournal_desktop.documents.forms.carrier_acts import (
        Carrier,
        CarrierDestructionAct,
        build_carrier_destruction_act,
    )

    act = CarrierDestructionAct(
        school_full_name=school_name(journal), number=number, acted_on=day, what="generations",
        carrier=Carrier(label=row.label, serial=row.serial, card_id=row.id), generations=names, reason=reason,
    )  # fmt: skip
    return build_carrier_destruction_act(act).pdf


def _signer(text: str) -> Signer:
    """Return who was named as «должность, фамилия имя отчество», or by the name alone."""
    from ejournal_desktop.documents.forms.carrier_acts import Signer

    position, comma, name = text.rpartition(",")
    return Signer(position=position.strip(), name=name.strip()) if comma else Signer(name=text.strip())

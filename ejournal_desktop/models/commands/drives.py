"""What is done about the drives with backups: they are registered, proved, handed over, lost, destroyed."""

from __future__ import annotations

from ejournal_core.kinds import BackupAct, BackupDrive, DriveStanding
from ejournal_desktop.models.change_set import ChangeSet
from ejournal_desktop.models.journal import Journal

MIB = 1024 * 1024
LARGEST = 100_000_000  # of a number in a record (`bounds.LARGEST`): 95 TiB in MiB


def keep_drive(
    journal: Journal, card: str, label: str, *, holder: str = "", room: str = "", serial: str = ""
) -> ChangeSet:
    """Внести носитель в реестр, или записать о нём иначе; потерянный нашёлся — им снова пользуются.

    Args:
        card: the id on the drive's own card.

    Raises:
        Refusal: it has no label (EJ-530), or this person keeps no register (EJ-531).
    """
    with journal.write() as write:
        known = write.facts.get(BackupDrive, card)
        since = known.since if known is not None else journal.clock().date()
        write.edit(
            BackupDrive, card, school_id=journal.identity.school, label=label.strip(), holder=holder.strip(),
            room=room.strip(), serial=serial.strip(), since=since, standing="used",
        )  # fmt: skip
    return write.changes


def record_proof(journal: Journal, card: str, generation: str, *, held: int, free: int, sheet: str = "") -> ChangeSet:
    """Записать, что копия на носителе доказана пробным восстановлением.

    Args:
        held: generations on the drive. free: bytes left on it.
        sheet: fingerprint of the recovery key that opens the generation.
    """
    with journal.write() as write:
        write.edit(
            BackupDrive, card, generation=generation, proved_at=journal.clock().isoformat(timespec="seconds"),
            held=held, free_mib=min(free // MIB, LARGEST), sheet=sheet,
        )  # fmt: skip
    return write.changes


def record_unproved(journal: Journal, card: str, *, held: int, free: int) -> ChangeSet:
    """Записать, что копия, которая была проверена на носителе, больше не годится или её там нет.

    Args:
        held, free: as for `record_proof`.
    """
    with journal.write() as write:
        write.edit(
            BackupDrive, card, generation="", proved_at="", held=held, free_mib=min(free // MIB, LARGEST), sheet="",
        )  # fmt: skip
    return write.changes


def record_custody(
    journal: Journal, card: str, *, takes: str, room: str, gives: str = "", number: str = "", reason: str = "",
) -> ChangeSet:  # fmt: skip
    """Передать носитель: записать акт, а в реестре — нового хранителя и место.

    Raises:
        Refusal: the act says too little (EJ-530), or this person keeps no register (EJ-531).
    """
    with journal.write() as write:
        write.edit(
            BackupAct, write.new_id(), school_id=journal.identity.school, what="custody", drive_id=card,
            acted_on=journal.clock().date(), number=number.strip(), gives=gives.strip(),
            takes=takes.strip(), room=room.strip(), reason=reason.strip(),
        )  # fmt: skip
        write.edit(BackupDrive, card, holder=takes.strip(), room=room.strip())
    return write.changes


def put_away_drive(
    journal: Journal, card: str, standing: DriveStanding, *, number: str = "", reason: str = ""
) -> ChangeSet:
    """Записать, что носитель потерян, сломан или уничтожен; уничтоженный — с актом.

    Raises:
        Refusal: as `record_custody`.
    """
    with journal.write() as write:
        if standing == "destroyed":
            write.edit(
                BackupAct, write.new_id(), school_id=journal.identity.school, what="destruction", drive_id=card,
                acted_on=journal.clock().date(), number=number.strip(), reason=reason.strip(),
            )  # fmt: skip
        write.edit(BackupDrive, card, standing=standing)
    return write.changes


def record_sheet(journal: Journal, sheet: str) -> ChangeSet:
    """Записать, что лист восстановления в сейфе сегодня проверен.

    Args:
        sheet: fingerprint of its key.
    """
    with journal.write() as write:
        write.edit(
            BackupAct, write.new_id(), school_id=journal.identity.school, what="sheet", sheet=sheet,
            acted_on=journal.clock().date(),
        )  # fmt: skip
    return write.changes


def record_former_destroyed(
    journal: Journal, card: str, former: str, *, held: int, free: int, number: str = "", reason: str = ""
) -> ChangeSet:
    """Записать акт: копии прежнего ключа восстановления на носителе уничтожены; носителем пользуются дальше.

    Args:
        former: fingerprint of the key that opened them. held, free: as for `record_proof`.

    Raises:
        Refusal: as `record_custody`.
    """
    with journal.write() as write:
        write.edit(
            BackupAct, write.new_id(), school_id=journal.identity.school, what="destruction", drive_id=card,
            acted_on=journal.clock().date(), number=number.strip(), reason=reason.strip(), sheet=former,
        )  # fmt: skip
        write.edit(BackupDrive, card, held=held, free_mib=min(free // MIB, LARGEST))
    return write.changes

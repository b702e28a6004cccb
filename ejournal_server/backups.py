"""What the administrator does with backups at the server: make the keys, back up, verify, restore."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from ejournal_core.age_file import BackupIdentity, NoKey, NoMatchingKey
from ejournal_core.archive import Catalogue, DamagedArchive, Proof
from ejournal_core.errors import Trouble
from ejournal_core.key_sheet import fingerprint, read_typed
from ejournal_server import audit_log, epochs, generations, keys, restore, which_copy
from ejournal_server import folder as folders
from ejournal_server.epochs import Opening
from ejournal_server.folder import Config, Office
from ejournal_server.generations import CATALOGUE, Recipients, SchoolKeys
from ejournal_server.restore import StoreNotEmpty
from ejournal_server.store.database import migrate, open_store

logger = logging.getLogger(__name__)

BLOCKS = Path("/sys/dev/block")  # Linux names its drives and their partitions there by the numbers of devices


# --- keys ----------------------------------------------------------------------------------------------------------


class FolderFailed(Trouble):
    """A folder or file named on the command line cannot be read or written; the copies made before are good."""

    code: ClassVar[str] = "EJ-359"

    @classmethod
    def of(cls, error: OSError, place: Path | str = "") -> FolderFailed:
        """Return the trouble of what the system says about a place."""
        return cls("a folder or file failed", place=str(place or error.filename), errno=error.errno or 0)


class OneDrive(Trouble):
    """Two folders for a backup are one, or lie on one drive; `details` name both. Nothing is made."""

    code: ClassVar[str] = "EJ-439"


class RecoveryKeyExists(Trouble):
    """There is a recovery key already; a new one must be asked for, because old backups open with the old one only."""

    code: ClassVar[str] = "EJ-355"


def new_recovery_key(
    office: Office,
    administrator: str = "",
    *,
    replace: bool = False,
    hand_over: Callable[[BackupIdentity], None] = lambda _: None,
) -> BackupIdentity:
    """Make a recovery key, keep its public half with the administrator's, and return it.

    The secret half is kept nowhere. Earlier generations still open with the earlier key only.

    Args:
        hand_over: prints the key, once; when it fails nothing is kept, so nothing is sealed to a key that nobody has.

    Raises:
        NoKey: `administrator` is no age recipient.
        RecoveryKeyExists: there is one, and `replace` was not said.
    """
    if administrator:
        generations.check_recipient(administrator)
    if not replace and (office.folder / generations.RECIPIENTS).exists():
        raise RecoveryKeyExists("a recovery key was made before")
    made = BackupIdentity.new()
    hand_over(made)
    generations.keep_recipients(office.folder, Recipients(recovery=made.recipient, administrator=administrator))
    with office.authority.store.write() as tx:
        told = audit_log.event("recovery_key_made", detail=fingerprint(made.recipient))
        audit_log.tell(office.authority, tx, told)
    logger.info("recovery key made", extra={"recipient": made.recipient, "administrator": administrator})
    return made


# --- making and verifying ------------------------------------------------------------------------------------------


def back_up(office: Office, targets: Sequence[Path], secret: str = "") -> Catalogue:
    """Make a generation and copy it to the folders, one after the other; each copy is read back and compared.

    With the administrator's or the recovery secret the first copy is also proved by rebuilding it. The others are read
    back as the same bytes, so what they would give is proved with it.

    Raises:
        NoRecipients: nobody has made the recovery key.
        NoKey, NoMatchingKey: the secret is none, or would not open the copies; nothing is made.
        ForeignArchive: a folder holds another school's backups; nothing is made.
        DamagedArchive: a copy is not what was made; the copies before it are good.
        FolderFailed: a folder cannot be written; the copies before it are good.
    """
    if secret:
        check_identity(office, secret)
    for target in targets:
        with naming(target):
            which_copy.see_it_is_ours(target, office.authority.school)
    catalogue = generations.back_up(office.authority, office.folder, office.ca_pem)
    made = generations.own_folder(office.folder) / catalogue.generation
    for number, target in enumerate(targets):
        with naming(target):
            copy = _copy(made, target)
            if restore.read_generation(copy, catalogue.server_key) != catalogue:
                raise DamagedArchive("the catalogue is another one", file=CATALOGUE)
            if secret and number == 0:
                restore.prove_generation(copy, secret, catalogue)
        logger.info("backup copied", extra={"folder": str(target), "generation": catalogue.generation})
    return catalogue


def check_media(targets: Sequence[Path]) -> None:
    """See that every folder is there, each on a drive of its own, before anything is made.

    One that is not there belongs to a drive that is not plugged in: made by us it would lie on the server's own disk,
    and be called a backup. Two on one drive would be lost together.

    Raises:
        FolderFailed: one is missing, no folder, or closed to us; nothing is made.
        OneDrive: two are the same, or lie on one drive; nothing is made.
    """
    seen: dict[str, Path] = {}
    for target in targets:
        if not target.is_dir():
            reason = errno.ENOTDIR if target.exists() else errno.ENOENT
            raise FolderFailed("no such folder", place=str(target), errno=reason)
        if not os.access(target, os.W_OK | os.X_OK):
            raise FolderFailed("a folder that is closed to us", place=str(target), errno=_why_closed(target))
        other = seen.setdefault(drive_of(target), target)
        if other is not target:
            raise OneDrive("two folders on one drive", first=str(other), second=str(target))


def _why_closed(target: Path) -> int:
    read_only = os.name == "posix" and os.statvfs(target).f_flag & os.ST_RDONLY
    return errno.EROFS if read_only else errno.EACCES


def drive_of(place: Path) -> str:
    """Return what tells the drive of a folder from others; two partitions are one drive where the system says so."""
    device = place.stat().st_dev
    if os.name == "posix":
        block = BLOCKS / f"{os.major(device)}:{os.minor(device)}"
        if (block / "partition").exists():
            return block.resolve().parent.name
    return str(device)


def same_disk(data: Path, targets: Sequence[Path]) -> list[Path]:
    """Return the folders that lie on the disk of the school's own data: with it they would be lost together."""
    return [target for target in targets if data.exists() and drive_of(target) == drive_of(data)]


def check_identity(office: Office, secret: str) -> None:
    """See that the identity will open what is about to be made, before anything is.

    Raises:
        NoKey, NoMatchingKey: it is none, or would not.
    """
    recipients = generations.read_recipients(office.folder)
    if BackupIdentity.of(secret).recipient not in (recipients.recovery, recipients.administrator):
        raise NoMatchingKey("the backup would be sealed to other keys")


def read_secret(file: Path) -> str:
    """Read an identity file as `age` makes it, or a sheet as somebody typed it off: one line, or ten groups.

    Raises:
        FolderFailed: it cannot be read.
        NoKey: there is no key in it.
    """
    with naming(file):
        text = file.read_text(encoding="utf-8", errors="replace")
    with contextlib.suppress(NoKey):
        return BackupIdentity.of(text).secret
    typed = read_typed(text)
    if not typed.secret:
        raise NoKey("no key in the file")
    return typed.secret


@contextlib.contextmanager
def naming(place: Path) -> Iterator[None]:
    """Let what the system says of a place become a sentence that names it.

    Raises:
        FolderFailed: it could not be read or written.
    """
    try:
        yield
    except OSError as error:
        raise FolderFailed.of(error, place) from None


def _copy(made: Path, target: Path) -> Path:
    """Copy a generation; under its own name it is there whole or not at all."""
    unfinished = target / f".{made.name}.new"
    shutil.rmtree(unfinished, ignore_errors=True)  # of a killed run
    unfinished.mkdir(parents=True)
    try:
        for file in sorted(made.iterdir()):
            with file.open("rb") as source, (unfinished / file.name).open("xb") as sink:
                shutil.copyfileobj(source, sink, 1024 * 1024)
                sink.flush()
                os.fsync(sink.fileno())
        generations.flush_folder(unfinished)
        unfinished.rename(target / made.name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    generations.flush_folder(target / made.name)  # on FAT a renamed folder leads nowhere until it is flushed again
    generations.flush_folder(target)
    return target / made.name


def find_generation(folder: Path) -> Path:
    """Return the folder itself if it is a generation, else the newest generation in it.

    Raises:
        NoBackupHere: there is none.
        DamagedArchive, NewerArchive: a later one, or the only one, has a catalogue that cannot be read or is missing.
        OSError: the folder cannot be read.
    """
    if (folder / CATALOGUE).is_file():
        return folder
    found = generations.generations(folder)
    if not found:
        raise which_copy.nothing_found(folder)
    newest = folder / found[-1]
    which_copy.see_nothing_later_is_broken(newest)
    return newest


def verify(folder: Path, secret: str = "") -> tuple[Catalogue, Proof | None]:
    """Compare a generation with its catalogue, and with a secret prove it by rebuilding everything.

    Raises:
        NoMatchingKey, DamagedArchive: it does not open or does not hold; the message names the file.
        FolderFailed: the drive cannot be read.
    """
    with naming(folder):
        generation = find_generation(folder)
        catalogue = restore.read_generation(generation)
        return catalogue, restore.prove_generation(generation, secret, catalogue) if secret else None


# --- restoring -----------------------------------------------------------------------------------------------------


def restore_school(
    source: Path,
    secret: str,
    data: Path,
    database: str | None = None,
    opening: Opening | None = None,
    others: Sequence[Path] = (),
) -> Proof:
    """Make an empty folder (and an empty database) the school's server again; all or nothing.

    Args:
        source: a generation, or a folder with generations, of which the newest is taken.
        secret: the recovery secret of the safe; no other opens the server's keys.
        data: the data folder of the new server; it must be missing or empty.
        database: PostgreSQL URL, None for the embedded store.
        opening: who decided and why: a new epoch begins, for desks may have seen more than the backup holds. None only
            to look at a backup, or where nothing was written after it: desks that know more refuse such a server.
        others: folders with other copies of the school; none of them may reach farther.

    Raises:
        ForeignArchive: the drive's card is another school's.
        OlderBackup: one of the others holds a newer generation.
        UnnamedDecision: the decision is not one of two people.
        StoreNotEmpty: there is something in the folder or in the database.
        NoMatchingKey, DamagedArchive: the generation does not open or does not hold; nothing is left behind.
        StoreUnusable: the database cannot be reached.
        FolderFailed: the backup cannot be read, or the data folder not written; nothing is left behind.
    """
    if opening is not None:
        epochs.check_opening(opening)
    if data.exists() and any(data.iterdir()):
        raise StoreNotEmpty("the folder is not empty")
    with naming(source):
        generation = find_generation(source)
        catalogue = which_copy.read_whole(generation)
        bundle = restore.keys_of(generation, secret, catalogue)
    for other in others:
        with naming(other):
            which_copy.see_it_reaches_farthest(catalogue, other)
    with naming(data), _unfinished(data) as unfinished:
        proof = _fill(unfinished, generation, secret, catalogue, bundle, database)
        if opening is not None:
            _open_epoch(unfinished, database, msgspec.structs.replace(opening, generation=catalogue.generation))
        if data.exists():
            data.rmdir()  # empty; a folder is not renamed over another one everywhere
        unfinished.rename(data)
        generations.flush_folder(data.parent)
    logger.info("school restored", extra={"school": catalogue.school, "generation": catalogue.generation})
    return proof


def _fill(
    unfinished: Path, generation: Path, secret: str, catalogue: Catalogue, bundle: SchoolKeys, database: str | None
) -> Proof:
    master = _master(unfinished, catalogue.school)
    restore.put_keys(unfinished, master.key, bundle)
    keys.write_private(unfinished / folders.CA, bundle.ca_certificate.encode())
    generations.keep_recipients(unfinished, bundle.recipients)
    key = keys.derive(master.key, "store")
    store = open_store(database, unfinished / folders.STORE, key, catalogue.school)
    with contextlib.closing(store):
        migrate(store)
        with naming(generation):
            proof = restore.rebuild(store, generation, secret, catalogue)
    keys.write_private(unfinished / folders.CONFIG, msgspec.json.encode(Config.of(catalogue.school, database)))
    generations.flush_folder(unfinished)
    return proof


def _open_epoch(unfinished: Path, database: str | None, opening: Opening) -> None:
    with contextlib.closing(folders.open_office(unfinished, database)) as office:
        epochs.open_epoch(office.authority, opening)


def _master(folder: Path, school: str) -> keys.Master:
    """Return a fresh master key; one that this machine keeps for the school already may still open the lost store."""
    try:
        return keys.find_master(folder, school)
    except keys.KeyMissing:
        return keys.new_master(folder, school)


@contextlib.contextmanager
def _unfinished(data: Path) -> Iterator[Path]:
    folder = data.with_name(f".{data.name}.restoring")
    shutil.rmtree(folder, ignore_errors=True)  # of a killed run
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # nothing is left here when all went well

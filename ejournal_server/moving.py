"""Take a school to another store, or let a second server join it.

A school moves by being written again line by line, as a restore does. Three steps, each of which may be the last one
before a power cut, and none of which leaves two stores that both go on: the new store is whole, the old one takes
nothing more, the folder names the new one. Said again, the move goes on where it ended.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
from pathlib import Path
from typing import ClassVar

import msgspec

from ejournal_core import seal, wire
from ejournal_core.archive import Proof
from ejournal_core.errors import Trouble
from ejournal_core.rebuilding import Prover
from ejournal_core.wire import TreeHead
from ejournal_server import blobs, keys
from ejournal_server import folder as folders
from ejournal_server.authority import Authority, stamp
from ejournal_server.folder import Config, Office, StoreElsewhere
from ejournal_server.generations import RECIPIENTS, SchoolLines, flush_folder
from ejournal_server.restore import Rewriting, StoreNotEmpty
from ejournal_server.store import blobs as store_of_blobs
from ejournal_server.store import log, whole
from ejournal_server.store.database import Store, Transaction, migrate, open_store

logger = logging.getLogger(__name__)


class NotTheSame(Trouble):
    """What was written into the new store is not what the old one holds; the old one goes on."""

    code: ClassVar[str] = "EJ-428"


class StrangeKeys(Trouble):
    """The keys of the folder and the school in the database do not belong together."""

    code: ClassVar[str] = "EJ-429"


def move(data: Path, source: str | None, target: str | None) -> Proof:
    """Move the school of a folder from one store to the other: PostgreSQL by URL, None for the embedded file.

    Raises:
        StoreElsewhere: it lies in the target already.
        StoreNotEmpty: there is something else in the target; nothing was changed.
        NotTheSame, DamagedArchive: the target would not be the same school; it stays empty, the source goes on.
        StoreUnusable: one of them does not open.
    """
    with contextlib.closing(folders.open_office(data, source, left_too=True)) as office:
        if (source or None) == target:
            raise StoreElsewhere("the school is there already", why="there-already")
        key = keys.derive(office.master.key, "store")
        store = open_store(target, data / folders.STORE, key, office.authority.school)
        with contextlib.closing(store):
            migrate(store)
            proof = _write_again(office, store)
    config = Config.of(office.authority.school, target)
    keys.write_private(data / folders.CONFIG, msgspec.json.encode(config))
    flush_folder(data)
    logger.info("school moved", extra={"to": config.store, "size": proof.size, "root": proof.root})
    return proof


def _write_again(office: Office, target: Store) -> Proof:
    """Write the target while the source is locked, then let the source take nothing more."""
    authority = office.authority
    with authority.store.write() as here:
        whole.stand_still(here)
        signed = log.read_head(here, lock=True, left_too=True).signed
        with target.write() as there:
            if whole.is_empty(there):
                proof = _fill(office, here, there)
            else:
                proof = _compare(office, here, Authority(target, authority.keys, authority.clock), there)
            if log.read_head(there).signed != signed:
                raise NotTheSame("the new store has another head")
        log.mark_moved(here, stamp(authority.clock()))
    return proof


def _fill(office: Office, here: Transaction, there: Transaction) -> Proof:
    school, rewriting = SchoolLines(office.authority, here, office.ca_pem), Rewriting(there)
    for line in school.lines():
        rewriting.take(line)
    proof = rewriting.finish()
    if proof != school.proof():
        raise NotTheSame("the new store holds something else")
    signing = office.authority.keys.signing
    for blob in (each for each in store_of_blobs.all_blobs(here) if each.whole):
        pieces = blobs.content(signing, here, blob.sha256)
        blobs.keep_whole(signing, there, blob.sha256, blob.size, pieces, blob.at)
    for table in whole.TAKEN_ALONG:
        whole.add_rows(there, table, whole.rows(here, table))
    return proof


def _compare(office: Office, here: Transaction, other: Authority, there: Transaction) -> Proof:
    """See that the target is the same school already, from a move that was cut off after it.

    Raises:
        StoreNotEmpty: it is something else.
    """
    if office.authority.school not in log.schools(there):
        raise StoreNotEmpty("there is another school in the target")
    proofs = []
    for authority, tx in ((office.authority, here), (other, there)):
        prover = Prover()
        for line in SchoolLines(authority, tx, office.ca_pem).lines():
            prover.take(line)
        proofs.append(prover.finish())
    if proofs[0] != proofs[1]:
        raise StoreNotEmpty("the target holds another state of the school")
    return proofs[0]


# --- a second server -------------------------------------------------------------------------------------------------

_COPIED = (folders.CA, *(f"{name}-key.pem" for name in ("signing", "sealing", "ca", "tls")))


def join(data: Path, source: Path, database: str | None) -> str:
    """Make an empty folder a further server of a school in PostgreSQL, with the keys of one that works; return the id.

    Args:
        source: a copy of the data folder of the working server; its master key lies in it or is given as there.

    Raises:
        StoreNotEmpty: there is something in the folder.
        NoSchool, StoreElsewhere, KeyMissing, StoreUnusable: the copy or the database does not open.
        StrangeKeys: they do not belong together.
    """
    if data.exists() and any(data.iterdir()):
        raise StoreNotEmpty("the folder is not empty")
    config = _shared(source, database)
    master = keys.find_master(source, config.school)
    _check(config.school, keys.read_keys(source, master.key), database or "")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (*_COPIED, RECIPIENTS):
        if (source / name).exists():
            shutil.copy(source / name, data / name)
            (data / name).chmod(0o600)
    keys.keep_master(data, config.school, master.key)
    keys.write_private(data / folders.CONFIG, msgspec.json.encode(Config.of(config.school, database)))
    flush_folder(data)
    logger.info("server joined", extra={"school": config.school})
    return config.school


def _shared(source: Path, database: str | None) -> Config:
    """Return the configuration of a school that servers can share; whatever address is named, a file has one server."""
    try:
        config = folders.read_config(source, database)
    except StoreElsewhere:
        if not database:
            raise
    else:
        if database:
            return config
    raise StoreElsewhere("a file has one server", why="one-server")


def _check(school: str, own: keys.ServerKeys, database: str) -> None:
    with contextlib.closing(open_store(database, Path(), b"", school)) as store:
        migrate(store)
        with store.read() as tx:
            if school not in log.schools(tx):
                raise StrangeKeys("the database does not hold this school")
            head = wire.decode(TreeHead, log.read_head(tx).signed.encode())
    if not seal.is_message_signed(bytes.fromhex(own.signing_public), head):
        raise StrangeKeys("the head of the log was signed by another server")

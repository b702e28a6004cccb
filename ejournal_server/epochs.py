"""Open a new epoch after a restore: the log goes on from the backup, and says so to everybody."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import ClassVar

from msgspec import Struct

from ejournal_core import ids
from ejournal_core.errors import Trouble
from ejournal_core.kinds import Fields
from ejournal_core.wire import TreeHead
from ejournal_server import own_lines
from ejournal_server.authority import Authority, stamp
from ejournal_server.own_lines import Wish
from ejournal_server.store import log

logger = logging.getLogger(__name__)


class UnnamedDecision(Trouble):
    """A restore is decided by two people and has a reason; one of the three is missing, or it is one person twice."""

    code: ClassVar[str] = "EJ-251"


class NotBehind(Trouble):
    """The epoch that desks are said to know is not beyond this school's own: nothing keeps them from coming."""

    code: ClassVar[str] = "EJ-256"


class Opening(Struct, frozen=True, kw_only=True):
    """Why the school was restored and who decided it: the names as they stand on the order."""

    reason: str
    first_person: str
    second_person: str
    generation: str = ""


def check_opening(opening: Opening) -> None:
    """Refuse a decision before anything is restored.

    Raises:
        UnnamedDecision: as said.
    """
    names = {_letters(name) for name in (opening.first_person, opening.second_person)}
    if len(names) < 2 or "" in names or not opening.reason.strip():
        raise UnnamedDecision("a restore needs a reason and two people")


def _letters(name: str) -> str:
    """Return what tells names apart: «Иванова И. И.» and «иванова и.и.» are one person."""
    return "".join(filter(str.isalnum, name)).casefold().replace("ё", "е")


def open_epoch(authority: Authority, opening: Opening, beyond: int = 0) -> TreeHead:
    """Raise the epoch of a restored school and enter as the next line what it goes on from; return the signed head.

    Epochs are numbered by the second of their opening, so that a second restore of the same backup opens another one.

    Args:
        authority: of the restored school.
        opening: who decided and why.
        beyond: the epoch of another restore that desks know and the backup does not, 0 for none. Where this machine's
            clock is behind that of the other restore, desks take this one for the earlier.

    Raises:
        UnnamedDecision: the decision is not one of two people.
        NotBehind: the school's own epoch is beyond that already.
    """
    check_opening(opening)
    moment = authority.clock()
    with authority.store.write() as tx:
        head = log.read_head(tx, lock=True)
        if 0 < beyond <= head.epoch:
            raise NotBehind("the epoch is beyond that already", known=beyond, epoch=head.epoch)
        number = max(head.epoch + 1, beyond + 1, _by_the_second(moment))
        log.set_epoch(tx, number)
        fields: Fields = {
            "backup_size": head.number,
            "backup_root": head.frontier.root().hex(),
            "generation": opening.generation,
            "reason": opening.reason.strip(),
            "first_person": opening.first_person.strip(),
            "second_person": opening.second_person.strip(),
            "opened_at": stamp(moment),
        }
        entered = own_lines.write_own(authority, tx, [Wish("Epoch", ids.epoch(number), fields)])
    logger.info("epoch opened", extra={"epoch": number, "size": head.number})
    return entered.head


def _by_the_second(moment: datetime) -> int:
    return int(f"{moment.astimezone(UTC):%Y%m%d%H%M%S}")

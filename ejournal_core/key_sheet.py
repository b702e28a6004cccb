"""The recovery key on paper: in groups with a check sign each, read back as people type, and known by its public half.

A secret key of age is "AGE-SECRET-KEY-1" and 58 signs of a 32-letter alphabet (bech32, BIP 173). The sheet shows these
signs as ten groups; the sign behind the hyphen of a group is its check. Whether a sheet is the right one is found out
from what is typed and the public key alone: nothing of the private half is kept for it anywhere.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from ejournal_core.age_file import BackupIdentity, NoKey

PREFIX: Final = "AGE-SECRET-KEY-1"
ALPHABET: Final = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"  # bech32, in capitals: no 1, B, I, O
GROUP: Final = 6
SIGNS: Final = 58
GROUPS: Final = -(-SIGNS // GROUP)

#: What the alphabet lacks and eyes take for one of its signs, and Russian letters that look like Latin ones.
_LOOKS_LIKE: Final = str.maketrans("OI1|BОАВЕКМНРСТУХЗ", "0LLL80A8EKMHPCTYX3")
#: The letter on the same key where the keyboard was left in Russian.
_SAME_KEY: Final = str.maketrans("ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ", "QWERTYUIOPASDFGHJKLZXCVBNM")
_NO_SIGN: Final = re.compile(r"[\s\-–—−_.,·:]+")

State = Literal["kept", "mistyped", "other"]


class SheetCheck(Struct, frozen=True):
    """What came of typing a sheet: the right key; groups with typing errors; or a good key that is another one.

    Attributes:
        wrong: numbers (from 1) of the groups that cannot be right; empty where no single group is to blame.
    """

    state: State
    wrong: tuple[int, ...] = ()


def groups(secret: str) -> tuple[str, ...]:
    """Return the groups of a secret as printed: «PZRY9X-8», the last one shorter.

    Raises:
        NoKey: it is no secret key.
    """
    signs = BackupIdentity.of(secret).secret.removeprefix(PREFIX)
    parts = [signs[at : at + GROUP] for at in range(0, SIGNS, GROUP)]
    return tuple(f"{part}-{check_sign(part, number)}" for number, part in enumerate(parts, 1))


def check_sign(signs: str, number: int) -> str:
    """Return the check of a group's signs at its place.

    It differs where one sign is wrong, where two signs are exchanged, and where the group stands at another place:
    a sum over the field of 32 elements with the powers of a primitive element as weights.
    """
    total = number
    for sign in signs:
        total = _doubled(total) ^ ALPHABET.index(sign)
    return ALPHABET[_doubled(total)]


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value  # x^5 + x^2 + 1


def read_group(typed: str, number: int) -> str | None:
    """Return the signs of one group as it was typed, with its check sign; None where it cannot be right.

    Case, spaces and hyphens do not matter; look-alikes (O and 0, I and L, Russian А and Latin A) are taken for what
    can be meant, and so is what was typed with the keyboard left in Russian.
    """
    for plain in _readings(typed):
        signs, check = plain[:-1], plain[-1:]
        if len(signs) == length_of(number) and set(plain) <= set(ALPHABET) and check_sign(signs, number) == check:
            return signs
    return None


def length_of(number: int) -> int:
    """Return how many signs a group has, its check sign apart."""
    return GROUP if number < GROUPS else SIGNS - GROUP * (GROUPS - 1)


def _readings(typed: str) -> tuple[str, str]:
    plain = _NO_SIGN.sub("", typed).upper()
    return plain.translate(_LOOKS_LIKE), plain.translate(_SAME_KEY)


def read_line(typed: str) -> str | None:
    """Return the secret of a whole line as typed or scanned, None where it is no key."""
    for plain in _readings(typed):
        signs = plain[-SIGNS:]
        if len(plain) < SIGNS or not set(signs) <= set(ALPHABET):
            continue
        try:
            return BackupIdentity.of(PREFIX + signs).secret
        except NoKey:
            continue
    return None


class TypedKey(Struct, frozen=True):
    """A key as somebody typed or scanned it: the secret, or "" and the numbers of the groups that cannot be right.

    No number where no single group is to blame: too few signs, or too many.
    """

    secret: str = ""
    wrong: tuple[int, ...] = ()


def read_typed(typed: str) -> TypedKey:
    """Read a whole sheet: as the one line under its scannable code, or as its ten groups with their check signs.

    Lines that begin with "#" are passed over, as in the files of `age`.
    """
    text = "\n".join(line for line in typed.splitlines() if not line.lstrip().startswith("#"))
    secret = read_line(text)
    if secret is not None:
        return TypedKey(secret)
    parts = _as_groups(text)
    read = [read_group(part, number) for number, part in enumerate(parts, 1)]
    wrong = tuple(number for number, signs in enumerate(read, 1) if signs is None)
    return TypedKey(read_line("".join(signs for signs in read if signs)) or "", wrong)


def _as_groups(text: str) -> list[str]:
    """Return the ten groups of a text, however they are set apart; none where it cannot be ten."""
    plain = _NO_SIGN.sub("", text)
    if len(plain) == SIGNS + GROUPS:
        return [plain[at : at + GROUP + 1] for at in range(0, len(plain), GROUP + 1)]
    apart = text.split()
    return apart if len(apart) == GROUPS else []


def check_sheet(typed: Sequence[str], recipient: str) -> SheetCheck:
    """Say whether the groups typed from a sheet, in order, are the private half of a public key.

    Args:
        typed: ten groups with their check signs.
        recipient: the public key "age1…", as the server and every backup's catalogue name it.
    """
    read = [read_group(text, number) for number, text in enumerate(typed, 1)]
    wrong = tuple(number for number, signs in enumerate(read, 1) if signs is None)
    if wrong or len(read) != GROUPS:
        return SheetCheck("mistyped", wrong)
    return check_line(PREFIX + "".join(signs for signs in read if signs), recipient)


def check_line(typed: str, recipient: str) -> SheetCheck:
    """Say the same of the whole line, typed without check signs or scanned."""
    secret = read_line(typed)
    if secret is None:
        return SheetCheck("mistyped")
    return SheetCheck("kept" if BackupIdentity.of(secret).recipient == recipient else "other")


def some_numbers(count: int) -> tuple[int, ...]:
    """Return which groups to ask for where the whole sheet is too much: other ones each time, in order."""
    return tuple(sorted(secrets.SystemRandom().sample(range(1, GROUPS + 1), count)))


def misfits(secret: str, typed: Mapping[int, str]) -> tuple[int, ...]:
    """Return the numbers of typed groups that are not those of a key just made, while its maker still holds it."""
    right = groups(secret)
    return tuple(
        number
        for number, text in typed.items()
        if not hmac.compare_digest(read_group(text, number) or "", right[number - 1].partition("-")[0])
    )


def fingerprint(recipient: str) -> str:
    """Return a public key in short, for eyes: the first 16 digits of its SHA-256 in fours."""
    digits = hashlib.sha256(recipient.encode()).hexdigest()[:16].upper()
    return " ".join(digits[at : at + 4] for at in range(0, 16, 4))

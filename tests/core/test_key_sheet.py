"""The recovery key typed from paper: errors are found at their group, the public key alone says if it is the one."""

from __future__ import annotations

import random

import pytest

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity, NoKey

KEY = BackupIdentity.of("AGE-SECRET-KEY-13ZR2FNMAPKD3LACUKYDQW6JT5N2WAALECY9CCV6UYTHE3USG9D6Q8ANP68")
SHEET = ("3ZR2FN-G", "MAPKD3-E", "LACUKY-L", "DQW6JT-X", "5N2WAA-D", "LECY9C-Q", "CV6UYT-S", "HE3USG-A", "9D6Q8A-P",
         "NP68-7")  # fmt: skip


def test_the_printed_groups_stay_what_they_are_on_sheets_in_safes() -> None:
    assert key_sheet.groups(KEY.secret) == SHEET
    assert key_sheet.check_sheet(SHEET, KEY.recipient).state == "kept"


def test_every_new_key_is_read_back_from_its_sheet() -> None:
    for _ in range(50):
        made = BackupIdentity.new()
        assert key_sheet.check_sheet(key_sheet.groups(made.secret), made.recipient).state == "kept"
        assert key_sheet.check_sheet(key_sheet.groups(made.secret), KEY.recipient).state == "other"


@pytest.mark.parametrize("group", range(1, key_sheet.GROUPS + 1))
def test_any_one_wrong_sign_is_found_in_its_group(group: int) -> None:
    right = SHEET[group - 1]
    for at, sign in enumerate(right):
        for other in set(key_sheet.ALPHABET) - {sign} if sign != "-" else ():
            typed = [*SHEET]
            typed[group - 1] = right[:at] + other + right[at + 1 :]
            assert key_sheet.check_sheet(typed, KEY.recipient) == key_sheet.SheetCheck("mistyped", (group,))


@pytest.mark.parametrize("group", range(1, key_sheet.GROUPS + 1))
def test_any_two_exchanged_signs_are_found_in_their_group(group: int) -> None:
    signs = [*SHEET[group - 1].replace("-", "")]
    for one in range(len(signs)):
        for other in range(one):
            if signs[one] == signs[other]:
                continue
            swapped = [*signs]
            swapped[one], swapped[other] = swapped[other], swapped[one]
            assert key_sheet.read_group("".join(swapped), group) is None


def test_groups_in_another_order_are_found() -> None:
    typed = [SHEET[1], SHEET[0], *SHEET[2:]]
    assert key_sheet.check_sheet(typed, KEY.recipient) == key_sheet.SheetCheck("mistyped", (1, 2))


@pytest.mark.parametrize("typed", ["", "3ZR2F-G", "3ZR2FNN-G", "3ZR2FN", "G", "ЖЖЖЖЖЖ-Ж", "3ZR2FN-G" * 100, "\x00"])
def test_a_group_of_another_length_or_of_foreign_signs_is_no_group(typed: str) -> None:
    assert key_sheet.read_group(typed, 1) is None


@pytest.mark.parametrize(
    "typed",
    ["3zr2fn-g", " 3ZR 2FN  G ", "3ZR2FNG", "3zr2fn–g", "3як2ат-п", "3ЯК2АТ-П", "3ZR2FN.G"],
    ids=["small", "spaces", "together", "dash", "left in Russian", "left in Russian, capitals", "point"],
)
def test_a_group_is_read_however_it_was_typed(typed: str) -> None:
    assert key_sheet.read_group(typed, 1) == "3ZR2FN"


@pytest.mark.parametrize(
    ("typed", "number"),
    [("МАРКD3-Е", 2), ("IACUKY-I", 3), ("1ACUKY-1", 3), ("9D6QBA-P", 9), ("9D6QВA-P", 9), ("СV6UУТ-S", 7)],
)
def test_look_alikes_are_taken_for_what_is_meant(typed: str, number: int) -> None:
    assert key_sheet.read_group(typed, number) == SHEET[number - 1].partition("-")[0]


def test_a_zero_is_not_lost_where_a_letter_was_typed() -> None:
    part = "Q0Z0R0"
    assert key_sheet.read_group(f"QOZОRo{key_sheet.check_sign(part, 4)}", 4) == part


@pytest.mark.parametrize(
    "line",
    [KEY.secret, KEY.secret.lower(), f"  {KEY.secret}\n", KEY.secret[16:], " ".join(KEY.secret)],
)
def test_a_whole_line_is_read_too_as_a_scanner_or_a_person_gives_it(line: str) -> None:
    assert key_sheet.check_line(line, KEY.recipient).state == "kept"


def test_a_scanner_on_a_computer_left_in_russian_is_understood() -> None:
    russian = str.maketrans("QWERTYUIOPASDFGHJKLZXCVBNM", "ЙЦУКЕНГШЩЗФЫВАПРОЛДЯЧСМИТЬ")
    assert key_sheet.check_line(KEY.secret.translate(russian), KEY.recipient).state == "kept"


def test_a_damaged_line_is_never_taken_for_the_key() -> None:
    chance = random.Random(5)
    for _ in range(300):
        at = chance.randrange(16, len(KEY.secret))
        other = chance.choice(sorted(set(key_sheet.ALPHABET) - {KEY.secret[at]}))
        assert key_sheet.check_line(KEY.secret[:at] + other + KEY.secret[at + 1 :], KEY.recipient).state == "mistyped"


@pytest.mark.parametrize("few", [0, 1, 9])
def test_a_sheet_typed_in_part_is_not_kept(few: int) -> None:
    assert key_sheet.check_sheet(SHEET[:few], KEY.recipient).state == "mistyped"


def test_a_few_groups_prove_a_sheet_while_its_maker_still_holds_the_key() -> None:
    numbers = key_sheet.some_numbers(3)
    assert len(set(numbers)) == 3
    assert key_sheet.misfits(KEY.secret, {number: SHEET[number - 1] for number in numbers}) == ()
    other = key_sheet.groups(BackupIdentity.new().secret)
    assert key_sheet.misfits(KEY.secret, {1: SHEET[0], 2: other[1], 3: "?"}) == (2, 3)


def test_what_is_no_key_has_no_groups() -> None:
    with pytest.raises(NoKey):
        key_sheet.groups(KEY.recipient)


def test_two_public_keys_have_two_fingerprints() -> None:
    assert key_sheet.fingerprint(KEY.recipient) != key_sheet.fingerprint(BackupIdentity.new().recipient)
    assert [len(part) for part in key_sheet.fingerprint(KEY.recipient).split()] == [4, 4, 4, 4]


@pytest.mark.parametrize(
    "typed",
    [
        " ".join(SHEET), "".join(SHEET).lower(), "# лист\n" + "\n".join(SHEET), KEY.secret, f"# open\n{KEY.secret}\n",
        "  ".join(group.replace("-", " ") for group in SHEET),
    ],
)  # fmt: skip
def test_a_whole_sheet_is_read_however_its_groups_are_set_apart(typed: str) -> None:
    assert key_sheet.read_typed(typed) == key_sheet.TypedKey(KEY.secret)


def test_a_whole_sheet_names_its_wrong_groups_and_nothing_where_signs_are_missing() -> None:
    assert key_sheet.read_typed(" ".join([*SHEET[:3], "QQQQQQ-Q", *SHEET[4:]])) == key_sheet.TypedKey("", (4,))
    for typed in ("", "ключ", " ".join(SHEET[:9]), KEY.secret[:-1]):
        assert key_sheet.read_typed(typed) == key_sheet.TypedKey()

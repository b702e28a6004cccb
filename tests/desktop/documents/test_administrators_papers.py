"""The administrator's papers read back by other programs: what stands on them, and what must not."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import msgspec
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from ejournal_core import key_sheet
from ejournal_core.age_file import BackupIdentity
from ejournal_core.handouts import CodesHandout, RecoveryHandout, SlipLine
from ejournal_desktop.documents import Built, preview
from ejournal_desktop.documents.forms import carrier_acts, requisites
from ejournal_desktop.documents.forms.activation_slips import build_activation_slips
from ejournal_desktop.documents.forms.carrier_acts import Carrier, CarrierDestructionAct, CustodyAct, Signer
from ejournal_desktop.documents.forms.credential_ledger import build_credential_ledger
from ejournal_desktop.documents.forms.recovery_sheet import build_recovery_sheet
from ejournal_desktop.documents.sign import sign_pdf, verify_pdf
from tests.desktop.documents.conftest import School
from tests.helpers import paper_samples
from tests.helpers.paper_words import attachment, joined, placed_words
from tests.helpers.verapdf import conformance

MM = 72 / 25.4
KEY = BackupIdentity.of("AGE-SECRET-KEY-13ZR2FNMAPKD3LACUKYDQW6JT5N2WAALECY9CCV6UYTHE3USG9D6Q8ANP68")
DAY = date(2026, 11, 22)
DEPUTY = Signer(position="заместитель директора", name="Преображенская-Воздвиженская Елизавета Станиславовна")
DIRECTOR = Signer(position="директор", name="Воскресенский Александр Викторович")
DRIVE = Carrier(label="Копия 2, синяя", serial="4C530001230915116394", card_id="0190a1b2c3d47e5f8a6b7c8d9e0f1a2b")


def recovery() -> RecoveryHandout:
    return RecoveryHandout(
        school_name=paper_samples.SCHOOL, made_on=DAY, secret=KEY.secret, recipient=KEY.recipient
    )  # fmt: skip


def code_of(at: int) -> str:
    return f"WMWM-{at:04}-QWQW"


def codes(count: int = 35) -> CodesHandout:
    """Return codes for the longest names; every third person has a long position."""
    names = (paper_samples.NAMES * 4)[:count]
    long = "учитель истории и обществознания, классный руководитель"
    slips = tuple(
        SlipLine(name=name, position="учитель" if at % 3 else long, code=code_of(at)) for at, name in enumerate(names)
    )
    return CodesHandout(
        school_name=paper_samples.SCHOOL, made_on=DAY, valid_until=date(2026, 12, 5), issue_until=date(2026, 12, 4),
        working_days=10, by_director=True, clause="S2-1.7a, S2-3.2a", slips=slips,
    )  # fmt: skip


def custody() -> CustodyAct:
    return CustodyAct(
        school_full_name=paper_samples.SCHOOL, place=paper_samples.PLACE, number="3", acted_on=DAY, carrier=DRIVE,
        contents="резервные копии журнала: 4, последняя 20261122-004239-00", room="кабинет 21, сейф № 2",
        reason="на хранение вне серверной", gives=DEPUTY, takes=DIRECTOR,
    )  # fmt: skip


def destruction() -> CarrierDestructionAct:
    return CarrierDestructionAct(
        school_full_name=paper_samples.SCHOOL, address="г. Приозёрный, ул. Школьная, д. 1", number="4", acted_on=DAY,
        what="generations", carrier=DRIVE, generations=("20261101-004239-00", "20261108-004239-00"),
        method="каталоги копий удалены целиком", reason="сменён ключ восстановления", log_extract="№ 12 от 22.11.2026",
        term="3 года", director="А. В. Воскресенский", commission=(DEPUTY, DIRECTOR),
    )  # fmt: skip


def all_papers() -> dict[str, Built]:
    return {
        "recovery": build_recovery_sheet(recovery()),
        "slips": build_activation_slips(codes()),
        "ledger": build_credential_ledger(codes()),
        "custody": carrier_acts.build_custody_act(custody()),
        "destruction": carrier_acts.build_carrier_destruction_act(destruction()),
    }


@pytest.fixture(scope="module")
def papers() -> dict[str, Built]:
    """Give one of each paper."""
    return all_papers()


def text_of(built: Built) -> str:
    return joined(placed_words(built.pdf))


def barcodes(pdf: bytes, page: int = 0) -> list[str]:
    image = preview.render_page(pdf, page, 200)
    picture = Image.frombytes("RGBA", (image.width, image.height), image.rgba).convert("L")
    return [code.text for code in zxingcpp.read_barcodes(picture)]


# --- all -----------------------------------------------------------------------------------------------------------


def test_every_paper_is_pdf_a(papers: dict[str, Built], tmp_path: Path) -> None:
    verdicts = conformance({name: built.pdf for name, built in papers.items()}, tmp_path)
    assert verdicts == dict.fromkeys(papers, "PASS 3u")


def test_every_font_of_every_paper_is_embedded(papers: dict[str, Built], run_tool: Callable[..., str]) -> None:
    for built in papers.values():
        rows = run_tool(built.pdf, "pdffonts", "{}").splitlines()[2:]
        assert rows
        assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows), rows


def test_nothing_stands_outside_the_sheet_or_its_margins(papers: dict[str, Built]) -> None:
    for name, built in papers.items():
        left = 7 * MM if name == "slips" else 29 * MM
        for word in placed_words(built.pdf):
            assert left <= word.left, (name, word)
            assert word.right <= 596 - (7 if name == "slips" else 9) * MM, (name, word)
            assert word.bottom > 7 * MM, (name, word)


HASHES = """
import hashlib
from tests.desktop.documents.test_administrators_papers import all_papers
print(*(hashlib.sha256(built.pdf).hexdigest() for built in all_papers().values()))
"""


def test_the_same_data_give_the_same_bytes_in_another_process(papers: dict[str, Built]) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Kamchatka"}
    done = subprocess.run([sys.executable, "-c", HASHES], check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.split() == [hashlib.sha256(built.pdf).hexdigest() for built in papers.values()]


@pytest.mark.parametrize(("name", "form"), [("ledger", "credential-ledger"), ("custody", "custody-act"),
                                            ("destruction", "carrier-destruction-act")])  # fmt: skip
def test_the_code_of_a_kept_paper_is_the_hash_of_its_data(papers: dict[str, Built], name: str, form: str) -> None:
    built = papers[name]
    assert hashlib.sha256(attachment(built.pdf, f"{form}.json")).hexdigest() == built.data_sha256
    (read,) = barcodes(built.pdf)
    assert read.startswith(f"ejournal:1:{form}:")
    assert read.endswith(built.data_sha256)


# --- the recovery sheet --------------------------------------------------------------------------------------------


def test_a_scanner_reads_the_key_and_it_opens_what_is_sealed_to_the_public_half(papers: dict[str, Built]) -> None:
    (read,) = barcodes(papers["recovery"].pdf)
    assert read == KEY.secret
    assert key_sheet.check_line(read, KEY.recipient).state == "kept"


def test_the_key_is_read_back_from_the_groups_and_from_the_line(
    papers: dict[str, Built], run_tool: Callable[..., str]
) -> None:
    words = run_tool(papers["recovery"].pdf, "pdftotext", "-layout", "{}", "-").split()
    printed = [words[words.index(f"{number}.") + 1] for number in range(1, key_sheet.GROUPS + 1)]
    assert key_sheet.check_sheet(printed, KEY.recipient).state == "kept"
    assert KEY.secret in words
    assert KEY.recipient in words


def test_the_sheet_is_one_page_and_says_what_to_do(papers: dict[str, Built]) -> None:
    built, text = papers["recovery"], text_of(papers["recovery"])
    assert built.pages == 1
    for said in (
        key_sheet.fingerprint(KEY.recipient), "22 ноября 2026 г.", "Что открывает", "Где хранить", "Как проверить",
        "Как восстановить", "Если пропал", "backup-keys --check", "backup-keys --replace", "age --decrypt", "Подпись",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize("name", ["recovery", "slips"])
def test_a_secret_paper_carries_no_copy_and_no_secret_in_its_properties(papers: dict[str, Built], name: str) -> None:
    with pikepdf.open(BytesIO(papers[name].pdf)) as pdf:
        assert not pdf.attachments
        said = str(pdf.docinfo) + bytes(pdf.Root.Metadata.read_bytes()).decode()
    assert KEY.secret[16:] not in said
    assert code_of(0) not in said


# --- slips and ledger ----------------------------------------------------------------------------------------------


def test_every_slip_stands_within_its_cuts_with_the_right_code(papers: dict[str, Built]) -> None:
    words = placed_words(papers["slips"].pdf)
    width, height = 210 * MM / 2, 297 * MM / 5
    for at, slip in enumerate(codes().slips):
        page, row, column = at // 10 + 1, at % 10 // 2, at % 2
        left, top = column * width, 297 * MM - row * height
        inside = [
            word
            for word in words
            if word.page == page and left <= word.left < left + width and top - height <= word.middle < top
        ]
        text = joined(inside)
        assert [word.text for word in inside if word.text.startswith("WMWM")] == [slip.code]
        assert slip.name.split()[1] in text
        assert "Действует по 5 декабря 2026 г. включительно." in text
        assert "после входа листок уничтожьте." in text
        assert all(word.bottom > top - height + 3 * MM and word.top < top - 3 * MM for word in inside), slip.name
        assert all(word.right < left + width - 7 * MM for word in inside), slip.name


@pytest.mark.parametrize(("people", "pages"), [(1, 1), (10, 1), (11, 2), (35, 4)])
def test_ten_slips_are_on_a_sheet(people: int, pages: int) -> None:
    built = build_activation_slips(codes(people))
    assert built.pages == pages
    assert sum(word.text.startswith("WMWM") for word in placed_words(built.pdf)) == people


def test_the_longest_name_and_position_leave_room_for_the_rest() -> None:
    name = "Константинопольская-Преображенская-Воздвиженская Александра-Елизавета Константиновна-Владиславовна"
    slip = SlipLine(name=name, position="заместитель директора " * 6, code=code_of(1))
    words = placed_words(build_activation_slips(msgspec.structs.replace(codes(1), slips=(slip,))).pdf)
    assert all(word.right < 105 * MM - 7 * MM and word.bottom > 297 * MM * 4 / 5 + 3 * MM for word in words)
    assert name.replace("-", "") in joined(words).replace("- ", "").replace("-", "")


@pytest.mark.parametrize("people", [1, 15, 16, 17, 35, 120])
def test_the_ledger_names_everybody_and_no_code(people: int) -> None:
    built = build_credential_ledger(codes(people))
    text = text_of(built)
    words = placed_words(built.pdf)
    for part in ("не позднее 4 декабря 2026 г. (10 рабочих дней, так велит положение школы)", "Выдать разрешаю"):
        assert part in text
    assert {str(at) for at in range(1, people + 1)} <= {word.text for word in words if word.left < 42 * MM}
    assert len([word for word in words if word.text == "Должность"]) >= built.pages - 1
    assert "WMWM" not in text
    assert b"WMWM" not in attachment(built.pdf, "credential-ledger.json")
    assert "М.П." in text


def test_the_ledger_asks_for_the_director_only_where_the_policy_does() -> None:
    plain = msgspec.structs.replace(codes(2), by_director=False, clause="")
    assert "Выдать разрешаю" not in text_of(build_credential_ledger(plain))
    assert "(10 рабочих дней)" in text_of(build_credential_ledger(plain))


# --- acts ----------------------------------------------------------------------------------------------------------


def test_the_custody_act_says_what_goes_from_whom_to_whom(papers: dict[str, Built]) -> None:
    text = text_of(papers["custody"])
    for said in ("АКТ ПРИЁМА-ПЕРЕДАЧИ", "Копия 2, синяя", DRIVE.serial, DRIVE.card_id, "кабинет 21, сейф № 2",
                 "Елизавета", "Воскресенский А. В.", "20261122-004239-00", "Возвращён"):  # fmt: skip
        assert said in text, said
    assert papers["custody"].pages == 1


def test_the_act_of_destruction_has_every_field_that_the_law_asks_for(papers: dict[str, Built]) -> None:
    text = text_of(papers["destruction"])
    for said in (
        "Оператор, адрес", "ул. Школьная, д. 1", "Чьи данные", "Какие данные", "Информационная система", "Носитель",
        "Количество", "бумажных листов нет", "Способ", "Основание, причина", "Дата уничтожения",
        "Выписка из журнала событий", "Комиссия", "Председатель комиссии", "УТВЕРЖДАЮ",
        "20261101-004239-00, 20261108-004239-00", "3 года",
    ):  # fmt: skip
        assert said in text, said
    assert papers["destruction"].pages == 1


def test_whoever_is_not_known_yet_has_a_line_to_write_the_name_on() -> None:
    act = CustodyAct(school_full_name="Школа № 1", acted_on=DAY, carrier=Carrier(label="Синяя"))
    assert text_of(carrier_acts.build_custody_act(act)).count(requisites.NAME_BY_HAND) == 2
    assert text_of(build_credential_ledger(codes(1))).count(requisites.NAME_BY_HAND) == 2


def test_the_signatures_of_a_commission_stand_on_one_leaf_with_its_names() -> None:
    act = msgspec.structs.replace(destruction(), address=60 * "улица ", commission=(DEPUTY, DIRECTOR, DEPUTY, DIRECTOR))
    built = carrier_acts.build_carrier_destruction_act(act)
    last = " ".join(word.text for word in placed_words(built.pdf) if word.page == built.pages)
    assert built.pages == 2
    assert "2 из 2" in last
    assert "Комиссия" in last
    assert "Председатель комиссии" in last


def test_an_act_of_which_nothing_is_known_is_one_page_to_be_filled_by_hand() -> None:
    blank = CarrierDestructionAct(school_full_name="МБОУ «Школа № 7»", acted_on=DAY, what="carrier", carrier=Carrier())
    built = carrier_acts.build_carrier_destruction_act(blank)
    assert built.pages == 1
    assert text_of(built).count("подпись") == carrier_acts.LEAST_MEMBERS
    filled = msgspec.structs.replace(
        blank, school_full_name=paper_samples.SCHOOL, carrier=Carrier(label="Красная", card_id=DRIVE.card_id),
        number="7", reason="не читается",
    )  # fmt: skip
    assert carrier_acts.build_carrier_destruction_act(filled).pages == 1, "as the desk fills it in"
    handed = carrier_acts.build_custody_act(CustodyAct(school_full_name="Школа", acted_on=DAY, carrier=Carrier()))
    assert handed.pages == 1


def test_a_long_list_of_destroyed_copies_goes_on_over_the_page_and_loses_none() -> None:
    names = tuple(f"202611{at // 24:02}-{at % 24:02}4239-00" for at in range(400))
    built = carrier_acts.build_carrier_destruction_act(msgspec.structs.replace(destruction(), generations=names))
    assert built.pages > 1
    text = text_of(built)
    assert [name for name in names if name not in text] == []
    assert all(word.bottom > 19 * MM for word in placed_words(built.pdf)), "nothing runs off the page"
    assert "Председатель комиссии" in text
    assert json.loads(attachment(built.pdf, "carrier-destruction-act.json"))["document"]["generations"] == [*names]


def test_both_sides_can_sign_the_custody_act(papers: dict[str, Built], school: School) -> None:
    pdf = papers["custody"].pdf
    for field, name in (("gives", "Преображенская-Воздвиженская Елизавета"), ("takes", "Воскресенский Александр")):
        pdf = sign_pdf(pdf, school.signer(name), reason="Передача носителя", place="г. Приозёрный", field=field)
    found = verify_pdf(pdf, [school.root.pem])
    assert found.valid
    assert len(found.signers) == 2

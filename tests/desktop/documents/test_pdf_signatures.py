"""Signatures: two independent programs accept ours, and neither accepts a document with one byte changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import NameObject, TextStringObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.validation.dss import DocumentSecurityStore

from ejournal_desktop.documents import Built, sign
from ejournal_desktop.documents.sign import Signer, Stamp, places_of, sign_pdf, verify_pdf
from ejournal_desktop.documents.troubles import CertificateUnfit, FieldTaken, KeyUnreadable, NotADocument
from tests.desktop.documents.conftest import School
from tests.helpers.ca import Authority

REASON, PLACE = "Проверка", "г. Приозёрный"


def gaps(pdf: bytes) -> list[tuple[int, int]]:
    """Return where the containers of the signatures start and end, in the order of signing."""
    found, at = [], 0
    while (at := pdf.find(b"/ByteRange", at)) >= 0:
        start, length, after, _ = map(int, pdf[pdf.index(b"[", at) + 1 : pdf.index(b"]", at)].split())
        found.append((start + length, after))
        at += 1
    return found


def flipped(pdf: bytes, at: int) -> bytes:
    """Return `pdf` with the lowest bit of one byte changed."""
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


@pytest.fixture
def pdfsig(nss_folder: Path, tmp_path: Path) -> Callable[[bytes], str]:
    """Give a call that asks poppler's pdfsig about a file."""

    def ask(pdf: bytes) -> str:
        file = tmp_path / "signed.pdf"
        file.write_bytes(pdf)
        answer = subprocess.run(["pdfsig", "-nssdir", f"sql:{nss_folder}", str(file)], capture_output=True, timeout=60)
        return answer.stdout.decode(errors="replace")

    return ask


def accepted(answer: str, signatures: int = 3) -> bool:
    """Say whether pdfsig found every signature valid, trusted, and the last one over the total document."""
    return (
        answer.count("Signature Validation: Signature is Valid.") == signatures
        and answer.count("Certificate Validation: Certificate is Trusted.") == signatures
        and answer.count("Total document signed") == 1
    )


# --- accepted ------------------------------------------------------------------------------------------------------


def test_three_signatures_on_one_sheet_are_all_valid(signed_sheet: bytes, school: School) -> None:
    found = verify_pdf(signed_sheet, [school.root.pem])
    assert found.valid
    assert found.covers_whole_document
    assert found.reason == "Подписи верны: документ не изменён после подписания."
    assert found.signers == (
        "Иванова Мария Петровна",
        "Петрова-Преображенская Светлана Иннокентьевна",
        "Воскресенский Александр Викторович",
    )
    assert [check.field for check in found.signatures] == ["class_teacher", "deputy", "director"]
    for check in found.signatures:
        assert check.signed_at is not None
        assert abs(check.signed_at - datetime.now(UTC)) < timedelta(hours=1)


def test_poppler_accepts_them_too(signed_sheet: bytes, pdfsig: Callable[[bytes], str]) -> None:
    answer = pdfsig(signed_sheet)
    assert accepted(answer), answer
    assert answer.count("Signature Type: ETSI.CAdES.detached") == 3  # PAdES


def test_the_stamp_shows_the_owner_the_certificate_and_the_date(signed_sheet: bytes) -> None:
    with pikepdf.open(BytesIO(signed_sheet)) as pdf:
        fields = {str(field.T): field for field in pdf.Root.AcroForm.Fields}
        appearances = {name: field.AP.N for name, field in fields.items()}
        assert all("/Font" in str(one.Resources.keys()) or one.Resources for one in appearances.values())
        assert set(appearances) == {"class_teacher", "deputy", "director"}


def test_the_words_of_the_stamp_can_be_read(signed_sheet: bytes, run_tool: Callable[..., str]) -> None:
    text = run_tool(signed_sheet, "pdftotext", "-raw", "{}", "-")
    assert text.count("ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ") == 3
    assert "Владелец: Петрова-Преображенская Светлана Иннокентьевна" in text
    assert f"подписано {datetime.now().astimezone():%d.%m.%Y}" in text


def test_a_document_without_prepared_fields_is_signed_at_the_asked_place(school: School) -> None:
    blank = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(blank)
    signer = school.signer("Иванова Мария Петровна")
    stamp = Stamp(0, (50, 50, 230, 90))
    signed = sign_pdf(blank.getvalue(), signer, stamp=stamp, reason=REASON, place=PLACE, field="teacher")
    assert verify_pdf(signed, [school.root.pem]).signers == ("Иванова Мария Петровна",)
    invisible = sign_pdf(blank.getvalue(), signer, reason=REASON, place=PLACE, field="teacher")
    assert verify_pdf(invisible, [school.root.pem]).valid


def test_a_year_book_is_signed_by_the_director_under_the_certification(
    year_book: Built, school: School, pdfsig: Callable[[bytes], str]
) -> None:
    signed = sign_pdf(year_book.pdf, school.signer("Воскресенский А. В."), field="director", reason=REASON, place=PLACE)
    assert verify_pdf(signed, [school.root.pem]).valid
    assert accepted(pdfsig(signed), 1)


# --- refused -------------------------------------------------------------------------------------------------------


def refused_by_both(changed: bytes, school: School, answer: str, signatures: int) -> bool:
    """Say whether our verification and pdfsig both refuse."""
    return not verify_pdf(changed, [school.root.pem]).valid and not accepted(answer, signatures)


def test_one_flipped_byte_anywhere_in_the_content_is_refused_by_both(
    once_signed: bytes, school: School, pdfsig: Callable[[bytes], str]
) -> None:
    ((start, end),) = gaps(once_signed)
    covered = [*range(0, start, 3001), *range(end, len(once_signed), 997)]
    assert len(covered) > 50
    for at in covered:
        changed = flipped(once_signed, at)
        assert refused_by_both(changed, school, pdfsig(changed), 1), at


def test_one_flipped_byte_in_a_signature_or_its_digest_is_refused_by_both(
    once_signed: bytes, school: School, pdfsig: Callable[[bytes], str]
) -> None:
    ((start, end),) = gaps(once_signed)
    ends = start + 1 + 2 * len(bytes.fromhex(once_signed[start + 1 : end - 1].decode()).rstrip(b"\0"))
    digest = once_signed.index(b"2A864886F70D010904", start) + 18 + 8  # after the attribute's name and two headers
    for at in (*range(ends - 136, ends, 9), *range(digest, digest + 64, 7)):
        changed = flipped(once_signed, at)
        assert refused_by_both(changed, school, pdfsig(changed), 1), at - start


def test_no_byte_of_the_container_or_its_padding_can_change_unseen(once_signed: bytes, school: School) -> None:
    ((start, end),) = gaps(once_signed)
    for at in (*range(start, start + 130), *range(start + 130, end, 41), end - 2, end - 1):
        assert not verify_pdf(flipped(once_signed, at), [school.root.pem]).valid, at - start


def test_a_byte_flipped_under_any_of_three_signatures_is_refused_by_both(
    signed_sheet: bytes, school: School, pdfsig: Callable[[bytes], str]
) -> None:
    places = [at for start, end in gaps(signed_sheet) for at in (start - 2000, start + 900, end + 300)]
    for at in places:
        changed = flipped(signed_sheet, at)
        assert refused_by_both(changed, school, pdfsig(changed), 3), at


def test_anything_appended_after_the_last_signature_is_seen(signed_sheet: bytes, school: School) -> None:
    found = verify_pdf(signed_sheet + b"\n% added later\n", [school.root.pem])
    assert (found.valid, found.covers_whole_document) == (False, False)
    assert [check.valid for check in found.signatures] == [True, True, False]
    assert "внесены изменения" in found.reason


def test_a_page_changed_by_another_program_after_signing_is_seen(signed_sheet: bytes, school: School) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed_sheet))
    page = writer.root["/Pages"]["/Kids"][0]
    page[NameObject("/Added")] = TextStringObject("later")
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # pyHanko leaves it without types
    found = verify_pdf(out.getvalue(), [school.root.pem])
    assert not found.valid
    assert not found.covers_whole_document
    assert "внесены изменения" in found.reason


def test_even_harmless_additions_after_the_last_signature_are_seen(signed_sheet: bytes, school: School) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(signed_sheet))
    DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=())
    out = BytesIO()
    writer.write(out)  # type: ignore[no-untyped-call]  # pyHanko leaves it without types
    found = verify_pdf(out.getvalue(), [school.root.pem])
    assert all(check.valid for check in found.signatures)  # the standard lets such additions pass
    assert (found.valid, found.covers_whole_document) == (False, False)
    assert "внесены изменения" in found.reason


def test_a_certificate_of_a_foreign_authority_is_not_believed(signed_sheet: bytes) -> None:
    found = verify_pdf(signed_sheet, [Authority("Чужой центр").pem])
    assert not found.valid
    assert found.covers_whole_document
    assert found.reason == "Сертификат подписавшего выдан не удостоверяющим центром школы или не действует."


def test_an_expired_certificate_counts_at_the_moment_of_the_receipt(signed_sheet: bytes, school: School) -> None:
    later = datetime.now(UTC) + timedelta(days=3000)
    assert not verify_pdf(signed_sheet, [school.root.pem], at=later).valid
    assert verify_pdf(signed_sheet, [school.root.pem], at=datetime.now(UTC)).valid


def test_a_document_without_signatures_says_so(quarter_sheet: Built, school: School) -> None:
    found = verify_pdf(quarter_sheet.pdf, [school.root.pem])
    assert not found.valid
    assert found.reason == "В документе нет электронных подписей."


@pytest.mark.parametrize("content", [b"", b"not a PDF", b"%PDF-1.7\n%%EOF", b"\0" * 5000])
def test_what_is_no_pdf_is_refused_without_a_crash(content: bytes, school: School) -> None:
    assert verify_pdf(content, [school.root.pem]).reason == "Файл повреждён или не является документом PDF."
    with pytest.raises(NotADocument):
        sign_pdf(content, school.signer("Иванова Мария Петровна"), reason=REASON, place=PLACE, field="director")


# --- keys, certificates, fields ------------------------------------------------------------------------------------


def test_an_encrypted_key_opens_with_its_password_only(school: School) -> None:
    issued = school.issuing.issue("Иванова Мария Петровна", password=b"right")
    load = partial(Signer.from_pem, issued.key, issued.certificate, school.issuing.pem)
    assert load(b"right").name == "Иванова Мария Петровна"
    for wrong in (b"wrong", None):
        with pytest.raises(KeyUnreadable):
            load(wrong)


def test_a_certificate_must_be_of_this_key_for_signing_and_in_its_time(school: School) -> None:
    issue = school.issuing.issue
    mine, other = issue("Иванова Мария Петровна"), issue("Петрова Светлана Игоревна")
    not_for_signing = issue("Иванова Мария Петровна", for_signing=False)
    expired = issue("Иванова Мария Петровна", starts_in=timedelta(days=-40), lasts=timedelta(days=30))
    for key, certificate, reason in (
        (mine.key, other.certificate, "of another key"),
        (not_for_signing.key, not_for_signing.certificate, "not for signing documents"),
        (expired.key, expired.certificate, "out of its time"),
        (mine.key, b"nothing", "not a certificate"),
    ):
        with pytest.raises(CertificateUnfit) as trouble:
            Signer.from_pem(key, certificate)
        assert trouble.value.details == {"reason": reason}


def test_a_place_is_signed_once_and_must_exist(quarter_sheet: Built, school: School) -> None:
    signer = school.signer("Воскресенский Александр Викторович")
    signed = sign_pdf(quarter_sheet.pdf, signer, field="director", reason=REASON, place=PLACE)
    assert places_of(signed) == {"class_teacher": False, "deputy": False, "director": True}
    for field in ("director", "headmaster", ""):
        with pytest.raises(FieldTaken) as trouble:
            sign_pdf(signed, signer, field=field, reason=REASON, place=PLACE)
        assert trouble.value.details == {"field": field}


def test_a_signer_never_shows_its_key(school: School) -> None:
    assert repr(school.signer("Иванова Мария Петровна")) == "Signer(…)"


def test_only_the_signing_module_knows_the_signing_library() -> None:
    folder = Path(sign.__file__).parent
    users = {
        file.name
        for file in folder.rglob("*.py")
        if "import pyhanko" in file.read_text() or "from pyhanko" in file.read_text()
    }
    assert users == {"sign.py"}

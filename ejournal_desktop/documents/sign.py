"""Put PAdES signatures in a PDF and verify them. The only module that knows pyHanko.

Signatures are PAdES baseline B-B: made offline with a person's X.509 certificate from the school's own authority. Each
signature is appended to the file, so earlier ones and PDF/A conformance stay. Verification is stricter than the
library: the signature container must be written in the file exactly as it was made, so that no byte of the file can
change unseen.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from asn1crypto import cms, keys, parser, x509  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from msgspec import Struct
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.pdf_utils.font.api import FontEngineFactory
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, Margins, SimpleBoxLayoutRule
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.text import TextBoxStyle
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
)
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from ejournal_desktop.documents import fonts
from ejournal_desktop.documents.troubles import (
    CertificateUnfit,
    FieldTaken,
    KeyUnreadable,
    NotADocument,
    SigningFailed,
)

# The library logs names of people and tracebacks of files under test; the sentences returned here replace them.
for _name in ("pyhanko", "pyhanko_certvalidator", "fontTools"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

_BORDER: Final = 1
_STAMP_SIZE: Final = 6
_INK: Final = (0.13, 0.25, 0.47)
_ALL_GOOD: Final = "Подписи верны: документ не изменён после подписания."
_CHANGED_LATER: Final = "После подписания в документ внесены изменения, которые подпись не охватывает."
_STAMP_TEXT: Final = (
    "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ\nВладелец: %(owner)s\nСертификат: %(serial)s\n"
    "Действителен с %(since)s по %(until)s · подписано %(ts)s"
)


class Stamp(Struct, frozen=True):
    """Where a visible stamp goes when the document has no prepared field: page from 0, box x1, y1, x2, y2 in points."""

    page: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Signer:
    """A person's signing key with its certificate; never shown, logged or compared."""

    _key: keys.PrivateKeyInfo
    _certificate: x509.Certificate
    _chain: tuple[x509.Certificate, ...]

    def __repr__(self) -> str:
        return "Signer(…)"

    @classmethod
    def from_pem(cls, key: bytes, certificate: bytes, chain: bytes = b"", password: bytes | None = None) -> Signer:
        """Load a PKCS#8 key (PEM or DER, encrypted or not), its certificate and the certificates of its issuers.

        Raises:
            KeyUnreadable: EJ-361, the password is wrong or the bytes are no key.
            CertificateUnfit: EJ-362, not a certificate, of another key, not for signing, or out of its time.
        """
        try:
            private = load_private_key_from_pemder_data(key, password)
        except (ValueError, TypeError) as error:
            raise KeyUnreadable from error
        own = _certificates(certificate)
        if len(own) != 1:
            raise CertificateUnfit(reason="not one certificate")
        _check_fit(private, own[0], datetime.now(UTC))
        return cls(private, own[0], _certificates(chain) if chain else ())

    @property
    def name(self) -> str:
        """Return whose certificate it is: «Иванова Мария Петровна»."""
        return _owner(self._certificate)


class SignatureCheck(Struct, frozen=True):
    """What was found about one signature."""

    field: str
    signer: str  # "" when the certificate cannot be read
    valid: bool
    covers_whole_document: bool  # nothing was changed since but by adding the later signatures
    signed_at: datetime | None  # by the signer's own clock
    reason: str  # one sentence


class Verification(Struct, frozen=True):
    """What was found about a document; `valid` only when every signature is and nothing is left uncovered."""

    valid: bool
    signers: tuple[str, ...]
    covers_whole_document: bool
    reason: str  # one sentence
    signatures: tuple[SignatureCheck, ...] = ()


# --- signing -------------------------------------------------------------------------------------------------------


def sign_pdf(pdf: bytes, signer: Signer, *, reason: str, place: str, field: str, stamp: Stamp | None = None) -> bytes:
    """Return `pdf` with one more PAdES B-B signature appended.

    `field` names the prepared place («director»): a place is somebody's office, so it is never guessed. A document
    without any place gets one of that name, visible at `stamp` or invisible. The visible stamp names the owner, the
    certificate and the date by this computer's clock.

    Raises:
        FieldTaken: EJ-363, the named place is signed already or does not exist.
        NotADocument: EJ-364, not a PDF.
        SigningFailed: EJ-365, anything else; nothing was changed.
    """
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf))
        prepared = _is_prepared(writer, field)
    except (PdfError, ValueError) as error:
        raise NotADocument from error
    meta = PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        reason=reason, location=place, name=signer.name,
    )  # fmt: skip
    spec = SigFieldSpec(field, on_page=stamp.page, box=stamp.box) if stamp and not prepared else None
    with_stamp = PdfSigner(meta, _simple_signer(signer), stamp_style=_stamp_style(), new_field_spec=spec)
    try:
        out = with_stamp.sign_pdf(writer, appearance_text_params=_stamp_words(signer))
    except (SigningError, PdfError, ValueError, OSError) as error:
        raise SigningFailed from error
    return bytes(out.getbuffer())


def places_of(pdf: bytes) -> dict[str, bool]:
    """Return the places to sign of a document in its order, each with whether it is signed.

    Raises:
        NotADocument: EJ-364, not a PDF.
    """
    try:
        return {name: value is not None for name, value, _ in enumerate_sig_fields(PdfFileReader(BytesIO(pdf)))}
    except (PdfError, ValueError) as error:
        raise NotADocument from error


def _is_prepared(writer: IncrementalPdfFileWriter, wanted: str) -> bool:
    places = {name: value is not None for name, value, _ in enumerate_sig_fields(writer)}
    if places and places.get(wanted, True):
        raise FieldTaken(field=wanted)
    return bool(places)


def _simple_signer(signer: Signer) -> SimpleSigner:
    registry = SimpleCertificateStore.from_certs(signer._chain)  # type: ignore[no-untyped-call]
    return SimpleSigner(signer._certificate, signer._key, registry, embed_roots=False)


class _StampFace(FontEngineFactory):
    """The stamp's typeface read into memory: the library's own factory leaves its file open."""

    def create_font_engine(self, writer: BasePdfFileWriter, obj_stream: object = None) -> GlyphAccumulator:
        own = obj_stream is None and writer.stream_xrefs
        streams = writer.prepare_object_stream() if own else obj_stream  # type: ignore[no-untyped-call]
        return GlyphAccumulator(writer, BytesIO(fonts.stamp_file().read_bytes()), _STAMP_SIZE, obj_stream=streams)


def _stamp_style() -> TextStampStyle:
    left = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MID, Margins(4, 4, 1, 3))
    tight = SimpleBoxLayoutRule(AxisAlignment.ALIGN_MIN, AxisAlignment.ALIGN_MIN, Margins(0, 0, 0, 0))
    words = TextBoxStyle(
        font=_StampFace(), font_size=_STAMP_SIZE, leading=_STAMP_SIZE + 1, text_color=_INK, box_layout_rule=tight
    )
    return TextStampStyle(
        border_width=_BORDER, border_color=_INK, stamp_text=_STAMP_TEXT, timestamp_format="%d.%m.%Y",
        inner_content_layout=left, text_box_style=words,
    )  # fmt: skip


def _stamp_words(signer: Signer) -> dict[str, str]:
    validity = signer._certificate["tbs_certificate"]["validity"]
    return {
        "owner": signer.name,
        "serial": f"{signer._certificate.serial_number:X}",
        "since": f"{validity['not_before'].native:%d.%m.%Y}",
        "until": f"{validity['not_after'].native:%d.%m.%Y}",
    }


def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    try:
        found = tuple(load_certs_from_pemder_data(pem))
        for certificate in found:
            _ = certificate.subject, certificate.public_key  # parsed lazily: fail here, not while signing
    except (ValueError, TypeError) as error:
        raise CertificateUnfit(reason="not a certificate") from error
    return found


def _check_fit(private: keys.PrivateKeyInfo, certificate: x509.Certificate, now: datetime) -> None:
    public = load_der_private_key(private.dump(), None).public_key()
    if public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != certificate.public_key.dump():
        raise CertificateUnfit(reason="of another key")
    usage = certificate.key_usage_value
    if usage is None or "non_repudiation" not in usage.native:
        raise CertificateUnfit(reason="not for signing documents")
    if not certificate.not_valid_before <= now <= certificate.not_valid_after:
        raise CertificateUnfit(reason="out of its time")


def _owner(certificate: x509.Certificate) -> str:
    """Return surname and given names as in Russian certificates; a common name holds only 64 bytes, 32 letters."""
    subject = certificate.subject.native
    parts = [str(subject[part]) for part in ("surname", "given_name") if part in subject]
    return " ".join(parts) or str(subject.get("common_name", ""))


# --- verifying -----------------------------------------------------------------------------------------------------


def verify_pdf(pdf: bytes, trust_roots: Sequence[bytes], at: datetime | None = None) -> Verification:
    """Say whether every signature of `pdf` holds, leads to one of `trust_roots` (PEM or DER) and covers the file.

    `at` is the aware moment at which the certificates must have been in force, for documents older than a certificate's
    term; it must come from a trusted source, such as the receipt of the school's log. Never raises for a bad file.
    """
    if at is not None and at.tzinfo is None:
        raise ValueError("the moment must name its time zone")
    roots = [root for pem in trust_roots for root in _certificates(pem)]
    try:
        reader = PdfFileReader(BytesIO(pdf), strict=True)
        found = reader.embedded_regular_signatures
        revisions = {one.signed_revision for one in found}
        uncovered = bool(found) and reader.xrefs.total_revisions - 1 not in revisions
        checks = tuple(_check(pdf, one, roots, at) for one in found)
    except Exception:  # noqa: BLE001 - a damaged or hostile file may break the parser in any way; it is refused
        return Verification(False, (), False, "Файл повреждён или не является документом PDF.")
    return _summed_up(checks, uncovered=uncovered)


def _summed_up(checks: tuple[SignatureCheck, ...], *, uncovered: bool) -> Verification:
    if not checks:
        return Verification(False, (), False, "В документе нет электронных подписей.")
    signers = tuple(check.signer for check in checks)
    whole = all(check.covers_whole_document for check in checks) and not uncovered
    bad = next((check for check in checks if not check.valid), None)
    reason = bad.reason if bad else _ALL_GOOD if whole else _CHANGED_LATER
    return Verification(bad is None and whole, signers, whole, reason, checks)


def _check(pdf: bytes, one: EmbeddedPdfSignature, roots: list[x509.Certificate], at: datetime | None) -> SignatureCheck:
    last = one.signed_revision == one.reader.xrefs.total_revisions - 1
    context = ValidationContext(trust_roots=roots, moment=at, allow_fetching=False, revocation_mode="soft-fail")
    status = validate_pdf_signature(one, context)
    needed = SignatureCoverageLevel.ENTIRE_FILE if last else SignatureCoverageLevel.ENTIRE_REVISION
    whole = bool(status.coverage is not None and status.coverage >= needed and status.docmdp_ok)
    exact = _written_exactly(pdf, one)
    valid = bool(status.bottom_line) and whole and exact
    return SignatureCheck(
        one.field_name, _owner(status.signing_cert), valid, whole, status.signer_reported_dt,
        _reason(status, whole, exact),
    )  # fmt: skip


def _reason(status: PdfSignatureStatus, whole: bool, exact: bool) -> str:
    if not status.intact or not status.valid or not exact:
        return "Документ или подпись изменены после подписания."
    if not whole:
        return _CHANGED_LATER
    if not status.trusted:
        return "Сертификат подписавшего выдан не удостоверяющим центром школы или не действует."
    if not status.bottom_line:
        return "Подпись не отвечает требованиям к подписям документов."
    return "Подпись верна."


def _written_exactly(pdf: bytes, one: EmbeddedPdfSignature) -> bool:
    """Say whether the part of the file that no hash covers holds the container as made and zeros, nothing else."""
    start, length, after, _rest = (int(part) for part in one.byte_range)
    contents: bytes = one.pkcs7_content
    size = len(_der(contents))
    gap = pdf[start + length : after]
    digits = contents.hex()
    in_one_case = gap in (f"<{digits}>".encode(), f"<{digits.upper()}>".encode())
    return in_one_case and not any(contents[size:]) and _is_strict(contents[:size])


def _der(contents: bytes) -> bytes:
    info = parser.parse(contents, strict=False)
    return bytes(info[3] + info[4] + info[5])


def _is_strict(container: bytes) -> bool:
    """Say whether the parts of the container that the library passes over are as we make them.

    They are the versions, and the outer list of digest algorithms, which must name the one signer's own. A container
    that reads the same but is written otherwise is refused too.
    """
    info = cms.ContentInfo.load(container, strict=True)
    signed = info["content"]
    (signer,) = signed["signer_infos"]
    (digest,) = signed["digest_algorithms"]
    written_as_read = info.copy().dump(force=True) == container
    versions = (signed["version"].native, signer["version"].native)
    return versions == ("v1", "v1") and digest.dump() == signer["digest_algorithm"].dump() and written_as_read

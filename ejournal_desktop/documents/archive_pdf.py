"""Make a plain PDF fit for 25 years: PDF/A-3u with the machine-readable copy attached (ISO 19005-3).

Unicode level (U): every letter can be read back as text. Tagged level (A) is out of reach of the drawing library and
is not promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from io import BytesIO
from typing import Final

import pikepdf
from msgspec import Struct
from pikepdf import Array, AttachedFileSpec, Dictionary, Name, Pdf, Stream, String
from PIL import ImageCms

from ejournal_desktop.documents.paper import SignatureField

PRODUCER: Final = "ejournal"


class About(Struct, frozen=True):
    """What the document says about itself."""

    title: str
    author: str  # the school
    issued_on: date
    copy_name: str = ""  # file name of the machine-readable copy; a secret is printed and has no copy
    copy: bytes = b""


@cache
def _srgb() -> bytes:
    """Return an sRGB profile with a fixed date: the library stamps the moment of making into bytes 24–36."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes.fromhex("07ea00010001000000000000")  # 2026-01-01 00:00:00, six big-endian shorts
    profile[84:100] = bytes(16)  # the profile id is a hash of the rest; zero means "not computed"
    return bytes(profile)


def conforming(plain: bytes, about: About, fields: Sequence[SignatureField]) -> bytes:
    """Return `plain` as PDF/A-3u with the copy attached and empty signature fields; same input, same bytes."""
    with Pdf.open(BytesIO(plain)) as pdf:
        _add_output_intent(pdf)
        if about.copy_name:
            _attach_copy(pdf, about)
        _add_signature_fields(pdf, fields)
        _describe(pdf, about)
        out = BytesIO()
        pdf.save(
            out, deterministic_id=True, min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True,
        )  # fmt: skip
        return out.getvalue()


def _add_output_intent(pdf: Pdf) -> None:
    profile = Stream(pdf, _srgb())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(profile),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def _attach_copy(pdf: Pdf, about: About) -> None:
    moment = _midnight(about.issued_on)
    spec = AttachedFileSpec(
        pdf,
        about.copy,
        filename=about.copy_name,
        description="Данные документа для проверки программой",
        mime_type="application/json",
        relationship=Name.Data,  # type: ignore[call-arg]  # missing from the stub
        creation_date=pikepdf.models.metadata.encode_pdf_date(moment),
        mod_date=pikepdf.models.metadata.encode_pdf_date(moment),
    )
    pdf.attachments[about.copy_name] = spec
    pdf.Root.AF = Array([pdf.attachments[about.copy_name].obj])


def _add_signature_fields(pdf: Pdf, fields: Sequence[SignatureField]) -> None:
    if not fields:
        return
    widgets = [_signature_widget(pdf, field) for field in fields]
    # SigFlags 3: signatures exist, and the file may only grow by appending.
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(widgets), SigFlags=3))


def _signature_widget(pdf: Pdf, field: SignatureField) -> pikepdf.Object:
    page = pdf.pages[field.page]
    x1, y1, x2, y2 = (round(value, 2) for value in field.box)
    empty = Stream(pdf, b"")
    empty.Type, empty.Subtype, empty.BBox = Name.XObject, Name.Form, Array([0, 0, x2 - x1, y2 - y1])
    empty.Resources = Dictionary()
    widget = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String(field.name),
            F=132,  # print, locked: an archived widget must be printable and nothing else
            Rect=Array([x1, y1, x2, y2]),
            P=page.obj,
            AP=Dictionary(N=pdf.make_indirect(empty)),
        )
    )
    if Name.Annots not in page.obj:
        page.obj.Annots = Array()
    page.obj.Annots.append(widget)
    return widget


def _describe(pdf: Pdf, about: About) -> None:
    moment = _midnight(about.issued_on)
    stamp = pikepdf.models.metadata.encode_pdf_date(moment)
    del pdf.docinfo
    pdf.docinfo[Name.Title] = about.title
    pdf.docinfo[Name.Author] = about.author
    pdf.docinfo[Name.Producer] = PRODUCER
    pdf.docinfo[Name.CreationDate] = stamp
    pdf.docinfo[Name.ModDate] = stamp
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp.load_from_docinfo(pdf.docinfo)
        xmp["pdfaid:part"] = "3"
        xmp["pdfaid:conformance"] = "U"
        xmp["dc:language"] = ["ru-RU"]
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

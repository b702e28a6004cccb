"""What can go wrong around documents and signatures: EJ-36x (docs/documents.md says what to do about each)."""

from __future__ import annotations

from typing import ClassVar

from ejournal_core.errors import Trouble


class DoesNotFit(Trouble):
    """EJ-360: something (a list of pupils, say) cannot be laid out on the paper even in the smallest type."""

    code: ClassVar[str] = "EJ-360"


class KeyUnreadable(Trouble):
    """EJ-361: the signing key cannot be read: a wrong password, or a damaged or foreign file."""

    code: ClassVar[str] = "EJ-361"


class CertificateUnfit(Trouble):
    """EJ-362: the certificate does not belong to the key, is out of its time, or is not meant for signing."""

    code: ClassVar[str] = "EJ-362"


class FieldTaken(Trouble):
    """EJ-363: the place for this signature is filled already or is not in the document."""

    code: ClassVar[str] = "EJ-363"


class NotADocument(Trouble):
    """EJ-364: the file is not a PDF, or is damaged so that it cannot be opened."""

    code: ClassVar[str] = "EJ-364"


class SigningFailed(Trouble):
    """EJ-365: the signature could not be made; the document is as it was."""

    code: ClassVar[str] = "EJ-365"

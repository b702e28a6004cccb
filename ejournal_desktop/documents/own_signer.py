"""What the person of this desk signs documents with: asked of the school's authority once, kept in the desk's file."""

from __future__ import annotations

from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ejournal_core import wire
from ejournal_core.errors import Trouble
from ejournal_desktop.documents.sign import Signer
from ejournal_desktop.models.journal import Journal
from ejournal_desktop.models.state import SyncState
from ejournal_desktop.sync.server import SchoolServer


class NoCertificateYet(Trouble):
    """The person has no certificate, and only the server can issue one."""

    code: ClassVar[str] = "EJ-368"


def own_signer(journal: Journal) -> Signer:
    """Return what the person signs with.

    Raises:
        NoCertificateYet: the school's authority has not issued a certificate; `ask_for_certificate` asks for one.
        Trouble: the certificate is out of its time.
    """
    with journal.reading() as connection:
        state = SyncState.read(connection)
    if not state.signer_certificate:
        raise NoCertificateYet("no document certificate on this desk")
    return Signer.from_pem(
        state.signer_key.encode(), state.signer_certificate.encode(), chain=state.signer_chain.encode()
    )


def ask_for_certificate(journal: Journal, server: SchoolServer) -> Signer:
    """Make a key on this desk and have the school's authority certify it; the key never leaves the desk's file.

    Raises:
        Trouble: the server is away or refuses.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, journal.identity.person_name)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    issued = server.issue_signer(wire.SignerRequest(csr=csr.public_bytes(Encoding.PEM).decode()))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    journal.note(signer_key=pem, signer_certificate=issued.certificate, signer_chain=issued.chain)
    return own_signer(journal)

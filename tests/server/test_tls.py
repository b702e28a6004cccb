"""The school's authority before public tools: openssl, Python's TLS, pyHanko and pdfsig."""

from __future__ import annotations

import io
import shutil
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_key
from cryptography.x509.oid import NameOID

from ejournal_server import tls

NOW = datetime.now(UTC)
SCHOOL = "МБОУ «Школа № 7»"
PERSON = tls.Signer("Ёлкина", "Анна Юрьевна", "директор", "person-1")


class Paper:
    """The authority, a server and a person's certificate, as files."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.ca_key, self.tls_key, self.person_key = (new_key(SECP256R1()) for _ in range(3))
        self.ca = tls.make_ca(self.ca_key, SCHOOL, NOW)
        self.server = tls.make_server_certificate(self.ca_key, self.ca, self.tls_key, ["school.local"], NOW)
        self.person = tls.issue_signer(self.ca_key, self.ca, csr(self.person_key), PERSON, SCHOOL, NOW)
        for name, certificate in (("ca", self.ca), ("server", self.server), ("person", self.person)):
            (place / f"{name}.pem").write_text(tls.to_pem(certificate))
        for name, key in (("server", self.tls_key), ("person", self.person_key)):
            (place / f"{name}-key.pem").write_bytes(pem(key))


def pem(key: EllipticCurvePrivateKey, password: bytes | None = None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def csr(key: EllipticCurvePrivateKey, name: str = "Кто угодно") -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    return Paper(tmp_path)


def verify(paper: Paper, name: str, purpose: str) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", "-purpose", purpose, f"{name}.pem"]
    return subprocess.run(command, cwd=paper.place, capture_output=True, check=False).returncode == 0


def test_openssl_accepts_each_certificate_for_its_purpose_and_no_other(paper: Paper) -> None:
    assert verify(paper, "server", "sslserver")
    assert verify(paper, "person", "smimesign")
    assert not verify(paper, "person", "sslserver")
    assert not verify(paper, "person", "sslclient")
    assert not verify(paper, "server", "smimesign")


def test_the_name_on_a_certificate_is_the_schools_record_and_not_what_was_asked_for(paper: Paper) -> None:
    names = {attribute.oid: attribute.value for attribute in paper.person.subject}
    assert names[NameOID.COMMON_NAME] == "Ёлкина Анна Юрьевна"
    assert (names[NameOID.SURNAME], names[NameOID.GIVEN_NAME]) == ("Ёлкина", "Анна Юрьевна")
    assert (names[NameOID.ORGANIZATION_NAME], names[NameOID.TITLE]) == (SCHOOL, "директор")


def test_a_very_long_name_is_shortened_where_x509_has_no_room_for_it(paper: Paper) -> None:
    long = tls.Signer("Константинопольская-Преображенская", "Александра Константиновна", "учитель " * 20, "person-2")
    issued = tls.issue_signer(paper.ca_key, paper.ca, csr(paper.person_key), long, "Школа " * 40, NOW)
    names = {attribute.oid: str(attribute.value) for attribute in issued.subject}
    assert names[NameOID.SURNAME] == "Константинопольская-Преображенская"
    assert len(names[NameOID.ORGANIZATION_NAME]) <= tls.LONGEST
    assert names[NameOID.COMMON_NAME] == "Константинопольская-Преображенск"
    shorter = tls.Signer("Константинопольская", "Александра Константиновна", "", "person-3")
    assert shorter.common_name == "Константинопольская А. К."


@pytest.mark.parametrize(
    "request_pem", ["", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_what_is_no_request_is_not_certified(paper: Paper, request_pem: str) -> None:
    with pytest.raises(ValueError):
        tls.issue_signer(paper.ca_key, paper.ca, request_pem, PERSON, SCHOOL, NOW)


def test_a_request_that_its_key_did_not_sign_is_not_certified(paper: Paper) -> None:
    der = bytearray(x509.load_pem_x509_csr(csr(paper.person_key).encode()).public_bytes(serialization.Encoding.DER))
    der[-5] ^= 1
    broken = ssl.DER_cert_to_PEM_cert(bytes(der)).replace("CERTIFICATE", "CERTIFICATE REQUEST")
    with pytest.raises(ValueError):
        tls.issue_signer(paper.ca_key, paper.ca, broken, PERSON, SCHOOL, NOW)


def test_a_server_certificate_is_renewed_in_time_and_for_new_names(paper: Paper) -> None:
    assert not tls.needs_renewal(paper.server, NOW)
    assert tls.needs_renewal(paper.server, NOW + timedelta(days=tls.SERVER_DAYS - tls.RENEW_DAYS + 1))
    assert tls.is_for(paper.server, ["school.local", "127.0.0.1"])
    assert not tls.is_for(paper.server, ["192.0.2.1"])


# --- over TLS ------------------------------------------------------------------------------------------------------


def shake_hands(paper: Paper, name: str, client: ssl.SSLContext) -> str:
    """Let a client that pins the authority meet a server with this certificate; return the protocol's version."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(paper.place / f"{name}.pem", paper.place / f"{name}-key.pem")
    if name == "server":
        (paper.place / "locked.pem").write_bytes(pem(paper.tls_key, b"secret"))
        server = tls.server_context(paper.place / "server.pem", paper.place / "locked.pem", b"secret")
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except (ssl.SSLError, OSError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname="any address") as connection:
            return str(connection.version())
    finally:
        ours.close()
        thread.join()


def pinning(paper: Paper) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # as the desks do: any address will do, the authority decides
    context.load_verify_locations(cadata=tls.to_pem(paper.ca))
    return context


def test_the_servers_certificate_opens_a_pinned_connection_of_tls_1_3(paper: Paper) -> None:
    assert shake_hands(paper, "server", pinning(paper)) == "TLSv1.3"


def test_an_older_tls_is_not_spoken(paper: Paper) -> None:
    old = pinning(paper)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake_hands(paper, "server", old)


def test_a_person_cannot_pass_for_the_server_with_a_document_certificate(paper: Paper) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="purpose"):
        shake_hands(paper, "person", pinning(paper))


# --- documents -----------------------------------------------------------------------------------------------------


def signed_pdf(paper: Paper) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, signers
    from pyhanko.sign.fields import SigSeedSubFilter
    from reportlab.pdfgen.canvas import Canvas

    plain = io.BytesIO()
    canvas = Canvas(plain, invariant=1)
    canvas.drawString(100, 700, "Summary sheet")
    canvas.save()
    place = paper.place
    load = signers.SimpleSigner.load
    signer = load(place / "person-key.pem", place / "person.pem", (place / "ca.pem",))  # type: ignore[no-untyped-call]
    assert signer is not None
    meta = PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES)
    signed = signers.sign_pdf(IncrementalPdfFileWriter(plain), meta, signer=signer)
    return bytes(signed.getvalue())


def test_pyhanko_trusts_a_document_signed_with_a_persons_certificate(paper: Paper) -> None:
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    content = signed_pdf(paper)
    trust = ValidationContext(trust_roots=[load_cert_from_pemder(paper.place / "ca.pem")])  # type: ignore[no-untyped-call]
    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    status = validate_pdf_signature(signature, trust)
    assert status.bottom_line
    assert status.trusted


def test_pdfsig_trusts_a_document_signed_with_a_persons_certificate(paper: Paper) -> None:
    if shutil.which("pdfsig") is None or shutil.which("certutil") is None:
        pytest.skip("poppler-utils and libnss3-tools are not installed")
    (paper.place / "signed.pdf").write_bytes(signed_pdf(paper))
    (paper.place / "nss").mkdir()
    for command in (
        ["certutil", "-N", "-d", "sql:nss", "--empty-password"],
        ["certutil", "-A", "-d", "sql:nss", "-n", "root", "-t", "CT,C,C", "-i", "ca.pem"],
    ):
        subprocess.run(command, cwd=paper.place, check=True, capture_output=True)
    shown = subprocess.run(
        ["pdfsig", "-nssdir", "sql:nss", "signed.pdf"], cwd=paper.place, capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid" in shown
    assert "Certificate is Trusted" in shown
    assert "Ёлкина Анна Юрьевна" in shown

"""The school's own certificate authority: it vouches for the server's address and for people who sign documents."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from msgspec import Struct

from ejournal_core import russian

#: RFC 9336. With it and without serverAuth, a person's certificate cannot pass for the server's.
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")

CA_NAME = "Удостоверяющий центр школы"
CA_YEARS = 25
SERVER_DAYS = 397
RENEW_DAYS = 60
SIGNER_DAYS = 3 * 366
LONGEST = 64
RSA_BITS = (2048, 8192)
_SLACK = timedelta(minutes=10)  # a desk's clock may be behind


class Signer(Struct, frozen=True):
    """The person a document certificate is for, as it is printed."""

    last_name: str
    first_names: str
    position: str
    person: str  # id, becomes the serial number of the subject

    @property
    def common_name(self) -> str:
        """The full name, or with initials where X.509 has no room for it (64 bytes, two for a Cyrillic letter)."""
        full = f"{self.last_name} {self.first_names}".strip()
        names = (full, russian.short_name(self.last_name, *self.first_names.split()[:2]), self.last_name)
        fitting = next((name for name in names if len(name.encode()) <= LONGEST), self.last_name)
        return fitting.encode()[:LONGEST].decode(errors="ignore")


def make_ca(key: EllipticCurvePrivateKey, school_name: str, now: datetime) -> x509.Certificate:
    """Return the school's root certificate: ECDSA P-256, for signing certificates only."""
    name = _name([(NameOID.ORGANIZATION_NAME, school_name), (NameOID.COMMON_NAME, CA_NAME)])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = _builder(name, name, now, now + timedelta(days=365 * CA_YEARS + 6)).public_key(key.public_key())
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def make_server_certificate(
    ca_key: EllipticCurvePrivateKey, ca: x509.Certificate, key: EllipticCurvePrivateKey, hosts: list[str], now: datetime
) -> x509.Certificate:
    """Return the server's certificate under the school's authority, for loopback and the given names and addresses."""
    name = _name([(NameOID.COMMON_NAME, "ejournal-server")])
    alternatives = x509.SubjectAlternativeName([_general_name(host) for host in dict.fromkeys([*hosts, *LOOPBACK])])
    builder = _builder(name, ca.subject, now, now + timedelta(days=SERVER_DAYS)).public_key(key.public_key())
    return (
        _issued(builder, ca_key)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(alternatives, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


LOOPBACK = ("localhost", "127.0.0.1", "::1")


def needs_renewal(certificate: x509.Certificate, now: datetime) -> bool:
    """Say whether a server certificate ends soon."""
    return certificate.not_valid_after_utc - now < timedelta(days=RENEW_DAYS)


def is_for(certificate: x509.Certificate, hosts: list[str]) -> bool:
    """Say whether a server certificate names all these hosts."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return all(_general_name(host) in names for host in [*hosts, *LOOPBACK])


def issue_signer(
    ca_key: EllipticCurvePrivateKey, ca: x509.Certificate, csr_pem: str, signer: Signer, school_name: str, now: datetime
) -> x509.Certificate:
    """Return a certificate for signing documents. Of the request only the key counts; the name is the school's record.

    Raises:
        ValueError: the request is no PKCS#10 signed by the key it names, or the key is weak (RSA below 2048 bits, say).
    """
    csr = _read_csr(csr_pem)
    subject = _name(
        [
            (NameOID.COUNTRY_NAME, "RU"),
            (NameOID.ORGANIZATION_NAME, school_name),
            (NameOID.TITLE, signer.position),
            (NameOID.SURNAME, signer.last_name),
            (NameOID.GIVEN_NAME, signer.first_names),
            (NameOID.COMMON_NAME, signer.common_name),
            (NameOID.SERIAL_NUMBER, signer.person),
        ]
    )
    builder = _builder(subject, ca.subject, now, now + timedelta(days=SIGNER_DAYS)).public_key(csr.public_key())
    return (
        _issued(builder, ca_key)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(csr.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 (hex) of the DER."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def to_pem(certificate: x509.Certificate) -> str:
    """Return the certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def server_context(certificate: Path, key: Path, passphrase: bytes) -> ssl.SSLContext:
    """Return the TLS settings of the server: 1.3 only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key, password=passphrase)
    return context


def _is_strong(key: object) -> bool:
    """Say whether a key is good for years of signatures, and none that takes the server a day to verify."""
    if isinstance(key, RSAPublicKey):
        return RSA_BITS[0] <= key.key_size <= RSA_BITS[1] and key.public_numbers().e == 65_537
    if isinstance(key, EllipticCurvePublicKey):
        return isinstance(key.curve, SECP256R1 | SECP384R1 | SECP521R1)
    return isinstance(key, Ed25519PublicKey)


def _read_csr(pem: str) -> x509.CertificateSigningRequest:
    csr = x509.load_pem_x509_csr(pem.encode())
    if not _is_strong(csr.public_key()):
        raise ValueError("the key is too weak or too odd to sign documents with")
    if not csr.is_signature_valid:
        raise ValueError("the request is not signed by its key")
    return csr


def _builder(subject: x509.Name, issuer: x509.Name, now: datetime, until: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(until)
    )


def _issued(builder: x509.CertificateBuilder, ca_key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    return builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(
        authority, critical=False
    )


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(parts: list[tuple[ObjectIdentifier, str]]) -> x509.Name:
    # RFC 5280, appendix A, has room for 64 characters in each of them.
    return x509.Name([x509.NameAttribute(oid, value.strip()[:LONGEST]) for oid, value in parts if value.strip()])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)

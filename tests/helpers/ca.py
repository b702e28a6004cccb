"""A school's own certificate authority for tests: root, issuing authority, people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Issued(NamedTuple):
    """A key with its certificate, both as PEM."""

    key: bytes
    certificate: bytes


class Authority:
    """A certificate authority; `issue` certifies a person or, with `authority=True`, an authority below."""

    def __init__(self, name: str, above: Authority | None = None) -> None:
        self.name = _name(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.above = above
        signer = above or self
        builder = _builder(self.name, signer.name, self.key, timedelta(days=3650))
        builder = builder.add_extension(x509.BasicConstraints(True, None), True).add_extension(_usage(ca=True), True)
        self.certificate = builder.sign(signer.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """Return the authority's certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self, person: str, *, password: bytes | None = None, kind: str = "P-256", for_signing: bool = True,
        starts_in: timedelta = timedelta(days=-1), lasts: timedelta = timedelta(days=400),
    ) -> Issued:  # fmt: skip
        """Make a person's key and certify it."""
        key = rsa.generate_private_key(65537, 2048) if kind == "RSA" else ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_person_name(person), self.name, key, lasts, starts_in)
        builder = builder.add_extension(x509.BasicConstraints(False, None), True)
        builder = builder.add_extension(_usage(ca=False, for_signing=for_signing), True)
        certificate = builder.sign(self.key, hashes.SHA256())
        sealing = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
        return Issued(pem, certificate.public_bytes(serialization.Encoding.PEM))


def _name(common: str, *more: x509.NameAttribute[str]) -> x509.Name:
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "RU"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "МБОУ «СОШ № 12»"),
        x509.NameAttribute(NameOID.COMMON_NAME, common),
        *more,
    ])  # fmt: skip


def _person_name(full_name: str) -> x509.Name:
    """Return surname and given names apart, as Russian certificates do: a common name holds 32 Russian letters."""
    surname, _, given = full_name.partition(" ")
    return _name(
        surname,
        x509.NameAttribute(NameOID.SURNAME, surname),
        x509.NameAttribute(NameOID.GIVEN_NAME, given),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, lasts: timedelta, starts_in: timedelta = timedelta(days=-1)
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) + starts_in
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + lasts)
    )


def _usage(*, ca: bool, for_signing: bool = True) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca and for_signing, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip

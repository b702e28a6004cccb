"""Does the installed program have everything? `ejournal-desktop self-test` tries each thing for real and says so."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ejournal_core import seal
from ejournal_core.kinds import School, to_fields
from ejournal_core.wire import SnapshotRecord
from ejournal_desktop import guards, paths
from ejournal_desktop.models.desk import create_journal, open_journal
from ejournal_desktop.models.facts import DeskFacts
from ejournal_desktop.models.loading import load_whole
from ejournal_desktop.models.pages import PupilLine, SummarySheet
from ejournal_desktop.models.state import Identity

WORD = "КАНАРЕЙКА"


def run() -> int:
    """Try everything, a line each; return 0 when all of it works."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if _no_screen() else "")
    failed = 0
    for name, attempt in _ATTEMPTS.items():
        try:
            said = attempt()
        except Exception as error:  # noqa: BLE001  # whatever is missing, the list goes on
            failed += 1
            said = f"НЕ РАБОТАЕТ: {type(error).__name__}: {error}"
        sys.stdout.write(f"{name:<22} {said}\n")
    sys.stdout.write("self-test: всё работает\n" if not failed else f"self-test: не работает {failed}\n")
    return 1 if failed else 0


def _no_screen() -> bool:
    return sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def surroundings() -> str:
    """The known traps of the libraries are not here."""
    guards.check_surroundings()
    return f"Python {sys.version.split()[0]}, Qt {guards.installed_version('PySide6-Essentials')}"


def resources() -> str:
    """What the program reads besides its code came along."""
    folder = paths.resources_folder()
    found = sum(1 for path in folder.rglob("*") if path.is_file())
    if not found:
        raise FileNotFoundError("resources")
    return f"{found} файлов"


def window() -> str:
    """A window can be drawn with the program's own typeface."""
    from ejournal_desktop.ui import first_window

    return first_window.prove()


def system_keyring() -> str:
    """A keyring that encrypts, or the plain word that a file takes its place."""
    backend = guards.usable_keyring()
    if backend is None:
        return "нет: его место займёт файл учётной записи"
    name = f"self-test-{secrets.token_hex(4)}"
    backend.set_password("ejournal-self-test", name, WORD)
    try:
        if backend.get_password("ejournal-self-test", name) != WORD:
            raise RuntimeError("the keyring does not give back what it was given")
    finally:
        backend.delete_password("ejournal-self-test", name)
    return type(backend).__module__.rpartition(".")[2]


def encrypted_file() -> str:
    """A journal can be written, read back, and not read without its key."""
    with tempfile.TemporaryDirectory() as folder:
        file, key = Path(folder) / "journal.db", secrets.token_bytes(32)
        identity = Identity("desk", "person", WORD, "school", seal.new_signing_key())
        journal = create_journal(file, key, identity)
        fields = to_fields(School(id="school", full_name=WORD, short_name=WORD))
        load_whole(journal, 1, [SnapshotRecord(kind="School", record="school", number=1, fields=fields)])
        journal.close()
        again = open_journal(file, key)
        with again.reading() as connection:
            found = DeskFacts(connection, again.clock(), None).get(School, "school")
        again.close()
        if found is None or found.full_name != WORD:
            raise RuntimeError("the journal does not give back what was written")
        if any(WORD.encode() in path.read_bytes() for path in Path(folder).iterdir()):
            raise RuntimeError("the file is not encrypted")
    return "записан, прочитан, без ключа закрыт"


def signed_paper() -> str:
    """A paper can be built and signed, and one changed byte shows."""
    from ejournal_desktop.documents import build_summary_sheet
    from ejournal_desktop.documents.sign import Signer, sign_pdf, verify_pdf

    key, certificate, authority = _signer()
    built = build_summary_sheet(_sheet())
    signer = Signer.from_pem(key, certificate, authority)
    pdf = sign_pdf(built.pdf, signer, reason="self-test", place="", field="class_teacher")
    if not verify_pdf(pdf, [authority]).valid:
        raise RuntimeError(verify_pdf(pdf, [authority]).reason)
    middle = len(built.pdf) // 2
    if verify_pdf(pdf[:middle] + bytes([pdf[middle] ^ 1]) + pdf[middle + 1 :], [authority]).valid:
        raise RuntimeError("a changed byte went unseen")
    return f"{built.pages} с., подпись верна, изменённый байт замечен"


def _sheet() -> SummarySheet:
    return SummarySheet(
        school_full_name="Школа для проверки", place="", class_title="7 «Б»", year_title="2026/27",
        period_titles=("I четверть",), subjects=("Алгебра",), pupils=(PupilLine(1, "Ёлкин Пётр Ильич"),),
        marks={(1, "I четверть", "Алгебра"): "5"}, decisions={}, class_teacher="", deputy="", director="",
        issued_on=date(2026, 11, 21), document_number="", log_size=0, log_root="",
    )  # fmt: skip


def _signer() -> tuple[bytes, bytes, bytes]:
    """Return a key, its certificate and an authority made for this test alone, PEM."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Проверка: центр", root_key, None, root_key)
    own = _certificate("Проверка", key, root, root_key)
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    return key.private_bytes(pem, pkcs8, plain), own.public_bytes(pem), root.public_bytes(pem)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now, is_root = datetime.now(UTC), issuer is None
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder(issuer.subject if issuer else subject, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


_ATTEMPTS: dict[str, Callable[[], str]] = {
    "окружение": surroundings,
    "ресурсы": resources,
    "окно и шрифт": window,
    "хранилище ключей": system_keyring,
    "зашифрованный файл": encrypted_file,
    "документ и подпись": signed_paper,
}

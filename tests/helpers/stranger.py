"""A small desk written by a stranger: from docs/sync-protocol.md and the RFCs, with no code of ours.

What it holds is what it could prove from the one thing it believes: the server's key of the pairing.

    station = pair("https://127.0.0.1:8443", "ПК", approve)      # approve(code): the administrator says yes
    desk = station.open_desk("p-teacher", code, "длинный пароль")
    desk.load()
    desk.enter("Mark", record, {"value": "5"}, now)
    desk.meet()
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.helpers import stranger_bytes as form
from tests.helpers import stranger_tree as tree
from tests.helpers.stranger_bytes import Message, Untrue, unhex
from tests.helpers.stranger_line import Line
from tests.helpers.stranger_proofs import (
    Keys,
    Page,
    check_consistency,
    check_head,
    check_inclusion,
    check_manifest,
    check_receipt,
    fingerprint,
    grown,
    read_parts,
)
from tests.helpers.stranger_records import Records
from tests.helpers.stranger_tree import Frontier

# --- the workstation -----------------------------------------------------------------------------------------------


class Station:
    """A paired workstation."""

    def __init__(self, line: Line, hello: Message) -> None:
        self.line, self.school = line, str(hello["school"])
        self.server_key, self.seal_key = str(hello["server_key"]), str(hello["seal_key"])
        self.lines = [line]

    def close(self) -> None:
        """End its connections and those of its desks."""
        for line in self.lines:
            line.close()

    def people(self) -> list[Message]:
        """Ask who may sign in here."""
        return [form.read(line, "id", "name") for line in form.unpack(self.line.call("GET", "/v1/people"))]

    def open_desk(self, person: str, code: str, password: str) -> Desk:
        """Certify a new key by an activation code, and check the number of the certificate's line is under the head."""
        key = Ed25519PrivateKey.generate()
        wanted = {"person": person, "secret": code, "new_password": password, "public_key": form.public(key)}
        answer = self.line.call("POST", "/v1/desks", form.canonical(wanted))
        told = form.read(answer, "desk", "person", "number", "head")
        check_head(told["head"], None, self.school, self.server_key)
        line = Line(self.line.address, self.line.authority, f"desk:{told['desk']}", key)
        self.lines.append(line)
        return Desk(self, line, key, str(told["desk"]), person)

    def deliver(self, bodies: Sequence[bytes]) -> Message:
        """Bring bodies of pushes of any desk, each sealed to the server's key."""
        sealed = b"".join(form.seal(self.seal_key, self.school, body) for body in bodies)
        return form.read(self.line.call("POST", "/v1/sealed", sealed), "delivered", "waiting", "damaged")


def pair(address: str, name: str, approve: Callable[[str], object]) -> Station:
    """Become a workstation of the school; `approve` is the administrator, who compares the code."""
    key, nonce = Ed25519PrivateKey.generate(), os.urandom(32)
    with contextlib.closing(Line(address, None)) as unknown:
        hello = unknown.hello()
        started, code = _begin_pairing(unknown, hello, name, key, nonce)
    line = Line(address, started["ca_certificate"])
    try:
        line.key_id, line.key = f"workstation:{_approved(line, started['pairing'], nonce, code, approve)}", key
        pinned = line.hello()
        if pinned["school"] != hello["school"]:
            raise Untrue("another school")
    except BaseException:
        line.close()
        raise
    return Station(line, pinned)


def _begin_pairing(line: Line, hello: Message, name: str, key: Ed25519PrivateKey, nonce: bytes) -> tuple[Message, str]:
    """Commit to a nonce; return what the server answers and the code of the two screens."""
    public = key.public_key().public_bytes_raw()
    start = {"workstation_name": name, "public_key": public.hex()}
    start["commitment"] = hashlib.sha256(nonce + public).hexdigest()
    started = form.read(
        line.send("POST", "/v1/pair", form.canonical(start)), "pairing", "nonce", "ca_certificate"
    )  # fmt: skip
    authority = hashlib.sha256(ssl.PEM_cert_to_DER_cert(started["ca_certificate"])).digest()
    if authority.hex() != hello["ca_sha256"]:
        raise Untrue("two authorities")
    return started, form.pairing_code([hello["school"].encode(), authority, public, nonce, unhex(started["nonce"])])


def _approved(line: Line, pairing: str, nonce: bytes, code: str, approve: Callable[[str], object]) -> str:
    """Open the commitment, let the administrator decide, and return the workstation's id."""
    path, opened = f"/v1/pair/{pairing}", form.canonical({"nonce": nonce.hex()})
    if form.read(line.send("POST", path, opened), "state")["state"] != "waiting":
        raise Untrue("nobody was asked")
    approve(code)
    state = form.read(line.send("POST", path, opened), "state", "workstation")
    if state["state"] != "approved":
        raise Untrue("not approved")
    return str(state["workstation"])


# --- the desk ------------------------------------------------------------------------------------------------------


class Desk:
    """One person's journal, as far as the protocol goes."""

    def __init__(self, station: Station, line: Line, key: Ed25519PrivateKey, desk_id: str, person: str) -> None:
        self.station, self.line, self.id, self.person = station, line, desk_id, person
        self.keys = Keys(station.school, station.server_key)
        self.records = Records()
        self.frontier = Frontier()
        self.head: Message | None = None
        self.slices: list[str] = []
        self.key: Ed25519PrivateKey = key
        self.hashes: dict[int, bytes] = {}  # of own changes by counter
        self.n, self.prev = 0, ""
        self.unsent: list[tuple[Message, str]] = []  # with the hash before each
        self.told: dict[str, Message] = {}  # verdicts of receipts by change
        self.met: dict[int, tuple[Message, Message]] = {}  # own changes answered for in this meeting, by counter

    # --- down ---

    def load(self) -> None:
        """Load everything by a snapshot, prove it by its history, and tell the server."""
        self.ask_scope()
        manifest, bodies = self.fetch_snapshot(self.slices)
        records, undecided = read_parts(manifest, bodies)
        self.head = check_head(manifest["head"], self.head, self.station.school, self.station.server_key)
        self.keys, self.records = Keys(self.station.school, self.station.server_key), Records()
        self.learn_history(manifest["number"])
        self.records.compare(records)
        self.records.undecided = {each["dispute"]["id"]: each["verdict"] for each in undecided}
        self.frontier = check_manifest(manifest)
        self.line.call("POST", "/v1/scope", form.pack({"slices": self.slices}))

    def ask_scope(self) -> None:
        """Ask what the person may see."""
        told = form.read(form.unpack_one(self.line.call("GET", "/v1/scope")), "scope", "slices", "head")
        check_head(told["head"], self.head, self.station.school, self.station.server_key)
        self.slices = sorted(told["slices"])
        if told["scope"] != fingerprint(self.slices):
            raise Untrue("another scope")

    def fetch_snapshot(self, slices: Sequence[str]) -> tuple[Message, list[bytes]]:
        """Return the manifest of a snapshot of these slices and its parts as they travel."""
        body = self.line.call("POST", "/v1/snapshot", form.pack({"slices": list(slices), "after": 0}))
        manifest = form.read(
            form.unpack_one(body), "id", "number", "scope", "records", "head", "peaks", "chunks"
        )  # fmt: skip
        parts = range(len(manifest["chunks"]))
        return manifest, [self.line.call("GET", f"/v1/snapshot/{manifest['id']}/{part}") for part in parts]

    def learn_history(self, upto: int) -> None:
        """Fetch all lines of the slices up to a number, prove them and replay them."""
        frontier = Frontier()
        while frontier.size < upto:
            frontier = self.believe(Page(self.fetch_history(frontier.size, upto)), frontier, end=upto)

    def fetch_history(self, after: int, upto: int) -> bytes:
        """Return a page of what happened to the desk's slices, as it travels."""
        wanted = {"slices": self.slices, "after": after, "upto": upto}
        return self.line.call("POST", "/v1/history", form.pack(wanted))

    def pull(self) -> None:
        """Take in what is new, page by page; nothing of a page that is not proved."""
        more = True
        while more:
            page = Page(self.fetch_page())
            self.frontier, more = self.believe(page, self.frontier), page.head["more"]
        self.met.clear()

    def fetch_page(self, query: str = "") -> bytes:
        """Return the next page as it travels, without the own changes of this meeting."""
        own = f"{min(self.met)}-{max(self.met)}" if self.met else "0-0"
        scope = fingerprint(self.slices)
        return self.line.call("GET", "/v1/pull", query=f"after={self.frontier.size}&scope={scope}&own={own}{query}")

    def believe(self, page: Page, frontier: Frontier, end: int = 0) -> Frontier:
        """Take in a page that is proved; return the frontier behind it."""
        after = self.check(page, frontier, end)
        self.head = page.head["head"]
        brought = {line["verdict"]["number"]: (line["change"], line["verdict"]) for line in page.lines}
        mine = {} if end else self._own_lines()
        left_out = {number: each for number, each in mine.items() if frontier.size < number <= after.size}
        for _, (change, verdict) in sorted((brought | left_out).items()):
            self.records.apply(change, verdict)
        return after

    def check(self, page: Page, frontier: Frontier, end: int = 0) -> Frontier:
        """Return the frontier behind a page that is proved; of all others nothing is taken in."""
        try:
            check_head(page.head["head"], self.head, self.station.school, self.station.server_key)
            own = {} if end else {number: self._leaf(*each) for number, each in self._own_lines().items()}
            after = grown(page, frontier, own, end)
            self.keys.check_page(page)
            if any(self.told.get(line["change"]["id"], line["verdict"]) != line["verdict"] for line in page.lines):
                raise Untrue("the log says otherwise than the receipt")
            if page.head["scope"] != fingerprint(self.slices):
                raise Untrue("another scope")
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Untrue("a field of another form") from None
        return after

    def _own_lines(self) -> dict[int, tuple[Message, Message]]:
        """Return own changes of this meeting by their numbers in the log; a pull leaves them out."""
        return {verdict["number"]: (change, verdict) for change, verdict in self.met.values() if verdict["number"]}

    def _leaf(self, change: Message, verdict: Message) -> bytes:
        return tree.leaf(form.leaf_content(self.hashes[change["n"]], verdict))

    # --- up ---

    def enter(self, kind: str, record: str, wanted: Message, at: str, **more: Any) -> Message:
        """Make a change: `wanted` are the fields and their values; `more` are other fields of the change."""
        stands = self.records.get(kind, record)
        was = {} if stands is None else {name: stands[name] for name in wanted}
        change = {
            "v": 1, "min": 1, "id": uuid7(), "desk": self.id, "n": self.n + 1, "author": self.person, "kind": kind,
            "record": record, "was": was, "set": wanted, "act": "create" if stands is None else "change", "why": "",
            "at": at, "head": form.head_hash(self.head) if self.head else "", "salt": "", **more,
        }  # fmt: skip
        hidden = sorted(self.records.erasable(kind) & wanted.keys())
        if hidden:
            change |= {"salt": os.urandom(32).hex(), "hidden": hidden}
        if form.is_rare(change):
            change["signature"] = self.key.sign(form.alone(change, self.prev)).hex()
        self.unsent.append((change, self.prev))
        hash_ = form.change_hash(change, self.prev)
        self.n, self.prev = self.n + 1, hash_.hex()
        self.hashes[self.n] = hash_
        self.records.show(change)
        return change

    def batch(self) -> tuple[Message, list[Message], bytes]:
        """Return the head of a batch of all that is unsent, its changes, and the body of its push."""
        changes = [change for change, _ in self.unsent]
        root = tree.root([tree.leaf(self.hashes[change["n"]]) for change in changes]).hex()
        head = {"v": 1, "school": self.station.school, "desk": self.id, "first": changes[0]["n"],
                "count": len(changes), "prev": self.unsent[0][1], "root": root}  # fmt: skip
        signed = form.sign(self.key, "BatchHead", head)
        return signed, changes, form.pack(signed, *changes)

    def push(self) -> Message:
        """Send what is unsent; return the verified receipt."""
        head, changes, body = self.batch()
        receipt = check_receipt(self.line.call("POST", "/v1/push", body), head, changes, self.station.server_key)
        self.settle(changes, receipt)
        return receipt

    def fetch_receipts(self) -> Message:
        """Ask for the receipt of all that is unsent, which somebody else has delivered; return it verified."""
        head, changes, _ = self.batch()
        (body,) = form.unpack(self.line.call("GET", "/v1/receipts", query=f"first={head['first']}"))
        receipt = check_receipt(body, head, changes, self.station.server_key)
        self.settle(changes, receipt)
        return receipt

    def settle(self, changes: Sequence[Message], receipt: Message) -> None:
        """Take verdicts of a verified receipt to heart."""
        for change, verdict in zip(changes, receipt["verdicts"], strict=True):
            self.told[change["id"]] = verdict
            self.met[change["n"]] = (change, verdict)
        self.unsent.clear()

    def meet(self) -> None:
        """Send, receive."""
        if self.unsent:
            self.push()
        self.pull()

    # --- asking ---

    def prove_line(self, change: Message) -> None:
        """Let the server prove that a change of this desk stands, with its verdict, in the log of the newest head."""
        verdict, head = self.told[change["id"]], self._held()
        answer = self.line.call("GET", "/v1/proof", query=f"number={verdict['number']}&to={head['size']}")
        check_inclusion(answer, self._leaf(change, verdict), verdict["number"], head)

    def prove_beginning(self, old: Message) -> None:
        """Let the server prove that the log of an earlier head is the beginning of the newest one's."""
        head = self._held()
        answer = self.line.call("GET", "/v1/proof", query=f"from={old['size']}&to={head['size']}")
        check_consistency(answer, old, head)

    def compare_slices(self) -> dict[str, str]:
        """Return the server's digest of each slice, all of which are as this desk holds them."""
        found: dict[str, str] = {}
        while lines := form.unpack(self.line.call("GET", "/v1/digest", query=f"after={quote(max(found, default=''))}")):
            found |= {line["slice"]: line["digest"] for line in map(form.read, lines)}
        if found.keys() - set(self.slices) or {name: self.records.digest(name) for name in found} != found:
            raise Untrue("a slice differs")
        return found

    def _held(self) -> Message:
        assert self.head is not None
        return self.head


def uuid7() -> str:
    """Return a fresh UUIDv7 (RFC 9562) as 32 hexadecimal digits."""
    random = int.from_bytes(os.urandom(10))
    high = time.time_ns() // 10**6 << 16 | 7 << 12 | random >> 68
    return f"{high << 64 | 2 << 62 | random & 2**62 - 1:032x}"

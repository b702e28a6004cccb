"""What a stranger's desk verifies before it believes an answer, as docs/sync-protocol.md has it; no code of ours."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.helpers import stranger_bytes as form
from tests.helpers import stranger_tree as tree
from tests.helpers.stranger_bytes import Message, Untrue, unhex
from tests.helpers.stranger_tree import Frontier

SERVER = "server"
VERDICT = ("id", "number", "outcome", "reason", "at")
HEAD = ("school", "epoch", "size", "root", "at", "signature")
BATCH = ("v", "school", "desk", "first", "count", "prev", "root", "signature")
CHANGE = ("v", "min", "id", "desk", "n", "author", "kind", "record", "was", "set", "act", "why", "at",
          "head", "salt")  # fmt: skip


def check_head(head: object, known: Message | None, school: str, server_key: str) -> Message:
    """Return a tree head that the school's server has signed and that takes nothing back."""
    if not isinstance(head, dict) or not head.keys() >= set(HEAD) or head["school"] != school:
        raise Untrue("no tree head of this school")
    form.verify_message(server_key, "TreeHead", head)
    if known is not None:
        same_size = head["size"] == known["size"]
        if head["epoch"] != known["epoch"] or head["size"] < known["size"]:
            raise Untrue("the log has shrunk")
        if same_size and head["root"] != known["root"]:
            raise Untrue("two logs of one size")
    return head


def check_receipt(body: bytes, batch: Message, changes: Sequence[Message], server_key: str) -> Message:
    """Return the receipt if it is the server's answer to exactly this batch."""
    receipt = form.read(body, "v", "school", "desk", "root", "verdicts", "head", "at", "signature")
    form.verify_message(server_key, "Receipt", receipt)
    if any(receipt[name] != batch[name] for name in ("school", "desk", "root")):
        raise Untrue("the receipt of another batch")
    if [verdict["id"] for verdict in receipt["verdicts"]] != [change["id"] for change in changes]:
        raise Untrue("a verdict for each change, in order")
    return receipt


def check_inclusion(answer: bytes, leaf: bytes, number: int, head: Message) -> None:
    """Refuse an answer of `/v1/proof` that does not prove a leaf to stand at its number under a verified head."""
    path = [unhex(each) for each in form.read(answer, "path")["path"]]
    tree.verify_inclusion(leaf, number - 1, head["size"], path, unhex(head["root"]))


def check_consistency(answer: bytes, old: Message, head: Message) -> None:
    """Refuse an answer of `/v1/proof` that does not prove one verified head to follow from an earlier one."""
    path = [unhex(each) for each in form.read(answer, "path")["path"]]
    tree.verify_consistency(old["size"], head["size"], path, unhex(old["root"]), unhex(head["root"]))


# --- pages -----------------------------------------------------------------------------------------------------------


class Page:
    """An answer to a pull or to a question for history, read but not yet believed."""

    def __init__(self, body: bytes) -> None:
        first, *rest = form.unpack(body) or [b""]
        self.head = form.read(first, "v", "upto", "more", "scope", "head", "hidden", "batches")
        self.lines = [form.read(line, "change", "prev", "verdict", "batch", "index", "path") for line in rest]
        for line in self.lines:
            shapes = ((line["change"], CHANGE), (line["verdict"], VERDICT))
            if any(not isinstance(each, dict) or not each.keys() >= set(names) for each, names in shapes):
                raise Untrue("a line without a change or a verdict")
        if self.head["v"] != 1 or any(type(line["verdict"]["number"]) is not int for line in self.lines):
            raise Untrue("no page of this protocol")
        if any(not isinstance(head, dict) or head.keys() != set(BATCH) for head in self.head["batches"]):
            raise Untrue("no batch")
        self.hashes = [form.change_hash(line["change"], line["prev"]) for line in self.lines]


class Keys:
    """Whose signature counts: the server's from the pairing, a desk's from its certificate in the log on."""

    def __init__(self, school: str, server_key: str) -> None:
        self.school = school
        self.known = {SERVER: (SERVER, server_key)}

    def check_page(self, page: Page) -> None:
        """Refuse lines that their authors' desks have not signed; learn the certificates among them."""
        heads = {head["root"]: head for head in page.head["batches"]}
        groups: dict[str, list[tuple[Message, bytes]]] = defaultdict(list)
        for line, hash_ in zip(page.lines, page.hashes, strict=True):
            groups[line["batch"]].append((line, hash_))
        if heads.keys() != groups.keys() or len(heads) != len(page.head["batches"]):
            raise Untrue("batches without lines, or lines without a batch")
        for batch, group in groups.items():
            self._check_batch(heads[batch], group)

    def _check_batch(self, head: Message, group: list[tuple[Message, bytes]]) -> None:
        person, key = self.known.get(head["desk"], ("", ""))
        form.verify_message(key, "BatchHead", head)
        for line, hash_ in group:
            change = line["change"]
            said = (change["desk"], change["author"], change["n"], line["verdict"]["id"], head["school"])
            if said != (head["desk"], person, head["first"] + line["index"], change["id"], self.school):
                raise Untrue("a line of another desk, person or counter")
            if form.is_rare(change):
                form.verify(key, form.alone(change, line["prev"]), change.get("signature"))
            self._check_place(head, line, hash_, group)
            if head["desk"] == SERVER and change["kind"] == "Certificate":
                self._learn(change, line["verdict"])

    def _check_place(self, head: Message, line: Message, hash_: bytes, group: list[tuple[Message, bytes]]) -> None:
        if len(group) < head["count"]:
            path = [unhex(each) for each in line["path"]]
            tree.verify_inclusion(tree.leaf(hash_), line["index"], head["count"], path, unhex(head["root"]))
            return
        leaves = [tree.leaf(other) for _, other in sorted(group, key=lambda each: each[0]["index"])]
        indexes = sorted(each["index"] for each, _ in group)
        if indexes != list(range(head["count"])) or tree.root(leaves).hex() != head["root"] or line["path"]:
            raise Untrue("the batch is another")

    def _learn(self, change: Message, verdict: Message) -> None:
        fields = change["set"]
        if verdict["outcome"] == "taken" and fields.get("subject_kind") == "desk":
            self.known[change["record"]] = (fields["person_id"], fields["public_key"])


def grown(page: Page, frontier: Frontier, left_out: dict[int, bytes], end: int = 0) -> Frontier:
    """Return the frontier at `upto` if the page's lines, and the leaves it left out, stand in the signed log.

    Args:
        end: the number that was asked for; 0: the newest.
    """
    head, upto = page.head["head"], page.head["upto"]
    numbers = [line["verdict"]["number"] for line in page.lines]
    last = end or head["size"]
    in_order = numbers == sorted(set(numbers)) and all(frontier.size < number <= upto for number in numbers)
    goes_on = frontier.size < upto < last if page.head["more"] else upto == last
    if not in_order or not goes_on:
        raise Untrue("the numbers are out of order")
    if not page.head["more"] and any(number > last for number in left_out):
        raise Untrue("a receipt names a number beyond the log")
    leaves = {number - 1: leaf for number, leaf in left_out.items() if frontier.size < number <= upto}
    for line, hash_ in zip(page.lines, page.hashes, strict=True):
        leaves[line["verdict"]["number"] - 1] = tree.leaf(form.leaf_content(hash_, line["verdict"]))
    return tree.grow(frontier, leaves, unhex(page.head["hidden"]), upto, (head["size"], head["root"]))


# --- snapshots -----------------------------------------------------------------------------------------------------


def check_manifest(manifest: Message) -> Frontier:
    """Return the frontier at a snapshot's number if it is that of the signed head."""
    peaks, head = unhex(manifest["peaks"]), manifest["head"]
    frontier = Frontier(manifest["number"], [peaks[i : i + 32] for i in range(0, len(peaks), 32)])
    if manifest["number"] != head["size"] or frontier.root().hex() != head["root"]:
        raise Untrue("the snapshot does not stand at its head")
    return frontier


def read_parts(manifest: Message, bodies: Sequence[bytes]) -> tuple[list[Message], list[Message]]:
    """Return the records of a snapshot and what was undecided then."""
    records: list[Message] = []
    undecided: list[Message] = []
    for told, body in zip(manifest["chunks"], bodies, strict=True):
        if hashlib.sha256(body).hexdigest() != told["sha256"]:
            raise Untrue("another part")
        lines = form.unpack(body)
        count = told["records"]
        records += [form.read(line, "kind", "record", "number", "fields") for line in lines[:count]]
        undecided += [form.read(line, "dispute", "verdict") for line in lines[count:]]
    if len(records) != manifest["records"]:
        raise Untrue("too few records")
    return records, undecided


def fingerprint(slices: Iterable[str]) -> str:
    """Return the fingerprint of a scope."""
    return hashlib.sha256("\n".join(sorted(slices)).encode()).hexdigest()[:32]

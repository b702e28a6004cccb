"""The tree of docs/sync-protocol.md as a stranger computes it: RFC 9162 and the page, with no code of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from tests.helpers.stranger_bytes import Untrue


def leaf(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over hashes of leaves (RFC 9162, 2.1.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root(leaves[:split]), root(leaves[split:]))


class Frontier:
    """A growing tree, known by the (size, root) of its perfect subtrees from left to right."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        sizes = [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
        if len(sizes) != len(peaks):
            raise Untrue("no frontier of this size")
        self.peaks = list(zip(sizes, peaks, strict=True))

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return sum(size for size, _ in self.peaks)

    def add(self, size: int, value: bytes) -> None:
        """Append a perfect subtree of `size` leaves."""
        if self.size % size:
            raise Untrue("no such subtree follows")
        while self.peaks and self.peaks[-1][0] == size:
            value, size = node(self.peaks.pop()[1], value), size * 2
        self.peaks.append((size, value))

    def root(self) -> bytes:
        """Return the root."""
        if not self.peaks:
            return root([])
        value = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            value = node(peak, value)
        return value

    def copy(self) -> Frontier:
        """Return another one that grows on its own."""
        made = Frontier()
        made.peaks = list(self.peaks)
        return made


def cover(start: int, end: int) -> Iterator[int]:
    """Yield the sizes of the largest perfect subtrees over the leaves start … end - 1, from left to right."""
    while start < end:
        size = 1 << (end - start).bit_length() - 1
        while start % size:
            size //= 2
        yield size
        start += size


def grow(before: Frontier, known: Mapping[int, bytes], hidden: bytes, upto: int, head: tuple[int, str]) -> Frontier:
    """Grow a tree over the leaves known by index and the hidden ones to the head (size, root); return it at `upto`."""
    frontier, rest = before.copy(), [hidden[i : i + 32] for i in range(0, len(hidden), 32)]
    places = sorted(known)
    if len(hidden) % 32 or not before.size <= upto <= head[0] or (places and not before.size <= places[0] <= upto):
        raise Untrue("the page lies beside the log")
    for place in places:
        _over_gap(frontier, place, rest)
        frontier.add(1, known[place])
    _over_gap(frontier, upto, rest)
    at_upto = frontier.copy()
    _over_gap(frontier, head[0], rest)
    if rest or frontier.root().hex() != head[1]:
        raise Untrue("the root is another")
    return at_upto


def _over_gap(frontier: Frontier, end: int, rest: list[bytes]) -> None:
    if frontier.size > end:
        raise Untrue("two leaves at one place")
    for size in cover(frontier.size, end):
        if not rest:
            raise Untrue("too few hidden hashes")
        frontier.add(size, rest.pop(0))


def verify_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], wanted: bytes) -> None:
    """Refuse a path that does not lead from the leaf to the root (RFC 9162, 2.1.3.2)."""
    fn, sn, value = index, size - 1, leaf_hash
    for sibling in path:
        if sn == 0:
            raise Untrue("the path is too long")
        if fn & 1 or fn == sn:
            value = node(sibling, value)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            value = node(value, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or value != wanted or not 0 <= index < size:
        raise Untrue("the leaf is not there")


def verify_consistency(first: int, second: int, path: Sequence[bytes], old: bytes, new: bytes) -> None:
    """Refuse a proof that one tree is not the beginning of the other (RFC 9162, 2.1.4.2); 0 < first < second."""
    proof = [old, *path] if first & (first - 1) == 0 else list(path)
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if not proof:
        raise Untrue("no proof")
    fr = sr = proof[0]
    for sibling in proof[1:]:
        if sn == 0:
            raise Untrue("the proof is too long")
        if fn & 1 or fn == sn:
            fr, sr = node(sibling, fr), node(sibling, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or (fr, sr) != (old, new):
        raise Untrue("the one is not the beginning of the other")

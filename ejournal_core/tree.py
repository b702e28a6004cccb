"""The school's Merkle tree (RFC 9162, section 2.1): a short root that no line of the log can leave unnoticed.

Leaves and nodes are hashed with different prefixes, so neither can pass for the other. A tree grows by its *frontier*:
the roots of the perfect subtrees from left to right, one for each set bit of the size. Perfect subtrees never change
again, so proofs need nothing but them; `(level, index)` names the subtree over the leaves
`index * 2**level … (index + 1) * 2**level - 1`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

#: Gives the hash of a perfect subtree, `(level, index)`.
NodeReader = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier(Struct, frozen=True):
    """A growing tree: its size and the roots of its perfect subtrees, the largest (leftmost) first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """Return the root of the tree, 32 bytes."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def to_bytes(self) -> bytes:
        """Return the peaks side by side; with the size they are the whole frontier."""
        return b"".join(self.peaks)

    @classmethod
    def from_bytes(cls, size: int, peaks: bytes) -> Frontier:
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the number of peaks is not the number of set bits of `size`.
        """
        if size < 0 or len(peaks) != size.bit_count() * HASH_BYTES:
            raise ValueError(f"a tree of {size} leaves has not {len(peaks)} bytes of peaks")
        return cls(size, tuple(peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES)))


class Growth(Struct, frozen=True):
    """A frontier after an extension and the perfect subtrees `(level, index, hash)` that the extension completed."""

    frontier: Frontier
    completed: tuple[tuple[int, int, bytes], ...]


def extend(frontier: Frontier, leaf_hashes: Iterable[bytes]) -> Growth:
    """Append leaves, given by their hashes."""
    size, peaks = frontier.size, list(frontier.peaks)
    completed: list[tuple[int, int, bytes]] = []
    for leaf in leaf_hashes:
        level, index = 0, size
        completed.append((0, index, leaf))
        peaks.append(leaf)
        while index & 1:
            right = peaks.pop()
            peaks.append(node_hash(peaks.pop(), right))
            level, index = level + 1, index >> 1
            completed.append((level, index, peaks[-1]))
        size += 1
    return Growth(Frontier(size, tuple(peaks)), tuple(completed))


def append_subtree(frontier: Frontier, level: int, value: bytes) -> Frontier:
    """Append a perfect subtree of 2**level leaves, given by its hash.

    Raises:
        ValueError: the tree's size is no multiple of 2**level, so that no subtree of that level may follow.
    """
    size = frontier.size
    if level < 0 or size & (1 << level) - 1:
        raise ValueError(f"no subtree of level {level} follows {size} leaves")
    peaks, index, right = list(frontier.peaks), size >> level, value
    while index & 1:
        right, index = node_hash(peaks.pop(), right), index >> 1
    return Frontier(size + (1 << level), (*peaks, right))


def covering(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the largest perfect subtrees `(level, index)` that cover the leaves start … end - 1 exactly, in order."""
    while start < end:
        fits = (end - start).bit_length() - 1
        level = min(fits, (start & -start).bit_length() - 1) if start else fits
        yield level, start >> level
        start += 1 << level


def gaps(start: int, known: Iterable[int], stop: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of leaves `(first, after the last)` from `start` that lie between the known ones.

    Args:
        start: the first leaf in question.
        known: indexes of leaves from `start` to `stop` - 1, ascending.
        stop: no range goes over this place, so that the tree of `stop` leaves is one of the steps.
        end: the last range ends here.
    """
    for leaf in known:
        if start < leaf:
            yield start, leaf
        start = leaf + 1
    if start < stop:
        yield start, stop
    if stop < end:
        yield stop, end


class Extension(Struct, frozen=True):
    """A tree that grew over lines which are seen and lines which are not.

    `steps` holds the frontier after each known leaf and at the place asked for, by size; `root` is that of the whole.
    """

    steps: dict[int, Frontier]
    root: bytes


def extend_over(
    frontier: Frontier, known: Mapping[int, bytes], hidden: Sequence[bytes], stop: int, end: int
) -> Extension:
    """Grow a tree to `end` leaves over leaves that are known and, between them, subtrees of which only the hash is.

    Whoever knows the frontier and trusts the root of the `end` leaves has proved all at once: the tree of before is the
    beginning of this one, and each known leaf stands at its place.

    Args:
        frontier: the tree so far.
        known: hashes of leaves by index, none before the frontier's size or from `stop` on.
        hidden: hashes of the subtrees `covering` each of the `gaps`, in order.
        stop, end: as for `gaps`.

    Raises:
        ValueError: the places are out of order, or `hidden` has not as many hashes as there are subtrees.
    """
    indexes = sorted(known)
    if not frontier.size <= stop <= end or (indexes and not frontier.size <= indexes[0] <= indexes[-1] < stop):
        raise ValueError("the places of a grown tree are out of order")
    spare = iter(hidden)
    steps = {frontier.size: frontier}
    for first, last in gaps(frontier.size, indexes, stop, end):
        frontier = _over_known(frontier, known, first, steps)
        for level, _ in covering(first, last):
            frontier = append_subtree(frontier, level, _next(spare))
        if last == stop:
            steps[stop] = frontier
    frontier = _over_known(frontier, known, end, steps)
    if next(spare, None) is not None:
        raise ValueError("more hidden subtrees than gaps")
    return Extension(steps, frontier.root())


def _over_known(frontier: Frontier, known: Mapping[int, bytes], end: int, steps: dict[int, Frontier]) -> Frontier:
    while frontier.size < end:
        frontier = append_subtree(frontier, 0, known[frontier.size])
        steps[frontier.size] = frontier
    return frontier


def _next(spare: Iterator[bytes]) -> bytes:
    value = next(spare, None)
    if value is None:
        raise ValueError("fewer hidden subtrees than gaps")
    return value


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaves, given by their hashes."""
    return extend(Frontier(), leaf_hashes).frontier.root()


def in_memory(leaf_hashes: Sequence[bytes]) -> NodeReader:
    """Return a reader of the perfect subtrees over the given leaf hashes (for batches and tests)."""
    nodes = {(level, index): value for level, index, value in extend(Frontier(), leaf_hashes).completed}
    return lambda level, index: nodes[level, index]


# --- proofs ------------------------------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the path from leaf `index` to the root of the tree of `size` leaves, lowest sibling first.

    Raises:
        ValueError: the leaf is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    return _path(index, 0, size, node)


def _path(index: int, start: int, end: int, node: NodeReader) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), _range_hash(middle, end, node)]
    return [*_path(index, middle, end, node), _range_hash(start, middle, node)]


def consistency_proof(old_size: int, size: int, node: NodeReader) -> list[bytes]:
    """Return the proof that the tree of `old_size` leaves is the beginning of the tree of `size`; sizes from 1.

    Raises:
        ValueError: the sizes are not in order.
    """
    if not 1 <= old_size <= size:
        raise ValueError(f"a tree of {old_size} is no beginning of a tree of {size}")
    return _subproof(old_size, 0, size, True, node)


def _subproof(old: int, start: int, end: int, whole: bool, node: NodeReader) -> list[bytes]:
    """RFC 9162, 2.1.4.1: `whole` says that the old tree's own root is known to the verifier."""
    if old == end:
        return [] if whole else [_range_hash(start, end, node)]
    middle = start + _split(end - start)
    if old <= middle:
        return [*_subproof(old, start, middle, whole, node), _range_hash(middle, end, node)]
    return [*_subproof(old, middle, end, False, node), _range_hash(start, middle, node)]


def _split(count: int) -> int:
    """Return the largest power of two below `count` (which is at least 2)."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(start: int, end: int, node: NodeReader) -> bytes:
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_hash(start, middle, node), _range_hash(middle, end, node))


# --- verification ------------------------------------------------------------------------------------------------


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether `proof` leads from the leaf's hash at `index` to `root` of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            value = node_hash(sibling, value)
            position, last = _climb(position, last)
        else:
            value = node_hash(value, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and value == root


def _climb(position: int, last: int) -> tuple[int, int]:
    """Skip the levels at which the right edge has no sibling."""
    while position & 1 == 0 and position:
        position, last = position >> 1, last >> 1
    return position, last


def proves_consistency(old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> bool:
    """Say whether `proof` shows that the old tree is the beginning of the new one (RFC 9162, 2.1.4.2).

    The empty tree is the beginning of every tree and needs no proof.
    """
    if not 0 <= old_size <= size:
        return False
    if old_size in (0, size):
        return not proof and old_root == (EMPTY_ROOT if old_size == 0 else root)
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    return bool(path) and _walk(old_size - 1, size - 1, path) == (old_root, root)


def _walk(position: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    while position & 1:
        position, last = position >> 1, last >> 1
    old, new = path[0], path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            position, last = _climb(position, last)
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return (old, new) if last == 0 else None

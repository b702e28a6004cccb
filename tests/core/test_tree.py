"""The Merkle tree against the published vectors of Certificate Transparency and against its definition."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ejournal_core import tree

# The leaves and roots of the reference tests of Certificate Transparency (RFC 6962; RFC 9162 keeps the hash).
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY_6_8_FIRST = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [CONSISTENCY_6_8_FIRST, *INCLUSION[5, 8][1:]],
    (2, 5): INCLUSION[1, 5][1:],
}

HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
leaf_lists = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


def by_definition(hashes: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, written as the text has it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + by_definition(hashes[:k]) + by_definition(hashes[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_equal_the_published_ones(size: int) -> None:
    assert tree.root_of(HASHES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_equal_the_published_ones(index: int, size: int) -> None:
    proof = tree.inclusion_proof(index, size, tree.in_memory(HASHES))
    assert [value.hex() for value in proof] == INCLUSION[index, size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_published_inclusion_proofs_hold(index: int, size: int) -> None:
    proof = [bytes.fromhex(value) for value in INCLUSION[index, size]]
    assert tree.proves_inclusion(HASHES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_consistency_proofs_equal_the_published_ones_and_hold(old: int, size: int) -> None:
    proof = tree.consistency_proof(old, size, tree.in_memory(HASHES))
    assert [value.hex() for value in proof] == CONSISTENCY[old, size]
    assert tree.proves_consistency(old, size, proof, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[size]))


@given(leaf_lists, st.integers(0, 70))
def test_growing_in_pieces_gives_the_root_by_definition(leaves: list[bytes], cut: int) -> None:
    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    first = tree.extend(tree.Frontier(), hashes[:cut]).frontier
    kept = tree.Frontier.from_bytes(first.size, first.to_bytes())
    assert tree.extend(kept, hashes[cut:]).frontier.root() == by_definition(hashes)


@given(leaf_lists, st.data())
def test_every_inclusion_proof_holds_and_no_altered_one_does(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    size, root = len(hashes), by_definition(hashes)
    index = data.draw(st.integers(0, size - 1))
    proof = tree.inclusion_proof(index, size, tree.in_memory(hashes))
    assert tree.proves_inclusion(hashes[index], index, size, proof, root)
    assert not tree.proves_inclusion(tree.leaf_hash(b"other content"), index, size, proof, root)
    assert not tree.proves_inclusion(hashes[index], index, size, [*proof, root], root)
    if proof:
        assert not tree.proves_inclusion(hashes[index], index, size, proof[:-1], root)
        assert not tree.proves_inclusion(hashes[index], index, size, [bytes(32), *proof[1:]], root)


@given(leaf_lists, st.data())
def test_every_consistency_proof_holds_and_a_rewritten_log_has_none(leaves: list[bytes], data: st.DataObject) -> None:
    hashes = [tree.leaf_hash(leaf) for leaf in leaves]
    size, root = len(hashes), by_definition(hashes)
    old_size = data.draw(st.integers(1, size))
    old_root = by_definition(hashes[:old_size])
    proof = tree.consistency_proof(old_size, size, tree.in_memory(hashes))
    assert tree.proves_consistency(old_size, size, proof, old_root, root)
    rewritten = [tree.leaf_hash(b"rewritten"), *hashes[1:]]
    forged = tree.consistency_proof(old_size, size, tree.in_memory(rewritten))
    assert not tree.proves_consistency(old_size, size, forged, old_root, by_definition(rewritten))
    assert not tree.proves_consistency(old_size, size, [*proof, root], old_root, root)


def test_the_empty_tree_begins_every_tree_and_nothing_else_passes_for_it() -> None:
    assert tree.proves_consistency(0, 8, [], tree.EMPTY_ROOT, bytes.fromhex(ROOTS[8]))
    assert not tree.proves_consistency(0, 8, [], bytes(32), bytes.fromhex(ROOTS[8]))
    assert not tree.proves_consistency(3, 2, [], bytes(32), bytes(32))
    assert not tree.proves_inclusion(HASHES[0], 3, 3, [], bytes.fromhex(ROOTS[3]))


def test_impossible_requests_are_refused() -> None:
    node = tree.in_memory(HASHES)
    with pytest.raises(ValueError, match="no leaf 8"):
        tree.inclusion_proof(8, 8, node)
    with pytest.raises(ValueError, match="no beginning"):
        tree.consistency_proof(9, 8, node)
    with pytest.raises(ValueError, match="bytes of peaks"):
        tree.Frontier.from_bytes(3, bytes(32))


# --- growing over what is seen and what is not ----------------------------------------------------------------------


@st.composite
def stretches(draw: st.DrawFn) -> tuple[list[bytes], int, list[int], int]:
    """Give leaf hashes, a size from which to grow, the indexes of visible leaves, and a place to stop at."""
    hashes = [tree.leaf_hash(leaf) for leaf in draw(leaf_lists)]
    start = draw(st.integers(0, len(hashes)))
    stop = draw(st.integers(start, len(hashes)))
    seen = draw(st.sets(st.integers(start, stop - 1))) if start < stop else set()
    return hashes, start, sorted(seen), stop


def hidden_of(hashes: list[bytes], start: int, seen: list[int], stop: int) -> list[bytes]:
    """Return what a server sends for the leaves that are not seen, each subtree's root by definition."""
    ranges = [each for gap in tree.gaps(start, seen, stop, len(hashes)) for each in tree.covering(*gap)]
    return [by_definition(hashes[index << level : (index + 1) << level]) for level, index in ranges]


@given(stretches())
def test_growing_over_hidden_subtrees_gives_every_frontier_and_the_root_by_definition(
    stretch: tuple[list[bytes], int, list[int], int],
) -> None:
    hashes, start, seen, stop = stretch
    begun = tree.extend(tree.Frontier(), hashes[:start]).frontier
    grown = tree.extend_over(begun, {i: hashes[i] for i in seen}, hidden_of(*stretch), stop, len(hashes))
    assert grown.root == by_definition(hashes)
    for size in [start, *(i + 1 for i in seen), stop]:
        assert grown.steps[size] == tree.extend(tree.Frontier(), hashes[:size]).frontier


@given(stretches(), st.data())
def test_no_other_leaf_subtree_or_beginning_gives_the_same_root(
    stretch: tuple[list[bytes], int, list[int], int], data: st.DataObject
) -> None:
    hashes, start, seen, stop = stretch
    begun = tree.extend(tree.Frontier(), hashes[:start]).frontier
    known, hidden = {i: hashes[i] for i in seen}, hidden_of(*stretch)
    places = [("known", i) for i in seen] + [("hidden", i) for i in range(len(hidden))]
    places += [("peak", i) for i in range(len(begun.peaks))]
    which, place = data.draw(st.sampled_from(places))
    if which == "known":
        known[place] = bytes(32)
    elif which == "hidden":
        hidden[place] = bytes(32)
    else:
        begun = tree.Frontier(start, (*begun.peaks[:place], bytes(32), *begun.peaks[place + 1 :]))
    assert tree.extend_over(begun, known, hidden, stop, len(hashes)).root != by_definition(hashes)


@given(stretches())
def test_a_line_left_out_or_a_subtree_too_many_is_refused(stretch: tuple[list[bytes], int, list[int], int]) -> None:
    hashes, start, seen, stop = stretch
    begun = tree.extend(tree.Frontier(), hashes[:start]).frontier
    known, hidden = {i: hashes[i] for i in seen}, hidden_of(*stretch)
    with pytest.raises(ValueError, match="more hidden"):
        tree.extend_over(begun, known, [*hidden, bytes(32)], stop, len(hashes))
    if hidden:
        with pytest.raises(ValueError, match="fewer hidden"):
            tree.extend_over(begun, known, hidden[:-1], stop, len(hashes))


def test_places_out_of_order_are_refused() -> None:
    begun = tree.extend(tree.Frontier(), HASHES[:4]).frontier
    for known, stop, end in [({3: HASHES[3]}, 8, 8), ({6: HASHES[6]}, 6, 8), ({}, 3, 8), ({}, 9, 8)]:
        with pytest.raises(ValueError, match="out of order"):
            tree.extend_over(begun, known, [], stop, end)
    with pytest.raises(ValueError, match="no subtree"):
        tree.append_subtree(tree.extend(tree.Frontier(), HASHES[:2]).frontier, 2, bytes(32))


def test_the_published_subtrees_grow_into_the_published_roots() -> None:
    """The consistency proof from 6 to 8 and the path of leaf 5 hold the roots of published subtrees."""
    whole = tree.extend(tree.Frontier(), HASHES[:4]).frontier
    assert whole.peaks == (bytes.fromhex(ROOTS[4]),) == (bytes.fromhex(INCLUSION[5, 8][2]),)
    six = tree.append_subtree(whole, 1, bytes.fromhex(INCLUSION[5, 8][1]))
    assert six.root().hex() != ROOTS[6]  # that is the subtree over leaves 6 and 7, not 4 and 5
    five = tree.append_subtree(whole, 1, bytes.fromhex(CONSISTENCY_6_8_FIRST))
    assert five.root().hex() == ROOTS[6]
    grown = tree.extend_over(five, {}, [bytes.fromhex(INCLUSION[5, 8][1])], 8, 8)
    assert grown.root.hex() == ROOTS[8]

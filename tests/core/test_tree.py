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
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
CONSISTENCY_1_8 = INCLUSION[0, 8]
CONSISTENCY_6_8_FIRST = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"

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


def test_consistency_proofs_equal_the_published_ones() -> None:
    node = tree.in_memory(HASHES)
    assert [value.hex() for value in tree.consistency_proof(1, 8, node)] == CONSISTENCY_1_8
    assert tree.consistency_proof(6, 8, node)[0].hex() == CONSISTENCY_6_8_FIRST


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

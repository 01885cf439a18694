"""Digests and commitments, recomputed here by hand with nothing but hashlib."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.digests import SegmentedDigest, commit, make_salt, sha256, sha384, verify_digest
from cordiale.errors import Malformed, Unverified

DOMAIN = b"cordiale-real.deposit-digest/1"
segments = st.lists(st.binary(min_size=1, max_size=50), max_size=6)


def segmented(parts: list[bytes], domain: bytes = DOMAIN) -> bytes:
    digest = SegmentedDigest(domain)
    for part in parts:
        digest.update_segment(part)
    return digest.digest()


@given(st.binary(max_size=100))
def test_digests_are_plain_sha_2_over_domain_zero_content(content: bytes) -> None:
    assert sha384(DOMAIN, content) == hashlib.sha384(DOMAIN + b"\0" + content).digest()
    assert sha256(DOMAIN, memoryview(content)) == hashlib.sha256(DOMAIN + b"\0" + content).digest()


@given(segments)
def test_a_segmented_digest_can_be_recomputed_from_its_description(parts: list[bytes]) -> None:
    inner = b"".join(hashlib.sha256(part).digest() for part in parts)
    total = sum(map(len, parts)).to_bytes(8, "big")
    assert segmented(parts) == hashlib.sha384(DOMAIN + b"\0" + inner + total).digest()


@given(segments, segments)
def test_different_segments_give_different_digests(one: list[bytes], other: list[bytes]) -> None:
    assert (segmented(one) == segmented(other)) == (one == other)


def test_the_vectors_of_the_specification() -> None:
    # docs/spec/crypto.md, section "Digests and commitments".
    assert sha384(DOMAIN, b"").hex() == (
        "994da080a008914754a317bed4c9bf8bca886758ff3e5c3cb1e81c948937d595ca22e40b1e40f5c0b1a23ed137a77180"
    )
    assert segmented([b"one", b"two"]).hex() == (
        "3e58f2c4d6bfb6bdfe6c5cbd4559ce1fc484bf432eb2b0a849c4b83df4b0e73c0dd30a2e7d94112e09f82253a7d2bdba"
    )
    assert commit(bytes(range(32)), b"content", b"cordiale-real.content-commitment/1").hex() == (
        "2e09286554f571d55c2b08b5562647ff2fe8afdf4ba2551cdda132dcabcda55e817088c40392c157c846ebc3d2fd8ae2"
    )


def test_segments_may_be_digested_elsewhere() -> None:
    digest = SegmentedDigest(DOMAIN)
    digest.update_segment(b"one")
    digest.update_digest(hashlib.sha256(b"two").digest(), size_bytes=3)
    assert digest.digest() == segmented([b"one", b"two"])


def test_the_digest_can_be_asked_for_on_the_way() -> None:
    digest = SegmentedDigest(DOMAIN)
    digest.update_segment(b"one")
    assert digest.digest() == segmented([b"one"])
    digest.update_segment(b"two")
    assert digest.digest() == segmented([b"one", b"two"])


def test_empty_segments_and_other_digests_are_refused() -> None:
    with pytest.raises(Malformed):
        SegmentedDigest(DOMAIN).update_segment(b"")
    with pytest.raises(Malformed):
        SegmentedDigest(DOMAIN).update_digest(bytes(48), size_bytes=1)


def test_another_domain_gives_another_digest() -> None:
    assert segmented([b"one"]) != segmented([b"one"], b"cordiale-exercise.deposit-digest/1")
    assert sha384(DOMAIN, b"") != sha384(b"cordiale-exercise.deposit-digest/1", b"")


def test_a_commitment_hides_behind_its_salt_and_binds_to_its_content() -> None:
    salt = make_salt()
    commitment = commit(salt, b"content", DOMAIN)
    assert commitment == hashlib.sha384(DOMAIN + b"\0" + salt + b"content").digest()
    assert commitment != commit(make_salt(), b"content", DOMAIN)
    assert commitment != commit(salt, b"content.", DOMAIN)
    for other in (salt[:-1], salt + b"c", b""):
        with pytest.raises(Malformed):
            commit(other, b"content", DOMAIN)


def test_a_wrong_digest_is_unverified() -> None:
    assert verify_digest(b"a" * 48, b"a" * 48) == b"a" * 48
    for other in (b"b" * 48, b"a" * 47, b""):
        with pytest.raises(Unverified):
            verify_digest(other, b"a" * 48)

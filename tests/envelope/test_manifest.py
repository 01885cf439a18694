"""The manifest has one form when we write it, and a few more that others write and we can read."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused

from cordiale.envelope.manifest import (
    Assertion,
    KeyAccess,
    Manifest,
    SegmentTable,
    encode_manifest,
    parse_manifest,
)
from cordiale.envelope.plainjson import encode_base64
from cordiale.errors import CordialeError
from cordiale.limits import (
    CONTENT_SIZE_BYTES_MAX,
    MANIFEST_SIZE_BYTES_MAX,
    SEGMENT_SIZE_BYTES,
    SEGMENTS_COUNT_MAX,
)

ACCESS = KeyAccess("hybrid-wrapped", "https://kalyna.example/kas", "kid-1", b"w" * 1735, bytes(range(32)))
ASSERTION = Assertion("label", "handling", "tdo", "xml-string", "<a>\n</a>", "urn:x", "encrypted", "a.b.c")
MANIFEST = Manifest(
    policy=encode_base64(b"{}"),
    key_access=(ACCESS,),
    segments=SegmentTable(64, 130, (b"a" * 16, b"b" * 16, b"c" * 16)),
    root_signature=bytes(range(32)),
    assertions=(ASSERTION,),
)

tables = st.builds(
    lambda size, content: SegmentTable(
        size, content, tuple(index.to_bytes(16, "big") for index in range(max(1, -(-content // size))))
    ),
    st.integers(1, 50), st.integers(0, 300),
)
texts = st.text(min_size=1, max_size=20).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)


@given(table=tables, value=texts, schema=st.none() | texts, applies_to=st.none() | texts)
def test_what_is_written_is_read(
    table: SegmentTable, value: str, schema: str | None, applies_to: str | None
) -> None:
    manifest = Manifest(
        MANIFEST.policy, (ACCESS, ACCESS), table, MANIFEST.root_signature,
        (Assertion("id", "other", "payload", "text", value, schema, applies_to, "x"),),
    )
    content = encode_manifest(manifest)
    assert parse_manifest(content) == manifest
    assert encode_manifest(parse_manifest(content)) == content


def test_both_sizes_of_every_segment_are_written() -> None:
    integrity = json.loads(encode_manifest(MANIFEST))["encryptionInformation"]["integrityInformation"]
    assert [(s["segmentSize"], s["encryptedSegmentSize"]) for s in integrity["segments"]] == [
        (64, 92), (64, 92), (2, 30)
    ]
    assert integrity["encryptedSegmentSizeDefault"] == 92


def test_the_policy_binding_is_hexadecimal_inside_base64() -> None:
    access = json.loads(encode_manifest(MANIFEST))["encryptionInformation"]["keyAccess"][0]
    assert access["policyBinding"] == {"alg": "HS256", "hash": encode_base64(bytes(range(32)).hex().encode())}


def test_the_largest_item_fits_under_the_cap() -> None:
    count = -(-CONTENT_SIZE_BYTES_MAX // SEGMENT_SIZE_BYTES)
    table = SegmentTable(SEGMENT_SIZE_BYTES, CONTENT_SIZE_BYTES_MAX, (b"t" * 16,) * count)
    # Each binding repeats all segment hashes in base64, twice.
    bound = ASSERTION.bound_by("x" * (count * 16 * 16 // 9 + 1_000))
    manifest = Manifest(MANIFEST.policy, (ACCESS,), table, MANIFEST.root_signature, (bound,) * 10)
    assert len(encode_manifest(manifest)) < MANIFEST_SIZE_BYTES_MAX // 2


def test_the_cap_holds_when_writing() -> None:
    bound = ASSERTION.bound_by("x" * MANIFEST_SIZE_BYTES_MAX)
    with refused("manifest.size"):
        encode_manifest(Manifest(MANIFEST.policy, (ACCESS,), MANIFEST.segments, bytes(32), (bound,)))


@pytest.mark.parametrize(("size", "content", "count", "what"), [
    (0, 0, 1, "segment-size"), (2**22 + 1, 5, 1, "segment-size"), (64, -1, 1, "content-size"),
    (2**22, CONTENT_SIZE_BYTES_MAX + 1, 2_561, "content-size"), (64, 128, 3, "segment-count"),
    (64, 129, 2, "segment-count"), (64, 0, 0, "segment-count"), (64, 0, 2, "segment-count"),
    (1, SEGMENTS_COUNT_MAX + 1, SEGMENTS_COUNT_MAX + 1, "segment-count"),
])
def test_numbers_that_do_not_agree_make_no_table(size: int, content: int, count: int, what: str) -> None:
    with refused(f"manifest.{what}"):
        SegmentTable(size, content, (bytes(16),) * count)


def changed(change: Any) -> bytes:
    value = json.loads(encode_manifest(MANIFEST))
    change(value)
    return json.dumps(value).encode()


def encryption(value: Any) -> Any:
    return value["encryptionInformation"]


def integrity(value: Any) -> Any:
    return value["encryptionInformation"]["integrityInformation"]


def access(value: Any) -> Any:
    return value["encryptionInformation"]["keyAccess"][0]


def without_segment_sizes(value: Any) -> None:
    for segment in integrity(value)["segments"][:2]:
        del segment["segmentSize"], segment["encryptedSegmentSize"]


ACCEPTED = {
    "pretty printed": lambda value: None,
    "default sizes left out": without_segment_sizes,
    "policy binding as a bare text": lambda value: access(value).update(
        policyBinding=access(value)["policyBinding"]["hash"]),
    "policy binding raw": lambda value: access(value).update(
        policyBinding={"alg": "HS256", "hash": encode_base64(bytes(range(32)))}),
    "no split id": lambda value: access(value).pop("sid"),
    "no version of the key access": lambda value: access(value).pop("schemaVersion"),
    "no iv of the method": lambda value: encryption(value)["method"].pop("iv"),
    "some iv of the method": lambda value: encryption(value)["method"].update(iv="abc"),
    "binding method in capitals": lambda value: value["assertions"][0]["binding"].update(method="JWS"),
}


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_other_writers_forms_are_accepted(change: Any) -> None:
    assert parse_manifest(changed(change)) == MANIFEST


def test_a_key_without_a_name_is_read() -> None:
    for change in (lambda value: access(value).pop("kid"), lambda value: access(value).update(kid="")):
        assert parse_manifest(changed(change)).key_access[0].kid == ""


def test_no_assertions_is_read() -> None:
    assert parse_manifest(changed(lambda value: value.pop("assertions"))).assertions == ()


REFUSED = {
    "the form before 4.3.0": (lambda value: value.pop("schemaVersion"), "manifest.version"),
    "another version": (lambda value: value.update(schemaVersion="5.0.0"), "field.constant"),
    "unknown member": (lambda value: value.update(extra=1), "field.unknown"),
    "unknown member of a key access": (lambda value: access(value).update(extra=1), "field.unknown"),
    "unknown member of a segment": (
        lambda value: integrity(value)["segments"][0].update(extra=1), "field.unknown"),
    "not encrypted": (lambda value: value["payload"].update(isEncrypted=False), "manifest.not-encrypted"),
    "payload elsewhere": (lambda value: value["payload"].update(url="1.payload"), "field.constant"),
    "nobody could open it": (lambda value: encryption(value).update(keyAccess=[]), "manifest.key-access"),
    "many keys": (lambda value: encryption(value).update(keyAccess=[access(value)] * 5), "field.count"),
    "key split over two nodes": (lambda value: access(value).update(sid="2"), "manifest.split"),
    "another cipher": (
        lambda value: encryption(value)["method"].update(algorithm="AES-128-GCM"), "field.constant"),
    "segment hashes not of GCM": (lambda value: integrity(value).update(segmentHashAlg="HS256"), "field.constant"),
    "root signature of another kind": (
        lambda value: integrity(value)["rootSignature"].update(alg="none"), "field.constant"),
    "short root signature": (
        lambda value: integrity(value)["rootSignature"].update(sig="AAAA"), "manifest.root-signature"),
    "no segments": (lambda value: integrity(value).update(segments=[]), "manifest.segment-count"),
    "uneven segments": (
        lambda value: integrity(value)["segments"][0].update(segmentSize=60, encryptedSegmentSize=88),
        "manifest.segment-count"),
    "uneven segments of the right sum": (
        lambda value: [
            integrity(value)["segments"][index].update(segmentSize=size, encryptedSegmentSize=size + 28)
            for index, size in ((0, 60), (2, 6))
        ], "manifest.segment-count"),
    "sizes that do not agree": (
        lambda value: integrity(value)["segments"][2].update(encryptedSegmentSize=31), "field.constant"),
    "defaults that do not agree": (
        lambda value: integrity(value).update(encryptedSegmentSizeDefault=64), "field.constant"),
    "huge segments": (
        lambda value: integrity(value).update(segmentSizeDefault=2**30, encryptedSegmentSizeDefault=2**30 + 28),
        "field.integer"),
    "short segment hash": (
        lambda value: integrity(value)["segments"][0].update(hash="AAAA"), "manifest.segment-hash"),
    "base64 of another alphabet": (lambda value: access(value).update(wrappedKey="_-_-"), "base64.form"),
    "base64 without padding": (lambda value: access(value).update(wrappedKey="AAA"), "base64.form"),
    "base64 with bits left over": (lambda value: access(value).update(wrappedKey="AB=="), "base64.form"),
    "policy binding of a wrong size": (
        lambda value: access(value).update(policyBinding="AAAA"), "manifest.policy-binding"),
    "policy binding in capitals": (
        lambda value: access(value).update(policyBinding=encode_base64(b"AB" * 32)), "manifest.policy-binding"),
    "statement that is an object": (
        lambda value: value["assertions"][0]["statement"].update(value={"a": 1}), "field.text"),
    "assertion bound in another way": (
        lambda value: value["assertions"][0]["binding"].update(method="cose"), "manifest.assertion-binding"),
    "assertion not bound": (lambda value: value["assertions"][0].pop("binding"), "field.missing"),
    "many assertions": (
        lambda value: value.update(assertions=value["assertions"] * 17), "field.count"),
}


@pytest.mark.parametrize(("change", "code"), REFUSED.values(), ids=REFUSED)
def test_another_form_is_refused(change: Any, code: str) -> None:
    with refused(code):
        parse_manifest(changed(change))


@pytest.mark.parametrize(("content", "code"), [
    (b"", "plainjson.form"), (b"\xff", "plainjson.form"), (b"[1]", "field.object"), (b"[" * 100_000, "plainjson.depth"),
    (b'{"schemaVersion":"4.3.0","schemaVersion":"4.3.0"}', "plainjson.duplicate-member"),
    (b'{"schemaVersion":4.3}', "plainjson.number"), (b'{"schemaVersion":NaN}', "plainjson.number"),
    (b" " * (MANIFEST_SIZE_BYTES_MAX + 1), "plainjson.size"), (b'{"schemaVersion":"4.3.0"} x', "plainjson.form"),
    (b'{"a":' + b"1" * 5_000 + b"}", "plainjson.form"),
])
def test_what_is_no_json_of_ours_is_refused(content: bytes, code: str) -> None:
    with refused(code):
        parse_manifest(content)


def test_half_a_character_cannot_be_written() -> None:
    assertion = Assertion("id", "other", "tdo", "text", "\ud800")
    with refused("plainjson.surrogate"):
        encode_manifest(Manifest(MANIFEST.policy, (ACCESS,), MANIFEST.segments, bytes(32), (assertion,)))


@given(data=st.data())
def test_no_damage_leads_to_anything_but_our_errors(data: st.DataObject) -> None:
    content = bytearray(encode_manifest(MANIFEST))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from(b'"{}[]:,0a\\ \xff'))
    with contextlib.suppress(CordialeError):
        parse_manifest(bytes(content))

"""What a sealed item must not survive: every change that TDF leaves open, and every one it does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused
from tests.envelope.samples import CARRIAGE, SEGMENT, expected, kalyna, node, request, sakura, seal
from tests.envelope.tampering import (
    assertion,
    integrity,
    key_access,
    put_together,
    take_apart,
    with_manifest,
    with_payload,
)

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.crypto.aead import OVERHEAD_SIZE_BYTES, hmac_sha256
from cordiale.crypto.jws import parse_object, sign_object
from cordiale.envelope.keyaccess import make_policy
from cordiale.envelope.plainjson import encode_base64, encode_plain_json
from cordiale.envelope.seal import seal_stream
from cordiale.envelope.unseal import (
    Expected,
    open_verified,
    unseal_stream,
    verify_envelope,
)
from cordiale.errors import CordialeError
from cordiale.model.mode import Mode
from cordiale.model.names import ConsignmentId

CONTENT = bytes(range(256)) * 2
FRAME = SEGMENT + OVERHEAD_SIZE_BYTES


@cache
def sample() -> bytes:
    return seal(CONTENT)[0]


@cache
def content_key() -> bytes:
    return kalyna().unwrap(verify(sample()).sealed.enclosure.key_access)


def verify(sealed: bytes, wanted: Expected | None = None) -> Any:
    return verify_envelope(BytesIO(sealed), wanted or expected(sakura(), kalyna()))


def released(sealed: bytes) -> bytes:
    """Open with the right key; an error must come before anything is released."""
    parts: list[bytes] = []
    try:
        unseal_stream(
            BytesIO(sealed), lambda piece: parts.append(bytes(piece)),
            content_key=content_key(), expected=expected(sakura(), kalyna()),
        )
    except CordialeError:
        assert not parts
        raise
    return b"".join(parts)


def test_the_sample_itself_opens() -> None:
    assert released(sample()) == CONTENT


def test_the_address_of_the_keys_door_may_change() -> None:
    moved = with_manifest(sample(), lambda m: key_access(m)[0].update(url="https://desk.example/kas"))
    assert moved != sample()
    assert released(moved) == CONTENT


def reorder(payload: bytes) -> bytes:
    return payload[FRAME : 2 * FRAME] + payload[:FRAME] + payload[2 * FRAME :]


PAYLOAD_CHANGES = {
    "cut short": (lambda payload: payload[:-1], "payload.size"),
    "a segment fewer": (lambda payload: payload[:-FRAME], "payload.size"),
    "empty": (lambda payload: b"", "payload.size"),
    "something follows the last segment": (lambda payload: payload + b"x", "payload.size"),
    "a segment more": (lambda payload: payload + payload[-FRAME:], "payload.size"),
    "segments reordered": (reorder, "payload.segment"),
    "a byte changed": (lambda payload: payload[:20] + b"x" + payload[21:], "payload.digest"),
    "a tag changed": (lambda payload: payload[:-1] + bytes([payload[-1] ^ 1]), "payload.segment"),
}


@pytest.mark.parametrize(("change", "code"), PAYLOAD_CHANGES.values(), ids=PAYLOAD_CHANGES)
def test_a_changed_payload_is_refused_on_arrival(change: Callable[[bytes], bytes], code: str) -> None:
    with refused(code):
        verify(with_payload(sample(), change))


@pytest.mark.parametrize("change", [pair[0] for pair in PAYLOAD_CHANGES.values()], ids=PAYLOAD_CHANGES)
def test_a_changed_payload_releases_nothing(change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(CordialeError):
        released(with_payload(sample(), change))


def drop_last_segment(sealed: bytes) -> bytes:
    payload, manifest = take_apart(sealed)
    integrity(manifest)["segments"].pop()
    return put_together(payload[:-FRAME], manifest)


def test_a_segment_removed_from_payload_and_list_is_refused() -> None:
    with refused("payload.size"):
        verify(drop_last_segment(sample()))


def test_a_checksum_that_other_software_would_refuse_is_refused() -> None:
    with refused("payload.checksum"):
        verify(put_together(*take_apart(sample()), checksum_error=1))


def test_segments_cut_otherwise_are_refused() -> None:
    def recut(manifest: Any) -> None:
        integrity(manifest).update(segmentSizeDefault=SEGMENT * 9)
        integrity(manifest).update(encryptedSegmentSizeDefault=SEGMENT * 9 + 28)

    with pytest.raises(CordialeError):
        verify(with_manifest(sample(), recut))


MANIFEST_CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "record missing": (lambda m: m["assertions"].pop(), "envelope.record"),
    "no assertions": (lambda m: m.pop("assertions"), "envelope.manifest-form"),
    "assertions empty": (lambda m: m.update(assertions=[]), "envelope.record"),
    "record twice": (lambda m: m["assertions"].append(m["assertions"][-1]), "envelope.record"),
    "record not last": (lambda m: m["assertions"].insert(0, m["assertions"].pop()), "envelope.record"),
    "label removed": (lambda m: m["assertions"].pop(0), "record.enclosure"),
    "all labels removed": (lambda m: m.update(assertions=m["assertions"][2:]), "record.enclosure"),
    "labels swapped": (lambda m: m["assertions"].insert(0, m["assertions"].pop(1)), "record.enclosure"),
    "label added": (
        lambda m: m["assertions"].insert(0, dict(m["assertions"][0], id="label-0")), "record.enclosure"),
    "label changed": (
        lambda m: assertion(m, "label-1")["statement"].update(value="<label>LOWER</label>"), "record.enclosure"),
    "label of another scope": (lambda m: assertion(m, "label-1").update(scope="payload"), "record.enclosure"),
    "particulars removed": (
        lambda m: m["assertions"].remove(assertion(m, "particulars")), "record.enclosure"),
    "particulars changed": (
        lambda m: assertion(m, "particulars")["statement"].update(value="AAAA"), "record.enclosure"),
    "policy replaced": (
        lambda m: m["encryptionInformation"].update(policy=make_policy(kalyna().endpoint.node)), "record.enclosure"),
    "key for somebody else added": (
        lambda m: key_access(m).append(dict(key_access(m)[0], kid="other")), "record.enclosure"),
    "name of the key changed": (lambda m: key_access(m)[0].update(kid="other"), "record.enclosure"),
    "wrapped key changed": (
        lambda m: key_access(m)[0].update(wrappedKey=encode_base64(b"w" * 1735)), "record.enclosure"),
    "kind of wrapping changed": (lambda m: key_access(m)[0].update(type="wrapped"), "record.enclosure"),
    "policy binding changed": (
        lambda m: key_access(m)[0]["policyBinding"].update(hash=encode_base64(b"0" * 64)), "record.enclosure"),
    "media type given": (lambda m: m["payload"].update(mimeType="text/plain"), "envelope.manifest-form"),
    "sizes left out": (
        lambda m: integrity(m)["segments"][0].pop("segmentSize"), "envelope.manifest-form"),
    "method given another iv": (
        lambda m: m["encryptionInformation"]["method"].update(iv="AAAA"), "envelope.manifest-form"),
    "segment hash changed": (
        lambda m: integrity(m)["segments"][0].update(hash=encode_base64(bytes(16))), "payload.segment"),
    "statement that is an object": (
        lambda m: assertion(m, "label-1")["statement"].update(value={"level": "x"}), "field.text"),
    "record that is no record": (
        lambda m: assertion(m, "consignment-record")["statement"].update(value="{}"), "field.missing"),
    "record in other letters": (
        lambda m: assertion(m, "consignment-record")["statement"].update(value="записка"), "envelope.record-form"),
    "record of another format": (
        lambda m: assertion(m, "consignment-record")["statement"].update(format="text"), "envelope.record-form"),
}


@pytest.mark.parametrize(("change", "code"), MANIFEST_CHANGES.values(), ids=MANIFEST_CHANGES)
def test_a_changed_manifest_is_refused_on_arrival(change: Callable[[Any], Any], code: str) -> None:
    with refused(code):
        verify(with_manifest(sample(), change))


def rebind(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[Any], None]:
    """Change header and claims of the first assertion's binding, and sign it again with the content key."""

    def apply(manifest: Any) -> None:
        binding = manifest["assertions"][0]["binding"]
        header, claims, _ = (part for part in binding["signature"].split("."))
        members = json.loads(parse_base64url(header)), json.loads(parse_base64url(claims))
        change(*members)
        signed = ".".join(encode_base64url(encode_plain_json(part)) for part in members)
        signature = encode_base64url(hmac_sha256(content_key(), signed.encode()))
        binding["signature"] = f"{signed}.{signature}"

    return apply


UNBOUND_CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "false root signature": (
        lambda m: integrity(m)["rootSignature"].update(sig=encode_base64(bytes(32))), "envelope.root-signature"),
    "binding of another assertion": (
        lambda m: m["assertions"][0].update(binding=m["assertions"][1]["binding"]), "assertion.wrong"),
    "binding without a signature": (
        lambda m: m["assertions"][0]["binding"].update(signature="a.b"), "assertion.binding"),
    "binding signed with another key": (
        lambda m: m["assertions"][0]["binding"].update(
            signature=m["assertions"][0]["binding"]["signature"][:-43] + encode_base64url(bytes(32))),
        "assertion.wrong"),
    "binding not base64": (
        lambda m: m["assertions"][0]["binding"].update(signature="a=.b.c"), "base64url.form"),
    "header with a key": (rebind(lambda header, _: header.update(jwk={"kty": "oct"})), "field.unknown"),
    "header with a certificate": (rebind(lambda header, _: header.update(x5c=[])), "field.unknown"),
    "header with a critical member": (rebind(lambda header, _: header.update(crit=["b64"])), "field.unknown"),
    "header of no algorithm": (rebind(lambda header, _: header.update(alg="none")), "field.constant"),
    "header of another algorithm": (rebind(lambda header, _: header.update(alg="RS256")), "field.constant"),
    "claims of another hash": (rebind(lambda _, claims: claims.update(assertionHash="00")), "assertion.wrong"),
    "further claims": (rebind(lambda _, claims: claims.update(more="x")), "field.unknown"),
}


@pytest.mark.parametrize(("change", "code"), UNBOUND_CHANGES.values(), ids=UNBOUND_CHANGES)
def test_what_is_bound_by_the_content_key_is_checked_before_release(
    change: Callable[[Any], Any], code: str
) -> None:
    with refused(code):
        released(with_manifest(sample(), change))


def test_a_header_that_says_it_is_a_jwt_is_accepted() -> None:
    assert released(with_manifest(sample(), rebind(lambda header, _: header.update(typ="JWT")))) == CONTENT


@pytest.mark.parametrize(("wanted", "code"), [
    (lambda: replace(expected(sakura(), kalyna()), signer=kalyna().signing.public), "object.signature-missing"),
    (lambda: replace(expected(sakura(), kalyna()), mode=Mode.REAL), "object.type"),
    (lambda: replace(expected(sakura(), kalyna()), provider=kalyna().endpoint), "record.routing"),
    (lambda: replace(expected(sakura(), kalyna()), recipient=sakura().endpoint), "record.routing"),
    (lambda: replace(expected(sakura(), kalyna()), carriage=None), "record.routing"),
    (lambda: replace(
        expected(sakura(), kalyna()), carriage=replace(CARRIAGE, consignment=ConsignmentId("consignment-8"))
    ), "record.routing"),
    (lambda: replace(expected(sakura(), kalyna()), carriage=replace(CARRIAGE, version=2)), "record.routing"),
], ids=["signer", "mode", "provider", "recipient", "no carriage", "consignment", "version"])
def test_an_item_that_is_not_the_expected_one_is_refused(wanted: Callable[[], Expected], code: str) -> None:
    with refused(code):
        verify(sample(), wanted())


def test_an_exercise_does_not_pass_for_real_nor_the_reverse() -> None:
    for made, wanted in ((Mode.EXERCISE, Mode.REAL), (Mode.REAL, Mode.EXERCISE)):
        target = BytesIO()
        seal_stream(BytesIO(b"x"), target, request(sakura(), kalyna(), mode=made))
        with refused("object.type"):
            verify(target.getvalue(), expected(sakura(), kalyna(), mode=wanted))


def resigned(change: Callable[[dict[str, Any]], Any], *, sealed: bytes | None = None) -> bytes:
    """Change the record and have the provider's own keys sign it again: a provider that lies."""

    def apply(manifest: Any) -> None:
        statement = assertion(manifest, "consignment-record")["statement"]
        found = parse_object(statement["value"].encode())
        record = json.loads(found.unverified_payload)
        change(record)
        statement["value"] = sign_object(
            encode_plain_json(record), found.typ, [sakura().signing]
        ).decode("ascii")

    return with_manifest(sealed or sample(), apply)


@pytest.mark.parametrize(("change", "code"), [
    (lambda record: record.update(suite="0"), "field.constant"),
    (lambda record: record.update(form="cordiale-consignment-record-2"), "field.constant"),
    (lambda record: record.update(mode="real"), "record.routing"),
    (lambda record: record.update(more="x"), "field.unknown"),
    (lambda record: record.pop("payload"), "envelope.payload-unsigned"),
    (lambda record: record["payload"].update(size_bytes=1), "payload.size"),
    (lambda record: record["payload"].update(segment_size_bytes=32), "payload.segment-size"),
    (lambda record: record["payload"].update(digest=encode_base64url(bytes(48))), "payload.digest"),
    (lambda record: record.update(item="Item 12"), "name.identifier"),
    (lambda record: record.update(originator="s"), "name.party"),
], ids=["suite", "form", "mode", "more", "no payload", "size", "segments", "digest", "item", "party"])
def test_a_record_of_another_form_is_refused_however_well_signed(
    change: Callable[[dict[str, Any]], Any], code: str
) -> None:
    with refused(code):
        verify(resigned(change))


def test_a_provider_cannot_commit_to_one_key_and_seal_with_another() -> None:
    lying = resigned(lambda record: record.update(key_commitment=encode_base64url(bytes(48))))
    with refused("record.content-key"):
        released(lying)


def test_another_key_opens_nothing() -> None:
    with refused("record.content-key"):
        open_verified(BytesIO(sample()), lambda piece: None, verified=verify(sample()), content_key=bytes(32))


def test_an_item_sealed_for_another_key_cannot_be_asked_for() -> None:
    with refused("envelope.no-key-for"):
        node("SOSNA").unwrap(verify(sample()).sealed.enclosure.key_access)


@given(data=st.data())
def test_no_byte_can_be_changed_unnoticed(data: st.DataObject) -> None:
    sealed = sample()
    url = sealed.index(b"https://kalyna-registry.example/kas")
    free = range(url, url + len(b"https://kalyna-registry.example/kas"))
    at = data.draw(st.sampled_from([each for each in range(len(sealed)) if each not in free]))
    changed = bytearray(sealed)
    changed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CordialeError):
        released(bytes(changed))


@given(size=st.integers(0, 100_000))
def test_an_envelope_cut_anywhere_is_refused(size: int) -> None:
    with pytest.raises(CordialeError):
        verify(sample()[: size % len(sample())])


def test_even_the_address_is_covered_by_the_checksum_of_the_container() -> None:
    changed = sample().replace(b"https://kalyna-registry", b"https://kalyna-registrz", 1)
    with refused("container.checksum"):
        verify(changed)


def test_no_digest_of_the_plaintext_travels_in_any_form() -> None:
    _, manifest = take_apart(sample())
    shown = json.dumps(manifest) + str(
        [parse_object(assertion(manifest, "consignment-record")["statement"]["value"].encode())]
    )
    for algorithm in ("sha256", "sha384", "sha512", "sha3_256"):
        digest = hashlib.new(algorithm, CONTENT).digest()
        for spelling in (digest.hex(), encode_base64(digest).rstrip("="), encode_base64url(digest)):
            assert spelling not in shown

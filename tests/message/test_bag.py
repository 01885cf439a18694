"""The bag: what it lists, what it refuses, and that unpacking it twice is harmless."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.message.bodies import BODIES
from tests.message.samples import (
    DIGEST,
    ENVELOPE,
    SAMPLES,
    TOKYO,
    expectations,
    message_of,
    pair,
    signer_of,
    statement_of,
)
from tests.trying import tried

from cordiale.canonical import encode_base64url, encode_canonical
from cordiale.crypto.wrapping import WrappingKey
from cordiale.errors import Malformed, Undecidable, Unverified
from cordiale.message.bag import (
    FOLDERS,
    MANIFEST_NAME,
    BagContents,
    Carried,
    CarriedMessage,
    compare_listing,
    encode_statement_file,
    file_digest,
    open_file,
    parse_statement_file,
    path_of,
    plan_bag,
    plan_unpacking,
    verify_bag_manifest,
    verify_envelope_file,
    verify_file,
)
from cordiale.message.bag_seal import BagSeal, open_seal
from cordiale.message.bodies.bag_manifest import BagFile, BagFileKind, BagManifest
from cordiale.message.bodies.statement import StatementShown
from cordiale.message.form import Message, message_digest, sign_message
from cordiale.message.members import SealedEnvelope
from cordiale.model.mode import Mode
from cordiale.model.names import MessageId, NodeId


def carried(name: str, seq: int, **changes: Any) -> CarriedMessage:
    message = message_of(SAMPLES[name], id=MessageId(f"m-{seq}"), seq=seq, **changes)
    return CarriedMessage(message, f"bytes of {seq}".encode())


CONTENTS = BagContents(
    mode=Mode.EXERCISE,
    messages=(carried("consignment", 5), carried("level-change", 4), carried("receipt", 3), carried("chase", 9)),
    envelopes=(ENVELOPE, SealedEnvelope("envelope-2", 7, DIGEST)),
    checkpoints=(Carried("checkpoint-1", b"old 3\n"),),
    statements=(Carried("statement-4", encode_statement_file(StatementShown("{}"))),),
)


RECIPIENT = WrappingKey.generate()
SEAL = BagSeal(bytes(range(32)), Mode.EXERCISE)


def plan(contents: BagContents) -> BagManifest:
    return plan_bag(contents, SEAL, RECIPIENT.public)


PLANNED = plan(CONTENTS)


def manifest_message(**changes: Any) -> Message:
    return message_of(PLANNED, id=MessageId("bag-1"), agreement="", agreement_version=0,
                      checkpoint=None, seen=None, **changes)


def test_a_bag_is_listed_in_the_order_it_is_unpacked() -> None:
    assert [path_of(file) for file in PLANNED.files] == [
        "1-statements/00001-statement-4.json",
        "2-orders/00001-m-4.jws",
        "2-orders/00002-m-9.jws",
        "3-checkpoints/00001-checkpoint-1.txt",
        "4-envelopes/00001-envelope-1.tdf",
        "4-envelopes/00002-envelope-2.tdf",
        "5-messages/00001-m-3.jws",
        "5-messages/00002-m-5.jws",
    ]


def test_folders_sort_in_the_order_of_unpacking() -> None:
    assert list(FOLDERS) == list(BagFileKind)
    assert sorted(FOLDERS.values()) == list(FOLDERS.values())


@tried(40)
@given(BODIES["bag-manifest"])
def test_no_name_leads_out_of_the_bag(manifest: BagManifest) -> None:
    paths = [path_of(file) for file in manifest.files]
    assert all(re.fullmatch(r"[1-5]-[a-z]+/[0-9]{5}-[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z]{3,4}", one) for one in paths)
    assert len(set(paths)) == len(paths)


def test_the_manifest_is_a_message_and_comes_back() -> None:
    message = manifest_message()
    found, manifest = verify_bag_manifest(sign_message(message, signer_of()), expectations())
    assert found == message
    assert manifest == PLANNED


def test_a_bag_for_somebody_else_is_refused() -> None:
    data = sign_message(manifest_message(audience=replace(TOKYO, node=NodeId("osaka.jpn"))), signer_of())
    with pytest.raises(Unverified) as told:
        verify_bag_manifest(data, expectations())
    assert told.value.code == "message.audience"


def test_a_bag_of_an_exercise_is_not_opened_in_earnest() -> None:
    data = sign_message(manifest_message(), signer_of())
    real = expectations(own=statement_of(TOKYO, mode=Mode.REAL), sender=statement_of(mode=Mode.REAL))
    with pytest.raises(Unverified):
        verify_bag_manifest(data, real)


def test_a_bag_under_a_newer_statement_waits_for_the_statement_it_brings() -> None:
    data = sign_message(manifest_message(statement_version=4), pair("kyiv.ukr next registry"))
    with pytest.raises(Undecidable):
        verify_bag_manifest(data, expectations())


def test_another_message_is_no_manifest() -> None:
    with pytest.raises(Malformed) as told:
        verify_bag_manifest(sign_message(message_of(SAMPLES["chase"]), signer_of()), expectations())
    assert told.value.code == "bag.not-a-manifest"


def test_nothing_is_packed_twice() -> None:
    with pytest.raises(Malformed):
        plan(replace(CONTENTS, messages=CONTENTS.messages * 2))
    with pytest.raises(Malformed):
        plan(replace(CONTENTS, envelopes=CONTENTS.envelopes * 2))


def sealed_file(id: str, data: bytes) -> tuple[BagFile, bytes]:
    file = next(one for one in PLANNED.files if one.id == id)
    return file, SEAL.seal(path_of(file), data)


def test_every_file_is_held_against_the_manifest() -> None:
    file, sealed = sealed_file("m-5", b"bytes of 5")
    assert verify_file(file, sealed, Mode.EXERCISE) == sealed
    assert open_file(file, sealed, SEAL, Mode.EXERCISE) == b"bytes of 5"
    for other in (sealed_file("m-5", b"bytes of 6")[1], sealed_file("m-3", b"bytes of 5")[1]):
        with pytest.raises(Unverified) as told:
            open_file(file, other, SEAL, Mode.EXERCISE)
        assert told.value.code == "bag.file-digest"
    with pytest.raises(Unverified):
        verify_file(file, sealed, Mode.REAL)
    for cut in (sealed[:-1], sealed + b"5", b""):
        with pytest.raises(Malformed):
            open_file(file, cut, SEAL, Mode.EXERCISE)


@pytest.mark.parametrize("spoilt", [
    lambda path, data: (path, data[:-1]), lambda path, data: (path, data[:3]), lambda path, data: (path, b""),
    lambda path, data: (path, data + b"x"), lambda path, data: (path, bytes([data[0] ^ 1]) + data[1:]),
    lambda path, data: ("5-messages/00002-m-5.jws", data),
], ids=["cut", "cut below the tag", "empty", "longer", "changed", "of another place"])
def test_what_is_not_the_sealed_file_does_not_open(spoilt: Any) -> None:
    path, data = spoilt("5-messages/00001-m-5.jws", SEAL.seal("5-messages/00001-m-5.jws", b"bytes of 5"))
    with pytest.raises(Unverified) as told:
        SEAL.open(path, data)
    assert told.value.code == "bag.seal"


@pytest.mark.parametrize("other", [BagSeal(bytes(32), Mode.EXERCISE), BagSeal(bytes(range(32)), Mode.REAL)],
                         ids=["of another bag", "of the other mode"])
def test_the_key_of_another_bag_opens_nothing(other: BagSeal) -> None:
    file, sealed = sealed_file("m-5", b"bytes of 5")
    with pytest.raises(Unverified):
        other.open(path_of(file), sealed)


def test_the_seal_comes_back_for_the_recipient_alone() -> None:
    file, sealed = sealed_file("m-5", b"bytes of 5")
    assert open_seal(PLANNED.key, RECIPIENT, Mode.EXERCISE).open(path_of(file), sealed) == b"bytes of 5"
    stranger = WrappingKey.generate()
    with pytest.raises(Undecidable) as told:
        open_seal(PLANNED.key, stranger, Mode.EXERCISE)
    assert told.value.code == "bag.no-key-for"
    with pytest.raises(Unverified):
        open_seal(replace(PLANNED.key, kid=stranger.public.kid), stranger, Mode.EXERCISE)


def test_no_file_of_a_bag_tells_what_was_sealed() -> None:
    """Neither its bytes nor the manifest: the digest is of what lies there."""
    manifest = encode_canonical(PLANNED.encode())
    for one in CONTENTS.messages:
        assert one.data not in manifest
        assert encode_base64url(message_digest(one.data, Mode.EXERCISE)).encode() not in manifest


def test_the_vector_is_what_the_seal_makes() -> None:
    vector = json.loads((Path(__file__).parents[2] / "docs" / "spec" / "vectors" / "bag-seal.json").read_bytes())
    seal = BagSeal(bytes.fromhex(vector["key"]), Mode(vector["mode"]))
    data = vector["content"].encode()
    assert seal.seal(vector["path"], data).hex() == vector["sealed"]
    assert seal.open(vector["path"], bytes.fromhex(vector["sealed"])) == data
    assert file_digest(bytes.fromhex(vector["sealed"]), Mode(vector["mode"])).hex() == vector["digest"]


def test_an_envelope_is_held_against_its_ciphertext() -> None:
    file = PLANNED.files[4]
    assert verify_envelope_file(file, size_bytes=2048, digest=DIGEST) == file
    with pytest.raises(Malformed):
        verify_envelope_file(file, size_bytes=2047, digest=DIGEST)
    with pytest.raises(Unverified):
        verify_envelope_file(file, size_bytes=2048, digest=bytes(48))


def test_a_medium_is_compared_with_its_manifest() -> None:
    manifest = PLANNED
    medium = {path_of(file): file.size_bytes for file in manifest.files} | {MANIFEST_NAME: 12_000}
    whole = compare_listing(manifest, medium)
    assert (whole.missing, whole.unlisted, whole.resized) == ((), (), ())
    lost, cut = path_of(manifest.files[0]), path_of(manifest.files[1])
    del medium[lost]
    found = compare_listing(manifest, {**medium, cut: 1, "5-messages/readme.txt": 3})
    assert (found.missing, found.unlisted, found.resized) == ((lost,), ("5-messages/readme.txt",), (cut,))


@tried(40)
@given(st.data())
def test_unpacking_goes_on_where_it_stopped_and_twice_does_nothing(data: st.DataObject) -> None:
    manifest = PLANNED
    done = {path_of(file) for file in manifest.files[: data.draw(st.integers(0, 8))]}
    rest = plan_unpacking(manifest, done=done)
    assert [file for file in manifest.files if path_of(file) not in done] == list(rest)
    assert plan_unpacking(manifest, done=done | {path_of(file) for file in rest}) == ()


def test_a_statement_file_comes_back_and_has_one_form() -> None:
    shown = StatementShown('{"payload":""}', ("{}", "{}"))
    assert parse_statement_file(encode_statement_file(shown)) == shown
    for spoilt in (b"{}", encode_statement_file(shown) + b"\n", b'{"more":1,"roots":[],"statement":"{}"}'):
        with pytest.raises(Malformed):
            parse_statement_file(spoilt)

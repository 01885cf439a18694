"""From our own registry's envelope to the partner's: same content, another key, and only if it is right."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused
from tests.envelope.samples import SEGMENT, expected, kalyna, request, sakura
from tests.trying import tried

from cordiale.envelope import payload, seal
from cordiale.envelope.lanes import Lanes
from cordiale.envelope.particulars import Particulars, seal_particulars
from cordiale.envelope.reseal import reseal_content, reseal_stream
from cordiale.envelope.seal import SealedEnvelope, close_envelope, seal_content, seal_stream
from cordiale.envelope.unseal import VerifiedEnvelope, unseal_stream, verify_envelope
from cordiale.errors import CordialeError
from cordiale.model.mode import Mode


def deposited(content: bytes, *, segment: int = SEGMENT) -> tuple[bytes, SealedEnvelope]:
    target = BytesIO()
    envelope = seal_stream(
        BytesIO(content), target, request(sakura(), sakura(), carriage=None), segment_size_bytes=segment
    )
    return target.getvalue(), envelope


def verified_deposit(deposit: bytes) -> tuple[VerifiedEnvelope, bytes]:
    verified = verify_envelope(BytesIO(deposit), expected(sakura(), sakura(), carriage=None))
    return verified, sakura().unwrap(verified.sealed.enclosure.key_access)


@tried(40)
@given(size=st.integers(0, 500), segment=st.integers(40, 200))
def test_the_partner_opens_what_was_deposited(size: int, segment: int) -> None:
    content = bytes(index % 251 for index in range(size))
    deposit, envelope = deposited(content, segment=segment)
    verified, content_key = verified_deposit(deposit)
    target = BytesIO()
    sealed = reseal_content(BytesIO(deposit), target, verified=verified, content_key=content_key)
    assert sealed.content_key != content_key
    copy = close_envelope(sealed, request(sakura(), kalyna()))
    assert copy.content == envelope.content
    arrived = verify_envelope(target, expected(sakura(), kalyna()))
    parts: list[bytes] = []
    _, particulars = unseal_stream(
        target, lambda piece: parts.append(bytes(piece)),
        content_key=kalyna().unwrap(arrived.sealed.enclosure.key_access), expected=expected(sakura(), kalyna()),
    )
    assert b"".join(parts) == content
    assert particulars.content == envelope.content


def test_our_own_key_does_not_open_the_partners_copy() -> None:
    deposit, _ = deposited(b"x" * 200)
    verified, content_key = verified_deposit(deposit)
    target = BytesIO()
    reseal_stream(
        BytesIO(deposit), target, request(sakura(), kalyna()), verified=verified, content_key=content_key
    )
    with refused("record.content-key"):
        unseal_stream(
            target, lambda piece: None, content_key=content_key, expected=expected(sakura(), kalyna())
        )


@pytest.mark.parametrize("at", [0, 100, 5 * (SEGMENT + 28) - 1])
def test_a_changed_deposit_is_not_sealed_anew(at: int) -> None:
    deposit, _ = deposited(b"x" * 5 * SEGMENT)
    verified, content_key = verified_deposit(deposit)
    changed = bytearray(deposit)
    changed[verified.container.payload.offset + at] ^= 1
    with pytest.raises(CordialeError):
        reseal_content(BytesIO(changed), BytesIO(), verified=verified, content_key=content_key)


def test_a_deposit_cut_short_is_not_sealed_anew() -> None:
    deposit, _ = deposited(b"x" * 5 * SEGMENT)
    verified, content_key = verified_deposit(deposit)
    with refused("container.truncated"):
        reseal_content(BytesIO(deposit[:300]), BytesIO(), verified=verified, content_key=content_key)


def test_what_is_not_closed_is_no_envelope() -> None:
    target = BytesIO()
    seal_content(BytesIO(b"x" * 200), target, mode=Mode.EXERCISE, segment_size_bytes=SEGMENT)
    with refused("container.form"):
        verify_envelope(target, expected(sakura(), kalyna()))


def test_content_of_an_exercise_is_not_closed_for_real() -> None:
    content = seal_content(BytesIO(b"x"), BytesIO(), mode=Mode.EXERCISE)
    with refused("seal.mode"):
        close_envelope(content, request(sakura(), kalyna(), mode=Mode.REAL))


def test_an_item_for_one_node_is_not_sealed_for_another() -> None:
    content = seal_content(BytesIO(b"x"), BytesIO(), mode=Mode.EXERCISE)
    with refused("seal.request"):
        close_envelope(content, replace(request(sakura(), kalyna()), recipient=sakura().recipient))


def test_particulars_of_an_item_sealed_before_are_not_taken_over() -> None:
    content = seal_content(BytesIO(b"x"), BytesIO(), mode=Mode.EXERCISE)
    wanted = request(sakura(), kalyna())
    with refused("seal.request"):
        close_envelope(
            content, replace(wanted, particulars=replace(wanted.particulars, content=content.facts))
        )


def test_keys_do_not_show_themselves() -> None:
    content = seal_content(BytesIO(b"x"), BytesIO(), mode=Mode.EXERCISE)
    for secret in (content.content_key, content.salt):
        assert repr(secret)[2:-1] not in repr(content).replace(repr(content.facts), "")
        assert repr(content.content_key) not in repr(content)


def test_a_deposit_that_commits_to_other_content_is_not_sealed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def lying(particulars: Particulars, *, content_key: bytes, mode: Mode) -> bytes:
        assert particulars.content is not None
        content = replace(particulars.content, commitment=bytes(48))
        return seal_particulars(replace(particulars, content=content), content_key=content_key, mode=mode)

    monkeypatch.setattr(seal, "seal_particulars", lying)
    deposit, _ = deposited(b"x" * 200)
    verified, content_key = verified_deposit(deposit)
    with refused("particulars.commitment"):
        reseal_content(BytesIO(deposit), BytesIO(), verified=verified, content_key=content_key)


def test_no_plaintext_is_left_in_the_buffers(monkeypatch: pytest.MonkeyPatch) -> None:
    rings: list[Recorded] = []

    class Recorded(Lanes):
        def __init__(self, segment_size_bytes: int) -> None:
            super().__init__(segment_size_bytes)
            rings.append(self)

    monkeypatch.setattr(payload, "Lanes", Recorded)
    deposit, _ = deposited(b"x" * 20 * SEGMENT)
    verified, content_key = verified_deposit(deposit)
    reseal_content(BytesIO(deposit), BytesIO(), verified=verified, content_key=content_key)
    unseal_stream(
        BytesIO(deposit), lambda piece: None, content_key=content_key,
        expected=expected(sakura(), sakura(), carriage=None),
    )
    assert len(rings) == 6
    for ring in rings:
        for lane in ring._lanes:
            assert not any(lane.plain)

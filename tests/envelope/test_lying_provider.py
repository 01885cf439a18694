"""A provider signs what it likes; what it signed must still fit together before anything is believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from tests.envelope.refusal import refused
from tests.envelope.samples import SEGMENT, expected, kalyna, request, sakura, with_label_inside

from cordiale.crypto.wrapping import unwrap
from cordiale.envelope import seal as sealing
from cordiale.envelope.keyaccess import make_policy, wrap_content_key
from cordiale.envelope.manifest import KeyAccess
from cordiale.envelope.particulars import ContentFacts, Particulars, seal_particulars
from cordiale.envelope.unseal import read_particulars, unseal_stream, verify_envelope, verify_sheet
from cordiale.model.mode import Mode


def sealed() -> bytes:
    target = BytesIO()
    sealing.seal_stream(
        BytesIO(b"x" * 200), target, request(sakura(), kalyna()), segment_size_bytes=SEGMENT
    )
    return target.getvalue()


def opened(envelope: bytes) -> None:
    wanted = expected(sakura(), kalyna())
    verified = verify_envelope(BytesIO(envelope), wanted)
    content_key = unwrap(kalyna().wrapping, verified.sealed.enclosure.key_access[0].wrapped_key)
    parts: list[bytes] = []
    try:
        unseal_stream(
            BytesIO(envelope), lambda piece: parts.append(bytes(piece)), content_key=content_key, expected=wanted
        )
    finally:
        assert not parts


@pytest.mark.parametrize(("change", "code"), [
    (lambda made: replace(made, kind="wrapped"), "envelope.wrapping"),
    (lambda made: replace(made, kid=""), "envelope.wrapping"),
    (lambda made: replace(made, policy_binding=bytes(32)), "envelope.policy-binding"),
], ids=["weaker wrapping", "key without a name", "policy not bound"])
def test_a_wrapped_key_that_does_not_fit_is_refused(
    change: Callable[[KeyAccess], KeyAccess], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "wrap_content_key", lambda *args, **more: change(wrap_content_key(*args, **more)))
    envelope = sealed()
    with refused(code):
        opened(envelope)


def test_a_policy_for_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "make_policy", lambda _: make_policy(sakura().endpoint.node))
    envelope = sealed()
    with refused("envelope.policy-node"):
        opened(envelope)


def speaking_of(
    change: Callable[[ContentFacts], ContentFacts | None],
) -> Callable[..., bytes]:
    def seal(particulars: Particulars, *, content_key: bytes, mode: Mode) -> bytes:
        content = particulars.content or ContentFacts(1, bytes(32), bytes(48))
        return seal_particulars(
            replace(particulars, content=change(content)), content_key=content_key, mode=mode
        )

    return seal


@pytest.mark.parametrize(("change", "code"), [
    (lambda content: None, "particulars.content"),
    (lambda content: replace(content, size_bytes=199), "particulars.content"),
    (lambda content: replace(content, salt=bytes(32)), "particulars.commitment"),
    (lambda content: replace(content, commitment=bytes(48)), "particulars.commitment"),
], ids=["of nothing", "of another size", "under another salt", "of another content"])
def test_particulars_that_speak_of_another_content_are_refused_before_release(
    change: Callable[[ContentFacts], ContentFacts | None], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "seal_particulars", speaking_of(change))
    envelope = sealed()
    with refused(code):
        opened(envelope)


def test_an_item_whose_label_was_left_out_is_refused_before_release(monkeypatch: pytest.MonkeyPatch) -> None:
    def seal(particulars: Particulars, *, content_key: bytes, mode: Mode) -> bytes:
        return seal_particulars(replace(particulars, label=b""), content_key=content_key, mode=mode)

    monkeypatch.setattr(sealing, "seal_particulars", seal)
    target = BytesIO()
    sealing.seal_stream(BytesIO(b"x" * 200), target, with_label_inside(request(sakura(), kalyna())))
    with refused("envelope.unlabelled"):
        opened(target.getvalue())


def test_the_particulars_of_a_thing_speak_of_no_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "seal_particulars", speaking_of(lambda content: content))
    sheet = sealing.make_record_only(request(sakura(), kalyna())).sheet
    verified = verify_sheet(sheet, expected(sakura(), kalyna()))
    with refused("particulars.content"):
        read_particulars(verified, kalyna().unwrap(verified.enclosure.key_access))

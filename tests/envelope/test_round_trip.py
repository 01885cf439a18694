"""What was sealed is what is opened, at every size, and nothing of it shows outside."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.samples import SEGMENT, TITLE, expected, kalyna, sakura, seal
from tests.trying import tried

from cordiale.envelope.particulars import Particulars
from cordiale.envelope.payload import StreamCommitment
from cordiale.envelope.seal import seal_content
from cordiale.envelope.unseal import VerifiedEnvelope, open_verified, unseal_stream, verify_envelope
from cordiale.model.mode import Mode


def opened(sealed: bytes) -> tuple[bytes, VerifiedEnvelope, Particulars]:
    parts: list[bytes] = []
    verified = verify_envelope(BytesIO(sealed), expected(sakura(), kalyna()))
    content_key = kalyna().unwrap(verified.sealed.enclosure.key_access)
    particulars = open_verified(
        BytesIO(sealed), lambda piece: parts.append(bytes(piece)), verified=verified, content_key=content_key
    )
    again: list[bytes] = []
    unseal_stream(
        BytesIO(sealed), lambda piece: again.append(bytes(piece)),
        content_key=content_key, expected=expected(sakura(), kalyna()),
    )
    assert again == parts
    return b"".join(parts), verified, particulars


sizes_around_bounds = st.builds(
    lambda whole, extra: max(0, whole * SEGMENT + extra), st.integers(0, 12), st.integers(-2, 2)
)


@tried(40)
@given(size=sizes_around_bounds, filling=st.binary(min_size=1, max_size=7))
def test_what_was_sealed_is_what_is_opened(size: int, filling: bytes) -> None:
    content = (filling * size)[:size]
    sealed, envelope = seal(content)
    assert len(sealed) == envelope.size_bytes
    found, verified, particulars = opened(sealed)
    assert found == content
    assert verified.record == envelope.record
    assert particulars.content == envelope.content
    assert particulars.title == TITLE


@tried(40)
@given(size=sizes_around_bounds, cut=st.integers(1, 3 * SEGMENT), filling=st.binary(min_size=1, max_size=7))
def test_whoever_sends_a_content_in_pieces_commits_to_what_is_sealed(size: int, cut: int, filling: bytes) -> None:
    content = (filling * size)[:size]
    sent = StreamCommitment(Mode.EXERCISE, segment_size_bytes=SEGMENT)
    for start in range(0, size, cut):
        sent.update(content[start : start + cut])
    salt = bytes(range(32))
    sealed = seal_content(
        BytesIO(content), BytesIO(), mode=Mode.EXERCISE, salt=salt, segment_size_bytes=SEGMENT,
    )
    assert sent.commit(salt) == sealed.facts.commitment

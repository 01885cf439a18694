"""What was sealed is what is opened, at every size, and nothing of it shows outside."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.envelope.samples import SEGMENT, TITLE, expected, kalyna, sakura, seal

from cordiale.envelope.particulars import Particulars
from cordiale.envelope.unseal import VerifiedEnvelope, open_verified, unseal_stream, verify_envelope


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


@settings(max_examples=40)
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

"""What is written of a manifest is RFC 8785 with control characters, held against another writer for every character."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.envelope.plainjson import encode_plain_json, parse_plain_json
from cordiale.errors import Malformed

_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
_VALUES = st.recursive(
    st.text() | _WHOLE | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(min_codepoint=32, max_codepoint=126)), inner, max_size=4),
    max_leaves=12,
)


def written_otherwise(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


@given(_VALUES)
def test_it_is_what_another_writer_writes(value: object) -> None:
    assert encode_plain_json(value) == written_otherwise(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("first", range(0, 0x110000, 0x8000))
def test_every_character_is_written_alike(first: int) -> None:
    text = "".join(chr(code) for code in range(first, first + 0x8000) if not 0xD800 <= code <= 0xDFFF)
    content = encode_plain_json({"text": text})
    assert content == written_otherwise({"text": text})
    assert parse_plain_json(content, size_max=len(content), where="text") == {"text": text}


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Malformed) as refused:
        encode_plain_json({"text": "\ud800"})
    assert refused.value.code == "plainjson.surrogate"

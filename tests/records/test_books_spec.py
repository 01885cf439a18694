"""docs/spec/books.md says what the code does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.world.outside import MemoryAnchor

from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import CordialeError
from cordiale.limits import ENTRY_RECORDS_COUNT_MAX
from cordiale.model.mode import Mode
from cordiale.records.anchor import Anchor
from cordiale.records.batches import Position, bind_before, chain_after
from cordiale.records.entry import Entry, digest_of_many, encode_entry, parse_entry

PAGE = (Path(__file__).parents[2] / "docs" / "spec" / "books.md").read_text(encoding="utf-8")
EXAMPLES = [re.sub(r"\n ? ?", "", one).encode() for one in re.findall(r"```json\n(.*?)\n```", PAGE, re.S)]
SALT = bytes(range(32))
MANY = [f"{number:064x}" for number in range(ENTRY_RECORDS_COUNT_MAX + 1)]


def of(purpose: Purpose) -> bytes:
    return domain(purpose, Mode.EXERCISE)


ONE = chain_after(of(Purpose.BATCH_CHAIN), Position(), {"internal": (2, bytes([1]) * 32)})
TWO = chain_after(of(Purpose.BATCH_CHAIN), ONE, {"internal": (3, bytes([2]) * 32), "ex-2026-1": (1, bytes([3]) * 32)})


def entry(commitments: list[str], batch: str = "") -> bytes:
    act = ("register", "2026-11-16T09:00:00Z", "act.0a1b")
    return encode_entry(act, commitments, batch=batch, domain=of(Purpose.RECORD_LIST))


def test_the_vectors_on_the_page_are_what_the_code_makes() -> None:
    bound = bind_before(of(Purpose.BATCH_COMMITMENT), SALT, ONE)
    for value in (ONE.chain.hex(), TWO.chain.hex(), bound, digest_of_many(of(Purpose.RECORD_LIST), MANY)):
        assert f"| `{value}` |" in PAGE
    assert entry(["00" * 32, "11" * 32], bound) == EXAMPLES[0]


def test_the_anchor_on_the_page_is_what_the_code_makes() -> None:
    place = MemoryAnchor()
    Anchor(place, SALT, Mode.EXERCISE).put(TWO, datetime(2026, 11, 16, 9, 0, tzinfo=UTC), is_new=True)
    assert place.content is not None and place.content.rstrip() == EXAMPLES[1]


def test_an_entry_is_read_as_it_was_written() -> None:
    assert parse_entry(EXAMPLES[0]) == Entry(
        "register", "2026-11-16T09:00:00Z", "act.0a1b", 2, ("00" * 32, "11" * 32),
        batch=bind_before(of(Purpose.BATCH_COMMITMENT), SALT, ONE),
    )
    many = parse_entry(entry(MANY))
    assert (many.count, many.commitments, many.batch) == (len(MANY), (), "")
    assert many.digest == digest_of_many(of(Purpose.RECORD_LIST), reversed(MANY))
    assert parse_entry(entry(MANY[:-1])).commitments == tuple(MANY[:-1])


@pytest.mark.parametrize("changed", [
    b"{}", b"[]", b"", EXAMPLES[0].replace(b'"v":1', b'"v":2'), EXAMPLES[0].replace(b'"v":1', b'"v":1,"w":1'),
    EXAMPLES[0].replace(b"0000", b"000A"), EXAMPLES[0].replace(b'["0000', b'["000'),
    entry(MANY).replace(b'"count":257', b'"count":256'), entry(MANY).replace(b'"digest":"3', b'"digest":"'),
])
def test_what_is_no_entry_is_malformed(changed: bytes) -> None:
    with pytest.raises(CordialeError) as error:
        parse_entry(changed)
    assert error.value.family == "malformed"


def test_another_log_size_root_or_number_is_another_chain_value() -> None:
    heads = {"internal": (3, bytes([2]) * 32)}
    values = {
        chain_after(of(Purpose.BATCH_CHAIN), before, made).chain for before, made in (
            (ONE, heads), (TWO, heads), (Position(7, ONE.chain), heads), (ONE, {"other": (3, bytes([2]) * 32)}),
            (ONE, {"internal": (4, bytes([2]) * 32)}), (ONE, {"internal": (3, bytes([3]) * 32)}),
            (ONE, {**heads, "other": (1, bytes(32))}),
        )
    }
    assert len(values) == 7

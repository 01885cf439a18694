"""A record is read as it lies in the books, however often and by whomever."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from tests.world.test_journey import cross
from tests.world.world import AGREEMENT, World

from cordiale.canonical import encode_canonical
from cordiale.errors import Malformed
from cordiale.ports import StoredRecord
from cordiale.records import record
from cordiale.records.record import encode_body, forget_read, open_record, read_once

LARGE = {"parties": ["JPN", "UKR"], "text": "exercise " * 1_000}
STORED = StoredRecord("agreement", "exercise", 3, encode_canonical(LARGE), bytes(32), "internal", 7)


@pytest.mark.parametrize("body", [LARGE, {"parties": ["JPN"]}])
def test_every_reader_has_a_body_of_its_own(body: dict[str, Any]) -> None:
    stored = replace(STORED, body=encode_canonical(body))
    first = open_record(stored)
    first.body["parties"] = []
    first.body["more"] = 1
    again = open_record(replace(stored, version=4, index=9))
    assert (again.body, again.version, again.index) == (body, 4, 9)


@pytest.mark.parametrize("size", [10, 10_000])
def test_a_damaged_body_is_found_every_time(size: int) -> None:
    damaged = replace(STORED, body=b'{"text": "' + b"x" * size + b'"}')
    for _ in range(2):
        with pytest.raises(Malformed):
            open_record(damaged)


def test_nobody_changes_in_place_what_others_read() -> None:
    """A whole life, from the proposal of an agreement to a receipt, leaves every body that was read as it was."""
    read: dict[bytes, Any] = {}

    def keeping(body: bytes) -> Any:
        return read.setdefault(body, record._read(body))

    with mock.patch.object(record, "_read_again", keeping):
        world = World.founded()
        world.bring_into_force()
        cross(world)
        assert world.tokyo.registry.record("agreement", AGREEMENT) is not None
    assert len(read) > 50
    assert [body for body, value in read.items() if encode_canonical(value) != body] == []


def test_what_was_made_of_a_record_is_made_once_of_the_same_bytes_and_forgotten_with_them() -> None:
    made: list[str] = []

    def parse(body: dict[str, Any]) -> str:
        made.append(body["title"])
        return str(body["title"])

    read = read_once(parse)
    first, second = _stored({"title": "one"}), _stored({"title": "two"})
    assert [read(open_record(one)) for one in (first, first, second, first)] == ["one", "one", "two", "one"]
    assert made == ["one", "two"]
    forget_read()
    assert read(open_record(first)) == "one"
    assert made == ["one", "two", "one"]


def test_what_cannot_be_made_of_a_record_is_refused_every_time() -> None:
    def parse(body: dict[str, Any]) -> str:
        raise Malformed("test.refused", "this is refused", hint="nothing")

    read, record = read_once(parse), open_record(_stored({"title": "one"}))
    for _ in range(2):
        with pytest.raises(Malformed):
            read(record)


def _stored(body: dict[str, Any]) -> StoredRecord:
    return StoredRecord("item", "i", 1, encode_body("item", body), bytes(32), "internal", 0)

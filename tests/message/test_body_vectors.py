"""The byte vectors of all messages are what the code writes, reads and refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.message.body_vectors import BODIES, FILE, refused_by, vectors
from tests.message.samples import message_of

from cordiale.message.bodies import BODY_TYPES
from cordiale.message.form import encode_message, parse_message

WRITTEN: dict[str, Any] = json.loads(FILE.read_bytes())


def test_the_vectors_are_what_the_code_makes() -> None:
    assert FILE.read_bytes() == vectors(), "write them anew with python -m tests.message.body_vectors"


def test_there_is_a_vector_and_a_refusal_for_every_type() -> None:
    assert set(WRITTEN["taken"]) == set(BODY_TYPES) == {one["type"] for one in WRITTEN["refused"]}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_vector_is_read_as_it_was_meant_and_written_the_same_again(name: str) -> None:
    payload = WRITTEN["taken"][name]["payload"].encode()
    message = parse_message(payload)
    assert message == message_of(BODIES[name])
    assert encode_message(message) == payload


def test_what_is_not_read_is_refused_by_the_family_and_code_that_stand_beside_it() -> None:
    for one in WRITTEN["refused"]:
        error = refused_by(one["payload"].encode())
        assert error is not None and (error.family, error.code) == (one["family"], one["code"]), one["why"]

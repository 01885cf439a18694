"""The number of a consignment is read by the node it was sealed for, and by nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.envelope.refusal import refused

from cordiale.crypto.wrapping import KeyAgreement, WrappingKey, unwrap
from cordiale.envelope.slip import make_slip_key, open_slip, seal_slip
from cordiale.limits import CONSIGNMENT_SLIP_SIZE_BYTES, IDENTIFIER_LENGTH_MAX
from cordiale.model.mode import Mode

NUMBER = "JPN-OUT-UKR-2026-0001"
OURS, OTHER = WrappingKey.generate(), WrappingKey.generate()
SLIP_KEY = make_slip_key(KeyAgreement(OURS.public))


def sealed(number: str = NUMBER, consignment: str = "c-1", mode: Mode = Mode.EXERCISE) -> bytes:
    return seal_slip(number, consignment=consignment, slip_key=SLIP_KEY, mode=mode)


def opened(slip: bytes, key: WrappingKey = OURS, consignment: str = "c-1", mode: Mode = Mode.EXERCISE) -> str:
    return open_slip(slip, consignment=consignment, unwrap=lambda wrapped: unwrap(key, wrapped), mode=mode)


@given(st.text("JPNOUTKR0123456789-", min_size=1, max_size=IDENTIFIER_LENGTH_MAX))
def test_the_recipient_reads_the_number_and_every_slip_is_as_long(number: str) -> None:
    slip = sealed(number, "c" * IDENTIFIER_LENGTH_MAX)
    assert len(slip) == CONSIGNMENT_SLIP_SIZE_BYTES
    assert opened(slip, consignment="c" * IDENTIFIER_LENGTH_MAX) == number


def test_the_number_does_not_stand_in_clear() -> None:
    assert NUMBER.encode() not in sealed()


def test_another_node_reads_nothing() -> None:
    with refused("wrap.refused"):
        opened(sealed(), OTHER)


def test_the_slip_of_another_consignment_is_not_taken() -> None:
    with refused("slip.other"):
        opened(sealed(consignment="c-2"))


def test_a_slip_of_an_exercise_is_none_in_earnest() -> None:
    with refused("aead.tag"):
        opened(sealed(), mode=Mode.REAL)


@pytest.mark.parametrize("cut", [slice(0, 0), slice(0, -1), slice(1, None)])
def test_a_slip_of_another_length_is_not_read(cut: slice) -> None:
    with refused("slip.form"):
        opened(sealed()[cut])


def test_a_number_of_two_lines_is_not_shown() -> None:
    with refused("slip.line"):
        opened(sealed("JPN-1\u202eOUT"))


def test_a_number_that_does_not_fit_is_not_sealed() -> None:
    with refused("slip.size"):
        sealed("9" * 600)


def test_nothing_shows_the_key_of_a_slip() -> None:
    assert repr(SLIP_KEY) == "SlipKey(…)"

"""A message names the very record that was signed for each item: an envelope or sheet with any other is refused."""

from __future__ import annotations

import pytest
from tests.world.comparing import bodies
from tests.world.forging import hand_envelopes, payload_of, refusal_in, resigned, tell, waiting
from tests.world.test_bad_luck import dispatched
from tests.world.world import World

from cordiale.canonical import encode_base64url


@pytest.mark.parametrize("form", ["file", "paper"])
def test_an_item_with_another_record_than_the_message_names_is_refused(form: str) -> None:
    world = World.in_force(seed=41)
    dispatched(world, form)
    (row,) = waiting(world.tokyo)
    hand_envelopes(world.tokyo, world.kyiv, row)
    payload = payload_of(row.message)
    named = payload["body"]["items"][0]
    payload["body"]["items"][0] = {**named, "record": encode_base64url(bytes(48))}
    refusal = refusal_in(tell(world.tokyo, world.kyiv, resigned(world.tokyo, payload)))
    assert refusal.code == "receive.other-item"
    assert bodies(world.kyiv, "consignment") == {}

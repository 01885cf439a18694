"""What a crash leaves in the store of envelopes is swept when the node starts, and nothing else is."""

from __future__ import annotations

from tests.world.test_audit import audit
from tests.world.test_journey import CONTENT, PURPOSE, cross, dispatch, grant, label, release
from tests.world.world import World

from cordiale.records.sweeping import Swept, sweep_envelopes


def test_envelopes_without_an_act_and_of_ended_copies_are_swept_and_the_rest_stays() -> None:
    world = World.founded(seed=41)
    world.bring_into_force()
    _, (kept, ended) = cross(world, forms=("file", "file"))
    waiting = label(world.tokyo)
    release(world.tokyo, waiting)
    dispatch(world, [waiting])
    tokyo, kyiv = world.tokyo.objects.contents, world.kyiv.objects.contents
    tokyo["own.act.crashed.1f"] = tokyo["out.act.crashed.0.1f"] = b"sealed, and no act"
    left = {name: content for name, content in kyiv.items() if name.startswith("in.")}
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": ended, "method": "erased"})
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal.value["proposal"]})
    gone = set(left) - set(kyiv)
    assert len(gone) == 1
    kyiv[gone.pop()] = b"the node crashed before it was removed"
    assert sweep_envelopes(world.tokyo.registry) == Swept(without_act=1, receipted=3, ended=0, unnamed=0)
    assert sweep_envelopes(world.kyiv.registry) == Swept(without_act=0, receipted=0, ended=1, unnamed=0)
    world.deliver()
    grant(world, kept, "reader")
    assert world.kyiv.read("reader", kept, PURPOSE) == CONTENT
    for player in world.players:
        assert audit(player).findings == []

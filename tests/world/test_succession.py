"""What goes along when one agreement follows another: what every party says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.message.samples import NOW
from tests.world.comparing import audit, bodies
from tests.world.test_accord_time import NEXT, successor
from tests.world.test_consent import answer, ask
from tests.world.test_journey import PURPOSE, codes, cross
from tests.world.world import AGREEMENT, Player, World

from cordiale.canonical import Fields
from cordiale.errors import Malformed, Refused
from cordiale.message.bodies.rehoming import Rehoming
from cordiale.work.accord_time import see_to_accords
from cordiale.work.chaser import chase_due


@pytest.fixture
def world() -> World:
    return World.in_force(seed=941)


def follow(world: World, *carries: tuple[str, ...]) -> None:
    """Let both parties say that the next agreement follows, each with what it lets go along; both nodes move."""
    successor(world)
    for player, carried in zip(world.players, carries, strict=True):
        player.act("authority", "accord.rehome", {
            "agreement": NEXT, "article": "Art. 11(2)", "carries": list(carried), "on": "2026-09-01",
            "predecessor": AGREEMENT,
        })
        world.deliver()
    for player in world.players:
        see_to_accords(player.registry)


def abroad(world: World, item: str) -> None:
    world.kyiv.act("authority", "use", {"act": "use-abroad", "item": item, "purpose": PURPOSE})


def ask_back(world: World, item: str) -> None:
    """Let Tokyo ask for the return of what Kyiv has of an item: the answer is due."""
    world.tokyo.act("registrar", "return.ask", {
        "by": "2026-12-01", "item": item, "party": "UKR", "reason": "the dialogue has ended",
    })


def waiting(player: Player) -> Any:
    (duty,) = [one for one in bodies(player, "duty").values() if one["what"] == "return-answer"]
    return duty


def test_what_no_party_lets_go_along_stays_under_the_old_agreement(world: World) -> None:
    _, (item,) = cross(world)
    consent = answer(world, ask(world, item, "use-abroad"))
    ask_back(world, item)
    follow(world, (), ())
    with pytest.raises(Refused) as refused:
        abroad(world, item)
    assert codes(refused) == {"consent.missing"}
    for player in world.players:
        assert bodies(player, "consent")[consent]["agreement"] == AGREEMENT
    assert waiting(world.tokyo)["agreement"] == AGREEMENT
    answer(world, ask(world, item, "use-abroad"))
    abroad(world, item)


def test_only_what_every_party_named_goes_along(world: World) -> None:
    _, (item,) = cross(world)
    consent = answer(world, ask(world, item, "use-abroad"))
    ask_back(world, item)
    follow(world, ("consents", "duties"), ("consents",))
    for player in world.players:
        moved = bodies(player, "consent")[consent]
        assert (moved["agreement"], moved["formerly"]) == (NEXT, [AGREEMENT])
        assert bodies(player, "rehoming")[f"{AGREEMENT}/{NEXT}"]["carries"] == ["consents"]
    assert waiting(world.tokyo)["agreement"] == AGREEMENT
    abroad(world, item)
    with pytest.raises(Refused) as twice:
        abroad(world, item)
    assert "consent.number-exceeded" in codes(twice)
    assert audit(world.kyiv).findings == [] == audit(world.tokyo).findings


def test_a_duty_that_goes_along_is_asked_for_under_the_agreement_that_follows(world: World) -> None:
    _, (item,) = cross(world)
    ask_back(world, item)
    follow(world, ("duties",), ("duties",))
    assert waiting(world.tokyo)["agreement"] == NEXT
    world.clock.advance(days=120)
    chase_due(world.tokyo.registry)
    world.deliver()
    (reminder,) = bodies(world.kyiv, "reminder").values()
    chased = [one for one in bodies(world.tokyo, "sent").values() if one["agreement"] == NEXT]
    assert reminder["what"] == "return-answer" and chased


def test_a_consent_can_be_withdrawn_after_it_went_along(world: World) -> None:
    _, (item,) = cross(world)
    consent = answer(world, ask(world, item, "use-abroad"))
    follow(world, ("consents",), ("consents",))
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    world.deliver()
    with pytest.raises(Refused) as refused:
        abroad(world, item)
    assert codes(refused) == {"consent.withdrawn"}


def test_nothing_else_can_go_along(world: World) -> None:
    for carries in (["levels"], ["duties", "consents"], ["consents", "consents"]):
        with pytest.raises(Malformed):
            Rehoming.parse(Fields({
                "article": "Art. 1", "carries": carries, "effective_on": NOW.date().isoformat(), "predecessor": "a",
            }, where="rehoming"))

"""Handed over for good: an end of life beside return and destruction, under a consent that stands."""

from __future__ import annotations

import pytest
from tests.world.comparing import audit, bodies, list_differences
from tests.world.test_consent import answer, ask, shared_with_poland
from tests.world.test_consent import pass_on as permit
from tests.world.test_journey import PURPOSE, codes, cross, label
from tests.world.test_level_change import change, work
from tests.world.test_use import use
from tests.world.world import World

from cordiale.errors import OutOfOrder, Refused
from cordiale.model.agreement import Act, Ruling


@pytest.fixture
def world() -> World:
    return World.in_force(seed=751)


def hand_over(world: World, item: str, to: str = "state archive", person: str = "registrar") -> None:
    world.kyiv.act(person, "transfer.away", {"item": item, "receipt": "fonds 12, file 7", "to": to})
    world.deliver()


def rule(act: Act, ruling: Ruling, level: str) -> dict[str, str]:
    return {"act": act.value, "article": "Order 3", "level": level, "ruling": ruling.value}


def order(world: World, *rules: dict[str, str]) -> None:
    """Let Ukrainian law ask for more than it did."""
    national = bodies(world.kyiv, "national")["UKR"]["profile"]
    world.kyiv.act("authority", "agreement.national", {"profile": {
        **national, "acts": [*national["acts"], *rules], "version": national["version"] + 1,
    }})


def archived(world: World) -> tuple[str, str]:
    """Let an item be declassified and an archive be allowed; return it and the consent."""
    _, (item,) = cross(world)
    change(world.tokyo, item, "declassified")
    work(world)
    consent = answer(world, ask(world, item, "archive"))
    use(world, item, "archive")
    return item, consent


def test_an_item_goes_to_an_archive_once_and_its_originator_gets_a_certificate(world: World) -> None:
    item, _ = archived(world)
    hand_over(world, item)
    for player in world.players:
        (copy,) = [one for one in bodies(player, "copy").values() if one["party"] == "UKR"]
        assert copy["state"] == "ceded"
    (told,) = bodies(world.tokyo, "certificate").values()
    assert (told["ending"], told["proof"]) == ("ceded", "proved")
    assert told["number"].startswith("UKR-TRA-JPN-") and "archive" not in told["method"]
    (kept,) = bodies(world.kyiv, "ceded").values()
    assert (kept["to"], kept["receipt"]) == ("state archive", "fonds 12, file 7")
    assert [name for name in world.kyiv.objects.names() if name.startswith("in.")] == []
    with pytest.raises(OutOfOrder):
        hand_over(world, item)
    assert list_differences(world) == []
    assert all(audit(player).findings == [] for player in world.players)


def test_without_a_permission_nothing_is_handed_over_and_one_for_a_party_serves_for_no_other(world: World) -> None:
    item = shared_with_poland(world)
    with pytest.raises(OutOfOrder, match="nobody has allowed"):
        hand_over(world, item, "POL")
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    permit(world, item)
    with pytest.raises(OutOfOrder, match="nobody has allowed"):
        hand_over(world, item, "DEU")
    with pytest.raises(Refused) as refused:
        hand_over(world, item, "POL", person="reader")
    assert codes(refused) == {"access.no-need-to-know"}
    hand_over(world, item, "POL")
    assert bodies(world.kyiv, "item")[item]["state"] == "ceded"


def test_what_was_allowed_for_an_archive_serves_for_no_party(world: World) -> None:
    item, _ = archived(world)
    with pytest.raises(OutOfOrder, match="nobody has allowed"):
        hand_over(world, item, "POL")
    hand_over(world, item)


@pytest.mark.parametrize("besides", [(), (Ruling.WITH_NOTICE,)])
@pytest.mark.parametrize(("act", "code"), [
    (Act.RETURN, "transfer.must-return"), (Act.DESTROY, "transfer.must-destroy"),
])
def test_what_must_go_back_or_be_destroyed_ends_in_no_other_way_while_it_has_a_level(
    world: World, act: Act, code: str, besides: tuple[Ruling, ...]
) -> None:
    """A condition that another rule sets beside it takes nothing from what must be."""
    order(world, *(rule(act, ruling, "EX-JPN:EXERCISE SAKURA") for ruling in (Ruling.REQUIRED, *besides)))
    item = shared_with_poland(world)
    answer(world, ask(world, item, "pass-on", recipient="POL"))
    permit(world, item)
    with pytest.raises(Refused) as refused:
        hand_over(world, item, "POL")
    (reason,) = refused.value.decision.reasons
    assert reason.code == code and "Order 3" in reason.article
    assert bodies(world.kyiv, "item")[item]["state"] == "registered" and bodies(world.kyiv, "ceded") == {}
    change(world.tokyo, item, "declassified")
    work(world)
    hand_over(world, item, "POL")
    assert bodies(world.kyiv, "item")[item]["state"] == "ceded"


def test_what_must_be_destroyed_of_our_own_is_not_handed_over(world: World) -> None:
    own = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    world.kyiv.act("authority", "use", {"act": "archive", "item": own, "purpose": PURPOSE})
    order(world, rule(Act.DESTROY, Ruling.REQUIRED, "EX-UKR:EXERCISE KALYNA"))
    with pytest.raises(Refused) as refused:
        hand_over(world, own)
    assert "transfer.must-destroy" in codes(refused)


def test_a_consent_that_was_taken_back_meanwhile_keeps_the_item_here(world: World) -> None:
    item, consent = archived(world)
    world.tokyo.act("authority", "consent.withdraw", {"consent": consent})
    world.deliver()
    with pytest.raises(Refused) as refused:
        hand_over(world, item)
    assert codes(refused) == {"consent.withdrawn"}
    assert bodies(world.kyiv, "item")[item]["state"] == "registered"


def test_an_own_item_ends_in_our_own_book_and_nobody_is_told(world: World) -> None:
    own = label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    world.kyiv.act("authority", "use", {"act": "archive", "item": own, "purpose": PURPOSE})
    hand_over(world, own)
    assert bodies(world.kyiv, "item")[own]["state"] == "ceded"
    assert bodies(world.tokyo, "certificate") == {}
    assert audit(world.kyiv).findings == []

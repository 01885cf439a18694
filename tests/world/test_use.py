"""Uses that only the originators can allow: abroad, archives, publication, forced disclosure; and rights in an item."""

from __future__ import annotations

import pytest
from tests.world.comparing import audit, bodies
from tests.world.test_consent import answer, ask
from tests.world.test_journey import PURPOSE, codes, cross
from tests.world.test_level_change import change, work
from tests.world.world import World

from cordiale.errors import Malformed, Refused


@pytest.fixture
def world() -> World:
    return World.in_force(seed=921)


def use(world: World, item: str, act: str, *, by: str = "authority", **more: object) -> None:
    world.kyiv.act(by, "use", {"act": act, "item": item, "purpose": PURPOSE, **more})


def test_nothing_is_carried_abroad_or_published_without_the_originator(world: World) -> None:
    _, (item,) = cross(world)
    for act in ("use-abroad", "publish"):
        with pytest.raises(Refused) as refused:
            use(world, item, act)
        assert codes(refused) == {"consent.missing"}
        answer(world, ask(world, item, act))
        use(world, item, act)
    with pytest.raises(Refused) as twice:
        use(world, item, "use-abroad")
    assert "consent.number-exceeded" in codes(twice)
    with pytest.raises(Refused):
        use(world, item, "publish", by="reader")
    with pytest.raises(Malformed):
        use(world, item, "copy")
    assert audit(world.kyiv).findings == []


def test_an_archive_takes_a_foreign_item_only_once_it_is_declassified_and_consented_to(world: World) -> None:
    _, (item,) = cross(world)
    answer(world, ask(world, item, "archive"))
    with pytest.raises(Refused) as classified:
        use(world, item, "archive")
    assert codes(classified) == {"use.archive-classified"}
    change(world.tokyo, item, "declassified")
    work(world)
    use(world, item, "archive")
    (entry,) = [one for one in bodies(world.kyiv, "entry").values() if one["act"] == "archive"]
    assert entry["authority"] and entry["consents"]


def test_what_a_law_forces_is_told_first_and_still_waits_for_the_originators_word(world: World) -> None:
    _, (item,) = cross(world)
    with pytest.raises(Refused) as untold:
        use(world, item, "disclose")
    assert codes(untold) == {"consent.missing", "use.originator-not-told"}
    request = ask(world, item, "disclose", due_on="2026-12-01", grounds="order of a court")
    with pytest.raises(Refused) as told:
        use(world, item, "disclose")
    assert codes(told) == {"consent.missing"}
    answer(world, request)
    use(world, item, "disclose")


def test_a_right_in_an_item_bars_publication_until_its_owner_consents(world: World) -> None:
    _, (item,) = cross(world)
    answer(world, ask(world, item, "publish"))
    world.kyiv.act("registrar", "rights", {"item": item, "owner": "Exercise Works"})
    with pytest.raises(Refused) as owned:
        use(world, item, "publish")
    assert codes(owned) == {"use.rights"}
    with pytest.raises(Malformed):
        world.kyiv.act("registrar", "rights", {"item": item})
    world.kyiv.act("registrar", "rights", {"item": item, "reference": "letter 4"})
    use(world, item, "publish")

"""What another party is given of an inventory: its own items and nothing else, and never what national law keeps out."""

from __future__ import annotations

from dataclasses import replace

from tests.views.test_pages import view
from tests.world.test_inventory import number_of
from tests.world.test_journey import cross, dispatch, label, release
from tests.world.world import World

from cordiale.wire.agreement_json import national_profile_from_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template

CAVEAT = ("Handling", "EXERCISE DIALOGUE ONLY")


def keep_out(world: World) -> None:
    """Let Kyiv's national profile keep items under the caveat out of every list that another party is given."""
    (national,) = [one for one in load_template("exercise").nationals if one.party == "UKR"]
    changed = replace(national, version=2, unlisted_caveats=((*CAVEAT, "Exercise Order U-7, s. 23"),))
    assert national_profile_from_json(national_profile_to_json(changed)) == changed
    world.kyiv.act("authority", "agreement.national", {"profile": national_profile_to_json(changed)})


def test_an_item_under_a_national_caveat_is_absent_and_the_filtering_is_entered() -> None:
    """Scenario S7."""
    world = World.in_force(seed=81)
    _, (plain,) = cross(world, forms=("paper",))
    marked = label(world.tokyo, form="paper", caveats=["=".join(CAVEAT)])
    release(world.tokyo, marked)
    consignment = dispatch(world, [marked])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    label(world.kyiv, form="paper", level="EX-UKR:EXERCISE KALYNA")
    keep_out(world)
    export = world.kyiv.act("registrar", "inventory.export", {"party": "JPN"}).value
    shown = view(world.kyiv, "registrar", "view.inventory-export", export=export["export"], **{"as": "html"})
    assert [line["number"] for line in shown["lines"]] == [number_of(world.kyiv, plain)]
    assert number_of(world.kyiv, marked) not in shown["html"] and "UKR-2026" not in shown["html"]
    assert export["listed"] == 1 and "left_out" not in str(shown)
    entered = world.kyiv.registry.record("inventory-export", export["export"])
    assert entered is not None and len(entered["left_out"]) == 1

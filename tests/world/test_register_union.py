"""The register holds the union of what the regulations ask for, at the sender and at the recipient."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.organising import sign_newer
from tests.world.test_journey import PURPOSE, codes, dispatch, grant, label, release
from tests.world.world import Player, World

from cordiale.errors import Malformed, Refused, Undecidable
from cordiale.model.agreement_rows import ChannelRule, Covered

DESCRIBED = {
    "author": "desk officer", "basis": "Exercise Order J-1, s. 3", "dated": "2026-11-20", "document": "report",
    "parts": 2, "signatory": "head of section",
}


@pytest.fixture
def world() -> World:
    return World.in_force(seed=991)


def entries(player: Player, item: str) -> dict[str, dict[str, Any]]:
    return {one["act"]: one.body for one in player.registry.find("entry", "item", item)}


def test_every_particular_that_the_regulations_ask_for_is_in_the_register(world: World) -> None:
    """EE-262 § 51, EU 2001/264, 32 CFR 117.19(g)(18)(iii), field by field."""
    today = world.clock.at.date().isoformat()
    item = label(world.tokyo, sheets=3, subject="harbour", **DESCRIBED)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    sent = entries(world.tokyo, item)
    own, out, back = sent["entered"], sent["dispatched"], sent["receipted"]
    # Date and number, creating unit, title, author and signatory, kind, legal basis, level and release, copies, sheets.
    assert (own["number"], own["at"][:10], own["office"]) == ("JPN-2026-0001", today, "dialogue desk")
    assert (own["title"], own["author"], own["signatory"]) == ("Exercise paper", "desk officer", "head of section")
    assert (own["form"], own["document"], own["basis"]) == ("file", "report", DESCRIBED["basis"])
    assert (own["level"], own["release_to"], own["copies"]) == ("EX-JPN:EXERCISE SAKURA", ["JPN", "UKR"], 1)
    assert (own["sheets"], own["parts"], own["dated"], own["subject"]) == (3, 2, "2026-11-20", "harbour")
    # Integrity data of an electronic document.
    assert own["integrity"] and out["integrity"]
    # Recipient with time and number; the date on which the receipt came back.
    assert (out["party"], out["registry"], out["copy_number"]) == ("UKR", "registry-kyiv", 1)
    assert out["number"].startswith("JPN-OUT-UKR-2026-") and out["at"] and back["at"]
    # At the recipient: date received, sender and both its numbers, both levels and what the second rests on.
    came = entries(world.kyiv, item)["registered"]
    assert (came["sender"], came["their_reference"], came["their_consignment"]) == ("JPN", own["number"], out["number"])
    assert came["received_at"] and came["number"] == "UKR/JPN-2026-0001"
    assert (came["level"], came["equivalent"], came["legal_basis"][:4]) == (
        "EX-JPN:EXERCISE SAKURA", "EX-UKR:EXERCISE BARVINOK", "Art."
    )
    assert (came["document"], came["signatory"], came["dated"]) == ("report", "head of section", "2026-11-20")
    assert (came["sheets"], came["parts"], came["copies_total"], came["copy_number"]) == (3, 2, 1, 1)
    # Persons given access, how and when; where it is; what happened to it.
    grant(world, item, "reader")
    world.kyiv.read("reader", item, PURPOSE)
    page = view(world.kyiv, "registrar", "view.where", item=item)
    assert [(one["person"], one["purpose"]) for one in page["readings"]] == [("Exercise Reader K", PURPOSE)]
    # Return, with the number of its act and its date, in both registers.
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    for player in world.players:
        ended = entries(player, item)["returned"]
        assert ended["number"].startswith("UKR-RET-JPN-2026-") and ended["at"] and ended["copy_number"] == 1


def test_who_wrote_it_and_what_it_was_classified_under_stay_at_home(world: World) -> None:
    item = label(world.tokyo, **DESCRIBED)
    release(world.tokyo, item)
    consignment = dispatch(world, [item])
    world.deliver()
    (line,) = view(world.kyiv, "registrar", "view.consignment", consignment=consignment)["items"]
    assert (line["document"], line["dated"], line["parts"]) == ("report", "2026-11-20", 2)
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    books = world.kyiv.registry.books()
    for kind in ("item", "copy", "entry"):
        for one in books.every(kind):
            assert "author" not in one.body and DESCRIBED["basis"] not in str(one.body)
    assert view(world.tokyo, "originator", "view.item", item=item)["basis"] == DESCRIBED["basis"]


def test_the_pages_of_the_register_say_every_particular(world: World) -> None:
    label(world.tokyo, channel="police", **DESCRIBED)
    (row,) = view(world.tokyo, "registrar", "view.register", book="own")["rows"]
    notes = dict(row["notes"])
    for named, value in (
        ("document", "report"), ("dated", "2026-11-20"), ("parts", "2"), ("author", "desk officer"),
        ("signed by", "head of section"), ("classified under", DESCRIBED["basis"]), ("channel", "police"),
    ):
        assert notes[named] == value


def test_a_flag_of_a_channel_that_the_agreement_does_not_name_stops_the_item(world: World) -> None:
    item = label(world.tokyo, channel="intelligence")
    release(world.tokyo, item)
    shown = view(world.tokyo, "originator", "view.preview", item=item, recipient="UKR", purpose=PURPOSE,
                 agreement="exercise-jpn-ukr")
    assert "channel.unsaid" in {one["code"] for one in shown["reasons"]}
    with pytest.raises(Undecidable) as unsaid:
        dispatch(world, [item])
    assert codes(unsaid) == {"channel.unsaid"}
    with pytest.raises(Malformed):
        label(world.tokyo, channel="no channel at all")


def test_the_flag_goes_with_an_item_whose_channel_is_covered_and_one_that_is_not_stays(world: World) -> None:
    sign_newer(world, channels=(
        ChannelRule("police", Covered.UNLESS_OTHER, "Art. 1(1)"), ChannelRule("intelligence", Covered.NOT, "Art. 1(1)"),
    ))
    item, kept = label(world.tokyo, channel="police"), label(world.tokyo, channel="intelligence")
    for one in (item, kept):
        release(world.tokyo, one)
    with pytest.raises(Refused) as outside:
        dispatch(world, [kept])
    assert [(one.code, one.article) for one in outside.value.decision.reasons] == [
        ("channel.not-covered", "Art. 1(1)")
    ]
    consignment = dispatch(world, [item])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    assert entries(world.kyiv, item)["registered"]["channel"] == "police"

"""Translations and extracts: items of their own that inherit, with a note in their language, sealed like any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.world.reproducing import (
    assign,
    audited,
    consent,
    copy_it,
    cross,
    cross_at_the_top,
    deliver,
    held,
    open_to_the_top,
    sign_delivery,
)
from tests.world.test_journey import PURPOSE, codes, dispatch, grant, label, release
from tests.world.world import World

from cordiale.errors import CordialeError, Malformed, OutOfOrder, Refused, Unverified
from cordiale.records.items import COPY, ENTRY, ITEM
from cordiale.records.lineage import list_derived_items, list_tree
from cordiale.records.sweeping import sweep_envelopes


@pytest.fixture
def world() -> World:
    return World.in_force()


def translate(world: World, item: str, *, language: str = "uk", content: bytes = b"translated") -> str:
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language=language)
    return str(deliver(world.kyiv, task, content=content).value["item"])


def test_a_translation_inherits_everything_and_bears_its_note_in_its_language(world: World) -> None:
    item = cross(world, caveats=[], trigger={"kind": "event", "event": "end of the dialogue"})
    derived = translate(world, item)
    whole, made = (world.kyiv.registry.record(ITEM, one) for one in (item, derived))
    assert whole is not None and made is not None
    for name in ("label", "marking", "origin_party", "agreement", "purposes", "their_reference"):
        assert made[name] == whole[name]
    assert made["note"].startswith("Цей переклад містить")
    assert "EXERCISE SAKURA" in made["note"]
    assert made["reference"] != whole["reference"]
    assert (made["derived_from"], made["root"]) == (f"{item}.c1", item)
    entry = [one for one in world.kyiv.registry.find(ENTRY, "item", derived) if one["act"] == "translated"]
    assert len(entry) == 1 and entry[0]["language"] == "uk"


def test_without_a_note_in_its_language_nothing_is_translated(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    for language in ("", "tlh"):
        with pytest.raises(OutOfOrder, match="no note in the language"):
            assign(world.kyiv, item, act="translate", **({"language": language} if language else {}))


def test_a_translation_is_sealed_and_read_by_whoever_is_granted_it(world: World) -> None:
    item = cross(world)
    derived = translate(world, item, content="переклад".encode() * 1000)
    sealed = [name for name in world.kyiv.objects.contents if name.startswith("der.")]
    assert len(sealed) == 1
    assert "переклад".encode() not in world.kyiv.objects.contents[sealed[0]]
    grant(world, derived, "reader")
    assert world.kyiv.read("reader", derived, PURPOSE) == "переклад".encode() * 1000
    with pytest.raises(Refused) as colleague:
        world.kyiv.read("colleague", derived, PURPOSE)
    assert codes(colleague) == {"access.no-need-to-know"}
    audited(world)


def test_only_a_cleared_translator_is_given_the_task(world: World) -> None:
    item = cross(world)
    grant(world, item, "junior")
    with pytest.raises(Refused) as uncleared:
        assign(world.kyiv, item, act="translate", maker="junior", language="uk")
    assert "access.clearance-too-low" in codes(uncleared)


def test_the_originator_sees_a_translation_as_a_copy_of_its_item_and_is_told_when_it_ends(world: World) -> None:
    item = cross(world)
    derived = translate(world, item)
    world.deliver()
    told = held(world.tokyo, f"{derived}.0")
    assert (told["item"], told["act"], told["state"]) == (item, "translate", "with-partner")
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": derived, "method": "erased"}).value["proposal"]
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    assert held(world.tokyo, f"{derived}.0")["state"] == "destroyed"
    assert not [name for name in world.kyiv.objects.contents if name.startswith("der.")]
    proofs = {one["proof"] for one in world.tokyo.registry.find("certificate", "copy", f"{derived}.0")}
    assert proofs == {"proved"}
    audited(world)


def test_a_notice_reaches_a_translation_of_a_copy_of_a_copy(world: World) -> None:
    """The tree of S6: copy, copy of it, translation of that one, extract of the translation."""
    item = cross(world)
    first, _ = copy_it(world, item, number=2)
    (second,) = copy_it(world, item, copy=first)
    task = assign(world.kyiv, item, act="translate", copy=second, language="ja")
    derived = str(deliver(world.kyiv, task).value["item"])
    grant(world, derived, "reader")
    task = assign(world.kyiv, derived, act="extract")
    extract = str(deliver(world.kyiv, task).value["item"])
    world.deliver()
    for player in world.players:
        ids = {one.id for one in list_tree(player.registry.books(), item)}
        assert ids >= {f"{item}.c1", first, second, f"{derived}.0", f"{extract}.0"}
    here = world.kyiv.registry.books()
    assert [one.id for one in list_derived_items(here, item)] == [derived, extract]
    assert {one.id for one in list_tree(here, derived)} == {f"{derived}.0", f"{extract}.0"}
    audited(world)


def test_an_extract_keeps_the_level_whatever_its_parts_bear_and_says_its_floor(world: World) -> None:
    item = label(world.tokyo, portions=[
        {"reference": "1", "level": "EXERCISE AJISAI"}, {"reference": "2", "level": "EXERCISE SAKURA"},
    ])
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    task = assign(world.tokyo, item, act="extract", maker="originator", portions=["1"])
    answer = deliver(world.tokyo, task, maker="originator").value
    assert answer["floor"] == "EX-JPN:EXERCISE AJISAI"
    made = world.tokyo.registry.record(ITEM, str(answer["item"]))
    assert made is not None
    assert made["label"]["level"] == world.tokyo.registry.record(ITEM, item)["label"]["level"]  # type: ignore[index]
    with pytest.raises(Malformed, match="no part"):
        assign(world.tokyo, item, act="extract", maker="originator", portions=["3"])


def test_an_own_translation_is_released_and_dispatched_as_any_own_item(world: World) -> None:
    item = label(world.tokyo)
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    task = assign(world.tokyo, item, act="translate", maker="originator", language="uk")
    derived = str(deliver(world.tokyo, task, maker="originator").value["item"])
    release(world.tokyo, derived)
    consignment = dispatch(world, [derived])
    world.deliver()
    world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})
    world.deliver()
    assert f"{derived}.c1" in {one.id for one in list_tree(world.tokyo.registry.books(), item)}
    audited(world)


def test_the_consents_of_an_item_are_those_of_its_translation() -> None:
    world = open_to_the_top(World.in_force(seed=9))
    item = cross_at_the_top(world)
    grant(world, item, "deskone")
    consent(world, item, act="translate")
    task = assign(world.kyiv, item, act="translate", maker="deskone", language="uk", form="paper")
    derived = str(world.kyiv.act("deskone", "reproduce.deliver", {"pages": 4, "task": task}).value["item"])
    grant(world, derived, "deskone")
    with pytest.raises(Refused) as used_up:
        assign(world.kyiv, derived, act="translate", maker="deskone", language="ja", form="paper")
    assert codes(used_up) == {"consent.number-exceeded"}
    consent(world, item, act="copy")
    copy_it(world, derived, maker="deskone", form="paper")
    with pytest.raises(Refused) as one_only:
        assign(world.kyiv, item, maker="deskone", form="paper")
    assert codes(one_only) == {"consent.number-exceeded"}


def test_of_a_crash_in_between_nothing_is_half_done(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language="uk")
    before = len(world.kyiv.registry.reads().find(COPY, "root", item))
    with pytest.raises(_Died):
        _die_at_commit(world, lambda: deliver(world.kyiv, task))
    world.kyiv.reopen()
    sweep_envelopes(world.kyiv.registry)
    assert not [name for name in world.kyiv.objects.contents if name.startswith("der.")]
    assert len(world.kyiv.registry.reads().find(COPY, "root", item)) == before
    derived = str(deliver(world.kyiv, task).value["item"])
    sweep_envelopes(world.kyiv.registry)
    assert len([name for name in world.kyiv.objects.contents if name.startswith("der.")]) == 1
    assert world.kyiv.registry.record(ITEM, derived) is not None


class _Died(BaseException):
    pass


def _die_at_commit(world: World, do: Any) -> None:
    """Let the node die after the envelope is whole and before the act is committed."""
    ledger = world.kyiv.registry.ledger
    commit = ledger.commit

    def die(*_: Any) -> Any:
        raise _Died

    ledger.commit = die  # type: ignore[method-assign]
    try:
        do()
    finally:
        ledger.commit = commit  # type: ignore[method-assign]


def test_another_content_than_was_signed_is_not_kept(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language="uk")
    with pytest.raises(Unverified):
        replace(sign_delivery(world.kyiv, task), content=b"other").send(world.kyiv.registry)
    assert not [name for name in world.kyiv.objects.contents if name.startswith("der.")]


def test_nobody_delivers_a_task_of_another(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item, act="translate", language="uk")
    grant(world, item, "colleague")
    with pytest.raises(CordialeError):
        deliver(world.kyiv, task, maker="colleague")
    assert world.kyiv.registry.record(ITEM, f"{item}.c1.t1") is None

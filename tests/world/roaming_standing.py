"""The steps of a random life that are about who stands for whom: an originator that was followed, and acts that are joined."""

from __future__ import annotations

from typing import Any

from tests.world.roaming import Roaming
from tests.world.roaming_items import foreign_item, own_item, release, who_needs
from tests.world.treaties import PURPOSE

TOGETHER = ("read", "wire")
LAW = "Order 9 for this test"


def step_succession(life: Roaming) -> None:
    """Enter who follows an originator, at the one that asks and at the one that is asked; confirm it, or take it back."""
    player = life.player()
    entered = life.pick(player, "succession", state=life.any_of(("proposed", "proposed", "confirmed")))
    if entered is not None and life.chance.random() < 0.7:
        kind = "succession.confirm" if entered["state"] == "proposed" and life.chance.random() < 0.8 else "succession.end"
        life.act(player, life.any_of(("security", "security", "authority")), kind, {
            "succession": entered.id, **({"reason": "entered in error"} if kind == "succession.end" else {}),
        })
        return
    former = life.other(player)
    third = next(one for one in life.world.players if one not in (player, former))
    for asking in (player, third) if life.chance.random() < 0.7 else (player,):
        successor = third if life.chance.random() < 0.8 else life.any_of((player, former))
        answer = life.act(asking, "authority", "succession.enter", {
            "article": "Treaty of 2026, Art. 3", "former": former.party, "on": life.day(life.any_of((0, 0, 0, 9))),
            "successor": successor.party,
            **({"agreement": life.agreement(asking, successor)} if successor is not asking else {}),
        })
        if answer and life.chance.random() < 0.8:
            life.act(asking, "security", "succession.confirm", {"succession": str(answer["succession"])})


def step_two_by_law(life: Roaming) -> None:
    """Let a law ask for two persons together where one was enough, or take that back."""
    player = life.player()
    record = player.registry.record("national", player.party)
    if record is None:
        return
    law = record["profile"]
    plain = [one for one in law["acts"] if one["article"] != LAW]
    more = [] if len(plain) < len(law["acts"]) and life.chance.random() < 0.8 else [
        {"act": life.any_of(TOGETHER), "article": LAW, "persons": 2, "ruling": "allowed"}
    ]
    life.act(player, "authority", "agreement.national", {
        "profile": {**law, "acts": [*plain, *more], "version": law["version"] + 1},
    })


def step_join(life: Roaming) -> None:
    """Join a reading or a dispatch of another, who does it then, or something else, or later."""
    player = life.player()
    if life.chance.random() < 0.6:
        item = foreign_item(life, player)
        if item is not None:
            for person in life.chance.sample(("reader", "originator", "junior"), 2):
                life.act(player, "head", "need.grant", {"item": item.id, "person": person, "purpose": PURPOSE})
            doer, second = who_needs(life, player, item.id), who_needs(life, player, item.id)
            _join(life, player, second, {"act": "read", "doer": doer, "item": item.id, "purpose": PURPOSE})
            life.read(player, life.any_of((doer, doer, doer, second)), item.id)
        return
    item, other = own_item(life, player), life.other(player)
    if item is not None:
        release(life, player, item.id, other)
        said = {"link": "wire", "purpose": PURPOSE, "recipient": life.any_of((other, other, player)).party}
        _join(life, player, life.any_of(("head", "security", "keeper", "reader")), {
            "act": "dispatch", "doer": "registrar", "item": item.id, **said,
        })
        life.act(player, "registrar", "dispatch", {
            "agreement": life.agreement(player, other), "items": [item.id], "link": "wire", "purpose": PURPOSE,
            "recipient": other.party, "registry": f"registry-{other.party.lower()}",
        })


def _join(life: Roaming, player: Any, person: str, params: dict[str, str]) -> None:
    if life.chance.random() < 0.85:
        life.act(player, person, "join", params)

"""The steps of a random life that are about who stands for whom: an originator that was followed, and acts that are joined."""

from __future__ import annotations

from collections.abc import Mapping

from tests.world.roaming import Roaming, every
from tests.world.roaming_items import foreign_item, own_item, release
from tests.world.treaties import PURPOSE, level
from tests.world.world import Player

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


def step_stand_in(life: Roaming) -> None:
    """Have an originator followed at both ends, ask who follows it, be answered, and do what was allowed, or something else."""
    player = life.player()
    item = foreign_item(life, player)
    if item is None:
        return
    former = life.partner(str(item["origin_party"]))
    third = next(one for one in life.world.players if one not in (player, former))
    for asking in (player, third):
        _be_followed(life, asking, former, third)
    wanted = life.any_of((
        {"act": "pass-on", "purpose": PURPOSE, "recipient": third.party}, {"act": "copy", "purpose": PURPOSE},
        {"act": "change-level", "purpose": level(former.party, life.any_of((0, 1, 2)))},
    ))
    life.act(player, "registrar", "consent.ask", {"item": item.id, **wanted})
    for _ in range(3):
        player.outbox.send_waiting()
        life.world.clock.advance(seconds=65)
    for asked in every(third, "consent-request", state="asked", direction="in", item=item.id):
        life.act(third, "authority", "consent.answer", {
            "outcome": life.any_of(("granted", "granted", "granted", "declined")), "request": asked.id,
        })
    for _ in range(3):
        third.outbox.send_waiting()
        life.world.clock.advance(seconds=65)
    _do_as_allowed(life, player, item.id, wanted)


def _be_followed(life: Roaming, asking: Player, former: Player, successor: Player) -> None:
    known = every(asking, "succession", former=former.party)
    if any(one["state"] in ("proposed", "confirmed") for one in known):
        return
    answer = life.act(asking, "authority", "succession.enter", {
        "article": "Treaty of 2026, Art. 3", "former": former.party, "on": life.day(), "successor": successor.party,
        **({"agreement": life.agreement(asking, successor)} if successor is not asking else {}),
    })
    if answer:
        life.act(asking, "security", "succession.confirm", {"succession": str(answer["succession"])})


def _do_as_allowed(life: Roaming, player: Player, item: str, wanted: Mapping[str, str]) -> None:
    if wanted["act"] == "pass-on":
        life.act(player, "head", "need.grant", {"item": item, "person": "registrar", "purpose": PURPOSE})
        life.act(player, "registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": wanted["recipient"]})
    elif wanted["act"] == "change-level":
        proposed = life.act(player, "originator", "level.propose", {
            "article": "Art. 5", "item": item, "to": life.any_of((wanted["purpose"],) * 4 + ("declassified",)),
        })
        if proposed:
            life.act(player, "authority", "level.confirm", {"item": item, "proposal": proposed["proposal"]})
    else:
        life.act(player, "registrar", "reproduce.assign", {
            "act": "copy", "device": "printer-1", "form": "paper", "item": item, "maker": "reader", "purpose": PURPOSE,
        })


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
            doer, second = life.chance.sample(("reader", "originator", "originator", "unbriefed"), 2)
            for person in (doer, second):
                if life.chance.random() < 0.9:
                    life.act(player, "head", "need.grant", {"item": item.id, "person": person, "purpose": PURPOSE})
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


def _join(life: Roaming, player: Player, person: str, params: dict[str, str]) -> None:
    if life.chance.random() < 0.85:
        life.act(player, person, "join", params)

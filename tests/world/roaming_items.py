"""The steps of a random life that are about items: the straight road, levels, copies, custody, the end."""

from __future__ import annotations

from typing import Any

from tests.world.roaming import PEOPLE, Roaming
from tests.world.treaties import PURPOSE, level, registry_of
from tests.world.world import Player

from cordiale.records.record import Record

OTHER_PURPOSE = "another purpose"
READER_POST = "reader of the desk"
HOLDERS = ("reader", "reader", "reader", "originator", "junior", "unbriefed", "registrar")


def provided_item(life: Roaming, player: Player, other: Player) -> Record | None:
    """Return an item of `player` of which `other` has a copy, or now and then any of its items."""
    there = life.pick(player, "copy", party=other.party, state="with-partner")
    is_found = there is not None and life.chance.random() < 0.85
    return player.registry.record("item", there["item"]) if there is not None and is_found else own_item(life, player)


def own_item(life: Roaming, player: Player) -> Record | None:
    """Return an item that `player` labelled."""
    return life.pick(player, "item", origin_party=player.party)


def foreign_item(life: Roaming, player: Player) -> Record | None:
    """Return an item that `player` was given."""
    return life.pick(player, "item", origin_party=life.other(player).party)


def some_item(life: Roaming, player: Player) -> Record | None:
    """Return an item of the books of `player`, foreign more often."""
    found = foreign_item(life, player) if life.chance.random() < 0.75 else None
    return found or own_item(life, player)


def who_needs(life: Roaming, player: Player, item: str) -> str:
    """Return somebody who was granted a need-to-know of `item`, now and then somebody else."""
    known = [person for party, name, person in life.naive.needs if (party, name) == (player.party, item)]
    return str(life.any_of(known)) if known and life.chance.random() < 0.8 else str(life.any_of(HOLDERS))


# -- the straight road ------------------------------------------------------------------------------------------


def label(life: Roaming, player: Player, *, rank: int | None = None, form: str = "") -> str | None:
    """Label a thing or a content."""
    number = life.count
    title, text = f"Zitadelle {number} Kirschbaum", f"Plaintext {number} that nobody outside reads. "
    life.secrets |= {title, text}
    if player.registry.record("device", "printer-1") is None:
        life.act(player, "security", "device.register", {
            "device": "printer-1", "kind": "printer", "level": level(player.party, 2),
        })
    form = form or life.any_of(("file", "paper", "paper"))
    others = [one.party for one in life.world.players if one is not player]
    chosen = rank if rank is not None else life.any_of((0, 1, 1, 1, 2))
    answer = life.act(player, "originator", "label", {
        "form": form, "level": level(player.party, chosen), "title": title,
        "release_to": life.any_of((others, others, others, others, [])),
        **({"readers": ["originator"]} if life.chance.random() < 0.05 else {}),
    }, (text * 3).encode() if form == "file" else None)
    return str(answer["item"]) if answer else None


def release(life: Roaming, player: Player, item: str, other: Player, purpose: str = PURPOSE) -> None:
    """Both approvals of a release."""
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        params = life.approval(player, item, other.party, purpose)
        if params is not None:
            life.act(player, person, kind, params)


def send(life: Roaming, player: Player, items: list[str], other: Player, link: str = "", plan: str = "") -> str | None:
    """Dispatch items in one consignment; freight goes by a `plan`."""
    link = link or life.any_of(("wire", "wire", "wire", "bag", "carry"))
    answer = life.act(player, "registrar", "dispatch", {
        "agreement": life.agreement(player, other), "items": items, "purpose": PURPOSE, "recipient": other.party,
        "link": link, "registry": registry_of(other.party), **({"plan": plan} if plan and link == "freight" else {}),
        **life.any_of(({}, {"another_copy": True})),
        **life.any_of(({},) * 12 + ({"addressee": READER_POST}, {"addressee": READER_POST, "addressee_alone": True})),
    }) if items else None
    return str(answer["consignment"]) if answer else None


def step_whole_journey(life: Roaming) -> None:
    """Label, release, dispatch, carry, register, grant, read."""
    player = life.player()
    other, rank = life.other(player), life.any_of((1, 1, 2, 0))
    item = label(life, player, rank=rank)
    if item is None:
        return
    release(life, player, item, other)
    send(life, player, [item], other, "wire")
    for _ in range(life.chance.randint(1, 3)):
        player.outbox.send_waiting()
        life.world.clock.advance(seconds=65)
    register_held(life, other)
    if life.chance.random() < 0.6:
        other.outbox.send_waiting()
    if other.registry.record("item", item) is not None:
        life.act(other, "head", "need.grant", {"item": item, "person": "reader", "purpose": PURPOSE})
        life.read(other, "reader", item)


def step_label(life: Roaming) -> None:
    label(life, life.player())


def step_release(life: Roaming) -> None:
    player = life.player()
    item = own_item(life, player)
    if item is not None:
        release(life, player, item.id, life.other(player), life.any_of((PURPOSE, PURPOSE, OTHER_PURPOSE)))


def step_withdraw_approval(life: Roaming) -> None:
    player = life.player()
    item = own_item(life, player)
    if item is not None:
        life.act(player, life.any_of(("originator", "authority")), "release.withdraw", {"item": item.id})


def step_dispatch(life: Roaming) -> None:
    player = life.player()
    item = own_item(life, player)
    if item is not None:
        send(life, player, [item.id], life.other(player))


def register_held(life: Roaming, player: Player, miscounted: int = 0) -> None:
    """Register what is held."""
    held = life.pick(player, "consignment", state="held")
    if held is not None:
        life.act(player, "registrar", "register", {
            "consignment": held.id, "counted": len(held["items"]) + miscounted,
        })


def step_register(life: Roaming) -> None:
    register_held(life, life.player(), life.any_of((0, 0, 0, 0, 1)))


def step_refuse_held(life: Roaming) -> None:
    player = life.player()
    held = life.pick(player, "consignment", state="held")
    if held is not None:
        life.act(player, "registrar", "consignment.refuse", {
            "consignment": held.id, "why": life.any_of(("not-for-us", "damaged", "incomplete")), "note": "as seen",
        })


def step_need(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is None:
        return
    person = life.any_of(PEOPLE)
    if life.chance.random() < 0.75:
        life.act(player, "head", "need.grant", {
            "item": item.id, "person": person, "purpose": life.any_of((PURPOSE, PURPOSE, OTHER_PURPOSE)),
        })
    else:
        life.act(player, "head", "need.withdraw", {"item": item.id, "person": person})


def step_read(life: Roaming) -> None:
    """Let somebody read who was granted just that, or anybody anything."""
    player = life.player()
    granted = [(item, person, why) for (party, item, person), why in life.naive.needs.items() if party == player.party]
    if granted and life.chance.random() < 0.5:
        item, person, why = granted[-1 - min(int(life.chance.expovariate(0.2)), len(granted) - 1)]
        life.read(player, person, item, why)
        return
    found = some_item(life, player)
    if found is not None:
        person = life.any_of((who_needs(life, player, found.id), life.any_of(PEOPLE)))
        life.read(player, person, found.id, life.any_of((PURPOSE, PURPOSE, PURPOSE, OTHER_PURPOSE)))


def step_void(life: Roaming) -> None:
    player = life.player()
    item = own_item(life, player)
    if item is not None:
        life.act(player, "registrar", "entry.void", {"item": item.id, "reason": "entered twice"})


def step_correct(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is not None:
        life.act(player, "registrar", "entry.correct", {
            "now_reads": "Papier, berichtigt", "number": str(item.body.get("reference", "x")),
            "particular": life.any_of(("title", "nothing")), "reason": "misread",
        })


# -- custody ----------------------------------------------------------------------------------------------------


def step_custody(life: Roaming) -> None:
    """Charge something out, or let whoever has it or is offered it take the next step."""
    player, params = life.player(), dict[str, Any]()
    held = life.pick(player, "custody", state=life.any_of(("charged-out", "offered", "confirmed")))
    if held is not None and life.chance.random() < 0.7:
        kind = "circulate.confirm" if held["state"] != "confirmed" else life.any_of(("circulate.back", "circulate.hand-over"))
        if life.chance.random() < 0.15:
            kind = "circulate.decline"
        params = {"item": held["item"]}
        if kind == "circulate.hand-over":
            params["person"] = who_needs(life, player, str(held["item"]))
        life.act(player, str(held["holder"]), kind, params)
        return
    item = some_item(life, player)
    if item is not None:
        if life.chance.random() < 0.5:
            life.act(player, "head", "need.grant", {"item": item.id, "person": "reader", "purpose": PURPOSE})
        params = {"item": item.id, "person": who_needs(life, player, item.id)}
        if life.chance.random() < 0.3:
            params["until"] = life.day(life.chance.randint(1, 20))
        life.act(player, "registrar", "circulate", params)


def step_place(life: Roaming) -> None:
    player = life.player()
    copy = life.pick(player, "copy", state=life.any_of(("registered", "held")))
    if copy is not None:
        life.act(player, "registrar", "place", {"copy": copy.id, "place": "safe 3", "unit": "east"})


# -- levels -----------------------------------------------------------------------------------------------------


def step_level(life: Roaming) -> None:
    """Propose, and confirm or decline at once or never."""
    player = life.player()
    item = some_item(life, player)
    if item is None:
        return
    wanted = life.any_of([level(player.party, one) for one in range(3)] + ["declassified"])
    params = {"article": "Art. 2", "item": item.id, "to": wanted}
    if life.chance.random() < 0.2:
        params = {"article": "Art. 2", "handle_as": level(player.party, life.chance.randint(1, 2)), "item": item.id}
    if life.chance.random() < 0.25:
        params["on"] = life.day(life.chance.randint(1, 30))
    proposed = life.act(player, "originator", "level.propose", params)
    if proposed and life.chance.random() < 0.85:
        life.act(player, "authority", "level.confirm", {
            "item": item.id, "proposal": proposed["proposal"],
            **({"decline": True} if life.chance.random() < 0.1 else {}),
        })


def step_two_levels_cross(life: Roaming) -> None:
    """Two changes of one item in a row, before the first is told."""
    player = life.player()
    item = own_item(life, player)
    if item is None:
        return
    for rank in life.chance.sample(range(3), 2):
        proposed = life.act(player, "originator", "level.propose", {
            "article": "Art. 2", "item": item.id, "to": level(player.party, rank),
        })
        if proposed:
            life.act(player, "authority", "level.confirm", {"item": item.id, "proposal": proposed["proposal"]})


def step_mark(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is not None:
        kind, person = life.any_of((("level.mark", "registrar"), ("level.mark", "registrar"), ("level.note", "reader")))
        life.act(player, person, kind, {"item": item.id})


def step_challenge(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "level-challenge", state="open")
    item = own_item(life, player)
    if asked is not None and life.chance.random() < 0.6:
        life.act(player, "authority", "level.answer", {
            "challenge": asked.id, "outcome": "kept", "reason": "it is still needed",
        })
    elif item is not None:
        life.act(player, "originator", "level.challenge", {
            "doubt": "too-high", "item": item.id, "reason": "it is in the press", "to": level(player.party, 0),
        })


# -- copies -----------------------------------------------------------------------------------------------------


def step_reproduce(life: Roaming) -> None:
    """Ask, assign, finish or deliver; now and then only a part of it."""
    player = life.player()
    item = some_item(life, player)
    if item is None:
        return
    act = life.any_of(("copy", "copy", "translate", "extract"))
    more: dict[str, Any] = {"form": "paper", "device": "printer-1"} if act == "copy" else {"language": "fr"}
    if act == "extract":
        more = {"form": "paper", "device": "printer-1"}
    if life.chance.random() < 0.3:
        life.act(player, "reader", "reproduce.ask", {
            "act": act, "item": item.id, "purpose": PURPOSE, **({"language": "fr"} if act == "translate" else {}),
        })
    task = life.act(player, "registrar", "reproduce.assign", {
        "act": act, "item": item.id, "maker": who_needs(life, player, item.id),
        "purpose": PURPOSE, **more,
    })
    if task and life.chance.random() < 0.8:
        finish(life, player, str(task["task"]))


def finish(life: Roaming, player: Player, task: str) -> None:
    """Finish or deliver a reproduction, as its maker."""
    record = player.registry.record("reproduction", task)
    if record is None:
        return
    maker = str(record["maker"])
    if record["act"] == "copy":
        life.act(player, maker, "reproduce.finish", {"pages": 3, "task": task})
    else:
        text = f"Translation {life.count} that stays here. " * 3
        life.secrets.add(text[:30])
        life.act(player, maker, "reproduce.deliver", {"task": task}, text.encode())


def step_open_reproduction(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "asked-reproduction", state="asked")
    if asked is not None:
        life.act(player, "registrar", "reproduce.decline", {"reason": "one is enough", "request": asked.id})
    task = life.pick(player, "reproduction", state=life.any_of(("assigned", "ready")))
    if task is not None and life.chance.random() < 0.5:
        finish(life, player, task.id)
    elif task is not None:
        life.act(player, "registrar", "reproduce.withdraw", {"task": task.id})


# -- the end of an item -----------------------------------------------------------------------------------------


def step_return(life: Roaming) -> None:
    player = life.player()
    item = foreign_item(life, player)
    if item is not None and item["state"] in ("registered", life.any_of(("registered", "frozen", "returned"))):
        life.act(player, "registrar", "return", {"item": item.id})


def step_recall(life: Roaming) -> None:
    player = life.player()
    other = life.other(player)
    item = provided_item(life, player, other)
    if item is not None:
        life.act(player, "registrar", "return.ask", {
            "item": item.id, "party": other.party, "reason": "the exercise has ended",
            **({"by": life.day(20)} if life.chance.random() < 0.5 else {}),
        })


def step_answer_recall(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "return-request", direction="in")
    if asked is not None:
        life.act(player, "registrar", "return.answer", {"decline": life.chance.random() < 0.3, "request": asked.id})


def step_destroy(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is None:
        return
    proposed = life.act(player, "registrar", "destroy.propose", {"item": item.id, "method": "shredded"})
    if proposed and life.chance.random() < 0.9:
        life.act(player, life.any_of(("security", "head", "registrar", "junior")), "destroy.witness", {
            "proposal": proposed["proposal"],
        })


def step_open_destruction(life: Roaming) -> None:
    player = life.player()
    proposal = life.pick(player, "destruction", state="proposed")
    if proposal is not None:
        kind = life.any_of(("destroy.witness", "destroy.withdraw"))
        life.act(player, "head" if kind == "destroy.witness" else "registrar", kind, {"proposal": proposal.id})


def step_crisis(life: Roaming) -> None:
    player = life.player()
    waiting = life.pick(player, "crisis", state="entered")
    if waiting is not None:
        life.act(player, life.any_of(("security", "head", "registrar")), "crisis.confirm", {"crisis": waiting.id})
        return
    item = foreign_item(life, player)
    if item is not None and "reference" in item.body:
        life.act(player, "registrar", "crisis.enter", {
            "circumstances": "the building had to be left", "done_by": ["registrar", "head"],
            "happened_at": life.world.clock.at.replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "method": "burnt", "numbers": [item["reference"]], "ordered_by": "the head of mission", "residue": "ash",
        })

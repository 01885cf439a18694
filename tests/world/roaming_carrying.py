"""The steps of a random life that are about what goes by hand, and about the registries and folders it comes to lie in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.world.roaming import Roaming, every
from tests.world.roaming_items import label, own_item, release, send
from tests.world.treaties import PURPOSE, level
from tests.world.world import Player

from cordiale.canonical import encode_instant

KEEPERS = ("registrar", "keeper")
PLACES = {"central": ("chief", ""), "east": ("sub-registry", "east"), "embassy": ("control-point", "east/embassy")}


# -- couriers, post and freight ---------------------------------------------------------------------------------


def step_carry_whole(life: Roaming) -> None:
    """Label things, release them and give them to a courier in one parcel; the rest of the way comes as it comes."""
    player = life.player()
    other = life.other(player)
    things = [label(life, player, rank=life.any_of((0, 1, 1)), form=life.any_of(("paper", "medium")))
              for _ in range(life.chance.randint(1, 3))]
    items = [one for one in things if one is not None]
    for item in items:
        release(life, player, item, other)
    send(life, player, items, other, life.any_of(("carry", "carry", "carry", "post", "freight")), plan_for(life, player, other))
    player.outbox.send_waiting()
    for _ in range(life.chance.randint(1, 3)):
        step_carry(life)


def plan_for(life: Roaming, player: Player, other: Player) -> str:
    """Return a plan that was put to a partner, agreed by preference."""
    found = every(player, "transport-plan", party=other.party, direction="out")
    agreed = [one for one in found if one["state"] == "agreed"]
    return str(life.any_of(agreed or found).id) if found else "none"


def step_carry(life: Roaming) -> None:
    """Take a parcel one step further at its sender's, whichever step comes to hand."""
    player = life.player()
    found = [
        one for one in every(player, "consignment", direction="out", state="dispatched")
        if one["link"] in ("carry", "post", "freight")
    ]
    if not found:
        return
    consignment = found[-1 - min(int(life.chance.expovariate(0.5)), len(found) - 1)]
    carriage = player.registry.record("carriage", consignment.id)
    if carriage is None or (carriage["state"] == "packed" and life.chance.random() < 0.1):
        number = life.chance.randint(1, 3)
        life.act(player, life.any_of(KEEPERS), "carry.pack", {
            "consignment": consignment.id, "inner_seals": [f"I-{life.count}"], "packages": number,
            "seals": [f"O-{life.count}-{one}" for one in range(number)],
        })
    elif carriage["state"] == "packed" and len(carriage["sealed_by"]) < 2 and life.chance.random() < 0.6:
        seen = {"packages": carriage["packages"], "seals": life.any_of((carriage["seals"],) * 5 + (["O-0"],))}
        life.act(player, life.any_of(("head", "security", "registrar")), "carry.witness", {
            "consignment": consignment.id, **seen,
        })
    elif carriage["state"] == "packed":
        _depart(life, player, consignment.id, str(consignment["link"]))
    elif life.chance.random() < 0.4:
        life.act(player, "registrar", "carry.opened", {
            "confirmation": "a stamp", "consignment": consignment.id, "officials": "customs", "place": "the border",
            "seals": [f"C-{life.count}"],
        })


def _depart(life: Roaming, player: Player, consignment: str, link: str) -> None:
    now = life.world.clock.at.replace(microsecond=0)
    times = {"expected_at": encode_instant(now + timedelta(hours=life.chance.randint(2, 60))), "overdue_hours": 8}
    if life.chance.random() < (0.9 if link == "post" else 0.05):
        life.act(player, "registrar", "carry.post", {
            "consignment": consignment, "tracking": f"RR{life.count}", **times,
        })
        return
    life.act(player, life.any_of(KEEPERS), "carry.hand-over", {
        "consignment": consignment, "courier": life.any_of(("reader", "reader", "junior", "originator")),
        "departs_at": encode_instant(now + timedelta(hours=1)), "route": "by rail", **times,
    })


def step_withdraw(life: Roaming) -> None:
    """Take back what has not left, or has; where the partner does not answer, another gives its word, true or not."""
    player = life.player()
    found = every(player, "consignment", direction="out", state="dispatched")
    asked = [one for one in found if "withdrawal" in one.body]
    if asked and life.chance.random() < 0.5:
        life.act(player, life.any_of(("head", "security", "authority", "registrar")), "dispatch.not-there", {
            "consignment": life.any_of(asked).id, "reference": "by telephone",
        })
        return
    sent = found[-4:] or every(player, "consignment", direction="out")[-2:]
    if not sent:
        return
    if life.chance.random() < 0.3:
        # Word of a level may be queued behind what is taken back.
        items = {str(player.registry.books().require("copy", one)["item"]) for one in sent[-1]["copies"]}
        life.act(player, "originator", "level.propose", {
            "article": "Art. 4(1)", "item": sorted(items)[0], "to": level(player.party, 0),
        })
    life.act(player, life.any_of(KEEPERS), "dispatch.withdraw", {"consignment": life.any_of(sent).id})


def step_send_and_withdraw(life: Roaming) -> None:
    """Let something be dispatched and taken back before it leaves; it may have arrived all the same."""
    player = life.player()
    other = life.other(player)
    item = label(life, player, rank=life.any_of((0, 1, 1)), form=life.any_of(("file", "file", "paper")))
    if item is None:
        return
    release(life, player, item, other)
    send(life, player, [item], other, "wire" if player.registry.books().require("item", item)["form"] == "file" else "carry")
    if life.chance.random() < 0.3:
        player.outbox.send_waiting()
    step_withdraw(life)


def step_meet(life: Roaming) -> None:
    """Meet a courier, who brings what was announced or something else."""
    player = life.player()
    carriage = life.pick(player, "carriage", direction="in", state="under-way") or life.pick(
        player, "carriage", direction="in")
    held = life.pick(player, "consignment", state="held")
    if carriage is None and (held is None or life.chance.random() < 0.8):
        return
    seals = carriage.body.get("seals", []) if carriage is not None else ["O-1"]
    differs = life.chance.random() < 0.15
    life.act(player, life.any_of(KEEPERS), "carry.met", {
        "consignment": carriage.id if carriage is not None else held.id if held is not None else "",
        "packages": carriage.body.get("packages", 1) if carriage is not None else 1,
        "seals": [*seals[1:], "O-9"] if differs else seals, "state": "disturbed" if differs else "intact",
        **({"remarks": "a corner is torn"} if differs else {}),
    })


def step_certificate(life: Roaming) -> None:
    player = life.player()
    carriage = life.pick(player, "carriage", direction="out", state=life.any_of(("arrived", "arrived", "under-way")))
    if carriage is not None:
        life.act(player, "registrar", "carry.certificate", {
            "consignment": carriage.id, "declaration": "never left alone",
        })


def step_plan(life: Roaming) -> None:
    """Put a plan for freight, or answer one, or withdraw from it."""
    player = life.player()
    asked = life.pick(player, "transport-plan", state=life.any_of(("proposed", "proposed", "agreed")))
    if asked is not None and life.chance.random() < 0.7:
        outcome = "withdrawn" if asked["state"] == "agreed" or asked["direction"] == "out" else life.any_of(
            ("agreed", "agreed", "agreed", "declined"))
        life.act(player, "authority", "plan.answer", {"outcome": outcome, "plan": asked.id})
        return
    other = life.other(player)
    life.act(player, "authority", "plan.propose", {
        "agreement": life.agreement(player, other), "consignments": life.chance.randint(1, 3), "contingency": "back",
        "description": "two vehicles", "escorts": "escort desk", "first_day": life.day(), "last_day": life.day(30),
        "party": other.party, "route": "by road",
    })


# -- registries of one's own ------------------------------------------------------------------------------------


def step_organise(life: Roaming) -> None:
    """Open, staff or close a registry of ours; one that holds things is asked to close as well."""
    player = life.player()
    open_ones = every(player, "sub-registry", state="open")
    if open_ones and life.chance.random() < 0.4:
        id = life.any_of(open_ones).id
        if life.chance.random() < 0.5:
            life.act(player, "security", "registry.close", {"registry": id})
        else:
            life.act(player, life.any_of(("security", "head")), "registry.staff", {
                "keepers": list(life.any_of((KEEPERS, KEEPERS[:1], KEEPERS[1:]))), "registry": id,
            })
        return
    known = {one.id for one in open_ones}
    if len(known) == len(PLACES):
        return
    id = next(one for one in PLACES if one not in known)
    role, unit = PLACES[id]
    life.act(player, "security", "registry.open", {
        "keepers": ["registrar"] if id == "central" else ["keeper"], "registry": id, "role": role,
        "title": f"Registry {id}", **({"unit": unit} if unit else {}),
    })


def step_transfer(life: Roaming) -> None:
    """Send a copy to another registry of ours, or receive or decline what is under way."""
    player = life.player()
    moving = life.pick(player, "transfer", state="under-way")
    if moving is not None and life.chance.random() < 0.6:
        kind = life.any_of(("transfer.receive",) * 4 + ("transfer.decline",))
        more = {"place": "safe 1"} if kind == "transfer.receive" else {"reason": "it never came"}
        life.act(player, life.any_of(KEEPERS), kind, {"transfer": moving["number"], **more})
        return
    copy = life.pick(player, "copy", state="registered")
    offices = every(player, "sub-registry", state="open")
    if copy is None or "reference" not in copy.body or not offices:
        return
    to = offices[0].id if len(offices) == 1 else life.any_of(offices[1:]).id
    if life.chance.random() < 0.2:
        life.act(player, "registrar", "transfer.approve", {"item": copy["item"], "text": "it may go", "to": to})
    life.act(player, life.any_of(KEEPERS), "transfer.send", {"copy": str(copy["reference"]), "to": to})


# -- folders ----------------------------------------------------------------------------------------------------


def step_folder(life: Roaming) -> None:
    """Put something into a folder of ours, or take it out."""
    player = life.player()
    lying = life.pick(player, "folder-part", state="in")
    if lying is not None and life.chance.random() < 0.5:
        part = player.registry.record("copy", lying["copy"])
        own = player.registry.record("item", lying["item"])
        named = [str(one["reference"]) for one in (part, own) if one is not None and "reference" in one.body]
        life.act(player, "registrar", "folder.take-out", {
            "folder": lying["folder"], "numbers": named[:1],
            "reason": "it goes its own way",
        })
        return
    folder = own_item(life, player)
    if folder is None or folder["form"] == "file" or life.chance.random() < 0.3:
        made = label(life, player, rank=life.any_of((1, 2)), form="paper")
        folder = player.registry.record("item", made) if made else None
    copies = [one for one in every(player, "copy", state="registered") if "reference" in one.body]
    own = [one for one in every(player, "item", origin_party=player.party) if one["form"] != "file"]
    numbers = [str(one["reference"]) for one in [*copies, *own] if folder is None or one.body.get("item", one.id) != folder.id]
    if folder is not None and numbers:
        chosen: list[Any] = life.chance.sample(numbers, min(len(numbers), life.chance.randint(1, 2)))
        life.act(player, "registrar", "folder.add", {"folder": folder.id, "numbers": chosen})


def step_parcel(life: Roaming) -> None:
    """Dispatch several things at once, by whichever way: one of them may be not released, and nothing leaves then."""
    player = life.player()
    other = life.other(player)
    items = [one.id for one in every(player, "item", origin_party=player.party, state="registered")[-6:]]
    if not items:
        return
    chosen = life.chance.sample(items, min(len(items), life.chance.randint(2, 4)))
    for item in chosen:
        if life.chance.random() < 0.85:
            release(life, player, item, other, PURPOSE)
    send(life, player, chosen, other)


def _work_on(life: Roaming, player: Player) -> None:
    """Enter a draft with its file, let it be worked on, and label it as it lies here, or leave it."""
    entered = life.act(player, "originator", "draft.enter", {
        "form": "file", "level": level(player.party, 1), "title": f"Entwurf {life.count}",
    }, b"first words")
    if not entered:
        return
    draft = entered["draft"]
    life.act(player, "originator", "draft.share", {"draft": draft, "workers": ["reader"] if player.party == "UKR" else []})
    for edition in range(1, life.chance.randint(1, 3)):
        life.act(player, life.any_of(("originator", "reader")) if player.party == "UKR" else "originator", "draft.revise",
                 {"draft": draft, "edition": edition}, b"further words")
    if life.chance.random() < 0.5:
        life.act(player, "originator", "label", {
            "draft": draft, "form": "file", "level": level(player.party, 1), "release_to": [life.other(player).party],
            "title": f"Papier {life.count}",
        })


def step_draft(life: Roaming) -> None:
    """Enter a draft or a medium, or end one."""
    player = life.player()
    draft = life.pick(player, "draft")
    what = life.any_of(("draft", "draft", "content", "content", "medium", "end-draft", "end-medium", "device"))
    if what == "content":
        _work_on(life, player)
    if what == "draft":
        life.act(player, "originator", "draft.enter", {
            "form": "paper", "level": level(player.party, 1), "sheets": 2, "title": f"Entwurf {life.count}",
        })
    elif what == "end-draft" and draft is not None:
        life.act(player, life.any_of(("originator", "registrar")), "draft.destroy", {
            "draft": draft.id, "method": "shredded",
        })
    elif what == "medium":
        life.act(player, "registrar", "medium.register", {"kind": "stick", "medium": f"stick-{life.count}"})
    elif what == "end-medium":
        medium = life.pick(player, "medium")
        if medium is not None:
            life.act(player, "security", "medium.end", {"medium": medium.id, "method": "ground"})
    elif what == "device" and life.chance.random() < 0.3:
        life.act(player, "registrar", "device.withdraw", {"device": "printer-1", "method": "its disk was ground"})

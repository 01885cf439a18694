"""The steps of a random life that are about matters between authorities, the house, and what merely happens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.views.test_pages import view
from tests.world.roaming import WRITES, Roaming, every
from tests.world.roaming_items import OTHER_PURPOSE, foreign_item, provided_item, some_item
from tests.world.treaties import PURPOSE, level, registry_of
from tests.world.world import Player

PARTS = {"extent": ["one copy"], "facts": ["left in a train"], "prevention": ["go in pairs"], "remedy": ["it was found"]}
PLANT = {"address": "Quay 3", "contact": "Gate", "name": "Plant", "phone": "+00 1"}


# -- consent ----------------------------------------------------------------------------------------------------


def step_ask_consent(life: Roaming) -> None:
    player = life.player()
    item = foreign_item(life, player)
    if item is None:
        return
    act = life.any_of(("pass-on", "copy", "copy", "translate", "archive"))
    third = next(one.party for one in life.world.players if one.party not in (player.party, item["origin_party"]))
    life.act(player, "registrar", "consent.ask", {
        "act": act, "item": item.id, "purpose": life.any_of((PURPOSE, PURPOSE, OTHER_PURPOSE)),
        **({"recipient": third} if act == "pass-on" else {}),
        **({"number": 2} if act == "copy" and life.chance.random() < 0.3 else {}),
    })


def step_answer_consent(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "consent-request", state="asked", direction="in")
    if asked is not None:
        life.act(player, "authority", "consent.answer", {
            "outcome": life.any_of(("granted", "granted", "declined")), "request": asked.id,
            **({"valid_until": life.day(30)} if life.chance.random() < 0.4 else {}),
        })


def step_withdraw_consent(life: Roaming) -> None:
    player = life.player()
    given = life.pick(player, "consent", given_by=player.party)
    if given is not None:
        life.act(player, "authority", "consent.withdraw", {"consent": given.id})


def step_pass_on(life: Roaming) -> None:
    player = life.player()
    item = foreign_item(life, player)
    if item is None:
        return
    third = next(one.party for one in life.world.players if one.party not in (player.party, item["origin_party"]))
    life.act(player, "registrar", "pass-on", {"item": item.id, "purpose": PURPOSE, "recipient": third})


def step_use(life: Roaming) -> None:
    player = life.player()
    item = foreign_item(life, player)
    if item is not None:
        life.act(player, "authority", "use", {
            "act": life.any_of(("archive", "publish")), "item": item.id, "purpose": PURPOSE,
        })


# -- inventories ------------------------------------------------------------------------------------------------


def step_inventory(life: Roaming) -> None:
    """Open one, or go on with it where it was left, a day or a week ago."""
    player = life.player()
    counted = life.pick(player, "inventory", state="counted")
    if counted is not None:
        _sign(life, player, counted.id)
        return
    begun = life.pick(player, "inventory", state="open")
    if begun is None:
        plan: dict[str, Any] = {"kind": "spot", "share": 60} if life.chance.random() < 0.4 else {"kind": "whole"}
        life.act(player, "registrar", "inventory.open", plan)
        return
    copies = [one for one in every(player, "copy", state="registered") if "reference" in one.body]
    numbers = [str(one["reference"]) for one in copies if life.chance.random() < 0.7][:40]
    life.act(player, "registrar", "inventory.sight-files", {"inventory": begun.id, "page": 0})
    if numbers:
        life.act(player, life.any_of(("registrar", "security")), "inventory.sight", {
            "how": "scanner", "inventory": begun.id, "numbers": numbers,
        })
    if life.chance.random() < 0.5:
        kind = life.any_of(("inventory.close", "inventory.close", "inventory.withdraw"))
        life.act(player, "registrar", kind, {
            "inventory": begun.id, **({"reason": "called away"} if kind == "inventory.withdraw" else {}),
        })


def _sign(life: Roaming, player: Player, inventory: str) -> None:
    for missing in every(player, "difference", inventory=inventory)[:3]:
        life.act(player, "registrar", "inventory.explain", {
            "explanation": life.any_of(("found", "entry-error", "not-found")), "inventory": inventory,
            "number": missing["number"], "text": "searched twice",
        })
    for person in ("registrar", "security"):
        binding = view(player, "registrar", "view.inventory", inventory=inventory).get("binding")
        if binding:
            life.act(player, person, "inventory.sign", {"binding": binding, "inventory": inventory})


def step_export(life: Roaming) -> None:
    player = life.player()
    life.act(player, "registrar", "inventory.export", {"party": life.other(player).party})


# -- incidents --------------------------------------------------------------------------------------------------


def step_report(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is not None:
        life.act(player, life.any_of(("reader", "junior", "security", "registrar")), "incident.report", {
            "items": [item.id], "kind": life.any_of(("loss", "suspected", "compromise")), "what": "left in a train",
        })


def step_case(life: Roaming) -> None:
    """Take a case one step further, whichever comes to hand."""
    player = life.player()
    case = life.pick(player, "incident", state=life.any_of(("open", "open", "concluded", "closed")))
    if case is None:
        return
    what = life.any_of(("add", "tell", "conclude", "conclude", "final", "reopen"))
    if what == "tell":
        shares = every(player, "incident-share", incident=case.id)
        party = life.any_of(shares)["party"] if shares else life.other(player).party
        life.act(player, "authority", "incident.tell", {
            "agreement": life.treaty(player.party, party).id, "incident": case.id, "party": party,
        })
    elif what == "add":
        life.act(player, "security", "incident.add", {"incident": case.id, "note": "asked at the station"})
    elif what == "conclude":
        life.act(player, life.any_of(("head", "authority", "security")), "incident.conclude", {
            "incident": case.id, **PARTS,
        })
    elif what == "reopen":
        life.act(player, "security", "incident.reopen", {"incident": case.id, "reason": "another copy was seen"})
    else:
        for share in every(player, "incident-share", incident=case.id):
            life.act(player, "authority", "incident.final", {"share": share.id})


def step_share(life: Roaming) -> None:
    player = life.player()
    share = life.pick(player, "incident-share", state=life.any_of(("told", "final-came", "acknowledged")))
    if share is not None:
        life.act(player, "authority", "incident.reply", {
            "kind": life.any_of(("acknowledged", "final-acknowledged", "asks-part", "part-granted")), "share": share.id,
        })


def step_freeze(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is not None:
        life.act(player, "security", "freeze", {"item": item.id, "reason": "it may have been seen"})


def step_lift(life: Roaming) -> None:
    player = life.player()
    frozen = life.pick(player, "freeze", state="in-force")
    if frozen is not None:
        life.act(player, life.any_of(("security", "head")), "freeze.lift", {
            "item": frozen["item"], "reason": "it was found, sealed",
        })


def step_order_freeze(life: Roaming) -> None:
    player = life.player()
    order = life.pick(player, "freeze-order", direction="in")
    if order is not None and life.chance.random() < 0.6:
        life.act(player, "security", "freeze.answer", {"order": order.id, "decline": life.chance.random() < 0.3})
        return
    other = life.other(player)
    item = provided_item(life, player, other)
    if item is not None:
        life.act(player, "authority", "freeze.order", {
            "demand": life.any_of(("freeze", "freeze", "lift")), "item": item.id, "party": other.party,
            "reason": "it may have been opened",
        })


# -- visits and contracts ---------------------------------------------------------------------------------------


def step_ask_visit(life: Roaming) -> None:
    player = life.player()
    host = life.other(player)
    first = life.chance.randint(3, 60)
    life.act(player, "authority", "visit.request", {
        "agreement": life.agreement(player, host), "first_day": life.day(first), "host": host.party, "kind": "once",
        "last_day": life.day(first + life.chance.randint(0, 3)), "level": level(host.party, 1), "programme": "briefing",
        "purpose": PURPOSE, "sites": [PLANT], "visitors": [
            {"born_at": "Town", "born_on": "1980-01-02", "document": f"DOC {one}", "person": one}
            for one in life.any_of((("reader",), ("reader", "originator"), ("junior",)))
        ],
    })


def step_visit(life: Roaming) -> None:
    """One more step in a visit, from either side."""
    player = life.player()
    visit = life.pick(player, "visit", state=life.any_of(("asked", "approved")))
    if visit is None:
        return
    visitors = visit["visitors"]
    if visit["direction"] == "in" and visit["state"] == "asked":
        life.act(player, "authority", "visit.answer", {
            "approve": visitors if life.chance.random() < 0.8 else [], "number": visit["number"], "visit": visit.id,
        })
    elif visit["direction"] == "in":
        kind = life.any_of(("visit.admit", "visit.admit", "visit.leave", "visit.brief", "visit.end", "visit.answer"))
        params: dict[str, Any] = {"visit": visit.id}
        if kind in ("visit.admit", "visit.leave"):
            params["visitor"] = life.any_of(visitors)
        if kind in ("visit.admit", "visit.brief"):
            params["site"] = "Plant"
        if kind == "visit.end":
            params["ending"] = "cancelled"
        if kind == "visit.answer":
            pending = visit.body.get("pending", visit.body)
            params |= {"approve": pending["visitors"], "number": pending["number"]}
        person = {"visit.answer": "authority", "visit.brief": "security", "visit.end": "authority"}.get(kind, "registrar")
        life.act(player, person, kind, params)
    elif life.chance.random() < 0.7:
        life.act(player, "authority", "visit.amend", {
            "visit": visit.id, **life.any_of(({"last_day": life.day(4)}, {"last_day": life.day(63)})),
        })
    else:
        life.act(player, life.any_of(("authority", "security")), "visit.end", {
            "ending": life.any_of(("cancelled", "suspended")), "visit": visit.id,
        })


def step_facility(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "facility", direction="in")
    if asked is not None and life.chance.random() < 0.6:
        held = life.chance.random() < 0.8
        life.act(player, "authority", "facility.answer", {
            "assurance": "held" if held else "in-process", "query": asked.id,
            **({"level": level(player.party, 1), "valid_until": "2029-08-31"} if held else {}),
        })
        return
    other = life.other(player)
    life.act(player, "authority", "facility.ask", {
        "agreement": life.agreement(player, other), "facility": "Works", "level": level(other.party, 1),
        "party": other.party, "purpose": "bid 7",
    })


def step_contract(life: Roaming) -> None:
    player = life.player()
    contract = life.pick(player, "contract", state=life.any_of(("notified", "acknowledged")))
    parts = [{"level": level(player.party, 1), "reference": "drawings"}]
    if contract is None or life.chance.random() < 0.3:
        held = every(player, "facility", state="held", direction="out")
        if held:
            life.act(player, "security", "contract.tell", {
                "copies": 2, "level": level(player.party, 1), "parts": parts, "query": life.any_of(held).id,
                "title": "Lantern",
            })
    elif contract["direction"] == "in":
        life.act(player, "authority", "contract.answer", {
            "contract": contract.id, "number": contract["number"],
            "outcome": life.any_of(("acknowledged", "acknowledged", "declined")),
        })
    else:
        kind = life.any_of(("contract.change", "contract.end"))
        life.act(player, "security", kind, {
            "contract": contract.id, **({"parts": parts} if kind == "contract.change" else {"ending": "ended"}),
        })


# -- the agreement and the house --------------------------------------------------------------------------------


def step_notice(life: Roaming) -> None:
    player, kind, about = life.player(), life.any_of(("law-changed", "authority-changed", "dispute")), {}
    other = life.other(player)
    came = [one for one in every(player, "accord-notice", agreement=life.agreement(player, other))
            if not one.id.startswith(player.party.lower())]
    if came and life.chance.random() < 0.6:
        kind, about = life.any_of(("acknowledged", "dispute-settled")), {"about": life.any_of(came).id}
    life.act(player, "authority", "accord.notice", {
        "agreement": life.agreement(player, other), "article": "Art. 1", "kind": kind, "on": life.day(10),
        "text": "Act 7", **about,
    })


def step_stage(life: Roaming) -> None:
    """Suspend now and then, and lift it sooner than later."""
    player = life.player()
    other = life.other(player)
    treaty = life.treaty(player.party, other.party)
    record = player.registry.record("agreement", treaty.id)
    if record is None:
        return
    stage = "in-force" if record.body.get("suspensions") else life.any_of(("suspended", "in-force", "in-force"))
    life.act(player, "authority", "agreement.stage", {
        "agreement": treaty.id, "article": treaty.articles["end"], "on": life.day(), "stage": stage,
    })


def step_registry(life: Roaming) -> None:
    player = life.player()
    treaty = life.treaty(player.party, life.other(player).party)
    life.act(player, "authority", "agreement.registry", {
        "agreement": treaty.id, "article": treaty.articles["entry"], "levels": [level(player.party, 1)],
        "opened_on": life.day(), "registry": f"{registry_of(player.party)}-{life.count}", "title": "A further registry",
    })


def step_clearance(life: Roaming) -> None:
    player = life.player()
    asked = every(player, "clearance-query", state="asked", direction="in")
    other = life.other(player)
    if asked and life.chance.random() < 0.7:
        life.act(player, "authority", "clearance.answer", {
            "query": asked[0].id, **({"person": "reader"} if life.chance.random() < 0.7 else {}),
        })
    elif life.chance.random() < 0.6:
        life.act(player, "authority", "clearance.ask", {
            "agreement": life.agreement(player, other), "level": level(other.party, 1),
            "name": f"Reader of {other.party}", "party": other.party, "purpose": PURPOSE,
        })
    else:
        life.act(player, "authority", "clearance.assure", {
            "agreement": life.agreement(player, other), "article": "Art. 1", "level": level(player.party, 1),
            "party": other.party, "person": "reader", "purpose": PURPOSE,
        })


def step_people(life: Roaming) -> None:
    player = life.player()
    briefing = life.pick(player, "briefing", state="given")
    if briefing is not None:
        life.act(player, str(briefing["person"]), "briefing.acknowledge", {"briefing": briefing.id})
    elif life.chance.random() < 0.25:
        life.act(player, "security", "people.withdraw-clearance", {
            "level": level(player.party, 1), "person": "unbriefed",
        })
    else:
        life.act(player, "security", "briefing.give", {
            "agreement": life.agreement(player, life.other(player)),
            "person": life.any_of(("junior", "unbriefed", "unbriefed", "reader")),
            **({"until": life.day(life.chance.randint(1, 20))} if life.chance.random() < 0.5 else {}),
        })


def step_outage(life: Roaming) -> None:
    player = life.player()
    entered = life.pick(player, "outage-entry", state="entered")
    if entered is not None:
        life.act(player, life.any_of(("head", "security")), "outage.confirm", {"entry": entered.id})
        return
    at: datetime = life.world.clock.at.replace(microsecond=0)
    life.act(player, "registrar", "outage.enter", {
        "done_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "paper": "folio 7", "what": "a paper was handed out",
    })


def step_erase(life: Roaming) -> None:
    player = life.player()
    asked = life.pick(player, "erasure-proposal", state="proposed")
    if asked is not None:
        life.act(player, life.any_of(("security", "authority")), "erase.confirm", {"proposal": asked.id})
        return
    visitor = life.pick(player, "visitor", state=life.any_of(("approved", "cancelled", "refused", "asked")))
    if visitor is not None:
        life.act(player, "registrar", "erase.propose", {
            "ids": [visitor.id], "kind": "visitor", "reason": "no longer needed",
        })


def step_duty(life: Roaming) -> None:
    player = life.player()
    life.act(player, "head", "duty.add", {
        "about": "look at the alarm", "due": life.day(life.chance.randint(0, 40)), "office": "head",
    })


# -- what happens -----------------------------------------------------------------------------------------------


def step_send(life: Roaming) -> None:
    for player in life.world.players:
        if life.chance.random() < 0.6:
            player.outbox.send_waiting()
    life.world.clock.advance(seconds=life.chance.randint(30, 120))


def step_time(life: Roaming) -> None:
    life.world.clock.advance(hours=life.any_of((1, 7, 26, 26, 24 * 8)))
    for player in life.world.players:
        life.work(player)


def step_work(life: Roaming) -> None:
    life.work(life.player())


def step_bag(life: Roaming) -> None:
    player = life.player()
    life.pack_bag(player, life.other(player), again=life.chance.random() < 0.3)
    life.unpack_bag(life.chance.randint(0, 11), maim=life.any_of((-1, -1, -1, 0, 1, 2)))


def step_crash(life: Roaming) -> None:
    life.crash(life.player())


def step_disk(life: Roaming) -> None:
    life.disks[life.player().party].fail(life.any_of(WRITES), life.chance.randint(1, 2))

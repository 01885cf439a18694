"""Something on every page: the side matters of two registries, begun between two nodes whose agreement is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.scenes import AGREEMENT, MIDDLE, PURPOSE, Play
from demo.stage import Actor, settle

from cordiale.canonical import encode_base64url, encode_instant

_HEADER = "id,name,post,unit,represents,nationalities,offices,clearances\n"
CLERK = _HEADER + "clerk,Exercise Clerk,clerk,dialogue desk,UKR,UKR,reader,EX-UKR:EXERCISE BARVINOK|2026-01-01|2029-12-31|office"
_COURIER = _HEADER + "haru,Exercise Courier Haru,courier,registry,JPN,JPN,reader,EX-JPN:EXERCISE FUJI|2026-01-01|2029-12-31|office"
_VISITOR = {"born_at": "Exercise Town", "born_on": "1980-01-02", "document": "EX 1", "person": "daryna"}
_PLANT = {"address": "Exercise Quay 3", "contact": "Gate office", "name": "Exercise Plant", "phone": "+00 1"}


def furnish(play: Play, item: str) -> dict[str, str]:
    """Begin what the pages are about, with `item` that has crossed to Kyiv; return the names in their addresses."""
    names = {"agreement": AGREEMENT, "log": "internal", "person": "daryna", "page": "1", "article": "13", "book": "JPN"}
    return names | _people(play) | _on_the_road(play) | _together(play) | _held(play, item) | _house(play)


def _done(actor: Actor, by: str, act: str, /, **params: Any) -> Mapping[str, Any]:
    return actor.act(by, act, "", **params).answer


def _day(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def _moment(hours: int) -> str:
    return encode_instant((datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0))


def _people(play: Play) -> dict[str, str]:
    tokyo, kyiv = play.actors
    courier = _done(tokyo, "aoi", "people.import", csv=encode_base64url(_COURIER.encode()))
    shown = tokyo.view("sora", "view.people-proposal", proposal=courier["proposal"])
    _done(tokyo, "sora", "people.confirm", binding=shown["binding"], proposal=courier["proposal"])
    clerk = _done(kyiv, "iryna", "people.import", csv=encode_base64url(CLERK.encode()))
    _done(kyiv, "iryna", "briefing.give", agreement=AGREEMENT, person="daryna", until=_day(300))
    _done(kyiv, "taras", "clearance.ask", agreement=AGREEMENT, level=MIDDLE["JPN"], name=tokyo.names["hana"],
          party="JPN", purpose=PURPOSE)
    return {"proposal": clerk["proposal"]}


def _on_the_road(play: Play) -> dict[str, str]:
    """A paper goes by courier, packed, witnessed and handed over; Kyiv waits for it."""
    tokyo = play.tokyo
    paper = _done(tokyo, "hana", "label", form="paper", level=MIDDLE["JPN"], release_to=["UKR"], sheets=3,
                  title="Exercise annex on paper")["item"]
    terms = {"agreement": AGREEMENT, "item": paper, "purpose": PURPOSE, "recipient": "UKR"}
    binding = tokyo.view("hana", "view.preview", **terms, registry="registry-kyiv", link="carry")["binding"]
    _done(tokyo, "hana", "release.propose", **terms, binding=binding)
    _done(tokyo, "minato", "release.approve", **terms, binding=binding)
    sent = _done(tokyo, "ren", "dispatch", agreement=AGREEMENT, items=[paper], link="carry", purpose=PURPOSE,
                 recipient="UKR", registry="registry-kyiv")["consignment"]
    settle(play.actors)
    seen = {"packages": 1, "seals": ["O-1", "O-2"]}
    _done(tokyo, "ren", "carry.pack", consignment=sent, inner_seals=["I-1"], **seen)
    _done(tokyo, "sora", "carry.witness", consignment=sent, **seen)
    _done(tokyo, "ren", "carry.hand-over", consignment=sent, courier="haru", departs_at=_moment(30),
          expected_at=_moment(50), overdue_hours=8)
    _done(tokyo, "minato", "plan.propose", agreement=AGREEMENT, consignments=1, contingency="back to the port",
          description="two vehicles", escorts="escort desk", first_day=_day(1), last_day=_day(3), party="UKR",
          route="Yokohama, Odesa")
    settle(play.actors)
    return {"carried": sent, "paper": paper}


def _together(play: Play) -> dict[str, str]:
    """A visit is asked for and granted, another waits; a firm is assured, and its contract told."""
    tokyo, kyiv = play.actors
    asked = {
        "agreement": AGREEMENT, "host": "JPN", "kind": "once", "level": MIDDLE["JPN"], "programme": "briefing",
        "purpose": PURPOSE, "sites": [_PLANT], "visitors": [_VISITOR],
    }
    visit = _done(kyiv, "taras", "visit.request", first_day=_day(40), last_day=_day(42), **asked)["visit"]
    settle(play.actors)
    wanted = tokyo.view("minato", "view.visit", visit=visit)["visitors"]
    _done(tokyo, "minato", "visit.answer", approve=[one["visitor"] for one in wanted], conditions="escorted", number=0,
          visit=visit)
    _done(kyiv, "taras", "visit.request", first_day=_day(60), last_day=_day(62), **asked)
    query = _done(tokyo, "minato", "facility.ask", agreement=AGREEMENT, facility="Exercise Works",
                  level=MIDDLE["UKR"], party="UKR", purpose="bid 7")["query"]
    settle(play.actors)
    _done(kyiv, "taras", "facility.answer", assurance="held", level=MIDDLE["UKR"], query=query, valid_until=_day(700))
    settle(play.actors)
    told = _done(tokyo, "aoi", "contract.tell", copies=2, level=MIDDLE["JPN"], query=query, title="Exercise lantern",
                 parts=[{"level": MIDDLE["JPN"], "reference": "drawings"}])["contract"]
    settle(play.actors)
    _done(kyiv, "taras", "accord.notice", agreement=AGREEMENT, article="Art. 12(1)", kind="law-changed", on=_day(3),
          text="Exercise Act 7 is changed")
    settle(play.actors)
    return {"visit": visit, "contract": told}


def _held(play: Play, item: str) -> dict[str, str]:
    """What Kyiv does with what it holds: charged out, doubted, asked for, counted, frozen, put in a folder."""
    tokyo, kyiv = play.actors
    number = kyiv.view("olena", "view.item", item=item)["reference"]
    _done(kyiv, "olena", "circulate", item=item, person="daryna")
    _done(kyiv, "daryna", "circulate.confirm", item=item)
    _done(kyiv, "olena", "consent.ask", act="pass-on", item=item, purpose=PURPOSE, recipient="POL")
    _done(kyiv, "daryna", "level.challenge", doubt="too-high", item=item, reason="It stands in the newspaper",
          to="EX-JPN:EXERCISE AJISAI")
    asked = _done(kyiv, "daryna", "reproduce.ask", act="translate", item=item, language="uk", purpose=PURPOSE)
    draft = _done(tokyo, "hana", "draft.enter", form="paper", level=MIDDLE["JPN"], title="Exercise notes")
    case = _done(kyiv, "daryna", "incident.report", items=[item], kind="suspected", what="A seal was found open")
    _done(kyiv, "iryna", "incident.add", incident=case["incident"], note="The lock is whole")
    _done(tokyo, "minato", "return.ask", item=item, party="UKR", reason="It is superseded", by=_day(20))
    settle(play.actors)
    request = kyiv.view("olena", "view.returns")["requests"][0]["request"]
    begun = _done(kyiv, "olena", "inventory.open", kind="whole")["inventory"]
    _done(kyiv, "olena", "inventory.sight", how="hand", inventory=begun, numbers=[number])
    export = _done(kyiv, "olena", "inventory.export", party="JPN")["export"]
    return {
        "export": export, "incident": case["incident"], "inventory": begun, "request": request,
        "draft": str(draft.get("draft")), "asked": str(asked.get("request")),
    }


def _house(play: Play) -> dict[str, str]:
    kyiv = play.kyiv
    _done(kyiv, "iryna", "registry.open", keepers=["olena"], registry="central", role="chief", title="Central registry")
    _done(kyiv, "olena", "outage.enter", done_at=_moment(-1), paper="sheet 7", what="handed copy 1 over")
    _done(kyiv, "iryna", "device.register", device="printer-3", kind="printer", level=MIDDLE["UKR"])
    _done(kyiv, "iryna", "medium.register", kind="disk", medium="backup-a")
    _done(kyiv, "iryna", "duty.add", about="crisis drill", due=_day(4), office="security-officer")
    return {}

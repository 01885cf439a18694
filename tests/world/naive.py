"""The second decider: what must come of an act, in few words and from the texts, not from the rules of the program.

It knows three treaties by heart, who holds which office, and what was done in this life. `judge` says True where the
act must be done, False where it must not, and None where these few words do not reach. Facts (which copies are here,
what was frozen, which consents came) are read off the rows of the books; what follows from them is thought here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.world.treaties import LEVELS, PURPOSE, SCHEMES
from tests.world.triangle import Triangle
from tests.world.world import Player

from cordiale.canonical import encode_instant
from cordiale.records.labels import label_of
from cordiale.records.record import Record

AUTHORITY, SECURITY, HEAD, ORIGINATOR = (
    frozenset({one}) for one in ("authority", "security", "head", "originator")
)
REGISTRAR = frozenset({"registrar", "keeper"})
COUNTERS = REGISTRAR | SECURITY
TRUSTED = AUTHORITY | SECURITY | {"registrar"}
"""Who says whom the node trusts; the first registrar holds the keys here as well."""
READERS = frozenset({"originator", "reader", "junior", "unbriefed"})
WHO: Mapping[str, frozenset[str]] = {
    "label": ORIGINATOR, "release.propose": ORIGINATOR, "release.approve": AUTHORITY, "dispatch": REGISTRAR, "dispatch.withdraw": REGISTRAR,
    "dispatch.not-there": COUNTERS | HEAD | AUTHORITY,
    "register": REGISTRAR, "consignment.refuse": REGISTRAR, "need.grant": HEAD, "need.withdraw": HEAD,
    "circulate": REGISTRAR, "place": REGISTRAR, "entry.void": REGISTRAR, "entry.correct": REGISTRAR,
    "level.confirm": AUTHORITY, "level.mark": REGISTRAR, "level.answer": AUTHORITY, "return": REGISTRAR,
    "return.ask": REGISTRAR | AUTHORITY, "return.answer": REGISTRAR, "destroy.propose": REGISTRAR | SECURITY | HEAD | READERS,
    "destroy.witness": REGISTRAR | SECURITY | HEAD | READERS, "crisis.enter": COUNTERS | HEAD,
    "crisis.confirm": COUNTERS | HEAD, "consent.answer": AUTHORITY, "consent.withdraw": AUTHORITY,
    "consent.ask": REGISTRAR | ORIGINATOR, "consent.compelled": REGISTRAR | ORIGINATOR,
    "consent.silence": AUTHORITY, "pass-on": REGISTRAR, "inventory.open": COUNTERS,
    "inventory.sight": COUNTERS, "inventory.close": COUNTERS, "inventory.sign": COUNTERS,
    "freeze": SECURITY, "freeze.answer": SECURITY, "freeze.lift": SECURITY | HEAD | AUTHORITY,
    "freeze.order": AUTHORITY | SECURITY | HEAD, "incident.add": SECURITY, "incident.tell": AUTHORITY | SECURITY,
    "incident.reply": AUTHORITY | SECURITY, "incident.conclude": AUTHORITY | SECURITY | HEAD,
    "incident.final": AUTHORITY | SECURITY, "incident.reopen": SECURITY, "outage.enter": REGISTRAR,
    "outage.confirm": SECURITY | HEAD, "visit.request": AUTHORITY, "visit.amend": AUTHORITY,
    "visit.answer": AUTHORITY, "visit.end": AUTHORITY | SECURITY, "visit.admit": REGISTRAR | SECURITY,
    "visit.leave": REGISTRAR | SECURITY, "visit.brief": AUTHORITY | SECURITY, "facility.ask": AUTHORITY,
    "facility.answer": AUTHORITY, "contract.tell": AUTHORITY | SECURITY, "contract.change": AUTHORITY | SECURITY,
    "contract.answer": AUTHORITY, "contract.end": AUTHORITY | SECURITY, "contract.file": REGISTRAR,
    "accord.notice": AUTHORITY, "agreement.stage": AUTHORITY, "agreement.registry": AUTHORITY,
    "clearance.ask": AUTHORITY | SECURITY, "clearance.answer": AUTHORITY | SECURITY,
    "clearance.assure": AUTHORITY | SECURITY, "briefing.give": SECURITY, "erase.propose": COUNTERS,
    "erase.confirm": SECURITY | AUTHORITY, "people.withdraw-clearance": SECURITY, "reproduce.assign": REGISTRAR,
    "reproduce.decline": REGISTRAR, "device.register": COUNTERS, "duty.add": AUTHORITY | COUNTERS | HEAD,
    "visit.disclose": ORIGINATOR, "succession.enter": AUTHORITY, "succession.confirm": TRUSTED,
    "succession.end": TRUSTED,
}
_SECRET = 2
"""The third level from below, and the highest that was opened between any two."""
_CLEARED: Mapping[str, int] = {"junior": 0, "reader": 1, "unbriefed": 1}
"""How many levels above the lowest of their own scheme somebody is cleared; everybody else is cleared to the third."""
_CLEARED_UNTIL = _BRIEFED_UNTIL = "2029-12-31"
"""Of everybody who was there at first."""


@dataclass
class Naive:
    """What one life remembers, and what it concludes."""

    world: Triangle
    needs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    hands: dict[tuple[str, str], str] = field(default_factory=dict)
    uncleared: set[tuple[str, str]] = field(default_factory=set)
    briefed: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def judge(self, player: Player, person: str, kind: str, params: Mapping[str, Any]) -> bool | None:
        """Say what must come of an act: True done, False not done, None not known."""
        if person not in WHO.get(kind, {person}):
            # Whoever stands in for somebody absent has the office of that other meanwhile.
            away = [one for one in player.registry.books().every("absence") if one.body.get("until", "9") > self._now()]
            return None if away else False
        thought: Callable[..., bool | None] | None = _THOUGHTS.get(kind)
        return thought(self, player, person, params) if thought is not None else None

    def note(
        self, player: Player, person: str, kind: str, params: Mapping[str, Any], value: Mapping[str, Any]
    ) -> None:
        """Remember an act that was done."""
        party = player.party
        if kind == "need.grant":
            self.needs[party, params["item"], params["person"]] = params["purpose"]
        elif kind == "need.withdraw":
            self.needs.pop((party, params["item"], params["person"]), None)
        elif kind == "people.withdraw-clearance":
            self.uncleared.add((party, params["person"]))
        elif kind == "briefing.acknowledge":
            given = player.registry.books().require("briefing", params["briefing"])
            about = party, person, str(given["agreement"])
            self.briefed[about] = max(self.briefed.get(about, ""), str(value["until"]))
        made = {
            "outage.enter": "entry", "crisis.enter": "crisis", "destroy.propose": "proposal", "erase.propose": "proposal",
            "level.propose": "proposal", "incident.report": "incident", "succession.enter": "succession",
        }.get(kind)
        if made is not None:
            self.hands[party, str(value[made])] = person

    def _now(self) -> str:
        return encode_instant(self.world.clock.at.replace(microsecond=0))

    # -- facts -------------------------------------------------------------------------------------------

    @staticmethod
    def height(item: Record) -> int:
        """Return how high an item stands and is to be handled, in steps that are common to the three schemes."""
        label = label_of(item)
        party = next(one for one, scheme in SCHEMES.items() if scheme == label.level.scheme)
        return max(LEVELS[party].index(one.name) for one in (label.level, label.handle_as) if one is not None)

    def is_cleared(self, player: Player, person: str, height: int) -> bool:
        """Tell whether somebody is cleared that high; the lowest height asks for nothing."""
        if height == 0:
            return True
        if (player.party, person) in self.uncleared or self.world.clock.at.date().isoformat() > _CLEARED_UNTIL:
            return False
        return _CLEARED.get(person, 2) >= height

    def is_briefed(self, player: Player, person: str, agreement: str) -> bool:
        """Tell whether somebody was briefed on exactly this agreement, until today at least."""
        at_first = "" if person == "unbriefed" or agreement.endswith("-next") else _BRIEFED_UNTIL
        until = max(at_first, self.briefed.get((player.party, person, agreement), ""))
        return until >= self.world.clock.at.date().isoformat()

    @staticmethod
    def is_frozen(player: Player, item: str) -> bool:
        """Tell whether the rows say that an item is frozen as a whole."""
        record = player.registry.record("item", item)
        return record is not None and record["state"] == "frozen"

    def pair_of(self, item: Record, player: Player) -> frozenset[str]:
        """Return the two parties between which a foreign item passed."""
        return frozenset({str(item["origin_party"]), player.party})

    # -- thoughts ----------------------------------------------------------------------------------------

    def read(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """What is asked of a reader; and where our law asks for two, another of whom the same is asked has joined."""
        alone = self.read_alone(player, person, params)
        if not alone or not self.asks_two(player, "read"):
            return alone
        if "declassified_at" in player.registry.books().require("item", params["item"]).body:
            return None
        others = self.joined_by(player, {"act": "read", "doer": person, "item": params["item"]}, {"purpose": params["purpose"]})
        thoughts = [self.read_alone(player, one, params) for one in others]
        return True if True in thoughts else None if None in thoughts else False

    @staticmethod
    def asks_two(player: Player, act: str) -> bool:
        """Tell whether our own law, as it was signed last, asks that two persons do `act` together."""
        record = player.registry.record("national", player.party)
        rules = record["profile"]["acts"] if record is not None else ()
        return any(one["act"] == act and int(one.get("persons", 1)) > 1 for one in rules)

    def joined_by(self, player: Player, about: Mapping[str, str], said: Mapping[str, str]) -> set[str]:
        """Return who else has joined exactly that within a day, and was not used for it."""
        since = encode_instant((self.world.clock.at - timedelta(days=1)).replace(microsecond=0))
        return {
            str(one["person"]) for one in player.registry.find("joined", "item/state", f"{about['item']} open")
            if one["joined_at"] >= since and one["person"] != about["doer"] and one["said"] == dict(said)
            and all(one[name] == value for name, value in about.items())
        }

    def read_alone(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Need-to-know for this purpose, a clearance as high, a briefing where the agreement asks for one, a thing here."""
        item = player.registry.record("item", params["item"])
        if item is None or item["state"] != "registered":
            return False
        if self.needs.get((player.party, item.id, person)) != params["purpose"]:
            return False
        if "readers" in item.body and person not in item["readers"]:
            return False
        # What is declassified asks for no clearance and no briefing any more.
        is_open = "declassified_at" in item.body
        if not is_open and not self.is_cleared(player, person, self.height(item)):
            return False
        if item["origin_party"] == player.party:
            return None if item["form"] == "file" else False
        asks = not is_open and self.pair_of(item, player) != {"CHE", "POL"}
        if asks and not self.is_briefed(player, person, str(item["agreement"])):
            return False
        copies = [one for one in player.registry.find("copy", "item", item.id) if one["state"] == "registered"]
        if not any("object" in one.body for one in copies):
            return False
        ended = [
            one for one in player.registry.books().every("purpose-end")
            if (one["agreement"], one["purpose"], one["state"]) == (item["agreement"], params["purpose"], "ended")
        ]
        is_plain = params["purpose"] == PURPOSE and not ended and self.is_sent_for(player, item)
        return True if is_plain else None

    @staticmethod
    def is_sent_for(player: Player, item: Record) -> bool:
        """Tell whether nothing but the plain case is at hand: no copy frozen, no mark in between."""
        copies = player.registry.find("copy", "item", item.id)
        return not any(one.body.get("state") == "frozen" for one in copies) and "derived_from" not in item.body

    def dispatch(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Only one's own, in the release set, at a height of the table, not frozen, while the agreement stands."""
        for name in params["items"]:
            item = player.registry.record("item", name)
            if item is None or item["origin_party"] != player.party or item["state"] != "registered":
                return False
            if params["recipient"] not in item["label"]["release_to"]:
                return False
            if self.height(item) > _SECRET:
                return False
            given = {
                one["person"] for one in player.registry.find("approval", "item", name)
                if one["recipient"] == params["recipient"] and one["purpose"] == params["purpose"]
            }
            if len(given) < 1 or (params["link"] == "carry" and item["form"] == "file"):
                return False
            if self.is_closed_to(player, params, self.height(item)):
                return False
            if params["link"] == "wire" and self.asks_two(player, "wire") and not self.joined_by(
                player, {"act": "dispatch", "doer": person, "item": name},
                {one: params[one] for one in ("link", "purpose", "recipient")},
            ):
                return False
        return False if self.is_shut(player, str(params["agreement"]), params["recipient"]) else None

    def is_shut(self, player: Player, agreement: str, other: str) -> bool:
        """Tell whether one of the two suspended the whole agreement or left it, or the day of its end has come."""
        record, ends = player.registry.record("agreement", agreement), (player.party, other)
        if record is None or [] in [record.body.get("suspensions", {}).get(one) for one in ends]:
            return True
        days = [record.body.get("ended_on", "9"), *(record.body.get("left", {}).get(one, "9") for one in ends)]
        return bool(min(days) <= self.world.clock.at.date().isoformat())

    @staticmethod
    def is_closed_to(player: Player, params: Mapping[str, Any], height: int) -> bool:
        """Tell whether a level so high is suspended, or the link or readiness for it was taken back by either side."""
        record = player.registry.record("agreement", str(params["agreement"]))
        if record is None:
            return True
        ends = (player.party, params["recipient"])
        named = {one for end in ends for one in record.body.get("suspensions", {}).get(end, ())}
        if any(f"{SCHEMES[party]}:{LEVELS[party][height]}" in named for party in SCHEMES):
            return True
        links = [one for one in record["links"] if one["link"] == params["link"] and one["party"] in ends]
        found = [one for one in record["readiness"] if one["of_party"] == params["recipient"] and one["by_party"] in ends]
        return any("withdrawn_at" in one for one in (*links, *found))

    def destroy(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Between Switzerland and Poland the highest level goes back and is not destroyed (Art. 8(1))."""
        item = player.registry.record("item", params["item"])
        if item is None or item["state"] != "registered":
            return False
        is_foreign = item["origin_party"] != player.party
        if is_foreign and self.pair_of(item, player) == {"CHE", "POL"} and self.height(item) == _SECRET:
            return False
        return None

    def witness(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Nobody destroys alone."""
        return False if self.hands.get((player.party, params["proposal"])) == person else None


    def copy(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """What is secret is copied with consent between Switzerland and each of the others (Art. 7(1); Art. 7(2))."""
        item = player.registry.record("item", params["item"])
        if item is None or item["state"] != "registered":
            return False
        if item["origin_party"] == player.party or params["act"] == "extract":
            return None
        asks = self.height(item) == _SECRET and "CHE" in self.pair_of(item, player)
        return False if asks and not self.has_consent(player, item.id, params) else None

    def has_consent(self, player: Player, item: str, params: Mapping[str, Any], act: str = "") -> bool:
        """Tell whether a consent came that speaks of this act on this item, under an agreement that stands today."""
        given = player.registry.find("consent", "item", item)
        return any(
            one["outcome"] == "granted" and one["given_to"] == player.party and "withdrawn_at" not in one.body
            and one["act"] == (act or params["act"]) and one["purpose"] == params["purpose"]
            and not self.is_shut(player, str(one["agreement"]), str(one["given_by"])) for one in given
        )

    def pass_on(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """To a third party only with consent, for this item, this party and this purpose."""
        item = player.registry.record("item", params["item"])
        if item is None or item["origin_party"] == player.party or item["state"] != "registered":
            return False
        if params["recipient"] not in item["label"]["release_to"]:
            return False
        return None if self.has_consent(player, item.id, params, "pass-on") else False

    def propose_level(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Only the originator, only to another level of its own scheme."""
        item = player.registry.record("item", params["item"])
        if item is None or person != "originator":
            return False
        if item["origin_party"] != player.party:
            return None if self.is_replaced(player, str(item["origin_party"])) else False
        if "handle_as" in params:
            return False if "declassified_at" in item.body or params["handle_as"] in (
                str(label_of(item).level), str(label_of(item).handle_as),
            ) else None
        return False if params["to"] == str(label_of(item).level) and "declassified_at" not in item.body else None

    @staticmethod
    def is_replaced(player: Player, party: str) -> bool:
        """Tell whether two persons entered who follows a party."""
        return any(one["former"] == party for one in player.registry.find("succession", "state", "confirmed"))

    def admit(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Only who was approved, only on the days of the visit, only at the host."""
        visit, visitor = player.registry.record("visit", params["visit"]), player.registry.record(
            "visitor", params["visitor"])
        today = self.world.clock.at.date().isoformat()
        if visit is None or visitor is None or visit["direction"] != "in" or visitor["state"] != "approved":
            return False
        return None if visit["first_day"] <= today <= visit["last_day"] else False

    def new_matter(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Nothing new begins under an agreement that is suspended or over."""
        return False if self.is_shut(player, str(params["agreement"]), params["host"]) else None

    def grant(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Nobody grants themselves a need-to-know."""
        return False if params["person"] == person else None

    def returned(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """Only what is another's and here."""
        item = player.registry.record("item", params["item"])
        if item is None or item["origin_party"] == player.party or item["state"] != "registered":
            return False
        return None

    def frozen(self, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        """What is frozen is not frozen again."""
        return False if self.is_frozen(player, params["item"]) and not params.get("copy") and not params.get(
            "incident") and self._is_whole(player, params["item"]) else None

    @staticmethod
    def _is_whole(player: Player, item: str) -> bool:
        freeze = player.registry.record("freeze", item)
        return freeze is not None and freeze["state"] == "in-force" and freeze.body.get("follows") is None


def _not_twice(name: str) -> Callable[..., bool | None]:
    def thought(naive: Naive, player: Player, person: str, params: Mapping[str, Any]) -> bool | None:
        return False if naive.hands.get((player.party, str(params[name]))) == person else None

    return thought


_THOUGHTS: Mapping[str, Callable[..., bool | None]] = {
    "read": Naive.read, "dispatch": Naive.dispatch, "destroy.propose": Naive.destroy, "pass-on": Naive.pass_on,
    "destroy.witness": _not_twice("proposal"), "outage.confirm": _not_twice("entry"),
    "crisis.confirm": _not_twice("crisis"), "erase.confirm": _not_twice("proposal"),
    "succession.confirm": _not_twice("succession"), "level.confirm": _not_twice("proposal"), "incident.conclude": _not_twice("incident"),
    "reproduce.assign": Naive.copy, "level.propose": Naive.propose_level, "visit.admit": Naive.admit,
    "visit.request": Naive.new_matter, "need.grant": Naive.grant, "return": Naive.returned, "freeze": Naive.frozen,
}

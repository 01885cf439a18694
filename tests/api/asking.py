"""What acts and views of every kind are asked with, well formed, so that it is who asks that decides.

A kind is asked with nothing at first, and with one member more as long as it says that one is missing. What a member
holds goes by its name, and for some kinds by the kind as well; what has no row is called by a name of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.world.test_journey import PURPOSE
from tests.world.world import AGREEMENT, Player, exercise_agreement

from cordiale.canonical import encode_base64url
from cordiale.crypto.signatures import SigningPair
from cordiale.doors.control.acts import ACTS
from cordiale.doors.control.views import VIEWS
from cordiale.errors import CordialeError, Malformed
from cordiale.message.personal import PersonalAct
from cordiale.records.registry import Request, require_person
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import profile_to_json

_ABSENT: Final = "none-of-them"
_CSV: Final = (
    "id,name,post,unit,represents,nationalities,offices,clearances\nclerk,Exercise Clerk,clerk,desk,{0},{0},reader,\n"
)


def members(player: Player, partner: Player, item: str) -> dict[str, Any]:
    """Return what a member holds, by its name: `item`, people who are there, and things that are not."""
    text, profile = exercise_agreement()
    return {
        "agreement": AGREEMENT, "article": "Art. 1", "binding": "AAAA", "book": player.party, "copies": 1, "count": 1,
        "counted": 1, "csv": encode_base64url(_CSV.format(player.party).encode()), "decline": True,
        "departs_at": "2026-12-01T00:00:00Z", "digest": encode_base64url(bytes(48)), "done_at": "2026-11-15T00:00:00Z",
        "due": "2026-12-20", "edition": 1, "expected_at": "2026-12-02T00:00:00Z", "fingerprint": partner.print_,
        "first_day": "2027-01-20", "form": "paper", "happened_at": "2026-11-15T00:00:00Z", "host": partner.party, "known_on": "2026-11-15",
        "own-party": player.party,
        "how": "hand", "inner_seals": ["1"], "item": item, "items": [item], "keepers": ["junior"],
        "key": SigningPair.generate().public.encode(), "last_day": "2027-01-22", "level": _level(player),
        "levels": [_level(player)], "link": "wire", "log": "internal", "numbers": ["1"], "office": "originator",
        "on": "2026-11-15", "overdue_hours": 8, "packages": 1, "page": 1, "parts": [], "party": partner.party,
        "person": "junior", "profile": profile_to_json(profile), "purpose": PURPOSE, "recipient": partner.party,
        "registry": "registry-tokyo" if player.party == "UKR" else "registry-kyiv",
        "root": encode_base64url(partner.root), "scopes": ["label"], "seals": ["1"], "sites": [],
        "statement": encode_base64url(partner.statement), "text": "exercise", "until": "2026-12-20",
        "former": "LUX", "successor": partner.party,
        "visitors": [], "consignments": 1, "ids": [_ABSENT], "agreement-text": agreement_text_to_json(text),
        "national": national_profile_to_json(next(
            one for one in load_template("exercise").nationals if one.party == player.party
        )), "own-statement": encode_base64url(player.statement), "own-root": encode_base64url(player.root),
    }


def _level(player: Player) -> str:
    return "EX-JPN:EXERCISE FUJI" if player.party == "JPN" else "EX-UKR:EXERCISE BARVINOK"


_VISIT: Final = {"kind": "once"}
_ENDS: Final = {name: ["exercise"] for name in ("extent", "facts", "prevention", "remedy")}
_BY_KIND: Final[Mapping[str, Mapping[str, Any]]] = {
    "accord.notice": {"kind": "dispute"}, "agreement.stage": {"stage": "signed"}, "carry.met": {"state": "intact"},
    "consent.answer": {"outcome": "granted"}, "consent.ask": {"act": "copy"}, "consignment.refuse": {"why": "damaged"},
    "contract.answer": {"number": 1, "outcome": "acknowledged"}, "contract.end": {"ending": "ended"},
    "crisis.enter": {"done_by": ["junior"]}, "erase.propose": {"kind": "visitor"},
    "facility.answer": {"assurance": "held"}, "freeze.order": {"demand": "lift"}, "incident.conclude": _ENDS,
    "incident.reply": {"kind": "acknowledged"}, "inventory.explain": {"explanation": "found"},
    "inventory.open": {"kind": "whole"}, "join": {"act": "read", "doer": "junior", "purpose": PURPOSE},
    "level.challenge": {"doubt": "too-high"},
    "succession.enter": {"former": "POL", "successor": "LUX"},
    "level.propose": {"article": "Art. 1", "to": "EX-JPN:EXERCISE AJISAI"}, "plan.answer": {"outcome": "agreed"},
    "registry.open": {"role": "chief"}, "reproduce.ask": {"act": "copy"}, "reproduce.assign": {"act": "copy"},
    "rights": {"owner": "exercise"}, "use": {"act": "use-abroad"}, "view.completeness": {"agreement": AGREEMENT},
    "view.retention": {"records": "visitor"}, "view.visit-file-by": _VISIT,
    "visit.answer": {"approve": [], "number": 0}, "visit.disclose": {"listeners": ["exercise"], "manner": "oral"}, "visit.end": {"ending": "cancelled"},
    "visit.request": _VISIT,
}
_FROM: Final[Mapping[tuple[str, str], str]] = {
    ("agreement.enter", "text"): "agreement-text", ("agreement.national", "profile"): "national",
    ("agreement.registry", "opened_on"): "on", ("dispatch", "items"): "own-items", ("agreement.ready", "of_party"): "own-party",
    **{(kind, "item"): "own-item" for kind in (
        "freeze.order", "level.confirm", "level.propose", "release.approve", "release.decline", "release.propose",
        "return.ask", "view.preview", "visit.confirm",
    )},
}
"""Members that hold another thing in one kind than in all others."""


class Asked:
    """What is asked of one player, by the kind."""

    def __init__(self, player: Player, partner: Player, item: str) -> None:
        self._player = player
        own = str(player.act("originator", "label", {
            "form": "paper", "level": _level(player), "title": "Exercise paper", "release_to": [partner.party],
        }).value["item"])
        self._members = {**members(player, partner, item), "own-item": own, "own-items": [own]}
        self._known: dict[str, dict[str, Any]] = {}

    def params(self, kind: str) -> dict[str, Any]:
        """Return params for `kind` that are well formed; raises `Malformed` when they are not known."""
        if kind not in self._known:
            self._known[kind] = self._found(kind)
        return self._known[kind]

    def _found(self, kind: str) -> dict[str, Any]:
        given: dict[str, Any] = dict(_BY_KIND.get(kind, {}))
        while True:
            try:
                self.ask("nobody", kind, given)
            except Malformed as error:
                name = str(error.fields.get("name", ""))
                if error.code != "field.missing" or name in given:
                    raise
                given[name] = self._members.get(_FROM.get((kind, name), name), _ABSENT)
            except CordialeError:
                return given
            else:
                return given

    def ask(self, person: str, kind: str, params: Mapping[str, Any]) -> Any:
        """Ask as `person`, as behind every door."""
        registry, player = self._player.registry, self._player
        player.count += 1
        at = player.clock.now().replace(microsecond=0)
        act = PersonalAct(kind, f"act.{player.party.lower()}.{player.count}", registry.node, at, dict(params), b"")
        step = VIEWS[kind] if kind in VIEWS else ACTS[kind]
        return step(registry, Request(act, require_person(registry.books(), person)))

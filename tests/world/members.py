"""Three nodes under one agreement of three: the Member States' of 2011 between Luxembourg, Poland and Denmark."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.world.comparing import bodies
from tests.world.treaties import DNK, LUX, POL, PURPOSE, level, member_states, registry_of
from tests.world.triangle import DAY, Triangle, found_under
from tests.world.world import Player, carry_faithfully

from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.errors import Unavailable
from cordiale.model.agreement import Profile
from cordiale.model.party import NodeStatement
from cordiale.records.items import ITEM
from cordiale.records.level_copies import work_levels
from cordiale.records.releases import binding_of, version_of
from cordiale.wire.agreement_json import agreement_text_to_json
from cordiale.wire.profile_json import encode_profile, profile_to_json

AGREEMENT: Final = "eu-member-states-2011"
NODES: Final = {LUX: "luxembourg.lux", POL: "warsaw.pol", DNK: "copenhagen.dnk"}
CONTENT: Final = b"%PDF-1.7 a paper of three " * 40


@functools.cache
def acquainted() -> Triangle:
    """Return three nodes that know each other, without an agreement. To be copied."""
    return found_under(NODES, [])


class Slow:
    """A courier to whom some ways, from a party to another, are closed."""

    def __init__(self, world: Triangle) -> None:
        self.closed: set[tuple[str, str]] = set()
        world.carry = self  # type: ignore[assignment]

    def __call__(
        self, world: Triangle, partner: NodeStatement, message: bytes, attachments: tuple[str, ...]
    ) -> bytes | None:
        if (world.sending.party, partner.party) in self.closed:
            raise Unavailable("courier.closed", "the way is closed", hint="later")
        return carry_faithfully(world, partner, message, attachments)  # type: ignore[arg-type]

    def round(self, world: Triangle, *closed: tuple[str, str]) -> None:
        """Let everything go that these closed ways let go."""
        self.closed = set(closed)
        world.deliver(3)


@dataclass(frozen=True, slots=True)
class Entry:
    """How the agreement of the three came into force: the world, and what was known in Denmark on the way, by moment."""

    world: Triangle
    known: dict[str, Any]


@functools.cache
def entry() -> Entry:
    """Bring the agreement into force while each way in turn is closed, and let a first item cross. To be copied."""
    world, known = acquainted().twin(1), dict[str, Any]()
    lux, pol, dnk = world.players
    slow = Slow(world)
    propose(lux)
    slow.round(world, (LUX, DNK))
    sign(pol)
    sign(lux)
    slow.round(world, (LUX, DNK))
    known["a signature without its proposal"] = bodies(dnk, "agreement")
    slow.round(world, (POL, DNK))
    sign(dnk)
    slow.round(world, (POL, DNK))
    stage(lux, "signed")
    note(lux)
    for player in world.players:
        find_all_ready(player)
        approve_link(player)
    slow.round(world, (POL, DNK))
    known["a stage without the last signature"] = bodies(dnk, "agreement")[AGREEMENT]["stage"]
    note(pol)
    slow.round(world, (LUX, POL), (LUX, DNK))
    slow.round(world, (POL, DNK))
    note(dnk)
    slow.round(world, (POL, DNK))
    item = label(lux, DNK)
    release(lux, item, DNK)
    consignment = dispatch(lux, item, DNK)
    slow.round(world, (POL, DNK))
    known["a consignment without the last note"] = bodies(dnk, "consignment")
    slow.round(world)
    dnk.act("registrar", "register", {"consignment": consignment, "counted": 1})
    slow.round(world)
    return Entry(world, known)


def propose(player: Player, version: int = 1, **changes: Any) -> None:
    """Let `player` put a version of the profile before the two others."""
    player.act("authority", "agreement.enter", {
        "profile": profile_to_json(_profile(version, **changes)), "text": agreement_text_to_json(member_states().text),
    })


def _profile(version: int, **changes: Any) -> Profile:
    return replace(member_states().profile, version=version, **changes)


def sign(player: Player, version: int = 1, **changes: Any) -> None:
    """Let the authority of `player` sign a version of the profile."""
    form = object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode)
    signed = sign_object(encode_profile(_profile(version, **changes)), form, [player.people["authority"]])
    player.act("authority", "agreement.sign", {"agreement": AGREEMENT, "signed": signed.decode()})


def stage(player: Player, name: str, **more: Any) -> dict[str, Any]:
    """Let `player` record a stage."""
    return dict(player.act("authority", "agreement.stage", {
        "agreement": AGREEMENT, "article": "Art. 13(2)", "on": DAY, "stage": name, **more,
    }).value)


def note(player: Player) -> None:
    """Let `player` give its note, from a day on."""
    player.act("authority", "agreement.note", {
        "agreement": AGREEMENT, "article": "Art. 13(1)", "in_force_on": DAY, "on": DAY, "reference": "note 1",
    })


def find_ready(player: Player, party: str, rank: int = 2) -> None:
    """Let `player` find `party` ready up to a level."""
    player.act("authority", "agreement.ready", {
        "agreement": AGREEMENT, "article": "Art. 5(5)", "level": level(party, rank), "of_party": party,
    })


def find_all_ready(player: Player) -> None:
    """Let `player` find all three ready."""
    for party in NODES:
        find_ready(player, party)


def approve_link(player: Player) -> None:
    """Let `player` approve the wire."""
    player.act("authority", "agreement.link", {
        "agreement": AGREEMENT, "level": level(player.party, 2), "link": "wire", "reference": "approval 1",
    })


def label(player: Player, *release_to: str, **more: Any) -> str:
    """Label a content of `player` for these parties, at its second level."""
    params = {"form": "file", "level": level(player.party, 1), "release_to": sorted(release_to), "title": "Paper", **more}
    return str(player.act("originator", "label", params, content=CONTENT).value["item"])


def release(player: Player, item: str, party: str) -> None:
    """Let two persons release an item to `party`."""
    for person, kind in (("originator", "release.propose"), ("authority", "release.approve")):
        books = player.registry.books()
        binding = binding_of(
            books.require(ITEM, item), recipient=party, purpose=PURPOSE, agreement=AGREEMENT,
            version=version_of(books, AGREEMENT), mode=player.registry.mode,
        )
        player.act(person, kind, {
            "agreement": AGREEMENT, "binding": binding, "item": item, "purpose": PURPOSE, "recipient": party,
        })


def dispatch(player: Player, item: str, party: str) -> str:
    """Let a released item leave for `party`; return the consignment."""
    return str(player.act("registrar", "dispatch", {
        "agreement": AGREEMENT, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": party,
        "registry": registry_of(party),
    }).value["consignment"])


def send(world: Triangle, player: Player, item: str, *parties: str) -> None:
    """Release, dispatch, deliver and register an item at each of `parties`."""
    for party in parties:
        release(player, item, party)
        consignment = dispatch(player, item, party)
        world.deliver()
        world.by_party(party).act("registrar", "register", {"consignment": consignment, "counted": 1})
        world.deliver()


def consent(world: Triangle, asking: Player, of: str, act: str, item: str, **more: Any) -> str:
    """Let `asking` ask `of`, whose authority grants it; return the request."""
    request = str(asking.act("registrar", "consent.ask", {
        "act": act, "agreement": AGREEMENT, "item": item, "of": of, "purpose": PURPOSE, **more,
    }).value["request"])
    world.deliver()
    world.by_party(of).act("authority", "consent.answer", {"outcome": "granted", "request": request})
    world.deliver()
    return request


def change_level(world: Triangle, player: Player, item: str, rank: int) -> list[str]:
    """Let two persons change the level of an item of theirs, and let all nodes work it off; return who was told."""
    proposal = player.act("originator", "level.propose", {
        "article": "Art. 4(1)", "item": item, "to": level(player.party, rank),
    }).value["proposal"]
    told = player.act("authority", "level.confirm", {"item": item, "proposal": proposal}).value["told"]
    for _ in range(2):
        world.deliver()
        for one in world.players:
            work_levels(one.registry)
    world.deliver()
    return list(told)


def owed(player: Player) -> set[tuple[str, str]]:
    """Return what is due at `player`, and by whom."""
    return {(one["what"], one["owner"]) for one in bodies(player, "duty").values() if one["state"] == "open"}


def refused(player: Player) -> list[str]:
    """Return why messages were refused at `player`."""
    return [one["code"] for one in bodies(player, "refused-message").values()]

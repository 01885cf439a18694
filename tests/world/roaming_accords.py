"""The steps of a random life that are about the agreements themselves: changed, suspended, followed by another, ended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.world.roaming import Roaming, every
from tests.world.roaming_items import OTHER_PURPOSE, foreign_item, own_item, some_item
from tests.world.treaties import PURPOSE, Treaty, level, national_of, people_of
from tests.world.world import Player

from cordiale.canonical import encode_base64url
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.message.bodies.emergency_report import STATEMENTS
from cordiale.model.agreement import Profile
from cordiale.model.names import AgreementId, PartyId
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.profile_json import encode_profile, profile_from_json, profile_to_json


def _enter(life: Roaming, player: Player, treaty: Treaty, profile: Profile) -> None:
    life.act(player, "authority", "agreement.enter", {
        "profile": profile_to_json(profile), "text": agreement_text_to_json(treaty.text),
    })


def _sign(life: Roaming, player: Player, profile: Profile) -> None:
    signed = sign_object(
        encode_profile(profile), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
        [player.people["authority"]],
    )
    life.act(player, "authority", "agreement.sign", {"agreement": profile.agreement, "signed": signed.decode()})


# -- changes ----------------------------------------------------------------------------------------------------


def step_amend(life: Roaming) -> None:
    """Propose a further version of a profile, or sign or decline the one that waits."""
    player = life.player()
    treaty = life.treaty(player.party, life.other(player).party)
    record = player.registry.record("agreement", treaty.id)
    if record is None:
        return
    proposed = record.body.get("proposed")
    if proposed is None:
        current = profile_from_json(record["profile"])
        terms = tuple(
            replace(one, count=one.count + 1) if one.name == "receipt.chase" else one for one in current.terms
        )
        newest = max(current.version, int(record.body.get("closed", 0)))
        _enter(life, player, treaty, replace(current, version=newest + 1, terms=terms))
    elif life.chance.random() < 0.8:
        _sign(life, player, profile_from_json(proposed["profile"]))
    else:
        life.act(player, "authority", "accord.close", {"agreement": treaty.id, "reason": "not needed"})


def step_law(life: Roaming) -> None:
    """Enter a further version of what one's own law says: the words of one title, or a longer time."""
    player = life.player()
    record = player.registry.record("national", player.party)
    version = int(record["profile"]["version"]) + 1 if record is not None else 1
    law = national_of(PartyId(player.party), version=version)
    terms = tuple(
        replace(one, count=one.count + life.chance.randint(0, 2)) if one.name == "outage.enter" else one
        for one in law.terms
    )
    life.act(player, "authority", "agreement.national", {"profile": national_profile_to_json(replace(law, terms=terms))})


def step_suspend_level(life: Roaming) -> None:
    """Suspend one level alone, or take it up again."""
    player = life.player()
    treaty = life.treaty(player.party, life.other(player).party)
    record = player.registry.record("agreement", treaty.id)
    if record is None:
        return
    ours = record.body.get("suspensions", {}).get(player.party)
    life.act(player, "authority", "agreement.stage", {
        "agreement": treaty.id, "article": treaty.articles["end"], "levels": list(ours or [level(player.party, 2)]),
        "on": life.day(), "stage": "in-force" if ours is not None else "suspended",
    })


def step_links(life: Roaming) -> None:
    """Withdraw the approval of a link or the finding of readiness, and give it again soon after."""
    player = life.player()
    other = life.other(player)
    treaty = life.treaty(player.party, other.party)
    record = player.registry.record("agreement", treaty.id)
    if record is None:
        return
    gone = [one for one in record["links"] if one["party"] == player.party and "withdrawn_at" in one]
    doubts = [one for one in record["readiness"] if one["by_party"] == player.party and "withdrawn_at" in one]
    if doubts or life.chance.random() < 0.3:
        life.act(player, "authority", "agreement.ready", {
            "agreement": treaty.id, "article": treaty.articles["entry"], "level": level(other.party, 2),
            "of_party": other.party, **({} if doubts else {"withdraw": True}),
        })
        return
    life.act(player, "authority", "agreement.link", {
        "agreement": treaty.id, "level": level(player.party, 2), "link": gone[0]["link"] if gone else "wire",
        "reference": f"approval {life.count}", **({} if gone else {"withdraw": True}),
    })


# -- what follows, and the end ----------------------------------------------------------------------------------


def next_of(treaty: Treaty) -> Treaty:
    """Return the agreement that follows `treaty`: the same words under a name of its own."""
    id = AgreementId(f"{treaty.id}-next")
    return replace(treaty, id=id, profile=replace(treaty.profile, agreement=id))


def step_follow(life: Roaming) -> None:
    """Bring the agreement that follows one a step nearer: entered, signed, in force, ready, and what stood moved to it."""
    player = life.player()
    other = life.other(player)
    pair = frozenset({player.party, other.party})
    if pair in life.followed:
        _rehome(life, player, life.followed[pair])
        return
    treaty = next_of(life.treaty(player.party, other.party))
    record, theirs = (one.registry.record("agreement", treaty.id) for one in (player, other))
    if record is None:
        if theirs is None:
            _enter(life, player, treaty, treaty.profile)
    elif player.party not in record["signatures"]:
        _sign(life, player, treaty.profile)
    elif record["stage"] in ("in-principle", "initialled"):
        life.act(player, "authority", "agreement.stage", {
            "agreement": treaty.id, "article": treaty.articles["entry"], "on": life.day(), "stage": "signed",
        })
    elif record["stage"] != "in-force":
        _bring_in(life, player, treaty)
    elif not _is_open_by(player, record):
        _open(life, player, other, treaty)
    elif theirs is not None and theirs["stage"] == "in-force" and _is_open_by(other, theirs):
        life.followed[pair] = treaty
    player.outbox.send_waiting()


def _bring_in(life: Roaming, player: Player, treaty: Treaty) -> None:
    if treaty.profile.entry_requires_notes:
        life.act(player, "authority", "agreement.note", {
            "agreement": treaty.id, "article": treaty.articles["entry"], "in_force_on": life.day(), "on": life.day(),
            "reference": "note 2",
        })
    else:
        life.act(player, "authority", "agreement.stage", {
            "agreement": treaty.id, "article": treaty.articles["entry"], "on": life.day(), "stage": "in-force",
        })


def _is_open_by(player: Player, record: Any) -> bool:
    links = [one for one in record["links"] if one["party"] == player.party]
    return len(links) == 2 and len([one for one in record["readiness"] if one["by_party"] == player.party]) == 2


def _open(life: Roaming, player: Player, other: Player, treaty: Treaty) -> None:
    for party in treaty.parties:
        life.act(player, "authority", "agreement.ready", {
            "agreement": treaty.id, "article": treaty.articles["entry"], "level": level(party, 2), "of_party": party,
        })
    for link in ("wire", "bag"):
        life.act(player, "authority", "agreement.link", {
            "agreement": treaty.id, "level": level(player.party, 2), "link": link, "reference": "approval 2",
        })


def _rehome(life: Roaming, player: Player, treaty: Treaty) -> None:
    life.act(player, "authority", "accord.rehome", {
        "agreement": treaty.id, "article": treaty.articles["entry"], "on": life.day(),
        "carries": list(life.any_of(((), ("consents",), ("consents", "duties")))),
        "predecessor": str(treaty.id).removesuffix("-next"),
    })


def step_terminate(life: Roaming) -> None:
    """Give notice that an agreement ends, some days from now; a later notice with an earlier day crosses it."""
    player = life.player()
    treaty = life.treaty(player.party, life.other(player).party)
    life.act(player, "authority", "agreement.stage", {
        "agreement": treaty.id, "article": treaty.articles["end"], "ended_on": life.day(life.chance.randint(1, 40)),
        "on": life.day(), "stage": "terminated",
    })


def step_purpose(life: Roaming) -> None:
    """End a purpose, or go on with it."""
    player = life.player()
    agreement = life.agreement(player, life.other(player))
    ended = life.pick(player, "purpose", state="ended")
    life.act(player, life.any_of(("head", "authority")), "purpose.resume" if ended is not None else "purpose.end", {
        "agreement": ended["agreement"] if ended is not None else agreement,
        "purpose": ended["purpose"] if ended is not None else life.any_of((OTHER_PURPOSE, OTHER_PURPOSE, PURPOSE)),
    })


# -- what is rare -----------------------------------------------------------------------------------------------


def step_emergency(life: Roaming) -> None:
    """Disclose in an emergency, where an article lets anybody, or report on what was disclosed."""
    player = life.player()
    told = life.pick(player, "emergency", state="told")
    if told is not None and life.chance.random() < 0.6:
        life.act(player, life.any_of(("head", "authority")), "emergency.report", {
            "disclosure": told.id, **{name: f"about {name}" for name in STATEMENTS},
        })
        return
    item = foreign_item(life, player)
    if item is not None:
        life.act(player, life.any_of(("head", "authority")), "emergency.disclose", {
            "circumstances": "a threat to a convoy", "count": 2, "item": item.id,
        })


def step_absence(life: Roaming) -> None:
    """Register that somebody is away, or back again."""
    player = life.player()
    away = life.pick(player, "absence")
    if away is not None and away.body.get("until", "9") > life.day():
        life.act(player, "head", "absence.end", {"office": away["office"], "person": away["person"]})
    else:
        life.act(player, life.any_of(("head", "security")), "absence.register", {
            "office": "registrar", "person": life.any_of(("registrar", "keeper")), "until": life.day(3),
        })


def step_rights(life: Roaming) -> None:
    player = life.player()
    item = some_item(life, player)
    if item is not None:
        life.act(player, "registrar", "rights", {
            "item": item.id, **life.any_of(({"owner": "a firm"}, {"reference": "letter 7"})),
        })


def step_unopened(life: Roaming) -> None:
    """Pass an item on unopened to whom it is meant for, or to somebody else."""
    player = life.player()
    meant = [one for one in every(player, "item") if "addressee" in one.body]
    item = life.any_of(meant) if meant and life.chance.random() < 0.9 else foreign_item(life, player)
    if item is not None:
        life.act(player, "registrar", "circulate.unopened", {
            "item": item.id, "person": life.any_of(("reader", "reader", "junior")),
            **life.any_of(({}, {"because": "the post was given to another"})),
        })


def step_visit_matters(life: Roaming) -> None:
    """Tell visitors something and write it up, confirm it with its item, or look at how a holder keeps things."""
    player = life.player()
    told = life.pick(player, "disclosure", state="told", direction="out")
    own = own_item(life, player)
    inside = every(player, "visitor", state="approved")
    what = life.any_of(("confirm", "disclose", "disclose", "check", "inspection", "announce"))
    visit = life.pick(player, "visit", state="approved")
    if what == "confirm" and told is not None and own is not None:
        life.act(player, "originator", "visit.confirm", {"disclosure": told.id, "item": own.id})
    elif what == "disclose" and visit is not None:
        listeners = [one.id for one in inside if one["visit"] == visit.id] or list(visit["visitors"])
        life.act(player, "originator", "visit.disclose", {
            "level": level(player.party, life.any_of((0, 1))), "listeners": listeners, "manner": "oral",
            "subject": "a briefing", "visit": visit.id,
        })
    elif what == "inspection" and visit is not None:
        life.act(player, "security", "visit.inspection", {"visit": visit.id})
    elif what == "announce" and visit is not None:
        life.act(player, life.any_of(("registrar", "security")), "visit.announce", {
            "first_day": life.day(6), "last_day": life.day(6), "site": "Plant", "visit": visit.id,
            "visitors": visit["visitors"],
        })
    elif what == "check":
        life.act(player, "authority", "holder.check", {
            "agreement": life.agreement(player, life.other(player)), "finding": "in order", "holder": "Works",
        })


def step_house(life: Roaming) -> None:
    """What is done by hand in the house: duties, searches, further papers of contracts, firms, third parties."""
    player = life.player()
    what = life.any_of(("settle", "save", "forget", "file", "firm", "told", "void"))
    if what == "settle":
        duty = life.pick(player, "duty", state="open")
        if duty is not None:
            life.act(player, life.any_of(("head", "registrar", "authority", "security")), "duty.settle", {
                "duty": duty.id, "proof": "seen to",
            })
    elif what == "save":
        life.act(player, "registrar", "search.save", {"name": "mine", "text": "Zitadelle"})
    elif what == "forget":
        life.act(player, "registrar", "search.forget", {"name": "mine"})
    elif what == "file":
        contract, item = life.pick(player, "contract", direction="in"), foreign_item(life, player)
        if contract is not None and item is not None:
            life.act(player, "registrar", "contract.file", {"contract": contract.id, "item": item.id})
    elif what == "firm":
        firm = life.pick(player, "facility", direction="in", state="held")
        if firm is not None:
            life.act(player, "authority", "facility.withdraw", {"query": firm.id})
    elif what == "told":
        item = foreign_item(life, player)
        if item is not None:
            life.act(player, "registrar", "level.told", {
                "item": item.id, "party": life.other(player).party, "reference": "letter 9",
            })


def step_people_more(life: Roaming) -> None:
    """Somebody new comes, as two persons say; or leaves, or loses a key, or never comes because it was taken back."""
    player = life.player()
    proposed = life.pick(player, "people-proposal", state="open")
    guests = [one for one in every(player, "person") if one.id.startswith("guest")]
    if proposed is not None and life.chance.random() < 0.7:
        if life.chance.random() < 0.7:
            life.act(player, life.any_of(("head", "head", "security")), "people.confirm", {
                "binding": proposed["binding"], "proposal": proposed.id,
            })
        else:
            life.act(player, "security", "people.withdraw-proposal", {"proposal": proposed.id})
    elif guests and life.chance.random() < 0.5:
        guest, kind = life.any_of(guests).id, life.any_of(("people.leave", "people.withdraw-key", "people.withdraw-office"))
        more = {"office": "reader"} if kind == "people.withdraw-office" else {}
        life.act(player, "security", kind, {"person": guest, **more})
    else:
        id, made = f"guest-{life.count}", SigningPair.generate()
        head, *rows = people_of(PartyId(player.party)).splitlines()
        row = next(one for one in rows if one.startswith("junior,")).replace("junior", id)
        life.act(player, "security", "people.import", {
            "csv": encode_base64url(f"{head}\n{row}\n".encode()), "keys": {id: made.public.encode()},
        })

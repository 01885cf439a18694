"""A party with a chief registry, two sub-registries and a control point, and what its law keeps for the chief one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.world.people import HEADER, row
from tests.world.world import AGREEMENT, Player, World, exercise_agreement

from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import sign_object
from cordiale.model.agreement import ActRule, NationalProfile, Term, TermUnit
from cordiale.model.label import LevelRef
from cordiale.wire.agreement_json import agreement_text_to_json, national_profile_to_json
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_json import encode_profile, profile_to_json

TOP = {"JPN": LevelRef("EX-JPN", "EXERCISE SAKURA"), "UKR": LevelRef("EX-UKR", "EXERCISE BARVINOK")}
ARTICLE = "Exercise Order T-1, s. 4"


def national_of(player: Player) -> NationalProfile:
    """Return the national profile that was entered for `player`."""
    return next(one for one in load_template("exercise").nationals if one.party == player.party)


def enter_national(player: Player, **changes: Any) -> None:
    """Let the authority of `player` enter its national profile with `changes` added to its lists; None empties one."""
    known = national_of(player)
    added = {name: () if value is None else (*getattr(known, name), *value) for name, value in changes.items()}
    player.act("authority", "agreement.national", {"profile": national_profile_to_json(
        replace(known, version=known.version + 1, **added)
    )})


def keep_central(player: Player, *names: str) -> None:
    """Enter a national profile by which the chief registry alone does what the terms `names` say, at the top level."""
    enter_national(player, terms=tuple(
        Term(name, ARTICLE, 1, TermUnit.COUNT, player.party, TOP[player.party]) for name in names
    ))


def allow(player: Player, *rules: ActRule) -> None:
    """Enter a national profile with further rules."""
    enter_national(player, acts=rules)


def organise(world: World, player: Player) -> None:
    """Open a chief registry, `east` with a control point below it, and `west`, each with a keeper of its own."""
    level = "FUJI" if player.party == "JPN" else "SONIASHNYK"
    player.enter_people(HEADER + "".join(
        row(id, id.capitalize(), player.party, "registrar", level) for id in ("easterner", "westerner", "pointer")
    ))
    open_one(player, "central", "chief", "", "registrar")
    open_one(player, "east", "sub-registry", "east", "easterner")
    open_one(player, "west", "sub-registry", "west", "westerner")
    open_one(player, "embassy", "control-point", "east/embassy", "pointer")


def open_one(player: Player, id: str, role: str, unit: str, *keepers: str, **more: Any) -> None:
    """Open one registry."""
    named = {"unit": unit} if unit else {}
    player.act("security", "registry.open", {
        "keepers": list(keepers), "registry": id, "role": role, "title": f"Exercise registry {id}", **named, **more,
    })


def send(player: Player, person: str, copy: str, to: str) -> str:
    """Send a copy to another registry of `player`; return the number of the transfer."""
    return str(player.act(person, "transfer.send", {"copy": copy, "to": to}).value["transfer"])


def move(player: Player, sender: str, copy: str, to: str, receiver: str) -> str:
    """Send a copy and receive it."""
    number = send(player, sender, copy, to)
    player.act(receiver, "transfer.receive", {"place": "safe 1", "transfer": number})
    return number


def sign_newer(world: World, **changes: Any) -> None:
    """Bring a second version of the exercise profile into effect, with `changes` added to what is a list of it."""
    text, profile = exercise_agreement()
    newer = replace(profile, version=2, **{
        name: (*getattr(profile, name), *value) for name, value in changes.items()
    })
    world.tokyo.act("authority", "agreement.enter", {
        "profile": profile_to_json(newer), "text": agreement_text_to_json(text),
    })
    world.deliver()
    for player in world.players:
        signed = sign_object(
            encode_profile(newer), object_type(Purpose.AGREEMENT_PROFILE, player.registry.mode),
            [player.people["authority"]],
        )
        player.act("authority", "agreement.sign", {"agreement": AGREEMENT, "signed": signed.decode()})
    world.deliver()

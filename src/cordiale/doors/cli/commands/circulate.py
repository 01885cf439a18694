"""cordiale circulate: an item goes to a person who confirms it, and comes back."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import DAY
from cordiale.words import say


@declare(
    "out", say("charge an item out to a person who may have it"), acts=True,
    examples=["cordiale circulate out jpn.act.0a1b reader --key keys/registrar.key.json"],
)
@click.argument("item")
@click.argument("person")
@click.option("--copy", type=click.IntRange(0), help=say("only the copy of this number"))
@click.option("--until", metavar=DAY, help=say("the day by which it is back"))
def out(caller: Caller, item: str, person: str, copy: int | None, until: str | None) -> None:
    """Charge it out, as the registrar."""
    reply = caller.act("circulate", {"item": item, "person": person, "copy": copy, "until": until})
    caller.told(reply, say("{item} is charged out to {person}, who confirms it", item=item, person=person))


@declare(
    "unopened", say("pass an item on unopened to the addressee who alone may open it"), acts=True,
    details=say("Who holds the office that the sender named is for the registry to say; the person confirms."),
    examples=["cordiale circulate unopened jpn.act.0a1b reader --key keys/registrar.key.json"],
)
@click.argument("item")
@click.argument("person")
@click.option("--copy", type=click.IntRange(0), help=say("only the copy of this number"))
@click.option("--because", metavar="TEXT", help=say("why it is this person, where post and functions do not say so"))
def unopened(caller: Caller, item: str, person: str, copy: int | None, because: str | None) -> None:
    """Pass it on, as the registrar."""
    reply = caller.act("circulate.unopened", {"item": item, "person": person, "copy": copy, "because": because})
    caller.told(reply, say("{item} is charged out to {person}, who confirms it", item=item, person=person))


@declare(
    "confirm", say("confirm that an item charged out to you was received"), acts=True,
    examples=["cordiale circulate confirm jpn.act.0a1b --key keys/reader.key.json"],
)
@click.argument("item")
def confirm(caller: Caller, item: str) -> None:
    """Confirm it, as the holder."""
    reply = caller.act("circulate.confirm", {"item": item})
    caller.told(reply, say("you hold {item}", item=item))


@declare(
    "back", say("hand an item back to the registry"), acts=True,
    examples=["cordiale circulate back jpn.act.0a1b --key keys/reader.key.json"],
)
@click.argument("item")
@click.option("--person", help=say("who it is, in the list of our people"))
def back(caller: Caller, item: str, person: str | None) -> None:
    """Hand it back, as the holder; or as the registrar, from a person who has left."""
    reply = caller.act("circulate.back", {"item": item, "person": person})
    caller.told(reply, say("{item} is back at the registry", item=item))


@declare(
    "hand-over", say("hand an item you hold over to another person, who confirms it"), acts=True,
    examples=["cordiale circulate hand-over jpn.act.0a1b colleague --key keys/reader.key.json"],
)
@click.argument("item")
@click.argument("person")
def hand_over(caller: Caller, item: str, person: str) -> None:
    """Hand it over, as its holder."""
    reply = caller.act("circulate.hand-over", {"item": item, "person": person})
    caller.told(reply, say("{item} is offered to {person}; it is yours until they confirm", item=item, person=person))


@declare(
    "decline", say("decline what is handed over to you"), acts=True,
    examples=["cordiale circulate decline jpn.act.0a1b --key keys/colleague.key.json"],
)
@click.argument("item")
def decline(caller: Caller, item: str) -> None:
    """Decline it."""
    reply = caller.act("circulate.decline", {"item": item})
    caller.told(reply, say("{item} stays where it was", item=item))


@declare(
    "place", say("enter in which unit and place a copy lies"), acts=True,
    details=say("COPY is its number, or the identifier of the copy. A unit is written from the whole to the part."),
    examples=["cordiale circulate place UKR/JPN-2026-0001 'safe 3' --unit east/vault --key keys/registrar.key.json"],
)
@click.argument("copy")
@click.argument("place")
@click.option("--unit", metavar="PATH", help=say("the unit it lies in"))
def place(caller: Caller, copy: str, place: str, unit: str | None) -> None:
    """Enter it."""
    reply = caller.act("place", {"copy": copy, "place": place, "unit": unit})
    caller.told(reply, say("{copy} lies in {place}", copy=copy, place=place))


command = group("circulate", say("charge an item out to a person, confirm it, hand it back"), {
    "out": out, "unopened": unopened, "confirm": confirm, "back": back, "hand-over": hand_over, "decline": decline,
    "place": place,
})

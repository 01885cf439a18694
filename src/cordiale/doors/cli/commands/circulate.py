"""cordiale circulate: an item goes to a person who confirms it, and comes back."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "out", say("charge an item out to a person who may have it"), acts=True,
    examples=["cordiale circulate out jpn.act.0a1b reader --key keys/registrar.key.json"],
)
@click.argument("item")
@click.argument("person")
def out(caller: Caller, item: str, person: str) -> None:
    """Charge it out, as the registrar."""
    reply = caller.act("circulate", {"item": item, "person": person})
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
def back(caller: Caller, item: str) -> None:
    """Hand it back, as the holder."""
    reply = caller.act("circulate.back", {"item": item})
    caller.told(reply, say("{item} is back at the registry", item=item))


command = group("circulate", say("charge an item out to a person, confirm it, hand it back"), {
    "out": out, "confirm": confirm, "back": back,
})

"""cordiale level: an event proposes to declassify, the originator decides."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "propose", say("propose to declassify an item because its event has happened"), acts=True,
    examples=["cordiale level propose jpn.act.0a1b --event 'Announcement of the visit' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--event", required=True, help=say("the event, as the label names it"))
def propose(caller: Caller, item: str, event: str) -> None:
    """Propose it."""
    reply = caller.act("level.propose", {"item": item, "event": event})
    caller.told(reply, say(
        "proposed: {item} is declassified by {event}; the originator confirms", item=item, event=event,
    ))


@declare(
    "confirm", say("confirm, as the originator, that an item is declassified, or decline"), acts=True,
    examples=[
        "cordiale level confirm jpn.act.0a1b --key keys/originator.key.json",
        "cordiale level confirm jpn.act.0a1b --decline --key keys/originator.key.json",
    ],
)
@click.argument("item")
@click.option("--decline", is_flag=True, help=say("its level stays as it is"))
def confirm(caller: Caller, item: str, decline: bool) -> None:
    """Decide."""
    reply = caller.act("level.confirm", {"item": item, **({"decline": True} if decline else {})})
    told = say("{item} keeps its level", item=item) if decline else say("{item} is declassified", item=item)
    caller.told(reply, told)


command = group("level", say("propose and confirm that a level changes"), {"propose": propose, "confirm": confirm})

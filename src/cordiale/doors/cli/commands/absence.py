"""cordiale absence: who is away, so that deputies can act."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "register", say("register that somebody is away from an office"), acts=True,
    details=say("During an absence, and only then, the deputy stands in."),
    examples=["cordiale absence register registrar registrar --until 2026-11-20 --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("office")
@click.option("--until", metavar="DAY", help=say("the last day of the absence, such as 2026-11-20"))
def register(caller: Caller, person: str, office: str, until: str | None) -> None:
    """Register it."""
    reply = caller.act("absence.register", {"person": person, "office": office, "until": until})
    caller.told(reply, say("{person} is registered as absent from the office of {office}", **reply.answer))


@declare(
    "end", say("register that somebody is back"), acts=True,
    examples=["cordiale absence end registrar registrar --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("office")
def end(caller: Caller, person: str, office: str) -> None:
    """End it."""
    reply = caller.act("absence.end", {"person": person, "office": office})
    caller.told(reply, say("{person} is back in the office of {office}", **reply.answer))


command = group("absence", say("register and end absences, so that deputies can act"), {
    "register": register, "end": end,
})

"""cordiale return: back to the originator, with a certificate."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "return", say("give items back to their originator"), acts=True,
    details=say("Every copy of the item that is held here ends, and the originator gets a certificate of each."),
    examples=["cordiale return jpn.act.0a1b --method 'by courier' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--method", metavar="TEXT", help=say("how it goes back"))
def command(caller: Caller, item: str, method: str | None) -> None:
    """Return it."""
    reply = caller.act("return", {"item": item, "method": method})
    numbers = ", ".join(reply.answer["certificates"])
    caller.told(reply, say("{item} is returned; certificates: {numbers}", item=item, numbers=numbers))

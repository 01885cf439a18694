"""cordiale register: counting, our own numbers, and the signed receipt."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "register", say("count and register what has arrived, and sign the receipt"), acts=True,
    details=say(
        "Count first, against `cordiale inbox CONSIGNMENT`. When the count is not what the list says, --remarks says "
        "what was found."
    ),
    examples=["cordiale register jpn.c.act.0a1b --counted 2 --key keys/registrar.key.json"],
)
@click.argument("consignment")
@click.option("--counted", required=True, type=click.IntRange(0, 1_000), help=say("how many items you counted"))
@click.option("--remarks", metavar="TEXT", help=say("what was found, when something differs"))
def command(caller: Caller, consignment: str, counted: int, remarks: str | None) -> None:
    """Register it."""
    reply = caller.act("register", {
        "consignment": caller.consignment_id(consignment), "counted": counted, "remarks": remarks,
    })
    pairs = zip(reply.answer["numbers"], reply.answer["items"], strict=True)
    caller.told(
        reply, *(say("registered as {number}: {item}", number=number, item=item) for number, item in pairs),
        say("the signed receipt is on its way"),
    )

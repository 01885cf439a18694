"""cordiale pass-on: to a third party, with the originator's consent and never without."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "pass-on", say("pass an item on to a third party, with consent"), acts=True,
    examples=["cordiale pass-on jpn.act.0a1b --to POL --purpose 'Joint statement' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--to", "recipient", required=True, metavar="PARTY", help=say("the third party"))
@click.option("--purpose", required=True, help=say("what it is for"))
def command(caller: Caller, item: str, recipient: str, purpose: str) -> None:
    """Pass it on."""
    reply = caller.act("pass-on", {"item": item, "recipient": recipient, "purpose": purpose})
    caller.told(reply, say("{item} may be passed on to {recipient}", item=item, recipient=recipient))

"""cordiale need: need-to-know, granted by the head of the addressee."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "grant", say("grant a person need-to-know of an item"), acts=True,
    details=say("The head's decision. It opens nothing alone: clearance and everything else is looked at as well."),
    examples=["cordiale need grant jpn.act.0a1b reader --purpose 'Dialogue' --key keys/head.key.json"],
)
@click.argument("item")
@click.argument("person")
@click.option("--purpose", required=True, help=say("what it is for"))
def grant(caller: Caller, item: str, person: str, purpose: str) -> None:
    """Grant it."""
    reply = caller.act("need.grant", {"item": item, "person": person, "purpose": purpose})
    caller.told(reply, say("{person} has need-to-know of {item}", person=person, item=item))


@declare(
    "withdraw", say("withdraw a need-to-know; it stops counting at once"), acts=True,
    examples=["cordiale need withdraw jpn.act.0a1b reader --key keys/head.key.json"],
)
@click.argument("item")
@click.argument("person")
def withdraw(caller: Caller, item: str, person: str) -> None:
    """Withdraw it."""
    reply = caller.act("need.withdraw", {"item": item, "person": person})
    caller.told(reply, say("{person} no longer has need-to-know of {item}", person=person, item=item))


command = group("need", say("grant and withdraw need-to-know"), {"grant": grant, "withdraw": withdraw})

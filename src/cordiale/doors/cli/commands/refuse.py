"""cordiale refuse: what has arrived is not registered, and the partner is told why."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say

_WHY = ("damaged", "incomplete", "not-for-us", "not-under-agreement", "wrongly-marked")


@declare(
    "refuse", say("refuse what has arrived instead of registering it"), acts=True,
    details=say("The partner is told WHY and no other word. What came sealed is removed; send a paper back."),
    examples=["cordiale refuse jpn.c.0a1b --why damaged --note 'another seal' --key keys/registrar.key.json"],
)
@click.argument("consignment")
@click.option("--why", required=True, type=click.Choice(_WHY), help=say("what is wrong with it"))
@click.option("--note", help=say("for our own books"))
def command(caller: Caller, consignment: str, why: str, note: str | None) -> None:
    """Refuse it as a whole."""
    reply = caller.act("consignment.refuse", {
        "consignment": caller.consignment_id(consignment), "why": why, "note": note,
    })
    caller.told(reply, say("the consignment is refused, and the partner is told"))

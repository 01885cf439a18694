"""cordiale inbox: what has arrived and waits to be counted and registered."""

from __future__ import annotations

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say


@declare(
    "inbox", say("list what has arrived and waits to be registered"), for_person=True,
    examples=["cordiale inbox --key keys/registrar.key.json", "cordiale inbox --all --key keys/registrar.key.json"],
)
@click.option("--all", "everything", is_flag=True, help=say("every consignment, in and out"))
def command(caller: Caller, everything: bool) -> None:
    """List them."""
    answer = caller.view("view.consignments" if everything else "view.inbox", {})
    caller.show(answer, lambda: show.table(answer["consignments"], [
        ("consignment", say("consignment")), ("number", say("number")), ("party", say("party")),
        ("direction", say("direction")), ("count", say("items")), ("state", say("state")),
        ("received_at", say("received")), ("dispatched_at", say("dispatched")), ("receipt_due", say("receipt due")),
        ("refusal", say("refused")),
    ], empty=say("nothing waits to be registered")))

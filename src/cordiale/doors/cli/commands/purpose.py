"""cordiale purpose: a purpose that has ended, and what is still here that was provided for it."""

from __future__ import annotations

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "end", say("enter that a purpose has ended"), acts=True,
    details=say("Nobody reads for it any more. What is here is returned, destroyed, or asked about for a new purpose."),
    examples=["cordiale purpose end exercise-jpn-ukr 'high-level dialogue' --key keys/authority.key.json"],
)
@click.argument("agreement")
@click.argument("purpose")
def end(caller: Caller, agreement: str, purpose: str) -> None:
    """Enter it."""
    caller.told(caller.act("purpose.end", {"agreement": agreement, "purpose": purpose}), say("entered"))


@declare(
    "resume", say("enter that a purpose goes on after all"), acts=True,
    examples=["cordiale purpose resume exercise-jpn-ukr 'high-level dialogue' --key keys/authority.key.json"],
)
@click.argument("agreement")
@click.argument("purpose")
def resume(caller: Caller, agreement: str, purpose: str) -> None:
    """Enter it."""
    caller.told(caller.act("purpose.resume", {"agreement": agreement, "purpose": purpose}), say("entered"))


@declare(
    "list", say("list what is still here for a purpose"), for_person=True,
    examples=["cordiale purpose list exercise-jpn-ukr 'high-level dialogue' --key keys/registrar.key.json"],
)
@click.argument("agreement")
@click.argument("purpose")
@click.option("--after", metavar="COPY", help=say("go on after this copy"))
def list_(caller: Caller, agreement: str, purpose: str, after: str | None) -> None:
    """List it."""
    found = caller.view("view.purpose", {"after": after, "agreement": agreement, "purpose": purpose})
    caller.show(found, lambda: show.table(found["copies"], [
        ("number", say("number")), ("copy", say("copy")), ("state", say("state")), ("others", say("purpose")),
    ], empty=say("nothing")))


command = group("purpose", say("a purpose that has ended, and what is still here for it"), {
    "end": end, "resume": resume, "list": list_,
})

"""cordiale succession: which party holds the rights of an originator that is not there any more."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "enter", say("enter which party holds the rights of an originator that was replaced"), acts=True,
    details=say("Another person confirms it. The successor is asked for consent under the agreement that is named."),
    examples=[
        "cordiale succession enter XAA POL --on 2027-01-01 --article 'Treaty of 2026, Art. 3' \\",
        "    --agreement exercise-jpn-pol --key keys/authority.key.json",
    ],
)
@click.argument("former")
@click.argument("successor")
@click.option("--on", required=True, metavar="DAY", help=say("from which day"))
@click.option("--article", required=True, help=say("the article"))
@click.option("--agreement", help=say("under which agreement"))
def enter(caller: Caller, **given: Any) -> None:
    """Enter it."""
    reply = caller.act("succession.enter", {name: value for name, value in given.items() if value is not None})
    caller.told(reply, say("another person confirms it: succession {succession}", **reply.answer))


@declare("confirm", say("confirm which party holds those rights, as a second person"), acts=True,
         examples=["cordiale succession confirm act.0a1b --key keys/security.key.json"])
@click.argument("succession")
def confirm(caller: Caller, succession: str) -> None:
    """Confirm it."""
    reply = caller.act("succession.confirm", {"succession": succession})
    caller.told(reply, say("{successor} is asked in the place of {former}", **reply.answer))


@declare("end", say("take back what was entered of a successor; what it consented to counts no more"), acts=True,
         examples=["cordiale succession end act.0a1b --reason 'entered in error' --key keys/authority.key.json"])
@click.argument("succession")
@click.option("--reason", required=True, help=say("why"))
def end(caller: Caller, succession: str, reason: str) -> None:
    """Take it back."""
    reply = caller.act("succession.end", {"reason": reason, "succession": succession})
    caller.told(reply, say("it counts no more"))


@declare("list", say("list which parties hold the rights of others"), for_person=True,
         examples=["cordiale succession list --key keys/authority.key.json"])
def list_them(caller: Caller) -> None:
    """List them."""
    found = caller.view("view.successions", {})
    caller.show(found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.table(found["successions"], [
        ("succession", say("succession")), ("former", say("from")), ("successor", say("to")), ("on", say("on")),
        ("agreement", say("agreement")), ("article", say("article")), ("state", say("state")),
    ], empty=say("nobody was replaced"))
    if found["told"]:
        show.table(found["told"], [
            ("originator", say("originator")), ("party", say("party")), ("at", say("at")),
            ("said", say("text")),
        ], empty="")


command = group("succession", say("who holds the rights of originators that were replaced"), {
    "enter": enter, "confirm": confirm, "end": end, "list": list_them,
})

"""cordiale entry: an entry of the register is never changed; what was wrong is corrected beside it, or voided."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "correct", say("enter a correction beside an entry of the register"), acts=True,
    details=say(
        "The entry stays readable as it was. PARTICULAR is a name such as title, form or their_reference; "
        "`cordiale book BOOK --json` shows those an entry has."
    ),
    examples=[
        "cordiale entry correct JPN-2026-0002 title 'Second paper for the dialogue' --reason 'misheard' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("number")
@click.argument("particular")
@click.argument("now_reads", metavar="TEXT")
@click.option("--reason", required=True, metavar="TEXT", help=say("why it is corrected"))
def correct(caller: Caller, number: str, particular: str, now_reads: str, reason: str) -> None:
    """Enter it."""
    reply = caller.act("entry.correct", {
        "number": number, "particular": particular, "now_reads": now_reads, "reason": reason,
    })
    caller.told(reply, say("{number}: `{particular}` is corrected; the entry stays as it was", **reply.answer))


@declare(
    "void", say("void the number of an item that never left; the number stays in the book"), acts=True,
    details=say("The item is taken out of use. What has left is ended by `return` or `destroy` instead."),
    examples=["cordiale entry void JPN-2026-0003 --reason 'entered twice' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--reason", required=True, metavar="TEXT", help=say("why it is voided"))
def void(caller: Caller, item: str, reason: str) -> None:
    """Void it."""
    reply = caller.act("entry.void", {"item": item, "reason": reason})
    caller.told(reply, say("{number} is void, and stays in the book", **reply.answer))


command = group("entry", say("correct and void entries of the register"), {"correct": correct, "void": void})

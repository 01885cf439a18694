"""cordiale entry: an entry of the register is never changed; what was wrong is corrected beside it, or voided."""

from __future__ import annotations

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "correct", say("correct one particular of a register entry; the entry stays readable as it was"), acts=True,
    details=say("PARTICULAR is a name such as title or form: `cordiale book BOOK --json` shows those of an entry."),
    examples=[
        "cordiale entry correct JPN-2026-0002 title --now-reads 'Annex B' --reason 'wrong annex named' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("number")
@click.argument("particular")
@click.option("--now-reads", required=True, metavar="TEXT", help=say("what it should say"))
@click.option("--reason", required=True, metavar="TEXT", help=say("why it is corrected"))
def correct(caller: Caller, number: str, particular: str, **given: str) -> None:
    """Enter it, as the registrar."""
    reply = caller.act("entry.correct", {"number": number, "particular": particular, **given})
    caller.told(reply, say("{number}: {particular} is corrected, and the entry stays as it was", **reply.answer))


@declare(
    "void", say("void the number of an own item that never left; the number stays in the book"), acts=True,
    details=say("The item is taken out of use. What has left is ended by `return` or `destroy` instead."),
    examples=["cordiale entry void JPN-2026-0003 --reason 'entered twice' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--reason", required=True, metavar="TEXT", help=say("why it is void"))
def void(caller: Caller, item: str, reason: str) -> None:
    """Void it, as the registrar."""
    reply = caller.act("entry.void", {"item": item, "reason": reason})
    caller.told(reply, say("{number} is void, and stays in the book", **reply.answer))


command = group("entry", say("correct register entries and void numbers"), {"correct": correct, "void": void})

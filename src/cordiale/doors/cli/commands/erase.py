"""cordiale erase: personal data is erased by two persons, and every proof stays."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "propose", say("propose to erase what is personal in records"), acts=True,
    examples=[
        "cordiale erase propose visitor ukr.v.0a1b.1 ukr.v.0a1b.2 --reason 'visit is over' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("kind")
@click.argument("ids", nargs=-1, required=True)
@click.option("--reason", required=True, help=say("why"))
def propose(caller: Caller, kind: str, ids: tuple[str, ...], reason: str) -> None:
    """Propose it."""
    reply = caller.act("erase.propose", {"kind": kind, "ids": list(ids), "reason": reason})
    caller.told(reply, say("proposal {proposal} waits for a second person", **reply.answer))


@declare(
    "confirm", say("erase what another proposed, or what is due"), acts=True,
    details=say("What is erased comes back from no copy but a backup. Its entries in the audit trail stay."),
    examples=["cordiale erase confirm act.0a1b --key keys/security.key.json"],
)
@click.argument("proposal")
def confirm(caller: Caller, proposal: str) -> None:
    """Confirm it."""
    reply = caller.act("erase.confirm", {"proposal": proposal})
    caller.told(reply, say("erased; rows: {rows}, messages: {messages}", **reply.answer))


@declare(
    "withdraw", say("withdraw a proposal to erase"), acts=True,
    examples=["cordiale erase withdraw act.0a1b --key keys/registrar.key.json"],
)
@click.argument("proposal")
def withdraw(caller: Caller, proposal: str) -> None:
    """Withdraw it."""
    reply = caller.act("erase.withdraw", {"proposal": proposal})
    caller.told(reply, say("proposal {proposal} is withdrawn", **reply.answer))


@declare(
    "list", say("list what waits to be erased"), for_person=True,
    examples=["cordiale erase list --key keys/security.key.json"],
)
def list_erasures(caller: Caller) -> None:
    """List it."""
    found = caller.view("view.erasures", {})
    caller.show(found, lambda: show.table(found["proposals"], [
        ("proposal", say("proposal")), ("kind", say("kind")), ("ids", say("records")), ("proposed_by", say("who")),
        ("proposed_at", say("since")), ("reason", say("reason")),
    ], empty=say("nothing waits to be erased")))


@declare(
    "show", say("show how long what is personal in a record is kept, and under which articles"), for_person=True,
    examples=["cordiale erase show visitor ukr.v.0a1b.1 --key keys/security.key.json"],
)
@click.argument("kind")
@click.argument("id")
def show_one(caller: Caller, kind: str, id: str) -> None:
    """Show it."""
    found = caller.view("view.retention", {"records": kind, "id": id})
    caller.show(found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.lines([
        (say("erased"), found["is_erased"]), (say("kept until"), found.get("keep_until")),
        (say("erased by"), found.get("erase_by")), (say("said"), found["said"]),
        (say("counts"), found.get("counts")), (say("gives way"), found.get("gives_way")),
        (say("against it"), found["reasons"]),
    ])


command = group("erase", say("erase personal data, and show how long it is kept"), {
    "propose": propose, "confirm": confirm, "withdraw": withdraw, "list": list_erasures, "show": show_one,
})

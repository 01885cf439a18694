"""cordiale destroy: as many persons as the layers ask, each with their own key."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "propose", say("propose to destroy the copies of an item that are held here"), acts=True,
    examples=["cordiale destroy propose jpn.act.0a1b --method 'key destroyed' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--method", required=True, metavar="TEXT", help=say("how it is destroyed"))
def propose(caller: Caller, item: str, method: str) -> None:
    """Propose it."""
    reply = caller.act("destroy.propose", {"item": item, "method": method})
    caller.told(
        reply, say("the destruction of {item} is proposed", item=item),
        say("proposal: {proposal}; another person witnesses it", **reply.answer), *_waits(reply.answer),
    )


@declare(
    "witness", say("join a proposed destruction; with the last person needed it is done"), acts=True,
    details=say("Open proposals are listed by `cordiale duties`."),
    examples=["cordiale destroy witness act.1a2b --key keys/head.key.json"],
)
@click.argument("proposal")
def witness(caller: Caller, proposal: str) -> None:
    """Join it."""
    reply = caller.act("destroy.witness", {"proposal": proposal})
    if "certificates" not in reply.answer:
        caller.told(reply, say("you have joined the destruction of {item}", **reply.answer), *_waits(reply.answer))
        return
    if not reply.answer["certificates"]:
        caller.told(reply, say(
            "{item} is destroyed by {persons} persons; it was our own, and nobody is owed a certificate",
            item=reply.answer["item"], persons=reply.answer["persons"],
        ))
        return
    numbers = ", ".join(reply.answer["certificates"])
    caller.told(reply, say(
        "{item} is destroyed by {persons} persons; certificates: {numbers}", item=reply.answer["item"],
        persons=reply.answer["persons"], numbers=numbers,
    ))


def _waits(answer: Any) -> list[str]:
    return [f"  - {reason}" for reason in answer.get("waits_for", [])]


@declare(
    "withdraw", say("withdraw a proposed destruction; nothing is gone"), acts=True,
    examples=["cordiale destroy withdraw act.1a2b --key keys/registrar.key.json"],
)
@click.argument("proposal")
def withdraw(caller: Caller, proposal: str) -> None:
    """Withdraw it."""
    reply = caller.act("destroy.withdraw", {"proposal": proposal})
    caller.told(reply, say("the proposed destruction is withdrawn; every copy is where it was"))


command = group("destroy", say("propose, witness and withdraw a destruction"), {
    "propose": propose, "witness": witness, "withdraw": withdraw,
})

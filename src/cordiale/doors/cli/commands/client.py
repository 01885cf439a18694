"""cordiale client: machine clients that act for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import DAY, PATH, yes_option
from cordiale.words import say


@declare(
    "add", say("enter a machine client for a person, for a second person to confirm"), acts=True,
    details=say(
        "An act of the security officer. Make the key with `cordiale person key new`, for this client alone. The "
        "client may do what it is entered for, and never more than its person."
    ),
    examples=[
        "cordiale client add originator 'draft system' keys/drafts.pub.json --scope label --scope view.items "
        "--until 2027-06-30 --key keys/security.key.json",
    ],
)
@click.argument("person")
@click.argument("name")
@click.argument("public", type=PATH)
@click.option("--scope", "scopes", required=True, multiple=True, metavar="KIND",
              help=say("an act or a view that it may ask for; view.* for every view"))
@click.option("--until", required=True, metavar=DAY, help=say("the last day on which it counts"))
def add(caller: Caller, person: str, name: str, public: Path, **given: Any) -> None:
    """Send the client's public key and what it is for."""
    from cordiale.operate.keyfiles import read_public

    reply = caller.act("client.add", {
        "key": read_public(public), "name": name, "person": person, "scopes": list(given["scopes"]),
        "until": given["until"],
    })
    caller.told(reply, say("the client {client} waits for a second person", **reply.answer))


@declare(
    "list", say("list the machine clients: everybody's for the officers, otherwise your own"), for_person=True,
    examples=["cordiale client list --key keys/head.key.json"],
)
def list_clients(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.clients", {})
    caller.show(answer, lambda: show.table(answer["clients"], [
        ("client", say("client")), ("name", say("name")), ("person", say("person")), ("state", say("state")),
        ("scopes", say("scopes")), ("valid_until", say("until")),
    ], empty=say("there is none")))


@declare(
    "confirm", say("confirm a machine client, as the second person"), acts=True,
    details=say(
        "Compare the fingerprint with whoever keeps the client's key. A registrar, a head or another security officer "
        "confirms, never who entered it or whom it acts for."
    ),
    examples=["cordiale client confirm jpn.client.0a1b --key keys/head.key.json"],
)
@click.argument("id", metavar="CLIENT")
@yes_option
def confirm_client(caller: Caller, id: str, yes: bool) -> None:
    """Sign as the second person, over exactly what is shown."""
    found = [one for one in caller.view("view.clients", {})["clients"] if one["client"] == id]
    if not found:
        raise click.UsageError(say("there is none"))
    shown = {name: found[0][name] for name in ("client", "name", "person", "scopes", "valid_until", "fingerprint")}
    if not caller.settings.is_json:
        show.lines([
            (say("name"), shown["name"]), (say("person"), shown["person"]), (say("scopes"), shown["scopes"]),
            (say("until"), shown["valid_until"]), (say("fingerprint"), shown["fingerprint"]),
        ])
    confirm(say("is this the fingerprint of the client's key?"), yes=yes)
    reply = caller.act("client.confirm", shown)
    caller.told(reply, say("from now on the client {client} acts for {person}", **reply.answer))


@declare(
    "withdraw", say("withdraw a machine client, at once"), acts=True,
    details=say("One that acts for you, or any as security officer."),
    examples=["cordiale client withdraw jpn.client.0a1b --key keys/security.key.json"],
)
@click.argument("id", metavar="CLIENT")
def withdraw(caller: Caller, id: str) -> None:
    """Withdraw it."""
    reply = caller.act("client.withdraw", {"client": id})
    caller.told(reply, say("the client {client} of {person} counts no longer", **reply.answer))


command = group("client", say("machine clients: what may act for a person, and for what"), {
    "add": add,
    "list": list_clients,
    "confirm": confirm_client,
    "withdraw": withdraw,
})

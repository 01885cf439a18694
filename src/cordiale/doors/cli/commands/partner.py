"""cordiale partner: first contact by a fingerprint that two people compare, and newer statements."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "contact", say("fetch what a node at an address says of itself"),
    details=say(
        "Nothing is entered and nothing is trusted yet: have two people compare the fingerprint with the other "
        "party, each over another channel, then enter it with `partner add` and `partner confirm`."
    ),
    examples=["cordiale partner contact https://kyiv.example:8441 --folder ukr"],
)
@click.argument("url")
@click.option("--folder", type=PATH, metavar="DIR", help=say("put root.json and statement.json there"))
def contact(caller: Caller, url: str, folder: Path | None) -> None:
    """Fetch and show."""
    from cordiale.canonical import parse_base64url
    from cordiale.operate.keyfiles import write_file

    answer = caller.operate("contact", {"endpoint": url})
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("root", "statement"):
            write_file(folder / f"{name}.json", parse_base64url(answer[name]), exclusive=True)
    caller.show(answer, lambda: _write_contact(answer))


def _write_contact(answer: dict[str, Any]) -> None:
    show.lines([
        (say("party"), f"{answer['party']}: {answer['title']}"), (say("node"), answer["node"]),
        (say("statement"), say("version {version}, valid until {until}", **answer)),
        (say("fingerprint"), answer["fingerprint"]),
    ])
    click.echo(say("compare the fingerprint with the other party over another channel before anything else"))


@declare(
    "add", say("take a partner in by its root and statement"), acts=True,
    details=say("The first of two persons enters the fingerprint as the other party told it over another channel."),
    examples=[
        "cordiale partner add --root ukr/root.json --statement ukr/statement.json \\",
        "    --fingerprint '3f1c ... 9a20' --key keys/officer.key.json",
    ],
)
@click.option("--root", required=True, type=PATH, metavar="FILE", help=say("the partner's root"))
@click.option("--statement", required=True, type=PATH, metavar="FILE", help=say("the partner's statement"))
@click.option("--fingerprint", metavar="TEXT", help=say("the fingerprint you were told (asked for otherwise)"))
def add(caller: Caller, root: Path, statement: Path, fingerprint: str | None) -> None:
    """Enter it."""
    from cordiale.canonical import encode_base64url
    from cordiale.operate.keyfiles import read_root, read_statement

    reply = caller.act("partner.add", {
        "fingerprint": _fingerprint(fingerprint),
        "root": encode_base64url(read_root(root)),
        "statement": encode_base64url(read_statement(statement)),
    })
    caller.told(reply, say("{party} is entered; a second person confirms it", **reply.answer))


@declare(
    "confirm", say("confirm a partner, as the second person who compared the fingerprint"), acts=True,
    examples=["cordiale partner confirm UKR --fingerprint '3f1c ... 9a20' --key keys/security.key.json"],
)
@click.argument("party")
@click.option("--fingerprint", metavar="TEXT", help=say("the fingerprint you were told (asked for otherwise)"))
def confirm(caller: Caller, party: str, fingerprint: str | None) -> None:
    """Enter it the second time."""
    reply = caller.act("partner.confirm", {"party": party, "fingerprint": _fingerprint(fingerprint)})
    caller.told(reply, say("{party} is a partner: {persons} persons have compared its fingerprint", **reply.answer))


@declare(
    "update", say("take in a newer statement of a partner's node"), acts=True,
    examples=["cordiale partner update UKR --statement ukr/statement-2.json --key keys/officer.key.json"],
)
@click.argument("party")
@click.option("--statement", required=True, type=PATH, metavar="FILE", help=say("the partner's new statement"))
def update(caller: Caller, party: str, statement: Path) -> None:
    """Send it to the node."""
    from cordiale.canonical import encode_base64url
    from cordiale.operate.keyfiles import read_statement

    content = encode_base64url(read_statement(statement))
    reply = caller.act("partner.update", {"party": party, "statement": content})
    caller.told(reply, say("version {version} of the statement of {party} is in use", **reply.answer))


@declare(
    "list", say("list partners, their fingerprints and statements"), for_person=True,
    examples=["cordiale partner list --key keys/officer.key.json"],
)
def list_partners(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.partners", {})
    caller.show(answer, lambda: _write_partners(answer))


def _write_partners(answer: dict[str, Any]) -> None:
    click.echo(say("our fingerprint: {fingerprint}", fingerprint=answer["own_fingerprint"]))
    show.table(answer["partners"], [
        ("party", say("party")), ("node", say("node")), ("confirmed", say("confirmed")), ("version", say("version")),
        ("expires", say("valid until")), ("endpoints", say("addresses")), ("fingerprint", say("fingerprint")),
    ], empty=say("no partner is entered"))


def _fingerprint(given: str | None) -> str:
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise click.UsageError(say("give the fingerprint you were told with --fingerprint"))
    typed: str = click.prompt(say("the fingerprint you were told over another channel"), err=True)
    return typed


command = group("partner", say("first contact with a partner, and its statements"), {
    "contact": contact, "add": add, "confirm": confirm, "update": update, "list": list_partners,
})

"""cordiale node: the statement of our own node, drafted here, signed offline, installed here."""

from __future__ import annotations

from pathlib import Path

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "draft", say("draft the next statement of our node, for the key officers to sign"),
    details=say("The statement names the node's keys, its address, and who signs agreements for the party."),
    examples=["cordiale node draft --authority authority --days 180 --output statement.json"],
)
@click.option("--authority", "authorities", multiple=True, metavar="PERSON",
              help=say("who signs agreements for the party; may stand more than once"))
@click.option("--days", default=180, show_default=True, type=click.IntRange(1, 400),
              help=say("how long it is valid"))
@click.option("--endpoint", metavar="URL", help=say("the address for partners (default: the configured one)"))
@click.option("--output", "-o", required=True, type=PATH, metavar="FILE", help=say("where to put the draft"))
def draft(caller: Caller, authorities: tuple[str, ...], days: int, endpoint: str | None, output: Path) -> None:
    """Ask the node for its draft."""
    from cordiale.canonical import parse_base64url
    from cordiale.operate.keyfiles import write_file

    address = caller.config().endpoint if endpoint is None else endpoint
    answer = caller.operate("draft-statement", {"authorities": list(authorities), "days": days, "endpoint": address})
    write_file(output, parse_base64url(answer["statement"]), exclusive=True)
    caller.show({"file": str(output)}, lambda: caller.tell(say(
        "the draft is in {file}; have the key officers sign it with `cordiale root sign`", file=output,
    )))


@declare(
    "install", say("install our root and the statement it signed for this node"), acts=True,
    examples=["cordiale node install --root root/root.json --statement statement.json --key keys/officer.key.json"],
)
@click.option("--root", required=True, type=PATH, metavar="FILE", help=say("the root, root.json"))
@click.option("--statement", required=True, type=PATH, metavar="FILE", help=say("the signed statement"))
def install(caller: Caller, root: Path, statement: Path) -> None:
    """Send both to the node."""
    from cordiale.canonical import encode_base64url
    from cordiale.operate.keyfiles import read_root, read_statement

    reply = caller.act("node.install", {
        "root": encode_base64url(read_root(root)),
        "statement": encode_base64url(read_statement(statement)),
    })
    caller.told(
        reply, say("version {version} of our statement is installed", **reply.answer),
        say("our fingerprint, to read to partners: {fingerprint}", **reply.answer),
    )


command = group("node", say("draft and install the statement of our node"), {"draft": draft, "install": install})

"""cordiale node: the statement of our own node, drafted here, signed offline, installed here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli.ask import credential_of, new_credential_of
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH
from cordiale.words import say


@declare(
    "draft", say("draft the next statement of our node, for the key officers to sign"),
    details=say(
        "The statement names the node's keys, its address, and who signs agreements for the party. After "
        "`cordiale node new-keys` it names the new keys first and the former ones beside them; once the node works "
        "with the new ones, --retire leaves the former out."
    ),
    examples=[
        "cordiale node draft --authority authority --days 180 --output statement.json",
        "cordiale node draft --authority authority --retire --output statement-3.json",
    ],
)
@click.option("--authority", "authorities", multiple=True, metavar="PERSON",
              help=say("who signs agreements for the party; may stand more than once"))
@click.option("--days", default=180, show_default=True, type=click.IntRange(1, 400),
              help=say("how long it is valid"))
@click.option("--endpoint", metavar="URL", help=say("the address for partners (default: the configured one)"))
@click.option("--retire", "retires", is_flag=True, help=say("name the newest keys alone"))
@click.option("--output", "-o", required=True, type=PATH, metavar="FILE", help=say("where to put the draft"))
def draft(caller: Caller, endpoint: str | None, output: Path, **plan: Any) -> None:
    """Ask the node for its draft."""
    from cordiale.canonical import parse_base64url
    from cordiale.operate.keyfiles import write_file

    address = caller.config().endpoint if endpoint is None else endpoint
    answer = caller.operate("draft-statement", {**plan, "authorities": list(plan["authorities"]), "endpoint": address})
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
        *([say("what to do: {hint}", hint=say("stop the node and start it again: then it works with its new keys"))]
          if reply.answer["restart"] else []),
    )


@declare(
    "new-keys", say("make new keys for a node that is stopped"),
    details=say(
        "Nothing changes for anybody until a statement that names them is drafted, signed and installed, and the node "
        "is started once more. Former keys stay in the vault: what was sealed for them can still be opened. Make a "
        "backup afterwards, for an older one lacks the new keys. The keys of the logs stay the same."
    ),
    examples=["cordiale node new-keys --home /srv/tokyo"],
)
@click.option("--credential-fd", type=int, metavar="N",
              help=say("read the credential of the vault from this file descriptor"))
def new_keys(caller: Caller, credential_fd: int | None) -> None:
    """Make them in the vault."""
    from cordiale.node import renew_keys

    os.umask(0o077)
    caller.config()
    count = renew_keys(caller.home, credential_of(credential_fd))
    answer = {"home": str(caller.home), "sets": count}
    caller.show(answer, lambda: _write_renewed(caller, answer))


def _write_renewed(caller: Caller, answer: dict[str, Any]) -> None:
    caller.tell(say("new keys are in the vault of {home}; it holds {sets} sets", **answer))
    caller.tell(say("what to do: {hint}", hint=say(
        "start the node, draft a statement with `cordiale node draft`, have it signed and install it"
    )))


@declare(
    "new-credential", say("change the credential that opens the vault of a node that is stopped"),
    details=say(
        "With --credential-fd the first line is the credential, the second the new one. Backups made before are still "
        "opened by the former credential: keep or destroy them accordingly."
    ),
    examples=["cordiale node new-credential --home /srv/tokyo"],
)
@click.option("--credential-fd", type=int, metavar="N",
              help=say("read both credentials from this file descriptor, a line each"))
def new_credential(caller: Caller, credential_fd: int | None) -> None:
    """Lock the vault anew."""
    from cordiale.node import renew_credential

    os.umask(0o077)
    caller.config()
    renew_credential(caller.home, *new_credential_of(credential_fd))
    answer = {"home": str(caller.home)}
    caller.show(answer, lambda: caller.tell(say("the vault of {home} is opened by the new credential", **answer)))


command = group("node", say("the keys of our node, and the statement that names them"), {
    "draft": draft, "install": install, "new-keys": new_keys, "new-credential": new_credential,
})

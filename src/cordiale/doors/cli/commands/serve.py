"""cordiale serve: the node itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from cordiale.doors.cli.ask import credential_of
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.node import Node


@declare(
    "serve", say("serve a node until it is told to stop"),
    details=say(
        "The credential of the vault comes from --credential-fd, from the service manager as the credential "
        "`cordiale-vault`, or from the terminal; never from an argument or an environment variable. "
        "SIGTERM and Ctrl-C stop it once what is under way is done."
    ),
    examples=[
        "cordiale serve --home /srv/tokyo",
        "cordiale serve --home /srv/tokyo --credential-fd 3 3</run/secrets/vault",
    ],
)
@click.option("--credential-fd", type=int, metavar="N",
              help=say("read the credential of the vault from this file descriptor"))
@click.option("--ready-fd", type=int, metavar="N",
              help=say("write one byte to this file descriptor once partners and people are answered"))
@click.option("--no-visitors", is_flag=True, help=say("give our statement to known partners only"))
def command(caller: Caller, credential_fd: int | None, ready_fd: int | None, no_visitors: bool) -> None:
    """Open the node and serve it."""
    caller.config()
    credential = credential_of(credential_fd)

    from cordiale.doors.serve import ServeOptions, serve

    def ready(node: Node) -> None:
        wire = say("partners at {endpoint}", endpoint=node.config.endpoint) if node.config.listen else say("no wire")
        click.echo(say(
            "{node} of {party} is serving ({mode}): {wire}, people through {socket}", node=node.config.node,
            party=node.config.party, mode=node.config.mode.value, wire=wire, socket=node.config.control_socket,
        ))
        sys.stdout.flush()
        if ready_fd is not None:
            os.write(ready_fd, b"\n")
            os.close(ready_fd)

    serve(caller.home, credential, ServeOptions(ready, admits_visitors=not no_visitors))

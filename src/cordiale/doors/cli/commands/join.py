"""cordiale join: stand behind an act that nobody may do alone, before another does it."""

from __future__ import annotations

from typing import Any, Final

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.rules.joined import JOINED_AS
from cordiale.words import say

_ACTS: Final = sorted(JOINED_AS)


@declare(
    "join", say("join an act that the agreement lets nobody do alone"), acts=True,
    details=say("It is for one act, word for word as the other person will do it, once, within a day."),
    examples=[
        "cordiale join pass-on jpn.act.0a1b --by registrar --to POL --purpose 'Joint statement' \\",
        "    --key keys/security.key.json",
        "cordiale join circulate jpn.act.0a1b --by reader --purpose 'Joint statement' --key keys/colleague.key.json",
        "cordiale join draft act.5e6f --by originator --purpose label --edition 1 --label BINDING \\",
        "    --key keys/colleague.key.json",
        "cordiale join read jpn.act.0a1b --by reader --purpose 'Joint statement' --key keys/colleague.key.json",
    ],
)
@click.argument("act", type=click.Choice(_ACTS))
@click.argument("item")
@click.option("--by", "doer", required=True, metavar="PERSON", help=say("who will do it"))
@click.option("--purpose", help=say("what it is for"))
@click.option("--to", "recipient", metavar="PARTY", help=say("the party it goes to"))
@click.option("--link", help=say("how it travels"))
@click.option("--edition", type=click.IntRange(0), help=say("the version of the draft that is meant, and no other"))
@click.option("--label", metavar="BINDING", help=say("the label that is proposed, as `draft list` shows it"))
@click.option("--consignment", help=say("the consignment that is taken back"))
@click.option("--circumstances", help=say("what had happened"))
def command(caller: Caller, **given: Any) -> None:
    """Join it."""
    reply = caller.act("join", {name: value for name, value in given.items() if value is not None})
    caller.told(reply, say("joined; {doer} may do it until this time tomorrow", **reply.answer))

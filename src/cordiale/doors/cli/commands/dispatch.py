"""cordiale dispatch: released items leave as numbered copies."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare
from cordiale.doors.cli.options import LINKS, terms_options
from cordiale.words import say


@declare(
    "dispatch", say("send released items to a partner"), acts=True,
    details=say("All of the items leave in one consignment, or none of them. Each copy is sealed under its own key."),
    examples=[
        "cordiale dispatch jpn.act.0a1b jpn.act.0c2d --to UKR --agreement exercise-jpn-ukr --purpose 'Dialogue' \\",
        "    --registry 'Central registry' --key keys/registrar.key.json",
    ],
)
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@terms_options
@click.option("--registry", required=True, metavar="NAME", help=say("the partner's registry it goes to"))
@click.option("--link", default="wire", show_default=True, type=click.Choice(LINKS), help=say("how it travels"))
@click.option("--plan", metavar="PLAN", help=say("the transport plan that freight travels under"))
@click.option("--addressee", metavar="TEXT", help=say(
    "the office or function behind the registry that it is meant for"
))
@click.option("--addressee-alone", is_flag=True, help=say(
    "only the addressee opens it; the registry passes it on unopened"
))
@click.option("--another-copy", is_flag=True, help=say("the party has a copy of it, and is to have one more"))
def command(caller: Caller, items: tuple[str, ...], **terms: Any) -> None:
    """Send them."""
    terms |= {name: terms[name] or None for name in ("addressee_alone", "another_copy")}
    reply = caller.act("dispatch", {"items": list(items), **terms})
    lines = [
        say("dispatched as {number}: {count} copies, by {link}", number=reply.answer["number"],
            count=len(reply.answer["copies"]), link=reply.answer["link"]),
        say("consignment: {consignment}", **reply.answer),
    ]
    if "receipt_due" in reply.answer:
        lines.append(say("the receipt is due on {day}", day=reply.answer["receipt_due"]))
    caller.told(reply, *lines)

"""cordiale release: the originator's decision to disclose, by two different persons, each over what they saw."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import terms_options, yes_option
from cordiale.doors.cli.preview import fetch_preview, write_preview
from cordiale.words import say


@declare(
    "propose", say("propose to release an item to a party"), acts=True,
    details=say("Shows the item as the partner will see it, and asks; what is signed is exactly what is shown."),
    examples=[
        "cordiale release propose jpn.act.0a1b --to UKR --agreement exercise-jpn-ukr --purpose 'Dialogue' \\",
        "    --key keys/originator.key.json",
    ],
)
@click.argument("item")
@terms_options
@yes_option
def propose(caller: Caller, item: str, yes: bool, **terms: Any) -> None:
    """Sign as the proposer."""
    reply = _sign(caller, "release.propose", {"item": item, **terms}, yes=yes)
    caller.told(reply, say("proposed for release to {recipient}; another person approves it", **reply.answer))


@declare(
    "approve", say("approve a release that somebody else proposed"), acts=True,
    details=say("Shows the item as the partner will see it, and asks; what is signed is exactly what is shown."),
    examples=[
        "cordiale release approve jpn.act.0a1b --to UKR --agreement exercise-jpn-ukr --purpose 'Dialogue' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("item")
@terms_options
@yes_option
def approve(caller: Caller, item: str, yes: bool, **terms: Any) -> None:
    """Sign as the authority."""
    reply = _sign(caller, "release.approve", {"item": item, **terms}, yes=yes)
    caller.told(reply, say("approved for release to {recipient}", **reply.answer))


@declare(
    "withdraw", say("withdraw your own approvals of an item's release"), acts=True,
    details=say("What has left already is not called back by this."),
    examples=["cordiale release withdraw jpn.act.0a1b --key keys/authority.key.json"],
)
@click.argument("item")
def withdraw(caller: Caller, item: str) -> None:
    """Withdraw them."""
    reply = caller.act("release.withdraw", {"item": item})
    caller.told(reply, say("{withdrawn} approvals are withdrawn", **reply.answer))


def _sign(caller: Caller, kind: str, terms: dict[str, Any], *, yes: bool) -> Any:
    shown = fetch_preview(caller, terms)
    if not caller.settings.is_json:
        write_preview(shown)
    confirm(say("sign this release?"), yes=yes)
    return caller.act(kind, {**terms, "binding": shown["binding"]})


command = group("release", say("propose, approve and withdraw releases"), {
    "propose": propose, "approve": approve, "withdraw": withdraw,
})

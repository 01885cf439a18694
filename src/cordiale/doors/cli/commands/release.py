"""cordiale release: the originator's decision to disclose, by two different persons, each over what they saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


@declare(
    "decline", say("decline a release that somebody else proposed, with the reason"), acts=True,
    details=say("Shows the proposal and what has changed since, and asks. Whoever proposed it may propose it anew."),
    examples=[
        "cordiale release decline jpn.act.0a1b --to UKR --reason 'annex 2 is not for them' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("item")
@click.option("--to", "recipient", required=True, metavar="PARTY", help=say("the party it goes to"))
@click.option("--reason", required=True, help=say("why; whoever proposed it reads it"))
@yes_option
def decline(caller: Caller, item: str, recipient: str, reason: str, yes: bool) -> None:
    """Decline it."""
    found = caller.view("view.release", {"item": item, "recipient": recipient})
    waiting = [row for row in found["proposals"] if row["state"] == "waiting"]
    if not waiting:
        raise click.UsageError(say("no proposal of this release waits"))
    if not caller.settings.is_json:
        _write_rows(waiting[:1])
    confirm(say("decline this release?"), yes=yes)
    reply = caller.act("release.decline", {"binding": waiting[0]["binding"], "item": item, "reason": reason})
    caller.told(reply, say("the release to {recipient} is declined", **reply.answer))


@declare(
    "show", say("show the proposals and approvals of an item's release, and what has changed since"), for_person=True,
    examples=["cordiale release show jpn.act.0a1b --key keys/authority.key.json"],
)
@click.argument("item")
def show_release(caller: Caller, item: str) -> None:
    """Show them."""
    found = caller.view("view.release", {"item": item})
    caller.show(found, lambda: _write_rows([*found["proposals"], *found["approvals"]]))


def _write_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        counts = "" if row["counts"] else f" ({say('counts no more')})"
        click.echo(f"{row['given_at']}  {row['part']}  {row['by']}  {row['recipient']}: {row['purpose']}  "
                   f"{row['state']}{counts}")
        if "reason" in row:
            click.echo("  " + say("declined by {name}: {reason}", name=row["declined_by"], reason=row["reason"]))
        for one in row["changes"]:
            click.echo(f"  {say(one['what'])}: {one['before']} -> {one['now']}")


def _sign(caller: Caller, kind: str, terms: dict[str, Any], *, yes: bool) -> Any:
    shown = fetch_preview(caller, terms)
    if not caller.settings.is_json:
        write_preview(shown)
    confirm(say("sign this release?"), yes=yes)
    return caller.act(kind, {**terms, "binding": shown["binding"]})


command = group("release", say("propose, approve, decline and withdraw releases"), {
    "propose": propose, "approve": approve, "decline": decline, "withdraw": withdraw, "show": show_release,
})

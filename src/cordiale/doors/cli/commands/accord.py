"""cordiale accord: what authorities tell each other while an agreement runs, and after it."""

from __future__ import annotations

from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say

_KINDS: Final = ("law-changed", "authority-changed", "dispute", "acknowledged", "old-regime", "dispute-settled")


@declare(
    "tell", say("tell the partners what touches an agreement, or answer what they told"), acts=True,
    examples=[
        "cordiale accord tell exercise-jpn-ukr law-changed 'Act 7 of 2026' --on 2026-12-01 --article 'Art. 12(1)' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("text")
@click.option("--on", required=True, metavar="DAY", help=say("from which day"))
@click.option("--article", required=True, help=say("the article"))
@click.option("--about", metavar="NOTICE", help=say("the notice that is answered"))
def tell(caller: Caller, **given: Any) -> None:
    """Tell it."""
    reply = caller.act("accord.notice", given)
    caller.told(reply, say("notice {notice} is told", **reply.answer))


@declare(
    "decline", say("decline a changed profile, or take back our own proposal"), acts=True,
    examples=["cordiale accord decline exercise-jpn-ukr --reason 'not needed' --key keys/authority.key.json"],
)
@click.argument("agreement")
@click.option("--reason", help=say("why"))
def decline(caller: Caller, agreement: str, reason: str | None) -> None:
    """Decline it."""
    reply = caller.act("accord.close", {"agreement": agreement, "reason": reason})
    caller.told(reply, say("version {version} is not signed; what is in effect stays so", **reply.answer))


@declare(
    "rehome", say("say that what stands under a former agreement stands under this one"), acts=True,
    details=say("Nothing moves before every party has said so."),
    examples=[
        "cordiale accord rehome exercise-jpn-ukr-2 --from exercise-jpn-ukr --on 2027-01-01 --article 'Art. 11(2)' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.option("--from", "predecessor", required=True, metavar="ID", help=say("the former agreement"))
@click.option("--on", required=True, metavar="DAY", help=say("from which day"))
@click.option("--article", required=True, help=say("the article"))
@click.option("--carry", "carries", multiple=True, type=click.Choice(["consents", "duties"]),
              help=say("what goes along with the items; what is not said stays under the former one"))
def rehome(caller: Caller, carries: tuple[str, ...], **given: Any) -> None:
    """Say it."""
    reply = caller.act("accord.rehome", {**given, "carries": sorted(set(carries))})
    caller.told(reply, say("it is said for our party: {state}", **reply.answer))


@declare(
    "show", say("show what happened to an agreement"), for_person=True,
    examples=["cordiale accord show exercise-jpn-ukr --key keys/authority.key.json"],
)
@click.argument("agreement")
def show_accord(caller: Caller, agreement: str) -> None:
    """Show it."""
    found = caller.view("view.accord", {"agreement": agreement})
    caller.show(found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.lines([
        (say("stage"), found["stage"]), (say("end"), found["ended_on"]),
        (say("proposed version"), str(found.get("proposed", ""))),
        (say("open disputes"), [one["notice"] for one in found["disputes"]]),
    ])
    if found["apart"]:
        show.table(found["apart"], [
            ("party", say("party")), ("state", say("state")), ("levels", say("level")), ("on", say("on")),
        ], empty="")
    show.table(found["notices"], [
        ("notice", say("notice")), ("party", say("party")), ("kind", say("kind")), ("effective_on", say("from")),
        ("article", say("article")), ("text", say("text")), ("about", say("about")), ("answers", say("answers")),
    ], empty=say("nothing was told"))
    if found["rehomings"]:
        show.table(found["rehomings"], [
            ("from", say("from")), ("to", say("to")), ("on", say("on")), ("state", say("state")),
            ("moved", say("copies")),
        ], empty="")


command = group("accord", say("tell and answer what touches an agreement, while it runs and after"), {
    "tell": tell, "decline": decline, "rehome": rehome, "show": show_accord,
})

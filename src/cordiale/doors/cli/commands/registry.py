"""cordiale registry: which of our registries may receive what, and what was done on paper while the node was down."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.words import say


@declare(
    "notice", say("give notice that a registry of ours opens, closes or receives other levels"), acts=True,
    details=say("An act of the competent authority. The newest notice on a registry is the one that counts."),
    examples=[
        "cordiale registry notice exercise-jpn-ukr registry-osaka --title 'Registry at Osaka' \\",
        "    --level 'EX-JPN:EXERCISE SAKURA' --opens 2026-12-01 --article 'Art. 6(2)' --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.argument("registry")
@click.option("--title", required=True, metavar="TEXT", help=say("what the registry is called"))
@click.option("--level", "levels", multiple=True, required=True, metavar="SCHEME:LEVEL", help=say(
    "a level that it may receive; once for each"
))
@click.option("--opens", "opened_on", required=True, metavar="DAY", help=say("the day from which it is open"))
@click.option("--closes", "closed_on", metavar="DAY", help=say("the day from which it is closed"))
@click.option("--article", required=True, metavar="TEXT", help=say("the article that it rests on"))
def notice(caller: Caller, levels: tuple[str, ...], **given: Any) -> None:
    """Give it."""
    reply = caller.act("agreement.registry", {**given, "levels": list(levels)})
    caller.told(reply, say("the other parties are told of {registry}", **reply.answer))


@declare(
    "paper", say("enter what was done on paper while the node was down"), acts=True,
    details=say("A second person, who has seen the paper, confirms it; only then it takes its number."),
    examples=[
        "cordiale registry paper --done 2026-11-26T09:30:00Z --what 'handed copy 1 to the reader' --paper 'sheet 7' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.option("--done", "done_at", required=True, metavar="TIME", help=say("when it was done, in UTC"))
@click.option("--what", required=True, metavar="TEXT", help=say("what was done"))
@click.option("--paper", required=True, metavar="TEXT", help=say("the sheet on which it was noted"))
@click.option("--item", metavar="ITEM", help=say("the item it was about"))
def paper(caller: Caller, **given: Any) -> None:
    """Enter it."""
    reply = caller.act("outage.enter", given)
    caller.told(reply, say("entered as {entry}; a second person confirms it", **reply.answer))


@declare(
    "confirm-paper", say("confirm, as a second person, what was done on paper"), acts=True,
    examples=["cordiale registry confirm-paper act.1a2b --key keys/head.key.json"],
)
@click.argument("entry")
def confirm_paper(caller: Caller, entry: str) -> None:
    """Confirm it."""
    reply = caller.act("outage.confirm", {"entry": entry})
    caller.told(reply, say("{entry} stands in the outage book as {number}", **reply.answer))


@declare(
    "open", say("open a registry of ours: the chief one, a sub-registry, a control point"), acts=True,
    details=say("The chief registry comes first. Each other one answers for a unit and for all that lies in it."),
    examples=[
        "cordiale registry open central --role chief --title 'Central registry' --keeper registrar \\",
        "    --key keys/security.key.json",
        "cordiale registry open osaka --role sub-registry --unit osaka --title 'Registry at Osaka' --keeper keeper \\",
        "    --key keys/security.key.json",
    ],
)
@click.argument("registry")
@click.option("--role", required=True, type=click.Choice(["chief", "sub-registry", "control-point"]),
              help=say("what it is in the organisation"))
@click.option("--title", required=True, metavar="TEXT", help=say("what the registry is called"))
@click.option("--unit", metavar="UNIT", help=say("the unit that it answers for, from the whole to the part"))
@click.option("--level", "levels", multiple=True, metavar="SCHEME:LEVEL", help=say(
    "a level that it may hold; once for each, all where none is named"
))
@click.option("--keeper", "keepers", multiple=True, required=True, metavar="PERSON", help=say(
    "a registrar who serves there; once for each"
))
def open_one(caller: Caller, levels: tuple[str, ...], keepers: tuple[str, ...], **given: Any) -> None:
    """Open it."""
    named = {"levels": list(levels)} if levels else {}
    reply = caller.act("registry.open", {**given, **named, "keepers": list(keepers)})
    caller.told(reply, say("the registry {registry} is open", **reply.answer))


@declare(
    "staff", say("enter who serves at a registry of ours from now on"), acts=True,
    examples=["cordiale registry staff osaka --keeper keeper --keeper deputy --key keys/security.key.json"],
)
@click.argument("registry")
@click.option("--keeper", "keepers", multiple=True, required=True, metavar="PERSON", help=say(
    "a registrar who serves there; once for each"
))
def staff(caller: Caller, registry: str, keepers: tuple[str, ...]) -> None:
    """Enter them."""
    reply = caller.act("registry.staff", {"keepers": list(keepers), "registry": registry})
    serving = ", ".join(reply.answer["keepers"])
    caller.told(reply, say("{keepers} serve at {registry}", keepers=serving, registry=registry))


@declare(
    "close", say("close a registry of ours that holds nothing any more"), acts=True,
    examples=["cordiale registry close osaka --key keys/security.key.json"],
)
@click.argument("registry")
def close(caller: Caller, registry: str) -> None:
    """Close it."""
    reply = caller.act("registry.close", {"registry": registry})
    caller.told(reply, say("the registry {registry} is closed", **reply.answer))


@declare(
    "list", say("list our registries and what is on its way between them"), for_person=True,
    examples=["cordiale registry list --key keys/registrar.key.json"],
)
def list_all(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.registries", {})
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.table(answer["registries"], [
        ("registry", say("registry")), ("role", say("role")), ("title", say("title")), ("unit", say("unit")),
        ("keepers", say("keepers")), ("holds", say("holds")), ("state", say("state")), ("opened_on", say("opened")),
        ("closed_on", say("closed")),
    ], empty=say("no registries are entered: there is one, the whole"))
    show.table(answer["transfers"], [
        ("transfer", say("transfer")), ("number", say("number")), ("copy_number", say("copy")), ("giver", say("from")),
        ("receiver", say("to")), ("sent_at", say("sent")),
    ], empty=say("nothing is on its way between them"))


@declare(
    "approve", say("approve for the chief registry that an item goes on, once"), acts=True,
    examples=[
        "cordiale registry approve JPN-2026-0001 --to kobe --text 'for the exercise' --key keys/registrar.key.json",
    ],
)
@click.argument("item")
@click.option("--to", required=True, metavar="NAME", help=say("the registry of ours, or the party, that it goes to"))
@click.option("--text", required=True, metavar="TEXT", help=say("the approval in writing"))
def approve(caller: Caller, item: str, to: str, text: str) -> None:
    """Approve it."""
    reply = caller.act("transfer.approve", {"item": item, "text": text, "to": to})
    caller.told(reply, say("{item} may go to {to}, once", item=item, to=to))


@declare(
    "transfer", say("send a copy to another registry of ours, which receives it"), acts=True,
    examples=["cordiale registry transfer 'JPN-2026-0001#0' --to osaka --key keys/registrar.key.json"],
)
@click.argument("copy")
@click.option("--to", required=True, metavar="REGISTRY", help=say("the registry that it goes to"))
def transfer(caller: Caller, copy: str, to: str) -> None:
    """Send it."""
    reply = caller.act("transfer.send", {"copy": copy, "to": to})
    caller.told(reply, say("{transfer} is on its way to {to}, where it is received", **reply.answer))


@declare(
    "receive", say("receive a copy that another registry of ours sent"), acts=True,
    examples=["cordiale registry receive JPN-TRF-2026-0001 --place 'safe 3' --key keys/keeper.key.json"],
)
@click.argument("transfer")
@click.option("--place", required=True, metavar="PLACE", help=say("where it lies from now on"))
def receive(caller: Caller, transfer: str, place: str) -> None:
    """Receive it."""
    reply = caller.act("transfer.receive", {"place": place, "transfer": transfer})
    caller.told(reply, say("{registry} answers for it from now on", **reply.answer))


@declare(
    "decline", say("say that a copy which another registry of ours sent was not received"), acts=True,
    examples=["cordiale registry decline JPN-TRF-2026-0001 --reason 'never came' --key keys/keeper.key.json"],
)
@click.argument("transfer")
@click.option("--reason", required=True, metavar="TEXT", help=say("why"))
def decline(caller: Caller, transfer: str, reason: str) -> None:
    """Say so."""
    reply = caller.act("transfer.decline", {"reason": reason, "transfer": transfer})
    caller.told(reply, say("whoever sent it still answers for it"))


command = group("registry", say("our registries, and what was done on paper"), {
    "notice": notice, "open": open_one, "staff": staff, "close": close, "list": list_all, "approve": approve,
    "transfer": transfer, "receive": receive, "decline": decline, "paper": paper, "confirm-paper": confirm_paper,
})

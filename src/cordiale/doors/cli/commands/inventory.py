"""cordiale inventory: freeze what must be there, count it by scanner or hand, explain what differs, sign by two."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import html_option, part_options, yes_option
from cordiale.doors.cli.page import write_page
from cordiale.words import say


@declare(
    "open", say("begin an inventory: what must be there is frozen as it is now"), acts=True,
    examples=[
        "cordiale inventory open --book JPN --key keys/registrar.key.json",
        "cordiale inventory open --kind spot --share 10 --key keys/security.key.json",
        "cordiale inventory open --kind handover --from registrar --to deputy --key keys/registrar.key.json",
    ],
)
@click.option("--kind", type=click.Choice(["whole", "spot", "handover"]), default="whole", help=say("why"))
@click.option("--book", metavar="BOOK", help=say("only what is in this book: own, or an originating party"))
@click.option("--level", "levels", multiple=True, metavar="SCHEME:LEVEL", help=say("only this level; may be repeated"))
@click.option("--unit", metavar="PATH", help=say("only this unit and those below it"))
@click.option("--share", type=click.IntRange(1, 100), metavar="PERCENT", help=say("the share to be drawn"))
@click.option("--from", "giver", metavar="PERSON", help=say("who hands over"))
@click.option("--to", "receiver", metavar="PERSON", help=say("who takes over"))
def open_(
    caller: Caller, kind: str, book: str | None, levels: tuple[str, ...], **more: Any
) -> None:
    """Begin it."""
    custodians = [one for one in (more["giver"], more["receiver"]) if one]
    reply = caller.act("inventory.open", {
        "kind": kind, "book": book, "levels": list(levels) or None, "unit": more["unit"], "share": more["share"],
        "custodians": custodians or None,
    })
    caller.told(
        reply, say("{expected} copies must be there; inventory: {inventory}", **reply.answer),
        say("next: {command}", command=f"cordiale inventory count {reply.answer['inventory']}"),
    )


@declare(
    "count", say("record what is sighted, by number"), for_person=True,
    details=say(
        "Without NUMBERS each line of the input is one number, as a scanner or a hand writes it. A second time is the "
        "same sighting."
    ),
    examples=[
        "cordiale inventory count act.0a1b UKR/JPN-2026-0001 --by hand --key keys/registrar.key.json",
        "cordiale inventory count act.0a1b --key keys/registrar.key.json < scanned.txt",
    ],
)
@click.argument("inventory")
@click.argument("numbers", nargs=-1)
@click.option("--by", "how", type=click.Choice(["scanner", "hand"]), default="scanner", help=say("how it was read"))
def count(caller: Caller, inventory: str, numbers: tuple[str, ...], how: str) -> None:
    """Record it, line by line as it comes."""
    found: list[Any] = []
    for some in [list(numbers)] if numbers else _lines_in():
        reply = caller.act("inventory.sight", {"inventory": inventory, "numbers": some, "how": how})
        found += reply.answer["sighted"]
        for one in reply.answer["sighted"]:
            caller.tell(f"{one['number']}  {_OUTCOMES[one['outcome']]}")
    caller.show({"inventory": inventory, "sighted": found}, lambda: None)


_OUTCOMES: Final = {
    "sighted": say("sighted"), "sighted-before": say("sighted before"),
    "not-expected": say("here, and not expected in this inventory"),
    "unknown": say("no such number here"),
    "say-which-copy": say("several copies bear this number: write NUMBER#COPY"),
}


def _lines_in() -> Iterator[Sequence[str]]:
    for line in sys.stdin:
        if line.strip():
            yield [line.strip()]


@declare(
    "files", say("let the node look at the sealed envelopes that must be there"), for_person=True,
    examples=["cordiale inventory files act.0a1b --key keys/registrar.key.json"],
)
@click.argument("inventory")
def files(caller: Caller, inventory: str) -> None:
    """Look at them, page by page."""
    sighted, absent, page, pages = 0, [], 0, 1
    while page < pages:
        reply = caller.act("inventory.sight-files", {"inventory": inventory, "page": page})
        pages, page = int(reply.answer["pages"]), page + 1
        sighted += int(reply.answer["sighted"])
        absent += reply.answer["absent"]
    for number in absent:
        caller.tell(say("{number}: its envelope is not there", number=number))
    caller.show({"absent": absent, "sighted": sighted}, lambda: caller.tell(
        say("{count} envelopes are there", count=sighted)
    ))


@declare(
    "show", say("show how far an inventory has come, and its result"), for_person=True,
    examples=[
        "cordiale inventory show act.0a1b --key keys/registrar.key.json",
        "cordiale inventory show act.0a1b --html inventory.html --key keys/registrar.key.json",
    ],
)
@click.argument("inventory")
@html_option
def show_(caller: Caller, inventory: str, html: Path | None) -> None:
    """Show it."""
    answer = caller.view("view.inventory", {"inventory": inventory, "as": "html" if html else None})
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.lines([
        (say("inventory"), answer["inventory"]), (say("kind"), answer["kind"]), (say("state"), answer["state"]),
        (say("must be there"), answer["expected"]), (say("sighted"), answer["sighted"]),
        (say("result"), answer.get("totals")),
    ])
    if answer.get("registries"):
        show.table(answer["registries"], [
            ("registry", say("registry")), ("sighted", say("sighted")), ("left", say("left")),
            ("missing", say("missing")),
        ], empty="")
    show.table(answer["differences"], [
        ("number", say("number")), ("finding", say("finding")), ("explanation", say("explanation")),
        ("text", say("text")), ("explained_by", say("by")),
    ], empty=say("no difference"))
    show.table([line for line in answer["lines"] if "seen_at" not in line], [
        ("number", say("number")), ("copy", say("copy")), ("level", say("level")), ("form", say("kind")),
        ("unit", say("unit")), ("place", say("place")), ("holders", say("with")),
    ], empty=say("everything is sighted"))


@declare("list", say("list the inventories"), for_person=True,
         examples=["cordiale inventory list --key keys/registrar.key.json"])
@part_options
def list_(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.inventories", part)
    caller.show_part("cordiale inventory list", answer, lambda: show.table(answer["inventories"], [
        ("inventory", say("inventory")), ("opened_at", say("opened")), ("kind", say("kind")), ("state", say("state")),
        ("book", say("book")), ("unit", say("unit")), ("expected", say("must be there")),
    ], empty=say("nothing")))


@declare(
    "close", say("end the counting and draw up what differs"), acts=True,
    examples=["cordiale inventory close act.0a1b --key keys/registrar.key.json"],
)
@click.argument("inventory")
def close(caller: Caller, inventory: str) -> None:
    """End it."""
    reply = caller.act("inventory.close", {"inventory": inventory})
    caller.told(reply, say("sighted: {sighted}; missing: {missing}; there too much: {surplus}", **reply.answer))


@declare(
    "explain", say("explain what differs"), acts=True,
    details=say("AS is found, entry-error or not-found. The report on a loss stays due."),
    examples=[
        "cordiale inventory explain act.0a1b UKR/JPN-2026-0001 --as found --text 'in the reading room' "
        "--key keys/registrar.key.json",
    ],
)
@click.argument("inventory")
@click.argument("number")
@click.option("--as", "explanation", required=True, type=click.Choice(["found", "entry-error", "not-found"]),
              help=say("what it turned out to be"))
@click.option("--text", required=True, help=say("in your own words"))
@click.option("--replaces", metavar="MOMENT", help=say("the explanation that it takes the place of, by its time"))
def explain(caller: Caller, inventory: str, number: str, **said: Any) -> None:
    """Explain it."""
    reply = caller.act("inventory.explain", {
        "inventory": inventory, "number": number, **{name: one for name, one in said.items() if one is not None},
    })
    caller.told(reply, say("{number} is explained", number=number))


@declare(
    "sign", say("sign the result of an inventory; two persons do"), acts=True,
    examples=["cordiale inventory sign act.0a1b --key keys/security.key.json"],
)
@click.argument("inventory")
@yes_option
def sign(caller: Caller, inventory: str, yes: bool) -> None:
    """Show what is signed, ask, and sign."""
    answer = caller.view("view.inventory", {"inventory": inventory})
    if not caller.settings.is_json:
        _write(answer)
    confirm(say("sign this result?"), yes=yes)
    reply = caller.act("inventory.sign", {"inventory": inventory, "binding": answer.get("binding", "")})
    caller.told(reply, say("signed by {signed}; the inventory is {state}", **reply.answer))


@declare(
    "withdraw", say("end an inventory without a result"), acts=True,
    examples=["cordiale inventory withdraw act.0a1b --reason 'wrong book' --key keys/registrar.key.json"],
)
@click.argument("inventory")
@click.option("--reason", required=True, help=say("why"))
def withdraw(caller: Caller, inventory: str, reason: str) -> None:
    """Withdraw it."""
    reply = caller.act("inventory.withdraw", {"inventory": inventory, "reason": reason})
    caller.told(reply, say("the inventory is withdrawn"))


@declare(
    "export", say("list what is held of one originator, for that originator"), acts=True,
    details=say("Items under a caveat that national law keeps out of such lists are left out, and that is entered."),
    examples=["cordiale inventory export JPN --html held.html --key keys/registrar.key.json"],
)
@click.argument("party")
@html_option
def export(caller: Caller, party: str, html: Path | None) -> None:
    """Make the list, and show it."""
    reply = caller.act("inventory.export", {"party": party})
    answer = caller.view("view.inventory-export", {"export": reply.answer["export"], "as": "html" if html else None})
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: show.table(answer["lines"], [
        ("number", say("number")), ("their_number", say("their number")), ("copy", say("copy")),
        ("level", say("level")), ("equivalent", say("equivalent")), ("form", say("kind")),
    ], empty=say("nothing")))


@declare(
    "tell", say("tell an originator the signed result of an inventory, where their agreement asks for it"), acts=True,
    details=say("What crosses: which of its copies were seen and which differ; no place and no person."),
    examples=["cordiale inventory tell act.0a1b jp-ua-2024 JPN --key keys/registrar.key.json"],
)
@click.argument("inventory")
@click.argument("agreement")
@click.argument("party")
@yes_option
def tell(caller: Caller, inventory: str, agreement: str, party: str, yes: bool) -> None:
    """Show what is told of, ask, and tell it."""
    answer = caller.view("view.inventory", {"inventory": inventory})
    if not caller.settings.is_json:
        _write(answer)
    confirm(say("tell {party} this result?", party=party), yes=yes)
    reply = caller.act("inventory.tell", {"inventory": inventory, "agreement": agreement, "party": party})
    caller.told(reply, say("told {party}: present {present}; different {differs}", **reply.answer))


@declare(
    "told", say("list the results of inventories that were told, or show one"), for_person=True,
    examples=["cordiale inventory told --key keys/authority.key.json"],
)
@click.argument("told", required=False)
@part_options
def told_(caller: Caller, told: str | None, **part: Any) -> None:
    """List them, or show one with what differs."""
    if told is None:
        answer = caller.view("view.inventories-told", part)
        caller.show_part("cordiale inventory told", answer, lambda: show.table(answer["told"], [
            ("told", say("result")), ("party", say("party")), ("agreement", say("agreement")),
            ("told_at", say("told")), ("state", say("state")), ("differs", say("different")),
        ], empty=say("nothing")))
        return
    one = caller.view("view.inventory-told", {"told": told})
    caller.show(one, lambda: show.table(one["differences"], [
        ("number", say("number")), ("copy_number", say("copy")), ("their_number", say("their number")),
        ("finding", say("finding")), ("explanation", say("explanation")),
    ], empty=say("no difference")))


command = group("inventory", say("count what must be there, explain what differs, sign the result"), {
    "open": open_, "count": count, "files": files, "show": show_, "list": list_, "close": close, "explain": explain,
    "sign": sign, "withdraw": withdraw, "export": export, "tell": tell, "told": told_,
})

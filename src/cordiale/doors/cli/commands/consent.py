"""cordiale consent: what only the originator can allow, asked for and answered."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say


@declare(
    "ask", say("ask the originator for consent to an act"), acts=True,
    examples=[
        "cordiale consent ask jpn.act.0a1b --act pass-on --to POL --purpose 'Joint statement' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("item")
@click.option("--act", required=True, metavar="ACT", help=say("what is asked for: pass-on, copy, translate, ..."))
@click.option("--purpose", required=True, help=say("what it is for"))
@click.option("--to", "recipient", metavar="PARTY", help=say("the third party, where there is one"))
@click.option("--number", type=click.IntRange(1, 10_000), help=say("how many copies"))
@click.option("--copy", "copies", type=click.IntRange(1), multiple=True, help=say("only these copies"))
@click.option("--post", help=say("the post that alone may do it"))
@click.option("--category", help=say("all that was provided for a purpose the agreement names"))
@click.option("--of", metavar="PARTY", help=say("whose consent, where the item is a joint product"))
@click.option("--agreement", help=say("under which agreement, for an item of our own"))
@click.option("--by", "due_on", metavar="DAY", help=say("by when an answer is needed"))
@click.option("--grounds", help=say("why; for a disclosure, the law or court that forces it"))
def ask(caller: Caller, item: str, copies: tuple[int, ...], **given: Any) -> None:
    """Ask."""
    reply = caller.act("consent.ask", {"item": item, "copies": list(copies), **given})
    caller.told(reply, say("consent is asked for: request {request}", **reply.answer))


@declare(
    "answer", say("answer a request for consent, as the originator"), acts=True,
    examples=["cordiale consent answer ukr.m.0e1f --granted --until 2026-12-31 --key keys/authority.key.json"],
)
@click.argument("request")
@click.option("--granted/--declined", "is_granted", default=None, help=say("the answer"))
@click.option("--until", metavar="DAY", help=say("the last day it counts, such as 2026-12-31"))
def answer(caller: Caller, request: str, is_granted: bool | None, until: str | None) -> None:
    """Answer."""
    if is_granted is None:
        raise click.UsageError(say("say which it is: --granted or --declined"))
    outcome = "granted" if is_granted else "declined"
    reply = caller.act("consent.answer", {"request": request, "outcome": outcome, "valid_until": until})
    caller.told(reply, say("consent is {outcome}", outcome=say("granted") if is_granted else say("declined")))


@declare(
    "silence", say("enter that silence counts as consent, where the agreement says so of this act"), acts=True,
    examples=["cordiale consent silence jpn.m.0a1b --key keys/authority.key.json"],
)
@click.argument("request")
def silence(caller: Caller, request: str) -> None:
    """Enter it."""
    caller.told(caller.act("consent.silence", {"request": request}), say("entered"))


@declare(
    "compelled", say("enter that a law may force a disclosure; its originator is to be told"), acts=True,
    examples=["cordiale consent compelled UKR/JPN-2026-0001 --known 2026-11-16 --grounds 'order of a court' \\",
              "    --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--known", "known_on", required=True, metavar="DAY", help=say("since which day it is known"))
@click.option("--grounds", required=True, help=say("why; for a disclosure, the law or court that forces it"))
def compelled(caller: Caller, item: str, **given: Any) -> None:
    """Enter it."""
    caller.told(caller.act("consent.compelled", {"item": item, **given}), say("entered"))


@declare(
    "withdraw", say("take back a consent we gave"), acts=True,
    examples=["cordiale consent withdraw jpn.consent.0e1f --key keys/authority.key.json"],
)
@click.argument("consent")
def withdraw(caller: Caller, consent: str) -> None:
    """Take it back."""
    reply = caller.act("consent.withdraw", {"consent": consent})
    caller.told(reply, say("consent is withdrawn; the partner says how often it was used"))


@declare(
    "use", say("use an item abroad, archive it, publish it, or disclose what a law forces"), acts=True,
    examples=["cordiale consent use UKR/JPN-2026-0001 --act archive --purpose 'state archive' \\",
              "    --key keys/authority.key.json"],
)
@click.argument("item")
@click.option("--act", required=True, type=click.Choice(["use-abroad", "archive", "publish", "disclose"]),
              help=say("which use"))
@click.option("--purpose", required=True, help=say("what it is for"))
@click.option("--party", "parties", multiple=True, help=say("a party whose cooperation a publication is about"))
def use(caller: Caller, item: str, parties: tuple[str, ...], **given: Any) -> None:
    """Use it."""
    reply = caller.act("use", {"item": item, "parties": list(parties), **given})
    caller.told(reply, say("entered"))


@declare(
    "hand-over", say("hand an item over for good, to an archive or a third party, as an authority allowed"), acts=True,
    details=say("Every copy of the item that is held here ends, and the originator gets a certificate of each."),
    examples=["cordiale consent hand-over UKR/JPN-2026-0001 --to 'state archive' --receipt 'fonds 12, file 7' \\",
              "    --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--to", required=True, help=say("who receives it"))
@click.option("--receipt", required=True, help=say("the reference of their receipt"))
def hand_over(caller: Caller, item: str, to: str, receipt: str) -> None:
    """Hand it over."""
    reply = caller.act("transfer.away", {"item": item, "to": to, "receipt": receipt})
    caller.told(reply, say("{item} is handed over to {to}", **reply.answer))


@declare(
    "rights", say("enter who owns a right in an item, or that the owner has consented"), acts=True,
    examples=["cordiale consent rights UKR/JPN-2026-0001 --owner 'Exercise Works' --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--owner", help=say("who owns a right in it"))
@click.option("--reference", help=say("the letter by which the owner consented"))
def rights(caller: Caller, item: str, **given: Any) -> None:
    """Enter it."""
    caller.told(caller.act("rights", {"item": item, **given}), say("entered"))


@declare(
    "list", say("list requests for consent and their answers"), for_person=True,
    examples=["cordiale consent list --key keys/authority.key.json"],
)
@part_options
def list_consents(caller: Caller, **part: Any) -> None:
    """List them."""
    found = caller.view("view.consents", part)
    caller.show_part("cordiale consent list", found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    columns = [
        ("item", say("item")), ("act", say("act")), ("of_act", say("made of it")),
        ("of_number", say("number")), ("recipient", say("to")), ("purpose", say("purpose")),
        ("party", say("party")), ("state", say("state")), ("outcome", say("answer")), ("valid_until", say("until")),
    ]
    click.echo(say("requests"))
    show.table(found["requests"], [("request", say("request")), *columns], empty=say("nothing was asked"))
    click.echo(say("consents"))
    given = [("consent", say("consent")), *columns, ("rests", say("not used: the agreement is"))]
    show.table(found["consents"], given, empty=say("nothing was answered"))


command = group("consent", say("ask the originator for consent, and answer"), {
    "ask": ask, "answer": answer, "silence": silence, "compelled": compelled, "withdraw": withdraw, "use": use,
    "hand-over": hand_over, "rights": rights, "list": list_consents,
})

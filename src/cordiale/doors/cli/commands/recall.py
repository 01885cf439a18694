"""cordiale recall: the originator asks copies back, or orders them back where the agreement gives that right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import DAY, html_option, part_options
from cordiale.doors.cli.page import write_page
from cordiale.words import say


@declare(
    "ask", say("ask a partner for copies of our own item; where the agreement gives the right, it is an order"),
    acts=True,
    examples=[
        "cordiale recall ask JPN-2026-0001 --from UKR --reason 'the dialogue has ended' --key keys/registrar.key.json",
    ],
)
@click.argument("item")
@click.option("--from", "party", required=True, metavar="PARTY", help=say("the party that has them"))
@click.option("--reason", required=True, help=say("why"))
@click.option("--by", metavar=DAY, help=say("the day by which they are wanted"))
@click.option("--copy", "copies", multiple=True, type=int, help=say("only this copy; may be repeated"))
def ask(caller: Caller, item: str, copies: tuple[int, ...], **asked: Any) -> None:
    """Ask."""
    reply = caller.act("return.ask", {
        **asked, "copies": list(copies), "item": item,
    })
    sentence = say("{copies} copies are ordered back; request: {request}", **reply.answer)
    if reply.answer["kind"] != "order":
        sentence = say("{copies} copies are asked back, for nothing can be demanded; request: {request}",
                       **reply.answer)
    caller.told(reply, sentence)


@declare(
    "answer", say("answer a partner who asks its copies back"), acts=True,
    examples=["cordiale recall answer jpn.m.0a1b --key keys/registrar.key.json"],
)
@click.argument("request")
@click.option("--decline", is_flag=True, help=say("keep them, where nothing can be demanded"))
def answer(caller: Caller, request: str, decline: bool) -> None:
    """Answer."""
    reply = caller.act("return.answer", {"request": request, "decline": decline})
    caller.told(reply, *(f"{copy}  {outcome}" for copy, outcome in reply.answer["answers"].items()),
                say("next: {command}", command=f"cordiale return {reply.answer['item']}"))


@declare("list", say("list requests for return and what was answered"), for_person=True,
         examples=["cordiale recall list --key keys/registrar.key.json"])
@part_options
def list_(caller: Caller, **part: Any) -> None:
    """List them."""
    found = caller.view("view.returns", part)
    caller.show_part("cordiale recall list", found, lambda: show.table(found["requests"], [
        ("asked_at", say("asked")), ("kind", say("kind")), ("direction", say("direction")), ("party", say("party")),
        ("about", say("number")), ("by", say("by")), ("state", say("state")), ("request", say("request")),
    ], empty=say("nothing")))


@declare(
    "certificate", say("say what has become of everything that came under an agreement, or of one request"),
    for_person=True,
    details=say("Proved is what the node has looked at, attested what persons vouch for."),
    examples=["cordiale recall certificate --agreement jp-ua-2024 --html end.html --key keys/registrar.key.json"],
)
@click.option("--agreement", metavar="ID", help=say("everything under this agreement"))
@click.option("--request", metavar="ID", help=say("only what this request for return asked for"))
@html_option
def certificate(caller: Caller, agreement: str | None, request: str | None, html: Path | None) -> None:
    """Say it."""
    answer = caller.view("view.completeness", {
        "agreement": agreement, "request": request, "as": "html" if html else None,
    })
    if html is not None:
        write_page(caller, answer, html)
        return
    caller.show(answer, lambda: _write(answer))


def _write(answer: dict[str, Any]) -> None:
    show.lines([(say("complete"), answer["is_complete"]), (say("result"), answer["counts"])])
    show.table(answer["lines"], [
        ("number", say("number")), ("copy", say("copy")), ("ending", say("end")), ("done_on", say("on")),
        ("certificate", say("certificate")), ("worth", say("proof")),
    ], empty=say("nothing"))


command = group("recall", say("ask copies back, answer such requests"), {
    "ask": ask, "answer": answer, "list": list_, "certificate": certificate,
})

"""cordiale contract: assurances about firms, lists of classified parts, and the end of a contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, part_options
from cordiale.words import say

_TABLES = {"part": "parts"}
_FORM = click.argument("form", type=PATH)


@declare(
    "ask", say("ask the authority of a firm's country whether the firm is cleared"), acts=True,
    examples=[
        "cordiale contract ask exercise-jpn-ukr --party UKR --facility 'Exercise Works' --purpose 'bid 7' \\",
        "    --level 'EX-UKR:EXERCISE BARVINOK' --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.option("--party", required=True, metavar="PARTY", help=say("whose firm it is"))
@click.option("--facility", required=True, metavar="NAME", help=say("the firm"))
@click.option("--address", metavar="TEXT", help=say("where it is"))
@click.option("--level", required=True, metavar="LEVEL", help=say("up to which level, of that party"))
@click.option("--purpose", required=True, help=say("what it is for"))
def ask(caller: Caller, agreement: str, **given: str | None) -> None:
    """Ask."""
    reply = caller.act("facility.ask", {"agreement": agreement, **given})
    caller.told(reply, say("the question {query} is asked", **reply.answer))


@declare(
    "assure", say("answer a question about a firm of ours"), acts=True,
    examples=[
        "cordiale contract assure jpn.facility.act.0a1b --held 'EX-UKR:EXERCISE BARVINOK' --until 2027-08-31 \\",
        "    --key keys/authority.key.json",
        "cordiale contract assure jpn.facility.act.0a1b --in-process --key keys/authority.key.json",
    ],
)
@click.argument("query")
@click.option("--held", metavar="LEVEL", help=say("the firm is cleared up to this level"))
@click.option("--until", "valid_until", metavar="DAY", help=say("the last day it counts, such as 2026-12-31"))
@click.option("--in-process", is_flag=True, help=say("a clearance is in process"))
@click.option("--not-held", is_flag=True, help=say("the firm is not cleared"))
@click.option("--controlled", is_flag=True, help=say("and will not be, for a third state controls it"))
def assure(caller: Caller, query: str, held: str | None, valid_until: str | None, **flags: bool) -> None:
    """Answer."""
    if [bool(held), flags["in_process"], flags["not_held"]].count(True) != 1:
        raise click.UsageError(say("say which it is: --held, --in-process or --not-held"))
    assurance = "held" if held else "in-process" if flags["in_process"] else "not-held"
    reply = caller.act("facility.answer", {
        "query": query, "assurance": assurance, "level": held, "valid_until": valid_until,
        "controlled": flags["controlled"],
    })
    caller.told(reply, say("the question is answered"))


@declare(
    "withdraw", say("tell the partner that an assured clearance of a firm has ended"), acts=True,
    examples=["cordiale contract withdraw jpn.facility.act.0a1b --key keys/authority.key.json"],
)
@click.argument("query")
def withdraw(caller: Caller, query: str) -> None:
    """Tell it."""
    caller.told(caller.act("facility.withdraw", {"query": query}), say("the partner is told"))


@declare(
    "tell", say("tell the contractor's authority of a contract and its list of classified parts"), acts=True,
    details=say("The form is a TOML file with a table for each part; docs/contracts.md has one."),
    examples=["cordiale contract tell contract.toml --key keys/security.key.json"],
)
@_FORM
def tell(caller: Caller, form: Path) -> None:
    """Tell it."""
    from cordiale.doors.cli.forms import read_form

    reply = caller.act("contract.tell", read_form(form, _TABLES))
    caller.told(reply, say("contract {contract}: list {number} is told", **reply.answer))


@declare(
    "change", say("tell of a changed list"), acts=True,
    examples=["cordiale contract change jpn.contract.act.0a1b parts.toml --key keys/security.key.json"],
)
@click.argument("contract")
@_FORM
def change(caller: Caller, contract: str, form: Path) -> None:
    """Tell it."""
    from cordiale.doors.cli.forms import read_form

    reply = caller.act("contract.change", {"contract": contract, **read_form(form, _TABLES)})
    caller.told(reply, say("contract {contract}: list {number} is told", **reply.answer))


@declare(
    "answer", say("acknowledge a list in writing, or decline it"), acts=True,
    examples=["cordiale contract answer jpn.contract.act.0a1b --acknowledge --key keys/authority.key.json"],
)
@click.argument("contract")
@click.option("--acknowledge/--decline", "is_acknowledged", default=None, help=say("the answer"))
def answer(caller: Caller, contract: str, is_acknowledged: bool | None) -> None:
    """Answer the list that is shown."""
    if is_acknowledged is None:
        raise click.UsageError(say("say which it is: --acknowledge or --decline"))
    shown = caller.view("view.contract", {"contract": contract})
    outcome = "acknowledged" if is_acknowledged else "declined"
    reply = caller.act("contract.answer", {"contract": contract, "number": shown["number"], "outcome": outcome})
    caller.told(reply, say("list {number} of {contract} is answered", **reply.answer))


@declare(
    "file", say("file a registered foreign item under its contract"), acts=True,
    examples=["cordiale contract file jpn.contract.act.0a1b UKR/JPN-2026-0001 --key keys/registrar.key.json"],
)
@click.argument("contract")
@click.argument("item")
def file(caller: Caller, contract: str, item: str) -> None:
    """File it."""
    reply = caller.act("contract.file", {"contract": contract, "item": item})
    caller.told(reply, say("{item} is filed under {contract}", **reply.answer))


@declare(
    "end", say("end a contract with everything below it, or a bid without award"), acts=True,
    details=say("Each of its items is then due to be returned or destroyed, at both sides."),
    examples=["cordiale contract end jpn.contract.act.0a1b --ended --key keys/security.key.json"],
)
@click.argument("contract")
@click.option("--ended/--not-awarded", "is_ended", default=None, help=say("how it came to its end"))
def end(caller: Caller, contract: str, is_ended: bool | None) -> None:
    """End it."""
    if is_ended is None:
        raise click.UsageError(say("say which it is: --ended or --not-awarded"))
    reply = caller.act("contract.end", {"contract": contract, "ending": "ended" if is_ended else "not-awarded"})
    caller.told(reply, say("{contract} is over; {items} items here are to be returned or destroyed", **reply.answer))


@declare(
    "list", say("list contracts and the firms that were asked about"), for_person=True,
    examples=["cordiale contract list --key keys/security.key.json"],
)
@part_options
def list_contracts(caller: Caller, **part: Any) -> None:
    """List them."""
    found = caller.view("view.contracts", part)
    caller.show_part("cordiale contract list", found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.table(found["firms"], [
        ("query", say("question")), ("direction", say("way")), ("facility", say("firm")), ("party", say("party")),
        ("state", say("state")), ("held", say("up to")), ("valid_until", say("until")),
    ], empty=say("no firm was asked about"))
    show.table(found["contracts"], [
        ("contract", say("contract")), ("direction", say("way")), ("title", say("title")), ("party", say("party")),
        ("level", say("level")), ("number", say("list")), ("state", say("state")), ("parent", say("part of")),
    ], empty=say("there are no contracts"))


@declare(
    "show", say("show one contract with its list and its items"), for_person=True,
    examples=["cordiale contract show jpn.contract.act.0a1b --key keys/security.key.json"],
)
@click.argument("contract")
def show_contract(caller: Caller, contract: str) -> None:
    """Show it."""
    found = caller.view("view.contract", {"contract": contract})
    caller.show(found, lambda: show.any_value(found))


command = group("contract", say("classified contracts: firms, lists of parts, and their end"), {
    "ask": ask, "assure": assure, "withdraw": withdraw, "tell": tell, "change": change, "answer": answer, "file": file,
    "end": end, "list": list_contracts, "show": show_contract,
})

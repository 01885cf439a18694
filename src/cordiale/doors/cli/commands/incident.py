"""cordiale incident: report what has gone wrong, freeze at once, tell the partner, inquire and close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say

_PARTS = ("facts", "extent", "remedy", "prevention")


def _some(**given: Any) -> dict[str, Any]:
    """Return what was given: options that were left away say nothing."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
            if value not in (None, "", (), False)}


@declare(
    "report", say("report a loss, a compromise, or the suspicion of one"), acts=True,
    details=say(
        "Anybody who has a key here reports, in one sentence; suspicion suffices. Items are named by number or "
        "reference. What is affected is drawn up from the books and stays here."
    ),
    examples=[
        "cordiale incident report 'The folder was left in a train' --item UKR/JPN-2026-0001 --kind loss \\",
        "    --key keys/reader.key.json",
    ],
)
@click.argument("sentence", required=False)
@click.option("--item", "items", multiple=True, help=say("an item it is about; may be repeated"))
@click.option("--copy", "copies", multiple=True, help=say("a copy it is about; may be repeated"))
@click.option("--kind", metavar="KIND", help=say(
    "loss, compromise, suspected, delay, wrong-mark, unsolicited, tampered or system"))
@click.option("--consignment", help=say("the consignment it happened to"))
@click.option("--third-country", metavar="PARTY", help=say("where it happened, if in a third country"))
@click.option("--draft", help=say("a report that was prepared, to be signed"))
def report(caller: Caller, sentence: str | None, **given: Any) -> None:
    """Report."""
    reply = caller.act("incident.report", _some(what=sentence, **given))
    caller.told(reply, say("reported: case {incident}", **reply.answer))


@declare("list", say("list the cases, prepared reports and freezes"), for_person=True,
         examples=["cordiale incident list --key keys/security.key.json"])
@click.option("--state", metavar="STATE", help=say("open, concluded or closed"))
@part_options
def list_incidents(caller: Caller, **given: Any) -> None:
    """List them."""
    found = caller.view("view.incidents", _some(**given))
    typed = "cordiale incident list" + (f" --state {given['state']}" if given["state"] else "")
    caller.show_part(typed, found, lambda: _write_list(found))


def _write_list(found: Mapping[str, Any]) -> None:
    show.table(found["incidents"], [
        ("incident", say("case")), ("kind", say("kind")), ("state", say("state")), ("reported_at", say("since")),
        ("items", say("items")), ("what", say("what")),
    ], empty=say("there is no such case"))
    for name, heading, columns in (
        ("drafts", say("prepared reports"), ("draft", "cause", "number", "copy_number", "place")),
        ("freezes", say("frozen"), ("item", "copy", "reason", "frozen_at", "incident")),
        ("orders", say("orders to freeze"), ("order", "item", "party", "demand", "state", "reason")),
    ):
        if found[name]:
            click.echo(heading)
            show.table(found[name], [(one, one.replace("_", " ")) for one in columns], empty="")


@declare("show", say("show a case, with what is affected and what was told to whom"), for_person=True,
         examples=["cordiale incident show ukr.incident.0a1b --key keys/security.key.json"])
@click.argument("incident")
def show_incident(caller: Caller, incident: str) -> None:
    """Show it."""
    found = caller.view("view.incident", {"incident": incident})
    caller.show(found, lambda: show.any_value(found))


@declare("add", say("note something in the inquiry, and name further items; it stays here"), acts=True,
         examples=["cordiale incident add ukr.incident.0a1b 'The lock is whole' --key keys/security.key.json"])
@click.argument("incident")
@click.argument("note")
@click.option("--item", "items", multiple=True, help=say("an item it is about; may be repeated"))
def add(caller: Caller, incident: str, note: str, items: tuple[str, ...]) -> None:
    """Note it."""
    reply = caller.act("incident.add", _some(incident=incident, note=note, items=items))
    caller.told(reply, say("noted in case {incident}", **reply.answer))


@declare("freeze", say("freeze an item or a copy: reading, dispatch and reproduction stop at once"), acts=True,
         details=say("With --at a partner is asked to freeze it; whether it must is what the agreement says."),
         examples=[
             "cordiale incident freeze UKR/JPN-2026-0001 'It may have been seen' --key keys/security.key.json",
             "cordiale incident freeze JPN-2026-0003 'A copy was seen outside' --at UKR --key keys/authority.key.json",
         ])
@click.argument("item")
@click.argument("reason")
@click.option("--copy", help=say("this copy only"))
@click.option("--incident", help=say("the case it belongs to"))
@click.option("--at", "party", metavar="PARTY", help=say("the partner that has it"))
def freeze(caller: Caller, item: str, reason: str, party: str | None, **given: Any) -> None:
    """Freeze it."""
    if party:
        reply = caller.act("freeze.order", {"item": item, "party": party, "demand": "freeze", "reason": reason})
        caller.told(reply, say("{party} is asked to freeze it", **reply.answer))
        return
    reply = caller.act("freeze", _some(item=item, reason=reason, **given))
    caller.told(reply, say("{item} is frozen", item=item))


@declare("lift", say("lift a freeze; never as who reported the case"), acts=True,
         examples=["cordiale incident lift UKR/JPN-2026-0001 'It was found, sealed' --key keys/security.key.json"])
@click.argument("item")
@click.argument("reason")
@click.option("--copy", help=say("this copy only"))
@click.option("--at", "party", metavar="PARTY", help=say("the partner that has it"))
def lift(caller: Caller, item: str, reason: str, copy: str | None, party: str | None) -> None:
    """Lift it."""
    if party:
        reply = caller.act("freeze.order", {"item": item, "party": party, "demand": "lift", "reason": reason})
        caller.told(reply, say("{party} is asked to lift the freeze", **reply.answer))
        return
    reply = caller.act("freeze.lift", _some(item=item, reason=reason, copy=copy))
    caller.told(reply, say("{item} is no longer frozen", item=item))


@declare("answer-freeze", say("answer a partner who asked to freeze, or to lift that again"), acts=True,
         examples=["cordiale incident answer-freeze jpn.m.0a1b --key keys/security.key.json"])
@click.argument("order")
@click.option("--decline", is_flag=True, help=say("it is not done"))
def answer_freeze(caller: Caller, order: str, decline: bool) -> None:
    """Answer."""
    reply = caller.act("freeze.answer", _some(order=order, decline=decline))
    caller.told(reply, say("answered to {party}: {outcome}", **reply.answer))


@declare("tell", say("tell a partner's authority of a case, or correct what it was told"), acts=True,
         details=say("Only what passed between the two parties is named, and never who read or held it."),
         examples=[
             "cordiale incident tell ukr.incident.0a1b --to JPN --agreement jpn-ukr-2024 \\",
             "    --fact 'A paper of yours is not found' --measure 'The registry is searched' \\",
             "    --key keys/authority.key.json",
         ])
@click.argument("incident")
@click.option("--to", "party", metavar="PARTY", required=True, help=say("the party that is told"))
@click.option("--agreement", required=True, help=say("under which agreement"))
@click.option("--fact", "facts", multiple=True, help=say("what happened, in one line; may be repeated"))
@click.option("--measure", "measures", multiple=True, help=say("what was done, in one line; may be repeated"))
@click.option("--certain/--suspected", "certain", default=None, help=say("whether it is known to have happened"))
def tell(caller: Caller, incident: str, certain: bool | None, **given: Any) -> None:
    """Tell it."""
    sent = _some(incident=incident, **given) | ({} if certain is None else {"certain": certain})
    reply = caller.act("incident.tell", sent)
    caller.told(reply, say("{party} is told", **reply.answer))


@declare("reply", say("say something of a case to the partner it is shared with"), acts=True,
         examples=["cordiale incident reply in/ukr/ukr.incident.0a1b acknowledged --key keys/authority.key.json"])
@click.argument("share")
@click.argument("kind")
@click.option("--line", "lines", multiple=True, help=say("a line for the partner; may be repeated"))
def reply_to(caller: Caller, share: str, kind: str, lines: tuple[str, ...]) -> None:
    """Say it."""
    reply = caller.act("incident.reply", _some(share=share, kind=kind, lines=lines))
    caller.told(reply, say("{party} is told", **reply.answer))


def _parts(function: Any) -> Any:
    for name in reversed(_PARTS):
        option = click.option(f"--{name}", multiple=True, help=say("one line of this part; may be repeated"))
        function = option(function)
    return function


@declare("conclude", say("conclude an inquiry with its final report; never as who reported the case"), acts=True,
         examples=[
             "cordiale incident conclude ukr.incident.0a1b --facts 'Left in a train' --extent 'One copy' \\",
             "    --remedy 'Found, sealed' --prevention 'Couriers go in pairs' --key keys/head.key.json",
         ])
@click.argument("incident")
@_parts
@click.option("--weakness", "weaknesses", multiple=True, help=say("a weakness that contributed; it stays here"))
def conclude(caller: Caller, incident: str, **given: Any) -> None:
    """Conclude it."""
    reply = caller.act("incident.conclude", _some(incident=incident, **given))
    caller.told(reply, say("case {incident} is {state}", **reply.answer))


@declare("final", say("send a partner the final report, in full or in words meant for the partner"), acts=True,
         examples=["cordiale incident final ukr.incident.7c9d --key keys/authority.key.json"])
@click.argument("share")
@_parts
def final(caller: Caller, share: str, **given: Any) -> None:
    """Send it."""
    reply = caller.act("incident.final", _some(share=share, **given))
    caller.told(reply, say("{party} is told", **reply.answer))


@declare("reopen", say("open a concluded or closed case again"), acts=True,
         examples=["cordiale incident reopen ukr.incident.0a1b 'A second copy' --key keys/security.key.json"])
@click.argument("incident")
@click.argument("reason")
def reopen(caller: Caller, incident: str, reason: str) -> None:
    """Open it again."""
    reply = caller.act("incident.reopen", {"incident": incident, "reason": reason})
    caller.told(reply, say("case {incident} is {state}", **reply.answer))


command = group("incident", say("report an incident, freeze, tell partners, inquire"), {
    "report": report, "list": list_incidents, "show": show_incident, "freeze": freeze, "lift": lift,
    "answer-freeze": answer_freeze, "add": add, "tell": tell, "reply": reply_to, "conclude": conclude, "final": final,
    "reopen": reopen,
})

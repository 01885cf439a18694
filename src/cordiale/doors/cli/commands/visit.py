"""cordiale visit: ask for visits, decide on them, let visitors in, and write up what they learned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, part_options
from cordiale.words import say

_TABLES = {"site": "sites", "visitor": "visitors"}


@declare(
    "ask", say("ask the host's authority for a visit, as a form says"), acts=True,
    details=say("The form is a TOML file with a table for each place and each visitor; docs/visits.md has one."),
    examples=["cordiale visit ask visit.toml --key keys/authority.key.json"],
)
@click.argument("form", type=PATH)
def ask(caller: Caller, form: Path) -> None:
    """Ask."""
    from cordiale.doors.cli.forms import read_form

    reply = caller.act("visit.request", read_form(form, _TABLES))
    caller.told(
        reply, say("the visit {visit} is asked for", **reply.answer),
        say("the last day to ask was {file_by}", **reply.answer),
    )


@declare(
    "amend", say("ask for other visitors or later days"), acts=True,
    examples=["cordiale visit amend ukr.visit.act.0a1b --until 2026-12-18 --key keys/authority.key.json"],
)
@click.argument("visit")
@click.option("--from", "first_day", metavar="DAY", help=say("the first day, never earlier than before"))
@click.option("--until", "last_day", metavar="DAY", help=say("the last day, never earlier than before"))
@click.option("--drop", multiple=True, metavar="VISITOR", help=say("a visitor who does not come; repeatable"))
@click.option("--add", "form", type=PATH, help=say("a form with a table for each further visitor"))
def amend(caller: Caller, visit: str, form: Path | None, drop: tuple[str, ...], **days: str | None) -> None:
    """Ask for it."""
    from cordiale.doors.cli.forms import read_form

    added = read_form(form, _TABLES) if form is not None else {}
    reply = caller.act("visit.amend", {"visit": visit, "drop": list(drop), **days, **added})
    caller.told(reply, say("amendment {amendment} of {visit} is asked for", **reply.answer))


@declare(
    "answer", say("approve a visit, some of its visitors, or refuse it, as the host"), acts=True,
    details=say("A refusal gives no reason. Approve nobody to refuse."),
    examples=[
        "cordiale visit answer ukr.visit.act.0a1b --all --conditions 'escorted' --key keys/authority.key.json",
        "cordiale visit answer ukr.visit.act.0a1b --refuse --key keys/authority.key.json",
    ],
)
@click.argument("visit")
@click.option("--all", "everybody", is_flag=True, help=say("approve everybody who is asked for"))
@click.option("--approve", multiple=True, metavar="VISITOR", help=say("approve this visitor; repeatable"))
@click.option("--refuse", is_flag=True, help=say("refuse"))
@click.option("--conditions", metavar="TEXT", help=say("what binds the visitors"))
@click.option("--warning", metavar="TEXT", help=say("a threat that the visitors are warned of"))
@click.option("--evacuation", metavar="TEXT", help=say("what is planned for their protection and evacuation"))
def answer(caller: Caller, visit: str, everybody: bool, approve: tuple[str, ...], **given: Any) -> None:
    """Answer the version that is shown."""
    if [everybody, bool(approve), given.pop("refuse")].count(True) != 1:
        raise click.UsageError(say("say which it is: --all, --approve or --refuse"))
    shown = caller.view("view.visit", {"visit": visit})
    asked = shown.get("amendment", shown)["visitors"]
    named = [one["visitor"] for one in asked if one["state"] not in ("suspended", "cancelled")]
    reply = caller.act("visit.answer", {
        "visit": visit, "number": shown.get("number", 0), "approve": named if everybody else list(approve), **given,
    })
    is_approved = reply.answer["outcome"] == "approved"
    caller.told(reply, say("the visit is approved") if is_approved else say("the visit is refused"))


@declare(
    "end", say("cancel a visit or suspend it, for all or for single visitors"), acts=True,
    examples=["cordiale visit end ukr.visit.act.0a1b --cancel --key keys/authority.key.json"],
)
@click.argument("visit")
@click.option("--cancel/--suspend", "is_cancelled", default=None, help=say("for good, or until approved anew"))
@click.option("--visitor", "visitors", multiple=True, metavar="VISITOR", help=say("only this visitor; repeatable"))
def end(caller: Caller, visit: str, is_cancelled: bool | None, visitors: tuple[str, ...]) -> None:
    """End it at once."""
    if is_cancelled is None:
        raise click.UsageError(say("say which it is: --cancel or --suspend"))
    ending = "cancelled" if is_cancelled else "suspended"
    reply = caller.act("visit.end", {"visit": visit, "ending": ending, "visitors": list(visitors)})
    caller.told(reply, say("{count} visitors are not to come; the other side is told", count=len(
        reply.answer["visitors"])))


@declare(
    "announce", say("announce one visit of an approved series to the place"), acts=True,
    examples=[
        "cordiale visit announce ukr.visit.act.0a1b --site 'Exercise Plant' --on 2026-12-14 \\",
        "    --visitor ukr.visit.act.0a1b.001 --key keys/registrar.key.json",
    ],
)
@click.argument("visit")
@click.option("--site", required=True, metavar="NAME", help=say("the place, as the request names it"))
@click.option("--on", "first_day", required=True, metavar="DAY", help=say("the first day"))
@click.option("--until", "last_day", metavar="DAY", help=say("the last day, where it is another"))
@click.option("--visitor", "visitors", multiple=True, required=True, metavar="VISITOR",
              help=say("who comes; repeatable"))
def announce(caller: Caller, visit: str, last_day: str | None, visitors: tuple[str, ...], **given: str) -> None:
    """Announce it."""
    reply = caller.act("visit.announce", {
        "visit": visit, "last_day": last_day or given["first_day"], "visitors": list(visitors), **given,
    })
    caller.told(reply, say("the visit is announced"))


@declare(
    "brief", say("tell a place of ours the subject, scope and highest level of a visit"), acts=True,
    examples=["cordiale visit brief ukr.visit.act.0a1b --site 'Exercise Plant' --key keys/security.key.json"],
)
@click.argument("visit")
@click.option("--site", required=True, metavar="NAME", help=say("the place, as the request names it"))
def brief(caller: Caller, visit: str, site: str) -> None:
    """Print what the place is told, and enter that it was."""
    reply = caller.act("visit.brief", {"visit": visit, "site": site})
    told = reply.answer
    caller.told(reply, say("to {site}: {purpose}; {programme}; up to {level}", **told))


@declare(
    "admit", say("let a visitor in, today"), acts=True,
    examples=[
        "cordiale visit admit ukr.visit.act.0a1b ukr.visit.act.0a1b.001 --site 'Exercise Plant' \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("visit")
@click.argument("visitor")
@click.option("--site", required=True, metavar="NAME", help=say("the place, as the request names it"))
def admit(caller: Caller, visit: str, visitor: str, site: str) -> None:
    """Let them in."""
    reply = caller.act("visit.admit", {"visit": visit, "visitor": visitor, "site": site})
    told = [text for name, text in (
        ("conditions", say("conditions: {text}", text=reply.answer.get("conditions", ""))),
        ("warning", say("warning: {text}", text=reply.answer.get("warning", ""))),
        ("evacuation", say("evacuation: {text}", text=reply.answer.get("evacuation", ""))),
    ) if reply.answer.get(name)]
    caller.told(reply, say("{visitor} may go in, for information up to {level}", **reply.answer), *told)


@declare(
    "leave", say("enter that a visitor has left the place"), acts=True,
    examples=["cordiale visit leave ukr.visit.act.0a1b ukr.visit.act.0a1b.001 --key keys/registrar.key.json"],
)
@click.argument("visit")
@click.argument("visitor")
def leave(caller: Caller, visit: str, visitor: str) -> None:
    """Enter it."""
    reply = caller.act("visit.leave", {"visit": visit, "visitor": visitor})
    caller.told(reply, say("{visitor} has left", **reply.answer))


@declare(
    "disclose", say("write up what visitors were told or shown today, and at which level"), acts=True,
    examples=[
        "cordiale visit disclose ukr.visit.act.0a1b --oral --level 'EX-JPN:EXERCISE SAKURA' \\",
        "    --subject 'Exercise briefing' --listener ukr.visit.act.0a1b.001 --key keys/originator.key.json",
    ],
)
@click.argument("visit")
@click.option("--oral/--visual", "is_oral", default=True, help=say("how it was disclosed"))
@click.option("--level", required=True, metavar="LEVEL", help=say("the level that the listeners were told"))
@click.option("--subject", required=True, metavar="TEXT", help=say("one line that gives nothing away"))
@click.option("--listener", "listeners", multiple=True, required=True, metavar="VISITOR",
              help=say("who was told; repeatable"))
def disclose(caller: Caller, visit: str, is_oral: bool, listeners: tuple[str, ...], **given: str) -> None:
    """Write it up."""
    reply = caller.act("visit.disclose", {
        "visit": visit, "manner": "oral" if is_oral else "visual", "listeners": list(listeners), **given,
    })
    caller.told(
        reply, say("disclosure {disclosure} is written up; the other side is told", **reply.answer),
        say("label a note with --form oral, release and dispatch it, then confirm with `cordiale visit confirm`"),
    )


@declare(
    "confirm", say("tie a disclosure to the note that confirms it"), acts=True,
    examples=["cordiale visit confirm jpn.disclosure.act.0c1d jpn.act.0e1f --key keys/originator.key.json"],
)
@click.argument("disclosure")
@click.argument("item")
def confirm(caller: Caller, disclosure: str, item: str) -> None:
    """Tie them."""
    reply = caller.act("visit.confirm", {"disclosure": disclosure, "item": item})
    caller.told(reply, say("{disclosure} is confirmed by {item}", **reply.answer))


@declare(
    "file-by", say("say by which day a visit must be asked for"), for_person=True,
    examples=[
        "cordiale visit file-by exercise-jpn-ukr --host JPN --on 2026-12-14 --level 'EX-JPN:EXERCISE SAKURA' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.option("--host", required=True, metavar="PARTY", help=say("who is visited"))
@click.option("--on", "first_day", required=True, metavar="DAY", help=say("the first day"))
@click.option("--level", required=True, metavar="LEVEL", help=say("the highest level, of the host"))
@click.option("--kind", default="once", metavar="KIND", help=say("once, urgent, recurring or security"))
def file_by(caller: Caller, agreement: str, **given: str) -> None:
    """Count it with the host's holidays."""
    found = caller.view("view.visit-file-by", {"agreement": agreement, **given})
    caller.show(found, lambda: show.lines([
        (say("ask by"), found.get("file_by", say("no layer says it"))), (say("article"), found["articles"]),
    ]))


@declare(
    "list", say("list visits that are asked for or approved"), for_person=True,
    examples=["cordiale visit list --key keys/authority.key.json"],
)
@click.option("--state", metavar="STATE", help=say("only those in this state, such as refused or cancelled"))
@part_options
def list_visits(caller: Caller, **given: Any) -> None:
    """List them."""
    found = caller.view("view.visits", given)
    typed = "cordiale visit list" + (f" --state {given['state']}" if given["state"] else "")
    caller.show_part(typed, found, lambda: show.table(found["visits"], [
        ("visit", say("visit")), ("direction", say("way")), ("party", say("party")), ("kind", say("kind")),
        ("first_day", say("from")), ("last_day", say("until")), ("level", say("level")), ("state", say("state")),
        ("late", say("late")),
    ], empty=say("there are no such visits")))


@declare(
    "show", say("show one visit with its visitors"), for_person=True,
    examples=["cordiale visit show ukr.visit.act.0a1b --key keys/authority.key.json"],
)
@click.argument("visit")
def show_visit(caller: Caller, visit: str) -> None:
    """Show it."""
    found = caller.view("view.visit", {"visit": visit})
    caller.show(found, lambda: show.any_value(found))


@declare(
    "prepare-inspection", say("prepare what security experts are shown of the keeping of their items"), acts=True,
    examples=["cordiale visit prepare-inspection ukr.visit.act.0a1b --key keys/security.key.json"],
)
@click.argument("visit")
def prepare_inspection(caller: Caller, visit: str) -> None:
    """Prepare it."""
    reply = caller.act("visit.inspection", {"visit": visit})
    caller.told(reply, say("{items} items are in the package; left out: {left_out}", **reply.answer))


@declare(
    "inspection", say("print the inspection package, for the originator's experts"), for_person=True,
    details=say("As one JSON object: the originator's own items, their copies, certificates and last count."),
    examples=["cordiale visit inspection ukr.visit.act.0a1b --key keys/security.key.json >package.json"],
)
@click.argument("visit")
def inspection(caller: Caller, visit: str) -> None:
    """Print all of its pages."""
    found = caller.view("view.inspection", {"visit": visit})
    items, after = list(found["items"]), found["next"]
    while after:
        page = caller.view("view.inspection", {"visit": visit, "after": after})
        items, after = items + page["items"], page["next"]
    caller.write_json({"agreement": found["agreement"], "items": items, "originator": found["originator"]})


@declare(
    "check", say("enter that our authority has looked at a holder of foreign information"), acts=True,
    examples=[
        "cordiale visit check exercise-jpn-ukr --holder 'Exercise Works' --finding 'in order' \\",
        "    --key keys/authority.key.json",
    ],
)
@click.argument("agreement")
@click.option("--holder", required=True, metavar="NAME", help=say("whom it has looked at"))
@click.option("--finding", required=True, metavar="TEXT", help=say("what it found"))
def check(caller: Caller, agreement: str, **given: str) -> None:
    """Enter it."""
    reply = caller.act("holder.check", {"agreement": agreement, **given})
    due = reply.answer.get("due")
    caller.told(reply, say("next time by {due}", due=due) if due else say("no layer says when the next time is"))


command = group("visit", say("visits: ask, decide, admit, write up what was learned"), {
    "ask": ask, "amend": amend, "answer": answer, "end": end, "announce": announce, "brief": brief, "admit": admit,
    "leave": leave, "disclose": disclose, "confirm": confirm, "file-by": file_by, "list": list_visits,
    "show": show_visit, "prepare-inspection": prepare_inspection, "inspection": inspection, "check": check,
})

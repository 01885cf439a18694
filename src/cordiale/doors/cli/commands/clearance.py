"""cordiale clearance: ask and answer between authorities, assure, brief, and list who is cleared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say


def _some(**given: Any) -> dict[str, Any]:
    """Return what was given: options that were left away say nothing."""
    return {name: value for name, value in given.items() if value not in (None, "", False)}


@declare("ask", say("ask a partner's authority whether a person of its own is cleared"), acts=True, examples=[
    "cordiale clearance ask 'A. Exercise' 'EX-UKR:EXERCISE BARVINOK' --to UKR --agreement jpn-ukr-2024 \\",
    "    --purpose 'Joint exercise' --key keys/authority.key.json",
])
@click.argument("name")
@click.argument("level")
@click.option("--to", "party", metavar="PARTY", required=True, help=say("the party that is asked"))
@click.option("--agreement", required=True, help=say("under which agreement"))
@click.option("--purpose", required=True, help=say("what it is for"))
@click.option("--born", "born_on", metavar="DAY", help=say("the day of birth, where it is needed"))
def ask(caller: Caller, **given: Any) -> None:
    """Ask."""
    reply = caller.act("clearance.ask", _some(**given))
    caller.told(reply, say("{party} is asked: question {query}", **reply.answer))


@declare("answer", say("answer a question about one of our people, as the register stands"), acts=True, details=say(
    "With --person the register says whether, and until when; yes is never said by hand. Without it the answer is no, "
    "or in process."
), examples=["cordiale clearance answer jpn.m.0a1b --person reader --key keys/authority.key.json"])
@click.argument("query")
@click.option("--person", help=say("who it is, in the list of our people"))
@click.option("--in-process", is_flag=True, help=say("the clearance is in process"))
def answer(caller: Caller, **given: Any) -> None:
    """Answer."""
    reply = caller.act("clearance.answer", _some(**given))
    caller.told(reply, say("answered to {party}: {outcome}", **reply.answer))


@declare("assure", say("assure a partner that somebody is cleared and needs to know, without a name"), acts=True,
         examples=[
             "cordiale clearance assure reader 'EX-UKR:EXERCISE BARVINOK' --to JPN --agreement jpn-ukr-2024 \\",
             "    --purpose 'Joint exercise' --article 'Art. 7(5)' --key keys/authority.key.json",
         ])
@click.argument("person")
@click.argument("level")
@click.option("--to", "party", metavar="PARTY", required=True, help=say("the party that is told"))
@click.option("--agreement", required=True, help=say("under which agreement"))
@click.option("--purpose", required=True, help=say("what it is for"))
@click.option("--article", required=True, help=say("the provision"))
def assure(caller: Caller, **given: Any) -> None:
    """Assure."""
    reply = caller.act("clearance.assure", _some(**given))
    caller.told(reply, say("{party} is told", **reply.answer))


@declare("brief", say("enter that somebody was briefed; it counts once they acknowledge it"), acts=True,
         examples=["cordiale clearance brief reader --agreement jpn-ukr-2024 --key keys/security.key.json"])
@click.argument("person")
@click.option("--agreement", required=True, help=say("under which agreement"))
@click.option("--until", metavar="DAY", help=say("the last day it counts, such as 2026-12-31"))
def brief(caller: Caller, **given: Any) -> None:
    """Enter it."""
    reply = caller.act("briefing.give", _some(**given))
    caller.told(reply, say("{person} acknowledges it: briefing {briefing}, until {until}", **reply.answer))


@declare("acknowledge", say("acknowledge in writing that you were briefed"), acts=True,
         examples=["cordiale clearance acknowledge act.0a1b --key keys/reader.key.json"])
@click.argument("briefing")
def acknowledge(caller: Caller, briefing: str) -> None:
    """Acknowledge it."""
    reply = caller.act("briefing.acknowledge", {"briefing": briefing})
    caller.told(reply, say("acknowledged; it counts until {until}", **reply.answer))


@declare("roster", say("list who is cleared today, in a unit or in all"), for_person=True, details=say(
    "With --for it is the extract for the other authority: names, posts and levels, and only where the agreement "
    "demands one."
), examples=["cordiale clearance roster --unit 'dialogue desk' --key keys/security.key.json"])
@click.option("--unit", help=say("this unit only"))
@click.option("--for", "for_agreement", metavar="AGREEMENT", help=say("the extract that this agreement demands"))
def roster(caller: Caller, **given: Any) -> None:
    """List them."""
    found = caller.view("view.roster", _some(**given))
    caller.show(found, lambda: show.table(found["persons"], [
        ("name", say("name")), ("post", say("post")), ("unit", say("unit")), ("cleared", say("cleared")),
        ("briefed", say("briefed")), ("offices", say("offices")),
    ], empty=say("nobody is entered")))


@declare("list", say("list questions about clearances, what partners were told, and briefings that wait"),
         for_person=True, examples=["cordiale clearance list --key keys/security.key.json"])
@part_options
def list_clearances(caller: Caller, **part: Any) -> None:
    """List them."""
    found = caller.view("view.clearances", part)
    caller.show_part("cordiale clearance list", found, lambda: _write(found))


def _write(found: Mapping[str, Any]) -> None:
    for name, heading, columns in (
        ("queries", say("questions"), ("query", "party", "name", "level", "purpose", "state", "valid_until")),
        ("told", say("told"), ("person", "party", "level", "valid_until")),
        ("briefings", say("briefings"), ("briefing", "person", "agreement", "until")),
    ):
        click.echo(heading)
        show.table(found[name], [(one, one.replace("_", " ")) for one in columns], empty=say("nothing was asked"))


command = group("clearance", say("clearances between authorities, briefings, and who is cleared"), {
    "ask": ask, "answer": answer, "assure": assure, "brief": brief, "acknowledge": acknowledge, "roster": roster,
    "list": list_clearances,
})

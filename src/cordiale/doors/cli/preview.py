"""What a person reads before signing a release: the item as both sides see it, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.words import say
from cordiale.words.codes import WORDS, act_word

_ASKED: Final = ("item", "recipient", "purpose", "agreement", "link", "registry")


def fetch_preview(caller: Caller, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the node's preview of a release on the terms in `given`."""
    return caller.view("view.preview", {name: given.get(name) for name in _ASKED})


def write_preview(answer: Mapping[str, Any]) -> None:
    """Write a preview for a person to read."""
    from cordiale.doors.cli.client import reasons_from
    from cordiale.doors.cli.trouble import reason_line

    click.echo(say("as we mark it:"))
    show.banner(answer["banner_ours"])
    if "banner_theirs" in answer:
        click.echo(say("as {party} will see it:", party=answer["recipient"]))
        show.banner(answer["banner_theirs"])
    show.lines([
        (say("item"), f"{answer['reference']}  {answer['title']}"), (say("to"), answer["recipient"]),
        (say("purpose"), answer["purpose"]), (say("released to"), answer["release_to"]),
        (say("agreement"), say("{agreement}, version {version}", **answer)),
        (say("level there"), _with_article(answer)), (say("what is signed"), answer["binding"]),
    ])
    for duty in answer["duties"]:
        click.echo("  " + _duty(duty))
    reasons = reasons_from(answer["reasons"])
    if reasons:
        click.echo(say("what stands against its dispatch now:"))
        for reason in reasons:
            click.echo(f"  - {reason_line(reason)}")


def _with_article(answer: Mapping[str, Any]) -> str:
    level = answer.get("level_theirs", "")
    return f"{level} ({answer['article']})" if level else say("none: the table of the agreement has no row for it")


def _duty(duty: Mapping[str, Any]) -> str:
    parts = [say("{act}: {ruling}", act=say(act_word(duty["act"])), ruling=say(WORDS[duty["ruling"]]))]
    if duty["persons"] > 1:
        parts.append(say("{count} persons", count=duty["persons"]))
    parts.extend(_within(one) for one in duty["within"])
    articles = ", ".join(duty["articles"])
    return ", ".join(parts) + (f" ({articles})" if articles else "")


def _within(deadline: Mapping[str, Any]) -> str:
    if not deadline["count"]:
        return say("at once")
    if deadline["days"] == "working":
        return say("within {count} working days", count=deadline["count"])
    return say("within {count} calendar days", count=deadline["count"])

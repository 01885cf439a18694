"""cordiale draft: working papers, dated and marked, until they become an item or are destroyed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.content_file import content_path, named_content, open_content
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, part_options
from cordiale.doors.cli.reading import refuse_target, take_content
from cordiale.words import say

if TYPE_CHECKING:
    from cordiale.doors.cli.client import Reply


@declare(
    "enter", say("enter a draft or working paper"), acts=True,
    details=say("It becomes an item when it is labelled with --draft, and is then destroyed."),
    examples=[
        "cordiale draft enter --title 'Notes' --level 'EX-JPN:EXERCISE SAKURA' --key keys/originator.key.json",
        "cordiale draft enter notes.pdf --title 'Notes' --level 'EX-JPN:EXERCISE SAKURA' \\",
        "    --key keys/originator.key.json",
    ],
)
@click.argument("file", required=False)
@click.option("--title", required=True, help=say("its title"))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the level, in your own national scheme"))
@click.option("--form", type=click.Choice(["paper", "file", "medium"]), help=say("what it is"))
@click.option("--sheets", type=click.IntRange(1), help=say("how many sheets"))
def enter(caller: Caller, file: str | None, **given: Any) -> None:
    """Enter it, as its author; a file is sealed as it is read."""
    params = {name: value for name, value in given.items() if value is not None}
    params.setdefault("form", "file" if file is not None else "paper")
    reply = _deposit(caller, "draft.enter", params, file) if file is not None else caller.act("draft.enter", params)
    sentences = [say("draft: {draft}", **reply.answer)]
    if file is None:
        sentences.append(say("nothing of its content is kept here"))
    if reply.answer["until"]:
        sentences.append(say("it is entered in the register or destroyed by {until} ({basis})", **reply.answer))
    else:
        sentences.append(say("no national rule says how long it may be kept; it stands among the duties without a day"))
    caller.told(reply, *sentences)


def _deposit(caller: Caller, kind: str, params: dict[str, Any], file: str) -> Reply:
    path = content_path(file)
    with open_content(path) as source:
        return caller.deposit({**named_content(path), **params}, path, source, kind=kind)


@declare(
    "revise", say("put a new version of a draft in the place of the old one"), acts=True,
    details=say("What it replaces is erased; --edition names it, so that nobody's version is lost unread."),
    examples=["cordiale draft revise act.1a2b notes.pdf --edition 1 --key keys/originator.key.json"],
)
@click.argument("draft")
@click.argument("file", required=False)
@click.option("--edition", type=click.IntRange(0), required=True, help=say("the version it replaces, 0 for none"))
@click.option("--sheets", type=click.IntRange(1), help=say("how many sheets"))
def revise(caller: Caller, draft: str, file: str | None, **given: Any) -> None:
    """Replace it."""
    params = {"draft": draft, **{name: value for name, value in given.items() if value is not None}}
    reply = _deposit(caller, "draft.revise", params, file) if file is not None else caller.act("draft.revise", params)
    caller.told(reply, say("version {edition} of the draft is entered", **reply.answer))


@declare(
    "read", say("read the content of a draft"), acts=True,
    examples=["cordiale draft read act.1a2b --output notes.pdf --key keys/originator.key.json"],
)
@click.argument("draft")
@click.option("--output", "-o", type=PATH, metavar="FILE", help=say("the new file to write it to"))
def read(caller: Caller, draft: str, output: Path | None) -> None:
    """Read it."""
    refuse_target(caller, output)
    take_content(caller, "draft.read", {"draft": draft}, output)


@declare(
    "share", say("say who works on a draft beside its author"), acts=True,
    details=say("Whoever is not named any more works on it no longer."),
    examples=["cordiale draft share act.1a2b --with reader --key keys/originator.key.json"],
)
@click.argument("draft")
@click.option("--with", "workers", multiple=True, metavar="PERSON", help=say("a person who works on it"))
def share(caller: Caller, draft: str, workers: tuple[str, ...]) -> None:
    """Say it."""
    reply = caller.act("draft.share", {"draft": draft, "workers": list(workers)})
    caller.told(reply, say("it is said who works on the draft"))


@declare(
    "destroy", say("enter that a draft was destroyed"), acts=True,
    examples=["cordiale draft destroy act.1a2b --method shredded --key keys/originator.key.json"],
)
@click.argument("draft")
@click.option("--method", required=True, metavar="TEXT", help=say("how it was destroyed"))
def destroy(caller: Caller, draft: str, method: str) -> None:
    """Enter it."""
    reply = caller.act("draft.destroy", {"draft": draft, "method": method})
    caller.told(reply, say("the draft is destroyed"))


@declare(
    "list", say("list the drafts you may see"), for_person=True,
    examples=["cordiale draft list --key keys/originator.key.json"],
)
@part_options
def list_drafts(caller: Caller, **part: Any) -> None:
    """List them."""
    answer = caller.view("view.drafts", part)
    caller.show_part("cordiale draft list", answer, lambda: _write(answer["drafts"]))


def _write(drafts: list[dict[str, Any]]) -> None:
    show.table(drafts, [
        ("draft", say("draft")), ("begun_at", say("begun")), ("level", say("level")), ("form", say("form")),
        ("edition", say("version")), ("state", say("state")), ("issued_as", say("item")), ("title", say("title")),
    ], empty=say("there is no draft you may see"))
    for one in (one for one in drafts if "label" in one):
        click.echo()
        click.echo(say("the label that is proposed for {draft}, to be joined as it is:", draft=one["draft"]))
        show.any_value(one["label"], indent=1)


command = group("draft", say("working papers, until they are issued or destroyed"), {
    "enter": enter, "revise": revise, "read": read, "share": share, "destroy": destroy, "list": list_drafts,
})

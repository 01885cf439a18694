"""cordiale item: what the agreement covers, labelled and sealed at once."""

from __future__ import annotations

from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.content_file import content_path, named_content, open_content
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.item_table import write_items
from cordiale.doors.cli.options import DAY, LINKS, terms_options
from cordiale.doors.cli.preview import fetch_preview, write_preview
from cordiale.limits import SEARCH_ROWS_COUNT_MAX
from cordiale.words import say

_FORMS: Final = ["file", "paper", "medium", "equipment", "oral"]


@declare(
    "label", say("label an item and enter it in the register"), acts=True,
    details=say(
        "A file is sealed as it is read; FILE may be - for what comes in on standard input. Paper, a medium, "
        "equipment and an oral disclosure have no FILE. Without --release-to an item is for its originator only."
    ),
    examples=[
        "cordiale item label paper.pdf --title 'Paper for the dialogue' --level 'EX-JPN:EXERCISE SAKURA' \\",
        "    --release-to UKR --key keys/originator.key.json",
        "cordiale item label --form paper --sheets 3 --title 'Annex' --level 'EX-JPN:EXERCISE SAKURA' \\",
        "    --release-to UKR --key keys/originator.key.json",
    ],
)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--title", required=True, help=say("its title, as it stands in the register"))
@click.option("--level", required=True, metavar="SCHEME:LEVEL", help=say("the level, in your own national scheme"))
@click.option("--form", type=click.Choice(_FORMS), help=say("what it is (default: file)"))
@click.option("--release-to", multiple=True, metavar="PARTY", help=say("a party it may be released to"))
@click.option("--joint", multiple=True, metavar="PARTY", help=say("a party that is its originator together with us"))
@click.option("--caveat", "caveats", multiple=True, metavar="TAG=VALUE", help=say("a caveat"))
@click.option("--handle-as", metavar="SCHEME:LEVEL", help=say("a higher level to handle it at"))
@click.option("--declassify-on", metavar="DAY", help=say("the day it is declassified, such as 2027-01-01"))
@click.option("--declassify-event", metavar="TEXT", help=say("the event that proposes to declassify it"))
@click.option("--review-on", metavar="DAY", help=say("the day its level is looked at again"))
@click.option("--portion", "portions", multiple=True, metavar="REFERENCE|LEVEL|PARTIES",
              help=say("a part with a level of its own; parties separated by commas"))
@click.option("--reason", metavar="TEXT", help=say("why the whole is labelled higher than its parts"))
@click.option("--reader", "readers", multiple=True, metavar="PERSON", help=say("only these persons may read it here"))
@click.option("--subject", metavar="TEXT", help=say("what it is about"))
@click.option("--contract", metavar="CONTRACT", help=say("the contract that it is made under"))
@click.option("--part", metavar="PART", help=say("the part of the contract's list that it belongs to"))
@click.option("--draft", metavar="DRAFT", help=say("the draft that becomes this item"))
@click.option("--edition", type=click.IntRange(0), help=say("the version of the draft that is meant, and no other"))
@click.option("--propose", is_flag=True, help=say("lay it before those who join it; nothing is labelled yet"))
@click.option("--sheets", type=click.IntRange(1), help=say("how many sheets"))
@click.option("--parts", type=click.IntRange(1), help=say("how many parts besides"))
@click.option("--document", metavar="TEXT", help=say("what it is among documents, such as a letter"))
@click.option("--dated", metavar=DAY, help=say("the date that it bears"))
@click.option("--author", metavar="TEXT", help=say("the post of who wrote it, where that is not you; stays here"))
@click.option("--signatory", metavar="TEXT", help=say("the post of who signed it"))
@click.option("--basis", metavar="TEXT", help=say("the provision under which it is classified; stays here"))
@click.option("--channel", metavar="NAME", help=say("the channel it comes through, such as police or intelligence"))
@click.option("--media-type", metavar="TYPE", help=say("the kind of file, such as application/pdf"))
def label(caller: Caller, file: str | None, **given: Any) -> None:
    """Label a content or a thing."""
    form = given["form"] or ("file" if file is not None else "")
    is_there = file is not None or bool(given["draft"])
    if form == "" or (form == "file" and not is_there) or (form != "file" and file is not None):
        raise click.UsageError(say("give the FILE of a file, and --form for anything else"))
    params = _params(given, form)
    if given["propose"]:
        reply = caller.act("label.propose", params)
        caller.told(reply, say("proposed; who works on the draft joins exactly this: {binding}", **reply.answer))
        return
    if file is None:
        reply = caller.act("label", params)
    else:
        reply = _deposit(caller, params, file)
    caller.told(
        reply, say("labelled {level} and entered as {reference}", **reply.answer),
        say("item: {item}", **reply.answer),
    )


def _deposit(caller: Caller, params: dict[str, Any], file: str) -> Any:
    path = content_path(file)
    params = {**named_content(path), **params}
    with open_content(path) as source:
        return caller.deposit(params, path, source)


def _params(given: dict[str, Any], form: str) -> dict[str, Any]:
    params: dict[str, Any] = {
        "title": given["title"], "form": form, "level": given["level"], "release_to": list(given["release_to"]),
        "caveats": list(given["caveats"]), "handle_as": given["handle_as"], "reason": given["reason"],
        "readers": list(given["readers"]), "subject": given["subject"], "sheets": given["sheets"],
        "portions": [_portion(text) for text in given["portions"]], "trigger": _trigger(given),
        "contract": given["contract"], "part": given["part"], "joint": list(given["joint"]),
    }
    described = ("parts", "document", "dated", "author", "signatory", "basis", "channel")
    params |= {name: given[name] for name in described if given[name] is not None}
    if given["draft"]:
        params["draft"] = given["draft"]
    if given["edition"] is not None:
        params["edition"] = given["edition"]
    if given["media_type"]:
        params["media_type"] = given["media_type"]
    return params


def _trigger(given: dict[str, Any]) -> dict[str, str] | None:
    kinds = [
        {"kind": "date", "on": given["declassify_on"]}, {"kind": "event", "event": given["declassify_event"]},
        {"kind": "review", "on": given["review_on"]},
    ]
    chosen = [one for one in kinds if one.get("on") or one.get("event")]
    if len(chosen) > 1:
        raise click.UsageError(say("an item is declassified on a day, by an event, or reviewed: choose one"))
    return chosen[0] if chosen else None


def _portion(text: str) -> dict[str, Any]:
    reference, _, rest = text.partition("|")
    level, _, parties = rest.partition("|")
    portion: dict[str, Any] = {"reference": reference}
    if level:
        portion["level"] = level
    if parties:
        portion["release_to"] = parties.split(",")
    return portion


@declare(
    "preview", say("show an item as a partner will see it, and what stands against its dispatch"), for_person=True,
    examples=[
        "cordiale item preview jpn.act.0a1b --to UKR --agreement exercise-jpn-ukr --purpose 'Dialogue' \\",
        "    --key keys/originator.key.json",
    ],
)
@click.argument("item")
@terms_options
@click.option("--link", type=click.Choice(LINKS), help=say("how it would travel"))
@click.option("--registry", metavar="NAME", help=say("the partner's registry it would go to"))
def preview(caller: Caller, item: str, **given: Any) -> None:
    """Show it."""
    answer = fetch_preview(caller, {"item": item, **given})
    caller.show(answer, lambda: write_preview(answer))


@declare(
    "list", say("list the items you may see"), for_person=True,
    examples=["cordiale item list --key keys/originator.key.json"],
)
@click.option("--after", help=say("the end of the page before"))
@click.option("--count", type=click.IntRange(1, SEARCH_ROWS_COUNT_MAX), help=say("how many"))
def list_items(caller: Caller, **given: Any) -> None:
    """List them, in the order of their numbers."""
    answer = caller.view("view.items", {name: value for name, value in given.items() if value is not None})
    caller.show_part(
        "cordiale item list", answer, lambda: write_items(answer["items"], empty=say("there is no item you may see"))
    )


@declare(
    "show", say("show one item with its markings and copies"), for_person=True,
    examples=["cordiale item show jpn.act.0a1b --key keys/originator.key.json"],
)
@click.argument("item")
def show_item(caller: Caller, item: str) -> None:
    """Show one."""
    answer = caller.view("view.item", {"item": item})
    caller.show(answer, lambda: _write_item(answer))


def _write_item(answer: dict[str, Any]) -> None:
    show.banner(answer["banner"])
    show.lines([
        (say("number"), answer["reference"]), (say("their number"), answer.get("their_reference")),
        (say("title"), answer["title"]), (say("subject"), answer["subject"]), (say("state"), answer["state"]),
        (say("form"), answer["form"]), (say("originator"), answer["originator"]),
        (say("its rights are with"), answer.get("rights_with")), (say("item"), answer["item"]),
        (say("declassified"), answer.get("declassified_at")), (say("language"), answer.get("language")),
        (say("made from"), answer.get("derived_from")), (say("note"), answer.get("note")),
        (say("never below"), answer.get("floor")), (say("document"), answer.get("document")),
        (say("dated"), answer.get("dated")), (say("parts"), answer.get("parts")), (say("author"), answer.get("author")),
        (say("signed by"), answer.get("signatory")), (say("classified under"), answer.get("basis")),
        (say("channel"), answer.get("channel")),
    ])
    if "copies" in answer:
        show.table(answer["copies"], [
            ("numbered", say("copy")), ("party", say("with")), ("state", say("state")),
            ("addressee", say("addressee")), ("addressee_alone", say("addressee alone")),
            ("reference", say("number")), ("their_reference", say("their number")),
            ("certificate", say("certificate")), ("ended_at", say("ended")), ("consignment", say("consignment")),
        ], empty=say("there are no copies"))


command = group("item", say("label items, and look at them"), {
    "label": label, "preview": preview, "list": list_items, "show": show_item,
})

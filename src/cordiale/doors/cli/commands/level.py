"""cordiale level: a change of level is proposed, confirmed for the originator, told, and marked copy by copy."""

from __future__ import annotations

from typing import Any

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import part_options
from cordiale.words import say


@declare(
    "propose", say("propose that the level of an item of ours changes"), acts=True,
    details=say(
        "With --event, because what its label names has happened: that declassifies it. With --to and --article, as "
        "an originator: to another level of our own scheme, or `declassified`."
    ),
    examples=[
        "cordiale level propose jpn.act.0a1b --event 'Announcement of the visit' --key keys/registrar.key.json",
        "cordiale level propose JPN-2026-0003 --to 'EX-JPN:EXERCISE AJISAI' --article 'Art. 4(4)' --on 2027-02-01 \\",
        "    --key keys/originator.key.json",
        "cordiale level propose JPN-2026-0003 --handle-as 'EX-JPN:EXERCISE FUJI' --article 'Art. 4(4)' \\",
        "    --key keys/originator.key.json",
    ],
)
@click.argument("item")
@click.option("--event", help=say("the event, as the label names it"))
@click.option("--to", metavar="LEVEL", help=say("the new level, or declassified"))
@click.option("--handle-as", metavar="LEVEL", help=say("a level it is handled at from then on; its own stays"))
@click.option("--article", help=say("the provision it changes under"))
@click.option("--on", metavar="DAY", help=say("from which day; from now on without it"))
def propose(caller: Caller, item: str, **given: Any) -> None:
    """Propose it."""
    reply = caller.act("level.propose", {"item": item, **given})
    caller.told(reply, say("proposed; another person confirms it: cordiale level confirm {item}", item=item))


@declare(
    "confirm", say("confirm, as the originator, that a level changes, or decline"), acts=True,
    examples=[
        "cordiale level confirm jpn.act.0a1b --key keys/originator.key.json",
        "cordiale level confirm jpn.act.0a1b --decline --key keys/originator.key.json",
    ],
)
@click.argument("item")
@click.option("--decline", is_flag=True, help=say("its level stays as it is"))
@click.option("--proposal", metavar="ID", help=say("only this proposal; without it the one that waits"))
def confirm(caller: Caller, item: str, decline: bool, proposal: str | None) -> None:
    """Decide."""
    waiting = caller.view("view.levels", {"item": item})["proposals"]
    for one in waiting:
        to = one.get("to") or (say("handled as {level}", level=one["handle_as"]) if "handle_as" in one else "")
        to = to or say("declassified")
        caller.tell(say("proposed: {to}, under {article}", to=to, article=one["article"]))
    named = proposal or (waiting[0]["proposal"] if waiting else "-")
    reply = caller.act("level.confirm", {"item": item, "proposal": named, **({"decline": True} if decline else {})})
    if decline:
        caller.told(reply, say("{item} keeps its level", item=item))
        return
    caller.told(reply, say(
        "the level of {item} changes on {day}; told: {parties}", item=item, day=reply.answer["effective_on"],
        parties=", ".join(reply.answer["told"]) or say("nobody"),
    ))


@declare(
    "list", say("list changes of level and how far each party has come"), for_person=True,
    examples=["cordiale level list --key keys/registrar.key.json",
              "cordiale level list UKR/JPN-2026-0001 --key keys/registrar.key.json"],
)
@click.argument("item", required=False)
@part_options
def list_levels(caller: Caller, item: str | None, **part: Any) -> None:
    """List them."""
    found = caller.view("view.levels", {"item": item, **part})
    caller.show_part(" ".join(filter(None, ("cordiale level list", item))), found, lambda: _write(found))


def _write(found: dict[str, Any]) -> None:
    show.table(found["changes"], [
        ("reference", say("item")), ("kind", say("what")), ("before", say("before")), ("after", say("after")),
        ("handle_as", say("handled as")),
        ("effective_at", say("from")), ("authority", say("authority")), ("state", say("state")),
        ("told", say("partners")), ("to_mark", say("to be marked")), ("not_noted", say("not noted by")),
    ], empty=say("no level changes"))


@declare(
    "mark", say("enter that the old mark was struck on things, and the new one put beside it"), acts=True,
    examples=["cordiale level mark UKR/JPN-2026-0001 --copy 2 --copy 3 --key keys/registrar.key.json"],
)
@click.argument("item")
@click.option("--copy", "copies", type=click.IntRange(0), multiple=True, help=say("only these copies"))
def mark(caller: Caller, item: str, copies: tuple[int, ...]) -> None:
    """Enter it."""
    reply = caller.act("level.mark", {"item": item, "copies": list(copies)})
    caller.told(reply, say("marked: {count}", count=len(reply.answer["copies"])))


@declare(
    "note", say("confirm to have taken note of the new level of an item charged out to you"), acts=True,
    examples=["cordiale level note UKR/JPN-2026-0001 --key keys/reader.key.json"],
)
@click.argument("item")
def note(caller: Caller, item: str) -> None:
    """Confirm it."""
    caller.told(caller.act("level.note", {"item": item}), say("noted"))


@declare(
    "told", say("enter that a third party we passed an item on to was told of its new level"), acts=True,
    examples=["cordiale level told UKR/JPN-2026-0001 --party POL --reference 'letter 17' --key keys/me.key.json"],
)
@click.argument("item")
@click.option("--party", required=True, help=say("the third party"))
@click.option("--reference", required=True, help=say("the letter or note it was told by"))
def told(caller: Caller, item: str, party: str, reference: str) -> None:
    """Enter it."""
    reply = caller.act("level.told", {"item": item, "party": party, "reference": reference})
    caller.told(reply, say("noted"))


@declare(
    "challenge", say("say that the level or mark of an item looks wrong; who says it is shown to nobody"), acts=True,
    examples=["cordiale level challenge UKR/JPN-2026-0001 --doubt too-high --reason 'it is in the press' \\",
              "    --key keys/reader.key.json"],
)
@click.argument("item")
@click.option("--doubt", required=True, type=click.Choice(["too-high", "too-low", "missing-mark", "wrong-mark"]),
              help=say("what looks wrong"))
@click.option("--reason", required=True, help=say("why"))
@click.option("--to", metavar="LEVEL", help=say("the level it should have"))
def challenge(caller: Caller, item: str, **given: Any) -> None:
    """Say it."""
    reply = caller.act("level.challenge", {"item": item, **given})
    caller.told(reply, say("entered: {challenge}", **reply.answer))


@declare(
    "answer", say("answer a challenge of an item of ours"), acts=True,
    examples=["cordiale level answer jpn.act.0a1b/act.7f --outcome kept --reason 'the source is live' \\",
              "    --key keys/authority.key.json"],
)
@click.argument("challenge")
@click.option("--outcome", required=True, type=click.Choice(["kept", "to-be-changed"]), help=say("the answer"))
@click.option("--reason", required=True, help=say("why"))
def answer(caller: Caller, challenge: str, outcome: str, reason: str) -> None:
    """Answer."""
    reply = caller.act("level.answer", {"challenge": challenge, "outcome": outcome, "reason": reason})
    caller.told(reply, say("answered"))


command = group("level", say("change the level of an item, and carry a change out"), {
    "propose": propose, "confirm": confirm, "list": list_levels, "mark": mark, "note": note, "told": told,
    "challenge": challenge, "answer": answer,
})

"""cordiale reproduce: copies, translations and extracts, assigned by the registry and made by a cleared person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import confirm
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.content_file import content_path, named_content, open_content
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import yes_option
from cordiale.words import say

_ACTS: Final = ["copy", "translate", "extract"]
_FORMS: Final = ["file", "paper", "medium"]


@declare(
    "ask", say("ask the registry for a copy, a translation or an extract"), acts=True,
    examples=["cordiale reproduce ask UKR/JPN-2026-0001 --act copy --purpose Dialogue --key keys/reader.key.json"],
)
@click.argument("item")
@click.option("--act", type=click.Choice(_ACTS), required=True, help=say("what is to be made"))
@click.option("--purpose", required=True, help=say("what it is made for"))
@click.option("--number", type=click.IntRange(1), help=say("how many copies (default: 1)"))
@click.option("--language", metavar="CODE", help=say("the language of a translation, such as uk"))
def ask(caller: Caller, item: str, **given: Any) -> None:
    """Ask for it."""
    params = {"item": item, **{name: value for name, value in given.items() if value is not None}}
    reply = caller.act("reproduce.ask", params)
    caller.told(reply, say("the registry is asked; request: {request}", **reply.answer))


@declare(
    "decline", say("decline a reproduction that was asked for"), acts=True,
    examples=["cordiale reproduce decline act.1a2b --reason 'no consent' --key keys/registrar.key.json"],
)
@click.argument("request")
@click.option("--reason", required=True, metavar="TEXT", help=say("why"))
def decline(caller: Caller, request: str, reason: str) -> None:
    """Decline it, as the registry."""
    reply = caller.act("reproduce.decline", {"reason": reason, "request": request})
    caller.told(reply, say("the request is declined"))


@declare(
    "assign", say("assign a copy, a translation or an extract to the person who makes it"), acts=True,
    details=say(
        "It is refused with every reason when the originator's consent is asked and missing, or when the person "
        "may not read the item. --for is said once for each copy, with the person it is meant for."
    ),
    examples=[
        "cordiale reproduce assign UKR/JPN-2026-0001 --act copy --number 2 --maker reader --purpose Dialogue \\",
        "    --key keys/registrar.key.json",
    ],
)
@click.argument("item")
@click.option("--act", type=click.Choice(_ACTS), required=True, help=say("what is to be made"))
@click.option("--purpose", required=True, help=say("what it is made for"))
@click.option("--maker", metavar="PERSON", help=say("who makes it (default: whoever signs this)"))
@click.option("--copy", metavar="COPY", help=say("the copy it is made from, where several are held"))
@click.option("--number", type=click.IntRange(1), help=say("how many copies (default: 1)"))
@click.option("--for", "recipients", multiple=True, metavar="PERSON", help=say("the person a copy is meant for"))
@click.option("--form", type=click.Choice(_FORMS), help=say("what comes out (default: file)"))
@click.option("--device", metavar="DEVICE", help=say("the device set aside that it is made on"))
@click.option("--medium", metavar="MEDIUM", help=say("the registered medium it goes on"))
@click.option("--language", metavar="CODE", help=say("the language of a translation, such as uk"))
@click.option("--part", "portions", multiple=True, metavar="REFERENCE",
              help=say("a part that an extract is taken from"))
@click.option("--request", metavar="REQUEST", help=say("the request it answers"))
@click.option("--urgent", is_flag=True, help=say("before the originator is asked, where a provision allows that"))
def assign(caller: Caller, item: str, **given: Any) -> None:
    """Assign it, as the registry."""
    params = {"item": item, **{name: value for name, value in given.items() if value not in (None, False, ())}}
    for several in ("recipients", "portions"):
        if several in params:
            params[several] = list(params[several])
    reply = caller.act("reproduce.assign", params)
    caller.told(
        reply, say("assigned to {maker}; task: {task}", **reply.answer),
        *[f"  - {reason}" for reason in reply.answer["waits_for"]],
    )


@declare(
    "witness", say("join a reproduction, where several persons are asked"), acts=True,
    details=say("Shows the task, and asks; what is signed is exactly what is shown."),
    examples=["cordiale reproduce witness act.1a2b --key keys/security.key.json"],
)
@click.argument("task")
@yes_option
def witness(caller: Caller, task: str, yes: bool) -> None:
    """Show the task, ask, and join it."""
    found = caller.view("view.reproduction", {"task": task})
    if not caller.settings.is_json:
        _write_task(found)
    confirm(say("sign this?"), yes=yes)
    reply = caller.act("reproduce.witness", {"binding": found["binding"], "task": task})
    caller.told(
        reply, say("you have joined the reproduction of {item}", **reply.answer),
        *[f"  - {reason}" for reason in reply.answer["waits_for"]],
    )


def _write_task(found: Mapping[str, Any]) -> None:
    show.lines([
        (say("item"), found["reference"]), (say("level"), found["level"]), (say("copy"), found["copy"]),
        (say("act"), found["act"]), (say("how many"), found["number"]), (say("purpose"), found["purpose"]),
        (say("person"), found["made_by"]), (say("people"), ", ".join(found["recipients"])),
        (say("form"), found["form"]), (say("device"), found.get("device")), (say("medium"), found.get("medium")),
        (say("language"), found.get("language")), (say("parts"), ", ".join(found.get("portions", ()))),
        (say("by"), found["assigned_by"]), (say("assigned"), found["assigned_at"]),
        (say("urgent"), say("yes") if found["is_urgent"] else ""),
    ])


@declare(
    "finish", say("enter the copies that were assigned to you and that you have made"), acts=True,
    examples=["cordiale reproduce finish act.1a2b --pages 12 --key keys/reader.key.json"],
)
@click.argument("task")
@click.option("--pages", type=click.IntRange(1), help=say("how many pages each has"))
def finish(caller: Caller, task: str, pages: int | None) -> None:
    """Enter them, as their maker."""
    params: dict[str, Any] = {"task": task}
    if pages is not None:
        params["pages"] = pages
    reply = caller.act("reproduce.finish", params)
    sentences = [say("entered: copy {number}", number=number) for number in reply.answer["numbers"]]
    if reply.answer["reported"]:
        sentences.append(say("the originator is told of the numbers"))
    caller.told(reply, *sentences)


@declare(
    "deliver", say("deliver a translation or an extract that was assigned to you"), acts=True,
    details=say(
        "A file is sealed as it is read; FILE may be - for what comes in on standard input. What was made on paper "
        "has no FILE. It is entered at once, as an item of its own."
    ),
    examples=["cordiale reproduce deliver act.1a2b translated.pdf --pages 12 --key keys/reader.key.json"],
)
@click.argument("task")
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--title", help=say("its title, as it stands in the register"))
@click.option("--pages", type=click.IntRange(1), help=say("how many pages it has"))
def deliver(caller: Caller, task: str, file: str | None, **given: Any) -> None:
    """Deliver it, as its maker."""
    params = {"task": task, **{name: value for name, value in given.items() if value is not None}}
    if file is None:
        reply = caller.act("reproduce.deliver", params)
    else:
        path = content_path(file)
        with open_content(path) as source:
            reply = caller.deposit({**named_content(path), **params}, path, source, kind="reproduce.deliver")
    sentences = [say("entered as {reference}", **reply.answer), say("item: {item}", **reply.answer)]
    if reply.answer["note"]:
        sentences.append(reply.answer["note"])
    if reply.answer["reported"]:
        sentences.append(say("the originator is told of the numbers"))
    caller.told(reply, *sentences)


@declare(
    "withdraw", say("withdraw an assigned reproduction; nothing was made"), acts=True,
    examples=["cordiale reproduce withdraw act.1a2b --key keys/registrar.key.json"],
)
@click.argument("task")
def withdraw(caller: Caller, task: str) -> None:
    """Withdraw it."""
    reply = caller.act("reproduce.withdraw", {"task": task})
    caller.told(reply, say("the task is withdrawn"))


command = group("reproduce", say("make copies, translations and extracts, each numbered and entered"), {
    "ask": ask, "decline": decline, "assign": assign, "witness": witness, "finish": finish, "deliver": deliver,
    "withdraw": withdraw,
})

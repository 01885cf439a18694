"""cordiale person: people, their keys and clearances."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from cordiale.doors.cli import show
from cordiale.doors.cli.ask import passphrase_for
from cordiale.doors.cli.caller import Caller
from cordiale.doors.cli.declare import declare, group
from cordiale.doors.cli.options import PATH, mode_of, mode_options
from cordiale.words import say

_CSV_BYTES_MAX: Final = 4 * 1024**2


@declare(
    "new", say("make a key of your own, in a file under a passphrase"),
    details=say("PERSON.key.json stays with you; PERSON.pub.json goes to whoever enrols the key."),
    examples=["cordiale person key new originator --folder keys --exercise"],
)
@click.argument("person")
@click.option("--folder", default=".", type=PATH, metavar="DIR", help=say("where to put both files"))
@mode_options
@click.option("--passphrase-fd", type=int, metavar="N",
              help=say("read the passphrase from this file descriptor instead of asking"))
def key_new(caller: Caller, person: str, folder: Path, passphrase_fd: int | None, **given: Any) -> None:
    """Make the key file and the public file."""
    from cordiale.model.names import parse_identifier
    from cordiale.operate.keyfiles import KEY_SUFFIX, PUBLIC_SUFFIX, make_key, write_public

    parse_identifier(person, "person id")
    mode = mode_of(given)
    caller.settings.passphrase_fd = passphrase_fd if passphrase_fd is not None else caller.settings.passphrase_fd
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / f"{person}{KEY_SUFFIX}", folder / f"{person}{PUBLIC_SUFFIX}"
    key = make_key(private, passphrase_for(caller.settings, private.name, is_new=True), mode)
    write_public(public, key)
    answer = {"key": str(private), "mode": mode.value, "person": person, "public": str(public)}
    caller.show(answer, lambda: caller.tell(say(
        "your key is in {key}; keep it, and hand over {public}", key=private, public=public,
    )))


@declare(
    "import", say("enter or change people from a CSV file"), acts=True,
    details=say("An act of the security officer. Keys stay as they are; nobody changes their own record."),
    examples=["cordiale person import people.csv --key keys/security.key.json"],
)
@click.argument("csv", type=PATH)
def import_people(caller: Caller, csv: Path) -> None:
    """Send the file."""
    from cordiale.canonical import encode_base64url
    from cordiale.operate.keyfiles import read_file

    reply = caller.act("people.import", {"csv": encode_base64url(read_file(csv, _CSV_BYTES_MAX))})
    caller.told(reply, say("{entered} people entered or changed, {unchanged} as they were", **reply.answer))


@declare(
    "enrol", say("enrol somebody's public key; a former key stops counting at once"), acts=True,
    examples=["cordiale person enrol originator keys/originator.pub.json --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("public", type=PATH)
def enrol(caller: Caller, person: str, public: Path) -> None:
    """Send the public key."""
    from cordiale.operate.keyfiles import read_public

    reply = caller.act("people.enrol-key", {"person": person, "key": read_public(public)})
    caller.told(reply, say("the key of {person} is enrolled", **reply.answer))


@declare(
    "withdraw-clearance", say("withdraw a clearance; it stops counting in every decision from this moment"), acts=True,
    examples=["cordiale person withdraw-clearance originator 'EX-JPN:EXERCISE SAKURA' --key keys/security.key.json"],
)
@click.argument("person")
@click.argument("level")
def withdraw(caller: Caller, person: str, level: str) -> None:
    """Withdraw it."""
    reply = caller.act("people.withdraw-clearance", {"person": person, "level": level})
    caller.told(reply, say("the clearance {level} of {person} is withdrawn", **reply.answer))


@declare(
    "list", say("list the people of this node"), for_person=True,
    examples=["cordiale person list --key keys/security.key.json"],
)
def list_people(caller: Caller) -> None:
    """List them."""
    answer = caller.view("view.people", {})
    caller.show(answer, lambda: show.table(answer["people"], [
        ("id", say("id")), ("name", say("name")), ("post", say("post")), ("unit", say("unit")),
        ("offices", say("offices")), ("has_key", say("key")),
    ], empty=say("nobody is entered")))


@declare(
    "show", say("show one person: yourself, or anybody for the officers who need to know"), for_person=True,
    examples=["cordiale person show originator --key keys/originator.key.json"],
)
@click.argument("person")
def show_person(caller: Caller, person: str) -> None:
    """Show one."""
    answer = caller.view("view.person", {"person": person})
    caller.show(answer, lambda: show.any_value(answer["person"]))


command = group("person", say("people, their keys and clearances"), {
    "key": group("key", say("your own key"), {"new": key_new}),
    "import": import_people,
    "enrol": enrol,
    "withdraw-clearance": withdraw,
    "list": list_people,
    "show": show_person,
})

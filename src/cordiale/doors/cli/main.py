"""The command line: one table of commands, each in a file of its own that is read only when it is asked for."""

from __future__ import annotations

import sys
from typing import Final

import click

from cordiale.doors.cli.frame import HELP, LazyGroup, Row, Settings, common_options
from cordiale.words import say

_BEGIN: Final = say("Beginning")
_AGREE: Final = say("Agreements and partners")
_ITEMS: Final = say("The life of an item")
_WATCH: Final = say("Keeping watch")

COMMANDS: Final = (
    Row("init", say("make the home of a new node"), _BEGIN),
    Row("serve", say("serve a node until it is told to stop"), _BEGIN),
    Row("status", say("say what the serving node is and how it stands"), _BEGIN),
    Row("stop", say("stop the serving node"), _BEGIN),
    Row("person", say("people, their keys and clearances"), _BEGIN),
    Row("desk", say("by what the desk in the browser knows people"), _BEGIN),
    Row("client", say("machine clients: what may act for a person, and for what"), _BEGIN),
    Row("clearance", say("clearances between authorities, briefings, and who is cleared"), _BEGIN),
    Row("absence", say("register and end absences, so that deputies can act"), _BEGIN),
    Row("root", say("the offline keys a party is known by"), _BEGIN),
    Row("node", say("the keys of our node, and the statement that names them"), _BEGIN),
    Row("partner", say("first contact with a partner, and its statements"), _AGREE),
    Row("agreement", say("check, enter, sign and bring agreements into force"), _AGREE),
    Row("visit", say("visits: ask, decide, admit, write up what was learned"), _AGREE),
    Row("contract", say("classified contracts: firms, lists of parts, and their end"), _AGREE),
    Row("succession", say("who holds the rights of originators that were replaced"), _AGREE),
    Row("accord", say("tell and answer what touches an agreement, while it runs and after"), _AGREE),
    Row("draft", say("working papers, until they are issued or destroyed"), _ITEMS),
    Row("item", say("label items, and look at them"), _ITEMS),
    Row("release", say("propose, approve, decline and withdraw releases"), _ITEMS),
    Row("dispatch", say("send released items to a partner"), _ITEMS),
    Row("inbox", say("list what has arrived and waits to be registered"), _ITEMS),
    Row("register", say("count and register what has arrived, and sign the receipt"), _ITEMS),
    Row("refuse", say("refuse what has arrived instead of registering it"), _ITEMS),
    Row("need", say("grant and withdraw need-to-know"), _ITEMS),
    Row("registry", say("our registries, and what was done on paper"), _ITEMS),
    Row("carry", say("seal, hand to a courier, meet a courier"), _ITEMS),
    Row("circulate", say("charge an item out to a person, confirm it, hand it back"), _ITEMS),
    Row("read", say("read the content of an item"), _ITEMS),
    Row("reproduce", say("make copies, translations and extracts, each numbered and entered"), _ITEMS),
    Row("device", say("set devices aside for reproduction"), _ITEMS),
    Row("medium", say("register media, and list what they have held"), _ITEMS),
    Row("consent", say("ask the originator for consent, and answer"), _ITEMS),
    Row("emergency", say("an item disclosed in an emergency, and the report on it"), _ITEMS),
    Row("join", say("join an act that the agreement lets nobody do alone"), _ITEMS),
    Row("pass-on", say("pass an item on to a third party, with consent"), _ITEMS),
    Row("level", say("change the level of an item, and carry a change out"), _ITEMS),
    Row("return", say("give items back to their originator"), _ITEMS),
    Row("recall", say("ask copies back, answer such requests"), _ITEMS),
    Row("destroy", say("propose, witness and withdraw a destruction"), _ITEMS),
    Row("crisis", say("the list for a crisis, and what was destroyed in one"), _ITEMS),
    Row("bag", say("carry messages and envelopes on a medium"), _ITEMS),
    Row("folder", say("folders and the level of what lies in them"), _ITEMS),
    Row("purpose", say("a purpose that has ended, and what is still here for it"), _ITEMS),
    Row("incident", say("report an incident, freeze, tell partners, inquire"), _WATCH),
    Row("where", say("say where an item and its copies are, and who had access"), _WATCH),
    Row("book", say("show a register as a page"), _WATCH),
    Row("inventory", say("count what must be there, explain what differs, sign the result"), _WATCH),
    Row("entry", say("correct register entries and void numbers"), _WATCH),
    Row("stamp", say("print the stamps of a copy that is held here"), _WATCH),
    Row("receipt", say("show the receipt of a consignment"), _WATCH),
    Row("certificate", say("show a certificate of return or destruction"), _WATCH),
    Row("duties", say("list what is due, and what waits for you"), _WATCH),
    Row("search", say("search the register"), _WATCH),
    Row("today", say("show what waits for you today"), _WATCH),
    Row("erase", say("erase personal data, and show how long it is kept"), _WATCH),
    Row("duty", say("enter a day that nobody must forget, and settle a duty"), _WATCH),
    Row("outbox", say("list what waits to be answered by partners"), _WATCH),
    Row("audit", say("verify the books and the audit trail, and show it"), _WATCH),
    Row("doctor", say("look for what an administrator should put right"), _WATCH),
    Row("backup", say("copy the whole node while it serves"), _WATCH),
    Row("restore", say("make a home again from a backup"), _WATCH),
    Row("anchor", say("say how far the books had come, and confirm them"), _WATCH),
    Row("clock", say("confirm the clock after it has jumped"), _WATCH),
    Row("errors", say("list the codes of errors and what they mean"), _WATCH),
    Row("completion", say("print what makes a shell complete commands"), _WATCH),
)


@click.group(
    cls=LazyGroup, rows=COMMANDS, package="cordiale.doors.cli.commands",
    help=say("Carry out agreements on the security of information between governments."),
    context_settings=HELP,
)
@click.version_option(package_name="cordiale", message="%(version)s")
def cordiale() -> None:
    """Everything is in the commands."""


cordiale.params.extend(common_options())


def main() -> None:
    """Run one command and leave with the exit code that says how it ended."""
    settings = Settings(is_json="--json" in sys.argv)
    try:
        result = cordiale.main(prog_name="cordiale", obj=settings, standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the door to the terminal answers everything
        from cordiale.doors.cli.trouble import report

        sys.exit(report(error, settings))
    except SystemExit:
        # The library leaves so when whoever was to read the output has gone, and in no other case.
        from cordiale.doors.cli.trouble import EXIT_CLOSED

        sys.exit(EXIT_CLOSED)
    # What ends a command early on purpose comes back as its exit code.
    sys.exit(result if isinstance(result, int) else 0)

"""Help in place: what each page is for, and where at the desk what a hint names at the terminal is done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from cordiale.words.spoken import marked

ABOUT: Final[Mapping[str, str]] = {
    "/": marked("What waits for you, the earliest first, and what ought to trouble somebody."),
    "/duties": marked("Everything that is due, by whom and when, until something discharges it."),
    "/pictures": marked("The same as in lists, for who would rather look than read."),
    "/register": marked("Find an item by its number, its title, its level or its day."),
    "/items": marked("One item: its markings, where it is, what happened to it, and what you may do with it."),
    "/label": marked("Make something an item of ours: its level, who may see it, and its place in the register."),
    "/releases": marked("Decide whether an item of ours goes to another party: one proposes, another approves."),
    "/room": marked("Read what you were given to read, page by page, with your name on each."),
    "/inbox": marked("What has come from other parties and waits to be counted."),
    "/consignments": marked("One consignment: what is in it, and how far it has come."),
    "/print": marked("A form to print, in both languages."),
    "/disposal": marked("Copies that are to be destroyed: one person proposes, another witnesses."),
    "/returns": marked("What an originator wants back, and what was answered."),
    "/crisis": marked("What is destroyed first when the registry can no longer be held."),
    "/inventories": marked("Hold what is there against what the books say, and explain each difference."),
    "/levels": marked("Changes of level: ours to decide, those of others to mark on what we hold."),
    "/consents": marked("What originators were asked to allow, and what they answered."),
    "/reproductions": marked("Copies, translations and extracts: who asked, who makes them, what they became."),
    "/drafts": marked("Papers that are being written and bear a level already."),
    "/report": marked("Tell the security officer at once what has gone wrong; the rest can follow."),
    "/incidents": marked("Losses and compromises: what is known, whom it was told, and how it ended."),
    "/clearances": marked("What was asked and told about the clearances of people."),
    "/roster": marked("Who may read under an agreement, as the other side's authority is told it."),
    "/visits": marked("Visits between the parties: asked for, answered, and who is inside."),
    "/write-up": marked("Enter what visitors were told, so that it is protected like a paper."),
    "/contracts": marked("Classified contracts: their parts, their firms, and what was given for them."),
    "/folders": marked("Things that are kept, moved and counted together."),
    "/emergencies": marked("What was disclosed because lives depended on it, and the report to its originator."),
    "/carriages": marked("What travels by courier, post or freight: packed, sealed, handed over, arrived."),
    "/plans": marked("How freight travels, as the authorities of both ends agree it."),
    "/registries": marked("Our registries, who works in each, and what moves between them."),
    "/outage": marked("What was done by hand while the node stood still, entered afterwards by two persons."),
    "/equipment": marked("Devices and media that classified things are made and kept on."),
    "/erasures": marked("Erase what is known of a person once nothing asks for it any more."),
    "/agreements": marked("The agreements, article by article, and what the software does about each."),
    "/successions": marked(
        "Which party holds the rights of an originator that is not there any more, as governments have said it."
    ),
    "/people": marked("Who works here, in which office, and cleared up to what."),
    "/credentials": marked("By what people sign in and sign: enrolled by one, confirmed by another."),
    "/clients": marked("Programs that act for a person: entered by one, confirmed by another."),
    "/trail": marked("Every act that was done, in an order that cannot be changed unnoticed."),
    "/where": marked("Where each copy of an item is now."),
    "/house": marked("This node: whether it is well, its backups, its bags and its keys."),
    "/sign": marked("Sign for one act, over exactly what is shown."),
    "/glossary": marked("What each word means here."),
}
"""What the pages at and below an address are for; what a form is for, it says itself."""

_COMMAND: Final = re.compile(r"`cordiale ([a-z][a-z-]*(?: [a-z][a-z-]*)?)[^`]*`")

DONE_AT: Final[Mapping[str, str]] = {
    "accord show": "/agreements", "agreement check": "/agreements", "agreement list": "/agreements",
    "agreement show": "/agreements", "agreement sign": "/agreements", "audit trail": "/trail",
    "audit verify": "/trail", "backup": "/house", "carry list": "/carriages", "carry met": "/carriages",
    "carry pack": "/carriages", "carry plans": "/plans", "carry show": "/carriages", "circulate": "/register",
    "circulate out": "/register", "consent": "/consents", "consent ask": "/consents", "contract list": "/contracts",
    "contract show": "/contracts", "destroy withdraw": "/disposal", "doctor": "/house", "draft list": "/drafts",
    "draft revise": "/drafts",
    "duties": "/duties", "erase list": "/erasures", "folder show": "/folders", "inbox": "/inbox",
    "incident conclude": "/incidents", "incident freeze": "/incidents", "incident list": "/incidents",
    "incident reopen": "/incidents", "incident reply": "/incidents", "incident show": "/incidents",
    "incident tell": "/incidents", "inventory explain": "/inventories", "inventory show": "/inventories",
    "item show": "/register", "level list": "/levels", "medium register": "/equipment", "outbox": "/house",
    "pass-on": "/consents", "partner confirm": "/agreements", "person show": "/people", "recall ask": "/returns",
    "registry list": "/registries",
    "registry transfer": "/registries", "reproduce deliver": "/reproductions", "search": "/register",
    "succession list": "/successions",
    "visit list": "/visits", "visit prepare-inspection": "/visits", "visit show": "/visits", "where": "/register",
}
"""The page of the desk on which is done or seen what a command names."""

ON_THE_MACHINE: Final = frozenset({
    "anchor", "anchor show", "clock confirm", "init", "node draft", "node install", "partner add", "person key",
    "root sign", "serve",
})
"""Commands that have no place at the desk: they are given on the machine itself, or with a key file."""


def about(path: str) -> str:
    """Return what the page at `path` is for; empty where it says so itself."""
    while path not in ABOUT and path.count("/") > 1:
        path = path.rpartition("/")[0]
    return ABOUT.get(path, "")


def commands_in(hint: str) -> list[str]:
    """Return the commands that a hint names, each by its first words."""
    return [
        one if one in DONE_AT or one in ON_THE_MACHINE else one.partition(" ")[0] for one in _COMMAND.findall(hint)
    ]

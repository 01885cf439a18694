"""The words of the house, each with the one meaning it has here: docs/glossary.md and the page of the desk say them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cordiale.words.spoken import marked


@dataclass(frozen=True, slots=True)
class Term:
    """A word that people at the desk meet, and what it means.

    `forms` are what stands for it in the labels of forms, `page` is the page of docs/ that says more, and `inside`
    what else the word means in the program.
    """

    word: str
    meaning: str
    forms: tuple[str, ...] = ()
    page: str = ""
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Inside:
    """A word of the program's own insides: it stands in docs/glossary.md, in English."""

    word: str
    meaning: str


GLOSSARY: Final[tuple[tuple[str, tuple[Term | Inside, ...]], ...]] = (
    (marked("Who"), (
        Term("party", "a government bound by an agreement, by its code: JPN, UKR"),
        Term("node", "the software of one party, with its home, its keys and its books"),
        Term("partner", "another party that was taken in: two persons compared its fingerprint"),
        Inside("visitor", "a caller on the wire whose key no partner's statement names"),
        Term("originator", "the party, and in an office the person, that made an item and controls it",
             forms=("originator",)),
        Term("provider, recipient", "the party that passes an item on; the party that gets it",
             forms=("recipient",)),
        Term("registry", "the office that keeps the books",
             inside="in the code everything a step has at hand",
             forms=("registry",)),
        Term("chief registry, sub-registry, control point",
             "the registries of one party: the first answers for the whole, the others each for a unit; a control "
             "point has none below it"),
        Term("registrar", "the person who keeps the register; a deputy stands in during a registered absence",
             forms=("registrars",)),
        Term("holder", "the person to whom an item is charged out"),
        Term("key officer",
             "a person who keeps a key of the party's root; a custodian of documents is never called so"),
        Term("office", "what a person may do at a node", page="offices.md"),
    )),
    (marked("What"), (
        Term("item", "anything an agreement covers: a file, paper, a medium, equipment, an oral disclosure"),
        Term("copy", "a numbered copy of an item that somebody holds; replicas inside a system are not copies",
             forms=("copy", "copies")),
        Inside("deposit", "the sealing of a content when it is labelled, to the party's own node"),
        Term("consignment",
             "what is sent at once: one item or many, each with its content sealed inside or register-only",
             forms=("consignment", "consignments")),
        Term("register-only",
             "a consigned thing that travels otherwise, such as paper; only its record is in the message"),
        Inside("envelope", "a sealed content with its signed consignment record"),
        Inside("slip",
               "the number of a consignment in the sender's book, sealed for the recipient; it stands on the "
               "courier's paper"),
        Inside("sheet", "the record of a register-only item"),
        Term("particulars",
             "what the register needs to know of an item: number, title, level, purpose; encrypted for the "
             "recipient",
             forms=("particulars",)),
        Term("label", "what the originator said of an item, for machines; it is never overwritten"),
        Term("marking", "what stands on the page; also the recipient's equivalent of a label"),
        Term("level", "one step of a scheme, such as EXERCISE SAKURA of EX-JPN",
             forms=("level", "levels")),
        Term("scheme", "the levels of one party, lowest first"),
        Term("equivalence",
             "the directed, dated table that says which level of the recipient stands for one of the provider"),
        Term("release set",
             "the parties that the whole of an item may be shown to; empty or missing: the originator only",
             forms=("may be released to",)),
        Term("caveat", "a restriction beside the level, whose meaning the parties have told each other",
             forms=("caveats",)),
        Term("portion", "a part of an item with a mark of its own; the whole is never below one of its parts",
             forms=("parts",)),
        Term("purpose",
             "what an item was provided for; nobody reads or uses it for another without the originator's consent",
             forms=("purpose",)),
        Term("clearance",
             "the finding of a person's own state that they may be trusted with a level; it ends on a day",
             forms=("clearance", "cleared up to")),
        Term("briefing", "what a person was told about handling a level, and acknowledged",
             forms=("briefing",)),
        Term("seal", "what closes a cover and shows whether somebody opened it; its number is entered",
             forms=("seals",)),
        Term("transport plan", "how freight travels, agreed by the authorities of both ends beforehand",
             forms=("transport plan",)),
    )),
    (marked("Acts"), (
        Term("release", "the originator's decision to disclose an item to a party; nothing else is called so"),
        Inside("grant", "the handing over of a content key to a reader, recorded before the key leaves"),
        Term("proposal about people",
             "what a security officer would add to what somebody may do; a second person confirms it"),
        Term("consent",
             "the originator's signed answer to one question: this act, this item, this recipient, this purpose"),
        Term("dispatch, receive", "a consignment leaves; a node holds it"),
        Inside("delivery notice", "the recipient's node says that it holds exactly these bytes"),
        Term("receipt", "a named registrar says that the items were counted and registered"),
        Inside("acknowledgement", "a node says that it has taken a message that asks for nothing else"),
        Term("refusal", "the rules said no, with every reason; between nodes also a signed message"),
        Term("circulate, charge out", "an item goes to a named person, who confirms"),
        Term("need-to-know", "the decision of the head of the addressee that a person needs an item for a purpose"),
        Term("pass on", "to give a foreign item to a third party"),
        Term("return, destroy", "the two ends of a copy; each is certified to the originator"),
        Term("certificate",
             "what the originator receives about the end of a copy: proved where the node shows it, attested where "
             "persons vouch"),
        Term("declassify",
             "to end the protection of an item; a date or an event only proposes it, the originator confirms",
             forms=("declassified",)),
        Term("void", "to mark a register entry as not counting; its number is not used again"),
        Term("duty", "something that is due: what, by whom, by when, and what discharged it"),
        Term("chase", "to remind a partner of a duty whose day has passed"),
        Term("freeze", "to hold an item where it is while a case is looked into: nobody reads it and it goes nowhere",
             forms=("freeze",)),
    )),
    (marked("Agreements"), (
        Inside("text", "the articles as signed, in their authentic languages"),
        Term("implementing profile",
             "rules that the competent authorities of all parties sign, each citing its article"),
        Term("national profile", "what one party's own law adds; it never leaves its node"),
        Term("term", "a figure or period that a layer names, such as how long before a visit it is asked for"),
        Inside("obligation", "one of the numbered duties that such agreements lay down"),
        Inside("trace", "which obligations each article lays down, and what carries them out"),
        Inside("layers", "text, profile and national profile read together; the stricter wins"),
        Inside("rules", "our logic; the outcome is a decision, with all its reasons"),
        Term("undecidable", "no layer says, or it could not be told; it counts as no and is asked about"),
        Term("stage",
             "in principle, initialled, signed, notes exchanged, provisional, in force, suspended, terminated",
             forms=("stage",)),
        Term("ready", "a party has found that another can protect information up to a level"),
        Term("link", "a way between two nodes, wire or bag, that each party approves up to a level",
             forms=("link", "how it travels")),
        Inside("security policy identifier",
               "the name of a scheme inside a label; the word policy is used for nothing else but a log's trust "
               "policy"),
    )),
    (marked("Books"), (
        Term("register", "the book of accountable items; foreign items have one per originating party"),
        Inside("entry", "a line of the register; in the log, what one act committed to"),
        Inside("record", "one document of the books, in versions; a correction is a new version"),
        Inside("act", "something done once, with an identifier of its own, by a person or by the node"),
        Inside("ledger", "the one way to write"),
        Term("log, audit trail", "the tamper-evident history of acts; one internal and one per agreement"),
        Term("head, checkpoint", "the size and root of a log, signed"),
        Inside("commit, batch",
               "what one flush made durable: the acts of everybody who waited; numbered, each chained to the one "
               "before"),
        Inside("anchor", "how far the books had come, kept outside of them"),
        Inside("kept head", "a head that somebody keeps elsewhere, to hold it against the log later"),
        Term("witness", "a node that cosigns another's heads after checking that they only grew"),
        Inside("commitment", "a salted digest, by which a log entry can be held against a row it does not reveal"),
        Inside("diagnostics", "what operators read; it is never called a log"),
        Term("quarantine", "where a message that does not verify is kept for a person to look at"),
    )),
    (marked("Trust"), (
        Term("root", "a few keys of a party, kept offline; a threshold of them signs"),
        Term("fingerprint", "the digest of a root, as two people read it to each other",
             forms=("fingerprint",)),
        Inside("node statement", "what a party says of its node: keys, addresses, protocols; versioned and expiring"),
        Inside("pin", "the digest of a transport key"),
        Inside("vault",
               "where the node's keys lie encrypted; a credential opens it, and it is never in an argument or the "
               "environment"),
        Inside("suite", "the set of algorithms of an object; suite 1 is the only one"),
        Inside("domain", "what a signature or digest was made for, and in which mode"),
        Term("exercise, real", "the mode of a node, for ever; neither can verify the other"),
        Term("bag", "messages and envelopes as files in a folder on a medium"),
        Inside("door", "an entrance to the node for one audience"),
    )),
)


def _places() -> Mapping[str, Term]:
    return {form: term for _, rows in GLOSSARY for term in rows if isinstance(term, Term) for form in term.forms}


_BY_FORM: Final = _places()
_IN_LABELS: Final = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, _BY_FORM), key=len, reverse=True))})\b", re.IGNORECASE
)


def term_in(label: str) -> Term | None:
    """Return the term that the label of a field uses, None where it uses none."""
    found = _IN_LABELS.search(label)
    return _BY_FORM[found[0].lower()] if found is not None else None

"""What the codes of the books are called by people: states, forms, acts and offices, each in one sentence or word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cordiale.words.spoken import marked

WORDS: Final[Mapping[str, str]] = {
    "agreed": marked("agreed"), "asked": marked("asked"), "assigned": marked("assigned"), "assured": marked("assured"),
    "authorised": marked("authorised"), "back": marked("back at the registry"), "begun": marked("begun"),
    "charged-out": marked("charged out"), "confirmed": marked("confirmed"), "copy": marked("copying"),
    "declined": marked("declined"), "destroy": marked("destruction"), "destroyed": marked("destroyed"),
    "dispatched": marked("dispatched"), "done": marked("done"), "draft": marked("draft"),
    "entered": marked("entered"), "equipment": marked("equipment"), "extract": marked("extract"),
    "file": marked("a file"), "forbidden": marked("forbidden"), "frozen": marked("frozen"), "given": marked("given"),
    "held": marked("held here"), "in-use": marked("in use"), "medium": marked("a medium"),
    "offered": marked("offered"), "open": marked("open"), "oral": marked("an oral disclosure"),
    "packed": marked("packed"), "paper": marked("paper"), "pass-on": marked("passing on"),
    "permitted": marked("permitted"), "planned": marked("planned"), "proposed": marked("proposed"),
    "receipt": marked("receipt"), "receipted": marked("receipted"), "refused": marked("refused"),
    "register": marked("registration"),
    "registered": marked("registered"), "required": marked("required"), "return": marked("return"),
    "returned": marked("returned"), "signed": marked("signed"), "told": marked("told"),
    "translate": marked("translation"), "under-way": marked("under way"), "void": marked("void"),
    "active": marked("active"),
    "allowed": marked("allowed"), "with-notice": marked("with notice to the originator"),
    "with-consent": marked("with the originator's consent"), "with-partner": marked("with the partner"),
    "withdrawn": marked("withdrawn"),
    "lapsed": marked("closed, as it holds no longer"), "item-gone": marked("the item is not here any more"),
    "terms-changed": marked("content, label or terms have changed since"),
    "agreement-over": marked("the agreement has ended"), "done-otherwise": marked("it was done otherwise"),
    # States, kinds and answers of the matters that the pages list.
    "acknowledged": marked("acknowledged"), "archive": marked("archiving"), "attested": marked("attested"),
    "clearance": marked("a clearance to the level"),
    "cleared": marked("cleared"), "closed": marked("closed"), "compromise": marked("a compromise"),
    "concluded": marked("concluded"), "counted": marked("counted"), "declassified": marked("declassified"),
    "delay": marked("a delay"), "disclose": marked("a disclosure that a law forces"),
    "entry-error": marked("an error in the entries"), "final-came": marked("the final report came"),
    "final-sent": marked("the final report was sent"), "found": marked("found"),
    "read-there": marked("read at the recipient"),
    "freeze": marked("freeze it"),
    "granted": marked("granted"), "handling-raised": marked("higher handling asked for"),
    "handover": marked("a change of custodian"), "in": marked("from the partner"),
    "in-process": marked("in process"), "issued": marked("issued"), "kept": marked("the level stays"),
    "lift": marked("lift the freeze"), "loss": marked("a loss"), "marking": marked("to be marked"),
    "function": marked("a function"), "nationality": marked("a nationality"), "wire": marked("by wire"),
    "bag": marked("in the bag"), "carry": marked("carried by a courier"),
    "freight": marked("as freight, under a transport plan"),
    "missing": marked("missing"), "missing-mark": marked("a mark is missing"), "not-cleared": marked("not cleared"),
    "not-expected": marked("here, and not expected in this inventory"), "not-found": marked("not found"),
    "order": marked("an order"), "out": marked("from us"),
    "part-declined": marked("you may not take part in the inquiry"),
    "part-granted": marked("you may take part in the inquiry"), "pending": marked("waiting for its day"),
    "proved": marked("proved"), "publish": marked("publication"), "request": marked("a request"),
    "settled": marked("settled"), "spot": marked("a share, drawn by chance"), "surplus": marked("there too much"),
    "suspected": marked("a suspicion"), "system": marked("a system"), "tampered": marked("something tampered with"),
    "to-be-changed": marked("the level is to be changed"), "to-tell": marked("not told yet"),
    "too-high": marked("too high"), "too-low": marked("too low"), "unknown": marked("no such number here"),
    "unsolicited": marked("something nobody asked for"), "use-abroad": marked("use abroad"),
    "whole": marked("all that must be there"), "working": marked("under way"),
    "wrong-mark": marked("a mark is wrong"),
    "approved": marked("approved"), "cancelled": marked("cancelled"), "ended": marked("ended"),
    "inside": marked("inside"), "left": marked("left"), "no": marked("no"), "not-awarded": marked("not awarded"),
    "not-taken": marked("not taken by the partner"), "notified": marked("told, not answered yet"),
    "once": marked("once"), "recurring": marked("a series"), "reported": marked("reported"),
    "security": marked("security experts"), "suspended": marked("suspended"),
    "too-late": marked("approved too late"), "urgent": marked("urgent"), "visual": marked("shown"),
    "yes": marked("yes"), "ceded": marked("handed over for good"),
    "agrees": marked("as our books say"), "differs": marked("differs from our books"),
    "had-ended": marked("seen, though it had ended"), "never-there": marked("seen, though never there"),
    "not-listed": marked("not in the list"), "partial": marked("not complete yet"),
    # How things travel, our registries, notices, and records of people.
    "arrived": marked("arrived"), "authority-changed": marked("another authority"),
    "briefing": marked("a briefing"), "certificate": marked("a certificate"), "chief": marked("chief registry"),
    "clearance-query": marked("a question about a clearance"), "clearance-told": marked("a clearance that was told"),
    "control-point": marked("control point"), "courier": marked("by courier"), "dispute": marked("a dispute"),
    "disturbed": marked("tampered with"), "packages": marked("packages"), "seals": marked("seals"),
    "dispute-settled": marked("a dispute is settled"), "grant": marked("a need-to-know"),
    "law-changed": marked("a law has changed"), "old-regime": marked("the old rules go on"),
    "overdue": marked("overdue"), "person": marked("a person"), "post": marked("by post"), "said": marked("said"),
    "sub-registry": marked("sub-registry"), "visitor": marked("a visitor"),
    # The stages of an agreement, and what was done with an item.
    "change-level": marked("a change of level"), "crisis-destroy": marked("destruction in a crisis"),
    "in-force": marked("in force"), "in-principle": marked("agreed in principle"),
    "initialled": marked("initialled"), "notes-exchanged": marked("notes exchanged"),
    "provisional": marked("applied provisionally"), "terminated": marked("terminated"),
    "copied": marked("copied"), "copied-by-partner": marked("copied by the partner"),
    "corrected": marked("corrected"), "done-on-paper": marked("done on paper"),
    "emergency": marked("disclosed in an emergency"), "extracted": marked("an extract made"),
    "extracted-by-partner": marked("an extract made by the partner"), "own-destroyed": marked("our own destroyed"),
    "passed-on-unopened": marked("passed on unopened"), "put-in-folder": marked("put in a folder"),
    "re-marked": marked("marked anew"), "taken-from-folder": marked("taken from a folder"),
    "transferred": marked("sent to another registry"), "translated": marked("translated"),
    "translated-by-partner": marked("translated by the partner"), "voided": marked("made void"),
    "ok": marked("in order"), "warning": marked("a warning"),
    # What waits and stands in the books as no duty.
    "approve-release": marked("a release waits for your approval"), "dispatch": marked("a release waits to be sent"),
    "release-declined": marked("a release you proposed was declined: propose it anew, or withdraw it"),
    "answered": marked("approved"), "carried-out": marked("dispatched"), "waiting": marked("waits for an authority"),
    "superseded": marked("proposed anew"), "confirm-custody": marked("an item was handed to you: confirm it"),
    "confirm-level": marked("a change of level waits for your decision"),
    "held-back": marked("a consignment does not leave: its agreement is suspended or has ended"),
    "read": marked("an item waits to be read"), "meet-courier": marked("a courier is on the way to you"),
    "witness-destruction": marked("a destruction waits for a second person"),
    "confirm-partner": marked("a partner waits to be confirmed by a second person"),
    "confirm-people": marked("a proposal about people waits for a second person"),
    "hand-over": marked("a packed consignment waits for a courier or the post"),
    "confirm-crisis": marked("a destruction in a crisis waits for a second person"),
    "count-inventory": marked("an inventory is under way"),
    "sign-inventory": marked("an inventory waits for signatures"),
    "originator": marked("originator"), "releasing-authority": marked("releasing authority"),
    "registrar": marked("registrar"), "deputy-registrar": marked("deputy registrar"), "head": marked("head"),
    "reader": marked("reader"), "security-officer": marked("security officer"),
    "competent-authority": marked("competent authority"), "key-officer": marked("key officer"),
    "inspector": marked("inspector"), "administrator": marked("administrator"),
}

_ACTS: Final = {
    "provide": marked("provision"), "read": marked("reading a content"), "recall": marked("recall"),
    "receive": marked("receiving"), "report-loss": marked("the report of a loss"),
}


KINDS: Final[Mapping[str, str]] = {
    "absence": marked("absence"), "agreement": marked("agreement"),
    "asked-reproduction": marked("request for a reproduction"), "backup": marked("backup"),
    "carriage": marked("parcel"), "certificate": marked("certificate"),
    "clearance-query": marked("question about a clearance"), "client": marked("program with access"),
    "consent": marked("consent"), "consent-request": marked("request for consent"),
    "consignment": marked("consignment"), "contract": marked("contract"), "copy": marked("copy"),
    "credential": marked("means of signing in"), "crisis": marked("destruction in a crisis"),
    "custody": marked("charge-out"), "destruction": marked("destruction"), "device": marked("device"),
    "disclosure": marked("disclosure by word of mouth"), "draft": marked("draft"), "duty": marked("duty"),
    "emergency": marked("disclosure in an emergency"), "entry": marked("entry of the register"),
    "erasure-proposal": marked("proposal to erase"), "facility": marked("question about a firm"),
    "folder": marked("folder"), "freeze": marked("freeze"), "freeze-order": marked("order to freeze"),
    "incident": marked("incident"), "incident-draft": marked("part of an incident's report"),
    "incident-final": marked("final report of an incident"), "incident-share": marked("incident that was told of"),
    "inventory": marked("inventory"), "inventory-export": marked("list of what is held"),
    "inventory-told": marked("result of an inventory"), "invitation": marked("invitation"), "item": marked("item"),
    "level-challenge": marked("doubt about a level"), "level-change": marked("change of level"),
    "level-proposal": marked("proposal to change a level"), "level-told": marked("word of a change of level"),
    "log": marked("entry of the audit trail"), "medium": marked("medium"), "need": marked("need-to-know"),
    "outage-entry": marked("entry made on paper"), "own": marked("statement of our own"), "partner": marked("partner"),
    "people-proposal": marked("proposal about people"), "person": marked("person"),
    "reading-told": marked("notice of a reading"), "rehoming": marked("move of items to another agreement"),
    "reproduction": marked("reproduction"), "return-request": marked("request to give back"),
    "sent": marked("message sent"),
    "sign-in": marked("sign-in"), "sub-registry": marked("registry of ours"), "succession": marked("succession"),
    "transfer": marked("transfer between registries"), "transport-plan": marked("transport plan"),
    "visit": marked("visit"), "visitor": marked("visitor"), "withdrawal": marked("taking back of a dispatch"),
}
"""What a record of each kind is called where it is said that there is none, or that one is damaged."""

OF_RECORDS: Final = frozenset({"record.damaged", "record.missing", "record.too-large"})
"""The errors whose field `kind` is the kind of a record."""


def kind_word(kind: str) -> str:
    """Return what a record of `kind` is called."""
    return KINDS.get(kind) or WORDS.get(kind, kind)


def act_word(code: str) -> str:
    """Return what an act that agreements speak of is called; `read` among the codes is an item that waits for it."""
    return _ACTS.get(code) or WORDS.get(code, code)

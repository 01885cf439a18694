"""The kinds of duties: what each means, which office sees to it, whom it is brought before, who may settle it by hand.

A kind that is not in the table falls to the registrar and is brought before the competent authority: nothing that
is due stays with nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.model.person import Office


@dataclass(frozen=True, slots=True)
class DutyKind:
    """A kind of duty: `office` sees to it, and once it is overdue it stands before `escalates_to` as well.

    `is_settled_by_hand` marks what no message or act discharges by itself: a holder of `office` says what was done.
    """

    what: str
    meaning: str
    office: Office = Office.REGISTRAR
    escalates_to: Office = Office.COMPETENT_AUTHORITY
    is_settled_by_hand: bool = False


_ROWS: Final = (
    DutyKind("tell-originator", "an originator, or who follows it, is to be told what it was not told by the node",
             is_settled_by_hand=True),
    DutyKind("in-succession", "a partner tells of items of an originator that we follow", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("receipt", "the partner's receipt for a consignment that left"),
    DutyKind("register", "a consignment that is held waits to be counted and registered", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("register-central", "an item that the central register holds as well", Office.REGISTRAR,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("certificate", "the certificate of a copy that has ended", Office.REGISTRAR, Office.SECURITY_OFFICER),
    DutyKind("missing-message", "numbers in the stream of a partner that never came", is_settled_by_hand=True),
    DutyKind("courier-certificate", "the certificate that a courier hands back after the journey"),
    DutyKind("courier-authority", "a courier of whom our own authority is told before the journey",
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("courier-overdue", "a courier who should have arrived", Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("packages-differ", "packages that came otherwise than they were announced", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("opened-on-the-way", "packages that officials opened on the way", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("answer-plan", "a plan for freight that the other party's authority has not answered",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("answer-visit", "a visit that was asked for, or an amendment of one, and is not answered",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("brief-site", "a place that is to be told of an approved visit", Office.SECURITY_OFFICER),
    DutyKind("stop-access", "a visitor who is inside and may stay no longer", Office.SECURITY_OFFICER),
    DutyKind("tell-suspended", "a host who could not be told that a visitor does not come", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("confirm-disclosure", "a note on what visitors were told", Office.ORIGINATOR, Office.SECURITY_OFFICER),
    DutyKind("answer-facility", "a question about the clearance of a firm", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("facility-lost", "a firm whose assured clearance was withdrawn; what rests on it is to be seen to",
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("answer-contract", "a list of classified parts that is not acknowledged", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("copy-contract", "a copy of the list that our own authority is to have", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("contract-item", "an item to return or destroy, for its contract is over"),
    DutyKind("check-holder", "a holder of foreign information whom our authority looks at", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("copy-report", "the partner's answer to a report of copies made here"),
    DutyKind("reproduce", "a reproduction that was asked for waits to be assigned or declined", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("return-answer", "the answer to a request for return"),
    DutyKind("return", "copies that were asked back and promised"),
    DutyKind("refused-consignment", "what a partner refused and sends back, to be settled", is_settled_by_hand=True),
    DutyKind("refused-by-partner", "a message of ours that the partner's node refused: tell it anew, or otherwise",
             is_settled_by_hand=True),
    DutyKind("order-unanswered", "an order of ours that the partner's node has not answered: tell it otherwise",
             is_settled_by_hand=True),
    DutyKind("purpose-ended", "a purpose has ended; what is here for it is returned, destroyed or asked about",
             is_settled_by_hand=True),
    DutyKind("crisis-authority", "our own authority is told of a destruction in a crisis", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("crisis-report", "a destruction in a crisis that the originator is not told of yet",
             Office.SECURITY_OFFICER),
    DutyKind("crisis-drill", "destruction in a crisis is practised", Office.SECURITY_OFFICER, Office.HEAD,
             is_settled_by_hand=True),
    DutyKind("crisis-list", "the list for a crisis is printed anew", Office.SECURITY_OFFICER, Office.HEAD,
             is_settled_by_hand=True),
    DutyKind("crisis-reported", "a partner destroyed copies of ours in a crisis", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("take-inventory", "the next inventory of a part of the register", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("tell-inventory", "the originator is to be told the result of an inventory of its items"),
    DutyKind("inventory-differs", "a partner's inventory of our items differs from what our books say is there",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("custody-back", "what was charged out until a day is handed back", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("report-incident", "what an inventory did not find is to be reported", Office.REGISTRAR,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("level-change", "a change of level that takes effect on its day; the node carries it out by itself"),
    DutyKind("level-change-done", "the partner's answer for its copies of an item whose level changes"),
    DutyKind("mark-level", "a new level has to be marked on the thing", Office.REGISTRAR, Office.SECURITY_OFFICER),
    DutyKind("note-level", "whoever holds an item takes note of its new level"),
    DutyKind("recover-item", "an item is with a person who may not have it any more", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("tell-level", "a third party that an item was passed on to is told of its new level"),
    DutyKind("answer-consent", "a request for consent waits for your answer", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("consent-answer", "the originator's answer to a request for consent"),
    DutyKind("consent-silence", "silence on a request has lasted so long that the agreement counts it: to be entered",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("consent-answer-refused", "an answer to a request for consent that was refused here: learn what it said",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("consent-used", "the partner's word on how often a consent was used before it was withdrawn"),
    DutyKind("tell-reading", "the originator is to be told of readings of its item; the node does it by itself"),
    DutyKind("reading-doubt", "a reading that a partner tells of and that does not fit our books",
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("consent-consequence", "what was done under a consent that is withdrawn", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("tell-compelled", "an originator is to be told that a law may force a disclosure",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("compelled-disclosure", "the day by which a law forces a disclosure; the originator is consulted before",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("emergency-report", "the report on a disclosure in an emergency", Office.COMPETENT_AUTHORITY, Office.HEAD),
    DutyKind("emergency-told", "a partner disclosed an item of ours in an emergency", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("level-review", "the need for a level is looked at again; of a foreign item the originator is consulted",
             Office.RELEASING_AUTHORITY, is_settled_by_hand=True),
    DutyKind("answer-challenge", "the answer to a doubt about a level", Office.RELEASING_AUTHORITY),
    DutyKind("judge-level", "a translation or extract stands at a level of its own while that of the whole changes",
             Office.RELEASING_AUTHORITY, is_settled_by_hand=True),
    DutyKind("raise-folder", "a folder that stands below something in it", Office.RELEASING_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("amendment-answer", "a profile that was proposed waits to be signed or declined",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("notice-answer", "a notice about the agreement waits to be acknowledged", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER),
    DutyKind("tell-law-change", "a changed national profile has to be told to the partners",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("tell-authority", "a changed authority or address has to be told to the partners",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("agreement-review", "the parties review the agreement together", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("agreement-lapse", "the last day to say that the agreement is not extended", Office.COMPETENT_AUTHORITY,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("agreement-end", "the time of an agreement has run out: that it goes on, or is over, is to be seen to",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("answer-rehoming", "a party's word that an agreement follows another is still missing",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("confirm-succession", "who follows an originator waits for a second person", Office.SECURITY_OFFICER),
    DutyKind("not-rehomed", "items for which the agreement that follows has no equivalent level",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("erase", "personal data has to be erased by its day", Office.SECURITY_OFFICER),
    DutyKind("log-doubt", "a log that was written anew, or that a partner does not find to have grown only",
             Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY, is_settled_by_hand=True),
    DutyKind("judge-incident", "a reported incident that nobody in office has taken up",
             Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY),
    DutyKind("tell-incident", "the originator is to be told of an incident with its item",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("close-incident", "a case that is not closed: its final report, or the partner's word on it",
             Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY),
    DutyKind("acknowledge-incident", "a partner's report on an incident that nobody has acknowledged",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("acknowledge-final-report", "the partner's acknowledgement of a final report",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("answer-part-in-inquiry", "a partner asks to take part in an inquiry",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("act-in-third-country", "who acts where an incident happened in a third country",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("answer-freeze", "an order to freeze an item, or to lift that, which was not answered",
             Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY),
    DutyKind("answer-clearance", "a question about somebody's clearance",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("tell-clearance-withdrawn", "a partner whom the node could not tell that a clearance has ended",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("acknowledge-briefing", "a briefing that the person has not acknowledged",
             Office.SECURITY_OFFICER, Office.HEAD, is_settled_by_hand=True),
    DutyKind("refresh-briefing", "a briefing that is about to lapse, and access with it",
             Office.SECURITY_OFFICER, Office.HEAD, is_settled_by_hand=True),
    DutyKind("draft-accountable", "a draft waits to be entered in the register, or destroyed", Office.ORIGINATOR,
             Office.SECURITY_OFFICER),
    DutyKind("draft-destroy", "what is left of an issued draft waits to be destroyed", Office.ORIGINATOR,
             Office.SECURITY_OFFICER),
    DutyKind("receive-transfer", "a copy on its way to another registry of ours that has not confirmed it",
             Office.REGISTRAR, Office.SECURITY_OFFICER),
    DutyKind("tell-registry", "partners are to be told of a registry of ours that opened or closed",
             Office.COMPETENT_AUTHORITY, Office.SECURITY_OFFICER),
    DutyKind("registry-notice", "the partner's acknowledgement of a notice of one of our registries",
             Office.COMPETENT_AUTHORITY),
    DutyKind("confirm-outage", "what was done on paper waits for a second person to confirm it",
             Office.SECURITY_OFFICER),
    DutyKind("remember", "what a person entered with a day, so that nobody forgets it", is_settled_by_hand=True),
)

DUTY_KINDS: Final[Mapping[str, DutyKind]] = MappingProxyType({row.what: row for row in _ROWS})
"""Every kind of duty that the books hold, by its name (`what`)."""


def kind_of(what: str) -> DutyKind:
    """Return the row for `what`, one with the offices above for a kind that has none."""
    return DUTY_KINDS.get(what) or DutyKind(what, "")

"""What acts are called where they stand in a list: those that no form of the desk names, the node's own among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from cordiale.rules.clients import EVERY_VIEW
from cordiale.words.spoken import marked

DEEDS: Final[Mapping[str, str]] = {
    # What people do at the terminal, or on a page of its own.
    "people.enrol-key": marked("Propose a person's key"), "search.save": marked("Keep a search"),
    "search.forget": marked("Forget a search"), "node.install": marked("Install our own statement"),
    "partner.add": marked("Take in a partner"), "partner.update": marked("Take in a newer statement of a partner"),
    "agreement.enter": marked("Propose an agreement"), "agreement.national": marked("Enter our national rules"),
    "agreement.sign": marked("Sign a profile"), "label": marked("Label an item"),
    "label.propose": marked("Lay a label before those who join it"),
    "purpose.end": marked("End a purpose"), "purpose.resume": marked("Resume a purpose"),
    "inventory.sight": marked("Count and compare"), "entry.correct": marked("Correct an entry"),
    "entry.void": marked("Make a number void"), "read": marked("Read"), "read.open": marked("Read"),
    "read.file": marked("Take out as a file"), "draft.enter": marked("Enter a draft"),
    "draft.revise": marked("Give the new version of a draft"), "draft.read": marked("Read a draft"),
    "draft.open": marked("Read a draft"),
    "reproduce.deliver": marked("Deliver a translation or an extract"),
    EVERY_VIEW: marked("See whatever the person sees"),
    # What the node does by itself.
    "people.found": marked("Enter the first people"), "desk.offer": marked("Offer a passkey, card or account"),
    "desk.sign-in": marked("Sign in"), "desk.sign-out": marked("Sign out"),
    "log.show": marked("Show a log to be countersigned"),
    "unanswered": marked("Make due what a partner has not answered"),
    "take": marked("Take in a message"), "refuse": marked("Refuse a message"),
    "quarantine": marked("Keep a message apart"), "missing-message": marked("Note that a message is missing"),
    "bag.pack": marked("Pack a bag"), "bag.unpack": marked("Unpack a bag"),
    "bag.answer": marked("Put answers in a bag"), "backup": marked("Make a backup"),
    "backup.made": marked("Make a backup"), "anchor.confirm": marked("Confirm the books"),
    "envelopes.sweep": marked("Clear away what came to nothing"), "certify": marked("Certify what has ended"),
    "draft.erased": marked("Clear away what came to nothing"),
    "level.effect": marked("Put a change of level into effect"), "level.work": marked("Mark a change of level"),
    "reading.tell": marked("Tell of readings"),
    "duty.date": marked("Set the day of a duty"), "duty.plan": marked("Plan a duty"),
    "duty.remind": marked("Bring what is overdue before its officers"), "chase": marked("Remind a partner"),
    "incident.delay": marked("Open a case for a delay"), "courier-overdue": marked("Open a case for a delay"),
    "partner.renew": marked("Take in a newer statement of a partner"),
    "approval.lapsed": marked("Close an approval that holds no longer"),
    "agreement.amended": marked("Change a profile without who has left"),
    "agreement.rehome": marked("Carry items over to the successor"),
    "agreement.rehomed": marked("Carry items over to the successor"),
}
"""By the kind of the act; what is done with a message stands under what is done, whatever the type of the message."""


_OF_MESSAGES: Final = frozenset({"take", "refuse"})


def named(deeds: Mapping[str, str], act: str) -> str:
    """Return what `deeds` call an act; the act itself where they do not."""
    done = act.partition(".")[0]
    return deeds.get(act) or (DEEDS[done] if done in _OF_MESSAGES else act)


def act_name(deeds: Mapping[str, str]) -> Callable[[Callable[..., str], str], str]:
    """Return how a page names an act, by what `deeds` call each."""
    return lambda say, act: say(named(deeds, act))

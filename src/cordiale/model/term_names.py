"""The names of the figures and periods that an agreement or a national profile can set.

A name that is not in this table is refused when it is read. Each row says what
the figure means, which of two figures is the stricter, and what it may count; or that it says
yes (1) or no (0). No figure stands here: what no layer says is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cordiale.model.agreement import TermUnit


class Stricter(StrEnum):
    """Which of two figures asks for more care."""

    LONGER = "longer"
    SHORTER = "shorter"


_TIME: Final = frozenset({
    TermUnit.HOURS, TermUnit.CALENDAR_DAYS, TermUnit.WORKING_DAYS, TermUnit.WEEKS, TermUnit.MONTHS, TermUnit.YEARS,
})
_NUMBER: Final = frozenset({TermUnit.COUNT})
_SHARE: Final = frozenset({TermUnit.PERCENT})


@dataclass(frozen=True, slots=True)
class TermName:
    """One known name: what it means, which of two figures is the stricter, and the units it may count in."""

    meaning: str
    stricter: Stricter
    units: frozenset[TermUnit] = _TIME
    is_yes_or_no: bool = False


def _within(meaning: str) -> TermName:
    return TermName(meaning, Stricter.SHORTER)


def _at_least(meaning: str) -> TermName:
    return TermName(meaning, Stricter.LONGER)


def _asked(meaning: str) -> TermName:
    return TermName(meaning, Stricter.LONGER, _NUMBER, is_yes_or_no=True)


TERM_NAMES: Final[Mapping[str, TermName]] = MappingProxyType({
    # The agreement over time, authorities and registries.
    "agreement.duration": _within("how long the agreement is concluded for"),
    "agreement.extension": _within("how long one extension of the agreement lasts"),
    "agreement.lapse-notice": _at_least("how long before its end it is said that the agreement is not extended"),
    "agreement.review": _within("the parties review the agreement within"),
    "amendment.answer": _within("a proposal to amend is answered within"),
    "authority.inspect": _within("the authority looks at each holder of foreign information every"),
    "authority.notify": _within("a change of authority or of its address is told within"),
    "dispute.answer": _within("a dispute is answered within"),
    "law-change.notify": _within("a change of law that touches protection is told within"),
    "registry.notify": _within("an opened or closed registry is told within"),
    # Registration, custody, inventories.
    "draft.destroy": _within("what is left of a draft is destroyed after its issue within"),
    "draft.accountable": _within("a draft is entered in the register once it is older than"),
    "handover.confirm": _within("a hand-over is confirmed by the new holder within"),
    "inventory.every": _within("all copies are counted every"),
    "inventory.report": _within("the originator is told the result of an inventory of its items within"),
    "inventory.share": TermName("the share of items seen in a spot check is", Stricter.LONGER, _SHARE),
    "outage.enter": _within("what was done on paper during an outage is entered within"),
    "register.central": _within("an item that the central register also holds is entered there within"),
    "register.entry": _within("an item is entered in the register within"),
    "transfer.registries": TermName(
        "registries of a party that let this level pass on from a sub-registry, one meaning the chief one alone",
        Stricter.SHORTER, _NUMBER,
    ),
    "spot-check.every": _within("a spot check is held every"),
    # Transport and receipts.
    "courier.advise": _at_least("a courier is announced before the journey by"),
    "courier.authority": _at_least("the authority is told of a courier before the journey by"),
    "courier.overdue": _within("a courier counts as overdue after"),
    "delivery.overdue": _within("a delivery that has not come counts as suspected loss after"),
    "freight.packages": TermName(
        "packages of one consignment that travel without a transport plan of both authorities, and no more:",
        Stricter.SHORTER, _NUMBER,
    ),
    "receipt.chase": _within("a receipt that has not come is chased after"),
    "reproduction.registries": TermName(
        "registries of a party that may reproduce this level, one meaning the responsible one alone", Stricter.SHORTER,
        _NUMBER,
    ),
    "urgent-copy.report": _within("a copy made in urgency is reported within"),
    # The reading room.
    "room.file": TermName(
        "who reads in the reading room may be given the content as a file:", Stricter.SHORTER, _NUMBER,
        is_yes_or_no=True,
    ),
    "room.text": TermName(
        "the text of a page is given to assistive technology:", Stricter.SHORTER, _NUMBER, is_yes_or_no=True,
    ),
    # Levels.
    "challenge.answer": _within("a doubt about a level is answered within"),
    "challenge.escalate": _within("a doubt about a level goes to the next authority after"),
    "level.acknowledge": _within("a change of level is acknowledged within"),
    "level.notice": _at_least("an intended change of level is announced ahead by"),
    "level.review": _within("the need for a level is looked at again every"),
    # Consent and disclosure.
    "compelled.notify": _within("a disclosure that a law may force is told within"),
    "consent.answer": _within("a request for consent is answered within"),
    "consent.category": _within("consents are given in advance for the category in the note, each ending after"),
    "consent.lifetime": _within("a consent ends after"),
    "consent.silence": _at_least("silence counts as consent to the act in the note only after"),
    "emergency.by": TermName(
        "persons with the function in the note who decide together on a disclosure in an emergency:", Stricter.LONGER,
        _NUMBER),
    "emergency.report": _within("a disclosure in an emergency is told within"),
    "emergency.report-latest": _within("a disclosure in an emergency is told at the latest within"),
    # Return, destruction, crisis.
    "crisis.drill": _within("destruction in a crisis is practised every"),
    "crisis.list": _within("the list for a crisis is printed anew every"),
    "crisis.report": _within("destruction in a crisis is told within"),
    "destroy.registries": TermName(
        "registries of a party that may destroy this level, one meaning the chief one alone", Stricter.SHORTER, _NUMBER,
    ),
    "return.answer": _within("a request for return is answered within"),
    # Incidents.
    "incident.final": _within("the final report on an incident is given within"),
    "incident.freeze-right": TermName(
        "orders to freeze that the originator may give and the holder obeys:", Stricter.LONGER, _NUMBER),
    "incident.notify": _within("a loss, or the possibility of one, is told within"),
    "incident.notify-inquiry": _within("a loss is told after the inquiry into it within"),
    "incident.provider-acts": TermName(
        "in a third country the providing party acts:", Stricter.LONGER, _NUMBER, is_yes_or_no=True),
    "incident.recipient-acts": TermName(
        "in a third country the receiving party acts:", Stricter.LONGER, _NUMBER, is_yes_or_no=True),
    # People.
    "briefing.refresh": _within("a briefing is renewed every"),
    "roster.extract": TermName(
        "extracts of the roster that the other authority is given:", Stricter.LONGER, _NUMBER),
    "clearance.answer": _within("a question about a clearance is answered within"),
    "clearance.notify": _within("a withdrawn or lowered clearance is told within"),
    # Visits.
    "visit.direct-notice": _at_least("a visit that is part of an approved series is announced before it by"),
    "visit.lead": _at_least("a visit is asked for before it begins by"),
    "visit.lead-urgent": _at_least("an urgent visit is asked for before it begins by"),
    "visit.recurring": _within("an approval of recurring visits lasts at most"),
    "visit.renewal": _within("one renewal of recurring visits lasts at most"),
    "visit.renewal-ask": _at_least("a renewal of recurring visits is asked for before they end by"),
    "visit.renewals": TermName("recurring visits are renewed at most so many times:", Stricter.SHORTER, _NUMBER),
    "visit.security-lead": _at_least("a visit of security experts is announced ahead by"),
    "visit.third-state": TermName(
        "authorities that must agree to a visit by nationals of third states:", Stricter.LONGER, _NUMBER,
    ),
    "visit.asks.address": _asked("a request for a visit says the address of each place:"),
    "visit.asks.born": _asked("a request for a visit says when and where each visitor was born:"),
    "visit.asks.contact": _asked("a request for a visit says whom to ask for at each place:"),
    "visit.asks.document": _asked("a request for a visit says the passport or identity card of each visitor:"),
    "visit.asks.employer": _asked("a request for a visit says whom each visitor represents:"),
    "visit.asks.initiative": _asked("a request for a visit says who wants the visit:"),
    "visit.asks.phone": _asked("a request for a visit says how each place is reached:"),
    "visit.asks.post": _asked("a request for a visit says the post of each visitor:"),
    "visit.asks.programme": _asked("a request for a visit says the programme:"),
    "visit.asks.subject": _asked("a request for a visit says the subject in a language of the host:"),
    # Contracts.
    "contract.copy": _within("the security part of a contract reaches the authority within"),
    "contract.copies": TermName("copies of the security part that the authority is given:", Stricter.LONGER, _NUMBER),
    "contract.sub-approval": TermName(
        "authorities that must approve a sub-contract before it:", Stricter.LONGER, _NUMBER,
    ),
    "contract.return": _within("what a contract no longer needs is returned within"),
    # What is kept, at the least, and what is erased, at the latest.
    "retention.briefing": _at_least("briefing certificates are kept for"),
    "retention.clearance": _at_least("records of a clearance are kept after it ends for"),
    "retention.consent": _at_least("requests for consent and their answers are kept for"),
    "retention.contract": _at_least("records of a contract are kept for"),
    "retention.courier": _at_least("courier orders and certificates are kept for"),
    "retention.destruction": _at_least("destruction certificates are kept for"),
    "retention.hand-over": _at_least("hand-over records are kept for"),
    "retention.incident": _at_least("records of an incident are kept for"),
    "retention.inventory": _at_least("inventories are kept for"),
    "retention.log": _at_least("system logs are kept for"),
    "retention.medium": _at_least("records of a medium are kept for"),
    "retention.reader-sheet": _at_least("who has read an item is kept for"),
    "retention.receipt": _at_least("receipts are kept for"),
    "retention.register": _at_least("entries in the register are kept for"),
    "retention.visit": _at_least("records of a visit are kept for"),
    "erasure.person": _within("personal data of somebody who has left is erased within"),
    "erasure.visitor": _within("personal data of a visitor is erased after the visit within"),
})

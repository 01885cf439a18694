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
    DutyKind("receipt", "the partner's receipt for a consignment that left"),
    DutyKind("register", "a consignment that is held waits to be counted and registered", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("certificate", "the certificate of a copy that has ended", Office.REGISTRAR, Office.SECURITY_OFFICER),
    DutyKind("missing-message", "numbers in the stream of a partner that never came", is_settled_by_hand=True),
    DutyKind("courier-certificate", "the certificate that a courier hands back after the journey"),
    DutyKind("courier-overdue", "a courier who should have arrived", Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("packages-differ", "packages that came otherwise than they were announced", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("opened-on-the-way", "packages that officials opened on the way", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("copy-report", "the partner's answer to a report of copies made here"),
    DutyKind("return-answer", "the answer to a request for return"),
    DutyKind("return", "copies that were asked back and promised"),
    DutyKind("refused-consignment", "what a partner refused and sends back, to be settled", is_settled_by_hand=True),
    DutyKind("custody-back", "what was charged out until a day is handed back", Office.REGISTRAR,
             Office.SECURITY_OFFICER),
    DutyKind("report-incident", "what an inventory did not find is to be reported", Office.REGISTRAR,
             Office.SECURITY_OFFICER, is_settled_by_hand=True),
    DutyKind("level-change", "a change of level that takes effect on its day; the node carries it out by itself"),
    DutyKind("level-change-done", "the partner's answer for its copies of an item whose level changes"),
    DutyKind("note-level", "whoever holds an item takes note of its new level"),
    DutyKind("recover-item", "an item is with a person who may not have it any more", Office.SECURITY_OFFICER,
             is_settled_by_hand=True),
    DutyKind("tell-level", "a third party that an item was passed on to is told of its new level"),
    DutyKind("judge-level", "a translation or extract stands at a level of its own while that of the whole changes",
             Office.RELEASING_AUTHORITY, is_settled_by_hand=True),
    DutyKind("draft-accountable", "a draft waits to be entered in the register, or destroyed", Office.ORIGINATOR,
             Office.SECURITY_OFFICER),
    DutyKind("draft-destroy", "what is left of an issued draft waits to be destroyed", Office.ORIGINATOR,
             Office.SECURITY_OFFICER),
    DutyKind("remember", "what a person entered with a day, so that nobody forgets it", is_settled_by_hand=True),
)

DUTY_KINDS: Final[Mapping[str, DutyKind]] = MappingProxyType({row.what: row for row in _ROWS})
"""Every kind of duty that the books hold, by its name (`what`)."""


def kind_of(what: str) -> DutyKind:
    """Return the row for `what`, one with the offices above for a kind that has none."""
    return DUTY_KINDS.get(what) or DutyKind(what, "")

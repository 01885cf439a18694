"""What is due when a partner's node refuses a message of ours: to whom it falls, what it is about, what replaces it.

Nothing of ours ends in silence: a type is in `SEEN_TO`, and its refusal makes something due, or in `ONLY_ANSWERS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cordiale.model.person import Office


@dataclass(frozen=True, slots=True)
class SeenTo:
    """How the refusal of a type is seen to: `office` does, `about` is the member of the body that names the matter.

    Without a member it is the message that is answered, the agreement, or the partner, whichever there is first.
    `is_replaced` says that a later message of the type about the same tells it anew.
    """

    office: Office
    about: str = ""
    is_replaced: bool = True


_AUTHORITY: Final = Office.COMPETENT_AUTHORITY
_REGISTRAR: Final = Office.REGISTRAR
_SECURITY: Final = Office.SECURITY_OFFICER

SEEN_TO: Final[Mapping[str, SeenTo]] = MappingProxyType({
    "agreement-proposal": SeenTo(_AUTHORITY),
    "agreement-signature": SeenTo(_AUTHORITY),
    "notes-exchanged": SeenTo(_AUTHORITY),
    "readiness-found": SeenTo(_AUTHORITY, is_replaced=False),
    "link-approved": SeenTo(_AUTHORITY, is_replaced=False),
    "stage-changed": SeenTo(_AUTHORITY, is_replaced=False),
    "accord-notice": SeenTo(_AUTHORITY, "notice"),
    "amendment-closed": SeenTo(_AUTHORITY, is_replaced=False),
    "rehoming": SeenTo(_AUTHORITY, "predecessor"),
    "registry-notice": SeenTo(_AUTHORITY, "registry"),
    "consignment": SeenTo(_REGISTRAR, "consignment"),
    "courier-advice": SeenTo(_REGISTRAR, "consignment"),
    "arrival-report": SeenTo(_REGISTRAR, "consignment"),
    "transport-plan": SeenTo(_AUTHORITY, "plan"),
    "transport-plan-answer": SeenTo(_AUTHORITY, "plan"),
    "receipt": SeenTo(_REGISTRAR, "consignment"),
    "consignment-refusal": SeenTo(_REGISTRAR, "consignment"),
    "consignment-withdrawn": SeenTo(_REGISTRAR, "consignment"),
    "certificate": SeenTo(_REGISTRAR, "copy"),
    "crisis-report": SeenTo(_AUTHORITY, "report", is_replaced=False),
    "return-request": SeenTo(_REGISTRAR, "item", is_replaced=False),
    "return-answer": SeenTo(_REGISTRAR),
    "copy-report": SeenTo(_REGISTRAR, "item", is_replaced=False),
    "in-succession": SeenTo(_REGISTRAR, is_replaced=False),
    "inventory-result": SeenTo(_REGISTRAR, "inventory", is_replaced=False),
    "consent-request": SeenTo(_REGISTRAR, is_replaced=False),
    "consent-answer": SeenTo(_AUTHORITY),
    "consent-withdrawn": SeenTo(_AUTHORITY, "consent"),
    "consent-used": SeenTo(_REGISTRAR, "consent"),
    "reading-notice": SeenTo(_REGISTRAR, "item", is_replaced=False),
    "emergency-notice": SeenTo(_AUTHORITY, "disclosure"),
    "emergency-report": SeenTo(_AUTHORITY, "disclosure"),
    "level-change": SeenTo(_REGISTRAR, "item", is_replaced=False),
    "level-change-done": SeenTo(_REGISTRAR, "change"),
    "visit-request": SeenTo(_AUTHORITY, "visit"),
    "visit-answer": SeenTo(_AUTHORITY, "visit"),
    "visit-amendment": SeenTo(_AUTHORITY, "visit"),
    "visit-ended": SeenTo(_SECURITY, "visit", is_replaced=False),
    "visit-notice": SeenTo(_SECURITY, "visit", is_replaced=False),
    "disclosure": SeenTo(_SECURITY, "disclosure"),
    "facility-query": SeenTo(_AUTHORITY, "query"),
    "facility-answer": SeenTo(_AUTHORITY, "query"),
    "facility-withdrawn": SeenTo(_AUTHORITY, "query"),
    "contract-notice": SeenTo(_SECURITY, "contract"),
    "contract-answer": SeenTo(_AUTHORITY, "contract"),
    "contract-ended": SeenTo(_SECURITY, "contract"),
    "incident-report": SeenTo(_AUTHORITY, "incident"),
    "incident-final": SeenTo(_AUTHORITY, "incident"),
    "incident-reply": SeenTo(_AUTHORITY, "incident", is_replaced=False),
    "freeze": SeenTo(_SECURITY, "item"),
    "freeze-answer": SeenTo(_SECURITY, "item"),
    "clearance-query": SeenTo(_AUTHORITY, is_replaced=False),
    "clearance-answer": SeenTo(_AUTHORITY),
    "clearance-withdrawn": SeenTo(_AUTHORITY, "query"),
    "assurance": SeenTo(_AUTHORITY, "assurance"),
    "statement": SeenTo(_SECURITY),
})
"""Types whose refusal makes something due, at the party whose message was refused."""

ONLY_ANSWERS: Final = frozenset({
    "acknowledgement", "bag-manifest", "chase", "checkpoint", "cosignature", "delivery-notice", "refusal",
})
"""Types that nothing hangs on: they answer, or go out again by themselves while what they are about is due."""

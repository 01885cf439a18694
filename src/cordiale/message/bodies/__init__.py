"""The acts of the treaty as bodies of messages: one module, one type, one act.

`BODY_TYPES` is the whole table; a type that is not in it is refused. To add one,
write its module, list it here and in ``docs/spec/message.md``. The tests hold
every type to its list of members: no reader's name and no dealings with others
ever cross to a partner.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cordiale.message.bodies import (
    acknowledgement,
    agreement_proposal,
    agreement_signature,
    arrival_report,
    bag_manifest,
    certificate,
    chase,
    checkpoint,
    consent_answer,
    consent_request,
    consent_used,
    consent_withdrawn,
    consignment,
    consignment_refusal,
    contract_answer,
    contract_ended,
    contract_notice,
    copy_report,
    courier_advice,
    crisis_report,
    delivery_notice,
    disclosure,
    facility_answer,
    facility_query,
    level_change,
    level_change_done,
    link_approved,
    notes_exchanged,
    readiness_found,
    receipt,
    refusal,
    registry_notice,
    return_answer,
    return_request,
    stage_changed,
    statement,
    visit_amendment,
    visit_answer,
    visit_ended,
    visit_notice,
    visit_request,
)
from cordiale.message.bodies.body import BodyType

_ROWS: Final = (
    acknowledgement.TYPE,
    agreement_proposal.TYPE,
    agreement_signature.TYPE,
    notes_exchanged.TYPE,
    readiness_found.TYPE,
    link_approved.TYPE,
    stage_changed.TYPE,
    registry_notice.TYPE,
    consignment.TYPE,
    delivery_notice.TYPE,
    courier_advice.TYPE,
    arrival_report.TYPE,
    receipt.TYPE,
    consignment_refusal.TYPE,
    certificate.TYPE,
    crisis_report.TYPE,
    return_request.TYPE,
    return_answer.TYPE,
    copy_report.TYPE,
    consent_request.TYPE,
    consent_answer.TYPE,
    consent_withdrawn.TYPE,
    consent_used.TYPE,
    level_change.TYPE,
    level_change_done.TYPE,
    visit_request.TYPE,
    visit_answer.TYPE,
    visit_amendment.TYPE,
    visit_ended.TYPE,
    visit_notice.TYPE,
    disclosure.TYPE,
    facility_query.TYPE,
    facility_answer.TYPE,
    contract_notice.TYPE,
    contract_answer.TYPE,
    contract_ended.TYPE,
    chase.TYPE,
    refusal.TYPE,
    checkpoint.TYPE,
    statement.TYPE,
    bag_manifest.TYPE,
)

BODY_TYPES: Final[Mapping[str, BodyType]] = MappingProxyType({row.name: row for row in _ROWS})
"""Every type of message by its name on the wire."""

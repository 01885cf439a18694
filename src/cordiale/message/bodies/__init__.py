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
    assurance,
    bag_manifest,
    certificate,
    chase,
    checkpoint,
    clearance_query,
    consent_answer,
    consent_request,
    consignment,
    consignment_refusal,
    copy_report,
    courier_advice,
    delivery_notice,
    freeze,
    incident_final,
    incident_reply,
    incident_report,
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
    return_request.TYPE,
    return_answer.TYPE,
    copy_report.TYPE,
    consent_request.TYPE,
    consent_answer.TYPE,
    level_change.TYPE,
    level_change_done.TYPE,
    incident_report.TYPE,
    incident_final.TYPE,
    incident_reply.TYPE,
    freeze.TYPE,
    freeze.ANSWER,
    clearance_query.TYPE,
    clearance_query.ANSWER,
    clearance_query.WITHDRAWN,
    assurance.TYPE,
    chase.TYPE,
    refusal.TYPE,
    checkpoint.TYPE,
    statement.TYPE,
    bag_manifest.TYPE,
)

BODY_TYPES: Final[Mapping[str, BodyType]] = MappingProxyType({row.name: row for row in _ROWS})
"""Every type of message by its name on the wire."""

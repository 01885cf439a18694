"""Amend: a changed profile that was proposed is declined or taken back, while no signature of ours stands under it.

What all have signed is changed by nothing here. Whoever has signed a proposal does not take that back alone: the other
side's signature may be on its way, and with it the proposal is in effect.
"""

from __future__ import annotations

from typing import Any

from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.message.bodies.amendment_closed import AmendmentClosed
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import AGREEMENT, gone_of, profile_digest_of, require_part, require_shared
from cordiale.records.amendments import close_amendment
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.partners import require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.offices import OfficialAct
from cordiale.wire.profile_json import encode_profile, profile_from_json


def close(registry: Registry, request: Request) -> Answer:
    """Decline a changed profile that a partner proposed, or take back our own, and tell the other parties."""
    fields = request.act.fields()
    agreement, reason = fields.text("agreement"), fields.optional_text("reason") or ""
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        record = session.require(AGREEMENT, agreement)
        require_part(record, registry.party, session.at.date())
        proposed = record.body.get("proposed")
        if proposed is None:
            raise OutOfOrder(
                "amendment.none", "no changed profile is proposed under this agreement",
                hint="look at `cordiale agreement show`",
            )
        if registry.party in proposed["signatures"]:
            raise OutOfOrder(
                "amendment.signed", "our authority has signed this version, and does not take that back alone",
                hint="agree with the partner on a further version",
            )
        body = AmendmentClosed(int(proposed["profile"]["version"]), _digest_of(registry, proposed), reason)
        for party in sorted(set(record["parties"]) - gone_of(record.body, session.at.date())):
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                post(registry, session, Letter(
                    partner=partner, body=body, agreement=agreement, version=record["profile"]["version"],
                ))
        close_amendment(session, record, request.act.id)
        return {"agreement": agreement, "version": body.version}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def _digest_of(registry: Registry, proposed: dict[str, Any]) -> bytes:
    return profile_digest_of(encode_profile(profile_from_json(proposed["profile"])), registry.mode)


def take_closed(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take that a partner does not sign a changed profile; only one that waits here, and exactly that one."""
    body = arrived.message.body
    if not isinstance(body, AmendmentClosed):
        raise Malformed("amendment.other", "this closes no amendment", hint="report this as a defect")
    record = require_shared(session.get(AGREEMENT, arrived.message.agreement), arrived.partner.party)
    require_part(record, arrived.partner.party, arrived.message.sent_at.date())
    proposed = record.body.get("proposed")
    if proposed is None or not _is_closed_by(registry, record, arrived):
        raise Unverified(
            "amendment.not-waiting", "no such version waits here to be signed",
            hint="nothing was changed; compare with the partner what each has entered",
        )
    close_amendment(session, record, arrived.message.id)


def _is_closed_by(registry: Registry, record: Record, arrived: Arrived) -> bool:
    body, proposed = arrived.message.body, record["proposed"]
    return (
        isinstance(body, AmendmentClosed) and arrived.partner.party not in proposed["signatures"]
        and body.version == proposed["profile"]["version"] and body.profile_digest == _digest_of(registry, proposed)
    )

"""What comes ahead of what it follows: under an agreement of more than two parties the streams overtake each other.

Each stream keeps its own order. What a party does on an agreement may rest on what another did first, and may be told
here before that: a signature before the proposal, a stage before the last signature. It is not refused, which would
leave the agreement standing differently at each party; it waits and is sent again, for as long as the other message
may be under way. What is not possible though nothing is missing is refused at once: whatever follows it on the
agreement would wait with it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cordiale.canonical import parse_canonical
from cordiale.errors import CordialeError, Unavailable
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX, AHEAD_DAYS
from cordiale.message.bodies.accord_notice import AccordNotice
from cordiale.message.bodies.agreement_signature import AgreementSignature
from cordiale.message.bodies.amendment_closed import AmendmentClosed
from cordiale.message.bodies.stage_changed import StageChanged
from cordiale.message.verification import read_unverified_object
from cordiale.model.agreement import Profile, Stage
from cordiale.records.accord_notices import NOTICE
from cordiale.records.agreements import AGREEMENT, is_profile_signed, standing_of
from cordiale.records.correspondence import Arrived
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.wire.profile_json import profile_from_json

WAITS: Final = "intake.waits"
"""The code of what waits for a message that has not come yet."""

_TWO: Final = 2
_STAGES: Final = tuple(Stage)
_VERSION: Final = frozenset({"agreement.not-shared", "agreement.other-profile", "amendment.not-waiting"})
_SIGNED: Final = frozenset({"agreement.profile-unsigned", "registry-notice.unsigned", "rehome.no-successor"})


def require_not_ahead(registry: Registry, arrived: Arrived, error: CordialeError) -> None:
    """Raise `Unavailable` where `error` may pass: the act of a third party that it rests on may be under way."""
    if arrived.arrived_at >= arrived.message.sent_at + timedelta(days=AHEAD_DAYS):
        return
    record, sender = registry.record(AGREEMENT, arrived.message.agreement), arrived.partner.party
    if record is not None and sender in record["parties"]:
        is_ahead = len(record["parties"]) > _TWO and _is_missing(registry, record, arrived, error.code)
    else:
        # In the same words, whether or not there is an agreement of that name with others.
        signed = _profile_in(arrived)
        is_ahead = signed is not None and {registry.party, sender} < set(signed.parties)
    if is_ahead:
        raise Unavailable(
            WAITS, "the message follows what another party did, and that has not come yet",
            hint="it is sent again later",
        ) from error


def _profile_in(arrived: Arrived) -> Profile | None:
    """Return the profile under a signature, whose signature is not verified here; None where that cannot be read."""
    body = arrived.message.body
    if not isinstance(body, AgreementSignature):
        return None
    try:
        signed = read_unverified_object(body.signed.encode()).unverified_payload
        profile = profile_from_json(parse_canonical(signed, size_max=AGREEMENT_SIZE_BYTES_MAX))
    except CordialeError:
        return None
    return profile if profile.agreement == arrived.message.agreement else None


def _is_missing(registry: Registry, record: Record, arrived: Arrived, code: str) -> bool:
    """Tell whether something of a third party that this message rests on is not known here yet."""
    body, standing = arrived.message.body, standing_of(record, arrived.arrived_at.date())
    if code in _VERSION:
        signed = _profile_in(arrived)
        version = body.version if isinstance(body, AmendmentClosed) else signed.version if signed is not None else 0
        return bool(version) and not _was_proposed(record, version)
    if code in _SIGNED:
        return not is_profile_signed(record.body)
    if code == "agreement.stage":
        return isinstance(body, StageChanged) and _STAGES.index(body.stage) > _STAGES.index(standing)
    if code == "notice.not-shared":
        return isinstance(body, AccordNotice) and registry.record(NOTICE, body.about) is None
    return code == "intake.not-in-force" or (
        code == "agreement.note-early" and _STAGES.index(standing) < _STAGES.index(Stage.SIGNED)
    )


def _was_proposed(record: Record, version: int) -> bool:
    """Tell whether this version was entered here, also where it was closed or replaced since."""
    proposed = record.body.get("proposed") or record.body
    return version <= max(int(proposed["profile"]["version"]), int(record.body.get("closed", 0)))

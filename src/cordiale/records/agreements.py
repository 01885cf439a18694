"""Agreements in the books: everything one node knows of each, and the rules worked out from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder, Unverified
from cordiale.model.agreement import AgreementState, AgreementText, NationalProfile, Profile, Stage
from cordiale.model.decision import Reason, refusal
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.ports import Reads
from cordiale.records.record import Record, open_record, read_once
from cordiale.records.session import Books
from cordiale.rules.rule_index import RuleIndex, build_rule_index
from cordiale.wire.agreement_json import (
    agreement_text_from_json,
    encode_agreement_text,
    link_approval_from_json,
    national_profile_from_json,
    readiness_from_json,
)
from cordiale.wire.person_json import parse_level_ref
from cordiale.wire.profile_json import profile_from_json, registry_from_json

AGREEMENT: Final = "agreement"
NATIONAL: Final = "national"

_indexes: dict[tuple[str, bytes, bytes], RuleIndex] = {}
_INDEXES_MAX: Final = 64


def text_digest_of(text: AgreementText, mode: Mode) -> bytes:
    """Return the digest of an agreement's text in its own domain."""
    return sha384(domain(Purpose.AGREEMENT_TEXT, mode), encode_agreement_text(text))


def profile_digest_of(profile: bytes, mode: Mode) -> bytes:
    """Return the digest of the canonical bytes of an implementing profile in its own domain."""
    return sha384(domain(Purpose.AGREEMENT_PROFILE, mode), profile)


def is_profile_signed(body: dict[str, Any]) -> bool:
    """True when the competent authorities of all parties have signed the profile in `body`."""
    return set(body["parties"]) <= set(body["signatures"])


def standing_of(record: Record, on: date) -> Stage:
    """Return how far the agreement in `record` has come on the day `on` (UTC), suspensions and the end left aside.

    What is applied provisionally is in force from the day that was fixed for it, and provisional until then.
    """
    stage, begins = Stage(record["stage"]), _day(record.body, "in_force_on")
    return Stage.IN_FORCE if stage is Stage.PROVISIONAL and begins is not None and begins <= on else stage


def stage_of(record: Record, on: date) -> Stage:
    """Return the stage of the agreement in `record` that counts on the day `on` (UTC).

    The end stands above a suspension of any party, and that above how far the agreement has come. Until the day a
    notice of termination names the agreement stands as before.
    """
    end = _day(record.body, "ended_on")
    if end is not None and end <= on:
        return Stage.TERMINATED
    return Stage.SUSPENDED if _is_suspended(record.body) else standing_of(record, on)


_national_of: Final = read_once(lambda body: national_profile_from_json(body["profile"]))


def own_profile(reads: Reads, party: str) -> NationalProfile | None:
    """Return the national profile that is entered here for `party`, None where there is none."""
    stored = reads.record(NATIONAL, party)
    return _national_of(open_record(stored)) if stored is not None else None


def state_of(record: Record, national: Record | None) -> AgreementState:
    """Return everything true of the agreement in `record`; its profile counts only once all have signed."""
    body = record.body
    nationals = (_national_of(national),) if national is not None else ()
    return AgreementState(
        id=AgreementId(record.id),
        parties=tuple(PartyId(party) for party in body["parties"]),
        mode=Mode(body["mode"]),
        stage=Stage.SUSPENDED if _is_suspended(body) else Stage(body["stage"]),
        profile=_profile_of(body) if is_profile_signed(body) else None,
        nationals=nationals,
        readiness=tuple(readiness_from_json(one) for one in body["readiness"]),
        links=tuple(link_approval_from_json(one) for one in body["links"]),
        signed_by=frozenset(PartyId(party) for party in body["signatures"]),
        notes_from=frozenset(PartyId(party) for party in body["notes"]),
        in_force_on=_day(body, "in_force_on"),
        ended_on=_day(body, "ended_on"),
        suspended_levels=frozenset(
            parse_level_ref(one) for levels in body.get("suspensions", {}).values() for one in levels
        ),
    )


def _profile_of(body: dict[str, Any]) -> Profile:
    """Return the signed profile, each registry as the newest notice of its own party has it."""
    profile = profile_from_json(body["profile"])
    noticed = [registry_from_json(Fields(one, where="notice of a registry")) for one in body.get("registries", ())]
    if not noticed:
        return profile
    known = {(one.id, one.party) for one in noticed}
    kept = [entry for entry in profile.registries if (entry.id, entry.party) not in known]
    return replace(profile, registries=(*kept, *noticed))


def _is_suspended(body: dict[str, Any]) -> bool:
    """Tell whether a party has suspended the whole of the agreement, not only levels of it."""
    return any(not levels for levels in body.get("suspensions", {}).values())


def _day(body: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(body[name]) if name in body else None


def has_stopped(record: Record, on: date) -> bool:
    """Tell whether provision under the agreement in `record` has stopped on the day `on` (UTC): no item leaves."""
    return stage_of(record, on) in (Stage.SUSPENDED, Stage.TERMINATED)


def list_suspended_reasons(books: Books, agreement: str) -> tuple[Reason, ...]:
    """Return why nothing new is allowed or assured under `agreement` today; empty unless it is suspended.

    What protects, returns or destroys goes on, and so does the answer no.
    """
    record = books.get(AGREEMENT, agreement)
    if record is None or stage_of(record, books.at.date()) is not Stage.SUSPENDED:
        return ()
    return (refusal("agreement.suspended", "the agreement is suspended, and nothing new is allowed under it"),)


def require_shared(record: Record | None, party: str) -> Record:
    """Return the agreement in `record`; raises `Unverified` when `party` is no party to it, or there is none.

    Both are told in the same words: whoever is no party learns not even that an agreement exists.
    """
    if record is None or party not in record["parties"]:
        raise Unverified(
            "agreement.not-shared", "there is no agreement of this name between the sender and this party",
            hint="nothing was taken of it; a first message on an agreement is its proposal",
        )
    return record


def text_of(record: Record) -> AgreementText:
    """Return the text of the agreement in `record`."""
    return agreement_text_from_json(record["text"])


def load_index(reads: Reads, agreement: str, party: str) -> RuleIndex:
    """Return the rules of `agreement` as the node of `party` knows them; raises `OutOfOrder` for an unknown one."""
    stored, own = reads.record(AGREEMENT, agreement), reads.record(NATIONAL, party)
    if stored is None:
        raise OutOfOrder(
            "agreement.unknown", "there is no agreement `{id}` at this node",
            hint="look at `cordiale agreement list`", id=agreement[:80],
        )
    key = (agreement, stored.body, own.body if own is not None else b"")
    index = _indexes.get(key)
    if index is None:
        index = build_rule_index(state_of(open_record(stored), open_record(own) if own is not None else None))
        if len(_indexes) >= _INDEXES_MAX:
            _indexes.clear()
        _indexes[key] = index
    return index

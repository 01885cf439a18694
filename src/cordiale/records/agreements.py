"""Agreements in the books: everything one node knows of each, and the rules worked out from it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, Final, TypeAlias

from cordiale.canonical import Fields
from cordiale.crypto.digests import sha384
from cordiale.crypto.domains import Purpose, domain
from cordiale.errors import OutOfOrder, Unverified
from cordiale.model.agreement import AgreementState, AgreementText, NationalProfile, Profile, Stage
from cordiale.model.decision import Reason, refusal
from cordiale.model.label import Label, LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.ports import Reads
from cordiale.records.record import Record, open_record, read_once
from cordiale.records.session import Books
from cordiale.rules.provision import ended, list_suspended_at, list_suspended_levels
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
OPEN_STAGES: Final = frozenset({Stage.PROVISIONAL, Stage.IN_FORCE})

Ends: TypeAlias = tuple[()] | tuple[str, str]
"""Two parties between which something is asked, or nobody in particular."""

_TWO: Final = 2
_OF_ONE: Final = (b'"left":', b'"suspensions":')
"""What one party says of its own part in an agreement, as it is written in a record."""
_LEFT_UNDER: Final = b'"left_under":'
_indexes: dict[tuple[str, bytes, bytes, Ends], RuleIndex] = {}
_INDEXES_MAX: Final = 64


def text_digest_of(text: AgreementText, mode: Mode) -> bytes:
    """Return the digest of an agreement's text in its own domain."""
    return sha384(domain(Purpose.AGREEMENT_TEXT, mode), encode_agreement_text(text))


def profile_digest_of(profile: bytes, mode: Mode) -> bytes:
    """Return the digest of the canonical bytes of an implementing profile in its own domain."""
    return sha384(domain(Purpose.AGREEMENT_PROFILE, mode), profile)


def is_profile_signed(body: dict[str, Any]) -> bool:
    """True when the competent authorities of all parties have signed the profile in `body`.

    A party that had left before it came into effect has no part in it, and its signature is not missing.
    """
    return set(body["parties"]) <= set(body["signatures"]) | set(body.get("left_under", ()))


def gone_of(body: dict[str, Any], on: date) -> frozenset[str]:
    """Return the parties that have left the agreement by the day `on` while at least two others go on with it.

    They sign no more, and what the others sign does not wait for them. Where fewer than two are left it has ended, and
    nothing of it is changed any more by fewer than all.
    """
    gone = frozenset(party for party, day in body.get("left", {}).items() if day <= on.isoformat())
    return frozenset() if _leaves_none(body, gone) else gone


def require_part(record: Record, party: str, on: date) -> None:
    """Raise `OutOfOrder` where `party` has left the agreement by the day `on`: it has no part in its changes."""
    if party in gone_of(record.body, on):
        raise OutOfOrder(
            "agreement.left", "{party} has left this agreement on {day}, and has no part in what the others change",
            hint="what was provided stays protected as the agreement said it on that day", party=party,
            day=record["left"][party],
        )


def changed_without(body: dict[str, Any], proposed: dict[str, Any], on: date) -> dict[str, Any]:
    """Return what changes when the version `proposed` is in effect on the day `on`, and nothing while it is not.

    For whoever had left without signing it, the version of the day on which they left goes on.
    """
    gone = gone_of(body, on) - set(proposed["signatures"])
    if not set(body["parties"]) - gone <= set(proposed["signatures"]):
        return {}
    former = {name: body[name] for name in ("profile", "signatures", "text")}
    known: dict[str, Any] = body.get("left_under", {})
    under = {party: known.get(party, former) for party in sorted(gone)}
    return {**proposed, "left_under": under or None, "proposed": None}


def standing_of(record: Record, on: date) -> Stage:
    """Return how far the agreement in `record` has come on the day `on` (UTC), suspensions and the end left aside.

    What is applied provisionally is in force from the day that was fixed for it, and provisional until then.
    """
    stage, begins = Stage(record["stage"]), _day(record.body, "in_force_on")
    return Stage.IN_FORCE if stage is Stage.PROVISIONAL and begins is not None and begins <= on else stage


def stage_of(record: Record, on: date, between: Ends = ()) -> Stage:
    """Return the stage of the agreement in `record` that counts on the day `on` (UTC) between the parties `between`.

    Without them it is that between any two: what one of several suspends, or leaves, the others go on with. The end
    stands above a suspension, and that above how far the agreement has come. Until the day a notice of termination
    names the agreement stands as before. Neither counts before anything is provided under it.
    """
    end, standing = _end_of(record.body, between), standing_of(record, on)
    if standing not in OPEN_STAGES:
        return standing
    if end is not None and end <= on:
        return Stage.TERMINATED
    return Stage.SUSPENDED if _is_suspended(record.body, between) else standing


_national_of: Final = read_once(lambda body: national_profile_from_json(body["profile"]))


def own_profile(reads: Reads, party: str) -> NationalProfile | None:
    """Return the national profile that is entered here for `party`, None where there is none."""
    stored = reads.record(NATIONAL, party)
    return _national_of(open_record(stored)) if stored is not None else None


def state_of(record: Record, national: Record | None, between: Ends = ()) -> AgreementState:
    """Return everything true of the agreement in `record`; its profile counts only once all have signed.

    What is suspended and what has ended is that between the two parties `between`, without them that between any two.
    Where one of them had left before the profile was changed, it is the one before.
    """
    body, stage = record.body, Stage(record["stage"])
    under: dict[str, Any] = next((body["left_under"][one] for one in between if one in body.get("left_under", ())), {})
    nationals = (_national_of(national),) if national is not None else ()
    return AgreementState(
        id=AgreementId(record.id),
        parties=tuple(PartyId(party) for party in body["parties"]),
        mode=Mode(body["mode"]),
        stage=Stage.SUSPENDED if stage in OPEN_STAGES and _is_suspended(body, between) else stage,
        profile=_profile_of({**body, **under}) if is_profile_signed(body) else None,
        nationals=nationals,
        readiness=tuple(readiness_from_json(one) for one in body["readiness"]),
        links=tuple(link_approval_from_json(one) for one in body["links"]),
        signed_by=frozenset(PartyId(party) for party in (*body["signatures"], *body.get("left_under", ()))),
        notes_from=frozenset(PartyId(party) for party in body["notes"]),
        in_force_on=_day(body, "in_force_on"),
        ended_on=_end_of(body, between),
        suspended_levels=frozenset(
            parse_level_ref(one) for party, levels in body.get("suspensions", {}).items() for one in levels
            if not between or party in between
        ),
        suspension_article=_suspension_article(body, between),
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


def _is_suspended(body: dict[str, Any], between: Ends) -> bool:
    """Tell whether the whole of the agreement is suspended, not only levels of it, between two or between all."""
    suspending = {party for party, levels in body.get("suspensions", {}).items() if not levels}
    return bool(suspending.intersection(between)) if between else _leaves_none(body, suspending)


def _suspension_article(body: dict[str, Any], between: Ends) -> str:
    """Return the provisions under which those who suspend it, or levels of it, said that they do."""
    under: dict[str, str] = body.get("suspended_under", {})
    return "; ".join(sorted({article for party, article in under.items() if not between or party in between}))


def _leaves_none(body: dict[str, Any], without: Collection[str]) -> bool:
    """Tell whether fewer than two parties are left without these."""
    return len(set(body["parties"]) - set(without)) < _TWO


def _end_of(body: dict[str, Any], between: Ends) -> date | None:
    """Return the day on which the agreement ends, between two or between all; None while nobody has given notice."""
    left = body.get("left", {})
    days = [left[party] for party in between if party in left]
    days += [body["ended_on"]] if "ended_on" in body else []
    return date.fromisoformat(min(days)) if days else None


def end_by_notice(body: dict[str, Any], party: str, day: date) -> dict[str, Any]:
    """Return what changes when `party` gives notice for `day`: it leaves, and with the last but one the agreement ends.

    Of several notices of one party the earliest day counts. Between two the first who leaves ends it.
    """
    known: dict[str, str] = body.get("left", {})
    left = {**known, party: min(day.isoformat(), known.get(party, day.isoformat()))}
    days = sorted(left.values())
    place = len(body["parties"]) - _TWO
    return {"left": left} | ({"ended_on": days[place]} if len(days) > place else {})


def _day(body: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(body[name]) if name in body else None


def has_stopped(record: Record, on: date, between: Ends) -> bool:
    """Tell whether provision between two under the agreement in `record` has stopped on the day `on` (UTC)."""
    return stage_of(record, on, between) in (Stage.SUSPENDED, Stage.TERMINATED)


def list_stopped_reasons(
    books: Books, agreement: str, between: tuple[str, str], about: Label | LevelRef | None = None
) -> tuple[Reason, ...]:
    """Return why nothing new is allowed or assured between two under `agreement` today: it is suspended, or has ended.

    So it is where only the level of `about` is suspended by one of the two. What protects, returns or destroys goes
    on, and so does the answer no.
    """
    record, on = books.get(AGREEMENT, agreement), books.at.date()
    if record is None:
        return ()
    stage = stage_of(record, on, between)
    if stage is Stage.SUSPENDED:
        return (refusal(
            "agreement.suspended", "the agreement is suspended, and nothing new is allowed under it",
            _suspension_article(record.body, between),
        ),)
    index = load_index(books.reads, agreement, *between)
    if stage is Stage.TERMINATED:
        return (ended(index.state),)
    if isinstance(about, Label):
        return list_suspended_at(about, map(PartyId, between), index, on)
    return tuple(list_suspended_levels({about} if about is not None else set(), index.state))


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


def load_index(reads: Reads, agreement: str, party: str, partner: str = "", *, origin: str = "") -> RuleIndex:
    """Return the rules of `agreement` as the node of `party` knows them; raises `OutOfOrder` for an unknown one.

    With `partner` what is suspended and what has ended is that between the two. With `origin` it is asked of what that
    party provided: where it left before the profile was changed, the one before holds of it.
    """
    stored, own = reads.record(AGREEMENT, agreement), reads.record(NATIONAL, party)
    if stored is None:
        raise OutOfOrder(
            "agreement.unknown", "there is no agreement `{id}` at this node",
            hint="look at `cordiale agreement list`", id=agreement[:80],
        )
    between: Ends = (party, partner) if partner and any(one in stored.body for one in _OF_ONE) else ()
    if origin and _LEFT_UNDER in stored.body and origin in open_record(stored)["left_under"]:
        between = (party, origin)
    key = (agreement, stored.body, own.body if own is not None else b"", between)
    index = _indexes.get(key)
    if index is None:
        index = build_rule_index(state_of(open_record(stored), open_record(own) if own is not None else None, between))
        if len(_indexes) >= _INDEXES_MAX:
            _indexes.clear()
        _indexes[key] = index
    return index

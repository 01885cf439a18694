"""Propose and sign: the text and the implementing profile of an agreement, entered and signed by authorities.

Entering tells the partner; nothing has effect by it. The profile counts only
once the competent authorities of every party have signed the same bytes.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from cordiale.canonical import Json, parse_canonical
from cordiale.crypto.domains import Purpose, object_type
from cordiale.crypto.jws import verify_object
from cordiale.errors import Malformed, OutOfOrder, Unverified, require_allowed
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX, PROFILE_VERSIONS_AHEAD_COUNT_MAX
from cordiale.message.bodies.agreement_proposal import AgreementProposal
from cordiale.message.bodies.agreement_signature import AgreementSignature
from cordiale.message.members import NamedPost
from cordiale.message.trust.keys import authority_key_of
from cordiale.model.agreement import AgreementText, Profile, Stage
from cordiale.model.party import NodeStatement
from cordiale.model.person import Person
from cordiale.records.absences import decide_office_now
from cordiale.records.agreements import (
    AGREEMENT,
    NATIONAL,
    changed_without,
    gone_of,
    is_profile_signed,
    profile_digest_of,
    require_part,
    require_shared,
    text_digest_of,
)
from cordiale.records.amendments import (
    await_amendment,
    await_law_notice,
    settle_replaced,
    settle_signature,
)
from cordiale.records.answer import Answer
from cordiale.records.correspondence import Arrived, Letter, post
from cordiale.records.ledger import INTERNAL
from cordiale.records.partners import own_statement, require_partner
from cordiale.records.record import Record
from cordiale.records.registry import Registry, Request, commit_personal
from cordiale.records.session import ActSession
from cordiale.rules.agreement_check import check_profile, has_errors
from cordiale.rules.agreement_references import real_level_words
from cordiale.rules.offices import OfficialAct
from cordiale.wire.agreement_json import (
    agreement_text_from_json,
    agreement_text_to_json,
    encode_agreement_text,
    national_profile_from_json,
    national_profile_to_json,
    parse_agreement_text,
)
from cordiale.wire.profile_json import (
    encode_profile,
    encode_text_digest,
    parse_profile,
    profile_from_json,
    profile_to_json,
)
from cordiale.wire.scheme_table import load_schemes


def enter_agreement(registry: Registry, request: Request) -> Answer:
    """Enter the text and the profile of an agreement, and put both before the other parties for signature."""
    fields = request.act.fields()
    text = agreement_text_from_json(fields.value("text"))
    profile = profile_from_json(fields.value("profile"))
    fields.end()
    _require_fit(registry, text, profile)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        known = session.get(AGREEMENT, profile.agreement)
        if known is not None:
            require_part(known, registry.party, session.at.date())
        entered = _put(session, text, profile)
        for party in sorted(set(profile.parties) - gone_of(entered.body, session.at.date())):
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                posted = post(registry, session, Letter(
                    partner=partner, body=_proposal(registry, text, profile), agreement=profile.agreement,
                    version=profile.version,
                ))
                await_amendment(registry, session, entered, owner=party, message=posted.id)
        return {"agreement": profile.agreement, "version": profile.version}

    return commit_personal(registry, request, run, log=profile.agreement, subject=profile.agreement)


def _proposal(registry: Registry, text: AgreementText, profile: Profile) -> AgreementProposal:
    encoded = encode_profile(profile)
    return AgreementProposal(
        text=encode_agreement_text(text), text_digest=text_digest_of(text, registry.mode),
        profile=encoded, profile_digest=profile_digest_of(encoded, registry.mode),
    )


def _require_fit(registry: Registry, text: AgreementText, profile: Profile) -> None:
    """Hold the profile against the text it says it belongs to, and against this node."""
    if profile.text_digest != encode_text_digest(text_digest_of(text, registry.mode)):
        raise Unverified(
            "agreement.other-text", "this profile was written for another text of the agreement",
            hint="enter the profile together with the text it cites",
        )
    if profile.agreement == INTERNAL:
        raise Malformed("agreement.name", "an agreement cannot be named `internal`", hint="name it otherwise")
    if profile.mode is not registry.mode:
        raise Unverified(
            "agreement.other-mode", "this agreement is {found} and this node is {own}",
            hint="exercise and real never meet", found=profile.mode.value, own=registry.mode.value,
        )
    if registry.party not in profile.parties:
        raise Malformed("agreement.not-a-party", "{party} is no party to this agreement", hint="check the parties",
                        party=registry.party)


def _put(session: ActSession, text: AgreementText, profile: Profile) -> Record:
    """Enter a version of an agreement; what all have signed stays in effect until all have signed a newer one."""
    current = session.get(AGREEMENT, profile.agreement)
    if current is None:
        _require_near(profile.version, 0)
        return session.put(AGREEMENT, profile.agreement, {
            "links": [], "mode": profile.mode.value, "notes": {}, "parties": list(profile.parties),
            "profile": profile_to_json(profile), "readiness": [], "signatures": {}, "stage": Stage.IN_PRINCIPLE.value,
            "text": agreement_text_to_json(text),
        }, expect=0)
    if current["profile"] == profile_to_json(profile) and current["text"] == agreement_text_to_json(text):
        return current
    proposed = {"profile": profile_to_json(profile), "signatures": {}, "text": agreement_text_to_json(text)}
    waiting = current.body.get("proposed")
    if waiting is not None and (waiting["profile"], waiting["text"]) == (proposed["profile"], proposed["text"]):
        return current
    if set(profile.parties) != set(current["parties"]):
        raise OutOfOrder(
            "agreement.other-parties", "this version is between other parties than the agreement",
            hint="an agreement between other parties is another agreement, with a name of its own",
        )
    replaced = waiting or current.body
    newest = int(replaced["profile"]["version"])
    if profile.version <= newest:
        raise OutOfOrder(
            "agreement.version", "version {version} of this profile is already entered with other words",
            hint="give the changed profile the next version", version=newest,
        )
    if profile.version <= int(current.body.get("closed", 0)):
        # A signature of the version that was closed may be on its way still, and would count for this one.
        raise OutOfOrder(
            "agreement.version-closed", "version {version} of this profile was declined or taken back",
            hint="give the changed profile the next version", version=profile.version,
        )
    _require_near(profile.version, max(newest, int(current.body.get("closed", 0))))
    settle_replaced(session, replaced, profile.version)
    if is_profile_signed(current.body):
        return session.change(current, proposed=proposed)
    return session.change(current, **proposed)


def _require_near(version: int, last: int) -> None:
    """Raise `OutOfOrder` for a number far beyond the last that was used: one party would use up all between."""
    if version > last + PROFILE_VERSIONS_AHEAD_COUNT_MAX:
        raise OutOfOrder(
            "agreement.version-far", "version {version} of this profile is too far beyond the last one, {last}",
            hint="give the changed profile the next version", version=version, last=last,
        )


def _with_signature(record: Record, payload: Json, by: tuple[str, str], on: date) -> dict[str, Any]:
    """Return what changes in `record` when a party signs `payload`, `by` whom and with what, on the day `on`.

    The last signature brings a proposal into effect; who has left by then is not waited for. Raises `Unverified` when
    that is neither the profile entered here nor the one proposed in its place.
    """
    party, signed = by
    if payload == record["profile"]:
        # Whoever signed it before it left has a part in it, also where that comes late.
        under = {one: version for one, version in record.body.get("left_under", {}).items() if one != party}
        return {"left_under": under or None, "signatures": {**record["signatures"], party: signed}}
    proposed = record.body.get("proposed")
    if proposed is None or payload != proposed["profile"]:
        raise Unverified(
            "agreement.other-profile", "the authority signed another profile than the one entered here",
            hint="compare the versions with `cordiale agreement show`",
        )
    proposed = {**proposed, "signatures": {**proposed["signatures"], party: signed}}
    return changed_without(record.body, proposed, on) or {"proposed": proposed}


def _require_without_errors(record: Record, payload: Json) -> None:
    """Refuse to sign what a check finds wrong, whoever proposed it; questions stay with the people who sign."""
    signed = record.body if payload == record["profile"] else record.body["proposed"]
    findings = check_profile(
        agreement_text_from_json(signed["text"]), profile_from_json(payload), (),
        real_words=real_level_words(load_schemes()),
    )
    if has_errors(findings):
        raise Malformed(
            "agreement.errors", "this profile has errors and is not signed; the first: {finding}",
            hint="have it corrected in a new version; `cordiale agreement show` lists what is wrong",
            finding=str(findings[0]),
        )


def take_proposal(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Enter what the partner proposes, after holding its digests against its contents; nothing has effect by it."""
    body = arrived.message.body
    if not isinstance(body, AgreementProposal):
        raise Malformed("agreement.other", "this is not a proposal", hint="report this as a defect")
    text, profile = parse_agreement_text(body.text), parse_profile(body.profile)
    if (
        body.text_digest != text_digest_of(text, registry.mode)
        or body.profile_digest != profile_digest_of(body.profile, registry.mode)
        or profile.agreement != arrived.message.agreement or profile.version != arrived.message.agreement_version
    ):
        raise Unverified(
            "agreement.digest", "the proposal does not have the digests it names", hint="ask the partner to repeat it"
        )
    _require_fit(registry, text, profile)
    known = session.get(AGREEMENT, profile.agreement)
    if known is not None:
        require_part(known, arrived.partner.party, arrived.message.sent_at.date())
    await_amendment(registry, session, _put(session, text, profile), owner=registry.party, message="")


def enter_national(registry: Registry, request: Request) -> Answer:
    """Enter what our own law says where agreements leave it to national law. It never leaves this node."""
    fields = request.act.fields()
    national = national_profile_from_json(fields.value("profile"))
    fields.end()
    if national.party != registry.party:
        raise Malformed("national.other-party", "this is the national profile of {party}", hint="enter your own",
                        party=national.party)

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        await_law_notice(registry, session, national.version)
        session.put(NATIONAL, registry.party, {"profile": national_profile_to_json(national)})
        return {"party": registry.party, "version": national.version}

    return commit_personal(registry, request, run, subject=registry.party)


def sign_profile(registry: Registry, request: Request) -> Answer:
    """Take our competent authority's signature of a profile, and send it to the other parties."""
    fields = request.act.fields()
    agreement, signed = fields.text("agreement"), fields.text("signed", max_length=AGREEMENT_SIZE_BYTES_MAX)
    fields.end()

    def run(session: ActSession, actor: Person) -> dict[str, Any]:
        require_allowed(decide_office_now(session, actor, OfficialAct.SIGN_PROFILE))
        record = session.require(AGREEMENT, agreement)
        require_part(record, registry.party, session.at.date())
        own = own_statement(session.reads, registry.mode).statement
        authority = NamedPost(actor.name, actor.post)
        payload = _verify_signature(registry, own, authority, signed)
        profile = parse_canonical(payload, size_max=AGREEMENT_SIZE_BYTES_MAX)
        signatures = _with_signature(record, profile, (registry.party, signed), session.at.date())
        _require_without_errors(record, profile)
        changed = session.change(record, **signatures)
        digest, version = profile_digest_of(payload, registry.mode), parse_profile(payload).version
        settle_signature(session, (agreement, version), registry.party, request.act.id)
        for party in sorted(set(record["parties"]) - gone_of(record.body, session.at.date())):
            if party != registry.party:
                partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
                post(registry, session, Letter(
                    partner=partner, body=AgreementSignature(digest, authority, signed), agreement=agreement,
                    version=version,
                ))
        waiting = changed.body.get("proposed") if version != changed["profile"]["version"] else None
        return {"agreement": agreement, "signed_by": sorted((waiting or changed.body)["signatures"])}

    return commit_personal(registry, request, run, log=agreement, subject=agreement)


def take_signature(registry: Registry, session: ActSession, arrived: Arrived) -> None:
    """Take the signature of a partner's competent authority, as its statement names them."""
    body = arrived.message.body
    if not isinstance(body, AgreementSignature):
        raise Malformed("agreement.other", "this is not a signature", hint="report this as a defect")
    record = require_shared(session.get(AGREEMENT, arrived.message.agreement), arrived.partner.party)
    payload = _verify_signature(registry, arrived.partner, body.authority, body.signed)
    profile = parse_canonical(payload, size_max=AGREEMENT_SIZE_BYTES_MAX)
    require_part(record, arrived.partner.party, arrived.message.sent_at.date())
    signature = arrived.partner.party, body.signed
    session.change(record, **_with_signature(record, profile, signature, session.at.date()))
    version = parse_profile(payload).version
    settle_signature(session, (record.id, version), arrived.partner.party, arrived.message.id)


def _verify_signature(registry: Registry, statement: NodeStatement, authority: NamedPost, signed: str) -> bytes:
    """Return the profile, as canonical JSON, that `authority` of `statement` signed."""
    key = authority_key_of(statement, authority)
    return verify_object(signed.encode(), object_type(Purpose.AGREEMENT_PROFILE, registry.mode), [key])

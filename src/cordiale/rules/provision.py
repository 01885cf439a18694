"""Whether an item may be dispatched to a party now, under this agreement, on this link.

Every gate is looked at: the state of the agreement, readiness found by both
parties, the link approved by both, the table, the registry that is to receive,
and the release itself. Termination and suspension close this door and not that
of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

from cordiale.model.agreement import Act, AgreementState, Profile, RegistryEntry, Stage
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import Label, LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.rules.consent import ConsentWanted
from cordiale.rules.equivalence import NO_PROFILE, decide_equivalence, decide_handling
from cordiale.rules.holding import Standing, list_portion_reasons, list_standing_reasons
from cordiale.rules.layers import Gap, LayerOutcome, Scope, national_of, parties_asked
from cordiale.rules.national import dominates
from cordiale.rules.releasable import ReleaseRequest, decide_release
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.rulings import list_act_reasons, list_obligations, list_together_reasons
from cordiale.rules.validity import TIME_UNKNOWN, has_begun, has_ended, is_aware

ACT: Final = "provide"

LINK_ACTS: Final[dict[str, Act]] = {
    "wire": Act.WIRE, "bag": Act.BAG, "carry": Act.CARRY, "post": Act.POST, "freight": Act.CARRY,
}
"""The ways an item leaves, with the act the layers speak of."""

THING_LINKS: Final = frozenset({"carry", "post", "freight"})
"""The ways of a thing that travels by itself, register-only: with a courier, by post, as freight under a plan."""

_APPROVED_LINKS: Final = frozenset({"wire", "bag"})


@dataclass(frozen=True, slots=True)
class ProvisionRequest:
    """One item about to leave: the release it rests on, the registry it goes to, and by which link.

    `link` is ``wire``, ``bag``, or one of `THING_LINKS` for a register-only item that travels otherwise. `mode` is
    that of the node. `standing` is where the item stands in our own register; `is_thing` is true of paper, a medium or
    equipment, which travels by itself, and false of a content that lies sealed at this node.
    """

    release: ReleaseRequest
    registry: str
    link: str
    mode: Mode
    standing: Standing
    is_thing: bool


def decide_provision(request: ProvisionRequest, index: RuleIndex, *, now: datetime) -> Decision:
    """Decide whether the item may be dispatched now, with every reason against it.

    `now` is an aware datetime. Obligations name the notices and deadlines that the dispatch brings with it.
    """
    if not is_aware(now):
        return decision_of(ACT, (TIME_UNKNOWN,))
    now = now.astimezone(UTC)
    state, on = index.state, now.date()
    outcomes = _list_outcomes(request, index)
    reasons = [
        *_list_party_reasons(request, state),
        *list_stage_reasons(state, on),
        *list_standing_reasons(request.standing),
        *_list_level_reasons(request, index, now),
        *_list_ruling_reasons(request, outcomes, now),
    ]
    persons_min = max((outcome.persons for act, outcome in outcomes if act is Act.PROVIDE), default=1)
    release = replace(request.release, persons_min=max(request.release.persons_min, persons_min))
    reasons.extend(decide_release(release, national_of(state.nationals, release.provider), now=now).reasons)
    obligations = dict.fromkeys(o for act, outcome in outcomes for o in list_obligations(act, outcome))
    consulted = dict.fromkeys(article for _, outcome in outcomes for article in outcome.articles)
    overridden = dict.fromkeys(article for _, outcome in outcomes for article in outcome.overridden)
    return Decision(ACT, tuple(dict.fromkeys(reasons)), tuple(obligations), tuple(consulted), tuple(overridden))


def _list_party_reasons(request: ProvisionRequest, state: AgreementState) -> Iterator[Reason]:
    release = request.release
    for party in (release.provider, release.recipient):
        if party not in state.parties:
            yield refusal("provision.not-a-party", "{party} is not a party to this agreement", party=party)
    if release.provider == release.recipient:
        yield refusal("provision.same-party", "an item is not provided to the party that provides it")
    modes = {request.mode, state.mode} | ({state.profile.mode} if state.profile else set())
    if len(modes) > 1:
        yield refusal("provision.other-mode", "exercise and real never meet: node, agreement and profile differ")


def list_stage_reasons(state: AgreementState, on: date) -> Iterator[Reason]:
    """Yield why nothing new is done under the agreement on the day `on`: no provision, no visit, no contract."""
    profile = state.profile
    entry = profile.entry_article if profile else ""
    if profile is None:
        yield NO_PROFILE
    if state.stage in (Stage.IN_PRINCIPLE, Stage.INITIALLED):
        yield refusal("provision.no-legal-effect", "the agreement is {stage} only and has no legal effect", entry,
                      stage=state.stage.value)
    is_early = state.stage is Stage.IN_FORCE and state.in_force_on is not None and on < state.in_force_on
    if state.stage in (Stage.SIGNED, Stage.NOTES_EXCHANGED) or is_early:
        yield refusal("provision.not-in-force", "the agreement is not in force", entry)
    if state.stage is Stage.SUSPENDED:
        yield refusal("provision.suspended", "the agreement is suspended; what was received may still be read",
                      state.suspension_article)
    if state.stage is Stage.TERMINATED or (state.ended_on and state.ended_on <= on):
        yield ended(state)
    if not state.parties or not state.signed_by.issuperset(state.parties):
        yield refusal("provision.not-signed", "not every party has signed the agreement", entry)
    asks_notes = profile is not None and profile.entry_requires_notes and state.stage is not Stage.PROVISIONAL
    if asks_notes and not state.notes_from.issuperset(state.parties):
        yield refusal("provision.notes-missing", "not every party has sent the note on its procedures", entry)


def ended(state: AgreementState) -> Reason:
    """Return that the agreement has ended, by the article that says so."""
    return refusal(
        "provision.terminated", "the agreement has ended; what was received may still be read",
        state.profile.termination_article if state.profile else "",
    )


def list_suspended_at(
    label: Label, parties: Iterable[PartyId], index: RuleIndex, on: date
) -> tuple[Reason, ...]:
    """Return why nothing new is done with what bears `label`: its level is suspended, or that of one of `parties`."""
    judged = {level for party in parties for _, level in [_judge_at(party, label, index, on)] if level is not None}
    return tuple(list_suspended_levels({label.level, *judged}, index.state))


def list_leaving_reasons(
    labels: Iterable[Label], between: tuple[PartyId, PartyId], index: RuleIndex, on: date
) -> Iterator[Reason]:
    """Yield why nothing that bears `labels` is let out of our hands on the day `on`, though it was dispatched before.

    `between` is the provider and the recipient; what is suspended is looked at in the levels of both.
    """
    yield from list_stage_reasons(index.state, on)
    for label in labels:
        for party in between:
            yield from _judge_at(party, label, index, on)[0]
        yield from list_suspended_at(label, between, index, on)


def _list_level_reasons(request: ProvisionRequest, index: RuleIndex, now: datetime) -> Iterator[Reason]:
    """Yield what stands against this level: the table, readiness, link, registry, caveats."""
    label, profile = request.release.label, index.state.profile
    if label is None or profile is None:
        return
    if label.caveats - {(tag, value) for tag, value, _ in profile.caveats}:
        yield undecidable(
            "item.caveat-unknown", "the label carries a caveat whose meaning the parties have not told each other",
        )
    yield from list_portion_reasons(label, index)
    levels: dict[PartyId, LevelRef] = {}
    for party in dict.fromkeys((request.release.provider, request.release.recipient)):
        against, level = _judge_at(party, label, index, now.date())
        yield from against
        if level is not None:
            levels[party] = level
    yield from list_suspended_levels({label.level, *levels.values()}, index.state)
    yield from _list_link_reasons(request, levels, index, now)
    at_recipient = levels.get(request.release.recipient)
    yield from _list_readiness_reasons(request, at_recipient, index, now)
    yield from _list_registry_reasons(request, at_recipient, profile, now.date())


def _judge_at(
    party: PartyId, label: Label, index: RuleIndex, on: date,
) -> tuple[tuple[Reason, ...], LevelRef | None]:
    """Return the level at which `party` handles the item, from the label and nothing else."""
    if party == label.originator:
        return decide_handling(label, label.level, party, rules=index, on=on)
    decision, marking = decide_equivalence(label, party, index=index, on=on)
    if marking is None:
        return decision.reasons, None
    return decide_handling(label, marking.level, party, rules=index, on=on)


_GROUNDS: Final[dict[str, str]] = {
    "provision.readiness-missing": "{party} has not found that {of} can protect {level}",
    "provision.readiness-not-yet": "the finding of {party} that {of} can protect {level} has not begun",
    "provision.readiness-withdrawn": "{party} has withdrawn its finding that {of} can protect {level}",
    "provision.readiness-below": "{party} has found that {of} can protect lower levels only, not {level}",
    "provision.link-missing": "{party} has not approved this link ({of}) for {level}",
    "provision.link-not-yet": "the approval of this link ({of}) by {party} for {level} has not begun",
    "provision.link-withdrawn": "{party} has withdrawn its approval of this link ({of}) for {level}",
    "provision.link-below": "{party} has approved this link ({of}) for lower levels only, not {level}",
}


@dataclass(frozen=True, slots=True)
class _Finding:
    """A finding of readiness or an approval of a link, told apart only by what it is about."""

    level: LevelRef
    begun_at: datetime
    ended_at: datetime | None


def _list_readiness_reasons(
    request: ProvisionRequest, level: LevelRef | None, index: RuleIndex, now: datetime,
) -> Iterator[Reason]:
    """Both parties must have found the recipient ready for the level (EU-Switzerland Art. 14)."""
    if level is None:
        return
    of = request.release.recipient
    for party in (request.release.provider, of):
        findings = [
            _Finding(found.level, found.found_at, found.withdrawn_at) for found in index.state.readiness
            if (found.by_party, found.of_party) == (party, of)
        ]
        for gap in _list_gaps(findings, level, index, now):
            code = f"provision.readiness-{gap}"
            yield refusal(code, _GROUNDS[code], party=party, of=of, level=str(level))


def _list_link_reasons(
    request: ProvisionRequest, levels: dict[PartyId, LevelRef], index: RuleIndex, now: datetime,
) -> Iterator[Reason]:
    """Both parties must have approved wire or bag, each for the level in its own scheme; a carrier has no link."""
    if request.link not in LINK_ACTS:
        yield refusal(
            "provision.link-unknown",
            "an item leaves by wire, by bag, with a courier, by post or as freight; there is no such link",
        )
    if request.link in THING_LINKS and not request.is_thing:
        yield refusal("provision.carried-content", "only a thing is carried; a content leaves by a link both approved")
    if request.link not in _APPROVED_LINKS:
        return
    for party, level in levels.items():
        findings = [
            _Finding(approval.level, approval.approved_at, approval.withdrawn_at) for approval in index.state.links
            if (approval.link, approval.party) == (request.link, party)
        ]
        for gap in _list_gaps(findings, level, index, now):
            code = f"provision.link-{gap}"
            yield refusal(code, _GROUNDS[code], party=party, of=request.link, level=str(level))


def _list_gaps(findings: list[_Finding], level: LevelRef, index: RuleIndex, now: datetime) -> tuple[str, ...]:
    """Return why none of `findings` reaches `level` now; empty when one of them does."""
    gaps: dict[str, None] = {}
    for finding in findings:
        defects = {
            "below": not dominates(index, finding.level, level),
            "not-yet": not has_begun(finding.begun_at, now),
            "withdrawn": has_ended(finding.ended_at, now),
        }
        if not any(defects.values()):
            return ()
        gaps.update(dict.fromkeys(name for name, is_defect in defects.items() if is_defect))
    return tuple(gaps) or ("missing",)


def list_suspended_levels(levels: set[LevelRef], state: AgreementState) -> Iterator[Reason]:
    """Yield which of `levels` are suspended."""
    for level in sorted(levels & state.suspended_levels, key=str):
        yield refusal("provision.level-suspended", "the exchange of {level} is suspended", state.suspension_article,
                      level=str(level))


def _list_registry_reasons(
    request: ProvisionRequest, level: LevelRef | None, profile: Profile, on: date,
) -> tuple[Reason, ...]:
    """Return why the registry may not receive: not listed, not open on the day, not for the level."""
    recipient = request.release.recipient
    entries = [entry for entry in profile.registries if (entry.id, entry.party) == (request.registry, recipient)]
    reasons: list[Reason] = []
    for entry in entries:
        against = tuple(_list_entry_reasons(entry, level, on))
        if not against:
            return ()
        reasons.extend(against)
    if reasons:
        return tuple(reasons)
    return (refusal(
        "provision.registry-unlisted",
        "{registry} is not a registry of {party} listed in the profile; listed: {listed}",
        registry=request.registry[:80], party=recipient,
        listed=", ".join(sorted(entry.id for entry in profile.registries if entry.party == recipient)) or "-",
    ),)


def _list_entry_reasons(entry: RegistryEntry, level: LevelRef | None, on: date) -> Iterator[Reason]:
    if entry.opened_on is not None and on < entry.opened_on:
        yield refusal("provision.registry-not-open", "the registry {registry} is not open yet", entry.article,
                      registry=entry.id)
    if entry.closed_on is not None and entry.closed_on <= on:
        yield refusal("provision.registry-closed", "the registry {registry} is closed", entry.article,
                      registry=entry.id)
    if level is not None and level not in entry.levels:
        yield refusal("provision.registry-level", "the registry {registry} may not receive {level}", entry.article,
                      registry=entry.id, level=str(level))


def _list_outcomes(request: ProvisionRequest, index: RuleIndex) -> tuple[tuple[Act, LayerOutcome], ...]:
    """Return what the layers say of providing and of the link, at each party where the act is done.

    A partner's national law is not known here. What is left to it of a link the partner has answered itself, by its
    approval of the link, which is asked for apart; of carrying there is no such word, and nothing is decided.
    """
    release = request.release
    if release.label is None:
        return ()
    acts = (Act.PROVIDE, LINK_ACTS[request.link]) if request.link in LINK_ACTS else (Act.PROVIDE,)
    originator, level = release.label.originator, release.label.level
    found = (
        (act, at_party, index.outcome(act, Scope(originator, release.recipient, level, at_party)))
        for act in acts
        for at_party in parties_asked(act, provider=originator, recipient=release.recipient)
    )
    return tuple(
        (act, outcome) for act, at_party, outcome in found
        if not (
            request.link in _APPROVED_LINKS and act is LINK_ACTS[request.link] and at_party == release.recipient
            and outcome.gap is Gap.LEFT_TO_NATIONAL
        )
    )


def _list_ruling_reasons(
    request: ProvisionRequest, outcomes: tuple[tuple[Act, LayerOutcome], ...], now: datetime,
) -> Iterator[Reason]:
    """Yield what the layers say against it. A consent asked for here is the recipient's, case by case."""
    release = request.release
    for act, outcome in outcomes:
        wanted = ConsentWanted(
            act, release.item, frozenset({release.recipient}), release.provider, release.purpose,
        )
        yield from list_act_reasons(outcome, wanted, release.consents, now)
        # Those who provide together are those who release, and those who carry are asked when it is handed over;
        # whoever dispatches is alone.
        if act not in (Act.PROVIDE, Act.CARRY, Act.POST):
            yield from list_together_reasons(act, outcome)

"""What is true of one item at one node, and what that means before anybody asks for it.

An `AccessView` is everything about an item that does not depend on the person:
worked out once, for one day, so that the decision on a person is a few
comparisons. It is made anew whenever the item, the agreement or the day changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cordiale.model.agreement import AccessRule, Act, AgreementState, Need, Ruling, Stage
from cordiale.model.consent import Consent
from cordiale.model.decision import Decision, Reason, refusal, undecidable
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.names import ItemId, PartyId, PersonId
from cordiale.rules.clearance import worth_table
from cordiale.rules.equivalence import decide_handling
from cordiale.rules.layers import SILENT, Gap, LayerOutcome, Scope
from cordiale.rules.national import Rules, dominates, rank_in
from cordiale.rules.rule_index import RuleIndex
from cordiale.rules.rulings import cite, list_obligations, list_ruling_reasons, list_together_reasons

ACT: Final = "read"


class Standing(StrEnum):
    """Where an item stands at a node."""

    HELD = "held"
    REGISTERED = "registered"
    FROZEN = "frozen"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """One item as the node of `holder` holds it.

    `marking` is the equivalent that was applied here, None for the holder's own items. `purposes` are those
    stated when it was provided. `readers` is the exclusive list of a nationally held item, None where there
    is none. `consents` are those of its originators. `joint_originators` are originators beside the label's.
    `is_declassified` tells that it bears no level any more: nobody needs a clearance, briefing or function for it;
    need-to-know, release set and consent are asked as before.
    """

    item: ItemId
    label: Label | None
    holder: PartyId
    standing: Standing
    marking: Marking | None = None
    purposes: frozenset[str] = frozenset()
    readers: frozenset[PersonId] | None = None
    consents: tuple[Consent, ...] = ()
    joint_originators: frozenset[PartyId] = frozenset()
    is_declassified: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AccessView:
    """What access to one item asks of a person on the day `on` (UTC).

    `baseline` is the decision when nothing speaks against the person: allowed, or refused whoever asks.
    `cleared_names` are the levels of `scheme` at which a clearance is enough, None where no rule asks for one or
    none can be ranked; `clearance_gaps` say why it cannot be told what is enough. `stand_ins` are, for each rule
    that asks, the functions that may stand for a clearance. `citizenships` is the set a rule limits nationality
    to, None for no limit; `permitted` are the citizenships that need no waiver. `briefing` is the subject that a
    briefing must be on, and `caveats` are further such subjects. `has_more` tells that there are caveats,
    functions or named readers. `decisions` keeps what was decided, by the grounds against a person. `worth` is what
    clearances of other schemes count for here.
    """

    facts: ItemFacts
    rules: Rules
    on: date
    is_foreign: bool
    release_to: frozenset[PartyId]
    scheme: str
    cleared_names: frozenset[str] | None
    clearance_gaps: tuple[Reason, ...]
    stand_ins: tuple[frozenset[str], ...]
    functions: tuple[frozenset[str], ...]
    citizenships: frozenset[PartyId] | None
    permitted: frozenset[PartyId]
    briefing: str | None
    caveats: tuple[str, ...]
    read: LayerOutcome
    asks_consent: bool
    has_more: bool
    article: str
    release_article: str
    baseline: Decision
    decisions: dict[int, Decision]
    worth: Mapping[LevelRef, frozenset[LevelRef]]


_READABLE: Final = frozenset({Stage.IN_FORCE, Stage.PROVISIONAL, Stage.SUSPENDED, Stage.TERMINATED})

FROZEN_ITEM: Final = refusal("item.frozen", "the item is frozen until an inquiry is closed")
_STANDING: Final[dict[Standing, Reason]] = {
    Standing.HELD: refusal("item.not-registered", "the item is not registered yet"),
    Standing.FROZEN: FROZEN_ITEM,
    Standing.GONE: refusal("item.gone", "the item is no longer held here"),
}
OTHER_DAY: Final = undecidable(
    "item.other-day", "what the item asks was worked out for another day, and must be worked out again",
)
UNLABELLED: Final = refusal("item.unlabelled", "the item is not labelled yet; only the registry handles it")
_NO_AGREEMENT: Final = undecidable(
    "item.no-agreement", "the item is another party's, and no agreement is named that it came under"
)


def caveat_subject(tag: str, value: str) -> str:
    """Return the subject of the briefing by which a person holds the restrictive caveat `tag`, `value`."""
    return f"caveat:{tag}:{value}"


def releasable_to(label: Label) -> frozenset[PartyId]:
    """Return the parties the whole of the item may be shown to: those inside the release set of every part.

    An empty release set means the originator only; a part without one has that of the whole.
    """
    alone = frozenset({label.originator})
    parts = [part.release_to or alone for part in label.portions if part.release_to is not None]
    return (label.release_to or alone).intersection(*parts)


def originators_of(facts: ItemFacts) -> frozenset[PartyId]:
    """Return every party whose consent is needed where the originator's consent is."""
    named = {facts.label.originator} if facts.label else set()
    return facts.joint_originators | named


def list_standing_reasons(standing: Standing, article: str = "") -> tuple[Reason, ...]:
    """Return why nothing is done with an item that stands so; empty for a registered one."""
    reason = _STANDING.get(standing)
    if reason is None:
        return ()
    return (Reason(reason.code, reason.text, article) if article else reason,)


def list_portion_reasons(label: Label, rules: Rules) -> tuple[Reason, ...]:
    """Return the reason why a marked part stands above the whole, or cannot be held against it."""
    for part in label.portions:
        if part.level and not dominates(rules, label.level, LevelRef(label.level.scheme, part.level)):
            return (refusal("item.part-above-whole", "a part of the item is marked above the whole"),)
    return ()


def scope_here(facts: ItemFacts, label: Label) -> Scope:
    """Return the scope of acts that the holder does upon the item."""
    return Scope(label.originator, facts.holder, label.level, facts.holder)


def view_item(facts: ItemFacts, rules: Rules, *, on: date) -> AccessView:
    """Work out what access to the item asks of anybody on the day `on` (UTC).

    `rules` is the index of the agreement a foreign item came under, or the national rules for an own item.
    """
    label = facts.label
    if label is None:
        return _view_unlabelled(facts, rules, on)
    scope = scope_here(facts, label)
    is_foreign = label.originator != facts.holder
    handling, level = _judge_level(facts, label, rules, on)
    asked = rules.access(facts.holder, level) if level and not facts.is_declassified else ()
    gaps = () if facts.is_declassified else (*handling, *_list_clearance_gaps(level, asked, rules))
    standing = _list_standing(facts, label, rules, on, (*gaps, *_list_unsaid_reasons(asked)))
    read = rules.outcome(Act.READ, scope)
    clearing = [rule for rule in asked if Need.CLEARANCE in rule.needs]
    citizenships = _intersect([rule.nationalities for rule in asked if Need.NATIONALITY in rule.needs])
    functions = tuple(rule.functions for rule in asked if Need.FUNCTION in rule.needs)
    release_to = releasable_to(label)
    subject = str(rules.state.id) if is_foreign and isinstance(rules, RuleIndex) else ""
    return AccessView(
        facts=facts, rules=rules, on=on, is_foreign=is_foreign, release_to=release_to,
        scheme=level.scheme if level else "",
        cleared_names=_list_dominating(level, rules) if level and clearing else None, clearance_gaps=gaps,
        stand_ins=tuple(r.functions if r.function_in_place_of_clearance else frozenset() for r in clearing),
        functions=functions, citizenships=citizenships,
        permitted=release_to if citizenships is None else release_to & citizenships,
        briefing=subject if any(Need.BRIEFING in rule.needs for rule in asked) else None,
        caveats=tuple(sorted(caveat_subject(tag, value) for tag, value in label.caveats)),
        read=read, asks_consent=read.ruling is Ruling.WITH_CONSENT,
        has_more=bool(functions or label.caveats or facts.readers is not None),
        article="; ".join(dict.fromkeys(rule.article for rule in asked)),
        release_article=cite(rules.outcome(Act.PASS_ON, scope)),
        baseline=_decide_baseline(standing, asked, read), decisions={},
        worth=worth_table(rules.state.profile, at=facts.holder, on=on) if isinstance(rules, RuleIndex) else {},
    )


def _decide_baseline(
    standing: tuple[Reason, ...], asked: tuple[AccessRule, ...], read: LayerOutcome,
) -> Decision:
    if standing:
        return Decision(ACT, standing)
    articles = (*(rule.article for rule in asked), *read.articles)
    return Decision(ACT, (), list_obligations(Act.READ, read), tuple(dict.fromkeys(articles)), read.overridden)


def _view_unlabelled(facts: ItemFacts, rules: Rules, on: date) -> AccessView:
    parties = frozenset({facts.holder})
    return AccessView(
        facts=facts, rules=rules, on=on, is_foreign=False, release_to=parties,
        scheme="", cleared_names=None, clearance_gaps=(UNLABELLED,), stand_ins=(), functions=(), citizenships=None,
        permitted=parties,
        briefing=None, caveats=(), read=SILENT, asks_consent=False, has_more=facts.readers is not None,
        article="", release_article="",
        baseline=Decision(ACT, (*list_standing_reasons(facts.standing), UNLABELLED)), decisions={}, worth={},
    )


def _list_standing(
    facts: ItemFacts, label: Label, rules: Rules, on: date, of_level: tuple[Reason, ...],
) -> tuple[Reason, ...]:
    """Return every reason that holds whoever asks; `of_level` are those about the level and its access rules."""
    scope = scope_here(facts, label)
    reasons = list(list_standing_reasons(facts.standing, cite(rules.outcome(Act.REGISTER, scope))))
    if label.originator != facts.holder:
        reasons.extend(_list_foreign_reasons(facts, label, rules, on))
    reasons.extend(list_portion_reasons(label, rules))
    reasons.extend(of_level)
    read = rules.outcome(Act.READ, scope)
    # For an own item the access rules say who may read, and national law need not speak of reading besides.
    if label.originator != facts.holder or read.gap is not Gap.SILENT:
        reasons.extend(list_ruling_reasons(Act.READ, read))
    reasons.extend(list_together_reasons(Act.READ, read))
    return tuple(dict.fromkeys(reasons))


def _judge_level(
    facts: ItemFacts, label: Label, rules: Rules, on: date,
) -> tuple[tuple[Reason, ...], LevelRef | None]:
    """Return the level of the holder's own scheme that the item is judged by, None where it has none yet."""
    if label.originator == facts.holder:
        return decide_handling(label, label.level, facts.holder, rules=rules, on=on)
    if facts.marking is None:
        return (), None
    return decide_handling(label, facts.marking.level, facts.holder, rules=rules, on=on)


def _list_foreign_reasons(facts: ItemFacts, label: Label, rules: Rules, on: date) -> tuple[Reason, ...]:
    """Return what stands against reading a foreign item, whoever asks."""
    if not isinstance(rules, RuleIndex):
        return (_NO_AGREEMENT,)
    state = rules.state
    reasons = list(_list_stage_reasons(state, on))
    marking, profile = facts.marking, state.profile
    told = {(tag, value) for tag, value, _ in profile.caveats} if profile else set()
    if facts.holder not in state.parties or label.originator not in state.parties:
        reasons.append(refusal("item.other-agreement", "the agreement is not one between these parties"))
    if label.caveats - told:
        reasons.append(undecidable(
            "item.caveat-unknown", "the label carries a caveat whose meaning the parties have not told each other",
        ))
    is_other = marking is not None and (
        (marking.party, marking.agreement, marking.derived_from) != (facts.holder, state.id, label.level)
    )
    if is_other:
        reasons.append(refusal(
            "item.other-marking", "the marking was not derived from this label under this agreement",
            profile.marks_article if profile else "",
        ))
    return tuple(reasons)


def _list_stage_reasons(state: AgreementState, on: date) -> tuple[Reason, ...]:
    """Termination and suspension stop provision, not reading; before entry into force nothing has effect."""
    article = state.profile.entry_article if state.profile else ""
    is_early = state.stage is Stage.IN_FORCE and state.in_force_on is not None and on < state.in_force_on
    if state.stage in _READABLE and not is_early:
        return ()
    return (refusal("item.agreement-without-effect", "the agreement is not in force", article),)


def _list_clearance_gaps(
    level: LevelRef | None, asked: tuple[AccessRule, ...], rules: Rules,
) -> tuple[Reason, ...]:
    """Return why it cannot be told what clearance is enough: no marking, no rule, or no rank to hold it against."""
    if level is None:
        profile = rules.state.profile if isinstance(rules, RuleIndex) else None
        article = profile.marks_article if profile else ""
        return (refusal("item.not-marked", "the equivalent marking is not applied yet", article),)
    if not asked:
        return (undecidable(
            "access.no-rule", "neither the agreement nor national law says who may read {level}", level=str(level),
        ),)
    if rank_in(rules, level) is not None:
        return ()
    return tuple(
        undecidable(
            "access.unranked", "{level} has no rank that a clearance could be held against", rule.article,
            level=str(level),
        )
        for rule in asked if Need.CLEARANCE in rule.needs
    )


def _list_unsaid_reasons(asked: tuple[AccessRule, ...]) -> Iterator[Reason]:
    """Yield what a rule asks for without saying which: nationalities, functions."""
    for rule in asked:
        if Need.NATIONALITY in rule.needs and not rule.nationalities:
            yield undecidable(
                "access.nationalities-unsaid", "the rule does not say which nationalities it means", rule.article,
            )
        if Need.FUNCTION in rule.needs and not rule.functions:
            yield undecidable(
                "access.functions-unsaid", "the rule does not say which functions it means", rule.article,
            )


def _list_dominating(level: LevelRef, rules: Rules) -> frozenset[str] | None:
    rank, scheme = rank_in(rules, level), rules.scheme(level.scheme)
    return None if rank is None or scheme is None else frozenset(scheme.levels[rank:])


def _intersect(sets: list[frozenset[PartyId]]) -> frozenset[PartyId] | None:
    return frozenset.intersection(*sets) if sets else None

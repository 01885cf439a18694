"""What an originator may write on a label, and the label that a whole takes from its parts.

The banner is never below a portion; above all of them it may stand, with a
reason (the whole may say more than its parts). Labels are joined inside one
scheme only: the highest level, every caveat, and the parties that all of them
may be released to. Where ADatP-4774.1 section 4.4 leaves a limit out because
labels differ in it (rules 5 and 6), the join here is released to its originator
alone, and where nobody chose that, a person must decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import Label, LevelRef, Marking, Portion, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.spelling import look_alike_of

ACT_LABEL: Final = "label"
ACT_JOIN: Final = "join-labels"
STATE_BANNER_REASON: Final = "state-banner-reason"
"""Obligation: say why the whole stands above every one of its portions."""
ASK_CONSENT: Final = "ask-consent"
"""Obligation ``ask-consent:<party>``: the joined label covers information of that originator."""


@dataclass(frozen=True, slots=True)
class HighWater:
    """What a whole takes from its parts. Without `decision.is_allowed` the values are a proposal to a person.

    `level` is None where it could not be told; `handle_as` is set where some part asks for handling above it.
    `release_to` always contains the originator of the whole.
    """

    decision: Decision
    level: LevelRef | None
    handle_as: LevelRef | None
    release_to: frozenset[PartyId]
    caveats: frozenset[tuple[str, str]]


def effective_level(label: Label, scheme: Scheme) -> LevelRef:
    """Return the level that handling follows: `handle_as` where it is higher, and never below the label's level.

    Raises `Malformed` when `scheme` has no such ordered level.
    """
    if label.handle_as is None:
        scheme.rank_of(label.level.name)
        return label.level
    return max(label.level, label.handle_as, key=lambda level: scheme.rank_of(level.name))


def decide_label(label: Label, scheme: Scheme, mode: Mode) -> Decision:
    """Decide whether the originator may put `label` on an item at a node of `mode`.

    Beyond `decide_banner`: the scheme is the originator's and of the node's kind, no level is obsolete, and
    stricter handling is not laxer (for example Switzerland–Singapore 2016, Art. 2(2): higher, never lower).
    """
    reasons: list[Reason] = []
    if scheme.party is not None and scheme.party != label.originator:
        reasons.append(refusal(
            "label.scheme-of-another", "the originator {party} does not label in the scheme {scheme}",
            party=label.originator, scheme=scheme.id,
        ))
    if scheme.is_exercise is not (mode is Mode.EXERCISE):
        reasons.append(refusal(
            "label.mode", "the scheme {scheme} is not for a node in {mode} mode", scheme=scheme.id, mode=mode.value
        ))
    named = [label.level.name, *(p.level for p in label.portions if p.level)]
    named += [] if label.handle_as is None else [label.handle_as.name]
    for name in sorted(set(named) & scheme.obsolete):
        reasons.append(refusal(
            "label.level-obsolete", "the level `{level}` of the scheme {scheme} is read and no longer written",
            level=name, scheme=scheme.id,
        ))
    banner = decide_banner(label, scheme)
    if label.handle_as is not None and _ranks(scheme, [label.level.name, label.handle_as.name]) is not None:
        if scheme.rank_of(label.handle_as.name) < scheme.rank_of(label.level.name):
            reasons.append(refusal("label.handle-as-lower", "the handling asked for is laxer than the level"))
    elif label.handle_as is not None:
        reasons += _unknown_levels(scheme, [label.handle_as.name])
    return decision_of(ACT_LABEL, (*reasons, *banner.reasons), obligations=banner.obligations)


def decide_banner(label: Label, scheme: Scheme) -> Decision:
    """Decide whether the level and the release set of the whole cover every portion.

    A portion without a level has the level of the whole, and likewise its release set. When the whole stands
    above every portion and the label does not say why, the decision carries `STATE_BANNER_REASON`.
    """
    if label.level.scheme != scheme.id:
        return decision_of(ACT_LABEL, [undecidable(
            "label.scheme-differs", "the label is of the scheme {scheme}, whose order of levels is not at hand",
            scheme=label.level.scheme,
        )])
    names = [label.level.name, *(portion.level or label.level.name for portion in label.portions)]
    reasons = list(_unknown_levels(scheme, names))
    ranks = _ranks(scheme, names)
    obligations = []
    if ranks is not None:
        banner, portions = ranks[0], ranks[1:]
        too_high = [p.reference for p, rank in zip(label.portions, portions, strict=True) if rank > banner]
        reasons += [refusal(
            "label.banner-below-portion", "the level of the whole is below that of the portion {portion}",
            portion=reference,
        ) for reference in too_high]
        if portions and max(portions) < banner and not label.banner_reason:
            obligations.append(STATE_BANNER_REASON)
    reasons += [refusal(
        "label.released-beyond-portion", "the whole is released to {parties}, the portion {portion} is not",
        portion=portion.reference, parties=", ".join(sorted(extra)),
    ) for portion, extra in _released_beyond(label)]
    return decision_of(ACT_LABEL, reasons, obligations=obligations)


def join_labels(
    labels: Sequence[Label], scheme: Scheme, originator: PartyId, *, markings: Iterable[Marking] = ()
) -> HighWater:
    """Return what a whole by `originator`, in `scheme`, takes from parts with `labels`; never raises.

    A part of another scheme counts with the level of the one among `markings` that was derived from its
    level; without one the join is undecidable, for there is no order across schemes. The caveats are united
    and the release sets intersected. Where the intersection is the originator alone although no part said so,
    or leaves the originator out, a person must decide.
    """
    reasons: list[Reason] = [] if labels else [undecidable("join.nothing", "there is no label to join")]
    equivalents = [marking for marking in markings if marking.level.scheme == scheme.id]
    names: list[str] = []
    handled: list[str] = []
    for label in labels:
        found = _level_in(label, scheme, equivalents)
        unclear = _unknown_levels(scheme, found) if found else (undecidable(
            "join.other-scheme", "a part is labelled in the scheme {other}, and its level in {scheme} is not known",
            other=label.level.scheme, scheme=scheme.id,
        ),)
        reasons += unclear
        if not unclear:
            names.append(found[0])
            handled += found
    release_to, unclear = _common_release_set(labels, originator)
    reasons += unclear
    is_known = bool(labels) and len(names) == len(labels)
    level = scheme.level(max(names, key=scheme.rank_of)) if is_known else None
    strictest = scheme.level(max(handled, key=scheme.rank_of)) if is_known else None
    others = sorted({label.originator for label in labels} - {originator})
    return HighWater(
        decision_of(ACT_JOIN, reasons, obligations=[f"{ASK_CONSENT}:{party}" for party in others]),
        level, None if strictest == level else strictest, release_to,
        frozenset().union(*(label.caveats for label in labels)),
    )


def _common_release_set(
    labels: Sequence[Label], originator: PartyId
) -> tuple[frozenset[PartyId], tuple[Reason, ...]]:
    alone = frozenset({originator})
    common = reduce(frozenset.intersection, (label.release_to for label in labels)) if labels else alone
    if originator not in common:
        return alone, (undecidable(
            "join.release-originator", "not every part may be released to the originator {party} of the whole",
            party=originator,
        ),)
    if common == alone and labels and all(label.release_to != alone for label in labels):
        return alone, (undecidable(
            "join.release-empty", "no other party may have every part; a person must decide on the release set"
        ),)
    return common, ()


def _level_in(label: Label, scheme: Scheme, equivalents: Iterable[Marking]) -> tuple[str, ...]:
    """Return the levels of `scheme` that `label` counts with, its own first; empty where that is not known."""
    if label.level.scheme == scheme.id:
        return (label.level.name, *([] if label.handle_as is None else [label.handle_as.name]))
    # Stricter handling is named in the originator's scheme, and no equivalent is ever derived from it.
    names = [m.level.name for m in equivalents if m.derived_from == label.level and label.handle_as is None]
    return (max(names, key=scheme.rank_of),) if names and not _unknown_levels(scheme, names) else ()


def _unknown_levels(scheme: Scheme, names: Iterable[str]) -> tuple[Reason, ...]:
    """Return a reason for each of `names` that `scheme` cannot rank; a look-alike is told apart."""
    if not scheme.ordered:
        return (undecidable("label.unordered", "the levels of the scheme {scheme} have no order", scheme=scheme.id),)
    reasons: list[Reason] = []
    for name in sorted(set(names) - set(scheme.levels)):
        if look_alike_of(name, scheme.levels) is not None:
            reasons.append(refusal(
                "label.look-alike", "a level looks like one of the scheme {scheme} and is spelt with other characters",
                scheme=scheme.id,
            ))
        else:
            reasons.append(undecidable(
                "label.level-unknown", "the scheme {scheme} has no level `{level}`", scheme=scheme.id, level=name[:80]
            ))
    return tuple(reasons)


def _ranks(scheme: Scheme, names: list[str]) -> list[int] | None:
    return None if _unknown_levels(scheme, names) else [scheme.rank_of(name) for name in names]


def _released_beyond(label: Label) -> list[tuple[Portion, frozenset[PartyId]]]:
    beyond = [(p, label.release_to - p.release_to) for p in label.portions if p.release_to is not None]
    return [(portion, extra) for portion, extra in beyond if extra]

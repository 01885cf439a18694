"""The recipient's equivalent of an originator's level, from the agreement's table and nothing else.

Truth 2: the originator's label is never overwritten; the equivalent is a second
marking, derived from that label by a directed, dated row. Only a `Label` can be
converted, never a `Marking`, so that no chain or round trip can be written. A
level without a row is refused, not rounded.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from cordiale.errors import Malformed
from cordiale.model.agreement import Equivalence, EquivalenceKind, Profile
from cordiale.model.decision import Decision, Reason, refusal, undecidable
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.names import PartyId
from cordiale.rules.layers import is_current, levels_of
from cordiale.rules.national import Rules, dominates
from cordiale.rules.rule_index import RuleIndex

ACT: Final = "equivalence"

NO_PROFILE: Final[Reason] = undecidable(
    "equivalence.no-profile", "the parties have signed no implementing profile, so there is no table to read"
)

_WITHOUT_EQUIVALENT: Final[dict[EquivalenceKind, tuple[str, str]]] = {
    EquivalenceKind.SPECIAL_ARRANGEMENT: (
        "equivalence.special-arrangement",
        "{level} is exchanged only by a special arrangement, which is not part of this agreement",
    ),
    EquivalenceKind.OTHER_RULES: ("equivalence.other-rules", "{level} is exchanged under other rules"),
    EquivalenceKind.NOT_EXCHANGED: ("equivalence.not-exchanged", "{level} is not exchanged"),
}


def decide_equivalence(
    label: Label, recipient: PartyId, *, index: RuleIndex, on: date,
) -> tuple[Decision, Marking | None]:
    """Decide which level of `recipient` answers to the label's level on the day `on` (UTC).

    Returns the decision and, when it is allowed, the marking to be set beside the originator's label.
    """
    profile = index.state.profile
    if profile is None:
        return Decision(ACT, (NO_PROFILE,)), None
    reasons = _list_party_reasons(label, recipient, profile)
    row = None
    if not reasons:
        row = index.equivalence(label.level, recipient=recipient, on=on)
        reasons = _list_cap_reasons(label, index)
        if row is None:
            reasons += (_explain_missing_row(label.level, recipient, profile=profile, on=on),)
        else:
            reasons += _list_row_reasons(row, profile)
    consulted = (row.article,) if row else ()
    if reasons or row is None or row.target is None:
        return Decision(ACT, reasons, consulted=consulted), None
    try:
        marking = Marking(
            party=recipient, level=row.target, agreement=index.state.id, profile_version=profile.version,
            article=row.article, derived_from=label.level,
            note=row.note or ("upward" if row.kind is EquivalenceKind.UPWARD else ""),
        )
    except Malformed:
        # A row whose article or note cannot be printed is a question to the parties, not an accident here.
        return Decision(ACT, (_target_unknown(row),), consulted=consulted), None
    return Decision(ACT, consulted=consulted), marking


def decide_handling(
    label: Label, equivalent: LevelRef, party: PartyId, *, rules: Rules, on: date,
) -> tuple[tuple[Reason, ...], LevelRef]:
    """Return the level of `party` that `label` is handled at: `equivalent`, or higher where it asks for more.

    `equivalent` is the level of the applied marking, or the label's own level at its originator. A label may
    ask for stricter handling than its level implies, never for laxer (Switzerland-Denmark Art. 1.2).
    """
    asked = label.handle_as
    if asked is None:
        return (), equivalent
    if asked.scheme != equivalent.scheme and asked.scheme == label.level.scheme:
        if dominates(rules, label.level, asked):
            return (), equivalent
        row = rules.equivalence(asked, recipient=party, on=on)
        asked = row.target if row and row.target else asked
    is_enough = dominates(rules, equivalent, asked)
    if is_enough is None:
        return (undecidable(
            "equivalence.handling-unknown",
            "the label asks to be handled as {level}, and what that means here could not be told",
            level=str(label.handle_as),
        ),), equivalent
    return (), equivalent if is_enough else asked


def _list_party_reasons(label: Label, recipient: PartyId, profile: Profile) -> tuple[Reason, ...]:
    """Return why the table cannot be read for these parties and this level at all."""
    reasons: list[Reason] = []
    for party in (label.originator, recipient):
        if party not in profile.parties:
            reasons.append(refusal(
                "equivalence.not-a-party", "{party} is not a party to this agreement", party=party,
            ))
    if label.originator == recipient:
        reasons.append(refusal(
            "equivalence.own-label", "the label is {party}'s own and needs no equivalent there", party=recipient,
        ))
    if label.originator in profile.parties and label.level not in levels_of(profile, label.originator):
        reasons.append(refusal(
            "equivalence.level-unknown", "{level} is not a level of {party} under this agreement",
            level=str(label.level), party=label.originator,
        ))
    return tuple(reasons)


def _list_cap_reasons(label: Label, index: RuleIndex) -> tuple[Reason, ...]:
    """Return the reason why the level is above what the originating party may provide."""
    cap = index.cap(label.originator, label.level.scheme)
    if cap is None:
        return ()
    highest, article = cap
    is_within = dominates(index, highest, label.level)
    if is_within is None:
        return (undecidable(
            "equivalence.unranked", "{level} has no rank that could be held against the highest level exchanged",
            article, level=str(label.level),
        ),)
    if is_within:
        return ()
    return (refusal(
        "equivalence.above-cap", "{level} is above {cap}, the highest level exchanged", article,
        level=str(label.level), cap=str(highest),
    ),)


def _explain_missing_row(level: LevelRef, recipient: PartyId, *, profile: Profile, on: date) -> Reason:
    """Say why the table gives no row: there is none, none on that day, or two that both claim to hold."""
    rows = profile.equivalences
    towards = [row for row in rows if row.recipient == recipient and row.source.scheme == level.scheme]
    article = towards[0].article if towards else ""
    mine = [row for row in towards if row.source == level]
    fields = {"level": str(level), "party": str(recipient)}
    if not mine:
        return refusal("equivalence.no-row", "the table gives no equivalent of {level} for {party}", article, **fields)
    current = [row for row in mine if is_current(row, on)]
    if current:
        return undecidable(
            "equivalence.two-rows", "the table gives more than one row for {level} towards {party} on that day",
            current[0].article, **fields,
        )
    return refusal(
        "equivalence.no-row-that-day", "the table gives no equivalent of {level} for {party} on that day",
        mine[0].article, **fields,
    )


def _list_row_reasons(row: Equivalence, profile: Profile) -> tuple[Reason, ...]:
    """Return why `row` gives no level, where it does not."""
    if row.kind is EquivalenceKind.TO_BE_ENTERED:
        return (undecidable(
            "equivalence.to-be-entered",
            "the table of levels is not entered: the parties must enter {level} from the treaty", row.article,
            level=str(row.source),
        ),)
    if row.kind in _WITHOUT_EQUIVALENT:
        code, text = _WITHOUT_EQUIVALENT[row.kind]
        return (refusal(code, text, row.article, level=str(row.source)),)
    if row.target is None or row.target not in levels_of(profile, row.recipient):
        return (_target_unknown(row),)
    return ()


def _target_unknown(row: Equivalence) -> Reason:
    return undecidable(
        "equivalence.target-unknown", "the row for {level} names no usable level of {party}", row.article,
        level=str(row.source), party=row.recipient,
    )

"""Whether a level may change, and when the change may take effect.

Truth 2: the originator's label is the originator's alone (Switzerland-Poland
Art. 2(3)); of a joint product every originator must have consented
(Switzerland-France Art. 7.2). A change for others is announced as long before
as the agreement says (Netherlands-Germany Art. 5(4)).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from cordiale.model.agreement import Act
from cordiale.model.consent import Consent
from cordiale.model.decision import Decision, Reason, decision_of, refusal, undecidable
from cordiale.model.label import Label, LevelRef, Scheme
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import ConsentId, ItemId, PartyId
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.validity import TIME_UNKNOWN, is_aware

ACT: Final = "change-level"
DECLASSIFIED: Final = "declassified"


@dataclass(frozen=True, slots=True)
class Notice:
    """A party must have been told before the day `earliest` on which a change takes effect, under `article`."""

    party: PartyId
    earliest: date
    article: str


@dataclass(frozen=True, slots=True)
class LevelRequest:
    """The level of `item` is to become `after` (None: declassified) from the day `on` (UTC).

    `label` is the label in effect, `scheme` the originator's, None where it is not known here. `is_declassified`
    tells that no level is left to change. `notices` are those of every agreement under which copies are away.
    `used` is what was done under each consent before. `is_replaced` tells that the originator is not there any more:
    then whoever holds the item changes its level by the consent of the party that has its rights, and in no other way.
    `handle_as` asks for handling at that level beside the one the item has, which stays; `has_waiting` tells that
    a change that this one may not take the place of waits for its day.
    """

    item: ItemId
    label: Label
    holder: PartyId
    after: LevelRef | None
    on: date
    scheme: Scheme | None
    is_declassified: bool = False
    joint_originators: frozenset[PartyId] = frozenset()
    consents: tuple[Consent, ...] = ()
    notices: tuple[Notice, ...] = ()
    used: tuple[tuple[ConsentId, int], ...] = ()
    is_replaced: bool = False
    handle_as: LevelRef | None = None
    has_waiting: bool = False


def kind_of(before: LevelRef, after: LevelRef | None, scheme: Scheme | None) -> LevelChangeKind | None:
    """Return what a change from `before` to `after` is; None where the scheme gives no ranks to tell it by."""
    if after is None:
        return LevelChangeKind.DECLASSIFIED
    if after == before:
        return LevelChangeKind.HANDLING_RAISED
    if scheme is None or not scheme.ordered or not {before.name, after.name} <= set(scheme.levels):
        return None
    rises = scheme.levels.index(after.name) > scheme.levels.index(before.name)
    return LevelChangeKind.UPGRADED if rises else LevelChangeKind.DOWNGRADED


def is_above(scheme: Scheme | None, level: LevelRef, other: LevelRef) -> bool | None:
    """Tell whether `level` stands above `other` in `scheme`; None where that cannot be told."""
    kind = kind_of(other, level, scheme)
    return None if kind is None else kind is LevelChangeKind.UPGRADED


def falls(scheme: Scheme | None, asked: LevelRef, so_far: LevelRef) -> bool:
    """Tell whether `asked` is below `so_far`, or it cannot be told that it is not."""
    return asked != so_far and not is_above(scheme, asked, so_far)


def purpose_of_change(after: LevelRef | None, handle_as: LevelRef | None = None) -> str:
    """Return the purpose that a joint originator's consent names: the level it consents to, or that there is none.

    Of a higher handling, which leaves the level, it is that: ``handle as`` and the level.
    """
    if handle_as is not None:
        return f"handle as {handle_as}"
    return str(after) if after is not None else DECLASSIFIED


def decide_level_change(request: LevelRequest, *, now: datetime) -> Decision:
    """Decide whether the level may change so, with every reason against it. `now` is an aware datetime."""
    if not is_aware(now):
        return Decision(ACT, (TIME_UNKNOWN,))
    return decision_of(ACT, [*_list_level_reasons(request), *_list_others(request, now)])


def _list_level_reasons(request: LevelRequest) -> Iterator[Reason]:
    label, after, scheme = request.label, request.after, request.scheme
    if label.originator != request.holder and not request.is_replaced:
        yield refusal(
            "level.not-originator", "the item is {party}'s, and only its originator changes the level",
            party=label.originator,
        )
    if request.is_declassified:
        yield refusal("level.declassified", "the item is declassified already")
    if request.has_waiting:
        yield refusal("level.other-waits", "another change of this item waits for its day, and would not take effect")
    if request.handle_as is not None:
        yield from _list_handling_reasons(request, request.handle_as)
        return
    if after is None:
        return
    if after.scheme != label.level.scheme:
        yield refusal("level.other-scheme", "a level changes to another level of the same scheme")
        return
    if after == label.level:
        yield refusal("level.same", "the item has that level already")
    if scheme is None or scheme.id != after.scheme:
        yield undecidable("level.scheme-unknown", "the scheme of the level is not known here")
    elif after.name not in scheme.levels or after.name in scheme.obsolete:
        yield refusal("level.not-written", "{level} is no level that may be written now", level=str(after))
    elif kind_of(label.level, after, scheme) is None:
        yield undecidable(
            "level.unranked", "it cannot be told whether {level} is higher or lower than before", level=str(after)
        )


def _list_handling_reasons(request: LevelRequest, asked: LevelRef) -> Iterator[Reason]:
    """Yield why `asked` cannot be asked for beside the level: it must be one that may be written, above all so far."""
    label, scheme = request.label, request.scheme
    if asked.scheme != label.level.scheme:
        yield refusal("level.other-scheme", "a level changes to another level of the same scheme")
        return
    if scheme is None or scheme.id != asked.scheme:
        yield undecidable("level.scheme-unknown", "the scheme of the level is not known here")
        return
    if asked.name not in scheme.levels or asked.name in scheme.obsolete:
        yield refusal("level.not-written", "{level} is no level that may be written now", level=str(asked))
        return
    for so_far in filter(None, (label.level, label.handle_as)):
        is_higher = is_above(scheme, asked, so_far)
        if is_higher is None:
            yield undecidable(
                "level.unranked", "it cannot be told whether {level} is higher or lower than before", level=str(asked)
            )
        elif not is_higher:
            yield refusal(
                "level.handling-not-higher", "the item is handled as {level} or higher already", level=str(so_far)
            )


def _list_others(request: LevelRequest, now: datetime) -> Iterator[Reason]:
    """Yield what the other originators and the parties to be told say against it."""
    wanted = ConsentWanted(
        Act.CHANGE_LEVEL, request.item, request.joint_originators | {request.label.originator}, request.holder,
        purpose_of_change(request.after, request.handle_as), used=request.used,
    )
    if request.joint_originators or request.is_replaced:
        yield from list_consent_reasons(wanted, request.consents, now)
    if request.on < now.date():
        yield refusal("level.past", "a change of level does not take effect on a day that is over")
    yield from list_notice_reasons(request.notices, request.on)


def list_notice_reasons(notices: Iterable[Notice], on: date) -> Iterator[Reason]:
    """Yield why a change may not take effect on the day `on`: a party was not told as early as its agreement says."""
    for notice in notices:
        if on < notice.earliest:
            yield refusal(
                "level.notice-short", "{party} must be told earlier: the change takes effect on {day} at the earliest",
                notice.article, party=notice.party, day=notice.earliest.isoformat(),
            )

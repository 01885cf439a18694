"""What stands against a change of level that its originator has sent: others have not consented, handling would fall.

Higher handling is taken back by a later level, or by declassification, and by nothing that calls itself higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cordiale.canonical import parse_instant
from cordiale.message.bodies.level_change import LevelChange
from cordiale.model.agreement import Act
from cordiale.model.decision import Reason, refusal
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.level import LevelChangeKind
from cordiale.model.names import PartyId
from cordiale.records.consents import CONSENT, consent_of
from cordiale.records.items import joint_of
from cordiale.records.labels import label_of
from cordiale.records.record import Record
from cordiale.records.registry import Registry
from cordiale.records.session import Books
from cordiale.rules.consent import ConsentWanted, list_consent_reasons
from cordiale.rules.level import falls, purpose_of_change
from cordiale.wire.person_json import parse_level_ref


def raised_by(change: LevelChange) -> LevelRef | None:
    """Return the handling that `change` itself raises, None where it changes the level."""
    return change.handle_as if change.kind is LevelChangeKind.HANDLING_RAISED else None


def list_joint_reasons(
    registry: Registry, books: Books, item: Record, change: LevelChange
) -> tuple[Reason, ...]:
    """Return why the party that labelled a joint product may not change it so.

    Our own consent must stand in our books, where we are among its originators; of the others the message says it.
    """
    issuer = PartyId(item["origin_party"])
    others = joint_of(item) - {issuer}
    purposes = {purpose_of_change(change.after, raised_by(change))}
    if change.handle_as not in (None, label_of(item).handle_as):
        # A handling that does not stand here yet rests on a consent of its own, also beside another level.
        purposes.add(purpose_of_change(change.after, change.handle_as))
    given = tuple(consent_of(one) for one in books.each(CONSENT, "item", item.id) if one["outcome"] == "granted")
    own = [
        reason for purpose in sorted(purposes) if registry.party in others
        for reason in list_consent_reasons(
            ConsentWanted(Act.CHANGE_LEVEL, change.item, frozenset({registry.party}), issuer, purpose), given, books.at
        )
    ]
    return (*own, *(
        refusal("level.joint-alone", "it is not said that {party}, an originator too, has consented", party=one)
        for one in sorted(others - {registry.party, *change.agreed})
    ))


def would_fall(
    item: Record | None, change: LevelChange, *, scheme: Scheme | None, at: datetime, others: Sequence[Record] = ()
) -> bool:
    """Tell whether an item would be handled as lower than it is `at` a moment by a `change` that raises its handling.

    `scheme` is the originator's. `others` are the changes known of it, in the order of their issue: what was raised by
    an earlier one counts, also where it waits, or where the item is not registered and its label not known.
    """
    raised = raised_by(change)
    if raised is None:
        return False
    standing: set[LevelRef] = set()
    if item is not None and "declassified_at" not in item.body:
        label = label_of(item)
        standing |= {label.level} | ({label.handle_as} if label.handle_as is not None else set())
    for other in others:
        if int(other["issue"]) >= change.issue or (item is not None and other["state"] != "pending"):
            continue
        if other["kind"] == LevelChangeKind.HANDLING_RAISED:
            standing.add(parse_level_ref(other["handle_as"]))
        elif item is None and parse_instant(other["effective_at"]) <= at:
            standing = {parse_level_ref(other[name]) for name in ("after", "handle_as") if name in other.body}
    return any(falls(scheme, raised, one) for one in standing)

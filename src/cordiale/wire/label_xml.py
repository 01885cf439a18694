"""A label as the XML of ADatP-4774, out and in (docs/spec/label.md).

What the standard has a place for stands there. What it has no place for stands
in categories whose tag names begin with ``Cordiale``: stricter handling is
RESTRICTIVE, so that a foreign system that does not know it refuses rather than
ignores it; events, reasons and portions are INFORMATIVE. `Releasable To` is
always written, with the originator in it, because an absent permissive category
is no check at all under the standard (ADatP-4774.1 section 4.4).

Reading is stricter than the schema: a level must be the scheme's own, and
whatever this label could not hold is refused, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Final

from lxml import etree

from cordiale.canonical import encode_canonical, encode_instant, parse_canonical
from cordiale.errors import Malformed, Undecidable
from cordiale.limits import LABEL_SIZE_BYTES_MAX
from cordiale.model.label import Label, LevelRef, Portion, Scheme, Trigger, TriggerKind
from cordiale.model.names import PartyId, parse_party_id
from cordiale.model.spelling import fold_look_alikes, matching_name
from cordiale.wire.confidentiality_xml import (
    Category,
    CategoryType,
    ConfidentialityInformation,
    Reader,
    add_element,
    add_information,
    add_origin,
    category_of,
    encode_root,
    informative_value,
    new_element,
    parse_root,
    read_information,
    read_instant,
    refuse_xml,
)
from cordiale.wire.label_json import portion_from_json, portion_to_json

RELEASABLE_TO: Final = "Releasable To"
HANDLE_AS: Final = "Cordiale Handle As"
EVENT: Final = "Cordiale Event"
BANNER_REASON: Final = "Cordiale Banner Reason"
PORTION: Final = "Cordiale Portion"
JOINT: Final = "Cordiale Joint Originator"
DECLASSIFICATION_PROPOSED: Final = "DECLASSIFICATION PROPOSED"
NO_REVIEW_DATE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Written where the prose requires a review date and the originator has named none."""

_OWN_PREFIX: Final = "Cordiale"
_OWN_TAGS: Final = (HANDLE_AS, EVENT, BANNER_REASON, PORTION, JOINT)
_ROOT: Final = "originatorConfidentialityLabel"
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9._-]{0,127}\Z", re.ASCII)
_ID_TYPES: Final = frozenset(
    ("rfc822Name", "dNSName", "directoryName", "uniformResourceIdentifier", "iPAddress", "x400Address",
     "userPrincipalName", "jID")
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL: Final = re.compile(r'[\\,+"<>;=#]')
_DIRECTORY_NAME: Final = re.compile(r'(?:OU=((?:\\.|[^\\,+"<>;=#])+),)?O=([A-Z][A-Z0-9]{1,11})\Z')


def encode_label_xml(label: Label, schemes: Mapping[str, Scheme]) -> bytes:
    """Write `label` as an `originatorConfidentialityLabel`.

    Raises `Undecidable` when its scheme is not among `schemes`, and `Malformed` when a level is not of the
    scheme, when a caveat has a name that is reserved here, or when the result would be too large.
    """
    scheme = scheme_of(label.level.scheme, schemes)
    for name in (label.level.name, *(p.level for p in label.portions if p.level)):
        scheme.level(name)
    if label.handle_as is not None:
        scheme.level(label.handle_as.name)
    root = new_element(_ROOT)
    is_succession = label.trigger is not None and label.trigger.kind is TriggerKind.DATE
    if not is_succession:
        root.set("ReviewDateTime", encode_instant(review_instant(label.trigger)))
    limits = release_categories(label)
    own = _own_categories(label)
    _add_body(root, label, scheme=scheme, classification=label.level.name, categories=(*limits, *own))
    if is_succession:
        handling = add_element(root, "SuccessionHandling")
        succeeds_at = encode_instant(review_instant(label.trigger))
        add_element(handling, "SuccessionDateTime", succeeds_at)
        successor = add_element(handling, "SuccessorConfidentialityLabel", ReviewDateTime=succeeds_at)
        _add_body(successor, label, scheme=scheme, classification=DECLASSIFICATION_PROPOSED, categories=limits)
    return encode_root(root)


def parse_label_xml(data: bytes, schemes: Mapping[str, Scheme]) -> Label:
    """Read an `originatorConfidentialityLabel` whose scheme is among `schemes`.

    Schema and prose are checked; names are matched without regard to case and kept in the scheme's spelling.
    An absent `Releasable To` means the originator only. Raises `Malformed` for whatever is wrong, unknown or
    could not be held by a `Label`, and `Undecidable` for an unknown scheme or originator.
    """
    root = parse_root(data, _ROOT)
    element_id = root.optional_attribute("Id")
    if element_id is not None and not _ID.match(element_id):
        refuse_xml("label-xml.id", "the `Id` of the label is not an XML name")
    reviewed = root.optional_attribute("ReviewDateTime")
    information = read_information(root)
    scheme = read_scheme(information, schemes)
    originator, office = _read_originator(root, scheme)
    created_at = read_instant(root.child("CreationDateTime").text())
    succession = root.optional_child("SuccessionHandling")
    if reviewed is None and succession is None:
        refuse_xml("label-xml.review-missing", "the label has neither `ReviewDateTime` nor `SuccessionHandling`")
    level = scheme.level_as_read(information.classification)
    label = Label(
        originator=originator,
        level=level,
        release_to=read_release_set(information, originator),
        created_at=created_at,
        office=office,
        caveats=read_caveats(information, _OWN_TAGS),
        handle_as=read_handle_as(information, scheme),
        trigger=None if reviewed is None else _read_review(information, reviewed),
        portions=_read_portions(information, scheme),
        banner_reason=informative_value(information.categories, BANNER_REASON),
        joint=_read_joint(information),
    )
    if succession is not None:
        label = _with_succession(label, scheme, succession, is_reviewed=reviewed is not None)
    root.end()
    return label


def scheme_of(id_: str, schemes: Mapping[str, Scheme]) -> Scheme:
    """Return the scheme `id_`. Raises `Undecidable` when it is not among `schemes`."""
    if id_ not in schemes:
        raise Undecidable(
            "label.scheme-unknown", "the scheme `{scheme}` of the label is not known here",
            hint="add the scheme to the agreement's profile", scheme=id_[:40],
        )
    return schemes[id_]


def policy_uri(scheme: Scheme) -> str | None:
    """Return the URI of `scheme` as a security policy, or None where it has no object identifier."""
    return f"urn:oid:{scheme.oid}" if scheme.oid else None


def read_scheme(information: ConfidentialityInformation, schemes: Mapping[str, Scheme]) -> Scheme:
    """Return the scheme that the policy of `information` names; its URI, where there is one, must agree."""
    scheme = scheme_of(matching_name(information.policy, schemes) or information.policy, schemes)
    if information.policy_uri is not None and information.policy_uri != policy_uri(scheme):
        refuse_xml(
            "label-xml.policy-uri", "the `URI` of the policy is not the one of the scheme {scheme}", scheme=scheme.id
        )
    return scheme


def release_categories(label: Label) -> tuple[Category, ...]:
    """Return what limits access to the label's item: release set, caveats, stricter handling; never empty."""
    categories = [Category(CategoryType.PERMISSIVE, RELEASABLE_TO, tuple(sorted(label.release_to)))]
    tags = sorted({tag for tag, _ in label.caveats})
    _require_free_tags(tags)
    for tag in tags:
        values = tuple(sorted(value for other, value in label.caveats if other == tag))
        categories.append(Category(CategoryType.RESTRICTIVE, tag, values))
    if label.handle_as is not None:
        categories.append(Category(CategoryType.RESTRICTIVE, HANDLE_AS, (str(label.handle_as),)))
    return tuple(categories)


def read_release_set(information: ConfidentialityInformation, originator: PartyId) -> frozenset[PartyId]:
    """Return the release set: the parties listed and the originator."""
    category = category_of(information.categories, CategoryType.PERMISSIVE, RELEASABLE_TO)
    codes = () if category is None else category.values
    parties = [parse_party_id(code.upper() if code.isascii() else code) for code in codes]
    if len(set(parties)) != len(parties):
        refuse_xml("label-xml.release-twice", "the release set names one party twice")
    return frozenset((*parties, originator))


def read_caveats(information: ConfidentialityInformation, own_tags: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """Return the restrictive categories that are caveats.

    Raises `Malformed` for a permissive or informative category that is not known here: the first would be a
    limit on access that gets lost, the second something the originator said.
    """
    known = (RELEASABLE_TO, *own_tags)
    caveats: list[tuple[str, str]] = []
    for category in information.categories:
        if matching_name(category.tag, known) is not None:
            continue
        if category.type is not CategoryType.RESTRICTIVE:
            refuse_xml(
                "label-xml.category-unknown", "the label has a category that cannot be carried here, of type {type}",
                type=category.type.value,
            )
        caveats += [(category.tag, value) for value in category.values]
    _require_free_tags(sorted({tag for tag, _ in caveats}))
    return frozenset(caveats)


def read_handle_as(information: ConfidentialityInformation, scheme: Scheme) -> LevelRef | None:
    """Return the stricter handling of a label of `scheme`, or None."""
    category = category_of(information.categories, CategoryType.RESTRICTIVE, HANDLE_AS)
    if category is None:
        return None
    id_, _, name = category.values[0].partition(":")
    if len(category.values) > 1 or id_ != scheme.id:
        refuse_xml(
            "label-xml.handle-as", "the stricter handling is not one level of the scheme {scheme}", scheme=scheme.id
        )
    return scheme.level(name)


def review_instant(trigger: Trigger | None) -> datetime:
    """Return the review date that stands on a label ended by `trigger`."""
    if trigger is None or trigger.on is None:
        return NO_REVIEW_DATE
    return datetime.combine(trigger.on, time(), UTC)


def directory_name(party: PartyId, office: str = "") -> str:
    """Return an office of a party as a directory name (RFC 4514)."""
    escaped = _SPECIAL.sub(r"\\\g<0>", office)
    return f"OU={escaped},O={party}" if office else f"O={party}"


def _add_body(
    parent: etree._Element, label: Label, *, scheme: Scheme, classification: str, categories: tuple[Category, ...]
) -> None:
    add_information(
        parent, ConfidentialityInformation(scheme.id, policy_uri(scheme), classification, categories)
    )
    add_origin(parent, directory_name(label.originator, label.office), label.created_at)


def _own_categories(label: Label) -> tuple[Category, ...]:
    event = label.trigger.event if label.trigger is not None else ""
    portions = tuple(encode_canonical(portion_to_json(portion)).decode("utf-8") for portion in label.portions)
    own = ((EVENT, (event,) if event else ()), (BANNER_REASON, (label.banner_reason,) if label.banner_reason else ()),
           (PORTION, portions), (JOINT, tuple(sorted(label.joint))))
    return tuple(Category(CategoryType.INFORMATIVE, tag, values) for tag, values in own if values)


def _require_free_tags(tags: list[str]) -> None:
    folded = {fold_look_alikes(tag) for tag in tags}
    own, release = fold_look_alikes(_OWN_PREFIX), fold_look_alikes(RELEASABLE_TO)
    if len(folded) != len(tags) or release in folded or any(tag.startswith(own) for tag in folded):
        raise Malformed(
            "label.caveat-tag", "the name of a caveat is reserved, or looks like another",
            hint="give the caveat another name",
        )


def _read_originator(root: Reader, scheme: Scheme) -> tuple[PartyId, str]:
    """Read `OriginatorID`: the originating party, which is the scheme's where it has one, and its office."""
    originator = root.optional_child("OriginatorID")
    id_type = "" if originator is None else originator.attribute("IDType")
    text = "" if originator is None else originator.text()
    if originator is not None and id_type not in _ID_TYPES:
        refuse_xml("label-xml.originator-type", "`IDType` of the originator is not known")
    party, office = scheme.party, text
    named = _DIRECTORY_NAME.match(text) if id_type == "directoryName" else None
    if named is not None:
        unit = _ESCAPED.sub(r"\1", named[1] or "")
        if directory_name(PartyId(named[2]), unit) == text:
            party, office = PartyId(named[2]), unit
    if party is None:
        raise Undecidable(
            "label.originator-unknown", "the label does not name its originating party",
            hint="ask the sender which party originated it",
        )
    if scheme.party not in (None, party):
        refuse_xml(
            "label-xml.originator", "the originator {party} does not use the scheme {scheme}",
            party=party, scheme=scheme.id,
        )
    return party, office


def _read_review(information: ConfidentialityInformation, reviewed: str) -> Trigger | None:
    reviewed_at = read_instant(reviewed)
    event = informative_value(information.categories, EVENT)
    if event and reviewed_at != NO_REVIEW_DATE:
        refuse_xml("label-xml.trigger", "the label names both a review date and an event")
    if event:
        return Trigger(TriggerKind.EVENT, event=event)
    return None if reviewed_at == NO_REVIEW_DATE else Trigger(TriggerKind.REVIEW, on=reviewed_at.date())


def _with_succession(label: Label, scheme: Scheme, handling: Reader, *, is_reviewed: bool) -> Label:
    """Return `label` with the date of its succession; the successor must be the one `encode_label_xml` writes."""
    succeeds_at = read_instant(handling.child("SuccessionDateTime").text())
    successor = handling.child("SuccessorConfidentialityLabel")
    reviewed = successor.attribute("ReviewDateTime")
    information = read_information(successor)
    read = (
        read_instant(reviewed), information.policy, information.policy_uri, information.classification,
        read_release_set(information, label.originator), read_caveats(information, (HANDLE_AS,)),
        read_handle_as(information, scheme), _read_originator(successor, scheme),
        read_instant(successor.child("CreationDateTime").text()), is_reviewed, label.trigger, succeeds_at.time(),
    )
    successor.end()
    handling.end()
    expected = (
        succeeds_at, scheme.id, policy_uri(scheme), DECLASSIFICATION_PROPOSED, label.release_to, label.caveats,
        label.handle_as, (label.originator, label.office), label.created_at, False, None, time(),
    )
    if read != expected:
        refuse_xml("label-xml.succession", "the label names a successor that cannot be carried here")
    return replace(label, trigger=Trigger(TriggerKind.DATE, on=succeeds_at.date()))


def _read_joint(information: ConfidentialityInformation) -> frozenset[PartyId]:
    category = category_of(information.categories, CategoryType.INFORMATIVE, JOINT)
    parties = [parse_party_id(code) for code in (() if category is None else category.values)]
    if len(set(parties)) != len(parties):
        refuse_xml("label-xml.joint-twice", "the label names one of its joint originators twice")
    return frozenset(parties)


def _read_portions(information: ConfidentialityInformation, scheme: Scheme) -> tuple[Portion, ...]:
    category = category_of(information.categories, CategoryType.INFORMATIVE, PORTION)
    texts = () if category is None else category.values
    portions = tuple(
        portion_from_json(parse_canonical(text.encode("utf-8"), size_max=LABEL_SIZE_BYTES_MAX)) for text in texts
    )
    for portion in portions:
        if portion.level:
            scheme.level(portion.level)
    return portions

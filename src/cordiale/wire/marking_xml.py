"""A marking as the XML of ADatP-4774, out and in: the recipient's alternative label.

An alternative label stands beside the originator's label and never for it. It
repeats the release set, the caveats and the stricter handling, because a reader
under the standard may look at the label of its own policy alone; and it is read
only with the originator's label at hand, against which everything repeated is
held. So no label can be made of an alternative one (ADatP-4774.1 section 4.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cordiale.canonical import encode_instant
from cordiale.errors import Malformed
from cordiale.model.label import Label, LevelRef, Marking, Scheme
from cordiale.model.names import AgreementId, parse_identifier
from cordiale.wire.confidentiality_xml import (
    Category,
    CategoryType,
    ConfidentialityInformation,
    add_information,
    add_origin,
    encode_root,
    informative_value,
    new_element,
    parse_root,
    read_information,
    read_instant,
    refuse_xml,
)
from cordiale.wire.label_json import PROFILE_VERSION_MAX
from cordiale.wire.label_xml import (
    HANDLE_AS,
    directory_name,
    policy_uri,
    read_caveats,
    read_handle_as,
    read_release_set,
    read_scheme,
    release_categories,
    review_instant,
    scheme_of,
)

AGREEMENT: Final = "Cordiale Agreement"
PROFILE_VERSION: Final = "Cordiale Profile Version"
ARTICLE: Final = "Cordiale Article"
DERIVED_FROM: Final = "Cordiale Derived From"
NOTE: Final = "Cordiale Note"

_OWN_TAGS: Final = (HANDLE_AS, AGREEMENT, PROFILE_VERSION, ARTICLE, DERIVED_FROM, NOTE)
_ROOT: Final = "alternativeConfidentialityLabel"


@dataclass(frozen=True, slots=True)
class DatedMarking:
    """A marking and when the recipient put it on, in UTC and whole seconds."""

    marking: Marking
    marked_at: datetime


def encode_marking_xml(dated: DatedMarking, label: Label, schemes: Mapping[str, Scheme]) -> bytes:
    """Write `dated` as the `alternativeConfidentialityLabel` that goes with the originator's `label`.

    Raises `Malformed` when the marking was derived from another level than the label's, or its level is not
    of its scheme, and `Undecidable` when that scheme is not among `schemes`.
    """
    marking = dated.marking
    require_derived_from(marking, label)
    scheme = scheme_of(marking.level.scheme, schemes)
    if marking.party != scheme.party:
        refuse_xml("marking-xml.party", "the equivalent is not put on by the party of its scheme")
    texts = (
        (AGREEMENT, marking.agreement), (PROFILE_VERSION, str(marking.profile_version)), (ARTICLE, marking.article),
        (DERIVED_FROM, str(marking.derived_from)), (NOTE, marking.note),
    )
    own = (Category(CategoryType.INFORMATIVE, tag, (text,)) for tag, text in texts if text)
    root = new_element(_ROOT)
    root.set("ReviewDateTime", encode_instant(review_instant(label.trigger)))
    add_information(
        root,
        ConfidentialityInformation(
            scheme.id, policy_uri(scheme), scheme.level(marking.level.name).name, (*release_categories(label), *own)
        ),
    )
    add_origin(root, directory_name(marking.party), dated.marked_at)
    return encode_root(root)


def parse_marking_xml(data: bytes, label: Label, schemes: Mapping[str, Scheme]) -> DatedMarking:
    """Read the `alternativeConfidentialityLabel` that goes with the originator's `label`.

    Raises `Malformed` when it is not of the form, was derived from another level, or limits access otherwise
    than the label does, and `Undecidable` when its scheme is not among `schemes`.
    """
    root = parse_root(data, _ROOT)
    reviewed_at = read_instant(root.attribute("ReviewDateTime"))
    information = read_information(root)
    scheme = read_scheme(information, schemes)
    originator = root.child("OriginatorID")
    is_directory_name = originator.attribute("IDType") == "directoryName"
    marked_by, marked_at = originator.text(), read_instant(root.child("CreationDateTime").text())
    root.end()
    if scheme.party is None or not is_directory_name or marked_by != directory_name(scheme.party):
        refuse_xml("marking-xml.party", "the equivalent is not put on by the party of its scheme")
    marking = Marking(
        party=scheme.party,
        level=scheme.level_as_read(information.classification),
        agreement=AgreementId(parse_identifier(_value(information, AGREEMENT), "agreement id")),
        profile_version=_read_version(_value(information, PROFILE_VERSION)),
        article=_value(information, ARTICLE),
        derived_from=_read_level_ref(_value(information, DERIVED_FROM)),
        note=informative_value(information.categories, NOTE),
    )
    require_derived_from(marking, label)
    repeated = (
        read_release_set(information, label.originator), read_caveats(information, _OWN_TAGS),
        read_handle_as(information, scheme_of(label.level.scheme, schemes)), reviewed_at,
    )
    if repeated != (label.release_to, label.caveats, label.handle_as, review_instant(label.trigger)):
        refuse_xml("marking-xml.limits", "the equivalent does not repeat the limits of the originator's label")
    return DatedMarking(marking, marked_at)


def require_derived_from(marking: Marking, label: Label) -> Marking:
    """Return `marking` when it was derived from the level of `label`; raises `Malformed` otherwise."""
    if marking.derived_from != label.level:
        raise Malformed(
            "marking-xml.not-of-label", "the equivalent was derived from another level than the label has",
            hint="derive it again from the originator's label",
        )
    return marking


def _value(information: ConfidentialityInformation, tag: str) -> str:
    value = informative_value(information.categories, tag)
    if not value:
        refuse_xml("marking-xml.missing", "the equivalent does not have the category `{tag}`", tag=tag)
    return value


def _read_version(text: str) -> int:
    version = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(PROFILE_VERSION_MAX)) else 0
    if str(version) != text or not 1 <= version <= PROFILE_VERSION_MAX:
        refuse_xml("marking-xml.version", "the version of the profile is not a whole number")
    return version


def _read_level_ref(text: str) -> LevelRef:
    scheme, _, name = text.partition(":")
    if not scheme or not name:
        refuse_xml("marking-xml.level", "the level the equivalent was derived from is not a scheme and a level")
    return LevelRef(scheme, name)

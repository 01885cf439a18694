"""Labels and policies made by another implementation (spiffing, MIT), held against our reader.

Those labels name numbers of their policy. Here they are written as ADatP-4774 in the way that
ADatP-4774.1 Table 10 relates a label to its policy, and then read strictly. A policy that is not
well-formed or a label in another form has to be refused; so has every permissive category other than the
release set, for a label of ours could not hold it and its loss would widen access.
"""

from __future__ import annotations

import re

import pytest
from lxml import etree
from tests.wire.label_samples import SCHEMES, shared_data

from cordiale.errors import CordialeError, Malformed, Undecidable
from cordiale.model.label import Scheme
from cordiale.wire.confidentiality_xml import NAMESPACE
from cordiale.wire.label_xml import parse_label_xml

_SPIF = "{http://www.xmlspif.org/spif}"
_FORM = "{http://surevine.com/xmlns/spiffy}"
_TYPES = {"permissive": "PERMISSIVE", "restrictive": "RESTRICTIVE", "enumeratedRestrictive": "RESTRICTIVE",
          "informative": "INFORMATIVE"}
LABELS = (
    "food-label-bacon", "food-label-cheap-milk-chocolate", "food-label-gimmick-milk-chocolate",
    "food-label-meaty-milk-chocolate", "food-label-milk-chocolate", "food-label-water", "tlpx-amber-eu",
    "tlpx-green-sh-na",
)


def _read(name: str) -> bytes:
    return shared_data("interop", "spiffing", f"{name}.xml").read_bytes()


def _policy(name: str) -> etree._Element:
    # The closing tag of the food policy is misspelt in the original, and the policy is in no namespace.
    text = _read(name).decode().replace("securityCategiryTagSet", "securityCategoryTagSet")
    return etree.fromstring(re.sub(r"<SPIF>", f'<SPIF xmlns="{_SPIF[1:-1]}">', text).encode())


def _scheme(policy: etree._Element) -> Scheme:
    levels = sorted(policy.iter(f"{_SPIF}securityClassification"), key=lambda c: int(c.attrib["hierarchy"]))
    identifier = next(policy.iter(f"{_SPIF}securityPolicyId")).attrib
    names = tuple(str(level.attrib["name"]) for level in levels)
    return Scheme(
        id=str(identifier["name"]), party=None, title="foreign", levels=names, status="secondary",
        oid=str(identifier["id"]),
    )


def _as_4774(label: etree._Element, policy: etree._Element) -> bytes:
    scheme = _scheme(policy)
    root = etree.Element(f"{{{NAMESPACE}}}originatorConfidentialityLabel", ReviewDateTime="2030-01-01T00:00:00Z")

    def add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
        element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", dict(attributes))
        element.text = text
        return element

    def child(name: str) -> etree._Element:
        return next(label.iter(f"{_FORM}{name}"))

    information = add(root, "ConfidentialityInformation")
    policy_id = str(child("policy").attrib["id"])
    add(information, "PolicyIdentifier", scheme.id, URI=f"urn:oid:{policy_id}")
    number = child("classification").attrib["lacv"]
    level = next(c for c in policy.iter(f"{_SPIF}securityClassification") if c.attrib["lacv"] == number)
    add(information, "Classification", str(level.attrib["name"]))
    sets = {str(s.attrib["id"]): s for s in policy.iter(f"{_SPIF}securityCategoryTagSet")}
    for tag in label.iter(f"{_FORM}tag"):
        tag_set = sets[str(tag.attrib["id"])]
        values = [c for c in tag_set.iter(f"{_SPIF}tagCategory") if c.attrib["lacv"] == tag.attrib["lacv"]]
        category = add(
            information, "Category", Type=_TYPES[str(tag.attrib["type"])], TagName=str(tag_set.attrib["name"]),
        )
        add(category, "GenericValue", str(values[0].attrib["name"]))
    add(root, "OriginatorID", "O=FOOD", IDType="directoryName")
    add(root, "CreationDateTime", "2026-01-01T00:00:00Z")
    return etree.tostring(root)


def _restrictions_of(name: str) -> etree._Element:
    """Return the foreign label without its categories of other types."""
    label = etree.fromstring(_read(name))
    for tag in list(label.iter(f"{_FORM}tag")):
        if _TYPES[str(tag.attrib["type"])] != "RESTRICTIVE":
            label.remove(tag)
    return label


def _policy_of(name: str) -> etree._Element:
    return _policy("tlp-plus" if name.startswith("tlpx") else "food-policy")


@pytest.mark.parametrize("name", LABELS)
def test_a_label_in_another_form_is_refused(name: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse_label_xml(_read(name), SCHEMES)
    assert raised.value.code in ("label-xml.root", "label-xml.markup")


@pytest.mark.parametrize("name", LABELS)
def test_a_label_under_an_unknown_policy_is_undecidable(name: str) -> None:
    with pytest.raises(Undecidable) as raised:
        parse_label_xml(_as_4774(_restrictions_of(name), _policy_of(name)), SCHEMES)
    assert raised.value.code == "label.scheme-unknown"


@pytest.mark.parametrize("name", LABELS)
def test_a_permissive_category_that_is_no_release_set_is_never_dropped(name: str) -> None:
    policy = _policy_of(name)
    scheme = _scheme(policy)
    with pytest.raises(CordialeError) as raised:
        parse_label_xml(_as_4774(etree.fromstring(_read(name)), policy), {scheme.id: scheme})
    # Some name one tag set twice, with two types: a 4774 label cannot say that either.
    assert raised.value.code in ("label-xml.category-unknown", "label-xml.category-twice")


@pytest.mark.parametrize("name", LABELS)
def test_a_foreign_label_limited_by_restrictions_only_is_read_with_all_of_them(name: str) -> None:
    policy = _policy_of(name)
    scheme = _scheme(policy)
    label = _restrictions_of(name)
    restrictions = {(tag.attrib["id"], tag.attrib["lacv"]) for tag in label.iter(f"{_FORM}tag")}
    read = parse_label_xml(_as_4774(label, policy), {scheme.id: scheme})
    assert read.release_to == {"FOOD"} and len(read.caveats) == len(restrictions)
    assert scheme.rank_of(read.level.name) >= 0


def test_a_policy_that_is_not_well_formed_is_no_label_either() -> None:
    for name in ("food-policy", "food-policy-borked", "uk-demo"):
        with pytest.raises(Malformed):
            parse_label_xml(_read(name), SCHEMES)

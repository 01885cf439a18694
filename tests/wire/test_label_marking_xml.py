"""The alternative label: read only beside the originator's label, and never laxer."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.label_samples import AT, EX_UKR, FULL, JPN, MARKING, SCHEMES, UKR, labels, plain, unhurried

from cordiale.errors import Malformed, Undecidable
from cordiale.model.label import Label, LevelRef, Marking, Trigger, TriggerKind
from cordiale.model.names import AgreementId
from cordiale.wire import label_xml, marking_xml
from cordiale.wire.label_xml import encode_label_xml, parse_label_xml
from cordiale.wire.marking_xml import DatedMarking, encode_marking_xml, parse_marking_xml

DATED = DatedMarking(MARKING, AT)
XML = encode_marking_xml(DATED, FULL, SCHEMES)


@unhurried
@given(labels(), st.sampled_from(EX_UKR.levels), st.integers(1, 2**31 - 1))
def test_a_marking_reads_back_as_written(label: Label, level: str, version: int) -> None:
    marking = Marking(UKR, LevelRef("EX-UKR", level), AgreementId("ex-1"), version, "Art. 4", label.level)
    dated = DatedMarking(marking, AT)
    assert parse_marking_xml(encode_marking_xml(dated, label, SCHEMES), label, SCHEMES) == dated


def test_no_alternative_label_is_read_as_the_originators_nor_the_reverse() -> None:
    with pytest.raises(Malformed) as raised:
        parse_label_xml(XML, SCHEMES)
    assert raised.value.code == "label-xml.root"
    with pytest.raises(Malformed) as raised:
        parse_marking_xml(encode_label_xml(FULL, SCHEMES), FULL, SCHEMES)
    assert raised.value.code == "label-xml.root"


def test_no_function_makes_a_label_of_a_marking() -> None:
    for module in (label_xml, marking_xml):
        for _, function in inspect.getmembers(module, inspect.isfunction):
            annotations = inspect.get_annotations(function)
            from_marking = any("Marking" in str(kind) for name, kind in annotations.items() if name != "return")
            assert not (from_marking and annotations.get("return") == "Label")


@pytest.mark.parametrize("other", [
    replace(FULL, release_to=frozenset({JPN})),
    replace(FULL, caveats=frozenset()),
    replace(FULL, handle_as=None),
    replace(FULL, trigger=Trigger(TriggerKind.REVIEW, on=date(2032, 1, 1))),
])
def test_an_alternative_label_that_limits_otherwise_is_refused(other: Label) -> None:
    with pytest.raises(Malformed) as raised:
        parse_marking_xml(XML, other, SCHEMES)
    assert raised.value.code == "marking-xml.limits"


def test_an_equivalent_of_another_level_is_neither_read_nor_written() -> None:
    other = plain("EXERCISE FUJI", UKR)
    for attempt in (lambda: parse_marking_xml(XML, other, SCHEMES), lambda: encode_marking_xml(DATED, other, SCHEMES)):
        with pytest.raises(Malformed) as raised:
            attempt()
        assert raised.value.code == "marking-xml.not-of-label"


@pytest.mark.parametrize(("old", "new", "code"), [
    (b">O=UKR<", b">O=POL<", "marking-xml.party"),
    (b'IDType="directoryName"', b'IDType="rfc822Name"', "marking-xml.party"),
    (b">3<", b">03<", "marking-xml.version"),
    (b">3<", b">-3<", "marking-xml.version"),
    (b">3<", b">99999999999<", "marking-xml.version"),
    (b'TagName="Cordiale Article"', b'TagName="Cordiale Section"', "marking-xml.missing"),
    (b'TagName="Cordiale Note"', b'TagName="Cordiale Remark"', "label-xml.category-unknown"),
    (b">EX-JPN:EXERCISE SAKURA<", b">EXERCISE SAKURA<", "marking-xml.level"),
    (b">ex-jpn-ukr<", b">EX JPN<", "name.identifier"),
    (b"EXERCISE BARVINOK", b"EXERCISE BARVIN0K", "label.look-alike"),
    (b">ALPHA<", b">DELTA<", "marking-xml.limits"),
    (b">BRAVO<", b">ALPHA<", "label-xml.category-values"),
    (b' ReviewDateTime="2031-04-01T00:00:00Z"', b"", "label-xml.attribute-missing"),
])
def test_a_changed_alternative_label_is_refused(old: bytes, new: bytes, code: str) -> None:
    assert old in XML
    with pytest.raises(Malformed) as raised:
        parse_marking_xml(XML.replace(old, new), FULL, SCHEMES)
    assert raised.value.code == code


def test_an_article_is_never_missing() -> None:
    start = XML.index(b'    <s4774:Category Type="INFORMATIVE" TagName="Cordiale Article">')
    end = XML.index(b"</s4774:Category>", start) + len(b"</s4774:Category>")
    with pytest.raises(Malformed) as raised:
        parse_marking_xml(XML[:start] + XML[end:], FULL, SCHEMES)
    assert raised.value.code == "marking-xml.missing"


def test_a_marking_of_another_party_or_an_unknown_scheme_is_not_written() -> None:
    with pytest.raises(Malformed):
        encode_marking_xml(DatedMarking(replace(MARKING, party=JPN), AT), FULL, SCHEMES)
    with pytest.raises(Undecidable):
        encode_marking_xml(DATED, FULL, {"EX-JPN": SCHEMES["EX-JPN"]})

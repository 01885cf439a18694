"""ADatP-4774 XML of a label: exact out and in, and stricter than the schema."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from lxml import etree
from tests.wire.label_samples import AT, EX_JPN, FULL, JPN, KOR, POL, SCHEMES, UKR, labels, plain, unhurried

from cordiale.errors import CordialeError, Malformed, Undecidable
from cordiale.limits import LABEL_SIZE_BYTES_MAX
from cordiale.model.label import Label, LevelRef, Portion, Trigger, TriggerKind
from cordiale.model.names import PartyId
from cordiale.wire.confidentiality_xml import NAMESPACE
from cordiale.wire.label_xml import encode_label_xml, parse_label_xml

NATO = replace(
    plain("SECRET", UKR, scheme="NATO"), originator=POL, release_to=frozenset({POL, UKR}), office="Registry"
)
FULL_XML = encode_label_xml(FULL, SCHEMES)
PLAIN_XML = encode_label_xml(plain("EXERCISE SAKURA", UKR), SCHEMES)
NATO_XML = encode_label_xml(NATO, SCHEMES)


def parse(data: bytes) -> Label:
    return parse_label_xml(data, SCHEMES)


def _value(xpath: str, data: bytes) -> list[str]:
    found = etree.fromstring(data).xpath(xpath, namespaces={"l": NAMESPACE})
    assert isinstance(found, list)
    return [str(value) for value in found]


@unhurried
@given(labels())
def test_a_label_reads_back_as_written(label: Label) -> None:
    assert parse(encode_label_xml(label, SCHEMES)) == label


@given(labels(SCHEMES["NATO"]) | labels(SCHEMES["KR-military"]) | labels(SCHEMES["FR-before-2021"]))
@settings(unhurried, max_examples=60)
def test_a_label_of_a_real_scheme_reads_back_as_written(label: Label) -> None:
    assert parse(encode_label_xml(label, SCHEMES)) == label


@unhurried
@given(labels())
def test_releasable_to_always_stands_there_with_the_originator_in_it(label: Label) -> None:
    data = encode_label_xml(label, SCHEMES)
    information = etree.fromstring(data).iter(f"{{{NAMESPACE}}}ConfidentialityInformation")
    for element in information:
        values = element.xpath(
            "l:Category[@Type='PERMISSIVE'][@TagName='Releasable To']/l:GenericValue/text()",
            namespaces={"l": NAMESPACE},
        )
        assert isinstance(values, list)
        assert JPN in values and set(values) == label.release_to


def test_an_absent_release_set_means_the_originator_only() -> None:
    without = _without(PLAIN_XML, ".//l:Category")
    assert parse(without).release_to == {JPN}


def test_the_originator_belongs_to_the_release_set_whether_listed_or_not() -> None:
    listed = PLAIN_XML.replace(b"<s4774:GenericValue>JPN</s4774:GenericValue>", b"")
    assert b">UKR<" in listed and b">JPN<" not in listed
    assert parse(listed).release_to == {JPN, UKR}


def test_stricter_handling_is_restrictive_so_that_who_does_not_know_it_refuses() -> None:
    assert _value("//l:Category[@TagName='Cordiale Handle As']/@Type", FULL_XML) == ["RESTRICTIVE"] * 2


def test_the_policy_carries_the_identifier_of_its_scheme() -> None:
    assert _value("//l:PolicyIdentifier/@URI", NATO_XML) == ["urn:oid:1.3.26.1.3.1"]
    assert parse(NATO_XML.replace(b' URI="urn:oid:1.3.26.1.3.1"', b"")) == NATO
    assert _value("//l:PolicyIdentifier/@URI", FULL_XML) == []


@pytest.mark.parametrize(("trigger", "reviewed", "succeeds"), [
    (None, ["9999-01-01T00:00:00Z"], []),
    (Trigger(TriggerKind.REVIEW, on=date(2031, 4, 1)), ["2031-04-01T00:00:00Z"], []),
    (Trigger(TriggerKind.EVENT, event="the visit is over"), ["9999-01-01T00:00:00Z"], []),
    (Trigger(TriggerKind.DATE, on=date(2031, 4, 1)), [], ["2031-04-01T00:00:00Z"]),
])
def test_every_label_has_a_review_date_or_a_successor(
    trigger: Trigger | None, reviewed: list[str], succeeds: list[str]
) -> None:
    data = encode_label_xml(plain(trigger=trigger), SCHEMES)
    assert _value("/*/@ReviewDateTime", data) == reviewed
    assert _value("//l:SuccessionDateTime/text()", data) == succeeds


def test_a_label_with_an_event_has_no_review_date_besides() -> None:
    data = encode_label_xml(plain(trigger=Trigger(TriggerKind.EVENT, event="the visit is over")), SCHEMES)
    with pytest.raises(Malformed) as raised:
        parse(data.replace(b"9999-01-01T", b"2031-01-01T"))
    assert raised.value.code == "label-xml.trigger"


def test_elements_nested_without_end_are_refused() -> None:
    nested = b"<s4774:Classification>" * 1000 + b"x" + b"</s4774:Classification>" * 1000
    with pytest.raises(Malformed):
        parse(PLAIN_XML.replace(b"</s4774:PolicyIdentifier>", b"</s4774:PolicyIdentifier>" + nested))


def test_a_successor_keeps_every_limit_and_names_no_level() -> None:
    successor = "//l:SuccessorConfidentialityLabel//"
    assert _value(f"{successor}l:Classification/text()", FULL_XML) == ["DECLASSIFICATION PROPOSED"]
    for limits in ("l:Category[@Type='PERMISSIVE']//text()", "l:Category[@Type='RESTRICTIVE']//text()"):
        here = _value(f"/*/l:ConfidentialityInformation/{limits}", FULL_XML)
        assert [t for t in _value(f"{successor}{limits}", FULL_XML) if t.strip()] == [t for t in here if t.strip()]


def test_names_are_matched_without_case_and_kept_in_the_schemes_spelling() -> None:
    spelt = PLAIN_XML.replace(b"EXERCISE SAKURA", b"Exercise Sakura").replace(b">EX-JPN<", b">ex-jpn<")
    spelt = spelt.replace(b"Releasable To", b"RELEASABLE TO").replace(b">UKR<", b">ukr<")
    assert parse(spelt) == plain("EXERCISE SAKURA", UKR)


@pytest.mark.parametrize("spelling", [
    "EXERCISE ЅAKURA", "EXERCISE SАKURA", "ＥＸＥＲＣＩＳＥ ＳＡＫＵＲＡ", "EXERCISE  SAKURA",
    "EXERCISE\u3000SAKURA", "EXERCİSE SAKURA", "EXERCıSE SAKURA", "EXERCISE SÁKURA", "EXERC1SE SAKURA",
])
def test_a_level_in_look_alike_letters_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse(PLAIN_XML.replace(b"EXERCISE SAKURA", spelling.encode()))
    assert raised.value.code == "label.look-alike"


@pytest.mark.parametrize("spelling", [
    "EXERCISE SAKURA ", "EXERCISE\u200b SAKURA", "EXERCISE\u00a0SAKURA", "\u202eSAKURA",
])
def test_a_level_with_invisible_characters_is_refused(spelling: str) -> None:
    with pytest.raises(Malformed) as raised:
        parse(PLAIN_XML.replace(b"EXERCISE SAKURA", spelling.encode()))
    assert raised.value.code == "label-xml.value"


def test_the_circled_secret_is_not_the_level() -> None:
    label = plain("秘", scheme="JP-tokubetsu-boei-himitsu")
    with pytest.raises(Malformed) as raised:
        parse(encode_label_xml(label, SCHEMES).replace("秘".encode(), "㊙".encode()))
    assert raised.value.code == "label.look-alike"


def test_roman_numerals_spelt_with_latin_letters_are_the_same_level() -> None:
    label = plain("군사Ⅲ급비밀", scheme="KR-military", originator=KOR, release_to=frozenset({KOR}))
    assert parse(encode_label_xml(label, SCHEMES).replace("Ⅲ".encode(), b"III")) == label


def test_a_level_of_another_scheme_with_the_same_word_is_not_matched() -> None:
    assert parse(NATO_XML).level == LevelRef("NATO", "SECRET")
    romanian = NATO_XML.replace(b' URI="urn:oid:1.3.26.1.3.1">NATO<', b">RO<").replace(b"O=POL", b"O=ROU")
    assert romanian != NATO_XML
    assert parse(romanian).level == LevelRef("RO", "Secret")


def test_an_unknown_scheme_is_undecidable() -> None:
    with pytest.raises(Undecidable) as raised:
        parse(PLAIN_XML.replace(b">EX-JPN<", b">EX-POL<"))
    assert raised.value.code == "label.scheme-unknown"
    with pytest.raises(Undecidable):
        encode_label_xml(plain(scheme="EX-POL"), SCHEMES)


def test_an_office_named_in_another_way_is_kept_as_text() -> None:
    foreign = PLAIN_XML.replace(b'IDType="directoryName">O=JPN<', b'IDType="rfc822Name">registry@example.go.jp<')
    label = parse(foreign)
    assert (label.originator, label.office) == (JPN, "registry@example.go.jp")
    assert parse(encode_label_xml(label, SCHEMES)) == label
    other = PLAIN_XML.replace(b">O=JPN<", b">CN=Registry,O=Office\\, Papers,C=JP<")
    assert parse(other).office == "CN=Registry,O=Office\\, Papers,C=JP"
    # Two spellings of one office would make two labels of one text: only ours is taken apart.
    assert parse(PLAIN_XML.replace(b">O=JPN<", b">OU=Re\\gistry,O=JPN<")).office == "OU=Re\\gistry,O=JPN"
    assert parse(PLAIN_XML.replace(b">O=JPN<", b">OU=Registry,O=JPN<")).office == "Registry"


def test_an_originator_nobody_named_is_the_party_of_the_scheme_or_undecidable() -> None:
    assert parse(_without(PLAIN_XML, ".//l:OriginatorID")) == plain("EXERCISE SAKURA", UKR)
    schemes = {"X": replace(EX_JPN, id="X", party=None)}
    data = encode_label_xml(plain(scheme="X"), schemes)
    assert parse_label_xml(data, schemes).originator == JPN
    with pytest.raises(Undecidable) as raised:
        parse_label_xml(_without(data, ".//l:OriginatorID"), schemes)
    assert raised.value.code == "label.originator-unknown"
    with pytest.raises(Undecidable) as raised:
        parse(_without(NATO_XML, ".//l:OriginatorID"))
    assert raised.value.code == "label.originator-unknown"


@pytest.mark.parametrize(("written", "read"), [
    ("2026-11-16T18:00:00+09:00", AT), ("2026-11-16T09:00:00.000Z", AT),
    ("1969-12-31T23:59:59Z", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
])
def test_times_are_read_in_utc(written: str, read: datetime) -> None:
    assert parse(PLAIN_XML.replace(b"2026-11-16T09:00:00Z", written.encode())).created_at == read


# What the schema of the standard accepts or refuses, and the prose beside it (labels sheet, section 3.2).
_REFUSED: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "no creation time": (PLAIN_XML, b"CreationDateTime", b"CreationDataTime", "label-xml.element-missing"),
    "type in small letters": (PLAIN_XML, b"PERMISSIVE", b"permissive", "label-xml.category-type"),
    "no review date": (PLAIN_XML, b' ReviewDateTime="9999-01-01T00:00:00Z"', b"", "label-xml.review-missing"),
    "integer value": (
        FULL_XML, b"<s4774:GenericValue>BRAVO</s4774:GenericValue>",
        b"<s4774:IntegerValue>7</s4774:IntegerValue>", "label-xml.binary-value",
    ),
    "bit string value": (
        FULL_XML, b"<s4774:GenericValue>BRAVO</s4774:GenericValue>",
        b"<s4774:BitStringValue>01</s4774:BitStringValue>", "label-xml.binary-value",
    ),
    "classification with URI": (
        PLAIN_XML, b"<s4774:Classification>", b'<s4774:Classification URI="urn:oid:1.2">',
        "label-xml.classification-uri",
    ),
    "privacy mark": (
        PLAIN_XML, b"</s4774:Classification>", b"</s4774:Classification><s4774:PrivacyMark>x</s4774:PrivacyMark>",
        "label-xml.privacy-mark",
    ),
    "other root": (
        PLAIN_XML, b"originatorConfidentialityLabel", b"alternativeConfidentialityLabel", "label-xml.root",
    ),
    "compatibility root": (PLAIN_XML, b"originatorConfidentialityLabel", b"ConfidentialityLabel", "label-xml.root"),
    "other namespace": (PLAIN_XML, b"label:1:0", b"label:1:1", "label-xml.root"),
    "qualified attribute": (PLAIN_XML, b" ReviewDateTime=", b" s4774:ReviewDateTime=", "label-xml.review-missing"),
    "attribute beside": (
        PLAIN_XML, b" ReviewDateTime=", b' Version="1" ReviewDateTime=', "label-xml.attribute-unknown",
    ),
    "Id that is no name": (PLAIN_XML, b" ReviewDateTime=", b' Id="#1" ReviewDateTime=', "label-xml.id"),
    "policy of another URI": (NATO_XML, b"1.3.26.1.3.1", b"1.3.26.1.3.2", "label-xml.policy-uri"),
    "policy with a URI it has not": (
        PLAIN_XML, b"<s4774:PolicyIdentifier>", b'<s4774:PolicyIdentifier URI="urn:oid:1.2">', "label-xml.policy-uri",
    ),
    "unknown level": (PLAIN_XML, b"EXERCISE SAKURA", b"EXERCISE UME", "label.level-unknown"),
    "unknown permissive category": (
        FULL_XML, b'TagName="Releasable To"', b'TagName="Context"', "label-xml.category-unknown",
    ),
    "look-alike of the release set": (
        FULL_XML, b'TagName="Releasable To"', 'TagName="Releаsable To"'.encode(), "label-xml.category-unknown",
    ),
    "unknown informative category": (
        FULL_XML, b'INFORMATIVE" TagName="Cordiale Portion"', b'INFORMATIVE" TagName="Administrative"',
        "label-xml.category-unknown",
    ),
    "release set as restriction": (
        PLAIN_XML, b'"PERMISSIVE" TagName="Releasable To"', b'"RESTRICTIVE" TagName="Releasable To"',
        "label-xml.category-type",
    ),
    "stricter handling as information": (
        FULL_XML, b'"RESTRICTIVE" TagName="Cordiale Handle As"', b'"INFORMATIVE" TagName="Cordiale Handle As"',
        "label-xml.category-type",
    ),
    "caveat as information": (
        FULL_XML, b'"RESTRICTIVE" TagName="Handling"', b'"INFORMATIVE" TagName="Handling"',
        "label-xml.category-unknown",
    ),
    "caveat with a reserved name": (
        FULL_XML, b'TagName="Handling"', b'TagName="Cordiale Handling"', "label.caveat-tag",
    ),
    "caveat that looks like a reserved name": (
        FULL_XML, b'TagName="Handling"', 'TagName="Releаsable To"'.encode(), "label.caveat-tag",
    ),
    "caveat of mixed scripts": (FULL_XML, b">ALPHA<", ">АLPHA<".encode(), "label.mixed-scripts"),
    "category without value": (
        PLAIN_XML, b"<s4774:GenericValue>JPN</s4774:GenericValue>\n      <s4774:GenericValue>UKR</s4774:GenericValue>",
        b"", "label-xml.category-values",
    ),
    "value twice": (PLAIN_XML, b">UKR<", b">JPN<", "label-xml.category-values"),
    "party twice by case": (PLAIN_XML, b">UKR<", b">jpn<", "label-xml.release-twice"),
    "party that is no code": (PLAIN_XML, b">UKR<", b">U<", "name.party"),
    "category twice": (FULL_XML, b'TagName="Topic"', b'TagName="handling"', "label-xml.category-twice"),
    "category URI": (
        PLAIN_XML, b'TagName="Releasable To"', b'TagName="Releasable To" URI="x"', "label-xml.category-uri",
    ),
    "handling of another scheme": (FULL_XML, b"EX-JPN:EXERCISE FUJI", b"EX-UKR:EXERCISE FUJI", "label-xml.handle-as"),
    "handling of no level": (FULL_XML, b"EX-JPN:EXERCISE FUJI", b"EX-JPN:EXERCISE UME", "label.level-unknown"),
    "originator of another scheme": (PLAIN_XML, b">O=JPN<", b">O=UKR<", "label-xml.originator"),
    "originator of an unknown kind": (PLAIN_XML, b'"directoryName"', b'"cookieName"', "label-xml.originator-type"),
    "originator without kind": (PLAIN_XML, b' IDType="directoryName"', b"", "label-xml.attribute-missing"),
    "successor of another level": (
        FULL_XML, b"DECLASSIFICATION PROPOSED", b"EXERCISE AJISAI", "label-xml.succession",
    ),
    "successor at another hour": (FULL_XML, b"2031-04-01T00:00:00Z", b"2031-04-01T01:00:00Z", "label-xml.succession"),
    "review beside successor": (
        FULL_XML, b"<s4774:originatorConfidentialityLabel", b'<s4774:originatorConfidentialityLabel ReviewDateTime='
        b'"2030-01-01T00:00:00Z"', "label-xml.succession",
    ),
    "portion of no level": (FULL_XML, b'"EXERCISE AJISAI"', b'"EXERCISE UME"', "label.level-unknown"),
    "portion not in its form": (FULL_XML, b'{"reference":"2"}', b'{ "reference":"2"}', "json.not-canonical"),
    "time without zone": (PLAIN_XML, b"2026-11-16T09:00:00Z", b"2026-11-16T09:00:00", "label-xml.instant"),
    "time with a fraction": (PLAIN_XML, b"2026-11-16T09:00:00Z", b"2026-11-16T09:00:00.5Z", "label-xml.instant"),
    "time that does not exist": (PLAIN_XML, b"2026-11-16T09:00:00Z", b"2026-11-31T09:00:00Z", "label-xml.instant"),
    "time before all": (PLAIN_XML, b"2026-11-16T09:00:00Z", b"0001-01-01T00:00:00+14:00", "label-xml.instant"),
    "review in the last year": (PLAIN_XML, b"9999-01-01T00", b"9999-01-01T01", "label.trigger-date"),
    "comment inside a level": (PLAIN_XML, b"SAKURA", b"SA<!-- x -->KURA", "label-xml.markup"),
    "comment before": (PLAIN_XML, b"<s4774:originator", b"<!-- x --><s4774:originator", "label-xml.markup"),
    "instruction": (PLAIN_XML, b"SAKURA", b"SAKURA<?x y?>", "label-xml.markup"),
    "text between elements": (PLAIN_XML, b"</s4774:PolicyIdentifier>", b"</s4774:PolicyIdentifier>x", "label-xml.text"),
    "document type": (PLAIN_XML, b"<s4774:originator", b"<!DOCTYPE x><s4774:originator", "label-xml.doctype"),
    "entity": (PLAIN_XML, b"SAKURA", b"&sakura;", "label-xml.form"),
    "not well-formed": (PLAIN_XML, b"</s4774:PolicyIdentifier>", b"</s4774:Policy>", "label-xml.form"),
    "not UTF-8": (PLAIN_XML, b"SAKURA", b"\xff", "label-xml.encoding"),
    "two documents": (PLAIN_XML, b"</s4774:originatorConfidentialityLabel>",
                      b"</s4774:originatorConfidentialityLabel><x/>", "label-xml.form"),
}


@pytest.mark.parametrize("name", sorted(_REFUSED))
def test_what_schema_or_prose_forbid_is_refused(name: str) -> None:
    data, old, new, code = _REFUSED[name]
    parse(data)
    changed = data.replace(old, new)
    assert changed != data
    with pytest.raises(CordialeError) as raised:
        parse(changed)
    assert raised.value.code == code


def test_an_entity_is_never_expanded_and_no_file_is_read() -> None:
    declared = b'<!DOCTYPE x [<!ENTITY sakura SYSTEM "file:///etc/hostname">]><s4774:originator'
    with pytest.raises(Malformed):
        parse(PLAIN_XML.replace(b"<s4774:originator", declared).replace(b"SAKURA", b"&sakura;"))


def test_another_encoding_than_utf_8_is_refused() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-7"):
        with pytest.raises(Malformed):
            parse(PLAIN_XML.decode().replace("UTF-8", encoding).encode(encoding))
    # A declaration does not decide how the bytes are read: in UTF-7 this would name another level.
    with pytest.raises(Malformed):
        parse(PLAIN_XML.replace(b"UTF-8", b"utf-7").replace(b"SAKURA", b"+AFMAQQBLAFUAUgBB-"))
    assert parse(PLAIN_XML.replace(b"encoding='UTF-8'", b'encoding = "utf-8"')) == parse(PLAIN_XML)


def test_a_label_larger_than_the_limit_is_neither_read_nor_written() -> None:
    with pytest.raises(Malformed) as raised:
        parse(PLAIN_XML + b" " * LABEL_SIZE_BYTES_MAX)
    assert raised.value.code == "label-xml.size"
    parties = frozenset((JPN, *(PartyId(f"PARTY{number}") for number in range(20))))
    many = tuple(Portion(f"{number:0120d}", "EXERCISE AJISAI", parties) for number in range(256))
    with pytest.raises(Malformed) as raised:
        encode_label_xml(plain(portions=many), SCHEMES)
    assert raised.value.code == "label-xml.size"


@pytest.mark.parametrize("change", [
    {"level": LevelRef("EX-JPN", "EXERCISE UME")},
    {"handle_as": LevelRef("EX-JPN", "EXERCISE UME")},
    {"portions": (Portion("1", "EXERCISE UME"),)},
    {"caveats": frozenset({("Releasable To", "UKR")})},
    {"caveats": frozenset({("cordiale portion", "x")})},
    {"caveats": frozenset({("Handling", "A"), ("HANDLING", "B")})},
])
def test_what_could_not_be_read_back_is_not_written(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        encode_label_xml(replace(plain(), **change), SCHEMES)  # type: ignore[arg-type]


def _without(data: bytes, path: str) -> bytes:
    root = etree.fromstring(data)
    for element in root.findall(path, {"l": NAMESPACE}):
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return etree.tostring(root)

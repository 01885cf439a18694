from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.agreement.examples import (
    AAA,
    BBB,
    NOON,
    access_rules,
    act_rules,
    complete_profile,
    level,
    national_profile,
    profiles,
    rule,
    text_of,
)

from cordiale.canonical import encode_canonical
from cordiale.errors import Malformed
from cordiale.model.agreement import AccessRule, Act, LinkApproval, Need, Readiness
from cordiale.wire.agreement_json import (
    encode_agreement_text,
    encode_link_approval,
    encode_national_profile,
    encode_readiness,
    parse_agreement_text,
    parse_link_approval,
    parse_national_profile,
    parse_readiness,
)
from cordiale.wire.agreement_toml import load_template, template_names
from cordiale.wire.profile_json import encode_profile, encode_text_digest, parse_profile


@given(profiles())
def test_a_profile_comes_back_as_it_was(profile):
    data = encode_profile(profile)
    assert encode_profile(parse_profile(data)) == data
    parsed = parse_profile(data)
    assert replace(parsed, holidays=profile.holidays, weekends=profile.weekends) == profile


@given(st.lists(act_rules(is_national=True), max_size=4), st.lists(access_rules, max_size=3), st.integers(0, 3))
def test_a_national_profile_comes_back_as_it_was(acts, access, persons):
    national = replace(
        national_profile(BBB, *acts, access=tuple(access)), release_persons=persons,
        release_article="Act 1" if persons else "", source=("Act 1 of 2020",),
    )
    assert parse_national_profile(encode_national_profile(national)) == national


@pytest.mark.parametrize("name", template_names())
def test_the_templates_travel_unchanged(name):
    draft = load_template(name)
    assert parse_agreement_text(encode_agreement_text(draft.text)) == draft.text
    assert parse_profile(encode_profile(draft.profile)) == draft.profile
    for national in draft.nationals:
        assert parse_national_profile(encode_national_profile(national)) == national


def test_an_approval_and_a_finding_of_readiness_travel_unchanged():
    approval = LinkApproval("wire", AAA, level(AAA, 1), "approval 7", NOON)
    readiness = Readiness(AAA, BBB, level(BBB, 1), NOON)
    later = datetime(2026, 12, 1, tzinfo=UTC)
    for withdrawn_at in (None, later):
        one = replace(approval, withdrawn_at=withdrawn_at)
        assert parse_link_approval(encode_link_approval(one)) == one
        other = replace(readiness, withdrawn_at=withdrawn_at)
        assert parse_readiness(encode_readiness(other)) == other


def test_one_form_of_a_profile():
    profile = replace(
        complete_profile(), text_digest=encode_text_digest(bytes(48)), caveats=(("Handling", "EXERCISE X", "m"),),
        acts=(rule(Act.RETURN, persons=2, level=level(AAA, 0), note="a remark"),),
        access=(AccessRule(AAA, level(AAA, 0), frozenset({Need.FUNCTION}), "Art. 1", functions=frozenset("ab")),),
        holidays=((AAA, (date(2026, 1, 1),)),), weekends=((AAA, frozenset({5, 6})),),
    )
    value = json.loads(encode_profile(profile))
    assert value["acts"] == [{
        "act": "return", "article": "Art. 1", "level": "EX-AAA:EXERCISE ONE", "note": "a remark", "persons": 2,
        "ruling": "allowed",
    }]
    assert value["holidays"] == [{"days": ["2026-01-01"], "party": "AAA", "weekend": [5, 6]}]
    assert parse_profile(encode_profile(profile)) == profile


def spoilt(path: list[str | int], new: object) -> bytes:
    profile = replace(complete_profile(), acts=(rule(level=level(AAA, 0)),))
    value = json.loads(encode_profile(profile))
    inner = value
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = new
    return encode_canonical(value)


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (["unknown"], 1),
        (["form"], "cordiale-profile-2"),
        (["version"], 0),
        (["acts", 0, "persons"], 1),
        (["acts", 0, "overrides_agreement"], False),
        (["acts", 0, "note"], ""),
        (["acts", 0, "ruling"], "maybe"),
        (["acts", 0, "level"], "EXERCISE ONE"),
        (["acts", 0, "level"], "EX-AAA: EXERCISE ONE"),
        (["acts", 0, "deadline"], {"count": -1, "kind": "working"}),
        (["access", 0, "needs"], ["clearance", "clearance"]),
        (["access", 0, "needs"], ["briefing-later"]),
        (["access", 0, "nationalities"], []),
        (["registries", 0, "levels"], ["EX-AAA:EXERCISE TWO", "EX-AAA:EXERCISE ONE"]),
        (["equivalences", 0, "recipient"], "bbb"),
        (["equivalences", 0, "valid_from"], "2026-13-01"),
        (["holidays"], [{"party": "AAA", "days": ["2026-01-02", "2026-01-01"], "weekend": []}]),
        (["holidays"], [{"party": "AAA", "days": [], "weekend": [7]}]),
        (["holidays"], [{"party": "AAA", "days": [], "weekend": [6, 5]}]),
        (["text_digest"], "AAAA"),
        (["text_digest"], ""),
        (["marks_equivalent"], "both"),
        (["entry_requires_notes"], 1),
    ],
)
def test_any_other_form_of_a_profile_is_refused(path, new):
    with pytest.raises(Malformed):
        parse_profile(spoilt(path, new))


def test_the_digest_of_a_text_has_one_length():
    with pytest.raises(Malformed, match="has 32 bytes, not 48"):
        encode_text_digest(bytes(32))


def test_a_text_is_its_paragraphs():
    value = json.loads(encode_agreement_text(text_of("1")))
    assert value["articles"][0]["text"] == {"en": ["(1) First.", "(2) Second."]}


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("title", {}),
        ("title", "An agreement"),
        ("articles", [{"number": "1", "title": {"en": "T"}, "text": {"en": [""]}}]),
    ],
)
def test_any_other_form_of_a_text_is_refused(name, new):
    value = json.loads(encode_agreement_text(text_of("1"))) | {name: new}
    with pytest.raises(Malformed):
        parse_agreement_text(encode_canonical(value))


@pytest.mark.parametrize(("name", "new"), [("link", "pigeon"), ("approved_at", "2026-11-16"), ("level", "x")])
def test_any_other_form_of_an_approval_is_refused(name, new):
    approval = LinkApproval("wire", AAA, level(AAA, 1), "approval 7", NOON)
    value = json.loads(encode_link_approval(approval)) | {name: new}
    with pytest.raises(Malformed):
        parse_link_approval(encode_canonical(value))


def test_the_order_of_rules_is_part_of_what_is_signed():
    one, two = rule(Act.COPY), rule(Act.TRANSLATE)
    first, second = (replace(complete_profile(), acts=acts) for acts in ((one, two), (two, one)))
    assert encode_profile(first) != encode_profile(second)

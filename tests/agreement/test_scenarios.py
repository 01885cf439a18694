"""Scenarios of agreements that meet: one item of each is put up for destruction, sent back, or shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache

import pytest
from tests.agreement.test_side_by_side import index_of

from cordiale.model.agreement import AccessRule, Act, AgreementState, NationalProfile, Need, Profile, Stage
from cordiale.model.decision import Decision
from cordiale.model.label import Label, LevelRef, Marking
from cordiale.model.names import ItemId, PartyId, PersonId
from cordiale.model.person import Briefing, Clearance, Office, Person
from cordiale.rules.disposal import DisposalRequest, decide_disposal
from cordiale.rules.equivalence import decide_equivalence
from cordiale.rules.holding import ItemFacts, Standing, view_item
from cordiale.rules.layers import levels_of
from cordiale.rules.rule_index import build_rule_index
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.profile_toml import parse_profile_toml
from cordiale.wire.scheme_table import load_schemes

CHE = PartyId("CHE")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FIRST, LAST = date(2026, 1, 1), date(2027, 12, 31)
SWISS_S = LevelRef("CH", "GEHEIM / SECRET / SEGRETO")
SWISS_C = LevelRef("CH", "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE")

# Small profiles for tests alone: what three further treaties say of what happens here, and nothing else.
HEAD = """\
agreement = "{id}"
version = 1
mode = "real"
title = "for a test"
parties = ["CHE", "{party}"]
[schemes]
CHE = "CH"
{party} = "{scheme}"
[[equivalence]]
levels = "{secret}"
to = "CHE"
as = "GEHEIM / SECRET / SEGRETO"
article = "Art. {table}"
[[access]]
party = "CHE"
levels = ["GEHEIM / SECRET / SEGRETO", "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE"]
needs = ["clearance"]
article = "Art. 5"
"""
FINLAND = HEAD.format(id="ch-fi-test", party="FIN", scheme="FI", secret="SALAINEN", table="4") + """
[[rule]]
acts = ["destroy"]
levels = ["SALAINEN"]
ruling = "with-consent"
article = "Art. 8(4)"
[[rule]]
acts = ["return"]
levels = ["SALAINEN"]
ruling = "required"
article = "Art. 8(4)"
"""
SINGAPORE = HEAD.format(id="ch-sg-test", party="SGP", scheme="SG", secret="SECRET", table="2(1)").replace(
    'levels = "SECRET"', 'levels = "SG:SECRET"'
) + """
[[rule]]
acts = ["destroy", "return"]
ruling = "allowed"
article = "Art. 5(2)"
"""
ISRAEL = HEAD.format(id="ch-il-test", party="ISR", scheme="IL", secret="Sodi", table="2") + """
[[equivalence]]
levels = "Sodi Beyoter"
to = "CHE"
as = "GEHEIM / SECRET / SEGRETO"
article = "Art. 2"
[[equivalence]]
levels = "Shamur"
to = "CHE"
as = "VERTRAULICH / CONFIDENTIEL / CONFIDENZIALE"
article = "Art. 2"
"""
SECOND_SHAMUR = """
[[equivalence]]
levels = "Shamur"
to = "CHE"
as = "INTERN / INTERNE / AD USO INTERNO"
article = "Art. 2"
"""


def read(text: str) -> Profile:
    return parse_profile_toml(text, file="profile.toml", schemes=load_schemes())


@cache
def profile_of(name: str) -> Profile:
    texts = {"fi": FINLAND, "sg": SINGAPORE, "il": ISRAEL}
    return read(texts[name]) if name in texts else load_template(name).profile


def state_of(profile: Profile) -> AgreementState:
    """The agreement with what Swiss law adds where a text leaves access to it."""
    access = AccessRule(CHE, SWISS_S, frozenset({Need.CLEARANCE}), "Order 1")
    national = NationalProfile(CHE, 1, "for a test", (), (access,), 2, "Order 2")
    return AgreementState(profile.agreement, profile.parties, profile.mode, Stage.IN_FORCE, profile, (national,))


def label_of(profile: Profile, words: str) -> Label:
    (other,) = (party for party in profile.parties if party != CHE)
    (level,) = (level for level in levels_of(profile, other) if level.name == words)
    return Label(other, level, frozenset(profile.parties), NOW)


def person(profile: Profile, name: str, *offices: Office) -> Person:
    return Person(
        PersonId(name), name, "post", "unit", CHE, frozenset({CHE}), frozenset(offices),
        clearances=(Clearance(SWISS_S, FIRST, LAST, "authority"),), briefings=(Briefing(profile.agreement, FIRST, LAST),),
    )


def dispose(profile: Profile, words: str, act: Act) -> Decision:
    index, label = build_rule_index(state_of(profile)), label_of(profile, words)
    _, marking = decide_equivalence(label, CHE, index=index, on=NOW.date())
    assert marking is not None
    facts = ItemFacts(ItemId("item-1"), label, CHE, Standing.REGISTERED, marking, frozenset({"a purpose"}))
    persons = (person(profile, "registrar", Office.REGISTRAR), person(profile, "witness", Office.READER))
    asked = DisposalRequest(
        act, view_item(facts, index, on=NOW.date()), persons[:1] if act is Act.RETURN else persons, "no longer needed",
        to=label.originator if act is Act.RETURN else None,
    )
    return decide_disposal(asked, now=NOW)


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def articles(decision: Decision) -> set[str]:
    return {reason.article for reason in decision.reasons}


def test_one_level_three_ends_czech_is_returned_finnish_asks_singaporean_is_destroyed():
    """Scenario S1."""
    czech = dispose(profile_of("ch-cz-2011"), "Tajné", Act.DESTROY)
    assert not czech.is_allowed and "Art. 11(4)" in articles(czech)
    assert dispose(profile_of("ch-cz-2011"), "Tajné", Act.RETURN).is_allowed

    finnish = dispose(profile_of("fi"), "SALAINEN", Act.DESTROY)
    assert not finnish.is_allowed and "Art. 8(4)" in articles(finnish)
    assert any("consent" in code for code in codes(finnish)) and not codes(finnish) & codes(czech)

    assert dispose(profile_of("sg"), "SECRET", Act.DESTROY).is_allowed


@pytest.mark.parametrize(
    ("name", "words", "is_allowed"),
    [
        ("ch-cz-2011", "Přísně tajné", False), ("ch-pl-2022", "TAJNE", False), ("ch-lu-2024", "Secret Lux", False),
        ("ch-fr-2006", "SECRET DÉFENSE", True), ("ch-kr-2022", "군사Ⅱ급비밀", False), ("ch-dk-2012", "HEMMELIGT", False),
    ],
)
def test_secret_is_destroyed_only_where_the_text_lets_it(name, words, is_allowed):
    decision = dispose(profile_of(name), words, Act.DESTROY)
    assert decision.is_allowed is is_allowed
    assert decision.is_undecidable is (name in ("ch-kr-2022", "ch-dk-2012"))


def test_an_israeli_item_goes_back_as_it_came():
    """Scenario S2: several levels share one equivalent, so nothing is ever worked out backwards."""
    profile = profile_of("il")
    index = build_rule_index(state_of(profile))
    markings = {}
    for words in ("Sodi Beyoter", "Sodi", "Shamur"):
        label = label_of(profile, words)
        _, marking = decide_equivalence(label, CHE, index=index, on=NOW.date())
        assert marking is not None and marking.derived_from == label.level == LevelRef("IL", words)
        markings[words] = marking.level
    assert markings == {"Sodi Beyoter": SWISS_S, "Sodi": SWISS_S, "Shamur": SWISS_C}
    for swiss in (SWISS_S, SWISS_C):
        assert index.equivalence(swiss, recipient=PartyId("ISR"), on=NOW.date()) is None
    sent_back = label_of(profile, "Shamur")
    assert sent_back.level.name == "Shamur" and sent_back.originator == "ISR"


def test_a_word_that_means_two_levels_is_not_guessed():
    """Shamur is one word for two levels: with both rows entered nothing is decided until the label says which."""
    profile = read(ISRAEL + SECOND_SHAMUR)
    decision, marking = decide_equivalence(
        label_of(profile, "Shamur"), CHE, index=build_rule_index(state_of(profile)), on=NOW.date()
    )
    assert marking is None and decision.is_undecidable


def test_romanian_secret_is_shown_as_the_equivalent_of_confidential():
    """Scenario S14: words are read with their party, and equal words prove nothing."""
    index = index_of("eu-member-states-2011")
    rou = PartyId("ROU")

    def shown(words: str, at: str, provider: PartyId = rou, scheme: str = "RO") -> str:
        label = Label(provider, LevelRef(scheme, words), frozenset({provider, PartyId(at)}), NOW)
        _, marking = decide_equivalence(label, PartyId(at), index=index, on=NOW.date())
        assert isinstance(marking, Marking)
        return marking.level.name

    assert shown("Secret", "IRL") == "Confidential"
    assert shown("Secret", "POL") == "POUFNE" and shown("Secret", "DEU") == "VS-VERTRAULICH"
    assert shown("Strict secret", "IRL") == "Secret"
    # The false friends of the annex, each the other way round.
    assert shown("Secret", "ROU", PartyId("IRL"), "IE") == "Strict secret"
    assert shown("SECRETO", "PRT", PartyId("ESP"), "ES") == "Muito Secreto"
    assert shown("RESERVADO", "PRT", PartyId("ESP"), "ES") == "Secreto"
    assert shown("Reservado", "ESP", PartyId("PRT"), "PT") == "DIFUSIÓN LIMITADA"
    assert shown("Riservatissimo", "GBR", PartyId("ITA"), "IT") == "CONFIDENTIAL"
    assert shown("Titkos!", "FRA", PartyId("HUN"), "HU") == "SECRET DÉFENSE"


def test_where_a_party_has_no_such_level_nothing_is_put_in_its_place():
    index = index_of("eu-member-states-2011")
    for at in ("BEL", "FRA"):
        label = Label(PartyId("POL"), LevelRef("PL", "ZASTRZEŻONE"), frozenset({PartyId("POL"), PartyId(at)}), NOW)
        decision, marking = decide_equivalence(label, PartyId(at), index=index, on=NOW.date())
        assert marking is None and codes(decision) == {"equivalence.other-rules"}


def test_old_marks_keep_their_place_in_the_table_and_new_ones_have_none():
    """France changed its levels: the treaty's words still map, today's do not until they are entered."""
    index = index_of("ch-fr-2006")
    for scheme, words, is_known in (("FR-before-2021", "SECRET DÉFENSE", True), ("FR", "SECRET", False)):
        row = index.equivalence(LevelRef(scheme, words), recipient=CHE, on=NOW.date())
        assert (row is not None) is is_known


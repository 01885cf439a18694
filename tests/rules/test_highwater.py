"""The banner, the join and what an originator may write; and the fail-open cases of ADatP-4774.1."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.wire.label_samples import AT, EX_JPN, EX_UKR, JPN, KOR, POL, SCHEMES, UKR, labels, plain, unhurried

from cordiale.errors import Malformed
from cordiale.model.label import Label, LevelRef, Marking, Portion, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import AgreementId, PartyId
from cordiale.rules.highwater import (
    STATE_BANNER_REASON,
    HighWater,
    decide_banner,
    decide_label,
    effective_level,
    join_labels,
)
from cordiale.wire.confidentiality_xml import NAMESPACE
from cordiale.wire.label_xml import encode_label_xml, parse_label_xml

ACME, MOCK, PHONY = (PartyId(code) for code in ("ACME", "MOCK", "PHONY"))
ACME_SCHEME = Scheme("ACME", ACME, "Acme", ("PUBLIC", "CONFIDENTIAL", "INTERNAL"), "secondary")


def acme(level: str, *parties: PartyId, caveats: Iterable[tuple[str, str]] = ()) -> Label:
    return Label(ACME, LevelRef("ACME", level), frozenset({ACME, *parties}), AT, caveats=frozenset(caveats))


def mock(level: str) -> Label:
    return Label(MOCK, LevelRef("MOCK", level), frozenset({ACME, MOCK}), AT)


def rank(level: LevelRef | None) -> int:
    assert level is not None
    return EX_JPN.rank_of(level.name)


# ADatP-4774.1 Table 12, restated; where it decides nothing or leaves a tag out, ours is the stricter result.
_FROM_MOCK = Marking(
    ACME, LevelRef("ACME", "CONFIDENTIAL"), AgreementId("a"), 1, "Art. 1", LevelRef("MOCK", "CONFIDENTIAL")
)
_RED, _BLUE, _STAFF = ("Team", "RED"), ("Team", "BLUE"), ("Administrative", "STAFF")
_TABLE_12: dict[str, tuple[Label, Label, str, frozenset[PartyId], frozenset[tuple[str, str]], str]] = {
    "mapped": (acme("PUBLIC", MOCK), mock("CONFIDENTIAL"), "CONFIDENTIAL", frozenset({ACME, MOCK}), frozenset(), ""),
    "not mapped": (acme("PUBLIC"), mock("SECRET"), "", frozenset({ACME}), frozenset(), "join.other-scheme"),
    "higher": (acme("PUBLIC"), acme("INTERNAL"), "INTERNAL", frozenset({ACME}), frozenset(), ""),
    "common release": (
        acme("CONFIDENTIAL", MOCK, PHONY), acme("CONFIDENTIAL", MOCK), "CONFIDENTIAL", frozenset({ACME, MOCK}),
        frozenset(), "",
    ),
    "names are no order, one without release": (
        acme("CONFIDENTIAL", MOCK, PHONY), acme("INTERNAL"), "INTERNAL", frozenset({ACME}), frozenset(), "",
    ),
    "restrictions unite": (
        acme("INTERNAL", caveats=[_RED]), acme("INTERNAL", caveats=[_BLUE]), "INTERNAL", frozenset({ACME}),
        frozenset({_RED, _BLUE}), "",
    ),
    "remark kept": (
        acme("INTERNAL", caveats=[_STAFF]), acme("INTERNAL"), "INTERNAL", frozenset({ACME}), frozenset({_STAFF}), "",
    ),
    "no common release": (
        acme("CONFIDENTIAL", MOCK), acme("CONFIDENTIAL", PHONY), "CONFIDENTIAL", frozenset({ACME}), frozenset(),
        "join.release-empty",
    ),
}


@pytest.mark.parametrize("name", _TABLE_12)
@pytest.mark.parametrize("is_swapped", [False, True])
def test_table_12_is_joined_or_fails_closed(name: str, is_swapped: bool) -> None:
    first, second, level, release_to, caveats, code = _TABLE_12[name]
    sources = (second, first) if is_swapped else (first, second)
    joined = join_labels(sources, ACME_SCHEME, ACME, markings=[_FROM_MOCK])
    assert joined.level == (LevelRef("ACME", level) if level else None)
    assert (joined.release_to, joined.caveats) == (release_to, caveats)
    assert [reason.code for reason in joined.decision.reasons] == ([code] if code else [])
    assert joined.decision.is_undecidable is bool(code)


def _allowed_by_4774(data: bytes, held: set[str]) -> bool:
    """Read as the standard alone does: every restriction held, of each permissive category any one value held."""
    for category in etree.fromstring(data).iter(f"{{{NAMESPACE}}}Category"):
        values = {str(value.text) for value in category}
        kind = category.get("Type")
        if (kind == "PERMISSIVE" and not values & held) or (kind == "RESTRICTIVE" and not values <= held):
            return False
    return True


def _label_of(joined: HighWater) -> Label:
    assert joined.level is not None
    return Label(JPN, joined.level, joined.release_to, AT, caveats=joined.caveats)


_FAIL_OPENS: dict[str, Callable[[], Label]] = {
    "as meant": lambda: plain("EXERCISE FUJI", UKR),
    "no release set at all": lambda: parse_label_xml(_without_release_set(plain("EXERCISE FUJI", UKR)), SCHEMES),
    "intersection empty": lambda: _label_of(
        join_labels([plain("EXERCISE FUJI", UKR), plain("EXERCISE FUJI", POL)], EX_JPN, JPN)
    ),
    "one without release set": lambda: _label_of(
        join_labels([plain("EXERCISE FUJI", UKR), plain("EXERCISE FUJI")], EX_JPN, JPN)
    ),
}


def _without_release_set(label: Label) -> bytes:
    root = etree.fromstring(encode_label_xml(label, SCHEMES))
    for category in list(root.iter(f"{{{NAMESPACE}}}Category")):
        parent = category.getparent()
        assert parent is not None
        parent.remove(category)
    return etree.tostring(root)


@pytest.mark.parametrize("name", sorted(_FAIL_OPENS))
def test_the_fail_opens_of_the_standard_are_closed_for_a_reader_of_the_standard_too(name: str) -> None:
    label = _FAIL_OPENS[name]()
    assert JPN in label.release_to and KOR not in label.release_to
    assert not _allowed_by_4774(encode_label_xml(label, SCHEMES), {"KOR"})


def test_the_reader_of_the_standard_in_these_tests_fails_open_without_the_remedy() -> None:
    assert _allowed_by_4774(_without_release_set(plain("EXERCISE FUJI", UKR)), {"KOR"})


def test_one_citizenship_in_the_release_set_does_not_open_it_for_another() -> None:
    label = plain("EXERCISE FUJI", UKR)
    citizenships = {UKR, PartyId("RUS")}
    # The standard lets any one value pass; a release set is asked about every citizenship.
    assert _allowed_by_4774(encode_label_xml(label, SCHEMES), set(citizenships))
    assert not citizenships <= label.release_to


@unhurried
@given(st.lists(labels(), min_size=1, max_size=5))
def test_a_join_is_never_below_a_part_nor_released_beyond_it(parts: list[Label]) -> None:
    joined = join_labels(parts, EX_JPN, JPN)
    assert rank(joined.level) == max(rank(part.level) for part in parts)
    assert rank(joined.handle_as or joined.level) == max(rank(effective_level(part, EX_JPN)) for part in parts)
    for part in parts:
        assert joined.release_to <= part.release_to and part.caveats <= joined.caveats


@unhurried
@given(st.lists(labels(), min_size=1, max_size=4), labels())
def test_one_part_more_never_makes_a_join_laxer(parts: list[Label], more: Label) -> None:
    fewer, all_ = join_labels(parts, EX_JPN, JPN), join_labels([*parts, more], EX_JPN, JPN)
    assert rank(all_.level) >= rank(fewer.level)
    assert all_.release_to <= fewer.release_to and all_.caveats >= fewer.caveats


@unhurried
@given(st.lists(labels(), min_size=1, max_size=4), st.randoms())
def test_the_order_of_parts_changes_nothing(parts: list[Label], random: object) -> None:
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert join_labels(shuffled, EX_JPN, JPN) == join_labels(parts, EX_JPN, JPN)


def test_labels_of_different_schemes_are_not_joined_by_the_names_of_their_levels() -> None:
    rou, esp = PartyId("ROU"), PartyId("ESP")
    romanian = plain("Secret", scheme="RO", originator=rou, release_to=frozenset({rou}))
    spanish = plain("SECRETO", scheme="ES", originator=esp, release_to=frozenset({esp}))
    joined = join_labels([romanian, spanish], SCHEMES["RO"], rou)
    assert joined.level is None and joined.decision.is_undecidable
    assert {reason.code for reason in joined.decision.reasons} == {"join.other-scheme", "join.release-originator"}


def test_stricter_handling_of_a_foreign_part_is_never_lost_in_a_join() -> None:
    foreign = replace(mock("CONFIDENTIAL"), handle_as=LevelRef("MOCK", "SECRET"))
    joined = join_labels([foreign], ACME_SCHEME, ACME, markings=[_FROM_MOCK])
    assert joined.level is None and not joined.decision.is_allowed


def test_of_two_equivalents_the_higher_counts() -> None:
    upward = replace(_FROM_MOCK, level=LevelRef("ACME", "INTERNAL"), agreement=AgreementId("b"))
    for markings in ([_FROM_MOCK, upward], [upward, _FROM_MOCK]):
        joined = join_labels([mock("CONFIDENTIAL")], ACME_SCHEME, ACME, markings=markings)
        assert joined.level == LevelRef("ACME", "INTERNAL")


def test_information_of_another_originator_needs_consent() -> None:
    joined = join_labels([acme("PUBLIC", MOCK), mock("CONFIDENTIAL")], ACME_SCHEME, ACME, markings=[_FROM_MOCK])
    assert joined.decision.obligations == ("ask-consent:MOCK",)


def test_nothing_joined_is_undecidable_and_released_to_nobody_else() -> None:
    joined = join_labels([], EX_JPN, JPN)
    assert (joined.level, joined.release_to) == (None, frozenset({JPN})) and joined.decision.is_undecidable


@unhurried
@given(labels())
def test_the_banner_covers_every_portion(label: Label) -> None:
    ranks = [EX_JPN.rank_of(portion.level or label.level.name) for portion in label.portions]
    is_covered = all(r <= rank(label.level) for r in ranks) and all(
        label.release_to <= portion.release_to for portion in label.portions if portion.release_to is not None
    )
    decision = decide_banner(label, EX_JPN)
    assert decision.is_allowed is is_covered
    stands_above = bool(ranks) and max(ranks) < rank(label.level)
    assert (STATE_BANNER_REASON in decision.obligations) is (stands_above and not label.banner_reason)


@unhurried
@given(labels(), st.data())
def test_raising_the_banner_never_makes_it_cover_less(label: Label, data: st.DataObject) -> None:
    higher = data.draw(st.sampled_from(EX_JPN.levels[rank(label.level):]))
    raised = replace(label, level=LevelRef("EX-JPN", higher), portions=tuple(
        portion if portion.level else replace(portion, level=label.level.name) for portion in label.portions
    ))
    before, after = decide_banner(label, EX_JPN), decide_banner(raised, EX_JPN)
    assert set(after.reasons) <= set(before.reasons)


def test_every_portion_above_the_banner_is_named() -> None:
    portions = (
        Portion("1", "EXERCISE MATSU"), Portion("2", "EXERCISE FUJI"), Portion("3"), Portion("4", "EXERCISE AJISAI"),
    )
    decision = decide_banner(plain(portions=portions), EX_JPN)
    assert [dict(reason.fields)["portion"] for reason in decision.reasons] == ["1", "2"]
    assert {reason.code for reason in decision.reasons} == {"label.banner-below-portion"}
    assert str(decision.reasons[0]) == "the level of the whole is below that of the portion 1"


def test_a_whole_released_beyond_a_portion_is_refused() -> None:
    decision = decide_banner(plain("EXERCISE FUJI", UKR, portions=(Portion("1", release_to=frozenset({JPN})),)), EX_JPN)
    assert [str(reason) for reason in decision.reasons] == ["the whole is released to UKR, the portion 1 is not"]


def test_an_unmarked_portion_has_the_level_of_the_whole_and_asks_for_no_reason() -> None:
    label = plain("EXERCISE MATSU", portions=(Portion("1", "EXERCISE AJISAI"), Portion("2")))
    assert decide_banner(label, EX_JPN).obligations == ()


@pytest.mark.parametrize(("label", "scheme", "code"), [
    (plain(), EX_UKR, "label.scheme-differs"),
    (plain("取扱注意", scheme="JP-non-classified"), SCHEMES["JP-non-classified"], "label.unordered"),
    (plain("EXERCISE UME"), EX_JPN, "label.level-unknown"),
    (plain(portions=(Portion("1", "EXERCISE UME"),)), EX_JPN, "label.level-unknown"),
])
def test_a_banner_whose_order_is_not_known_is_undecidable(label: Label, scheme: Scheme, code: str) -> None:
    decision = decide_banner(label, scheme)
    assert decision.is_undecidable and [reason.code for reason in decision.reasons] == [code]


def test_a_level_in_look_alike_letters_is_refused_as_such() -> None:
    decision = decide_banner(plain("EXERCISE SАKURA"), EX_JPN)
    assert [reason.code for reason in decision.reasons] == ["label.look-alike"] and not decision.is_undecidable


@unhurried
@given(labels())
def test_handling_never_falls_below_the_level(label: Label) -> None:
    assert rank(effective_level(label, EX_JPN)) >= rank(label.level)
    if label.handle_as is not None:
        assert rank(effective_level(label, EX_JPN)) >= rank(label.handle_as)


def test_handling_of_an_unknown_level_is_not_guessed() -> None:
    for label in (plain("EXERCISE UME"), plain(handle_as=LevelRef("EX-JPN", "EXERCISE UME"))):
        with pytest.raises(Malformed):
            effective_level(label, EX_JPN)


def test_a_plain_label_may_be_written() -> None:
    assert decide_label(plain("EXERCISE SAKURA", UKR), EX_JPN, Mode.EXERCISE).is_allowed


@pytest.mark.parametrize(("label", "scheme", "mode", "code"), [
    (plain(), EX_JPN, Mode.REAL, "label.mode"),
    (plain("秘", scheme="JP-atla-hi"), SCHEMES["JP-atla-hi"], Mode.EXERCISE, "label.mode"),
    (plain("EXERCISE KALYNA", scheme="EX-UKR"), EX_UKR, Mode.EXERCISE, "label.scheme-of-another"),
    (plain(handle_as=LevelRef("EX-JPN", "EXERCISE AJISAI")), EX_JPN, Mode.EXERCISE, "label.handle-as-lower"),
    (plain(handle_as=LevelRef("EX-JPN", "EXERCISE UME")), EX_JPN, Mode.EXERCISE, "label.level-unknown"),
    (plain(portions=(Portion("1", "EXERCISE MATSU"),)), EX_JPN, Mode.EXERCISE, "label.banner-below-portion"),
    (
        plain(), replace(EX_JPN, obsolete=frozenset({"EXERCISE SAKURA"})), Mode.EXERCISE, "label.level-obsolete",
    ),
])
def test_what_an_originator_may_not_write_is_refused(label: Label, scheme: Scheme, mode: Mode, code: str) -> None:
    decision = decide_label(label, scheme, mode)
    assert [reason.code for reason in decision.reasons] == [code]
    assert all(str(reason) for reason in decision.reasons)


def test_all_reasons_are_given_at_once() -> None:
    label = plain(
        handle_as=LevelRef("EX-JPN", "EXERCISE AJISAI"), portions=(Portion("1", "EXERCISE MATSU"),), originator=UKR,
        release_to=frozenset({UKR}),
    )
    codes = {reason.code for reason in decide_label(label, EX_JPN, Mode.REAL).reasons}
    assert codes == {"label.scheme-of-another", "label.mode", "label.handle-as-lower", "label.banner-below-portion"}

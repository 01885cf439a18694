"""The table of schemes: read strictly, statuses kept, and exercise words that are nobody's classification."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import date

import pytest
from tests.wire.label_samples import EX_JPN, EX_UKR, SCHEMES, shared_data

from cordiale.canonical import Json
from cordiale.errors import Malformed
from cordiale.limits import SCHEMES_SIZE_BYTES_MAX
from cordiale.model.label import Scheme
from cordiale.model.mode import Mode
from cordiale.model.spelling import fold_look_alikes, matching_name
from cordiale.wire.agreement_toml import load_template
from cordiale.wire.scheme_table import load_schemes, parse_schemes, scheme_from_json, scheme_to_json, schemes_for

REAL = tuple(scheme for scheme in SCHEMES.values() if not scheme.is_exercise)
# Words protected beside a national ladder, drawn from the treaties that name them.
FROM_TREATIES = {"CH-official", "FR-restricted", "KR-restricted"}
EXERCISE_TEXTS = tuple(
    text for scheme in (EX_JPN, EX_UKR) for text in (*scheme.levels, *(phrase for _, phrase in scheme.phrases))
)


def _folds(text: str) -> set[str]:
    return {unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()), fold_look_alikes(text)}


def _tokens(text: str) -> set[str]:
    return set("".join(c if c.isalnum() else " " for c in text).split())


@pytest.mark.parametrize("id_", sorted(SCHEMES))
def test_every_scheme_reads_back_as_written(id_: str) -> None:
    assert scheme_from_json(scheme_to_json(SCHEMES[id_])) == SCHEMES[id_]


def test_the_exercise_schemes_have_the_levels_of_the_story() -> None:
    assert EX_JPN.levels == ("EXERCISE AJISAI", "EXERCISE SAKURA", "EXERCISE FUJI", "EXERCISE MATSU")
    assert EX_UKR.levels == ("EXERCISE KALYNA", "EXERCISE BARVINOK", "EXERCISE SONIASHNYK")
    assert {scheme.id for scheme in SCHEMES.values() if scheme.is_exercise} == {"EX-JPN", "EX-UKR"}


def _words_of(scheme: Scheme) -> set[str]:
    """Every classification word of `scheme`: levels, their parts, long words in them, and what is printed."""
    texts = {*scheme.levels, *(text for _, text in (*scheme.phrases, *scheme.marked_as))}
    texts |= {part for text in texts for part in text.split(" / ")}
    return texts | {token for text in texts for token in _tokens(text) if len(token) >= 4}


@pytest.mark.parametrize("scheme", REAL, ids=lambda scheme: scheme.id)
def test_no_exercise_word_contains_a_real_classification_word(scheme: Scheme) -> None:
    for exercise in EXERCISE_TEXTS:
        for folded in _folds(exercise):
            assert not [word for word in _words_of(scheme) if any(f in folded for f in _folds(word))]
            for _, abbreviation in scheme.abbreviations:
                for short in _folds(abbreviation):
                    assert short not in _tokens(folded)
                    assert len(short) < 3 or short not in folded


def test_the_check_of_exercise_words_finds_real_ones() -> None:
    def contains(exercise: str, id_: str) -> bool:
        return any(f in g for w in _words_of(SCHEMES[id_]) for f in _folds(w) for g in _folds(exercise))

    assert contains("EXERCISE ｓｅｃｒｅｔ", "US") and contains("EXERCISE SЕCRЕT", "US")
    assert contains("演習・㊙", "JP-atla-hi") and contains("НАВЧАННЯ ТАЄМНО", "UA-state-secret")
    assert not contains("EXERCISE SAKURA", "US")


def test_an_exercise_node_has_no_real_scheme_nor_the_reverse() -> None:
    assert set(schemes_for(Mode.EXERCISE, SCHEMES)) == {"EX-JPN", "EX-UKR"}
    assert set(schemes_for(Mode.REAL, SCHEMES)) == {scheme.id for scheme in REAL}


def test_levels_of_one_scheme_never_look_alike_and_are_told_apart_without_case() -> None:
    for scheme in SCHEMES.values():
        assert len({fold_look_alikes(level) for level in scheme.levels}) == len(scheme.levels)
        assert all(matching_name(level.upper(), (level,)) or not level.isascii() for level in scheme.levels)


def test_a_whole_scheme_or_a_single_level_can_be_obsolete() -> None:
    assert SCHEMES["FR-before-2021"].obsolete == set(SCHEMES["FR-before-2021"].levels)
    assert SCHEMES["FR"].obsolete == frozenset() and SCHEMES["FR"].valid_from == date(2021, 7, 1)
    one = replace(EX_JPN, obsolete=frozenset({"EXERCISE AJISAI"}))
    assert scheme_from_json(scheme_to_json(one)) == one


def test_no_rank_exists_in_a_scheme_without_order() -> None:
    with pytest.raises(Malformed):
        SCHEMES["JP-non-classified"].rank_of("取扱注意")


def test_words_that_only_a_treaty_names_stand_in_the_treaty() -> None:
    for id_ in FROM_TREATIES:
        name = "ch-kr-2022" if id_ == "KR-restricted" else "ch-fr-2006"
        words = " ".join(words for article in load_template(name).text.articles for _, words in article.text)
        (level,) = SCHEMES[id_].levels
        assert level.replace(" / ", "/") in words and SCHEMES[id_].source


def test_the_shipped_table_says_what_its_source_says() -> None:
    source = json.loads(shared_data("schemes.json").read_text("utf-8"))["schemes"]
    assert set(source) | FROM_TREATIES == {scheme.id for scheme in REAL} and not set(source) & FROM_TREATIES
    for id_, facts in source.items():
        scheme = SCHEMES[id_]
        assert [(n, a) for n, a in facts["levels"]] == [
            (level, dict(scheme.abbreviations).get(level)) for level in scheme.levels
        ]
        assert (facts["status"], facts["title"], facts.get("ordered", True)) == (
            scheme.status, scheme.title, scheme.ordered
        )
        assert bool(facts.get("obsolete")) is bool(scheme.obsolete)
        assert [facts.get("valid_from"), facts.get("valid_to")] == [
            day and day.isoformat() for day in (scheme.valid_from, scheme.valid_until)
        ]


_SCHEME: dict[str, Json] = scheme_to_json(EX_UKR)
_CHANGES: dict[str, dict[str, Json]] = {
    "unknown member": {"colour": "red"},
    "status of nobody": {"status": "certain"},
    "no levels": {"levels": []},
    "level twice": {"levels": [{"name": "EXERCISE KALYNA"}, {"name": "EXERCISE KALYNA"}]},
    "levels by case": {"levels": [{"name": "EXERCISE KALYNA"}, {"name": "Exercise Kalyna"}]},
    "levels that look alike": {"levels": [{"name": "EXERCISE KALYNA"}, {"name": "EXERCISE КALYNА"}]},
    "level with an unknown member": {"levels": [{"name": "EXERCISE KALYNA", "rank": 1}]},
    "order said although ordinary": {"ordered": True},
    "obsolete said although not": {"levels": [{"name": "EXERCISE KALYNA", "obsolete": False}]},
    "oid": {"oid": "1.3.06"},
    "id": {"id": "EX UKR"},
    "party": {"party": "ukr"},
    "day": {"valid_from": "2021"},
}


@pytest.mark.parametrize("name", sorted(_CHANGES))
def test_every_other_form_of_a_scheme_is_refused(name: str) -> None:
    scheme_from_json(_SCHEME)
    with pytest.raises(Malformed):
        scheme_from_json(_SCHEME | _CHANGES[name])


@pytest.mark.parametrize("data", [
    b"", b"[]", b"\xff", b'{"form":"cordiale-schemes-1"}', b'{"form":"cordiale-schemes-2","schemes":[]}',
    b'{"form":"cordiale-schemes-1","form":"cordiale-schemes-1","schemes":[]}',
    b'{"form":"cordiale-schemes-1","schemes":[],"more":1}', b'{"form":"cordiale-schemes-1","schemes":[1.5]}',
    b" " * (SCHEMES_SIZE_BYTES_MAX + 1), b"[" * 100_000,
])
def test_a_damaged_table_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_schemes(data)


@pytest.mark.parametrize("title", ["De\u0301fense", "two\x0alines"])
def test_a_title_of_another_form_is_refused_in_a_table(title: str) -> None:
    table = {"form": "cordiale-schemes-1", "schemes": [_SCHEME | {"title": title}]}
    with pytest.raises(Malformed):
        parse_schemes(json.dumps(table).encode())


def test_two_schemes_never_share_an_id_case_aside() -> None:
    table = {"form": "cordiale-schemes-1", "schemes": [_SCHEME, _SCHEME | {"id": "ex-ukr"}]}
    with pytest.raises(Malformed) as raised:
        parse_schemes(json.dumps(table).encode())
    assert raised.value.code == "scheme.twice"


def test_the_table_is_read_once_and_cannot_be_changed() -> None:
    assert load_schemes() is load_schemes()
    with pytest.raises(TypeError):
        load_schemes()["EX-JPN"] = EX_UKR  # type: ignore[index]

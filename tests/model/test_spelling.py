"""Spellings: one plain line, the scheme's own letters, and what only looks like them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.wire.label_samples import unhurried

from cordiale.errors import Malformed
from cordiale.model.spelling import (
    fold_look_alikes,
    has_mixed_scripts,
    is_line,
    look_alike_of,
    matching_name,
    require_line,
)


@pytest.mark.parametrize("text", ["Office of Papers", "外務省　演習課", "Відділ № 1", "a", "O'Neill – (x); #1"])
def test_a_plain_line_is_one(text: str) -> None:
    assert is_line(text) and require_line(text, what="a text", length_max=80) == text


@pytest.mark.parametrize("text", [
    " a", "a ", "\u3000a", "a\nb", "a\tb", "a\x7fb", "a\u200bb", "a\u202eb", "a\u00adb", "a\u00a0b", "a\u2028b",
    "e\u0301", "\ue000", "\ufffe", "\U0001ffff", "\ufdd0", "\ud800",
])
def test_a_text_with_invisible_or_unstable_characters_is_no_line(text: str) -> None:
    assert not is_line(text)


@pytest.mark.parametrize("text", ["", "x" * 81])
def test_a_line_has_a_length(text: str) -> None:
    with pytest.raises(Malformed) as raised:
        require_line(text, what="the office", length_max=80)
    assert str(raised.value) == "the office is not one plain line of 1 to 80 characters"


@pytest.mark.parametrize(("text", "is_mixed"), [
    ("ALPHA", False), ("АЛЬФА", False), ("ALPHА", True), ("ΑLPHA", True),
    ("ALPHA АЛЬФА", False), ("ALPHA-АЛЬФА", False), ("桜ALPHA", False),
    ("ＡLPHA", False), ("Ａльфа", True), ("ꮪECRET", True),
])
def test_a_word_of_two_scripts_that_look_alike_is_noticed(text: str, is_mixed: bool) -> None:
    assert has_mixed_scripts(text) is is_mixed


@pytest.mark.parametrize(("text", "name"), [
    ("secret", "SECRET"), ("цілком таємно", "Цілком таємно"), ("군사III급비밀", "군사Ⅲ급비밀"),
    ("軍事", None), ("秘", "秘"),
])
def test_a_name_is_matched_without_case(text: str, name: str | None) -> None:
    assert matching_name(text, ("SECRET", "Цілком таємно", "군사Ⅲ급비밀", "秘")) == name


@pytest.mark.parametrize("text", [
    "ЅЕСRЕТ", "SΕCRET", "ＳＥＣＲＥＴ", "𝐒𝐄𝐂𝐑𝐄𝐓", "SECRET ", "SEC\u200bRET", "SÉCRET", "ſecret", "SECRET\ufe0f",
])
def test_what_looks_like_a_name_is_told_apart_from_it(text: str) -> None:
    assert look_alike_of(text, ("SECRET", "TOP SECRET")) == "SECRET"
    assert matching_name(text, ("SECRET", "TOP SECRET")) is None


@pytest.mark.parametrize("text", ["SECRET", "secret", "SECRETS", "RESTRICTED", ""])
def test_a_name_or_another_word_is_no_look_alike(text: str) -> None:
    assert look_alike_of(text, ("SECRET",)) is None


@unhurried
@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    once = fold_look_alikes(text)
    assert fold_look_alikes(once) == once


@unhurried
@given(st.text())
def test_case_and_compatibility_forms_fold_to_one(text: str) -> None:
    assert fold_look_alikes(unicodedata.normalize("NFKC", text)) == fold_look_alikes(text)
    assert fold_look_alikes(text.casefold()) == fold_look_alikes(text)

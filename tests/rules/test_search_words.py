"""What is found by which words: Latin, Cyrillic and Japanese, however it is written."""

from __future__ import annotations

import pytest

from cordiale.rules.search_words import fold, pieces_of, terms_of, texts_of


def is_found(asked: str, *texts: str) -> bool:
    """Ask both ways in which the index is asked: they never differ."""
    words, pieces = fold(texts), pieces_of(asked)
    by_terms = set(pieces.terms) <= terms_of(words) and all(text in words for text in pieces.texts)
    by_texts = all(text in words for text in texts_of(asked))
    assert by_terms == by_texts
    return by_terms


@pytest.mark.parametrize(("asked", "text"), [
    ("機密", "特定機密文書の解除"), ("文書の解除", "特定機密文書の解除"), ("密", "機密"), ("機密 解除", "解除する機密"),
    ("ｷﾐﾂ", "キミツ文書"), ("１２", "12 March"), ("ー", "データ"),
    ("СЕКРЕТН", "секретної угоди"), ("угод", "Секретна УГОДА"), ("обєкт", "об'єкт"), ("об’єкт", "обʼєкта"),
    ("й", "\u0438\u0306"), ("ґанок", "Ґанок"), ("ь", "ь"),
    ("jpn-2026-0042", "JPN-2026-0042"), ("42", "JPN-2026-0042"), ("2026/0042", "UKR/JPN-2026-0042"),
    ("dialogue 2026", "2026: high-level Dialogue"), ("straße", "STRASSE"),
    ("abcdefghijklmnop", "abcdefghijklmnopqr"), ("", "anything"),
])
def test_it_is_found(asked: str, text: str) -> None:
    assert is_found(asked, text)


@pytest.mark.parametrize(("asked", "text"), [
    ("密機", "機密"), ("文書解除", "文書の解除"), ("文書の解除", "文書の、の解除"), ("機密文", "機密 密文"),
    ("годи", "угоди"), ("угоди", "угода"), ("alogue", "dialogue"), ("dialogues", "dialogue"),
    ("abcdefghijklmnoz", "abcdefghijklmnopqr"), ("420", "JPN-2026-0042"), ("機密 нема", "機密"),
])
def test_it_is_not_found(asked: str, text: str) -> None:
    assert not is_found(asked, text)


def test_what_stands_across_two_texts_is_not_found_as_one() -> None:
    assert not is_found("機密", "機", "密")


@pytest.mark.parametrize("asked", ["", "  ", "-–—", "?!", "''"])
def test_what_has_no_letter_and_no_digit_asks_for_nothing(asked: str) -> None:
    assert pieces_of(asked).terms == () == texts_of(asked)

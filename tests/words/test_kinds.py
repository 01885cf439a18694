"""What a record is called where it is said that there is none: every kind has a word, and nobody reads its code."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.desk.browser import Browser, open_door
from tests.world.world import World

from cordiale.doors.cli.trouble import lines_of
from cordiale.records.record import missing
from cordiale.words.codes import KINDS, kind_word
from cordiale.words.spoken import Words

SOURCE = Path(__file__).parents[2] / "src"


def kinds_asked_for() -> Iterator[str]:
    """Yield every kind of record that the source says is missing, or asks for."""
    for path in sorted(SOURCE.rglob("*.py")):
        calls = [one for one in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(one, ast.Call) and one.args]
        for call in calls:
            named = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            first = call.args[0]
            if named not in ("require", "missing"):
                continue
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif isinstance(first, ast.Name) and first.id.isupper():
                module = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
                yield str(getattr(importlib.import_module(module), first.id))


def test_every_kind_of_record_that_may_be_missing_has_a_word() -> None:
    asked = set(kinds_asked_for())
    assert len(asked) > 50 and asked - set(KINDS) == set()


@pytest.mark.parametrize("kind", ["consent-request", "sub-registry", "level-proposal"])
def test_at_the_terminal_a_missing_record_is_named_by_its_word(kind: str) -> None:
    (said, *_) = lines_of(missing(kind, "x.1"))
    assert kind not in said and kind_word(kind) in said


@pytest.mark.parametrize("language", ["fr", "ja", "uk"])
def test_at_the_desk_a_missing_record_is_named_in_the_language_of_the_visit(language: str) -> None:
    browser = Browser(open_door(World.in_force(seed=5).tokyo), language=language)
    browser.sign_in("registrar")
    page, word = browser.open("/items/jpn.act.none"), Words(language).say("item")
    assert word != "item" and word in page.said and "item `" not in page.said

"""The command line about the books: heads that are kept and given back, and the anchor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doors.nodes import Home, serving


@pytest.fixture(scope="module")
def tokyo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with serving(tmp_path_factory.mktemp("books")) as made:
        yield made


def test_heads_are_kept_and_given_back(tokyo: Home, tmp_path: Path) -> None:
    kept = tmp_path / "heads"
    done = tokyo.call("", "audit", "verify", "--keep", kept)
    assert done.code == 0, done.err
    assert (kept / "internal.head").read_bytes().count(b"\n") == 6
    assert tokyo.call("", "audit", "verify", "--keep", kept).code == 7
    done = tokyo.call("", "audit", "verify", "--head", kept / "internal.head", "--json")
    assert done.code == 0 and [one["code"] for one in done.answer["answer"]["remarks"]] == ["audit.kept"]
    text = (kept / "internal.head").read_text()
    (kept / "later.head").write_text(text.partition("\n")[0] + "\n900000\n" + "A" * 43 + "=\n")
    done = tokyo.call("", "audit", "verify", "--head", kept / "internal.head", "--head", kept / "later.head")
    assert done.code == 5 and "900000" in done.out and "kept.ahead" in done.out
    assert tokyo.call("", "audit", "verify", "--head", kept / "none.head").code == 8


def test_what_is_verified_is_shown_with_its_roots(tokyo: Home) -> None:
    done = tokyo.call("", "audit", "verify", "--json")
    answer = done.answer["answer"]
    shown = tokyo.call("", "audit", "verify").out
    assert answer["roots"]["internal"] in shown and str(answer["commits"]) in shown


def test_books_that_are_in_order_need_no_confirmation(tokyo: Home) -> None:
    done = tokyo.call("", "anchor", "show", "--json")
    assert done.code == 0, done.err
    answer = done.answer["answer"]
    assert answer["commit"] == answer["anchored"] > 0 and "doubt" not in answer
    assert "nothing about it is in doubt" in tokyo.call("", "anchor", "show").out
    done = tokyo.call("", "anchor", "confirm", str(answer["commit"]))
    assert done.code == 7 and "not in doubt" in done.err
    assert "reach as far as their anchor" in tokyo.call("", "doctor").out


def test_an_anchor_that_was_taken_away_is_told_and_confirmed(tokyo: Home) -> None:
    place = tokyo.path / "anchor"
    place.unlink()
    assert "no anchor of the books" in tokyo.call("", "doctor").out
    done = tokyo.call("", "audit", "verify")
    assert done.code == 5 and "anchor.missing" in done.out
    commit = tokyo.call("", "anchor", "show", "--json").answer["answer"]["commit"]
    done = tokyo.call("", "anchor", "confirm", str(commit))
    assert done.code == 0, done.err
    assert place.exists() and tokyo.call("", "audit", "verify").code == 0


def test_a_list_comes_a_part_at_a_time_and_says_how_to_go_on(tokyo: Home) -> None:
    first = tokyo.call("security", "person", "list", "--count", "1", "--json").answer["answer"]
    shown = tokyo.call("security", "person", "list", "--count", "1").out
    assert len(first["people"]) == 1 and f"cordiale person list --after '{first['next']}'" in shown
    rest = tokyo.call("security", "person", "list", "--after", first["next"], "--json").answer["answer"]
    assert rest["next"] == "" and first["people"][0]["id"] not in {one["id"] for one in rest["people"]}
    assert "there are more" not in tokyo.call("security", "person", "list").out

"""A label is looked at before it is signed: what each partner would see, and why it could not go."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.world.comparing import bodies
from tests.world.world import World

CONTENT = b"Exercise: the convoy rests at noon.\n"
FIELDS: dict[str, Any] = {
    "declassify": "none", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": "UKR",
    "title": "Exercise note",
}


@pytest.fixture(scope="module")
def seat() -> tuple[World, Browser]:
    """The browser of an originator in Tokyo, in a world in which the tests of this page enter one item."""
    world = World.in_force()
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    return world, browser


def _look(seat: tuple[World, Browser], **fields: Any) -> Page:
    seat[1].open("/label")
    return seat[1].submit({**FIELDS, **fields})


def _items(seat: tuple[World, Browser]) -> int:
    return len(seat[0].tokyo.registry.reads().every("item"))


def test_each_level_stands_beside_its_definition(seat: tuple[World, Browser]) -> None:
    page = seat[1].open("/label")
    shown = page.tree.xpath("//input[@value='EX-JPN:EXERCISE SAKURA']/@aria-describedby")[0]
    assert "would harm the interests" in page.tree.xpath(f"//*[@id='{shown}']")[0].text_content()


def test_what_a_partner_would_see_is_shown_and_nothing_has_happened(seat: tuple[World, Browser]) -> None:
    before = _items(seat)
    page = _look(seat)
    assert page.path.startswith("/label/")
    assert "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK" in page.said
    for said in ("Nothing is labelled yet", "a clearance to the level", "copying:", "return:", "by wire: allowed"):
        assert said in page.said
    assert _items(seat) == before


def test_what_cannot_go_is_said_before_it_is_labelled(seat: tuple[World, Browser]) -> None:
    page = _look(seat, level="EX-JPN:EXERCISE MATSU")
    assert "The table of the agreement has no level for it there" in page.said
    assert "What stands against its dispatch now" in page.said
    assert "by wire: allowed" not in page.said


@pytest.mark.parametrize(("title", "said"), [
    ("Exercise sakura plan", "The words of a marking stand in the title: EXERCISE SAKURA"),
    ("Convoy on 2026-11-16", "names a day or a time"), ("Depot at 50.45010, 30.52340", "names a place"),
    ("Call +81 3 1234 5678", "names an address or a telephone number"), ("word " * 20, "it may sum the content up"),
])
def test_a_title_that_gives_the_content_away_is_warned_of(seat: tuple[World, Browser], title: str, said: str) -> None:
    assert said in _look(seat, title=title).said


def test_a_plain_title_is_not_warned_of(seat: tuple[World, Browser]) -> None:
    assert "may give the content away" not in _look(seat, title="Annex 3 to note 2026/114").said


def test_a_further_row_comes_without_a_script_and_keeps_what_was_entered(seat: tuple[World, Browser]) -> None:
    browser = seat[1]
    browser.open("/label")
    page = browser.submit({**FIELDS, "portions.1.reference": "annex 1", "more": "portions"})
    assert page.tree.xpath("//input[@name='portions.1.reference']/@value") == ["annex 1"]
    assert page.tree.xpath("//input[@name='portions.2.reference']/@value") == [""]
    assert page.tree.xpath("//input[@name='title']/@value") == ["Exercise note"]


def test_the_whole_is_held_against_its_parts_in_words(seat: tuple[World, Browser]) -> None:
    part = {"portions.1.reference": "annex 1", "portions.1.level": "EX-JPN:EXERCISE FUJI"}
    page = _look(seat, **part)
    assert "the level of the whole is below that of the portion annex 1" in page.said
    assert not page.tree.xpath("//main//input[@type='file']")
    page = _look(seat, **part, level="EX-JPN:EXERCISE FUJI", **{"portions.1.release_to": "UKR"})
    assert "The whole covers each of its parts: (EXERCISE FUJI//REL JPN, UKR) annex 1" in page.said
    page = _look(seat, **{**part, "portions.1.level": "EX-JPN:EXERCISE AJISAI"})
    assert "it is not said why" in page.said


def test_what_was_looked_at_is_gone_back_to_and_then_entered_as_it_was_shown(seat: tuple[World, Browser]) -> None:
    browser, before = seat[1], _items(seat)
    page = _look(seat, title="Exercise before", **{"caveats.1.tag": "EYES", "caveats.1.value": "JPN-UKR"})
    page = browser.open(next(link for link in page.links() if link.startswith("/label?of=")))
    assert page.tree.xpath("//input[@name='title']/@value") == ["Exercise before"]
    assert page.tree.xpath("//input[@name='caveats.1.tag']/@value") == ["EYES"]
    browser.submit({"title": "Exercise after"})
    nothing = browser.submit({})
    assert (nothing.status, "no file was chosen" in nothing.said) == (400, True)
    assert "Labelled EX-JPN:EXERCISE SAKURA" in browser.submit({"file": ("note.txt", CONTENT)}).said
    (item,) = [one for one in seat[0].tokyo.registry.books().every("item") if one["title"] == "Exercise after"]
    assert item["label"]["caveats"] and _items(seat) == before + 1


def test_a_label_that_was_left_is_gone_on_with(seat: tuple[World, Browser]) -> None:
    browser = seat[1]
    browser.open("/label")
    browser.submit({**FIELDS, "title": "Exercise later", "portions.1.reference": "annex 7", "later": "yes"})
    page = browser.open("/label")
    assert page.tree.xpath("//input[@name='title']/@value") == ["Exercise later"]
    assert page.tree.xpath("//input[@name='portions.1.reference']/@value") == ["annex 7"]


def test_what_is_looked_at_is_nobody_else_s_and_is_not_signed_for_elsewhere(seat: tuple[World, Browser]) -> None:
    page = _look(seat, title="Exercise alone")
    other = Browser(seat[1].app)
    other.sign_in("originator")
    taken = other.open(page.path)
    assert taken.status == 409 and "Exercise alone" not in taken.text
    assert seat[1].open(page.path.replace("/label/", "/sign/")).status == 409


def test_a_draft_is_entered_with_its_file_replaced_and_labelled_as_it_lies_here(seat: tuple[World, Browser]) -> None:
    browser = seat[1]
    browser.open("/drafts/enter")
    entered = {"form": "file", "level": FIELDS["level"], "title": "Exercise draft"}
    page = browser.submit(entered)
    assert "no file was chosen" in page.said and page.tree.xpath("//input[@name='title']/@value") == ["Exercise draft"]
    page = browser.submit({"file": ("draft.txt", CONTENT), **entered})
    browser.open(next(link for link in page.links() if link.endswith("/file")))
    assert "no file was chosen" in browser.submit({}).said
    page = browser.submit({"file": ("draft.txt", CONTENT + CONTENT)})
    assert "Version 2 of the draft is entered" in page.said
    assert any(link.endswith("/read") for link in page.links())
    (draft,) = (one for one in seat[0].tokyo.registry.books().every("draft") if one["title"] == "Exercise draft")
    page = _look(seat, draft=draft.id, title="Exercise from a draft")
    assert not page.tree.xpath("//main//input[@type='file']")
    assert "Labelled EX-JPN:EXERCISE SAKURA" in browser.submit({}).said
    (item,) = (one for one in seat[0].tokyo.registry.books().every("item") if one["title"] == "Exercise from a draft")
    assert item["size_bytes"] == 2 * len(CONTENT)


def test_who_works_on_a_draft_joins_a_reading_of_it_from_the_list_of_drafts(seat: tuple[World, Browser]) -> None:
    tokyo = seat[0].tokyo
    seat[1].open("/drafts/enter")
    seat[1].submit({
        "file": ("draft.txt", CONTENT), "form": "file", "level": FIELDS["level"], "title": "Exercise draft of two",
    })
    (draft,) = (one for one in tokyo.registry.books().every("draft") if one["title"] == "Exercise draft of two")
    tokyo.act("originator", "draft.share", {"draft": draft.id, "workers": ["authority"]})
    other = Browser(seat[1].app)
    other.sign_in("authority")
    other.open(next(link for link in other.open("/drafts").links() if "draft-join" in link))
    page = other.submit({"doer": "originator", "use": "read"})
    said = page.said if "Joined" in page.said else other.submit().said
    assert "Joined; it serves once, within a day." in said
    (joined,) = (one for one in tokyo.registry.books().every("joined"))
    assert (joined["item"], joined["person"], joined["said"]) == (draft.id, "authority", {"edition": "1", "purpose": "read"})


def test_a_label_that_nobody_gives_alone_is_laid_before_the_others_and_joined_as_it_is_shown(
    seat: tuple[World, Browser],
) -> None:
    world, browser = seat
    tokyo = world.tokyo
    browser.open("/drafts/enter")
    browser.submit({"file": ("draft.txt", CONTENT), "form": "file", "level": FIELDS["level"], "title": "Draft of both"})
    (draft,) = (one for one in tokyo.registry.books().every("draft") if one["title"] == "Draft of both")
    tokyo.act("originator", "draft.share", {"draft": draft.id, "workers": ["authority"]})
    before = bodies(tokyo, "national")["JPN"]["profile"]
    together = {"act": "read", "article": "Order 3", "level": FIELDS["level"], "persons": 2, "ruling": "allowed"}
    for acts, version in (([*before["acts"], together], 1), (before["acts"], 2)):
        tokyo.act("authority", "agreement.national", {
            "profile": {**before, "acts": acts, "version": before["version"] + version},
        })
        if version == 1:
            _propose_and_join(seat, draft.id)


def _propose_and_join(seat: tuple[World, Browser], draft: str) -> None:
    tokyo = seat[0].tokyo
    page = _look(seat, draft=draft, title="Exercise of both")
    assert "too few have joined this very label" in page.said
    assert "joins exactly this" in seat[1].submit().said
    other = Browser(seat[1].app)
    other.sign_in("authority")
    page = other.open(next(link for link in other.open("/drafts").links() if f"draft-join?draft={draft}" in link))
    assert "Exercise of both" in page.said and "May be released to" in page.said
    page = other.submit({"doer": "originator", "use": "label"})
    assert "Joined" in (page.said if "Joined" in page.said else other.submit().said)
    _look(seat, draft=draft, title="Exercise of both, changed")
    assert not [one for one in tokyo.registry.books().every("item") if one["title"] == "Exercise of both, changed"]
    _look(seat, draft=draft, title="Exercise of both")
    assert "entered as JPN-" in seat[1].submit().said

"""Help in place: what a page is for, what a word means where it is asked for, and where a hint leads at the desk."""

from __future__ import annotations

import pytest
from tests.desk.browser import Browser, open_door
from tests.world.world import World

from cordiale.doors.web.help import ABOUT, DONE_AT, ON_THE_MACHINE, about, commands_in
from cordiale.doors.web.routes import Who
from cordiale.doors.web.table import FORMS, PAGES, PLACES
from cordiale.words.glossary import GLOSSARY, Term, term_in
from cordiale.words.sources import find_errors


@pytest.fixture(scope="module")
def registrar() -> Browser:
    browser = Browser(open_door(World.in_force().tokyo))
    browser.sign_in("registrar")
    return browser


def test_every_page_says_what_it_is_for_and_nothing_is_said_of_a_page_that_is_not_there() -> None:
    shown = [page.path for page in PAGES if page.get is not None and page.who is Who.SIGNED_IN]
    assert [path for path in shown if not path.startswith("/do/") and not about(path)] == []
    assert [path for path in ABOUT if not any(one == path or one.startswith(f"{path}/") for one in shown)] == []


def test_every_form_says_what_its_act_does_before_anything_is_entered() -> None:
    forms = list(FORMS.values())
    assert [form.name for form in forms if not form.lead.endswith(".")] == []
    assert [form.name for form in forms if form.lead.rstrip(".") in (form.title, form.button, form.done)] == []


def test_every_hint_that_names_a_command_leads_to_a_page_or_says_that_none_does_it() -> None:
    hints = {error.hint for error in find_errors() if "`cordiale " in error.hint}
    assert {one for hint in hints for one in commands_in(hint)} - {*DONE_AT, *ON_THE_MACHINE} == set()
    assert hints and all(map(commands_in, hints))
    assert [path for path in DONE_AT.values() if not PLACES[path][0]] == []


def test_a_hint_of_the_terminal_is_a_link_at_the_desk(registrar: Browser) -> None:
    page = registrar.open("/agreements/none")
    assert "cordiale agreement" not in page.text
    assert "/agreements" in page.links() and "Look here:" in page.said
    closed = registrar.open("/incidents/none")
    assert "`cordiale" not in closed.text


def test_a_field_that_uses_a_word_of_the_glossary_explains_it_in_place(registrar: Browser) -> None:
    page = registrar.open("/do/dispatch")
    explained = {" ".join(one.text_content().split()) for one in page.tree.xpath("//details[@class='term']/summary")}
    labels = [one.label for one in FORMS["dispatch"].fields]
    assert explained == {f"What it means: {term.word}" for label in labels if (term := term_in(label)) is not None}
    assert "What it means: purpose" in explained


def test_a_word_of_the_glossary_has_one_meaning_and_its_page_says_it(registrar: Browser) -> None:
    words = [row.word for _, rows in GLOSSARY for row in rows]
    assert len(words) == len(set(words))
    page = registrar.open("/glossary").said
    for row in (row for _, rows in GLOSSARY for row in rows if isinstance(row, Term)):
        assert row.word in page and row.meaning in page


@pytest.mark.parametrize(("label", "word"), [
    ("May be released to", "release set"), ("Only these copies", "copy"), ("Parts with a level of their own", "portion"),
    ("Remarks", ""), ("Department", ""),
])
def test_a_word_counts_only_as_a_word_of_its_own(label: str, word: str) -> None:
    found = term_in(label)
    assert (found.word if found is not None else "") == word

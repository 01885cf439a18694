"""What a person may not see is in no page, no count and no order of what they search, whatever they ask."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.views.test_pages import view
from tests.world.comparing import audit
from tests.world.test_journey import cross, grant, label
from tests.world.world import Player, World

from cordiale.errors import Malformed, Refused, Unavailable
from cordiale.limits import SEARCH_TOTAL_COUNT_MAX
from cordiale.records.items import ITEM
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.paging import all_of
from cordiale.records.registry import require_person
from cordiale.records.session import ActSession
from cordiale.records.sight import KEEPERS, may_see_item
from cordiale.work.indexer import Indexer

LATIN, CYRILLIC = ("Report", "reply", "Annex"), ("Секретна", "секретної", "угода", "УГОДИ", "об'єкт")
JAPANESE = ("機密文書の解除", "防衛計画", "文書保護協定")
WORDS = (*LATIN, *CYRILLIC, *JAPANESE)
ASKED = ("", "rep", "REPORT", "секретн", "СЕКРЕТНА", "угод", "обєкт", "機密", "文書", "文書の解除", "解", "0003", "ukr",
         "rep 文書", "нема", "jpn", "2026 rep")
LEVELS = ("EX-UKR:EXERCISE BARVINOK", "EX-UKR:EXERCISE KALYNA")
PEOPLE = ("originator", "authority", "registrar", "head", "reader", "colleague")
_numbers = count(1)


def enter(player: Player, *items: dict[str, Any]) -> None:
    """Write items, their copies, needs and custody as acts do, and nothing else."""
    def perform(session: ActSession) -> dict[str, Any]:
        for one in items:
            session.put(ITEM, one["id"], one["item"])
            for number, copy in enumerate(one["copies"]):
                session.put("copy", f"{one['id']}.c{number}", {
                    "copy_number": number, "item": one["id"], "state": "held", **copy,
                })
            for person, withdrawn in one["needs"]:
                session.put("need", f"{one['id']}/{person}", {
                    "item": one["id"], "person": person, **({"withdrawn_at": "2026-09-02T00:00:00Z"} if withdrawn else {}),
                })
            for person, state in one["custody"]:
                session.put("custody", f"{one['id']}/{person}", {"holder": person, "item": one["id"], "state": state})
        return {}

    player.registry.ledger.commit(Act(f"test.{next(_numbers)}", "test", "node", INTERNAL, perform))


@st.composite
def items(draw: st.DrawFn, number: int) -> dict[str, Any]:
    level = draw(st.sampled_from(LEVELS))
    is_foreign = draw(st.booleans())
    origin = "JPN" if is_foreign else "UKR"
    body: dict[str, Any] = {
        "form": ("file", "paper")[number % 2], "origin_party": origin,
        "reference": f"UKR/JPN-2026-{number:04d}" if is_foreign else f"UKR-2026-{number:04d}",
        "state": draw(st.sampled_from(["registered", "destroyed"])),
        "label": {
            "created_at": "2026-09-01T00:00:00Z", "form": "cordiale-label-1", "level": level.partition(":")[2],
            "originator": origin, "release_to": sorted({"JPN", "UKR"}), "scheme": level.partition(":")[0],
        },
        "subject": draw(st.sampled_from(WORDS)),
        "title": " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))),
    }
    if is_foreign:
        body |= {"agreement": "exercise-jpn-ukr", "their_reference": f"JPN-2026-{number + 100:04d}"}
    else:
        body["entered_by"] = draw(st.sampled_from(PEOPLE))
    if draw(st.booleans()):
        body["readers"] = sorted(draw(st.sets(st.sampled_from(PEOPLE), max_size=2)))
    persons = st.sampled_from(PEOPLE)
    return {
        "id": f"x.{number}", "item": body,
        "copies": draw(st.lists(st.fixed_dictionaries({
            "party": st.sampled_from(["JPN", "UKR"]), "their_reference": st.just(f"JPN-2026-{number + 500:04d}"),
        }), max_size=1)),
        "needs": draw(st.lists(st.tuples(persons, st.booleans()), max_size=2)),
        "custody": draw(st.lists(st.tuples(persons, st.sampled_from(["confirmed", "back"])), max_size=2)),
    }


registers = st.integers(1, 9).flatmap(lambda size: st.tuples(*(items(number) for number in range(1, size + 1))))


def words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("'", "")
    return "".join(one if one.isalnum() else " " for one in folded).split()


def is_found(asked: str, texts: list[str]) -> bool:
    """Look through the texts word by word, as nobody would in a register of any size."""
    own = [word for text in texts for word in words(text)]
    own += [word.lstrip("0") for word in own if word.isdigit()]
    return all(
        any(piece in word if piece[0] > "\u3000" else word.startswith(piece) for word in own) for piece in words(asked)
    )


def naive(player: Player, person_id: str, asked: dict[str, Any]) -> list[str]:
    """Look at every item there is, and at each as a page of it would."""
    books = player.registry.books()
    person = require_person(books, person_id)
    is_keeper = bool(person.offices & KEEPERS)
    found = []
    for item in all_of(books.reads, ITEM):
        body, copies = item.body, books.find("copy", "item", item.id)
        texts = [body["title"], body["subject"], body["reference"], body.get("their_reference", "")]
        parties = {body["origin_party"]}
        if is_keeper:
            texts += [copy["their_reference"] for copy in copies]
            parties |= {copy["party"] for copy in copies}
        custody = books.get("custody", f"{item.id}/{asked.get('holder')}")
        known = {
            "book": {body["origin_party"] if "agreement" in body else "own"}, "form": {body["form"]},
            "holder": {asked.get("holder")} if custody is not None and custody["state"] == "confirmed" else set(),
            "level": {f"{body['label']['scheme']}:{body['label']['level']}"}, "partner": parties,
            "state": {body["state"]},
        }
        if may_see_item(books, person, item) and is_found(asked.get("text", ""), texts) and all(
            asked[name] in values for name, values in known.items() if name in asked
        ):
            found.append(item.id)
    return found


def searched(player: Player, person: str, asked: dict[str, Any], size: int) -> tuple[list[str], int]:
    """Return everything that is found page by page, and what the first page says how many there are."""
    page = view(player, person, "view.search", **asked, count=size)
    total = page["total"]
    assert not total["more"]
    rows = list(page["rows"])
    while page["next"]:
        page = view(player, person, "view.search", **asked, count=size, after=page["next"])
        assert page["rows"] and "total" not in page
        rows += page["rows"]
    return [row["item"] for row in rows], total["count"]


questions = st.fixed_dictionaries({}, optional={
    "text": st.sampled_from(ASKED[1:]), "state": st.sampled_from(["registered", "destroyed"]),
    "form": st.sampled_from(["file", "paper"]), "level": st.sampled_from(LEVELS),
    "partner": st.sampled_from(["UKR", "JPN", "POL"]), "book": st.sampled_from(["own", "JPN"]),
    "order": st.sampled_from(["newest", "oldest"]),
})


@cache
def founded() -> World:
    return World.in_force(seed=81)


def compare(register: tuple[dict[str, Any], ...], asked: list[dict[str, Any]], size: int, data: st.DataObject) -> None:
    """Hold pages and counts against a look at every item, and the index against the one made from the records alone."""
    player = founded().twin(9).kyiv
    enter(player, *register)
    enter(player, *(data.draw(items(int(one["id"][2:]))) for one in register[::3]))
    for person in PEOPLE:
        for question in (*asked, {**asked[0], "holder": person}):
            found, total = searched(player, person, question, size)
            assert sorted(found) == sorted(naive(player, person, question)), (person, question)
            assert total == len(found) == len(set(found))
    before = whole_index(player)
    make_anew(player)
    assert whole_index(player) == before


_drawn = given(
    register=registers, asked=st.lists(questions, min_size=3, max_size=3), size=st.integers(1, 3), data=st.data()
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@_drawn
def test_pages_and_counts_are_those_of_a_look_at_every_item(
    register: tuple[dict[str, Any], ...], asked: list[dict[str, Any]], size: int, data: st.DataObject
) -> None:
    compare(register, asked, size, data)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@_drawn
def test_pages_and_counts_of_many_registers_are_those_of_a_look_at_every_item(
    register: tuple[dict[str, Any], ...], asked: list[dict[str, Any]], size: int, data: st.DataObject
) -> None:
    compare(register, asked, size, data)


def whole_index(player: Player) -> list[Any]:
    store: Any = player.registry.store
    tables = ("found", "found_person", "tally WHERE count <> 0", "found_open", "found_copy")
    return [sorted(store._writer.execute(f"SELECT * FROM {table}")) for table in tables]


def make_anew(player: Player) -> None:
    """Let the index be made from the records alone, as after an upgrade."""
    store: Any = player.registry.store
    store._writer.execute("UPDATE index_state SET form = 0")
    player.reopen()


def test_a_reader_learns_of_an_own_item_neither_to_whom_it_went_nor_under_which_number() -> None:
    world = founded().twin(10)
    _, (item,) = cross(world)
    theirs = view(world.tokyo, "registrar", "view.where", item=item)["copies"][-1]["their_reference"]
    for person, found in (("registrar", [item]), ("originator", []), ("authority", [])):
        for asked in ({"partner": "UKR"}, {"text": theirs}):
            assert searched(world.tokyo, person, asked, 5)[0] == found
        assert searched(world.tokyo, person, {}, 5)[0] == [item]


def test_what_others_hold_is_told_to_the_keepers_of_the_register_alone() -> None:
    world = founded().twin(11)
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    assert searched(world.kyiv, "registrar", {"holder": "reader"}, 5) == ([item], 1)
    assert searched(world.kyiv, "reader", {"holder": "reader"}, 5) == ([item], 1)
    for person in ("head", "colleague", "authority"):
        with pytest.raises(Refused):
            view(world.kyiv, person, "view.search", holder="reader")


def test_a_need_that_was_withdrawn_and_an_item_handed_back_are_found_no_more() -> None:
    world = founded().twin(12)
    _, (item,) = cross(world)
    assert searched(world.kyiv, "reader", {"text": "paper"}, 5) == ([], 0)
    grant(world, item, "reader")
    assert searched(world.kyiv, "reader", {"text": "paper"}, 5) == ([item], 1)
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "reader"})
    assert searched(world.kyiv, "reader", {}, 5) == ([item], 1)
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.act("reader", "circulate.back", {"item": item})
    assert searched(world.kyiv, "reader", {}, 5) == ([], 0)


def test_what_was_refused_leaves_nothing_in_the_index() -> None:
    world = founded().twin(13)
    before = whole_index(world.tokyo)
    with pytest.raises(Refused):
        world.tokyo.act("head", "label", {
            "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Refused",
        })
    assert whole_index(world.tokyo) == before


def test_an_index_that_is_not_current_says_nothing_and_is_made_again_from_the_records() -> None:
    world = founded().twin(14)
    player = world.tokyo
    item = label(player, form="paper", title="Секретна угода")
    before = whole_index(player)
    store: Any = player.registry.store
    for damage in (
        "UPDATE index_state SET form = 0", "UPDATE index_state SET batch = batch - 1, form = 1, stage = ''",
        "UPDATE index_state SET stage = 'item', after = ''",
    ):
        store._writer.execute("DELETE FROM found")
        store._writer.execute(damage)
        label(player, form="paper", title="Meanwhile")
        with pytest.raises(Unavailable):
            view(player, "registrar", "view.search", text="угод")
        with pytest.raises(Unavailable):
            view(player, "registrar", "view.items")
        Indexer(player.registry).work()
        assert searched(player, "registrar", {"text": "угод"}, 5)[0] == [item]
    assert [row for row in whole_index(player)[0] if row[1] == item] == before[0]


def test_the_index_is_made_while_acts_go_on() -> None:
    """Each step of it is one transaction; what acts write in between is in it once, and counted once."""
    world = founded().twin(15)
    cross(world, forms=("file", "paper"))
    player = world.kyiv
    before = whole_index(player)
    ledger, store = player.registry.ledger, player.registry.store
    store._writer.execute("UPDATE index_state SET form = 0")  # type: ignore[attr-defined]
    steps = 0
    while ledger.continue_index(1):
        steps += 1
        if steps == 2:
            cross(world)
    make_anew_from = whole_index(player)
    make_anew(player)
    assert whole_index(player) == make_anew_from and len(make_anew_from[0]) == len(before[0]) + 1
    assert steps > 3


def test_the_audit_reads_nothing_of_the_index() -> None:
    world = founded().twin(16)
    label(world.tokyo, form="paper")
    store: Any = world.tokyo.registry.store
    for table in ("found", "found_person", "tally"):
        store._writer.execute(f"DELETE FROM {table}")
    assert audit(world.tokyo).findings == []


@pytest.mark.parametrize("after", ["x", "-1", "9" * 19, "１２", "1 OR 1=1"])
def test_the_end_of_a_page_is_a_number_and_nothing_else(after: str) -> None:
    with pytest.raises(Malformed, match="end of a page"):
        view(founded().tokyo, "registrar", "view.search", after=after)


@pytest.mark.parametrize("text", ['"', "' OR 1", "NOT", "a* b", "NEAR(a b)", "f6163", "terms:a", "(", "機密\"", "-", "%", "\u0301a"])
def test_a_text_is_words_and_never_a_question_of_its_own(text: str) -> None:
    world = founded().twin(17)
    label(world.tokyo, form="paper", title="Exercise paper")
    try:
        assert view(world.tokyo, "registrar", "view.search", text=text)["rows"] == []
    except Malformed as error:
        assert error.code == "search.no-words"


def test_a_count_goes_no_further_than_what_is_said_of_it() -> None:
    player = founded().twin(18).tokyo
    body = {
        "entered_by": "originator", "form": "paper", "origin_party": "JPN", "state": "registered", "title": "Report",
        "label": {
            "created_at": "2026-09-01T00:00:00Z", "form": "cordiale-label-1", "level": "EXERCISE SAKURA",
            "originator": "JPN", "release_to": ["JPN"], "scheme": "EX-JPN",
        },
    }
    every = [
        {"id": f"x.{n}", "item": {**body, "reference": f"JPN-2026-{n:04d}"}, "copies": (), "needs": (), "custody": ()}
        for n in range(SEARCH_TOTAL_COUNT_MAX + 3)
    ]
    enter(player, *every)
    for person in ("registrar", "authority", "originator"):
        page = view(player, person, "view.search", text="report")
        assert page["total"] == {"count": SEARCH_TOTAL_COUNT_MAX, "more": True}
    assert view(player, "head", "view.search", text="report")["total"] == {"count": 0, "more": False}

"""A label that takes several: it is laid before those who work on the draft, and joined as it is, and as nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies
from tests.world.test_draft_contents import KALYNA, read_by_two, revise
from tests.world.test_journey import codes
from tests.world.world import Player, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.records.drafts import DRAFT

LABELLED: dict[str, Any] = {"form": "file", "level": KALYNA, "release_to": ["JPN"], "sheets": 3, "title": "Notes"}
OTHERWISE: dict[str, dict[str, Any]] = {
    "a higher level": {"level": "EX-UKR:EXERCISE BARVINOK"}, "nobody else": {"release_to": []}, "a title": {"title": "Other"},
    "a caveat": {"caveats": ["eyes=a"]}, "readers": {"readers": ["writer"]}, "nobody reads it": {"readers": []},
    "handling": {"handle_as": "EX-UKR:EXERCISE BARVINOK"}, "a part": {"portions": [{"reference": "1", "level": "EXERCISE KALYNA"}]},
    "a day": {"trigger": {"kind": "date", "on": "2030-01-01"}}, "a subject": {"subject": "another"}, "sheets": {"sheets": 4},
    "a date": {"dated": "2026-01-01"}, "joint": {"joint": ["JPN"]},
}


def propose(player: Player, draft: str, **changed: Any) -> str:
    said = {**LABELLED, "draft": draft, **changed}
    return str(player.act("originator", "label.propose", said).value["binding"])


def join_label(player: Player, draft: str, binding: str, edition: int = 1) -> None:
    player.act("writer", "join", {
        "act": "draft", "doer": "originator", "edition": edition, "item": draft, "label": binding, "purpose": "label",
    })


@pytest.mark.parametrize("how", OTHERWISE)
def test_who_joined_a_label_stands_behind_no_other(how: str) -> None:
    world = World.in_force(seed=737)
    kyiv, draft = world.kyiv, read_by_two(world)
    join_label(kyiv, draft, propose(kyiv, draft))
    with pytest.raises(Refused) as other:
        kyiv.act("originator", "label", {**LABELLED, "draft": draft, **OTHERWISE[how]})
    assert {"ruling.persons-together", "draft.label-not-joined"} <= codes(other)
    kyiv.act("originator", "label", {**LABELLED, "draft": draft})
    (used,) = bodies(kyiv, "joined").values()
    assert used["state"] == "used" and "label" not in bodies(kyiv, DRAFT)[draft]


def test_who_joined_a_label_stands_behind_no_other_content() -> None:
    world = World.in_force(seed=738)
    kyiv, draft = world.kyiv, read_by_two(world)
    join_label(kyiv, draft, propose(kyiv, draft))
    with pytest.raises(Refused) as other:
        kyiv.act("originator", "label", {**LABELLED, "draft": draft}, content=b"Exercise: another content\n")
    assert "draft.label-not-joined" in codes(other)


def test_only_the_label_that_is_proposed_now_is_joined_and_shown_to_who_works_on_the_draft() -> None:
    world = World.in_force(seed=739)
    kyiv, draft = world.kyiv, read_by_two(world)
    first = propose(kyiv, draft)
    second = propose(kyiv, draft, level="EX-UKR:EXERCISE BARVINOK")
    assert first != second
    for binding in (first, "", "invented"):
        with pytest.raises((OutOfOrder, Malformed)):
            join_label(kyiv, draft, binding)
    shown = {one: view(kyiv, one, "view.drafts", only=draft)["drafts"] for one in ("writer", "registrar", "reader")}
    assert shown["writer"][0]["label"]["level"] == "EX-UKR:EXERCISE BARVINOK"
    assert "label" not in shown["registrar"][0] and shown["reader"] == []
    kyiv.act("writer", "join", {"act": "draft", "doer": "originator", "edition": 1, "item": draft, "purpose": "replace"})
    revise(kyiv, draft, 1)
    assert "label" not in view(kyiv, "writer", "view.drafts", only=draft)["drafts"][0]
    with pytest.raises(OutOfOrder, match="not the label"):
        join_label(kyiv, draft, second, edition=2)


def test_a_label_is_laid_before_others_by_who_may_give_it_and_for_a_draft_that_is_there() -> None:
    world = World.in_force(seed=740)
    kyiv, draft = world.kyiv, read_by_two(world)
    with pytest.raises(Malformed):
        kyiv.act("originator", "label.propose", LABELLED)
    for person, named in (("reader", draft), ("originator", "act.unknown"), ("head", draft)):
        with pytest.raises(Refused):
            kyiv.act(person, "label.propose", {**LABELLED, "draft": named})
    with pytest.raises(OutOfOrder, match="version 1"):
        kyiv.act("originator", "label.propose", {**LABELLED, "draft": draft, "edition": 2})
    join_label(kyiv, draft, propose(kyiv, draft))
    assert audit(kyiv).findings == []

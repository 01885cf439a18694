"""A draft that is a file lies sealed here, for who works on it; it becomes an item as it is, and goes with its envelope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from tests.world.comparing import audit, bodies
from tests.world.outside import MemoryObjects, MemoryWriter
from tests.world.people import HEADER, row
from tests.world.test_journey import codes, dispatch, label, release
from tests.world.test_reading_room import READER
from tests.world.test_transfer_away import order
from tests.world.world import Player, World

from cordiale.doors.control.acts import CONTENT_VIEWS
from cordiale.errors import Malformed, OutOfOrder, Refused, Unavailable
from cordiale.journey.read_draft import require_draft_readable
from cordiale.model.label import LevelRef
from cordiale.operate.reading_room import ReadingRoom
from cordiale.records.drafts import DRAFT
from cordiale.records.registry import identify
from cordiale.records.sweeping import sweep_envelopes
from cordiale.rules.drafts import list_mark_reasons
from cordiale.views.drafts import list_drafts
from cordiale.views.labelling import preview_label
from cordiale.wire.scheme_table import load_schemes
from cordiale.work.sweeper import Sweeper

KALYNA = "EX-UKR:EXERCISE KALYNA"
FIRST, SECOND = b"Exercise: the first words of a draft\n", b"Exercise: what took their place\n"
PURPOSE = "work on it"


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    made = World.in_force(seed=733)
    yield made
    made.kyiv.registry.renderer.close()


@pytest.fixture
def kyiv(shared: World) -> Player:
    return shared.kyiv


def enter(player: Player, content: bytes = FIRST, level: str = KALYNA) -> str:
    answer = player.act("originator", "draft.enter", {
        "file_name": "notes.txt", "form": "file", "level": level, "media_type": "text/plain", "title": "Notes",
    }, content=content)
    return str(answer.value["draft"])


def revise(player: Player, draft: str, edition: int, person: str = "originator") -> None:
    player.act(person, "draft.revise", {"draft": draft, "edition": edition}, content=SECOND)


def read(player: Player, person: str, draft: str) -> bytes:
    request = identify(player.registry, player.request(person, "draft.read", {"draft": draft}))
    return b"".join(CONTENT_VIEWS["draft.read"](player.registry, request).chunks)


def raising(error: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def objects(player: Player, draft: str) -> list[str]:
    return [name for name in player.objects.contents if name.startswith(f"dra.{draft}.")]


def test_a_draft_is_sealed_as_it_comes_and_read_by_who_works_on_it_alone(kyiv: Player) -> None:
    draft = enter(kyiv)
    assert read(kyiv, "originator", draft) == FIRST
    assert not any(FIRST in content for content in kyiv.objects.contents.values())
    with pytest.raises(Refused) as other:
        read(kyiv, "reader", draft)
    assert codes(other) == {"draft.other-author"}
    with pytest.raises(Refused) as unknown:
        read(kyiv, "reader", "act.unknown")
    assert (codes(unknown), unknown.value.code, str(unknown.value)) == (codes(other), other.value.code, str(other.value))
    kyiv.act("originator", "draft.share", {"draft": draft, "workers": ["reader"]})
    assert read(kyiv, "reader", draft) == FIRST
    with pytest.raises(Refused):
        kyiv.act("reader", "draft.share", {"draft": draft, "workers": ["head"]})
    kyiv.act("originator", "draft.share", {"draft": draft})
    with pytest.raises(Refused):
        read(kyiv, "reader", draft)


def test_saying_who_works_on_a_draft_tells_of_nobody_whether_they_are_there(kyiv: Player) -> None:
    draft = enter(kyiv)

    def seen_after(*workers: str) -> tuple[Any, Any]:
        answer = kyiv.act("originator", "draft.share", {"draft": draft, "workers": list(workers)}).value
        shown = list_drafts(kyiv.registry, identify(kyiv.registry, kyiv.request("originator", "view.drafts", {})))
        (line,) = (one for one in shown["drafts"] if one["draft"] == draft)
        return answer, {name: line[name] for name in line if name != "workers"} | {"named": line["workers"]}

    (there, shown), (absent, shown_absent) = seen_after("reader", "head"), seen_after("later", "head")
    assert (there["workers"], absent["workers"]) == (shown["named"], shown_absent["named"])
    assert absent["workers"] == ["head", "later"] and shown.keys() == shown_absent.keys()
    assert bodies(kyiv, DRAFT)[draft]["workers"] == ["head"]
    # Nor by what somebody sees who was named beside them.
    head = list_drafts(kyiv.registry, identify(kyiv.registry, kyiv.request("head", "view.drafts", {"only": draft})))
    assert head["drafts"][0]["workers"] == ["head", "later"]
    kyiv.enter_people(HEADER + row("later", "Later", "UKR", "reader", "BARVINOK"))
    with pytest.raises(Refused) as unnamed:
        read(kyiv, "later", draft)
    assert codes(unnamed) == {"draft.other-author"}


def test_joining_what_is_done_on_a_draft_tells_of_nobody_whether_they_are_there(kyiv: Player) -> None:
    draft = enter(kyiv)

    def told(doer: str, person: str = "originator") -> object:
        asked = {"act": "draft", "doer": doer, "edition": 1, "item": draft, "purpose": "read"}
        try:
            return kyiv.act(person, "join", asked).value.keys()
        except Refused as refused:
            return {one.code for one in refused.decision.reasons}

    assert told("reader") == told("nobody") == {"draft.other-author"}
    kyiv.act("originator", "draft.share", {"draft": draft, "workers": ["head", "nobody", "reader"]})
    assert told("reader") == told("nobody") == {"act", "doer", "item"}
    assert told("head", "reader") == told("nobody", "reader") == {"act", "doer", "item"}


def test_whoever_works_on_a_draft_reads_it_only_as_far_as_they_are_cleared(kyiv: Player) -> None:
    draft = enter(kyiv, level="EX-UKR:EXERCISE BARVINOK")
    kyiv.act("originator", "draft.share", {"draft": draft, "workers": ["junior"]})
    with pytest.raises(Refused) as low:
        read(kyiv, "junior", draft)
    assert "access.clearance-too-low" in codes(low)
    with pytest.raises(Refused):
        revise(kyiv, draft, 1, "junior")


def test_a_new_version_takes_the_place_of_the_old_one_whose_envelope_is_entered_as_gone(kyiv: Player) -> None:
    draft = enter(kyiv)
    (old,) = objects(kyiv, draft)
    revise(kyiv, draft, 1)
    (new,) = objects(kyiv, draft)
    found = bodies(kyiv, DRAFT)[draft]
    assert new != old and read(kyiv, "originator", draft) == SECOND
    assert (found["edition"], found["erased_count"], "leaving" in found) == (2, 1, False)
    with pytest.raises(OutOfOrder, match="version 2 of this draft is there by now"):
        revise(kyiv, draft, 1)
    assert objects(kyiv, draft) == [new] and audit(kyiv).findings == []


def test_a_draft_on_paper_has_versions_too_and_no_content(kyiv: Player) -> None:
    paper = str(kyiv.act("originator", "draft.enter", {
        "form": "paper", "level": KALYNA, "title": "Notes",
    }).value["draft"])
    kyiv.act("originator", "draft.revise", {"draft": paper, "edition": 0, "sheets": 3})
    assert (bodies(kyiv, DRAFT)[paper]["edition"], bodies(kyiv, DRAFT)[paper]["sheets"]) == (1, 3)
    with pytest.raises(Malformed, match="no other does"):
        revise(kyiv, paper, 1)
    with pytest.raises(OutOfOrder, match="no content here"):
        read(kyiv, "originator", paper)
    with pytest.raises(Malformed, match="comes with its content"):
        kyiv.act("originator", "draft.revise", {"draft": enter(kyiv), "edition": 1})


def test_a_draft_is_no_file_without_its_file_and_none_on_paper_has_one(kyiv: Player) -> None:
    before = set(bodies(kyiv, DRAFT))
    for form, content in (("file", None), ("paper", FIRST), ("medium", FIRST)):
        with pytest.raises(Malformed, match="a draft that is a file comes with its content, and no other does"):
            kyiv.act("originator", "draft.enter", {"form": form, "level": KALYNA, "title": "Notes"}, content=content)
    assert set(bodies(kyiv, DRAFT)) == before


def test_an_envelope_that_could_not_be_removed_is_removed_by_the_next_sweep(
    kyiv: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = enter(kyiv)
    (old,) = objects(kyiv, draft)
    with monkeypatch.context() as broken:
        broken.setattr(type(kyiv.objects), "remove", lambda self, name: None)
        with pytest.raises(Unavailable, match="still here"):
            revise(kyiv, draft, 1)
    assert bodies(kyiv, DRAFT)[draft]["leaving"] == [old] and old in kyiv.objects.contents
    assert [(one.code, one.place) for one in audit(kyiv).findings] == [("audit.envelope-left", old)]
    kyiv.objects.contents["dra.act.crashed.1f"] = b"sealed, and no act"
    assert sweep_envelopes(kyiv.registry).without_act == 1
    assert old not in kyiv.objects.contents and bodies(kyiv, DRAFT)[draft]["erased_count"] == 1
    assert read(kyiv, "originator", draft) == SECOND


def test_what_was_sealed_for_an_act_that_broke_off_is_gone_at_once_whatever_broke_it(
    kyiv: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(kyiv.objects.contents)
    for error in (ValueError("a defect"), OSError("a disk")):
        with monkeypatch.context() as broken:
            broken.setattr("cordiale.journey.draft.enter_draft", raising(error))
            with pytest.raises(type(error)):
                enter(kyiv)
        assert set(kyiv.objects.contents) == before and not kyiv.registry.unentered


def test_what_could_not_be_removed_then_is_removed_by_the_next_round(
    kyiv: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(kyiv.objects.contents)
    with monkeypatch.context() as broken:
        broken.setattr("cordiale.journey.draft.enter_draft", raising(OSError("a disk")))
        broken.setattr(type(kyiv.objects), "remove", raising(Unavailable("store.disk", "no", hint="wait")))
        with pytest.raises(OSError, match="a disk"):
            enter(kyiv)
    assert len(set(kyiv.objects.contents) - before) == 1
    Sweeper(kyiv.registry).work()
    assert set(kyiv.objects.contents) == before and not kyiv.registry.unentered


def failing_after(count: int) -> Callable[[MemoryWriter], None]:
    """Return how a disk commits that fails once `count` objects lie on it."""
    commit, done = MemoryWriter.commit, list[MemoryWriter]()

    def failing(writer: MemoryWriter) -> None:
        commit(writer)
        done.append(writer)
        if len(done) == count:
            raise OSError("a disk")

    return failing


def test_what_lay_sealed_when_the_disk_failed_is_removed_once_it_answers(
    shared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [label(shared.tokyo), label(shared.tokyo)]
    for item in items:
        release(shared.tokyo, item)
    for player, count, work in (
        (shared.kyiv, 1, partial(enter, shared.kyiv)), (shared.tokyo, 2, partial(dispatch, shared, items)),
    ):
        before = set(player.objects.contents)
        with monkeypatch.context() as broken:
            broken.setattr(MemoryWriter, "commit", failing_after(count))
            broken.setattr(MemoryObjects, "remove", raising(Unavailable("store.disk", "no", hint="wait")))
            with pytest.raises(OSError, match="a disk"):
                work()
        assert len(set(player.objects.contents) - before) == count
        Sweeper(player.registry).work()
        assert set(player.objects.contents) == before and not player.registry.unentered
    assert dispatch(shared, items)


def test_an_item_keeps_its_envelope_where_that_of_its_draft_could_not_be_removed(
    kyiv: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, remove = enter(kyiv), type(kyiv.objects).remove
    with monkeypatch.context() as broken:
        broken.setattr(type(kyiv.objects), "remove", lambda self, name: (
            None if name.startswith("dra.") else remove(self, name)
        ))
        with pytest.raises(Unavailable, match="still here"):
            kyiv.act("originator", "label", {"draft": draft, "form": "file", "level": KALYNA, "title": "Kept"})
    (item,) = (one for one in bodies(kyiv, "item").values() if one["title"] == "Kept")
    assert item["envelope"] in kyiv.objects.contents
    Sweeper(kyiv.registry).work()
    assert item["envelope"] in kyiv.objects.contents and objects(kyiv, draft) == [] and audit(kyiv).findings == []


def test_a_draft_becomes_an_item_without_its_file_being_given_again(kyiv: Player) -> None:
    draft = enter(kyiv)
    labelled = {"draft": draft, "form": "file", "level": KALYNA, "title": "Paper"}
    with pytest.raises(Malformed, match="together with its content"):
        kyiv.act("originator", "label", {name: labelled[name] for name in ("form", "level", "title")})
    item = kyiv.act("originator", "label", labelled, act_id="act.issued").value["item"]
    found = bodies(kyiv, "item")[item]
    assert (found["file_name"], found["media_type"], found["size_bytes"]) == ("notes.txt", "text/plain", len(FIRST))
    assert bodies(kyiv, DRAFT)[draft]["state"] == "issued" and objects(kyiv, draft) == []
    kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": PURPOSE})
    assert kyiv.read("reader", item, PURPOSE) == FIRST
    again = kyiv.act("originator", "label", labelled, act_id="act.issued")
    assert again.value["item"] == item and audit(kyiv).findings == []
    with pytest.raises(OutOfOrder, match="issued already"):
        read(kyiv, "originator", draft)


def test_nobody_makes_an_item_of_a_draft_that_is_not_theirs(kyiv: Player) -> None:
    draft = enter(kyiv)
    for content in (None, b"Exercise: other words\n"):
        kyiv.act("originator", "draft.share", {"draft": draft})
        with pytest.raises(Refused):
            kyiv.act("authority", "label", {
                "draft": draft, "form": "file", "level": KALYNA, "title": "Paper",
            }, content=content)
    refused = [one["act"] for one in bodies(kyiv, "refusal").values()]
    with pytest.raises(Refused):
        revise(kyiv, draft, 1, "authority")
    entered = [one["act"] for one in bodies(kyiv, "refusal").values()]
    assert len(objects(kyiv, draft)) == 1 and refused.count("label") == 2
    assert len(entered) == len(refused) + 1 and entered.count("draft.revise") > refused.count("draft.revise")


def paper(player: Player, level: str = KALYNA) -> str:
    return str(player.act("originator", "draft.enter", {"form": "paper", "level": level, "title": "Notes"}).value["draft"])


def test_another_originator_learns_by_no_label_which_drafts_there_are(kyiv: Player) -> None:
    kyiv.enter_people(HEADER + row("drafter", "Drafter", "UKR", "originator", "SONIASHNYK"))
    issued = enter(kyiv)
    kyiv.act("originator", "label", {"draft": issued, "form": "file", "level": KALYNA, "title": "Paper"})
    told = set()
    for draft in (enter(kyiv), paper(kyiv), issued, "act.unknown"):
        for form in ("file", "paper"):
            with pytest.raises(Refused) as refused:
                kyiv.act("drafter", "label", {"draft": draft, "form": form, "level": KALYNA, "title": "Theirs"})
            told.add(str(refused.value))
    assert told == {"the draft is another person's"}
    assert not [one for one in bodies(kyiv, "item").values() if one["title"] == "Theirs"]


def test_no_item_stands_below_the_mark_of_the_draft_it_comes_of(kyiv: Player) -> None:
    high = "EX-UKR:EXERCISE BARVINOK"
    for draft, form in ((enter(kyiv, level=high), "file"), (paper(kyiv, high), "paper")):
        said = {"draft": draft, "form": form, "level": KALYNA, "title": "Paper"}
        before = set(kyiv.objects.contents)
        with pytest.raises(Refused) as below:
            kyiv.act("originator", "label", said)
        assert codes(below) == {"draft.mark"} and set(kyiv.objects.contents) == before
        request = identify(kyiv.registry, kyiv.request("originator", "view.label-preview", said))
        assert [one["code"] for one in preview_label(kyiv.registry, request)["reasons"]] == ["draft.mark"]
        assert kyiv.act("originator", "label", {**said, "level": high}).value["level"] == high
    assert list_mark_reasons(LevelRef("OTHER", "HIGH"), LevelRef("EX-UKR", "EXERCISE KALYNA"), load_schemes()["EX-UKR"])


def test_a_version_that_nobody_meant_becomes_no_item(kyiv: Player) -> None:
    draft = enter(kyiv)
    revise(kyiv, draft, 1)
    said = {"draft": draft, "edition": 1, "form": "file", "level": KALYNA, "title": "Paper"}
    for content in (None, b"Exercise: what was read before\n"):
        with pytest.raises(OutOfOrder, match="version 2"):
            kyiv.act("originator", "label", said, content=content)
    assert read(kyiv, "originator", draft) == SECOND
    kyiv.act("originator", "label", {**said, "edition": 2})
    assert bodies(kyiv, DRAFT)[draft]["state"] == "issued" and audit(kyiv).findings == []


def test_a_draft_is_destroyed_with_its_envelope(kyiv: Player) -> None:
    draft = enter(kyiv)
    kyiv.act("registrar", "draft.destroy", {"draft": draft, "method": "key destroyed"})
    found = bodies(kyiv, DRAFT)[draft]
    assert objects(kyiv, draft) == [] and (found["state"], found["erased_count"]) == ("destroyed", 1)
    with pytest.raises(OutOfOrder, match="destroyed already"):
        read(kyiv, "originator", draft)


def test_a_draft_is_read_in_the_room_while_it_is_this_version_and_the_reader_works_on_it(kyiv: Player) -> None:
    draft, room = enter(kyiv), ReadingRoom(kyiv.registry)
    kyiv.act("originator", "draft.share", {"draft": draft, "workers": ["reader"]})
    asked = kyiv.request("reader", "draft.open", {"draft": draft})
    reading = room.open(identify(kyiv.registry, asked), "session-1")
    assert reading.is_draft and room.page(reading.id, READER, 1).body
    revise(kyiv, draft, 1)
    with pytest.raises(OutOfOrder, match="version 2"):
        room.page(reading.id, READER, 1)
    with pytest.raises(OutOfOrder, match="not open"):
        room.page(reading.id, READER, 1)
    kyiv.act("originator", "draft.share", {"draft": draft})
    with pytest.raises(Refused):
        require_draft_readable(kyiv.registry, "reader", draft, 2)
    room.close_all()


def read_by_two(world: World) -> str:
    """Enter a draft that two work on, at a level that nobody reads alone."""
    world.kyiv.enter_people(HEADER + row("writer", "Writer", "UKR", "originator", "BARVINOK"))
    draft = enter(world.kyiv)
    world.kyiv.act("originator", "draft.share", {"draft": draft, "workers": ["writer"]})
    order(world, {"act": "read", "article": "Order 3", "level": KALYNA, "persons": 2, "ruling": "allowed"})
    return draft


def test_where_nobody_reads_a_level_alone_those_who_work_on_a_draft_join_each_other_once_for_each_use() -> None:
    world = World.in_force(seed=734)
    kyiv, draft = world.kyiv, read_by_two(world)

    label = {"draft": draft, "form": "file", "level": KALYNA, "release_to": [], "title": "Notes"}

    def join(use: str, person: str = "writer", edition: int = 1) -> None:
        said = {}
        if use == "label":
            said["label"] = kyiv.act("originator", "label.propose", label).value["binding"]
        kyiv.act(person, "join", {
            "act": "draft", "doer": "originator", "edition": edition, "item": draft, "purpose": use, **said,
        })

    join("label")
    uses = {
        "read": lambda: read(kyiv, "originator", draft), "replace": lambda: revise(kyiv, draft, 1),
        "label": lambda: kyiv.act("originator", "label", label),
    }
    for use, do in uses.items():
        if use != "label":
            with pytest.raises(Refused) as alone:
                do()
            assert "ruling.persons-together" in codes(alone), "what was joined is another use of it"
            join(use)
        else:
            with pytest.raises(Refused) as other:
                do()
            assert "ruling.persons-together" in codes(other), "what was joined is another version of it"
            with pytest.raises(OutOfOrder, match="version 2"):
                join(use)
            join(use, edition=2)
        do()
    used = [one["said"]["purpose"] for one in bodies(kyiv, "joined").values() if one["state"] == "used"]
    assert sorted(used) == sorted(uses) and bodies(kyiv, DRAFT)[draft]["state"] == "issued"
    with pytest.raises(Refused) as stranger:
        join("read", "reader")
    assert codes(stranger) == {"draft.other-author"}
    with pytest.raises(Malformed):
        join("print")
    assert audit(kyiv).findings == []


def test_a_joined_reading_of_a_draft_in_the_room_ends_when_one_of_them_may_not_read_any_more() -> None:
    world = World.in_force(seed=735)
    kyiv, draft = world.kyiv, read_by_two(world)
    assert require_draft_readable(kyiv.registry, "originator", draft, 1, joined=("writer",)).person.id == "originator"
    with pytest.raises(Refused):
        require_draft_readable(kyiv.registry, "originator", draft, 1)
    kyiv.act("originator", "draft.share", {"draft": draft})
    with pytest.raises(Refused):
        require_draft_readable(kyiv.registry, "originator", draft, 1, joined=("writer",))

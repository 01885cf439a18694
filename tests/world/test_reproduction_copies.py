"""Numbered copies with lineage, registered at once, told where the layers ask, and never more than was consented to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.people import HEADER, row
from tests.world.reproducing import assign, audited, consent, copy_it, cross, cross_at_the_top, held, open_to_the_top
from tests.world.test_journey import PURPOSE, codes, dispatch, grant, label, release
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused, Undecidable, Unverified
from cordiale.model.agreement import Act as Reproduced
from cordiale.records.answer import Answer
from cordiale.records.duties import DUTY
from cordiale.records.items import COPY, ENTRY
from cordiale.records.ledger import Act
from cordiale.records.lineage import list_ancestors, list_descendants, list_tree, number_of
from cordiale.records.session import ActSession
from cordiale.wire.agreement_json import national_profile_to_json
from cordiale.wire.agreement_toml import load_template


@pytest.fixture
def world() -> World:
    return World.in_force()


@pytest.fixture(scope="module")
def to_the_top() -> World:
    return open_to_the_top(World.in_force(seed=5))


def test_each_copy_is_numbered_entered_at_once_and_noted_on_what_it_was_made_from(world: World) -> None:
    item = cross(world)
    copies = copy_it(world, item, number=2)
    books = world.kyiv.registry.books()
    assert [number_of(books, held(world.kyiv, one)) for one in copies] == ["1/2 of copy 1", "2/2 of copy 1"]
    assert {held(world.kyiv, one)["pages"] for one in copies} == {3}
    assert held(world.kyiv, f"{item}.c1")["reproduced"] == 2
    entered = {one["copy"]: one for one in books.find(ENTRY, "item", item) if one["act"] == "copied"}
    assert set(entered) == set(copies)
    assert {one["numbered"] for one in entered.values()} == {"1/2 of copy 1", "2/2 of copy 1"}


def test_a_copy_of_a_copy_bears_its_number_and_that_of_its_parent(world: World) -> None:
    item = cross(world)
    first, _ = copy_it(world, item, number=2)
    (second,) = copy_it(world, item, copy=first)
    books = world.kyiv.registry.books()
    assert number_of(books, held(world.kyiv, second)) == "1/1 of copy 1/2 of copy 1"
    assert [one.id for one in list_ancestors(books, held(world.kyiv, second))] == [first, f"{item}.c1"]
    below = {one.id for one in list_descendants(books, f"{item}.c1")}
    assert below == {one.id for one in list_tree(books, item)} - {f"{item}.c1"}
    third = copy_it(world, item, number=1)
    assert number_of(books, held(world.kyiv, third[0])) == "3/3 of copy 1"


def test_a_line_of_copies_comes_to_an_end(world: World) -> None:
    item = cross(world)
    copy = f"{item}.c1"
    for _ in range(8):
        (copy,) = copy_it(world, item, copy=copy)
    with pytest.raises(Malformed, match="the last of a line"):
        assign(world.kyiv, item, copy=copy)


def test_the_person_a_copy_is_for_must_be_allowed_to_read_it(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    with pytest.raises(Refused) as uncleared:
        assign(world.kyiv, item, recipients=["junior"])
    assert "access.no-need-to-know" in codes(uncleared)
    task = assign(world.kyiv, item, recipients=["reader"])
    (copy,) = world.kyiv.act("reader", "reproduce.finish", {"task": task}).value["copies"]
    assert held(world.kyiv, copy)["recipient"] == "reader"


def test_only_the_registry_assigns_and_only_the_cleared_maker_finishes(world: World) -> None:
    item = cross(world)
    with pytest.raises(Refused) as unknowing:
        assign(world.kyiv, item)
    assert codes(unknowing) == {"access.no-need-to-know"}
    grant(world, item, "reader")
    with pytest.raises(Refused) as no_office:
        world.kyiv.act("reader", "reproduce.assign", {"act": "copy", "item": item, "purpose": PURPOSE})
    assert "office.not-held" in codes(no_office)
    task = assign(world.kyiv, item)
    with pytest.raises(Refused) as other:
        world.kyiv.act("registrar", "reproduce.finish", {"task": task})
    assert codes(other) == {"reproduction.other-maker"}
    world.kyiv.act("security", "people.withdraw-clearance", {"level": "EX-UKR:EXERCISE BARVINOK", "person": "reader"})
    with pytest.raises(Refused) as withdrawn:
        world.kyiv.act("reader", "reproduce.finish", {"task": task})
    assert "access.clearance-withdrawn" in codes(withdrawn)


def test_where_the_layers_ask_for_notice_the_originator_learns_numbers_and_no_reader(world: World) -> None:
    item = cross(world)
    copies = copy_it(world, item, number=2, recipients=["reader", "reader"])
    waiting = world.kyiv.registry.reads().outbox_open()
    assert len(waiting) == 1 and b"reader" not in waiting[0].message
    open_before = {one["what"] for one in world.kyiv.registry.find(DUTY, "state", "open")}
    assert open_before == {"copy-report"}
    world.deliver()
    assert not world.kyiv.registry.find(DUTY, "state", "open")
    for copy in copies:
        told = held(world.tokyo, copy)
        assert (told["party"], told["state"], told["parent"]) == ("UKR", "with-partner", f"{item}.c1")
        assert "recipient" not in told.body
    assert {one.id for one in list_tree(world.tokyo.registry.books(), item)} >= {*copies, f"{item}.c1"}


def test_where_the_layers_allow_it_the_originator_is_told_nothing_and_certifies_nothing_more(world: World) -> None:
    item = cross(world, level="EX-JPN:EXERCISE AJISAI", form="paper")
    (copy,) = copy_it(world, item, form="paper")
    assert not world.kyiv.registry.reads().outbox_open()
    world.kyiv.act("registrar", "return", {"item": item})
    world.deliver()
    assert held(world.kyiv, copy)["state"] == "returned"
    assert world.tokyo.registry.record(COPY, copy) is None
    assert held(world.tokyo, f"{item}.c1")["state"] == "returned"
    assert not world.kyiv.registry.reads().outbox_open()
    audited(world)


def test_a_reported_copy_is_certified_to_its_originator_when_it_ends(world: World) -> None:
    item = cross(world)
    copies = copy_it(world, item, number=2)
    world.deliver()
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "erased"}).value["proposal"]
    world.kyiv.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    assert {held(world.tokyo, one)["state"] for one in (*copies, f"{item}.c1")} == {"destroyed"}
    audited(world)


def test_the_top_level_is_copied_as_often_as_was_consented_and_not_once_more(to_the_top: World) -> None:
    world = to_the_top.twin()
    item = cross_at_the_top(world)
    grant(world, item, "deskone")
    with pytest.raises(Refused) as missing:
        assign(world.kyiv, item, maker="deskone")
    assert codes(missing) == {"consent.missing"}
    consent(world, item, number=3)
    copy_it(world, item, maker="deskone", number=2)
    with pytest.raises(Refused) as too_many:
        assign(world.kyiv, item, maker="deskone", number=2)
    assert codes(too_many) == {"consent.number-exceeded"}
    copy_it(world, item, maker="deskone")


def test_two_tasks_never_share_the_last_copy_that_was_consented_to(to_the_top: World) -> None:
    world = to_the_top.twin()
    item = cross_at_the_top(world)
    consent(world, item, number=1)
    grant(world, item, "deskone")
    grant(world, item, "desktwo")
    first = assign(world.kyiv, item, maker="deskone")
    with pytest.raises(Refused) as raced:
        assign(world.kyiv, item, maker="desktwo")
    assert codes(raced) == {"consent.number-exceeded"}
    world.kyiv.act("deskone", "reproduce.withdraw", {"task": first})
    second = assign(world.kyiv, item, maker="desktwo")
    world.kyiv.act("desktwo", "reproduce.finish", {"task": second})
    with pytest.raises(OutOfOrder, match="withdrawn"):
        world.kyiv.act("deskone", "reproduce.finish", {"task": first})
    assert len(list(list_descendants(world.kyiv.registry.books(), f"{item}.c1"))) == 1


def test_a_consent_that_ended_meanwhile_stops_the_copy_and_leaves_nothing(to_the_top: World) -> None:
    world = to_the_top.twin()
    item = cross_at_the_top(world)
    given = consent(world, item)
    grant(world, item, "deskone")
    task = assign(world.kyiv, item, maker="deskone")
    end_consent(world, given)
    with pytest.raises(Refused) as ended:
        world.kyiv.act("deskone", "reproduce.finish", {"task": task})
    assert codes(ended) == {"consent.withdrawn"}
    assert not list(list_descendants(world.kyiv.registry.books(), f"{item}.c1"))
    waiting = world.kyiv.registry.record("reproduction", task)
    assert waiting is not None and waiting["state"] == "assigned"


def end_consent(world: World, given: str) -> None:
    """Let the consent be withdrawn in Kyiv's books, as the originator's word about it would have them."""
    def run(session: ActSession) -> dict[str, Any]:
        session.change(session.require("consent", given), withdrawn_at="2026-09-01T00:00:00Z")
        return {}

    world.kyiv.registry.ledger.commit(Act("in.withdrawn", "take.consent-withdrawal", "partner:JPN", "internal", run))


def test_an_item_that_goes_back_during_a_reproduction_takes_the_task_with_it(world: World) -> None:
    item = cross(world, form="paper")
    grant(world, item, "reader")
    task = assign(world.kyiv, item, form="paper")
    world.kyiv.act("registrar", "return", {"item": item})
    with pytest.raises(OutOfOrder, match="not held here"):
        world.kyiv.act("reader", "reproduce.finish", {"task": task})
    copies = [one for one in list_tree(world.kyiv.registry.books(), item) if one["state"] == "registered"]
    assert copies == []


def test_the_same_finish_twice_is_one_reproduction(world: World) -> None:
    item = cross(world)
    grant(world, item, "reader")
    task = assign(world.kyiv, item)
    first = world.kyiv.act("reader", "reproduce.finish", {"task": task}, act_id="act.finish")
    again = world.kyiv.act("reader", "reproduce.finish", {"task": task}, act_id="act.finish")
    assert first.value == again.value
    with pytest.raises(OutOfOrder, match="done"):
        world.kyiv.act("reader", "reproduce.finish", {"task": task})


def test_own_copies_are_one_series_with_those_that_leave(world: World) -> None:
    item = label(world.tokyo)
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    task = assign(world.tokyo, item, maker="originator", number=2)
    copies = world.tokyo.act("originator", "reproduce.finish", {"task": task}).value["copies"]
    assert copies == [f"{item}.c1", f"{item}.c2"]
    release(world.tokyo, item)
    dispatch(world, [item])
    assert held(world.tokyo, f"{item}.c3")["party"] == "UKR"
    audited(world)


def test_in_urgency_a_copy_is_made_first_and_the_originator_is_told_at_once(to_the_top: World) -> None:
    world = to_the_top.twin()
    item = cross_at_the_top(world)
    (copy,) = copy_it(world, item, maker="deskone", urgent=True)
    duties = world.kyiv.registry.find(DUTY, "state", "open")
    assert [(one["what"], one["due"]) for one in duties] == [("copy-report", "2026-09-02")]
    world.deliver()
    assert not world.kyiv.registry.find(DUTY, "state", "open")
    told = [one for one in world.tokyo.registry.find(ENTRY, "copy", copy) if one["act"] == "copied-by-partner"]
    assert [one["urgent"] for one in told] == ["before the consent"]


def test_nothing_is_urgent_where_no_layer_says_so(world: World) -> None:
    item = label(world.tokyo)
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    with pytest.raises(Undecidable) as unsaid:
        assign(world.tokyo, item, maker="originator", urgent=True)
    assert codes(unsaid) == {"reproduction.urgent-unsaid"}


def test_urgency_opens_nothing_that_is_not_a_missing_consent(to_the_top: World) -> None:
    world = to_the_top.twin()
    item = cross_at_the_top(world)
    with pytest.raises(Refused) as unknowing:
        assign(world.kyiv, item, maker="deskone", urgent=True)
    assert codes(unknowing) == {"access.no-need-to-know"}
    grant(world, item, "deskone")
    with pytest.raises(Refused) as translated:
        assign(world.kyiv, item, act="translate", maker="deskone", language="uk", urgent=True)
    assert "reproduction.urgent-other" in codes(translated)


def test_the_highest_level_is_reproduced_by_the_responsible_registry_alone(to_the_top: World) -> None:
    world = to_the_top.twin()
    world.kyiv.enter_people(
        HEADER.strip() + ",briefings\n"
        + row("deskthree", "Desk Officer", "UKR", "reader", "SONIASHNYK").strip()
        + f",{AGREEMENT}|2026-01-01|2029-12-31\n"
    )
    item = cross_at_the_top(world)
    consent(world, item)
    grant(world, item, "deskthree")
    with pytest.raises(Refused) as elsewhere:
        assign(world.kyiv, item, maker="deskthree")
    assert codes(elsewhere) == {"reproduction.registry-only"}
    copy_it(world, item, maker="deskone")


def test_whoever_may_not_reproduce_hands_the_task_over_to_the_registry(world: World) -> None:
    item = cross(world)
    asked = {"act": "copy", "item": item, "purpose": PURPOSE}
    with pytest.raises(Refused) as stranger:
        world.kyiv.act("colleague", "reproduce.ask", asked)
    assert codes(stranger) == {"access.no-need-to-know"}
    grant(world, item, "reader")
    requests = [str(world.kyiv.act("reader", "reproduce.ask", asked).value["request"]) for _ in range(2)]
    assert [one["what"] for one in world.kyiv.registry.find(DUTY, "state", "open")] == ["reproduce", "reproduce"]
    assign(world.kyiv, item, request=requests[0])
    world.kyiv.act("registrar", "reproduce.decline", {"reason": "one is enough", "request": requests[1]})
    assert not world.kyiv.registry.find(DUTY, "state", "open")
    with pytest.raises(OutOfOrder, match="answered before"):
        assign(world.kyiv, item, request=requests[1])


def join(world: World, person: str, task: str, **changes: Any) -> Answer:
    """Join a task in Tokyo over what is shown of it."""
    shown = view(world.tokyo, person, "view.reproduction", task=task)
    return world.tokyo.act(person, "reproduce.witness", {"binding": shown["binding"], "task": task, **changes})


def test_who_joins_a_reproduction_signs_for_the_task_that_was_shown_and_no_other(world: World) -> None:
    item = label(world.tokyo)
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    tasks = [assign(world.tokyo, item, maker="originator", number=number) for number in (1, 2)]
    shown, other = (view(world.tokyo, "security", "view.reproduction", task=task) for task in tasks)
    assert (shown["number"], other["number"], shown["binding"] == other["binding"]) == (1, 2, False)
    for binding in (other["binding"], "none"):
        with pytest.raises(Unverified) as raised:
            join(world, "security", tasks[0], binding=binding)
        assert raised.value.code == "reproduction.other-task"
    assert world.tokyo.registry.record("reproduction", tasks[0])["witnesses"] == []
    join(world, "security", tasks[0])
    assert world.tokyo.registry.record("reproduction", tasks[0])["witnesses"] == ["security"]


def test_several_persons_reproduce_together_where_the_layers_ask(world: World) -> None:
    national = next(one for one in load_template("exercise").nationals if one.party == "JPN")
    together = replace(national, version=national.version + 1, acts=tuple(
        replace(rule, persons=2) if rule.act is Reproduced.COPY else rule for rule in national.acts
    ))
    world.tokyo.act("authority", "agreement.national", {"profile": national_profile_to_json(together)})
    item = label(world.tokyo)
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": PURPOSE})
    task = assign(world.tokyo, item, maker="originator")
    with pytest.raises(Refused) as alone:
        world.tokyo.act("originator", "reproduce.finish", {"task": task})
    assert codes(alone) == {"reproduction.too-few-persons"}
    with pytest.raises(OutOfOrder, match="already"):
        join(world, "originator", task)
    assert join(world, "security", task).value["waits_for"] == []
    world.tokyo.act("originator", "reproduce.finish", {"task": task})

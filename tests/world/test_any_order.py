"""Messages that come in another order than they were written, twice, or while the other side writes too.

Each row writes what belongs together, at one side or at both, and lets nothing cross meanwhile. Then the newest message
comes first, each comes twice, and at last all are delivered: whatever was overtaken, both books say the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from tests.world import visit_words
from tests.world.between import list_accord_faults, list_agreements, list_matters
from tests.world.comparing import audit, list_unrest
from tests.world.forging import waiting
from tests.world.outside import MemoryMedium
from tests.world.overtaken import (
    a_handling_raised_and_the_level_changed,
    a_level_raised_and_another_change_for_a_later_day,
    readings_told_and_the_copy_ended,
    turn_round,
)
from tests.world.people import HEADER, row
from tests.world.test_accord_time import NEXT, enter, signed, successor
from tests.world.test_contracts import BARVINOK, PARTS, SAKURA
from tests.world.test_emergency import BY, REPORT
from tests.world.test_erasing import say
from tests.world.test_incidents import conclude, report, share_of
from tests.world.test_journey import PURPOSE, cross
from tests.world.test_level_change import work
from tests.world.visit_words import ask_days_ahead
from tests.world.world import AGREEMENT, Player, World, exercise_agreement

from cordiale.model.names import AgreementId
from cordiale.work.bag import pack, unpack

Case = Callable[[World], None]


@pytest.fixture(scope="module")
def world() -> World:
    """One world for all rows: each is about a matter of its own."""
    world = World.in_force(seed=77)
    header = HEADER.strip() + ",functions\n"
    world.kyiv.enter_people(header + row("chief", "Chief K", "UKR", "head", "BARVINOK").strip() + ",agency-head\n")
    say(world.kyiv, BY)
    return world


@pytest.fixture(scope="module")
def known() -> set[str]:
    """What earlier rows have left, so that each row answers for its own."""
    return set()


# -- what belongs together ----------------------------------------------------------------------------------------


def _asked(world: World) -> str:
    query = str(world.tokyo.act("authority", "facility.ask", {
        "agreement": AGREEMENT, "facility": "Works", "level": BARVINOK, "party": "UKR", "purpose": "bid 7",
    }).value["query"])
    world.deliver()
    return query


def _held(world: World, query: str) -> None:
    world.kyiv.act("authority", "facility.answer", {
        "assurance": "held", "level": BARVINOK, "query": query, "valid_until": "2027-08-31",
    })


def _assured(world: World) -> str:
    query = _asked(world)
    _held(world, query)
    world.deliver()
    return query


def _contract(world: World, query: str, **more: Any) -> str:
    return str(world.tokyo.act("security", "contract.tell", {
        "copies": 2, "level": SAKURA, "parts": PARTS, "query": query, "title": "Lantern", **more,
    }).value["contract"])


def _told(world: World, outcome: str = "") -> str:
    contract = _contract(world, _assured(world))
    world.deliver()
    if outcome:
        _answer_list(world, contract, outcome)
        world.deliver()
    return contract


def _answer_list(world: World, contract: str, outcome: str) -> None:
    world.kyiv.act("authority", "contract.answer", {"contract": contract, "number": 1, "outcome": outcome})


def _change(world: World, contract: str) -> None:
    world.tokyo.act("security", "contract.change", {"contract": contract, "parts": PARTS[:1]})


def _end(world: World, contract: str) -> None:
    world.tokyo.act("security", "contract.end", {"contract": contract, "ending": "ended"})


def _withdraw(world: World, query: str) -> None:
    world.kyiv.act("authority", "facility.withdraw", {"query": query})


def _order(world: World, item: str, demand: str) -> None:
    person = "authority" if demand == "freeze" else "head"
    world.tokyo.act(person, "freeze.order", {"demand": demand, "item": item, "party": "UKR", "reason": "it was seen"})


def _answer_order(world: World, item: str, demand: str = "freeze") -> None:
    (order,) = [
        one for one in world.kyiv.registry.find("freeze-order", "item", item)
        if (one["state"], one["demand"]) == ("asked", demand)
    ]
    world.kyiv.act("security", "freeze.answer", {"order": order.id})


def _plan(world: World) -> str:
    today = world.clock.at.date().isoformat()
    return str(world.tokyo.act("authority", "plan.propose", {
        "agreement": AGREEMENT, "consignments": 1, "contingency": "back", "description": "two vehicles",
        "escorts": "escort desk", "first_day": today, "last_day": today, "party": "UKR", "route": "by sea",
    }).value["plan"])


def _settle_plan(player: Player, plan: str, outcome: str) -> None:
    player.act("authority", "plan.answer", {"outcome": outcome, "plan": plan})


def _item(world: World) -> str:
    return cross(world)[1][0]


# -- written by one side, one after the other ---------------------------------------------------------------------


def an_assurance_and_its_withdrawal(world: World) -> None:
    query = _asked(world)
    _held(world, query)
    _withdraw(world, query)


def in_process_and_then_held(world: World) -> None:
    query = _asked(world)
    world.kyiv.act("authority", "facility.answer", {"assurance": "in-process", "query": query})
    _held(world, query)


def a_list_and_a_changed_one(world: World) -> None:
    contract = _contract(world, _assured(world))
    _change(world, contract)
    _change(world, contract)


def a_contract_and_its_end(world: World) -> None:
    _end(world, _contract(world, _assured(world)))


def a_changed_list_below_a_contract_that_ends(world: World) -> None:
    above = _told(world, "acknowledged")
    below = _contract(world, _assured(world), parent=above)
    _change(world, below)
    _end(world, above)


def a_freeze_lifted_at_once(world: World) -> None:
    item = _item(world)
    _order(world, item, "freeze")
    _order(world, item, "lift")


def a_freeze_answered_and_lifted_at_once(world: World) -> None:
    item = _item(world)
    _order(world, item, "freeze")
    world.deliver()
    _answer_order(world, item)
    world.kyiv.act("head", "freeze.lift", {"item": item, "reason": "it was sealed"})


def a_plan_taken_back_at_once(world: World) -> None:
    _settle_plan(world.tokyo, _plan(world), "withdrawn")


def a_plan_agreed_and_left_at_once(world: World) -> None:
    plan = _plan(world)
    world.deliver()
    _settle_plan(world.kyiv, plan, "agreed")
    _settle_plan(world.kyiv, plan, "withdrawn")


def an_emergency_and_its_report(world: World) -> None:
    told = world.kyiv.act("chief", "emergency.disclose", {
        "circumstances": "a threat to a convoy", "count": 3, "item": _item(world),
    }).value["disclosure"]
    world.kyiv.act("chief", "emergency.report", {"disclosure": told, **REPORT})


def a_case_told_twice_and_concluded(world: World) -> None:
    incident = report(world.kyiv, _item(world))
    for facts in (["first"], ["second"]):
        world.kyiv.act("authority", "incident.tell", {
            "agreement": AGREEMENT, "facts": facts, "incident": incident, "party": "JPN",
        })
    conclude(world.kyiv, incident)
    world.kyiv.act("authority", "incident.final", {"share": share_of(world.kyiv, incident).id})


def a_consent_given_and_withdrawn(world: World) -> None:
    request = str(world.kyiv.act("registrar", "consent.ask", {
        "act": "use-abroad", "item": _item(world), "purpose": PURPOSE,
    }).value["request"])
    world.deliver()
    given = world.tokyo.act("authority", "consent.answer", {"outcome": "granted", "request": request}).value["consent"]
    world.tokyo.act("authority", "consent.withdraw", {"consent": given})


def a_level_changed_and_changed_back(world: World) -> None:
    item = _item(world)
    for level in ("AJISAI", "SAKURA"):
        proposal = world.tokyo.act("originator", "level.propose", {
            "article": "Art. 4(4)", "item": item, "to": f"EX-JPN:EXERCISE {level}",
        }).value["proposal"]
        world.tokyo.act("authority", "level.confirm", {"item": item, "proposal": proposal})
    turn_round(world)
    work(world)


def a_suspension_lifted_and_then_a_request(world: World) -> None:
    for stage in ("suspended", "in-force"):
        world.kyiv.act("authority", "agreement.stage", {
            "agreement": AGREEMENT, "article": "Art. 16(2)", "on": world.clock.at.date().isoformat(),
            "stage": stage,
        })
    ask_days_ahead(world)


def an_agreement_proposed_and_signed_at_once(world: World) -> None:
    text, profile = exercise_agreement()
    profile = replace(profile, agreement=AgreementId("proposed-and-signed"))
    enter(world.tokyo, text, profile)
    world.tokyo.act("authority", "agreement.sign", {
        "agreement": profile.agreement, "signed": signed(world.tokyo, profile),
    })


# -- written by both at the same time -----------------------------------------------------------------------------


def a_contract_told_while_the_assurance_ends(world: World) -> None:
    query = _assured(world)
    contract = _contract(world, query)
    _change(world, contract)
    _withdraw(world, query)


def a_list_changed_while_the_assurance_ends(world: World) -> None:
    query = _assured(world)
    contract = _contract(world, query)
    world.deliver()
    _change(world, contract)
    _withdraw(world, query)


def a_list_changed_while_it_is_declined(world: World) -> None:
    contract = _told(world)
    _change(world, contract)
    _answer_list(world, contract, "declined")


def a_list_changed_while_it_is_acknowledged(world: World) -> None:
    contract = _told(world)
    _change(world, contract)
    _answer_list(world, contract, "acknowledged")


def a_contract_ended_while_it_is_declined(world: World) -> None:
    contract = _told(world)
    _end(world, contract)
    _answer_list(world, contract, "declined")


def a_contract_ended_while_one_below_is_declined(world: World) -> None:
    above = _told(world, "acknowledged")
    below = _contract(world, _assured(world), parent=above)
    world.deliver()
    _end(world, above)
    _answer_list(world, below, "declined")


def a_plan_declined_while_it_is_taken_back(world: World) -> None:
    plan = _plan(world)
    world.deliver()
    _settle_plan(world.tokyo, plan, "withdrawn")
    _settle_plan(world.kyiv, plan, "declined")


def a_plan_agreed_while_it_is_taken_back(world: World) -> None:
    plan = _plan(world)
    world.deliver()
    _settle_plan(world.tokyo, plan, "withdrawn")
    _settle_plan(world.kyiv, plan, "agreed")


def notes_given_anew_while_the_other_is_given(world: World) -> None:
    text, profile = exercise_agreement()
    profile = replace(profile, agreement=AgreementId("noted-anew"))
    enter(world.tokyo, text, profile)
    world.deliver()
    for player in world.players:
        player.act("authority", "agreement.sign", {
            "agreement": profile.agreement, "signed": signed(player, profile),
        })
        world.deliver()
    world.tokyo.act("authority", "agreement.stage", {
        "agreement": profile.agreement, "article": "Art. 16", "on": "2026-09-01", "stage": "signed",
    })
    world.deliver()
    for player, day in ((world.tokyo, "2026-10-01"), (world.tokyo, "2026-10-09"), (world.kyiv, "2026-10-03")):
        player.act("authority", "agreement.note", {
            "agreement": profile.agreement, "article": "Art. 16(1)", "in_force_on": day, "on": "2026-09-01",
            "reference": f"note {day}",
        })
        if day == "2026-10-01":
            world.deliver()


def a_word_given_anew_while_the_other_is_given(world: World) -> None:
    successor(world)
    for player, carries in ((world.tokyo, []), (world.tokyo, ["consents"]), (world.kyiv, ["consents"])):
        player.act("authority", "accord.rehome", {
            "agreement": NEXT, "article": "Art. 11(2)", "carries": carries, "on": "2026-09-01",
            "predecessor": AGREEMENT,
        })
        if not carries:
            world.deliver()


ROWS: Final[tuple[Case, ...]] = (
    an_assurance_and_its_withdrawal, in_process_and_then_held, a_list_and_a_changed_one, a_contract_and_its_end,
    a_changed_list_below_a_contract_that_ends,
    a_freeze_lifted_at_once,
    a_freeze_answered_and_lifted_at_once, a_plan_taken_back_at_once, a_plan_agreed_and_left_at_once,
    an_emergency_and_its_report, a_case_told_twice_and_concluded, a_consent_given_and_withdrawn,
    a_level_changed_and_changed_back, a_handling_raised_and_the_level_changed,
    readings_told_and_the_copy_ended, a_level_raised_and_another_change_for_a_later_day,
    a_suspension_lifted_and_then_a_request,
    an_agreement_proposed_and_signed_at_once, notes_given_anew_while_the_other_is_given,
    a_contract_told_while_the_assurance_ends, a_list_changed_while_the_assurance_ends,
    a_list_changed_while_it_is_declined, a_list_changed_while_it_is_acknowledged,
    a_contract_ended_while_it_is_declined, a_contract_ended_while_one_below_is_declined,
    a_plan_declined_while_it_is_taken_back, a_plan_agreed_while_it_is_taken_back,
    a_word_given_anew_while_the_other_is_given, *visit_words.ROWS,
)


def _faults(world: World) -> list[str]:
    found = list_unrest(world)
    for player in world.players:
        found += list_matters(player, world.other(player))
        for agreement in list_agreements(*world.players):
            found += list_accord_faults(player, world.other(player), agreement)
    return found


@pytest.mark.parametrize("write", ROWS, ids=lambda write: write.__name__)
def test_whatever_overtakes_what_both_books_say_the_same(world: World, known: set[str], write: Case) -> None:
    write(world)
    turn_round(world)
    world.deliver()
    found = [one for one in _faults(world) if one not in known]
    known.update(found)
    assert found == []


@pytest.mark.parametrize("write", [
    an_assurance_and_its_withdrawal, visit_words.a_visit_cancelled_at_once, a_plan_taken_back_at_once,
])
def test_what_follows_another_message_of_its_bag_is_taken_with_it(world: World, write: Case) -> None:
    """In a bag orders lie before everything else, also before what they follow."""
    write(world)
    sender = world.kyiv if waiting(world.kyiv) else world.tokyo
    medium = MemoryMedium()
    pack(sender.registry, world.other(sender).party, medium, f"bag.{write.__name__}".replace("_", "-"))
    unpacked = unpack(world.other(sender).registry, medium)
    assert (unpacked.problems, unpacked.taken) == ([], len(waiting(sender)))
    world.deliver()


def test_after_all_of_that_the_books_of_both_hold(world: World) -> None:
    for player in world.players:
        findings = audit(player).findings
        assert findings == []

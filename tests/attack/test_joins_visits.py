"""Where visits, stages, registries and crises meet: nothing is told, named or entered that could not be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from tests.attack.test_accord import set_stage
from tests.message.visit_samples import SAMPLES
from tests.world.forging import forge, refusal_in
from tests.world.forging import tell as bring
from tests.world.test_contracts import assured
from tests.world.test_journey import codes, cross
from tests.world.test_registries import notify
from tests.world.visiting import LEVEL, admit, approved, ask, body, entry, states, to_day
from tests.world.world import AGREEMENT, World

from cordiale.errors import Malformed, OutOfOrder, Refused
from cordiale.limits import REGISTRIES_COUNT_MAX
from cordiale.message.bodies.registry_notice import RegistryNotice
from cordiale.message.bodies.visit_request import VisitRequest
from cordiale.model.label import LevelRef
from cordiale.model.visit import VisitKind


@pytest.fixture
def world() -> World:
    return World.in_force(seed=6610)


@pytest.fixture
def visit(world: World) -> str:
    """Return a visit on whose first day its one visitor was let in."""
    named = approved(world)
    to_day(world, "2026-09-14")
    admit(world, named)
    return named


def disclose(world: World, visit: str, *numbers: int) -> str:
    return str(world.tokyo.act("originator", "visit.disclose", {
        "level": LEVEL, "listeners": [f"{visit}.{number:03d}" for number in numbers or (1,)], "manner": "oral",
        "subject": "Exercise briefing", "visit": visit,
    }).value["disclosure"])


def refused(world: World, visit: str, *numbers: int) -> set[str]:
    """Return the codes with which a disclosure is refused, when nothing of it was entered or sent."""
    with pytest.raises(Refused) as error:
        disclose(world, visit, *numbers)
    world.deliver()
    for player in world.players:
        assert player.registry.find("disclosure", "visit", visit) == []
    return codes(error)


def test_nothing_is_told_to_visitors_while_the_agreement_is_suspended(world: World, visit: str) -> None:
    set_stage(world.tokyo, "suspended")
    world.deliver()
    assert refused(world, visit) == {"provision.suspended"}


def test_nothing_of_a_level_is_told_whose_exchange_is_suspended(world: World, visit: str) -> None:
    set_stage(world.tokyo, "suspended", levels=[LEVEL])
    world.deliver()
    assert refused(world, visit) == {"provision.level-suspended"}


def test_nothing_is_told_to_a_visitor_who_was_suspended_after_being_let_in(world: World, visit: str) -> None:
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    world.deliver()
    assert states(world.tokyo, visit) == ["suspended"]
    assert refused(world, visit) == {"admit.suspended"}


def test_leaving_the_place_does_not_lift_a_suspension(world: World, visit: str) -> None:
    world.kyiv.act("security", "people.leave", {"person": "reader"})
    world.deliver()
    world.tokyo.act("registrar", "visit.leave", {"visit": visit, "visitor": f"{visit}.001"})
    assert refused(world, visit) == {"admit.suspended"}


def test_nothing_is_told_on_a_visit_that_was_cancelled(world: World, visit: str) -> None:
    world.kyiv.act("authority", "visit.end", {"ending": "cancelled", "visit": visit})
    world.deliver()
    assert refused(world, visit) == {"visit.not-approved"}


def test_one_suspended_listener_is_enough_to_refuse_all(world: World) -> None:
    named = approved(world, visitors=[entry(), entry("colleague")])
    to_day(world, "2026-09-14")
    for number in (1, 2):
        admit(world, named, number=number)
    world.kyiv.act("security", "people.leave", {"person": "colleague"})
    world.deliver()
    assert refused(world, named, 1, 2) == {"admit.suspended"}
    assert disclose(world, named, 1)


def test_what_was_told_is_written_up_on_the_same_day_after_the_visitor_left_in_order(world: World, visit: str) -> None:
    world.tokyo.act("registrar", "visit.leave", {"visit": visit, "visitor": f"{visit}.001"})
    written = disclose(world, visit)
    world.deliver()
    assert body(world.kyiv, "disclosure", written)["listeners"] == [f"{visit}.001"]


def test_nothing_is_written_up_on_another_day_than_that_of_the_admission(world: World, visit: str) -> None:
    world.tokyo.act("registrar", "visit.leave", {"visit": visit, "visitor": f"{visit}.001"})
    to_day(world, "2026-09-15")
    assert refused(world, visit) == {"disclose.not-admitted"}


def notice_of(number: int, **changes: Any) -> RegistryNotice:
    return replace(RegistryNotice(
        registry=f"registry-{number}", title="Registry", levels=(LevelRef("EX-UKR", "EXERCISE BARVINOK"),),
        article="Art. 6(2)", opened_on=date(2024, 11, 16), closed_on=None,
    ), **changes)


def give(world: World, number: int, notice: RegistryNotice) -> bytes | None:
    return bring(world.kyiv, world.tokyo, forge(
        world.kyiv, world.tokyo, notice, id=f"notice.{number}", seq=800_000 + number,
    ))


def noticed(world: World) -> list[dict[str, Any]]:
    return list(body(world.tokyo, "agreement", AGREEMENT)["registries"])


def test_a_partner_gives_notice_of_so_many_registries_and_no_more(world: World) -> None:
    for number in range(REGISTRIES_COUNT_MAX):
        give(world, number, notice_of(number))
    over = refusal_in(give(world, 900, notice_of(900)))
    assert over.code == "registry-notice.too-many"
    assert [one["id"] for one in noticed(world)] == [f"registry-{number}" for number in range(REGISTRIES_COUNT_MAX)]


def test_at_the_limit_a_known_registry_still_closes_and_the_other_party_still_gives_notice(world: World) -> None:
    for number in range(REGISTRIES_COUNT_MAX):
        give(world, number, notice_of(number))
    give(world, 901, notice_of(7, closed_on=date(2026, 9, 1)))
    (closed,) = [one for one in noticed(world) if one["id"] == "registry-7"]
    assert closed["closed_on"] == "2026-09-01"
    notify(world.tokyo, registry="registry-osaka", levels=[LEVEL])
    assert (len(noticed(world)), noticed(world)[-1]["party"]) == (REGISTRIES_COUNT_MAX + 1, "JPN")


def test_we_give_no_more_notices_than_the_partner_would_take(world: World) -> None:
    for number in range(REGISTRIES_COUNT_MAX):
        notify(world.kyiv, registry=f"registry-{number}")
    with pytest.raises(OutOfOrder) as over:
        notify(world.kyiv, registry="registry-over")
    assert over.value.code == "registry-notice.too-many"


@pytest.mark.parametrize("name", ["jpn.visit.act.1", "pol.visit.act.1", "ukr", "ukrvisit", "visit.ukr.1"])
@pytest.mark.parametrize("kind", ["facility-query", "visit-request"])
def test_a_partner_takes_no_identifier_of_another_party(world: World, kind: str, name: str) -> None:
    sample: Any = SAMPLES[kind]
    if isinstance(sample, VisitRequest):
        plan = replace(sample.plan, kind=VisitKind.ONCE, renews="")
        forged: Any = replace(sample, visit=name, plan=plan, visitors=(replace(sample.visitors[0], id=f"{name}.1"),))
    else:
        forged = replace(sample, query=name)
    assert refusal_in(bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, forged))).code == "name.identifier"
    assert world.tokyo.registry.record("visit", name) is None
    assert world.tokyo.registry.record("facility", name) is None


def test_whether_another_partys_identifier_is_taken_is_not_told(world: World) -> None:
    """Tokyo asks as well: what it has named and what nobody has named is refused in the same words."""
    known = str(world.tokyo.act("authority", "facility.ask", {
        "agreement": AGREEMENT, "facility": "Exercise Works", "level": "EX-UKR:EXERCISE BARVINOK", "party": "UKR",
        "purpose": "bid 7",
    }).value["query"])
    sample: Any = SAMPLES["facility-query"]
    told = [
        refusal_in(bring(world.kyiv, world.tokyo, forge(
            world.kyiv, world.tokyo, replace(sample, query=query), id=f"f{number}", seq=900 + number,
        ))) for number, query in enumerate((known, "jpn.facility.none"))
    ]
    assert {one.code for one in told} == {"name.identifier"}
    assert body(world.tokyo, "facility", known)["direction"] == "out"


def test_no_disclosure_is_entered_under_an_identifier_of_ours(world: World, visit: str) -> None:
    sample: Any = SAMPLES["disclosure"]
    forged = replace(sample, disclosure="ukr.disclosure.act.1", visit=visit, listeners=(f"{visit}.001",), item=None,
                     level=LevelRef("EX-JPN", "EXERCISE SAKURA"), at=datetime.fromisoformat("2026-09-14T09:00:00Z"))
    answer = bring(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, forged))
    assert refusal_in(answer).code == "name.identifier"
    assert world.kyiv.registry.find("disclosure", "visit", visit) == []


def test_no_visit_of_a_series_is_announced_under_an_identifier_of_ours(world: World) -> None:
    series = approved(world, kind="recurring", first_day="2026-10-05", last_day="2026-11-30")
    sample: Any = SAMPLES["visit-notice"]
    forged = replace(sample, notice="jpn.notice.act.1", visit=series, site="Exercise Plant",
                     first_day=date(2026, 11, 9), last_day=date(2026, 11, 10), visitors=(f"{series}.001",))
    assert refusal_in(bring(world.kyiv, world.tokyo, forge(world.kyiv, world.tokyo, forged))).code == "name.identifier"
    assert world.tokyo.registry.find("visit-notice", "visit", series) == []


def test_no_contract_is_entered_under_an_identifier_of_ours(world: World) -> None:
    query = assured(world)
    level = LevelRef("EX-UKR", "EXERCISE BARVINOK")
    sample: Any = SAMPLES["contract-notice"]
    forged = replace(sample, contract="ukr.contract.act.1", query=query, parent="", level=level,
                     parts=tuple(replace(one, level=level) for one in sample.parts))
    answer = bring(world.tokyo, world.kyiv, forge(world.tokyo, world.kyiv, forged))
    assert refusal_in(answer).code == "name.identifier"


def test_what_our_own_side_names_passes_at_the_partner(world: World) -> None:
    visit, query = ask(world), assured(world)
    assert (visit.split(".")[0], query.split(".")[0]) == ("ukr", "jpn")
    assert body(world.tokyo, "visit", visit)["direction"] == "in"
    assert body(world.kyiv, "facility", query)["direction"] == "in"


def test_a_destruction_that_nobody_did_is_not_entered(world: World) -> None:
    """It could never be confirmed: a certificate names who did it."""
    _, (item,) = cross(world)
    with pytest.raises(Malformed) as nobody:
        world.kyiv.act("registrar", "crisis.enter", {
            "circumstances": "c", "done_by": [], "happened_at": "2026-09-01T00:00:00Z", "method": "burnt",
            "numbers": [body(world.kyiv, "item", item)["reference"]], "ordered_by": "o",
        })
    assert nobody.value.code == "certificate.persons"
    assert world.kyiv.registry.find("crisis", "state", "entered") == []

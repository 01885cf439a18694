"""A partner, or one of our own people, who uses incidents and freezes to learn or to stop what is not theirs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.world.test_incidents import report, share_of, tell, view
from tests.world.test_journey import PURPOSE, cross, grant, label
from tests.world.world import AGREEMENT, Player, World

from cordiale.errors import OutOfOrder, Refused
from cordiale.message.bodies.body import Body
from cordiale.message.bodies.freeze import Freeze, FreezeAnswer, FreezeDemand, FreezeOutcome
from cordiale.message.bodies.incident_final import IncidentFinal
from cordiale.message.bodies.incident_reply import IncidentReply, ReplyKind
from cordiale.message.bodies.incident_report import AffectedItem, Certainty, IncidentReport
from cordiale.message.members import NamedPost
from cordiale.model.incident import IncidentKind
from cordiale.model.names import CopyId, ItemId
from cordiale.records.correspondence import Letter, post
from cordiale.records.ledger import Act
from cordiale.records.partners import require_partner
from cordiale.records.releases import version_of

BY = NamedPost("Exercise Authority", "Director")


@pytest.fixture
def world() -> World:
    return World.in_force()


def send(player: Player, party: str, body: Body, *, in_reply_to: str = "") -> None:
    """Post `body` as if the node of `player` had been made to, past every rule of its own."""
    registry = player.registry

    def run(session: Any) -> dict[str, Any]:
        partner = require_partner(session.reads, party, mode=registry.mode, now=session.at).statement
        post(registry, session, Letter(
            partner=partner, body=body, agreement=AGREEMENT, version=version_of(session, AGREEMENT),
            in_reply_to=in_reply_to,
        ))
        return {}

    registry.ledger.commit(Act(registry.fresh_id("forged"), "forged", "node", AGREEMENT, run))


def told(player: Player) -> list[tuple[str, str]]:
    """Return what was refused of the messages of `player`, as its partner put it."""
    return sorted({(one["code"], one["text"]) for one in _every(player, "partner-refusal")})


def _every(player: Player, kind: str) -> Any:
    return player.registry.books().every(kind)


def about(*items: str, copies: tuple[str, ...] = (), incident: str = "ukr.incident.forged") -> IncidentReport:
    return IncidentReport(
        incident, 1, IncidentKind.LOSS, Certainty.CERTAIN, World.in_force().clock.at.date(), ("it is lost",), BY,
        tuple(AffectedItem(ItemId(one), tuple(map(CopyId, copies))) for one in sorted(items)),
    )


def test_a_report_about_what_was_never_provided_is_refused_like_one_about_nothing(world: World) -> None:
    kept = label(world.tokyo)
    _, (given,) = cross(world)
    answers = []
    for item, copies in ((kept, ()), ("jpn.act.nothing", ()), (given, (f"{kept}.c0",)), (given, ("jpn.no.copy",))):
        before = len(_every(world.kyiv, "partner-refusal"))
        send(world.kyiv, "JPN", about(item, copies=copies, incident=f"ukr.incident.{before}"))
        world.deliver()
        assert len(_every(world.kyiv, "partner-refusal")) == before + 1
        answers.append(told(world.kyiv))
    assert answers[0] == answers[1] == answers[2] == answers[3] and len(answers[0]) == 1
    assert not world.tokyo.registry.find("incident", "state", "open")


@pytest.mark.parametrize("body", [
    IncidentFinal("ukr.incident.none", 1, World.in_force().clock.at.date(), ("a",), ("b",), ("c",), ("d",), BY),
    IncidentReply("ukr.incident.none", ReplyKind.ACKNOWLEDGED, BY),
    IncidentReply("ukr.incident.none", ReplyKind.FINAL_ACKNOWLEDGED, BY),
    FreezeAnswer(ItemId("jpn.act.none"), FreezeOutcome.FROZEN),
])
def test_an_answer_before_its_report_or_order_changes_nothing(world: World, body: Body) -> None:
    send(world.kyiv, "JPN", body, in_reply_to="jpn.m.0000" if isinstance(body, FreezeAnswer) else "")
    world.deliver()
    assert len(told(world.kyiv)) == 1
    assert not _every(world.tokyo, "incident-note") and not _every(world.tokyo, "freeze-order")


def test_nobody_closes_the_partners_case_by_acknowledging_a_report_that_was_not_sent(world: World) -> None:
    _, (item,) = cross(world)
    incident = report(world.tokyo, item, by="originator")
    tell(world.tokyo, incident, party="UKR")
    world.deliver()
    name = share_of(world.tokyo, incident).id
    send(world.kyiv, "JPN", IncidentReply(name, ReplyKind.FINAL_ACKNOWLEDGED, BY))
    world.deliver()
    assert share_of(world.tokyo, incident)["state"] == "told"
    assert world.tokyo.registry.record("incident", incident)["state"] == "open"  # type: ignore[index]


def test_only_the_originator_freezes_and_only_its_own_item(world: World) -> None:
    _, (item,) = cross(world)
    send(world.kyiv, "JPN", Freeze(ItemId(item), FreezeDemand.FREEZE, "stop everything"))
    send(world.kyiv, "JPN", Freeze(ItemId(label(world.tokyo)), FreezeDemand.FREEZE, "stop everything"))
    send(world.kyiv, "JPN", Freeze(ItemId("jpn.act.nothing"), FreezeDemand.FREEZE, "stop everything"))
    world.deliver()
    assert not world.tokyo.registry.find("freeze", "state", "in-force")
    assert not _every(world.tokyo, "freeze-order")
    # Of what is our own, was given to it or not, and of what there is not at all, it is told the same.
    assert [code for code, _ in told(world.kyiv)] == ["freeze.not-theirs"]


def test_an_older_version_never_takes_the_place_of_a_later_one(world: World) -> None:
    _, (item,) = cross(world)
    incident = report(world.kyiv, item)
    tell(world.kyiv, incident, facts=["first"])
    tell(world.kyiv, incident, facts=["second"])
    world.deliver()
    send(world.kyiv, "JPN", about(item, incident=share_of(world.kyiv, incident).id))
    world.deliver()
    (case,) = world.tokyo.registry.find("incident", "state", "open")
    assert share_of(world.tokyo, case.id)["report"]["facts"] == ["second"]


def test_those_without_office_freeze_nothing_and_tell_nobody(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    incident = report(world.kyiv, item, by="junior")
    for person in ("reader", "junior", "registrar", "originator"):
        for kind, params in (
            ("freeze", {"item": item, "reason": "mine"}),
            ("incident.tell", {"agreement": AGREEMENT, "incident": incident, "party": "JPN"}),
            ("incident.add", {"incident": incident, "note": "mine"}),
            ("incident.reopen", {"incident": incident, "reason": "mine"}),
            ("freeze.answer", {"order": "jpn.m.none"}),
        ):
            with pytest.raises(Refused):
                world.kyiv.act(person, kind, params)
    assert world.kyiv.read("reader", item, PURPOSE)


def test_a_case_towards_one_partner_says_nothing_of_others(world: World) -> None:
    _, (item,) = cross(world)
    kept = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", release_to=["UKR"])
    incident = report(world.kyiv, item, kept)
    tell(world.kyiv, incident)
    world.deliver()
    (case,) = world.tokyo.registry.find("incident", "state", "open")
    assert case["items"] == [item]
    assert kept not in str(share_of(world.tokyo, case.id).body) and incident not in str(case.body)
    with pytest.raises(OutOfOrder):
        world.kyiv.act("authority", "freeze.order", {
            "demand": "freeze", "item": item, "party": "JPN", "reason": "it is not ours to order",
        })
    assert view(world.kyiv, "security", "view.incidents")["orders"] == []

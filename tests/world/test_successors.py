"""An originator that is not there any more: who holds its rights is asked in its place, by the word of two persons."""

from __future__ import annotations

from typing import Any

import pytest
from tests.views.test_pages import view
from tests.world.comparing import audit, bodies, faults_between
from tests.world.forging import forge, opened, tell
from tests.world.test_journey import codes
from tests.world.treaties import PURPOSE, level, registry_of
from tests.world.triangle import Triangle
from tests.world.world import Player

from cordiale.errors import OutOfOrder, Refused
from cordiale.message.bodies.emergency_report import STATEMENTS
from cordiale.message.bodies.in_succession import InSuccession
from cordiale.message.bodies.incident_report import AffectedItem, Certainty, IncidentReport
from cordiale.message.bodies.reading_notice import CopyRead, ReadingNotice
from cordiale.message.members import NamedPost
from cordiale.model.incident import IncidentKind
from cordiale.model.names import ItemId, PartyId
from cordiale.records.endings import certify_all
from cordiale.records.items import ITEM
from cordiale.records.labels import label_of
from cordiale.records.level_copies import work_levels
from cordiale.records.releases import binding_of, version_of
from cordiale.work import flood

CH_PL, EU = "ch-pl-2022", "eu-member-states-2011"
GONE = {"agreement": EU, "article": "Treaty of 2026, Art. 3", "former": "CHE", "on": "2026-09-01", "successor": "LUX"}


@pytest.fixture
def world() -> Triangle:
    return Triangle.in_force(seed=1401)


def given_by_che(world: Triangle, by: str = "CHE", agreement: str = CH_PL, **more: Any) -> str:
    """Let Switzerland, or another, give Poland an item; return it."""
    che, pol = world.by_party(by), world.by_party("POL")
    item = str(che.act("originator", "label", {
        "form": "paper", "level": level(che.party, 1), "release_to": sorted({"LUX", "POL"} - {by}),
        "title": "Exercise paper", **more,
    }).value["item"])
    books = che.registry.books()
    approval = {"agreement": agreement, "item": item, "purpose": PURPOSE, "recipient": "POL"}
    approval["binding"] = binding_of(
        books.require(ITEM, item), recipient=pol.party, purpose=PURPOSE, agreement=agreement,
        version=version_of(books, agreement), mode=che.registry.mode,
    )
    che.act("originator", "release.propose", approval)
    che.act("authority", "release.approve", approval)
    sent = che.act("registrar", "dispatch", {
        "agreement": agreement, "items": [item], "link": "wire", "purpose": PURPOSE, "recipient": "POL",
        "registry": registry_of("POL"),
    }).value["consignment"]
    world.deliver()
    pol.act("registrar", "register", {"consignment": sent, "counted": 1})
    world.deliver()
    return item


def replaced(player: Player, **said: str) -> str:
    params = {name: value for name, value in (GONE | said).items() if value}
    entry = str(player.act("authority", "succession.enter", params).value["succession"])
    player.act("security", "succession.confirm", {"succession": entry})
    return entry


def both_know(world: Triangle) -> str:
    """Enter at Poland that Luxembourg follows Switzerland, and at Luxembourg that it does."""
    replaced(world.by_party("LUX"), successor="LUX", agreement="")
    return replaced(world.by_party("POL"))


def ask(world: Triangle, item: str, act: str = "pass-on", **more: Any) -> str:
    params = {"act": act, "item": item, "purpose": PURPOSE, **({"recipient": "LUX"} if act == "pass-on" else {}), **more}
    request = world.by_party("POL").act("registrar", "consent.ask", params).value["request"]
    world.deliver()
    return str(request)


def answer(world: Triangle, request: str, by: str = "LUX") -> str:
    given = world.by_party(by).act("authority", "consent.answer", {"outcome": "granted", "request": request})
    world.deliver()
    return str(given.value["consent"])


def pass_on(player: Player, item: str) -> None:
    player.act("registrar", "pass-on", {"item": item, "purpose": PURPOSE, "recipient": "LUX"})


def test_who_holds_the_rights_is_asked_and_its_word_counts_until_it_or_the_map_ends(world: Triangle) -> None:
    item, pol = given_by_che(world), world.by_party("POL")
    entry = both_know(world)
    request = ask(world, item, number=3)
    assert bodies(pol, "consent-request")[request]["party"] == "LUX"
    (asked,) = bodies(world.by_party("LUX"), "consent-request").values()
    assert asked["originator"] == "CHE" and bodies(world.by_party("CHE"), "consent-request") == {}
    with pytest.raises(Refused, match="CHE has not consented"):
        pass_on(pol, item)
    answer(world, request)
    pass_on(pol, item)
    assert view(pol, "registrar", "view.item-page", item=item)["rights_with"] == "LUX"
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": entry})
    with pytest.raises(Refused) as ended:
        pass_on(pol, item)
    assert "consent.missing" in codes(ended)
    for player in world.players:
        assert audit(player).findings == []


def test_what_the_originator_itself_allowed_before_goes_on_after_it_was_replaced(world: Triangle) -> None:
    item = given_by_che(world)
    answer(world, ask(world, item), by="CHE")
    both_know(world)
    pass_on(world.by_party("POL"), item)


def test_nobody_is_asked_by_the_word_of_one_person_nor_answers_for_whom_they_do_not_follow(world: Triangle) -> None:
    item, pol = given_by_che(world), world.by_party("POL")
    entry = str(pol.act("authority", "succession.enter", GONE).value["succession"])
    with pytest.raises(Refused) as alone:
        pol.act("authority", "succession.confirm", {"succession": entry})
    assert "succession.same-person" in codes(alone)
    request = ask(world, item)
    assert bodies(pol, "consent-request")[request]["party"] == "CHE"
    pol.act("security", "succession.confirm", {"succession": entry})
    # Luxembourg has not entered that it follows anybody, and learns nothing; nor does Poland of what lies there.
    request = ask(world, item)
    refused = bodies(pol, "consent-request")[request]
    assert (refused["state"], refused["refusal"]) == ("not-taken", "consent.item-not-there")
    assert bodies(world.by_party("LUX"), "consent-request") == {}


def test_of_a_replaced_originator_a_level_changes_by_the_successor_s_consent_to_exactly_that(world: Triangle) -> None:
    item, pol = given_by_che(world), world.by_party("POL")
    lower = level("CHE", 0)
    wanted = {"article": "Art. 5", "item": item, "to": lower}
    with pytest.raises(OutOfOrder, match="CHE"):
        pol.act("originator", "level.propose", wanted)
    both_know(world)
    with pytest.raises(Refused) as unasked:
        pol.act("originator", "level.propose", wanted)
    assert "consent.missing" in codes(unasked)
    answer(world, ask(world, item, "change-level", purpose=lower))
    with pytest.raises(Refused):
        pol.act("originator", "level.propose", {**wanted, "to": level("CHE", 2)})
    proposal = pol.act("originator", "level.propose", wanted).value["proposal"]
    with pytest.raises(Refused):
        pol.act("originator", "level.confirm", {"item": item, "proposal": proposal})
    pol.act("authority", "level.confirm", {"item": item, "proposal": proposal})
    work_levels(pol.registry)
    found = pol.registry.record("item", item)
    assert found is not None and str(label_of(found).level) == lower and found["marking"]["level"]
    pol.act("registrar", "level.mark", {"item": item})
    assert not [one for one in bodies(pol, "duty").values() if one["what"] == "mark-level" and one["state"] == "open"]
    assert not list(pol.registry.reads().outbox_open()) and audit(pol).findings == []
    # It was said once, for one change.
    with pytest.raises(Refused):
        pol.act("originator", "level.propose", {**wanted, "to": level("CHE", 1)})


def test_whoever_follows_an_originator_itself_consents_to_what_it_does_by_another_of_its_people(world: Triangle) -> None:
    item, pol = given_by_che(world), world.by_party("POL")
    replaced(pol, successor="POL", agreement="")
    with pytest.raises(Refused):
        pass_on(pol, item)
    request = ask(world, item)
    consent = answer(world, request, by="POL")
    assert bodies(pol, "consent")[consent]["given_by"] == bodies(pol, "consent")[consent]["given_to"] == "POL"
    pass_on(pol, item)
    pol.act("authority", "consent.withdraw", {"consent": consent})
    assert [one["what"] for one in bodies(pol, "duty").values() if one["state"] == "open"] .count("consent-consequence") == 1
    assert not list(pol.registry.reads().outbox_open())


@pytest.mark.parametrize(("said", "code"), [
    ({"former": "POL"}, "succession.ourselves"), ({"successor": "CHE"}, "succession.circle"),
])
def test_an_entry_that_leads_nowhere_is_refused(world: Triangle, said: dict[str, str], code: str) -> None:
    with pytest.raises((Refused, OutOfOrder)) as refused:
        world.by_party("POL").act("authority", "succession.enter", GONE | said)
    assert code in codes(refused)  # type: ignore[arg-type]


def destroyed(world: Triangle, item: str) -> str:
    pol = world.by_party("POL")
    proposal = pol.act("registrar", "destroy.propose", {"item": item, "method": "shredded"}).value["proposal"]
    pol.act("security", "destroy.witness", {"proposal": proposal})
    world.deliver()
    (ended,) = [id for id, one in bodies(pol, "copy").items() if one["item"] == item]
    return str(ended)


def duties(player: Player, what: str) -> list[dict[str, Any]]:
    return [one for one in bodies(player, "duty").values() if one["what"] == what and one["state"] == "open"]


def test_certificates_and_incidents_go_to_who_follows_and_nothing_waits_for_who_is_gone(world: Triangle) -> None:
    item, lost = given_by_che(world), given_by_che(world)
    pol, lux = world.by_party("POL"), world.by_party("LUX")
    both_know(world)
    copy = destroyed(world, item)
    (told,) = bodies(lux, "told-in-succession").values()
    assert (told["originator"], told["told"]["certificate"]["copy"]) == ("CHE", copy)
    assert duties(lux, "in-succession") and bodies(lux, "certificate") == {}
    assert list(faults_between(world.by_party("CHE"), pol, CH_PL)) == [], "the books say to whom the certificate went"
    assert [one["said"] for one in view(lux, "authority", "view.successions")["told"]]
    case = report_loss(pol, lost)
    (share,) = bodies(pol, "incident-share").values()
    assert (share["party"], share["agreement"], share["originator"]) == ("LUX", EU, "CHE")
    pol.act("authority", "incident.tell", {"agreement": EU, "incident": case, "party": "LUX"})
    world.deliver()
    assert duties(lux, "acknowledge-incident") and duties(pol, "tell-incident") == []
    assert not [row for row in pol.registry.reads().outbox_open() if row.partner.endswith(".che")]
    for player in world.players:
        assert audit(player).findings == []


def report_loss(player: Player, *items: str) -> str:
    return str(player.act("reader", "incident.report", {
        "items": list(items), "kind": "loss", "what": "it is not in the safe",
    }).value["incident"])


def test_where_nobody_follows_and_nobody_can_be_told_people_are_to_tell_it(world: Triangle) -> None:
    item, pol = given_by_che(world), world.by_party("POL")
    world.clock.advance(days=366)
    for player in (pol,):
        player.registry.ledger.confirm_clock()
    copy = destroyed(world, item)
    assert bodies(pol, "copy")[copy]["state"] == "destroyed"
    (letter,), (waiting,) = duties(pol, "tell-originator"), duties(pol, "certificate")
    assert letter["subject"] == waiting["subject"] == copy
    pol.act("registrar", "duty.settle", {"duty": f"tell-originator.{copy}", "proof": "letter 7"})
    certify_all(pol.registry)
    assert duties(pol, "certificate") == [] and bodies(pol, "duty")[f"certificate.{copy}"]["proof"] == "letter 7"


def test_nobody_is_told_of_an_originator_by_who_does_not_follow_it(world: Triangle) -> None:
    item, pol, lux = given_by_che(world), world.by_party("POL"), world.by_party("LUX")
    replaced(pol)
    destroyed(world, item)
    assert bodies(lux, "told-in-succession") == {} and duties(pol, "refused-by-partner")


def test_who_reports_in_the_place_of_an_originator_draws_in_nothing_else_that_we_have(world: Triangle) -> None:
    pol, lux = world.by_party("POL"), world.by_party("LUX")
    both_know(world)
    own = str(lux.act("originator", "label", {
        "form": "paper", "level": level("LUX", 1), "release_to": [], "title": "Exercise paper",
    }).value["item"])
    at = world.clock.at
    report = IncidentReport(
        "pol.case", 1, IncidentKind.LOSS, Certainty.CERTAIN, at.date(), ("it is not in the safe",),
        NamedPost("A. Person", "Head"), tuple(AffectedItem(ItemId(one)) for one in sorted(("che.unknown", own))),
        originator=PartyId("CHE"),
    )
    answer = opened(tell(pol, lux, forge(pol, lux, report, agreement=EU)))
    assert answer.type == "acknowledgement", "it learns nothing of what we have"
    (case,) = bodies(lux, "incident").values()
    assert case["items"] == [] and bodies(lux, "affected") == {}
    (share,) = bodies(lux, "incident-share").values()
    assert share["items"] == sorted(("che.unknown", own)), "what it said is kept as it was said"


def test_what_is_told_in_succession_is_bounded_by_the_day(
    world: Triangle, monkeypatch: pytest.MonkeyPatch
) -> None:
    pol, lux = world.by_party("POL"), world.by_party("LUX")
    both_know(world)
    monkeypatch.setattr(flood, "PARTNER_DAY_ASKS_COUNT_MAX", 1)
    told = ReadingNotice(ItemId("che.unknown"), (CopyRead(world.clock.at.replace(microsecond=0), 1),))
    for number in range(2):
        tell(pol, lux, forge(
            pol, lux, InSuccession(PartyId("CHE"), (told,)), agreement=EU, id=f"s{number}", seq=900_000 + number
        ))
    assert len(duties(lux, "in-succession")) == 1


def told_lux(world: Triangle) -> set[str]:
    """Return what Luxembourg was told in the place of Switzerland."""
    return {kind for one in bodies(world.by_party("LUX"), "told-in-succession").values() for kind in one["told"]}


def test_emergencies_go_to_who_follows_alone_and_answers_to_who_gave_the_order_too(world: Triangle) -> None:
    item, che, pol = given_by_che(world), world.by_party("CHE"), world.by_party("POL")
    che.act("authority", "freeze.order", {"demand": "freeze", "item": item, "party": "POL", "reason": "it was seen"})
    proposal = che.act("originator", "level.propose", {"article": "Art. 5", "item": item, "to": level("CHE", 0)})
    che.act("authority", "level.confirm", {"item": item, "proposal": proposal.value["proposal"]})
    world.deliver()
    entry = both_know(world)
    (order,) = bodies(pol, "freeze-order")
    pol.act("security", "freeze.answer", {"decline": True, "order": order})
    work_levels(pol.registry)
    said = {"circumstances": "a threat to a convoy", "count": 1, "item": item}
    disclosure = pol.act("head", "emergency.disclose", said).value["disclosure"]
    pol.act("head", "emergency.report", {"disclosure": disclosure, **dict.fromkeys(STATEMENTS, "said")})
    world.deliver()
    assert told_lux(world) == {"emergency_notice", "emergency_report", "freeze_answer", "level_change_done"}
    assert bodies(che, "emergency") == {} and len(bodies(che, "level-answer")) == 1
    assert {one["state"] for one in bodies(che, "freeze-order").values()} == {"declined"}
    assert duties(pol, "tell-originator") == [] and audit(pol).findings == []
    # Whoever gave the order has its answer: of that nothing is owed when the entry is taken back.
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": entry})
    assert {one["type"] for one in bodies(pol, "told-instead").values()} == {"emergency-notice", "emergency-report"}


def test_an_entry_that_is_taken_back_makes_due_what_went_to_the_wrong_party(world: Triangle) -> None:
    item, lost = given_by_che(world), given_by_che(world)
    pol = world.by_party("POL")
    entry = both_know(world)
    copy = destroyed(world, item)
    case = report_loss(pol, lost)
    pol.act("authority", "incident.tell", {"agreement": EU, "incident": case, "party": "LUX"})
    world.deliver()
    assert duties(pol, "tell-originator") == duties(pol, "tell-incident") == []
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": entry})
    (told,) = bodies(pol, "told-instead").values()
    assert (told["about"], told["party"], told["state"], told["type"]) == (copy, "LUX", "owed", "certificate")
    (letter,), (again,) = duties(pol, "tell-originator"), duties(pol, "tell-incident")
    assert letter["subject"] == copy and again["subject"] == case
    pol.act("authority", "incident.tell", {"agreement": CH_PL, "incident": case, "party": "CHE"})
    assert duties(pol, "tell-incident") == []
    # What is told from now on goes to the originator itself, and nothing is owed twice.
    again = replaced(pol)
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": again})
    assert len(duties(pol, "tell-originator")) == 1 and audit(pol).findings == []


def test_what_was_told_to_nobody_for_we_were_to_follow_is_owed_when_that_is_taken_back(world: Triangle) -> None:
    item, lost = given_by_che(world), given_by_che(world)
    pol = world.by_party("POL")
    entry = replaced(pol, successor="POL", agreement="")
    destroyed(world, item)
    case = report_loss(pol, lost)
    assert not list(pol.registry.reads().outbox_open()) and duties(pol, "tell-incident") == []
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": entry})
    assert len(duties(pol, "tell-originator")) == 1
    assert [one["subject"] for one in duties(pol, "tell-incident")] == [case]


def test_the_successor_is_told_of_its_own_item_apart_from_those_of_the_originator_it_followed(world: Triangle) -> None:
    theirs, own = given_by_che(world), given_by_che(world, "LUX", EU)
    pol, lux = world.by_party("POL"), world.by_party("LUX")
    entry = both_know(world)
    case = report_loss(pol, theirs, own)

    def shares() -> dict[tuple[str, str], tuple[str, list[str]]]:
        return {(one["party"], one.get("originator", "")): (one["state"], one["items"])
                for one in bodies(pol, "incident-share").values()}

    assert shares() == {("LUX", ""): ("to-tell", [own]), ("LUX", "CHE"): ("to-tell", [theirs])}
    pol.act("authority", "succession.end", {"reason": "entered in error", "succession": entry})
    assert shares() == {("LUX", ""): ("to-tell", [own]), ("LUX", "CHE"): ("settled", [theirs]), ("CHE", ""): ("to-tell", [theirs])}
    assert len(duties(pol, "tell-incident")) == 2
    # Where it follows again, one act tells it of both, each under the name of its own.
    replaced(pol)
    pol.act("security", "incident.add", {"incident": case, "note": "it follows after all"})
    pol.act("authority", "incident.tell", {"agreement": EU, "incident": case, "party": "LUX"})
    world.deliver()
    told = [one["report"] for one in bodies(lux, "incident-share").values()]
    assert {one.get("originator", ""): [about["item"] for about in one["items"]] for one in told} == {"": [own], "CHE": [theirs]}
    assert {shares()["LUX", one][0] for one in ("", "CHE")} == {"told"} and audit(pol).findings == []

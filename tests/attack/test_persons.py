"""Attacks by people of a node: offices, keys, act ids, and what somebody sees who may not."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from tests.world.comparing import bodies
from tests.world.forging import waiting
from tests.world.test_bad_luck import dispatched
from tests.world.test_journey import CONTENT, PURPOSE, cross, grant, label
from tests.world.world import AGREEMENT, PEOPLE, Player, World

from cordiale.canonical import encode_base64url
from cordiale.crypto.signatures import SigningPair
from cordiale.doors.control.views import VIEWS
from cordiale.errors import CordialeError, OutOfOrder, Refused, Undecidable
from cordiale.records.ledger import INTERNAL, Act
from cordiale.records.registry import identify

HEADER = "id,name,post,unit,represents,nationalities,offices,clearances,briefings,functions,deputy_of"


@pytest.fixture
def world() -> World:
    return World.in_force(seed=306)


def view(player: Player, person: str, kind: str, params: dict[str, Any]) -> dict[str, Any]:
    request = identify(player.registry, player.request(person, kind, params))
    return dict(VIEWS[kind](player.registry, request))


def import_people(player: Player, *rows: str) -> None:
    """Two persons enter a list, as it should be."""
    player.change_people("people.import", csv_of(*rows))


def csv_of(*rows: str) -> dict[str, Any]:
    return {"csv": encode_base64url("\n".join([HEADER, *rows, ""]).encode())}


# -- clearances and people ----------------------------------------------------------------------------------


def test_an_old_list_of_people_does_not_bring_a_withdrawn_clearance_back(world: World) -> None:
    """The ministry's file of last month is imported again: it says nothing of what was withdrawn since."""
    _, (item,) = cross(world)
    grant(world, item, "reader")
    assert world.kyiv.read("reader", item, PURPOSE) == CONTENT
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)
    (row,) = [line for line in PEOPLE["UKR"].splitlines() if line.startswith("reader,")]
    import_people(world.kyiv, f"{row},,,")
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)


def test_two_lists_one_after_the_other_do_not_bring_a_withdrawn_clearance_back(world: World) -> None:
    """A list without the clearance forgets that it was withdrawn, and the next list grants it as if for the first time."""
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("security", "people.withdraw-clearance", {
        "level": "EX-UKR:EXERCISE BARVINOK", "person": "reader",
    })
    (row,) = [line for line in PEOPLE["UKR"].splitlines() if line.startswith("reader,")]
    lower = "EX-UKR:EXERCISE KALYNA|2026-01-01|2029-12-31|exercise authority"
    import_people(world.kyiv, ",".join([*row.split(",")[:7], lower]) + ",,,")
    import_people(world.kyiv, f"{row},,,")
    with pytest.raises(Refused):
        world.kyiv.read("reader", item, PURPOSE)


def test_an_authority_who_is_registered_as_absent_closes_no_agreement(world: World) -> None:
    world.tokyo.act("head", "absence.register", {"office": "competent-authority", "person": "authority"})
    with pytest.raises(Refused):
        world.tokyo.act("authority", "agreement.stage", {
            "agreement": AGREEMENT, "article": "Art. 15", "on": "2026-09-01", "stage": "suspended",
        })


def test_one_officer_alone_does_not_make_a_person_and_act_as_them(world: World) -> None:
    """One security officer enters a second self with every office, enrols a key of his own, and releases alone."""
    other = SigningPair.generate()
    clearance = "EX-JPN:EXERCISE FUJI|2026-01-01|2029-12-31|exercise authority"
    with pytest.raises(CordialeError):
        world.tokyo.act("security", "people.import", csv_of(
            "second,Second Self,desk officer,desk,JPN,JPN,originator releasing-authority registrar head,"
            f"{clearance},,,",
        ))
        world.tokyo.act("security", "people.enrol-key", {"key": other.public.encode(), "person": "second"})
        world.tokyo.people["second"] = other
        world.tokyo.act("second", "label", {
            "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
        })


def test_a_key_belongs_to_one_person_only(world: World) -> None:
    """Enrolling somebody's key for a second person makes both nobody: an officer silences whom he likes."""
    key = world.kyiv.people["reader"].public.encode()
    with pytest.raises(CordialeError):
        world.kyiv.act("security", "people.enrol-key", {"key": key, "person": "colleague"})


def test_a_deputy_registers_while_the_registrar_is_absent(world: World) -> None:
    """A registry of two persons: what the rules of offices allow, the steps must ask."""
    clearance = "EX-UKR:EXERCISE SONIASHNYK|2026-01-01|2029-12-31|exercise authority"
    import_people(
        world.kyiv, f"deputy,Exercise Deputy,deputy,registry,UKR,UKR,deputy-registrar,{clearance},,,registrar",
    )
    deputy = SigningPair.generate()
    world.kyiv.change_people("people.enrol-key", {"key": deputy.public.encode(), "person": "deputy"})
    world.kyiv.people["deputy"] = deputy
    _, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("head", "absence.register", {"office": "registrar", "person": "registrar"})
    world.kyiv.act("deputy", "register", {"consignment": consignment, "counted": 1})


def test_a_registrar_who_is_registered_as_absent_registers_nothing(world: World) -> None:
    _, consignment = dispatched(world)
    world.deliver()
    world.kyiv.act("head", "absence.register", {"office": "registrar", "person": "registrar"})
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "register", {"consignment": consignment, "counted": 1})


# -- ids that a person chooses ------------------------------------------------------------------------------


def test_a_person_cannot_take_the_act_id_of_something_the_node_will_do(world: World) -> None:
    """Whoever knows the id of a message, or of a duty, would keep the node from ever doing it."""
    _, consignment = dispatched(world)
    (row,) = waiting(world.tokyo)
    taken = f"in.{row.id}"
    with contextlib.suppress(CordialeError):
        world.kyiv.act("head", "absence.register", {"office": "registrar", "person": "reader"}, act_id=taken)
    world.deliver()
    assert bodies(world.tokyo, "consignment")[consignment]["state"] == "delivered"


def test_an_act_id_fetches_no_answer_to_another_request(world: World) -> None:
    one = world.tokyo.act("originator", "label", {
        "form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "release_to": ["UKR"], "title": "Exercise paper",
    }, act_id="act.one").value["item"]
    with pytest.raises(OutOfOrder):
        world.tokyo.act("originator", "label", {
            "form": "paper", "level": "EX-JPN:EXERCISE FUJI", "release_to": [], "title": "Another paper",
        }, act_id="act.one")
    assert list(bodies(world.tokyo, "item")) == [one]


def test_a_deposit_fetches_no_answer_of_somebody_elses_act(world: World) -> None:
    _, (item,) = cross(world)
    with pytest.raises(Refused):
        identified = identify(world.kyiv.registry, world.kyiv.request(
            "colleague", "read", {"item": item, "purpose": PURPOSE}, "act.secret",
        ))
        from cordiale.journey.read import open_content

        open_content(world.kyiv.registry, identified)
    signed = world.kyiv.sign_deposit("junior", {
        "form": "file", "level": "EX-UKR:EXERCISE KALYNA", "title": "Exercise paper",
    }, b"x", act_id="act.secret")
    with pytest.raises(CordialeError) as refused:
        signed.send(world.kyiv.registry)
    assert not isinstance(refused.value, (Refused, Undecidable)), "the reasons of another person's refusal were told"


def test_two_records_of_one_name_are_not_one_record(world: World) -> None:
    """`item.person` is the same text for another item and another person: one need would withdraw the other."""
    clearance = "EX-UKR:EXERCISE SONIASHNYK|2026-01-01|2029-12-31|exercise authority"
    import_people(
        world.kyiv, f"b.c,One Reader,desk officer,desk,UKR,UKR,reader,{clearance},,,",
        f"c,Another Reader,desk officer,desk,UKR,UKR,reader,{clearance},,,",
    )
    items = [
        str(world.kyiv.act("originator", "label", {
            "form": "paper", "level": "EX-UKR:EXERCISE KALYNA", "title": "Exercise paper",
        }, act_id=act_id).value["item"])
        for act_id in ("act.a", "act.a.b")
    ]
    world.kyiv.act("head", "need.grant", {"item": items[0], "person": "b.c", "purpose": PURPOSE})
    world.kyiv.act("head", "need.grant", {"item": items[1], "person": "c", "purpose": PURPOSE})
    needs = {(body["item"], body["person"]) for body in bodies(world.kyiv, "need").values()}
    assert needs == {(items[0], "b.c"), (items[1], "c")}


# -- what somebody sees who may not -------------------------------------------------------------------------


def test_after_handing_it_back_an_item_is_no_longer_shown(world: World) -> None:
    _, (item,) = cross(world)
    grant(world, item, "reader")
    world.kyiv.act("registrar", "circulate", {"item": item, "person": "reader"})
    world.kyiv.act("reader", "circulate.confirm", {"item": item})
    world.kyiv.act("reader", "circulate.back", {"item": item})
    world.kyiv.act("head", "need.withdraw", {"item": item, "person": "reader"})
    assert view(world.kyiv, "reader", "view.items", {})["items"] == []


def test_an_item_held_for_named_readers_shows_its_title_to_nobody_else(world: World) -> None:
    item = str(world.kyiv.act("originator", "label", {
        "form": "paper", "level": "EX-UKR:EXERCISE KALYNA", "readers": ["colleague"], "title": "Programme of a visit",
    }).value["item"])
    world.kyiv.act("head", "need.grant", {"item": item, "person": "reader", "purpose": PURPOSE})
    shown = view(world.kyiv, "reader", "view.items", {})["items"]
    assert not any(one["item"] == item for one in shown)


def test_a_title_that_a_person_may_not_see_is_in_no_refusal(world: World) -> None:
    item = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", title="Programme of a visit", release_to=[])
    with pytest.raises(CordialeError) as refused:
        world.kyiv.read("colleague", item, PURPOSE)
    assert "Programme" not in str(refused.value) and "Programme" not in repr(refused.value.__dict__)


def test_somebody_without_any_office_is_told_alike_of_what_is_there_and_what_is_not(world: World) -> None:
    """Views hide what one may not see; acts answer `missing` for the one and a refusal with the level for the other."""
    item = label(world.kyiv, level="EX-UKR:EXERCISE BARVINOK", release_to=[])
    told = []
    for named in (item, "ukr.act.ukr.999"):
        for kind, params in (
            ("read", {"purpose": PURPOSE}), ("level.propose", {"event": "x"}), ("need.grant", {
                "person": "reader", "purpose": PURPOSE}),
        ):
            try:
                if kind == "read":
                    world.kyiv.read("colleague", named, PURPOSE)
                else:
                    world.kyiv.act("colleague", kind, {"item": named, **params})
            except CordialeError as error:
                told.append((kind, error.code, str(error), bool(error.trail)))
    assert told[:3] == told[3:]
    assert all(trail for *_, trail in told), "a refusal by the rules stands in the trail"


def test_consents_about_items_one_may_not_see_are_not_listed(world: World) -> None:
    _, (item,) = cross(world)
    world.kyiv.act("registrar", "consent.ask", {
        "act": "pass-on", "item": item, "purpose": "a secret purpose", "recipient": "POL",
    })
    shown = view(world.kyiv, "originator", "view.consents", {})
    assert "a secret purpose" not in repr(shown)


# -- acts that are not decided alone ------------------------------------------------------------------------


def test_a_proposer_who_has_left_since_counts_for_nothing_in_a_destruction(world: World) -> None:
    _, (item,) = cross(world)
    proposal = world.kyiv.act("registrar", "destroy.propose", {"item": item, "method": "key erased"}).value["proposal"]

    def leave(session: Any) -> dict[str, Any]:
        record = session.require("person", "registrar")
        session.change(record, left_at="2026-09-01T09:00:00Z")
        return {}

    world.kyiv.registry.ledger.commit(Act("act.leave", "leave", "node", INTERNAL, leave))
    world.clock.advance(minutes=1)
    with pytest.raises(Refused):
        world.kyiv.act("security", "destroy.witness", {"proposal": proposal})


def test_one_consent_to_one_passing_on_is_used_once(world: World) -> None:
    """`number` is how often the act may be done in all."""
    _, (item,) = cross(world, forms=("file",))
    body = bodies(world.kyiv, "item")[item]

    def consent(session: Any) -> dict[str, Any]:
        record = session.require("item", item)
        body["label"]["release_to"] = sorted({*body["label"]["release_to"], "POL"})
        session.change(record, label=body["label"])
        session.put("consent", "consent.1", {
            "act": "pass-on", "agreement": "exercise-jpn-ukr", "copies": [], "given_at": "2026-09-01T09:00:00Z", "given_by": "JPN", "given_to": "UKR",
            "item": item, "nationalities": [], "number": 1, "outcome": "granted", "purpose": PURPOSE,
            "recipient": "POL", "request": "r",
        }, expect=0)
        return {}

    world.kyiv.registry.ledger.commit(Act("act.consent", "consent", "node", INTERNAL, consent))
    params = {"item": item, "purpose": PURPOSE, "recipient": "POL"}
    world.kyiv.act("registrar", "pass-on", params)
    with pytest.raises(Refused):
        world.kyiv.act("registrar", "pass-on", params)

"""Cards at the desk: the key that a connection has proved signs in, and goes on only with that card."""

from __future__ import annotations

import pytest
from tests.desk.pages_of import Browser, desk_app
from tests.desk.test_provider import to_be_signed
from tests.world.at_desk import confirm_credential, give_code
from tests.world.comparing import bodies
from tests.world.test_audit_proofs import proofs
from tests.world.test_journey import label
from tests.world.world import Player, World

CARD, OTHER = "ab" * 48, "cd" * 48


@pytest.fixture
def tokyo() -> Player:
    return World.in_force(seed=407).tokyo


def enrolled_card(player: Player) -> Browser:
    browser, code = Browser(desk_app(player), card=CARD), give_code(player, "originator")
    assert "/enrol/card" in browser.post("/enrol", {"code": code}).text
    assert browser.post("/enrol/card", {"code": code}).status == 200
    (waiting,) = bodies(player, "credential")
    credential = player.registry.record("credential", waiting)
    assert credential is not None
    assert browser.post("/sign-in/card", {}).status == 400
    confirm_credential(player, "head", credential)
    return browser


def test_a_card_signs_in_and_signs_no_act_by_itself(tokyo: Player) -> None:
    browser = enrolled_card(tokyo)
    assert browser.post("/sign-in/card", {}).location == "/"
    assert browser.get("/").status == 200
    address = to_be_signed(browser, label(tokyo))
    page = browser.get(address)
    assert "You need a passkey" in page.text
    assert browser.post(address, {"csrf": page.hidden["csrf"]}).status == 400
    assert bodies(tokyo, "approval") == {}
    report = proofs(tokyo)
    assert report.findings == [] and report.proved["sign-in by certificate"] == 1


def test_a_session_goes_on_with_its_card_alone(tokyo: Player) -> None:
    browser = enrolled_card(tokyo)
    browser.post("/sign-in/card", {})
    for card in ("", OTHER):
        stolen = Browser(browser.app, card=card, cookies=dict(browser.cookies))
        assert stolen.get("/").location == "/sign-in"
    assert browser.get("/").status == 200


def test_a_card_that_nobody_confirmed_and_none_at_all_sign_nobody_in(tokyo: Player) -> None:
    browser = enrolled_card(tokyo)
    assert Browser(browser.app, card=OTHER).post("/sign-in/card", {}).status == 400
    assert Browser(browser.app).post("/sign-in/card", {}).status == 400
    assert bodies(tokyo, "sign-in") == {}

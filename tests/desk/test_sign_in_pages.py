"""The pages on which people enrol, sign in and sign: what comes from elsewhere, twice or too late opens nothing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from tests.crypto.authenticator import Authenticator
from tests.desk.pages_of import Browser, Shown, desk_app
from tests.world.at_desk import confirm_credential, enrolled, give_code
from tests.world.comparing import bodies
from tests.world.test_journey import PURPOSE, label
from tests.world.world import AGREEMENT, Player, World

from cordiale.canonical import encode_base64url, parse_base64url
from cordiale.limits import SIGN_IN_FAILURES_COUNT_MAX, SIGN_IN_SECONDS_MAX, SIGN_IN_WAIT_SECONDS_MAX


@pytest.fixture
def world() -> World:
    return World.in_force(seed=403)


def asked(page: Shown) -> tuple[dict[str, Any], bytes]:
    """Return what the page asks a passkey, and the challenge in it."""
    question = json.loads(page.attribute("data-passkey"))
    return question, parse_base64url(question["challenge"])


def answer(device: Authenticator, challenge: bytes) -> dict[str, str]:
    sent = device.sign(challenge)
    return {
        "passkey": encode_base64url(sent.credential_id), "client_data": encode_base64url(sent.client_data),
        "authenticator_data": encode_base64url(sent.authenticator_data), "signature": encode_base64url(sent.signature),
    }


def new_passkey(device: Authenticator, challenge: bytes) -> dict[str, str]:
    sent = device.enrol(challenge)
    return {
        "passkey": encode_base64url(sent.credential_id), "client_data": encode_base64url(sent.client_data),
        "attestation": encode_base64url(sent.attestation),
    }


def sign_in(browser: Browser, device: Authenticator) -> Shown:
    page = browser.get("/sign-in")
    _, challenge = asked(page)
    return browser.post("/sign-in/passkey", {"ticket": page.hidden["ticket"], **answer(device, challenge)})


def signed_in(player: Player, person: str, confirmer: str) -> tuple[Browser, Authenticator]:
    device, browser = enrolled(player, person, confirmer), Browser(desk_app(player))
    assert sign_in(browser, device).location == "/"
    return browser, device


def test_a_founder_enrols_is_confirmed_and_signs_in(world: World) -> None:
    tokyo = world.tokyo
    device, browser, code = Authenticator(), Browser(desk_app(tokyo)), give_code(tokyo, "registrar")
    page = browser.post("/enrol", {"code": code})
    question, challenge = asked(page)
    assert question["user"]["name"] == "registrar"
    done = browser.post("/enrol/passkey", {
        "ticket": page.hidden["ticket"], "code": page.hidden["code"], **new_passkey(device, challenge),
    })
    (waiting,) = bodies(tokyo, "credential")
    assert waiting in done.text and sign_in(browser, device).status == 400
    credential = tokyo.registry.record("credential", waiting)
    assert credential is not None
    confirm_credential(tokyo, "head", credential)
    came = sign_in(browser, device)
    assert came.location == "/" and browser.get("/").status == 200
    (cookie,) = came.headers["set-cookie"]
    assert cookie.startswith("__Host-") and {"Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))


def test_a_page_of_signing_in_is_answered_once_and_not_too_late(world: World) -> None:
    tokyo = world.tokyo
    device, browser = enrolled(tokyo, "registrar", "head"), Browser(desk_app(tokyo))
    page = browser.get("/sign-in")
    form = {"ticket": page.hidden["ticket"], **answer(device, asked(page)[1])}
    assert browser.post("/sign-in/passkey", form).location == "/"
    assert Browser(browser.app).post("/sign-in/passkey", form).status == 400
    page = Browser(browser.app).get("/sign-in")
    form = {"ticket": page.hidden["ticket"], **answer(device, asked(page)[1])}
    world.clock.advance(seconds=SIGN_IN_SECONDS_MAX + 2)
    assert Browser(browser.app).post("/sign-in/passkey", form).status == 400
    assert Browser(browser.app).post("/sign-in/passkey", {**form, "ticket": encode_base64url(bytes(32))}).status == 400


def test_a_ticket_of_enrolment_signs_nobody_in(world: World) -> None:
    tokyo = world.tokyo
    device, browser = enrolled(tokyo, "registrar", "head"), Browser(desk_app(tokyo))
    page = browser.post("/enrol", {"code": give_code(tokyo, "originator")})
    form = {"ticket": page.hidden["ticket"], **answer(device, asked(page)[1])}
    assert browser.post("/sign-in/passkey", form).status == 400


def test_nobody_signs_in_from_a_page_of_another_site(world: World) -> None:
    tokyo = world.tokyo
    device, browser = enrolled(tokyo, "registrar", "head"), Browser(desk_app(tokyo))
    page = browser.get("/sign-in")
    form = {"ticket": page.hidden["ticket"], **answer(device, asked(page)[1])}
    assert browser.post("/sign-in/passkey", form, origin="https://desk.example.evil").status == 400
    assert browser.cookies == {}


def test_who_fails_too_often_waits_and_others_do_not(world: World) -> None:
    tokyo = world.tokyo
    wrong, right = enrolled(tokyo, "registrar", "head"), enrolled(tokyo, "originator", "head")
    key, wrong.key = wrong.key, Authenticator().key
    browser = Browser(desk_app(tokyo))
    for _ in range(SIGN_IN_FAILURES_COUNT_MAX):
        assert sign_in(browser, wrong).status == 400
    wrong.key = key
    assert sign_in(browser, wrong).status == 503
    assert sign_in(Browser(browser.app), right).location == "/"
    world.clock.advance(seconds=SIGN_IN_WAIT_SECONDS_MAX + 1)
    assert sign_in(browser, wrong).location == "/"


def test_a_withdrawn_passkey_ends_the_session_in_the_browser(world: World) -> None:
    tokyo = world.tokyo
    browser, _ = signed_in(tokyo, "registrar", "head")
    assert browser.get("/").status == 200
    (credential,) = bodies(tokyo, "credential")
    tokyo.act("security", "desk.withdraw", {"credential": credential})
    assert browser.get("/").location == "/sign-in"
    assert browser.get("/sign-in").status == 200


def test_signing_out_ends_the_session_and_is_in_the_books(world: World) -> None:
    tokyo = world.tokyo
    browser, _ = signed_in(tokyo, "registrar", "head")
    csrf = browser.get("/").hidden["csrf"]
    stolen = Browser(browser.app, cookies=dict(browser.cookies))
    assert browser.post("/sign-out", {"csrf": csrf}).location == "/sign-in"
    assert browser.cookies == {} and stolen.get("/").location == "/sign-in"
    (record,) = bodies(tokyo, "sign-in").values()
    assert record["ended_at"]


def test_a_passkey_signs_on_the_page_exactly_what_it_shows(world: World) -> None:
    tokyo = world.tokyo
    browser, device = signed_in(tokyo, "originator", "head")
    pages = []
    for _ in range(2):
        item = label(tokyo)
        form = browser.get(f"/do/release-propose?item={item}")
        asked_for = browser.post("/do/release-propose", {
            **form.hidden, "agreement": AGREEMENT, "item": item, "purpose": PURPOSE, "recipient": "UKR",
        })
        pages.append(asked_for.location)
    first = browser.get(pages[0])
    question, _ = asked(first)
    assert [one["id"] for one in question["allowCredentials"]] == [encode_base64url(device.credential_id)]
    csrf = first.hidden["csrf"]
    assert browser.post(pages[0], {"csrf": csrf}).status == 400
    signature = answer(device, asked(browser.get(pages[0]))[1])
    assert browser.post(pages[1], {"csrf": csrf, **signature}).status == 400
    signature = answer(device, asked(browser.get(pages[0]))[1])
    assert browser.post(pages[0], {"csrf": csrf, **signature}).status == 303
    assert len(bodies(tokyo, "approval")) == 1


def test_a_wrong_code_and_one_that_was_used_are_told_the_same(world: World) -> None:
    browser = Browser(desk_app(world.tokyo))
    code = give_code(world.tokyo, "registrar")
    page = browser.post("/enrol", {"code": code})
    browser.post("/enrol/passkey", {
        "ticket": page.hidden["ticket"], "code": code, **new_passkey(Authenticator(), asked(page)[1]),
    })
    used, wrong = browser.post("/enrol", {"code": code}), browser.post("/enrol", {"code": "none"})
    assert (used.status, used.text) == (wrong.status, wrong.text) and used.status == 400


def test_a_code_enrols_only_what_answered_its_own_page(world: World) -> None:
    tokyo, browser = world.tokyo, Browser(desk_app(world.tokyo))
    mine, other = give_code(tokyo, "registrar"), give_code(tokyo, "originator")
    page = browser.post("/enrol", {"code": mine})
    form = {"ticket": page.hidden["ticket"], "code": other, **new_passkey(Authenticator(), asked(page)[1])}
    assert browser.post("/enrol/passkey", form).status == 400
    assert bodies(tokyo, "credential") == {}


def test_where_no_passkey_can_be_used_the_page_says_so(world: World) -> None:
    browser = Browser(desk_app(world.tokyo, "http://127.0.0.1:8442"), origin="http://127.0.0.1:8442")
    page = browser.get("/sign-in")
    assert page.status == 200 and "data-passkey" not in page.text
    assert "desk.no-passkeys" in browser.post("/enrol", {"code": give_code(world.tokyo, "head")}).text


def test_what_people_are_known_by_is_enrolled_confirmed_and_withdrawn_in_the_browser(world: World) -> None:
    """From the second passkey on nobody needs the command line."""
    tokyo = world.tokyo
    officer, key = signed_in(tokyo, "security", "head")
    head, head_key = signed_in(tokyo, "head", "security")

    def sign(browser: Browser, device: Authenticator, path: str, **form: str) -> Shown:
        named = "&".join(f"{name}={value}" for name, value in form.items())
        page = browser.post(f"/do/{path}", {**browser.get(f"/do/{path}?{named}").hidden, **form})
        assert page.location.startswith("/sign/"), page.text
        asking = browser.get(page.location)
        done = browser.post(page.location, {"csrf": asking.hidden["csrf"], **answer(device, asked(asking)[1])})
        assert done.location == "/credentials", done.text
        return browser.get(done.location)

    told = sign(officer, key, "desk-invite", person="originator")
    (code,) = re.findall(r"(?:[2-9a-z]{4}-){5}[2-9a-z]{4}", told.text)
    assert code not in officer.get("/credentials").text
    new, device = Browser(officer.app), Authenticator()
    page = new.post("/enrol", {"code": code})
    new.post("/enrol/passkey", {"ticket": page.hidden["ticket"], "code": code, **new_passkey(device, asked(page)[1])})
    (waiting,) = [id for id, one in bodies(tokyo, "credential").items() if one["state"] == "offered"]
    assert waiting in head.get("/credentials").text
    sign(head, head_key, "desk-confirm", credential=waiting)
    assert sign_in(new, device).location == "/"
    assert waiting in new.get("/credentials").text and "desk-invite" not in new.get("/credentials").text
    sign(officer, key, "desk-withdraw", credential=waiting)
    assert new.get("/credentials").location == "/sign-in"

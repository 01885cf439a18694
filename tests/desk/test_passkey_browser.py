"""Enrolling, signing in and signing with a passkey in a real browser, with its own virtual authenticator."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.desk.pages_of import desk_app
from tests.world.at_desk import confirm_credential, give_code
from tests.world.comparing import bodies
from tests.world.test_audit_proofs import proofs
from tests.world.world import Player, World

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.slow, pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]


@contextlib.contextmanager
def served(player: Player) -> Iterator[str]:
    """Yield the origin at which the desk of `player` is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    origin = f"http://localhost:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(desk_app(player, origin), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield origin
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def browser_page() -> Iterator[Any]:
    """Yield a page of a browser with an authenticator that verifies its user."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=options)
        page = browser.new_context().new_page()
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }})
        yield page
        browser.close()


def test_a_person_enrols_signs_in_signs_an_act_and_signs_out_with_a_passkey_in_a_browser() -> None:
    tokyo = World.in_force(seed=404).tokyo
    code, told = give_code(tokyo, "registrar"), []
    with served(tokyo) as origin, browser_page() as page:
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.goto(f"{origin}/enrol")
        page.fill("#code", code)
        page.click("main button")
        page.click("main button")
        page.wait_for_url("**/enrol/passkey")
        (waiting,) = bodies(tokyo, "credential")
        assert waiting in page.content()
        credential = tokyo.registry.record("credential", waiting)
        assert credential is not None
        confirm_credential(tokyo, "head", credential)
        page.goto(f"{origin}/sign-in")
        page.click("main button")
        page.wait_for_url(f"{origin}/")
        assert "Registrar" in page.inner_text(".me")
        page.goto(f"{origin}/do/desk-enrol")
        page.click("main button.main")
        page.wait_for_url("**/sign/*")
        page.click("main button.main")
        page.wait_for_url("**/credentials")
        assert "shown only now" in page.inner_text("main")
        page.click(".top form button")
        page.wait_for_url("**/sign-in")
    assert told == []
    report = proofs(tokyo)
    assert report.findings == [] and report.proved["signed by passkey"] == 1
    (record,) = bodies(tokyo, "sign-in").values()
    assert (record["person"], record["means"]) == ("registrar", "passkey") and record["ended_at"]

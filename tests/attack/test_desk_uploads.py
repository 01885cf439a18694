"""Uploads that never end: nobody keeps a thread of the desk by sending a little and waiting."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from tests.desk.browser import ORIGIN, Browser, open_door
from tests.world.world import World

from cordiale.doors import steady

_PATIENCE_SECONDS = 120
_BEGUN = b'--xyz\r\nContent-Disposition: form-data; name="title"\r\n\r\nExercise'


@pytest.fixture(scope="module")
def world() -> World:
    return World.in_force()


def _begin(app: Any, headers: dict[str, str]) -> int:
    """Send the beginning of an upload and no more, and return the status of what comes back all the same."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/label/x", "raw_path": b"/label/x", "query_string": b"", "root_path": "", "server": ("localhost", 8450),
        "client": ("127.0.0.1", 1), "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    statuses: list[int] = []
    begun = [{"type": "http.request", "body": _BEGUN, "more_body": True}]

    async def receive() -> Any:
        if not begun:
            await anyio.sleep_forever()
        return begun.pop()

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def play() -> None:
        # Far more than it takes: a door that waits for the rest never answers.
        with anyio.fail_after(_PATIENCE_SECONDS):
            await app(scope, receive, send)

    anyio.run(play)
    return statuses[0]


_HEADERS = {"content-type": "multipart/form-data; boundary=xyz", "origin": ORIGIN}


def test_nothing_is_waited_for_from_whoever_is_not_signed_in(world: World) -> None:
    assert _begin(open_door(world.tokyo), _HEADERS) == 400


def test_nothing_is_waited_for_from_whoever_may_not_label(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("registrar")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert _begin(browser.app, {**_HEADERS, "cookie": cookie}) == 403


def test_an_upload_that_stops_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "TRANSPORT_MOVES_SECONDS_MAX", 0.05)
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert _begin(browser.app, {**_HEADERS, "cookie": cookie}) == 503
    assert world.tokyo.registry.reads().every("item") == ()

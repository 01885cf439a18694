"""The desk for machine clients: a person's signature and nothing else, no more than the private socket, and no browser."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from tests.api.client import Client
from tests.desk.browser import ORIGIN, Browser, open_door
from tests.world.world import World
from tools.api_page import API_PAGE, api_page

from cordiale.config import parse_config, write_config
from cordiale.crypto.signatures import SigningPair
from cordiale.doors.api.app import DEPOSIT_TYPE, SIGNED_TYPE
from cordiale.doors.control.acts import ACTS, CONTENT_ACTS, CONTENT_VIEWS
from cordiale.doors.control.operators import OPERATIONS, Serving
from cordiale.doors.control.views import VIEWS
from cordiale.doors.serve import _desk_server
from cordiale.limits import API_BODY_SIZE_BYTES_MAX, API_DEPOSITS_COUNT_MAX, REQUEST_SKEW_SECONDS_MAX
from cordiale.node import Node
from cordiale.operate.reading_room import ReadingRoom
from cordiale.rules.signing import is_strong

HERE = Path(__file__).parent
PAPER = {"form": "paper", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise paper"}
FILE = {
    "file_name": "note.txt", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "media_type": "text/plain",
    "title": "Exercise note",
}


@pytest.fixture
def world() -> World:
    return World.in_force()


def told(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem, once it is of the form, with this status and code."""
    assert response.headers["content-type"] == "application/problem+json"
    value: dict[str, Any] = response.json()
    assert (response.status_code, value["status"], value["code"]) == (status, status, code), value
    assert {"article", "detail", "family", "hint", "title", "trail", "type"} <= value.keys()
    assert response.headers["cache-control"] == "no-store"
    return value


def test_an_act_is_done_and_a_view_shows_it(world: World) -> None:
    client = Client.of(world.tokyo)
    done = client.act(world.tokyo.request("originator", "label", PAPER))
    assert (done.status_code, done.headers["content-type"]) == (200, "application/json")
    item = done.json()["answer"]["item"]
    assert done.json()["trail"].startswith("internal ")
    seen = client.view(world.tokyo.request("originator", "view.item", {"item": item}))
    assert (seen.status_code, item in seen.text, set(seen.json())) == (200, True, {"answer"})


def test_a_content_is_deposited_and_read_back(world: World) -> None:
    client = Client.of(world.tokyo)
    done = client.deposit(world.tokyo.sign_deposit("originator", FILE, b"the convoy rests at noon"))
    assert done.status_code == 200, done.text
    item = done.json()["answer"]["item"]
    world.tokyo.act("head", "need.grant", {"item": item, "person": "originator", "purpose": "exercise"})
    assert world.tokyo.read("originator", item, "exercise") == b"the convoy rests at noon"


def test_a_deposit_that_does_not_end_leaves_nothing(world: World) -> None:
    sent = world.tokyo.sign_deposit("originator", FILE, b"the convoy rests at noon")
    before = len(world.tokyo.objects.contents)
    told(Client.of(world.tokyo).deposit(sent, ends=False), 400, "body.short")
    assert len(world.tokyo.objects.contents) == before


def test_a_refusal_names_every_reason_and_its_place_in_the_trail(world: World) -> None:
    item = world.tokyo.act("originator", "label", PAPER).value["item"]
    refused = Client.of(world.tokyo).act(world.tokyo.request("security", "need.grant", {
        "item": item, "person": "originator", "purpose": "exercise",
    }))
    value = told(refused, 403, "refused.office.grant-need-to-know")
    assert value["family"] == "refused" and value["trail"].startswith("internal ")
    assert value["reasons"] and all(reason["code"] and reason["text"] for reason in value["reasons"])


def test_a_stranger_and_a_forged_act_are_turned_away(world: World) -> None:
    client = Client.of(world.tokyo)
    signed = world.tokyo.request("originator", "label", PAPER)
    told(client.act(signed.replace(b'"payload":"ey', b'"payload":"eY')), 400, "signature.wrong")
    world.tokyo.people["originator"] = SigningPair.generate()
    told(client.act(world.tokyo.request("originator", "label", PAPER)), 400, "person.unknown-key")
    told(client.act(world.kyiv.request("originator", "label", PAPER)), 400, "person.unknown-key")


def test_a_stale_act_is_not_done(world: World) -> None:
    signed = world.tokyo.request("originator", "label", PAPER)
    world.clock.advance(seconds=REQUEST_SKEW_SECONDS_MAX + 60)
    told(Client.of(world.tokyo).act(signed), 400, "act.stale")


def test_a_replayed_act_is_done_once(world: World) -> None:
    client = Client.of(world.tokyo)
    signed = world.tokyo.request("originator", "label", PAPER)
    first = client.act(signed)
    size = world.tokyo.registry.reads().log_size("internal")
    assert client.act(signed).content == first.content
    assert world.tokyo.registry.reads().log_size("internal") == size


@pytest.mark.parametrize("header", ["Cookie", "Origin"])
def test_what_a_browser_sends_is_turned_away_everywhere(world: World, header: str) -> None:
    client = Client.of(world.tokyo)
    signed = world.tokyo.request("originator", "label", PAPER)
    size = world.tokyo.registry.reads().log_size("internal")
    for method, path in (("POST", "acts"), ("POST", "views"), ("PUT", "deposits"), ("GET", "openapi.json"),
                         ("OPTIONS", "acts"), ("GET", "nothing")):
        for value in ("https://elsewhere.example", ""):
            told(client.ask(method, f"/api/v1/{path}", signed, headers={header: value}), 403, "api.browser")
    assert world.tokyo.registry.reads().log_size("internal") == size


def test_another_media_type_is_not_read(world: World) -> None:
    client = Client.of(world.tokyo)
    signed = world.tokyo.request("originator", "label", PAPER)
    for type in ("", "application/json", "text/plain", "application/jose+json; charset=utf-8",
                 "application/x-www-form-urlencoded", DEPOSIT_TYPE):
        told(client.ask("POST", "/api/v1/acts", signed, type=type), 415, "api.media-type")
    told(client.ask("PUT", "/api/v1/deposits", signed), 415, "api.media-type")


def test_what_is_too_large_is_not_taken_in(world: World) -> None:
    client = Client.of(world.tokyo)
    told(client.act(b"x" * (API_BODY_SIZE_BYTES_MAX + 1)), 413, "request.too-large")
    told(client.act(b"x" * API_BODY_SIZE_BYTES_MAX), 400, "json.form")
    frame = (API_BODY_SIZE_BYTES_MAX + 1).to_bytes(4, "big")
    told(client.ask("PUT", "/api/v1/deposits", frame, type=DEPOSIT_TYPE), 400, "deposit.head")


def test_a_kind_is_done_only_where_it_belongs(world: World) -> None:
    """No content leaves by this door, and what needs no person is not here."""
    client = Client.of(world.tokyo)
    for kind in ("make-tea", "view.items", *CONTENT_VIEWS, *OPERATIONS):
        told(client.act(world.tokyo.request("head", kind, {})), 400, "act.unknown")
    for kind in ("make-tea", "label", *CONTENT_VIEWS, *OPERATIONS):
        told(client.view(world.tokyo.request("head", kind, {})), 400, "act.unknown")


def test_every_other_method_and_address_is_a_problem(world: World) -> None:
    client = Client.of(world.tokyo)
    for path in ("", "acts/", "act", "operator/stop", "status", "read", "acts/label"):
        told(client.ask("POST", f"/api/v1/{path}"), 404, "api.no-place")
    for method, path, allowed in (("GET", "acts", "POST"), ("DELETE", "views", "POST"), ("POST", "deposits", "PUT")):
        answer = client.ask(method, f"/api/v1/{path}")
        told(answer, 405, "api.method")
        assert answer.headers["allow"] == allowed


def test_the_pages_of_the_desk_stay_as_they_are(world: World) -> None:
    beside, alone = Browser(Client.of(world.tokyo).app), Browser(open_door(world.tokyo))
    for browser in (beside, alone):
        browser.sign_in("originator")
    assert beside.open("/").said == alone.open("/").said
    assert beside.open("/api").status == alone.open("/api/v1/acts").status == 404


def test_the_interface_is_off_unless_it_is_asked_for(world: World) -> None:
    """What is served is put together from the settings as they are read."""
    node = Node(replace(world.tokyo.config, home=HERE), world.tokyo.registry, io.BytesIO())
    serving = Serving(node, datetime.now(UTC), lambda: None, dict, ReadingRoom(world.tokyo.registry))
    for written, status in (("", 404), ("api = false", 404), ("api = true", 200)):
        text = f'{write_config(node.config)}\n[desk]\nlisten = "127.0.0.1:8450"\n{written}\n'
        settings = parse_config(text.encode(), HERE).desk
        assert settings is not None
        client = Client(_desk_server(serving, settings).app)
        assert client.ask("GET", "/api/v1/openapi.json", type="").status_code == status


def test_a_ninth_content_at_once_is_sent_again_later(world: World) -> None:
    """Those that wait for their sender keep neither it nor any act waiting."""
    app = Client.of(world.tokyo).app
    signed = world.tokyo.request("originator", "label", PAPER)

    async def send() -> tuple[httpx2.Response, httpx2.Response]:
        ended = anyio.Event()

        async def silent() -> AsyncIterator[bytes]:
            yield b"\0\0"
            await ended.wait()

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN) as client, anyio.create_task_group() as group:
            put = partial(client.put, "/api/v1/deposits", headers={"content-type": DEPOSIT_TYPE})
            for _ in range(API_DEPOSITS_COUNT_MAX):
                group.start_soon(lambda: put(content=silent()))
            await anyio.wait_all_tasks_blocked()
            ninth = await put(content=b"")
            act = await client.post("/api/v1/acts", content=signed, headers={"content-type": SIGNED_TYPE})
            ended.set()
        return ninth, act

    ninth, act = anyio.run(send)
    told(ninth, 503, "api.deposits-busy")
    assert act.status_code == 200


@pytest.fixture(scope="module")
def page() -> str:
    return api_page()


def test_the_description_is_up_to_date_and_served(world: World, page: str) -> None:
    assert API_PAGE.read_text(encoding="utf-8") == page, "run `make docs`"
    served = Client.of(world.tokyo).ask("GET", "/api/v1/openapi.json", type="")
    assert served.json()["openapi"] == "3.1.0" and served.text == page


def test_every_kind_is_described_and_no_other(page: str) -> None:
    described = json.loads(page)["components"]["schemas"]
    for name, table in (("Acts", ACTS), ("Deposits", CONTENT_ACTS), ("Views", VIEWS)):
        kinds = {one["$ref"].rpartition("/")[2] for one in described[name]["oneOf"]}
        assert kinds == {f"{name}.{kind}" for kind in table}
        assert all(described[kind]["description"] for kind in kinds)


def test_every_kind_names_the_scopes_that_reach_it(page: str) -> None:
    description = json.loads(page)
    schemas = description["components"]["schemas"]
    for name, path, table in (("Acts", "/acts", ACTS), ("Deposits", "/deposits", CONTENT_ACTS),
                              ("Views", "/views", VIEWS)):
        scopes = {kind: schemas[f"{name}.{kind}"]["x-cordiale-scopes"] for kind in table}
        assert all(bool(found) != is_strong(kind) for kind, found in scopes.items())
        (operation,) = description["paths"][path].values()
        assert set(operation["x-cordiale-scopes"]) == {one for found in scopes.values() for one in found}

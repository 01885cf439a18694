"""What travels and what is kept beside the items, at the desk: each list opens, and an act of each is done by forms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.desk.browser import Browser, Page, open_door
from tests.world.test_couriers import COURIERS
from tests.world.test_journey import dispatch, label, release
from tests.world.world import AGREEMENT, World

from cordiale.canonical import encode_instant

LEVEL = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture(scope="module")
def world() -> World:
    world = World.in_force(seed=811)
    world.tokyo.enter_people(COURIERS)
    return world


_DOORS: dict[str, Any] = {}


def sit(world: World, person: str, *, at: str = "tokyo") -> Browser:
    if at not in _DOORS:
        _DOORS[at] = open_door(getattr(world, at))
    browser = Browser(_DOORS[at])
    browser.sign_in(person)
    return browser


def do(browser: Browser, path: str, fields: dict[str, object] | None = None) -> Page:
    """Send the form at `path`, and sign for it where that is asked."""
    assert browser.open(path).status == 200, browser.page
    page = browser.submit(fields)
    return browser.submit() if page.path.startswith("/sign/") else page


def test_a_consignment_is_packed_witnessed_handed_over_and_met(world: World) -> None:
    item = label(world.tokyo, form="paper", sheets=3)
    release(world.tokyo, item)
    consignment = dispatch(world, [item], link="carry")
    world.deliver()
    registrar, head, there = sit(world, "registrar"), sit(world, "head"), sit(world, "registrar", at="kyiv")
    registrar.open(f"/consignments/{consignment}")
    registrar.open(next(one for one in registrar.page.links() if one.startswith("/carriages/")))
    assert "Nothing is packed" in registrar.page.said
    pack = next(one for one in registrar.page.links() if "carry-pack" in one)
    assert "another person signs" in do(registrar, pack, {"packages": "1", "seals": "O-1\nO-2"}).said
    seen = {"packages": "1", "seals": "O-1\nO-2"}
    refused = do(registrar, f"/do/carry-witness?consignment={consignment}", seen)
    assert (refused.status, "seal-packages" in refused.said) == (403, True), refused.said
    other = do(head, f"/do/carry-witness?consignment={consignment}", {**seen, "seals": "O-1"})
    assert "you saw" in other.said
    assert "Signed." in do(head, f"/do/carry-witness?consignment={consignment}", seen).said
    now = world.clock.now().replace(microsecond=0)
    registrar.open("/carriages")
    handed = do(registrar, next(one for one in registrar.page.links() if "hand-over" in one), {
        "courier": "courier", "departs_at": encode_instant(now + timedelta(hours=30)),
        "expected_at": encode_instant(now + timedelta(hours=50)), "overdue_hours": "8",
    })
    assert "Handed over" in handed.said and f"/print/slip/{consignment}" in handed.links()
    assert registrar.open(f"/print/slip/{consignment}").content.startswith(b"%PDF")
    world.deliver()
    met = next(one for one in there.open("/").links() if "carry-met" in one)
    differs = do(there, met, {"packages": "1", "seals": "O-1", "remarks": "one seal is missing"})
    assert "the sender is told" in differs.said and "What differs" in differs.said
    world.deliver()
    back = do(registrar, f"/do/carry-certificate?consignment={consignment}", {"declaration": "never left alone"})
    assert "is back" in back.said


def test_a_transport_plan_is_put_and_agreed(world: World) -> None:
    ours, theirs = sit(world, "authority"), sit(world, "authority", at="kyiv")
    today = world.clock.now().date().isoformat()
    put = do(ours, "/do/plan-propose", {
        "agreement": "exercise-jpn-ukr", "party": "UKR", "description": "two vehicles", "route": "Yokohama, Odesa",
        "escorts": "escort desk", "contingency": "back to the port", "first_day": today, "last_day": today,
        "consignments": "1",
    })
    assert "two vehicles" in put.said
    world.deliver()
    answer = next(one for one in theirs.open("/").links() if "plan-answer" in one)
    assert "agreed" in do(theirs, answer, {"outcome": "agreed"}).said


def test_a_registry_is_opened_and_partners_are_told_of_it(world: World) -> None:
    security, authority = sit(world, "security"), sit(world, "authority")
    wrong = do(security, "/do/registry-open", {
        "registry": "osaka", "role": "sub-registry", "title": "Registry Osaka", "unit": "osaka",
        "keepers": "registrar",
    })
    assert wrong.status in (403, 409) and "Registry Osaka" in wrong.text, "kept, and said why"
    opened = do(security, "/do/registry-open", {
        "registry": "central", "role": "chief", "title": "Central registry", "keepers": "registrar",
    })
    assert "Central registry" in opened.said and "registry-staff" in opened.text
    told = do(authority, "/do/registry-notice", {
        "agreement": "exercise-jpn-ukr", "registry": "registry-tokyo", "title": "Registry Tokyo", "levels": [LEVEL],
        "opened_on": world.clock.now().date().isoformat(), "article": "Art. 6(2)",
    })
    assert "are told" in told.said


def test_what_was_done_on_paper_takes_a_second_person(world: World) -> None:
    registrar, head = sit(world, "registrar"), sit(world, "head")
    done = encode_instant(world.clock.now().replace(microsecond=0) - timedelta(minutes=5))
    do(registrar, "/do/outage-enter", {"done_at": done, "what": "handed copy 1 over", "paper": "sheet 7"})
    confirm = next(one for one in head.open("/outage").links() if "outage-confirm" in one)
    assert "handed copy 1 over" in head.open(confirm).said
    assert "-PAPER-" in do(head, confirm).said
    assert "sheet 7" in registrar.open("/outage").said


def test_devices_duties_notices_and_erasures_are_entered(world: World) -> None:
    security, authority = sit(world, "security"), sit(world, "authority")
    do(security, "/do/device-register", {"device": "printer-3", "kind": "printer", "level": LEVEL})
    do(security, "/do/medium-register", {"medium": "backup-a", "kind": "disk"})
    page = security.open("/equipment")
    ended = do(security, next(one for one in page.links() if "medium-end" in one), {"method": "shredded"})
    assert "backup-a is destroyed" in ended.said
    day = (world.clock.now() + timedelta(days=3)).date().isoformat()
    both = do(security, "/do/duty-add", {"about": "crisis drill", "office": "security-officer"})
    assert (both.status, "enter one of the two" in both.said) == (400, True)
    do(security, "/do/duty-add", {"about": "crisis drill", "day": day, "office": "security-officer"})
    settle = next(one for one in security.open("/duties").links() if "duty-settle" in one)
    assert "Settled." in do(security, settle, {"proof": "drill held"}).said
    told = do(authority, "/do/accord-notice?agreement=exercise-jpn-ukr", {
        "kind": "law-changed", "text": "Act 7", "on": day, "article": "Art. 12(1)",
    })
    assert "Act 7" in told.said
    refused = do(security, "/do/erase-propose", {"kind": "person", "ids": "reader", "reason": "over"})
    assert refused.status in (403, 409) and "over" in refused.text
    assert "Nothing waits to be erased" in security.open("/erasures").said


def test_what_has_not_left_is_taken_back_from_its_page_and_by_a_second_person_where_no_node_answers(
    world: World,
) -> None:
    item = label(world.tokyo)
    release(world.tokyo, item)
    sent = f"/consignments/{dispatch(world, [item])}"
    registrar, security = sit(world, "registrar"), sit(world, "security")
    asked = do(registrar, next(one for one in registrar.open(sent).links() if "carry-withdraw" in one))
    assert (asked.status, asked.path) == (200, sent) and "The partner's node is asked." in asked.said
    assert not [one for one in registrar.open(sent).links() if "carry-withdraw" in one]
    alone = next(one for one in registrar.open(sent).links() if "carry-not-there" in one)
    refused = do(registrar, alone, {"reference": "letter 7"})
    assert refused.status == 403 and "the same person" in refused.said
    number = next(word for word in registrar.open(sent).said.split() if word.startswith("JPN-OUT-UKR-"))
    word = next(one for one in security.open("/carriages").links() if "carry-not-there" in one)
    assert do(security, word, {"consignment": "JPN-OUT-UKR-2026-9999", "reference": "letter 7"}).status == 409
    assert "It is taken back." in do(security, word, {"consignment": number, "reference": "letter 7"}).said
    world.deliver()


def test_a_bag_is_packed_into_a_folder_named_by_its_whole_path(world: World, tmp_path: Path) -> None:
    for number in range(2):
        world.tokyo.act("authority", "accord.notice", {
            "agreement": AGREEMENT, "article": "Art. 12(1)", "kind": "law-changed", "on": "2026-09-30",
            "text": f"Act {number} on bags",
        })
    browser = sit(world, "security")
    browser.open("/house")
    assert browser.submit({"folder": "not-whole"}, form=1).status == 400
    browser.open("/house")
    assert "for UKR is packed" in browser.submit({"folder": str(tmp_path / "bag-1"), "partner": "UKR"}, form=1).said
    theirs = sit(world, "security", at="kyiv")
    theirs.open("/house")
    assert "messages taken" in theirs.submit({"folder": str(tmp_path / "bag-1")}, form=2).said
    assert sit(world, "registrar").open("/house").status == 403

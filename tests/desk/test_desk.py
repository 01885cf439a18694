"""The desk over a registry of the world: who gets in, what a form does, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.desk.browser import Browser, open_door
from tests.views.test_pages import view
from tests.world.people import HEADER, row
from tests.world.test_journey import PURPOSE, cross, dispatch, grant
from tests.world.world import World

from cordiale.config import parse_config
from cordiale.doors.web import visit as visit_module
from cordiale.doors.web.routes import Who
from cordiale.doors.web.table import FORMS, PAGES
from cordiale.errors import Malformed
from cordiale.limits import DESK_IDLE_SECONDS_MAX
from cordiale.model.person import Office
from cordiale.records.registry import require_person
from cordiale.rules.signing import is_strong

CONTENT = b"Exercise: the convoy rests at noon.\n"
CSP = "default-src 'none'"


@pytest.fixture
def world() -> World:
    return World.in_force()


def _label(browser: Browser, title: str = "Exercise note", *, level: str = "EX-JPN:EXERCISE SAKURA") -> str:
    page = browser.label({
        "declassify": "none", "file": ("note.txt", CONTENT), "form": "file", "level": level,
        "release_to": "UKR" if level.startswith("EX-JPN") else "JPN", "title": title,
    })
    assert page.status == 200, page.said
    return page.path.rpartition("/")[2]


def test_an_item_crosses_by_forms_alone(world: World) -> None:
    tokyo, kyiv = open_door(world.tokyo), open_door(world.kyiv)
    originator, authority, registrar = Browser(tokyo), Browser(tokyo), Browser(tokyo)
    originator.sign_in("originator")
    item = _label(originator)
    terms = {"agreement": "exercise-jpn-ukr", "purpose": "Exercise dialogue", "recipient": "UKR"}
    originator.open(f"/do/release-propose?item={item}")
    assert "REL TO JPN, UKR" in originator.submit(terms).said
    assert "Proposed for release" in originator.submit().said

    authority.sign_in("authority")
    waiting = authority.open("/")
    assert "a release waits for your approval" in waiting.said
    authority.open(next(link for link in waiting.links() if "release-approve" in link))
    shown = authority.submit()
    assert "JPN EXERCISE SAKURA // UKR EXERCISE BARVINOK" in shown.said
    assert "Approved for release to UKR" in authority.submit().said

    registrar.sign_in("registrar")
    registrar.open(next(link for link in registrar.open("/").links() if "dispatch" in link))
    registrar.submit({"registry": "registry-kyiv"})
    assert "Dispatched as" in registrar.submit().said

    world.deliver()
    counter = Browser(kyiv)
    counter.sign_in("registrar")
    counter.open(next(link for link in counter.open("/inbox").links() if "/do/register" in link))
    wrong = counter.submit({"counted": "2"})
    assert (wrong.status, "say in the remarks" in wrong.said) == (400, True)
    assert "Registered" in counter.submit({"counted": "1"}).said
    world.deliver()
    assert world.tokyo.registry.find("consignment", "state", "receipted")


def test_a_second_click_is_the_same_act(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    browser.open("/label")
    browser.submit({"declassify": "none", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "title": "Exercise note"})
    fields = {"file": ("note.txt", CONTENT)}
    first = browser.submit(fields, keep=False)
    second = browser.submit(fields, keep=False)
    assert first.path == second.path
    assert len(world.tokyo.registry.reads().every("item")) == 1


def test_a_form_without_its_token_or_from_elsewhere_does_nothing(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    browser.open("/label")
    assert browser.submit({"csrf": "x"}, keep=False).status == 400
    browser.origin = "http://localhost:1"
    assert browser.submit({}, keep=False).status == 400
    assert world.tokyo.registry.reads().every("item") == ()


def test_nobody_is_let_in_without_signing_in(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    for page in PAGES:
        if page.get is not None and page.who is Who.SIGNED_IN:
            shown = browser.open(page.path.replace("{", "").replace("}", ""))
            assert shown.path == "/sign-in", page.path
        if page.post is not None and page.who is Who.SIGNED_IN:
            assert browser.post(page.path.replace("{", "").replace("}", ""), {"csrf": ""}).status == 400


def test_a_session_ends_when_nobody_uses_it(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("registrar")
    assert browser.open("/inbox").status == 200
    world.clock.advance(seconds=DESK_IDLE_SECONDS_MAX + 1)
    assert browser.open("/inbox").path == "/sign-in"


def test_a_session_ends_with_signing_out_and_with_the_office(world: World) -> None:
    browser, other = Browser(open_door(world.tokyo)), Browser(open_door(world.tokyo))
    browser.sign_in("registrar")
    csrf = browser.open("/").tree.xpath("//header//input[@name='csrf']/@value")[0]
    browser.post("/sign-out", {"csrf": csrf})
    assert browser.open("/inbox").path == "/sign-in"
    other.sign_in("originator")
    world.tokyo.change_people("people.leave", {"person": "originator"})
    assert other.open("/").status == 400


def test_every_answer_closes_the_browser_to_others(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    for path in ("/sign-in", "/nowhere", "/static/desk.css", "/static/none"):
        page = browser.open(path)
        assert page.headers["content-security-policy"].startswith(CSP), path
        assert page.headers["x-content-type-options"] == "nosniff"
    signed = browser._send("POST", "/sign-in/persona", b"person=registrar", {
        "content-type": "application/x-www-form-urlencoded", "origin": browser.origin,
    })
    assert signed.status == 200
    assert browser.open("/").headers["cache-control"] == "no-store"


def test_offices_open_pages_and_no_others(world: World) -> None:
    """Every page and form, for somebody of each office alone, of both parties, held against the table of who may come."""
    for player, level in ((world.tokyo, "FUJI"), (world.kyiv, "BARVINOK")):
        player.enter_people(HEADER + "".join(
            row(f"only-{office.value}", f"{office.value} {player.party}", player.party, office.value, level)
            for office in Office
        ))
        app = open_door(player)
        for office in Office:
            person = require_person(player.registry.books(), f"only-{office.value}")
            assert person.offices == {office}
            browser = Browser(app)
            browser.sign_in(person.id)
            for page in PAGES:
                if page.get is None or page.who is Who.ANYBODY:
                    continue
                shown = browser.open(page.path.replace("{", "").replace("}", ""))
                is_open = page.offices is None or bool(page.offices & person.offices)
                assert (shown.status != 403 or "is for the offices of" not in shown.said) is is_open, (
                    person.id, page.path, shown.said
                )
                assert shown.status in ((200, 400, 403, 409) if is_open else (403,)), (person.id, page.path)


def test_personas_exist_in_exercises_only(world: World) -> None:
    browser = Browser(open_door(world.tokyo, personas=False))
    assert browser.sign_in("registrar").status == 400
    assert browser.open("/inbox").path == "/sign-in"
    text = (
        '[node]\nparty = "JPN"\nid = "tokyo.jpn"\nmode = "{mode}"\ntitle = "T"\n[wire]\nlisten = ""\nendpoint = ""\n'
        '[stores]\nbooks = "sqlite:b"\nobjects = "folder:o"\n'
        '[desk]\nlisten = "{listen}"\npersonas = {personas}\n'
    )
    home = world.tokyo.config.home
    parse_config(text.format(mode="exercise", listen="127.0.0.1:1", personas="true").encode(), home)
    parse_config(text.format(mode="real", listen="127.0.0.1:1", personas="false").encode(), home)
    with pytest.raises(Malformed, match="by name alone"):
        parse_config(text.format(mode="real", listen="127.0.0.1:1", personas="true").encode(), home)
    with pytest.raises(Malformed, match="without encryption"):
        parse_config(text.format(mode="exercise", listen="0.0.0.0:1", personas="true").encode(), home)


def test_what_a_person_may_not_see_is_not_there(world: World) -> None:
    app = open_door(world.kyiv)
    originator, stranger = Browser(app), Browser(app)
    originator.sign_in("originator")
    item = _label(originator, "Exercise convoy", level="EX-UKR:EXERCISE BARVINOK")
    stranger.sign_in("junior")
    hidden, absent = stranger.open(f"/items/{item}"), stranger.open("/items/ukr.act.0000")
    assert hidden.status == absent.status == 409
    assert hidden.said.replace(item, "X") == absent.said.replace("ukr.act.0000", "X")
    for path in ("/", "/register"):
        assert "convoy" not in stranger.open(path).text
        assert item not in stranger.open(path).text


@pytest.mark.parametrize("language", ["en", "ja", "uk", "fr"])
def test_every_page_is_said_in_the_language_that_is_asked(world: World, language: str) -> None:
    browser = Browser(open_door(world.tokyo), language=f"{language}, en;q=0.1")
    assert browser.open("/sign-in").tree.get("lang") == language
    browser.sign_in("registrar")
    for path in ("/", "/register", "/inbox", "/do/dispatch"):
        assert browser.open(path).tree.get("lang") == language
    assert FORMS


def test_the_treaty_is_read_beside_what_the_software_does(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("authority")
    listed = browser.open("/agreements")
    assert "waits for a second person" not in listed.said
    page = browser.open("/agreements/exercise-jpn-ukr")
    assert page.status == 200
    assert "Registration" in page.said and f"{page.path}/articles?from=7#art-7" in page.links()
    read, numbers, following = "", [], f"{page.path}/articles"
    while following:
        part = browser.open(following)
        assert part.tree.xpath("//section[@class='treaty']//details//code[contains(., 'tests/')]")
        assert len(part.content) <= 40 * 1024
        numbers += [str(one).removeprefix("art-") for one in part.tree.xpath("//section[@class='treaty']/@id")]
        read += part.said
        following = next(iter(part.tree.xpath("//main//a[@rel='next']/@href")), "")
    assert numbers == [str(number) for number in range(1, 18)]
    assert "registration: required, within 1 working day; at every level" in read
    assert "id=\"art-7\"" in browser.open(f"{page.path}/articles?from=7").text
    rules = browser.open(f"{page.path}/articles/7")
    assert "Art. 7(1)" in rules.said and browser.open(f"{page.path}/articles/99").status == 409
    tables = browser.open(f"{page.path}/tables").said
    assert "From JPN to UKR" in tables and "From UKR to JPN" in tables and "EXERCISE SAKURA" in tables
    assert "No other version waits." in browser.open("/agreements/exercise-jpn-ukr/changes").said


def test_the_trail_and_today_say_the_same_of_how_far_a_partners_log_was_seen(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("security")
    (log,) = view(world.tokyo, "security", "view.today")["partners"][0]["logs"]
    assert log["theirs"] > 0
    assert f"UKR: up to entry {log['theirs']}" in browser.open("/trail").said


def test_the_trail_is_verified_in_one_click(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("security")
    browser.open("/trail")
    assert "The books and the audit trail agree" in browser.submit().said
    log = browser.open("/trail/internal")
    assert "people" in log.said
    assert browser.open("/trail/none").status == 409


def test_people_change_by_two_persons_at_the_desk(world: World) -> None:
    app = open_door(world.tokyo)
    security, head = Browser(app), Browser(app)
    security.sign_in("security")
    security.open("/do/people-import")
    row = "clerk,Exercise Clerk,clerk,dialogue desk,JPN,JPN,reader,EX-JPN:EXERCISE SAKURA|2026-01-01|2029-12-31|office"
    security.submit({"csv": "id,name,post,unit,represents,nationalities,offices,clearances\n" + row})
    assert "waits for a second person" in security.submit().said
    head.sign_in("head")
    proposal = next(link for link in head.open("/people").links() if "/proposals/" in link)
    assert "Exercise Clerk" in head.open(proposal).said
    head.open(next(link for link in head.page.links() if "people-confirm" in link))
    head.submit()
    assert "It is in effect." in head.submit().said
    assert "Exercise Clerk" in head.open("/people").said
    security.open("/do/absence-register")
    security.submit({"person": "registrar", "office": "registrar"})
    assert "The absence is registered." in security.submit().said


def test_the_house_shows_no_item(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("security")
    page = browser.open("/house")
    assert page.status == 200
    assert "Make a backup" in page.said
    refused = browser.submit({"folder": "not-whole"})
    assert refused.status == 400


def test_the_register_is_searched_and_no_address_says_for_what(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    _label(browser, "Exercise convoy 機密")
    _label(browser, "Exercise bridges")
    browser.open("/register")
    found = browser.submit({"text": "機密"})
    assert ("convoy" in found.said, "bridges" in found.said) == (True, False)
    assert "機密" not in found.path and "%E6" not in found.path
    kept = browser.submit({"name": "Convoys"}, form=1)
    assert "The search is kept." in kept.said
    browser.open("/register")
    assert "bridges" not in browser.submit({"kept": "0"}).said
    table = browser.submit({}, form=2)
    assert table.status == 200, table.said
    assert table.headers["content-type"].startswith("text/csv")
    assert "convoy" in table.text and "bridges" not in table.text
    assert "EX-JPN:EXERCISE SAKURA" in table.text.splitlines()[0]


def test_a_content_is_read_as_pictures_and_each_page_is_decided_again(world: World) -> None:
    app = open_door(world.kyiv)
    browser = Browser(app)
    browser.sign_in("originator")
    item = _label(browser, level="EX-UKR:EXERCISE BARVINOK")
    head = Browser(app)
    head.sign_in("head")
    head.open(f"/do/need-grant?item={item}")
    head.submit({"person": "reader", "purpose": "Exercise reading"})
    assert "Need-to-know is granted." in head.submit().said
    reader = Browser(app)
    reader.sign_in("reader")
    reader.open(f"/items/{item}/read")
    wrong = reader.submit({"purpose": "Curiosity"})
    assert wrong.status in (403, 409), wrong.said
    reader.open(f"/items/{item}/read")
    page = reader.submit({"purpose": "Exercise reading"})
    assert page.status == 200, page.said
    picture = reader.open(str(page.tree.xpath("//main//img/@src")[0]))
    assert picture.headers["content-type"] in ("image/png", "image/jpeg")
    assert CONTENT.strip() not in picture.content
    other = Browser(app)
    other.sign_in("colleague")
    assert other.open(picture.path).status == 409
    head.open(f"/do/need-withdraw?item={item}")
    head.submit({"person": "reader"})
    head.submit()
    assert reader.open(picture.path).status in (403, 409)


_COUNTED = {
    "count, register and receipt a consignment, however many items": ("register", 0),
    "approve a release that was proposed": ("release-approve", 3), "propose a release": ("release-propose", 0),
    "dispatch what is released, from Today": ("dispatch", 5), "grant need-to-know": ("need-grant", 0),
    "charge an item out": ("circulate", 0), "confirm what was handed to you": ("circulate-confirm", 0),
}


def test_what_each_act_takes_is_what_the_page_says() -> None:
    """Opening, sending and, where it is signed for, signing; the fields that must be filled in and are not already."""
    page = (Path(__file__).parents[2] / "docs" / "desk.md").read_text(encoding="utf-8")
    told = {row[0]: (int(row[1]), int(row[2])) for row in re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", page, re.M)}
    for act, (name, filled) in _COUNTED.items():
        form = FORMS[name]
        required = [one for one in form.fields if one.is_required and one.kind != "hidden"]
        assert told[act] == (2 + is_strong(form.act), len(required) - filled), act


def test_a_page_shows_values_and_nothing_of_the_program(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("registrar")
    other = Browser(open_door(world.tokyo))
    other.sign_in("originator")
    item = _label(other)
    for path in (f"/items/{item}", "/", "/register", "/inbox", "/pictures", "/trail", "/people", "/agreements"):
        page = browser.open(path)
        assert page.status == 200, (path, page.said)
        assert "built-in" not in page.text and "object at 0x" not in page.text and "{'" not in page.text, path


def test_a_second_click_on_signing_is_the_same_act(world: World) -> None:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("originator")
    item = _label(browser)
    browser.open(f"/do/release-propose?item={item}")
    browser.submit({"agreement": "exercise-jpn-ukr", "purpose": "Exercise dialogue", "recipient": "UKR"})
    first, second = browser.submit(keep=False), browser.submit(keep=False)
    assert first.path == second.path
    assert "Proposed for release" in first.said and "Proposed for release" in second.said
    assert len(world.tokyo.registry.find("approval", "item", item)) == 1


def test_a_visit_asks_each_question_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    original = visit_module.look_request

    def noting(registry: Any, signed_in: Any, kind: str, params: Any) -> Any:
        asked.append(f"{kind} {sorted(params.items())}")
        return original(registry, signed_in, kind, params)

    monkeypatch.setattr(visit_module, "look_request", noting)
    browser = Browser(open_door(world.tokyo))
    browser.sign_in("registrar")
    for path in ("/do/dispatch", "/", "/agreements"):
        asked.clear()
        assert browser.open(path).status == 200
        assert len(asked) == len(set(asked)) > 0, path


def test_whoever_reads_one_of_several_copies_sees_which_and_their_own_is_chosen(world: World) -> None:
    _, (item,) = cross(world)
    dispatch(world, [item], is_another=True)
    world.deliver()
    (second,) = world.kyiv.registry.find("consignment", "state", "held")
    world.kyiv.act("registrar", "register", {"consignment": second.id, "counted": 1})
    grant(world, item, "reader")
    browser = Browser(open_door(world.kyiv))
    browser.sign_in("reader")
    page = browser.open(f"/items/{item}/read")
    assert len(page.tree.xpath("//input[@name='copy']")) == 2
    assert not page.tree.xpath("//input[@name='copy'][@checked]")
    world.kyiv.act("registrar", "circulate", {"copy": 2, "item": item, "person": "reader"})
    page = browser.open(f"/items/{item}/read")
    chosen = page.tree.xpath("//input[@name='copy'][@checked]/following-sibling::label/text()")
    assert [str(one)[0] for one in chosen] == ["2"]
    browser.submit({"purpose": PURPOSE})
    (grant_of,) = world.kyiv.registry.find("grant", "item", item)
    assert world.kyiv.registry.record("copy", grant_of["copy"])["copy_number"] == 2

"""What a hostile browser, a hostile page or a hostile colleague sends to the desk, and that nothing comes of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.browser import ORIGIN, Browser, Page, open_door
from tests.world.world import World

from cordiale.doors.web.routes import Who
from cordiale.doors.web.table import PAGES
from cordiale.limits import DESK_BODY_SIZE_BYTES_MAX, DESK_FIELDS_COUNT_MAX

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
CONTENT = b"Exercise: the convoy rests at noon.\n"
FIELDS = {
    "declassify": "none", "form": "file", "level": "EX-JPN:EXERCISE SAKURA", "release_to": "UKR", "title": "Exercise note",
}


@pytest.fixture
def world() -> World:
    return World.in_force()


@pytest.fixture(scope="module")
def door() -> tuple[World, Browser]:
    """A world in which nothing is ever entered, and the browser of an originator before it."""
    world = World.in_force()
    return world, _signed_in(world)


def _signed_in(world: World, person: str = "originator") -> Browser:
    browser = Browser(open_door(world.tokyo))
    browser.sign_in(person)
    return browser


def _hidden(browser: Browser, path: str) -> dict[str, str]:
    """Return the hidden fields of the form of a page."""
    fields = browser.open(path).tree.xpath("//main//form[1]//input[@type='hidden']")
    return {str(one.get("name")): str(one.get("value")) for one in fields}


def _part(name: str, value: bytes, *, more: bytes = b"", file_name: str | None = None) -> bytes:
    file = f'; filename="{file_name}"'.encode() if file_name is not None else b""
    return b'--xyz\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + file + b"\r\n" + more + b"\r\n" \
        + value + b"\r\n"


def _fields(browser: Browser) -> list[bytes]:
    """Go on to where the file is sent, and return the fields in front of it."""
    browser.open("/label")
    path = browser.submit(FIELDS).path
    return [_part(name, value.encode()) for name, value in _hidden(browser, path).items()]


def _send(browser: Browser, body: bytes, *, method: str = "POST", path: str = "", **headers: str) -> Page:
    assert browser.page is not None
    return browser._send(method, path or browser.page.path, body, {
        "content-type": "multipart/form-data; boundary=xyz", "origin": ORIGIN,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    })


def _count(world: World) -> int:
    return len(world.tokyo.registry.reads().every("item"))


FILE = _part("file", CONTENT, file_name="note.txt")
END = b"--xyz--\r\n"


@pytest.mark.parametrize("name", [
    "no end", "no end of the file", "huge header", "many headers", "two files", "field behind", "many fields",
    "long field", "no name", "nothing", "no boundary in it", "file first", "broken letters",
])
def test_a_malformed_upload_enters_nothing(door: tuple[World, Browser], name: str) -> None:
    world, browser = door
    fields = _fields(browser)
    bodies = {
        "no end": [*fields, FILE],
        "no end of the file": [*fields, FILE[:-2]],
        "huge header": [*fields, _part("file", CONTENT, more=b"X-A: " + b"a" * 70_000 + b"\r\n", file_name="n.txt"), END],
        "many headers": [*fields, _part(
            "file", CONTENT, more=b"".join(b"X-%d: a\r\n" % number for number in range(20_000)), file_name="n.txt",
        ), END],
        "two files": [*fields, FILE, FILE, END],
        "field behind": [*fields, FILE, _part("level", b"EX-JPN:EXERCISE AJISAI"), END],
        "many fields": [*fields, *(_part(f"x{number}", b"") for number in range(DESK_FIELDS_COUNT_MAX + 1)), FILE, END],
        "long field": [*fields, _part("subject", b"a" * (DESK_BODY_SIZE_BYTES_MAX + 1)), FILE, END],
        "no name": [*fields, b"--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n", FILE, END],
        "nothing": [],
        "no boundary in it": [b"a" * 1000],
        "file first": [FILE, *fields, END],
        "broken letters": [*fields, _part("subject", b"\xff\xfe"), FILE, END],
    }
    answer = _send(browser, b"".join(bodies[name]))
    assert answer.status == 400, answer.said
    assert "Traceback" not in answer.text
    assert _count(world) == 0


@pytest.mark.parametrize("kind", [
    "", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=xyz",
    "multipart/form-data; boundary=" + "x" * 300, "application/x-www-form-urlencoded",
])
def test_an_upload_of_another_kind_enters_nothing(door: tuple[World, Browser], kind: str) -> None:
    world, browser = door
    body = b"".join([*_fields(browser), FILE, END])
    assert _send(browser, body, content_type=kind).status == 400
    assert _count(world) == 0


@pytest.mark.parametrize("file_name", [
    "../../etc/passwd", "..\\..\\boot.ini", "a%0d%0aSet-Cookie: a=b.txt", "/", "..", "\u202egnp.txt", SCRIPT.replace('"', ""),
])
def test_a_file_name_is_only_ever_a_name(world: World, file_name: str) -> None:
    browser = _signed_in(world)
    file = _part("file", CONTENT, file_name=file_name)
    page = browser._keep(_send(browser, b"".join([*_fields(browser), file, END])))
    assert page.status in (200, 400), page.said
    assert "set-cookie" not in page.headers
    assert "<script>alert" not in page.text and "<img src=x" not in page.text
    for item in world.tokyo.registry.reads().every("item"):
        assert b"/etc/" not in item.body and b"boot.ini" not in item.body.replace(b'"boot.ini"', b"")


def test_a_line_break_in_a_file_name_makes_no_header(world: World) -> None:
    browser = _signed_in(world)
    for star in (b"filename*=UTF-8''a%0D%0ASet-Cookie%3A%20a%3Db.txt", b'filename="a\r\nSet-Cookie: a=b"'):
        file = b'--xyz\r\nContent-Disposition: form-data; name="file"; ' + star + b"\r\n\r\n" + CONTENT + b"\r\n"
        page = _send(browser, b"".join([*_fields(browser), file, END]))
        assert "set-cookie" not in page.headers
        assert page.status in (200, 400), page.said
    for item in world.tokyo.registry.reads().every("item"):
        assert b"Set-Cookie" not in item.body


@pytest.mark.parametrize("origin", ["null", "", "http://localhost:8450.evil.example", "https://localhost:8450", "http://LOCALHOST:8450 "])
def test_a_form_of_another_origin_does_nothing(world: World, origin: str) -> None:
    browser = _signed_in(world)
    body = b"".join([*_fields(browser), FILE, END])
    assert _send(browser, body, origin=origin).status == 400
    assert _count(world) == 0
    signing_in = Browser(browser.app, origin=origin)
    assert signing_in.sign_in("registrar").status == 400
    assert signing_in.cookies == {}
    assert _send(browser, body).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "evil.example/..", ""])
def test_no_answer_repeats_the_host_it_was_asked_under(door: tuple[World, Browser], host: str) -> None:
    _, browser = door
    tricks = {"host": host, "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher", "forwarded": "host=evil.example"}
    for path in ("/", "/sign-in", "/nowhere", "/register/", "/label/"):
        page = browser._send("GET", path, None, tricks)
        assert "evil.example" not in page.text and "evil.example" not in str(page.headers)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "BREW"])
def test_another_method_does_nothing(door: tuple[World, Browser], method: str) -> None:
    world, browser = door
    body, path = b"".join([*_fields(browser), FILE, END]), "" if browser.page is None else browser.page.path
    for trick in ({}, {"x-http-method-override": "POST", "x-method-override": "POST"}):
        page = browser._send(method, f"{path}?_method=POST", body, {
            "content-type": "multipart/form-data; boundary=xyz", "origin": ORIGIN, **trick,
        })
        assert page.status in (200, 405), page.status
        assert page.headers.get("access-control-allow-origin") is None
    assert _count(world) == 0


@pytest.mark.parametrize("back", [
    "//evil.example", "/\\evil.example", "https://evil.example/", "/\t/evil.example", "/\n/evil.example", "\\\\evil.example",
    "javascript:alert(1)", "/%0d%0aSet-Cookie: a=b", "/\r\nSet-Cookie: a=b", "///evil.example", "/ /evil.example", " //evil.example",
])
def test_choosing_a_language_leads_nowhere_else(door: tuple[World, Browser], back: str) -> None:
    browser = Browser(door[1].app, cookies=dict(door[1].cookies))
    sent: list[str] = []
    ask = browser._send

    def keep(method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Page:
        sent.append(path)
        return ask(method, path, body, headers)

    browser._send = keep  # type: ignore[method-assign]
    browser.post("/language", {"language": "ja", "back": back})
    for place in sent[1:]:
        assert place.startswith("/") and not place.startswith(("//", "/\\")), place
        assert not any(letter in place for letter in "\t\r\n\\"), place
    assert "a" not in browser.cookies


def test_nothing_that_is_entered_is_ever_a_part_of_a_page(world: World) -> None:
    """Every free text is entered as a script, and every page is looked through for everybody."""
    app = open_door(world.tokyo)
    originator = Browser(app)
    originator.sign_in("originator")
    page = originator.label({
        **FIELDS, "file": ("note.txt", CONTENT), "title": SCRIPT, "subject": SCRIPT, "reason": SCRIPT,
        "declassify": "event", "declassify_event": SCRIPT,
    })
    assert page.status == 200, page.said
    item = page.path.rpartition("/")[2]
    originator.open(f"/do/release-propose?item={item}")
    originator.submit({"agreement": "exercise-jpn-ukr", "purpose": SCRIPT, "recipient": "UKR"})
    originator.submit()
    originator.open("/register")
    originator.submit({"text": SCRIPT})
    originator.submit({"name": SCRIPT}, form=1)
    security = Browser(app)
    security.sign_in("security")
    security.open("/do/people-import")
    security.submit({"csv": f'id,name,post\n"{SCRIPT}",x,y'.replace('"\'', "'")})
    seen = set()
    for person in ("originator", "authority", "registrar"):
        browser = Browser(app)
        browser.sign_in(person)
        for shown in PAGES:
            if shown.get is None or shown.who is Who.ANYBODY:
                continue
            path = shown.path.replace("{item}", item).replace("{", "").replace("}", "")
            page = browser.open(f"{path}?item={item}&recipient=UKR")
            _require_harmless(page)
            seen |= {shown.path} if b"&lt;script&gt;alert" in page.content else set()
    assert {"/register", "/items/{item}", "/releases", "/do/release-propose"} <= seen


def _require_harmless(page: Page) -> None:
    if not page.headers["content-type"].startswith("text/html"):
        return
    tree: Any = page.tree
    assert "<script>alert" not in page.text, page.path
    assert "built-in method" not in page.text and " object at 0x" not in page.text, page.path
    assert tree.xpath("//*[@onerror] | //img[@src='x'] | //script[not(@src)] | //*[@style]") == [], page.path


def test_what_an_address_says_is_never_a_part_of_a_page(world: World) -> None:
    browser = _signed_in(world)
    for path in (f"/items/{SCRIPT}", f"/sign-in?as={SCRIPT}", f"/register?after={SCRIPT}&search={SCRIPT}", f"/{SCRIPT}"):
        _require_harmless(browser.open(path))
    nobody = Browser(browser.app)
    _require_harmless(nobody.open(f"/sign-in?as={SCRIPT}"))
    _require_harmless(nobody.post("/enrol", {"code": SCRIPT}))


def test_a_session_that_somebody_else_chose_is_never_taken(world: World) -> None:
    victim, thief = Browser(open_door(world.tokyo)), Browser(open_door(world.tokyo))
    for chosen in ("A" * 43, "", "x", "..", "A" * 5000):
        victim.cookies["__Host-cordiale"] = thief.cookies["__Host-cordiale"] = chosen
        victim.sign_in("registrar")
        assert victim.cookies["__Host-cordiale"] != chosen
        assert thief.open("/").path == "/sign-in"
        thief.cookies.clear()


def test_signing_in_again_ends_what_was_before(world: World) -> None:
    browser = _signed_in(world)
    before = dict(browser.cookies)
    browser.sign_in("registrar")
    assert browser.cookies != before
    kept = Browser(browser.app, cookies=before)
    assert kept.open("/").path == "/sign-in"


def test_a_double_submit_of_a_strong_act_is_one_act(world: World) -> None:
    originator = _signed_in(world)
    item = originator.label({**FIELDS, "file": ("note.txt", CONTENT)}).path.rpartition("/")[2]
    originator.open(f"/do/release-propose?item={item}")
    originator.submit({"agreement": "exercise-jpn-ukr", "purpose": "Exercise dialogue", "recipient": "UKR"})
    first = originator.submit(keep=False)
    second = originator.submit(keep=False)
    assert "Proposed for release" in first.said
    assert second.status in (200, 400, 409), second.said
    authority = Browser(originator.app)
    authority.sign_in("authority")
    assert len([link for link in authority.open("/releases").links() if "release-approve" in link]) == 1


def test_a_page_that_waits_to_be_signed_is_its_own_session_s_alone(world: World) -> None:
    app = open_door(world.tokyo)
    originator, other = Browser(app), Browser(app)
    originator.sign_in("originator")
    other.sign_in("originator")
    item = originator.label({**FIELDS, "file": ("note.txt", CONTENT)}).path.rpartition("/")[2]
    originator.open(f"/do/release-propose?item={item}")
    waiting = originator.submit({"agreement": "exercise-jpn-ukr", "purpose": "Exercise dialogue", "recipient": "UKR"})
    assert waiting.path.startswith("/sign/")
    taken = other.open(waiting.path)
    assert taken.status in (400, 409)
    assert "Exercise dialogue" not in taken.text
    csrf = other.open("/").tree.xpath("//header//input[@name='csrf']/@value")[0]
    assert other.post(waiting.path, {"csrf": csrf}).status in (400, 409)

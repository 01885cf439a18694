"""Nothing on the desk leads nowhere: every link of every page that somebody may open is followed."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.desk.browser import Browser, open_door
from tests.desk.crossed import paper, world_with_paper
from tests.world.world import AGREEMENT

from cordiale.doors.web.routes import Who
from cordiale.doors.web.table import PAGES
from cordiale.records.registry import require_person


def test_every_link_of_every_page_leads_to_a_page() -> None:
    player = world_with_paper(44).kyiv
    app, dead, looked = open_door(player), set(), 0
    for person in ("registrar", "originator"):
        offices = require_person(player.registry.books(), person).offices
        browser = Browser(app)
        browser.sign_in(person)
        known: set[str] = set()
        for page in PAGES:
            if page.get is None or page.who is Who.ANYBODY or page.path.startswith("/print/"):
                continue
            if page.offices is not None and not page.offices & offices:
                continue
            path = page.path.replace("{item}", paper()).replace("{agreement}", AGREEMENT).replace("{article}", "13")
            if "{" in path:
                continue
            shown = browser.open(path)
            for link in shown.links() if shown.status == 200 else ():
                name = urlsplit(link).path
                if not link.startswith("/") or name in known or name.startswith(("/print/", "/room/")):
                    continue
                known.add(name)
                looked += 1
                if browser.open(link).status == 404:
                    dead.add((page.path, link))
    assert not dead and looked > 40, (dead, looked)

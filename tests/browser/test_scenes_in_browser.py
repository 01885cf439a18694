"""The nine scenes of the demonstration at two desks, by named persons, in each language, with and without scripts.

What the desk leaves to the terminal is done there: the text of the agreement and the signature under it, the wire
taken away for the bag, and the copy of the books that is altered at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from demo import scenes
from demo.opened import start
from demo.scenes import AGREEMENT, EVENT, MIDDLE, PURPOSE, READERS, Play
from demo.stage import Actor, settle
from tests.browser.theatre import CHROMIUM, LOCALES, Screen, said, screen, send, set_stage
from tests.doors.nodes import wait_until

from cordiale.words.spoken import Words

pytestmark = [
    pytest.mark.slow, pytest.mark.skipif(not CHROMIUM.exists(), reason="Debian's Chromium is not installed"),
]
_ARTICLE = "Art. 16(1)"
_DAY = "2024-11-16"


@dataclass
class Acting:
    """Two desks in one language. `items` are what the scenes hand on to each other, by the names the story has."""

    play: Play
    screen: Screen
    language: str
    items: dict[str, str]

    def at(self, actor: Actor, person: str, path: str) -> Any:
        """Return the window of a person at a page of their desk, in the language of this performance."""
        is_new = (actor.name, person) not in self.screen.seats
        page = self.screen.seat(actor, person)
        if is_new:
            page.click(f".languages button[value='{self.language}']")
        page.goto(actor.desk + path)
        return page

    def do(self, actor: Actor, person: str, path: str, fields: Mapping[str, Any] | None = None) -> Any:
        """Send a form, and sign for it where that is asked; return the window with what came of it."""
        page = self.at(actor, person, path)
        send(page, fields)
        if "/sign/" in page.url:
            send(page)
        assert not page.locator(".fault").count(), said(page)
        return page

    def refused(
        self, actor: Actor, person: str, path: str, fields: Mapping[str, Any], *reasons: str, **filled: str
    ) -> None:
        """Send a form that is refused, and find each of the reasons in the language of this performance."""
        page = self.at(actor, person, path)
        send(page, fields)
        if "/sign/" in page.url:
            send(page)
        told = " ".join(page.inner_text(".fault").split())
        words = Words(self.language)
        for reason in reasons:
            assert words.say(reason, **filled) in told, told

    def label(self, title: str, **fields: Any) -> str:
        """Let Hana label an item at the middle level, and return it."""
        hana, file = self.at(self.play.tokyo, "hana", "/label"), fields.pop("file", None)
        send(hana, {"title": title, "level": MIDDLE["JPN"], "form": "file", "declassify": "none", **fields})
        send(hana, {"file": str(file)} if file is not None else None)
        assert "/items/" in hana.url, said(hana)
        return str(hana.url.rpartition("/")[2])

    def release(self, item: str) -> None:
        """Let one person propose a release and another one approve it."""
        tokyo = self.play.tokyo
        terms = {"recipient": "UKR", "agreement": AGREEMENT, "purpose": PURPOSE}
        self.do(tokyo, "hana", f"/do/release-propose?item={item}", terms)
        minato = self.at(tokyo, "minato", "/")
        minato.click(f"main a[href*='release-approve'][href*='{item}']")
        send(minato)
        send(minato)
        assert not minato.locator(".fault").count(), said(minato)

    def refused_dispatch(self, items: list[str], *reasons: str) -> None:
        """Let Ren try to dispatch."""
        self.refused(self.play.tokyo, "ren", "/do/dispatch", self._order(items, "wire"), *reasons)

    def dispatch(self, items: list[str], link: str, **more: str) -> None:
        """Let Ren dispatch, and the consignment arrive."""
        self.do(self.play.tokyo, "ren", "/do/dispatch", {**self._order(items, link), **more})

    def _order(self, items: list[str], link: str) -> dict[str, str]:
        numbers = [str(self.play.tokyo.view("ren", "view.item", item=item)["reference"]) for item in items]
        return {
            "items": "\n".join(numbers), "recipient": "UKR", "agreement": AGREEMENT, "purpose": PURPOSE,
            "registry": "registry-kyiv", "link": link,
        }

    def register(self, count: int) -> None:
        """Let Olena count and register what has arrived."""
        olena = self.at(self.play.kyiv, "olena", "/inbox")

        def has_arrived() -> bool:
            olena.reload()
            return bool(olena.locator("main a[href*='/do/register']").count())

        wait_until(has_arrived)
        olena.click("main a[href*='/do/register']")
        send(olena, {"counted": str(count)})
        assert not olena.locator(".fault").count(), said(olena)


def _scene_1(one: Acting) -> None:
    scenes._agree(one.play)
    one.items["note"] = one.label("Exercise talking points", form="paper", sheets="2", release_to="UKR")
    one.refused_dispatch([one.items["note"]], "not every party has signed the agreement")


def _scene_2(one: Acting) -> None:
    tokyo = one.play.tokyo
    programme = one.items["programme"] = one.label(
        "Exercise programme", file=one.play.document, declassify="event", declassify_event=EVENT,
        readers="\n".join(READERS),
    )
    for reader in ("ren", "yuki"):
        one.do(tokyo, "sora", f"/do/need-grant?item={programme}", {"person": reader, "purpose": PURPOSE})
    ren = one.do(tokyo, "ren", f"/items/{programme}/read", {"purpose": PURPOSE})
    assert "/room/" in ren.url
    # Who is none of the four is told nothing of it, need-to-know or not.
    yuki = one.at(tokyo, "yuki", f"/items/{programme}/read")
    assert yuki.locator(".fault").count() and "Exercise programme" not in said(yuki)
    one.refused_dispatch([programme], "nobody has proposed the release")


def _scene_3(one: Acting) -> None:
    play, note, programme = one.play, one.items["note"], one.items["programme"]
    scenes._sign(play)
    one.release(note)
    one.refused_dispatch([note], "the agreement is not in force")
    seats = ((play.tokyo, "minato", "J-1"), (play.kyiv, "taras", "U-1"))
    about = f"?agreement={AGREEMENT}"
    for actor, authority, number in seats:
        one.do(actor, authority, f"/do/agreement-note{about}", {
            "reference": number, "on": _DAY, "article": _ARTICLE, "in_force_on": _DAY,
        })
        settle(play.actors)
    one.refused_dispatch([note])
    for actor, authority, number in seats:
        for party, level in MIDDLE.items():
            one.do(actor, authority, f"/do/agreement-ready{about}", {
                "of_party": party, "level": level, "article": "Art. 2(2)",
            })
        for link in ("wire", "bag"):
            one.do(actor, authority, f"/do/agreement-link{about}", {
                "link": link, "level": MIDDLE[actor.party], "reference": number,
            })
    settle(play.actors)
    one.do(play.tokyo, "hana", f"/do/level-propose?item={programme}", {"event": EVENT})
    minato = one.at(play.tokyo, "minato", "/levels")
    minato.click("main a[href*='/do/level-confirm']")
    send(minato)
    if "/sign/" in minato.url:
        send(minato)
    assert not minato.locator(".fault").count(), said(minato)


def _scene_4(one: Acting) -> None:
    paper = one.items["paper"] = one.label(
        "Exercise paper for the dialogue", file=one.play.document, release_to="UKR",
    )
    one.release(paper)
    one.dispatch([paper, one.items["note"]], "wire")
    settle(one.play.actors)
    one.register(2)
    settle(one.play.actors)


def _scene_5(one: Acting) -> None:
    play, kyiv, paper = one.play, one.play.kyiv, one.items["paper"]
    for person in ("daryna", "lesia", "pavlo"):
        one.do(kyiv, "bohdan", f"/do/need-grant?item={paper}", {"person": person, "purpose": PURPOSE})
    one.do(kyiv, "olena", f"/do/circulate?item={paper}", {"person": "daryna"})
    one.do(kyiv, "daryna", f"/do/circulate-confirm?item={paper}")
    daryna = one.do(kyiv, "daryna", f"/items/{paper}/read", {"purpose": PURPOSE})
    assert daryna.locator("main img").evaluate("image => image.complete && image.naturalWidth > 0")
    # Of what one may not see there is nothing: a colleague without need-to-know is not even told that it is here.
    maksym = one.at(kyiv, "maksym", f"/items/{paper}")
    assert "Exercise paper" not in said(maksym)
    for person, reason in (
        ("lesia", "the clearance is below the level of the item"),
        ("pavlo", "a citizenship of this person is outside the release set, and the originator has not waived it"),
    ):
        one.refused(kyiv, person, f"/items/{paper}/read", {"purpose": PURPOSE}, reason)
    annex = one.items["annex"] = one.label("Exercise annex", file=play.document, release_to="UKR")
    one.do(play.tokyo, "hana", f"/do/release-propose?item={annex}", {
        "recipient": "UKR", "agreement": AGREEMENT, "purpose": PURPOSE,
    })
    hana = one.at(play.tokyo, "hana", f"/do/release-approve?item={annex}&recipient=UKR")
    assert hana.locator(".fault").count() and not hana.locator("main form").count()


def _scene_6(one: Acting) -> None:
    one.refused(
        one.play.kyiv, "olena", f"/do/pass-on?item={one.items['paper']}", {"recipient": "POL", "purpose": PURPOSE},
        "{party} is outside the release set of the item", party="POL",
    )


def _scene_7(one: Acting) -> None:
    play, annex, paper = one.play, one.items["annex"], one.items["paper"]
    minato = one.at(play.tokyo, "minato", "/")
    minato.click(f"main a[href*='release-approve'][href*='{annex}']")
    send(minato)
    send(minato)
    one.dispatch([annex, paper], "bag", another_copy="yes")
    _restart(one, wired=False)
    there, back = play.folder / "bag-to-kyiv", play.folder / "bag-to-tokyo"
    _carry(one, (play.tokyo, "aoi"), (play.kyiv, "iryna"), there)
    one.register(2)
    _carry(one, (play.kyiv, "iryna"), (play.tokyo, "aoi"), back)
    _restart(one, wired=True)
    settle(play.actors)


def _restart(one: Acting, *, wired: bool) -> None:
    """Stop and start both nodes: whoever was signed in signs in again."""
    for page in one.screen.seats.values():
        page.context.close()
    one.screen.seats.clear()
    for actor in one.play.actors:
        actor.restart(wired=wired)


def _carry(one: Acting, giver: tuple[Actor, str], taker: tuple[Actor, str], folder: Path) -> None:
    packing = one.at(*giver, "/house")
    packing.select_option("#f-partner", taker[0].party)
    packing.fill("#f-bag", str(folder))
    packing.click("form[action='/house/bag-pack'] button")
    unpacking = one.at(*taker, "/house")
    unpacking.fill("#f-unpack", str(folder))
    unpacking.click("form[action='/house/bag-unpack'] button")
    assert unpacking.locator(".done").count(), said(unpacking)


def _scene_8(one: Acting) -> None:
    play, kyiv = one.play, one.play.kyiv
    one.do(kyiv, "olena", f"/do/return?item={one.items['note']}")
    one.do(kyiv, "olena", f"/do/destroy-propose?item={one.items['annex']}", {"method": "key and envelope erased"})
    olena = one.at(kyiv, "olena", "/disposal")
    assert not olena.locator("main a[href*='destroy-witness']").count(), "nobody witnesses what they proposed"
    iryna = one.at(kyiv, "iryna", "/disposal")
    iryna.click("main a[href*='destroy-witness']")
    send(iryna)
    if "/sign/" in iryna.url:
        send(iryna)
    settle(play.actors)
    for name, ending in (("note", "returned"), ("annex", "destroyed")):
        ren = one.at(play.tokyo, "ren", f"/items/{one.items[name]}")
        assert ren.locator("main a[href*='/print/certificate/']").count()
        assert Words(one.language).say(ending) in said(ren)


def _scene_9(one: Acting) -> None:
    kyiv, paper = one.play.kyiv, one.items["paper"]
    yevhen = one.at(kyiv, "yevhen", f"/where?item={paper}")
    assert kyiv.names["daryna"] in said(yevhen)
    for actor, person in ((kyiv, "yevhen"), (one.play.tokyo, "tsubasa")):
        page = one.at(actor, person, "/trail")
        page.click("main button.main")
        assert page.locator(".done").count() and not page.locator(".fault").count(), said(page)
    scenes._alter_a_copy(one.play)


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
@pytest.mark.parametrize("language", sorted(LOCALES))
def test_the_nine_scenes_are_played_at_the_desks(tmp_path: Path, language: str, scripts: bool) -> None:
    with set_stage(tmp_path) as play, screen(scripts=scripts) as shown:
        start(play)
        scenes.first_contact(play)
        one = Acting(play, shown, language, {})
        for scene in (_scene_1, _scene_2, _scene_3, _scene_4, _scene_5, _scene_6, _scene_7, _scene_8, _scene_9):
            scene(one)
        assert shown.told == []

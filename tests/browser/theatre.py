"""Two serving nodes under an agreement in force, and Debian's Chromium in front of their desks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.opened import in_force, set_up
from demo.scenes import Play
from demo.stage import Actor, Pace
from tests.doors.warm import Warm, start_warm

CHROMIUM = Path("/usr/bin/chromium")
_PATIENT_SECONDS = 300.0
_EXPECTED = "Failed to load resource: the server responded with a status of 4"
LOCALES = {"en": "en-GB", "fr": "fr-FR", "ja": "ja-JP", "uk": "uk-UA"}


def two_nodes(folder: Path) -> AbstractContextManager[Play]:
    """Return both parties, serving, with the agreement in force between them; a slow machine is waited for."""
    return in_force(folder, Pace(patience=_PATIENT_SECONDS), _begin)


@contextlib.contextmanager
def set_stage(folder: Path) -> Iterator[Play]:
    """Yield both parties, who have nothing yet; their nodes are stopped at the end."""
    play = set_up(folder, Pace(patience=_PATIENT_SECONDS))
    for actor in play.actors:
        actor.begin = _begin
    try:
        yield play
    finally:
        for actor in play.actors:
            actor.stop()


def _begin(args: Sequence[str], credential: int, out: int) -> Warm:
    return start_warm(args, fds={"--credential-fd": credential}, out=out)


@dataclass
class Screen:
    """One browser, with a window of their own for each person. `told` is what it complained of."""

    chromium: Any
    scripts: bool
    told: list[str] = field(default_factory=list)
    seats: dict[tuple[str, str], Any] = field(default_factory=dict)

    def seat(self, actor: Actor, person: str) -> Any:
        """Return the window of a person who has signed in by one click."""
        page = self.seats.get((actor.name, person))
        if page is None:
            page = self.seats[actor.name, person] = self.window(actor, scripts=self.scripts)
            page.goto(f"{actor.desk}/sign-in?as={person}")
            page.click(".personas button")
            assert actor.names[person] in page.inner_text(".me")
        return page

    def window(self, actor: Actor, *, scripts: bool, **more: Any) -> Any:
        """Return a new window that notes errors, and requests that leave the desk of `actor`."""
        context = self.chromium.new_context(java_script_enabled=scripts, **more)
        context.on("console", lambda message: self._note(message.type, message.text))
        context.on("weberror", lambda error: self._note("error", str(error.error)))
        context.on("request", lambda request: self._request(actor.desk, request.url))
        page = context.new_page()
        page.set_default_timeout(_PATIENT_SECONDS * 1000)
        return page

    def also(self, actor: Actor, person: str, **more: Any) -> Any:
        """Return another window in the session of a person, with scripts; without a person, of nobody."""
        kept = self.seat(actor, person).context.storage_state() if person else None
        return self.window(actor, scripts=True, storage_state=kept, **more)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not text.startswith(_EXPECTED):
            self.told.append(text)

    def _request(self, desk: str, url: str) -> None:
        if not url.startswith(f"{desk}/"):
            self.told.append(f"a request left the desk: {url}")


@contextlib.contextmanager
def screen(*, scripts: bool) -> Iterator[Screen]:
    """Yield a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield Screen(chromium, scripts)
        finally:
            chromium.close()


def fill_in(page: Any, fields: Mapping[str, Any]) -> None:
    """Fill in the form of the main part, whatever its fields are made of."""
    for name, value in fields.items():
        one = page.locator(f"main form [name='{name}']").first
        kind = one.get_attribute("type") or one.evaluate("element => element.tagName.toLowerCase()")
        if kind == "select":
            one.select_option(value)
        elif kind in ("radio", "checkbox"):
            page.check(f"main form [name='{name}'][value='{value}']")
        elif kind == "file":
            one.set_input_files(value)
        else:
            one.fill(value)


def send(page: Any, fields: Mapping[str, Any] | None = None) -> str:
    """Fill in the form of the main part, send it, and return what the next page says."""
    fill_in(page, fields or {})
    with page.expect_navigation():
        page.click("main form .buttons button")
    return said(page)


def said(page: Any) -> str:
    """Return what the main part of a page says."""
    return " ".join(page.inner_text("main").split())

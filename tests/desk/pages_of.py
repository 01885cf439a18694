"""The desk of a node in memory, asked as a browser asks it: one cookie jar, forms with their hidden fields."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from tests.crypto.authenticator import SITE
from tests.desk.asking_app import ask_app
from tests.world.world import Player

from cordiale.config import DeskSettings, ProviderSettings
from cordiale.doors.control.operators import Serving
from cordiale.doors.web.table import open_desk
from cordiale.operate.reading_room import ReadingRoom

_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def desk_app(
    player: Player, origin: str = SITE.origin, *, personas: bool = False, provider: ProviderSettings | None = None,
) -> Any:
    """Return the application of the desk over a player's node."""
    config = replace(player.config, desk=DeskSettings(("127.0.0.1", 1), origin, personas, provider))
    node: Any = SimpleNamespace(registry=player.registry, config=config)
    return open_desk(Serving(node, datetime.now(UTC), lambda: None, dict, ReadingRoom(player.registry)), origin).app()


@dataclass
class Shown:
    """An answer of the desk."""

    status: int
    headers: Mapping[str, list[str]]
    text: str

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of all forms on the page."""
        return {name: html.unescape(value) for name, value in _INPUT.findall(self.text)}

    def attribute(self, name: str) -> str:
        """Return the value of the first attribute `name` on the page."""
        (found, *_) = re.findall(rf'{name}="([^"]*)"', self.text)
        return html.unescape(found)

    @property
    def location(self) -> str:
        """Where the browser is sent, empty for nowhere."""
        return "".join(self.headers.get("location", []))


@dataclass
class Browser:
    """A browser without scripts that keeps cookies and is sent on."""

    app: Any
    origin: str = SITE.origin
    card: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Shown:
        """Load a page."""
        return self._ask("GET", path, b"")

    def post(self, path: str, form: Mapping[str, str], *, origin: str | None = None) -> Shown:
        """Send a form; what was wrong with it is looked at where the answer says that it stands."""
        sent = self._ask("POST", path, urlencode(form).encode(), origin if origin is not None else self.origin)
        return self.get(sent.location) if sent.location.startswith(f"{path}?held=") else sent

    def _ask(self, method: str, path: str, body: bytes, origin: str = "") -> Shown:
        headers = {"content-type": "application/x-www-form-urlencoded", **({"origin": origin} if origin else {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        card = {"cordiale.card": self.card} if self.card else {}
        answer = ask_app(self.app, method, f"https://desk.example{path}", headers=headers, body=body, **card)
        shown = Shown(answer.status, {name: answer.all_of(name) for name in answer.headers}, answer.content.decode())
        for cookie in shown.headers.get("set-cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return shown

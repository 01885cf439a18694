"""A browser without a screen: it keeps cookies, sends forms as they are written on the page, and follows where it is sent.

The desk behind it is the real one, over a registry of the world in memory.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lxml import html
from tests.desk.asking_app import ask_app
from tests.world.world import Player

from cordiale.config import DeskSettings
from cordiale.doors.control.operators import Serving
from cordiale.doors.web.table import open_desk
from cordiale.node import Node
from cordiale.operate.reading_room import ReadingRoom

ORIGIN = "http://localhost:8450"


def open_door(player: Player, *, personas: bool = True) -> Any:
    """Return the application of the desk of `player`."""
    # The home is looked at by the page of the house; nothing is written there.
    config = replace(player.config, home=Path(__file__).parent, desk=DeskSettings(("127.0.0.1", 8450), ORIGIN, personas=personas))
    node = Node(config, player.registry, io.BytesIO())
    return open_desk(Serving(node, datetime.now(UTC), lambda: None, dict, ReadingRoom(player.registry)), ORIGIN).app()


@dataclass
class Page:
    """What came back: its status, its headers, and the page."""

    status: int
    path: str
    headers: Mapping[str, str]
    content: bytes
    hops: int = 0

    @property
    def text(self) -> str:
        """The page as text."""
        return self.content.decode("utf-8")

    @property
    def tree(self) -> Any:
        """The page as a tree."""
        return html.document_fromstring(self.text)

    @property
    def said(self) -> str:
        """What the page says in its main part."""
        found = self.tree.xpath("//main")
        return " ".join(found[0].text_content().split()) if found else ""

    def links(self) -> list[str]:
        """Return where the links of the main part lead."""
        return [str(one) for one in self.tree.xpath("//main//a/@href")]


@dataclass
class Browser:
    """One person's browser. `origin` is what it sends as the origin of its forms."""

    app: Any
    origin: str = ORIGIN
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)
    page: Page | None = None

    def open(self, path: str) -> Page:
        """Go to a page."""
        return self._keep(self._send("GET", path, None, {}))

    def sign_in(self, person: str) -> Page:
        """Sign in as a persona."""
        return self._keep(self._form("/sign-in/persona", [("person", person)]))

    def submit(self, fields: Mapping[str, Any] | None = None, *, form: int = 0, keep: bool = True) -> Page:
        """Fill in a form of the main part of the page, and send it."""
        assert self.page is not None
        found = self.page.tree.xpath("//main//form")[form]
        pairs = {name: value for name, value in found.form_values() if name != "language"}
        values: dict[str, Any] = {**pairs, **dict(fields or {})}
        path = str(found.get("action") or self.page.path)
        file = values.pop("file", None)
        flat = [(n, one) for n, v in values.items() for one in (v if isinstance(v, list) else [v])]
        if found.get("enctype") == "multipart/form-data":
            page = self._multipart(path, flat, file)
        else:
            page = self._form(path, flat)
        return self._keep(page) if keep else page

    def label(self, fields: Mapping[str, Any]) -> Page:
        """Enter the particulars of an item, look at the label, and send the file or, where there is none, the rest."""
        self.open("/label")
        shown = self.submit({name: value for name, value in fields.items() if name != "file"})
        if not shown.path.startswith("/label/"):
            return shown
        return self.submit({"file": fields["file"]} if "file" in fields else {})

    def post(self, path: str, fields: Mapping[str, Any]) -> Page:
        """Send fields that no page has shown."""
        return self._keep(self._form(path, list(fields.items())))

    def _form(self, path: str, pairs: list[tuple[str, str]]) -> Page:
        return self._send("POST", path, urlencode(pairs).encode(), {
            "content-type": "application/x-www-form-urlencoded", "origin": self.origin,
        })

    def _multipart(self, path: str, pairs: list[tuple[str, str]], file: tuple[str, bytes] | None) -> Page:
        name, content = file or ("", b"")
        parts = [
            f'--xyz\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{value}\r\n'.encode() for one, value in pairs
        ]
        head = f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n' \
               "Content-Type: application/octet-stream\r\n\r\n"
        body = b"".join([*parts, head.encode(), content, b"\r\n--xyz--\r\n"])
        return self._send("POST", path, body, {
            "content-type": "multipart/form-data; boundary=xyz", "origin": self.origin,
        })

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Page:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = {"accept-language": self.language, **headers, **({"cookie": cookie} if cookie else {})}

        response = ask_app(self.app, method, ORIGIN + path, headers=given, body=body or b"")
        for header in response.all_of("set-cookie"):
            name, _, rest = header.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "Max-Age=0" in header:
                del self.cookies[name]
        page = Page(response.status, path, response.headers, response.content)
        if response.status == 303:
            return replace(self._send("GET", response.headers["location"], None, {}), hops=page.hops + 1)
        return page

    def _keep(self, page: Page) -> Page:
        self.page = page
        return page

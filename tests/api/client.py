"""A machine client of the desk in memory: what it sends is what the private socket takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from tests.desk.asking_app import ask_app
from tests.desk.browser import ORIGIN, open_door
from tests.world.sending import SignedDeposit
from tests.world.world import Player

from cordiale.doors.api.app import DEPOSIT_TYPE, SIGNED_TYPE, with_api


@dataclass
class Client:
    """Sends to the desk of one node, with its pages beside the interface."""

    app: Any

    @classmethod
    def of(cls, player: Player) -> Client:
        """Return a client of the desk of `player`."""
        return cls(with_api(open_door(player), player.registry))

    def ask(
        self, method: str, path: str, body: bytes = b"", *, type: str = SIGNED_TYPE,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send one request as it is given."""
        given = {**({"content-type": type} if type else {}), **(headers or {})}
        answer = ask_app(self.app, method, ORIGIN + path, headers=given, body=body)
        return httpx2.Response(answer.status, headers=answer.pairs, content=answer.content)

    def act(self, signed: bytes) -> httpx2.Response:
        """Send a signed act."""
        return self.ask("POST", "/api/v1/acts", signed)

    def view(self, signed: bytes) -> httpx2.Response:
        """Send a signed question."""
        return self.ask("POST", "/api/v1/views", signed)

    def deposit(self, sent: SignedDeposit, *, ends: bool = True) -> httpx2.Response:
        """Send a content between its two signed requests; `ends` says whether the last one follows."""
        frames = [sent.opening, sent.salt, sent.content, b"", *([sent.closing] if ends else [])]
        body = b"".join(len(one).to_bytes(4, "big") + one for one in frames)
        return self.ask("PUT", "/api/v1/deposits", body, type=DEPOSIT_TYPE)

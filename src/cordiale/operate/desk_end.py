"""Our end of the desk: how its pages are served to browsers, with TLS and cards where the settings say so."""

from __future__ import annotations

import os
from typing import Any

from cordiale.adapters.tls_desk import ServerConfig, desk_context, desk_server_config
from cordiale.config import TlsSettings
from cordiale.errors import Unavailable


def desk_server(app: Any, tls: TlsSettings | None, *, seconds: tuple[int, int]) -> ServerConfig:
    """Return how the desk is served; `seconds` are how long it waits for an idle browser, and for the last answers.

    Raises `Unavailable` when a file of `tls` cannot be used, or others can read the key.
    """
    context = None
    if tls is not None:
        _require_private(tls)
        context = desk_context(tls.certificate, tls.key, tls.cards, revoked=tls.revoked)
    return desk_server_config(app, context, idle=seconds[0], grace=seconds[1])


def _require_private(tls: TlsSettings) -> None:
    try:
        is_private = os.stat(tls.key).st_mode & 0o077 == 0
    except OSError:
        is_private = False
    if not is_private:
        raise Unavailable(
            "desk.tls-key", "the key of the desk cannot be read, or others can read it",
            hint="let only the user of the node read the file that `key` names under `desk.tls`",
        )

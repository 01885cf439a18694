"""An OpenID Connect provider that is played: it does what the standard says, or on demand what it forbids."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

CLIENT = "cordiale"


@dataclass
class PlayedProvider:
    """What the provider answers. `wrong` replaces claims, `published` what it says of itself, `answers` whole pages."""

    port: int = 0
    now: datetime | None = None
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    known: list[ECKey] = field(default_factory=list)
    subject: str = "ren"
    wrong: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    published: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return f"http://localhost:{self.port}"

    def log_in(self, address: str, **more: str) -> str:
        """Let somebody sign in at `address`, where their browser was sent; return where it is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        query = {"code": code, "state": asked["state"], "iss": self.issuer, **more}
        return "/sign-in/provider/back?" + "&".join(f"{name}={value}" for name, value in query.items())

    def token(self, asked: dict[str, str]) -> str:
        """Return the ID token for what was asked."""
        at = int((self.now or datetime.now()).timestamp())
        claims = {
            "acr": asked.get("acr_values", "").split(" ")[0], "aud": CLIENT, "auth_time": at, "exp": at + 300,
            "iat": at, "iss": self.issuer, "nonce": asked["nonce"], "sub": self.subject, **self.wrong,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, **self.header}, claims, self.key)

    def logout(self, **wrong: Any) -> str:
        """Return the token by which it says that its account was signed out; `wrong` replaces claims."""
        at = int((self.now or datetime.now()).timestamp())
        claims = {
            "aud": CLIENT, "events": {"http://schemas.openid.net/event/backchannel-logout": {}}, "exp": at + 120, "iat": at,
            "iss": self.issuer, "jti": f"told-{len(self.asked)}-{wrong}", "sub": self.subject, **wrong,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid, "typ": "logout+jwt"}, claims, self.key)

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body for a request."""
        self.asked.append((path, form))
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({
                "authorization_endpoint": f"{self.issuer}/auth", "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/keys", "token_endpoint": f"{self.issuer}/token", **self.published,
            }).encode()
        if path == "/keys":
            listed = [key.as_dict(private=False) for key in (self.known or [self.key])]
            return 200, json.dumps({"keys": listed}).encode()
        asked = self.codes.pop(form.get("code", ""), None)
        if path != "/token" or asked is None or not _fits(asked, form):
            return 400, b'{"error":"invalid_grant"}'
        return 200, json.dumps({"id_token": self.token(asked), "access_token": "x", "token_type": "Bearer"}).encode()


def _fits(asked: dict[str, str], form: dict[str, str]) -> bool:
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return asked["code_challenge"] == challenge and asked["redirect_uri"] == form.get("redirect_uri")


@contextlib.contextmanager
def played() -> Iterator[PlayedProvider]:
    """Yield a provider that is served on this machine."""
    provider = PlayedProvider()

    class _Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._say({name: values[0] for name, values in parse_qs(body).items()})

        def _say(self, form: dict[str, str]) -> None:
            status, content = provider.answer(urlsplit(self.path).path, form)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    provider.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

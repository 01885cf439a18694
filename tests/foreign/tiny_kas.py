"""The smallest key access server that unmodified OpenTDF clients can open an envelope with. For tests only.

It decides nothing and gives every key it can unwrap to whoever asks: what is
tested is the envelope. It answers the endpoints that clients call, as Connect
RPC over plain HTTP with protobuf bodies, and returns a key share under the
client's RSA session key (OAEP with SHA-1, as clients expect).
"""

from __future__ import annotations

import base64
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from cordiale.crypto.wrapping import WrappingKey, unwrap
from cordiale.errors import CordialeError


def encode_field(number: int, content: bytes | str) -> bytes:
    """Write one length-delimited protobuf field."""
    raw = content.encode() if isinstance(content, str) else content
    return _encode_varint(number << 3 | 2) + _encode_varint(len(raw)) + raw


def _encode_varint(number: int) -> bytes:
    encoded = b""
    while number > 0x7F:
        encoded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return encoded + bytes([number])


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = content[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def read_field(content: bytes, wanted: int) -> bytes:
    """Return the first length-delimited field `wanted`, empty when it is absent."""
    at = 0
    while at < len(content):
        key, at = _read_varint(content, at)
        size, at = _read_varint(content, at)
        if key & 7 == 2:
            if key >> 3 == wanted:
                return content[at : at + size]
            at += size
    return b""


def encode_struct(members: dict[str, Any]) -> bytes:
    """Write a google.protobuf.Struct of texts and objects."""
    encoded = b""
    for name, value in members.items():
        inner = encode_field(5, encode_struct(value)) if isinstance(value, dict) else encode_field(3, value)
        encoded += encode_field(1, encode_field(1, name) + encode_field(2, inner))
    return encoded


@dataclass
class TinyKas:
    """A server for one wrapping key; `paths` are those it was asked for."""

    key: WrappingKey
    url: str = ""
    paths: list[str] = field(default_factory=list)

    def configuration(self) -> dict[str, Any]:
        """What a platform says of itself."""
        token = f"{self.url}/protocol/openid-connect/token"
        return {
            "platform_issuer": self.url,
            "idp": {"issuer": self.url, "token_endpoint": token, "authorization_endpoint": self.url,
                    "public_client_id": "test", "jwks_uri": self.url},
        }

    def answer(self, path: str, body: bytes) -> tuple[str, bytes]:
        """Return content type and body of the answer to a request."""
        answers: dict[str, Callable[[], dict[str, Any] | bytes]] = {
            "/.well-known/opentdf-configuration": lambda: {"configuration": self.configuration()},
            "/.well-known/openid-configuration": lambda: self.configuration()["idp"],
            "/protocol/openid-connect/token": lambda: {
                "access_token": "header.e30.signature", "token_type": "Bearer", "expires_in": 300},
            "/wellknownconfiguration.WellKnownService/GetWellKnownConfiguration": lambda: encode_field(
                1, encode_struct(self.configuration())),
            "/policy.kasregistry.KeyAccessServerRegistryService/ListKeyAccessServers": lambda: encode_field(
                1, encode_field(1, "kas-1") + encode_field(2, self.url)),
            "/kas.AccessService/PublicKey": lambda: (
                encode_field(1, self.key.public.pem) + encode_field(2, self.key.public.kid)),
            "/kas.AccessService/Rewrap": lambda: self.rewrap(body),
        }
        found = answers[path]()
        if isinstance(found, bytes):
            return "application/proto", found
        return "application/json", json.dumps(found).encode()

    def rewrap(self, body: bytes) -> bytes:
        """Unwrap every key asked for and wrap it for the client."""
        token = read_field(body, 1).decode()
        claims = _decode_part(token.split(".")[1])
        request = json.loads(claims["requestBody"])
        session_key = load_pem_public_key(request["clientPublicKey"].encode())
        assert isinstance(session_key, RSAPublicKey)
        answer = b""
        for asked in request["requests"]:
            results = b"".join(self._result(each, session_key) for each in asked["keyAccessObjects"])
            answer += encode_field(5, encode_field(1, asked["policy"]["id"]) + results)
        return answer

    def _result(self, asked: dict[str, Any], session_key: RSAPublicKey) -> bytes:
        name = encode_field(2, asked["keyAccessObjectId"])
        try:
            share = unwrap(self.key, base64.b64decode(asked["keyAccessObject"]["wrappedKey"]))
        except CordialeError:
            error = "rpc error: code = InvalidArgument desc = bad request"
            return encode_field(2, name + encode_field(3, "fail") + encode_field(5, error))
        wrapped = session_key.encrypt(share, OAEP(MGF1(SHA1()), SHA1(), None))
        return encode_field(2, name + encode_field(3, "permit") + encode_field(4, wrapped))


def _decode_part(part: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


@contextmanager
def serving(key: WrappingKey) -> Iterator[TinyKas]:
    """Run the server on a free port of the loopback until the block ends."""
    kas = TinyKas(key)

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.read_body()
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            path = self.path.split("?")[0]
            kas.paths.append(path)
            try:
                content_type, content = kas.answer(path, body)
                status = 200
            except KeyError:
                status, content_type, content = 404, "application/json", b'{"code":"unimplemented"}'
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def read_body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    kas.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kas
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""An authenticator in software: it makes passkeys and signs with them, and does on demand what none should do."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from cordiale.canonical import encode_base64url
from cordiale.crypto.passkey import Assertion, Enrolment, Site, site_at

SITE = site_at("https://desk.example:8442", "Exercise Registry")
UP, UV, AT = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one passkey; `count` is how often it says it was used, 0 for always."""

    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    count: int = 0
    is_counting: bool = False
    flags: int = UP | UV

    def enrol(self, challenge: bytes, site: Site = SITE, /, **wrong: Any) -> Enrolment:
        """Return what a browser sends for a new passkey; `wrong` replaces members of the client data."""
        public = cbor2.dumps(wrong.pop("public", None) or self.cose())
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        data = self._said(site, self.flags | AT) + attested
        attestation = {"fmt": wrong.pop("fmt", "none"), "attStmt": {}, "authData": data}
        return Enrolment(
            self.credential_id, client_said("webauthn.create", challenge, site, **wrong), cbor2.dumps(attestation)
        )

    def sign(self, challenge: bytes, site: Site = SITE, /, **wrong: Any) -> Assertion:
        """Return what a browser sends when the passkey has signed `challenge`."""
        if self.is_counting:
            self.count += 1
        client = client_said("webauthn.get", challenge, site, **wrong)
        data = self._said(site, self.flags)
        return Assertion(self.credential_id, client, data, self._sign(data + hashlib.sha256(client).digest()))

    def cose(self) -> dict[int, Any]:
        """Return the public key in the form of RFC 9053."""
        public = self.key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        if isinstance(public, rsa.RSAPublicKey):
            return {1: 3, 3: -257, -1: numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"), -2: b"\1\0\1"}
        size = (public.curve.key_size + 7) // 8
        return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(size, "big"), -3: numbers.y.to_bytes(size, "big")}

    def _said(self, site: Site, flags: int) -> bytes:
        return hashlib.sha256(site.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(message)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(message, padding.PKCS1v15(), SHA256())
        signature: bytes = self.key.sign(message, ec.ECDSA(SHA256()))
        return signature


def client_said(typ: str, challenge: bytes, site: Site, /, **wrong: Any) -> bytes:
    """Return what a browser says of the page, with members replaced by `wrong`."""
    said = {"type": typ, "challenge": encode_base64url(challenge), "origin": site.origin, "crossOrigin": False}
    return json.dumps({**said, **wrong}).encode()

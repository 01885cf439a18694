"""Transport certificates carry a key, and their pin names that key and nothing else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto.certificates import (
    der_of,
    load_certificate,
    make_certificate,
    make_transport_key,
    pin_of,
    pin_of_spki,
    spki_of,
)
from cordiale.errors import Malformed
from cordiale.limits import TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
KEY = make_transport_key()
CERTIFICATE = make_certificate(KEY, node_id="kyiv-registry.node-1", valid_from=NOW)
SPEC = Path(__file__).parents[2] / "docs" / "spec" / "transport.md"


def test_a_certificate_names_the_node_and_serves_both_ends() -> None:
    certificate = load_certificate(CERTIFICATE)
    assert certificate.subject.rfc4514_string() == "CN=kyiv-registry.node-1"
    assert certificate.issuer == certificate.subject
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert list(names) == [x509.UniformResourceIdentifier("cordiale:node/kyiv-registry.node-1")]
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {purpose.dotted_string for purpose in purposes} == {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certificate.not_valid_before_utc == NOW
    assert certificate.not_valid_after_utc == NOW + timedelta(days=3650)
    certificate.verify_directly_issued_by(certificate)


def test_a_pin_is_the_digest_of_the_public_key_alone() -> None:
    renewed = make_certificate(KEY, node_id="another-name", valid_from=NOW + timedelta(days=400))
    assert pin_of(der_of(renewed)) == pin_of(der_of(CERTIFICATE))
    other = make_certificate(make_transport_key(), node_id="kyiv-registry.node-1", valid_from=NOW)
    assert pin_of(der_of(other)) != pin_of(der_of(CERTIFICATE))
    spki = spki_of(der_of(CERTIFICATE))
    assert spki in der_of(CERTIFICATE)
    assert pin_of(der_of(CERTIFICATE)) == hashlib.sha256(spki).digest() == pin_of_spki(spki)


@pytest.mark.parametrize("node_id", ["", "x" * 65, "line\nbreak"])
def test_a_node_id_that_cannot_be_a_common_name_is_malformed(node_id: str) -> None:
    with pytest.raises(Malformed) as caught:
        make_certificate(KEY, node_id=node_id, valid_from=NOW)
    assert caught.value.code == "certificate.node-id"
    assert "\n" not in str(caught.value)


def test_a_time_without_zone_is_malformed() -> None:
    with pytest.raises(Malformed) as caught:
        make_certificate(KEY, node_id="kyiv", valid_from=NOW.replace(tzinfo=None))
    assert caught.value.code == "certificate.zone"


@pytest.mark.parametrize("key", [
    b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ec.generate_private_key(ec.SECP384R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
])
def test_only_a_p256_key_makes_a_certificate(key: bytes) -> None:
    with pytest.raises(Malformed):
        make_certificate(key, node_id="kyiv", valid_from=NOW)


def test_one_certificate_and_no_more() -> None:
    with pytest.raises(Malformed) as caught:
        der_of(CERTIFICATE + CERTIFICATE)
    assert caught.value.code == "certificate.count"


@given(st.integers(min_value=0, max_value=len(der_of(CERTIFICATE)) - 1))
def test_a_truncated_certificate_is_malformed(length: int) -> None:
    with pytest.raises(Malformed):
        pin_of(der_of(CERTIFICATE)[:length])


@given(st.binary(min_size=1, max_size=40))
def test_bytes_after_a_certificate_are_malformed(extra: bytes) -> None:
    with pytest.raises(Malformed):
        pin_of(der_of(CERTIFICATE) + extra)


@given(st.integers(min_value=0, max_value=len(der_of(CERTIFICATE)) - 1), st.integers(min_value=1, max_value=255))
def test_an_altered_certificate_never_fails_otherwise(position: int, change: int) -> None:
    altered = bytearray(der_of(CERTIFICATE))
    altered[position] ^= change
    with contextlib.suppress(Malformed):
        assert len(pin_of(bytes(altered))) == 32


def test_a_certificate_of_an_unknown_version_is_malformed() -> None:
    altered = bytearray(der_of(CERTIFICATE))
    version = altered.index(bytes.fromhex("a003020102"))
    altered[version + 4] = 3
    with pytest.raises(Malformed):
        pin_of(bytes(altered))


def test_an_oversized_certificate_is_refused_unread() -> None:
    with pytest.raises(Malformed) as caught:
        pin_of(bytes(TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX + 1))
    assert caught.value.code == "certificate.size"


def test_a_key_of_an_unknown_kind_is_malformed() -> None:
    known = bytes.fromhex("06072a8648ce3d020106082a8648ce3d030107")
    unknown = bytes.fromhex("06072a8648ce3d027f06082a8648ce3d030107")
    altered = der_of(CERTIFICATE).replace(known, unknown)
    assert altered != der_of(CERTIFICATE)
    with pytest.raises(Malformed):
        pin_of(altered)


def test_the_vector_of_the_specification_holds() -> None:
    page = SPEC.read_text(encoding="utf-8")
    certificate = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", page, re.S)
    pin = re.search(r"pin (?:\(base64url\) )?`([A-Za-z0-9_-]{43})`", page)
    spki = re.search(r"SubjectPublicKeyInfo `([0-9a-f]+)`", page)
    assert certificate and pin and spki
    der = der_of(certificate[0].encode())
    assert base64.urlsafe_b64encode(pin_of(der)).rstrip(b"=").decode() == pin[1]
    assert spki_of(der).hex() == spki[1]

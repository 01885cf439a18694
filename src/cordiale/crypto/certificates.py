"""Transport keys: self-signed certificates and the pins that stand for them.

Two nodes know each other by key, not by name: a node statement, signed by the
party's root, carries the pin of the node's transport key, and TLS needs a
certificate only as the form in which a key is shown. Nothing in it but the key
is believed. No authority signs it, and neither its name nor its dates open or
close anything: the statement says which key counts, and until when.

    key = make_transport_key()
    certificate = make_certificate(key, node_id="kyiv", valid_from=now)
    pin = pin_of(der_of(certificate))
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cordiale.errors import Malformed
from cordiale.limits import TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX, TRANSPORT_NODE_ID_LENGTH_MAX

VALIDITY_DAYS: Final = 3650
NODE_URI_PREFIX: Final = "cordiale:node/"

_UNREADABLE: Final = (ValueError, UnsupportedAlgorithm, x509.InvalidVersion)
"""What the library raises for a certificate it cannot read; an unknown version is none of its value errors."""


def make_transport_key() -> bytes:
    """Return a new ECDSA P-256 private key as unencrypted PKCS #8 (PEM): for the vault, not for a disk."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def make_certificate(key_pem: bytes, *, node_id: str, valid_from: datetime) -> bytes:
    """Return a self-signed certificate (PEM) for the transport key `key_pem`, naming `node_id`.

    The subject's common name is the node id, the subject alternative name the URI
    `cordiale:node/<node id>`. It is dated from `valid_from` for ten years.
    Raises `Malformed` when the id is empty or longer than a common name may be
    (64 characters, RFC 5280 appendix A), when the time has no zone, or when the
    key is not a P-256 key. Form: RFC 5280.
    """
    if not 0 < len(node_id) <= TRANSPORT_NODE_ID_LENGTH_MAX or not node_id.isprintable():
        raise Malformed(
            "certificate.node-id", "a node id has 1 to {maximum} printable characters; this one has {length}",
            hint="choose a shorter name for the node",
            maximum=TRANSPORT_NODE_ID_LENGTH_MAX, length=len(node_id),
        )
    if valid_from.tzinfo is None:
        raise Malformed(
            "certificate.zone", "the time from which the certificate is dated has no time zone",
            hint="give the time in UTC",
        )
    key = load_transport_key(key_pem)
    return _build(key, node_id, valid_from).sign(key, SHA256()).public_bytes(Encoding.PEM)


def _build(
    key: ec.EllipticCurvePrivateKey, node_id: str, valid_from: datetime,
) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node_id)])
    uri = x509.UniformResourceIdentifier(NODE_URI_PREFIX + quote(node_id, safe=""))
    signs_only = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )
    both_ends = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + timedelta(days=VALIDITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(signs_only, critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_ends), critical=False)
        .add_extension(x509.SubjectAlternativeName([uri]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def load_transport_key(key_pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the transport key in `key_pem`, for a library that wants the object.

    Raises `Malformed` when it cannot be read or is not an ECDSA P-256 key.
    """
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed(
            "certificate.key", "the transport key cannot be read",
            hint="give an unencrypted PKCS #8 key in PEM, as the vault hands it over",
        ) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Malformed(
            "certificate.key-kind", "the transport key is not an ECDSA key on curve P-256",
            hint="make a new transport key",
        )
    return key


def der_of(certificate_pem: bytes) -> bytes:
    """Return the DER of the one certificate in `certificate_pem`; raises `Malformed` if there is not one."""
    return load_certificate(certificate_pem).public_bytes(Encoding.DER)


def load_certificate(certificate_pem: bytes) -> x509.Certificate:
    """Return the one certificate in `certificate_pem`, for a library that wants the object.

    Raises `Malformed` when it cannot be read, is too large, or is not alone.
    """
    _require_size(certificate_pem)
    try:
        certificates = x509.load_pem_x509_certificates(certificate_pem)
    except _UNREADABLE:
        raise _unreadable() from None
    if len(certificates) != 1:
        raise Malformed(
            "certificate.count", "{count} certificates were given where one is expected",
            hint="give the node's own certificate alone", count=len(certificates),
        )
    return certificates[0]


def spki_of(certificate_der: bytes) -> bytes:
    """Return the SubjectPublicKeyInfo (DER, RFC 5280 section 4.1.2.7) of a certificate (DER).

    The certificate's signature and dates are not looked at. Raises `Malformed`
    when it cannot be read or carries a key of an unknown kind.
    """
    _require_size(certificate_der)
    try:
        public_key = x509.load_der_x509_certificate(certificate_der).public_key()
    except _UNREADABLE:
        raise _unreadable() from None
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pin_of(certificate_der: bytes) -> bytes:
    """Return the pin of a certificate (DER): SHA-256 over its SubjectPublicKeyInfo (RFC 7469, 2.4)."""
    return pin_of_spki(spki_of(certificate_der))


def key_digest_of(certificate_der: bytes) -> str:
    """Return by what a card is known: SHA-384 over the SubjectPublicKeyInfo of its certificate (DER), hexadecimal."""
    return hashlib.sha384(spki_of(certificate_der)).hexdigest()


def pin_of_spki(spki_der: bytes) -> bytes:
    """Return the pin of a public key given as SubjectPublicKeyInfo (DER)."""
    return hashlib.sha256(spki_der).digest()


def _require_size(certificate: bytes) -> None:
    if len(certificate) > TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX:
        raise Malformed(
            "certificate.size", "a certificate of {size} bytes is larger than the {maximum} bytes allowed",
            hint="ask the partner which certificate its node presents",
            size=len(certificate), maximum=TRANSPORT_CERTIFICATE_SIZE_BYTES_MAX,
        )


def _unreadable() -> Malformed:
    return Malformed(
        "certificate.form", "the certificate cannot be read",
        hint="ask for it again: it may have been cut or altered on the way",
    )

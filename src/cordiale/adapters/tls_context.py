"""What both ends of the wire demand of TLS, in one place.

TLS 1.3 with the hybrid group X25519MLKEM768, a certificate from each side, and
no authority: a certificate counts when the pin of its key is one we know, asked
anew at every handshake. Sessions are never resumed, because a resumed session
would skip that question. Source: RFC 8446; draft-ietf-tls-ecdhe-mlkem.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from OpenSSL import SSL, crypto
from OpenSSL._util import lib

from cordiale.crypto.certificates import load_certificate, load_transport_key, pin_of
from cordiale.errors import Malformed, Unverified

GROUP: Final = "X25519MLKEM768"
RECORD_SIZE_BYTES: Final = 16 * 1024


def make_context(
    certificate_pem: bytes, key_pem: bytes, *, is_known: Callable[[bytes], bool],
) -> SSL.Context:
    """Return a TLS context that presents our certificate and lets in only keys that are known.

    `is_known(pin)` is called during each handshake with the pin of the partner's
    key; it must be quick and must not block. Raises `Malformed` when our
    certificate or key cannot be read or do not belong together.
    """
    def is_partner(_: SSL.Connection, shown: crypto.X509, _error: int, depth: int, _ok: int) -> bool:
        try:
            return depth == 0 and is_known(_pin_of(shown))
        except Malformed:
            return False

    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_options(SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, is_partner)
    # pyOpenSSL binds the setter but does not publish it; without it a classical
    # partner would be turned away only after the handshake, by `verified_pin`.
    if lib.SSL_CTX_set1_curves_list(context._context, GROUP.encode()) != 1:
        raise Malformed(
            "transport.group-missing", "this installation has no post-quantum key agreement ({group})",
            hint="install the locked versions of cryptography and pyOpenSSL", group=GROUP,
        )
    _present(context, certificate_pem, key_pem)
    return context


def _present(context: SSL.Context, certificate_pem: bytes, key_pem: bytes) -> None:
    try:
        context.use_certificate(load_certificate(certificate_pem))
        context.use_privatekey(load_transport_key(key_pem))
        context.check_privatekey()
    except SSL.Error:
        raise Malformed(
            "transport.identity", "the node's transport key and certificate cannot be used together",
            hint="make a new transport key and certificate, and a node statement that names it",
        ) from None


def verified_pin(connection: SSL.Connection) -> bytes:
    """Return the pin of the partner's key on a connection whose handshake is done.

    Raises `Unverified` when the partner showed no certificate, or when the key
    agreement was not the hybrid one.
    """
    group = connection.get_group_name() or "none"
    if connection.get_protocol_version_name() != "TLSv1.3" or group.upper() != GROUP.upper():
        raise Unverified(
            "transport.group", "the partner's node agreed keys by {group}, not by {wanted}",
            hint="both nodes need a version that speaks the post-quantum key agreement",
            group=group, wanted=GROUP,
        )
    shown = connection.get_peer_certificate()
    if shown is None:
        raise Unverified(
            "transport.no-certificate", "the partner's node showed no certificate",
            hint="ask the partner to configure the transport key of its node",
        )
    return _pin_of(shown)


def reason_of(error: SSL.Error) -> str:
    """Return OpenSSL's own short words for what went wrong."""
    first = error.args[0] if error.args else ()
    if isinstance(first, list) and first:
        return str(first[-1][-1])
    return str(error.args[-1]) if error.args else type(error).__name__


def _pin_of(shown: crypto.X509) -> bytes:
    return pin_of(crypto.dump_certificate(crypto.FILETYPE_ASN1, shown))

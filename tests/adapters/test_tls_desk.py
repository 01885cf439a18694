"""The desk over its own TLS: a card is known by the key that it proves, and any other certificate opens nothing."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cordiale.config import TlsSettings
from cordiale.crypto.certificates import key_digest_of
from cordiale.errors import Unavailable
from cordiale.operate.desk_end import desk_server

NOW = datetime.now(UTC)


@dataclass
class Authority:
    """A certification authority of the test."""

    name: str
    folder: Path

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(self.name, self.key.public_key(), usage=None)
        self.file = self._write("ca", self.certificate.public_bytes(Encoding.PEM))

    def issue(self, name: str, *, usage: Any = ExtendedKeyUsageOID.CLIENT_AUTH, days: int = 1) -> tuple[Path, Path, str]:
        """Return the files of a certificate and its key, and the digest of the key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(name, key.public_key(), usage=usage, days=days)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return (
            self._write(f"{name}.pem", certificate.public_bytes(Encoding.PEM)), self._write(f"{name}.key", secret),
            key_digest_of(certificate.public_bytes(Encoding.DER)),
        )

    def revoke(self, *certificates: Path, days: int = 1, add: bytes = b"") -> Path:
        """Write the list of what this authority has revoked, which counts for so many `days`, beside `add`."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject) \
            .last_update(NOW - timedelta(days=2)).next_update(NOW + timedelta(days=days)) \
            .add_extension(x509.CRLNumber(1), critical=False) \
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        for one in certificates:
            serial = x509.load_pem_x509_certificate(one.read_bytes()).serial_number
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - timedelta(days=1)).build()
            )
        return self._write("revoked", builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM) + add)

    def _sign(self, name: str, public: Any, *, usage: Any, days: int = 1) -> x509.Certificate:
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        signing = x509.KeyUsage(usage is not None, False, False, False, False, usage is None, usage is None, False, False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
            .public_key(public).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=3)).not_valid_after(NOW + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=usage is None, path_length=None), critical=True)
            .add_extension(signing, critical=True).add_extension(own, critical=False)
            .add_extension(issuer, critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        )
        if usage is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return builder.sign(self.key, SHA256())

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / f"{self.name}-{name}"
        path.write_bytes(content)
        path.chmod(0o600)
        return path


async def _tell_card(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope.get("cordiale.card", "none").encode()})


@dataclass
class Desk:
    """A desk that is served, and the two authorities: that of the ministry and another."""

    port: int
    ministry: Authority
    other: Authority

    def ask(self, shown: tuple[Path, Path, str] | None, headers: dict[str, str] | None = None) -> str:
        """Return which card the desk has seen."""
        context = ssl.create_default_context(cafile=self.ministry.file)
        if shown is not None:
            context.load_cert_chain(shown[0], shown[1])
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/", headers=headers or {})
            return connection.getresponse().read().decode()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with served(tmp_path_factory.mktemp("tls"), has_lists=False) as desk:
        yield desk


@contextlib.contextmanager
def served(folder: Path, *, has_lists: bool) -> Iterator[Desk]:
    """Serve a desk for the cards of the ministry, with its list of revoked ones or without any."""
    ministry, other = Authority("ministry", folder), Authority("other", folder)
    certificate, key, _ = ministry.issue("desk", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    lists = ministry.revoke() if has_lists else None
    config = desk_server(_tell_card, TlsSettings(certificate, key, ministry.file, lists), seconds=(5, 1))
    with listening_with(config) as port:
        yield Desk(port, ministry, other)


@contextlib.contextmanager
def listening_with(config: uvicorn.Config) -> Iterator[int]:
    """Serve `config`, and give its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


def test_a_card_is_known_by_the_key_that_it_proves(desk: Desk) -> None:
    for name in ("ren", "rin"):
        card = desk.ministry.issue(name)
        assert desk.ask(card) == card[2]


def test_no_card_need_be_shown_and_none_is_made_up_by_a_header(desk: Desk) -> None:
    card = desk.ministry.issue("ren")
    assert desk.ask(None) == "none"
    assert desk.ask(None, {"cordiale.card": card[2], "X-SSL-Client-Cert": card[2]}) == "none"


def test_a_certificate_of_another_authority_run_out_or_for_servers_opens_nothing(desk: Desk) -> None:
    for shown in (
        desk.other.issue("ren"), desk.ministry.issue("old", days=-1),
        desk.ministry.issue("server", usage=ExtendedKeyUsageOID.SERVER_AUTH),
    ):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            desk.ask(shown)


def test_the_desk_speaks_nothing_older_than_tls_1_3(desk: Desk) -> None:
    context = ssl.create_default_context(cafile=desk.ministry.file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection(("localhost", desk.port)) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    certificate, key, _ = Authority("ministry", tmp_path).issue("desk", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    key.chmod(0o640)
    with pytest.raises(Unavailable):
        desk_server(_tell_card, TlsSettings(certificate, key), seconds=(5, 1))
    with pytest.raises(Unavailable):
        desk_server(_tell_card, TlsSettings(certificate, tmp_path / "none"), seconds=(5, 1))


def test_a_revoked_card_opens_nothing_from_when_the_list_says_so(tmp_path: Path) -> None:
    with served(tmp_path, has_lists=True) as desk:
        lost, kept = desk.ministry.issue("lost"), desk.ministry.issue("kept")
        assert (desk.ask(lost), desk.ask(kept), desk.ask(None)) == (lost[2], kept[2], "none")
        desk.ministry.revoke(lost[0])
        with pytest.raises((ssl.SSLError, OSError)):
            desk.ask(lost)
        assert (desk.ask(kept), desk.ask(None)) == (kept[2], "none")
        lists = tmp_path / "ministry-revoked"
        content = lists.read_bytes()
        for spoil in (lists.unlink, lambda: lists.write_bytes(b"no list")):
            spoil()
            for card in (lost, kept):
                with pytest.raises((ssl.SSLError, OSError)):
                    desk.ask(card)
            assert desk.ask(None) == "none"
        lists.write_bytes(content)
        with pytest.raises((ssl.SSLError, OSError)):
            desk.ask(lost)
        assert desk.ask(kept) == kept[2]


@pytest.mark.parametrize("days", [-1, None])
def test_without_a_list_that_counts_no_card_does(tmp_path: Path, days: int | None) -> None:
    """One that has run out, and that of another authority."""
    ministry, other = Authority("ministry", tmp_path), Authority("other", tmp_path)
    certificate, key, _ = ministry.issue("desk", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    lists = other.revoke() if days is None else ministry.revoke(days=days)
    config = desk_server(_tell_card, TlsSettings(certificate, key, ministry.file, lists), seconds=(5, 1))
    with listening_with(config) as port:
        desk = Desk(port, ministry, other)
        with pytest.raises((ssl.SSLError, OSError)):
            desk.ask(ministry.issue("card"))
        assert desk.ask(None) == "none"


def test_a_list_that_is_none_is_not_begun_with(tmp_path: Path) -> None:
    ministry = Authority("ministry", tmp_path)
    certificate, key, _ = ministry.issue("desk", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    for lists in (tmp_path / "none", key):
        with pytest.raises(Unavailable):
            desk_server(_tell_card, TlsSettings(certificate, key, ministry.file, lists), seconds=(5, 1))

"""The configuration of a node: one TOML file in its home, read strictly.

    [node]
    party = "JPN"
    id = "tokyo"
    mode = "exercise"
    title = "Exercise registry, Tokyo"

    [wire]
    listen = "127.0.0.1:8441"
    endpoint = "https://127.0.0.1:8441"

    [stores]
    books = "sqlite:books.db"
    objects = "folder:objects"
    anchor = "file:anchor"

Every setting is named in docs/settings.md; an unknown one is refused.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cordiale.canonical import Fields
from cordiale.errors import Malformed, Unavailable
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId, parse_identifier, parse_party_id

CONFIG_NAME: Final = "config.toml"
ANCHOR_PLACE: Final = "file:anchor"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_CONFIG_SIZE_BYTES_MAX: Final = 64 * 1024
_ACR_COUNT_MAX: Final = 16


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The ministry's OpenID Connect provider: its issuer, and what this desk is called there.

    `secret` and `authorities` are files: what we show for a token (None: nothing but PKCE), and the certificates the
    provider's own is verified against (None: the system's). `acr` are the strengths of signing in that are taken.
    """

    issuer: str
    client: str
    acr: tuple[str, ...] = ()
    secret: Path | None = None
    authorities: Path | None = None


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """The desk ends TLS itself: files with its certificate and its key, both PEM.

    `cards` is a file with the certificates that those on people's cards are verified against; None: no cards.
    `revoked` is a file with their lists of revoked certificates; None: no card is looked up in a list.
    """

    certificate: Path
    key: Path
    cards: Path | None = None
    revoked: Path | None = None


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Where the desk is: `listen` is host and port, `origin` its address as browsers send it.

    `personas` lets people sign in by name alone; only an exercise can. Without `tls` something else ends it. With `api`
    it takes signed requests of machine clients too.
    """

    listen: tuple[str, int]
    origin: str
    personas: bool = False
    provider: ProviderSettings | None = None
    tls: TlsSettings | None = None
    api: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """What a node is told. `listen` is host and port; an empty one means: no wire, only the bag."""

    home: Path
    party: PartyId
    node: NodeId
    mode: Mode
    title: str
    listen: tuple[str, int] | None
    endpoint: str
    books: str
    objects: str
    diagnostics: str
    anchor: str = ANCHOR_PLACE
    desk: DeskSettings | None = None

    @property
    def control_socket(self) -> Path:
        """Where the command line finds the serving node."""
        return self.home / "run" / "control.sock"

    @property
    def vault_file(self) -> Path:
        """The sealed keys of the node."""
        return self.home / "vault.json"

    def place(self, url: str, scheme: str) -> Path:
        """Return the path that store address `url` names; raises `Malformed` for another scheme."""
        name, separator, path = url.partition(":")
        if name != scheme or not separator or not path:
            raise Malformed(
                "config.store", "the store `{url}` is not of a kind this version knows",
                hint=f"write {scheme}:PATH; the path is relative to the home", url=url,
            )
        return self.home / path


def load_config(home: Path) -> Config:
    """Return the configuration in `home`.

    Raises `Unavailable` when there is none to read and `Malformed` when it is not of the form.
    """
    path = home / CONFIG_NAME
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Unavailable(
            "config.missing", "there is no node in `{home}`", hint="make one with `cordiale init`, or name its home "
            "with --home", home=str(home),
        ) from error
    try:
        return parse_config(text, home)
    except Malformed as error:
        if error.code.startswith("field."):
            error.hint = "compare it with docs/settings.md"
        raise


def parse_config(text: bytes, home: Path) -> Config:
    """Return the configuration written in `text` (TOML); raises `Malformed`."""
    try:
        if len(text) > _CONFIG_SIZE_BYTES_MAX:
            raise ValueError("too large")
        tables: dict[str, Any] = tomllib.loads(text.decode("utf-8"))
    except ValueError as error:
        raise Malformed(
            "config.form", "the configuration is not readable: {detail}", hint="compare it with docs/settings.md",
            detail=str(error)[:120],
        ) from error
    fields = Fields(tables, where=CONFIG_NAME)
    node, wire, stores = fields.object("node"), fields.object("wire"), fields.object("stores")
    config = Config(
        home=home,
        party=parse_party_id(node.text("party")),
        node=NodeId(parse_identifier(node.text("id"), "node id")),
        mode=node.choice("mode", Mode),
        title=node.text("title"),
        listen=_listen(wire.text("listen", min_length=0)),
        endpoint=wire.text("endpoint", min_length=0),
        books=stores.text("books"),
        objects=stores.text("objects"),
        anchor=stores.optional_text("anchor") or ANCHOR_PLACE,
        diagnostics=fields.optional_text("diagnostics") or "warning",
        desk=_desk(fields.object("desk"), node.choice("mode", Mode), home) if fields.has("desk") else None,
    )
    fields.end()
    return config


def _desk(fields: Fields, mode: Mode, home: Path) -> DeskSettings:
    listen = _listen(fields.text("listen"))
    personas = fields.boolean("personas") if fields.has("personas") else False
    if listen is None or (personas and mode is not Mode.EXERCISE):
        raise Malformed(
            "config.personas", "people sign in by name alone in an exercise only",
            hint="take `personas` out of config.toml, and have people enrol a passkey",
        )
    provider = _provider(fields.object("provider"), home) if fields.has("provider") else None
    tls = _tls(fields.object("tls"), home) if fields.has("tls") else None
    if listen[0] not in _LOOPBACK and tls is None:
        raise Malformed(
            "config.desk-open", "the desk would be reached from other machines without encryption",
            hint="let it listen on 127.0.0.1 behind what ends TLS on this machine, or set `desk.tls`",
        )
    origin = fields.optional_text("origin") or f"http://{fields.text('listen')}"
    api = fields.boolean("api") if fields.has("api") else False
    return DeskSettings(listen, origin, personas, provider, tls, api)


def _tls(fields: Fields, home: Path) -> TlsSettings:
    cards, revoked = fields.optional_text("cards"), fields.optional_text("revoked")
    if revoked and not cards:
        raise Malformed(
            "config.revoked", "lists of revoked cards are named, and no authorities of cards",
            hint="name them with `cards`, or leave `revoked` out",
        )
    return TlsSettings(
        home / fields.text("certificate"), home / fields.text("key"), home / cards if cards else None,
        home / revoked if revoked else None,
    )


def _provider(fields: Fields, home: Path) -> ProviderSettings:
    secret, authorities = fields.optional_text("secret"), fields.optional_text("authorities")
    return ProviderSettings(
        fields.text("issuer"), fields.text("client"),
        fields.texts("acr", max_count=_ACR_COUNT_MAX) if fields.has("acr") else (),
        home / secret if secret else None, home / authorities if authorities else None,
    )


def _listen(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        raise Malformed(
            "config.listen", "`{value}` is not an address to listen on", hint="write it as host:port", value=text[:80]
        )
    return host.strip("[]"), int(port)


def write_config(config: Config) -> str:
    """Return the text of `config` as `parse_config` reads it."""
    listen = f"{config.listen[0]}:{config.listen[1]}" if config.listen else ""
    rows = [
        "[node]", f'party = "{config.party}"', f'id = "{config.node}"', f'mode = "{config.mode.value}"',
        f"title = {_quoted(config.title)}", "", "[wire]", f'listen = "{listen}"',
        f'endpoint = "{config.endpoint}"', "", "[stores]", f'books = "{config.books}"',
        f'objects = "{config.objects}"', f'anchor = "{config.anchor}"', "",
    ]
    if config.desk is not None:
        host, port = config.desk.listen
        rows += [
            "[desk]", f'listen = "{host}:{port}"', f'origin = "{config.desk.origin}"',
            f"personas = {str(config.desk.personas).lower()}", f"api = {str(config.desk.api).lower()}", "",
            *_provider_rows(config.desk.provider),
            *_tls_rows(config.desk.tls),
        ]
    return "\n".join(rows)


def _provider_rows(provider: ProviderSettings | None) -> list[str]:
    if provider is None:
        return []
    rows = ["[desk.provider]", f"issuer = {_quoted(provider.issuer)}", f"client = {_quoted(provider.client)}"]
    rows += [f"acr = [{', '.join(map(_quoted, provider.acr))}]"] if provider.acr else []
    for name, path in (("secret", provider.secret), ("authorities", provider.authorities)):
        rows += [f"{name} = {_quoted(str(path))}"] if path is not None else []
    return [*rows, ""]


def _tls_rows(tls: TlsSettings | None) -> list[str]:
    if tls is None:
        return []
    rows = [(name, path) for name, path in (
        ("certificate", tls.certificate), ("key", tls.key), ("cards", tls.cards), ("revoked", tls.revoked),
    ) if path is not None]
    return ["[desk.tls]", *(f"{name} = {_quoted(str(path))}" for name, path in rows), ""]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

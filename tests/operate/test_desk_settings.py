"""The settings of the desk: written and read again, and refused where they would open it too far."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordiale.config import Config, DeskSettings, ProviderSettings, TlsSettings, parse_config, write_config
from cordiale.errors import Malformed
from cordiale.model.mode import Mode
from cordiale.model.names import NodeId, PartyId

HOME = Path("/srv/tokyo")


def config_of(desk: DeskSettings) -> Config:
    return Config(
        home=HOME, party=PartyId("JPN"), node=NodeId("tokyo.jpn"), mode=Mode.REAL, title="Registry", listen=None,
        endpoint="", books="sqlite:books.db", objects="folder:objects", diagnostics="warning", desk=desk,
    )


def test_what_is_written_is_read_again() -> None:
    provider = ProviderSettings(
        "https://login.example", "cordiale", ("urn:example:card", "urn:example:key"), HOME / "secret", HOME / "ca.pem"
    )
    tls = TlsSettings(HOME / "desk.pem", HOME / "desk.key", HOME / "cards.pem", HOME / "revoked.pem")
    for desk in (
        DeskSettings(("127.0.0.1", 8442), "https://desk.example:8442"),
        DeskSettings(("0.0.0.0", 8442), "https://desk.example:8442", False, provider, tls),
        DeskSettings(("0.0.0.0", 8442), "https://desk.example", tls=TlsSettings(HOME / "c", HOME / "k"), api=True),
    ):
        config = config_of(desk)
        assert parse_config(write_config(config).encode(), HOME) == config


def test_a_desk_without_tls_is_reached_from_its_own_machine_alone() -> None:
    config = config_of(DeskSettings(("192.0.2.1", 8442), "https://desk.example"))
    with pytest.raises(Malformed):
        parse_config(write_config(config).encode(), HOME)


def test_a_setting_that_is_not_known_is_refused() -> None:
    config = config_of(DeskSettings(("127.0.0.1", 8442), "https://desk.example", tls=TlsSettings(HOME / "c", HOME / "k")))
    with pytest.raises(Malformed):
        parse_config((write_config(config) + 'crl = "x"\n').encode(), HOME)

"""The file vault: opened by its credential alone, changed whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cordiale.adapters.vault import change_credential, change_vault, create_vault, open_vault
from cordiale.crypto.passphrase import Cost
from cordiale.errors import OutOfOrder, Unverified
from cordiale.limits import WORKING_KEYS_COUNT_MAX
from cordiale.message.trust.keys import public_pair
from cordiale.model.mode import Mode
from cordiale.records.keyring import NodeKeys, make_node_keys, make_working_keys, with_new_set

WEAK = Cost(memory_kib=64, passes=1, lanes=1)
NOW = datetime(2026, 9, 1, tzinfo=UTC)


def one_more(keys: NodeKeys) -> NodeKeys:
    return with_new_set(
        keys, make_working_keys("tokyo.jpn", NOW), in_use=public_pair(keys.newest.registry.public)
    )


def test_a_vault_holds_as_many_sets_of_keys_as_the_limit_says_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    create_vault(path, "secret", make_node_keys("tokyo.jpn", NOW), Mode.EXERCISE, WEAK)
    for count in range(2, WORKING_KEYS_COUNT_MAX + 1):
        assert len(change_vault(path, "secret", Mode.EXERCISE, one_more).sets) == count
    kids = [one.wrapping.public.kid for one in open_vault(path, "secret", Mode.EXERCISE).sets]
    before = path.read_bytes()
    with pytest.raises(OutOfOrder):
        change_vault(path, "secret", Mode.EXERCISE, one_more)
    assert path.read_bytes() == before and len(set(kids)) == WORKING_KEYS_COUNT_MAX


def test_a_changed_credential_opens_the_same_keys_and_the_former_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "vault.json"
    keys = make_node_keys("tokyo.jpn", NOW)
    create_vault(path, "former", keys, Mode.EXERCISE, WEAK)
    with pytest.raises(Unverified):
        change_credential(path, "guess", "new", Mode.EXERCISE, WEAK)
    change_credential(path, "former", "new", Mode.EXERCISE, WEAK)
    with pytest.raises(Unverified):
        open_vault(path, "former", Mode.EXERCISE)
    assert open_vault(path, "new", Mode.EXERCISE).registry.public == keys.registry.public

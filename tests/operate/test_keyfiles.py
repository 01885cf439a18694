"""Key files: opened by their passphrase and mode alone, never overwritten, and signing only what a root lets them."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.world.world import World

from cordiale.canonical import encode_canonical
from cordiale.crypto.passphrase import Cost
from cordiale.errors import CordialeError, Malformed, OutOfOrder, Unavailable, Unverified
from cordiale.message.trust.root import verify_root
from cordiale.message.trust.statement import encode_statement, verify_statement
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.party import NodeStatement, PartyRoot
from cordiale.operate.keyfiles import (
    OpenKey,
    count_signatures,
    make_key,
    make_root,
    open_key,
    read_draft,
    read_public,
    write_public,
)
from cordiale.operate.statement import StatementPlan, draft_statement
from cordiale.records.partners import own_statement

WEAK = Cost(memory_kib=64, passes=1, lanes=1)
NOW = datetime(2026, 9, 1, tzinfo=UTC)


def key(folder: Path, name: str = "one") -> OpenKey:
    return make_key(folder / f"{name}.key.json", "passphrase", Mode.EXERCISE, cost=WEAK)


@pytest.fixture(scope="module")
def statement() -> NodeStatement:
    registry = World.founded(seed=21).tokyo.registry
    return own_statement(registry.reads(), registry.mode).statement


def root_of(keys: list[OpenKey], party: str = "JPN") -> bytes:
    root = PartyRoot(
        party=PartyId(party), mode=Mode.EXERCISE, version=1, threshold=2, keys=tuple(one.root_key for one in keys),
        created_at=NOW, title="EXERCISE: root",
    )
    return make_root(root, keys)


def test_a_key_opens_with_its_passphrase_in_its_mode_only(tmp_path: Path) -> None:
    made = key(tmp_path)
    path = tmp_path / "one.key.json"
    assert open_key(path, "passphrase", Mode.EXERCISE).public == made.public
    for passphrase, mode in (("Passphrase", Mode.EXERCISE), ("passphrase", Mode.REAL)):
        with pytest.raises(Unverified):
            open_key(path, passphrase, mode)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_not_overwritten_and_a_missing_one_is_unavailable(tmp_path: Path) -> None:
    key(tmp_path)
    with pytest.raises(OutOfOrder):
        key(tmp_path)
    with pytest.raises(Unavailable):
        open_key(tmp_path / "two.key.json", "passphrase", Mode.EXERCISE)
    (tmp_path / "huge.key.json").write_bytes(b"x" * 1_000_000)
    with pytest.raises(Malformed):
        open_key(tmp_path / "huge.key.json", "passphrase", Mode.EXERCISE)


def test_public_keys_are_read_back_and_nothing_else_is(tmp_path: Path) -> None:
    made = key(tmp_path)
    write_public(tmp_path / "one.pub.json", made)
    assert read_public(tmp_path / "one.pub.json") == made.public
    with pytest.raises(Malformed):
        read_public(tmp_path / "one.key.json")


def test_a_draft_is_signed_by_one_officer_after_another_until_it_verifies(
    tmp_path: Path, statement: NodeStatement
) -> None:
    keys = [key(tmp_path, name) for name in ("one", "two", "three")]
    root = root_of(keys)
    draft = encode_statement(statement)
    assert read_draft(draft) == statement
    assert count_signatures(draft, root) == (0, 2)
    first = keys[0].sign_statement(draft, root)
    known = verify_root(root, mode=Mode.EXERCISE)
    with pytest.raises(Unverified):
        verify_statement(first, known, now=statement.issued_at)
    second = keys[2].sign_statement(first, root)
    assert (read_draft(second), count_signatures(second, root)) == (statement, (2, 2))
    assert verify_statement(second, known, now=statement.issued_at) == statement


@pytest.mark.parametrize("wrong", ["a stranger's key", "another party's root", "no statement"])
def test_what_a_root_does_not_let_it_sign_is_not_signed(
    tmp_path: Path, statement: NodeStatement, wrong: str
) -> None:
    keys = [key(tmp_path, name) for name in ("one", "two")]
    signer = key(tmp_path, "stranger") if wrong == "a stranger's key" else keys[0]
    root = root_of(keys, "UKR" if wrong == "another party's root" else "JPN")
    draft = encode_canonical({"form": 1}) if wrong == "no statement" else encode_statement(statement)
    with pytest.raises(CordialeError):
        signer.sign_statement(draft, root)


def test_a_draft_names_this_node_and_the_next_version() -> None:
    registry = World.founded(seed=21).tokyo.registry
    now = own_statement(registry.reads(), registry.mode).statement
    plan = StatementPlan(("authority",), 30, "https://tokyo.example:8441")
    drafted = read_draft(draft_statement(registry, plan))
    assert (drafted.version, drafted.endpoints, drafted.party) == (2, ("https://tokyo.example:8441",), "JPN")
    assert (drafted.expires_at - drafted.issued_at).days == 30
    assert (drafted.registry_keys, drafted.log_keys) == (now.registry_keys, now.log_keys)
    with pytest.raises(OutOfOrder):
        draft_statement(registry, StatementPlan(("registrar",), 30, ""))
    with pytest.raises(OutOfOrder):
        draft_statement(registry, StatementPlan(("nobody",), 30, ""))
    with pytest.raises(Malformed):
        draft_statement(registry, StatementPlan((), 4_000, ""))

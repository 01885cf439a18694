"""New keys for a served node and a next root for its party, every step a command as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.doors.nodes import CREDENTIAL, Home, call, run, secret_fd, serving, wait_until
from tests.doors.test_road import introduce, ok, settle, vouch

from cordiale.message.trust.root import read_unverified_root, verify_root, verify_rotation
from cordiale.message.trust.statement import read_unverified_statement
from cordiale.model.mode import Mode
from cordiale.operate.keyfiles import read_statement


def sign(file: Path, root: Path, key: Path, secret: str) -> str:
    done = call("root", "sign", file, "--root", root, "--key", key, "--yes", "--passphrase-fd", str(secret_fd(secret)))
    assert done.code == 0, done.err
    return done.out


def install(made: Home, name: str, root: Path, keys: dict[str, str], *options: str) -> str:
    """Draft, have signed and install the next statement."""
    statement = made.folder / name
    ok(made, "", "node", "draft", "--authority", "authority", "--output", statement, *options)
    for key, secret in keys.items():
        sign(statement, root, root.parent / f"{key}.key.json", secret)
    return ok(made, "registrar", "node", "install", "--root", root, "--statement", statement)


def version_known(made: Home, party: str) -> int:
    partners = made.json("registrar", "partner", "list")["answer"]["partners"]
    return next(int(one["version"]) for one in partners if one["party"] == party)


def new_keys(made: Home, credential: str = CREDENTIAL) -> int:
    fd = secret_fd(credential)
    return run("node", "new-keys", "--home", made.path, "--credential-fd", str(fd), fds=(fd,)).code


OFFICERS = {"root-1": "one", "root-2": "two"}


def test_a_node_is_given_new_keys_and_its_partner_goes_on_with_it(tmp_path: Path) -> None:
    with serving(tmp_path, "JPN") as tokyo, serving(tmp_path, "UKR") as kyiv:
        for made in (tokyo, kyiv):
            vouch(made)
        introduce(tokyo, kyiv)
        introduce(kyiv, tokyo)
        root = tokyo.folder / "root" / "root.json"
        assert new_keys(tokyo) == 7, "a node that is served keeps its vault to itself"
        tokyo.stop()
        vault = (tokyo.path / "vault.json").read_bytes()
        assert new_keys(tokyo, "wrong") == 5 and (tokyo.path / "vault.json").read_bytes() == vault
        assert new_keys(tokyo) == 0
        assert new_keys(tokyo) == 7, "keys made before still wait for their statement"
        tokyo.start()
        assert "start it again" in install(tokyo, "second.json", root, OFFICERS)
        settle(tokyo)
        wait_until(lambda: version_known(kyiv, "JPN") == 2)
        tokyo.stop()
        tokyo.start()
        assert "start it again" not in install(tokyo, "third.json", root, OFFICERS, "--retire")
        settle(tokyo)
        wait_until(lambda: version_known(kyiv, "JPN") == 3)
        statement = read_unverified_statement(read_statement(tokyo.folder / "third.json"))
        assert (len(statement.registry_keys), len(statement.transport_pins)) == (1, 1)
        ok(tokyo, "authority", "agreement", "enter", "--template", "exercise")
        settle(tokyo)
        assert kyiv.json("authority", "agreement", "list")["answer"]["agreements"]


def test_a_node_is_given_a_new_credential_while_it_is_stopped(tmp_path: Path) -> None:
    with serving(tmp_path) as tokyo:
        tokyo.stop()

        def change(*lines: str) -> int:
            fd = secret_fd(*lines)
            return run("node", "new-credential", "--home", tokyo.path, "--credential-fd", str(fd), fds=(fd,)).code

        assert change("wrong", "another") == 5
        assert change(CREDENTIAL) == 6, "the new one is missing"
        assert change(CREDENTIAL, "another") == 0
        with pytest.raises(AssertionError, match="credential"):
            tokyo.start()
        tokyo.stop()
        tokyo.start(credential="another")


def test_the_next_root_is_signed_by_both_generations(tmp_path: Path) -> None:
    folder, following = tmp_path / "root", tmp_path / "next"
    secrets = secret_fd("one", "two", "three")
    assert call("root", "create", "--party", "JPN", "--exercise", "--title", "EXERCISE: root", "--folder", folder,
                "--passphrase-fd", str(secrets)).code == 0
    made = call("root", "rotate", folder / "root.json", "--keep", "1", "--keys", "2", "--folder", following,
                "--passphrase-fd", str(secret_fd("four", "five")))
    assert made.code == 0 and "root sign" in made.out
    known = verify_root((folder / "root.json").read_bytes(), mode=Mode.EXERCISE)
    root = following / "root.json"
    with pytest.raises(Exception, match="2 must"):
        verify_rotation(root.read_bytes(), known)
    assert "3 of 4" in sign(root, folder / "root.json", folder / "root-1.key.json", "one")
    assert "4 of 4" in sign(root, folder / "root.json", folder / "root-2.key.json", "two")
    rotated = verify_rotation(root.read_bytes(), known)
    assert (rotated.version, rotated.threshold, rotated.keys[0]) == (2, 2, known.keys[0])
    assert sorted(path.name for path in following.iterdir()) == ["root-2-1.key.json", "root-2-2.key.json", "root.json"]


def test_a_stranger_to_both_roots_signs_no_rotation(tmp_path: Path) -> None:
    for name in ("one", "other"):
        call("root", "create", "--party", "JPN", "--exercise", "--title", "EXERCISE: root", "--folder", tmp_path / name,
             "--keys", "1", "--threshold", "1", "--passphrase-fd", str(secret_fd(name)))
    call("root", "rotate", tmp_path / "one" / "root.json", "--keys", "1", "--folder", tmp_path / "next",
         "--passphrase-fd", str(secret_fd("next")))
    before = (tmp_path / "next" / "root.json").read_bytes()
    done = call("root", "sign", tmp_path / "next" / "root.json", "--root", tmp_path / "one" / "root.json", "--key",
                tmp_path / "other" / "root-1.key.json", "--yes", "--passphrase-fd", str(secret_fd("other")))
    assert done.code == 5 and (tmp_path / "next" / "root.json").read_bytes() == before
    done = call("root", "sign", tmp_path / "next" / "root.json", "--root", tmp_path / "next" / "root.json", "--key",
                tmp_path / "next" / "root-2-1.key.json", "--yes", "--passphrase-fd", str(secret_fd("next")))
    assert done.code == 5, "a root does not follow itself"
    assert read_unverified_root(before).version == 2

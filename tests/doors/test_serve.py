"""A node as a process: it starts only whole, says why not in one line, stops in good order, and survives a kill."""

from __future__ import annotations

import gc
import os
import signal
import socket
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from tests.doors.nodes import CREDENTIAL, Home, call, home, run, secret_fd

from cordiale.doors.serve import spare_collections


@pytest.fixture
def tokyo(tmp_path: Path) -> Iterator[Home]:
    made = home(tmp_path)
    yield made
    made.stop(signal.SIGKILL)


def serve(tokyo: Home, credential: str = CREDENTIAL) -> tuple[int, str]:
    """Try to serve in this process, which must fail, and return exit code and last words."""
    done = call("serve", "--home", tokyo.path, "--credential-fd", str(secret_fd(credential)))
    return done.code, done.err


def test_it_serves_until_it_is_told_to_stop_and_leaves_no_socket(tokyo: Home) -> None:
    tokyo.start()
    status = tokyo.client().status()
    assert (status["node"], status["party"], status["mode"]) == ("tokyo.jpn", "JPN", "exercise")
    assert stat.S_IMODE(tokyo.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(tokyo.socket.parent.stat().st_mode) == 0o700
    assert tokyo.stop(signal.SIGTERM) == 0
    assert not tokyo.socket.exists()
    assert "tokyo.jpn of JPN is serving" in (tokyo.folder / "diagnostics").read_text()


@pytest.mark.parametrize("way", ["Ctrl-C", "an operator"])
def test_there_are_other_good_ends(tokyo: Home, way: str) -> None:
    tokyo.start()
    if way == "an operator":
        assert call("stop", "--home", tokyo.path).code == 0
        assert tokyo.process is not None and tokyo.process.wait(30) == 0
    else:
        assert tokyo.stop(signal.SIGINT) == 0


def test_a_wrong_credential_ends_with_5_and_says_no_more_than_that(tokyo: Home) -> None:
    code, words = serve(tokyo, "not the credential")
    assert code == 5
    assert "the credential does not open the vault" in words
    assert "not the credential" not in words


def test_a_port_that_is_taken_ends_with_8_and_names_it(tokyo: Home) -> None:
    with socket.create_server(("127.0.0.1", tokyo.port)):
        code, words = serve(tokyo)
    assert code == 8
    assert f"127.0.0.1:{tokyo.port}" in words and "Address already in use" in words
    assert not tokyo.socket.exists()


def test_a_home_in_use_ends_with_7(tokyo: Home) -> None:
    tokyo.start()
    code, words = serve(tokyo)
    assert (code, "already being served" in words) == (7, True)
    assert tokyo.client().status()["node"] == "tokyo.jpn"


def test_a_home_of_a_newer_version_ends_with_7_and_is_not_touched(tokyo: Home) -> None:
    books = tokyo.path / "books.db"
    with sqlite3.connect(books) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    code, words = serve(tokyo)
    assert (code, "schema 99" in words) == (7, True)
    with sqlite3.connect(books) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()


def test_no_home_ends_with_8_and_no_credential_with_6(tokyo: Home, tmp_path: Path) -> None:
    assert call("serve", "--home", tmp_path / "nowhere").code == 8
    done = call("serve", "--home", tokyo.path)
    assert (done.code, "nobody handed over the credential" in done.err) == (6, True)


def test_the_service_manager_may_hand_over_the_credential(tokyo: Home, tmp_path: Path) -> None:
    (tmp_path / "cordiale-vault").write_text("not the credential\n")
    with mock.patch.dict(os.environ, {"CREDENTIALS_DIRECTORY": str(tmp_path)}):
        assert call("serve", "--home", tokyo.path).code == 5


def test_an_error_is_json_for_programs(tokyo: Home) -> None:
    handed = secret_fd("not the credential")
    done = run("serve", "--json", "--home", tokyo.path, "--credential-fd", str(handed), fds=(handed,))
    assert (done.code, done.out) == (5, "")
    assert (done.error["code"], done.error["family"]) == ("vault.credential", "unverified")


def test_a_kill_loses_no_acknowledged_act_and_doubles_none(tokyo: Home) -> None:
    tokyo.start()
    signed = tokyo.request(
        "security", "people.withdraw-clearance", {"person": "head", "level": "EX-JPN:EXERCISE FUJI"}, act_id="act.once",
    )
    first = tokyo.client().act(signed)
    tokyo.stop(signal.SIGKILL)
    assert tokyo.socket.exists()
    tokyo.start()
    again = tokyo.client().act(signed)
    assert (again.trail, again.answer) == (first.trail, first.answer)
    assert tokyo.client().status()["logs"]["internal"] == 2


def test_a_home_behind_a_long_path_is_served(tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 20) / ("path-" * 20)
    made = home(deep)
    try:
        assert len(os.fsencode(made.start().socket)) > 108
        assert call("status", "--home", made.path).code == 0
    finally:
        made.stop(signal.SIGKILL)


def test_a_bag_only_node_serves_without_a_wire(tokyo: Home) -> None:
    config = tokyo.path / "config.toml"
    config.write_text(config.read_text().replace(f'listen = "127.0.0.1:{tokyo.port}"', 'listen = ""'))
    assert tokyo.start().client().status()["listen"] == ""


def test_what_stands_when_the_doors_open_is_left_out_of_every_collection_to_come() -> None:
    table = [["what stays"]]
    assert any(one is table for one in gc.get_objects())
    spare_collections()
    assert not any(one is table for one in gc.get_objects())

"""Whoever names the wrong file is told which one it was and what to give instead, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doors.nodes import Done, Home, call, secret_fd, serving


@pytest.fixture(scope="module")
def tokyo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with serving(tmp_path_factory.mktemp("wrong")) as made:
        root = made.folder / "root"
        fd = secret_fd("one", "two", "three")
        call("root", "create", "--party", "JPN", "--exercise", "--title", "EXERCISE: root", "--folder", root,
             "--passphrase-fd", str(fd))
        made.call("", "node", "draft", "--authority", "authority", "--output", made.folder / "draft.json")
        (made.folder / "paper.pdf").write_bytes(b"%PDF-1.7 exercise\n")
        yield made


def told(done: Done, name: str, hint: str) -> None:
    assert done.code == 4
    first, second, *rest = done.err.splitlines()
    assert (f"`{name}`" in first, hint in second, rest) == (True, True, [])


def test_a_root_and_a_statement_are_not_mistaken_for_each_other(tokyo: Home) -> None:
    root, draft, paper = tokyo.folder / "root" / "root.json", tokyo.folder / "draft.json", tokyo.folder / "paper.pdf"
    install = ("node", "install", "--root")
    add = ("partner", "add", "--fingerprint", "0", "--root")
    for command in (install, add):
        told(tokyo.call("registrar", *command, paper, "--statement", draft), "paper.pdf", "root.json")
        told(tokyo.call("registrar", *command, draft, "--statement", root), "draft.json", "root.json")
        told(tokyo.call("registrar", *command, root, "--statement", root), "root.json", "cordiale root sign")
        told(tokyo.call("registrar", *command, root, "--statement", draft), "draft.json", "cordiale root sign")
    told(call("root", "fingerprint", paper), "paper.pdf", "root.json")


def test_the_two_halves_of_a_key_are_not_mistaken_for_each_other(tokyo: Home) -> None:
    keys = tokyo.folder / "keys"
    private, public = keys / "originator.key.json", keys / "originator.pub.json"
    told(tokyo.call("security", "person", "enrol", "originator", private), private.name, "stays with its owner")
    wrong = call("--home", tokyo.path, "--key", public, "--passphrase-fd", str(secret_fd("any")), "item", "list")
    told(wrong, public.name, ".key.json")


def test_an_audit_of_no_books_says_so_and_makes_none(tokyo: Home) -> None:
    paper, missing = tokyo.folder / "paper.pdf", tokyo.folder / "missing.db"
    root, statement = tokyo.folder / "root", tokyo.folder / "statement.json"
    statement.write_bytes((tokyo.folder / "draft.json").read_bytes())
    for number, secret in ((1, "one"), (2, "two")):
        call("root", "sign", statement, "--root", root / "root.json", "--key", root / f"root-{number}.key.json",
             "--yes", "--passphrase-fd", str(secret_fd(secret)))
    assert tokyo.call("registrar", "node", "install", "--root", root / "root.json", "--statement", statement).code == 0
    told(tokyo.call("", "audit", "verify", "--books", paper), "paper.pdf", "books.db")
    assert tokyo.call("", "audit", "verify", "--books", missing).code == 8
    assert not missing.exists()


def test_a_folder_without_a_bag_is_told_from_a_medium_that_fails(tokyo: Home, tmp_path: Path) -> None:
    done = tokyo.call("", "bag", "unpack", tmp_path)
    assert (done.code, "there is no bag in this folder" in done.err, "manifest.jws" in done.err) == (4, True, True)

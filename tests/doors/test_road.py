"""The whole road of one item between two served nodes, every step a command as a person types it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.doors.nodes import Home, call, secret_fd, serving, wait_until

AGREEMENT = "exercise-jpn-ukr"
LEVELS = {"JPN": "EX-JPN:EXERCISE SAKURA", "UKR": "EX-UKR:EXERCISE BARVINOK"}
TERMS = ("--to", "UKR", "--purpose", "Dialogue", "--agreement", AGREEMENT)
CONTENT = b"%PDF-1.7 exercise\n" * 1_000
DAY = ("--on", "2026-09-01", "--article", "Art. 16(1)")


def ok(made: Home, person: str, *args: str | Path) -> str:
    """Run a command that must succeed and return what it said."""
    done = made.call(person, *args)
    assert done.code == 0, (args, done.err)
    return done.out


def vouch(made: Home) -> None:
    """The party's root, the node's statement signed by two of its keys, installed."""
    root = made.folder / "root"
    statement = made.folder / "statement.json"
    fd = secret_fd("one", "two", "three")
    call("root", "create", "--party", made.party, "--exercise", "--title", "EXERCISE: root", "--folder", root,
         "--passphrase-fd", str(fd))
    ok(made, "", "node", "draft", "--authority", "authority", "--output", statement)
    for number, secret in ((1, "one"), (3, "three")):
        done = call("root", "sign", statement, "--root", root / "root.json", "--key", root / f"root-{number}.key.json",
                    "--yes", "--passphrase-fd", str(secret_fd(secret)))
        assert done.code == 0, done.err
    ok(made, "registrar", "node", "install", "--root", root / "root.json", "--statement", statement)


def introduce(made: Home, other: Home) -> None:
    """First contact over the wire; the fingerprint comes over another channel, to two persons."""
    folder = made.folder / "partner"
    ok(made, "", "partner", "contact", f"https://127.0.0.1:{other.port}", "--folder", folder)
    told = call("root", "fingerprint", other.folder / "root" / "root.json").out.strip()
    ok(made, "security", "partner", "add", "--root", folder / "root.json", "--statement", folder / "statement.json",
       "--fingerprint", told)
    ok(made, "authority", "partner", "confirm", other.party, "--fingerprint", told)


def settle(*homes: Home) -> None:
    for made in homes:
        wait_until(lambda made=made: not made.json("", "outbox")["answer"]["waiting"])  # type: ignore[misc]


def open_the_link(tokyo: Home, kyiv: Home) -> None:
    """From the proposal to a link that is approved by both."""
    ok(tokyo, "authority", "agreement", "enter", "--template", "exercise")
    settle(tokyo)
    for made in (tokyo, kyiv):
        ok(made, "authority", "agreement", "national", "--template", "exercise")
        ok(made, "authority", "agreement", "sign", AGREEMENT, "--yes")
    settle(tokyo, kyiv)
    ok(tokyo, "authority", "agreement", "stage", AGREEMENT, "signed", *DAY)
    settle(tokyo)
    for made in (tokyo, kyiv):
        ok(made, "authority", "agreement", "note", AGREEMENT, "--reference", f"EX-{made.party}", *DAY,
           "--in-force-on", "2026-09-01")
        settle(made)
    for made in (tokyo, kyiv):
        for party, level in LEVELS.items():
            ok(made, "authority", "agreement", "ready", AGREEMENT, "--of", party, "--level", level,
               "--article", "Art. 3(2)")
        ok(made, "authority", "agreement", "link", AGREEMENT, "wire", "--level", LEVELS[made.party],
           "--reference", "EX-L")
    settle(tokyo, kyiv)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    folder = tmp_path_factory.mktemp("road")
    with ExitStack() as stack:
        tokyo, kyiv = (stack.enter_context(serving(folder, party)) for party in ("JPN", "UKR"))
        for made in (tokyo, kyiv):
            vouch(made)
        introduce(tokyo, kyiv)
        introduce(kyiv, tokyo)
        open_the_link(tokyo, kyiv)
        yield tokyo, kyiv


def cross(tokyo: Home, kyiv: Home, folder: Path) -> str:
    """Label, release, dispatch and register one file; return the item."""
    paper = folder / "paper.pdf"
    paper.write_bytes(CONTENT)
    item = str(tokyo.json(
        "originator", "item", "label", paper, "--title", "Exercise paper", "--level", LEVELS["JPN"],
        "--release-to", "UKR",
    )["answer"]["item"])
    ok(tokyo, "originator", "release", "propose", item, *TERMS, "--yes")
    ok(tokyo, "authority", "release", "approve", item, *TERMS, "--yes")
    consignment = tokyo.json(
        "registrar", "dispatch", item, *TERMS, "--registry", "registry-kyiv",
    )["answer"]["consignment"]
    settle(tokyo)
    waiting = kyiv.json("registrar", "inbox")["answer"]["consignments"]
    assert [one["consignment"] for one in waiting] == [consignment]
    ok(kyiv, "registrar", "register", consignment, "--counted", "1")
    settle(kyiv)
    assert "registrar" in ok(kyiv, "registrar", "receipt", consignment)
    return item


def test_an_item_crosses_is_read_and_ends_with_a_certificate(nodes: tuple[Home, Home], tmp_path: Path) -> None:
    tokyo, kyiv = nodes
    item = cross(tokyo, kyiv, tmp_path)
    ok(kyiv, "head", "need", "grant", item, "reader", "--purpose", "Dialogue")
    ok(kyiv, "registrar", "circulate", "out", item, "reader")
    ok(kyiv, "reader", "circulate", "confirm", item)
    target = tmp_path / "read.pdf"
    said = ok(kyiv, "reader", "read", item, "--purpose", "Dialogue", "--output", target)
    assert target.read_bytes() == CONTENT
    assert (target.stat().st_mode & 0o777, "EXERCISE" in said, "audit trail: " in said) == (0o600, True, True)
    ok(kyiv, "reader", "circulate", "back", item)

    refused = kyiv.call("registrar", "pass-on", item, "--to", "POL", "--purpose", "Dialogue")
    assert refused.code == 3
    assert refused.err.startswith("refused:\n  - ")

    page = ok(kyiv, "security", "where", item)
    assert "Exercise Reader K" in page
    html = tmp_path / "where.html"
    ok(kyiv, "security", "where", item, "--html", html)
    assert html.read_text().lower().startswith("<!doctype html>")
    proposal = kyiv.json("registrar", "destroy", "propose", item, "--method", "key erased")["answer"]["proposal"]
    assert kyiv.call("registrar", "destroy", "witness", proposal).code == 3
    assert "certificates: " in ok(kyiv, "security", "destroy", "witness", proposal)
    settle(kyiv)
    assert "destroyed" in ok(tokyo, "security", "where", item)
    for made in nodes:
        assert "agree" in ok(made, "", "audit", "verify")
        copy = tmp_path / made.party
        ok(made, "", "backup", copy)
        assert "agree" in ok(made, "", "audit", "verify", "--books", copy / "books.db")


def test_a_correction_and_a_void_stand_beside_their_entries(nodes: tuple[Home, Home]) -> None:
    tokyo, _ = nodes
    slip = ("item", "label", "--form", "paper", "--title", "Slip", "--level", LEVELS["JPN"])
    first, second = (tokyo.json("originator", *slip)["answer"]["reference"] for _ in range(2))
    ok(tokyo, "registrar", "entry", "correct", first, "title", "--now-reads", "Slip A", "--reason", "named wrongly")
    ok(tokyo, "registrar", "entry", "void", second, "--reason", "entered twice")
    book = ok(tokyo, "registrar", "book", "own")
    assert "corrected" in book and "voided" in book and first in book and second in book


def test_a_person_sees_what_they_sign_and_every_reason_against_it(nodes: tuple[Home, Home], tmp_path: Path) -> None:
    tokyo, _ = nodes
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(CONTENT)
    item = tokyo.json(
        "originator", "item", "label", paper, "--title", "Second paper", "--level", LEVELS["JPN"],
        "--release-to", "UKR",
    )["answer"]["item"]
    shown = ok(tokyo, "originator", "release", "propose", item, *TERMS, "--yes")
    assert "as UKR will see it:" in shown and "EXERCISE BARVINOK" in shown and "Second paper" in shown
    assert "what stands against its dispatch now:" in shown
    nobody = tokyo.call("originator", "release", "approve", item, *TERMS)
    assert (nobody.code, "--yes" in nobody.err) == (2, True)
    alone = tokyo.call("originator", "--json", "release", "approve", item, *TERMS, "--yes")
    assert alone.code == 3
    assert {reason["code"] for reason in alone.error["reasons"]} and alone.error["trail"].startswith("internal ")
    early = tokyo.call("registrar", "dispatch", item, *TERMS, "--registry", "registry-kyiv")
    assert early.code == 3 and "audit trail: internal " in early.err


def test_lists_and_books_show_what_there_is(nodes: tuple[Home, Home]) -> None:
    tokyo, kyiv = nodes
    assert "UKR" in ok(tokyo, "registrar", "partner", "list")
    assert "in-force" in ok(kyiv, "authority", "agreement", "list")
    assert "Exercise Registrar" in ok(tokyo, "registrar", "person", "list")
    assert "EX-JPN" in ok(tokyo, "originator", "item", "list")
    assert "JPN-" in ok(tokyo, "registrar", "book", "own")
    assert "dispatched" in ok(tokyo, "registrar", "inbox", "--all")
    assert "internal" in ok(tokyo, "security", "audit", "trail")
    assert "partner.confirm" in ok(tokyo, "security", "audit", "trail", "internal")
    for command in (("duties",), ("consent", "list")):
        ok(tokyo, "registrar", *command)
    ok(tokyo, "originator", "person", "show", "originator")
    ok(tokyo, "authority", "agreement", "show", AGREEMENT)
    traced = ok(tokyo, "authority", "agreement", "trace", AGREEMENT)
    assert "Art. 11  Return and destruction" in traced and "nothing is shown" not in traced


def test_the_partner_is_told_nothing_of_readers_and_a_visitor_gets_the_statement_alone(
    nodes: tuple[Home, Home], tmp_path: Path
) -> None:
    tokyo, kyiv = nodes
    again = kyiv.call("", "--json", "partner", "contact", f"https://127.0.0.1:{tokyo.port}")
    assert again.answer["answer"]["party"] == "JPN"
    log = tmp_path / "log"
    ok(kyiv, "", "audit", "export", AGREEMENT, log)
    content = b"".join(path.read_bytes() for path in log.rglob("*") if path.is_file())
    assert (log / "checkpoint").exists() and b"reader" not in content and b"Reader" not in content


def test_a_newer_version_is_what_is_shown_for_signature_and_counts_once_both_have_signed(
    nodes: tuple[Home, Home], tmp_path: Path
) -> None:
    tokyo, kyiv = nodes
    folder = tmp_path / "newer"
    ok(tokyo, "", "agreement", "templates", "exercise", "--copy-to", folder)
    profile = folder / "profile.toml"
    profile.write_text(profile.read_text().replace("version = 1", "version = 2", 1))
    ok(tokyo, "authority", "agreement", "enter", "--dir", folder)
    settle(tokyo)
    for made in (tokyo, kyiv):
        said = ok(made, "authority", "agreement", "sign", AGREEMENT, "--yes")
        assert "version 2" in said
        settle(made)
    for made in (tokyo, kyiv):
        (line,) = made.json("authority", "agreement", "list")["answer"]["agreements"]
        assert (line["version"], line["signed_by"], line["stage"]) == (2, ["JPN", "UKR"], "in-force")


def test_a_level_is_suspended_and_taken_up_again_and_a_finding_withdrawn(nodes: tuple[Home, Home]) -> None:
    tokyo, kyiv = nodes
    ok(tokyo, "authority", "agreement", "stage", AGREEMENT, "suspended", *DAY, "--level", LEVELS["JPN"])
    assert tokyo.call("authority", "agreement", "stage", AGREEMENT, "suspended", *DAY).code == 0
    assert "suspended" in ok(tokyo, "authority", "agreement", "list")
    assert "in-force" in ok(tokyo, "authority", "agreement", "stage", AGREEMENT, "in-force", *DAY)
    finding = ("--of", "UKR", "--level", LEVELS["UKR"], "--article", "Art. 3(1)")
    assert "no longer" in ok(kyiv, "authority", "agreement", "ready", AGREEMENT, *finding, "--withdraw")
    assert "is found ready" in ok(kyiv, "authority", "agreement", "ready", AGREEMENT, *finding)
    wrong = ("--of", "UKR", "--level", LEVELS["JPN"], "--article", "Art. 3(1)")
    refused = kyiv.call("authority", "agreement", "ready", AGREEMENT, *wrong)
    assert (refused.code, "not a level of UKR" in refused.err) == (4, True)
    settle(tokyo, kyiv)


def test_an_own_item_is_destroyed_by_two_and_nobody_is_owed_a_certificate(
    nodes: tuple[Home, Home], tmp_path: Path
) -> None:
    tokyo, _ = nodes
    paper = tmp_path / "own.pdf"
    paper.write_bytes(CONTENT)
    item = str(tokyo.json(
        "originator", "item", "label", paper, "--title", "Own paper", "--level", LEVELS["JPN"],
    )["answer"]["item"])
    proposal = tokyo.json("registrar", "destroy", "propose", item, "--method", "key erased")["answer"]["proposal"]
    assert "nobody is owed a certificate" in ok(tokyo, "security", "destroy", "witness", proposal)
    assert "destroyed" in ok(tokyo, "security", "where", item)

"""The command line: one table, one file a command, exit codes by family, and answers for people and for programs."""

from __future__ import annotations

import errno
import importlib
import json
import os
import pty
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import click
import pytest
from tests.doors.nodes import SECRET, Home, call, home, run, secret_fd, serving
from tests.world.world import PEOPLE

from cordiale.crypto.signatures import SigningPair
from cordiale.doors.cli.frame import Command, Settings
from cordiale.doors.cli.main import COMMANDS, cordiale
from cordiale.doors.cli.manual import manual
from cordiale.doors.cli.trouble import lines_of, report
from cordiale.errors import EXIT_CODES, Malformed, OutOfOrder, Refused, Unavailable, Undecidable, Unverified
from cordiale.model.decision import decision_of, refusal, undecidable
from cordiale.model.mode import Mode
from cordiale.operate.keyfiles import OpenKey, write_public

ROOT = Path(__file__).parents[2]
LEVEL = "EX-JPN:EXERCISE SAKURA"


@pytest.fixture(scope="module")
def tokyo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with serving(tmp_path_factory.mktemp("cli")) as made:
        yield made


def leaves(parent: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    context = click.Context(parent)
    for name in parent.list_commands(context):
        command = parent.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            assert isinstance(command, Command)
            yield (*path, name), command


LEAVES = dict(leaves(cordiale))


def test_every_row_of_the_table_has_its_file_and_says_the_same_there() -> None:
    for row in COMMANDS:
        command = importlib.import_module(f"cordiale.doors.cli.commands.{row.module}").command
        assert (command.name, command.short_help) == (row.name, row.summary)


def test_every_command_shows_examples_that_it_would_take() -> None:
    for path, command in LEAVES.items():
        assert command.examples, path
        lines = "\n".join(command.examples).replace("\\\n", " ").splitlines()
        for line in lines:
            words = shlex.split(line.split(" | ")[0])
            words = [word for word in words if not word.startswith((">", "3<"))]
            assert tuple(words[: len(path) + 1]) == ("cordiale", *path), line
            command.make_context(path[-1], words[len(path) + 1 :], obj=Settings())


def test_every_command_takes_home_and_json() -> None:
    for path, command in LEAVES.items():
        assert {"home", "json"} <= {param.name for param in command.params}, path


def test_no_option_takes_a_secret_and_no_environment_variable_gives_one() -> None:
    variables = set()
    for command in LEAVES.values():
        for param in command.params:
            assert param.name not in ("passphrase", "credential", "password")
            variables.add(param.envvar)
    assert variables == {None, "CORDIALE_HOME", "CORDIALE_KEY"}


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert (ROOT / "docs" / "commands.md").read_text() == manual(), "run `make docs`"


def test_help_reads_no_command_and_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "sys.argv = ['cordiale', '--help']\n"
        "from cordiale.doors.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted(name for name in sys.modules if name.startswith(('cordiale.', 'cryptography', 'starlette'))))\n"
    )
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    print(f"help after {time.perf_counter() - started:.3f} s, the start of Python included")
    read = ["doors", "doors.cli", "doors.cli.frame", "doors.cli.main", "words"]
    assert done.stdout.rstrip().endswith(str([f"cordiale.{name}" for name in read]))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for(shell: str) -> None:
    done = call("completion", shell)
    assert done.code == 0 and "_CORDIALE_COMPLETE" in done.out


def test_the_shell_completes_commands() -> None:
    done = run(env={"_CORDIALE_COMPLETE": "bash_complete", "COMP_WORDS": "cordiale rel", "COMP_CWORD": "1"})
    assert done.out.split() == ["plain,release"]


def test_each_family_has_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    decision = decision_of("read", [refusal("a.b", "no"), undecidable("c.d", "who knows")])
    errors = [
        Refused(decision), Malformed("x.y", "text"), Unverified("x.y", "text"), Undecidable("x.y", "text"),
        OutOfOrder("x.y", "text"), Unavailable("x.y", "text"),
    ]
    assert [report(error, Settings()) for error in errors] == [3, 4, 5, 6, 7, 8]
    assert {type(error) for error in errors} == set(EXIT_CODES)
    assert report(click.UsageError("text"), Settings()) == 2
    assert report(KeyboardInterrupt(), Settings()) == 130
    assert capsys.readouterr().out == ""


def test_a_defect_says_where_and_not_what_it_was_about(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("the title nobody may see")
    except ValueError as error:
        assert report(error, Settings()) == 1
    said = capsys.readouterr().err
    assert "ValueError test_cli.py:" in said and "title" not in said


def test_a_refusal_shows_every_reason_with_its_article_and_its_place_in_the_trail() -> None:
    error = Refused(decision_of("read", [
        refusal("access.need", "{person} has no need-to-know", "Art. 5(2)", person="the reader"),
        refusal("access.level", "the clearance is too low"),
    ]))
    error.trail = "internal 12"
    assert lines_of(error) == [
        "refused:", "  - the reader has no need-to-know (Art. 5(2))", "  - the clearance is too low",
        "nothing was changed", "audit trail: internal 12",
    ]


def test_a_stopped_command_says_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(KeyboardInterrupt(), Settings(if_stopped="the reading stands in the audit trail: internal 3")) == 130
    assert "the reading stands in the audit trail: internal 3" in capsys.readouterr().err


def test_a_full_disk_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(OSError(errno.ENOSPC, "No space left on device"), Settings()) == 8
    assert "what to do: make room" in capsys.readouterr().err


def test_an_output_that_nobody_reads_ends_quietly(tokyo: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "cordiale", "--home", str(tokyo.path), "status"], stdout=writing, stderr=subprocess.PIPE,
        check=False, timeout=60,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_what_waits_is_listed_with_the_command_that_comes_next(tokyo: Home) -> None:
    tokyo.json("originator", "item", "label", "--form", "paper", "--title", "Exercise note", "--level", LEVEL,
               "--declassify-event", "the visit")
    number = tokyo.json("originator", "item", "list")["answer"]["items"][-1]["reference"]
    tokyo.json("originator", "level", "propose", number, "--event", "the visit")
    done = tokyo.call("authority", "duties")
    assert f"next: cordiale level confirm {number}" in done.out
    assert tokyo.json("authority", "duties")["answer"]["duties"][-1]["what"] == "confirm-level"


def test_a_member_that_is_missing_in_the_configuration_is_not_the_sender_s_fault(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[wire]\n")
    done = call("--home", tmp_path, "status")
    assert done.code == 4 and "docs/settings.md" in done.err and "sender" not in done.err


def test_an_error_shows_its_hint_with_its_fields() -> None:
    error = Malformed("x.y", "`{value}` is wrong", hint="write {kind}", article="Art. 1", value="3", kind="4")
    assert lines_of(error) == ["`3` is wrong (Art. 1)", "what to do: write 4"]


def test_an_act_in_json_is_its_answer_and_its_entry(tokyo: Home) -> None:
    answer = tokyo.json("authority", "agreement", "national", "--template", "exercise")
    assert set(answer) == {"answer", "at", "trail"}
    assert answer["answer"] == {"party": "JPN", "version": 1} and answer["trail"].startswith("internal ")


def test_json_may_stand_before_or_after_the_command(tokyo: Home) -> None:
    for args in (("--json", "status"), ("status", "--json")):
        assert json.loads(tokyo.call("", *args).out)["answer"]["node"] == "tokyo.jpn"


def test_an_error_in_json_has_every_reason_and_leaves_the_output_empty(tokyo: Home) -> None:
    done = tokyo.call("head", "--json", "person", "withdraw-clearance", "head", LEVEL)
    assert (done.code, done.out) == (3, "")
    assert {reason["code"] for reason in done.error["reasons"]} == {"office.not-held", "office.own-favour"}
    assert set(done.error) >= {"code", "family", "fields", "hint", "text", "trail"}
    usage = tokyo.call("head", "--json", "person", "withdraw-clearance")
    assert (usage.code, usage.error["family"]) == (2, "usage")


def test_the_same_act_id_is_one_act(tokyo: Home) -> None:
    args = ("--json", "absence", "register", "registrar", "registrar", "--act-id", "act.away")
    first, second = (tokyo.json("security", *args) for _ in range(2))
    assert first == second


def test_a_machine_client_is_entered_confirmed_listed_and_withdrawn(tokyo: Home, tmp_path: Path) -> None:
    write_public(tmp_path / "drafts.pub.json", OpenKey(SigningPair.generate(), Mode.EXERCISE))
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    client = tokyo.json("security", "client", "add", "originator", "draft system", tmp_path / "drafts.pub.json",
                        "--scope", "label", "--until", until)["answer"]["client"]
    tokyo.json("head", "client", "confirm", client, "--yes")
    (shown,) = tokyo.json("originator", "client", "list")["answer"]["clients"]
    assert (shown["client"], shown["state"], shown["scopes"]) == (client, "active", ["label"])
    done = tokyo.call("security", "client", "withdraw", client)
    assert done.code == 0 and f"the client {client} of originator counts no longer" in done.out + done.err


def test_a_wrong_passphrase_is_unverified_and_a_missing_key_is_usage(tokyo: Home) -> None:
    key = tokyo.key_file("head")
    wrong = call("--home", tokyo.path, "--key", key, "--passphrase-fd", str(secret_fd("wrong")), "item", "list")
    assert wrong.code == 5 and "wrong" not in wrong.err.replace("the passphrase is wrong", "")
    assert call("--home", tokyo.path, "item", "list").code == 2
    assert call("item", "list").code == 2
    assert call("--home", tokyo.path, "--key", key, "item", "list").code == 6
    assert call("--home", tokyo.path, "--key", key, "--passphrase-fd", "999", "item", "list").code == 2


def test_the_environment_names_home_and_key_and_the_line_wins(tokyo: Home, tmp_path: Path) -> None:
    environment = {"CORDIALE_HOME": str(tokyo.path), "CORDIALE_KEY": str(tmp_path / "none.key.json")}
    handed = secret_fd(SECRET)
    done = run("item", "list", "--key", tokyo.key_file("head"), "--passphrase-fd", str(handed), fds=(handed,),
               env=environment)
    assert done.code == 0, done.err


def test_a_content_is_not_written_to_a_terminal(tokyo: Home) -> None:
    ours, theirs = pty.openpty()
    handed = secret_fd(SECRET)
    done = subprocess.run(
        [sys.executable, "-m", "cordiale", "read", "jpn.none", "--purpose", "x", "--home", tokyo.path,
         "--key", tokyo.key_file("head"), "--passphrase-fd", str(handed)],
        stdout=theirs, stderr=subprocess.PIPE, pass_fds=[handed], check=False,
    )
    for fd in (ours, theirs, handed):
        os.close(fd)
    assert done.returncode == 2 and b"not written to a terminal" in done.stderr


def test_a_content_goes_to_another_program_whole_and_to_no_file_that_is_there(tokyo: Home, tmp_path: Path) -> None:
    tokyo.call("authority", "agreement", "national", "--template", "exercise")
    content = os.urandom(300_000)
    item = tokyo.json(
        "originator", "item", "label", "-", "--title", "Exercise paper", "--level", LEVEL, stdin=content,
    )["answer"]["item"]
    tokyo.call("head", "need", "grant", item, "originator", "--purpose", "exercise")
    done = tokyo.call("originator", "read", item, "--purpose", "exercise")
    assert (done.code, done.raw) == (0, content)
    assert "EXERCISE SAKURA" in done.err
    there = tmp_path / "there"
    there.write_text("mine")
    assert tokyo.call("originator", "read", item, "--purpose", "exercise", "-o", there).code == 2
    assert there.read_text() == "mine"
    draft = tokyo.json("originator", "draft", "enter", "-", "--title", "Notes", "--level", LEVEL, stdin=content)["answer"]["draft"]
    assert tokyo.json("originator", "draft", "revise", draft, "-", "--edition", "1", stdin=content[:9])["answer"] == {"draft": draft, "edition": 2}
    assert tokyo.call("originator", "draft", "read", draft).raw == content[:9]
    tokyo.json("originator", "draft", "share", draft, "--with", "head")
    tokyo.json("originator", "item", "label", "--draft", draft, "--form", "file", "--title", "Paper", "--level", LEVEL)
    refused = tmp_path / "refused"
    assert tokyo.call("head", "read", item, "--purpose", "exercise", "-o", refused).code == 3
    assert not refused.exists()


def test_doctor_looks_at_the_node_and_what_is_bad_ends_with_7(tokyo: Home) -> None:
    checks = {one["code"]: one["state"] for one in tokyo.json("", "doctor")["answer"]["checks"]}
    assert {"doctor.clock", "doctor.log", "doctor.vault", "doctor.sqlite", "doctor.encryption"} <= set(checks)
    tokyo.path.chmod(0o755)
    try:
        done = tokyo.call("", "doctor")
    finally:
        tokyo.path.chmod(0o700)
    assert done.code == 7 and "others on this machine may reach `home`" in done.out


def test_doctor_looks_from_outside_at_a_node_that_is_not_serving(tmp_path: Path) -> None:
    made = home(tmp_path)
    done = made.call("", "--json", "doctor")
    codes = {one["code"]: one["state"] for one in done.answer["answer"]["checks"]}
    assert codes["doctor.serving"] == "unknown" and codes["doctor.port"] == "ok"


def test_init_makes_a_node_of_founders_with_keys(tmp_path: Path) -> None:
    made = Home(tmp_path, "JPN", "tokyo.jpn", 0)
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE["JPN"])
    for person in ("registrar", "security"):
        done = call("person", "key", "new", person, "--folder", tmp_path / "keys", "--exercise",
                    "--passphrase-fd", str(secret_fd("a passphrase")))
        assert done.code == 0, done.err
    args = ("init", "--home", made.path, "--party", "JPN", "--id", "tokyo.jpn", "--title", "EXERCISE", "--people",
            people, "--keys", tmp_path / "keys")
    assert call(*args, "--credential-fd", str(secret_fd("c"))).code == 2
    assert call(*args, "--exercise", "--mode", "real", "--credential-fd", str(secret_fd("c"))).code == 2
    done = call(*args, "--exercise", "--json", "--credential-fd", str(secret_fd("c")))
    assert done.code == 0, done.err
    assert done.answer["answer"]["keys"] == ["registrar", "security"]
    assert call(*args, "--exercise", "--credential-fd", str(secret_fd("c"))).code == 7


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    args = ("person", "key", "new", "reader", "--folder", tmp_path, "--exercise")
    assert call(*args, "--passphrase-fd", str(secret_fd("one"))).code == 0
    before = (tmp_path / "reader.key.json").read_bytes()
    assert call(*args, "--passphrase-fd", str(secret_fd("two"))).code == 7
    assert (tmp_path / "reader.key.json").read_bytes() == before


def test_an_agreement_is_checked_and_shown_without_a_node(tmp_path: Path) -> None:
    assert call("agreement", "check", "--template", "exercise").code == 0
    assert "exercise" in call("agreement", "templates").out
    assert call("agreement", "templates", "exercise", "--copy-to", tmp_path / "mine").code == 0
    profile = tmp_path / "mine" / "profile.toml"
    profile.write_text(profile.read_text().replace('article = "Art. 4(1)"', 'article = "Art. 99(1)"'))
    done = call("agreement", "check", "--dir", tmp_path / "mine", "--json")
    assert done.code == 4
    assert any(one["severity"] == "error" for one in done.answer["answer"]["findings"])
    assert call("agreement", "show", "--template", "exercise", "--html", tmp_path / "page.html").code == 0
    assert "Art" in (tmp_path / "page.html").read_text()
    assert call("agreement", "check").code == 2


def test_an_agreement_is_traced_article_by_article_without_a_node(tmp_path: Path) -> None:
    assert "ch-pl-2022" in call("agreement", "trace").out
    done = call("agreement", "trace", "ch-pl-2022", "--json").answer["answer"]
    assert done["agreement"] == "ch-pl-2022"
    (end,) = (one for one in done["trace"] if one["article"] == "Art. 8(1)")
    assert [row["number"] for row in end["obligations"]] == [101]
    assert any("forbidden" in rule["says"] for rule in end["rules"])
    assert call("agreement", "templates", "ch-pl-2022", "--copy-to", tmp_path / "mine").code == 0
    text = tmp_path / "mine" / "text.toml"
    text.write_text(text.read_text().replace("Vernichtung", "Beseitigung"))
    shown = call("agreement", "trace", "--dir", tmp_path / "mine").out
    assert "101 The highest levels are returned" in shown and "nothing is shown for it" in shown
    assert call("agreement", "trace", "ch-pl-2022", "--dir", tmp_path / "mine").code == 2
    assert call("agreement", "trace", "nobody-knows-it").code != 0


def test_errors_lists_codes_by_their_beginning() -> None:
    found = call("errors", "clock", "--json").answer["answer"]["errors"]
    assert {one["code"] for one in found} == {"clock.behind", "clock.jumped"}


def test_a_backup_is_restored_and_its_books_hold(tokyo: Home, tmp_path: Path) -> None:
    copy, again = tmp_path / "copy", tmp_path / "again"
    done = tokyo.call("", "--json", "backup", copy)
    assert done.code == 0, done.err
    assert tokyo.call("", "backup", copy).code == 7
    assert call("restore", copy, "--home", again).code == 0
    assert call("restore", copy, "--home", again).code == 7
    objects = {path.name for path in (again / "objects").rglob("*") if path.is_file()}
    assert objects == {path.name for path in (tokyo.path / "objects").rglob("*") if path.is_file()}
    (copy / "backup.json").unlink()
    assert call("restore", copy, "--home", tmp_path / "third").code == 4
    assert not (tmp_path / "third").exists()


def test_a_number_is_no_answer_to_a_stranger_and_the_refusal_stands_in_the_trail(tokyo: Home, tmp_path: Path) -> None:
    """Alike for a number that is there and for one that is not; who keeps the register is told which it is."""
    entered = tokyo.json(
        "originator", "item", "label", "--form", "paper", "--title", "Exercise paper", "--level", "EX-JPN:EXERCISE SAKURA",
    )["answer"]["reference"]
    told = []
    for number in (entered, "JPN-2026-9999"):
        done = tokyo.call("head", "--json", "read", number, "--purpose", "exercise", "-o", tmp_path / "none")
        assert done.code == 3 and done.error["trail"].startswith("internal ")
        told.append({name: value for name, value in done.error.items() if name != "trail"})
    assert told[0] == told[1]
    assert tokyo.call("registrar", "read", "JPN-2026-9999", "--purpose", "exercise", "-o", tmp_path / "none").code == 7


def test_every_section_of_the_help_stands_there_once() -> None:
    sections = [section for section, _ in groupby(COMMANDS, lambda row: row.section)]
    assert len(sections) == len(set(sections))

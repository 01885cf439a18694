"""The tools that read the source: what they follow, and what they admit they cannot."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from textwrap import dedent

from tools.error_codes import Coded, codes_in
from tools.put_on_path import put_on_path
from tools.source import ROOT, Module


def codes(text: str) -> tuple[tuple[Coded, ...], tuple[str, ...]]:
    head = "from cordiale.errors import Malformed, Unverified\nfrom cordiale.model.decision import refusal\n"
    path = ROOT / "src" / "cordiale" / "made_up.py"
    found = codes_in([Module("cordiale.made_up", path, ast.parse(head + dedent(text)))])
    return found.coded, found.lost


def test_a_code_at_a_raise_is_found_with_its_hint() -> None:
    assert codes("""
        def f():
            raise Malformed("area.code", "it is {what}", hint="look", article="Art. 1", what=1)
    """) == ((Coded("area.code", "Malformed", "it is {what}", "look", "Art. 1"),), ())


def test_a_function_that_passes_codes_on_is_followed() -> None:
    found, lost = codes("""
        HINT = "ask again"

        class Reader:
            def _no(self, kind, what):
                raise Unverified(f"reader.{kind}", "it is not " + what, hint=HINT)

            def read(self):
                self._no("form", "a form")

        def _refuse(code, text):
            _inner(f"made.{code}", text)

        def _inner(code, text):
            raise Malformed(code, text)

        def f():
            _refuse("up", "it was made up")
    """)
    assert lost == ()
    assert [(one.code, one.family, one.text, one.hint) for one in found] == [
        ("made.up", "Malformed", "it was made up", ""),
        ("reader.form", "Unverified", "it is not a form", "ask again"),
    ]


def test_codes_in_a_table_are_found() -> None:
    found, lost = codes("""
        GROUNDS = {"area.missing": "it is missing", "area.late": "it is late", "other.late": "never used"}

        def f(gap):
            code = f"area.{gap}"
            yield refusal(code, GROUNDS[code], "Art. 2")
    """)
    assert lost == ()
    assert {(one.code, one.text) for one in found} == {
        ("area.missing", "it is missing"), ("area.late", "it is late"),
    }


def test_a_code_that_cannot_be_followed_is_admitted() -> None:
    found, lost = codes("""
        def f(things):
            for thing in things:
                raise Malformed(thing.name, thing.sentence)
    """)
    assert found == ()
    assert lost == ("src/cordiale/made_up.py:6",)


def test_the_source_is_put_on_the_path(tmp_path: Path) -> None:
    packages, scripts = tmp_path / "packages", tmp_path / "bin"
    packages.mkdir()
    scripts.mkdir()
    put_on_path(packages, scripts, ROOT / "src")
    assert (packages / "cordiale-source.pth").read_text() == f"{ROOT / 'src'}\n"
    assert (scripts / "cordiale").stat().st_mode & 0o111
    (scripts / "python").symlink_to("/bin/echo")
    done = subprocess.run([scripts / "cordiale", "item", "list"], capture_output=True, text=True, check=True)
    assert done.stdout == "-m cordiale item list\n"

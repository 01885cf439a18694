"""What people read: found in the source, translated with its fields whole, and never where programs read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cordiale.words import fill, say
from cordiale.words.collect import LANGUAGES, encoded, paths_of, read, template
from cordiale.words.sources import find_errors, find_sentences

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def fields_of(text: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", text))


def speak(language: str, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cordiale", *args], capture_output=True, text=True, encoding="utf-8", check=False,
        env={**os.environ, "LANGUAGE": language, "PYTHONIOENCODING": "utf-8"}, stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("language", TRANSLATED)
def test_everything_that_is_said_is_translated(language: str) -> None:
    catalog = read(language)
    missing = sorted({one.text for one in find_sentences() if not getattr(catalog.get(one.text), "string", "")})
    assert missing == [], "run `make words`, then translate these"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_its_sentence(language: str) -> None:
    for message in read(language):
        if message.id and message.string:
            assert fields_of(str(message.string)) == fields_of(str(message.id)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_edited_one(language: str) -> None:
    _, compiled = paths_of(language)
    assert compiled.read_bytes() == encoded(read(language))[1], "run `python -m cordiale.words.collect`"


def test_a_person_reads_their_language_and_a_program_reads_none() -> None:
    assert "ここにノードはありません" not in speak("en", "status").stderr
    french = speak("fr", "--home", "/nowhere", "status")
    assert "il n’y a pas de nœud dans" in french.stderr and "à faire :" in french.stderr
    japanese = speak("ja", "--help")
    assert "対象物の一生" in japanese.stdout
    plain = speak("uk", "--json", "--home", "/nowhere", "status")
    assert json.loads(plain.stderr)["error"]["text"] == "there is no node in `{home}`"


def test_english_is_chosen_where_it_comes_first() -> None:
    assert "Carry out agreements" in speak("en:ja", "--help").stdout


def test_a_sentence_whose_fields_are_missing_stays_as_it_is() -> None:
    assert fill("{a} and {b}", {"a": "1"}) == "{a} and {b}"
    assert fill("a { brace", {}) == "a { brace"
    assert say("") == ""


def test_sentences_are_found_where_they_are_said() -> None:
    texts = {message.id for message in template() if message.id}
    for said in ("audit trail: {entry}", "there is no node in `{home}`", "nobody has proposed the release", "Usage:"):
        assert said in texts


def test_errors_are_found_with_code_family_and_hint() -> None:
    found = {one.code: one for one in find_errors()}
    missing = found["config.missing"]
    assert (missing.family, missing.text) == ("unavailable", "there is no node in `{home}`")
    assert "cordiale init" in missing.hint


def test_every_command_that_a_sentence_names_is_there() -> None:
    from cordiale.doors.cli.main import cordiale

    unknown = set()
    for sentence in find_sentences():
        for named in re.findall(r"`cordiale ([a-z][a-z -]*)`", sentence.text):
            if not is_command(cordiale, named.split()):
                unknown.add((sentence.file, named))
    assert unknown == set()


def is_command(group: click.Command, words: list[str]) -> bool:
    for word in words:
        if not isinstance(group, click.Group):
            return True
        found = group.get_command(click.Context(group), word)
        if found is None:
            return False
        group = found
    return True


def test_catalogues_lie_in_the_package() -> None:
    for language in LANGUAGES:
        for path in paths_of(language):
            assert Path(path).is_file()

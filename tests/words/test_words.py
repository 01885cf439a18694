"""What people read: found in the source, translated with its fields whole, and never where programs read."""

from __future__ import annotations

import gettext
import json
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog

from cordiale.words import fill, say
from cordiale.words.collect import LANGUAGES, PLURAL_FORMS, encoded, is_complete, paths_of, read, template
from cordiale.words.counted import COUNTED
from cordiale.words.sources import find_errors, find_sentences
from cordiale.words.spoken import Words

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
    missing = sorted(
        {str(one.id) for one in template() if one.id and not ((found := catalog.get(one.id)) and is_complete(found))}
    )
    assert missing == [], "run `make words`, then translate these"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_its_sentence(language: str) -> None:
    for message in read(language):
        many = message.id if isinstance(message.id, str) else message.id[-1]
        for said in [message.string] if isinstance(message.string, str) else message.string:
            if message.id and said:
                assert fields_of(said) == fields_of(many), message.id


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_says_which_number_takes_which_form(language: str) -> None:
    assert read(language).plural_forms.replace(" ", "") == PLURAL_FORMS[language].replace(" ", "")


def test_what_is_counted_is_said_in_the_form_of_its_number() -> None:
    forms = {"en": ("{n} copy", "{n} copies"), "fr": ("{n} exemplaire", "{n} exemplaires"), "ja": ("{n} 部",),
             "uk": ("{n} примірник", "{n} примірники", "{n} примірників")}
    said = {}
    for language, strings in forms.items():
        catalog = Catalog(locale=language)
        catalog.mime_headers = [("Plural-Forms", PLURAL_FORMS[language])]
        catalog.add(("{n} copy", "{n} copies"), strings)
        spoken = gettext.GNUTranslations(BytesIO(encoded(catalog)[1]))
        said[language] = [
            fill(spoken.ngettext("{n} copy", "{n} copies", n), {"n": n}) for n in (0, 1, 2, 5, 11, 21, 1_002)
        ]
    assert said["en"] == ["0 copies", "1 copy", "2 copies", "5 copies", "11 copies", "21 copies", "1002 copies"]
    assert said["fr"][:3] == ["0 exemplaire", "1 exemplaire", "2 exemplaires"]
    assert said["ja"][1:3] == ["1 部", "2 部"]
    assert said["uk"] == ["0 примірників", "1 примірник", "2 примірники", "5 примірників", "11 примірників",
                          "21 примірник", "1002 примірники"]


def test_one_is_never_said_as_many() -> None:
    for many, counted in COUNTED.items():
        plain = fill(counted.one, dict.fromkeys(re.findall(r"\{(\w+)\}", many), "1"))
        for spoken in (say, Words("en").say):
            assert spoken(many, **dict.fromkeys(re.findall(r"\{(\w+)\}", many), 1)) == plain
    assert Words("en").say("{count} persons", count="1,001") == "1,001 persons"


def test_every_sentence_that_counts_is_said_somewhere_and_its_form_for_one_nowhere_else() -> None:
    texts = {one.text for one in find_sentences()}
    assert set(COUNTED) - texts == set()
    assert {one.one for one in COUNTED.values()} & texts == set()
    for many, counted in COUNTED.items():
        assert fields_of(counted.one) == fields_of(many) and f"{{{counted.by}}}" in many


# Bounds that the program sets and that are never one.
NEVER_ONE = re.compile(
    r"1 to \{|at most \{|at most$|more than \{(?!count\} (?:items\.|packages))|no more are entered$|takes no more$"
    r"|\} (?:clients|searches|registries|sets of keys) already|\{count\} registries are open|holds \{count\} parts"
    r"|passkeys, cards and accounts already|cannot hold \{size\} entries|names more than"
)


def test_no_sentence_puts_a_number_before_a_noun_for_many_without_a_form_for_one() -> None:
    """The nouns are those of the table itself: a word that differs between the sentence for one and that for many."""
    nouns = {word for many, counted in COUNTED.items() for word in set(words_in(many)) - set(words_in(counted.one))}
    nouns = {noun for noun in nouns if noun.endswith("s") or noun == "people"}
    before = re.compile(r"\{(?!party\})\w+\} (?:(?!and|of|to|in|for)[a-z]+ ){0,2}(?:" + "|".join(sorted(nouns)) + r")\b")
    bare = {
        one.text for one in find_sentences()
        if before.search(one.text) and one.text not in COUNTED and not NEVER_ONE.search(one.text)
    }
    assert {"copies", "items", "days", "persons"} <= nouns and bare == set()


def words_in(text: str) -> list[str]:
    return re.findall(r"[a-z]+", re.sub(r"\{\w+\}", "", text))


def test_english_is_chosen_where_it_comes_first() -> None:
    assert "Carry out agreements" in speak("en:ja", "--help").stdout


def test_a_sentence_whose_fields_are_missing_stays_as_it_is() -> None:
    assert fill("{a} and {b}", {"a": "1"}) == "{a} and {b}"
    assert fill("a { brace", {}) == "a { brace"
    assert say("") == ""


def test_sentences_are_found_where_they_are_said() -> None:
    texts = {message.id for message in template() if isinstance(message.id, str)}
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

"""An agreement as people write it: a folder of TOML files, one for each layer.

`text.toml` holds the articles, `profile.toml` what the competent authorities
sign, and `national-<PARTY>.toml` what one party's own law adds. The form is
described in `docs/agreement-authoring.md`; `cordiale.rules.agreement_check`
finds what is missing or contradicts itself.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from cordiale.errors import Malformed
from cordiale.limits import (
    AGREEMENT_PERSONS_COUNT_MAX,
    AGREEMENT_RULES_COUNT_MAX,
    AGREEMENT_SIZE_BYTES_MAX,
    ARTICLE_NUMBER_LENGTH_MAX,
    ARTICLES_COUNT_MAX,
    PARAGRAPH_LENGTH_MAX,
    PARAGRAPHS_COUNT_MAX,
)
from cordiale.model.agreement import AgreementDraft, AgreementText, Article, NationalProfile, Profile
from cordiale.model.label import Scheme
from cordiale.wire.label_json import PROFILE_VERSION_MAX
from cordiale.wire.method_rows import parse_method_rows
from cordiale.wire.profile_toml import parse_profile_toml
from cordiale.wire.rule_toml import ARTICLE_HINT, LevelWords, parse_access_rules, parse_act_rules, parse_party
from cordiale.wire.scheme_table import load_schemes
from cordiale.wire.term_toml import parse_terms
from cordiale.wire.toml_table import TomlFile, TomlTable

TEXT_FILE: Final = "text.toml"
PROFILE_FILE: Final = "profile.toml"
TRACE_FILE: Final = "trace.toml"
_TEMPLATES: Final = (
    "ch-cz-2011", "ch-dk-2012", "ch-fr-2006", "ch-kr-2022", "ch-lu-2024", "ch-pl-2022", "eu-member-states-2011",
    "exercise", "jp-ua-2024", "nl-de-2001",
)


def parse_agreement_toml(toml_files: Mapping[str, str], *, schemes: Mapping[str, Scheme]) -> AgreementDraft:
    """Read all files of one agreement, given by name.

    `schemes` are the classification schemes known here, by their id. Raises `Malformed` for a file that is
    missing, that does not belong there, or that is wrong; the error names the file and the line.
    """
    for needed in (TEXT_FILE, PROFILE_FILE):
        if needed not in toml_files:
            raise Malformed(
                "agreement.file-missing", "the agreement has no {file}", file=needed,
                hint="start from one of the shipped templates",
            )
    text = parse_text_toml(toml_files[TEXT_FILE], file=TEXT_FILE)
    profile = parse_profile_toml(toml_files[PROFILE_FILE], file=PROFILE_FILE, schemes=schemes)
    nationals = []
    for name in sorted(set(toml_files) - {TEXT_FILE, PROFILE_FILE}):
        party = name.removeprefix("national-").removesuffix(".toml")
        if name != f"national-{party}.toml" or party not in profile.parties:
            raise Malformed(
                "agreement.file-unknown", "the file {file} does not belong to this agreement", file=name[:100],
                hint="national profiles are called national-<PARTY>.toml, after a party of the profile",
            )
        national = parse_national_toml(toml_files[name], file=name, profile=profile)
        if national.party != party:
            raise Malformed(
                "agreement.file-party", "the file {file} holds the national profile of {party}", file=name,
                party=national.party, hint="name the file after its party",
            )
        nationals.append(national)
    return AgreementDraft(text, profile, tuple(nationals))


def parse_text_toml(text: str, *, file: str) -> AgreementText:
    """Read the text of an agreement. Each line of an article is one paragraph. Raises `Malformed`."""
    top = TomlFile(file, text).top
    title = top.table("title")
    if title is None:
        top.refuse("title", "is missing", '[title] and below it en = "title in English"')
    tables = top.tables("article")
    articles = tuple(_parse_article(table) for table in tables)
    if len(articles) > ARTICLES_COUNT_MAX:
        top.refuse("article", "stands too often", f"at most {ARTICLES_COUNT_MAX} articles")
    agreement = AgreementText(
        title=_titles(title),
        authentic=top.texts("authentic", hint='authentic = ["ja", "uk", "en"]'),
        prevails=top.optional_text("prevails"),
        articles=articles,
        signed_on=top.optional_date("signed_on"),
        place=top.optional_text("place"),
        source=top.optional_text("source", max_length=PARAGRAPH_LENGTH_MAX),
        preamble=_optional_paragraphs(top, "preamble"),
        closing=_optional_paragraphs(top, "closing"),
    )
    if agreement.prevails and agreement.prevails not in agreement.authentic:
        top.refuse("prevails", "is not one of the authentic languages", "name one of `authentic`, or remove it")
    seen: set[str] = set()
    for table, article in zip(tables, articles, strict=True):
        if article.number in seen:
            table.refuse("number", f"is `{article.number}`, which stands twice", "number each article once")
        seen.add(article.number)
    top.end()
    return agreement


def parse_national_toml(text: str, *, file: str, profile: Profile) -> NationalProfile:
    """Read the national profile of one party; its levels are those of `profile`. Raises `Malformed`."""
    top = TomlFile(file, text).top
    party = parse_party(top, "party")
    if party not in profile.parties:
        top.refuse("party", f"is `{party}`, which is no party of the agreement", "name a party of the profile")
    words = LevelWords(profile.schemes, profile.scheme_of).with_groups(top.table("level_groups"))
    release = top.table("release")
    national = NationalProfile(
        party=party,
        version=top.integer("version", 1, PROFILE_VERSION_MAX),
        title=top.text("title", hint='title = "what the national rules are called"'),
        acts=tuple(
            rule for table in top.tables("rule") for rule in parse_act_rules(table, words, is_national=True)
        ),
        access=tuple(
            rule for table in top.tables("access")
            for rule in parse_access_rules(table, words, is_national=True)
        ),
        release_persons=release.integer("persons", 1, AGREEMENT_PERSONS_COUNT_MAX) if release else 0,
        release_article=release.text("article", hint=ARTICLE_HINT) if release else "",
        source=top.texts("source", hint='source = ["act and section"]'),
        terms=parse_terms(top, words, parties=(party,)),
        unlisted_caveats=tuple(
            (table.text("tag", hint='tag = "category of the caveat"'),
             table.text("value", hint='value = "words of the caveat"'), table.text("article", hint=ARTICLE_HINT))
            for table in top.tables("unlisted_caveat")
        ),
        destruction_methods=parse_method_rows(top.tables("destruction_method"), words),
    )
    if len(national.acts) + len(national.access) > AGREEMENT_RULES_COUNT_MAX:
        top.refuse("rule", "stands too often", f"at most {AGREEMENT_RULES_COUNT_MAX} rules")
    top.end()
    return national


def template_names() -> tuple[str, ...]:
    """Return the names of the agreements that are shipped."""
    return _TEMPLATES


def template_files(name: str) -> dict[str, str]:
    """Return the TOML files of the shipped agreement `name`, by file name; raises `Malformed`."""
    if name not in _TEMPLATES:
        raise Malformed(
            "agreement.template-unknown", "there is no template called `{name}`", name=name[:60],
            hint="choose one of: " + ", ".join(_TEMPLATES),
        )
    folder = files("cordiale").joinpath("templates", "agreements", name)
    return {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()
        if entry.name.endswith(".toml") and entry.name != TRACE_FILE
    }


@functools.cache
def load_template(name: str) -> AgreementDraft:
    """Return the shipped agreement `name` with the shipped schemes; raises `Malformed` for another name."""
    return parse_agreement_toml(template_files(name), schemes=load_schemes())


@functools.cache
def template_text(name: str) -> AgreementText:
    """Return the text of the shipped agreement `name`; raises `Malformed` for another name."""
    return parse_text_toml(template_files(name)[TEXT_FILE], file=TEXT_FILE)


def template_trace(name: str) -> str:
    """Return the trace written beside the shipped agreement `name`, empty where there is none; raises `Malformed`."""
    template_files(name)
    path = files("cordiale").joinpath("templates", "agreements", name, TRACE_FILE)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _parse_article(table: TomlTable) -> Article:
    title, words = table.table("title"), table.table("text")
    if title is None or words is None:
        table.refuse("text", "or `title` is missing", 'title.en = "Destruction" and text.en = """..."""')
    return Article(
        number=table.text("number", hint='number = "7"', max_length=ARTICLE_NUMBER_LENGTH_MAX),
        title=_titles(title),
        text=_paragraphs(words),
    )


def _titles(table: TomlTable) -> tuple[tuple[str, str], ...]:
    return tuple((language, table.text(language, hint='en = "title"')) for language in sorted(table.names()))


def _optional_paragraphs(top: TomlTable, key: str) -> tuple[tuple[str, str], ...]:
    table = top.table(key)
    return () if table is None else _paragraphs(table)


def _paragraphs(table: TomlTable) -> tuple[tuple[str, str], ...]:
    written = []
    for language in sorted(table.names()):
        text = table.long_text(language, hint='en = """text"""', max_length=AGREEMENT_SIZE_BYTES_MAX)
        lines = [line.strip() for line in text.split("\n")]
        paragraphs = [line for line in lines if line]
        if not 1 <= len(paragraphs) <= PARAGRAPHS_COUNT_MAX or max(map(len, paragraphs)) > PARAGRAPH_LENGTH_MAX:
            table.refuse(language, "has no words, or a paragraph that is too long, or too many of them", "split it")
        written.append((language, "\n".join(paragraphs)))
    return tuple(written)

"""Checks that what the layers name exists: parties, levels, articles, languages, words.

Part of `cordiale.rules.agreement_check`. Articles of the agreement must stand in
the text, with their paragraph; provisions of national law are cited in words and
cannot be looked up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from cordiale.model.agreement import AgreementText, NationalProfile, Profile
from cordiale.model.label import LevelRef, Scheme
from cordiale.model.mode import Mode
from cordiale.model.names import PartyId
from cordiale.model.spelling import fold_look_alikes
from cordiale.rules.agreement_findings import Finding, error, note, question
from cordiale.rules.citations import citations_of, is_in_text
from cordiale.rules.layers import levels_of

EXERCISE_PREFIX = "EXERCISE "


def real_level_words(schemes: Mapping[str, Scheme]) -> frozenset[str]:
    """Return the words of every level of every real scheme among `schemes`, folded for comparison."""
    words = [
        word
        for scheme in schemes.values() if not scheme.is_exercise
        for name in (*scheme.levels, *(phrase for _, phrase in scheme.phrases))
        for word in (name, *name.split(" / "))
    ]
    return frozenset(fold_look_alikes(word) for word in words)


def check_text(text: AgreementText) -> Iterator[Finding]:
    """Yield what the text leaves open: its languages, and words that are not there."""
    if not text.authentic:
        yield question(
            "check.languages", "it is not said in which languages the text is authentic",
            hint='authentic = ["ja", "uk", "en"], and prevails where one does',
        )
    if not text.articles:
        yield question(
            "check.text-missing", "the text has no articles", hint="enter the articles from the signed text"
        )
    for language in text.authentic:
        without = [article.number for article in text.articles if language not in dict(article.text)]
        if without:
            finding = question if language == text.prevails else note
            yield finding(
                "check.language-missing", "the {which} language `{language}` lacks the words of articles {numbers}",
                hint="enter the words of the signed text", language=language, numbers=", ".join(without),
                which="prevailing" if language == text.prevails else "authentic",
            )


def check_parties(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield parties that nobody has introduced, and parties without a scheme or a national profile."""
    if len(profile.parties) < 2 or len(set(profile.parties)) != len(profile.parties):
        yield error("check.parties", "the profile does not name two or more different parties", hint="name them")
    for where, party in _named_parties(profile, nationals):
        if party not in profile.parties:
            yield error(
                "check.party-unknown", "{party}, named in {where}, is not a party of the profile",
                hint="correct it, or add the party", party=party, where=where,
            )
    for party in profile.parties:
        if not levels_of(profile, party):
            yield error(
                "check.scheme-missing", "no scheme of levels is given for {party}", hint="add it to [schemes]",
                party=party,
            )
        count = sum(national.party == party for national in nationals)
        if count == 0:
            yield question(
                "check.national-missing", "there is no national profile of {party}",
                hint=f"its authority writes national-{party}.toml", party=party,
            )
        elif count > 1:
            yield error("check.national-twice", "{party} has two national profiles", hint="keep one", party=party)
    for rule in profile.acts:
        if rule.provider is not None and rule.provider == rule.recipient:
            yield error(
                "check.rule-direction", "a rule on {act} goes from {party} to itself", hint="correct `from` or `to`",
                act=rule.act.value, party=rule.provider,
            )


def _named_parties(
    profile: Profile, nationals: tuple[NationalProfile, ...]
) -> Iterator[tuple[str, PartyId]]:
    yield from (("the schemes", party) for party, _ in profile.scheme_of)
    yield from (("the table", row.recipient) for row in profile.equivalences)
    yield from (("a row on clearances", row.recipient) for row in profile.clearance_equivalences)
    yield from (("a cap", party) for party, _, _ in profile.caps)
    yield from ((f"the registry {registry.id}", registry.party) for registry in profile.registries)
    yield from (("the holidays", party) for party, _ in (*profile.holidays, *profile.weekends))
    yield from ((f"the term {term.name}", term.party) for term in profile.terms if term.party is not None)
    yield from (("a national profile", national.party) for national in nationals)
    for acts, access in [(profile.acts, profile.access), *((n.acts, n.access) for n in nationals)]:
        for rule in acts:
            yield from ((f"a rule on {rule.act}", p) for p in (rule.provider, rule.recipient) if p is not None)
        yield from (("a rule on access", rule.party) for rule in access)


def check_levels(profile: Profile, nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    """Yield levels that are not of the scheme of the party they are named for."""
    for where, party, level in _named_levels(profile, nationals):
        owners = profile.parties if party is None else (party,)
        if not any(level in levels_of(profile, owner) for owner in owners):
            yield error(
                "check.level-unknown", "{level}, named in {where}, is not a level of {party}",
                hint="write the words of the scheme exactly", level=str(level), where=where,
                party=party or "a party",
            )


def _named_levels(
    profile: Profile, nationals: tuple[NationalProfile, ...]
) -> Iterator[tuple[str, PartyId | None, LevelRef]]:
    for row in profile.equivalences:
        yield "the table", None, row.source
        if row.target is not None:
            yield "the table", row.recipient, row.target
    for clearance in profile.clearance_equivalences:
        yield "a row on clearances", None, clearance.source
        yield "a row on clearances", clearance.recipient, clearance.target
    yield from (("a cap", party, level) for party, level, _ in profile.caps)
    for registry in profile.registries:
        yield from ((f"the registry {registry.id}", registry.party, level) for level in sorted_levels(registry.levels))
    for acts, access in [(profile.acts, profile.access), *((n.acts, n.access) for n in nationals)]:
        yield from (
            (f"a rule on {rule.act}", rule.provider, rule.level) for rule in acts if rule.level is not None
        )
        yield from (("a rule on access", rule.party, rule.level) for rule in access)
    for terms in (profile.terms, *(national.terms for national in nationals)):
        yield from ((f"the term {term.name}", None, term.level) for term in terms if term.level is not None)


def sorted_levels(levels: Iterable[LevelRef]) -> tuple[LevelRef, ...]:
    """Return `levels` in the order of their written form, so that findings keep their order."""
    return tuple(sorted(levels, key=str))


def check_articles(
    text: AgreementText, profile: Profile, nationals: tuple[NationalProfile, ...]
) -> Iterator[Finding]:
    """Yield rules that cite no article of the text, and national rules that cite nothing."""
    seen: set[tuple[str, str]] = set()
    for where, article in cited_articles(profile):
        if (where, article) in seen:
            continue
        seen.add((where, article))
        citations = citations_of(article)
        if citations is None:
            yield error(
                "check.article-form", "{where} cites `{article}`, which is not an article",
                hint='write "Art. 7(2)", several as "Art. 1(10), Art. 4(5)"', where=where, article=article,
            )
            continue
        for citation in citations:
            if not is_in_text(citation, text):
                yield error(
                    "check.article-unknown", "{where} cites {article}, which is not in the text",
                    hint="cite an article of the text, or enter the article", where=where, article=str(citation),
                )
    for national in nationals:
        cited = [rule.article for rule in national.acts]
        cited += [one.article for one in national.access] + [term.article for term in national.terms]
        if not all(article.strip() for article in cited):
            yield error(
                "check.national-article", "a rule of the national profile of {party} cites no provision",
                hint="name the provision of national law", party=national.party,
            )


def cited_articles(profile: Profile) -> Iterator[tuple[str, str]]:
    """Yield each part of `profile` that cites the agreement, with what it cites."""
    yield from ((f"a rule on {rule.act}", rule.article) for rule in profile.acts)
    yield from ((f"the row for {row.source}", row.article) for row in profile.equivalences if row.article)
    yield from ((f"the rule on access to {rule.level}", rule.article) for rule in profile.access)
    yield from ((f"the row for clearances up to {row.source}", row.article) for row in profile.clearance_equivalences)
    yield from ((f"the channel {row.channel}", row.article) for row in profile.channels)
    yield from ((f"the registry {registry.id}", registry.article) for registry in profile.registries)
    yield from ((f"the cap of {party}", article) for party, _, article in profile.caps)
    yield from ((f"the term {term.name}", term.article) for term in profile.terms)
    others = (
        ("the marking", profile.marks_article), ("the entry into force", profile.entry_article),
        ("the termination", profile.termination_article),
    )
    yield from ((where, article) for where, article in others if article)


def check_words(profile: Profile, real_words: frozenset[str]) -> Iterator[Finding]:
    """Yield real classification words in an exercise, and invented ones outside (`real_level_words`)."""
    is_exercise = profile.mode is Mode.EXERCISE
    for scheme in profile.schemes:
        if scheme.is_exercise is not is_exercise:
            yield error(
                "check.scheme-mode", "the scheme {scheme} is {kind} and the profile is {mode}",
                hint="exercises use invented schemes only, real agreements none", scheme=scheme.id,
                kind="invented" if scheme.is_exercise else "real", mode=profile.mode.value,
            )
    if not is_exercise:
        return
    for scheme in profile.schemes:
        for name in (*scheme.levels, *(phrase for _, phrase in scheme.phrases)):
            if name in scheme.levels and not name.startswith(EXERCISE_PREFIX):
                yield error(
                    "check.exercise-prefix", "the exercise level `{level}` does not begin with EXERCISE",
                    hint='write "EXERCISE " before it', level=name,
                )
            yield from _real_words_in(name, "the level", real_words)
    for _, value, _ in profile.caveats:
        yield from _real_words_in(value, "the caveat", real_words)


def _real_words_in(text: str, where: str, real_words: frozenset[str]) -> Iterator[Finding]:
    folded = fold_look_alikes(text)
    for word in sorted(real_words):
        # Scripts without spaces have no word boundary to look for.
        is_spaced = max(map(ord, word)) < 0x2E80
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) if is_spaced else word in folded:
            yield error(
                "check.real-word", "{where} `{text}` of the exercise holds a real classification word",
                hint="use invented words", where=where, text=text,
            )
            return

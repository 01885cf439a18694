"""The whole check of an agreement before anybody signs it.

It finds mistakes (errors), what no layer says (questions) and what is worth
knowing (notes). It guesses nothing: a question stays a question until a party
answers it in the profile or in its national profile.
"""

from __future__ import annotations

from collections.abc import Iterator

from cordiale.model.agreement import Act, ActRule, AgreementText, NationalProfile, Profile, Stage
from cordiale.rules.agreement_coverage import (
    check_access,
    check_acts,
    check_own_items,
    check_registries,
    check_working_days,
)
from cordiale.rules.agreement_findings import Finding, Severity, error, note, question
from cordiale.rules.agreement_references import (
    check_articles,
    check_levels,
    check_parties,
    check_text,
    check_words,
)
from cordiale.rules.agreement_table import check_table
from cordiale.rules.agreement_terms import check_terms

# One person never releases alone (architecture, truth 4).
_RELEASE_PERSONS_MIN = 2


def check_profile(
    text: AgreementText,
    profile: Profile,
    nationals: tuple[NationalProfile, ...],
    *,
    real_words: frozenset[str],
) -> tuple[Finding, ...]:
    """Return everything found in the three layers, each finding once: errors, then questions, then notes.

    `real_words` are the words that may not stand on exercise material (`real_level_words`).
    """
    found = dict.fromkeys(_findings(text, profile, nationals, real_words))
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def has_errors(findings: tuple[Finding, ...]) -> bool:
    """Tell whether anything must be corrected before the agreement can be signed."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _findings(
    text: AgreementText, profile: Profile, nationals: tuple[NationalProfile, ...], real_words: frozenset[str]
) -> Iterator[Finding]:
    yield from check_text(text)
    yield from check_parties(profile, nationals)
    yield from check_levels(profile, nationals)
    yield from check_articles(text, profile, nationals)
    yield from check_words(profile, real_words)
    yield from check_table(profile)
    yield from check_acts(profile, nationals)
    yield from check_access(profile, nationals)
    yield from check_own_items(profile, nationals)
    yield from check_registries(profile)
    yield from check_terms(profile, nationals)
    yield from check_working_days(profile, nationals)
    yield from _check_states((*profile.acts, *(rule for one in nationals for rule in one.acts)))
    yield from _check_single_settings(profile)
    yield from _check_release(nationals)
    for asked in profile.open_questions:
        yield question("check.asked", "the profile itself asks: {question}", question=asked)


def _check_states(rules: tuple[ActRule, ...]) -> Iterator[Finding]:
    """Yield rules from a state that nothing looks at: only a right to have back what was given waits for an end."""
    for rule in rules:
        if rule.from_state is not None and (rule.act, rule.from_state) != (Act.RECALL, Stage.TERMINATED):
            yield error(
                "check.from-state", "{article}: a rule on `{act}` holds from the state `{state}`",
                hint="only `recall` may wait, for `terminated`; every other rule holds in every state",
                article=rule.article, act=rule.act.value, state=rule.from_state.value,
            )


def _check_single_settings(profile: Profile) -> Iterator[Finding]:
    settings = (
        (profile.marks_equivalent, "check.marking", "who adds the equivalent marking", "[marking]"),
        (profile.language, "check.exchange-language", "in which language the parties deal", 'language = "en"'),
        (profile.entry_article, "check.entry", "what brings the agreement into force", "[entry]"),
        (_says_how_it_ends(profile), "check.termination", "how the agreement ends", "[termination]"),
    )
    for value, code, what, where in settings:
        if not value:
            yield question(code, "no layer says {what}", hint=f"add {where}", what=what)
    pairs = [(tag, value) for tag, value, _ in profile.caveats]
    for tag, value in pairs:
        if pairs.count((tag, value)) > 1:
            yield error(
                "check.caveat-twice", "the caveat {tag} {value} stands twice", hint="keep one", tag=tag, value=value
            )


def _says_how_it_ends(profile: Profile) -> bool:
    # Some agreements end after notice, others with their term unless they are extended.
    return bool(profile.termination_article) or any(term.name == "agreement.duration" for term in profile.terms)


def _check_release(nationals: tuple[NationalProfile, ...]) -> Iterator[Finding]:
    for national in nationals:
        if not national.release_persons:
            yield question(
                "check.release", "the national profile of {party} does not say how many persons release",
                hint="add [release] with persons and article", party=national.party,
            )
        elif national.release_persons < _RELEASE_PERSONS_MIN:
            yield note(
                "check.release-alone",
                "the national profile of {party} lets one person release; nobody releases here what they proposed",
                hint="two persons are asked for in any case", party=national.party,
            )

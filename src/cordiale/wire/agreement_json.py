"""The one canonical JSON form of a text, a national profile, an approval of a link and a finding of readiness.

The digest of a text, which the profile is bound to, is made over the bytes of
`encode_agreement_text` in its own signature domain. The forms are specified in
docs/spec/agreement.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cordiale.canonical import Fields, Json, encode_canonical, encode_instant, parse_canonical
from cordiale.errors import Malformed
from cordiale.limits import (
    AGREEMENT_PERSONS_COUNT_MAX,
    AGREEMENT_RULES_COUNT_MAX,
    AGREEMENT_SIZE_BYTES_MAX,
    ARTICLE_NUMBER_LENGTH_MAX,
    ARTICLES_COUNT_MAX,
    LABEL_CAVEATS_COUNT_MAX,
    LANGUAGES_COUNT_MAX,
    PARAGRAPH_LENGTH_MAX,
    PARAGRAPHS_COUNT_MAX,
    STATEMENT_SIZE_BYTES_MAX,
)
from cordiale.model.agreement import AgreementText, Article, LinkApproval, NationalProfile, Readiness
from cordiale.wire.label_json import PROFILE_VERSION_MAX
from cordiale.wire.method_rows import method_row_from_json, method_row_to_json
from cordiale.wire.rule_json import (
    access_rule_from_json,
    access_rule_to_json,
    act_rule_from_json,
    act_rule_to_json,
    level_from_text,
    optional_day,
    read_party,
    require_only_form,
    terms_from_json,
    terms_to_json,
    with_days,
)

TEXT_FORM: Final = "cordiale-agreement-text-1"
NATIONAL_FORM: Final = "cordiale-national-profile-1"
LINK_FORM: Final = "cordiale-link-approval-1"
READINESS_FORM: Final = "cordiale-readiness-1"


class Link(StrEnum):
    """The links that the parties approve."""

    WIRE = "wire"
    BAG = "bag"


def encode_agreement_text(text: AgreementText) -> bytes:
    """Return the bytes over which the digest of `text` is made; raises `Malformed` for what cannot be held."""
    return encode_canonical(agreement_text_to_json(text))


def parse_agreement_text(data: bytes) -> AgreementText:
    """Read a text, at most 4 MiB, in its only form; raises `Malformed` for every other."""
    return agreement_text_from_json(parse_canonical(data, size_max=AGREEMENT_SIZE_BYTES_MAX))


def agreement_text_to_json(text: AgreementText) -> dict[str, Json]:
    """Return `text` in its JSON form: an article's words are a list of paragraphs for each language."""
    value: dict[str, Json] = {
        "form": TEXT_FORM,
        "title": dict(text.title),
        "authentic": list(text.authentic),
        "articles": [
            {
                "number": article.number,
                "title": dict(article.title),
                "text": _paragraphs_to_json(article.text),
            }
            for article in text.articles
        ],
    }
    for name, words in (("preamble", text.preamble), ("closing", text.closing)):
        if words:
            value[name] = _paragraphs_to_json(words)
    texts = {"prevails": text.prevails, "place": text.place, "source": text.source}
    return with_days(value | {name: words for name, words in texts.items() if words}, signed_on=text.signed_on)


def agreement_text_from_json(value: Json) -> AgreementText:
    """Read what `agreement_text_to_json` wrote; raises `Malformed` for every other form."""
    fields = Fields(value, where="text of the agreement")
    fields.constant("form", TEXT_FORM)
    text = AgreementText(
        title=_titles_from_json(fields),
        authentic=fields.texts("authentic", max_count=LANGUAGES_COUNT_MAX),
        prevails=fields.optional_text("prevails") or "",
        articles=tuple(
            _article_from_json(article) for article in fields.objects("articles", max_count=ARTICLES_COUNT_MAX)
        ),
        signed_on=optional_day(fields, "signed_on"),
        place=fields.optional_text("place") or "",
        source=fields.optional_text("source", max_length=PARAGRAPH_LENGTH_MAX) or "",
        preamble=_paragraphs_from_json(fields, "preamble") if fields.has("preamble") else (),
        closing=_paragraphs_from_json(fields, "closing") if fields.has("closing") else (),
    )
    fields.end()
    require_only_form(agreement_text_to_json(text), value, "text of the agreement")
    return text


def encode_national_profile(national: NationalProfile) -> bytes:
    """Return the bytes of `national`; raises `Malformed` for what the form cannot hold."""
    return encode_canonical(national_profile_to_json(national))


def parse_national_profile(data: bytes) -> NationalProfile:
    """Read a national profile, at most 4 MiB, in its only form; raises `Malformed` for every other."""
    return national_profile_from_json(parse_canonical(data, size_max=AGREEMENT_SIZE_BYTES_MAX))


def national_profile_to_json(national: NationalProfile) -> dict[str, Json]:
    """Return `national` in its JSON form."""
    value: dict[str, Json] = {
        "form": NATIONAL_FORM,
        "party": national.party,
        "version": national.version,
        "title": national.title,
        "acts": [act_rule_to_json(rule) for rule in national.acts],
        "access": [access_rule_to_json(rule) for rule in national.access],
        "source": list(national.source),
    }
    if national.release_persons:
        value["release"] = {"persons": national.release_persons, "article": national.release_article}
    if national.unlisted_caveats:
        value["unlisted_caveats"] = [
            {"tag": tag, "value": words, "article": article} for tag, words, article in national.unlisted_caveats
        ]
    if national.destruction_methods:
        value["destruction_methods"] = [method_row_to_json(row) for row in national.destruction_methods]
    return value | terms_to_json(national.terms)


def national_profile_from_json(value: Json) -> NationalProfile:
    """Read what `national_profile_to_json` wrote; raises `Malformed` for every other form."""
    fields = Fields(value, where="national profile")
    fields.constant("form", NATIONAL_FORM)
    release = fields.optional_object("release")
    national = NationalProfile(
        party=read_party(fields),
        version=fields.integer("version", 1, PROFILE_VERSION_MAX),
        title=fields.text("title"),
        acts=tuple(act_rule_from_json(f) for f in fields.objects("acts", max_count=AGREEMENT_RULES_COUNT_MAX)),
        access=tuple(
            access_rule_from_json(f) for f in fields.objects("access", max_count=AGREEMENT_RULES_COUNT_MAX)
        ),
        release_persons=release.integer("persons", 1, AGREEMENT_PERSONS_COUNT_MAX) if release else 0,
        release_article=release.text("article") if release else "",
        source=fields.texts("source", max_count=AGREEMENT_RULES_COUNT_MAX),
        terms=terms_from_json(fields),
        unlisted_caveats=tuple(
            (one.text("tag"), one.text("value"), one.text("article"))
            for one in fields.objects("unlisted_caveats", max_count=LABEL_CAVEATS_COUNT_MAX)
        ) if fields.has("unlisted_caveats") else (),
        destruction_methods=tuple(
            method_row_from_json(one)
            for one in fields.objects("destruction_methods", max_count=AGREEMENT_RULES_COUNT_MAX)
        ) if fields.has("destruction_methods") else (),
    )
    fields.end()
    require_only_form(national_profile_to_json(national), value, "national profile")
    return national


def encode_link_approval(approval: LinkApproval) -> bytes:
    """Return the bytes of `approval`; raises `Malformed` for a time that is not in UTC and whole seconds."""
    return encode_canonical(link_approval_to_json(approval))


def parse_link_approval(data: bytes) -> LinkApproval:
    """Read an approval of a link in its only form; raises `Malformed` for every other."""
    return link_approval_from_json(parse_canonical(data, size_max=STATEMENT_SIZE_BYTES_MAX))


def link_approval_to_json(approval: LinkApproval) -> dict[str, Json]:
    """Return `approval` in its JSON form."""
    value: dict[str, Json] = {
        "form": LINK_FORM,
        "link": approval.link,
        "party": approval.party,
        "level": str(approval.level),
        "reference": approval.reference,
        "approved_at": encode_instant(approval.approved_at),
    }
    if approval.withdrawn_at:
        value["withdrawn_at"] = encode_instant(approval.withdrawn_at)
    return value


def link_approval_from_json(value: Json) -> LinkApproval:
    """Read what `link_approval_to_json` wrote; raises `Malformed` for every other form."""
    fields = Fields(value, where="approval of a link")
    fields.constant("form", LINK_FORM)
    approval = LinkApproval(
        link=fields.choice("link", Link).value,
        party=read_party(fields),
        level=level_from_text(fields.text("level")),
        reference=fields.text("reference"),
        approved_at=fields.instant("approved_at"),
        withdrawn_at=fields.optional_instant("withdrawn_at"),
    )
    fields.end()
    return approval


def encode_readiness(readiness: Readiness) -> bytes:
    """Return the bytes of `readiness`; raises `Malformed` for a time that is not in UTC and whole seconds."""
    return encode_canonical(readiness_to_json(readiness))


def parse_readiness(data: bytes) -> Readiness:
    """Read a finding of readiness in its only form; raises `Malformed` for every other."""
    return readiness_from_json(parse_canonical(data, size_max=STATEMENT_SIZE_BYTES_MAX))


def readiness_to_json(readiness: Readiness) -> dict[str, Json]:
    """Return `readiness` in its JSON form."""
    value: dict[str, Json] = {
        "form": READINESS_FORM,
        "by_party": readiness.by_party,
        "of_party": readiness.of_party,
        "level": str(readiness.level),
        "found_at": encode_instant(readiness.found_at),
    }
    if readiness.withdrawn_at:
        value["withdrawn_at"] = encode_instant(readiness.withdrawn_at)
    return value


def readiness_from_json(value: Json) -> Readiness:
    """Read what `readiness_to_json` wrote; raises `Malformed` for every other form."""
    fields = Fields(value, where="finding of readiness")
    fields.constant("form", READINESS_FORM)
    readiness = Readiness(
        by_party=read_party(fields, "by_party"),
        of_party=read_party(fields, "of_party"),
        level=level_from_text(fields.text("level")),
        found_at=fields.instant("found_at"),
        withdrawn_at=fields.optional_instant("withdrawn_at"),
    )
    fields.end()
    return readiness


def _article_from_json(fields: Fields) -> Article:
    return Article(
        number=fields.text("number", max_length=ARTICLE_NUMBER_LENGTH_MAX),
        title=_titles_from_json(fields),
        text=_paragraphs_from_json(fields, "text"),
    )


def _paragraphs_to_json(words: tuple[tuple[str, str], ...]) -> dict[str, Json]:
    return {language: list(paragraphs.split("\n")) for language, paragraphs in words}


def _paragraphs_from_json(fields: Fields, name: str) -> tuple[tuple[str, str], ...]:
    words = fields.object(name)
    return tuple(
        (language, "\n".join(
            words.texts(language, max_count=PARAGRAPHS_COUNT_MAX, max_length=PARAGRAPH_LENGTH_MAX)
        ))
        for language in _languages(fields, name)
    )


def _titles_from_json(fields: Fields) -> tuple[tuple[str, str], ...]:
    title = fields.object("title")
    return tuple((language, title.text(language)) for language in _languages(fields, "title"))


def _languages(fields: Fields, name: str) -> tuple[str, ...]:
    value = fields.value(name)
    languages = tuple(value) if isinstance(value, dict) else ()
    if not 1 <= len(languages) <= LANGUAGES_COUNT_MAX:
        raise Malformed(
            "agreement.languages", "a part of the agreement is in no language or in too many",
            hint="ask the partner to send it again",
        )
    return languages

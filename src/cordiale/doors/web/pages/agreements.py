"""Agreements and partners: the treaty as a page to read, what the software does about it, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from starlette.responses import Response

from cordiale.canonical import encode_canonical, parse_canonical
from cordiale.doors.web import choices
from cordiale.doors.web.forms import Field, Form, Option, Params
from cordiale.doors.web.routes import Page
from cordiale.doors.web.visit import Values, Visit
from cordiale.limits import AGREEMENT_SIZE_BYTES_MAX
from cordiale.model.agreement import AgreementDraft
from cordiale.model.person import Office
from cordiale.records.answer import Answer
from cordiale.rules.agreement_check import check_profile
from cordiale.rules.agreement_references import real_level_words
from cordiale.views.agreement_page import AgreementPage, view_agreement
from cordiale.views.agreement_trace import STATE_WORDS, Traced, trace_of
from cordiale.wire.agreement_json import agreement_text_from_json
from cordiale.wire.profile_json import profile_from_json
from cordiale.wire.scheme_table import load_schemes
from cordiale.words.spoken import LANGUAGES, Words, marked

_AUTHORITY: Final = frozenset({Office.COMPETENT_AUTHORITY})
_TRUST: Final = frozenset({Office.KEY_OFFICER, Office.SECURITY_OFFICER, Office.COMPETENT_AUTHORITY})
_READ_COUNT_MAX: Final = 16 * len(LANGUAGES)


def show_agreements(visit: Visit) -> Response:
    """Show the agreements this node knows, and the partners."""
    return visit.show(
        "agreements.html", agreements=visit.ask("view.agreements")["agreements"], trust=visit.ask("view.partners"),
    )


def show_agreement(visit: Visit) -> Response:
    """Show one agreement: where it stands, its table, its articles with what the software does about each."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    page, traced = _read(encode_canonical({"profile": value["profile"], "text": value["text"]}), visit.words.language)
    proofs: dict[str, list[Traced]] = {}
    for one in traced:
        proofs.setdefault(one.citation.article, []).append(one)
    return visit.show(
        "agreement.html", one=value, page=page, proofs=proofs, state_words=STATE_WORDS, waiting=value.get("proposed"),
    )


@lru_cache(maxsize=_READ_COUNT_MAX)
def _read(given: bytes, language: str) -> tuple[AgreementPage, tuple[Traced, ...]]:
    """Return an agreement made ready to be read; made once of the same bytes, because a treaty is long."""
    value: Any = parse_canonical(given, size_max=2 * AGREEMENT_SIZE_BYTES_MAX)
    draft = AgreementDraft(agreement_text_from_json(value["text"]), profile_from_json(value["profile"]), ())
    findings = check_profile(draft.text, draft.profile, (), real_words=real_level_words(load_schemes()))
    return view_agreement(draft, findings, words=Words(language)), trace_of(draft)


def show_comparison(visit: Visit) -> Response:
    """Show what a version that waits would change, line by line of what is said."""
    value = visit.ask("view.agreement", agreement=visit.named["agreement"])
    before = _sentences(value, visit.words.language)
    after = _sentences(value["proposed"], visit.words.language) if "proposed" in value else before
    return visit.show(
        "agreement-changes.html", one=value, waiting=value.get("proposed"),
        gone=[line for line in before if line not in after], new=[line for line in after if line not in before],
    )


def _sentences(value: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    page, _ = _read(encode_canonical({"profile": value["profile"], "text": value["text"]}), language)
    rows = [(where, says) for article in page.articles for where, says, _ in article.rules]
    rows += [(article, says) for direction in page.directions for says, article, _ in direction.rows]
    rows += [(article, says) for says, article, _ in (*page.access, *page.terms)]
    return list(dict.fromkeys(rows))


def _to_agreement(visit: Visit, answer: Answer, values: Values) -> str:
    return f"/agreements/{values.get('agreement')}"


def _stages(_: Visit) -> Sequence[Option]:
    return [
        ("in-principle", marked("agreed in principle")), ("initialled", marked("initialled")),
        ("signed", marked("signed")), ("provisional", marked("applied provisionally")),
        ("in-force", marked("in force")), ("suspended", marked("suspended")), ("terminated", marked("terminated")),
    ]


def _parties(visit: Visit) -> Sequence[Option]:
    return [*choices.partners(visit), (visit.registry.party, visit.registry.party)]


def _two_links(visit: Visit) -> Sequence[Option]:
    return [one for one in choices.links(visit) if one[0] in ("wire", "bag")]


def _flagged(visit: Visit, read: Params) -> Params:
    return {**read, "withdraw": bool(read.get("withdraw"))}


_AGREEMENT: Final = Field("agreement", "Agreement", kind="hidden")
_ARTICLE: Final = Field("article", "The article it rests on")
_ON: Final = Field("on", "The day", kind="day")
_WITHDRAW: Final = Field("withdraw", "It no longer holds", kind="yes", is_required=False)

FORMS: Final = (
    Form(
        name="agreement-stage", act="agreement.stage", offices=_AUTHORITY,
        title="Record a further stage", button="Record it", done="{agreement} is {stage}.",
        lead="What opens the agreement takes every party's word, what closes it takes one.",
        fields=(
            _AGREEMENT, Field("stage", "The stage", kind="choice", options=_stages), _ON, _ARTICLE,
            Field("reason", "Why", is_required=False),
            Field("ended_on", "The day provision stops", kind="day", is_required=False, hint="For a termination."),
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-note", act="agreement.note", offices=_AUTHORITY,
        title="Record our diplomatic note", button="Record it, and send its particulars",
        done="The note is recorded; {agreement} is {stage}.",
        lead="Its particulars go to the other parties. Theirs and ours bring the agreement into force.",
        fields=(
            _AGREEMENT, Field("reference", "The number of the note"), _ON, _ARTICLE,
            Field("in_force_on", "The day it enters into force by it", kind="day", is_required=False),
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-ready", act="agreement.ready", offices=_AUTHORITY, params=_flagged,
        title="Record a finding of readiness", button="Record it", done="The finding is recorded.",
        lead="We provide nothing to a party beyond the level it was found ready for.",
        fields=(
            _AGREEMENT, Field("of_party", "The party that was looked at", kind="choice", options=_parties),
            Field("level", "The highest level, in its own scheme"), _ARTICLE, _WITHDRAW,
        ),
        after=_to_agreement,
    ),
    Form(
        name="agreement-link", act="agreement.link", offices=_AUTHORITY, params=_flagged,
        title="Approve a link", button="Approve it", done="The approval is recorded.",
        lead="The other parties are told. Nothing beyond the level goes over this link.",
        fields=(
            _AGREEMENT, Field("link", "The link", kind="choice", options=_two_links),
            Field("level", "The highest level, in our own scheme", kind="choice", options=choices.own_levels),
            Field("reference", "The number of the approval"), _WITHDRAW,
        ),
        after=_to_agreement,
    ),
    Form(
        name="partner-confirm", act="partner.confirm", offices=_TRUST,
        title="Confirm a partner", button="Confirm it", done="{party} is a partner.",
        lead="You are the second person. Have the fingerprint read aloud to you over another channel, and write what "
             "you hear, not what stands here.",
        fields=(
            Field("party", "Party", kind="choice", options=choices.partners_met),
            Field("fingerprint", "The fingerprint as you heard it", kind="text"),
        ),
        after=lambda visit, answer, values: "/agreements",
    ),
)

PAGES: Final = (
    Page("/agreements", get=show_agreements, menu=marked("Agreements"), group=marked("Together")),
    Page("/agreements/{agreement}", get=show_agreement),
    Page("/agreements/{agreement}/changes", get=show_comparison),
)
